"""loguru, with its own sinks and its tracebacks that show the values of variables."""

from __future__ import annotations

import io
import json
import logging
import random
import string
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import loguru._logger
import pytest

from leakscan import Scanner
from leakscan.integrations.loguru import patcher

if TYPE_CHECKING:
    from pathlib import Path

PASSWORD = "Tr0ub4dor-hunter2"
TOKEN = "ghp_" + "".join(random.Random(7).choices(string.ascii_letters + string.digits, k=36))
SCANNER = Scanner(key=b"0123456789abcdef0123456789abcdef")


def new_logger() -> Any:
    """Return a logger of its own, so that tests do not share loguru's one."""
    core = loguru._logger.Core()
    logger = loguru._logger.Logger(core, None, 0, False, False, False, False, True, [], {})  # noqa: FBT003 - as loguru
    logger.configure(patcher=patcher(SCANNER))
    return logger


@dataclass
class Login:
    """An object that shows its secret when written."""

    user: str
    password: str


class Session:
    """An object whose attributes a traceback may show."""

    def __init__(self) -> None:
        self.password = PASSWORD


def sinks(logger: Any, path: Path) -> list[Any]:
    """Add sinks of every kind, all with values in tracebacks; return what they wrote to."""
    stream, colored, serialized, standard = io.StringIO(), io.StringIO(), io.StringIO(), io.StringIO()
    messages: list[str] = []
    options: dict[str, Any] = {"diagnose": True, "backtrace": True, "catch": False}
    logger.add(stream, format="{level} {message} {extra}", **options)
    logger.add(colored, format="{message} {extra}", colorize=True, **options)
    logger.add(serialized, serialize=True, **options)
    logger.add(messages.append, format=lambda _: "{message} {extra}\n{exception}\n", **options)
    logger.add(logging.StreamHandler(standard), format="{message} {extra}", **options)
    logger.add(str(path), format="{message} {extra}", enqueue=True, **options)
    return [stream, colored, serialized, standard, messages, path]


def written(where: Any) -> str:
    """Return what a sink wrote."""
    if isinstance(where, list):
        return "".join(where)
    return str(where.getvalue()) if isinstance(where, io.StringIO) else str(where.read_text())


def require_redacted(logger: Any, outputs: list[Any], *shown: str) -> None:
    """Require that no sink wrote a secret and each wrote what is expected."""
    logger.complete()
    logger.remove()
    for where in outputs:
        text = written(where)
        assert TOKEN[4:12] not in text
        assert PASSWORD[:8] not in text
        for expected in shown:
            assert expected in text


def test_messages_and_fields(tmp_path: Path) -> None:
    """Arguments, names, nested fields and objects."""
    logger = new_logger()
    outputs = sinks(logger, tmp_path / "log")
    logger.info("t={}", TOKEN)
    logger.info("login {user}", user="bob", password=PASSWORD)
    logger.bind(request={"headers": [["authorization", f"Bearer {TOKEN}"]]}).info("nested")
    logger.info("object {}", Login("bob", PASSWORD))
    logger.bind(who=Login("bob", PASSWORD)).info("bound")
    logger.opt(colors=True).info(f"<red>t={TOKEN}</red>")
    logger.opt(raw=True).info(f"t={TOKEN}\n")
    shown = ("t=[REDACTED:github-personal-access-token]", "login bob", "nested", "bound")
    require_redacted(logger, outputs, *shown)


def connect(password: str) -> None:
    """Fail, with a password in the line that fails."""
    raise ConnectionError(len(password))


def call(session: Session) -> None:
    """Fail, with a password in an attribute in the line that fails."""
    raise ConnectionError(len(session.password))


def decode(value: str) -> None:
    """Fail on a long value that is cut off in the traceback, in the middle of its secret."""
    json.loads(value)


@pytest.mark.parametrize(
    "failing",
    [
        lambda: connect(PASSWORD),
        lambda: call(Session()),
        lambda: decode("x" * 100 + " token: " + TOKEN + "y" * 5 + " " + "z" * 300),
        lambda: int(TOKEN),
    ],
    ids=["variable", "attribute", "cut off", "message"],
)
def test_tracebacks_with_values(failing: Any, tmp_path: Path) -> None:
    """`diagnose=True` shows the values of variables: those that are secret by name too, and cut-off ones."""
    logger = new_logger()
    outputs = sinks(logger, tmp_path / "log")
    try:
        failing()
    except Exception:
        logger.exception("failed {}", 2)
    require_redacted(logger, outputs, "failed 2")
    assert "Traceback" in written(outputs[0])
    assert "test_integrations_loguru.py" in written(outputs[0])


def test_chained_and_grouped_exceptions(tmp_path: Path) -> None:
    """Causes, contexts and members of groups are looked at as well, with their variables."""
    logger = new_logger()
    outputs = sinks(logger, tmp_path / "log")
    with logger.catch():
        try:
            connect(PASSWORD)
        except AssertionError as error:
            raise ExceptionGroup("all", [ValueError("fine"), KeyError(1)]) from error
    try:
        call(Session())
    except ConnectionError as error:
        try:
            raise ExceptionGroup("group", [error])
        except ExceptionGroup:
            logger.exception("grouped")
    require_redacted(logger, outputs, "grouped")


def test_a_clean_exception_keeps_its_values() -> None:
    """Without a secret, `diagnose=True` shows what it always shows."""
    logger = new_logger()
    stream = io.StringIO()
    logger.add(stream, diagnose=True, format="{message}", catch=False)
    colour = "blue-green"
    try:
        int(colour)
    except ValueError:
        logger.exception("failed")
    assert "└ 'blue-green'" in stream.getvalue() or "-> 'blue-green'" in stream.getvalue()


def test_serialized_exceptions_keep_their_type() -> None:
    """The JSON of a redacted exception still says which one it was."""
    logger = new_logger()
    stream = io.StringIO()
    logger.add(stream, serialize=True, diagnose=True, catch=False)
    try:
        int(TOKEN)
    except ValueError:
        logger.exception("failed")
    exception = json.loads(stream.getvalue())["record"]["exception"]
    assert exception["type"] == "ValueError"
    assert "[REDACTED:github-personal-access-token]" in exception["value"]


def test_a_clean_record_is_untouched() -> None:
    """A patcher that finds nothing leaves the parts as they are."""
    extra = {"id": 5, "user": {"name": "bob"}}
    record = {"message": "nothing to see", "extra": extra, "exception": None}
    before = dict(record)
    patcher(SCANNER)(record)
    assert record == before
    assert record["extra"] is extra


def test_our_own_failure_masks_the_record(monkeypatch: pytest.MonkeyPatch) -> None:
    """A bug in the scanner costs the message, never the secret, never the application."""
    scanner = Scanner()
    monkeypatch.setattr(scanner.records, "redact", lambda *_, **__: 1 / 0)
    label = "[LEAKSCAN:unscanned reason=ZeroDivisionError bytes=0]"
    record = {"message": TOKEN, "extra": {"id": PASSWORD}, "exception": (1, 2, 3)}
    patcher(scanner)(record)
    assert record == {"message": label, "extra": {"id": label}, "exception": None}
