"""Measures how time and memory grow with the file, the rules, the findings and the length of lines.

    python -m benchmarks.growth

Nothing may grow faster than its input, and memory may not grow with the data at all; where it does, the
table says so. Numbers of findings are checked. Not here: other scanners (`race`).
"""

from __future__ import annotations

import math
import os
import statistics
import tempfile
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click
from benchmarks.contestants import Output, count_lines_with, count_redacted, leakscan_script
from benchmarks.corpus import KINDS, byte_size, chunks
from benchmarks.draw import ALNUM, Draw
from benchmarks.measure import run
from benchmarks.planted import planted
from benchmarks.results import Table, finish

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

#: Growth by this power of the input still counts as linear: machines are noisy.
_LINEAR: Final = 1.15
#: Less time than this says nothing about growth.
_LEAST_SECONDS: Final = 0.2
#: Memory is flat when the largest input takes no more than this over the smallest.
_FLAT: Final = 16_000_000
_KEY: Final = {"LEAKSCAN_KEY": "benchmarks-have-no-secrets"}
#: Bytes of a log whose lines grow, while they are shorter than that.
_LINES_TOTAL: Final = 64_000_000
_RULE: Final = """[[rules]]
id = "made-up-{n:04}"
description = "Made-up token {n}; opens nothing."
provider = "Made-up {n}"
severity = "low"
keywords = ["mk{n:04}_"]
regex = '''mk{n:04}_[0-9A-Za-z]{{32}}'''
examples = ['''key «mk{n:04}_{token}» ok''']
negatives = ['''key mk{n:04}_short''']
"""


@dataclass(frozen=True, slots=True)
class Point:
    """One measurement to make.

    Attributes:
        x: what grows.
        log: what to scan.
        expected: findings that are right.
        options: of leakscan.

    """

    x: int
    log: Path
    expected: int
    options: tuple[str, ...]


def measure(point: Point, folder: Path, rounds: int) -> dict[str, Any]:
    """Run leakscan on a point; return medians.

    Raises:
        click.ClickException: it failed, or found another number than is right.

    """
    redacts = point.options[0] == "redact"
    output = Output(Path(os.devnull) if redacts else folder / "out", folder / "errors")
    runs = []
    for _ in range(rounds):
        command = [leakscan_script(), *point.options, str(point.log)]
        done = run(command, output=output.out, errors=output.errors, environment=_KEY)
        count = count_redacted(output) if redacts and done.code == 0 else 0
        if "jsonl" in point.options:
            count = count_lines_with(b'"rule_id"')(output)
        if done.code not in (0, 1) or ("text" not in point.options and count != point.expected):
            raise click.ClickException(
                f"{' '.join(point.options)} at {point.x}: exit code {done.code}, {count} findings, "
                f"{point.expected} are right"
            )
        runs.append(done)
    return {
        "x": point.x,
        "size": point.log.stat().st_size,
        "seconds": statistics.median(each.seconds for each in runs),
        "cpu": statistics.median(each.cpu for each in runs),
        "memory": max(each.memory for each in runs),
        "findings": point.expected,
    }


_SCAN: Final = ("scan", "--format", "jsonl", "-q")
_TEXT: Final = ("scan", "--format", "text", "-q")
_REDACT: Final = ("redact",)


def sizes(folder: Path, seed: str, limit: int, options: tuple[str, ...]) -> Iterator[Point]:
    """Give mixed logs of 1 MB, 10 MB .. up to the limit, with a secret in 1,000 lines."""
    size = 1_000_000
    while size <= limit:
        path, secrets = folder / "growing.log", 0
        with path.open("wb") as file:
            for text, _, count in chunks(KINDS["dirty-1000"], seed, size):
                file.write(text)
                secrets += count
        yield Point(size, path, secrets, options)
        size = min(size * 10, limit) if size < limit else limit + 1


def rules(folder: Path, seed: str, limit: int, log_size: int) -> Iterator[Point]:
    """Give 10, 100 .. made-up rules beside the built-in ones; the log holds one token of the last of them."""
    path, file = folder / "rules.log", folder / "rules.toml"
    clean = b"".join(text for text, *_ in chunks(KINDS["mixed"], seed, log_size))
    for count in sorted({0, *(c for c in (10, 30, 100, 300) if c < limit), limit}):
        draw = Draw(f"rules {seed}")
        tokens = [draw.chars(ALNUM, 32) for _ in range(count)]
        file.write_text(
            "".join(_RULE.format(n=n, token=token) for n, token in enumerate(tokens)), encoding="utf-8"
        )
        last = f"key mk{count - 1:04}_{draw.chars(ALNUM, 32)} ok\n" if count else ""
        path.write_bytes(clean + last.encode())
        yield Point(count, path, int(count > 0), (*_SCAN, *(("--rules", str(file)) if count else ())))


def findings(folder: Path, seed: str, limit: int, options: tuple[str, ...]) -> Iterator[Point]:
    """Give logs of equal numbers of lines that hold 0, 1,000, 10,000 .. distinct secrets."""
    path = folder / "findings.log"
    clean = [
        line
        for text, *_ in chunks(KINDS["mixed"], seed, 8_000_000)
        for line in text.splitlines(keepends=True)
    ]
    for count in sorted({0, *(c for c in (1_000, 10_000, 100_000) if c < limit), limit}):
        draw = Draw(f"findings {seed}")
        every = limit // count if count else limit + 1
        left = count
        with path.open("wb") as file:
            for index in range(limit):
                if left and index % every == 0:
                    file.write(planted(draw)[0].encode() + b"\n")
                    left -= 1
                else:
                    file.write(clean[index % len(clean)])
        yield Point(count, path, count, options)


def lengths(folder: Path, seed: str, limit: int, kind: str, options: tuple[str, ...]) -> Iterator[Point]:
    """Give logs whose lines are 100 B, 1 KB .. long, with one secret at the very end."""
    path = folder / "lines.log"
    text = b"".join(part for part, *_ in chunks(KINDS[kind], seed, 8_000_000)).replace(b"\n", b" ")
    secret = planted(Draw(f"lengths {seed}"))[0].encode()
    length = 100
    while length <= limit:
        with path.open("wb") as file:
            total = 0
            while total < max(_LINES_TOTAL, length):
                rest = length
                while rest:
                    start = total % len(text)
                    piece = text[start : start + rest]
                    file.write(piece)
                    rest -= len(piece)
                    total += len(piece)
                if total < max(_LINES_TOTAL, length):
                    file.write(b"\n")
            file.write(b" " + secret + b"\n")
        yield Point(length, path, 1, options)
        length = min(length * 10, limit) if length < limit else limit + 1


def verdict(rows: Sequence[dict[str, Any]], *, total: str, memory_may_grow: bool = False) -> list[str]:
    """Say where a series grows faster than linearly, or where its memory is not flat.

    Args:
        rows: measurements in order.
        total: the field that the time should follow: `x`, or `size` where x is the shape of equal data.
        memory_may_grow: what grows must be kept (rules).

    """
    said = []
    base = min(row["seconds"] for row in rows)
    for one, other in pairwise(rows):
        # the time of the smallest input is start-up; it would hide growth
        before, after = one["seconds"] - base, other["seconds"] - base
        if total == "size":
            before, after = one["seconds"] / one["size"], other["seconds"] / other["size"]
            worse = after > before * 1.5 and other["seconds"] > _LEAST_SECONDS
        else:
            worse = (
                one["x"] > 0 and before > _LEAST_SECONDS
                and math.log(after / before) > _LINEAR * math.log(other["x"] / one["x"])
            )  # fmt: skip
        if worse:
            said.append(f"time from {one['x']:,} to {other['x']:,}: {after / before:.1f} times")
    grown = max(row["memory"] for row in rows) - rows[0]["memory"]
    if grown > _FLAT and not memory_may_grow:
        said.append(f"memory grows by {grown / 1e6:.0f} MB")
    return said


def table(name: str, rows: Sequence[dict[str, Any]], said: Sequence[str]) -> Table:
    """Return a series as a table, with its verdict below."""
    head = "| | log MB | findings | seconds | MB/s | peak MB |\n|---|---|---|---|---|---|\n"
    body = "".join(
        f"| {row['x']:,} | {row['size'] / 1e6:,.1f} | {row['findings']:,} | {row['seconds']:.2f} "
        f"| {row['size'] / row['seconds'] / 1e6:,.1f} | {row['memory'] / 1e6:.0f} |\n"
        for row in rows
    )
    return Table(name, head + body + "\n" + ("; ".join(said) or "linear, memory as it may be") + "\n")


@click.command(help=__doc__, context_settings={"max_content_width": 110})
@click.option(
    "--max-size", type=byte_size, default="1G", show_default=True, help="Largest file; `4G` takes a while."
)
@click.option("--max-line", type=byte_size, default="1G", show_default=True, help="Longest line.")
@click.option(
    "--max-rules", type=click.IntRange(10, 9999), default=1000, show_default=True, help="Most made-up rules."
)
@click.option(
    "--max-findings",
    type=click.IntRange(min=1000),
    default=1_000_000,
    show_default=True,
    help="Most findings.",
)
@click.option("--rules-log", type=byte_size, default="40M", show_default=True, help="Log for the rules.")
@click.option("--rounds", type=click.IntRange(min=1), default=3, show_default=True, help="Runs of each.")
@click.option("--seed", default="0", show_default=True, help="Of the logs: any text.")
@click.option("--only", default="", help="Series whose name holds this.")
@click.option("--out", type=click.Path(path_type=Path), help="Folder for the dated results.")
def main(
    *,
    max_size: int,
    max_line: int,
    max_rules: int,
    max_findings: int,
    rules_log: int,
    rounds: int,
    seed: str,
    only: str,
    out: Path | None,
) -> None:
    """Measure every series, print the tables and where something grows that should not."""
    results: dict[str, Any] = {"seed": seed, "rounds": rounds, "series": {}, "verdicts": {}}
    text = ""
    with tempfile.TemporaryDirectory(prefix="growth-") as temporary:
        folder = Path(temporary)
        many = str(max(2, os.cpu_count() or 2))
        series: tuple[tuple[str, Iterator[Point], str, bool], ...] = (
            ("bytes of a file, scan", sizes(folder, seed, max_size, _SCAN), "x", False),
            (
                f"bytes of a file, scan -j {many}",
                sizes(folder, seed, max_size, (*_SCAN, "-j", many)),
                "x",
                False,
            ),
            ("bytes of a file, redact", sizes(folder, seed, max_size, _REDACT), "x", False),
            ("made-up rules", rules(folder, seed, max_rules, rules_log), "x", True),
            ("distinct findings, jsonl", findings(folder, seed, max_findings, _SCAN), "x", False),
            ("distinct findings, text", findings(folder, seed, max_findings, _TEXT), "x", False),
            ("distinct findings, redact", findings(folder, seed, max_findings, _REDACT), "x", False),
            ("bytes of a line, mixed, scan", lengths(folder, seed, max_line, "mixed", _SCAN), "size", False),
            ("bytes of a line, JSON, scan", lengths(folder, seed, max_line, "json", _SCAN), "size", False),
            (
                "bytes of a line, mixed, redact",
                lengths(folder, seed, max_line, "mixed", _REDACT),
                "size",
                False,
            ),
        )
        for name, points, total, memory_may_grow in series:
            if only not in name:
                continue
            rows = []
            for point in points:
                rows.append(measure(point, folder, rounds))
                click.echo(f"{name}: {point.x:,}: {rows[-1]['seconds']:.2f} s", err=True)
            said = verdict(rows, total=total, memory_may_grow=memory_may_grow)
            results["series"][name] = rows
            results["verdicts"][name] = said
            text += table(name, rows, said).markdown()
    click.echo(text)
    if out:
        click.echo(f"results in {finish(out, 'growth', results, text)}", err=True)


if __name__ == "__main__":
    main()
