"""A log as one file that grows: read on from a position, noticing when it was rewritten.

Not here: which file has the name now (`follow`).
"""

from __future__ import annotations

import contextlib
import io
import os
import stat
import time
from dataclasses import dataclass, replace
from itertools import chain
from typing import TYPE_CHECKING, Final

from .compression import HEAD, sniff
from .errors import SourceError
from .sources import Identity, Source, count_newlines

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    from .finding import Finding
    from .scanner import Scanner
    from .stream import Stream

#: Bytes before the position, and at the beginning, that are remembered to tell logs and copies apart.
_MEMORY: Final = 256
_PIECE: Final = 64 * 1024


@dataclass(frozen=True, slots=True)
class Back:
    """Where to start: `lines` lines before the end, or at line `first`, which counts from 1."""

    lines: int = 0
    first: int | None = None


class GrowingFile:
    """An open log, its position, and the scan of it.

    Attributes:
        position: bytes read so far, or passed over.
        grown: when it last grew, in the seconds of `time.monotonic`.

    """

    __slots__ = (
        "_before",
        "_changed",
        "_file",
        "_head",
        "_memory",
        "_path",
        "_scanner",
        "_start",
        "_stream",
        "_timestamps",
        "grown",
        "position",
    )

    def __init__(self, path: str, scanner: Scanner, *, timestamps: bool) -> None:
        """Open a log at its beginning.

        Raises:
            OSError: it cannot be opened.
            SourceError: it cannot be followed: no regular file, compressed or UTF-16.

        """
        # to open a FIFO would wait for a writer
        self._file = io.FileIO(os.open(path, os.O_RDONLY | os.O_NONBLOCK))
        try:
            _require_plain(path, self._file.fileno())
        except SourceError:
            self._file.close()
            raise
        self._scanner = scanner
        self._timestamps = timestamps
        self._path = path
        self.grown = time.monotonic()
        self._begin(0)

    def _begin(self, start: int) -> None:
        self._start = self.position = start
        self._before: int | None = None if start else 0
        length = min(start, _MEMORY)
        self._memory = os.pread(self._file.fileno(), length, start - length)
        self._head = os.pread(self._file.fileno(), _MEMORY, 0) if start else b""
        self._changed = 0
        self._stream: Stream = self._scanner.stream(context=self._timestamps, path=self._path)

    def status(self) -> os.stat_result:
        """Return the file's status, whatever its name is now."""
        return os.fstat(self._file.fileno())

    def identity(self) -> Identity:
        """Return what tells the file apart."""
        status = self.status()
        return status.st_dev, status.st_ino

    def skip_to(self, back: Back) -> None:
        """Start where `back` says, at the beginning of a line."""
        descriptor, size = self._file.fileno(), self.status().st_size
        if back.first is not None:
            self._begin(_line_start(descriptor, back.first))
        else:
            self._begin(_lines_before(descriptor, size, back.lines))

    def is_rewritten(self) -> bool:
        """Tell whether what was read is no longer there: the log was truncated, perhaps grown again."""
        status = self.status()
        if status.st_size < self.position:
            return True
        if status.st_mtime_ns == self._changed or not self._memory:
            return False
        length = len(self._memory)
        if os.pread(self._file.fileno(), length, self.position - length) != self._memory:
            return True
        self._changed = status.st_mtime_ns
        return False

    def read(self, limit: int) -> Iterator[Finding]:
        """Scan up to the end, or about `limit` bytes."""
        stop = self.position + limit
        while self.position < stop:
            view = self._stream.get_buffer()
            count = os.preadv(self._file.fileno(), (view,), self.position)
            if not count:
                return
            self.grown = time.monotonic()
            if len(self._head) < _MEMORY and len(self._head) == self.position:
                self._head += bytes(view[: _MEMORY - self.position])[:count]
            self.position += count
            self._memory = (self._memory + bytes(view[max(0, count - _MEMORY) : count]))[-_MEMORY:]
            found = self._stream.buffer_updated(count)
            if found:
                yield from self._placed(found)
                if self.is_rewritten():
                    return  # whoever takes the findings took so long that the log is another by now

    def is_copied_to(self, other: GrowingFile) -> bool:
        """Tell whether another file begins as this one does, or is empty, as a copy is at first."""
        head = self._head or os.pread(self._file.fileno(), _MEMORY, 0)
        copy = os.pread(other._file.fileno(), _MEMORY, 0)
        length = min(len(head), len(copy))
        return not copy or (length > 0 and head[:length] == copy[:length])

    def at_end(self) -> bool:
        """Tell whether all was read."""
        return self.position >= self.status().st_size

    def restart(self, copies: list[str]) -> Generator[Finding, None, int]:
        """Read what was missed before a truncation from a copy, if there is one; begin again.

        Returns the number of that copy; all newer ones are of later contents. 0 when there is none.
        """
        found = 0
        for number, path in enumerate(copies if self._memory else ()):
            with contextlib.suppress(OSError, SourceError), Source(path) as copy:
                missed = _continued(_after(copy, self.position - len(self._memory)), self._memory)
                if missed is None:
                    continue
                for piece in missed:
                    yield from self._placed(self._stream.feed(piece))
                found = number
                break
        yield from self._placed(self._stream.close())
        self._begin(0)
        return found

    def close(self) -> Iterator[Finding]:
        """Scan a last line without an end, and close the file."""
        yield from self._placed(self._stream.close())
        self._file.close()

    def _placed(self, findings: list[Finding]) -> Iterator[Finding]:
        """Count lines and offsets from the beginning of the file."""
        for finding in findings:
            if self._before is None:
                self._before = count_newlines(self._file.fileno(), 0, self._start)
            if self._start:
                yield replace(finding, line=finding.line + self._before, offset=finding.offset + self._start)
            else:
                yield finding


def _require_plain(path: str, descriptor: int) -> None:
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        is_directory = stat.S_ISDIR(os.fstat(descriptor).st_mode)
        raise SourceError(path, "is a directory" if is_directory else "is no regular file: pipe it in")
    codec = sniff(os.pread(descriptor, HEAD, 0))
    if codec is not None:
        raise SourceError(path, f"is {codec}, which cannot be followed")


def _line_start(descriptor: int, line: int) -> int:
    """Return where a line starts, or the last line if there are fewer."""
    position = start = 0
    missing = line - 1
    while missing > 0 and (piece := os.pread(descriptor, _PIECE, position)):
        count = piece.count(b"\n")
        if count < missing:
            missing -= count
            start = position + piece.rfind(b"\n") + 1 if count else start
            position += len(piece)
            continue
        at = -1
        for _ in range(missing):
            at = piece.find(b"\n", at + 1)
        return position + at + 1
    return start


def _lines_before(descriptor: int, size: int, lines: int) -> int:
    """Return where the last `lines` whole lines start; an unfinished last line is one more."""
    position = size
    missing = lines + 1  # the line end before the first of them
    while position > 0:
        start = max(0, position - _PIECE)
        piece = os.pread(descriptor, position - start, start)
        count = piece.count(b"\n")
        if count >= missing:
            at = len(piece)
            for _ in range(missing):
                at = piece.rfind(b"\n", 0, at)
            return start + at + 1
        missing -= count
        position = start
    return 0


def _after(copy: Source, position: int) -> Iterator[bytes]:
    """Yield what a copy holds from a position on."""
    if copy.codec is None:
        os.lseek(copy.descriptor, position, os.SEEK_SET)
        position = 0
    for piece in copy.unpacked():
        if position < len(piece):
            yield piece[position:]
        position = max(0, position - len(piece))


def _continued(pieces: Iterator[bytes], memory: bytes) -> Iterator[bytes] | None:
    """Return what follows `memory` at the start of pieces; None when they do not start with it."""
    head = b""
    for piece in pieces:
        head += piece
        if len(head) >= len(memory):
            break
    return chain([head[len(memory) :]], pieces) if head.startswith(memory) else None
