"""`leakscan explain`: for each candidate of a log, whether it is reported and why not. Secrets are masked.

Not here: the verdicts (`leakscan.explain`).
"""

from __future__ import annotations

import sys
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import click

from leakscan.errors import SourceError
from leakscan.mask import mask
from leakscan.paths import expand
from leakscan.recipe import ScannerOptions, fingerprint_key, recipe_for
from leakscan.sources import Source
from leakscan.terminal import clean, plain_path, say

from . import CLEAN, FAILED, stop_on_signals
from .configured import configured
from .inputs import stdin_holds_data
from .options import scanner_options

if TYPE_CHECKING:
    from collections.abc import Iterator

    from leakscan.explain import Verdict
    from leakscan.scanner import Scanner

#: Rules named one by one; keywords of three letters lead to more.
_NAMED: Final = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Request(ScannerOptions):
    """The options as given."""

    paths: tuple[str, ...]


# fmt: off
@click.command(
    "explain", context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100}
)
@click.argument("paths", metavar="[PATH]...", nargs=-1, type=click.Path())
@scanner_options(
    unsure="Say of findings that are less sure that they are left out.",
    key="fingerprints that are allowed",
)
@click.option("-q", "--quiet", is_flag=True, help="No summary on stderr.")
@click.pass_context
def command(context: click.Context, /, **options: Any) -> int:
    """Say why something in a log is reported, or is not.

    One line for each candidate: where it is, whether it is reported or dropped, the rule, the value
    (masked), and what led there or what speaks against it. A line of the log without any candidate
    holds nothing that a rule looks for.

    \b
    echo 'db_password=hunter2' | leakscan explain
    leakscan explain app.log | grep dropped

    Exit code: 0, or 2 for usage or input errors.
    """  # noqa: D301 - \b is click's mark for a paragraph to keep as it is
    if not options["paths"]:
        if not stdin_holds_data():
            raise click.UsageError("nothing to explain: name a file, or pipe a line in", context)
        options["paths"] = ("-",)
    return explain(Request(**configured(context, options)))


# fmt: on
def explain(request: Request) -> int:
    """Write a line for each candidate in the inputs; return the exit code.

    Raises:
        LeakscanError: rules, key or configuration are unusable.

    """
    stop_on_signals()
    compared = any(entry.fingerprints for entry in request.config.allow)
    key, _ = fingerprint_key(request.key_file, kept=False, compared=compared)
    # one engine, so that what is a candidate does not depend on the machine; the other selects more
    engine = "ahocorasick" if request.engine == "auto" else request.engine
    scanner = recipe_for(request, engine, key).scanner()
    counts: Counter[bool] = Counter()
    failed = False
    for item in expand(request.paths, say):
        try:
            if isinstance(item, SourceError):
                raise item
            for verdict in _verdicts(scanner, item):
                counts[verdict.reason is None] += 1
                sys.stdout.write(f"{line(item, verdict)}\n")
            sys.stdout.flush()
        except SourceError as error:
            failed = True
            say(str(error))
    if not request.quiet:
        say(f"{counts.total():,} candidate{'s' * (counts.total() != 1)}: {counts[True]:,} reported")
    return FAILED if failed else CLEAN


def _verdicts(scanner: Scanner, path: str) -> Iterator[Verdict]:
    from leakscan.explain import Explanations  # noqa: PLC0415 - when the options are good

    with Source(path) as source:
        for verdicts in source.drain(Explanations(scanner, path)):
            yield from verdicts


def line(path: str, verdict: Verdict) -> str:
    """Return the line for a verdict: place, outcome, rules, masked value, reason; tabs between none."""
    words = [
        f"{plain_path(path)}:{verdict.line}:{verdict.start + 1}",
        "reported" if verdict.reason is None else "dropped ",
    ]
    if verdict.rules:
        more = len(verdict.rules) - _NAMED
        words.append(", ".join(verdict.rules[:_NAMED]) + (f" and {more} more" if more > 0 else ""))
    if verdict.text:
        words.append(mask(verdict.text))
    if verdict.lead:
        words.append(verdict.lead)
    if verdict.reason is None:
        words.append(f"confidence {verdict.confidence}")
    else:
        why = str(verdict.reason)
        if verdict.confidence is not None and verdict.reason.name == "CONFIDENCE":
            why = f"{verdict.confidence}, {why}"
        words.append(f"{why}: {verdict.detail}" if verdict.detail else why)
    return clean("  ".join(words))
