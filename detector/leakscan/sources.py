"""Inputs: how the bytes of a file, a pipe or an archive reach a stream of the scanner.

Plain data are read straight into the stream's buffer. There is no mmap: a log that is truncated
while it is mapped kills the process. Not here: which files there are (`paths`), who scans what
(`jobs`), following a growing file.
"""

from __future__ import annotations

import contextlib
import io
import itertools
import os
import re
import stat
import sys
from typing import TYPE_CHECKING, Final, Protocol, Self, TypeVar

from .errors import SourceError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

#: How stdin is called in reports and messages.
STDIN: Final = "<stdin>"
#: How the names of objects begin that are read through `leakscan.s3`.
_REMOTE: Final = ("s3://", "s3a://")
_SCHEME: Final = re.compile("[A-Za-z][A-Za-z0-9+.-]*://")
_PIPED: Final = "is not read: only s3:// is; pipe it in, as in: curl -fsS URL | leakscan"
#: Compressed bytes read at once. Small, since damage is reported as of the last piece that was good.
_PIECE: Final = 32 * 1024
#: Piece of a file read at once to count its newlines.
_COUNTED: Final = 1024 * 1024

T = TypeVar("T")


class Feed(Protocol[T]):
    """What an input is read into: `leakscan.stream.Stream`, and what is used like one."""

    def get_buffer(self) -> memoryview:
        """Return the buffer to read into."""

    def buffer_updated(self, nbytes: int) -> list[T]:
        """Take what was read into it; return what came of it."""

    def feed(self, chunk: bytes) -> list[T]:
        """Take a chunk; return what came of it."""

    def close(self) -> list[T]:
        """Return what comes of the rest."""


#: What tells two names of one file apart from two files: device and inode.
Identity = tuple[int, int]


class Source:
    """An open input, read once, front to back, or one part of a plain file.

    `scanned` counts the bytes given to the scanner, `consumed` those read from the input.
    """

    __slots__ = ("_base", "_end", "_file", "_prefix", "codec", "consumed", "path", "scanned")

    def __init__(self, path: str, start: int = 0, end: int | None = None) -> None:
        """Open `path`: `STDIN` (file descriptor 0), a URL, or a file, which `start` and `end` may limit.

        Raises:
            SourceError: it cannot be opened.

        """
        self.path = path
        self.scanned = self.consumed = 0
        self._prefix = b""
        try:
            self._file: io.RawIOBase = _opened(path)
            if start:
                self._file.seek(start)
            self._base: int | None = self._file.tell() if self._is_plain_file() else None
            self._end = end
            self.codec = None if start or end is not None else self._sniff()
        except OSError as error:
            raise unopened(path, error) from None

    def close(self) -> None:
        """Close the input; stdin stays open."""
        self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def expect(self, identity: Identity | None) -> None:
        """Check that this is still the file that was split; None expects nothing.

        Raises:
            SourceError: another file has taken its name.

        """
        if identity is None:
            return
        status = os.fstat(self._file.fileno())
        if identity != (status.st_dev, status.st_ino):
            raise SourceError(self.path, "was replaced while it was scanned: scan it again")

    def drain(self, stream: Feed[T], tick: Callable[[int], object] | None = None) -> Iterator[list[T]]:
        """Feed the whole input to the stream, close it, and yield the findings as they come.

        `tick` is told the number of bytes read from the input, every block. When the input turns out
        to be damaged, what came before the damage has been scanned and yielded first.

        Raises:
            SourceError: the input could not be read to its end.

        """
        failure: SourceError | None = None
        try:
            for findings in self._plain(stream, tick) if self.codec is None else self._coded(stream, tick):
                if findings:
                    yield findings
        except SourceError as error:
            failure = error
        except OSError as error:
            failure = SourceError(self.path, reason(error))
        if findings := stream.close():
            yield findings
        if failure is not None:
            raise failure

    @property
    def is_remote(self) -> bool:
        """Whether there is no file descriptor: it is read as `unpacked` alone."""
        return is_remote(self.path)

    def seekable_file(self) -> io.RawIOBase:
        """Return the open file, at its beginning, for formats that are read from their end.

        Raises:
            SourceError: it is a pipe.

        """
        if self._base is None and not self.is_remote:
            raise SourceError(self.path, f"is {self.codec}, which cannot be read from a pipe: name the file")
        self._file.seek(self._base or 0)
        return self._file

    @property
    def descriptor(self) -> int:
        """The file descriptor, to be read by whoever does not `drain`."""
        return self._file.fileno()

    @property
    def is_file(self) -> bool:
        """Whether this is a regular file, whose end is its end; anything else may be live."""
        return self._base is not None

    def take_head(self) -> bytes:
        """Return what was read already to tell the codec, once."""
        head, self._prefix = self._prefix, b""
        return head

    def unpacked(self) -> Iterator[bytes]:
        """Yield the content without its compression; text stays in its encoding.

        Raises:
            SourceError: the input could not be read to its end; what came before was yielded.

        """
        from .compression import ENCODINGS, PARQUET  # noqa: PLC0415 - as above

        if self.codec == PARQUET:
            raise SourceError(self.path, "is Parquet, which has no lines: see leakscan-spark redact")
        if self.codec is None or self.codec in ENCODINGS:
            return self._pieces(None)
        return self._decompressed(self.codec, None)

    def newline_counter(self) -> Callable[[int, int], int] | None:
        r"""Return a function that counts `\n` in a byte range of this input, if it can be read again."""
        if self.codec is not None or self._base is None:
            return None
        descriptor, base = self._file.fileno(), self._base
        return lambda start, end: count_newlines(descriptor, base + start, base + end)

    def _is_plain_file(self) -> bool:
        if self.is_remote:
            return False
        status = os.fstat(self._file.fileno())
        return stat.S_ISREG(status.st_mode) and self._file.seekable()

    def _sniff(self) -> str | None:
        from .compression import HEAD, may_become, sniff  # noqa: PLC0415 - parts of files need none of it

        if self._base is not None:
            return sniff(os.pread(self._file.fileno(), HEAD, self._base))
        while may_become(self._prefix):  # also true of no bytes at all
            more = self._file.read(_PIECE)
            if not more:
                break
            self._prefix += more
        return sniff(self._prefix)

    def _plain(self, stream: Feed[T], tick: Callable[[int], object] | None) -> Iterator[list[T]]:
        if self._prefix:
            self.scanned = self.consumed = len(self._prefix)
            yield stream.feed(self._prefix)
            self._prefix = b""
        readinto, get_buffer, updated = self._file.readinto, stream.get_buffer, stream.buffer_updated
        left = sys.maxsize if self._end is None else self._end - (self._base or 0)
        while left:
            buffer = get_buffer()
            count = readinto(buffer if len(buffer) <= left else buffer[:left])
            if not count:
                return
            self.scanned += count
            self.consumed += count
            left -= count
            yield updated(count)
            if tick is not None:
                tick(count)

    def _coded(self, stream: Feed[T], tick: Callable[[int], object] | None) -> Iterator[list[T]]:
        for chunk in self._chunks(tick):
            self.scanned += len(chunk)
            yield stream.feed(chunk)

    def _chunks(self, tick: Callable[[int], object] | None) -> Iterator[bytes]:
        from .compression import ENCODINGS, PARQUET, sniff, transcode  # noqa: PLC0415 - as above

        codec = self.codec or ""
        if codec in ENCODINGS:
            yield from transcode(self._pieces(tick), codec)
            return
        chunks = self._decompressed(codec, tick)
        first = next(chunks, b"")
        inner = sniff(first)
        if inner == PARQUET:
            raise SourceError(self.path, f"is Parquet inside of {codec}: decompress it first")
        if inner in ENCODINGS:
            yield from transcode(itertools.chain([first], chunks), inner)
        else:
            yield first
            yield from chunks

    def _decompressed(self, codec: str, tick: Callable[[int], object] | None) -> Iterator[bytes]:
        """Yield decompressed pieces, the last one right up to any damage, which is then raised."""
        from .compression import DamagedError, decompress  # noqa: PLC0415 - as above

        try:
            yield from decompress(self._pieces(tick), codec)
        except DamagedError as damage:
            cause, call = damage.args
            if (self._base is not None or self.is_remote) and call >= 0:  # of a pipe, the last piece is lost
                self._file.seek(self._base or 0)
                with contextlib.suppress(DamagedError):
                    yield from decompress(self._pieces(None), codec, failing=call)
            raise SourceError(self.path, f"{cause}: the rest is not scanned") from None

    def _pieces(self, tick: Callable[[int], object] | None) -> Iterator[bytes]:
        if self._prefix:
            self.consumed += len(self._prefix)
            yield self._prefix
        while piece := self._file.read(_PIECE):
            self.consumed += len(piece)
            if tick is not None:
                tick(len(piece))
            yield piece


def is_remote(path: str) -> bool:
    """Tell whether a path is the URL of an object that can be read."""
    return path.startswith(_REMOTE)


def is_url(path: str) -> bool:
    """Tell whether a path looks like a URL of any kind."""
    return _SCHEME.match(path) is not None


def unopened(path: str, error: OSError) -> SourceError:
    """Return why a path cannot be opened. A URL is named by its scheme: the rest may hold credentials."""
    scheme = _SCHEME.match(path)
    if scheme is None:
        return SourceError(path, reason(error))
    advice = "`leakscan audit` reads log stores" if scheme[0].startswith("clickhouse") else _PIPED
    return SourceError(scheme[0], advice)


def _opened(path: str) -> io.RawIOBase:
    if path == STDIN:
        return io.FileIO(0, closefd=False)
    if is_remote(path):
        from .s3.content import S3Object  # noqa: PLC0415 - files need none of it

        return S3Object(path)
    return io.FileIO(path)


def count_newlines(descriptor: int, start: int, end: int) -> int:
    r"""Count `\n` in the byte range [start, end) of a file that may have shrunk by now."""
    buffer = bytearray(min(_COUNTED, max(end - start, 1)))
    view = memoryview(buffer)
    total = 0
    while start < end:
        size = os.preadv(descriptor, [view[: min(len(buffer), end - start)]], start)
        if not size:
            break
        total += buffer.count(b"\n", 0, size)
        start += size
    return total


def reason(error: OSError) -> str:
    """Return what the system says, as the end of a sentence."""
    if isinstance(error, IsADirectoryError):
        return "is a directory"
    words = error.strerror or type(error).__name__
    return words[:1].lower() + words[1:]
