"""ClickHouse inserts over HTTP: the statement names columns and format, the body holds the rows.

JSON formats, TSV and CSV are read by cell, so that a column's name and `x.names` beside `x.values` count;
Values are SQL; TSKV and single-column formats are text. A number under a telling name becomes 0, which every
numeric column takes. Binary formats are not read (`Insert.is_text`).
From https://clickhouse.com/docs/interfaces/formats.

Not here: where the statement comes from in a request (`sidecar.detect`), cells (`delimited`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import orjson

from leakscan.framing.jsontext import replaced, scalars
from leakscan.framing.ndjson import is_json
from leakscan.redact import UnscannableError

from . import delimited, plain, sql
from .jsondoc import redact_document, redact_json
from .jsonspans import ANY, ITEM, loads
from .ndjson import count_lines, rewrite_lines
from .straddle import HEADER, taken_out_of_json

if TYPE_CHECKING:
    from leakscan.framing.jsontext import Path

    from .redaction import Redaction, Tally

_OBJECTS: Final = frozenset({
    "jsoneachrow", "jsonlines", "ndjson", "jsoneachrowwithprogress", "jsonstringseachrow",
    "jsoneachrowwithnames",
})  # fmt: skip
_COMPACT: Final = frozenset({"jsoncompacteachrow", "jsoncompactstringseachrow"})
_DOCUMENTS: Final = frozenset({"json", "jsonstrings", "jsoncompact", "jsoncolumns", "jsonobjecteachrow"})
_TABS: Final = frozenset({"tabseparated", "tsv", "tabseparatedraw", "tsvraw", "raw"})
_COMMAS: Final = frozenset({"csv"})
_TEXTS: Final = frozenset({"tskv", "lineasstring", "jsonasstring", "jsonasobject"})
#: SQL: `INSERT .. VALUES`, and `INSERT .. SELECT`, which has no name for it.
VALUES, SELECT = "values", "select"
_SQL: Final = frozenset({VALUES, SELECT})
_WITH: Final = re.compile(r"(.*?)(withnames|withnamesandtypes)?$")
_HEADERS: Final = {None: 0, "withnames": 1, "withnamesandtypes": 2}
_PATHS: Final[tuple[Path, ...]] = ((ANY, "data", ITEM), (ANY, "rows", ITEM))
_NUMBERS: Final = re.compile(rb"-?[0-9]")


@dataclass(frozen=True, slots=True)
class Insert:
    """What a statement says about the rows.

    Attributes:
        format: the format's name, lower case.
        columns: the names of the columns, if the statement has them.
        offset: where in the body the rows begin.
        delimiter: of CSV.
        inline: where in the statement of the URL rows begin, if it holds some.

    """

    format: str
    columns: tuple[str, ...] = ()
    offset: int = 0
    delimiter: bytes = b","
    inline: int = 0

    @property
    def base(self) -> str:
        """The format without its header lines."""
        return self._parts()[0]

    @property
    def headers(self) -> int:
        """How many lines of names and types come first."""
        return _HEADERS[self._parts()[1]]

    @property
    def is_text(self) -> bool:
        """Whether the rows can be read here."""
        return self.base in _OBJECTS | _COMPACT | _DOCUMENTS | _TABS | _COMMAS | _TEXTS | _SQL

    def _parts(self) -> tuple[str, str | None]:
        match = _WITH.match(self.format)
        return (match[1], match[2]) if match else (self.format, None)


def rewrite(body: bytes, redaction: Redaction, tally: Tally, insert: Insert | None = None) -> bytes:
    """Return the rows without their secrets; the same object if they have none.

    Raises:
        UnscannableError: a part could not be scanned and the policy is to block.

    """
    insert = insert or Insert("jsoneachrow")
    head, rows = body[: insert.offset], body[insert.offset :] if insert.offset else body
    changed = _rows(rows, insert, redaction, tally)
    return body if changed is rows else head + changed


def masked(body: bytes, reason: str) -> bytes:
    """Return as many rows of defaults; types are not known here, so no label can be put."""
    del reason
    return b"".join(b"{}\n" for line in body.splitlines() if line.strip())


def finish(before: bytes, after: bytes) -> bytes:
    """Return a redacted row with 0 where a number was; what was no JSON comes back as it is."""
    if not is_json(before):
        return after
    numbers = {path for path, start, _ in scalars(before) if _NUMBERS.match(before, start)}
    pieces: list[bytes] = []
    position = 0
    for path, start, end in scalars(after):
        if path in numbers and after[start : start + 1] == b'"':
            pieces += after[position:start], b"0"
            position = end
    return b"".join([*pieces, after[position:]])


def _rows(rows: bytes, insert: Insert, redaction: Redaction, tally: Tally) -> bytes:
    base = insert.base
    if base in _TABS | _COMMAS:
        return delimited.rewrite(
            rows,
            redaction,
            tally,
            delimiter=b"\t" if base in _TABS else insert.delimiter,
            columns=insert.columns,
            headers=insert.headers,
            is_raw=base.endswith("raw"),
        )
    if base in _DOCUMENTS:
        tally.records += 1
        return redact_document(rows, _PATHS, redaction, tally, finish)
    if base in _SQL:
        read = sql.rewrite if base == VALUES else sql.rewrite_select
        return read(rows, redaction, tally, insert.columns)
    if base in _TEXTS:
        return plain.rewrite(rows, redaction, tally)
    tally.records += count_lines(rows)
    if base in _COMPACT:
        return _compact(rows, insert, redaction, tally)
    if _is_lines(rows, redaction):
        return rewrite_lines(rows, redaction, tally, redact_row)
    return redact_document(
        rows, ((ANY, ITEM) if rows.lstrip()[:1] == b"[" else (ANY,),), redaction, tally, finish
    )


def redact_row(text: bytes, redaction: Redaction, tally: Tally) -> bytes:
    """Return a row that is a JSON object without its secrets."""
    put = redact_json(text, redaction, tally)
    return put if put is text else finish(text, put)


def _is_lines(rows: bytes, redaction: Redaction) -> bool:
    """Tell whether every row that matters stands on a line of its own."""
    if HEADER in rows:
        return True
    for spot in redaction.spots(rows)[:8]:
        start = rows.rfind(b"\n", 0, spot + 1) + 1
        end = rows.find(b"\n", spot)
        try:
            orjson.loads(rows[start : end if end >= 0 else len(rows)].strip().removesuffix(b","))
        except orjson.JSONDecodeError:
            return False
    return True


def _compact(rows: bytes, insert: Insert, redaction: Redaction, tally: Tally) -> bytes:
    lines = rows.split(b"\n")
    columns = insert.columns
    if insert.headers:
        try:
            columns = tuple(map(str, orjson.loads(lines[0])))
        except (ValueError, TypeError):
            columns = ()
    tells = delimited.tells(columns)
    if not tells and not redaction.spots(rows):
        return rows
    without_keys = taken_out_of_json(lines, redaction, tally) or lines
    changed = False
    for number, (old, text) in enumerate(zip(lines, without_keys, strict=True)):
        if number < insert.headers or not text or not (tells or redaction.selects(text)):
            continue
        put = _by_column(redact_json(text, redaction, tally), columns, redaction, tally)
        if put is not old:
            lines[number] = finish(old, put)
            changed = True
    return b"\n".join(lines) if changed else rows


def _by_column(text: bytes, columns: tuple[str, ...], redaction: Redaction, tally: Tally) -> bytes:
    """Take out of a row that is an array what the names of its columns tell."""
    try:
        row = loads(text)
    except ValueError:
        return text
    if not isinstance(row, list):
        return text
    record = delimited.as_record(row, columns)
    redacted = redaction.record(record, tally)
    if redacted is record:
        return text
    if not isinstance(redacted, dict):
        raise UnscannableError("record")
    return replaced(text, row, list(redacted.values()))
