"""Where records stand in JSON text: spans by path, found by brackets, without parsing the records.

Not here: what is done with them (`jsondoc`).

>>> [span.path for span in records_in(b'{"logs": [{"a": 1}, {"a": 2}]}', [(ANY, "logs", ITEM)])]
[(0, 'logs', 0), (0, 'logs', 1)]
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import orjson

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from leakscan.framing.jsontext import Path

#: What takes the place of anything in a path.
ANY: Final = "*"
#: What takes the place of an item of an array.
ITEM: Final = -1
#: Deeper documents are not cut up; they are masked when read.
_MAX_DEPTH: Final = 200
_TOKEN: Final = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"|[\[\]{}:,]', re.DOTALL)
_COLON: Final = re.compile(rb"[ \t\r\n]*+:")


class Span(NamedTuple):
    """A value in a document: its path, and where it stands."""

    path: Path
    start: int
    end: int


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


def loads(text: bytes) -> Any:
    """Parse JSON; also NaN, lone surrogates, and bytes that are no UTF-8.

    Raises:
        ValueError, RecursionError: it is no JSON, or too deep.

    """
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        return json.loads(text.decode("utf-8", "surrogateescape"))
