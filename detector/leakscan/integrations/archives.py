"""Archives of text as a cluster reads them: lines in batches, put together again and scanned as the file was.

A reader such as Spark's cuts files into splits at line ends, and gives each line as a row. The lines of one
split come in order, so joined they are its bytes again, and whatever goes over several lines is found as in
the file; only a private key that a split's border cuts is not. Where a split begins is known when all before
it are counted: until then lines and offsets count from its beginning.

Not here: the reader (`spark`), tables whose rows stand alone (`arrow`).
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa
import pyarrow.compute as pc

from leakscan.compression import HEAD, sniff
from leakscan.mask import mask

from .engine import scanner_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from leakscan.finding import Finding
    from leakscan.redact import Failure, Redactor, Style
    from leakscan.scanner import Scanner

#: The columns of what is read: a line without its end, its file, where in the file its split begins.
LINE, PATH, BLOCK = "value", "_leakscan_path", "_leakscan_block"
#: What `scan_lines` gives. A finding has a `rule_id`; line and offset count from the beginning of the split.
#: After the last line of a split comes a row with its `lines` and `bytes`. A row with an `error` is of a
#: split that was not scanned to its end.
FOUND: Final = pa.schema([
    (PATH, pa.string()), (BLOCK, pa.int64()), ("line", pa.int64()), ("start", pa.int64()),
    ("end", pa.int64()), ("offset", pa.int64()), ("rule_id", pa.string()), ("description", pa.string()),
    ("provider", pa.string()), ("severity", pa.string()), ("confidence", pa.string()),
    ("fingerprint", pa.string()), ("masked", pa.string()), ("timestamp", pa.string()),
    ("service", pa.string()), ("lines", pa.int64()), ("bytes", pa.int64()), ("error", pa.string()),
])  # fmt: skip
_END: Final = pa.scalar(b"\n", pa.large_binary())
_REDACTED: Final = pa.schema([(LINE, pa.string())])
_COPIED: Final = (
    "line", "start", "end", "offset", "rule_id", "description", "provider", "severity", "confidence",
    "fingerprint", "timestamp", "service",
)  # fmt: skip


def scan_lines(engine: bytes, batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Yield what is found in lines, and the figures of their splits, as batches of `FOUND`.

    Raises:
        LeakscanError: the engine cannot be built here.

    """
    scanner = scanner_of(engine)
    split: _Scanned | None = None
    for batch in batches:
        rows: list[dict[str, Any]] = []
        for path, block, lines in _splits(batch):
            if split is None or split.key != (path, block):
                rows += split.ended() if split is not None else []
                split = _Scanned(scanner, path, block, lines)
            rows += split.fed(lines)
        if rows:
            yield pa.RecordBatch.from_pylist(rows, FOUND)
    if split is not None:
        yield pa.RecordBatch.from_pylist(split.ended(), FOUND)


def redact_lines(
    engine: bytes, style: Style, on_failure: Failure, batches: Iterable[pa.RecordBatch]
) -> Iterator[pa.RecordBatch]:
    """Yield as many lines without their secrets, in order, as batches with the column `value`.

    Raises:
        LeakscanError: the engine cannot be built here.
        UnscannableError: a line could not be scanned and the policy is to block.
        ValueError: a file is no text; names it.

    """
    scanner = scanner_of(engine)
    new = partial(scanner.redactor, style, on_failure)
    redactor: Redactor | None = None
    key: tuple[str, int] | None = None
    for batch in batches:
        pieces: list[bytes] = []
        for path, block, lines in _splits(batch):
            if redactor is None or key != (path, block):
                pieces += [redactor.close()] if redactor is not None else []
                redactor, key = new(), (path, block)
                if reason := _unreadable(block, lines):
                    raise ValueError(f"{path}: {reason}")
            pieces += [redactor.feed(_joined(lines)), redactor.feed(b"\n")]
        if put := b"".join(pieces):
            yield _rows(put)
    if redactor is not None and (put := redactor.close()):
        yield _rows(put)


class _Scanned:
    """A split on its way through a scanner."""

    def __init__(self, scanner: Scanner, path: str, block: int, first: pa.Array) -> None:
        self.key = path, block
        self._stream = scanner.stream(context=True, path=path)
        self._lines = self._size = 0
        self._reason = _unreadable(block, first)

    def fed(self, lines: pa.Array) -> list[dict[str, Any]]:
        """Take lines; return the rows of what was found."""
        if self._reason is not None:
            return []
        data = _joined(lines)
        self._lines += len(lines)
        self._size += len(data) + 1
        return self._found([*self._stream.feed(data), *self._stream.feed(b"\n")])

    def ended(self) -> list[dict[str, Any]]:
        """Return the rows of what is left, and that of the split."""
        path, block = self.key
        told = {PATH: path, BLOCK: block, "lines": self._lines, "bytes": self._size, "error": self._reason}
        return [*self._found(self._stream.close()), told]

    def _found(self, findings: Iterable[Finding]) -> list[dict[str, Any]]:
        path, block = self.key
        return [
            {PATH: path, BLOCK: block, "masked": mask(found.secret)}
            | {name: getattr(found, name) for name in _COPIED}
            for found in findings
        ]


def _splits(batch: pa.RecordBatch) -> Iterator[tuple[str, int, pa.Array]]:
    """Give the lines of a batch by their splits, of which most batches have one."""
    paths, blocks = batch.column(PATH), batch.column(BLOCK)
    ends = {*_run_ends(paths), *_run_ends(blocks)}
    start = 0
    for end in sorted(ends):
        yield paths[start].as_py(), blocks[start].as_py(), batch.column(LINE).slice(start, end - start)
        start = end


def _run_ends(column: pa.Array) -> list[int]:
    ends: list[int] = pc.run_end_encode(column).run_ends.to_pylist() if len(column) else []
    return ends


def _joined(lines: pa.Array) -> memoryview:
    """Return lines as the bytes they were, without the last line end."""
    one = pa.LargeListArray.from_arrays(pa.array([0, len(lines)], pa.int64()), lines.cast(pa.large_binary()))
    return memoryview(pc.binary_join(one, _END)[0].as_buffer())


def _rows(data: bytes) -> pa.RecordBatch:
    """Return whole lines as a batch."""
    whole = pa.array([memoryview(data)[:-1]], pa.large_binary())
    lines = pc.split_pattern(whole, b"\n")
    return pa.record_batch([lines.values.cast(pa.string(), safe=False)], schema=_REDACTED)


def _unreadable(block: int, lines: pa.Array) -> str | None:
    """Return why the file that begins with these lines is none of text."""
    head = lines[:1].cast(pa.large_binary())[0].as_py()
    known = sniff((head + b"\n")[:HEAD]) if block == 0 else None
    return f"is {known}, which was not unpacked: not scanned" if known is not None else None
