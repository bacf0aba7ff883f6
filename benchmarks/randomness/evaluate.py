"""Judge the randomness model on names and tokens it was not trained on, over all thresholds.

    python benchmarks/randomness/evaluate.py [--seed N]

Prints recall and false alarms for each length and threshold, and writes `results.md`, `results.json` and the
picture `curve.svg` beside this file. Names are held out by word; tokens are drawn afresh from the seed.

Not here: training (`train`), names and tokens (`corpus`), the picture (`curve`).
"""

from __future__ import annotations

import argparse
import bisect
import json
import platform
import random
import subprocess
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

import curve

import corpus
from leakscan.validators.entropy import normalised
from leakscan.validators.randomness import THRESHOLD, evidence, looks_random

HERE = Path(__file__).parent
LENGTHS = (12, 16, 20, 24, 32, 40)
THRESHOLDS = tuple(range(-20, 61))
NAMES = 60_000
TOKENS = 2_000
#: Precision depends on how many names there are to a token; logs hold many more names.
NAMES_PER_TOKEN = 10
#: Length at which entropy alone is set beside the model.
COMPARED = 16


@dataclass(frozen=True, slots=True)
class Point:
    """What one threshold gives for tokens of one length."""

    threshold: int
    recall: float
    false_alarms: float
    precision: float


def share_above(ordered: list[float], threshold: float) -> float:
    """Return which part of the sorted values lies above the threshold."""
    return 1 - bisect.bisect_right(ordered, threshold) / len(ordered)


def trace(tokens: list[float], names: list[float], thresholds: tuple[float, ...]) -> list[Point]:
    """Return the curve over thresholds; both lists sorted."""
    points = []
    for threshold in thresholds:
        recall, alarms = share_above(tokens, threshold), share_above(names, threshold)
        flagged = recall + alarms * NAMES_PER_TOKEN
        points.append(Point(round(threshold), recall, alarms, recall / flagged if flagged else 1.0))
    return points


def main() -> None:
    """Judge, print and write the results."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=7)
    seed = parser.parse_args().seed
    rng = random.Random(seed)
    names = [name.encode() for name in corpus.benign(rng, corpus.load(), NAMES, held_out=True)]
    drawn = {
        (alphabet, length): [make(rng, length).encode() for _ in range(TOKENS)]
        for alphabet, make in corpus.ALPHABETS.items()
        for length in LENGTHS
    }
    by_names = sorted(map(evidence, names))
    curves: dict[int, list[Point]] = {}
    for length in LENGTHS:
        mixed = sorted(
            evidence(token) for (_, size), tokens in drawn.items() if size == length for token in tokens
        )
        curves[length] = trace(mixed, by_names, THRESHOLDS)
    alarms = sum(map(looks_random, names)) / len(names)
    plain_names = sorted(map(normalised, names))
    rows = []
    for alphabet in corpus.ALPHABETS:
        row = [alphabet]
        for length in LENGTHS:
            tokens = drawn[alphabet, length]
            row.append(f"{sum(map(looks_random, tokens)) / len(tokens):.2%}")
        # what entropy alone would flag of the names if it had to find as many tokens
        plain = sorted(map(normalised, drawn[alphabet, COMPARED]))
        missed = sum(not looks_random(token) for token in drawn[alphabet, COMPARED])
        row.append(f"{1 - bisect.bisect_left(plain_names, plain[missed]) / len(plain_names):.1%}")
        rows.append(row)
    report(seed, rows, curves, alarms, [name for name in names if looks_random(name)])


def report(
    seed: int, rows: list[list[str]], curves: dict[int, list[Point]], alarms: float, flagged: list[bytes]
) -> None:
    """Print the tables and write them, the numbers and the picture beside this file."""
    git = ["git", "rev-parse", "--short", "HEAD"]
    commit = subprocess.run(git, capture_output=True, text=True, check=False).stdout.strip() or "unknown"
    machine = f"Python {platform.python_version()}, {platform.machine()}"
    head = ["alphabet", *(f"{length}" for length in LENGTHS), f"entropy, {COMPARED}"]
    lines = [
        "# Randomness: names against random text",
        "",
        f"{datetime.now(UTC):%Y-%m-%d}, seed {seed}, after commit {commit}, {machine}. Command:",
        f"`python benchmarks/randomness/evaluate.py --seed {seed}`",
        "",
        f"{NAMES:,} names of words held out from training, {TOKENS:,} tokens of each alphabet and length.",
        f"At the threshold in use ({THRESHOLD:g} bits) `looks_random` flags {alarms:.3%} of the names and",
        "this part of the tokens, by length in characters. Last column: the part of the names that",
        f"normalised entropy alone would flag if it had to find as many tokens of {COMPARED} characters.",
        "",
        "| " + " | ".join(head) + " |",
        "|---|" + "---:|" * (len(head) - 1),
        *("| " + " | ".join(row) + " |" for row in rows),
        "",
        "Over thresholds, all alphabets together (recall by length):",
        "",
        "| bits | names flagged | " + " | ".join(map(str, LENGTHS)) + " |",
        "|---:|" + "---:|" * (len(LENGTHS) + 1),
    ]
    for at, threshold in enumerate(THRESHOLDS):
        if threshold % 4 == 0:
            points = [curves[length][at] for length in LENGTHS]
            mark = "**" if threshold == THRESHOLD else ""
            cells = " | ".join(f"{point.recall:.2%}" for point in points)
            lines.append(f"| {mark}{threshold}{mark} | {points[0].false_alarms:.3%} | {cells} |")
    distinct = sorted({name.decode() for name in flagged})
    lines += [
        "",
        f"Names flagged ({len(distinct)} distinct): " + ", ".join(f"`{name}`" for name in distinct[:40]),
    ]
    text = "\n".join(lines) + "\n"
    print(text)
    (HERE / "results.md").write_text(text, "utf-8")
    numbers = {str(length): [asdict(point) for point in points] for length, points in curves.items()}
    (HERE / "results.json").write_text(
        json.dumps({"seed": seed, "curves": numbers}, indent=1) + "\n", "utf-8"
    )
    lines_drawn = {
        length: [(point.recall, point.precision, point.threshold) for point in points]
        for length, points in curves.items()
        if length in curve.DRAWN
    }
    (HERE / "curve.svg").write_text(curve.draw(lines_drawn, THRESHOLD, NAMES_PER_TOKEN), "utf-8")


if __name__ == "__main__":
    main()
