"""Where the report goes when things go wrong: broken pipes, full disks, ^C, and half-written files."""

from __future__ import annotations

import contextlib
import os
import resource
import signal
import subprocess
import time
from pathlib import Path

import pytest

from command import COMMAND, RULE, environment, leakscan, made_up_secret

DEV_FULL = Path("/dev/full")


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """A log with more findings than a pipe holds."""
    path = tmp_path / "app.log"
    secret = made_up_secret()
    path.write_text("".join(f"{number} {secret}\n" for number in range(5000)))
    return path


@pytest.mark.parametrize("form", ["jsonl", "csv", "json", "sarif"])
@pytest.mark.parametrize("jobs", ["1", "2"])
def test_a_broken_pipe_is_quiet(log: Path, form: str, jobs: str) -> None:
    """`leakscan .. | head -1`: no traceback, no message, the exit code of what was found."""
    process = subprocess.Popen(
        [*COMMAND, "--format", form, "-j", jobs, str(log)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment(),
    )
    assert process.stdout is not None
    assert process.stderr is not None
    with process:
        process.stdout.readline()
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 1


@pytest.mark.skipif(not DEV_FULL.exists(), reason="needs /dev/full")
@pytest.mark.parametrize("form", ["text", "jsonl", "json", "sarif", "csv"])
def test_a_full_disk_behind_stdout_is_an_error(log: Path, form: str) -> None:
    """What could not be written is no success: one line, exit 2."""
    with DEV_FULL.open("wb") as full:
        result = leakscan("--format", form, log, stdout=full)
    assert result.code == 2
    assert result.errors() == ["cannot write to stdout: No space left on device"]


@pytest.mark.skipif(not DEV_FULL.exists(), reason="needs /dev/full")
def test_a_full_disk_behind_output_is_an_error(log: Path) -> None:
    """The same with -o."""
    result = leakscan("--format", "jsonl", "-o", DEV_FULL, log)
    assert result.code == 2
    assert result.errors() == ["cannot write to /dev/full: No space left on device"]


def test_a_report_that_does_not_fit_leaves_the_old_one(log: Path, tmp_path: Path) -> None:
    """-o replaces the old file only when the new one is complete, and leaves no draft behind."""
    out = tmp_path / "out" / "report.jsonl"
    out.parent.mkdir()
    out.write_text("old\n")
    limit = 10_000
    result = leakscan(
        "--format", "jsonl", "-o", out, log,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)),
    )  # fmt: skip
    assert result.code == 2
    assert result.errors() == [f"cannot write to {out}: File too large"]
    assert out.read_text() == "old\n"
    assert list(out.parent.iterdir()) == [out]


def test_output_goes_to_the_file_whole(log: Path, tmp_path: Path) -> None:
    """-o writes what stdout would get, keeps the file's permissions, and follows a symlink."""
    out = tmp_path / "report.jsonl"
    out.write_text("old\n")
    out.chmod(0o640)
    link = tmp_path / "latest"
    link.symlink_to(out)
    result = leakscan("--format", "jsonl", "-o", link, log)
    assert (result.code, result.out) == (1, "")
    assert out.read_text() == leakscan("--format", "jsonl", log).out
    assert link.is_symlink()
    assert out.stat().st_mode & 0o777 == 0o640


def test_the_report_is_not_scanned_itself(tmp_path: Path) -> None:
    """An output file inside the scanned directory is left out, as -o and as a redirection."""
    secret = made_up_secret()
    out = tmp_path / "report.jsonl"
    out.write_text(f"{secret}\n")
    assert leakscan("--format", "jsonl", "-o", out, tmp_path).code == 0
    out.write_text(f"{secret}\n")
    with out.open("ab") as file:
        assert leakscan("--format", "jsonl", tmp_path, stdout=file).code == 0
        assert "is also the output" in leakscan("--format", "jsonl", out, stdout=file).err


def test_a_closed_stdout_is_an_error_only_when_there_is_something_to_write(log: Path) -> None:
    """`leakscan x >&-` says why it fails."""
    result = leakscan(log, preexec_fn=lambda: os.close(1))
    assert result.code == 2
    assert "stdout" in result.err


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_interrupt_ends_with_130_and_leaves_nothing(tmp_path: Path, jobs: str) -> None:
    """^C: exit 130, one line, no report, no draft, no process left behind."""
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    out = tmp_path / "report.jsonl"
    process = subprocess.Popen(
        [*COMMAND, "--format", "jsonl", "-o", str(out), "-j", jobs, str(fifo)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment(),
        start_new_session=True,
    )
    descriptor = os.open(fifo, os.O_WRONLY)  # returns when the other side has opened it
    try:
        os.write(descriptor, f"{made_up_secret()}\n".encode())
        _wait_for(lambda: any(path.name.endswith(".part") for path in tmp_path.iterdir()))
        os.killpg(process.pid, signal.SIGINT)
        _, err = process.communicate(timeout=10)
    finally:
        os.close(descriptor)
    assert process.returncode == 130
    assert err == b"leakscan: interrupted\n"
    assert [path.name for path in tmp_path.iterdir()] == ["fifo"]
    with pytest.raises(ProcessLookupError):
        os.killpg(process.pid, 0)


def test_termination_leaves_no_draft(tmp_path: Path) -> None:
    """SIGTERM: exit 143, and no draft of the report stays behind."""
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    process = subprocess.Popen([*COMMAND, "-o", str(tmp_path / "out"), str(fifo)], env=environment())
    descriptor = os.open(fifo, os.O_WRONLY)
    try:
        process.terminate()
        assert process.wait(timeout=10) == 143
    finally:
        os.close(descriptor)
    assert [path.name for path in tmp_path.iterdir()] == ["fifo"]


def test_findings_of_a_live_pipe_come_at_once(tmp_path: Path) -> None:
    """A line that is piped in is reported while the pipe stays open."""
    process = subprocess.Popen(
        [*COMMAND, "--format", "jsonl"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=environment(),
        cwd=tmp_path,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    with process:
        process.stdin.write(f"{made_up_secret()}\n".encode())
        process.stdin.flush()
        assert RULE.encode() in process.stdout.readline()
    assert process.returncode == 1


def _wait_for(condition: object) -> None:
    """Wait up to ten seconds."""
    assert callable(condition)
    for _ in range(200):
        if condition():
            return
        time.sleep(0.05)
    pytest.fail("it did not happen")


def test_progress_is_for_terminals_and_goes_away(tmp_path: Path) -> None:
    """A terminal on stderr sees a long scan move, and only the summary stays; -q sees nothing."""
    for quiet in ([], ["-q"]):
        leader, follower = os.openpty()
        process = subprocess.Popen(
            [*COMMAND, *quiet, "-"], stdin=subprocess.PIPE, stderr=follower, env=environment(), cwd=tmp_path
        )
        os.close(follower)
        assert process.stdin is not None
        seen = b""
        with process:
            for _ in range(30):
                process.stdin.write(b"all is well\n" * 100)
                process.stdin.flush()
                time.sleep(0.05)
            process.stdin.close()
            with contextlib.suppress(OSError):  # how a terminal ends
                while chunk := os.read(leader, 4096):
                    seen += chunk
        os.close(leader)
        assert process.returncode == 0
        if quiet:
            assert seen == b""
        else:
            assert b"kB/s" in seen
            assert b"\r\x1b[Kleakscan: nothing found in 1 file" in seen
