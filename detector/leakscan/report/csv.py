"""Comma-separated values (RFC 4180) with a header line. The fields are `record.FIELDS`.

For a store they are `record.CELL_FIELDS`; the keys of a row are JSON in their cell.
A cell that a spreadsheet would take for a formula gets a leading apostrophe (OWASP, CSV injection).
"""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING, Any, BinaryIO, Final

import orjson

from .record import CELL_FIELDS, FIELDS, capped, record

if TYPE_CHECKING:
    from collections.abc import Iterable

    from leakscan.finding import Finding
    from leakscan.totals import Totals

    from . import ReportOptions

_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")  # noqa: RUF001 - full-width forms count too


class _Encoded:
    """The text file that `csv` wants, over a binary one."""

    __slots__ = ("_out",)

    def __init__(self, out: BinaryIO) -> None:
        self._out = out

    def write(self, text: str) -> int:
        return self._out.write(text.encode())


def write(
    findings: Iterable[tuple[str, Finding]],
    out: BinaryIO,
    totals: Totals,  # noqa: ARG001 - the signature of every writer
    options: ReportOptions,
) -> None:
    """Write the findings; memory is flat."""
    rows = csv.writer(_Encoded(out))
    rows.writerow(CELL_FIELDS if options.is_store else FIELDS)
    for path, finding in capped(findings, options.max_per_secret):
        rows.writerow([guarded(value) for value in record(path, finding).values()])


def guarded(value: Any) -> Any:
    """Return the value as a cell; text that starts like a formula starts with an apostrophe instead."""
    if isinstance(value, dict):
        return orjson.dumps(value).decode()
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value
