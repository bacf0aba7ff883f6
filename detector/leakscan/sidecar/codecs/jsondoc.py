"""JSON documents: records cut out of the text, each redacted in place, everything else as it was.

A document is cut into records (the values at known paths) and what is around them. Only records that
the prefilter selects are parsed. Nothing is written again but strings that held a secret.

Not here: which paths a protocol has (its codec), lines of JSON (`ndjson`).
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import orjson

from leakscan.framing.jsontext import replaced, rewrite, scalars
from leakscan.redact import UNSCANNED, UnscannableError, cuts, splice, unscanned_label

from .straddle import taken_out_of_json

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from leakscan.framing.jsontext import Path

    from .redaction import Redaction, Tally

#: What takes the place of anything in a path.
ANY: Final = "*"
#: What takes the place of an item of an array.
ITEM: Final = -1
#: Deeper documents are not cut up; they are masked when read.
_MAX_DEPTH: Final = 200
_TOKEN: Final = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"|[\[\]{}:,]', re.DOTALL)
_COLON: Final = re.compile(rb"[ \t\r\n]*+:")
_SPACE: Final = b" \t\r\n"
_NULL: Final = b"null"
_MORE_LINES: Final = re.compile(rb"[\[{:,][ \t]*\r?\n")

#: Redacts a parsed record; returns the same object when it is clean.
Record = Callable[[Any, "Redaction", "Tally"], Any]


class Span(NamedTuple):
    """A value in a document: its path, and where it stands."""

    path: Path
    start: int
    end: int


def redact_document(
    body: bytes,
    paths: Sequence[Path],
    redaction: Redaction,
    tally: Tally,
    finish: Callable[[bytes, bytes], bytes] | None = None,
    record: Record | None = None,
) -> bytes:
    """Return one or more JSON documents without their secrets; the same object if they have none.

    Args:
        body: the text: documents one after another, also with white space or commas between them.
        paths: where records stand; `ANY` is any member or item. The first step is the document.
        redaction: how to redact.
        tally: counts are added here.
        finish: given the text of a record before and after it changed, returns what is written.
        record: redacts a parsed record, if not `Redaction.record`.

    """
    if not selects(body, redaction):
        return body
    try:
        spans = list(records_in(body, paths))
    except ValueError:
        return redact_text(body, redaction, tally)
    changed = _changed(body, spans, redaction, tally, finish, record)
    pieces: list[bytes] = []
    # what is around the records: a null stands for each
    position = 0
    for span in spans:
        pieces += body[position : span.start], _NULL
        position = span.end
    around = b"".join([*pieces, body[position:]])
    redacted = _around(around, redaction, tally, record)
    if redacted is around and not changed:
        return body
    if redacted is around:
        return _put(body, spans, changed)
    if finish:
        redacted = finish(around, redacted)
    return _refilled(body, spans, changed, redacted)


def selects(text: bytes, redaction: Redaction) -> bool:
    """Tell whether JSON text may hold a secret; text over several lines is not judged by the prefilter."""
    return redaction.selects(text) or (b"\n" in text and _MORE_LINES.search(text) is not None)


def redact_json(text: bytes, redaction: Redaction, tally: Tally, record: Record | None = None) -> bytes:
    """Return a JSON value without its secrets: the same object if it has none; text if it is no JSON.

    Raises:
        UnscannableError: a part could not be scanned and the policy is to block.

    """
    try:
        value = loads(text)
    except (ValueError, RecursionError):
        return redact_text(text, redaction, tally)
    try:
        return _redacted(text, value, redaction, tally, record)
    except UnscannableError:
        raise
    except Exception as error:  # noqa: BLE001 - our own bug must not let a secret through
        reason = type(error).__name__
        tally.fail(reason)
        if redaction.on_failure == "block":
            raise UnscannableError(reason) from None
        if redaction.on_failure == "open":
            return text
        return label_for(text, reason)


def redact_text(text: bytes, redaction: Redaction, tally: Tally) -> bytes:
    """Return text without its secrets; the same object if it has none."""
    matches = redaction.matches(text)
    if not matches:
        return text
    for match in matches:
        tally.add(match.rule.id)
    taken = cuts(text, 0, matches, redaction.style, redaction.scanner.identify)
    return b"".join(splice(text, 0, len(text), taken))


def label_for(text: bytes, reason: str) -> bytes:
    """Return the JSON value that stands in the place of one that could not be scanned."""
    label = unscanned_label(reason, len(text))
    return b'{"leakscan":"%b"}' % label if text.lstrip(_SPACE).startswith(b"{") else b'"%b"' % label


def loads(text: bytes) -> Any:
    """Parse JSON; also NaN, lone surrogates, and bytes that are no UTF-8.

    Raises:
        ValueError, RecursionError: it is no JSON, or too deep.

    """
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        return json.loads(text.decode("utf-8", "surrogateescape"))


def records_in(body: bytes, paths: Sequence[Path]) -> Iterator[Span]:
    """Give the values at the paths, in order.

    Raises:
        ValueError: the text is no JSON, or its brackets do not match, or it is nested too deep.

    """
    walk = _Walk(body, paths)
    position, number = 0, 0
    while True:
        while position < len(body) and body[position] in b" \t\r\n,":
            position += 1
        if position >= len(body):
            return
        end = walk.end_of(position)
        yield from walk.value(position, end, (number,))
        position, number = end, number + 1


class _Walk:
    """Finds spans by brackets; what is between them is only looked at on the way to a record."""

    def __init__(self, body: bytes, paths: Sequence[Path]) -> None:
        self._body = body
        self._paths = paths
        self._ends: dict[int, int] = {}
        self._levels = max(map(len, paths)) - 1
        self._pair(body)

    def _pair(self, body: bytes) -> None:
        """Note where each bracket that may be on the way to a record closes."""
        open_at: list[int] = []
        for token in _TOKEN.finditer(body):
            mark = body[token.start()]
            if mark in b"[{":
                open_at.append(token.start())
                if len(open_at) > _MAX_DEPTH:
                    raise ValueError("too deep")
            elif mark in b"]}":
                if not open_at:
                    raise ValueError("brackets do not match")
                start = open_at.pop()
                if body[start] != mark - 2:
                    raise ValueError("brackets do not match")
                if len(open_at) <= self._levels + 1:
                    self._ends[start] = token.end()
        if open_at:
            raise ValueError("brackets do not match")

    def end_of(self, position: int) -> int:
        """Return where the value at a position ends."""
        end = self._ends.get(position)
        if end is not None:
            return end
        body = self._body
        if body[position : position + 1] == b'"':
            token = _TOKEN.match(body, position)
            if token is None:
                raise ValueError("no JSON")
            return token.end()
        end = position
        while end < len(body) and body[end] not in b' \t\r\n,]}[{:"':
            end += 1
        if end == position:
            raise ValueError("no JSON")
        return end

    def value(self, start: int, end: int, path: Path) -> Iterator[Span]:
        """Give the records in a value."""
        live = [goal for goal in self._paths if len(goal) >= len(path) and _fits(goal, path)]
        if not live:
            return
        if any(len(goal) == len(path) for goal in live):
            yield Span(path, start, end)
            return
        opening = self._body[start : start + 1]
        if opening == b"{":
            yield from self._members(start + 1, end - 1, path)
        elif opening == b"[":
            yield from self._items(start + 1, end - 1, path)

    def _members(self, position: int, end: int, path: Path) -> Iterator[Span]:
        body = self._body
        while (position := self._next(position, end)) < end:
            name = _TOKEN.match(body, position)
            colon = _COLON.match(body, name.end()) if name and body[position : position + 1] == b'"' else None
            if name is None or colon is None:
                raise ValueError("no JSON")
            start = self._next(colon.end(), end)
            stop = self.end_of(start)
            raw = name[0]
            yield from self.value(
                start,
                stop,
                (*path, str(loads(raw)) if b"\\" in raw else raw[1:-1].decode("utf-8", "surrogateescape")),
            )
            position = stop

    def _items(self, position: int, end: int, path: Path) -> Iterator[Span]:
        number = 0
        while (position := self._next(position, end)) < end:
            stop = self.end_of(position)
            yield from self.value(position, stop, (*path, number))
            position, number = stop, number + 1

    def _next(self, position: int, end: int) -> int:
        while position < end and self._body[position] in b" \t\r\n,":
            position += 1
        return position


def _fits(goal: Path, path: Path) -> bool:
    return all(
        step in (ANY, its) or (step == ITEM and isinstance(its, int))
        for step, its in zip(goal, path, strict=False)
    )


def _redacted(text: bytes, value: Any, redaction: Redaction, tally: Tally, record: Record | None) -> bytes:
    """Take out what is found in the strings of a value, and what names and structure tell."""
    if _has_repeats(text):
        # only the last of repeated members is in the value; the text has them all
        matches = redaction.matches(text)
        if matches:
            for match in matches:
                tally.add(match.rule.id)
            taken = list(cuts(text, 0, matches, redaction.style, redaction.scanner.identify))
            text = rewrite(text, taken)
            value = loads(text)
    redacted = record(value, redaction, tally) if record else redaction.record(value, tally)
    if redacted is value:
        return text
    made = replaced(text, value, redacted)
    for _ in range(made.count(UNSCANNED) - text.count(UNSCANNED)):
        tally.fail("record")
    return made


def _has_repeats(text: bytes) -> bool:
    """Tell whether an object has two members of one name."""
    repeats = False

    def look(pairs: list[tuple[str, Any]]) -> None:
        nonlocal repeats
        repeats = repeats or len({name for name, _ in pairs}) < len(pairs)

    json.loads(text.decode("utf-8", "surrogateescape"), object_pairs_hook=look)
    return repeats


def _around(text: bytes, redaction: Redaction, tally: Tally, record: Record | None) -> bytes:
    """Redact what is around records: documents, one after another."""
    if not selects(text, redaction):
        return text
    spans = list(records_in(text, [(ANY,)]))
    pieces: list[bytes] = []
    position = 0
    is_changed = False
    for span in spans:
        document = text[span.start : span.end]
        put = redact_json(document, redaction, tally, record)
        is_changed = is_changed or put is not document
        pieces += text[position : span.start], put
        position = span.end
    return b"".join([*pieces, text[position:]]) if is_changed else text


def _changed(
    body: bytes,
    spans: Sequence[Span],
    redaction: Redaction,
    tally: Tally,
    finish: Callable[[bytes, bytes], bytes] | None,
    record: Record | None,
) -> dict[int, bytes]:
    """Return the records that held a secret, by number."""
    texts = [body[span.start : span.end] for span in spans]
    without_keys = taken_out_of_json(texts, redaction, tally) or texts
    changed: dict[int, bytes] = {}
    for number, (old, text) in enumerate(zip(texts, without_keys, strict=True)):
        put = redact_json(text, redaction, tally, record) if selects(text, redaction) else text
        if put is not old:
            changed[number] = finish(old, put) if finish else put
    return changed


def _put(body: bytes, spans: Sequence[Span], changed: dict[int, bytes]) -> bytes:
    pieces: list[bytes] = []
    position = 0
    for number, put in changed.items():
        span = spans[number]
        pieces += body[position : span.start], put
        position = span.end
    return b"".join([*pieces, body[position:]])


def _refilled(body: bytes, spans: Sequence[Span], changed: dict[int, bytes], around: bytes) -> bytes:
    """Put the records back into what is around them, by path.

    Raises:
        UnscannableError: what is around them was masked, and they have no place any more.

    """
    waiting: dict[Path, list[int]] = {}
    for number, span in enumerate(spans):
        waiting.setdefault(span.path, []).append(number)
    for numbers in waiting.values():
        numbers.reverse()
    pieces: list[bytes] = []
    position = 0
    for place, document in enumerate(records_in(around, [(ANY,)])):
        if around[document.start : document.end] == _NULL and (place,) in waiting:
            found: list[tuple[Path, int, int]] = [((), document.start, document.end)]
        else:
            text = around[document.start : document.end]
            found = [(path, document.start + a, document.start + b) for path, a, b in scalars(text)]
        for path, start, end in found:
            numbers = waiting.get((place, *path), [])
            if numbers and around[start:end] == _NULL:
                number = numbers.pop()
                span = spans[number]
                pieces += around[position:start], changed.get(number, body[span.start : span.end])
                position = end
    if any(waiting.values()):
        raise UnscannableError("record")
    return b"".join([*pieces, around[position:]])
