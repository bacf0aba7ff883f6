"""Measures what a gigabyte of log costs in CPU, and works out from it what large amounts would take.

    python -m benchmarks.scale --out benchmarks/results --document docs/scale.md

CPU time (user and system) of whole processes is what is counted, since a busy machine changes it less than
the time on the clock, and of several runs the least, since what else runs only adds. What a start costs is
taken off: each figure is the difference between a log and its first quarter. A gigabyte is 10^9 bytes of log
text, also where it is compressed. The number of findings is checked. With --document, the tables between the
marks in that file are written anew.

Not here: the arithmetic (`sizing`), the logs (`corpus`), the server (`objects`).
"""

from __future__ import annotations

import gzip
import json
import os
import shutil
import sys
import tempfile
from contextlib import ExitStack
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click
from benchmarks.contestants import Output, count_lines_with, count_redacted, leakscan_script
from benchmarks.corpus import KINDS, byte_size, write
from benchmarks.measure import Run, run
from benchmarks.objects import served
from benchmarks.results import finish
from benchmarks.sizing import Costs, Plan, cost_table, plan_tables, rewritten

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from benchmarks.corpus import Corpus

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

#: How logs are stored. gzip as `gzip -6` has it, zstd as `zstd -3`.
FORMS: Final = ("plain", "gzip", "zstd")
#: What is done with them: the last two over TLS from an S3 server on this machine, and in two processes.
WAYS: Final = ("scan", "redact", "scan s3", "scan -j 2")
#: Which logs; the others of `corpus` are special cases.
LOGS: Final = ("mixed", "dirty-1000", "dirty-100")
#: Where `sidecar/load.py` leaves its results, and which of its batches are of which log.
SIDECAR: Final = Path(__file__).with_name("sidecar") / "results"
_BATCHES: Final = {"mixed": "NDJSON clean", "dirty-100": "NDJSON 1 % dirty"}
_ENVIRONMENT: Final = {"LEAKSCAN_KEY": "benchmarks-have-no-secrets", "AWS_EC2_METADATA_DISABLED": "true"}


def stored(corpus: Corpus, form: str) -> Path:
    """Write a log in a form beside it, and return the file."""
    if form == "plain":
        return corpus.path
    path = corpus.path.with_suffix(f".log.{form}")
    with corpus.path.open("rb") as source, _packed(path, form) as target:
        shutil.copyfileobj(source, target, 1 << 20)
    return path


def _packed(path: Path, form: str) -> Any:
    return gzip.open(path, "wb", 6) if form == "gzip" else zstd.open(path, "wb", level=3)


def command(way: str, path: Path) -> tuple[list[str], Callable[[Output], int], bool]:
    """Return a command line, what counts its finds, and whether its output is of no use."""
    script = leakscan_script()
    if way == "redact":
        return [script, "redact", str(path)], count_redacted, True
    target = f"s3://bench/{path.name}" if way == "scan s3" else str(path)
    several = ["-j", "2"] if way == "scan -j 2" else []
    return [script, "--format", "jsonl", *several, target], count_lines_with(b'"rule_id"'), False


def measure(way: str, path: Path, corpus: Corpus, folder: Path, variables: Mapping[str, str]) -> Run:
    """Run once.

    Raises:
        click.ClickException: it failed, or found another number than was planted.

    """
    line, count, discard = command(way, path)
    output = Output(Path(os.devnull) if discard else folder / "out", folder / "errors")
    done = run(line, output=output.out, errors=output.errors, environment={**_ENVIRONMENT, **variables})
    found = count(output) if done.code in (0, 1) else None
    if found != corpus.expected:
        said = output.errors.read_text(encoding="utf-8").strip()
        raise click.ClickException(f"{way} of {path.name}: {found}, {corpus.expected} are right; {said}")
    return done


def measured(size: int, seed: str, rounds: int) -> dict[str, Any]:
    """Measure every log in every form in every way, in turn; return the least, to which others only add."""
    rows: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory(prefix="scale-") as temporary, ExitStack() as stack:
        folder = Path(temporary)
        variables = stack.enter_context(served(folder, folder))
        for name in LOGS:
            corpora = [write(KINDS[name], folder, seed=seed, size=each) for each in (size // 4, size)]
            files = {(form, corpus.size): stored(corpus, form) for form in FORMS for corpus in corpora}
            runs: dict[tuple[str, str, int], list[Run]] = {}
            for _ in range(rounds):
                for form, way, corpus in product(FORMS, WAYS, corpora):
                    done = measure(way, files[form, corpus.size], corpus, folder, variables)
                    runs.setdefault((form, way, corpus.size), []).append(done)
            quarter, whole = (corpus.size for corpus in corpora)
            for form, way in product(FORMS, WAYS):
                cpu, rest = (min(done.cpu for done in runs[form, way, n]) for n in (whole, quarter))
                share = files[form, whole].stat().st_size / whole
                rows.append({
                    "log": name, "form": form, "way": way, "stored": share, "start": rest - (cpu - rest) / 3,
                    "cpu": (cpu - rest) / (whole - quarter) * 1e9, "size": whole,
                    "memory": max(done.memory for done in runs[form, way, whole]),
                    "found": corpora[1].expected,
                })  # fmt: skip
            for path in files.values():
                path.unlink()
    return {"seed": seed, "rounds": rounds, "rows": rows}


def sidecar_costs(folder: Path = SIDECAR) -> dict[str, float]:
    """Return the CPU seconds per GB of the sidecar by log, from the newest results of its own benchmark."""
    rows = json.loads(max(folder.glob("*.json")).read_text(encoding="utf-8"))
    speeds = {row["batch"]: row["MB/s per core"] for row in rows}
    return {log: 1000 / speeds[batch] for log, batch in _BATCHES.items()}


@click.command(help=__doc__, context_settings={"max_content_width": 110})
@click.option("--size", type=byte_size, default="400M", show_default=True, help="Bytes of each log.")
@click.option("--rounds", type=click.IntRange(min=1), default=5, show_default=True, help="Runs of each.")
@click.option("--seed", default="0", show_default=True, help="Of the logs: any text.")
@click.option("--out", type=click.Path(path_type=Path), help="Folder for the dated results.")
@click.option("--document", type=click.Path(exists=True, path_type=Path), help="Where to put the tables.")
def main(size: int, rounds: int, seed: str, out: Path | None, document: Path | None) -> None:
    """Measure, work out, print."""
    results = measured(size, seed, rounds)
    results["sidecar"] = sidecar_costs()
    tables = {
        "costs": cost_table(results["rows"]),
        **plan_tables(Costs.of(results["rows"]), Plan(), results["sidecar"]),
    }
    text = "\n\n".join(tables.values()) + "\n"
    click.echo(text)
    if out:
        click.echo(f"results in {finish(out, 'scale', results, text)}", err=True)
    if document:
        document.write_text(rewritten(document.read_text(encoding="utf-8"), tables), encoding="utf-8")


if __name__ == "__main__":
    main()
