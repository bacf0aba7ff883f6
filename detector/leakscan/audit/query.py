"""The query that reads a part, and what the names in its rows mean.

Key columns and the time come under names of our own. Times come as seconds since 1970 or in UTC: how a server
shows them depends on its zone.

Not here: sending it (`server`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from .sql import identifier, quoted, table_name
from .types import is_fixed, is_plain, is_precise, is_time

if TYPE_CHECKING:
    from .catalog import Column, Table
    from .parts import Part

#: No table has a column of this name.
_OURS: Final = "_leakscan_"
TIME: Final = f"{_OURS}time"
SERVICE: Final = f"{_OURS}service"
#: Rows are sampled by their number in the part, in millionths: the same ones each time.
_MILLION: Final = 1_000_000
#: More rows than any part has.
_EVERY: Final = 1 << 62


@dataclass(frozen=True, slots=True)
class Extent:
    """Which rows of each table are read.

    Attributes:
        sample: the share of rows, 1 for all.
        limit: at most so many rows of a table; None for no limit.

    """

    sample: float = 1.0
    limit: int | None = None

    @property
    def is_whole(self) -> bool:
        """Whether that is every row."""
        return self.sample >= 1 and self.limit is None


def key_name(place: int) -> str:
    """Return the name under which a key column comes; one that the prefilter takes for no secret's."""
    return f"{_OURS}by{place}"


def select(table: Table, part: Part, extent: Extent, start: int, most: int | None) -> str:
    """Return the query for the rows of a part from number `start` on, at most `most` of them."""
    wanted = [f"{as_text(key)} AS {key_name(place)}" for place, key in enumerate(table.keys)]
    if table.time is not None:
        wanted.append(f"{as_text(table.time)} AS {TIME}")
    if table.service is not None:
        wanted.append(f"toString({identifier(table.service)}) AS {SERVICE}")
    wanted += [identifier(column.name) for column in table.columns]
    query = f"SELECT {', '.join(wanted)} FROM {table_name(table.database, table.name)}"
    conditions = _conditions(part, extent)
    if conditions:
        query += f" WHERE {' AND '.join(conditions)}"
    if start or most is not None:
        query += f" LIMIT {start}, {_EVERY if most is None else most}"
    return f"{query} FORMAT JSONEachRow"


def count(table: Table, part: Part) -> str:
    """Return the query for the number of rows of a part that are not deleted."""
    title = table_name(table.database, table.name)
    return f"SELECT count() AS rows FROM {title} WHERE _part = {quoted(part.name)}"


def as_text(column: Column) -> str:
    """Return the expression that gives a column's value as text, or as a number of seconds."""
    name = identifier(column.name)
    if is_precise(column.type):
        return f"toString({name}, 'UTC')"
    if is_time(column.type):
        return f"toUnixTimestamp({name})"
    return name if is_plain(column.type) or is_fixed(column.type) else f"toString({name})"


def _conditions(part: Part, extent: Extent) -> list[str]:
    conditions = [f"_part = {quoted(part.name)}"] if part.name else []
    if extent.sample < 1:
        share = max(1, round(extent.sample * _MILLION))
        conditions.append(f"intHash64(rowNumberInAllBlocks()) % {_MILLION} < {share}")
    return conditions
