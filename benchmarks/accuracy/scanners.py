"""Calls leakscan and its peers on a file and brings their answers into one form.

Every scanner gets the same file, with the options that its own documents give for logs: all rules, no
live validation, no limit on size, every occurrence. For peers that only mask (scrubbers, maskerlogger),
what they masked counts as reported.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.accuracy.peers import program

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_ADAPTERS = Path(__file__).parent / "adapters"


@dataclass(frozen=True, slots=True)
class Report:
    """One finding of one scanner.

    Attributes:
        line: 1-based.
        text: what it says the secret is; empty when it gives a span.
        start: byte offset in the line when the scanner says one, else -1.
        end: one past its last byte, else -1.
        rule: the scanner's own name for it.

    """

    line: int
    text: str
    start: int = -1
    end: int = -1
    rule: str = ""


class UnavailableError(Exception):
    """A scanner that is not set up, or that failed. The text says why and what to do."""


def _run(command: list[str], accepted: tuple[int, ...] = (0, 1)) -> str:
    done = subprocess.run(command, capture_output=True, check=False)
    if done.returncode not in accepted:
        message = done.stderr.decode(errors="replace").strip().splitlines()
        last = message[-1] if message else "no message"
        raise UnavailableError(f"{Path(command[0]).name} ended with {done.returncode}: {last}")
    return done.stdout.decode(errors="surrogateescape")


def _rows(text: str) -> Iterator[Any]:
    for line in text.splitlines():
        if line.startswith("{"):
            yield json.loads(line)


def _program(cache: Path, peer: str, name: str) -> str:
    path = program(cache, peer, name)
    if path is None:
        raise UnavailableError(
            f"{peer} is not set up: python -m benchmarks.accuracy.peers --cache {cache} {peer}"
        )
    return str(path)


def _leakscan(_: Path, file: Path) -> list[Report]:
    beside = Path(sys.executable).with_name("leakscan")
    script = str(beside) if beside.exists() else shutil.which("leakscan")
    if script is None:
        raise UnavailableError("leakscan is not installed: pip install -e .")
    rows = _rows(_run([script, "scan", "--format", "jsonl", str(file)]))
    return [
        Report(row["line"], "", row["start"], row["end"], row["rule_id"]) for row in rows if "rule_id" in row
    ]


def _gitleaks(cache: Path, file: Path) -> list[Report]:
    command = [
        _program(cache, "gitleaks", "gitleaks"),
        "dir",
        str(file),
        "-f",
        "json",
        "-r",
        "-",
        "--no-banner",
        "-l",
        "error",
    ]
    return [
        Report(row["StartLine"], row["Secret"], rule=row["RuleID"])
        for row in json.loads(_run(command) or "[]")
    ]


def _betterleaks(cache: Path, file: Path) -> list[Report]:
    command = [
        _program(cache, "betterleaks", "betterleaks"),
        str(file),
        "--jsonl",
        "--no-banner",
        "-l",
        "error",
    ]
    found = [row["finding"] for row in _rows(_run(command)) if "finding" in row]
    return [
        Report(row["location"]["start_line"], row["match"]["value"], rule=row["rule_id"]) for row in found
    ]


def _kingfisher(cache: Path, file: Path) -> list[Report]:
    command = [
        _program(cache, "kingfisher", "kingfisher"),
        "scan",
        "--no-validate",
        "--no-update-check",
        "--no-dedup",
        "--max-file-size",
        "4000",
        "--format",
        "jsonl",
        str(file),
    ]
    rows = [row for row in _rows(_run(command, (0, 1, 200, 205))) if "finding" in row]
    return [Report(row["finding"]["line"], row["finding"]["snippet"], rule=row["rule"]["id"]) for row in rows]


def _adapted(peer: str, adapter: str) -> Callable[[Path, Path], list[Report]]:
    def scan(cache: Path, file: Path) -> list[Report]:
        rows = _rows(_run([_program(cache, peer, "python"), str(_ADAPTERS / adapter), str(file)], (0,)))
        return [Report(row["line"], row["text"]) for row in rows]

    return scan


SCANNERS: dict[str, Callable[[Path, Path], list[Report]]] = {
    "leakscan": _leakscan,
    "redact-secret": _adapted("redact-secret", "redact_secret_adapter.py"),
    "kingfisher": _kingfisher,
    "betterleaks": _betterleaks,
    "gitleaks": _gitleaks,
    "detect-secrets": _adapted("detect-secrets", "detect_secrets_adapter.py"),
    "scrubbers": _adapted("scrubbers", "scrubbers_adapter.py"),
    "maskerlogger": _adapted("maskerlogger", "maskerlogger_adapter.py"),
}


def scan(peer: str, cache: Path, file: Path) -> list[Report]:
    """What a scanner reports on a file.

    Raises:
        UnavailableError: when it is not set up, or fails.

    """
    return SCANNERS[peer](cache, file)
