"""The store of the incident, audited: each planted secret found, with its count, its first and its last time.

Secrets leak for a while and then no more, as they do until somebody notices. The answer key is kept apart:
for each secret how often, since when and until when it was written. Not a test: `incident.py --audit` runs
it.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from browser import browser
from clickhouse import CLIENT, ClickHouse, ask
from incident import DIRTY, START, TABLE, Answers, insert, made_up, rows

from leakscan.fingerprint import fingerprint

if TYPE_CHECKING:
    from collections.abc import Callable

KEY = "an obviously fake key of the tests"
#: Rows made and inserted at once.
CHUNK = 100_000
#: One secret in so many rows that hold one is new; it goes on leaking while so many newer ones appear.
NEW = 25
LINGERS = 20
#: Name, width and height of the pictures of its page.
PICTURES = (("audit-desktop.png", 1280, 1000), ("audit-phone.png", 390, 1000))
#: The rows without a secret.
CLEAN = """INSERT INTO clean_stream SELECT * FROM log_stream
WHERE toUInt64(`string.values`[indexOf(`string.names`, 'row')]) % 20 != 0"""


@dataclass(slots=True)
class Window:
    """How often a secret was written, and when first and last, in seconds since 1970."""

    count: int
    first: int
    last: int


@dataclass(slots=True)
class Leaks:
    """Which secret leaks in which row."""

    source: random.Random
    secrets: list[tuple[int, str]]

    def of(self, number: int) -> tuple[int, str]:
        """Return kind and secret of a row: a new one now and then, else one of the latest."""
        if number // DIRTY % NEW == 0:
            kind = len(self.secrets) % 8
            self.secrets.append((kind, made_up(kind, self.source)))
            return self.secrets[-1]
        return self.secrets[-1 - self.source.randrange(min(LINGERS, len(self.secrets)))]


def fill(store: ClickHouse, count: int) -> dict[str, Window]:
    """Insert rows; return the answer key."""
    ask(store.url, "", TABLE.encode())
    answers = Answers()
    made = rows(count, answers, Leaks(random.Random(42), []).of)
    while chunk := list(islice(made, CHUNK)):
        insert(store.url, chunk)
    windows: dict[str, Window] = {}
    for number, secret in answers.secrets.items():
        at = START + number // 10
        window = windows.setdefault(secret, Window(0, at, at))
        window.count += 1
        window.first, window.last = min(window.first, at), max(window.last, at)
    return windows


@dataclass(frozen=True, slots=True)
class Run:
    """What one audit took: seconds, seconds of processor time, peak memory in bytes, and what it said."""

    seconds: float
    busy: float
    peak: int
    said: str


def run(store: ClickHouse, *options: str, name: str = "default.log_stream") -> Run:
    """Run `leakscan audit` as a user would."""
    command = [sys.executable, "-m", "leakscan", "audit", f"clickhouse://127.0.0.1:{store.http}/{name}"]
    began = time.monotonic()
    with tempfile.TemporaryFile("w+") as errors:
        process = subprocess.Popen(
            [*command, *options], stderr=errors, env=os.environ | {"LEAKSCAN_KEY": KEY}
        )
        peak = ended = 0
        while not ended:
            peak = _peak(process.pid) or peak
            time.sleep(0.02)
            ended, status, usage = os.wait4(process.pid, os.WNOHANG)
        seconds = time.monotonic() - began
        process.returncode = os.waitstatus_to_exitcode(status)
        errors.seek(0)
        said = errors.read().strip().removeprefix("leakscan: ")
    assert process.returncode in {0, 1}, said
    return Run(seconds, usage.ru_utime + usage.ru_stime, peak, said)


def _peak(pid: int) -> int:
    """Return the most memory that a process ever had, in bytes, 0 when it is gone.

    Not `ru_maxrss`, which starts with the memory of the process that started it.
    """
    try:
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    except OSError:
        pass
    return 0


def check(report: dict[str, Any], windows: dict[str, Window]) -> list[str]:
    """Return what of the answer key a report does not say."""
    rules = {entry["rule_id"] for entry in report["summary"]["secrets"]}
    names = {fingerprint(KEY.encode(), rule, secret.encode()): secret for secret in windows for rule in rules}
    wrong = []
    left = dict(windows)
    for entry in report["summary"]["secrets"]:
        secret = names.get(entry["fingerprint"])
        window = left.pop(secret, None) if secret is not None else None
        if window is None:
            wrong.append(f"{entry['rule_id']} is none that was planted")
            continue
        said = (entry["count"], entry["first_seen"], entry["last_seen"])
        if said != (window.count, _iso(window.first), _iso(window.last)):
            wrong.append(f"{entry['rule_id']}: {said} instead of {window}")
    return wrong + ["a planted secret was not found"] * len(left)


def audited(
    store: ClickHouse,
    count: int,
    directory: Path,
    pictures: Path | None = None,
    say: Callable[[str], None] = print,
) -> None:
    """Fill a store, audit it, compare with the answer key, and tell what it took."""
    windows = fill(store, count)
    leaks = sum(window.count for window in windows.values())
    say(f"{count:,} rows, {leaks:,} of them with one of {len(windows):,} secrets")
    report = directory / "audit.json"
    took = run(store, "--format", "json", "-o", str(report))
    say(took.said)
    wrong = check(json.loads(report.read_bytes()), windows)
    assert not wrong, f"{len(wrong)} differences, such as: {wrong[0]}"
    say("every secret found with its count, its first and its last time")
    say(_figures(f"one row of {DIRTY} dirty", count, took))
    if pictures is not None:
        page = directory / "audit.html"
        run(store, "--format", "html", "-o", str(page))
        asyncio.run(_show(page, pictures))
        say(f"the report as a page: {page.stat().st_size:,} bytes; pictures in {pictures}")
    _clean_rows(store, say)


def _figures(what: str, count: int, took: Run) -> str:
    return (
        f"{what}: {count / took.seconds:,.0f} rows/s with start and report, {took.busy:.1f} s of processor "
        f"time, peak memory {took.peak / 1e6:.0f} MB"
    )


async def _show(page: Path, folder: Path) -> None:
    """Show a report at the width of a desk and of a phone, and keep what is seen."""
    async with browser() as shown:
        for name, width, height in PICTURES:
            await shown.open(page.as_uri(), width=width, height=height)
            assert not shown.said, shown.said
            (folder / name).write_bytes(await shown.picture(height))


def _clean_rows(store: ClickHouse, say: Callable[[str], None]) -> None:
    """Measure rows without secrets against the vendor's own client, writing them to nowhere."""
    ask(store.url, "", TABLE.replace("log_stream", "clean_stream").encode())
    ask(store.url, CLEAN)
    count = int(ask(store.url, "SELECT count() FROM clean_stream"))
    for form in ("JSONEachRow", "TabSeparated"):
        client = [CLIENT, "--host", "127.0.0.1", "--port", str(store.tcp)]
        client += ["--query", "SELECT * FROM clean_stream", "--format", form]
        began = time.monotonic()
        subprocess.run(client, check=True, stdout=subprocess.DEVNULL)
        say(f"clickhouse-client {form} > /dev/null: {count / (time.monotonic() - began):,.0f} rows/s")
    took = run(store, name="default.clean_stream")
    say(took.said)
    say(_figures("clean rows", count, took))


def _iso(at: int) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(at))
