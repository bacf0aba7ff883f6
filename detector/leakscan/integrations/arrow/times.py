"""The time of a row: that of its first column of timestamps, as ISO 8601.

In UTC where the column has a time zone, as it stands where it has none. Not here: times in text
(`leakscan.timestamps`).
"""

from __future__ import annotations

import pyarrow as pa
from pyarrow import types


def time_column(schema: pa.Schema) -> str | None:
    """Return the name of the column that says when, None when there is none."""
    return next((one.name for one in schema if types.is_timestamp(one.type)), None)


def times(column: pa.Array, rows: pa.Array) -> list[str | None]:
    """Return the times of rows, None where there is none."""
    kind = column.type
    texts = column.take(rows).cast(pa.timestamp(kind.unit)).cast(pa.string()).to_pylist()
    return [None if text is None else _iso(text, zoned=kind.tz is not None) for text in texts]


def _iso(text: str, *, zoned: bool) -> str:
    head, _, fraction = text.partition(".")
    fraction = fraction.rstrip("0")
    return head.replace(" ", "T") + (f".{fraction}" if fraction else "") + ("Z" if zoned else "")
