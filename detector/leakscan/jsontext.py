"""JSON text with positions: which strings and numbers stand where, in text that must not change otherwise.

A parser that keeps repeated members and every span, which `json` and `orjson` do not. It is lenient
about what logs do to JSON (raw control characters in strings, invalid UTF-8) and strict about structure.

Not here: finding anything in it (`embedded`).

>>> value, end = parse(b'{"a": ["x"]} tail', 0)
>>> value.members[0][1][0].span, end
((8, 9), 12)
"""

from __future__ import annotations

import re
from bisect import bisect_right
from typing import Final, NamedTuple

#: Deeper JSON in text is scanned as text only. The deepest log records seen have fewer than 20 levels.
MAX_DEPTH: Final = 64

_TOKEN: Final = re.compile(
    rb'[ \t\r\n]*+(?:"(?P<text>(?:[^"\\]|\\.)*+)"|(?P<mark>[{}\[\],:])'
    rb"|(?P<bare>-?[0-9][0-9.eE+-]{0,40}|true|false|null|NaN|-?Infinity))",
    re.DOTALL,
)
_ESCAPE: Final = re.compile(
    rb"\\(?:u([dD][89abAB][0-9A-Fa-f]{2})\\u([dD][c-fC-F][0-9A-Fa-f]{2})|u([0-9A-Fa-f]{4})|([\"\\/bfnrt]))"
)
_SHORT: Final = {b"b": b"\b", b"f": b"\f", b"n": b"\n", b"r": b"\r", b"t": b"\t"}
#: How two UTF-16 units make one character.
_PLANE_1, _HIGH, _LOW = 0x10000, 0xD800, 0xDC00


class Text(str):
    """A string in JSON text: its value, and the span between its quotes."""

    __slots__ = ("span",)
    span: tuple[int, int]


class Number(NamedTuple):
    """A number, `true`, `false` or `null` in JSON text; also what Python adds, as `NaN`."""

    span: tuple[int, int]


class Members:
    """An object in JSON text: its members in order, with repeated names."""

    __slots__ = ("members",)

    def __init__(self) -> None:
        self.members: list[tuple[Text, Value]] = []


Value = Text | Number | Members | list["Value"]


class Unescaped(NamedTuple):
    """The content of a JSON string without escapes, and where its bytes come from."""

    data: bytes
    starts: list[int]  # positions in `data` where pieces begin
    sources: list[int]  # where those pieces begin in the escaped text

    def source(self, position: int) -> int:
        """Return where in the escaped text the byte at `position` begins."""
        piece = bisect_right(self.starts, position) - 1
        if piece % 2:  # an escape: its bytes have no place of their own
            return self.sources[piece]
        return self.sources[piece] + position - self.starts[piece]

    def source_end(self, position: int) -> int:
        """Return where in the escaped text ends what stands before `position`."""
        piece = bisect_right(self.starts, max(0, position - 1)) - 1
        if piece % 2 and position:
            return self.sources[piece + 1]
        return self.sources[piece] + position - self.starts[piece]


def unescape(raw: bytes) -> Unescaped:
    """Take the escapes out of the content of a JSON string; what is none stays."""
    if b"\\" not in raw:
        return Unescaped(raw, [0], [0])
    pieces: list[bytes] = []
    starts, sources = [0], [0]
    size = position = 0
    for escape in _ESCAPE.finditer(raw):
        literal = raw[position : escape.start()]
        put = _character(escape)
        pieces += literal, put
        size += len(literal)
        starts.append(size)
        sources.append(escape.start())
        size += len(put)
        position = escape.end()
        starts.append(size)
        sources.append(position)
    pieces.append(raw[position:])
    return Unescaped(b"".join(pieces), starts, sources)


def parse(data: bytes, start: int) -> tuple[Value, int]:
    """Read the JSON value at `start`; return it and where it ends.

    Raises:
        ValueError: there is none, or it is nested deeper than `MAX_DEPTH`.

    """
    return _value(data, start, 0)


def _value(data: bytes, position: int, depth: int) -> tuple[Value, int]:
    token = _TOKEN.match(data, position)
    if token is None or depth > MAX_DEPTH:
        raise ValueError("no JSON")
    end = token.end()
    if token.lastgroup == "text":
        return _text(token), end
    if token.lastgroup == "bare":
        return Number(token.span("bare")), end
    if token["mark"] == b"{":
        return _object(data, end, depth)
    if token["mark"] == b"[":
        return _array(data, end, depth)
    raise ValueError("no JSON")


def _object(data: bytes, position: int, depth: int) -> tuple[Members, int]:
    found = Members()
    token = _TOKEN.match(data, position)
    if token is not None and token["mark"] == b"}":
        return found, token.end()
    while token is not None and token.lastgroup == "text":
        name = _text(token)
        colon = _TOKEN.match(data, token.end())
        if colon is None or colon["mark"] != b":":
            break
        value, position = _value(data, colon.end(), depth + 1)
        found.members.append((name, value))
        mark = _TOKEN.match(data, position)
        if mark is not None and mark["mark"] == b"}":
            return found, mark.end()
        if mark is None or mark["mark"] != b",":
            break
        token = _TOKEN.match(data, mark.end())
    raise ValueError("no JSON")


def _array(data: bytes, position: int, depth: int) -> tuple[list[Value], int]:
    items: list[Value] = []
    token = _TOKEN.match(data, position)
    if token is not None and token["mark"] == b"]":
        return items, token.end()
    while True:
        value, position = _value(data, position, depth + 1)
        items.append(value)
        mark = _TOKEN.match(data, position)
        if mark is not None and mark["mark"] == b"]":
            return items, mark.end()
        if mark is None or mark["mark"] != b",":
            raise ValueError("no JSON")
        position = mark.end()


def _text(token: re.Match[bytes]) -> Text:
    raw = token["text"]
    text = Text((unescape(raw).data if b"\\" in raw else raw).decode("utf-8", "replace"))
    text.span = token.span("text")
    return text


def _character(escape: re.Match[bytes]) -> bytes:
    high, low, unit, short = escape.groups()
    if short:
        return _SHORT.get(short, short)
    code = int(unit, 16) if unit else _PLANE_1 + (int(high, 16) - _HIGH << 10) + int(low, 16) - _LOW
    return chr(code).encode("utf-8", "surrogatepass")
