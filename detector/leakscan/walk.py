"""The walk over a record in which something may be found: every value with its path and its name.

Not here: records that are clean, which are most (`records`), and what is in one string (`embedded`).
"""

from __future__ import annotations

from collections import OrderedDict, defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import fields, is_dataclass
from datetime import date, datetime, time, timedelta, timezone
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING, Any, Final, TypeVar
from uuid import UUID

from .embedded import find
from .finding import Finding
from .jsonpath import Path, render
from .redact import Failure, Style, UnscannableError, cuts, splice, unscanned_label
from .siblings import Names, of_items, of_members
from .text import encode

if TYPE_CHECKING:
    from .resolve import Match
    from .scanner import Scanner

T = TypeVar("T")

#: Containers in containers; deeper ones are not scanned but masked. Elasticsearch refuses more than 20.
MAX_DEPTH: Final = 64
#: Containers walked in one record; what comes after them is masked. Shared parts count each time.
MAX_CONTAINERS: Final = 100_000
#: No secret is shorter as text: `pw=abcd`.
MIN_TEXT: Final = 7
#: What holds no text.
SCALARS: Final = frozenset(
    {type(None), bool, float, complex, datetime, date, time, timedelta, timezone, Decimal, UUID}
)
_CONTAINERS: Final = (dict, list, tuple, set, frozenset, Mapping)


class Walk:
    """One walk over one record: redacts, or collects findings when `style` is None.

    When it redacts, `rules` has the id of the rule of every secret taken out, `failures` why a part could not
    be scanned. Findings in text count its characters, or `in_bytes` those of its UTF-8.
    """

    def __init__(
        self,
        scanner: Scanner,
        style: Style | None,
        on_failure: Failure,
        *,
        objects: bool,
        in_bytes: bool = False,
    ) -> None:
        self.findings: list[Finding] = []
        self.rules: list[str] = []
        self.failures: list[str] = []
        self._scanner = scanner
        self._style = style
        self._on_failure = on_failure
        self._objects = objects
        self._in_bytes = in_bytes
        self._around: set[int] = set()  # ids of the containers that the walk is in
        # clean containers by id and name, with the container itself, so that no id is used again
        self._clean: dict[tuple[int, str], object] = {}
        self._walked = 0

    def value(self, value: Any, path: Path, name: Names, depth: int) -> Any:
        """Return a value without its secrets; the same object if it has none."""
        kind = type(value)
        if kind in SCALARS:
            return value
        if kind is int:
            return self._number(value, path, name) if isinstance(name, bytes) else value
        if isinstance(value, str):
            return self._string(value, path, name)
        if isinstance(value, _CONTAINERS):
            return self._container(value, path, name, depth)
        if isinstance(value, bytes | bytearray | memoryview):
            return self._bytes(value, path, name)
        return self._object(value, path, name, depth) if self._objects else value

    def _string(self, text: str, path: Path, name: Names, *, is_name: bool = False) -> str:
        try:
            data, errors = encode(text)
            matches = self._find(data, name)
            if not matches:
                return text
            if self._style is None:
                size = len if self._in_bytes else partial(_characters, errors=errors)
                self._report(data, matches, path, size, is_name=is_name)
                return text
            return self._spliced(data, matches).decode("utf-8", errors)
        except UnscannableError:
            raise
        except Exception as error:  # noqa: BLE001 - our own bug must not let a secret through
            return self._failed(type(error).__name__, text, len(text))

    def _bytes(self, value: Any, path: Path, name: Names) -> Any:
        try:
            data = bytes(value)
            matches = self._find(data, name)
            if not matches:
                return value
            if self._style is None:
                self._report(data, matches, path, len, is_name=False)
                return value
            redacted = self._spliced(data, matches)
        except UnscannableError:
            raise
        except Exception as error:  # noqa: BLE001 - as in _string
            label = self._failed(type(error).__name__, value, len(value))
            redacted = label.encode() if isinstance(label, str) else bytes(label)
        return bytearray(redacted) if isinstance(value, bytearray) else redacted

    def _number(self, value: int, path: Path, name: bytes) -> Any:
        digits = str(value)
        text = self._string(digits, path, name)
        return value if text is digits else text

    def _find(self, data: bytes, name: Names) -> list[Match]:
        if len(data) < MIN_TEXT and name is None:
            return []
        return find(self._scanner, data, name if isinstance(name, bytes) else None)

    def _spliced(self, data: bytes, matches: list[Match]) -> bytes:
        self.rules += [match.rule.id for match in matches]
        taken = cuts(data, 0, matches, self._style or "label", self._scanner.identify)
        return b"".join(splice(data, 0, len(data), taken))

    def _report(
        self, data: bytes, matches: list[Match], path: Path, size: Callable[[bytes], int], *, is_name: bool
    ) -> None:
        where = render(path, name=is_name)
        for match in matches:
            rule = match.rule
            start, end = size(data[: match.start]), size(data[: match.end])
            spans = match.parts or ((match.start, match.end),)
            secret = match.secret or b"".join(data[first:last] for first, last in spans)
            self.findings.append(
                Finding(
                    rule.id,
                    rule.description,
                    rule.provider,
                    rule.severity,
                    match.confidence,
                    data.count(b"\n", 0, match.start) + 1,
                    start,
                    end,
                    start,
                    self._scanner.identify(rule, secret),
                    secret,
                    json_path=where,
                )
            )

    def _container(self, value: Any, path: Path, name: Names, depth: int) -> Any:
        identity = id(value)
        if identity in self._around:
            # a copy that refers to the original would refer to what was taken out
            return value if self._style is None else self._failed("cycle", value, 0)
        known = identity, repr(name)
        if known in self._clean:
            return value
        self._walked += 1
        if depth >= MAX_DEPTH or self._walked > MAX_CONTAINERS:
            return self._failed("depth" if depth >= MAX_DEPTH else "size", value, 0)
        found = len(self.findings)
        self._around.add(identity)
        try:
            if isinstance(value, Mapping):
                redacted = self._members(value, path, name, depth + 1)
            else:
                redacted = self._items(value, path, name, depth + 1)
        except UnscannableError:
            raise
        except Exception as error:  # noqa: BLE001 - as in _string; also mappings of others that raise
            redacted = self._failed(type(error).__name__, value, 0)
        finally:
            self._around.discard(identity)
        if redacted is value and len(self.findings) == found:
            self._clean[known] = value
        return redacted

    def _members(self, value: Mapping[Any, Any], path: Path, name: Names, depth: int) -> Any:
        members = list(value.items())
        changed = False
        redacted: dict[Any, Any] = {}
        for (key, member), its in zip(members, of_members(members, name), strict=True):
            kept, shown = self._name(key, path)
            put = self.value(member, (path, shown), its, depth)
            if kept is not key:
                kept = _unused(kept, value, redacted)
            redacted[kept] = put
            changed = changed or put is not member or kept is not key
        if not changed:
            return value
        if type(value) is OrderedDict:
            return OrderedDict(redacted)
        if type(value) is defaultdict:
            return defaultdict(value.default_factory, redacted)
        return redacted

    def _name(self, key: Any, path: Path) -> tuple[Any, str]:
        """Return a member's name without its secrets, and how a path shows it."""
        if isinstance(key, str):
            data, errors = encode(key)
            matches = self._find(data, None)
            if not matches:
                return key, key
            shown = self._spliced(data, matches).decode("utf-8", errors)
            if self._style is not None:
                return shown, shown
            self._string(key, (path, shown), None, is_name=True)
            return key, shown
        if isinstance(key, bytes):
            clean = self._bytes(key, (path, "bytes"), None)
            return clean, clean.decode("utf-8", "replace") if self._style else "bytes"
        return key, str(key) if isinstance(key, int) else type(key).__name__

    def _items(self, value: Iterable[Any], path: Path, name: Names, depth: int) -> Any:
        items = list(value)
        redacted = [
            self.value(item, (path, place), its, depth)
            for place, (item, its) in enumerate(zip(items, of_items(items, name), strict=True))
        ]
        if all(new is old for new, old in zip(redacted, items, strict=True)):
            return value
        if isinstance(value, list):
            return redacted
        if isinstance(value, set | frozenset):
            return (set if isinstance(value, set) else frozenset)(redacted)
        if hasattr(value, "_fields"):
            return tuple.__new__(type(value), redacted)  # type: ignore[type-var] # a named tuple
        return tuple(redacted)

    def _object(self, value: Any, path: Path, name: Names, depth: int) -> Any:
        """Return an object of another kind, or what it reads as when a secret shows in that."""
        try:
            if is_dataclass(value) and not isinstance(value, type):
                members = fields_of(value)
                redacted = self._container(members, path, name, depth)
                if redacted is not members:
                    return redacted
            text, shown = str(value), repr(value)
        except UnscannableError:
            raise
        except Exception as error:  # noqa: BLE001 - what cannot be read cannot be scanned
            return self._failed(type(error).__name__, value, 0)
        clean = self._string(text, path, name)
        return value if clean is text and self._string(shown, path, name) is shown else clean

    def _failed(self, reason: str, value: T, size: int) -> T | str:
        self.failures.append(reason)
        if self._on_failure == "block":
            raise UnscannableError(reason) from None
        return value if self._on_failure == "open" else unscanned_label(reason, size).decode()


def fields_of(value: Any) -> dict[str, Any]:
    """Return the fields of a dataclass instance."""
    return {field.name: getattr(value, field.name) for field in fields(value)}


def _characters(data: bytes, errors: str) -> int:
    return len(data.decode("utf-8", errors))


def _unused(name: Any, members: Mapping[Any, Any], taken: Mapping[Any, Any]) -> Any:
    """Return a name that no other member has: two secrets may have the same label."""
    candidate, number = name, 1
    while candidate in taken or candidate in members:
        number += 1
        candidate = name + (f" #{number}" if isinstance(name, str) else b" #%d" % number)
    return candidate
