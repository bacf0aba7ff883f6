"""Arrow: the kernel that finds and takes out secrets in record batches, for whatever runs over Arrow.

    for batch in redact_arrow(reader): ..            # the same batches, without their secrets
    for rows in scan_arrow(reader): ..               # findings, as batches of the schema FINDINGS

A row is a record of its columns (see `leakscan.records`): a column `password` makes its cells secret, and
`string.names` names the values in `string.values`. Cells never join: each is looked at alone. A clean column
costs no Python for each row, and a clean batch comes back as the same object.

Read are strings of all kinds, dictionaries of them, and lists, structs and maps that hold them; bytes when
their column is named, and integers under the name of a password or PIN, which become 0. Needs pyarrow
(`leakscan-logs[arrow]`).

Not here: which rows are looked at (`selection`), Arrow's types (`cells`), Parquet files (`leakscan.parquet`).
"""

from __future__ import annotations

try:
    import pyarrow as pa
except ImportError as error:
    raise ImportError(
        "leakscan.integrations.arrow needs pyarrow: pip install 'leakscan-logs[arrow]'"
    ) from error

from leakscan.integrations.engine import Engine

from .batches import ERROR, FINDINGS, redact_arrow, scan_arrow
from .cells import ColumnError

del pa

__all__ = ["ERROR", "FINDINGS", "ColumnError", "Engine", "redact_arrow", "scan_arrow"]
