"""Rows of delimited cells, as ClickHouse writes TSV and CSV: a cell is text, or an array of strings.

A row that the prefilter selects is read as a record of its columns; only cells that held a secret are
written again. A number becomes 0, which every column takes.

Not here: other formats of ClickHouse (`clickhouse`).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from leakscan.redact import UnscannableError
from leakscan.siblings import named

from .straddle import taken_out

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from .redaction import Redaction, Tally

_ESCAPES: Final = {
    b"t": b"\t", b"n": b"\n", b"r": b"\r", b"b": b"\b", b"f": b"\f", b"0": b"\0", b"a": b"\a", b"v": b"\v",
}  # fmt: skip
_ESCAPE: Final = re.compile(rb"\\(.)", re.DOTALL)
_UNSAFE: Final = re.compile(rb"[\\\t\n\r\b\f\0']")
_NAMED: Final = {value: b"\\" + name for name, value in _ESCAPES.items()}
#: An array of strings; other arrays are text.
_ARRAY: Final = re.compile(rb"\[\s*(?:'(?:[^'\\]|\\.)*+'\s*(?:,\s*'(?:[^'\\]|\\.)*+'\s*)*+)?\]", re.DOTALL)
_ITEM: Final = re.compile(rb"'((?:[^'\\]|\\.)*+)'", re.DOTALL)
_CSV_CELL: Final = rb"\"(?:[^\"]|\"\")*+\"|'(?:[^']|'')*+'|[^%b\r\n]*+"
_NUMBER: Final = re.compile(r"-?[0-9]+(?:\.[0-9]+)?")


def rewrite(
    body: bytes,
    redaction: Redaction,
    tally: Tally,
    *,
    delimiter: bytes = b"\t",
    columns: Sequence[str] = (),
    headers: int = 0,
    is_raw: bool = False,
) -> bytes:
    """Return rows without their secrets; the same object if they have none.

    Args:
        body: the rows.
        redaction: how to redact.
        tally: counts are added here.
        delimiter: a tab, or what CSV has between cells.
        columns: names of the columns, if known.
        headers: lines of names and types that come first, and name the columns.
        is_raw: backslashes in TSV stand for themselves.

    Raises:
        UnscannableError: a part could not be scanned and the policy is to block.

    """
    is_tabs = delimiter == b"\t"
    rows = list(_lines(body) if is_tabs else _csv_rows(body, delimiter))
    tally.records += max(0, len(rows) - headers)
    # a column's name makes all its cells secret, wherever that name stands
    names = _header(rows[0], delimiter) if headers and rows else tuple(columns)
    if not redaction.selects(body) and not tells(names):
        return body
    without_keys = taken_out(rows, redaction, tally)
    changed = False
    for number, text in enumerate(rows):
        if number < headers:
            continue
        row = without_keys[number] if without_keys else text
        if tells(names) or redaction.selects(row) or b"['" in row:
            row = _row(row, names, delimiter, redaction, tally, is_raw=is_raw)
        changed = changed or row is not text
        rows[number] = row
    return b"".join(rows) if changed else body


def as_record(values: Sequence[Any], columns: Sequence[str]) -> dict[str, Any]:
    """Return cells as a record: by the columns' names, else so that arrays side by side belong together.

    >>> as_record(["x", ["user"], ["bob"]], ())
    {'0': 'x', '1.names': ['user'], '1.values': ['bob']}
    """
    if len(columns) == len(values) and len(set(columns)) == len(columns):
        return dict(zip(columns, values, strict=True))
    record: dict[str, Any] = {}
    place = 0
    while place < len(values):
        value, following = values[place], values[place + 1] if place + 1 < len(values) else None
        if isinstance(value, list) and isinstance(following, list) and len(value) == len(following):
            record[f"{place}.names"], record[f"{place}.values"] = value, following
            place += 2
        else:
            record[str(place)] = value
            place += 1
    return record


def _row(
    row: bytes, names: Sequence[str], delimiter: bytes, redaction: Redaction, tally: Tally, *, is_raw: bool
) -> bytes:
    text = row.rstrip(b"\r\n")
    cells = text.split(delimiter) if delimiter == b"\t" else _csv_cells(text, delimiter)
    quotes = [
        cell[:1] if delimiter != b"\t" and cell[:1] in (b'"', b"'") and len(cell) > 1 else b""
        for cell in cells
    ]
    values: list[Any] = []
    for cell, quote in zip(cells, quotes, strict=True):
        inner = cell[1:-1].replace(quote * 2, quote) if quote else cell
        values.append(_value(inner, is_escaped=delimiter == b"\t" and not is_raw))
    record = as_record(values, names)
    redacted = redaction.record(record, tally)
    if redacted is record:
        return row
    if not isinstance(redacted, dict):
        raise UnscannableError("record")
    for place, (old, new) in enumerate(zip(values, redacted.values(), strict=True)):
        if new is old:
            continue
        cells[place] = _cell(
            cells[place], old, new, quotes[place], is_escaped=delimiter == b"\t" and not is_raw
        )
    return delimiter.join(cells) + row[len(text) :]


def _value(cell: bytes, *, is_escaped: bool) -> Any:
    if _ARRAY.fullmatch(cell):
        return [_unescaped(item).decode("utf-8", "surrogateescape") for item in _ITEM.findall(cell)]
    return (_unescaped(cell) if is_escaped else cell).decode("utf-8", "surrogateescape")


def _cell(cell: bytes, old: Any, new: Any, quote: bytes, *, is_escaped: bool) -> bytes:
    """Return a changed cell as the format writes it."""
    if isinstance(old, list):
        inner = cell[1:-1].replace(quote * 2, quote) if quote else cell
        items = new if isinstance(new, list) else [new] * len(old)
        pending = iter(zip(old, items, strict=True))

        def put(found: re.Match[bytes]) -> bytes:
            before, after = next(pending)
            return found[0] if after is before else b"'" + _escaped(_raw(after)) + b"'"

        text = _ITEM.sub(put, inner)
    elif _NUMBER.fullmatch(str(old)):
        text = b"0"
    else:
        text = _escaped(_raw(new)) if is_escaped else _raw(new)
    return quote + text.replace(quote, quote * 2) + quote if quote else text


def _escaped(text: bytes) -> bytes:
    return _UNSAFE.sub(lambda found: _NAMED.get(found[0], b"\\" + found[0]), text)


def _unescaped(text: bytes) -> bytes:
    if b"\\" not in text:
        return text
    return _ESCAPE.sub(lambda found: _ESCAPES.get(found[1], found[1]), text)


def _raw(text: Any) -> bytes:
    return str(text).encode("utf-8", "surrogateescape")


def _lines(body: bytes) -> Iterator[bytes]:
    start = 0
    while start < len(body):
        end = body.find(b"\n", start) + 1 or len(body)
        yield body[start:end]
        start = end


def _csv_rows(body: bytes, delimiter: bytes) -> Iterator[bytes]:
    """Give rows with their line ends; a quoted cell may hold line ends."""
    cell = re.compile(_CSV_CELL % re.escape(delimiter))
    start = position = 0
    while position < len(body):
        match = cell.match(body, position)
        position = match.end() if match else position
        if position < len(body) and body[position : position + len(delimiter)] == delimiter:
            position += len(delimiter)
            continue
        newline = body.find(b"\n", position)
        position = newline + 1 if newline >= 0 else len(body)
        yield body[start:position]
        start = position
    if start < len(body):
        yield body[start:]


def _csv_cells(text: bytes, delimiter: bytes) -> list[bytes]:
    cell = re.compile(_CSV_CELL % re.escape(delimiter))
    cells: list[bytes] = []
    position = 0
    while True:
        match = cell.match(text, position)
        end = match.end() if match else position
        # what follows a closing quote, up to the delimiter, belongs to the cell
        stop = text.find(delimiter, end)
        stop = stop if stop >= 0 else len(text)
        cells.append(text[position:stop])
        if stop >= len(text):
            return cells
        position = stop + len(delimiter)


def _header(row: bytes, delimiter: bytes) -> tuple[str, ...]:
    text = row.rstrip(b"\r\n")
    cells = text.split(delimiter) if delimiter == b"\t" else _csv_cells(text, delimiter)
    return tuple(cell.strip(b"\"'").decode("utf-8", "replace") for cell in cells)


def tells(names: Sequence[str]) -> bool:
    """Tell whether a column has the name of a secret."""
    return any(named(name) for name in names)
