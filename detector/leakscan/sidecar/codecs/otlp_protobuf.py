"""OTLP in protobuf: ExportLogsServiceRequest and ExportTraceServiceRequest, rewritten on the wire.

Only records in which the prefilter selects a place are decoded. A changed string changes the length
prefixes on its path and nothing else; unknown fields survive (a secret in one is overwritten with as many
bytes).
Field numbers from opentelemetry-proto (logs/v1, trace/v1, common/v1, resource/v1).

Not here: what makes an attribute a secret (`records`), JSON (`otlp_json`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from leakscan.redact import UnscannableError, unscanned_label

from . import opaque, wire
from .anyvalue import MAX_DEPTH, Kind, Schema, TooDeepError, decode, encode
from .straddle import HEADER, taken_out

if TYPE_CHECKING:
    from collections.abc import Callable

    from .redaction import Redaction, Tally

#: Messages with strings of their own: field number -> name and kind.
RESOURCE: Final[Schema] = {1: ("attributes", Kind.ATTRIBUTES)}
SCOPE: Final[Schema] = {
    1: ("name", Kind.STRING), 2: ("version", Kind.STRING), 3: ("attributes", Kind.ATTRIBUTES)
}  # fmt: skip
LOG_RECORD: Final[Schema] = {
    3: ("severityText", Kind.STRING), 5: ("body", Kind.ANY), 6: ("attributes", Kind.ATTRIBUTES),
    9: ("traceId", Kind.RAW), 10: ("spanId", Kind.RAW), 12: ("eventName", Kind.STRING),
}  # fmt: skip
EVENT: Final[Schema] = {2: ("name", Kind.STRING), 3: ("attributes", Kind.ATTRIBUTES)}
LINK: Final[Schema] = {
    1: ("traceId", Kind.RAW), 2: ("spanId", Kind.RAW), 3: ("traceState", Kind.STRING),
    4: ("attributes", Kind.ATTRIBUTES),
}  # fmt: skip
STATUS: Final[Schema] = {2: ("message", Kind.STRING)}
SPAN: Final[Schema] = {
    1: ("traceId", Kind.RAW), 2: ("spanId", Kind.RAW), 3: ("traceState", Kind.STRING),
    4: ("parentSpanId", Kind.RAW), 5: ("name", Kind.STRING), 9: ("attributes", Kind.ATTRIBUTES),
    11: ("events", EVENT), 13: ("links", LINK), 15: ("status", STATUS),
}  # fmt: skip
_BODY: Final = 5
_SPAN_NAME: Final = 5
#: ResourceLogs and ResourceSpans: resource, scopes. ScopeLogs and ScopeSpans: scope, records.
_OUTER, _INNER = 1, 2
_REQUEST: Final = 1


def rewrite(body: bytes, redaction: Redaction, tally: Tally) -> bytes:
    """Return the request without its secrets; the same object if it has none.

    Raises:
        MalformedError: it is no protobuf.
        UnscannableError: a part could not be scanned and the policy is to block.

    """
    return _request(body, redaction, tally, LOG_RECORD)


def rewrite_traces(body: bytes, redaction: Redaction, tally: Tally) -> bytes:
    """As `rewrite`, for spans."""
    return _request(body, redaction, tally, SPAN)


def masked(body: bytes, reason: str) -> bytes:
    """Return a request with one record that says that this one could not be scanned."""
    text = wire.field(_BODY, wire.field(1, unscanned_label(reason, len(body))))
    return wire.field(_REQUEST, wire.field(_INNER, wire.field(_INNER, text)))


def masked_traces(body: bytes, reason: str) -> bytes:
    """Return a request with one span that says that this one could not be scanned."""
    name = wire.field(_SPAN_NAME, unscanned_label(reason, len(body)))
    return wire.field(_REQUEST, wire.field(_INNER, wire.field(_INNER, name)))


def _request(body: bytes, redaction: Redaction, tally: Tally, schema: Schema) -> bytes:
    spots = redaction.spots(body, is_protobuf=True)
    tally.records += _count(body)
    if not spots:
        return body
    changed = _Walk(body, spots, redaction, tally, schema).request()
    return body if changed is None else changed


class _Walk:
    """One walk over one request. It goes only into fields that hold one of the spots."""

    def __init__(
        self, data: bytes, spots: list[int], redaction: Redaction, tally: Tally, schema: Schema
    ) -> None:
        self._data = data
        self._spots = spots
        self._redaction = redaction
        self._tally = tally
        self._schema = schema

    def request(self) -> bytes | None:
        """Return the request with what changed, None if nothing did."""
        return self._message(0, len(self._data), self._in_request)

    def scope(self, start: int, end: int) -> bytes | None:
        """Return the scope in a region with what changed, None if nothing did."""
        return self._message(start, end, self._in_scope)

    def _message(self, start: int, end: int, change: Callable[[wire.Field], bytes | None]) -> bytes | None:
        held = wire.holding(self._data, start, end, self._spots)
        return wire.rewritten(self._data, start, end, change, held)

    def _in_request(self, item: wire.Field) -> bytes | None:
        if item.number != _REQUEST or item.kind != wire.LEN:
            return self._unknown(item)
        changed = self._message(item.body, item.end, self._in_resource)
        return None if changed is None else wire.again(self._data, item, changed)

    def _in_resource(self, item: wire.Field) -> bytes | None:
        if item.kind == wire.LEN and item.number == _OUTER:
            return self._record(item, RESOURCE)
        if item.kind == wire.LEN and item.number == _INNER:
            return self._whole_scope(item)
        return self._unknown(item)

    def _whole_scope(self, item: wire.Field) -> bytes | None:
        data, start, end = self._data, item.body, item.end
        if self._schema is LOG_RECORD and data.find(HEADER, start, end) >= 0:
            joined = _without_keys(data[start:end], self._redaction, self._tally)
            if joined is not None:
                spots = self._redaction.spots(joined, is_protobuf=True)
                walk = _Walk(joined, spots, self._redaction, self._tally, self._schema)
                return wire.again(data, item, walk.scope(0, len(joined)) or joined)
        changed = self.scope(start, end)
        return None if changed is None else wire.again(data, item, changed)

    def _in_scope(self, item: wire.Field) -> bytes | None:
        if item.kind == wire.LEN and item.number == _OUTER:
            return self._record(item, SCOPE)
        if item.kind == wire.LEN and item.number == _INNER:
            return self._record(item, self._schema)
        return self._unknown(item)

    def _record(self, item: wire.Field, schema: Schema) -> bytes | None:
        changed = redacted_message(self._data, item.body, item.end, schema, self._redaction, self._tally)
        return None if changed is None else wire.again(self._data, item, changed)

    def _unknown(self, item: wire.Field) -> bytes | None:
        if item.kind != wire.LEN:
            return None
        text = self._data[item.body : item.end]
        changed = opaque.rewrite(text, self._redaction, self._tally)
        return None if changed is text else wire.again(self._data, item, changed)


def redacted_message(
    data: bytes, start: int, end: int, schema: Schema, redaction: Redaction, tally: Tally
) -> bytes | None:
    """Return the message in a region without its secrets, None if it has none.

    Raises:
        MalformedError: it is no protobuf.
        UnscannableError: a part could not be scanned and the policy is to block.

    """
    try:
        value = decode(data, start, end, schema)
    except TooDeepError:
        return _too_deep(data, start, end, schema, redaction, tally)
    redacted = redaction.record(value, tally)
    return encode(data, start, end, schema, value, redacted, redaction, tally)


def _too_deep(
    data: bytes, start: int, end: int, schema: Schema, redaction: Redaction, tally: Tally
) -> bytes | None:
    """Put a label in the place of everything in a record that may hold text, as the policy has it."""
    tally.fail("depth")
    if redaction.on_failure == "block":
        raise UnscannableError("depth")
    if redaction.on_failure == "open":
        return None
    kept = [
        data[item.start : item.end]
        for item in wire.fields(data, start, end)
        if item.kind != wire.LEN or schema.get(item.number, ("", Kind.STRING))[1] is Kind.RAW
    ]
    label = unscanned_label("depth", end - start)
    for number, (_, kind) in schema.items():
        if kind is Kind.ANY:
            kept.append(wire.field(number, wire.field(1, label)))
        elif kind is Kind.ATTRIBUTES:
            pair = wire.field(1, b"leakscan") + wire.field(2, wire.field(1, label))
            kept.append(wire.field(number, pair))
    return b"".join(kept)


def _without_keys(part: bytes, redaction: Redaction, tally: Tally) -> bytes | None:
    """Return a scope without the private keys that were printed one line a record, None if it has none."""
    texts: list[bytes] = []

    def collect(item: wire.Field) -> None:
        if item.number == _INNER and item.kind == wire.LEN:
            texts.append(_text_of(part, item))

    for item in wire.fields(part, 0, len(part)):
        collect(item)
    changed = iter(taken_out(texts, redaction, tally) or ())
    originals = iter(texts)

    def change(item: wire.Field) -> bytes | None:
        if item.number != _INNER or item.kind != wire.LEN:
            return None
        new, old = next(changed, None), next(originals)
        if new is None or new is old:
            return None
        body = wire.field(_BODY, wire.field(1, new))
        record = wire.rewritten(
            part, item.body, item.end, lambda inner: body if inner.number == _BODY else None
        )
        return None if record is None else wire.again(part, item, record)

    return wire.rewritten(part, 0, len(part), change)


def _text_of(data: bytes, record: wire.Field) -> bytes:
    """Return the body of a log record if it is a string."""
    for item in wire.fields(data, record.body, record.end):
        if item.number == _BODY and item.kind == wire.LEN:
            for value in wire.fields(data, item.body, item.end):
                if value.number == 1 and value.kind == wire.LEN:
                    return data[value.body : value.end]
    return b""


def _count(body: bytes) -> int:
    """Return the number of records, without looking into them.

    Raises:
        MalformedError: it is no protobuf.

    """
    number = 0
    for outer in wire.fields(body, 0, len(body)):
        if outer.number == _REQUEST and outer.kind == wire.LEN:
            for scope in wire.fields(body, outer.body, outer.end):
                if scope.number == _INNER and scope.kind == wire.LEN:
                    number += wire.count(body, scope.body, scope.end, _INNER)
    return number


__all__ = ["MAX_DEPTH", "masked", "redacted_message", "rewrite", "rewrite_traces"]
