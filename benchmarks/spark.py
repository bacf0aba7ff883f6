"""Measures `leakscan-spark` against the command on one log: wall and CPU time, and that findings are equal.

    python -m benchmarks.spark --environment ~/.cache/leakscan-e2e/spark --out benchmarks/results

In one run and in turn: the command with one and two processes, Spark with `local[1]` and `local[2]`; each
also on a log of one line, whose time is that of starting. `--environment` is where `pip install '.[spark]'`
was run; both commands are taken from there. Linux only.

Spark's `local[1]` is a JVM and a Python worker, which use more than one core: what a core does is therefore
told by CPU seconds, of all processes that a command leaves behind.

Not here: other scanners (`race`), a cluster of more machines.
"""

from __future__ import annotations

import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
from benchmarks.corpus import KINDS, Corpus, byte_size, write
from benchmarks.measure import commit, machine, processor

_KEY = {"LEAKSCAN_KEY": "benchmarks-have-no-secrets"}
#: Runs a command; processes that outlive their parents become its own, so that their CPU time is counted.
_REAPER = """
import ctypes, os, resource, subprocess, sys, time
ctypes.CDLL(None).prctl(36, 1, 0, 0, 0)  # PR_SET_CHILD_SUBREAPER
start = time.monotonic()
done = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
seconds = time.monotonic() - start
try:
    while True:
        os.wait()
except ChildProcessError:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
if done.returncode not in (0, 1):
    sys.exit(done.stderr[-2000:].decode(errors="replace"))
print(seconds, used.ru_utime + used.ru_stime)
"""
_SETTINGS = ("--conf", "spark.ui.enabled=false", "--conf", "spark.driver.memory=2g")


@dataclass(frozen=True, slots=True)
class Contestant:
    """A way to scan.

    Attributes:
        name: as in the table.
        cores: how many it may use.
        is_spark: whether it is Spark.

    """

    name: str
    cores: int
    is_spark: bool


CONTESTANTS = (
    Contestant("leakscan -j 1", 1, is_spark=False),
    Contestant("leakscan -j 2", 2, is_spark=False),
    Contestant("leakscan-spark local[1]", 1, is_spark=True),
    Contestant("leakscan-spark local[2]", 2, is_spark=True),
)


@dataclass(frozen=True, slots=True)
class Run:
    """One run: seconds, and CPU seconds of all its processes."""

    seconds: float
    cpu: float


def run(command: list[str]) -> Run:
    """Run a command and return its figures.

    Raises:
        click.ClickException: it failed.

    """
    measured = [sys.executable, "-c", _REAPER, *command]
    done = subprocess.run(measured, check=False, capture_output=True, text=True, env={**os.environ, **_KEY})
    if done.returncode:
        raise click.ClickException(f"{command[0]} failed:\n{done.stderr}")
    seconds, cpu = done.stdout.split()
    return Run(float(seconds), float(cpu))


def scan(one: Contestant, log: Path, environment: Path, folder: Path) -> tuple[Run, list[dict[str, Any]]]:
    """Scan a log once; return the figures and what was found, in order.

    Raises:
        click.ClickException: it failed.

    """
    out = folder / ("findings" if one.is_spark else "findings.jsonl")
    if one.is_spark:
        shutil.rmtree(out, ignore_errors=True)
        script = str(environment / "bin" / "leakscan-spark")
        command = [script, "scan", "--master", f"local[{one.cores}]", *_SETTINGS, "--out", str(out), str(log)]
    else:
        command = [
            str(environment / "bin" / "leakscan"), str(log), "--format", "jsonl", "-o", str(out), "-q",
            "-j", str(one.cores),
        ]  # fmt: skip
    done = run(command)
    files = sorted(out.glob("part-*.json")) if one.is_spark else [out]
    found = [json.loads(line) for file in files for line in file.read_bytes().splitlines()]
    return done, sorted(found, key=lambda row: (row["line"], row["start"]))


def measure(corpus: Corpus, environment: Path, folder: Path, rounds: int) -> list[dict[str, Any]]:
    """Run all on a log and on one line of it; return a row for each.

    Raises:
        click.ClickException: a number of findings is wrong, or findings differ.

    """
    line = folder / "line.log"
    with corpus.path.open("rb") as log:
        line.write_bytes(log.readline())
    starts: dict[str, list[Run]] = {one.name: [] for one in CONTESTANTS}
    runs: dict[str, list[Run]] = {one.name: [] for one in CONTESTANTS}
    known: list[dict[str, Any]] | None = None
    for _ in range(rounds):
        for one in CONTESTANTS:
            starts[one.name].append(scan(one, line, environment, folder)[0])
            done, found = scan(one, corpus.path, environment, folder)
            runs[one.name].append(done)
            if len(found) != corpus.expected or found != (known or found):
                raise click.ClickException(f"{one.name}: found {len(found)}, or others than the first")
            known = found
            click.echo(
                f"{one.name}: {done.seconds:.1f} s, {done.cpu:.1f} s CPU, {len(found)} found", err=True
            )
    return [
        asdict(one) | {
            "found": corpus.expected,
            "seconds": statistics.median(made.seconds for made in runs[one.name]),
            "cpu": statistics.median(made.cpu for made in runs[one.name]),
            "start_seconds": statistics.median(made.seconds for made in starts[one.name]),
            "start_cpu": statistics.median(made.cpu for made in starts[one.name]),
        }
        for one in CONTESTANTS
    ]  # fmt: skip


def table(corpus: Corpus, rows: list[dict[str, Any]]) -> str:
    """Return the figures as Markdown."""
    head = (
        "| | s | MB/s | start s | MB/s after start | CPU s per GB after start | MB per CPU s | found |\n"
        "|---|---|---|---|---|---|---|---|\n"
    )
    size = corpus.size / 1e6
    lines = []
    for row in rows:
        after = max(row["seconds"] - row["start_seconds"], 1e-9)
        cpu = max(row["cpu"] - row["start_cpu"], 1e-9)
        figures = (
            row["name"], f"{row['seconds']:.1f}", f"{size / row['seconds']:.0f}",
            f"{row['start_seconds']:.1f}", f"{size / after:.0f}", f"{cpu / size * 1e3:.1f}",
            f"{size / cpu:.0f}", f"{row['found']:,}",
        )  # fmt: skip
        lines.append(f"| {' | '.join(figures)} |\n")
    return head + "".join(lines)


@click.command(help=__doc__)
@click.option(
    "--environment", type=click.Path(path_type=Path, exists=True), required=True, help="Where both are."
)
@click.option("--size", type=byte_size, default="1G", show_default=True, help="Bytes of the log.")
@click.option("--rounds", type=click.IntRange(min=1), default=1, show_default=True, help="Runs of each.")
@click.option("--out", type=click.Path(path_type=Path), help="Folder for the results.")
def main(environment: Path, size: int, rounds: int, out: Path | None) -> None:
    """Measure, print the table, write it down."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        corpus = write(KINDS["dirty-1000"], folder, seed="0", size=size)
        rows = measure(corpus, environment, folder, rounds)
    now = datetime.now(UTC)
    version = "import pyspark, pyarrow; print('pyspark', pyspark.__version__, 'pyarrow', pyarrow.__version__)"
    versions = subprocess.run(
        [environment / "bin" / "python", "-c", version], check=True, capture_output=True, text=True
    ).stdout.strip()
    about = {
        "date": now.isoformat(timespec="minutes"), "machine": machine(), "processor": processor(),
        "python": platform.python_version(), "versions": versions, "commit": commit(),
        "command": f"python -m benchmarks.spark --size {size} --rounds {rounds}",
    }  # fmt: skip
    text = f"`{', '.join(about.values())}`\n\nAll four find the same, to the byte.\n\n{table(corpus, rows)}"
    click.echo(text)
    if out is not None:
        target = out / f"{now.date().isoformat()}-{machine()}" / "spark"
        target.mkdir(parents=True, exist_ok=True)
        (target / "table.md").write_text(text, encoding="utf-8")
        (target / "results.json").write_text(
            json.dumps(about | {"rows": rows}, indent=1) + "\n", encoding="utf-8"
        )


if __name__ == "__main__":
    sys.exit(main())
