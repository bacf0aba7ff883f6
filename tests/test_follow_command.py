"""`leakscan --follow` as users run it: what it prints and when, signals, a log rotated as it grows."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from command import COMMAND, RULE, environment, leakscan, made_up_secret, shows

LINES = 10_000
#: Writes numbered lines, every tenth with a secret, and rotates five times in the way it is told.
WRITER = """
import os, shutil, sys, time
path, way, secrets = sys.argv[1], sys.argv[2], sys.argv[3:]
log = open(path, "ab", buffering=0)
for number in range({lines}):
    if number and number % {each} == 0:
        old = f"{{path}}.{{number // {each}}}"
        if way == "rename":
            os.rename(path, old)
            log.write(b"late\\n")
            log.close()
            log = open(path, "ab", buffering=0)
        else:
            shutil.copyfile(path, old)
            os.truncate(path, 0)
        if number // {each} % 2:
            time.sleep(0.3)
    secret = f" key={{secrets[number // 10]}}" if number % 10 == 0 else ""
    log.write(f"line {{number}}{{secret}} end\\n".encode())
    if number % 500 == 0:
        time.sleep(0.02)
"""


def has_open(process: subprocess.Popen[bytes], path: Path) -> bool:
    """Tell whether a process has a file open, where the system says so."""
    folder = Path(f"/proc/{process.pid}/fd")
    with contextlib.suppress(OSError):  # it has ended, or closed one meanwhile
        return any(link.resolve() == path.resolve() for link in folder.iterdir())
    return False


def start(*arguments: str | Path) -> subprocess.Popen[bytes]:
    """Start following, and wait until it has looked at the logs."""
    process = subprocess.Popen(
        [*COMMAND, "--follow", *map(str, arguments)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment(),
    )
    logs = [path for path in arguments if isinstance(path, Path) and path.exists()]
    end = time.monotonic() + 20
    while Path("/proc/self/fd").exists() and logs and time.monotonic() < end and process.poll() is None:
        if all(has_open(process, path) for path in logs):
            time.sleep(0.3)  # it still has to find where to begin
            return process
        time.sleep(0.02)
    time.sleep(1)
    return process


def ended(process: subprocess.Popen[bytes], number: int) -> tuple[int, str, str]:
    """Send a signal; return exit code, stdout and stderr."""
    process.send_signal(number)
    out, err = process.communicate(timeout=20)
    return process.returncode, out.decode(), err.decode()


def append(path: Path, text: str) -> None:
    """Add to a log."""
    with path.open("a") as file:
        file.write(text)


@pytest.mark.parametrize("form", ["text", "jsonl", "csv"])
def test_findings_are_written_as_they_come(tmp_path: Path, form: str) -> None:
    """Each finding is there at once, flushed, and shows no secret; SIGTERM exits 1 with a summary."""
    log, secret = tmp_path / "app.log", made_up_secret()
    log.write_text(f"old {made_up_secret()}\n")
    process = start("--format", form, log)
    append(log, f"now {secret}\n")
    assert process.stdout is not None
    if form == "csv":
        assert process.stdout.readline().startswith(b"path,line,")
    line = process.stdout.readline().decode()
    assert RULE in line
    assert not shows(line, secret)
    if form == "text":
        assert line == f"critical  high  {RULE}  sk_l…(40)  {log}:2:5\n"
    elif form == "jsonl":
        assert (json.loads(line)["line"], json.loads(line)["start"]) == (2, 4)
    code, out, err = ended(process, signal.SIGTERM)
    assert (code, out) == (1, "")
    assert err.startswith("leakscan: 1 secret at 1 place in 1 file (")


def test_signals_end_it_with_the_result(tmp_path: Path) -> None:
    """SIGTERM: 0 when nothing was found, what is there is still read; ^C: 130."""
    log = tmp_path / "app.log"
    log.write_text("a\n")
    assert ended(start("-q", log), signal.SIGTERM) == (0, "", "")
    process = start("-q", log)
    append(log, f"unfinished {made_up_secret()}")
    code, out, _ = ended(process, signal.SIGTERM)
    assert code == 1
    assert out.count(RULE) == 1
    code, out, err = ended(start("-q", log), signal.SIGINT)
    assert (code, out, err) == (130, "", "leakscan: interrupted\n")


def test_missing_logs_are_waited_for(tmp_path: Path) -> None:
    """A log that is not there is told of once; if it never comes, the exit code is 2."""
    log = tmp_path / "app.log"
    code, out, err = ended(start("-q", log), signal.SIGTERM)
    assert (code, out) == (2, "")
    assert err.splitlines()[0] == f"leakscan: {log}: no such file or directory; waiting for it"
    process = start("-q", log, tmp_path / "other.log")
    append(log, f"{made_up_secret()}\n")
    append(tmp_path / "other.log", f"{made_up_secret()}\n")
    time.sleep(0.5)
    code, out, _ = ended(process, signal.SIGTERM)
    assert code == 1
    assert out.count(RULE) == 2


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["-"], "a pipe is scanned as it comes"),
        (["--format", "sarif", "x"], "sarif has an end"),
        (["-o", "y", "x"], "--follow writes to stdout"),
        (["-j", "2", "x"], "one process"),
        (["-n", "two", "x"], "-n two: give a number of lines"),
    ],
)
def test_options_that_make_no_sense_are_refused(arguments: list[str], words: str) -> None:
    """Exit 2 and one line."""
    result = leakscan("--follow", *arguments)
    assert result.code == 2
    assert words in result.errors()[0]
    assert leakscan("-n", "3", "x").code == 2


def test_a_reader_that_leaves_ends_it(tmp_path: Path) -> None:
    """`leakscan --follow x | head -1` ends when head does, though nothing more comes."""
    log = tmp_path / "app.log"
    log.touch()
    process = start("-q", log)
    assert process.stdout is not None
    process.stdout.close()
    assert process.wait(20) == 0


@pytest.mark.parametrize("way", ["rename", "copytruncate"])
def test_five_rotations_lose_and_repeat_nothing(tmp_path: Path, way: str) -> None:
    """Of 10,000 lines every secret is reported once, however the log is rotated while it is written.

    Nobody takes the findings until the end, so the pipe is full long before that.
    """
    log = tmp_path / "app.log"
    log.touch()
    secrets = [made_up_secret() for _ in range(LINES // 10)]
    process = start("--format", "jsonl", log)
    script = WRITER.format(lines=LINES, each=LINES // 6 + 1)
    subprocess.run([sys.executable, "-c", script, str(log), way, *secrets], check=True)
    time.sleep(0.5)
    code, out, err = ended(process, signal.SIGTERM)
    assert code == 1
    assert len(os.listdir(tmp_path)) == 6  # noqa: PTH208 - a count
    findings = [json.loads(line) for line in out.splitlines()]
    assert len({finding["fingerprint"] for finding in findings}) == LINES // 10
    assert len(findings) == LINES // 10
    assert not any(shows(out + err, secret) for secret in secrets[::50])
