"""The journal of an audit: what was read and what was found, in a file, so that it can go on after a kill.

Lines of JSON: a header that says what is audited, then for each part that is begun its findings, and marks of
how far it was read. A mark is on the disk before the next one is written; what follows the last one is
dropped when the audit goes on. The report is made from the journal, so it has every finding once.

A part that was merged into another after it was read is read again within that one, and counts no more.
No secret is in it, only what a report shows.

Not here: reading parts (`run`).
"""

from __future__ import annotations

import contextlib
import dataclasses
import fcntl
import os
import stat
import tempfile
import time
from typing import IO, TYPE_CHECKING, Any, Final, Self

import orjson

from leakscan.errors import ConfigError
from leakscan.finding import Cell, Finding
from leakscan.mask import SHOWN, SHOWN_FROM

from .blocks import MAX_ROW
from .parts import Part

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from leakscan.rules import Rule

VERSION: Final = 1
#: Seconds between two marks: what a kill costs at most.
INTERVAL: Final = 2.0
_KIND: Final = "leakscan-audit"
#: What lines begin with that are many.
_FOUND: Final = b'{"f"'
_PART: Final = b'{"part"'
_AT: Final = b'{"at"'


@dataclasses.dataclass(slots=True)
class Entry:
    """A part that was begun.

    Attributes:
        number: its place in the journal.
        table: the table's name.
        part: the part.
        rows: rows of it that were read.
        unread: those of them that could not be read as JSON.
        too_long: those of them that were too long to scan.
        is_done: whether that is all.
        is_void: whether another part was begun that has all its rows.

    """

    number: int
    table: str
    part: Part
    rows: int = 0
    unread: int = 0
    too_long: int = 0
    is_done: bool = False
    is_void: bool = False


class Journal:
    """An open journal. Use it as a context; it is locked against a second audit."""

    def __init__(self, path: str | None, identity: Mapping[str, Any]) -> None:
        """Open the journal of this audit, or begin one; without a path it is gone at the end.

        Args:
            path: of the file.
            identity: what the audit is about; a journal of another one is refused.

        Raises:
            ConfigError: the file is unusable, locked, or of another audit.

        """
        self._path = path
        self.entries: list[Entry] = []
        self.is_finished = False
        self._next_mark = 0.0
        try:
            self._file: IO[bytes] = _open(path)
            if self._file.seek(0, os.SEEK_END):
                self._recover(dict(identity))
            else:
                self._write({_KIND: VERSION, **identity})
                self._sync()
        except OSError as error:
            raise ConfigError(f"cannot use the journal {path}: {error.strerror or error}") from None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        with contextlib.suppress(OSError):
            self._file.close()

    @property
    def is_resumed(self) -> bool:
        """Whether parts were read before."""
        return bool(self.entries)

    def of(self, table: str) -> list[Entry]:
        """Return the entries of a table that count."""
        return [entry for entry in self.entries if entry.table == table and not entry.is_void]

    def not_scanned(self) -> Iterator[tuple[str, str]]:
        """Yield (table, reason) for rows that were read and could not be scanned."""
        for table in dict.fromkeys(entry.table for entry in self.entries):
            entries = self.of(table)
            if unread := sum(entry.unread for entry in entries):
                yield table, f"{unread:,} rows could not be read as JSON: not scanned"
            if too_long := sum(entry.too_long for entry in entries):
                yield table, f"{too_long:,} rows are longer than {MAX_ROW >> 20} MiB: not scanned"

    def begin(self, table: str, part: Part) -> Entry:
        """Begin a part; parts that are in it count no more."""
        entry = self._begun(table, part)
        self._write({"part": dataclasses.asdict(part), "table": table})
        return entry

    def go_on(self, entry: Entry) -> None:
        """Tell that what follows is of a part that was begun before."""
        self._write({"at": entry.number})

    def found(self, finding: Finding) -> None:
        """Add a finding of the part that is being read, without its secret."""
        self._write({"f": _packed(finding)})

    def read(self, entry: Entry) -> None:
        """Tell that more rows were read, and all their findings told; from time to time it is marked."""
        now = time.monotonic()
        if now >= self._next_mark:
            self.mark(entry)
            self._next_mark = now + INTERVAL

    def mark(self, entry: Entry) -> None:
        """Put what is known of a part on the disk."""
        counts = {"rows": entry.rows, "unread": entry.unread, "long": entry.too_long}
        self._write({"mark": entry.number, **counts, "done": entry.is_done})
        self._sync()

    def finish(self) -> None:
        """Tell that every table was read."""
        self.is_finished = True
        self._write({"finished": True})
        self._sync()

    def findings(self, rules: Mapping[str, Rule]) -> Iterator[tuple[str, Finding]]:
        """Yield (table, finding) of every entry that counts, in the order they were found."""
        self._file.flush()
        self._file.seek(0)
        begun = -1
        current = None
        for line in self._file:
            if line.startswith(_FOUND):
                if current is not None and not current.is_void:
                    yield current.table, _unpacked(orjson.loads(line)["f"], rules)
            elif line.startswith(_PART):
                begun += 1
                current = self.entries[begun]
            elif line.startswith(_AT):
                current = self.entries[orjson.loads(line)["at"]]
        self._file.seek(0, os.SEEK_END)

    def _begun(self, table: str, part: Part) -> Entry:
        for entry in self.of(table):
            entry.is_void = part.covers(entry.part)
        entry = Entry(len(self.entries), table, part)
        self.entries.append(entry)
        return entry

    def _recover(self, identity: dict[str, Any]) -> None:
        """Read what is there up to the last mark, and drop what follows it."""
        self._file.seek(0)
        try:
            header = orjson.loads(self._file.readline())
            version = header.pop(_KIND)
        except (ValueError, KeyError, AttributeError):
            raise ConfigError(f"{self._path} is no journal of an audit: name another file") from None
        if version != VERSION:
            raise ConfigError(
                f"{self._path} is the journal of another version of leakscan: name another file"
            )
        if header != identity:
            other = sorted(name for name in identity if header.get(name) != identity[name])
            raise ConfigError(
                f"{self._path} is the journal of another audit ({', '.join(other)}): name another file"
            )
        try:
            events, end = self._events()
            for event in events:
                self._replay(event)
        except (ValueError, KeyError, TypeError, IndexError):
            raise ConfigError(f"{self._path} is damaged: begin again with another file") from None
        self._file.truncate(end)
        self._file.seek(end)

    def _events(self) -> tuple[list[dict[str, Any]], int]:
        """Return what is told of parts up to the last mark, and where that ends."""
        events: list[dict[str, Any]] = []
        kept, end = 0, self._file.tell()
        position = end
        for line in self._file:
            position += len(line)
            if not line.endswith(b"\n"):
                break
            if line.startswith(_FOUND):
                continue
            event = orjson.loads(line)
            events.append(event)
            if "mark" in event or "finished" in event:
                kept, end = len(events), position
        return events[:kept], end

    def _replay(self, event: dict[str, Any]) -> None:
        if "part" in event:
            self._begun(event["table"], Part(**event["part"]))
        elif "mark" in event:
            entry = self.entries[event["mark"]]
            entry.rows, entry.is_done = event["rows"], event["done"]
            entry.unread, entry.too_long = event["unread"], event["long"]
        elif "finished" in event:
            self.is_finished = True

    def _sync(self) -> None:
        self._file.flush()
        if self._path is not None:
            os.fsync(self._file.fileno())

    def _write(self, event: dict[str, Any]) -> None:
        self._file.write(orjson.dumps(event, option=orjson.OPT_APPEND_NEWLINE))


def _open(path: str | None) -> IO[bytes]:
    """Open a journal for this process alone; it is readable by its owner alone."""
    if path is None:
        return tempfile.TemporaryFile()
    file = os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT, 0o600), "r+b")
    if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
        file.close()
        raise OSError(None, "it is no regular file")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.close()
        raise OSError(None, "another audit is writing to it") from None
    return file


def _packed(finding: Finding) -> list[Any]:
    secret, cell = finding.secret, finding.cell
    # as much of the secret as its masked form shows
    head = secret[:SHOWN].decode("latin-1") if len(secret) >= SHOWN_FROM else ""
    return [
        finding.rule_id, finding.confidence, finding.line, finding.start, finding.end, finding.fingerprint,
        head, len(secret), finding.timestamp, finding.service, finding.json_path,
        cell and [cell.column, cell.keys, cell.is_exact],
    ]  # fmt: skip


def _unpacked(packed: list[Any], rules: Mapping[str, Rule]) -> Finding:
    (
        rule_id, confidence, line, start, end, fingerprint, head, size, timestamp, service, json_path, cell,
    ) = packed  # fmt: skip
    rule = rules[rule_id]
    return Finding(
        rule_id,
        rule.description,
        rule.provider,
        rule.severity,
        confidence,
        line,
        start,
        end,
        start,
        fingerprint,
        # reads as the secret does when it is masked
        head.encode("latin-1").ljust(size, b"*"),
        timestamp=timestamp,
        service=service,
        json_path=json_path,
        cell=cell and Cell(cell[0], tuple((name, value) for name, value in cell[1]), cell[2]),
    )
