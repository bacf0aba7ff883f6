"""Judges findings against the answer key. Pure: no files, no scanners.

The rule, the same for everybody, and lenient where a scanner cannot say more:

* A planted secret counts as **found** when findings on its line cover at least 80 % of it. A finding that
  gives a span covers that span. One that gives the secret's text covers the places where the text stands
  in the line; text that is not in the line because the scanner decoded it (base64, escapes) counts when
  it contains, or makes up 80 % of, the planted plain text. One that names only the line covers the line.
  A finding more than 200 bytes wider than the secret covers nothing: masking everything is not finding.
* Of an encoded run (base64) only the characters that carry the secret must be covered, of a webhook's address
  only its last part.
* It counts as **exact** when one finding is neither longer nor shorter than the secret; in an encoded run or
  an address, anything from the part that must go up to the whole. Line breaks at its ends, raw or escaped, do
  not matter.
* A sample with two planted secrets (key pairs) is found when both are, and exact when both are. A private key
  that is printed line by line is one secret: it is found when one of its body lines is, for a finding names
  one place, and exact when the spans of the lines that were reported are.
* A finding of many lines counts for the sample it starts in. What it swallows of others is neither found
  nor flagged.
* A benign sample is **flagged** when any finding stands on one of its lines.
"""

from __future__ import annotations

import base64
import contextlib
import re
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from benchmarks.accuracy.sample import Plant, Sample
    from benchmarks.accuracy.scanners import Report
    from benchmarks.accuracy.text import Span

#: Part of a secret that must be covered: what is left of it opens nothing.
COVER = 0.8
#: Bytes by which a finding may be wider than the secret: a connection string is fine, a whole record is not.
WIDER = 200

_BREAKS_BEFORE = re.compile(rb"(?:\s|\\+[nrt])*")
_BREAKS_AFTER = re.compile(rb"(?:\s|\\+[nrt])*\Z")


@dataclass(frozen=True, slots=True)
class Verdict:
    """How one sample fared.

    Attributes:
        sample: the sample.
        found: its secret was found; always False for benign ones.
        exact: it was found, and nothing else with it.
        flagged: benign, and a finding stands on it.
        stray: rules that reported something on its lines that touches no planted secret.

    """

    sample: Sample
    found: bool
    exact: bool
    flagged: bool
    stray: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Tally:
    """Counts over many verdicts; `found` and `exact` of `planted`, `flagged` of `benign`."""

    planted: int = 0
    found: int = 0
    exact: int = 0
    benign: int = 0
    flagged: int = 0

    @property
    def found_share(self) -> float:
        """Found, in percent; 0 when nothing was planted."""
        return 100 * self.found / self.planted if self.planted else 0.0

    @property
    def exact_share(self) -> float:
        """Found exactly, in percent of what was planted."""
        return 100 * self.exact / self.planted if self.planted else 0.0


def judge(samples: Sequence[Sample], reports: Iterable[Report]) -> list[Verdict]:
    """A verdict for each sample of a file that holds the samples in this order."""
    owner: list[int] = [index for index, sample in enumerate(samples) for _ in sample.lines]
    by_line: dict[int, list[Report]] = defaultdict(list)
    for report in reports:
        for row in _split(report):
            if row.line <= len(owner) and owner[row.line - 1] == owner[report.line - 1]:
                by_line[row.line].append(row)
    verdicts, first = [], 1
    for sample in samples:
        rows = [by_line.get(first + index, []) for index in range(len(sample.lines))]
        verdicts.append(_verdict(sample, rows))
        first += len(sample.lines)
    return verdicts


def tally(verdicts: Iterable[Verdict]) -> Tally:
    """Add verdicts up."""
    planted = found = exact = benign = flagged = 0
    for verdict in verdicts:
        if verdict.sample.group == "benign":
            benign += 1
            flagged += verdict.flagged
        else:
            planted += 1
            found += verdict.found
            exact += verdict.exact
    return Tally(planted, found, exact, benign, flagged)


def _split(report: Report) -> list[Report]:
    """One report a line: some scanners report a secret of many lines at its first."""
    if "\n" not in report.text:
        return [report]
    kind = type(report)
    return [
        kind(report.line + index, part, rule=report.rule)
        for index, part in enumerate(report.text.split("\n"))
        if part
    ]


def _verdict(sample: Sample, rows: list[list[Report]]) -> Verdict:
    if sample.group == "benign":
        flagged = any(rows)
        return Verdict(
            sample,
            found=False,
            exact=False,
            flagged=flagged,
            stray=tuple(row.rule for line in rows for row in line),
        )
    found = exact = 0
    for plant in sample.plants:
        line = sample.lines[plant.line].encode()
        is_found, is_exact = _plant(plant, line, rows[plant.line])
        found += is_found
        exact += is_exact
    stray = tuple(
        row.rule
        for index, line in enumerate(rows)
        for row in line
        if row.start >= 0
        and not any(
            plant.line == index and row.start < plant.span.end and plant.span.start < row.end
            for plant in sample.plants
        )
    )
    if sample.in_pieces:
        return Verdict(sample, found=found > 0, exact=0 < found == exact, flagged=False, stray=stray)
    count = len(sample.plants)
    return Verdict(sample, found=found == count, exact=exact == count, flagged=False, stray=stray)


def _plant(plant: Plant, line: bytes, rows: list[Report]) -> tuple[bool, bool]:
    span = plant.span
    covered: set[int] = set()
    exact = decoded = False
    for row in rows:
        if row.start < 0 and not row.text:
            covered.update(range(span.core_start, span.core_end))
            continue
        places = (
            [(row.start, row.end)]
            if row.start >= 0
            else _places(line, row.text.encode("utf-8", "surrogateescape"))
        )
        decoded = decoded or (not places and _same(row.text, plant, line))
        for start, end in places:
            if end - start > span.end - span.start + WIDER:
                continue
            covered.update(range(max(start, span.core_start), min(end, span.core_end)))
            exact = exact or _exact(span, *_trimmed(line, start, end))
    enough = len(covered) >= COVER * (span.core_end - span.core_start)
    return enough or decoded, exact


def _exact(span: Span, start: int, end: int) -> bool:
    return span.start <= start <= span.core_start and span.core_end <= end <= span.end


def _places(line: bytes, text: bytes) -> list[tuple[int, int]]:
    places, start = [], line.find(text)
    while text and start >= 0:
        places.append((start, start + len(text)))
        start = line.find(text, start + 1)
    return places


def _trimmed(line: bytes, start: int, end: int) -> tuple[int, int]:
    text = line[start:end]
    head = _BREAKS_BEFORE.match(text)
    tail = _BREAKS_AFTER.search(text)
    return start + (head.end() if head else 0), start + (tail.start() if tail else len(text))


def _same(text: str, plant: Plant, line: bytes) -> bool:
    visible = line[plant.span.start : plant.span.end]
    wanted = {plant.plain, visible.decode(errors="replace")}
    with contextlib.suppress(ValueError):  # most secrets are no base64
        wanted.add(base64.b64decode(visible + b"==").decode(errors="replace"))
    return any(
        (plain in text and len(text) <= len(plain) + WIDER)
        or (text in plain and len(text) >= COVER * len(plain))
        for plain in wanted
    )
