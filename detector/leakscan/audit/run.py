"""The audit: each table of a store, part by part, through the scanner into the journal.

A part never changes, and one thread of the server gives its rows in their order: so the number of rows that
were read is a place to go on from. A part that is gone when its turn comes was merged, and is read within the
part that has its rows now. Parts that come while a table is read are not: an audit ends.

Not here: SQL, HTTP, reports.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from leakscan.errors import SourceError
from leakscan.keynames import KeyNames

from .blocks import Blocks
from .parts import WHOLE, active_parts, left
from .query import count, select
from .rows import Rows
from .server import ServerError
from .spread import whole_keys

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from leakscan.scanner import Scanner
    from leakscan.totals import Totals

    from .catalog import Table
    from .journal import Entry, Journal
    from .parts import Part
    from .query import Extent
    from .server import Server

#: Lists of parts that are asked for in a row although each part was merged away before it could be read.
MAX_MERGED: Final = 20


@dataclass(slots=True)
class Audit:
    """What an audit works with, and how many rows it has read.

    Attributes:
        server: where from.
        scanner: what with.
        journal: where to.
        extent: which rows.
        totals: what was read, and what could not be.
        tick: told of bytes as they come.
        rows: rows read in this run.

    """

    server: Server
    scanner: Scanner
    journal: Journal
    extent: Extent
    totals: Totals
    tick: Callable[[int], object]
    rows: int = 0

    def run(self, tables: Iterable[Table]) -> None:
        """Read the tables; what fails goes to `totals`, and the others are read all the same."""
        names = KeyNames(self.scanner.engine)
        failure: ServerError | None = None
        for table in tables:
            if failure is not None and failure.is_away:
                self.totals.fail(SourceError(table.title, "was not read: the server is away"))
                continue
            self.totals.files += 1
            try:
                self._table(table, Rows(self.scanner, table, names))
            except ServerError as error:
                failure = error
                self.totals.fail(SourceError(table.title, f"{error}; it was not read to its end"))
        if failure is None:
            self.journal.finish()

    def _table(self, table: Table, rows: Rows) -> None:
        """Read the parts that a table has now, each once."""
        active = active_parts(self.server, table)
        wanted = left(active, (entry.part for entry in self.journal.of(table.title) if entry.is_done))
        merged = 0
        while wanted and not self._has_enough(table):
            part = next((part for part in active if part.covers(wanted[0])), None)
            if part is None:
                wanted = wanted[1:]  # it was dropped with its rows
            elif self._part(table, part, rows):
                merged = 0
                wanted = [other for other in wanted if not part.covers(other)]
            else:
                merged += 1
                if merged == MAX_MERGED:
                    raise ServerError(self.server.name, "its parts are merged faster than they can be read")
                active = active_parts(self.server, table)

    def _has_enough(self, table: Table) -> bool:
        limit = self.extent.limit
        return limit is not None and self._read(table) >= limit

    def _read(self, table: Table) -> int:
        return sum(entry.rows for entry in self.journal.of(table.title))

    def _part(self, table: Table, part: Part, rows: Rows) -> bool:
        """Read a part, or go on with it; return whether it was there."""
        entry = self._entry(table, part)
        most = None if self.extent.limit is None else self.extent.limit - self._read(table)
        blocks = Blocks()
        pieces = self.server.stream(select(table, part, self.extent, entry.rows, most))
        try:
            for block in whole_keys(blocks.whole(pieces), rows.plain):
                for finding in rows.findings(block):
                    self.journal.found(finding)
                self._count(entry, rows, blocks, block)
                self.journal.read(entry)
                self.tick(len(block))
        except ServerError:
            self.journal.mark(entry)
            raise
        self._count(entry, rows, blocks)
        if not self._is_complete(table, entry):
            return False
        entry.is_done = True
        self.journal.mark(entry)
        return True

    def _count(self, entry: Entry, rows: Rows, blocks: Blocks, block: bytes = b"") -> None:
        """Count the rows of a block, and those before it that were left out."""
        too_long = blocks.taken_too_long()
        number = block.count(b"\n") + too_long
        entry.rows += number
        entry.too_long += too_long
        entry.unread += rows.taken_unread()
        self.rows += number
        self.totals.size += len(block)

    def _entry(self, table: Table, part: Part) -> Entry:
        """Return the part's entry in the journal: the one that was begun, or a new one."""
        for entry in self.journal.of(table.title):
            if entry.part == part and part is not WHOLE and self.server.is_ordered:
                self.journal.go_on(entry)
                return entry
        return self.journal.begin(table.title, part)

    def _is_complete(self, table: Table, entry: Entry) -> bool:
        """Tell whether the rows that came are all that a part has: none come when it was merged away."""
        part = entry.part
        if part.rows is None or entry.rows >= part.rows:
            return True
        if part not in active_parts(self.server, table):
            return False
        if self.extent.is_whole:
            # some may be deleted and not gone yet
            have = int(self.server.rows(count(table, part))[0]["rows"])
            if entry.rows < have:
                came = f"{entry.rows:,} of {have:,}"
                raise ServerError(self.server.name, f"only {came} rows of part {part.name} came")
        return True
