"""`leakscan redact`: its options, and how input, redactor and output are put together.

Not here: any of these themselves (`sources`, `framing`, `pipe`, `output`).
"""

from __future__ import annotations

import os
import signal
import stat
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import click

from leakscan.errors import SourceError
from leakscan.framing import FRAMINGS, Redacting, redactor
from leakscan.output import open_output
from leakscan.pipe import Flow, Output, Termination, run, wait_for_input
from leakscan.recipe import ScannerOptions, fingerprint_key, recipe_for
from leakscan.redact import FAILURES, STYLES, Failure, Style, UnscannableError
from leakscan.sources import STDIN, Source
from leakscan.terminal import say

from . import CLEAN, FAILED, silence_stdout, stop_on_signals
from .configured import configured
from .inputs import quick_engine, stdin_holds_data
from .options import scanner_options

if TYPE_CHECKING:
    from leakscan.scanner import Scanner

#: Framings that are a dialogue with a program and no stream.
DIALOGUES: Final = ("rsyslog-mmexternal", "rsyslog-omprog")
_INTERFACES: Final = ("msg", "rawmsg", "fulljson")
_KINDS: Final = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Request(ScannerOptions):
    """The options as given."""

    path: str | None
    output: str | None
    framing: str
    interface: str | None
    style: Style
    on_failure: Failure


# fmt: off
@click.command(
    "redact", context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100}
)
@click.argument("path", metavar="[PATH]", required=False, type=click.Path())
@click.option(
    "-o", "--output", type=click.Path(), metavar="FILE",
    help="Write to this file instead of stdout. It appears when it is complete; it may be PATH itself.",
)
@click.option(
    "--framing", type=click.Choice([*FRAMINGS, *DIALOGUES]), default="text", show_default=True,
    help="What a line of the input is.",
)
@click.option(
    "--interface", type=click.Choice(_INTERFACES),
    help="For rsyslog-mmexternal: interface.input as rsyslog has it. Default: msg.",
)
@click.option(
    "--style", type=click.Choice(STYLES), default="label", show_default=True,
    help="What stands in a secret's place: [REDACTED:rule], the same with a keyed hash, ********, or "
    "the first four characters and ********.",
)
@click.option(
    "--on-failure", type=click.Choice(FAILURES), default="mask", show_default=True,
    help="What cannot be scanned is masked, or stops the run, or passes as it is.",
)
@scanner_options(unsure="Leave in what is less sure to be a secret.", key="hashes")
@click.option("-q", "--quiet", is_flag=True, help="No summary on stderr; only warnings and errors.")
@click.pass_context
def command(context: click.Context, /, **options: Any) -> int:
    """Take credentials out of a log: bytes in, bytes out, the same lines in the same order.

    PATH is a file or an object in S3 (s3://bucket/name, with the extra s3); without it, or as -,
    stdin is read. gzip, zstd, xz and bzip2 are recognised by content, from a pipe too, and come out
    decompressed; UTF-16 stays UTF-16. Only secrets are replaced, every other byte is as it was.

    \b
    app 2>&1 | leakscan redact >> app.log
    tail -F app.log | leakscan redact --style hash | ship
    leakscan redact old.log -o old.log
    leakscan redact --framing cri /var/log/pods/../0.log

    A line of a live pipe goes out at once; a line is complete when its line end is there. SIGTERM
    writes what is in the pipe, and ends. Exit code: 0 done, 2 usage, input or output error.
    """  # noqa: D301 - \b is click's mark for a paragraph to keep as it is
    if options["path"] is None and options["framing"] not in DIALOGUES and not stdin_holds_data():
        raise click.UsageError("nothing to redact: name a file, or pipe a log in", context)
    request = Request(**configured(context, options))
    if request.interface is not None and request.framing != "rsyslog-mmexternal":
        raise click.UsageError("--interface belongs to --framing rsyslog-mmexternal", context)
    if request.framing in DIALOGUES:
        return _serve(request, context)
    return redact(request)


# fmt: on
def redact(request: Request) -> int:
    """Redact what the request asks for, say what was done, return the exit code.

    Raises:
        LeakscanError: rules, key, engine, input or output are unusable.

    """
    stop_on_signals()
    scanner = _scanner(request)
    made = redactor(request.framing, scanner, request.style, request.on_failure)
    made.counts_lines = not request.quiet
    if request.on_failure == "open":
        say("--on-failure open: what cannot be scanned passes with its secrets")
    started = time.monotonic()
    try:
        size = _through(request, made)
    except UnscannableError as error:
        say(f"stopped: a part of the input cannot be scanned ({error}), and none of it was written")
        return FAILED
    except BrokenPipeError:
        silence_stdout()
        return CLEAN
    if request.on_failure == "open" and made.unscanned:
        say(f"PASSED UNSCANNED, secrets may be in it: {_counts(made.unscanned)}")
    if not request.quiet:
        say(summary(made, size, time.monotonic() - started))
    return CLEAN


def summary(made: Redacting, size: int, seconds: float) -> str:
    """Return the line for stderr, such as `2 secrets in 10 lines (800 bytes, 0.05 s): some-rule 2`."""
    total = sum(made.by_rule.values())
    secrets = f"redacted {total:,} secret{'s' * (total != 1)}" if total else "no secrets"
    text = f"{secrets} in {made.lines:,} line{'s' * (made.lines != 1)} ({size:,} bytes, {seconds:.2f} s)"
    if made.by_rule:
        text += f": {_counts(made.by_rule)}"
    if made.unscanned:
        text += f"; not scanned: {_counts(made.unscanned)}"
    return text


def _through(request: Request, made: Redacting) -> int:
    """Send the input through; return the number of bytes read."""
    path = STDIN if request.path in {None, "-", STDIN} else str(request.path)
    with Termination() as termination, open_output(request.output) as out:
        output = Output(out.fileno())
        flow = Flow(made, output, _alarm(request, made))
        if path == STDIN and not _is_file(0):
            if wait_for_input(0, termination):
                with Source(path) as source:
                    run(source, flow, termination)
            return flow.size
        stop_on_signals()  # there is no pipe to drain: a file is still there next time
        with Source(path) as source:
            through_stdout = request.output is None and not source.is_remote
            if through_stdout and _is_same(source.descriptor, output.descriptor):
                raise SourceError(path, "is also the output: write to another file, or use -o")
            run(source, flow, None)
        return flow.size


def _alarm(request: Request, made: Redacting) -> Any:
    """Return what is called after each write: with `open`, it tells of each new reason at once."""
    told: set[str] = set()

    def alarm() -> None:
        for reason in made.unscanned.keys() - told:
            told.add(reason)
            say(f"a part of the input cannot be scanned ({reason}) and PASSES AS IT IS")

    return alarm if request.on_failure == "open" else _nothing


def _scanner(request: Request) -> Scanner:
    compared = any(entry.fingerprints for entry in request.config.allow)
    key, note = fingerprint_key(request.key_file, kept=request.style == "hash", compared=compared)
    if note is not None and not request.quiet:
        say(note)
    engine = quick_engine(request.engine, [request.path or STDIN])
    return recipe_for(request, engine, key).scanner()


def _serve(request: Request, context: click.Context) -> int:
    """Answer rsyslog until it closes the dialogue. rsyslog reads stderr too, so nothing is said."""
    # rsyslog empties its queues after ^C, and needs its helper for it
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if request.path not in {None, "-"}:
        raise click.UsageError(f"--framing {request.framing} reads stdin: leave PATH out", context)
    from leakscan.framing.rsyslog import claim_streams, serve_mmexternal, serve_omprog  # noqa: PLC0415 - only here

    if request.framing == "rsyslog-mmexternal":
        if request.output is not None:
            raise click.UsageError("--framing rsyslog-mmexternal answers on stdout: leave -o out", context)
        messages, answers = claim_streams()
        interface: Any = request.interface or "msg"
        serve_mmexternal(_scanner(request), messages, answers, interface, request.style, request.on_failure)
        return CLEAN
    if request.output is None:
        raise click.UsageError("--framing rsyslog-omprog needs -o FILE to append to", context)
    messages, answers = claim_streams()
    serve_omprog(_scanner(request), messages, answers, request.output, request.style, request.on_failure)
    return CLEAN


def _counts(numbers: dict[str, int]) -> str:
    """Return names and numbers, the greatest first."""
    ordered = sorted(numbers.items(), key=lambda item: (-item[1], item[0]))
    rest = f", {len(ordered) - _KINDS} more" if len(ordered) > _KINDS else ""
    return ", ".join(f"{name} {number:,}" for name, number in ordered[:_KINDS]) + rest


def _is_file(descriptor: int) -> bool:
    try:
        return stat.S_ISREG(os.fstat(descriptor).st_mode)
    except OSError as error:
        raise SourceError(STDIN, error.strerror or "closed") from None


def _is_same(source: int, output: int) -> bool:
    one, other = os.fstat(source), os.fstat(output)
    return stat.S_ISREG(one.st_mode) and (one.st_dev, one.st_ino) == (other.st_dev, other.st_ino)


def _nothing() -> None:
    """Nobody is told."""
