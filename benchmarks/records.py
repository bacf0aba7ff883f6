"""Races libraries on single records, in turn, each in a process and an environment of its own.

Not here: what a library does with a record (`per_record`), programs on files (`race`).
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click
from benchmarks.accuracy.peers import program
from benchmarks.corpus import KINDS, clean_lines
from benchmarks.draw import Draw
from benchmarks.planted import planted

if TYPE_CHECKING:
    from collections.abc import Sequence

#: Name in the tables -> peer whose environment holds it; None for our own.
LIBRARIES: Final[dict[str, str | None]] = {
    "leakscan": None,
    "leakscan bytes": None,
    "leakscan ahocorasick": None,
    "kingfisher-sdk": "kingfisher-sdk",
    "redact-secret": "redact-secret",
    "scrubbers": "scrubbers",
    "maskerlogger": "maskerlogger",
    "logging bare": None,
    "logging filter": None,
}
#: Records of each kind: name -> corpus, and whether each holds a secret.
RECORDS: Final[dict[str, tuple[str, bool]]] = {
    "mixed": ("mixed", False),
    "json": ("json", False),
    "secrets": ("mixed", True),
}
_PROGRAM: Final = Path(__file__).with_name("per_record.py")


def write(name: str, folder: Path, *, seed: str, count: int) -> Path:
    """Write so many records of a kind, one a line."""
    kind, dirty = RECORDS[name]
    path = folder / f"records-{name}.log"
    if dirty:
        draw = Draw(f"records {seed}")
        lines = [planted(draw)[0].encode() + b"\n" for _ in range(count)]
    else:
        lines = clean_lines(KINDS[kind], seed, count * 400)[:count]
    path.write_bytes(b"".join(lines))
    return path


def time_one(library: str, cache: Path, file: Path) -> dict[str, Any] | None:
    """Return `records`, `seconds` of one and `found` of a library; None when it is not set up or fails."""
    peer = LIBRARIES[library]
    python = Path(sys.executable) if peer is None else program(cache, peer, "python")
    if python is None:
        return None
    done = subprocess.run(
        [str(python), "-P", str(_PROGRAM), library, str(file)], capture_output=True, check=False
    )
    if done.returncode != 0:
        return None
    result: dict[str, Any] = json.loads(done.stdout)
    return result


def race(
    libraries: Sequence[str], cache: Path, folder: Path, *, seed: str, count: int, rounds: int
) -> dict[str, dict[str, dict[str, Any]]]:
    """Return kind of records -> library -> its medians.

    Raises:
        click.ClickException: leakscan's count of changed records is wrong.

    """
    results: dict[str, dict[str, dict[str, Any]]] = {}
    for name, (_, dirty) in RECORDS.items():
        file = write(name, folder, seed=seed, count=count)
        runs: dict[str, list[dict[str, Any]]] = {library: [] for library in libraries}
        for _ in range(rounds):
            for library in libraries:
                result = time_one(library, cache, file)
                if result is not None:
                    runs[library].append(result)
        for library, done in runs.items():
            if not done:
                click.echo(f"records: {library} left out: it is not set up, or it failed", err=True)
                continue
            found = done[0]["found"]
            expected = done[0]["records"] if dirty else 0
            if LIBRARIES[library] is None and library != "logging bare" and found != expected:
                raise click.ClickException(
                    f"{library}, {name}: {found} records changed, {expected} are right"
                )
            results.setdefault(name, {})[library] = {
                "seconds": statistics.median(run["seconds"] for run in done),
                "records": done[0]["records"],
                "found": found,
            }
    return results
