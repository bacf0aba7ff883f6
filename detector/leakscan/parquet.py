"""Parquet files: every column that holds text or bytes, a batch of rows at a time, through the Arrow kernel.

A finding's `line` is the number of its row, from 1; its `json_path` begins with the column; start, end and
offset count bytes in the cell. Its time is that of the row's first column of timestamps. Memory is bounded
by a batch, some 4 MiB of cells unless single ones are larger.

Not here: telling Parquet from other files (`compression`), what is found in a row (`integrations.arrow`).
"""

from __future__ import annotations

import io
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from .errors import SourceError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .finding import Finding
    from .scanner import Scanner

#: Bytes of cells in a batch, as far as the file's own figures can be trusted, and its most rows.
BATCH_BYTES: Final = 4 * 1024 * 1024
BATCH_ROWS: Final = 65_536
#: Bytes of a column read at once; without it, Arrow reads a row group's whole.
_READ: Final = 1024 * 1024


def scan_parquet(
    scanner: Scanner, file: io.RawIOBase, path: str, *, timestamps: bool = False
) -> Iterator[tuple[list[Finding], int]]:
    """Yield the findings of each batch of rows, and how many bytes of cells were scanned.

    Args:
        scanner: the scanner.
        file: open at its beginning; it must be able to seek.
        path: its name, for errors.
        timestamps: whether findings get the time of their row.

    Raises:
        SourceError: pyarrow is not installed, the file is damaged or cut off, has a column that is not
            read, or a row could not be scanned. What came before was yielded.

    """
    try:
        import pyarrow as pa  # noqa: PLC0415 - an extra
        import pyarrow.parquet as pq  # noqa: PLC0415 - as above
    except ImportError:
        reason = "is Parquet, which needs pyarrow: pip install 'leakscan-logs[arrow]'"
        raise SourceError(path, reason) from None
    from .integrations.arrow.cells import ColumnError, text_columns  # noqa: PLC0415 - needs pyarrow
    from .integrations.arrow.kernel import Kernel  # noqa: PLC0415 - as above
    from .integrations.arrow.times import time_column  # noqa: PLC0415 - as above

    try:
        document = pq.ParquetFile(file, buffer_size=_READ, pre_buffer=False)
        columns = text_columns(document.schema_arrow)
        times = time_column(document.schema_arrow) if timestamps else None
        wanted = [*columns, *([times] if times is not None else [])]
        kernel = Kernel.of(scanner)
        before = 0
        for group in range(document.num_row_groups):
            rows = _rows_of(document.metadata.row_group(group))
            if not columns:
                continue
            for batch in document.iter_batches(rows, row_groups=[group], columns=wanted):
                found, failure = _findings(kernel, batch, columns, times, before)
                yield found, batch.nbytes
                before += batch.num_rows
                if failure is not None:
                    raise SourceError(path, failure)
    except ColumnError as error:
        raise SourceError(path, str(error)) from None
    except (pa.ArrowException, OSError, ValueError) as error:
        if isinstance(error, OSError) and error.errno is not None:
            raise
        # what Arrow says could quote the file
        raise SourceError(path, "Parquet data are damaged or cut off: not scanned to the end") from None


def _findings(
    kernel: Any, batch: Any, columns: list[str], times: str | None, before: int
) -> tuple[list[Finding], str | None]:
    """Return the findings of a batch, and why a row could not be scanned."""
    import pyarrow as pa  # noqa: PLC0415 - an extra

    from .integrations.arrow.times import times as times_of  # noqa: PLC0415 - needs pyarrow

    found: list[tuple[int, Finding]] = []
    failure: str | None = None
    for place in kernel.places(batch, columns):
        if place.finding is None:
            failure = f"row {before + place.row + 1} could not be scanned ({place.error})"
        else:
            found.append((place.row, place.finding))
    said: list[str | None] = [None] * len(found)
    if times is not None and found:
        said = times_of(batch.column(times), pa.array([row for row, _ in found], pa.int64()))
    placed = [
        replace(finding, line=before + row + 1, timestamp=time)
        for (row, finding), time in zip(found, said, strict=True)
    ]
    return placed, failure


def _rows_of(group: Any) -> int:
    """Return how many rows make a batch: by the size that the file says its cells have."""
    size = max(1, group.total_byte_size // max(1, group.num_rows))
    return int(max(1, min(BATCH_ROWS, BATCH_BYTES // size)))
