"""Real syslog daemons for the tests: where they are, how they are started, killed and looked into."""

from __future__ import annotations

import os
import random
import signal
import socket
import string
import subprocess
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

PROJECT = Path(__file__).resolve().parents[2]
#: What tests/e2e/setup.sh prepared.
HOME = Path(os.environ.get("LEAKSCAN_E2E") or Path.home() / ".cache" / "leakscan-e2e")
LEAKSCAN = HOME / "venv" / "bin" / "leakscan"
RSYSLOGD = Path("/usr/sbin/rsyslogd")
SYSLOG_NG = HOME / "root" / "usr" / "sbin" / "syslog-ng"


def need(*programs: Path) -> None:
    """Skip the test when it cannot run here, and say why."""
    if os.geteuid() != 0:
        pytest.skip("needs root: syslog daemons are started")
    missing = [str(program) for program in programs if not program.exists()]
    if missing:
        pytest.skip(f"{', '.join(missing)} not found: run tests/e2e/setup.sh")


def wait_until(condition: Callable[[], bool], seconds: float = 60) -> None:
    """Wait until the condition holds; fail after so many seconds."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.02)


def lines_of(path: Path) -> list[bytes]:
    """Return the lines of a file; none when there is no file yet."""
    return path.read_bytes().splitlines() if path.exists() else []


def numbers_in(*paths: Path) -> list[int]:
    """Return the numbers of the numbered lines in the files, in order."""
    found = []
    for path in paths:
        for line in lines_of(path):
            _, mark, rest = line.partition(b"n=")
            if mark:
                found.append(int(rest[:6]))
    return found


def children(pid: int) -> list[int]:
    """Return the processes that a process started."""
    found = []
    for task in Path(f"/proc/{pid}/task").iterdir():
        try:
            found += [int(child) for child in (task / "children").read_text().split()]
        except FileNotFoundError:
            continue
    return found


def helper_of(pid: int) -> int | None:
    """Return the process that runs leakscan for the daemon, if it is past its start."""
    for child in children(pid):
        try:
            command = Path(f"/proc/{child}/cmdline").read_bytes()
        except FileNotFoundError:
            continue
        if b"--framing" in command:
            return child
    return None


@contextmanager
def rsyslogd(directory: Path, configuration: str) -> Iterator[subprocess.Popen[bytes]]:
    """Run rsyslogd on a configuration in a directory of its own; stop it, its queues emptied, at the end."""
    file = directory / "rsyslog.conf"
    settings = f'workDirectory="{directory}" maxMessageSize="256k" processInternalMessages="on"'
    file.write_text(f"global({settings})\n{configuration}")
    checked = subprocess.run([RSYSLOGD, "-N1", "-f", file], capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stderr
    with (directory / "rsyslogd.out").open("wb") as out:
        daemon = subprocess.Popen(
            [RSYSLOGD, "-n", "-f", file, "-i", directory / "rsyslogd.pid"], stdout=out, stderr=out
        )
    try:
        yield daemon
    finally:
        _stop(daemon)


@contextmanager
def syslog_ng(directory: Path, configuration: str) -> Iterator[subprocess.Popen[bytes]]:
    """Run the unpacked syslog-ng on a configuration, with leakscan on its Python's path."""
    file = directory / "syslog-ng.conf"
    file.write_text(configuration)
    with (directory / "syslog-ng.out").open("ab") as out:
        daemon = subprocess.Popen(
            syslog_ng_command(directory, file), env=syslog_ng_environment(), stdout=out, stderr=out
        )
    try:
        yield daemon
    finally:
        _stop(daemon)


def syslog_ng_command(directory: Path, file: Path) -> list[str]:
    """Return the command that runs syslog-ng in the foreground."""
    root = HOME / "root"
    modules = next((root / "usr" / "lib" / "syslog-ng").glob("3.*"))
    places = {
        "--cfgfile": file,
        "--module-path": modules,
        "--persist-file": directory / "persist",
        "--pidfile": directory / "pid",
        "--control": directory / "control",
    }
    return [
        str(SYSLOG_NG), "--foreground", "--no-caps", *(f"{name}={place}" for name, place in places.items())
    ]  # fmt: skip


def syslog_ng_environment() -> dict[str, str]:
    """Return the environment in which the unpacked syslog-ng finds its libraries, and leakscan."""
    libraries = [
        *(HOME / "root" / "usr" / "lib").glob("*-linux-gnu*"),
        HOME / "root" / "usr" / "lib" / "syslog-ng",
    ]
    modules = next((HOME / "root" / "usr" / "lib" / "syslog-ng").glob("3.*"))
    packages = next((HOME / "venv" / "lib").glob("python3.*")) / "site-packages"
    paths = [modules / "python", packages]
    return {
        "PATH": os.environ["PATH"],
        "LD_LIBRARY_PATH": ":".join(map(str, libraries)),
        "PYTHONPATH": ":".join(map(str, paths)),
    }


def _stop(daemon: subprocess.Popen[bytes]) -> None:
    if daemon.poll() is None:
        daemon.send_signal(signal.SIGTERM)
    try:
        daemon.wait(30)
    except subprocess.TimeoutExpired:
        daemon.kill()
        daemon.wait()


class Lines:
    """Numbered log lines, some with made-up secrets in them."""

    def __init__(self, count: int) -> None:
        source = random.Random(count)
        self.secrets: list[str] = []
        self.texts: list[str] = []
        for number in range(count):
            self.texts.append(f"n={number:06d} {self._words(number, source)}")

    def _words(self, number: int, source: random.Random) -> str:
        if number % 3:
            return f"GET /items/{source.randrange(1000)} 200 in {source.randrange(90)} ms"
        letters = string.ascii_letters + string.digits
        body = "".join(source.choices(letters, k=36))
        self.secrets.append(body)
        shapes = (f"login password={body} ok", f'{{"api_key": "{body}"}}', f"using sk_live_{body}")
        return shapes[number // 3 % 3]

    def leaks(self, *paths: Path) -> list[str]:
        """Return the secrets of which eight characters in a row stand in one of the files."""
        text = "\n".join(path.read_text(errors="replace") for path in paths if path.exists())
        seen = {text[i : i + 8] for i in range(len(text) - 7)}
        return [
            secret
            for secret in self.secrets
            if any(secret[i : i + 8] in seen for i in range(len(secret) - 7))
        ]


def send(socket_path: Path, texts: list[str], *, pause: float = 0) -> None:
    """Send syslog messages over a stream socket, in bursts of a hundred."""
    wait_until(socket_path.exists)
    with socket.socket(socket.AF_UNIX) as stream:
        stream.connect(str(socket_path))
        for start in range(0, len(texts), 100):
            burst = texts[start : start + 100]
            stream.sendall("".join(f"<13>Oct 11 22:14:15 host app[1]: {text}\n" for text in burst).encode())
            time.sleep(pause)
