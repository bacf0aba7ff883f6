"""`leakscan scan`: its options, and how inputs, scanner, baseline and report are put together.

Not here: any of these themselves.
"""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Callable, Generator, Iterator
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from leakscan.finding import Finding
from leakscan.output import open_output
from leakscan.paths import expand
from leakscan.recipe import Recipe, recipe_for
from leakscan.report import FORMATS, ReportOptions, writer
from leakscan.sources import Identity, is_remote
from leakscan.terminal import say
from leakscan.totals import Totals

from . import CLEAN, FAILED, INTERRUPTED, silence_stdout, stop_on_signals
from .baselines import known_secrets, without_known, write_baseline
from .configured import configured
from .inputs import quick_engine, stdin_holds_data, total_size
from .options import scanner_options
from .period import check_period, is_timed, since_option, until_option, within
from .reporting import (
    baseline_option,
    color_option,
    exit_code_option,
    format_option,
    max_per_secret_option,
    output_option,
    quiet_option,
)
from .request import Request, colour, scan_key
from .summary import Seen, summary

if TYPE_CHECKING:
    from leakscan.errors import SourceError
    from leakscan.scanner import Scanner

    from .progress import Progress

Findings = Generator[tuple[str, Finding], None, None]


# fmt: off
@click.command(
    "scan", context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100}
)
@click.argument("paths", metavar="[PATH]...", nargs=-1, type=click.Path())
@format_option
@output_option
@scanner_options(unsure="Leave out findings that are less sure.", key="fingerprints")
@baseline_option
@click.option(
    "--write-baseline", type=click.Path(), metavar="FILE",
    help="Write a baseline that knows every secret found, and exit 0.",
)
@click.option(
    "-j", "--jobs", type=click.IntRange(min=0), default=1, show_default=True, metavar="N",
    help="Scan with N processes; 0 is one a core.",
)
@exit_code_option
@max_per_secret_option
@since_option
@until_option
@click.option(
    "--follow", is_flag=True,
    help="Go on as files grow, by name, through rotation; write what is found as it comes.",
)
@click.option(
    "-n", "--lines", default="0", show_default=True, metavar="[+]N",
    help="With --follow: start N lines before the end, or at line N with +N.",
)
@color_option
@quiet_option
@click.pass_context
def command(context: click.Context, /, **options: Any) -> int:
    """Find credentials in logs.

    PATH is a file, a directory (every file in it), a pattern such as 'app-*.log', an object or
    prefix in S3 (s3://bucket/prefix, with the extra s3), or - for stdin, which is also read when
    there is no PATH and stdin is a pipe. gzip, zstd, xz and bzip2 are recognised by content, UTF-16
    by its byte-order mark (offsets are then those of the UTF-8 text).

    \b
    leakscan app.log
    leakscan /var/log -j 0 --format jsonl -o findings.jsonl
    kubectl logs my-pod | leakscan
    leakscan 's3://my-logs/2026-11-*/app*.gz' -j 0
    leakscan --write-baseline known.json logs/     what is known today
    leakscan --baseline known.json logs/           what is new since
    leakscan --follow app.log --format jsonl       what comes from now on
    leakscan --since 7d --until 2h logs/           of a week, but for the last two hours

    Exit code: 0 clean, 1 findings, 2 usage or input error (also when only a part could be
    scanned; it wins over 1), 130 on ^C. No secret is ever written in full.
    """  # noqa: D301 - \b is click's mark for a paragraph to keep as it is
    if not options["paths"]:
        if not stdin_holds_data():
            raise click.UsageError("nothing to scan: name a file, or pipe a log in", context)
        options["paths"] = ("-",)
    options = configured(context, options)
    if options["follow"] and context.get_parameter_source("jobs") is ParameterSource.DEFAULT:
        options["jobs"] = 1  # a default of the file is none for what works in one process
    request = Request(**options)
    if request.lines != "0" and not request.follow:
        raise click.UsageError("-n says where --follow starts: give --follow too", context)
    check_period(request.since, request.until)
    try:
        if request.follow:
            from .follow import follow_logs  # noqa: PLC0415 - seldom used

            return follow_logs(request)
        return scan(request)
    except KeyboardInterrupt:  # click would put an empty line before the message
        silence_stdout()
        say("interrupted")
        return INTERRUPTED


# fmt: on
def scan(request: Request) -> int:
    """Scan what the request asks for, write the report, return the exit code.

    Raises:
        LeakscanError: rules, key, baseline, engine or output are unusable.

    """
    stop_on_signals()
    key, note = scan_key(request)
    if note is not None and not request.quiet:
        say(note)
    known = known_secrets(request.baseline, key)
    engine = quick_engine(request.engine, request.paths)
    made = recipe_for(request, engine, key)
    scanner = made.scanner()
    progress = _progress(request)

    def tell(message: str) -> None:
        if progress is not None:
            progress.clear()
        say(message)

    totals = Totals(on_failure=lambda error: tell(str(error)))
    inputs = expand(request.paths, _nothing if request.quiet else tell, skip=_outputs(request.output))
    counts: dict[str, tuple[str, int]] = {}
    seen = Seen()
    try:
        with open_output(request.output) as out:
            tick = progress.tick if progress is not None else None
            found = _findings(request, made, scanner, inputs, totals, tick=tick, pause=out.flush)
            with contextlib.closing(found):
                wanted = seen.counted(without_known(within(found, request), counts, known, request))
                options = ReportOptions(scanner.rules, request.max_per_secret, colour(request, out))
                writer(request.format)(wanted, out, totals, options)
                if progress is not None:
                    progress.clear()
    except BrokenPipeError:
        silence_stdout()  # whoever read the report had enough: the exit code stands for what was seen
    else:
        if request.write_baseline is not None:
            write_baseline(request.write_baseline, counts, key)
        if not request.quiet:
            say(summary(seen, totals, compared=request.baseline is not None))
    if totals.failed:
        return FAILED
    return request.exit_code if seen.places and request.write_baseline is None else CLEAN


def _findings(
    request: Request,
    recipe: Recipe,
    scanner: Scanner,
    inputs: Iterator[str | SourceError],
    totals: Totals,
    *,
    tick: Callable[[int], object] | None,
    pause: Callable[[], object],
) -> Findings:
    """Choose between this process and several."""
    timestamps = FORMATS[request.format] or is_timed(request)
    jobs = request.jobs or len(os.sched_getaffinity(0))
    if jobs == 1:
        from leakscan.jobs import scan_serially  # noqa: PLC0415 - one of the two is needed

        return scan_serially(scanner, inputs, totals, timestamps=timestamps, tick=tick, pause=pause)
    from leakscan.jobs import plan  # noqa: PLC0415 - as above
    from leakscan.workers import FORKS, scan_in_processes  # noqa: PLC0415 - as above

    forks = FORKS and not any(map(is_remote, request.paths))  # listing what is remote starts threads
    make_scanner = (lambda: scanner) if forks else recipe.scanner
    return scan_in_processes(
        make_scanner,
        plan(inputs),
        totals,
        jobs,
        timestamps=timestamps,
        tick=tick,
        pause=pause,
        forks=forks,
    )


def _outputs(output: str | None) -> frozenset[Identity]:
    """Return the files that this run writes to, which must not be scanned: they would grow for ever."""
    import stat  # noqa: PLC0415 - already loaded by os

    found = []
    with contextlib.suppress(OSError, AttributeError, ValueError):
        found.append(os.fstat(sys.stdout.fileno()))
    if output is not None:
        with contextlib.suppress(OSError):
            found.append(os.stat(output))  # noqa: PTH116 - a descriptor is looked at the same way above
    return frozenset((status.st_dev, status.st_ino) for status in found if stat.S_ISREG(status.st_mode))


def _progress(request: Request) -> Progress | None:
    """Return a progress line when a terminal watches and nothing else is written to it meanwhile."""
    if request.quiet or sys.stderr is None or not sys.stderr.isatty():
        return None
    streams = request.format != "text" and request.output is None
    if streams and sys.stdout is not None and sys.stdout.isatty():
        return None
    from .progress import Progress, to_stderr  # noqa: PLC0415 - for people only

    return Progress(total_size(request.paths), to_stderr)


def _nothing(_: str) -> None:
    """Take a note that nobody wants to read."""
