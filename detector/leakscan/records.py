"""Records: dicts, lists, tuples, sets and strings with their secrets taken out, or found with a JSON path.

Every string is scanned as text, also the names of members; a name gives meaning to its value, also when
it stands beside it (`siblings`); JSON in strings is entered (`embedded`). Numbers stay, but for an
integer under the name of a password or PIN, which becomes a string. Everything else stays as it is.

The input is never changed. What is clean comes back as the same object, the whole or a part. A changed
dict, OrderedDict, defaultdict, list, tuple, named tuple, set or frozenset keeps its type and order;
subclasses and other mappings become plain ones, since what else they hold is not known.

Two passes: `is_clean` collects every string and asks the prefilter once; only when it has a candidate, or
a name says that its value matters, is the record walked.

Not here: what a secret is (`scanner`, `keyed`), text streams (`redact`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import is_dataclass
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import orjson

from .embedded import START
from .siblings import NAMES, VALUES, named, of_items
from .text import encode
from .walk import MAX_CONTAINERS, MIN_TEXT, SCALARS, Walk, fields_of

if TYPE_CHECKING:
    from .finding import Finding
    from .redact import Failure, Style
    from .scanner import Scanner

#: Names whose kind is remembered. Longer names and more of them are looked at each time.
MAX_NAMES: Final = 8192
_MAX_NAME: Final = 128

#: What the name of a member says: nothing, that its value matters, that it belongs to a name beside it.
_QUIET, _NAMES, _BESIDE, _SECRET = range(4)


class Redacted(NamedTuple):
    """A record without its secrets, the rule of each of them, and the reasons of what was not scanned."""

    value: Any
    rules: list[str]
    unscanned: list[str]


class Records:
    """Scans and redacts records with a scanner. Safe to share between threads."""

    def __init__(self, scanner: Scanner) -> None:
        self._scanner = scanner
        self._kinds: dict[Any, int] = {}

    def scan(self, record: object) -> list[Finding]:
        """See `Scanner.scan_record`."""
        if self.is_clean(record):
            return []
        walk = Walk(self._scanner, None, "block", objects=False)
        walk.value(record, None, None, 0)
        return walk.findings

    def redacted(self, record: Any, style: Style, on_failure: Failure) -> Redacted:
        """As `redact`, with what was taken out and what could not be scanned."""
        if self.is_clean(record):
            return Redacted(record, [], [])
        walk = Walk(self._scanner, style, on_failure, objects=False)
        return Redacted(walk.value(record, None, None, 0), walk.rules, walk.failures)

    def redact(
        self, record: Any, style: Style = "label", on_failure: Failure = "mask", *, objects: bool = False
    ) -> Any:
        """See `Scanner.redact_record`.

        Args:
            record: what to redact.
            style: as in `Scanner.redact`.
            on_failure: what to do with what cannot be scanned.
            objects: also look at what other objects read as (`str`, `repr`, the fields of a dataclass);
                such an object, if a secret shows, becomes that text, or a dict of its fields.

        """
        if self.is_clean(record, objects=objects):
            return record
        return Walk(self._scanner, style, on_failure, objects=objects).value(record, None, None, 0)

    def is_clean(self, record: object, *, objects: bool = False) -> bool:
        """Tell whether a record surely holds no secret. False means that it has to be walked."""
        texts: list[str] = []
        try:
            return self.collect(record, texts, objects=objects) and self.are_clean(texts)
        except Exception:  # noqa: BLE001 - objects of others run here; the walk deals with them
            return False

    def are_clean(self, texts: list[str]) -> bool:
        """Tell whether the prefilter selects nothing in texts."""
        if not texts:
            return True
        text = "\n".join(texts)
        try:
            data = text.encode()
        except UnicodeEncodeError:
            data = encode(text)[0]
        if b"{" in data and (b"value" in data or b"\\u00" in data):
            # JSON in text: a name may stand after its value, or be spelt, where the prefilter sees no pair
            return False
        return not self._scanner.selects(data)

    def hold_nothing(self, texts: list[str]) -> bool:
        """Tell whether texts that the prefilter selected hold no secret; for a few texts.

        It selects too much. Where there is no JSON to enter, the texts alone say the rest.
        """
        text = "\n".join(texts)
        if "{" in text and ("value" in text or "\\u00" in text):
            return False  # as above
        return START.search(encode(text)[0]) is None and all(
            self._scanner.redact(text) is text for text in texts
        )

    def collect(self, record: object, texts: list[str], *, objects: bool = False) -> bool:
        """Add what has to be scanned as text to `texts`; return False if the record has to be walked.

        Raises:
            Exception: what an object of others in the record raises; it has to be walked as well.

        """
        kinds = self._kinds
        pending: list[Any] = [record]
        walked = 0
        while pending:
            value = pending.pop()
            kind = type(value)
            if kind is str:
                if len(value) >= MIN_TEXT:
                    texts.append(value)
                    if value[0] in '{["':
                        _load(value, pending)
                continue
            if kind in SCALARS or kind is int:
                continue
            walked += 1
            if walked > MAX_CONTAINERS:
                return False
            if kind is dict or isinstance(value, Mapping):
                for name, member in value.items():
                    verdict = kinds.get(name)
                    if verdict is None:
                        verdict = self._learn(name, texts)
                    if verdict and not self._is_member_clean(verdict, name, member, value):
                        return False
                    kind = type(member)
                    if kind is str:
                        if len(member) >= MIN_TEXT:
                            texts.append(member)
                            if member[0] in '{["':
                                _load(member, pending)
                    elif kind is not int and kind not in SCALARS:
                        pending.append(member)
            elif isinstance(value, list | tuple):
                if any(of_items(value, None)):
                    return False
                pending.extend(value)
            elif isinstance(value, set | frozenset):
                pending.extend(value)
            elif isinstance(value, str):
                pending.append(str(value))
            elif isinstance(value, bytes | bytearray | memoryview):
                pending.append(bytes(value).decode("utf-8", "surrogateescape"))
            elif objects:
                if is_dataclass(value) and not isinstance(value, type):
                    pending.append(fields_of(value))
                pending += str(value), repr(value)
        return True

    def _is_member_clean(self, verdict: int, name: object, member: object, members: object) -> bool:
        """Tell whether a member with a telling name surely is none, however its text reads."""
        if verdict == _SECRET:
            kind = type(member)
            if kind is str or kind is int:
                its = named(name)
                return its is None or not any(self._scanner.keyed_value(its, encode(str(member))[0]))
            return kind in SCALARS
        if not isinstance(members, Mapping):
            return False
        if verdict == _BESIDE:
            return not any(
                isinstance(key, str) and key.lower() in NAMES and named(text) for key, text in members.items()
            )
        return not (isinstance(member, list | tuple) and any(named(text) for text in member))

    def _learn(self, name: object, texts: list[str]) -> int:
        """Return what the name of a member says, and remember it if the name itself is clean."""
        if not isinstance(name, str | bytes):
            return _QUIET
        text = name if isinstance(name, str) else name.decode("utf-8", "surrogateescape")
        folded = text.lower()
        verdict = _QUIET
        if named(name):
            verdict = _SECRET
        elif folded in VALUES:
            verdict = _BESIDE
        elif folded.endswith(("names", "keys")):
            verdict = _NAMES
        if len(text) > _MAX_NAME or type(name) not in {str, bytes} or not self.are_clean([text]):
            texts.append(text)
        else:
            if len(self._kinds) >= MAX_NAMES:
                self._kinds.clear()
            self._kinds[name] = verdict
        return verdict


def _load(text: str, pending: list[object]) -> None:
    """Add what the JSON in a string holds, if it is JSON."""
    try:
        pending.append(orjson.loads(text))
    except orjson.JSONDecodeError:
        return
