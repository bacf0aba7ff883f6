"""OpenTelemetry: a log record processor to put around the one that exports.

    provider.add_log_record_processor(
        RedactingLogRecordProcessor(Scanner(), BatchLogRecordProcessor(exporter))
    )

Redacted are the body, the attributes (also those that the SDK makes of an exception), the severity text,
the event name, and the attributes of the resource and the scope. Processors registered beside it see the
record unchanged. The SDK cuts attributes to `OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT` before any processor
runs: a secret that was cut there may not be known for one, so leave the limit to the exporter's end.

Needs the SDK: `leakscan-logs[otel]`.

Not here: OTLP on the wire, what a record of dicts and lists holds (`leakscan.records`).
"""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any, Final

try:
    from opentelemetry.attributes import BoundedAttributes
    from opentelemetry.sdk._logs import LogRecordProcessor  # the SDK's only name for it so far
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.util.instrumentation import InstrumentationScope
except ImportError:
    raise ImportError(
        "leakscan.integrations.opentelemetry needs the SDK: pip install 'leakscan-logs[otel]'"
    ) from None

from leakscan.redact import unscanned_label

if TYPE_CHECKING:
    from collections.abc import Mapping

    from leakscan.records import Records
    from leakscan.redact import Style
    from leakscan.scanner import Scanner

Part = Resource | InstrumentationScope | None

#: Resources and scopes whose attributes were looked at and are remembered; programs have a few of each.
_MAX_KNOWN: Final = 256


class RedactingLogRecordProcessor(LogRecordProcessor):
    """Takes the secrets out of log records and hands them to the next processor.

    A clean record is handed on as the same object.

    Args:
        scanner: the scanner.
        next_processor: gets the records: a `BatchLogRecordProcessor` or any other.
        style: as in `Scanner.redact`.

    """

    def __init__(self, scanner: Scanner, next_processor: LogRecordProcessor, style: Style = "label") -> None:
        self._records: Records = scanner.records
        self._style: Style = style
        self._next = next_processor
        # by id, with the object itself, so that no id is used again
        self._known: dict[int, tuple[Part, Part]] = {}

    def on_emit(self, log_record: Any) -> None:
        """Hand a record without secrets to the next processor."""
        try:
            redacted = self._redacted(log_record)
        except Exception as error:  # noqa: BLE001 - our own bug must neither leak nor stop the application
            redacted = _masked(log_record, type(error).__name__)
        self._next.on_emit(redacted)

    def enabled(self, **about: Any) -> bool:
        """Tell whether the next processor would emit a record like this."""
        enabled = getattr(self._next, "enabled", None)  # not in older versions of the SDK
        return bool(enabled(**about)) if enabled is not None else True

    def shutdown(self) -> None:
        """Shut the next processor down."""
        self._next.shutdown()

    def force_flush(self, timeout_millis: int = 30000) -> bool:
        """Flush the next processor."""
        return bool(self._next.force_flush(timeout_millis))

    def _redacted(self, emitted: Any) -> Any:
        record = emitted.log_record
        attributes = getattr(record, "attributes", None)
        texts = {
            "body": record.body,
            # one copy instead of a lock for each look
            "attributes": attributes.copy() if type(attributes) is BoundedAttributes else attributes,
            "severity_text": record.severity_text,
            "event_name": getattr(record, "event_name", None),  # not in older versions of the SDK
        }
        redacted = self._walk(texts)
        resource, scope = emitted.resource, emitted.instrumentation_scope
        clean_resource, clean_scope = self._around(resource), self._around(scope)
        if redacted is texts and clean_resource is resource and clean_scope is scope:
            return emitted
        changes = {name: value for name, value in redacted.items() if value is not texts[name]}
        if changes:
            # the exception itself would show what is in its attributes
            changes["exception"] = None
        return _copied(emitted, changes, clean_resource, clean_scope)

    def _around(self, part: Part) -> Part:
        """Return a resource or scope without secrets; each is looked at once."""
        known = self._known.get(id(part))
        if known is None:
            if part is None:
                return None
            if len(self._known) >= _MAX_KNOWN:
                self._known.clear()
            attributes = dict(part.attributes or {})
            redacted = self._walk(attributes)
            clean = part
            if redacted is not attributes and isinstance(part, InstrumentationScope):
                clean = InstrumentationScope(part.name, part.version, part.schema_url, redacted)
            elif redacted is not attributes:
                clean = Resource(redacted, part.schema_url)
            known = self._known[id(part)] = part, clean
        return known[1]

    def _walk(self, value: Any) -> Any:
        return self._records.redact(value, self._style, objects=True)


def _copied(emitted: Any, changes: Mapping[str, Any], resource: Part, scope: Part) -> Any:
    """Return a copy of what the SDK hands around, with a copy of the record in it."""
    record = copy.copy(emitted.log_record)
    for name, value in changes.items():
        if hasattr(record, name):
            setattr(record, name, _bounded(record.attributes, value) if name == "attributes" else value)
    clone = copy.copy(emitted)
    clone.log_record = record
    clone.resource, clone.instrumentation_scope = resource, scope
    return clone


def _bounded(attributes: Any, redacted: Mapping[str, Any]) -> Any:
    """Return attributes in the SDK's own container, which knows how many were dropped."""
    try:
        bounded = copy.deepcopy(attributes)
        for name in list(bounded):
            if name not in redacted or bounded[name] != redacted[name]:
                del bounded[name]
        for name, value in redacted.items():
            if name not in bounded:
                bounded[name] = value
    except (TypeError, AttributeError):  # immutable, or of a version without these
        return redacted
    return bounded


def _masked(emitted: Any, reason: str) -> Any:
    label = unscanned_label(reason, 0).decode()
    changes: dict[str, Any] = {"body": label, "attributes": {}, "event_name": None, "exception": None}
    return _copied(emitted, changes, emitted.resource, emitted.instrumentation_scope)
