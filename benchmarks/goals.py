"""The goals of the speed work, and how near a race came to them.

All are ratios or costs within one run, since machines differ. Not here: measuring (`race`, `records`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

_MIB: Final = 1 << 20
#: Logs of which most is clean: made up, and those of `--corpus`.
_CLEAN: Final = ("mixed", "own")


@dataclass(frozen=True, slots=True)
class Goal:
    """One goal.

    Attributes:
        text: what is compared.
        wanted: the bound.
        measured: what came out.
        at_most: the bound is an upper one.
        unit: of both.

    """

    text: str
    wanted: float
    measured: float
    at_most: bool = False
    unit: str = "times"

    @property
    def met(self) -> bool:
        """Whether the goal is met."""
        return self.measured <= self.wanted if self.at_most else self.measured >= self.wanted

    @property
    def ratio(self) -> float:
        """How near: 1 and above is met."""
        over, under = (self.wanted, self.measured) if self.at_most else (self.measured, self.wanted)
        return over / under if under else float("inf")


def goals(results: dict[str, Any]) -> Iterator[Goal]:
    """Give the goals that a race has the figures for."""
    programs: dict[str, dict[str, Any]] = results["programs"]
    yield from _scans(programs)
    yield from _costs(programs, results.get("start", {}))
    yield from _records(results.get("records", {}))


def _scans(programs: dict[str, dict[str, Any]]) -> Iterator[Goal]:
    for corpus, peer, wanted in (
        *(
            (corpus, peer, wanted)
            for corpus in _CLEAN
            for peer, wanted in (("kingfisher", 5), ("gitleaks", 100))
        ),
        ("json", "kingfisher", 3),
        ("dirty-100", "kingfisher", 2),
    ):
        pair = _pair(programs, corpus, "leakscan", peer)
        if pair:
            # a peer that got a slice is not charged for its start
            theirs = pair[1]["speed_after_start"] if pair[1]["size"] < pair[0]["size"] else pair[1]["speed"]
            yield Goal(f"scan, {corpus}: over {peer}", wanted, pair[0]["speed"] / theirs)
    for corpus in _CLEAN:
        pair = _pair(programs, corpus, "leakscan", "betterleaks")
        if pair:
            ours, theirs = (each["size"] / each["cpu"] for each in pair)
            yield Goal(f"scan, {corpus}: over betterleaks, per CPU second", 25, ours / theirs)
        if "leakscan" in programs.get(corpus, {}):
            speed = programs[corpus]["leakscan"]["speed"] / 1e6
            yield Goal(f"scan, {corpus}", 1000, speed, unit="MB/s (aim)")


def _costs(programs: dict[str, dict[str, Any]], start: dict[str, Any]) -> Iterator[Goal]:
    for corpus in _CLEAN:
        for name, wanted, text in (
            ("leakscan redact", 0.7, "redact to the null device: of the scan"),
            ("leakscan -j N", 1.7, "-j N: over -j 1"),
        ):
            pair = _pair(programs, corpus, name, "leakscan")
            if pair:
                yield Goal(f"{text}, {corpus}", wanted, pair[0]["speed"] / pair[1]["speed"])
    if "leakscan" in start:
        yield Goal(
            "one-line file, start to finish", 150, start["leakscan"]["seconds"] * 1e3, at_most=True, unit="ms"
        )
    if "leakscan ahocorasick" in programs.get("mixed", {}):
        speed = programs["mixed"]["leakscan ahocorasick"]["speed_after_start"] / 1e6
        yield Goal("engine ahocorasick, mixed", 40, speed, unit="MB/s")
    memory = [
        (row["memory"] / _MIB, name, corpus)
        for corpus, rows in programs.items()
        for name, row in rows.items()
        if name.startswith("leakscan")
    ]
    if memory:
        most, name, corpus = max(memory)
        yield Goal(f"peak memory of a process (most: {name}, {corpus})", 80, most, at_most=True, unit="MiB")


def _records(records: dict[str, Any]) -> Iterator[Goal]:
    rows = records.get("mixed", {})
    if "leakscan" in rows:
        ours = rows["leakscan"]["seconds"]
        yield Goal("Scanner.redact(line), clean text", 1.5, ours * 1e6, at_most=True, unit="us")
        for peer, wanted in (("kingfisher-sdk", 6), ("redact-secret", 20)):
            if peer in rows:
                yield Goal(f"Scanner.redact(line): over {peer}", wanted, rows[peer]["seconds"] / ours)
    if "logging filter" in rows and "logging bare" in rows:
        cost = rows["logging filter"]["seconds"] - rows["logging bare"]["seconds"]
        yield Goal("logging filter: over the bare handler, clean", 2, cost * 1e6, at_most=True, unit="us")


def _pair(programs: dict[str, dict[str, Any]], corpus: str, one: str, other: str) -> tuple[Any, Any] | None:
    rows = programs.get(corpus, {})
    return (rows[one], rows[other]) if one in rows and other in rows else None


def markdown(found: list[Goal]) -> str:
    """Return the goals as a table."""
    head = "| goal | wanted | measured | | of the goal |\n|---|---|---|---|---|\n"
    return head + "".join(
        f"| {goal.text} | {'at most' if goal.at_most else 'at least'} {goal.wanted:g} {goal.unit} "
        f"| {goal.measured:.2f} | {'met' if goal.met else 'NOT MET'} | {goal.ratio:.2f} |\n"
        for goal in found
    )
