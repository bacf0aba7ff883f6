"""Dask: data frames scanned and redacted by the Arrow kernel, a partition at a time.

    from leakscan.integrations.dask import redact, scan
    redact(logs, ["message"]).to_parquet(..)
    scan(logs, keep=["id"]).compute()

As `leakscan.integrations.spark`, for clusters of Python. Needs Dask's data frames (`leakscan-logs[dask]`).

Not here: what is found (`arrow`), how an engine travels (`engine`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyarrow as pa

from .arrow import FINDINGS, redact_arrow, scan_arrow
from .engine import Engine

if TYPE_CHECKING:
    from collections.abc import Sequence

    from leakscan.redact import Failure, Style


def scan(
    df: Any, columns: Sequence[str] | None = None, *, engine: Engine | None = None, keep: Sequence[str] = ()
) -> Any:
    """Return a data frame with a row for each finding, as `spark.scan`; `row` counts in the partition."""
    schema = pa.schema([*(pa.Schema.from_pandas(df._meta).field(name) for name in keep), *FINDINGS])  # noqa: SLF001 - Dask's name for it
    made = (engine or Engine()).with_key().to_bytes()
    return df.map_partitions(_scanned, made, columns, keep, schema, meta=schema.empty_table().to_pandas())


def redact(
    df: Any,
    columns: Sequence[str] | None = None,
    *,
    engine: Engine | None = None,
    style: Style = "label",
    on_failure: Failure = "mask",
) -> Any:
    """Return the same rows without their secrets, as `spark.redact`."""
    made = (engine or Engine()).with_key().to_bytes()
    return df.map_partitions(_redacted, made, columns, style, on_failure, meta=df._meta)  # noqa: SLF001 - as above


def _scanned(frame: Any, engine: bytes, columns: Any, keep: Any, schema: pa.Schema) -> Any:
    table = pa.Table.from_pandas(frame, preserve_index=False)
    found = scan_arrow(table.to_batches(), columns, engine=Engine.from_bytes(engine), keep=keep)
    return pa.Table.from_batches((batch.cast(schema) for batch in found), schema).to_pandas()


def _redacted(frame: Any, engine: bytes, columns: Any, style: Style, on_failure: Failure) -> Any:
    table = pa.Table.from_pandas(frame, preserve_index=False)
    made = Engine.from_bytes(engine)
    batches = redact_arrow(table.to_batches(), columns, engine=made, style=style, on_failure=on_failure)
    put = pa.Table.from_batches(batches, table.schema)
    changed = [name for name in table.column_names if not put[name].equals(table[name])]
    series = {name: put[name].to_pandas().set_axis(frame.index).astype(frame[name].dtype) for name in changed}
    return frame.assign(**series)
