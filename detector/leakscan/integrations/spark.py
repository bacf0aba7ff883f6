"""Spark: data frames scanned and redacted by the Arrow kernel, on every worker of a cluster.

    from leakscan.integrations.spark import redact, scan
    redact(logs, ["message"]).write.parquet(..)
    scan(logs, keep=["id"]).show()

The engine travels as bytes and is built once in each Python worker, where the same leakscan must be
installed. Rows stand alone (see `leakscan.integrations.arrow`): a private key printed over several rows is
found only as far as its single lines tell. Needs pyspark (`leakscan-logs[spark]`).

Not here: archives of text, whose lines belong together (`archives`), the command (`cli.spark`).
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from .engine import Engine

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    import pyarrow as pa
    from pyspark.sql import DataFrame
    from pyspark.sql.types import StructType

    from leakscan.redact import Failure, Style

#: `arrow.FINDINGS` in Spark's words; rows count within a task and say little, so they are left out.
_FINDINGS: Final = (
    "column string, json_path string, line bigint, start bigint, end bigint, rule_id string, "
    "description string, provider string, severity string, confidence string, fingerprint string, "
    "masked string, error string"
)


def scan(
    df: DataFrame,
    columns: Sequence[str] | None = None,
    *,
    engine: Engine | None = None,
    keep: Sequence[str] = (),
) -> DataFrame:
    """Return a data frame with a row for each finding; nothing runs before it is asked for.

    Args:
        df: any data frame.
        columns: the columns to look at; None for all that hold text.
        engine: what the scanner is made from; without a key in it, one is made up for this data frame.
        keep: columns whose values stand beside each finding, such as an id.

    Raises:
        ImportError: pyspark is not installed.
        ValueError: there is no column of this name.

    """
    from pyspark.sql.types import StructType  # noqa: PLC0415 - an extra

    _check(df, [*(columns or ()), *keep])
    data = (engine or Engine()).with_key().to_bytes()
    schema = StructType([df.schema[name] for name in keep])
    for field in StructType.fromDDL(_FINDINGS):
        schema.add(field)
    chosen = None if columns is None else tuple(columns)
    return mapped(df, partial(_scanned, data, chosen, tuple(keep)), schema)


def redact(
    df: DataFrame,
    columns: Sequence[str] | None = None,
    *,
    engine: Engine | None = None,
    style: Style = "label",
    on_failure: Failure = "mask",
    errors: bool = False,
) -> DataFrame:
    """Return the same rows without their secrets; nothing runs before they are asked for.

    Args:
        df: any data frame.
        columns: as for `scan`, as is engine.
        engine: as above.
        style: as for `Scanner.redact`.
        on_failure: what to do with rows that cannot be scanned; `block` fails the job.
        errors: add the column `_leakscan_error`: why a row could not be scanned, else null.

    Raises:
        ImportError: pyspark is not installed.
        ValueError: there is no column of this name.

    """
    from pyspark.sql.types import StringType, StructType  # noqa: PLC0415 - an extra

    from .arrow import ERROR  # noqa: PLC0415 - needs pyarrow

    _check(df, columns or ())
    data = (engine or Engine()).with_key().to_bytes()
    schema = StructType(list(df.schema.fields))
    if errors:
        schema.add(ERROR, StringType())
    chosen = None if columns is None else tuple(columns)
    return mapped(df, partial(_redacted, data, chosen, style, on_failure, errors), schema)


def mapped(
    df: DataFrame,
    function: Callable[[Iterator[pa.RecordBatch]], Iterator[pa.RecordBatch]],
    schema: StructType | str,
) -> DataFrame:
    """Return `df.mapInArrow`, which by itself takes a dot in a column's name for a field of a struct."""
    plain = df.toDF(*(f"_{place}" for place in range(len(df.columns))))
    return plain.mapInArrow(partial(_named, tuple(df.columns), function), schema)


def _named(
    names: tuple[str, ...],
    function: Callable[[Iterator[pa.RecordBatch]], Iterator[pa.RecordBatch]],
    batches: Iterator[pa.RecordBatch],
) -> Iterator[pa.RecordBatch]:
    """Run in a worker: found by name there, so that nothing but these arguments is pickled."""
    return function(batch.rename_columns(list(names)) for batch in batches)


def _scanned(
    engine: bytes,
    columns: tuple[str, ...] | None,
    keep: tuple[str, ...],
    batches: Iterator[pa.RecordBatch],
) -> Iterator[pa.RecordBatch]:
    """As above."""
    from .arrow import scan_arrow  # noqa: PLC0415 - of the worker

    for found in scan_arrow(batches, columns, engine=Engine.from_bytes(engine), keep=keep):
        yield found.remove_column(len(keep))


def _redacted(
    engine: bytes,
    columns: tuple[str, ...] | None,
    style: Style,
    on_failure: Failure,
    errors: bool,  # noqa: FBT001 - passed through once
    batches: Iterator[pa.RecordBatch],
) -> Iterator[pa.RecordBatch]:
    """As above."""
    from .arrow import redact_arrow  # noqa: PLC0415 - of the worker

    made = Engine.from_bytes(engine)
    return redact_arrow(batches, columns, engine=made, style=style, on_failure=on_failure, errors=errors)


def _check(df: DataFrame, columns: Sequence[str]) -> None:
    for name in columns:
        if name not in df.columns:
            raise ValueError(f"there is no column {name!r}: there are {', '.join(df.columns)}")
