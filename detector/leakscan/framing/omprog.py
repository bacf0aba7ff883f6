"""rsyslog's `omprog`: a message a line comes in; `OK` goes out once it is on the disk, redacted.

Any other answer makes rsyslog try again. In transactions, all messages of one are scanned and written
at once, and only the answer to its end is binding.

Contract: rsyslog 8.2302, `plugins/omprog/omprog.c`.

Not here: the file (`sink`), the dots that keep rsyslog waiting (`keepalive`), options (`cli.redact`).
"""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, BinaryIO, Final

from leakscan.redact import UnscannableError, unscanned_label

from .keepalive import Answers
from .sink import Sink

if TYPE_CHECKING:
    from leakscan.redact import Failure, Style
    from leakscan.scanner import Scanner

_BEGIN: Final = b"BEGIN TRANSACTION\n"
_COMMIT: Final = b"COMMIT TRANSACTION\n"


def serve_omprog(
    scanner: Scanner,
    stdin: BinaryIO,
    stdout: BinaryIO,
    sink: str,
    style: Style = "label",
    on_failure: Failure = "mask",
) -> None:
    """Take messages from rsyslog, append them redacted to `sink`, and confirm each, until `stdin` ends.

    rsyslog must be set to `confirmMessages="on"`. With `useTransactions="on"` a whole batch is scanned,
    written and put on the disk at once, which is many times faster and finds keys that span messages.

    Args:
        scanner: finds the secrets.
        stdin: one message a line.
        stdout: rsyslog's end of the confirmations; see `claim_stdout`.
        sink: the file to append to.
        style: what takes a secret's place.
        on_failure: `block` refuses a message that cannot be scanned, so rsyslog tries it again, for ever.

    """
    answers = Answers(stdout)
    try:
        file = Sink(sink)
    except OSError as error:
        answers.say(b"cannot open the file: %b" % _words(error))
        return
    try:
        answers.say(b"OK")
        _take(scanner, stdin, answers, file, style, on_failure)
    except (BrokenPipeError, ConnectionResetError):
        pass  # rsyslog is gone; what it got no OK for, it sends again
    finally:
        file.close()


def _take(
    scanner: Scanner, stdin: BinaryIO, answers: Answers, file: Sink, style: Style, on_failure: Failure
) -> None:
    first = stdin.readline()
    # rsyslog opens a transaction before anything else, or never: then the words are a message's
    transactions = first == _BEGIN
    batch: list[bytes] | None = None
    for line in chain((first,), iter(stdin.readline, b"")):
        if not line.endswith(b"\n"):
            break  # rsyslog died while it wrote
        if batch is None and transactions and line == _BEGIN:
            batch = []
            answers.say(b"OK")
        elif batch is not None and line == _COMMIT:
            with answers.working():
                answer = _commit(scanner, batch, file, style, on_failure)
            batch = None
            answers.say(answer)
        elif batch is not None:
            batch.append(line)
            answers.say(b"DEFER_COMMIT")
        else:
            with answers.working():
                answer = _commit(scanner, [line], file, style, on_failure)
            answers.say(answer)
    if batch:
        # nobody waits for an answer; rather twice than not at all
        _commit(scanner, batch, file, style, on_failure)


def _commit(scanner: Scanner, batch: list[bytes], file: Sink, style: Style, on_failure: Failure) -> bytes:
    """Write a batch redacted; return the answer to it."""
    try:
        try:
            lines = scanner.redact(b"".join(batch), style)
        except Exception:  # noqa: BLE001 - our own bug; find the line, keep the others
            lines = b"".join(_redacted(scanner, line, style, on_failure) for line in batch)
        if lines:
            file.append(lines)
    except UnscannableError as error:
        return b"cannot scan: %b" % str(error).encode()
    except OSError as error:
        return b"cannot write: %b" % _words(error)
    return b"OK"


def _redacted(scanner: Scanner, line: bytes, style: Style, on_failure: Failure) -> bytes:
    try:
        return scanner.redact(line, style)
    except Exception as error:  # noqa: BLE001 - as above
        reason = type(error).__name__
        if on_failure == "block":
            raise UnscannableError(reason) from None
        return line if on_failure == "open" else unscanned_label(reason, len(line) - 1) + b"\n"


def _words(error: OSError) -> bytes:
    return (error.strerror or "input/output error").encode(errors="replace")
