"""A standalone Spark on loopback, a master and workers, and the environment that runs it. Not a test."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

HOME: Final = Path(os.environ.get("LEAKSCAN_E2E") or Path.home() / ".cache" / "leakscan-e2e") / "spark"
PYTHON: Final = HOME / "bin" / "python"
SCRIPT: Final = HOME / "bin" / "leakscan-spark"
ROOT: Final = Path(__file__).parents[2]
_PATIENCE: Final = 120


def missing() -> str | None:
    """Return what is not there, None when all is."""
    if shutil.which("java") is None:
        return "java"
    return None if (HOME / "ready").exists() else str(HOME)


def environment() -> dict[str, str]:
    """Return the environment of drivers and workers: loopback only, a key of our own."""
    kept = {name: value for name, value in os.environ.items() if name != "SPARK_HOME"}
    return kept | {
        "SPARK_LOCAL_IP": "127.0.0.1",
        "PYSPARK_PYTHON": str(PYTHON),
        "LEAKSCAN_KEY": "an obviously fake key of the tests",
    }


def install_wheel(folder: Path) -> None:
    """Build the wheel of this checkout and put it into the environment, without what it depends on."""
    pip = [str(PYTHON), "-m", "pip", "--quiet"]
    subprocess.run(
        [*pip, "wheel", "--no-deps", "-w", str(folder), str(ROOT)], check=True, capture_output=True
    )
    (wheel,) = folder.glob("*.whl")
    command = [*pip, "install", "--no-deps", "--force-reinstall", str(wheel)]
    subprocess.run(command, check=True, capture_output=True)


@dataclass(frozen=True)
class Cluster:
    """A running master, its workers, and where it listens."""

    url: str
    workers: list[subprocess.Popen[bytes]]

    def kill_worker(self) -> None:
        """End the first worker and its executors as a power cut does."""
        os.killpg(self.workers[0].pid, signal.SIGKILL)
        self.workers[0].wait()


@contextlib.contextmanager
def cluster(folder: Path, workers: int = 2) -> Iterator[Cluster]:
    """Run a master and workers of one core each until the end of the block."""
    port = free_port()
    url = f"spark://127.0.0.1:{port}"
    started: list[subprocess.Popen[bytes]] = []
    log = folder / "master.log"
    try:
        started.append(_start(log, "master.Master", "--host", "127.0.0.1", "--port", str(port)))
        _wait_for(log, "New state: ALIVE")
        for number in range(workers):
            work = folder / f"worker{number}"
            started.append(
                _start(
                    folder / f"worker{number}.log",
                    *("worker.Worker", "--host", "127.0.0.1", "--cores", "1", "--memory", "1g"),
                    *("--work-dir", str(work), url),
                )
            )
        _wait_for(log, "Registering worker", workers)
        yield Cluster(url, started[1:])
    finally:
        for process in started:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def wait_for_tasks(driver: subprocess.Popen[bytes], port: int, least: int) -> tuple[int, int]:
    """Wait until the driver with its page on `port` has done tasks of a stage; return how many of all."""
    base = f"http://127.0.0.1:{port}/api/v1/applications"
    deadline = time.monotonic() + _PATIENCE
    while time.monotonic() < deadline and driver.poll() is None:
        with contextlib.suppress(OSError, ValueError, IndexError):
            application = _get(base)[0]["id"]
            for stage in _get(f"{base}/{application}/stages"):
                if stage["status"] == "ACTIVE" and stage["numCompleteTasks"] >= least:
                    return stage["numCompleteTasks"], stage["numTasks"]
        time.sleep(0.1)
    raise TimeoutError("the job did not get that far")


def _get(url: str) -> Any:
    with urllib.request.urlopen(url, timeout=5) as answer:  # noqa: S310 - loopback
        return json.load(answer)


def _start(log: Path, name: str, *arguments: str) -> subprocess.Popen[bytes]:
    home = subprocess.run(
        [PYTHON, "-c", "import pyspark; print(pyspark.__path__[0])"],
        check=True,
        capture_output=True,
        text=True,
    ).stdout.strip()
    command = [f"{home}/bin/spark-class", f"org.apache.spark.deploy.{name}", "--webui-port", "0", *arguments]
    with log.open("wb") as out:
        return subprocess.Popen(
            command, stdout=out, stderr=out, env=environment() | {"SPARK_HOME": home}, start_new_session=True
        )


def _wait_for(log: Path, words: str, times: int = 1) -> None:
    deadline = time.monotonic() + _PATIENCE
    while log.read_text(errors="replace").count(words) < times:
        if time.monotonic() > deadline:
            sys.stderr.write(log.read_text(errors="replace")[-2000:])
            raise TimeoutError(f"Spark did not say {words!r}")
        time.sleep(0.1)
