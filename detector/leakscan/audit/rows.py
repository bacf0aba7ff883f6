"""Rows: the findings in a block of rows in JSONEachRow, each with its column, key, time and service.

A block goes to the prefilter whole; a row that it does not select is never looked at. Others are read as
records, where the name of a column, and a list of names beside a list of values, say what a value is.

Not here: which rows (`query`), private keys that are spread over rows (`spread`).
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final

from leakscan.finding import Cell, Finding
from leakscan.jsonpath import render
from leakscan.keynames import KeyNames
from leakscan.lines import Block
from leakscan.redact import UnscannableError
from leakscan.siblings import named
from leakscan.terminal import plain_path

from .query import SERVICE, TIME, key_name
from .reading import loads
from .spread import Spread, keys_in
from .types import holds_text, is_plain, is_precise, is_time

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from leakscan.scanner import Scanner

    from .catalog import Column, Table

#: A longer key is no way to find a row again, and no place for a report.
MAX_KEY: Final = 512
#: What stands for a key that holds the secret itself.
HIDDEN: Final = "[REDACTED]"
#: Letters, digits and joints as JSON escapes: a name or a token in JSON in text may be spelt with them.
_SPELT: Final = re.compile(rb"\\u00(?:[46][1-9A-Fa-f]|[57][0-9Aa]|3[0-9]|2[dDeE]|5[fF])")


@dataclass(slots=True)
class Rows:
    """Finds secrets in the rows of one table. `unread` counts the rows that no finding can be ruled out of.

    Attributes:
        scanner: the scanner.
        table: the table.
        names: looks for the names of secrets; made by `KeyNames`, and kept between tables.
        unread: rows that could not be read as records.

    """

    scanner: Scanner
    table: Table
    names: KeyNames = field(repr=False)
    unread: int = 0
    _paths: list[tuple[str, str]] = field(init=False, repr=False)
    _aliases: dict[str, str] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self._aliases = _aliases(self.table.columns)
        names = [column.name for column in self.table.columns]
        paths = [(render((None, self._aliases.get(name, name))), name) for name in names]
        # the longest first: `$.a` begins `$.ab` too
        self._paths = sorted(paths, key=lambda pair: len(pair[0]), reverse=True)

    def findings(self, block: bytes) -> Iterator[Finding]:
        """Yield the findings in a block of whole rows, in order."""
        end = 0
        for spot in self._spots(block):
            if spot < end:
                continue
            start = block.rfind(b"\n", 0, spot) + 1
            end = block.find(b"\n", spot) + 1 or len(block)
            yield from self._in_row(block[start:end])
        for key in keys_in(block, self.plain, self.scanner):
            yield from self._spread(key)

    def taken_unread(self) -> int:
        """Return how many rows could not be read since this was last asked."""
        count, self.unread = self.unread, 0
        return count

    @property
    def plain(self) -> list[str]:
        """The columns of which a cell may be one line of a text that goes on in the next row."""
        return [column.name for column in self.table.columns if is_plain(column.type)]

    def _spread(self, key: Spread) -> Iterator[Finding]:
        """Yield a finding for each row that holds a part of a private key; together they are one secret."""
        match, rule = key.match, key.match.rule
        spans = match.parts or ((match.start, match.end),)
        secret = b"".join(key.data[start:end] for start, end in spans)
        fingerprint = self.scanner.identify(rule, secret)
        for start, line in key.lines:
            for first, last in spans:
                if start <= first <= start + len(line.text):
                    finding = Finding(
                        rule.id,
                        rule.description,
                        rule.provider,
                        rule.severity,
                        match.confidence,
                        1,
                        first - start,
                        last - start,
                        first - start,
                        fingerprint,
                        secret,
                        json_path=render((None, self._aliases.get(key.column, key.column))),
                    )
                    yield self.placed(finding, line.row)

    def _spots(self, block: bytes) -> list[int]:
        """Return a position in each row that may hold a secret, in order; others surely do not."""
        whole = Block(block, 0, len(block), 0, len(block), 0, 0, final=True)
        spots = [stop - 1 for stop, _ in self.scanner.candidates(whole)]
        spots += self.names.places(block)
        if b"\\u00" in block:
            spots += [spelt.start() for spelt in _SPELT.finditer(block)]
        return sorted(spots)

    def _in_row(self, text: bytes) -> list[Finding]:
        try:
            row = loads(text)
            record = {self._aliases.get(name, name): row[name] for name in self._wanted(row)}
            found = self.scanner.scan_record(record)
        except (ValueError, RecursionError, UnscannableError, KeyError, TypeError):
            self.unread += 1
            return []
        return [self.placed(finding, row) for finding in found] if found else []

    def _wanted(self, row: dict[str, Any]) -> list[str]:
        return [column.name for column in self.table.columns if column.name in row]

    def placed(self, finding: Finding, row: dict[str, Any]) -> Finding:
        """Return a finding with where and when its row stands in the table."""
        column, path = self._column(finding.json_path or "$")
        service = row.get(SERVICE)
        return replace(
            finding,
            json_path=path,
            timestamp=_iso(row.get(TIME)),
            service=self._shown(service, finding.secret)[0] if isinstance(service, str) and service else None,
            cell=self._cell(column, row, finding.secret),
        )

    def _column(self, path: str) -> tuple[str, str]:
        """Return the column that a path in the record begins with, and that path by the column's own name."""
        for prefix, name in self._paths:
            rest = path.removeprefix(prefix)
            if path.startswith(prefix) and (not rest or rest[0] in ".[~"):
                return name, render((None, name)) + rest
        return "", path

    def _cell(self, column: str, row: dict[str, Any], secret: bytes) -> Cell:
        keys: list[tuple[str, str | None]] = []
        is_exact = bool(self.table.keys)
        for place, key in enumerate(self.table.keys):
            value = _key_text(key, row.get(key_name(place)))
            # a number or a time that has a PIN's digits in it is not the PIN
            if value is not None and (holds_text(key.type) or named(key.name)):
                value, is_whole = self._shown(value, secret)
                is_exact = is_exact and is_whole
            keys.append((key.name, value))
        return Cell(column, tuple(keys), is_exact)

    def _shown(self, text: str, secret: bytes) -> tuple[str, bool]:
        """Return what may be shown of a key or service, and whether that is all of it."""
        if len(text) > MAX_KEY:
            return f"{HIDDEN} ({len(text)} characters)", False
        raw = text.encode("utf-8", "surrogatepass")
        if secret in raw or self.scanner.scan(text):
            return HIDDEN, False
        shown = plain_path(text)
        return shown, shown == text


def _aliases(columns: Sequence[Column]) -> dict[str, str]:
    """Return other names for lists that hold names and values side by side, so that records see it.

    `attributes.key` beside `attributes.value` are a name and a value for each place in them; records know
    `attributes.names` beside `attributes.values`.
    """
    lists = [column.name for column in columns if column.type.startswith("Array(")]
    aliases: dict[str, str] = {}
    for name in lists:
        stem, last = name[: -len("key")], name[-len("key") :]
        if last == "key" and f"{stem}value" in lists:
            aliases |= {name: f"{stem}names", f"{stem}value": f"{stem}values"}
    taken = {column.name for column in columns}
    return {} if taken & set(aliases.values()) else aliases


def _key_text(key: Column, value: Any) -> str | None:
    if value is None:
        return None
    if is_time(key.type) and not is_precise(key.type):
        return (_moment(value) or "").replace("T", " ")
    return value if isinstance(value, str) else str(value)


def _iso(value: Any) -> str | None:
    """Return a time as ISO 8601: seconds since 1970, or the text of a time in UTC."""
    if isinstance(value, str) and "-" in value:
        return f"{value.replace(' ', 'T')}Z"
    moment = _moment(value)
    return None if moment is None else f"{moment}Z"


def _moment(value: Any) -> str | None:
    try:
        return dt.datetime.fromtimestamp(int(value), dt.UTC).strftime("%Y-%m-%dT%H:%M:%S")
    except (TypeError, ValueError, OverflowError, OSError):
        return None
