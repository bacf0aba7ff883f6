"""What a clean record costs in each logger and as a dict: over the same thing without leakscan, in us.

    pytest benchmarks/test_loggers.py -s

Both sides write the same records to the same kind of handler, turn by turn, so that a busy machine slows
both; the least of many turns counts. Each side counts its records, so that none is fast by losing them.
"""

from __future__ import annotations

import io
import json
import logging
import time
from typing import TYPE_CHECKING, Any

import loguru._logger
import pytest
import structlog
from opentelemetry.sdk._logs import LoggerProvider, LogRecordProcessor
from structlog.processors import add_log_level

from leakscan import Scanner
from leakscan.integrations.logging import RedactFilter
from leakscan.integrations.loguru import patcher
from leakscan.integrations.opentelemetry import RedactingLogRecordProcessor
from leakscan.integrations.structlog import RedactProcessor

if TYPE_CHECKING:
    from collections.abc import Callable

SCANNER = Scanner()
#: What a clean record may cost more than the bare logger, us.
LOGGER_GOAL = 3.0
#: What `redact_record` of a record of five fields may cost, us.
RECORD_GOAL = 5.0
TURNS, CALLS = 40, 1000

RECORD = {
    "level": "info",
    "message": "GET /api/v1/users/123 200 in 12ms",
    "user": "alice@mail.internal",
    "host": "web-01.prod.internal",
    "status": 200,
}
OTLP = {
    "body": {"stringValue": "request finished"},
    "attributes": [{"key": f"http.k{i}", "value": {"stringValue": f"some value {i}"}} for i in range(10)],
}


class Counting(logging.Handler):
    """Formats records and counts them."""

    count = 0

    def emit(self, record: logging.LogRecord) -> None:
        """Format a record."""
        self.format(record)
        self.count += 1


def compare(name: str, bare: Callable[[], Any], redacting: Callable[[], Any], goal: float) -> None:
    """Measure both, print the figures and require the goal."""
    times: dict[Callable[[], Any], float] = {}
    for _ in range(TURNS):
        for call in (bare, redacting):
            start = time.perf_counter()
            for _ in range(CALLS):
                call()
            taken = (time.perf_counter() - start) / CALLS * 1e6
            times[call] = min(taken, times.get(call, taken))
    more = times[redacting] - times[bare]
    print(f"\n{name:32} bare {times[bare]:6.2f}  redacting {times[redacting]:6.2f}  more {more:5.2f} us")
    assert more < goal


LOGGED = {
    "message": ("request finished without arguments", (), None),
    "arguments": ("user %s did %d things in %s", ("bob", 3, "kitchen-sink-7"), None),
    "extra": ("hello %s", ("bob",), {"request_id": "abcdef-123456", "status": 200}),
}


@pytest.mark.parametrize("kind", LOGGED)
def test_logging(kind: str) -> None:
    """The standard library: a plain message, arguments, and fields of `extra`."""
    message, args, extra = LOGGED[kind]
    handlers = Counting(), Counting()
    loggers = []
    for handler in handlers:
        handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s %(message)s"))
        loggers.append(logging.Logger("bench"))  # noqa: LOG001 - one of its own
        loggers[-1].addHandler(handler)
    handlers[1].addFilter(RedactFilter(SCANNER))
    calls = [lambda log=log: log.info(message, *args, extra=extra) for log in loggers]
    compare(f"logging, {kind}", calls[0], calls[1], LOGGER_GOAL)
    assert handlers[0].count == handlers[1].count == TURNS * CALLS


def test_structlog() -> None:
    """An event with three fields, rendered as JSON."""
    count = [0, 0]

    def rendered(side: int) -> Callable[..., str]:
        def render(_: Any, __: str, event: Any) -> str:
            count[side] += 1
            return json.dumps(event)

        return render

    bare, redacting = (
        structlog.wrap_logger(
            structlog.ReturnLogger(),
            processors=[add_log_level, *([RedactProcessor(SCANNER)] * side), rendered(side)],
            wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        ).bind()
        for side in (0, 1)
    )
    fields = {"user": "alice@mail.internal", "host": "web-01.prod.internal", "status": 200}
    compare(
        "structlog, three fields",
        lambda: bare.info("request finished", **fields),
        lambda: redacting.info("request finished", **fields),
        LOGGER_GOAL,
    )
    assert count == [TURNS * CALLS] * 2


def new_loguru() -> Any:
    """Return a loguru logger of its own."""
    core = loguru._logger.Core()  # noqa: SLF001 - there is no public way
    options = (None, 0, False, False, False, False, True, [], {})
    return loguru._logger.Logger(core, *options)  # noqa: SLF001 - as above


def test_loguru() -> None:
    """A message with arguments and a field."""
    streams, loggers = [io.StringIO(), io.StringIO()], []
    for stream in streams:
        loggers.append(new_loguru())
        loggers[-1].add(stream, format="{time} {level} {message} {extra}")
    loggers[1].configure(patcher=patcher(SCANNER))
    compare(
        "loguru, arguments and a field",
        lambda: loggers[0].info("user {} did {} things", "bob", 3, status=200),
        lambda: loggers[1].info("user {} did {} things", "bob", 3, status=200),
        LOGGER_GOAL,
    )
    assert len({stream.getvalue().count("\n") for stream in streams}) == 1


class Dropping(LogRecordProcessor):
    """Counts records."""

    count = 0

    def on_emit(self, log_record: Any) -> None:
        """Count a record."""
        del log_record
        self.count += 1

    def shutdown(self) -> None:
        """Do nothing."""

    def force_flush(self, timeout_millis: int = 30000) -> bool:
        """Do nothing."""
        return timeout_millis > 0


def test_opentelemetry() -> None:
    """A record with a text body and three attributes."""
    ends = Dropping(), Dropping()
    loggers = []
    for end, processor in zip(ends, (ends[0], RedactingLogRecordProcessor(SCANNER, ends[1])), strict=True):
        del end
        provider = LoggerProvider()
        provider.add_log_record_processor(processor)
        loggers.append(provider.get_logger("bench"))
    attributes = {"user": "alice@mail.internal", "host": "web-01.prod.internal", "status": 200}
    compare(
        "opentelemetry, three attributes",
        lambda: loggers[0].emit(body="request finished", attributes=attributes),
        lambda: loggers[1].emit(body="request finished", attributes=attributes),
        LOGGER_GOAL,
    )
    assert ends[0].count == ends[1].count == TURNS * CALLS


def test_a_record() -> None:
    """A dict of five fields comes back as the same object."""
    assert SCANNER.redact_record(RECORD) is RECORD
    compare("record, five fields", lambda: None, lambda: SCANNER.redact_record(RECORD), RECORD_GOAL)


def test_an_otlp_record() -> None:
    """Ten attributes as OTLP's JSON has them: 32 containers."""
    assert SCANNER.redact_record(OTLP) is OTLP
    compare("record, ten OTLP attributes", lambda: None, lambda: SCANNER.redact_record(OTLP), RECORD_GOAL * 6)
