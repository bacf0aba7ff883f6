"""Times each stage of the pipeline by itself, on made-up logs; every figure with its count asserted.

    python -m pytest benchmarks --benchmark-only

Not here: whole processes and other scanners (`race`), growth (`growth`).
"""

from __future__ import annotations

import json
import logging
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest

# the benchmarks are no part of the package: they stand beside it
sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.corpus import KINDS, chunks, clean_lines
from benchmarks.draw import Draw
from benchmarks.planted import KINDS as PLANTED

from leakscan import Scanner
from leakscan.anchors import KEYED_ANCHORS
from leakscan.keyed import read
from leakscan.lines import Slices, Tokenizer
from leakscan.match import find_token
from leakscan.prefilter import build
from leakscan.redact import cuts, splice
from leakscan.resolve import resolve
from leakscan.rules import builtin_rules

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_benchmark.fixture import BenchmarkFixture

#: Bytes of a log for whole stages: a fifth of a second for the slowest, and more than any cache holds.
SIZE: Final = 4_000_000
#: Records for what is timed one by one.
RECORDS: Final = 1000
ENGINES: Final = ("hyperscan", "ahocorasick")


@pytest.fixture(scope="module", params=ENGINES)
def scanner(request: pytest.FixtureRequest) -> Scanner:
    """A scanner with all rules, one for each engine that is installed."""
    if request.param == "hyperscan":
        pytest.importorskip("hyperscan")
    return Scanner(engine=request.param)


@pytest.fixture(scope="module")
def any_scanner() -> Scanner:
    """A scanner with the best engine there is."""
    return Scanner()


@pytest.fixture(scope="module", params=list(KINDS))
def log(request: pytest.FixtureRequest) -> tuple[bytes, int]:
    """A log of each kind, and the number of secrets in it."""
    parts = list(chunks(KINDS[request.param], "stages", SIZE))
    return b"".join(text for text, *_ in parts), sum(secrets for *_, secrets in parts)


def lines_with_secrets(count: int) -> list[tuple[bytes, bytes]]:
    """Return lines of every kind in turn, each with its secret."""
    draw = Draw("stages")
    made = [PLANTED[index % len(PLANTED)](draw) for index in range(count)]
    return [(line.encode(), secret.encode()) for line, secret in made]


def timed(benchmark: BenchmarkFixture, size: int, stage: Callable[[], Any]) -> Any:
    """Time a stage that deals with so many bytes; return what it returned."""
    result = benchmark(stage)
    if benchmark.stats is not None:
        benchmark.extra_info["MB/s"] = round(size / benchmark.stats.stats.median / 1e6, 1)
    return result


def test_tokenizer(benchmark: BenchmarkFixture, log: tuple[bytes, int]) -> None:
    """Blocks of whole lines out of chunks of 256 KiB: every byte is in one block."""
    text, _ = log
    parts = [text[start : start + (1 << 18)] for start in range(0, len(text), 1 << 18)]

    def tokenize() -> int:
        tokenizer = Tokenizer()
        size = sum(block.end - block.start for part in parts for block in tokenizer.feed(part))
        return size + sum(block.end - block.start for block in tokenizer.close())

    assert timed(benchmark, len(text), tokenize) == len(text)


def test_prefilter(benchmark: BenchmarkFixture, scanner: Scanner, log: tuple[bytes, int]) -> None:
    """Candidates of a log, in each engine: no fewer than there are secrets."""
    text, secrets = log
    blocks = list(Slices(text))
    found = timed(benchmark, len(text), lambda: sum(len(scanner.candidates(block)) for block in blocks))
    assert found >= secrets
    benchmark.extra_info["candidates"] = found


def test_match(benchmark: BenchmarkFixture) -> None:
    """A rule's regex and boundaries at a keyword: the exact token, in each line that holds one."""
    rules = {keyword: rule for rule in builtin_rules() for keyword in rule.keywords if not rule.lookback}
    places = [
        (rules[keyword], line, line.index(secret), len(secret))
        for line, secret in lines_with_secrets(RECORDS)
        for keyword in (b"ghp_", b"sk_live_", b"xoxb-", b"glpat-", b"SG.")
        if secret.startswith(keyword) and keyword in rules
    ]

    def match() -> list[tuple[int, int] | None]:
        return [find_token(rule, line, start, 0, len(line)) for rule, line, start, _ in places]

    spans = timed(benchmark, sum(len(line) for _, line, *_ in places), match)
    assert len(places) > RECORDS // 4
    assert spans == [(start, start + size) for _, _, start, size in places]


@pytest.mark.parametrize("secret", [False, True], ids=["benign", "secret"])
def test_keyed(benchmark: BenchmarkFixture, *, secret: bool) -> None:
    """The keyed grammar at its candidates: nothing where only names sound like it, each secret value."""
    if secret:
        lines = [line for line, value in lines_with_secrets(RECORDS) if b"assword" in line and value in line]
    else:
        lines = clean_lines(KINDS["json"], "stages", 200_000)
    anchors = build([anchor for _, anchor in KEYED_ANCHORS])
    places = [
        (KEYED_ANCHORS[number][0], line, end)
        for line in lines
        for end, number in anchors.candidates(line, 0, len(line))
    ]

    def keyed() -> int:
        return len(
            {
                (line, found.start)
                for form, line, end in places
                for found in read(form, line, end, 0, len(line))
            }
        )

    found = timed(benchmark, sum(map(len, lines)), keyed)
    assert found == (len(lines) if secret else 0)
    benchmark.extra_info["candidates"] = len(places)


def test_resolve(benchmark: BenchmarkFixture, any_scanner: Scanner) -> None:
    """Overlapping matches of a log where each line holds a secret: one a line is left."""
    lines = lines_with_secrets(RECORDS)
    text = b"".join(line + b"\n" for line, _ in lines)
    found = [match for block in Slices(text) for match in any_scanner.unresolved(block)[0]]
    assert len(found) >= RECORDS
    assert len(timed(benchmark, len(text), lambda: resolve(found))) == RECORDS


def test_redact(benchmark: BenchmarkFixture, any_scanner: Scanner) -> None:
    """Splicing labels into a log where each line holds a secret: no secret stays."""
    lines = lines_with_secrets(RECORDS)
    text = b"".join(line + b"\n" for line, _ in lines)
    (block,) = Slices(text)
    matches, _ = any_scanner.matches(block)

    def redact() -> bytes:
        return b"".join(splice(text, 0, len(text), cuts(text, 0, matches, "label", any_scanner.identify)))

    redacted = timed(benchmark, len(text), redact)
    assert redacted.count(b"[REDACTED:") == RECORDS
    assert not [secret for _, secret in lines if secret in redacted]


@pytest.mark.parametrize("kind", ["clean", "secret"])
def test_records(benchmark: BenchmarkFixture, any_scanner: Scanner, kind: str) -> None:
    """Parsed JSON records: clean ones come back as the same object, a password never does."""
    if kind == "clean":
        records = [json.loads(line) for line in clean_lines(KINDS["json"], "stages", 300_000)[:RECORDS]]
    else:
        texts = [line for line, _ in lines_with_secrets(12 * RECORDS) if line.startswith(b"{")]
        records = [json.loads(text) for text in texts[:RECORDS]]
    done = timed(
        benchmark, sum(len(json.dumps(record)) for record in records),
        lambda: [any_scanner.redact_record(record) for record in records],
    )  # fmt: skip
    changed = sum(after is not before for before, after in zip(records, done, strict=True))
    assert changed == (0 if kind == "clean" else len(records))


def test_end_to_end_scan(benchmark: BenchmarkFixture, scanner: Scanner, log: tuple[bytes, int]) -> None:
    """Chunks in, findings out, in each engine: exactly the secrets that were planted."""
    text, secrets = log
    parts = [text[start : start + (1 << 20)] for start in range(0, len(text), 1 << 20)]

    def scan() -> int:
        stream = scanner.stream()
        return sum(len(stream.feed(part)) for part in parts) + len(stream.close())

    assert timed(benchmark, len(text), scan) == secrets


def test_end_to_end_redact(benchmark: BenchmarkFixture, any_scanner: Scanner, log: tuple[bytes, int]) -> None:
    """Chunks in, redacted bytes out: a label for each secret that was planted, the same number of lines."""
    text, secrets = log
    parts = [text[start : start + (1 << 20)] for start in range(0, len(text), 1 << 20)]

    def redact() -> bytes:
        redactor = any_scanner.redactor()
        return b"".join([*map(redactor.feed, parts), redactor.close()])

    redacted = timed(benchmark, len(text), redact)
    assert redacted.count(b"[REDACTED:") == secrets
    assert redacted.count(b"\n") == text.count(b"\n")


def lines_of_170() -> list[str]:
    """Return clean lines of 160 to 180 bytes."""
    lines = [line.rstrip(b"\n").decode() for line in clean_lines(KINDS["mixed"], "stages", SIZE)]
    return [line for line in lines if 160 <= len(line) <= 180][:RECORDS]


@pytest.mark.parametrize("kind", [str, bytes])
def test_redact_a_line(benchmark: BenchmarkFixture, any_scanner: Scanner, kind: type) -> None:
    """`Scanner.redact` on 1,000 clean lines of 170 bytes: each comes back as the same object."""
    lines: list[Any] = [line if kind is str else line.encode() for line in lines_of_170()]
    done = timed(benchmark, sum(map(len, lines)), lambda: [any_scanner.redact(line) for line in lines])
    assert len(lines) == RECORDS
    assert all(after is before for before, after in zip(lines, done, strict=True))


class Sink:
    """A stream that only counts."""

    def __init__(self) -> None:
        self.written = self.labels = 0

    def write(self, text: str) -> None:
        """Count a record."""
        self.written += 1
        self.labels += "[REDACTED:" in text

    def flush(self) -> None:
        """Do nothing."""


@pytest.mark.parametrize("filtered", [False, True], ids=["bare", "filter"])
def test_logging(benchmark: BenchmarkFixture, any_scanner: Scanner, *, filtered: bool) -> None:
    """1,000 clean lines through a handler, without and with the filter: all arrive, none is changed."""
    sink = Sink()
    handler = logging.StreamHandler(sink)
    if filtered:
        from leakscan.integrations.logging import RedactFilter  # noqa: PLC0415 - the other half needs none

        handler.addFilter(RedactFilter(any_scanner))
    logger = logging.getLogger("stages")
    logger.propagate = False
    logger.setLevel(logging.INFO)
    logger.handlers[:] = [handler]
    lines = lines_of_170()

    def log_all() -> None:
        for line in lines:
            logger.info("%s", line)

    timed(benchmark, sum(map(len, lines)), log_all)
    assert sink.written >= RECORDS
    assert sink.written % RECORDS == sink.labels == 0
