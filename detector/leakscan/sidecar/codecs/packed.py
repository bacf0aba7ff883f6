"""msgpack values as records: decoded to Python values, and written again where a value changed.

Decoding keeps no positions: encoding walks the same bytes in the same order beside the value before and
after, and copies what is the same object. So number widths, headers, extension types and duplicate keys
survive. From https://github.com/msgpack/msgpack/blob/master/spec.md.

Not here: which messages there are (`forward`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

import msgpack

from . import opaque
from .redaction import MalformedError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .redaction import Redaction, Tally

#: Containers in one value. More are not walked in a record, and an empty one is a byte here and 64 there.
MAX_CONTAINERS: Final = 100_000
#: The first bytes of values; for bytes and strings, how wide the size is that follows.
_MAPS: Final = frozenset({*range(0x80, 0x90), 0xDE, 0xDF})
_ARRAYS: Final = frozenset({*range(0x90, 0xA0), 0xDC, 0xDD})
_FIXED_STRINGS: Final = range(0xA0, 0xC0)
_BINARIES: Final = {0xC4: 1, 0xC5: 2, 0xC6: 4}
_STRINGS: Final = {0xD9: 1, 0xDA: 2, 0xDB: 4}
_EXTENSIONS: Final = frozenset({*range(0xC7, 0xCA), *range(0xD4, 0xD9)})


_MAX_FIXED: Final = 31


class TooManyError(Exception):
    """A value holds more containers than are walked."""


class Reader:
    """A cursor over msgpack of known length. Every method raises `MalformedError` where there is no value."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self._unpacker = msgpack.Unpacker(max_buffer_size=max(1, len(data)), read_size=1)
        self._unpacker.feed(data)

    @property
    def position(self) -> int:
        """Where the next value begins."""
        return int(self._unpacker.tell())

    @property
    def is_at_end(self) -> bool:
        """Whether nothing follows."""
        return self.position >= len(self.data)

    def skip(self) -> tuple[int, int]:
        """Go over one value; return where it stands."""
        start = self.position
        try:
            self._unpacker.skip()
        except (ValueError, msgpack.UnpackException):
            raise MalformedError("msgpack: no value") from None
        return start, self.position

    def enter(self) -> int:
        """Go into an array or a map; return how many values are in it, twice as many as pairs."""
        try:
            if self.data[self.position] in _MAPS:
                return 2 * int(self._unpacker.read_map_header())
            return int(self._unpacker.read_array_header())
        except (ValueError, IndexError, msgpack.UnpackException):
            raise MalformedError("msgpack: no container") from None

    def spans(self) -> list[tuple[int, int]]:
        """Go over all values that follow; return where they stand."""
        skip, tell, end = self._unpacker.skip, self._unpacker.tell, len(self.data)
        start, found = tell(), []
        try:
            while start < end:
                skip()
                stop = tell()
                found.append((start, stop))
                start = stop
        except (ValueError, msgpack.UnpackException):
            raise MalformedError("msgpack: no value") from None
        return found


def is_array(first: int) -> bool:
    """Tell whether a value with this first byte is an array."""
    return first in _ARRAYS


def is_map(first: int) -> bool:
    """Tell whether a value with this first byte is a map."""
    return first in _MAPS


def content(data: bytes) -> bytes:
    """Return what a string, or bytes, holds: the value without its header."""
    return data[1 + _BINARIES.get(data[0], 0) + _STRINGS.get(data[0], 0) :]


def is_text(first: int) -> bool:
    """Tell whether a value with this first byte is a string or bytes."""
    return first in _FIXED_STRINGS or first in _STRINGS or first in _BINARIES


class Decoded(NamedTuple):
    """A value as a record.

    Attributes:
        value: extension types are None; a map whose keys are not all text, or in which one is there
            twice, is a list of maps of one member each, or of pairs.
        has_extension: whether an extension type in it may hold a secret.

    """

    value: Any
    has_extension: bool


def decode(data: bytes, redaction: Redaction) -> Decoded:
    """Return one value, complete and with nothing after it, as a record.

    Raises:
        MalformedError: it is no msgpack.
        TooManyError: it holds more containers than are walked.

    """
    walked = 0
    has_extension = False

    def a_list(items: list[Any]) -> list[Any]:
        nonlocal walked
        walked += 1
        if walked > MAX_CONTAINERS:
            raise TooManyError
        return items

    def a_map(pairs: list[tuple[Any, Any]]) -> Any:
        a_list(pairs)
        # other keys would also be a way to make dicts slow: the hashes of numbers can be chosen
        if all(type(key) is str or type(key) is bytes for key, _ in pairs):
            members = dict(pairs)
            if len(members) == len(pairs):
                return members
        return [[key, member] if isinstance(key, list | dict) else {key: member} for key, member in pairs]

    def an_extension(_code: int, its: bytes) -> None:
        nonlocal has_extension
        has_extension = has_extension or redaction.selects(its)

    try:
        value = msgpack.unpackb(
            data,
            object_pairs_hook=a_map,
            list_hook=a_list,
            ext_hook=an_extension,
            strict_map_key=False,
            unicode_errors="surrogateescape",
        )
    except (ValueError, OverflowError, msgpack.UnpackException):
        raise MalformedError("msgpack: no value") from None
    return Decoded(value, has_extension)


def redacted(data: bytes, redaction: Redaction, tally: Tally) -> bytes:
    """Return one value, complete and with nothing after it, without its secrets; the same object if clean.

    Raises:
        MalformedError: it is no msgpack.
        TooManyError: it holds more containers than are walked.
        UnscannableError: a part could not be scanned and the policy is to block.

    """
    old = decode(data, redaction)
    return encode(data, old, redaction.record(old.value, tally), redaction, tally)


def encode(data: bytes, old: Decoded, new: Any, redaction: Redaction, tally: Tally) -> bytes:
    """Return a value with what differs between two records; the same object if nothing does.

    Secrets in extension types are overwritten with as many bytes.
    """
    if new is old.value and not old.has_extension:
        return data
    writing = _Writing(Reader(data), old.has_extension, redaction, tally, [])
    _write(writing, old.value, new)
    put = b"".join(writing.pieces)
    return data if put == data else put


def text(data: bytes, old: bytes) -> bytes:
    """Return a string, or bytes, with a header of the kind that the old value has, if that is wide enough."""
    first, size = old[0], len(data)
    if first in _FIXED_STRINGS and size <= _MAX_FIXED:
        return bytes([_FIXED_STRINGS[size]]) + data
    for kind, width in (_BINARIES if first in _BINARIES else _STRINGS).items():
        if kind >= first and size < 1 << 8 * width:
            return bytes([kind]) + size.to_bytes(width, "big") + data
    raise MalformedError("msgpack: too long")


class _Writing(NamedTuple):
    """A value that is written again: where it is read, and what of the new one there is."""

    reader: Reader
    has_extension: bool
    redaction: Redaction
    tally: Tally
    pieces: list[bytes]


def _write(writing: _Writing, old: Any, new: Any) -> None:
    """Go over one value, and add it with what changed."""
    reader, pieces = writing.reader, writing.pieces
    data, start = reader.data, reader.position
    first = data[start]
    is_map = first in _MAPS
    if new is old and not writing.has_extension:
        pieces.append(data[slice(*reader.skip())])
    elif first in _EXTENSIONS:
        pieces.append(opaque.rewrite(data[slice(*reader.skip())], writing.redaction, writing.tally))
    elif (is_map or first in _ARRAYS) and isinstance(new, list | dict):
        reader.enter()
        pieces.append(data[start : reader.position])
        for before, after in _inside(old, new, is_map=is_map):
            _write(writing, before, after)
    else:
        value = data[slice(*reader.skip())]
        pieces.append(value if new is old else _leaf(new, value))


def _inside(old: Any, new: Any, *, is_map: bool) -> Iterator[tuple[Any, Any]]:
    """Give the values in a container before and after, names among them, in the order of the bytes."""
    if not is_map:
        yield from zip(old, new, strict=True)
    elif isinstance(old, dict):
        for before, after in zip(old.items(), new.items(), strict=True):
            yield from zip(before, after, strict=True)
    else:
        for was, now in zip(old, new, strict=True):
            its = next(iter(was.items())) if isinstance(was, dict) else was
            put = [now, now] if not isinstance(now, list | dict) else now
            yield from zip(its, next(iter(put.items())) if isinstance(put, dict) else put, strict=True)


def _leaf(new: Any, old: bytes) -> bytes:
    """Return what stands in the place of a value that is not a container any more, or never was."""
    data = new if isinstance(new, bytes) else str(new).encode("utf-8", "surrogateescape")
    if is_text(old[0]):
        return text(data, old)
    return text(data, b"\xc4" if isinstance(new, bytes) else b"\xa0")
