"""One JSON document: every finding, then a summary by secret, written as the scan goes.

`{"version": 1, "findings": [..], "summary": {..}}`; the findings have the fields of
`record.FIELDS`. `summary.secrets` holds one entry a secret, the worst first.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any, BinaryIO, Final

import orjson

from leakscan.terminal import plain_path

from .groups import Group, Groups, Place
from .record import capped, record

if TYPE_CHECKING:
    from collections.abc import Iterable

    from leakscan.finding import Finding
    from leakscan.totals import Totals

    from . import ReportOptions

#: The version of the document's shape.
VERSION: Final = 1


def write(
    findings: Iterable[tuple[str, Finding]], out: BinaryIO, totals: Totals, options: ReportOptions
) -> None:
    """Write the document; memory grows with distinct secrets, up to `groups.MAX_GROUPS` of them."""
    groups = Groups()
    out.write(b'{"version":%d,"findings":[' % VERSION)
    separator = b"\n"
    for path, finding in capped(groups.tallied(findings), options.max_per_secret):
        out.write(separator)
        out.write(orjson.dumps(record(path, finding)))
        separator = b",\n"
    out.write(b'\n],\n"summary":')
    out.write(orjson.dumps(_summary(groups, totals)))
    out.write(b"}\n")


def _summary(groups: Groups, totals: Totals) -> dict[str, Any]:
    return {
        "complete": totals.failed == 0,
        "files": totals.files,
        "bytes": totals.size,
        "places": groups.places,
        "secrets": [_secret(group) for group in groups.sorted()],
        "places_of_secrets_not_listed": groups.beyond,
        "failures": [{"path": plain_path(path), "reason": reason} for path, reason in totals.failures],
    }


def _secret(group: Group) -> dict[str, Any]:
    fields = {name: getattr(group, name) for name in _PLAIN}
    return fields | {"first": _place(group.first), "last": _place(group.last)}


def _place(place: Place) -> dict[str, Any]:
    return {
        "path": plain_path(place.path),
        "line": place.line,
        "start": place.start,
        "timestamp": place.timestamp,
    }


_PLAIN: Final = tuple(name.name for name in dataclasses.fields(Group) if name.name not in {"first", "last"})
