"""Content codings of HTTP bodies: decompressed within limits, compressed again.

gzip, deflate (zlib, and the raw form that some clients send), zstd, snappy (framed, and the bare block
that Loki's clients send), and chains of them. A body is never unpacked beyond the limits, whatever it says.

Not here: files (`leakscan.compression`), what the body holds (`codecs`).
"""

from __future__ import annotations

import sys
import zlib
from typing import TYPE_CHECKING, Final

import cramjam

from .codecs import MalformedError

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

if TYPE_CHECKING:
    from collections.abc import Callable

    from .limits import Limits

#: Bodies of less may have any ratio: a line of zeros is no bomb.
_BOMB_LEAST: Final = 1 << 20
#: Bytes drawn from a decompressor at once.
_PIECE: Final = 1 << 18
_GZIP, _ZLIB, _RAW = 31, 15, -15
_GZIP_LEVEL: Final = 6
_SNAPPY_MAGIC: Final = b"\xff\x06\x00\x00sNaPpY"
#: Chunk types of framed snappy: compressed and plain; both begin with a checksum of four bytes.
_SNAPPY_PACKED, _SNAPPY_PLAIN, _CHECKSUM = 0x00, 0x01, 4
_MAX_CODINGS: Final = 3


class TooLargeError(Exception):
    """A body is larger than allowed, or unpacks to more than allowed."""


class UnknownCodingError(Exception):
    """A content coding is none of ours. The message is a short name without anything unsafe."""


def codings(header: str) -> list[str]:
    """Return the codings of a `Content-Encoding` header, in the order they were applied.

    Raises:
        UnknownCodingError: one is not known, or there are too many.

    """
    names = [name.strip().lower() for name in header.split(",")]
    found = [name.removeprefix("x-") for name in names if name and name != "identity"]
    if len(found) > _MAX_CODINGS:
        raise UnknownCodingError("too many")
    for name in found:
        if name not in _UNPACK:
            raise UnknownCodingError("".join(c for c in name if c.isalnum() or c in "-_.")[:20])
    return found


def decompress(body: bytes, names: list[str], limits: Limits) -> bytes:
    """Return the body with its codings undone, last first.

    Raises:
        TooLargeError: it unpacks to more than allowed.
        MalformedError: it is damaged.

    """
    for name in reversed(names):
        most = limits.max_decompressed
        if len(body) * limits.max_ratio < most:
            most = max(_BOMB_LEAST, len(body) * limits.max_ratio)
        body = _UNPACK[name](body, min(most, limits.max_decompressed))
    return body


def compress(body: bytes, names: list[str]) -> bytes:
    """Return the body with codings applied, in order."""
    for name in names:
        body = _PACK[name](body)
    return body


def snappy_size(block: bytes) -> int:
    """Return the size that a snappy block says it unpacks to.

    Raises:
        MalformedError: it does not say.

    """
    size = 0
    for place, byte in enumerate(block[:5]):
        size |= (byte & 0x7F) << 7 * place
        if byte < 0x80:  # noqa: PLR2004 - the last byte of a varint
            return size
    raise MalformedError("snappy: damaged block")


def _unpack_zlib(wbits: int) -> Callable[[bytes, int], bytes]:
    def unpack(body: bytes, most: int) -> bytes:
        pieces: list[bytes] = []
        size = 0
        rest = body
        while rest:
            state = zlib.decompressobj(wbits)
            while not state.eof:
                try:
                    piece = state.decompress(rest, _PIECE)
                except zlib.error:
                    raise MalformedError("damaged zlib data") from None
                rest = state.unconsumed_tail
                size += len(piece)
                if size > most:
                    raise TooLargeError
                pieces.append(piece)
                if not piece and not rest and not state.eof:
                    raise MalformedError("truncated zlib data")
            rest = state.unused_data if wbits == _GZIP else b""  # gzip may have several members
        return b"".join(pieces)

    return unpack


def _unpack_deflate(body: bytes, most: int) -> bytes:
    # `deflate` means zlib, but some clients send it without its header
    is_zlib = len(body) > 1 and body[0] & 0x0F == 8 and (body[0] << 8 | body[1]) % 31 == 0  # noqa: PLR2004 - RFC 1950
    return _unpack_zlib(_ZLIB if is_zlib else _RAW)(body, most)


def _unpack_zstd(body: bytes, most: int) -> bytes:
    pieces: list[bytes] = []
    size = 0
    rest = body
    while rest:
        state = zstd.ZstdDecompressor()
        while not state.eof:
            try:
                piece = state.decompress(rest, _PIECE)
            except zstd.ZstdError:
                raise MalformedError("damaged zstd data") from None
            rest = b""
            size += len(piece)
            if size > most:
                raise TooLargeError
            pieces.append(piece)
            if not piece and state.needs_input and not state.eof:
                raise MalformedError("truncated zstd data")
        rest = state.unused_data
    return b"".join(pieces)


def _unpack_snappy(body: bytes, most: int) -> bytes:
    is_framed = body.startswith(_SNAPPY_MAGIC)
    if (_framed_size(body) if is_framed else snappy_size(body)) > most:
        raise TooLargeError
    try:
        unpack = cramjam.snappy.decompress if is_framed else cramjam.snappy.decompress_raw
        return bytes(unpack(body))
    except cramjam.DecompressionError:
        raise MalformedError("damaged snappy data") from None


def _framed_size(body: bytes) -> int:
    """Return what the chunks of framed snappy say they unpack to."""
    position = size = 0
    while position + 4 <= len(body):
        kind = body[position]
        length = int.from_bytes(body[position + 1 : position + 4], "little")
        start = position + 4
        if kind == _SNAPPY_PACKED:
            size += snappy_size(body[start + _CHECKSUM : start + _CHECKSUM + 5])
        elif kind == _SNAPPY_PLAIN:
            size += max(0, length - _CHECKSUM)
        position = start + length
    return size


def _pack_snappy(body: bytes) -> bytes:
    return bytes(cramjam.snappy.compress(body))


_UNPACK: Final[dict[str, Callable[[bytes, int], bytes]]] = {
    "gzip": _unpack_zlib(_GZIP),
    "deflate": _unpack_deflate,
    "zstd": _unpack_zstd,
    "snappy": _unpack_snappy,
}
_PACK: Final[dict[str, Callable[[bytes], bytes]]] = {
    "gzip": lambda body: zlib.compress(body, _GZIP_LEVEL, _GZIP),
    "deflate": zlib.compress,
    "zstd": zstd.compress,
    "snappy": _pack_snappy,
}
