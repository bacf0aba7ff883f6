"""Races leakscan and other scanners: whole processes side by side in one run, in turn, medians and ratios.

    python -m benchmarks.accuracy.peers --cache ~/.cache/leakscan-peers
    python -m benchmarks.race --cache ~/.cache/leakscan-peers

Logs are made up from a seed (`corpus`), or the user's own with --corpus. Programs run A B C, A B C, .. so
that a busy moment of the machine costs all of them. leakscan's number of findings is checked against what
was planted: a fast wrong answer fails. Slow programs get a smaller log; MB/s are compared.

Not here: how programs are called (`contestants`), libraries (`records`), growth (`growth`).
"""

from __future__ import annotations

import os
import statistics
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click
from benchmarks import records
from benchmarks.contestants import Contestant, MissingError, Output, files_of, roster
from benchmarks.corpus import KINDS, Corpus, Kind, byte_size, own, write
from benchmarks.draw import Draw
from benchmarks.goals import goals, markdown
from benchmarks.measure import Run, run
from benchmarks.results import Table, finish, table

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

PACES: Final = ("fast", "slow", "slowest")
#: Runs of the one-line file for every run of a log: it is short, and its median must be good.
_START_ROUNDS: Final = 3


def measure(contestant: Contestant, corpus: Corpus, folder: Path) -> tuple[Run, int | None]:
    """Run a contestant once; return its measurements and its number of finds.

    Raises:
        click.ClickException: it failed, or it is leakscan and the number is wrong.

    """
    output = Output(Path(os.devnull) if contestant.discard else folder / "out", folder / "errors")
    done = run(
        contestant.command(corpus.path),
        output=output.out,
        errors=output.errors,
        environment=contestant.variables,
        folder=corpus.path.parent if contestant.inside else None,
    )
    where = f"{contestant.name} on {corpus.title}"
    if done.code not in contestant.codes:
        last = output.errors.read_text(encoding="utf-8", errors="replace").strip().splitlines()[-1:] or [
            "no message"
        ]
        raise click.ClickException(f"{where} ended with {done.code}: {last[0]}")
    count = contestant.count(output)
    if contestant.ours and corpus.expected is not None and count != corpus.expected:
        raise click.ClickException(f"{where}: {count} findings, {corpus.expected} are right")
    return done, count


def in_turn(
    contestants: Sequence[Contestant], corpora: dict[str, Corpus], folder: Path, rounds: int
) -> dict[str, list[tuple[Run, int | None]]]:
    """Run every contestant on the corpus of its pace, one after the other, so many times over."""
    runs: dict[str, list[tuple[Run, int | None]]] = {contestant.name: [] for contestant in contestants}
    for _ in range(rounds):
        for contestant in contestants:
            runs[contestant.name].append(measure(contestant, corpora[contestant.pace], folder))
    return runs


def summarize(
    contestant: Contestant, corpus: Corpus, runs: Sequence[tuple[Run, int | None]], start: float
) -> dict[str, Any]:
    """Return one row of the results: medians of a contestant's runs.

    `speed` is bytes a second of the whole process; `speed_after_start` leaves out the time that the same
    program takes for a one-line file.
    """
    seconds = statistics.median(done.seconds for done, _ in runs)
    return {
        "about": contestant.about,
        "size": corpus.size,
        "lines": corpus.lines,
        "planted": corpus.expected,
        "found": runs[0][1],
        "seconds": seconds,
        "slowest": max(done.seconds for done, _ in runs),
        "cpu": statistics.median(done.cpu for done, _ in runs),
        "memory": max(done.memory for done, _ in runs),
        "speed": corpus.size / seconds,
        "speed_after_start": corpus.size / max(seconds - start, seconds / 100),
    }


def start_times(contestants: Sequence[Contestant], folder: Path, rounds: int) -> dict[str, dict[str, Any]]:
    """Return what each contestant takes for a file of one clean line; also warms every cache."""
    path = folder / "one-line.log"
    path.write_bytes(KINDS["mixed"].make(Draw("one line")).encode() + b"\n")
    corpus = Corpus("one-line", "one line", path, path.stat().st_size, 1, 0)
    corpora = dict.fromkeys(PACES, corpus)
    in_turn(contestants, corpora, folder, 1)
    runs = in_turn(contestants, corpora, folder, rounds)
    return {
        name: {
            "seconds": statistics.median(run.seconds for run, _ in done),
            "cpu": statistics.median(run.cpu for run, _ in done),
            "memory": max(run.memory for run, _ in done),
        }
        for name, done in runs.items()
    }


def by_pace(make: Callable[[int], Corpus], sizes: dict[str, int]) -> dict[str, Corpus]:
    """Return a corpus for each pace, each size made once."""
    made = {size: make(size) for size in set(sizes.values())}
    return {pace: made[size] for pace, size in sizes.items()}


def _made_up(kind: Kind, seed: str, folder: Path, sizes: dict[str, int]) -> dict[str, Corpus]:
    return by_pace(lambda size: write(kind, folder, seed=seed, size=size), sizes)


def _own(path: Path, folder: Path, sizes: dict[str, int]) -> dict[str, Corpus]:
    """Describe the user's logs whole for the fast, and their first bytes for the slow."""
    whole = own(path)

    def make(size: int) -> Corpus:
        if size >= min(whole.size, sizes["fast"]):
            return whole
        text = b""
        for file in files_of(path):
            with file.open("rb") as stream:
                text += stream.read(size - len(text))
        head = folder / f"own-{size}.log"
        head.write_bytes(text[: text.rfind(b"\n") + 1] or text)
        return own(head)

    return by_pace(make, sizes)


def ready(names: Sequence[str], cache: Path, jobs: int) -> list[Contestant]:
    """Return the contestants named that are set up; says on stderr which are not."""
    known = roster(cache, jobs)
    made = []
    for name in names:
        if name not in known:
            raise click.UsageError(f"no contestant is called {name!r}: {', '.join(known)}")
        try:
            made.append(known[name]())
        except MissingError as reason:
            click.echo(f"{name}: left out: {reason}", err=True)
    return made


@click.command(help=__doc__, context_settings={"max_content_width": 110})
@click.option(
    "--cache",
    type=click.Path(path_type=Path),
    default=Path("~/.cache/leakscan-peers"),
    show_default=True,
    help="Where `accuracy.peers` set the others up.",
)
@click.option(
    "--size", type=byte_size, default="200M", show_default=True, help="Bytes of a log for the fast."
)
@click.option(
    "--slow-size",
    type=byte_size,
    default="20M",
    show_default=True,
    help="For gitleaks and the portable engine.",
)
@click.option("--slowest-size", type=byte_size, default="1M", show_default=True, help="For detect-secrets.")
@click.option("--rounds", type=click.IntRange(min=1), default=5, show_default=True, help="Runs of each.")
@click.option(
    "--jobs",
    type=click.IntRange(min=2),
    default=max(2, os.cpu_count() or 2),
    show_default=True,
    help="Processes where there are several.",
)
@click.option("--seed", default="0", show_default=True, help="Of the logs: any text.")
@click.option("--kinds", default=",".join(KINDS), show_default=True, help="Which logs; may be empty.")
@click.option(
    "--corpus", type=click.Path(exists=True, path_type=Path), help="Logs of your own: a folder or a file."
)
@click.option(
    "--contestants", "names", default=",".join(roster(Path(), 2)), show_default=True, help="Which programs."
)
@click.option(
    "--libraries",
    default=",".join(records.LIBRARIES),
    show_default=True,
    help="Which libraries race on single records; may be empty.",
)
@click.option(
    "--records",
    "count",
    type=click.IntRange(min=300),
    default=20_000,
    show_default=True,
    help="Records for them.",
)
@click.option("--out", type=click.Path(path_type=Path), help="Folder for the dated results.")
def main(
    *,
    cache: Path,
    size: int,
    slow_size: int,
    slowest_size: int,
    rounds: int,
    jobs: int,
    seed: str,
    kinds: str,
    corpus: Path | None,
    names: str,
    libraries: str,
    count: int,
    out: Path | None,
) -> None:
    """Make the logs, run the contestants in turn, print tables and goals."""
    cache = cache.expanduser()
    contestants = ready(_split(names), cache, jobs)
    sizes = {"fast": size, "slow": min(size, slow_size), "slowest": min(size, slowest_size)}
    results: dict[str, Any] = {"seed": seed, "rounds": rounds, "jobs": jobs, "programs": {}}
    with tempfile.TemporaryDirectory(prefix="race-") as temporary:
        folder = Path(temporary)
        results["start"] = start_times(contestants, folder, rounds * _START_ROUNDS)
        for name in [*_split(kinds), *(["own"] if corpus else [])]:
            logs = (
                _own(corpus.absolute(), folder, sizes)
                if corpus and name == "own"
                else _made_up(_kind(name), seed, folder, sizes)
            )
            click.echo(f"{logs['fast'].title}: {logs['fast'].size / 1e6:.0f} MB", err=True)
            able = [each for each in contestants if each.folders or logs[each.pace].path.is_file()]
            runs = in_turn(able, logs, folder, rounds)
            results["programs"][name] = {
                each.name: summarize(
                    each, logs[each.pace], runs[each.name], results["start"][each.name]["seconds"]
                )
                for each in able
            }
            _agree(name, results["programs"][name])
            for log in {log.path for log in logs.values() if log.path.parent == folder}:
                log.unlink()
        wanted = [library for library in records.LIBRARIES if library in _split(libraries)]
        results["records"] = records.race(wanted, cache, folder, seed=seed, count=count, rounds=rounds)
    found = list(goals(results))
    results["goals"] = [
        {
            "goal": goal.text,
            "wanted": goal.wanted,
            "measured": goal.measured,
            "unit": goal.unit,
            "met": goal.met,
        }
        for goal in found
    ]
    text = table(results) + Table("Goals", markdown(found)).markdown()
    click.echo(text)
    if out:
        click.echo(f"results in {finish(out, 'race', results, text)}", err=True)


def _split(text: str) -> list[str]:
    return [name.strip() for name in text.split(",") if name.strip()]


def _kind(name: str) -> Kind:
    if name not in KINDS:
        raise click.UsageError(f"no log is called {name!r}: {', '.join(KINDS)}")
    return KINDS[name]


def _agree(corpus: str, rows: dict[str, Any]) -> None:
    """Check that both engines and any number of jobs find the same in the same log."""
    for size in {row["size"] for row in rows.values()}:
        counts = {n: r["found"] for n, r in rows.items() if n.startswith("leakscan") and r["size"] == size}
        if len(set(counts.values())) > 1:
            raise click.ClickException(f"{corpus}: leakscan does not agree with itself: {counts}")


if __name__ == "__main__":
    main()
