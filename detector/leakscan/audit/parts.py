"""Parts: the immutable pieces that a table's rows are kept in, and what is left of them to read.

A part holds the blocks `low` to `high` of a partition. Merges put parts together under a new name, so what
was read is remembered by partition and blocks: a part is done when parts that were read cover it.

Not here: reading one (`query`, `rows`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from .sql import quoted

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .catalog import Table
    from .server import Server


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a table.

    Attributes:
        name: its name; empty for a table that is read as a whole.
        partition: the id of its partition.
        low: its first block.
        high: its last one.
        rows: how many rows it has; None when nobody knows.

    """

    name: str
    partition: str = ""
    low: int = 0
    high: int = 0
    rows: int | None = None

    def covers(self, other: Part) -> bool:
        """Tell whether all rows of another part that still exist are in this one."""
        return self.partition == other.partition and self.low <= other.low and other.high <= self.high


#: A table without parts.
WHOLE = Part("")


def active_parts(server: Server, table: Table) -> list[Part]:
    """Return the parts of a table, the newest first.

    Raises:
        ServerError: the server does not answer.

    """
    if not table.has_parts:
        return [WHOLE]
    rows = server.rows(
        "SELECT name, partition_id, min_block_number, max_block_number, rows FROM system.parts "
        f"WHERE active AND database = {quoted(table.database)} AND table = {quoted(table.name)}"
    )
    parts = [
        Part(
            row["name"],
            row["partition_id"],
            int(row["min_block_number"]),
            int(row["max_block_number"]),
            int(row["rows"]),
        )
        for row in rows
    ]
    return sorted(parts, key=lambda part: (part.partition, part.high), reverse=True)


def left(parts: Iterable[Part], done: Iterable[Part]) -> list[Part]:
    """Return the parts of which some block was not read.

    Numbers of blocks that were never written count as not read: then a merged part is read once more.
    """
    runs: dict[str, list[tuple[int, int]]] = {}
    for part in sorted(done, key=lambda part: (part.partition, part.low)):
        of_partition = runs.setdefault(part.partition, [])
        if of_partition and part.low <= of_partition[-1][1] + 1:
            low, high = of_partition[-1]
            of_partition[-1] = low, max(high, part.high)
        else:
            of_partition.append((part.low, part.high))
    return [part for part in parts if not _is_in(part, runs.get(part.partition, ()))]


def _is_in(part: Part, runs: Iterable[tuple[int, int]]) -> bool:
    return any(low <= part.low and part.high <= high for low, high in runs)
