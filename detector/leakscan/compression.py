"""Decompression and transcoding as streams: chunks of bytes in, chunks of bytes out, memory flat.

Formats are told by content, never by name. Concatenated members are one stream, as `zcat` has it.
Not here: opening files (`sources`).

>>> import zlib
>>> packed = zlib.compress(b"hello", wbits=31)
>>> sniff(packed), b"".join(decompress([packed], "gzip"))
('gzip', b'hello')
"""

from __future__ import annotations

import codecs
import contextlib
import sys
from typing import TYPE_CHECKING, Any, Final, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

#: How many leading bytes `sniff` needs at most.
HEAD: Final = 16
#: Most bytes one call of a decompressor returns. It bounds memory against decompression bombs, and
#: bounds what one call may lose when it runs into damage (see `decompress`).
CHUNK: Final = 64 * 1024
#: Memory an xz file may demand: `xz -9` needs 65 MiB; a crafted header can ask for 4 GiB.
XZ_MEMORY: Final = 128 * 1024 * 1024

_MAGIC: Final = (
    (b"\x1f\x8b\x08", "gzip"),
    (b"\x28\xb5\x2f\xfd", "zstd"),
    (b"\xfd7zXZ\x00", "xz"),
    *((b"BZh%d1AY&SY" % level, "bzip2") for level in range(1, 10)),
    *((b"BZh%d\x17\x72\x45\x38\x50\x90" % level, "bzip2") for level in range(1, 10)),
    # a zstd stream may start with a skippable frame (pzstd does)
    *((bytes((low,)) + b"\x2a\x4d\x18", "zstd") for low in range(0x50, 0x60)),
    (b"PAR1", "parquet"),
    (b"\xff\xfe\x00\x00", "utf-32"),
    (b"\x00\x00\xfe\xff", "utf-32"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)
ENCODINGS: Final = frozenset({"utf-16", "utf-32"})
#: No stream: it is read from its end, by `leakscan.parquet`. A log that begins so by chance is an error too.
PARQUET: Final = "parquet"


class DamagedError(Exception):
    """Compressed data are damaged or end too early. The message says which; no content."""


class Decompressor(Protocol):
    """What `bz2`, `lzma` and `zstd` agree on; `_Gzip` brings zlib into line."""

    @property
    def eof(self) -> bool:
        """Whether the member has ended."""

    @property
    def needs_input(self) -> bool:
        """Whether another call needs new input to go on."""

    @property
    def unused_data(self) -> bytes:
        """What followed the end of the member."""

    def decompress(self, data: bytes, max_length: int = ...) -> bytes:
        """Return at most `max_length` bytes more."""


def sniff(head: bytes) -> str | None:
    """Name the compression, encoding or format that the first bytes announce; None for plain data."""
    for magic, name in _MAGIC:
        if head.startswith(magic):
            return name
    return None


def may_become(head: bytes) -> bool:
    """Tell whether more bytes could still turn this head into one that `sniff` knows."""
    return any(len(head) < len(magic) and magic.startswith(head) for magic, _ in _MAGIC)


def decompress(
    chunks: Iterable[bytes], codec: str, limit: int = CHUNK, *, failing: int = -1
) -> Iterator[bytes]:
    """Yield what the chunks hold, decompressed, in pieces of at most `limit` bytes.

    A decompressor that meets damage throws away what the same call had produced. Whoever can read
    the same chunks again gets it by passing the number of that call (`DamagedError.args[1]`) as
    `failing`: nothing is then yielded but the output of that call, drawn byte by byte.

    Raises:
        DamagedError: the data are damaged, or end within a member. `args` are the reason, and the
            number of the call that failed, -1 when none did.

    """
    new, errors = _codec(codec)
    state: Decompressor | None = None
    calls = 0
    members = 0
    for chunk in chunks:
        pending = chunk
        while pending or (state is not None and not state.needs_input and not state.eof):
            if state is None:
                if members:
                    pending = pending.lstrip(b"\x00")  # padding of tapes, of dd and of xz itself
                    if not pending:
                        break
                state = new()
            try:
                if calls == failing:
                    yield _drawn(state, pending)
                    return
                piece = state.decompress(pending, limit)
                pending = b""
                calls += 1
                if piece and failing < 0:
                    yield piece
            except errors as error:
                if members and not getattr(state, "started", True):
                    raise DamagedError(f"data that are not {codec} follow its end", calls) from None
                raise DamagedError(f"{codec} data are damaged ({_reason(error)})", calls) from None
            if state.eof:
                pending, state = state.unused_data, None
                members += 1
    if state is not None:
        raise DamagedError(f"{codec} data end too early", -1)


def _drawn(state: Decompressor, data: bytes) -> bytes:
    """Return what can be had before the damage: asked for one byte, no decompressor runs ahead."""
    output = bytearray()
    with contextlib.suppress(Exception):  # the caller knows of the damage already
        piece = state.decompress(data, 1)
        while piece:
            output += piece
            piece = b"" if state.eof or state.needs_input else state.decompress(b"", 1)
    return bytes(output)


def transcode(chunks: Iterable[bytes], encoding: str) -> Iterator[bytes]:
    """Yield UTF-8 for UTF-16 or UTF-32 with a byte-order mark; what cannot be decoded is U+FFFD."""
    decoder = codecs.getincrementaldecoder(encoding)(errors="replace")
    for chunk in chunks:
        yield decoder.decode(chunk).encode()
    yield decoder.decode(b"", final=True).encode()


class _Gzip:
    """zlib's decompressor with the face of the others. Asked for one byte, it takes input by the byte."""

    __slots__ = ("_full", "_tail", "_zlib", "started")

    def __init__(self) -> None:
        import zlib  # noqa: PLC0415 - each library is loaded by the files that need it

        self._zlib = zlib.decompressobj(wbits=31)
        self._full = False
        self._tail = b""
        self.started = False

    @property
    def eof(self) -> bool:
        return self._zlib.eof

    @property
    def needs_input(self) -> bool:
        return not self._full and not self._tail

    @property
    def unused_data(self) -> bytes:
        return self._zlib.unused_data + self._tail

    def decompress(self, data: bytes, max_length: int = CHUNK) -> bytes:
        data = self._tail + data
        step = 1 if max_length == 1 else max(len(data), 1)
        done = 0
        while True:
            piece = self._zlib.decompress(data[done : done + step], max_length)
            done = min(done + step, len(data)) - len(self._zlib.unconsumed_tail)
            if piece or self.eof or done >= len(data):
                break
        self._tail = data[done:]
        self._full = len(piece) == max_length  # zlib may hold more output than it was asked for
        self.started = True
        return piece


def _codec(name: str) -> tuple[Callable[[], Decompressor], tuple[type[Exception], ...]]:
    """Return how to make a decompressor and which exceptions mean damage."""
    if name == "gzip":
        import zlib  # noqa: PLC0415 - as above

        return _Gzip, (zlib.error,)
    if name == "bzip2":
        import bz2  # noqa: PLC0415 - as above

        return bz2.BZ2Decompressor, (OSError, ValueError)
    if name == "xz":
        import lzma  # noqa: PLC0415 - as above

        return lambda: lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=XZ_MEMORY), (lzma.LZMAError,)
    zstd: Any
    if sys.version_info >= (3, 14):
        from compression import zstd  # noqa: PLC0415 - as above
    else:
        from backports import zstd  # noqa: PLC0415 - as above
    return zstd.ZstdDecompressor, (zstd.ZstdError,)


def _reason(error: Exception) -> str:
    """Return the library's words, which name checks and headers but never content."""
    return str(error).rstrip(".").split("\n", 1)[0][:80] or type(error).__name__
