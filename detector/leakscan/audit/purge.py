"""A plan of what to purge: the statements that would take the found rows, or their text, out of a store.

They are written for people to read, check and run; nothing here runs them. Rows are selected by key columns,
never by a secret. Thousands of keys go into one statement, since each one makes the server write the parts
with such rows anew. Where no key says which row it is, the plan says so.

Not here: what was found (`journal`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, BinaryIO, Final, Literal

from leakscan.terminal import clean

from .sql import identifier, table_name
from .types import literal, overwritten

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from leakscan.finding import Cell, Finding

    from .catalog import Table

Way = Literal["delete", "update"]

#: ClickHouse takes 256 KiB of SQL (max_query_size) and 50,000 elements of it (max_ast_elements).
MAX_KEYS: Final = 4000
MAX_BYTES: Final = 200_000
#: Keys of a table that are remembered, at about 150 bytes each; beyond, one may be named twice.
MAX_SEEN: Final = 500_000

_HEAD: Final = """\
-- What it takes to purge what an audit found. Nothing of this was run.
-- A key is not unique in ClickHouse: each statement takes every row with such a key. To see how many, run
-- SELECT count() FROM the table with the same WHERE.
-- A secret that was in a store was seen: revoke it first. Backups and replicas elsewhere have it still.
"""

#: The columns to write over; none to delete the row.
Columns = tuple[str, ...]
Key = tuple[str, ...]


@dataclass(slots=True)
class _Statement:
    """Keys for one statement."""

    keys: list[str] = field(default_factory=list)
    size: int = 0


@dataclass(slots=True)
class _Plan:
    """The plan for one table, as it is made."""

    table: Table
    way: Way
    statements: dict[Columns, _Statement] = field(default_factory=dict)
    seen: set[tuple[Columns, str]] = field(default_factory=set)
    keys: int = 0
    without: int = 0

    def add(self, cells: list[Cell]) -> Iterator[str]:
        """Take the cells of one row; yield the statements that are full."""
        key = self._key(cells[0])
        if key is None:
            self.without += 1
            return
        columns = self._columns(cells)
        if (columns, key) in self.seen:
            return
        if len(self.seen) < MAX_SEEN:
            self.seen.add((columns, key))
        self.keys += 1
        statement = self.statements.setdefault(columns, _Statement())
        statement.keys.append(key)
        statement.size += len(key.encode()) + 2
        if len(statement.keys) * max(1, len(self.table.keys)) >= MAX_KEYS or statement.size >= MAX_BYTES:
            yield self._sql(columns, self.statements.pop(columns))

    def rest(self) -> Iterator[str]:
        """Yield what is left, and what cannot be selected."""
        for columns, statement in self.statements.items():
            yield self._sql(columns, statement)
        if self.without:
            yield self._excuse()

    def _key(self, cell: Cell) -> str | None:
        """Return a row's key as SQL, None if it has none that selects it."""
        if not cell.is_exact or not self.table.has_parts:
            return None
        values = [
            None if text is None else literal(key.type, text)
            for key, (_, text) in zip(self.table.keys, cell.keys, strict=True)
        ]
        known = [value for value in values if value is not None]
        if len(known) < len(values):
            return None
        return known[0] if len(known) == 1 else f"({', '.join(known)})"

    def _columns(self, cells: list[Cell]) -> Columns:
        """Return the columns to write over; none if one of them cannot be."""
        if self.way == "delete":
            return ()
        kinds = {column.name: column.type for column in self.table.columns}
        keys = {key.name for key in self.table.keys}
        names = sorted({cell.column for cell in cells})
        if any(name in keys or overwritten(kinds.get(name, ""), name) is None for name in names):
            return ()
        return tuple(names)

    def _sql(self, columns: Columns, statement: _Statement) -> str:
        kinds = {column.name: column.type for column in self.table.columns}
        names = [identifier(key.name) for key in self.table.keys]
        left = names[0] if len(names) == 1 else f"({', '.join(names)})"
        sets = ", ".join(
            f"{identifier(name)} = {overwritten(kinds[name], identifier(name))}" for name in columns
        )
        action = f"UPDATE {sets}" if sets else "DELETE"
        title = table_name(self.table.database, self.table.name)
        return f"ALTER TABLE {title} {action} WHERE {left} IN ({', '.join(statement.keys)});\n"

    def _excuse(self) -> str:
        """Return why rows cannot be selected."""
        if not self.table.has_parts:
            reason = f"a {self.table.engine} table cannot be altered: copy what is clean to another one"
        elif not self.table.keys:
            reason = "the table is sorted by nothing, so no key selects them"
        else:
            reason = "their keys hold a secret, are too long, NULL or no exact numbers"
        return f"-- not in the plan: {self.without:,} rows; {reason}\n"


def write_plan(
    findings: Iterable[tuple[str, Finding]], tables: Mapping[str, Table], out: BinaryIO, way: Way
) -> None:
    """Write the plan. Memory is bounded by one statement of each kind and `MAX_SEEN` keys."""
    out.write(_HEAD.encode())
    plan: _Plan | None = None
    row: list[Cell] = []
    for title, finding in findings:
        cell = finding.cell
        table = tables.get(title)
        if cell is None or table is None:
            continue
        if plan is None or plan.table is not table:
            _close(plan, row, out)
            row = []
            plan = _Plan(table, way)
            out.write(f"\n-- {clean(title)}\n".encode())
        if row and row[0].keys != cell.keys:
            _put(plan.add(row), out)
            row = []
        row.append(cell)
    if plan is None:
        out.write(b"\n-- nothing was found\n")
    _close(plan, row, out)


def _close(plan: _Plan | None, row: list[Cell], out: BinaryIO) -> None:
    if plan is None:
        return
    if row:
        _put(plan.add(row), out)
    _put(plan.rest(), out)
    out.write(f"-- keys in the plan: {plan.keys:,}\n".encode())


def _put(lines: Iterable[str], out: BinaryIO) -> None:
    out.writelines(line.encode("utf-8", "replace") for line in lines)
