"""One JSON document: every finding, then a summary by secret, written as the scan goes.

`{"version": 1, "findings": [..], "summary": {..}}`; the findings have the fields of
`record.FIELDS`. `summary.secrets` holds one entry a secret, the worst first, with the first and last time
that lines say (`first_seen`, `last_seen`); `by_rule`, `by_file`, `by_service` and `timeline` count places.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, BinaryIO, Final

import orjson

from leakscan.finding import SEVERITIES
from leakscan.terminal import plain_path

from .exposure import Exposure
from .record import capped, record
from .timeline import utc

if TYPE_CHECKING:
    from collections.abc import Iterable

    from leakscan.finding import Finding
    from leakscan.totals import Totals

    from . import ReportOptions
    from .groups import Exposed, Group, Place
    from .tally import Tally

#: The version of the document's shape.
VERSION: Final = 1
#: The rules, files and services with the most places are listed, so many of each.
LISTED: Final = 1000
#: Stretches of time that the timeline has at most.
BARS: Final = 400


def write(
    findings: Iterable[tuple[str, Finding]], out: BinaryIO, totals: Totals, options: ReportOptions
) -> None:
    """Write the document; memory grows with distinct secrets, up to `groups.MAX_GROUPS` of them."""
    exposure = Exposure()
    out.write(b'{"version":%d,"findings":[' % VERSION)
    separator = b"\n"
    for path, finding in capped(exposure.tallied(findings), options.max_per_secret):
        out.write(separator)
        out.write(orjson.dumps(record(path, finding)))
        separator = b",\n"
    out.write(b'\n],\n"summary":')
    out.write(orjson.dumps(_summary(exposure, totals)))
    out.write(b"}\n")


def _summary(exposure: Exposure, totals: Totals) -> dict[str, Any]:
    groups = exposure.groups
    width, bars = exposure.timeline.bars(BARS)
    return {
        "complete": totals.failed == 0,
        "files": totals.files,
        "bytes": totals.size,
        "places": groups.places,
        **_exposed(exposure.exposed),
        "places_without_time": exposure.untimed,
        "secrets": [_secret(group) for group in groups.sorted()],
        "places_of_secrets_not_listed": groups.beyond,
        "by_rule": _listed(exposure.rules, "rule_id"),
        "by_file": [row | {"path": plain_path(row["path"])} for row in _listed(exposure.files, "path")],
        "by_service": _listed(exposure.services, "service"),
        "timeline": {
            "seconds": width,
            "severities": SEVERITIES,
            "stretches": [{"start": utc(start), "places": counts} for start, counts in bars if any(counts)],
        },
        "failures": [{"path": plain_path(path), "reason": reason} for path, reason in totals.failures],
    }


def _exposed(exposed: Exposed | None) -> dict[str, str | None]:
    if exposed is None:
        return {"first_seen": None, "last_seen": None}
    return {"first_seen": exposed.first_seen, "last_seen": exposed.last_seen}


def _secret(group: Group) -> dict[str, Any]:
    return {
        "rule_id": group.rule_id,
        "description": group.description,
        "provider": group.provider,
        "severity": group.severity,
        "confidence": group.confidence,
        "fingerprint": group.fingerprint,
        "masked": group.masked,
        "count": group.count,
        "files": group.files,
        "first": _place(group.first),
        "last": _place(group.last),
        **_exposed(group.exposed),
        "services": list(group.services.counts) if group.services is not None else [],
    }


def _place(place: Place) -> dict[str, Any]:
    fields: dict[str, Any] = {
        "path": plain_path(place.path),
        "line": place.line,
        "start": place.start,
        "timestamp": place.timestamp,
    }
    if place.cell is not None:
        fields |= {"column": place.cell.column, "keys": dict(place.cell.keys)}
    return fields


def _listed(tally: Tally, name: str) -> list[dict[str, Any]]:
    return [{name: text, "places": count} for text, count in tally.most(LISTED)]
