"""`leakscan --follow`: scan logs as they grow and write findings as they come.

Not here: the options (`scan`), how a log is followed (`leakscan.follow`).
"""

from __future__ import annotations

import contextlib
import os
import select
import stat
import sys
from typing import Any, BinaryIO

import click

from leakscan.errors import SourceError
from leakscan.follow import Followed, follow
from leakscan.growing import Back
from leakscan.pipe import Termination
from leakscan.recipe import recipe_for
from leakscan.report import FORMATS, ReportOptions, writer
from leakscan.sources import is_remote
from leakscan.terminal import say
from leakscan.totals import Totals

from . import CLEAN, FAILED, silence_stdout, stop_on_signals
from .baselines import known_secrets, without_known, write_baseline
from .period import is_timed, within
from .request import Request, colour, scan_key
from .summary import Seen, summary

#: The formats that can be written as findings come, and their writers.
_WRITERS = {"text": "live", "jsonl": "jsonl", "csv": "csv"}


def follow_logs(request: Request) -> int:
    """Follow what the request names until a signal comes; return the exit code.

    Raises:
        LeakscanError: rules, key, baseline or engine are unusable.
        click.UsageError: the options do not go together.

    """
    back = _checked(request)
    stop_on_signals()
    key, note = scan_key(request)
    if note is not None and not request.quiet:
        say(note)
    known = known_secrets(request.baseline, key)
    scanner = recipe_for(request, request.engine, key).scanner()
    totals = Totals(on_failure=lambda error: say(str(error)))
    seen = Seen()
    counts: dict[str, tuple[str, int]] = {}
    out = sys.stdout.buffer
    timestamps = FORMATS[request.format] or is_timed(request)
    with Termination() as termination:
        logs = [Followed(path, scanner, back=back, timestamps=timestamps) for path in request.paths]

        def tell(error: SourceError) -> None:
            say(f"{error}; waiting for it")

        def pause(seconds: float) -> bool:
            out.flush()
            _wait(termination, out, seconds)
            return not termination.requested

        try:
            found = follow(logs, pause=pause, tell=tell)
            wanted = seen.counted(without_known(within(found, request), counts, known, request))
            options = ReportOptions(scanner.rules, request.max_per_secret, colour(request, out))
            writer(_WRITERS[request.format])(wanted, out, totals, options)
            out.flush()
        except BrokenPipeError:
            silence_stdout()
    if request.write_baseline is not None:
        write_baseline(request.write_baseline, counts, key)
    for log in logs:
        totals.files += log.files
        totals.size += log.size
        if log.failure is not None:
            totals.fail(SourceError(log.path, log.failure))
    if not request.quiet:
        say(summary(seen, totals, compared=request.baseline is not None))
    if totals.failed:
        return FAILED
    return request.exit_code if seen.places and request.write_baseline is None else CLEAN


def _checked(request: Request) -> Back:
    """Return where to start; refuse options that make no sense when there is no end."""
    if "-" in request.paths:
        raise click.UsageError("a pipe is scanned as it comes: leave --follow out")
    if any(map(is_remote, request.paths)):
        raise click.UsageError("--follow follows files: an object of S3 does not grow")
    if request.format not in _WRITERS:
        raise click.UsageError(f"--follow writes {', '.join(_WRITERS)}: {request.format} has an end")
    if request.output is not None:
        raise click.UsageError("--follow writes to stdout, since -o appears at the end: use > FILE")
    if request.jobs != 1:
        raise click.UsageError("--follow works in one process: leave -j out")
    text = request.lines
    digits = text.removeprefix("+")
    if not (digits.isascii() and digits.isdigit()):
        raise click.UsageError(f"-n {text}: give a number of lines, or +N for line N")
    return Back(first=max(1, int(digits))) if text.startswith("+") else Back(lines=int(digits))


def _wait(termination: Termination, out: BinaryIO, seconds: float) -> None:
    """Wait, but not after SIGTERM, and not when the reader of our output is gone.

    Raises:
        BrokenPipeError: it is gone.

    """
    polled = select.poll()
    polled.register(termination.descriptor, select.POLLIN)
    with contextlib.suppress(OSError, ValueError):
        if stat.S_ISFIFO(os.fstat(out.fileno()).st_mode):
            polled.register(out.fileno(), 0)
    ready: dict[int, Any] = dict(polled.poll(seconds * 1000))
    if ready.keys() - {termination.descriptor}:
        raise BrokenPipeError
