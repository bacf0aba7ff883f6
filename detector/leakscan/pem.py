r"""PEM private keys: on one line with literal `\n`, line by line behind log prefixes, cut off before END.

The body is the secret; the armour lines stay, so that a reader sees what was taken out.

Not here: certificates and public keys, which are public. Base64 of a whole PEM file is a rule
(`patterns/private-key.toml`).
"""

from __future__ import annotations

from typing import Final, NamedTuple

import regex

from .boundary import Buffer
from .lines import REACH
from .prefilter import Anchor

#: What ends the line that opens a private key.
ANCHOR: Final = Anchor((b"PRIVATE KEY-----", b"PRIVATE KEY BLOCK-----", b"Private-Lines: "))

#: A key block longer than this is not waited for: a 16384-bit RSA key has 12,800 characters.
MAX_BLOCK: Final = REACH - (1 << 10)
#: Bytes that may be left of the header on its own line to say BEGIN and the algorithm.
_HEADER_REACH: Final = 64
#: A shorter first body line is a word: the shortest whole keys (Ed25519) have 64 characters.
_MIN_FIRST: Final = 32
#: Shorter bodies are mentions of a header in prose.
_MIN_BODY: Final = 32
#: A shorter last line of a body that no END follows is a word of the next log line.
_MIN_LAST: Final = 16
_EQUALS: Final = 0x3D
#: How far a body line may start from the header's column: fractions of a second differ in length.
_COLUMN_SLACK: Final = 12

_BEGIN: Final = regex.compile(rb"(?r)-----BEGIN [A-Z0-9 ]{0,24}")
_BREAK: Final = rb"\\+[nrt]|\\+u000[aAdD]|%0[AaDd]|%5C[nr]|&#1[03];|&#x[aAdD];|<br/?>"
_GAP: Final = regex.compile(rb"(?:" + _BREAK + rb"| )+")
_INLINE: Final = regex.compile(
    rb"(?:[A-Za-z0-9+=]|/|\\+/|%2[BbFf]|%3[Dd]|\\+u00(?:2[bBfF]|3[dD])|"
    + _BREAK
    + rb"|(?:Proc-Type|DEK-Info): ?[\w,\-]+)+"
)
_TRAILING_BREAKS: Final = regex.compile(rb"(?r)(?:" + _BREAK + rb"| )+")
_END: Final = b"-----END"
_BODY_LINE: Final = regex.compile(
    rb"(?r)(?<![A-Za-z0-9+/=])([A-Za-z0-9+/]{1,100}={0,3}|=[A-Za-z0-9+/]{4})[\"',\\\r \t]*"
)
_BODY_HEADER: Final = regex.compile(
    rb"(?:^|[ \t:|>\"'])(?:(?:Proc-Type|DEK-Info|Version|Comment|Hash|Charset|Content-Domain): ?[^\n]*)?"
    rb"[\"',\\\r \t]*$"
)


class PemBody(NamedTuple):
    """The body of a private key: its spans in the buffer, and whether more of it may follow."""

    parts: tuple[tuple[int, int], ...]
    begin: int
    is_open: bool


def read(data: Buffer, header_end: int, low: int, end: int) -> PemBody | None:
    """Read the body after a header that ends at `header_end`.

    Args:
        data: the buffer.
        header_end: index just after the anchor.
        low: start of the header's line.
        end: end of the block; the body may go on after it.

    """
    begin = _begin(data, header_end, low)
    if begin is None:
        return None
    line_end = data.find(b"\n", header_end, end)
    stop = line_end if line_end >= 0 else end
    inline = _inline(data, header_end, stop)
    if inline is not None:
        return PemBody((inline,), begin, is_open=False)
    if line_end < 0 or data[header_end:stop].strip(b"\"',\\ \t\r"):
        return None
    return _lines(data, begin, line_end + 1, end)


def _begin(data: Buffer, header_end: int, low: int) -> int | None:
    if data.startswith(b"Private-Lines: ", header_end - 15):
        return header_end - 15
    tail = b"PRIVATE KEY-----" if data.startswith(b"KEY-----", header_end - 8) else b"PRIVATE KEY BLOCK-----"
    match = _BEGIN.match(data, max(low, header_end - _HEADER_REACH), header_end - len(tail))
    return match.start() if match else None


def _inline(data: Buffer, start: int, stop: int) -> tuple[int, int] | None:
    """Return the span of a body on the header's own line."""
    gap = _GAP.match(data, start, stop)
    if gap is None:
        return None
    first = gap.end()
    closing = data.find(_END, first, stop)
    if closing >= 0 and closing - first <= MAX_BLOCK:
        last = closing
    else:
        match = _INLINE.match(data, first, stop)
        if match is None:
            return None
        last = match.end()
    trailing = _TRAILING_BREAKS.match(data, first, last)
    if trailing is not None:
        last = trailing.start()
    return (first, last) if last - first >= _MIN_BODY else None


def _lines(data: Buffer, begin: int, start: int, end: int) -> PemBody | None:
    """Read body lines, each behind a prefix of about the same width."""
    parts: list[tuple[int, int]] = []
    column: int | None = None
    is_open, closed = True, False
    while start < end and start - begin <= MAX_BLOCK:
        newline = data.find(b"\n", start, end)
        stop = newline if newline >= 0 else end
        if data.find(_END, start, stop) >= 0:
            is_open, closed = False, True
            break
        part = _body_line(data, start, stop, column)
        if part is not None and not (parts and _is_shorter(parts[-1], parts[0])):
            parts.append(part)
            column = part[0] - start if column is None else column
        elif part is not None and data[part[0]] == _EQUALS:
            parts.append(part)  # the CRC of a PGP block
        elif _BODY_HEADER.search(data, start, stop) is None:
            is_open = False
            break
        start = stop + 1
    if start - begin > MAX_BLOCK:
        is_open = False
    if not (closed or is_open) and parts and _is_word(data, parts):
        del parts[-1]
    if not is_open and sum(b - a for a, b in parts) < _MIN_BODY:
        return None
    return PemBody(tuple(parts), begin, is_open)


def _is_shorter(part: tuple[int, int], first: tuple[int, int]) -> bool:
    """Only the last line of a body is shorter than the first."""
    return part[1] - part[0] < first[1] - first[0]


def _is_word(data: Buffer, parts: list[tuple[int, int]]) -> bool:
    """Tell whether the last part of a key that was cut off is a word of the line that follows it."""
    first, last = parts[-1]
    return last - first < _MIN_LAST and not data[first:last].endswith(b"=")


def _body_line(data: Buffer, start: int, stop: int, column: int | None) -> tuple[int, int] | None:
    """Return the span of the body text at a line's end, None when the line holds none.

    The first body line may stand anywhere; the others stand where it does, give or take a timestamp.
    """
    match = _BODY_LINE.match(data, start, stop)
    if match is None:
        return None
    first, last = match.span(1)
    if column is None:
        return (first, last) if last - first >= _MIN_FIRST else None
    return (first, last) if abs(first - start - column) <= _COLUMN_SLACK else None
