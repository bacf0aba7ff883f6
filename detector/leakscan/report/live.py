"""Text for people who watch a log: one line for each place, as it is found."""

from __future__ import annotations

from typing import TYPE_CHECKING, BinaryIO

from leakscan.mask import mask
from leakscan.terminal import clean

from .record import capped
from .text import coloured

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
    for path, finding in capped(findings, options.max_per_secret):
        cells = [finding.severity, finding.confidence, clean(finding.rule_id), clean(mask(finding.secret))]
        if options.colour:
            cells = coloured(cells, finding.severity)
        where = f"{clean(path)}:{finding.line}:{finding.start + 1}"
        out.write(f"{'  '.join((*cells, where))}\n".encode())
