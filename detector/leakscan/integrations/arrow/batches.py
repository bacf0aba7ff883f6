"""Streams of batches: what is found in them as batches of one schema, or the same without their secrets.

Not here: one batch (`kernel`). See the package for what is promised.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa

from leakscan.mask import mask

from .kernel import kernel_of, place_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from leakscan.integrations.engine import Engine
    from leakscan.redact import Failure, Style
    from leakscan.scanner import Scanner

    from .kernel import Place

#: The column that says why a row could not be scanned.
ERROR: Final = "_leakscan_error"
#: What `scan_arrow` gives, a row for each finding: the index of the row in all batches, from 0; the
#: column; where in the column's value, as a JSON path from the row; line and position in bytes in the
#: string there; what it is. `masked` holds no secret. A row that could not be scanned to its end has an
#: `error` and nothing after `column`.
FINDINGS: Final = pa.schema([
    ("row", pa.int64()), ("column", pa.string()), ("json_path", pa.string()), ("line", pa.int64()),
    ("start", pa.int64()), ("end", pa.int64()), ("rule_id", pa.string()), ("description", pa.string()),
    ("provider", pa.string()), ("severity", pa.string()), ("confidence", pa.string()),
    ("fingerprint", pa.string()), ("masked", pa.string()), ("error", pa.string()),
])  # fmt: skip


def scan_arrow(
    batches: Iterable[pa.RecordBatch],
    columns: Sequence[str] | None = None,
    *,
    engine: Engine | Scanner | None = None,
    keep: Sequence[str] = (),
) -> Iterator[pa.RecordBatch]:
    """Yield what is found as batches of `FINDINGS`, one for each batch that has findings.

    Args:
        batches: record batches, a reader of them, or a table.
        columns: the columns to look at; None for all that hold text.
        engine: the scanner, or what to make it from; None for the built-in rules and a random key.
        keep: columns whose values stand beside each finding, before the others, such as an id.

    Raises:
        ColumnError: a column is not there, or is of a type that is not read.

    """
    kernel = kernel_of(engine)
    rows = 0
    for batch in _batches(batches):
        places = list(kernel.places(batch, columns))
        if places:
            kept = [place_of(batch.schema, name) for name in keep]
            at = pa.array([place.row for place in places], pa.int64())
            found = pa.RecordBatch.from_pylist([_fields(place, rows) for place in places], FINDINGS)
            yield pa.RecordBatch.from_arrays(
                [*(batch.column(place).take(at) for place in kept), *found.columns],
                schema=pa.schema([*(batch.schema.field(place) for place in kept), *FINDINGS]),
            )
        rows += batch.num_rows


def redact_arrow(
    batches: Iterable[pa.RecordBatch],
    columns: Sequence[str] | None = None,
    *,
    engine: Engine | Scanner | None = None,
    style: Style = "label",
    on_failure: Failure = "mask",
    errors: bool = False,
) -> Iterator[pa.RecordBatch]:
    """Yield the same batches without their secrets; the same objects where they have none.

    Args:
        batches: as for `scan_arrow`, as are columns and engine.
        columns: as above.
        engine: as above.
        style: as for `Scanner.redact`.
        on_failure: what to do with rows that cannot be scanned.
        errors: add the column `_leakscan_error`: why a row could not be scanned, else null.

    Raises:
        ColumnError: a column is not there, is of a type that is not read, or has no room for labels.
        UnscannableError: a row could not be scanned and `on_failure` is `block`.

    """
    kernel = kernel_of(engine)
    for batch in _batches(batches):
        put, reasons = kernel.redacted(batch, columns, style, on_failure)
        if not errors:
            yield put
            continue
        said = pa.nulls(put.num_rows, pa.string())
        if reasons:
            said = pa.array([reasons.get(row) for row in range(put.num_rows)], pa.string())
        yield put.append_column(ERROR, said)


def _batches(batches: Iterable[pa.RecordBatch]) -> Iterable[pa.RecordBatch]:
    return batches.to_batches() if isinstance(batches, pa.Table) else batches


def _fields(place: Place, before: int) -> dict[str, Any]:
    found = place.finding
    row: dict[str, Any] = {"row": before + place.row, "column": place.column, "error": place.error}
    if found is None:
        return row
    return row | {
        "json_path": found.json_path,
        "line": found.line,
        "start": found.start,
        "end": found.end,
        "rule_id": found.rule_id,
        "description": found.description,
        "provider": found.provider,
        "severity": found.severity,
        "confidence": found.confidence,
        "fingerprint": found.fingerprint,
        "masked": mask(found.secret),
    }
