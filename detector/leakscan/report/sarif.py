"""SARIF 2.1.0 (OASIS), for code-scanning services and viewers; written as the scan goes.

A region gives the line, and the place of the secret in bytes. Columns are left out, since SARIF
counts them in characters and we do not decode logs. A cell of a table is a logical location.
"""

from __future__ import annotations

import os
import urllib.parse
from typing import TYPE_CHECKING, Any, BinaryIO, Final

import orjson

from leakscan.mask import mask
from leakscan.sources import STDIN, is_remote
from leakscan.terminal import plain_path

from .record import capped

if TYPE_CHECKING:
    from collections.abc import Iterable

    from leakscan.finding import Finding
    from leakscan.rules import Rule
    from leakscan.totals import Totals

    from . import ReportOptions

_SCHEMA: Final = "https://json.schemastore.org/sarif-2.1.0.json"
_LEVELS: Final = {"critical": "error", "high": "error", "medium": "warning", "low": "note"}
#: GitHub shows a severity from this number, on the scale of CVSS.
_SECURITY_SEVERITY: Final = {"critical": "9.5", "high": "8.0", "medium": "5.5", "low": "2.5"}


def write(
    findings: Iterable[tuple[str, Finding]], out: BinaryIO, totals: Totals, options: ReportOptions
) -> None:
    """Write the log; memory grows with the number of rules that found something."""
    indexes: dict[str, int] = {}
    out.write(b'{"$schema":"%s","version":"2.1.0","runs":[{"results":[' % _SCHEMA.encode())
    separator = b"\n"
    known: dict[str, Finding] = {}
    for path, finding in capped(findings, options.max_per_secret):
        index = indexes.setdefault(finding.rule_id, len(indexes))
        known.setdefault(finding.rule_id, finding)
        out.write(separator)
        out.write(orjson.dumps(_result(path, finding, index)))
        separator = b",\n"
    rules = {rule.id: rule for rule in options.rules}
    driver = {
        "name": "leakscan",
        "rules": [_descriptor(finding, rules.get(rule_id)) for rule_id, finding in known.items()],
    }
    out.write(b'\n],\n"columnKind":"utf16CodeUnits","tool":')
    out.write(orjson.dumps({"driver": driver}))
    out.write(b',\n"invocations":')
    out.write(orjson.dumps([_invocation(totals)]))
    out.write(b"}]}\n")


def _result(path: str, finding: Finding, index: int) -> dict[str, Any]:
    cell = finding.cell
    physical: dict[str, Any] = {"artifactLocation": {"uri": _uri(path)}}
    location: dict[str, Any] = {"physicalLocation": physical}
    if cell is None:
        physical["region"] = {
            "startLine": finding.line,
            "byteOffset": finding.offset,
            "byteLength": finding.end - finding.start,
        }
        span: dict[str, Any] = {"startByteInLine": finding.start, "endByteInLine": finding.end}
    else:
        location["logicalLocations"] = [{"fullyQualifiedName": f"{path}.{cell.column}", "kind": "member"}]
        span = {"keys": dict(cell.keys), "startInCell": finding.start, "endInCell": finding.end}
    masked = mask(finding.secret)
    return {
        "ruleId": finding.rule_id,
        "ruleIndex": index,
        "level": _LEVELS[finding.severity],
        "message": {"text": f"{finding.description} Found: {masked}"},
        "locations": [location],
        "partialFingerprints": {"leakscan/v1": finding.fingerprint},
        "properties": {
            "severity": finding.severity,
            "confidence": finding.confidence,
            "masked": masked,
            **span,
        },
    }


def _descriptor(finding: Finding, rule: Rule | None) -> dict[str, Any]:
    descriptor: dict[str, Any] = {
        "id": finding.rule_id,
        "shortDescription": {"text": finding.description},
        "defaultConfiguration": {"level": _LEVELS[finding.severity]},
        "properties": {
            "provider": finding.provider,
            "security-severity": _SECURITY_SEVERITY[finding.severity],
            "tags": ["security", "secret"],
        },
    }
    if rule is not None and rule.references:
        descriptor["helpUri"] = rule.references[0]
    return descriptor


def _invocation(totals: Totals) -> dict[str, Any]:
    invocation: dict[str, Any] = {"executionSuccessful": totals.failed == 0}
    if totals.failures:
        invocation["toolExecutionNotifications"] = [
            {"level": "error", "message": {"text": f"{plain_path(path)}: {reason}"}}
            for path, reason in totals.failures
        ]
    return invocation


def _uri(path: str) -> str:
    if path == STDIN:
        return "stdin"
    if is_remote(path):
        scheme, _, rest = path.partition(":")
        return f"{scheme}:{urllib.parse.quote(rest)}"
    quoted = urllib.parse.quote(os.fsencode(path))
    return f"file://{quoted}" if path.startswith("/") else quoted
