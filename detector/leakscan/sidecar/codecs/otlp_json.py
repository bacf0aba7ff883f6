"""OTLP in JSON: the same messages as in protobuf, lowerCamelCase, ids in hex, bytes in base64.

What was a number or bytes and held a secret becomes a string, or base64 of the label, so that the
request stays one that a collector reads. From https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding.

Not here: JSON itself (`jsondoc`).
"""

from __future__ import annotations

import base64
import re
from typing import TYPE_CHECKING, Final

from .jsondoc import ANY, ITEM, label_for, redact_document

if TYPE_CHECKING:
    from leakscan.framing.jsontext import Path

    from .redaction import Redaction, Tally

#: Records; resources and scopes are small, and are read together with what is around the records.
_PATHS: Final[tuple[Path, ...]] = (
    (ANY, "resourceLogs", ANY, "scopeLogs", ANY, "logRecords", ITEM),
    (ANY, "resourceSpans", ANY, "scopeSpans", ANY, "spans", ITEM),
    (ANY, "resource_logs", ANY, "scope_logs", ANY, "log_records", ITEM),
)
#: A label under the name of another kind of value; it begins with a bracket or a star.
_NUMBER: Final = re.compile(rb'"(?:int|double|bool)(?:V|_v)alue"(\s*+:\s*+"[\[*])')
_BYTES: Final = re.compile(rb'"(bytes(?:V|_v)alue)"(\s*+:\s*+)"([^"\\]*[\[*][^"\\]*)"')
_TIMES: Final = (b'"timeUnixNano"', b'"observedTimeUnixNano"', b'"startTimeUnixNano"')


def rewrite(body: bytes, redaction: Redaction, tally: Tally) -> bytes:
    """Return the request without its secrets; the same object if it has none.

    Raises:
        UnscannableError: a part could not be scanned and the policy is to block.

    """
    tally.records += max(map(body.count, _TIMES))
    return redact_document(body, _PATHS, redaction, tally, finish)


def masked(body: bytes, reason: str) -> bytes:
    """Return a request with one record that says that this one could not be scanned."""
    label = label_for(b'"' + body[1:], reason)
    return b'{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"body":{"stringValue":%b}}]}]}]}' % label


def finish(_before: bytes, after: bytes) -> bytes:
    """Return a redacted record with labels where a collector takes strings."""
    after = _NUMBER.sub(rb'"stringValue"\1', after)
    return _BYTES.sub(_as_base64, after)


def _as_base64(found: re.Match[bytes]) -> bytes:
    return b'"%b"%b"%b"' % (found[1], found[2], base64.b64encode(found[3]))
