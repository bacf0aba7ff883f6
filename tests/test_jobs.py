"""Several processes: the same findings in the same order as one, whatever is split and whoever dies."""

from __future__ import annotations

import itertools
import multiprocessing
import os
import random
import signal
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from command import made_up_secret
from leakscan import jobs, workers
from leakscan.errors import SourceError
from leakscan.jobs import Part, plan, scan_serially, split
from leakscan.scanner import Scanner
from leakscan.totals import Totals
from leakscan.workers import scan_in_processes

if TYPE_CHECKING:
    from leakscan.finding import Finding

KEY = b"an obviously fake key"


@pytest.fixture(scope="module")
def scanner() -> Scanner:
    """One scanner for all tests: building it takes most of their time."""
    return Scanner(key=KEY)


def totals() -> tuple[Totals, list[str]]:
    """Return totals and the list of failures that they tell of."""
    told: list[str] = []
    return Totals(on_failure=lambda error: told.append(str(error))), told


def write_log(path: Path, lines: int, seed: int = 1, *, every: int = 50) -> None:
    """Write a log with lines of any length and a secret in some."""
    source = random.Random(seed)
    with path.open("w") as file:
        for number in range(lines):
            secret = made_up_secret() if source.randrange(every) == 0 else "none"
            file.write(f"{number} {'x ' * source.randrange(60)} key={secret}\n")


def in_processes(
    scanner: Scanner, work: list[list[Part] | SourceError], count: int = 2
) -> tuple[list[tuple[str, Finding]], Totals, list[str]]:
    """Scan in processes and return everything."""
    counts, told = totals()
    return list(scan_in_processes(lambda: scanner, work, counts, count)), counts, told


@pytest.mark.parametrize("part_size", [1, 1000, 70_000])
def test_parts_join_to_the_file_and_end_at_line_ends(tmp_path: Path, part_size: int) -> None:
    """Split anywhere: the parts are the file, in order, and each but the last ends with a newline."""
    path = tmp_path / "app.log"
    write_log(path, 2000)
    data = path.read_bytes()
    parts = list(split(str(path), part_size))
    assert parts[0].start == 0
    assert parts[-1].end is None
    assert all(before.end == after.start for before, after in itertools.pairwise(parts))
    assert all(data[(part.end or 0) - 1 : part.end] == b"\n" for part in parts[:-1])
    assert len(parts) > 1


def test_a_private_key_is_never_cut(tmp_path: Path) -> None:
    """No split lies between a BEGIN and its END, for all parts longer than a block."""
    path = tmp_path / "app.log"
    block = "-----BEGIN PRIVATE KEY-----\n" + "A" * 64 + "\n" + "-----END PRIVATE KEY-----\n"
    path.write_text("".join(f"line {number}\n" + block for number in range(50)))
    data = path.read_bytes()
    for part_size in range(150, 500, 7):
        for part in split(str(path), part_size):
            piece = data[part.start : part.end]
            assert piece.count(b"BEGIN") == piece.count(b"END")


def test_one_endless_line_and_compressed_files_stay_whole(tmp_path: Path) -> None:
    """A file without line ends, and one that must be read from its start, is one part."""
    (tmp_path / "line").write_bytes(b"x" * 100_000)
    (tmp_path / "x.gz").write_bytes(b"\x1f\x8b\x08" + bytes(100_000))
    assert [(part.start, part.end) for part in split(str(tmp_path / "line"), 1000)] == [(0, None)]
    assert [(part.start, part.end) for part in split(str(tmp_path / "x.gz"), 1000)] == [(0, None)]


def test_split_files_give_what_one_process_gives(tmp_path: Path, scanner: Scanner) -> None:
    """Findings of a split file have the lines and offsets of the whole, in ascending order."""
    path = tmp_path / "app.log"
    write_log(path, 20_000, every=300)
    counts, _ = totals()
    whole = list(scan_serially(scanner, [str(path)], counts))
    assert len(whole) > 20
    for part_size in (20_000, 100_000):
        found, split_counts, _ = in_processes(scanner, [[part] for part in split(str(path), part_size)])
        assert found == whole
        assert (split_counts.files, split_counts.size) == (1, counts.size)


def test_many_files_come_in_order(tmp_path: Path, scanner: Scanner) -> None:
    """Files of any size, errors between them: the order is that of the inputs."""
    paths: list[str | SourceError] = []
    for number in range(60):
        path = tmp_path / f"{number:02}.log"
        write_log(path, number * 7 % 40, number, every=5)
        paths.append(str(path))
        if number % 10 == 9:
            paths.append(SourceError(f"missing-{number}", "no such file or directory"))
    serial, serial_told = totals()
    expected = list(scan_serially(scanner, paths, serial))
    found, counts, told = in_processes(scanner, list(plan(paths)), 3)
    assert found == expected
    assert told == serial_told
    assert (counts.files, counts.size, counts.failed) == (serial.files, serial.size, serial.failed)


def test_a_flood_of_findings_is_held_back(
    tmp_path: Path, scanner: Scanner, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A worker far ahead waits: no more than `AHEAD` findings and one message are kept for it."""
    monkeypatch.setattr(workers, "AHEAD", 100)
    kept: list[int] = []
    receive = workers._receive

    def watched(slot: workers.Slot, *rest: list[workers.Worker]) -> None:
        receive(slot, *rest)
        kept.append(sum(len(event[2]) for event in slot.events if event[0] == "found"))

    monkeypatch.setattr(workers, "_receive", watched)
    for name in ("a", "b", "c"):
        write_log(tmp_path / name, 3000, every=1)
    found, _, _ = in_processes(scanner, [[Part(str(tmp_path / name))] for name in ("a", "b", "c")], 3)
    assert [Path(path).name for path, _ in found] == ["a"] * 3000 + ["b"] * 3000 + ["c"] * 3000
    largest_message = 3000
    assert max(kept) <= 100 + largest_message


def test_a_killed_worker_costs_its_input_only(tmp_path: Path, scanner: Scanner) -> None:
    """A worker that is killed: its input is reported as failed, all others are scanned."""
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    secret = made_up_secret()
    paths = [str(fifo)]
    for name in ("a", "b", "c"):
        (tmp_path / name).write_text(f"{secret}\n")
        paths.append(str(tmp_path / name))

    def kill() -> None:
        with fifo.open("w"):  # the worker has opened it
            time.sleep(0.2)
            for process in multiprocessing.active_children():
                if process.pid is not None and _reads(process.pid, fifo):
                    os.kill(process.pid, signal.SIGKILL)

    killer = threading.Thread(target=kill)
    killer.start()
    counts, told = totals()
    found = list(scan_in_processes(lambda: scanner, [[Part(path)] for path in paths], counts, 2))
    killer.join()
    assert told == [
        f"{fifo}: the process that scanned it was killed (out of memory?): not scanned to the end"
    ]
    assert [Path(path).name for path, _ in found] == ["a", "b", "c"]


def _reads(pid: int, path: Path) -> bool:
    descriptors = Path(f"/proc/{pid}/fd")
    return any(entry.readlink() == path for entry in descriptors.iterdir() if entry.is_symlink())


def test_a_file_replaced_while_it_is_split_is_an_error(tmp_path: Path, scanner: Scanner) -> None:
    """Parts of two files are never mixed: rotation under a split file is reported."""
    path = tmp_path / "app.log"
    write_log(path, 1000)
    parts = list(split(str(path), 10_000))
    path.rename(tmp_path / "app.log.1")
    write_log(path, 1000)
    _, _, told = in_processes(scanner, [parts[-1:]])
    assert told == [f"{path}: was replaced while it was scanned: scan it again"]


def test_closing_early_ends_the_workers(tmp_path: Path, scanner: Scanner) -> None:
    """Nobody is left behind when the reader has had enough."""
    write_log(tmp_path / "a", 2000, every=1)
    counts, _ = totals()
    found = scan_in_processes(lambda: scanner, [[Part(str(tmp_path / "a"))]] * 4, counts, 2)
    next(found)
    assert len(multiprocessing.active_children()) == 2
    found.close()
    assert multiprocessing.active_children() == []


class _Broken:
    """A scanner with a bug that would quote the log."""

    def stream(self, **_: object) -> None:
        raise RuntimeError("the log said hunter2")


@pytest.mark.parametrize("count", [1, 2])
def test_a_bug_costs_one_input_and_quotes_nothing(tmp_path: Path, count: int) -> None:
    """An unexpected exception: the place in our code is told, its message is not, the run goes on."""
    (tmp_path / "a").touch()
    counts, told = totals()
    paths = [str(tmp_path / "a")] * 2
    broken: Scanner = _Broken()  # type: ignore[assignment] # stands in for a scanner
    if count == 1:
        assert list(scan_serially(broken, paths, counts)) == []
    else:
        assert list(scan_in_processes(lambda: broken, [[Part(path)] for path in paths], counts, 2)) == []
    assert len(told) == 2
    assert "internal error (RuntimeError at test_jobs.py:" in told[0]
    assert "hunter2" not in "".join(told)


def test_small_files_are_handed_out_together_and_pipes_alone(tmp_path: Path) -> None:
    """Dozens of small files are one piece of work; stdin and FIFOs wait for nobody."""
    for number in range(jobs.BATCH_FILES + 3):
        (tmp_path / str(number)).write_text("x")
    paths = [str(tmp_path / str(number)) for number in range(jobs.BATCH_FILES + 3)]
    sizes = [len(work) for work in plan([*paths, "<stdin>", paths[0]]) if not isinstance(work, SourceError)]
    assert sizes == [jobs.BATCH_FILES, 3, 1, 1]
