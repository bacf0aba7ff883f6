r"""The protobuf wire format: reading fields, and writing messages in which some fields changed.

Only changed fields are written; all others, known or not, are copied as they are, so nothing is lost
but what was meant to be. From https://protobuf.dev/programming-guides/encoding/.

Not here: any schema.

>>> [(f.number, bytes(b"\x0a\x02hi\x10\x05"[f.body:f.end])) for f in fields(b"\x0a\x02hi\x10\x05", 0, 6)]
[(1, b'hi'), (2, b'\x05')]
"""

from __future__ import annotations

from bisect import bisect_left
from typing import TYPE_CHECKING, Final, NamedTuple

from .redaction import MalformedError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

VARINT, FIXED64, LEN, GROUP, GROUP_END, FIXED32 = range(6)
#: Groups in groups; nobody has written one since 2008.
_MAX_GROUPS: Final = 16
_MAX_VARINT: Final = 10
_MORE: Final = 0x80


class Field(NamedTuple):
    """A field of a message.

    Attributes:
        number: the field number.
        kind: the wire type.
        start: index of the tag.
        after_tag: index after the tag: of the length, if it has one.
        body: index of the value.
        end: half-open.

    """

    number: int
    kind: int
    start: int
    after_tag: int
    body: int
    end: int


def fields(data: bytes, start: int, end: int) -> Iterator[Field]:
    """Give the fields of the message in a region.

    Raises:
        MalformedError: it is no message.

    """
    position = start
    while position < end:
        # tags below 128 and lengths below 128 are nearly all there are
        tag = data[position]
        after = position + 1
        if tag >= _MORE:
            tag, after = varint(data, position, end)
        kind = tag & 7
        if kind == LEN:
            if after >= end:
                raise MalformedError("protobuf: truncated")
            size = data[after]
            body = after + 1
            if size >= _MORE:
                size, body = varint(data, after, end)
            stop = body + size
        else:
            body = after
            stop = _skip(data, kind, tag >> 3, body, end, 0)
        if stop > end or tag < 8:  # noqa: PLR2004 - field number 0
            raise MalformedError("protobuf: truncated" if stop > end else "protobuf: field number 0")
        yield Field(tag >> 3, kind, position, after, body, stop)
        position = stop


def holding(data: bytes, start: int, end: int, spots: Sequence[int]) -> list[Field]:
    """Return the fields of the message in a region that hold one of some positions, which are in order.

    Raises:
        MalformedError: it is no message.

    """
    held: list[Field] = []
    place, position = bisect_left(spots, start), start
    spot = spots[place] if place < len(spots) else end
    while position < end:
        # most fields hold none: where tag and length are short, nothing is made of them
        if data[position] & 0x87 == LEN and position + 2 < end:
            low, high = data[position + 1], data[position + 2]
            stop = position + 2 + low if low < _MORE else position + 3 + (low & 0x7F | high << 7)
            if stop <= spot and (low < _MORE or high < _MORE) and stop <= end and data[position] > LEN:
                position = stop
                continue
        item = next(fields(data, position, end))
        position = item.end
        if spot < position:
            held.append(item)
            place = bisect_left(spots, position, place)
            spot = spots[place] if place < len(spots) else end
    return held


def count(data: bytes, start: int, end: int, number: int) -> int:
    """Return how many length-delimited fields of a number a message has.

    Raises:
        MalformedError: it is no message.

    """
    wanted = number << 3 | LEN
    found = 0
    position = start
    while position < end:
        if data[position] != wanted or position + 2 >= end:
            item = next(fields(data, position, end))
            found += item.number == number and item.kind == LEN
            position = item.end
            continue
        size = data[position + 1]
        position += 2
        if size >= _MORE:
            high = data[position]
            size = size & 0x7F | high << 7
            position += 1
            if high >= _MORE:
                size, position = varint(data, position - 2, end)
        position += size
        found += 1
    if position > end:
        raise MalformedError("protobuf: truncated")
    return found


def rewritten(
    data: bytes,
    start: int,
    end: int,
    change: Callable[[Field], bytes | None],
    among: Iterable[Field] | None = None,
) -> bytes | None:
    """Return the message in a region with some fields changed; None if none is.

    `change` gives what stands for a field, with its tag (see `field`), or None to keep it; it is asked about
    the fields `among` which some may have to change, or about all.
    """
    pieces: list[bytes] = []
    position = start
    for item in fields(data, start, end) if among is None else among:
        put = change(item)
        if put is not None:
            pieces += data[position : item.start], put
            position = item.end
    if not pieces:
        return None
    return b"".join([*pieces, data[position:end]])


def field(number: int, body: bytes) -> bytes:
    """Return a length-delimited field."""
    return encoded(number << 3 | LEN) + encoded(len(body)) + body


def again(data: bytes, item: Field, body: bytes) -> bytes:
    """Return a length-delimited field with another body, its tag as it was."""
    return data[item.start : item.after_tag] + encoded(len(body)) + body


def encoded(number: int) -> bytes:
    """Return a varint."""
    out = bytearray()
    while number >= _MORE:
        out.append(number & 0x7F | _MORE)
        number >>= 7
    out.append(number)
    return bytes(out)


def varint(data: bytes, position: int, end: int) -> tuple[int, int]:
    """Return the varint at a position, and where it ends."""
    value = shift = 0
    for place in range(position, min(end, position + _MAX_VARINT)):
        byte = data[place]
        value |= (byte & 0x7F) << shift
        if byte < _MORE:
            return value, place + 1
        shift += 7
    raise MalformedError("protobuf: bad varint")


def _skip(data: bytes, kind: int, number: int, position: int, end: int, depth: int) -> int:
    if kind == VARINT:
        return varint(data, position, end)[1]
    if kind == FIXED64:
        return position + 8
    if kind == FIXED32:
        return position + 4
    if kind == LEN:
        size, body = varint(data, position, end)
        return body + size
    if kind != GROUP or depth >= _MAX_GROUPS:
        raise MalformedError("protobuf: bad wire type")
    while position < end:
        tag, position = varint(data, position, end)
        if tag & 7 == GROUP_END:
            if tag >> 3 != number:
                break
            return position
        position = _skip(data, tag & 7, tag >> 3, position, end, depth + 1)
    raise MalformedError("protobuf: bad group")
