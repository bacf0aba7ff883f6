"""What redaction costs: throughput of files against the scan, latency of a live line, a 1 GB line.

Run: `pytest benchmarks/test_redact.py --benchmark-only -s`. The corpora are made up from a seed; set
LEAKSCAN_CORPUS to a log of your own to use its lines. Every figure comes with a count that must hold.
"""

from __future__ import annotations

import json
import os
import random
import string
import subprocess
import sys
import time
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_benchmark.fixture import BenchmarkFixture

SIZE = 200_000_000
LINE = 1_000_000_000
#: One line in so many holds a secret.
EACH = 100
TIME = "2024-01-02T03:04:05.123456789Z"
#: Runs the command, then says its exit code and its peak in kB on stderr. `ru_maxrss` would count what
#: the benchmark itself held when it forked.
RUN = (
    "import re, sys\n"
    "from leakscan.cli import run\n"
    "code = run(sys.argv[1:])\n"
    "peak = re.search(r'VmHWM:\\s+(\\d+)', open('/proc/self/status').read())[1]\n"
    "print(code, peak, file=sys.stderr)\n"
)


@cache
def lines() -> list[str]:
    """Return log lines without secrets."""
    corpus = os.environ.get("LEAKSCAN_CORPUS")
    if corpus:
        return Path(corpus).read_text(encoding="latin-1").splitlines()
    rng = random.Random(1)
    words = ["".join(rng.choices(string.ascii_lowercase, k=rng.randrange(2, 11))) for _ in range(2000)]
    return [
        f"{TIME} level=info id={rng.getrandbits(64):x} {' '.join(rng.choices(words, k=rng.randrange(4, 40)))}"
        for _ in range(50_000)
    ]


def records(framing: str, size: int) -> Iterator[str]:
    """Give lines in a framing up to about `size` bytes, every hundredth with a secret."""
    rng = random.Random(2)
    number = 0
    while size > 0:
        for line in lines():
            number += 1
            text = line
            if number % EACH == 0:
                text += " key=sk_live_" + "".join(rng.choices(string.ascii_letters + string.digits, k=32))
            if framing == "cri":
                text = f"{TIME} stdout F {text}"
            elif framing == "docker":
                text = json.dumps(
                    {"log": f"{text}\n", "stream": "stdout", "time": TIME}, separators=(",", ":")
                )
            elif framing == "ndjson":
                text = json.dumps({"time": TIME, "level": "info", "n": 1.5, "msg": text})
            size -= len(text) + 1
            yield text + "\n"
            if size <= 0:
                return


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A place for the corpora."""
    return tmp_path_factory.mktemp("corpora")


def corpus(folder: Path, framing: str) -> tuple[Path, int]:
    """Return a file in a framing and the number of secrets in it."""
    path = folder / framing
    if not path.exists():
        with path.open("w", encoding="latin-1") as file:
            file.writelines(records(framing, SIZE))
    return path, path.read_bytes().count(b"sk_live_")


def run(*arguments: str | Path) -> tuple[int, int, str]:
    """Run the command; return exit code, peak in kB, and the last line it said."""
    command = [sys.executable, "-c", RUN, *map(str, arguments)]
    done = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=True)
    *said, last = done.stderr.decode().splitlines()
    code, peak = map(int, last.split())
    return code, peak, said[-1] if said else ""


@pytest.mark.parametrize("framing", ["text", "cri", "docker", "ndjson"])
def test_redact_a_file(benchmark: BenchmarkFixture, folder: Path, framing: str) -> None:
    """200 MB from file to /dev/null, in under 100 MB."""
    path, count = corpus(folder, framing)
    code, peak, said = benchmark.pedantic(run, ("redact", "--framing", framing, path), rounds=3)
    assert code == 0
    assert f"redacted {count:,} secrets" in said
    assert peak < 100_000
    benchmark.extra_info |= {"MB/s": round(SIZE / benchmark.stats.stats.min / 1e6), "peak MB": peak // 1000}


def test_scan_the_same_file(benchmark: BenchmarkFixture, folder: Path) -> None:
    """What the scan of the same text takes: redaction must reach half its speed."""
    path, count = corpus(folder, "text")
    code, _, said = benchmark.pedantic(run, ("scan", "--format", "jsonl", path), rounds=3)
    assert code == 1
    assert f"at {count:,} places" in said
    benchmark.extra_info["MB/s"] = round(SIZE / benchmark.stats.stats.min / 1e6)


def test_latency_of_a_live_line(benchmark: BenchmarkFixture) -> None:
    """From the write into the pipe to the redacted line behind it, a line at a time."""
    process = subprocess.Popen(
        [sys.executable, "-m", "leakscan", "redact", "-q"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert process.stdin is not None
    assert process.stdout is not None
    source, sink = process.stdin.fileno(), process.stdout.fileno()
    times: list[float] = []
    feed = (line.encode("latin-1") for line in records("text", SIZE))

    def one() -> None:
        line = next(feed)
        began = time.perf_counter()
        os.write(source, line)
        received = b""
        while not received.endswith(b"\n"):
            received += os.read(sink, 65536)
        times.append(time.perf_counter() - began)
        assert b"sk_live_" not in received

    benchmark.pedantic(one, rounds=10_000, warmup_rounds=100)
    process.communicate()
    times.sort()
    for name, rank in (("p50 us", 50), ("p99 us", 99)):
        benchmark.extra_info[name] = round(times[len(times) * rank // 100] * 1e6)
    assert times[len(times) * 99 // 100] < 0.005


def test_a_line_of_1_gb(benchmark: BenchmarkFixture, folder: Path) -> None:
    """One line of 1 GB with 20,000 secrets: all are taken out, in under 150 MB."""
    path = folder / "line"
    rng = random.Random(3)
    text = " ".join(lines()[:300])[: LINE // 20_000 - 50]
    with path.open("w", encoding="latin-1") as file:
        for _ in range(20_000):
            secret = "sk_live_" + "".join(rng.choices(string.ascii_letters + string.digits, k=32))
            file.write(f"{text:<{LINE // 20_000 - 50}} key={secret} , ")
    assert path.stat().st_size > LINE * 0.99
    code, peak, said = benchmark.pedantic(run, ("redact", path), rounds=1)
    path.unlink()
    assert code == 0
    assert "redacted 20,000 secrets in 0 lines" in said
    assert peak < 150_000
    benchmark.extra_info |= {"MB/s": round(LINE / benchmark.stats.stats.min / 1e6), "peak MB": peak // 1000}
