"""A real SeaweedFS on loopback: an S3 server of another make, with users and rights. Not a test."""

from __future__ import annotations

import http.client
import json
import os
import socket
import subprocess
import time
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

#: What tests/e2e/setup_s3.sh prepared.
HOME: Final = Path(os.environ.get("LEAKSCAN_E2E") or Path.home() / ".cache" / "leakscan-e2e")
WEED: Final = HOME / "seaweedfs" / "bin" / "weed"
#: Who may do what. A name is its access key; the secret key is the name twice.
USERS: Final = {"admin": ["Admin"], "reader": ["Read"], "lister": ["List"]}


def secret_of(user: str) -> str:
    """Return a user's secret key."""
    return user * 2


def need_weed() -> None:
    """Skip the test when there is no SeaweedFS, and say why."""
    if not WEED.exists():
        pytest.skip(f"{WEED} not found: run tests/e2e/setup_s3.sh")


@contextmanager
def seaweedfs(folder: Path) -> Iterator[str]:
    """Run a server with its data in a folder, and give its address."""
    with ExitStack() as stack:
        taken = [stack.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(8)]
        ports = [each.getsockname()[1] for each in taken]
    config = folder / "users.json"
    identities = [
        {"name": name, "credentials": [{"accessKey": name, "secretKey": secret_of(name)}], "actions": actions}
        for name, actions in USERS.items()
    ]
    config.write_text(json.dumps({"identities": identities}))
    names = ("master", "volume", "filer", "s3")
    numbers = [f"-{name}.port{kind}={ports.pop()}" for name in names for kind in ("", ".grpc")]
    command = [
        str(WEED), "-logtostderr=false", f"-logdir={folder}", "server", f"-dir={folder}", "-ip=127.0.0.1",
        "-ip.bind=127.0.0.1", "-filer", "-s3", f"-s3.config={config}", "-s3.port.iceberg=0",
        "-s3.port.lance=0", "-s3.iam=false", "-master.telemetry=false", "-master.volumeSizeLimitMB=64",
        *numbers,
    ]  # fmt: skip
    port = int(numbers[6].partition("=")[2])
    with (folder / "output").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, cwd=folder)
    try:
        _wait_for(port, process)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + 60
    while True:
        assert process.poll() is None, "SeaweedFS did not start"
        assert time.monotonic() < end, "SeaweedFS does not answer"
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        try:
            connection.request("GET", "/status")
            connection.getresponse().read()
        except OSError:
            time.sleep(0.2)
        else:
            return
        finally:
            connection.close()
