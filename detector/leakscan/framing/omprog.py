"""rsyslog's `omprog`: a message a line comes in; `OK` goes out once it is on the disk, redacted.

Any other answer makes rsyslog try again. In a transaction the answer to a message is `DEFER_COMMIT`, and
its end puts all of them on the disk at once. When the program dies in a transaction, rsyslog (8.2302,
`doTransaction` in `action.c`) sends only the message it has no answer to again, not those that were
deferred: so each is written before it is answered, and only the disk is waited for at the end.

Contract: rsyslog 8.2302, `plugins/omprog/omprog.c`.

Not here: the file (`sink`), the dots that keep rsyslog waiting (`keepalive`), options (`cli.redact`).
"""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, BinaryIO, Final

from leakscan.redact import unscanned_label

from .keepalive import Answers
from .sink import Sink

if TYPE_CHECKING:
    from collections.abc import Callable

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

    rsyslog must be set to `confirmMessages="on"`. With `useTransactions="on"` the disk is waited for once
    a batch instead of once a message, which is many times faster.

    Args:
        scanner: finds the secrets.
        stdin: one message a line.
        stdout: rsyslog's end of the confirmations; see `claim_streams`.
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
    is_open = False
    for line in chain((first,), iter(stdin.readline, b"")):
        if not line.endswith(b"\n"):
            return  # rsyslog is gone, perhaps in the middle of a line
        if transactions and not is_open and line == _BEGIN:
            is_open = True
            answer = b"OK"
        elif is_open and line == _COMMIT:
            is_open = False
            with answers.working():
                answer = _failing(file.sync) or b"OK"
        else:
            with answers.working():
                answer = _put(scanner, line, file, style, on_failure, sync=not is_open)
            if is_open and answer == b"OK":
                answer = b"DEFER_COMMIT"
        answers.say(answer)


def _put(
    scanner: Scanner, line: bytes, file: Sink, style: Style, on_failure: Failure, *, sync: bool
) -> bytes:
    """Write a message redacted; return the answer to it."""
    try:
        redacted = scanner.redact(line, style)
    except Exception as error:  # noqa: BLE001 - our own bug must not let a secret through
        reason = type(error).__name__
        if on_failure == "block":
            return b"cannot scan: %b" % reason.encode()
        redacted = line if on_failure == "open" else unscanned_label(reason, len(line) - 1) + b"\n"
    return _failing(lambda: file.append(redacted)) or (_failing(file.sync) if sync else b"") or b"OK"


def _failing(step: Callable[[], None]) -> bytes:
    """Return the answer when the step fails, nothing when it does not."""
    try:
        step()
    except OSError as error:
        return b"cannot write: %b" % _words(error)
    return b""


def _words(error: OSError) -> bytes:
    return (error.strerror or "input/output error").encode(errors="replace")
