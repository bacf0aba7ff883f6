"""A finding as a flat record: the fields that jsonl, json and csv share, without the secret."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from leakscan.mask import mask
from leakscan.terminal import plain_path

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from leakscan.finding import Finding

#: The fields in their order: these are a contract with other programs.
FIELDS: Final = (
    "path", "line", "start", "end", "offset", "rule_id", "description", "provider", "severity",
    "confidence", "fingerprint", "masked", "timestamp", "json_path", "service",
)  # fmt: skip
#: The same for findings in tables of a store, which have no lines; a contract too.
CELL_FIELDS: Final = (
    "table",
    "column",
    "keys",
    *(name for name in FIELDS if name not in {"path", "line", "offset"}),
)
#: Distinct secrets whose places `capped` counts; those beyond are shown at every place.
MAX_COUNTED: Final = 50_000


def record(path: str, finding: Finding) -> dict[str, Any]:
    """Return the fields of `FIELDS`, or of `CELL_FIELDS` for a finding in a table.

    Positions are in bytes: line 1-based, the others 0-based. In a cell they count in its text, in characters.
    """
    cell = finding.cell
    if cell is None:
        where: dict[str, Any] = {"path": plain_path(path), "line": finding.line}
    else:
        where = {"table": path, "column": cell.column, "keys": dict(cell.keys)}
    return where | {
        "start": finding.start,
        "end": finding.end,
        **({"offset": finding.offset} if cell is None else {}),
        "rule_id": finding.rule_id,
        "description": finding.description,
        "provider": finding.provider,
        "severity": finding.severity,
        "confidence": finding.confidence,
        "fingerprint": finding.fingerprint,
        "masked": mask(finding.secret),
        "timestamp": finding.timestamp,
        "json_path": finding.json_path,
        "service": finding.service,
    }


def capped(
    findings: Iterable[tuple[str, Finding]], max_per_secret: int | None
) -> Iterator[tuple[str, Finding]]:
    """Yield at most so many findings of one fingerprint, the first ones; None yields all."""
    if max_per_secret is None:
        yield from findings
        return
    counts: dict[str, int] = {}
    for pair in findings:
        fingerprint = pair[1].fingerprint
        count = counts.get(fingerprint, 0)
        if count or len(counts) < MAX_COUNTED:
            counts[fingerprint] = count + 1
        if count < max_per_secret:
            yield pair
