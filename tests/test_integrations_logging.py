"""The standard library's logging, with its own handlers and formatters: nothing leaks, nothing else changes.

Both ways are tested in which a handler gets another record: Python 3.12's, and ours before that.
"""

from __future__ import annotations

import copy
import io
import json
import logging
import logging.handlers
import pickle
import queue
import random
import string
import sys
import threading
from dataclasses import dataclass
from typing import Any

import pytest

from leakscan import Scanner
from leakscan.integrations import logging as integration
from leakscan.integrations.logging import STANDARD, RedactFilter

PASSWORD = "Tr0ub4dor-hunter2"
TOKEN = "ghp_" + "".join(random.Random(5).choices(string.ascii_letters + string.digits, k=36))
TOKEN_PUT = "[REDACTED:github-personal-access-token]"
SCANNER = Scanner(key=b"0123456789abcdef0123456789abcdef")


class Newer(logging.StreamHandler[Any]):
    """A handler as Python 3.12 has it: a filter may return another record."""

    def handle(self, record: logging.LogRecord) -> Any:
        """Filter and emit, with what the filters return."""
        for each in self.filters:
            result: Any = each(record) if callable(each) else each.filter(record)
            if not result:
                return False
            if isinstance(result, logging.LogRecord):
                record = result
        with self.lock or threading.RLock():
            self.emit(record)
        return record


class JSONFormatter(logging.Formatter):
    """Writes everything that a record holds, as the formatters of JSON do."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the text, all fields and the traceback."""
        fields = {"text": super().format(record), **record.__dict__}
        fields.pop("exc_info")
        if record.exc_info:
            fields["traceback"] = self.formatException(record.exc_info)
        return json.dumps(fields, default=str)


class Log:
    """A logger with a redacting handler between two plain ones."""

    def __init__(self, handler: type[logging.StreamHandler[Any]], formatter: logging.Formatter) -> None:
        self.logger = logging.Logger("test")
        self.streams = [io.StringIO() for _ in range(3)]
        kinds = (logging.StreamHandler, handler, logging.StreamHandler)
        self.handlers = [kind(stream) for kind, stream in zip(kinds, self.streams, strict=True)]
        for each in self.handlers:
            each.setFormatter(copy.copy(formatter))
            self.logger.addHandler(each)
        self.handlers[1].addFilter(RedactFilter(SCANNER))

    @property
    def text(self) -> str:
        """What the redacting handler wrote."""
        return self.streams[1].getvalue()

    def require_redacted(self) -> str:
        """Require that only the handler with the filter redacted, and return what it wrote."""
        first, text, last = (stream.getvalue() for stream in self.streams)
        for secret in (PASSWORD, TOKEN):
            assert secret[4:] not in text
            assert (secret in first) == (secret in last)
        assert PASSWORD in first or TOKEN in first
        assert "[REDACTED:" in text
        return text


@pytest.fixture(params=["text", "json"])
def formatter(request: pytest.FixtureRequest) -> logging.Formatter:
    """Format as text, and as JSON with all fields."""
    return JSONFormatter() if request.param == "json" else logging.Formatter("%(levelname)s %(message)s")


@pytest.fixture(params=["as it is", "as in 3.12"])
def log(request: pytest.FixtureRequest, formatter: logging.Formatter, monkeypatch: pytest.MonkeyPatch) -> Log:
    """Make a logger; the second kind of handler takes another record from a filter."""
    newer = request.param == "as in 3.12"
    monkeypatch.setattr(integration, "_REPLACES", newer or sys.version_info >= (3, 12))
    return Log(Newer if newer else logging.StreamHandler, formatter)


@dataclass
class Login:
    """An object that shows its secret when written."""

    user: str
    password: str


class Shown:
    """As `Login`, by `__str__` alone."""

    def __str__(self) -> str:
        return f"Shown({TOKEN})"


def test_an_argument(log: Log) -> None:
    """The classic leak: the secret is in an argument, not in the message."""
    log.logger.info("t=%s", TOKEN)
    assert "t=[REDACTED:github-personal-access-token]" in log.require_redacted()


def test_a_name_in_the_message_and_a_value_in_the_arguments(log: Log) -> None:
    """Only the final message shows that the argument is a password."""
    log.logger.info("user %s password=%s after %d tries", "bob", PASSWORD, 3)
    text = log.require_redacted()
    assert "user bob password=[REDACTED:generic-password] after 3 tries" in text


def test_a_dict_argument(log: Log) -> None:
    """A dict as the only argument, by its names in the message and as a whole."""
    log.logger.info("login %(user)s", {"user": "bob", "password": PASSWORD})
    log.logger.info("got %s", {"a": {"db_password": PASSWORD}})
    log.logger.info("got %s", {"value": PASSWORD, "name": "password"})
    log.logger.warning("%s and %s", {"password": PASSWORD}, [TOKEN])
    assert "login bob" in log.text
    for secret in (PASSWORD, TOKEN):
        assert secret not in log.text


def test_object_arguments(log: Log) -> None:
    """Objects are scanned as what they read as."""
    log.logger.info("%s %r", Shown(), Login("bob", PASSWORD))
    log.logger.info(Login("bob", PASSWORD))
    log.logger.info({"event": "login", "password": PASSWORD})
    log.require_redacted()


def test_exceptions(log: Log) -> None:
    """Tracebacks: message, cause, context, notes and groups."""
    try:
        try:
            raise KeyError(f"password={PASSWORD}")
        except KeyError as error:
            error.add_note(f"sent {TOKEN}")
            raise ExceptionGroup("all", [ValueError(TOKEN), OSError("fine")]) from error
    except ExceptionGroup:
        log.logger.exception("failed %d times", 2)
    text = log.require_redacted()
    assert "failed 2 times" in text
    assert "ExceptionGroup: all" in text
    assert "OSError: fine" in text


def test_a_cached_traceback_and_the_stack(log: Log) -> None:
    """`exc_text` that another handler left behind, and `stack_info`."""
    record = log.logger.makeRecord("n", 20, "f", 1, "x", (), None)
    record.exc_text = f"Traceback ..\nValueError: {TOKEN}"
    record.stack_info = f"Stack:\n  connect(password={PASSWORD!r})"
    log.logger.handle(record)
    log.require_redacted()
    assert TOKEN in str(record.exc_text)


def test_extra_fields() -> None:
    """Nested fields of `extra`, which formatters of JSON write, keep their form."""
    log = Log(logging.StreamHandler, JSONFormatter())
    extra = {
        "request": {"headers": [["authorization", f"Bearer {TOKEN}"]], "n": 1},
        "password": PASSWORD,
        "who": Shown(),
        "login": Login("bob", PASSWORD),
    }
    log.logger.info("hello", extra=extra)
    fields = json.loads(log.require_redacted())
    assert fields["message"] == "hello"
    assert fields["request"] == {"headers": [["authorization", f"Bearer {TOKEN_PUT}"]], "n": 1}
    assert fields["password"] == "[REDACTED:generic-password]"
    assert fields["login"] == {"user": "bob", "password": "[REDACTED:generic-password]"}
    assert extra["password"] == PASSWORD


def test_a_clean_record_is_untouched(log: Log) -> None:
    """A record without a secret reaches the handler as the same object, arguments and all."""
    seen: list[logging.LogRecord] = []
    log.handlers[1].emit = seen.append  # type: ignore[method-assign] # to see what arrives
    for args in (("%d of %05.1f %s", 7, 2.5, "x"), ("plain",), ({"a": 1},), ("%(a)s", {"a": 1})):
        record = log.logger.makeRecord("n", 20, "f", 1, args[0], args[1:], None, extra={"id": "abcdefgh"})
        before = dict(record.__dict__)
        log.handlers[1].handle(record)
        assert seen.pop() is record
        assert record.__dict__ == before
    try:
        raise ValueError("nothing secret")
    except ValueError:
        record = log.logger.makeRecord("n", 20, "f", 1, "x", (), sys.exc_info())
    log.handlers[1].handle(record)
    assert seen.pop() is record
    assert record.exc_text is None


def test_other_handlers_see_the_record_unchanged(log: Log) -> None:
    """What the filter takes out is there for handlers before and after."""
    record = log.logger.makeRecord("n", 20, "f", 1, "t=%s", (TOKEN,), None, extra={"password": PASSWORD})
    before = {name: value for name, value in record.__dict__.items() if name not in {"message", "asctime"}}
    log.logger.handle(record)
    after = {name: value for name, value in record.__dict__.items() if name not in {"message", "asctime"}}
    assert after == before
    log.require_redacted()


def test_filters_that_come_later_still_work(log: Log) -> None:
    """A later filter may veto, and what it adds is there when the record is written."""

    def stamp(record: logging.LogRecord) -> bool:
        record.stamp = "s7"
        return "veto" not in record.getMessage()

    log.handlers[1].addFilter(stamp)
    log.handlers[1].setFormatter(logging.Formatter("%(stamp)s %(message)s"))
    log.logger.info("veto %s", TOKEN)
    log.logger.info("t=%s", TOKEN)
    log.logger.info("fine")
    assert log.text.splitlines() == ["s7 t=[REDACTED:github-personal-access-token]", "s7 fine"]


def test_arguments_that_do_not_fit(log: Log, capsys: pytest.CaptureFixture[str]) -> None:
    """The caller's mistake is reported by logging, which writes message and arguments: both are clean."""
    log.handlers[0].setLevel(logging.CRITICAL)
    log.handlers[2].setLevel(logging.CRITICAL)
    log.logger.info("t=%d", TOKEN)
    log.logger.info("%s %s", f"password={PASSWORD}")
    log.logger.info("%(a)s", {"b": TOKEN})
    written = log.text + capsys.readouterr().err
    assert TOKEN not in written
    assert PASSWORD not in written
    assert "[REDACTED:" in written


class Broken:
    """An object that cannot be written."""

    def __str__(self) -> str:
        raise RuntimeError(f"no {TOKEN}")

    __repr__ = __str__


def test_an_object_that_cannot_be_written(log: Log, capsys: pytest.CaptureFixture[str]) -> None:
    """What cannot be scanned is masked, and nothing is raised into the application."""
    log.handlers[0].setLevel(logging.CRITICAL)
    log.handlers[2].setLevel(logging.CRITICAL)
    log.logger.info("x %s", Broken(), extra={"n": 1, "o": "text"})
    assert "[LEAKSCAN:unscanned reason=RuntimeError bytes=0]" in log.text
    assert TOKEN not in log.text + capsys.readouterr().err


def test_our_own_failure_masks_the_message(monkeypatch: pytest.MonkeyPatch) -> None:
    """A bug in the scanner costs the message, never the secret, never the application."""
    scanner = Scanner()
    log = Log(logging.StreamHandler, JSONFormatter())
    log.handlers[1].filters[:] = [RedactFilter(scanner)]
    monkeypatch.setattr(scanner, "selects", lambda _: 1 / 0)
    monkeypatch.setattr(scanner.records, "redact", lambda *_, **__: 1 / 0)
    log.logger.info("t=%s", TOKEN, extra={"password": PASSWORD, "n": 5})
    fields = json.loads(log.text)
    assert fields["message"] == "[LEAKSCAN:unscanned reason=ZeroDivisionError bytes=0]"
    assert fields["n"] == 5
    assert TOKEN not in log.text
    assert PASSWORD not in log.text


def test_on_a_logger() -> None:
    """On a logger, all its handlers get the redacted record."""
    log = Log(logging.StreamHandler, logging.Formatter("%(message)s"))
    log.logger.addFilter(RedactFilter(SCANNER))
    log.logger.info("t=%s", TOKEN)
    assert all(stream.getvalue() == "t=[REDACTED:github-personal-access-token]\n" for stream in log.streams)


class Own(logging.StreamHandler[Any]):
    """A handler that does not write with `emit`."""

    def handle(self, record: logging.LogRecord) -> bool:
        """Filter and write."""
        if self.filter(record):
            self.stream.write(self.format(record))
        return True


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="a filter's record is for `handle` to take")
def test_a_handler_with_a_handle_of_its_own() -> None:
    """Where the record cannot be exchanged, it is changed: the safe side."""
    log = Log(Own, logging.Formatter("%(message)s"))
    log.logger.info("t=%s", TOKEN)
    assert log.text == "t=[REDACTED:github-personal-access-token]"


def test_queue_and_memory_handlers() -> None:
    """A queue gets the redacted record, which can be pickled; a memory handler's target has the filter."""
    records: queue.SimpleQueue[Any] = queue.SimpleQueue()
    handler = logging.handlers.QueueHandler(records)
    handler.addFilter(RedactFilter(SCANNER))
    logger = logging.Logger("queue")
    logger.addHandler(handler)
    stream = io.StringIO()
    target = logging.StreamHandler(stream)
    target.addFilter(RedactFilter(SCANNER))
    memory = logging.handlers.MemoryHandler(10, target=target)
    logger.addHandler(memory)
    logger.info("t=%s", TOKEN, extra={"password": PASSWORD})
    memory.flush()
    sent = pickle.dumps(records.get())
    assert TOKEN.encode() not in sent + stream.getvalue().encode()
    assert PASSWORD.encode() not in sent


class Braces(logging.LogRecord):
    """A record with formatting of its own."""

    def getMessage(self) -> str:  # noqa: N802 - the name in the standard library
        """Format with braces."""
        return str(self.msg).format(*(self.args or ()))


def test_records_with_formatting_of_their_own() -> None:
    """What is formatted already is not formatted again."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.addFilter(RedactFilter(SCANNER))
    handler.handle(Braces("n", 20, "f", 1, "{{}} t={}", (TOKEN,), None))
    assert stream.getvalue() == "{} t=[REDACTED:github-personal-access-token]\n"


def test_threads_share_a_filter() -> None:
    """Many threads, one handler: every line arrives, no secret does."""
    log = Log(logging.StreamHandler, logging.Formatter("%(message)s"))

    def work(number: int) -> None:
        for i in range(50):
            log.logger.info("n=%d.%d %s", number, i, TOKEN if i % 2 else "clean")

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    lines = log.require_redacted().splitlines()
    assert {line.split()[0] for line in lines} == {f"n={n}.{i}" for n in range(8) for i in range(50)}


def test_standard_attributes_are_known() -> None:
    """Every attribute that the standard library sets is standard, also on later versions."""
    record = logging.makeLogRecord({})
    logging.Formatter("%(asctime)s %(message)s").format(record)
    assert set(record.__dict__) <= STANDARD
