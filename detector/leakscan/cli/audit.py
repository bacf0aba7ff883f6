"""`leakscan audit`: its options, and how server, journal, report and purge plan are put together.

Not here: any of these themselves (`leakscan.audit`).
"""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import click

from leakscan.audit.catalog import tables
from leakscan.audit.journal import Journal
from leakscan.audit.password import VARIABLE, password
from leakscan.audit.purge import write_plan
from leakscan.audit.query import Extent
from leakscan.audit.run import Audit
from leakscan.audit.server import Server
from leakscan.audit.url import Target, parse
from leakscan.errors import SourceError
from leakscan.fingerprint import fingerprint
from leakscan.output import open_output
from leakscan.recipe import ScannerOptions, fingerprint_key, recipe_for
from leakscan.report import ReportOptions, writer
from leakscan.terminal import say, wants_colour
from leakscan.totals import Totals

from . import CLEAN, FAILED, INTERRUPTED, silence_stdout, stop_on_signals
from .configured import configured
from .options import scanner_options
from .reporting import (
    baseline_option,
    color_option,
    exit_code_option,
    format_option,
    max_per_secret_option,
    output_option,
    quiet_option,
)
from .summary import MAX_DISTINCT, Seen, many

if TYPE_CHECKING:
    from collections.abc import Iterator

    from leakscan.audit.catalog import Table
    from leakscan.finding import Finding
    from leakscan.rules import Rule
    from leakscan.scanner import Scanner

    from .progress import Progress


@dataclass(frozen=True, slots=True, kw_only=True)
class Request(ScannerOptions):
    """The options as given."""

    url: str
    format: str
    output: str | None
    sample: float
    limit: int | None
    resume: str | None
    purge_plan: str | None
    purge_by: Literal["delete", "update"]
    password_file: str | None
    ask_password: bool
    ca: str | None
    timeout: float
    max_execution_time: int
    baseline: str | None
    exit_code: int
    max_per_secret: int | None
    color: str


# fmt: off
@click.command(
    "audit", context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100}
)
@click.argument("url", metavar="URL")
@format_option
@output_option
@click.option(
    "--sample", type=click.FloatRange(0, 1, min_open=True), default=1.0, metavar="SHARE",
    help="Read this share of the rows, such as 0.01; the same ones each time.",
)
@click.option(
    "--limit", type=click.IntRange(min=1), metavar="ROWS", help="Read at most so many rows of each table."
)
@click.option(
    "--resume", type=click.Path(), metavar="FILE",
    help="Keep a journal in this file; if it is there, go on where it ends.",
)
@click.option(
    "--purge-plan", type=click.Path(), metavar="FILE",
    help="Write the ALTER TABLE statements that would remove what was found. Nothing is run.",
)
@click.option(
    "--purge-by", type=click.Choice(["delete", "update"]), default="delete", show_default=True,
    help="Whether the plan deletes rows or writes over their columns.",
)
@click.option(
    "--password-file", type=click.Path(), metavar="FILE",
    help=f"The password. Else it is {VARIABLE}, else there is none.",
)
@click.option("--ask-password", is_flag=True, help="Ask for the password on the terminal.")
@click.option(
    "--ca", type=click.Path(exists=True, dir_okay=False), metavar="FILE",
    help="Certificates to trust instead of the system's, for clickhouses:// (PEM).",
)
@click.option(
    "--timeout", type=click.FloatRange(min=1), default=300.0, show_default=True, metavar="SECONDS",
    help="Give up when the server sends nothing for so long.",
)
@click.option(
    "--max-execution-time", type=click.IntRange(min=0), default=0, metavar="SECONDS",
    help="The server's limit on each query. Else it is the user's own.",
)
@scanner_options(unsure="Leave out findings that are less sure.", key="fingerprints")
@baseline_option
@exit_code_option
@max_per_secret_option
@color_option
@quiet_option
@click.pass_context
def command(context: click.Context, /, **options: Any) -> int:
    """Find the credentials that a log store already holds.

    URL is clickhouse://user@host:8123/db for all tables of a database, or ../db.table for one;
    clickhouses:// speaks TLS. The session is read-only, and the text of every row goes through the
    scanner in bounded memory. Findings name table, column and key of their row.

    \b
    leakscan audit clickhouse://auditor@db.example/logs
    leakscan audit clickhouse://auditor@db.example/logs.app --sample 0.01
    leakscan audit URL --resume audit.journal --format json -o findings.json
    leakscan audit URL --purge-plan purge.sql          what it would take; nothing is run

    The password is never a part of the URL: it comes from CLICKHOUSE_PASSWORD, --password-file or
    --ask-password.

    Exit code: 0 clean, 1 findings, 2 usage or server error (also when only a part could be read;
    it wins over 1), 130 on ^C. No secret is ever written in full.
    """  # noqa: D301 - \b is click's mark for a paragraph to keep as it is
    request = Request(**configured(context, options))
    try:
        return audit(request)
    except KeyboardInterrupt:  # click would put an empty line before the message
        silence_stdout()
        more = f": run it again with --resume {request.resume} to go on" if request.resume else ""
        say(f"interrupted{more}")
        return INTERRUPTED


# fmt: on
def audit(request: Request) -> int:
    """Audit what the request names, write report and plan, return the exit code.

    Raises:
        LeakscanError: the server, rules, key, journal or an output are unusable.

    """
    stop_on_signals()
    target = parse(request.url)
    secret = password(request.password_file, ask=request.ask_password, environment=os.environ)
    compared = request.resume is not None or request.baseline is not None
    compared = compared or any(entry.fingerprints for entry in request.config.allow)
    key, note = fingerprint_key(request.key_file, kept=True, compared=compared)
    known = _known_secrets(request.baseline, key)
    scanner = recipe_for(request, request.engine, key).scanner()
    console = Console(_progress(quiet=request.quiet), is_quiet=request.quiet)
    console.remark(note)
    if secret and not target.is_tls and not target.is_local:
        console.remark("the password and all rows go over the network as they are: clickhouses:// is TLS")
    server = Server(target, secret, timeout=request.timeout, ca=request.ca)
    server.open_session(request.max_execution_time)
    found, skipped = tables(server, target)
    for left_out in skipped:
        console.remark(f"{left_out.title} is left out: {left_out.reason}")
    totals = Totals(on_failure=lambda error: console.tell(str(error)))
    with Journal(request.resume, _identity(request, target, scanner, key)) as journal:
        extent = Extent(request.sample, request.limit)
        rows = _read(Audit(server, scanner, journal, extent, totals, console.tick), found, console)
        seen = _report(request, scanner, journal, known, found, totals)
    console.remark(_summary(seen, totals, rows, extent))
    if totals.failed:
        return FAILED
    return request.exit_code if seen.places else CLEAN


@dataclass(frozen=True, slots=True)
class Console:
    """What people see on stderr while it works."""

    progress: Progress | None
    is_quiet: bool

    def tick(self, count: int) -> None:
        """Count bytes."""
        if self.progress is not None:
            self.progress.tick(count)

    def tell(self, text: str) -> None:
        """Write a line, also when quiet."""
        if self.progress is not None:
            self.progress.clear()
        say(text)

    def remark(self, text: str | None) -> None:
        """Write a line, if there is one and nobody wants quiet."""
        if text is not None and not self.is_quiet:
            self.tell(text)


def _read(run: Audit, found: list[Table], console: Console) -> int:
    """Read what the journal does not have yet; return how many rows that were."""
    journal = run.journal
    if journal.is_finished:
        console.remark("the journal is that of a finished audit: nothing is read again")
        run.totals.files = len({entry.table for entry in journal.entries})
    else:
        if journal.is_resumed:
            console.remark(f"going on after {sum(entry.rows for entry in journal.entries):,} rows")
        run.run(found)
    for title, reason in journal.not_scanned():
        run.totals.fail(SourceError(title, reason))
    if console.progress is not None:
        console.progress.clear()
    return run.rows


def _report(
    request: Request,
    scanner: Scanner,
    journal: Journal,
    known: frozenset[str],
    found: list[Table],
    totals: Totals,
) -> Seen:
    """Write the report and the plan from the journal."""
    seen = Seen()
    rules = {rule.id: rule for rule in scanner.rules}
    try:
        with open_output(request.output) as out:
            wanted = seen.counted(_findings(journal, rules, known))
            colour = wants_colour(request.color, out if request.output is None else None, os.environ)
            options = ReportOptions(scanner.rules, request.max_per_secret, colour, is_store=True)
            writer(request.format)(wanted, out, totals, options)
    except BrokenPipeError:
        silence_stdout()  # whoever read the report had enough: the exit code stands for what was seen
    if request.purge_plan is not None:
        with open_output(request.purge_plan) as out:
            by_title = {table.title: table for table in found}
            write_plan(_findings(journal, rules, known), by_title, out, request.purge_by)
    return seen


def _findings(
    journal: Journal, rules: dict[str, Rule], known: frozenset[str]
) -> Iterator[tuple[str, Finding]]:
    every = journal.findings(rules)
    return (pair for pair in every if pair[1].fingerprint not in known) if known else every


def _identity(request: Request, target: Target, scanner: Scanner, key: bytes) -> dict[str, Any]:
    """Return what a journal must agree with; keyed, since what is allowed may be a value."""
    rules = repr([(rule.id, rule.regex) for rule in scanner.rules])
    allowed = repr(request.config.allow)
    return {
        "server": target.server,
        "database": target.database,
        "table": target.table,
        "sample": request.sample,
        "limit": request.limit,
        "min-confidence": request.min_confidence,
        "rules": fingerprint(key, "audit-rules", (rules + allowed).encode("utf-8", "surrogateescape")),
        "key": fingerprint(key, "audit", b"journal"),
    }


def _known_secrets(path: str | None, key: bytes) -> frozenset[str]:
    if path is None:
        return frozenset()
    from leakscan.baseline import read_baseline  # noqa: PLC0415 - seldom used

    return read_baseline(path, key)


def _summary(seen: Seen, totals: Totals, rows: int, extent: Extent) -> str:
    """Return the line, such as `2 secrets at 5 places in 3 tables (10 rows, 1204 bytes, 0.05 s)`."""
    secrets = many(len(seen.secrets), "secret")
    if len(seen.secrets) >= MAX_DISTINCT:
        secrets = f"at least {secrets}"
    found = f"{secrets} at {many(seen.places, 'place')}" if seen.places else "nothing found"
    took = f"{many(rows, 'row')}, {many(totals.size, 'byte')}, {totals.seconds():.2f} s"
    text = f"{found} in {many(totals.files, 'table')} ({took})"
    if not extent.is_whole:
        text += "; not all rows were read: " + ("--sample" if extent.sample < 1 else "--limit")
    if totals.failed:
        text += "; not everything could be read"
    return text


def _progress(*, quiet: bool) -> Progress | None:
    """Return a progress line when a terminal watches: the report comes when reading is over."""
    if quiet or sys.stderr is None or not sys.stderr.isatty():
        return None
    from .progress import Progress, to_stderr  # noqa: PLC0415 - for people only

    return Progress(None, to_stderr)
