"""A real clickhouse-server on loopback with a configuration and data of its own. Not a test."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.parse
import urllib.request
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SERVER = shutil.which("clickhouse-server") or "/usr/bin/clickhouse-server"
CLIENT = shutil.which("clickhouse-client") or "/usr/bin/clickhouse-client"
_CONFIG = """<yandex>
<logger><level>warning</level><log>{dir}/server.log</log><errorlog>{dir}/server.err</errorlog></logger>
<http_port>{http}</http_port><tcp_port>{tcp}</tcp_port><listen_host>127.0.0.1</listen_host>
<path>{dir}/data/</path><tmp_path>{dir}/tmp/</tmp_path><user_files_path>{dir}/files/</user_files_path>
<mark_cache_size>268435456</mark_cache_size><users_config>{dir}/users.xml</users_config>
<default_profile>default</default_profile><default_database>default</default_database>
</yandex>
"""
#: Users who may only read: one may change settings, the other may not.
READERS = {"viewer": 2, "auditor": 1}
PASSWORD = "obviously made up for the tests"
_USERS = """<yandex><profiles><default></default>{profiles}</profiles><quotas><default></default></quotas>
<users><default><password></password><networks><ip>127.0.0.1</ip></networks>
<profile>default</profile><quota>default</quota></default>{readers}</users></yandex>
"""
_PROFILE = "<{name}><readonly>{level}</readonly></{name}>"
_READER = """<{name}><password>{password}</password><networks><ip>127.0.0.1</ip></networks>
<profile>{name}</profile><quota>default</quota></{name}>
"""


class RefusedError(Exception):
    """ClickHouse, or what stands before it, did not take a request."""


@dataclass(frozen=True)
class ClickHouse:
    """A running server."""

    http: int
    tcp: int

    @property
    def url(self) -> str:
        """Where it takes HTTP."""
        return f"http://127.0.0.1:{self.http}"

    def export(self, query: str) -> bytes:
        """Run a query in clickhouse-client, as an operator would."""
        command = [CLIENT, "--host", "127.0.0.1", "--port", str(self.tcp), "--query", query]
        return subprocess.run(command, check=True, capture_output=True).stdout


def ask(url: str, query: str, body: bytes = b"", **headers: str) -> bytes:
    """Send a query, with rows in the body, to ClickHouse or the sidecar before it."""
    target = f"{url}/?{urllib.parse.urlencode({'query': query})}" if query else url + "/"
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    request = urllib.request.Request(target, data=body, headers=named, method="POST")  # noqa: S310 - loopback
    try:
        with urllib.request.urlopen(request, timeout=120) as answer:  # noqa: S310 - as above
            data: bytes = answer.read()
            return data
    except urllib.error.HTTPError as error:
        raise RefusedError(f"{error.code}: {error.read()[:300].decode('utf-8', 'replace')}") from None


@contextlib.contextmanager
def clickhouse(directory: Path) -> Iterator[ClickHouse]:
    """Run a server until the end of the block."""
    ports = ClickHouse(_free_port(), _free_port())
    for name in ("data", "tmp", "files"):
        (directory / name).mkdir(parents=True)
    (directory / "config.xml").write_text(_CONFIG.format(dir=directory, http=ports.http, tcp=ports.tcp))
    profiles = "".join(_PROFILE.format(name=name, level=level) for name, level in READERS.items())
    readers = "".join(_READER.format(name=name, password=PASSWORD) for name in READERS)
    (directory / "users.xml").write_text(_USERS.format(profiles=profiles, readers=readers))
    with (directory / "server.out").open("wb") as out:
        server = subprocess.Popen(
            [SERVER, f"--config-file={directory / 'config.xml'}"],
            stdout=out, stderr=out, cwd=directory, env=os.environ | {"TZ": "UTC"},
        )  # fmt: skip
    try:
        _wait(ports, server)
        yield ports
    finally:
        server.send_signal(signal.SIGTERM)
        try:
            server.wait(20)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


def _wait(ports: ClickHouse, server: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + 60
    while time.monotonic() < end and server.poll() is None:
        with contextlib.suppress(OSError, RefusedError):
            if ask(ports.url, "SELECT 1") == b"1\n":
                return
        time.sleep(0.1)
    raise RuntimeError(f"clickhouse-server does not answer; exit code {server.poll()}")


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port
