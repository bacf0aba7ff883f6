"""What a database holds: its tables, and of each the columns with text, the key, and the time of a row.

Not here: reading rows (`rows`), the parts a table consists of (`parts`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from leakscan.errors import ConfigError
from leakscan.siblings import named

from .sql import quoted
from .types import holds_text, is_integer, is_time

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from .server import Server
    from .url import Target

#: Engines that keep rows themselves. Those of the MergeTree family keep them in parts.
FAMILY: Final = "MergeTree"
_STORED: Final = frozenset({"Log", "TinyLog", "StripeLog", "Memory", "EmbeddedRocksDB", "Join"})
#: Reading from these takes the rows away from whoever they are for.
_QUEUES: Final = frozenset({"Kafka", "RabbitMQ", "NATS", "FileLog", "S3Queue", "AzureQueue", "RedisStreams"})
#: Names of the time at which a row was written, the best first.
_TIMES: Final = ("timestamp", "time", "ts", "event_time", "datetime", "date_time", "@timestamp", "created_at")
_SERVICES: Final = (
    "service",
    "service_name",
    "_service",
    "servicename",
    "service.name",
    "app",
    "application",
)
#: Columns that exist when they are read only: they repeat what others hold.
_COMPUTED: Final = frozenset({"ALIAS", "EPHEMERAL"})
_WORD: Final = re.compile(r"`((?:[^`\\]|\\.)+)`|([A-Za-z_][\w.]*)")


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its name and type."""

    name: str
    type: str


@dataclass(frozen=True, slots=True)
class Table:
    """A table to be read.

    Attributes:
        database: where it is.
        name: of the table.
        engine: what keeps its rows.
        columns: those that may hold a secret.
        keys: those by which its rows are sorted, in that order.
        time: the one that says when a row was written.
        service: the one that says who wrote it.

    """

    database: str
    name: str
    engine: str
    columns: tuple[Column, ...]
    keys: tuple[Column, ...]
    time: Column | None
    service: str | None

    @property
    def title(self) -> str:
        """The name for people."""
        return f"{self.database}.{self.name}"

    @property
    def has_parts(self) -> bool:
        """Whether its rows are kept in parts that never change."""
        return self.engine.endswith(FAMILY)


@dataclass(frozen=True, slots=True)
class Skipped:
    """A table that is not read, and why."""

    title: str
    reason: str


def tables(server: Server, target: Target) -> tuple[list[Table], list[Skipped]]:
    """Return the tables of a database that hold text, or the one that was named, and those left out.

    Raises:
        ServerError: the server does not answer.
        ConfigError: there is no such database or table, or the table is a queue.

    """
    where = quoted(target.database)
    if not server.rows(f"SELECT name FROM system.databases WHERE name = {where}"):
        raise ConfigError(
            f"{server.name}: there is no database {target.database}, or this user may not see it"
        )
    one = "" if target.table is None else f" AND %s = {quoted(target.table)}"
    found = server.rows(
        "SELECT name, engine, sorting_key, primary_key FROM system.tables "
        f"WHERE database = {where}{one and one % 'name'} ORDER BY name"
    )
    if target.table is not None and not found:
        title = f"{target.database}.{target.table}"
        raise ConfigError(f"{server.name}: there is no table {title}, or this user may not see it")
    columns: dict[str, list[dict[str, Any]]] = {}
    for row in server.rows(
        "SELECT table, name, type, default_kind, is_in_sorting_key, is_in_primary_key FROM system.columns "
        f"WHERE database = {where}{one and one % 'table'}"
    ):
        columns.setdefault(row["table"], []).append(row)
    kept: list[Table] = []
    skipped: list[Skipped] = []
    for row in found:
        title = f"{target.database}.{row['name']}"
        reason = _unread(row["engine"], is_named=target.table is not None)
        if reason is not None:
            skipped.append(Skipped(title, reason))
            continue
        table = _table(target.database, row, columns.get(row["name"], ()))
        if table.columns:
            kept.append(table)
        else:
            skipped.append(Skipped(title, "no column of it holds text"))
    return kept, skipped


def _unread(engine: str, *, is_named: bool) -> str | None:
    """Return why a table of this engine is not read, None if it is."""
    if engine in _QUEUES:
        return f"reading a {engine} table would take its messages away"
    if is_named or engine.endswith(FAMILY) or engine in _STORED:
        return None
    return f"a {engine} table keeps no rows of its own; name it to read what it shows"


def _table(database: str, row: dict[str, Any], columns: Iterable[dict[str, Any]]) -> Table:
    columns = [column for column in columns if column["default_kind"] not in _COMPUTED]
    every = {column["name"]: Column(column["name"], column["type"]) for column in columns}
    flagged = {
        column["name"]
        for column in columns
        if int(column["is_in_sorting_key"]) or int(column["is_in_primary_key"])
    }
    expression = row["sorting_key"] or row["primary_key"]
    order = [name for name in _words(expression) if name in flagged]
    keys = tuple(every[name] for name in dict.fromkeys([*order, *sorted(flagged)]))
    return Table(
        database=database,
        name=row["name"],
        engine=row["engine"],
        columns=tuple(column for column in every.values() if _matters(column)),
        keys=keys,
        time=_time(keys, every.values()),
        service=_service(every.values()),
    )


def _matters(column: Column) -> bool:
    """Tell whether a column may hold a secret: text, or a number that is called a password or PIN."""
    return holds_text(column.type) or (is_integer(column.type) and named(column.name) is not None)


def _time(keys: Sequence[Column], columns: Iterable[Column]) -> Column | None:
    """Return the column that says when a row was written: one of the key, a usual name, else the first."""
    times = [column for column in columns if is_time(column.type)]
    by_name = {column.name.lower(): column for column in reversed(times)}
    named_so = [by_name[name] for name in _TIMES if name in by_name]
    in_key = [column for column in keys if is_time(column.type)]
    return next(iter([*in_key, *named_so, *times]), None)


def _service(columns: Iterable[Column]) -> str | None:
    by_name = {column.name.lower(): column.name for column in columns if holds_text(column.type)}
    return next((by_name[name] for name in _SERVICES if name in by_name), None)


def _words(expression: str) -> list[str]:
    return [found[1] or found[2] for found in _WORD.finditer(expression)]
