"""Following logs as they grow: by name, through rotation, truncation and copytruncate, by polling.

Nothing is read twice and nothing is skipped: a renamed log is read to its end, also what its writer
adds before it notices; what was in a log when it was truncated is looked for in a copy beside it; and
so is a log that was rotated away between two looks.

Not here: options and report (`cli.follow`).
"""

from __future__ import annotations

import contextlib
import io
import os
import stat
import time
from collections import deque
from dataclasses import dataclass, replace
from itertools import chain
from typing import TYPE_CHECKING, Final

from .compression import HEAD, sniff
from .errors import SourceError
from .sources import Identity, Source, count_newlines, reason

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator

    from .finding import Finding
    from .scanner import Scanner
    from .stream import Stream

#: Seconds between two looks at a log that does not grow.
INTERVAL: Final = 0.1
#: Seconds for which a log that was renamed is read on after its last growth: its writer may be told late.
GRACE: Final = 5.0
#: Seconds for which a log that grows faster than it can be read is read on when the end was asked for.
DRAIN: Final = 5.0
#: Bytes before the position that are remembered, to tell whether a log is still the same.
_MEMORY: Final = 256
#: Bytes read of one log before the others get their turn.
_TURN: Final = 16 * 1024 * 1024
#: Seconds by which a file system's clock may be behind.
_SLACK: Final = 0.1
_PIECE: Final = 64 * 1024


@dataclass(frozen=True, slots=True)
class Back:
    """Where to start: `lines` lines before the end, or at line `first`, which counts from 1."""

    lines: int = 0
    first: int | None = None


class _Log:
    """One file that has or had the name: its position and its stream."""

    __slots__ = (
        "_before",
        "_changed",
        "_file",
        "_head",
        "_memory",
        "_scanner",
        "_start",
        "_stream",
        "_timestamps",
        "grown",
        "position",
    )

    def __init__(self, path: str, scanner: Scanner, *, timestamps: bool) -> None:
        # to open a FIFO would wait for a writer
        self._file = io.FileIO(os.open(path, os.O_RDONLY | os.O_NONBLOCK))
        try:
            _require_plain(path, self._file.fileno())
        except SourceError:
            self._file.close()
            raise
        self._scanner = scanner
        self._timestamps = timestamps
        self.grown = time.monotonic()
        self._begin(0)

    def _begin(self, start: int) -> None:
        self._start = self.position = start
        self._before: int | None = None if start else 0
        length = min(start, _MEMORY)
        self._memory = os.pread(self._file.fileno(), length, start - length)
        self._head = os.pread(self._file.fileno(), _MEMORY, 0) if start else b""
        self._changed = 0
        self._stream: Stream = self._scanner.stream(timestamps=self._timestamps)

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
        self._changed = status.st_mtime_ns
        length = len(self._memory)
        return os.pread(self._file.fileno(), length, self.position - length) != self._memory

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
            yield from self._placed(self._stream.buffer_updated(count))

    def is_copied_to(self, other: _Log) -> bool:
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


class Followed:
    """A name that is followed, and the files that had it.

    Attributes:
        path: the name.
        failure: why the file of that name cannot be read now, or None.
        size: bytes read so far.
        files: how many files were read.

    """

    def __init__(self, path: str, scanner: Scanner, *, back: Back, timestamps: bool) -> None:
        self.path = path
        self.failure: str | None = None
        self.size = self.files = 0
        self._scanner = scanner
        self._timestamps = timestamps
        self._current: _Log | None = None
        self._old: deque[_Log] = deque()
        self._looked = time.time()
        self._known = {identity for identity, _, _ in self._beside()}
        self._open(back)

    def poll(self) -> Iterator[Finding]:
        """Scan what is new. `is_behind` tells afterwards whether there is more."""
        now = time.time()
        status = self._status()
        for log in tuple(self._old):
            yield from self._read(log)
            if log.at_end() and time.monotonic() - log.grown > GRACE:
                self._old.remove(log)
                yield from log.close()
        current = self._current
        if current is not None:
            if current.is_rewritten():
                beside = self._beside()
                number = yield from current.restart([path for _, _, path in beside])
                self._known |= {identity for identity, _, _ in beside[number:]}
                yield from self._unseen(beside[:number])
            is_new = not current.position
            yield from self._read(current)
            if is_new and current.position:
                # a log that was empty until now may have been filled, copied and emptied in between
                yield from self._unseen(self._beside())
            if (
                status is not None
                and current.at_end()
                and (status.st_dev, status.st_ino) != current.identity()
            ):
                yield from self._rotated(current)
        elif status is not None:
            self._open(None)
        self._looked = now

    @property
    def is_behind(self) -> bool:
        """Whether there is more to read at once."""
        return self._current is not None and not self._current.at_end()

    def close(self) -> Iterator[Finding]:
        """Scan what is left in unfinished lines."""
        logs = [*self._old, self._current] if self._current is not None else list(self._old)
        for log in logs:
            yield from log.close()
        self._old.clear()
        self._current = None

    def _read(self, log: _Log) -> Iterator[Finding]:
        before = log.position
        try:
            yield from log.read(_TURN)
        finally:
            self.size += log.position - before

    def _rotated(self, log: _Log) -> Iterator[Finding]:
        """Keep an eye on the old file, read files that came and went unseen, and open the new one."""
        self._old.append(log)
        self._known.add(log.identity())
        self._current = None
        yield from self._unseen(self._beside())
        self._open(None)

    def _unseen(self, beside: list[tuple[Identity, float, str]]) -> Iterator[Finding]:
        """Read files that came and were rotated away since the last look, the oldest first."""
        opened = {old.identity() for old in self._old}
        for identity, changed, path in reversed(beside):
            if identity in self._known or identity in opened or changed < self._looked - _SLACK:
                continue
            with contextlib.suppress(OSError, SourceError):
                missed = _Log(path, self._scanner, timestamps=self._timestamps)
                if self._current is not None and self._current.is_copied_to(missed):
                    continue  # it is just being made: the log itself is read, and will be emptied next
                self._known.add(identity)
                self.files += 1
                yield from self._read(missed)
                self._old.append(missed)

    def _open(self, back: Back | None) -> None:
        """Open the file of the name, at its beginning or where `back` says."""
        try:
            log = _Log(self.path, self._scanner, timestamps=self._timestamps)
            if back is not None:
                log.skip_to(back)
        except SourceError as error:
            self.failure = error.reason
        except OSError as error:
            self.failure = reason(error)
        else:
            self.failure = None
            self.files += 1
            self._current = log

    def _status(self) -> os.stat_result | None:
        try:
            return os.stat(self.path)  # noqa: PTH116 - names stay as the user wrote them
        except OSError as error:
            if self._current is None:
                self.failure = reason(error)
            return None

    def _beside(self) -> list[tuple[Identity, float, str]]:
        """Return identity, time of change and path of the files that share the name, newest first."""
        directory, name = os.path.split(self.path)
        found = []
        with contextlib.suppress(OSError), os.scandir(directory or ".") as entries:
            for entry in entries:
                if entry.name == name or not entry.name.startswith(name):
                    continue
                with contextlib.suppress(OSError):
                    status = entry.stat()
                    if stat.S_ISREG(status.st_mode):
                        found.append(((status.st_dev, status.st_ino), status.st_ctime, entry.path))
        return sorted(found, key=lambda entry: -entry[1])


def follow(
    followed: list[Followed], *, pause: Callable[[float], bool], tell: Callable[[SourceError], object]
) -> Generator[tuple[str, Finding], None, None]:
    """Yield (path, finding) as logs grow, until `pause` returns False and what is there was read.

    `pause` is called after each round with the seconds it may wait. `tell` is told of each log that
    cannot be read, once until that changes.
    """
    told: dict[str, str | None] = {}
    goes_on, end = True, 0.0
    while True:
        for log in followed:
            for finding in log.poll():
                yield log.path, finding
            if log.failure != told.get(log.path):
                told[log.path] = log.failure
                if log.failure is not None:
                    tell(SourceError(log.path, log.failure))
        is_behind = any(log.is_behind for log in followed)
        if not goes_on and (not is_behind or time.monotonic() > end):
            break
        if not pause(0 if is_behind else INTERVAL) and goes_on:
            goes_on, end = False, time.monotonic() + DRAIN
    for log in followed:
        for finding in log.close():
            yield log.path, finding


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
