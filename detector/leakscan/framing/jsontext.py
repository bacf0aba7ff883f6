r"""JSON as text: rewriting strings and numbers in place, so that every other byte stays as it is.

Nothing is parsed into objects and written again: key order, number formats and whitespace survive.
The text must be valid JSON; what stays of it is. Not here: reading records (`records`), escapes
(`leakscan.jsontext`).

>>> from leakscan.redact import Cut
>>> rewrite(b'{"n": 1.0, "s": "a\\nbc"}', [Cut(18, 21, b"*")])
b'{"n": 1.0, "s": "a*c"}'
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from leakscan.jsontext import unescape

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from leakscan.redact import Cut

Path = tuple[str | int, ...]

_QUOTE: Final = 0x22
#: The two high bits of a byte that is not the first of its UTF-8 character.
_CONTINUES: Final = 0x80
#: Strings; and numbers, true, false and null.
_SCALAR: Final = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"|[^\s\[\]{},:"]++')
_TOKEN: Final = re.compile(rb'[\[\]{},:]|"[^"\\]*+(?:\\.[^"\\]*+)*+"|[^\s\[\]{},:"]++')
#: A pair of surrogates is one character, so it is one escape.
_ESCAPED: Final = rb"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|\\u[0-9a-fA-F]{4}|\\."
#: A character of more than one byte.
_LONG: Final = re.compile(_ESCAPED + rb"|[\xc0-\xff][\x80-\xbf]+")
#: `>` as Go and Docker write it; behind a name it is a separator, which the prefilter does not see.
HIDDEN: Final = b"\\u003e"
_CONTROLS: Final = re.compile(rb'["\\\x00-\x1f]')


def occurrences(mark: bytes, data: bytes | bytearray, start: int, end: int) -> Iterator[int]:
    """Give the positions of a mark in a range."""
    found = data.find(mark, start, end)
    while found >= 0:
        yield found
        found = data.find(mark, found + len(mark), end)


def encode(text: bytes) -> bytes:
    """Encode text as the body of a JSON string."""
    return _CONTROLS.sub(_escape, text)


def rewrite(text: bytes, cuts: Sequence[Cut]) -> bytes:
    """Make cuts in a JSON text so that it stays one.

    A cut takes whole characters of the strings it touches, never their quotes; a number, `true`,
    `false` or `null` becomes a string; brackets, commas and colons stay.
    """
    pieces: list[bytes] = []
    position = 0
    pending = iter(cuts)
    cut = next(pending, None)
    for match in _SCALAR.finditer(text):
        start, end = match.span()
        while cut is not None and cut.end <= start:
            cut = next(pending, None)
        if cut is None:
            break
        if cut.start >= end:
            continue
        if text[start] != _QUOTE:
            pieces += [text[position:start], b'"' + cut.put + b'"']
            position = end
            continue
        while cut is not None and cut.start < end:
            first, last = _whole_characters(text, start + 1, end - 1, cut)
            first = max(first, position)
            if first < last:
                pieces += [text[position:first], cut.quote + cut.put + cut.quote]
                position = last
            if cut.end > end:
                break  # it goes on in the next string
            cut = next(pending, None)
    pieces.append(text[position:])
    return b"".join(pieces)


def _whole_characters(text: bytes, low: int, high: int, cut: Cut) -> tuple[int, int]:
    """Return the part of a cut that lies in [low, high), widened to the characters it touches."""
    first, last = max(cut.start, low), min(cut.end, high)
    for match in _LONG.finditer(text, low, high):
        start, end = match.span()
        if start >= last:
            break
        if start < first < end:
            first = start
        if start < last < end:
            last = end
    return first, last


def scalars(text: bytes) -> Iterator[tuple[Path, int, int]]:
    """Give path, start and end of every string, number, `true`, `false` and `null` but for keys."""
    import orjson  # noqa: PLC0415 - keys only

    path: list[Any] = []
    expects_key = False
    for match in _TOKEN.finditer(text):
        token = match[0]
        if token == b"{":
            path.append("")
            expects_key = True
        elif token == b"[":
            path.append(0)
            expects_key = False
        elif token in b"}]":
            path.pop()
            expects_key = False
        elif token == b",":
            if isinstance(path[-1], int):
                path[-1] += 1
            else:
                expects_key = True
        elif token == b":":
            expects_key = False
        elif expects_key:
            path[-1] = orjson.loads(token)
        else:
            yield tuple(path), match.start(), match.end()


def replaced(text: bytes, old: Any, new: Any) -> bytes:
    """Return the JSON text of `old` with the scalars changed that differ in `new`, as little as may be.

    What did not change must be the same object in both, and the containers must be alike; where they
    are not, `new` is written afresh.
    """
    pieces: list[bytes] = []
    position = 0
    try:
        for path, start, end in scalars(text):
            before, after = _at(old, path), _at(new, path)
            if before is not after:
                pieces += [text[position:start], _changed(text[start:end], before, after)]
                position = end
    except LookupError:
        import json  # noqa: PLC0415 - seldom; takes what orjson does not

        return json.dumps(new, ensure_ascii=True).encode()
    return b"".join([*pieces, text[position:]])


def _at(value: Any, path: Path) -> Any:
    for step in path:
        kind: Any = list if isinstance(step, int) else dict
        if type(value) is not kind:
            raise LookupError
        value = value[step]
    return value


def _common(one: bytes, other: bytes) -> int:
    """Return how many bytes two texts have in common at the beginning."""
    size = min(len(one), len(other))
    return next((at for at in range(size) if one[at] != other[at]), size)


def _changed(scalar: bytes, before: Any, after: Any) -> bytes:
    """Return the JSON of a changed scalar; of a string, what did not change stays as it was."""
    new = str(after).encode("utf-8", "surrogatepass")
    plain = unescape(scalar[1:-1] if isinstance(before, str) else b"")
    old = plain.data
    if not old or old != before.encode("utf-8", "surrogatepass"):
        return b'"%b"' % encode(new)
    low = _common(old, new)
    high = _common(old[low:][::-1], new[low:][::-1])
    while low < len(old) and old[low] & 0xC0 == _CONTINUES:
        low -= 1
    while high and old[len(old) - high] & 0xC0 == _CONTINUES:
        high -= 1
    first, last = plain.source(low), plain.source_end(len(old) - high)
    return b"".join((scalar[: 1 + first], encode(new[low : len(new) - high]), scalar[1 + last :]))


def _escape(match: re.Match[bytes]) -> bytes:
    return b"\\u%04x" % match[0][0] if match[0] < b" " else b"\\" + match[0]
