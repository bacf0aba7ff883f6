"""Scores leakscan and its peers on freshly made log lines.

    python -m benchmarks.accuracy.score --cache ~/.cache/leakscan-peers

Each run makes new secrets, new lines and new look-alikes from a seed that it prints; the same seed makes
the same run. How a finding is judged is written in `scoring`. The lines go to a temporary folder that is
removed at the end, unless `--keep` names one.
"""

from __future__ import annotations

import json
import os
import platform
import secrets
import subprocess
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from benchmarks.accuracy.generate import generate
from benchmarks.accuracy.peers import pinned
from benchmarks.accuracy.picture import svg
from benchmarks.accuracy.sample import answer_key, log_text
from benchmarks.accuracy.scanners import SCANNERS, UnavailableError, scan
from benchmarks.accuracy.scoring import judge
from benchmarks.accuracy.table import breakdown, markdown, missed, row

if TYPE_CHECKING:
    from benchmarks.accuracy.sample import Sample
    from benchmarks.accuracy.scoring import Verdict

#: Scanners that name lines only.
_NO_SPANS = frozenset({"detect-secrets"})


def machine() -> str:
    """A name for this machine that says what matters and not whose it is."""
    return f"{platform.system()}-{platform.machine()}-{os.cpu_count()}cpu".lower()


def commit() -> str:
    """The project's commit, `unknown` outside a repository."""
    done = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], cwd=Path(__file__).parent, capture_output=True, check=False
    )
    return done.stdout.decode().strip() or "unknown"


def write_files(folder: Path, samples: list[Sample], *, mixed: bool) -> list[tuple[Path, list[Sample]]]:
    """Write the log files and their answer keys: planted and benign apart, or mixed as in life."""
    planted = [sample for sample in samples if sample.group != "benign"]
    benign = [sample for sample in samples if sample.group == "benign"]
    parts = [("mixed", samples)] if mixed else [("planted", planted), ("benign", benign)]
    files = []
    for name, part in parts:
        path = folder / f"{name}.log"
        path.write_bytes(log_text(part))
        (folder / f"{name}.answers.jsonl").write_text(answer_key(part), encoding="utf-8")
        files.append((path, part))
    return files


def score(peer: str, cache: Path, files: list[tuple[Path, list[Sample]]]) -> list[Verdict]:
    """One scanner's verdicts on all files."""
    return [verdict for path, samples in files for verdict in judge(samples, scan(peer, cache, path))]


def write_results(
    out: Path, seed: str, lines: int, rows: dict[str, dict[str, Any]], verdicts: dict[str, list[Verdict]]
) -> Path:
    """Write `<date>-<machine>/table.md`, `results.json` and `picture.svg`; the folder is returned."""
    today = datetime.now(UTC).date().isoformat()
    folder = out / f"{today}-{machine()}"
    folder.mkdir(parents=True, exist_ok=True)
    command = f"python -m benchmarks.accuracy.score --seed {seed} --lines {lines} --peers {','.join(rows)}"
    (folder / "table.md").write_text(
        f"{markdown(rows)}\n`{command}` at commit {commit()}, {today}, {machine()}.\n", encoding="utf-8"
    )
    results = {
        "date": today,
        "machine": machine(),
        "python": platform.python_version(),
        "commit": commit(),
        "command": command,
        "seed": seed,
        "lines": lines,
        "peers": pinned(),
        "scores": rows,
        "leakscan": breakdown(verdicts["leakscan"]) if "leakscan" in verdicts else None,
    }
    (folder / "results.json").write_text(
        json.dumps(results, indent=1, ensure_ascii=False) + "\n", encoding="utf-8"
    )
    benign = next(iter(rows.values()))["benign"]
    note = f"seed {seed}, {today}, commit {commit()}. 'false': lines flagged, of {benign} benign look-alikes"
    (folder / "picture.svg").write_text(svg(rows, note), encoding="utf-8")
    return folder


@click.command(help=__doc__, context_settings={"max_content_width": 110})
@click.option("--seed", default=None, help="Any text. Default: drawn anew, and printed.")
@click.option(
    "--lines",
    default=3000,
    show_default=True,
    type=click.IntRange(min=1),
    help="Samples; never fewer than one of each kind.",
)
@click.option("--peers", default=",".join(SCANNERS), show_default=True, help="Which scanners, by name.")
@click.option(
    "--cache",
    type=click.Path(path_type=Path),
    default=Path("~/.cache/leakscan-peers"),
    show_default=True,
    help="Where `peers` set the others up.",
)
@click.option("--out", type=click.Path(path_type=Path), help="Folder for the dated results.")
@click.option(
    "--keep", type=click.Path(path_type=Path), help="Keep the lines and the answer key in this folder."
)
@click.option("--mixed", is_flag=True, help="One file with benign lines between the others.")
@click.option("--show-missed", is_flag=True, help="Print what leakscan missed, with the made-up lines.")
@click.option(
    "--examples", default=1, show_default=True, help="Example lines for each kind and shape missed."
)
@click.option(
    "--held-out", is_flag=True, help="Show held-out kinds and shapes as well: spoils them for measuring."
)
def main(
    *,
    seed: str | None,
    lines: int,
    peers: str,
    cache: Path,
    out: Path | None,
    keep: Path | None,
    examples: int,
    mixed: bool,
    show_missed: bool,
    held_out: bool,
) -> None:
    """Make the lines, run each scanner, print the table."""
    seed = seed or secrets.token_hex(4)
    names = [name.strip() for name in peers.split(",") if name.strip()]
    unknown = [name for name in names if name not in SCANNERS]
    if unknown:
        raise click.UsageError(f"no such scanner: {', '.join(unknown)}. Known: {', '.join(SCANNERS)}")
    samples = generate(seed, lines)
    click.echo(f"seed {seed}, {len(samples)} samples", err=True)
    with tempfile.TemporaryDirectory(prefix="accuracy-") as temporary:
        folder = keep or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        files = write_files(folder, samples, mixed=mixed)
        verdicts: dict[str, list[Verdict]] = {}
        for name in names:
            started = time.perf_counter()
            try:
                verdicts[name] = score(name, cache.expanduser(), files)
            except UnavailableError as reason:
                click.echo(f"{name}: left out: {reason}", err=True)
                continue
            click.echo(f"{name}: {time.perf_counter() - started:.1f} s", err=True)
    if not verdicts:
        raise click.ClickException("no scanner could be run")
    rows = {name: row(part, spans=name not in _NO_SPANS) for name, part in verdicts.items()}
    click.echo(markdown(rows), nl=False)
    if out:
        click.echo(f"results in {write_results(out, seed, lines, rows, verdicts)}", err=True)
    if show_missed and "leakscan" in verdicts:
        click.echo(missed(verdicts["leakscan"], held_out=held_out, examples=examples))


if __name__ == "__main__":
    main()
