"""Runs programs for their logs: a command to its end, a server while it is used.

Not here: which programs, and what is done with them (`servers`, `builds`, `runtimes`).
"""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

#: Seconds for one command; a build that downloads is the slowest.
TIMEOUT: Final = 300
#: Seconds that a server may take to listen, and to stop.
START: Final = 60
STOP: Final = 20


def run(
    command: Sequence[object],
    log: Path,
    *,
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
    feed: str = "",
) -> int:
    """Run a command, append all it prints to a log, and return its exit code.

    A command that fails has logged too, so its exit code is only returned.
    """
    with log.open("ab") as file:
        finished = subprocess.run(
            [str(part) for part in command],
            input=feed.encode(),
            stdout=file,
            stderr=subprocess.STDOUT,
            cwd=cwd or log.parent,
            env={**os.environ, **(env or {})},
            timeout=TIMEOUT,
            check=False,
        )
    return finished.returncode


@contextmanager
def serving(command: Sequence[object], log: Path, port: int) -> Iterator[None]:
    """Run a server while the block runs; it is there once `port` of this host answers.

    Raises:
        RuntimeError: the server stopped or does not listen.

    """
    with log.open("ab") as file:
        parts = [str(part) for part in command]
        process = subprocess.Popen(parts, stdout=file, stderr=subprocess.STDOUT, cwd=log.parent)
        try:
            _wait(process, port)
            yield
        finally:
            process.terminate()
            with suppress(subprocess.TimeoutExpired):
                process.wait(STOP)
            process.kill()
            process.wait()


def _wait(process: subprocess.Popen[bytes], port: int) -> None:
    give_up = time.monotonic() + START
    while time.monotonic() < give_up:
        if process.poll() is not None:
            raise RuntimeError(f"{process.args!r} stopped with {process.returncode}")
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise RuntimeError(f"{process.args!r} does not listen on port {port}")


def free_port() -> int:
    """Return a TCP port of this host that nobody uses."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def as_user(name: str, folder: Path) -> list[str]:
    """Return what goes before a command that refuses to run as root; the folder becomes that user's."""
    if os.geteuid() != 0:
        return []
    account = pwd.getpwnam(name)
    os.chown(folder, account.pw_uid, account.pw_gid)
    return ["runuser", "-u", name, "--"]


def find(program: str, *folders: str) -> str | None:
    """Return the path of a program, also where Debian keeps what is not for everyone."""
    places = [folder for pattern in folders for folder in sorted(map(str, Path("/").glob(pattern)))]
    return shutil.which(program, path=os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", *places]))
