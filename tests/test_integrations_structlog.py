"""structlog, with its own loggers and renderers."""

from __future__ import annotations

import io
import json
import logging
import random
import string
from dataclasses import dataclass
from typing import Any

import pytest
import structlog

from leakscan import Scanner
from leakscan.integrations.structlog import RedactProcessor

PASSWORD = "Tr0ub4dor-hunter2"
TOKEN = "ghp_" + "".join(random.Random(6).choices(string.ascii_letters + string.digits, k=36))
SCANNER = Scanner(key=b"0123456789abcdef0123456789abcdef")


@dataclass
class Login:
    """An object that shows its secret when written."""

    user: str
    password: str


class Shown:
    """As `Login`, by `__repr__` alone."""

    def __repr__(self) -> str:
        return f"Shown({TOKEN})"


def logger(stream: io.StringIO, *before: Any, renderer: Any = None) -> Any:
    """Return a structlog logger that redacts just before it renders."""
    return structlog.wrap_logger(
        structlog.PrintLogger(stream),
        processors=[
            structlog.processors.add_log_level,
            *before,
            RedactProcessor(SCANNER),
            renderer or structlog.processors.JSONRenderer(default=str),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.DEBUG),
    )


RENDERERS = {
    "json": structlog.processors.JSONRenderer(default=repr),
    "keys": structlog.processors.KeyValueRenderer(),
    "console": structlog.dev.ConsoleRenderer(colors=True),
    "logfmt": structlog.processors.LogfmtRenderer(),
}
BEFORE = {
    "nothing": [],
    "text": [structlog.processors.format_exc_info],
    "dicts with locals": [structlog.processors.dict_tracebacks],
}


@pytest.mark.parametrize(
    ("before", "renderer"),
    # the console takes no structured tracebacks
    [(b, r) for b in BEFORE for r in RENDERERS if (b, r) != ("dicts with locals", "console")],
)
def test_nothing_leaks(before: str, renderer: str) -> None:
    """Arguments, names, nested fields, objects and exceptions, whatever renders them."""
    stream = io.StringIO()
    log = logger(stream, *BEFORE[before], renderer=RENDERERS[renderer])
    log.info("t=%s", TOKEN)
    log.info("login", password=PASSWORD, user="bob")
    log.info("nested", request={"headers": [["authorization", f"Bearer {TOKEN}"]]})
    log.info("objects", who=Shown(), login=Login("bob", PASSWORD))
    password = PASSWORD
    try:
        raise ValueError(f"bad token {TOKEN} for {len(password)}")
    except ValueError:
        log.exception("failed", n=2)
    text = stream.getvalue()
    assert TOKEN[4:] not in text
    assert PASSWORD not in text
    assert text.count("[REDACTED:") >= 5
    assert "ValueError" in text
    assert "bob" in text


def test_fields_keep_their_form() -> None:
    """Only the secret goes, and order stays."""
    stream = io.StringIO()
    logger(stream).warning("x", a=1, request={"password": PASSWORD, "n": 2.5}, z=None)
    assert list(json.loads(stream.getvalue()).items()) == [
        ("a", 1),
        ("request", {"password": "[REDACTED:generic-password]", "n": 2.5}),
        ("z", None),
        ("event", "x"),
        ("level", "warning"),
    ]


def test_a_clean_event_is_the_same_object() -> None:
    """A processor that finds nothing returns what it got."""
    event = {"event": "x %d", "positional_args": (1,), "user": {"id": 5}}
    assert RedactProcessor(SCANNER)(None, "info", event) is event


def test_the_event_of_others_stays() -> None:
    """Values that the application still holds are not changed."""
    inner = {"password": PASSWORD}
    event = {"event": "x", "inner": inner}
    redacted = RedactProcessor(SCANNER)(None, "info", event)
    assert redacted["inner"] == {"password": "[REDACTED:generic-password]"}
    assert event["inner"] is inner
    assert inner == {"password": PASSWORD}


@pytest.mark.parametrize(
    ("event", "args"),
    [
        ("t=%s", (TOKEN,)),
        ("password=%s n=%d", (PASSWORD, 5)),
        ("%(a)s", ({"a": 1, "password": PASSWORD},)),
        ("pin %d", ({"pin": 4821, "password": PASSWORD},)),
        ("too %s %s", (f"password={PASSWORD}",)),
    ],
)
def test_arguments_that_are_put_in_later(event: str, args: tuple[Any, ...]) -> None:
    """`positional_args` of the standard library's logger are scanned together with the event."""
    redacted = RedactProcessor(SCANNER)(None, "info", {"event": event, "positional_args": args})
    assert TOKEN not in repr(redacted)
    assert PASSWORD not in repr(redacted)
    assert "[REDACTED:" in repr(redacted)


def test_with_the_formatter_for_both() -> None:
    """As a processor of `ProcessorFormatter` it also covers records that do not come from structlog."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[structlog.stdlib.add_log_level],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                RedactProcessor(SCANNER),
                structlog.dev.ConsoleRenderer(colors=False),
            ],
        )
    )
    plain = logging.Logger("plain")
    plain.addHandler(handler)
    plain.info("t=%s", TOKEN)
    try:
        raise ValueError(TOKEN)
    except ValueError:
        plain.exception("failed")
    log = structlog.wrap_logger(
        plain,
        processors=[structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.stdlib.BoundLogger,
    )
    log.info("login", password=PASSWORD)
    text = stream.getvalue()
    assert TOKEN not in text
    assert PASSWORD not in text
    assert text.count("[REDACTED:") >= 3


def test_what_the_formatter_adds_stays() -> None:
    """`_record` is left for the processor that takes it out."""
    record = logging.makeLogRecord({"msg": TOKEN})
    event = {"event": f"t={TOKEN}", "_record": record, "_from_structlog": True}
    redacted = RedactProcessor(SCANNER)(None, "info", event)
    assert redacted["_record"] is record
    assert redacted["event"] == "t=[REDACTED:github-personal-access-token]"


def test_our_own_failure_masks_the_event(monkeypatch: pytest.MonkeyPatch) -> None:
    """A bug in the scanner costs the event, never the secret, never the application."""
    scanner = Scanner()
    monkeypatch.setattr(scanner.records, "redact", lambda *_, **__: 1 / 0)
    masked = RedactProcessor(scanner)(None, "info", {"event": TOKEN, "password": PASSWORD})
    assert masked == {"event": "[LEAKSCAN:unscanned reason=ZeroDivisionError bytes=0]", "level": "info"}
