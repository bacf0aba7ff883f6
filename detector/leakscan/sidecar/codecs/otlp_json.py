"""OTLP in JSON: the same messages as in protobuf, lowerCamelCase, ids in hex, bytes in base64.

What was a number or bytes and held a secret becomes a string, or base64 of the label, so that the
request stays one that a collector reads. From https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding.

Not here: JSON itself (`jsondoc`).
"""

from __future__ import annotations

import base64
import re
from typing import TYPE_CHECKING, Any, Final

from .jsondoc import label_for, redact_document
from .jsonspans import ANY, ITEM

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
_SCALARS: Final = frozenset({"stringvalue", "intvalue", "bytesvalue", "boolvalue", "doublevalue"})
_TIMES: Final = (b'"timeUnixNano"', b'"observedTimeUnixNano"', b'"startTimeUnixNano"')


def rewrite(body: bytes, redaction: Redaction, tally: Tally) -> bytes:
    """Return the request without its secrets; the same object if it has none.

    Raises:
        UnscannableError: a part could not be scanned and the policy is to block.

    """
    tally.records += max(map(body.count, _TIMES))
    return redact_document(body, _PATHS, redaction, tally, finish, redact_record)


def masked(body: bytes, reason: str) -> bytes:
    """Return a request with one record that says that this one could not be scanned."""
    label = label_for(b'"' + body[1:], reason)
    return b'{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"body":{"stringValue":%b}}]}]}]}' % label


def finish(_before: bytes, after: bytes) -> bytes:
    """Return a redacted record with labels where a collector takes strings."""
    after = _NUMBER.sub(rb'"stringValue"\1', after)
    return _BYTES.sub(_as_base64, after)


def redact_record(value: Any, redaction: Redaction, tally: Tally) -> Any:
    """Return a parsed record, or what is around records, without its secrets; the same object if clean."""
    plain = _plain(value)
    redacted = redaction.record(plain, tally)
    return value if redacted is plain else _again(value, plain, redacted)


def _plain(value: Any) -> Any:
    """Return a value without OTLP's wrappers: an AnyValue as itself, key-value pairs as members."""
    if isinstance(value, list):
        if _are_pairs(value):
            members = {item["key"]: _plain(item.get("value")) for item in value}
            if len(members) == len(value):
                return members
            return [{item["key"]: _plain(item.get("value"))} for item in value]
        return [_plain(item) for item in value]
    if not isinstance(value, dict):
        return value
    kind = _kind(value)
    if kind is None:
        return {name: _plain(member) for name, member in value.items()}
    (inner,) = value.values()
    if kind in {"arrayvalue", "kvlistvalue"}:
        return _plain(inner["values"])
    if kind == "bytesvalue":
        return _from_base64(inner)
    if kind == "intvalue" and isinstance(inner, str) and inner.removeprefix("-").isdecimal():
        return int(inner)
    return inner


def _again(value: Any, old: Any, new: Any) -> Any:
    """Return a value with its wrappers and what changed in it; what did not change is shared."""
    if new is old:
        return value
    if isinstance(value, list) and isinstance(new, list | dict):
        if not _are_pairs(value):
            return [_again(*each) for each in zip(value, old, new, strict=True)]
        before, after = _items(old), _items(new)
        return [
            item | {"key": name, "value": _again(item.get("value"), was, now)}
            if name is not item["key"] or now is not was
            else item
            for item, (_, was), (name, now) in zip(value, before, after, strict=True)
        ]
    if not isinstance(value, dict):
        return new
    kind = _kind(value)
    if kind is None:
        if not isinstance(new, dict):
            return new
        return {
            name: _again(member, was, now)
            for (_, member), was, (name, now) in zip(value.items(), old.values(), new.items(), strict=True)
        }
    ((name, inner),) = value.items()
    if kind in {"arrayvalue", "kvlistvalue"}:
        if not isinstance(new, list | dict):
            return {"stringValue": new}
        return {name: inner | {"values": _again(inner["values"], old, new)}}
    if isinstance(new, bytes):
        return {name: base64.b64encode(new).decode()}
    return {name: new}


def _kind(value: dict[str, Any]) -> str | None:
    """Return which AnyValue an object is, without underscores and in lower case; None if it is none."""
    if len(value) != 1:
        return None
    ((name, inner),) = value.items()
    kind = name.replace("_", "").lower()
    if kind in {"arrayvalue", "kvlistvalue"}:
        return kind if isinstance(inner, dict) and isinstance(inner.get("values"), list) else None
    return kind if kind in _SCALARS and not isinstance(inner, list | dict) else None


def _are_pairs(value: list[Any]) -> bool:
    return bool(value) and all(
        isinstance(item, dict) and isinstance(item.get("key"), str) and item.keys() <= {"key", "value"}
        for item in value
    )


def _items(members: Any) -> list[tuple[str, Any]]:
    if isinstance(members, dict):
        return list(members.items())
    return [pair for item in members for pair in item.items()]


def _from_base64(text: Any) -> Any:
    try:
        return base64.b64decode(text, validate=True)
    except (ValueError, TypeError):
        return text


def _as_base64(found: re.Match[bytes]) -> bytes:
    return b'"%b"%b"%b"' % (found[1], found[2], base64.b64encode(found[3]))
