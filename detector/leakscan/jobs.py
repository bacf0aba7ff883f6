"""Who scans what: every input through one scanner, in this process or in several, findings in order.

Big plain files are split at line ends, small files are handed out by the dozen. A worker that gets
ahead of the reader is stopped by its full pipe, so memory is bounded by the number of jobs. Not
here: workers and their messages (`workers`), reading one input (`sources`).
"""

from __future__ import annotations

import io
import os
import stat
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from .compression import PARQUET
from .errors import SourceError
from .sources import STDIN, Identity, Source, count_newlines, is_remote

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Iterator

    from .finding import Finding
    from .scanner import Scanner
    from .totals import Totals

#: Bytes of a plain file that one worker scans at a time: a few hundredths of a second of work.
PART: Final = 16 * 1024 * 1024
#: Files are handed out together up to this many bytes and this many files: a message costs 0.1 ms.
BATCH_BYTES: Final = 4 * 1024 * 1024
BATCH_FILES: Final = 32
#: A PEM block is never cut: this far back from a split, a BEGIN without an END moves the split.
#: The longest private keys (RSA 16384) take 13 KB, and log prefixes double that.
PEM_REACH: Final = 64 * 1024


@dataclass(slots=True)
class LineBase:
    """How many lines of a split file lie before each of its parts, counted no further than needed."""

    file: io.FileIO
    position: int = 0
    lines: int = 0

    def before(self, start: int) -> int:
        """Return the number of newlines before `start`; parts come in order."""
        if start > self.position:
            self.lines += count_newlines(self.file.fileno(), self.position, start)
            self.position = start
        return self.lines

    def passed(self, part: Part, lines: int | None) -> None:
        """Take the worker's count of the newlines in a part, if it made one."""
        if lines is not None and part.end is not None and self.position == part.start:
            self.position, self.lines = part.end, self.lines + lines


@dataclass(frozen=True, slots=True)
class Part:
    """One input, or a piece of one that is split: bytes [start, end), up to the end when None."""

    path: str
    start: int = 0
    end: int | None = None
    identity: Identity | None = None
    base: LineBase | None = None

    @property
    def is_last(self) -> bool:
        """Whether the input ends with this part."""
        return self.end is None


def scan_part(
    scanner: Scanner,
    part: Part,
    *,
    timestamps: bool,
    tick: Callable[[int], object] | None,
    ended: Callable[[int, int | None, str | None], object],
) -> Iterator[list[Finding]]:
    """Yield the findings of one part, then call `ended(bytes, newlines, failure)` once.

    In a piece of a file, lines count from 1 and offsets from 0. Its newlines are counted only when
    there was a finding: then they are in the cache, and there may be more to come.
    """
    size = 0
    lines: int | None = None
    failure: str | None = None
    try:
        with Source(part.path, part.start, part.end) as source:
            source.expect(part.identity)
            if source.codec == PARQUET:
                for findings, count in _rows(scanner, source, timestamps=timestamps, tick=tick):
                    size += count
                    yield findings
                ended(size, None, None)
                return
            counter = source.newline_counter()
            stream = scanner.stream(count_newlines=counter, context=timestamps, path=part.path)
            try:
                for findings in source.drain(stream, tick):
                    lines = 0
                    yield findings
            finally:
                size = source.scanned
            if lines is not None:
                lines = counter(0, size) if counter is not None and not part.is_last else None
    except SourceError as error:
        failure = error.reason
    except Exception as error:  # noqa: BLE001 - a bug of ours must cost one input, not the run
        failure = f"internal error ({bug(error)}): not scanned to the end; please report it"
    ended(size, lines, failure)


def _rows(
    scanner: Scanner, source: Source, *, timestamps: bool, tick: Callable[[int], object] | None
) -> Iterator[tuple[list[Finding], int]]:
    """Yield the findings of a file of rows, and the bytes of cells scanned for them."""
    from .parquet import scan_parquet  # noqa: PLC0415 - for those who have such files

    for findings, size in scan_parquet(scanner, source.seekable_file(), source.path, timestamps=timestamps):
        yield findings, size
        if tick is not None:
            tick(size)


def bug(error: BaseException) -> str:
    """Name an unexpected exception and where it was raised; its message could quote the log."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    place = f" at {os.path.basename(trace.tb_frame.f_code.co_filename)}:{trace.tb_lineno}" if trace else ""  # noqa: PTH119 - no pathlib import for this
    return type(error).__name__ + place


def scan_serially(
    scanner: Scanner,
    inputs: Iterable[str | SourceError],
    totals: Totals,
    *,
    timestamps: bool = False,
    tick: Callable[[int], object] | None = None,
    pause: Callable[[], object] | None = None,
) -> Generator[tuple[str, Finding], None, None]:
    """Yield (path, finding) of every input, in order; failures go to `totals`, and the scan goes on.

    `pause` is called when a block's findings have been taken: a good moment to flush.
    """
    for item in inputs:
        if isinstance(item, SourceError):
            totals.fail(item)
            continue
        path = item

        def ended(size: int, _: int | None, failure: str | None, path: str = path) -> None:
            totals.files += 1
            totals.size += size
            if failure is not None:
                totals.fail(SourceError(path, failure))

        for findings in scan_part(scanner, Part(path), timestamps=timestamps, tick=tick, ended=ended):
            for finding in findings:
                yield path, finding
            if pause is not None:
                pause()


def plan(inputs: Iterable[str | SourceError]) -> Iterator[list[Part] | SourceError]:
    """Yield the work in the order of the inputs: lists of parts for one worker each."""
    batch: list[Part] = []
    weight = 0
    for item in inputs:
        size = 0 if isinstance(item, SourceError) else _plain_size(item)
        if batch and (isinstance(item, SourceError) or size is None or weight + size > BATCH_BYTES):
            yield batch
            batch, weight = [], 0
        if isinstance(item, SourceError):
            yield item
        elif size is None:  # a pipe may be slow: nothing waits for its batch to fill
            yield [Part(item)]
        elif size >= 2 * PART:
            yield from ([part] for part in split(item))
        else:
            batch.append(Part(item))
            weight += size
            if len(batch) == BATCH_FILES:
                yield batch
                batch, weight = [], 0
    if batch:
        yield batch


def split(path: str, part_size: int = PART) -> Iterator[Part]:
    """Yield the parts of a big file: at line ends when it is plain, else the file as one part."""
    try:
        source = Source(path)
    except SourceError:
        yield Part(path)  # whoever scans it reports it
        return
    with source:
        if source.codec is not None:
            yield Part(path)
            return
    try:
        file = io.FileIO(path)
    except OSError:
        yield Part(path)
        return
    status = os.fstat(file.fileno())
    identity = (status.st_dev, status.st_ino)
    base = LineBase(file)
    start = 0
    while status.st_size - start > 2 * part_size:
        end = _line_end(file.fileno(), start + part_size, start)
        if end is None:
            break
        yield Part(path, start, end, identity, base)
        start = end
    yield Part(path, start, None, identity, base)


def _plain_size(path: str) -> int | None:
    """Return the size of a regular file, None for anything else."""
    if path == STDIN or is_remote(path):
        return None
    try:
        status = os.stat(path)  # noqa: PTH116 - names stay as the user wrote them
    except OSError:
        return 0
    return status.st_size if stat.S_ISREG(status.st_mode) else None


def _line_end(descriptor: int, position: int, floor: int) -> int | None:
    """Return where the first line starts at or after `position` that does not cut a PEM block.

    None when no line ends there. The result lies above `floor`.
    """
    while piece := os.pread(descriptor, PEM_REACH, position):
        newline = piece.find(b"\n")
        if newline >= 0:
            end = position + newline + 1
            break
        position += len(piece)
    else:
        return None
    reach = max(floor, end - PEM_REACH)
    before = os.pread(descriptor, end - reach, reach)
    begin = before.rfind(b"-----BEGIN")
    if begin < 0 or before.find(b"-----END", begin) >= 0:
        return end
    line = reach + before.rfind(b"\n", 0, begin) + 1
    return line if line > floor else end
