"""An implementation of Fluent Forward by others, @fluent-org/logger for Node, on both sides of the relay."""

from __future__ import annotations

import contextlib
import json
import shutil
import subprocess
import sys
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

sys.path.insert(0, str(Path(__file__).parents[1]))

from forward_parts import PUT, SECRET, process
from sidecar_parts import shows, wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator

HERE = Path(__file__).parent / "node"
COUNT = 200
KEY, USER, PASSWORD = "an obviously fake shared key", "bob", "an obviously fake password"

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif(shutil.which("node") is None, reason="Node is not installed"),
    pytest.mark.skipif(
        not (HERE / "node_modules" / "@fluent-org").exists(),
        reason="tests/e2e/setup_node.sh has not been run",
    ),
]


@dataclass
class Server:
    """A receiver in Node."""

    port: int = 0
    lines: list[str] = field(default_factory=list)

    @property
    def entries(self) -> list[Any]:
        """What came."""
        return [json.loads(line) for line in self.lines]


@contextlib.contextmanager
def server(security: Any = None) -> Iterator[Server]:
    """Run a receiver until the end of the block."""
    popen = subprocess.Popen(
        ["node", HERE / "forward_server.mjs", json.dumps(security)], stdout=subprocess.PIPE, text=True
    )
    assert popen.stdout is not None
    kept = Server(json.loads(popen.stdout.readline())["port"])
    lines = popen.stdout

    def follow() -> None:
        for line in lines:
            kept.lines.append(line)  # one by one, as they come

    thread = threading.Thread(target=follow, daemon=True)
    thread.start()
    try:
        yield kept
    finally:
        popen.terminate()
        popen.wait(10)


def send(where: str, mode: str, **more: Any) -> str:
    """Run a client to its end; return what it said."""
    host, _, port = where.rpartition("/")[2].rpartition(":")
    place = (
        {"path": where.removeprefix("unix:")}
        if where.startswith("unix:")
        else {"host": host, "port": int(port)}
    )
    given = {"where": place, "mode": mode, "count": COUNT, "secret": SECRET, **more}
    done = subprocess.run(
        ["node", HERE / "forward_client.mjs", json.dumps(given)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return (done.stdout + done.stderr).strip()


def check(store: Server) -> None:
    """Every record came once, whole but for its secret."""
    wait_until(lambda: len(store.lines) >= COUNT)
    found = {entry["record"]["n"]: entry for entry in store.entries}
    assert sorted(found) == list(range(COUNT))
    for number, entry in found.items():
        assert entry["tag"] == "shop.web"
        assert entry["record"]["message"] == f"GET /items/{number} 200"
        assert entry["record"].get("password") == (None if number % 10 else PUT)
    assert not shows("".join(store.lines).encode())


@pytest.mark.parametrize("mode", ["Message", "Forward", "PackedForward", "CompressedPackedForward"])
def test_each_mode_with_acks(mode: str) -> None:
    """Node's client waits for acks that Node's server gives, and has its entries redacted in between."""
    with server() as store:
        given = ("--forward-listen", "127.0.0.1:0", "--forward-upstream", f"127.0.0.1:{store.port}")
        with process(*given) as sidecar:
            assert send(sidecar.where[0], mode) == "acknowledged"
            check(store)
            assert sidecar.stop() == 0


def test_over_a_unix_socket(tmp_path: Path) -> None:
    """The same from a socket file."""
    with server() as store:
        given = (
            "--forward-listen",
            f"unix:{tmp_path}/relay.sock",
            "--forward-upstream",
            f"127.0.0.1:{store.port}",
        )
        with process(*given) as sidecar:
            assert send(sidecar.where[0], "PackedForward") == "acknowledged"
            check(store)


def test_shared_key_user_and_password_on_both_sides(tmp_path: Path) -> None:
    """Node proves itself to the relay, the relay to Node; a wrong password gets nothing through."""
    files = {"key": KEY, "users": f"{USER}:{PASSWORD}\n", "password": PASSWORD}
    for name, text in files.items():
        (tmp_path / name).write_text(text)
        (tmp_path / name).chmod(0o600)
    security = {"serverHostname": "store", "sharedKey": KEY, "authorize": True, "userDict": {USER: PASSWORD}}
    with server(security) as store:
        config = tmp_path / "sidecar.toml"
        config.write_text(
            f'[[forward]]\nlisten = "127.0.0.1:0"\nupstream = "127.0.0.1:{store.port}"\n'
            f'shared_key_file = "{tmp_path}/key"\nusers_file = "{tmp_path}/users"\n'
            f'upstream_shared_key_file = "{tmp_path}/key"\nupstream_user = "{USER}"\n'
            f'upstream_password_file = "{tmp_path}/password"\n'
        )
        with process("--config", str(config)) as sidecar:
            ours = {"clientHostname": "shop", "sharedKey": KEY, "username": USER, "password": PASSWORD}
            wrong = send(sidecar.where[0], "Message", security=ours | {"password": "x"}, count=1)
            assert wrong != "acknowledged"
            assert store.lines == []
            assert send(sidecar.where[0], "Message", security=ours) == "acknowledged"
            check(store)
            assert sidecar.stop() == 0
            assert KEY not in "\n".join(sidecar.said)
