"""Text for people: one line a secret, the worst first, with count and first and last place.

Columns are 1-based bytes, as editors have them. What comes from logs and file names is cleaned
(`terminal`). The list is complete in secrets up to `groups.MAX_GROUPS`; any rest is stated.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, BinaryIO, Final

from leakscan.terminal import clean

from .groups import Group, Groups

if TYPE_CHECKING:
    from collections.abc import Iterable

    from leakscan.finding import Finding
    from leakscan.totals import Totals

    from . import ReportOptions

_COLOURS: Final = {"critical": "\x1b[1;31m", "high": "\x1b[31m", "medium": "\x1b[33m", "low": "\x1b[36m"}
_BOLD: Final = "\x1b[1m"
_FAINT: Final = "\x1b[2m"
_RESET: Final = "\x1b[0m"


def write(
    findings: Iterable[tuple[str, Finding]],
    out: BinaryIO,
    totals: Totals,  # noqa: ARG001 - the signature of every writer
    options: ReportOptions,
) -> None:
    """Write the table once the scan is over; nothing at all when nothing was found."""
    groups = Groups()
    for path, finding in findings:
        groups.add(path, finding)
    rows = [_cells(group, options.unit) for group in groups.sorted()]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    out.writelines(f"{_line(row, widths, colour=options.colour)}\n".encode() for row in rows)
    if groups.beyond:
        out.write(
            f"and {groups.beyond} places of other secrets: this list ends at {len(rows)} secrets; "
            "--format jsonl lists every place\n".encode()
        )


def _cells(group: Group, unit: str) -> tuple[str, ...]:
    times = "once" if group.count == 1 else f"{group.count} times"
    where = clean(str(group.first))
    if group.count > 1:
        where += f" .. {clean(str(group.last))}"
    if group.files > 1:
        times += f" in {group.files} {unit}s"
    return group.severity, group.confidence, clean(group.rule_id), clean(group.masked), times, where


def _line(row: tuple[str, ...], widths: list[int], *, colour: bool) -> str:
    cells = [cell.ljust(width) for cell, width in zip(row[:-1], widths, strict=False)]
    cells.append(row[-1])
    return "  ".join(coloured(cells, row[0]) if colour else cells)


def coloured(cells: list[str], severity: str) -> list[str]:
    """Return cells of which the first three are severity, confidence and rule, in colour."""
    first, second, third, *rest = cells
    return [
        f"{_COLOURS[severity]}{first}{_RESET}",
        f"{_FAINT}{second}{_RESET}",
        f"{_BOLD}{third}{_RESET}",
        *rest,
    ]
