"""One JSON object a line for each finding, written as it is found. The fields are `record.FIELDS`."""

from __future__ import annotations

from typing import TYPE_CHECKING, BinaryIO

import orjson

from .record import capped, record

if TYPE_CHECKING:
    from collections.abc import Iterable

    from leakscan.finding import Finding
    from leakscan.totals import Totals

    from . import ReportOptions


def write(
    findings: Iterable[tuple[str, Finding]],
    out: BinaryIO,
    totals: Totals,  # noqa: ARG001 - the signature of every writer
    options: ReportOptions,
) -> None:
    """Write the findings; memory is flat."""
    out.writelines(
        orjson.dumps(record(path, finding), option=orjson.OPT_APPEND_NEWLINE)
        for path, finding in capped(findings, options.max_per_secret)
    )
