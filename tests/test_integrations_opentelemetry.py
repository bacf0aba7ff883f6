"""OpenTelemetry's SDK, with its own loggers, processors and exporters."""

from __future__ import annotations

import logging
import random
import string
import warnings
from typing import Any

import pytest
from opentelemetry.sdk._logs import LoggerProvider, LoggingHandler, LogRecordProcessor
from opentelemetry.sdk._logs.export import (
    BatchLogRecordProcessor,
    InMemoryLogRecordExporter,
    SimpleLogRecordProcessor,
)
from opentelemetry.sdk.resources import Resource

from leakscan import Scanner
from leakscan.integrations.opentelemetry import RedactingLogRecordProcessor

PASSWORD = "Tr0ub4dor-hunter2"
TOKEN = "ghp_" + "".join(random.Random(8).choices(string.ascii_letters + string.digits, k=36))
TOKEN_PUT = "[REDACTED:github-personal-access-token]"
SCANNER = Scanner(key=b"0123456789abcdef0123456789abcdef")


class Pipeline:
    """A provider that exports redacted records beside plain ones."""

    def __init__(self, *, batch: bool = False, resource: Resource | None = None) -> None:
        self.exporter, self.plain = InMemoryLogRecordExporter(), InMemoryLogRecordExporter()
        exporting = (BatchLogRecordProcessor if batch else SimpleLogRecordProcessor)(self.exporter)
        self.provider = LoggerProvider(resource=resource)
        self.provider.add_log_record_processor(RedactingLogRecordProcessor(SCANNER, exporting))
        self.provider.add_log_record_processor(SimpleLogRecordProcessor(self.plain))
        self.logger = self.provider.get_logger("test")

    def exported(self) -> list[Any]:
        """Return the redacted records."""
        self.provider.force_flush()
        return list(self.exporter.get_finished_logs())

    def require_redacted(self) -> str:
        """Require that only the redacting processor's exporter got no secret; return what it got."""
        text = "".join(each.to_json() for each in self.exported())
        plain = "".join(each.to_json() for each in self.plain.get_finished_logs())
        for secret in (TOKEN, PASSWORD):
            assert secret[4:] not in text
        assert TOKEN in plain or PASSWORD in plain
        return text


@pytest.mark.parametrize("batch", [False, True])
def test_body_and_attributes(batch: bool) -> None:  # noqa: FBT001 - pytest passes it
    """Bodies of any type and nested attributes are redacted; others see them as they were."""
    pipeline = Pipeline(batch=batch)
    pipeline.logger.emit(body=f"t={TOKEN}", severity_text="INFO", event_name="login")
    pipeline.logger.emit(body={"user": "bob", "password": PASSWORD, "n": [1, 2.5]})
    header = {"http.request.header.authorization": [f"Bearer {TOKEN}"], "n": 5}
    pipeline.logger.emit(body="x", attributes=header)
    pipeline.logger.emit(body="x", attributes={"request": {"db": {"password": PASSWORD}}})
    pipeline.require_redacted()
    bodies = [each.log_record.body for each in pipeline.exported()]
    assert bodies[0] == f"t={TOKEN_PUT}"
    assert bodies[1] == {"user": "bob", "password": "[REDACTED:generic-password]", "n": [1, 2.5]}
    assert pipeline.exported()[2].log_record.attributes["n"] == 5


def test_exceptions() -> None:
    """The attributes that the SDK makes of an exception, and the exception itself."""
    pipeline = Pipeline()
    try:
        raise ValueError(f"bad {TOKEN}")
    except ValueError as error:
        pipeline.logger.emit(body="failed", exception=error)
    text = pipeline.require_redacted()
    record = pipeline.exported()[0].log_record
    assert record.exception is None
    assert record.attributes["exception.type"] == "ValueError"
    assert record.attributes["exception.message"] == f"bad {TOKEN_PUT}"
    assert "test_integrations_opentelemetry.py" in text


class Shown:
    """An object that shows a secret when written."""

    def __str__(self) -> str:
        return f"Shown({TOKEN})"


def test_with_the_standard_library() -> None:
    """Arguments, exceptions, dicts, nested extra and objects, through the SDK's handler."""
    pipeline = Pipeline()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        handler = LoggingHandler(logger_provider=pipeline.provider)
    log = logging.Logger("app")
    log.addHandler(handler)
    log.info("t=%s", TOKEN)
    log.info("got %s", {"password": PASSWORD})
    log.info({"event": "login", "password": PASSWORD})
    log.info("x", extra={"request": {"password": PASSWORD}})
    log.info("object %s", Shown())
    try:
        raise ValueError(f"password={PASSWORD}")
    except ValueError:
        log.exception("failed")
    text = pipeline.require_redacted()
    assert text.count("[REDACTED:") >= 6


class Seen(LogRecordProcessor):
    """A processor that keeps what it gets and counts the other calls."""

    def __init__(self) -> None:
        self.records: list[Any] = []
        self.calls: list[str] = []

    def on_emit(self, log_record: Any) -> None:
        """Keep the record."""
        self.records.append(log_record)

    def enabled(self, **about: Any) -> bool:
        """Want no record."""
        self.calls.append(f"enabled {sorted(about)}")
        return False

    def shutdown(self) -> None:
        """Note the call."""
        self.calls.append("shutdown")

    def force_flush(self, timeout_millis: int = 30000) -> bool:
        """Note the call."""
        self.calls.append(f"flush {timeout_millis}")
        return True


def test_a_clean_record_is_the_same_object() -> None:
    """A record without a secret is handed on as it is."""
    first, second = Seen(), Seen()
    provider = LoggerProvider()
    provider.add_log_record_processor(first)
    provider.add_log_record_processor(RedactingLogRecordProcessor(SCANNER, second))
    provider.get_logger("x").emit(body={"n": 1}, attributes={"k": "some value"})
    provider.get_logger("x").emit(body=TOKEN)
    assert second.records[0] is first.records[0]
    assert second.records[1] is not first.records[1]
    assert first.records[1].log_record.body == TOKEN


def test_other_calls_are_handed_on() -> None:
    """Flush, shutdown and the question whether a record is wanted reach the next processor."""
    seen = Seen()
    processor = RedactingLogRecordProcessor(SCANNER, seen)
    assert processor.force_flush(5)
    assert not processor.enabled(severity_number=None)
    processor.shutdown()
    assert seen.calls == ["flush 5", "enabled ['severity_number']", "shutdown"]


def test_resource_and_scope() -> None:
    """Secrets in what goes with every record are redacted too, and looked at once."""
    pipeline = Pipeline(resource=Resource({"service.name": "app", "deploy.password": PASSWORD}))
    pipeline.logger = pipeline.provider.get_logger("test", attributes={"note": f"t={TOKEN}"})
    for _ in range(3):
        pipeline.logger.emit(body="nothing")
    assert PASSWORD in pipeline.require_redacted().replace("[REDACTED:generic-password]", PASSWORD)
    for each in pipeline.exported():
        assert each.resource.attributes["deploy.password"] == "[REDACTED:generic-password]"
        assert each.resource.attributes["service.name"] == "app"
        assert each.instrumentation_scope.attributes["note"] == f"t={TOKEN_PUT}"
        assert each.instrumentation_scope.name == "test"


def test_our_own_failure_masks_the_record(monkeypatch: pytest.MonkeyPatch) -> None:
    """A bug in the scanner costs the body and attributes, never the secret, never the application."""
    scanner, seen = Scanner(), Seen()
    monkeypatch.setattr(scanner.records, "redact", lambda *_, **__: 1 / 0)
    provider = LoggerProvider()
    provider.add_log_record_processor(RedactingLogRecordProcessor(scanner, seen))
    provider.get_logger("x").emit(body=TOKEN, attributes={"password": PASSWORD}, severity_text="WARN")
    record = seen.records[0].log_record
    assert record.body == "[LEAKSCAN:unscanned reason=ZeroDivisionError bytes=0]"
    assert dict(record.attributes) == {}
    assert record.severity_text == "WARN"
