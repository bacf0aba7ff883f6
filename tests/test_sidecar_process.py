"""`leakscan sidecar` as a process: options, reload, drain, workers, and what a kill in the middle leaves."""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import http.client
import json
import os
import resource
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import threading
import time
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

pytest.importorskip("aiohttp")
pytest.importorskip("cramjam")
pytest.importorskip("prometheus_client")

from command import leakscan
from leakscan import cli
from sidecar_parts import SECRET, free_port, numbered, process, shows, wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals")


class Store:
    """An upstream in a thread: keeps bodies, and answers as told."""

    def __init__(self) -> None:
        self.bodies: list[bytes] = []
        self.delay = 0.0
        self.statuses: list[int] = []
        store = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                time.sleep(store.delay)
                status = store.statuses.pop(0) if store.statuses else 200
                if status == 200:
                    store.bodies.append(body)
                with contextlib.suppress(OSError):
                    self.send_response(status)
                    self.send_header("Content-Length", "0")
                    self.end_headers()

            def log_message(self, *_: Any) -> None:
                """Keep the test's output clean."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def numbers(self) -> set[int]:
        """Return the numbers of the records that arrived."""
        return {json.loads(line)["n"] for body in self.bodies for line in body.splitlines()}


@pytest.fixture
def store() -> Iterator[Store]:
    """Give an upstream."""
    one = Store()
    yield one
    one.server.shutdown()
    one.server.server_close()


def post(url: str, body: bytes, path: str = "/") -> int:
    """Send a body; return the status, 0 when there was no whole answer."""
    request = urllib.request.Request(url + path, data=body, headers={"Content-Type": "application/x-ndjson"})  # noqa: S310 - loopback
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310 - as above
            answer.read()
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code
    except (OSError, http.client.HTTPException):
        return 0


def deliver(url: str, body: bytes) -> None:
    """Send a body until it is taken, as a shipper does."""
    end = time.monotonic() + 30
    while post(url, body) != 200:
        assert time.monotonic() < end
        time.sleep(0.02)


def test_killed_ten_times_nothing_is_lost_and_no_secret_gets_through(store: Store) -> None:
    """Killed with -9 under load, ten times: with a client that retries, every number arrives, redacted."""
    port = free_port()
    secrets: list[str] = []
    bodies = [
        b"".join(numbered(n, secrets) for n in range(start, start + 10)) for start in range(0, 3000, 10)
    ]
    store.delay = 0.002

    def ship(mine: list[bytes]) -> None:
        for body in mine:
            deliver(f"http://127.0.0.1:{port}", body)

    clients = [threading.Thread(target=ship, args=(bodies[n::3],)) for n in range(3)]
    kills = 0
    while any(client.is_alive() for client in clients) or kills < 10:
        with process("--upstream", store.url, listen=f"127.0.0.1:{port}") as sidecar:
            if kills == 0:
                for client in clients:
                    client.start()
            before = len(store.bodies)
            if kills < 10:
                wait_until(lambda: len(store.bodies) > before + 5)  # noqa: B023 - called in this round
                sidecar.stop(signal.SIGKILL)
                kills += 1
            else:
                for client in clients:
                    client.join(60)
    assert store.numbers() == set(range(3000))
    stored = b"\n".join(store.bodies)
    assert not any(shows(stored, secret) for secret in secrets)
    assert stored.count(b"[REDACTED:generic-password]") >= 1000


def test_sigterm_under_load_loses_nothing(store: Store) -> None:
    """What is under way is answered, what comes later is refused, and the exit code is 0."""
    store.delay = 0.3
    with process("--upstream", store.url) as sidecar:
        answers: dict[int, int] = {}

        def ship(number: int) -> None:
            answers[number] = post(sidecar.url, numbered(number))

        clients = [threading.Thread(target=ship, args=(number,)) for number in range(30)]
        for client in clients:
            client.start()
        time.sleep(0.15)
        assert sidecar.stop() == 0
        for client in clients:
            client.join()
        taken = {number for number, status in answers.items() if status == 200}
        assert taken
        assert store.numbers() >= taken


def test_readiness_is_false_while_draining(store: Store, tmp_path: Path) -> None:
    """Health stays, readiness goes, and new requests are still taken during the delay."""
    config = tmp_path / "sidecar.toml"
    config.write_text(
        f'listen = "127.0.0.1:0"\nadmin_listen = "127.0.0.1:0"\n[[routes]]\nupstream = "{store.url}"\n[limits]\ndrain_delay = 0.8\n'  # noqa: E501 - a sample reads best whole
    )
    with process("--config", str(config), listen="") as sidecar:
        assert sidecar.get("/readyz")[0] == 200
        sidecar.popen.send_signal(signal.SIGTERM)
        wait_until(lambda: sidecar.get("/readyz")[0] == 503)
        assert sidecar.get("/healthz")[0] == 200
        assert post(sidecar.url, numbered(1)) == 200
        assert sidecar.stop() == 0


def test_reload_is_whole_or_not_at_all(store: Store, tmp_path: Path) -> None:
    """SIGHUP takes a good file; a bad one is said in one line and the old stays."""
    config = tmp_path / "sidecar.toml"
    good = f'listen = "127.0.0.1:0"\nadmin_listen = "127.0.0.1:0"\n[[routes]]\nupstream = "{store.url}"\n'
    config.write_text(good)
    with process("--config", str(config), listen="") as sidecar:
        assert post(sidecar.url, numbered(3)) == 200
        before = sidecar.get("/metrics")[1]
        config.write_text(good.replace("upstream", "upsteam"))
        sidecar.popen.send_signal(signal.SIGHUP)
        wait_until(lambda: "leakscan_reload_failures_total 1.0" in sidecar.get("/metrics")[1])
        assert post(sidecar.url, numbered(3)) == 200
        config.write_text('style = "mask"\n' + good)
        sidecar.popen.send_signal(signal.SIGHUP)
        wait_until(
            lambda: (
                store.bodies[-1:]
                and post(sidecar.url, numbered(3)) == 200
                and b"********" in store.bodies[-1]
            )
        )
        assert build_of(sidecar.get("/metrics")[1]) != build_of(before)
        config.write_text(good.replace("127.0.0.1:0", "127.0.0.1:1", 1))
        sidecar.popen.send_signal(signal.SIGHUP)
        wait_until(lambda: "leakscan_reload_failures_total 2.0" in sidecar.get("/metrics")[1])
        assert sidecar.stop() == 0
        assert any("routes[1].upsteam: unknown key; did you mean upstream?" in line for line in sidecar.said)
        assert any("listen: cannot change without a restart" in line for line in sidecar.said)
        assert all(line.startswith("leakscan: ") for line in sidecar.said)


def build_of(metrics: str) -> str:
    """Return the line that names version and configuration."""
    return next(line for line in metrics.splitlines() if line.startswith("leakscan_build_info"))


def test_workers_share_a_port_and_are_started_again(store: Store) -> None:
    """Two processes serve; one that is killed comes back; counters go on; SIGTERM ends all."""
    with process("--upstream", store.url, "--workers", "2", listen=f"127.0.0.1:{free_port()}") as sidecar:
        for number in range(40):
            assert post(sidecar.url, numbered(number)) == 200
        wait_until(lambda: "leakscan_records_total 40.0" in sidecar.get("/metrics")[1])
        children = children_of(sidecar.popen.pid)
        assert len(children) == 2
        os.kill(children[0], signal.SIGKILL)
        wait_until(lambda: sidecar.get("/readyz")[0] == 503)
        wait_until(lambda: sidecar.get("/readyz")[0] == 200)
        assert len(children_of(sidecar.popen.pid)) == 2
        for number in range(40, 60):
            assert post(sidecar.url, numbered(number)) == 200
        wait_until(lambda: "leakscan_records_total 60.0" in sidecar.get("/metrics")[1])
        assert sidecar.stop() == 0
        assert store.numbers() == set(range(60))
        assert all(not Path(f"/proc/{child}").exists() for child in children)


def children_of(pid: int) -> list[int]:
    """Return the processes that a process started."""
    if not sys.platform.startswith("linux"):
        pytest.skip("needs /proc")
    with Path(f"/proc/{pid}/task/{pid}/children").open() as file:
        return [int(child) for child in file.read().split()]


def test_workers_end_with_their_parent(store: Store) -> None:
    """No orphan keeps the port when the parent is killed."""
    port = free_port()
    with process("--upstream", store.url, "--workers", "2", listen=f"127.0.0.1:{port}") as sidecar:
        children = children_of(sidecar.popen.pid)
        sidecar.stop(signal.SIGKILL)
        wait_until(lambda: all(not Path(f"/proc/{child}").exists() or zombie(child) for child in children))


def zombie(pid: int) -> bool:
    """Tell whether a process has ended and waits for its parent."""
    try:
        with Path(f"/proc/{pid}/stat").open() as file:
            return file.read().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True


def test_no_core_dumps(store: Store) -> None:
    """The limit is 0: a crash leaves no log data on the disk."""
    with process("--upstream", store.url) as sidecar:
        if not sys.platform.startswith("linux"):
            pytest.skip("needs /proc")
        with Path(f"/proc/{sidecar.popen.pid}/limits").open() as file:
            line = next(line for line in file if line.startswith("Max core file size"))
        assert line.split()[4:6] == ["0", "0"]


def test_a_bomb_and_a_big_body_leave_memory_bounded(store: Store) -> None:
    """A gigabyte of nothing in a megabyte is refused; forty megabytes pass; the process stays small."""
    with process("--upstream", store.url) as sidecar:
        bomb = gzip.compress(b"\n" * (1 << 20), 9) * 1000
        request = urllib.request.Request(  # noqa: S310 - loopback
            sidecar.url,
            data=bomb,
            headers={"Content-Type": "application/x-ndjson", "Content-Encoding": "gzip"},
        )
        with pytest.raises(urllib.error.HTTPError) as error:
            urllib.request.urlopen(request, timeout=30)  # noqa: S310 - as above
        assert error.value.code == 413
        error.value.close()
        line = b'{"message":"' + b"all is well " * 80 + b'"}\n'
        assert post(sidecar.url, line * (40_000_000 // len(line))) == 200
        if sys.platform.startswith("linux"):
            with Path(f"/proc/{sidecar.popen.pid}/status").open() as file:
                peak = int(next(line for line in file if line.startswith("VmHWM")).split()[1])
            assert peak < 400_000


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "where to send to is missing"),
        (["--upstream", "ftp://x"], "upstream: must be a URL with http or https"),
        (["--upstream", f"http://user:{SECRET}@x"], "upstream: must hold no user or password"),
        (["--upstream", "http://x", "--listen", "4318"], "listen: must be HOST:PORT"),
        (
            ["--upstream", "http://x", "--listen", "0.0.0.0:4318"],
            "can be reached from other machines without TLS",
        ),
        (
            ["--upstream", "http://x", "--admin-listen", "0.0.0.0:9464"],
            "can be reached from other machines without TLS",
        ),
        (["--upstream", "http://x", "--tls-cert", "x.pem"], "one needs the other"),
        (["--upstream", "http://x", "--tls-cert", "no.pem", "--tls-key", "no.pem"], "tls_cert, tls_key"),
        (["--upstream", "http://x", "--codec", "xml"], "codec: must be one of auto,"),
        (["--upstream", "http://x", "--disable", "no-such-rule"], "no rule has the id no-such-rule"),
        (["--upstream", "http://x", "--config", "x.toml"], "--upstream belongs into the file"),
        (["--config", "no-such.toml"], "no-such.toml: "),
    ],
)
def test_mistakes_are_one_line(capsys: pytest.CaptureFixture[str], arguments: list[str], words: str) -> None:
    """Exit code 2 and one line that says what to do; never a traceback, never a password."""
    code = cli.run(["sidecar", *arguments])
    err = capsys.readouterr().err
    assert code == 2
    assert words in err
    assert len(err.splitlines()) == 1
    assert not shows(err.encode())


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "routes: at least one"),
        ("routs = 1", "routs: unknown key; did you mean routes?"),
        ("[[routes]]\npath = '/'", "routes[1].upstream: is missing"),
        ("[[routes]]\nupstream = 'http://x'\npath = 'a'", "routes[1].path: must begin with /"),
        (
            "[[routes]]\nupstream = 'http://x'\non_failure = 'pray'",
            "routes[1].on_failure: must be one of mask, block, open",
        ),
        (
            "[[routes]]\nupstream = 'http://x'\n[[routes]]\nupstream = 'http://y'",
            "routes: two have the path /",
        ),
        (
            "[limits]\nmax_request = '64M'\n[[routes]]\nupstream = 'http://x'",
            "limits.max_request: must be a number",
        ),
        (
            "[limits]\nmax_reqest = 1\n[[routes]]\nupstream = 'http://x'",
            "limits.max_reqest: unknown key; did you mean max_request?",
        ),
        (
            "[limits]\nmax_memory = 1\n[[routes]]\nupstream = 'http://x'",
            "limits.max_memory: must hold one body",
        ),
        ("workers = 0\n[[routes]]\nupstream = 'http://x'", "workers: must be a number from 1 to 256"),
        ("listen = ", "Invalid value"),
    ],
)
def test_a_bad_file_is_named_with_its_key(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, text: str, words: str
) -> None:
    """`--check` says file, key and reason."""
    file = tmp_path / "sidecar.toml"
    file.write_text(text)
    code = cli.run(["sidecar", "--config", str(file), "--check"])
    err = capsys.readouterr().err
    assert code == 2
    assert f"{file}: " in err
    assert words in err


def test_an_address_in_use_is_said(store: Store) -> None:
    """Both for one process and for workers' admin port."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        where = f"127.0.0.1:{taken.getsockname()[1]}"
        result = leakscan("sidecar", "--upstream", store.url, "--listen", where)
        assert (result.code, f"cannot listen on {where}" in result.err) == (2, True)
        result = leakscan(
            "sidecar", "--upstream", store.url, "--listen", "127.0.0.1:0", "--admin-listen", where
        )
        assert (result.code, f"cannot listen on {where}" in result.err) == (2, True)


def test_two_routes(store: Store, tmp_path: Path) -> None:
    """The longest prefix wins, and each has its own codec and policy."""
    other = Store()
    config = tmp_path / "sidecar.toml"
    config.write_text(
        f'listen = "127.0.0.1:0"\n[[routes]]\nupstream = "{store.url}"\n'
        f'[[routes]]\npath = "/raw"\nupstream = "{other.url}/in"\ncodec = "text"\n'
    )
    with process("--config", str(config), listen="") as sidecar:
        assert post(sidecar.url, numbered(3), "/other") == 200
        assert post(sidecar.url, numbered(3), "/raw/x") == 200
    assert len(store.bodies) == len(other.bodies) == 1
    other.server.shutdown()
    other.server.server_close()


def test_the_status_page_is_self_contained_and_holds_no_content(store: Store) -> None:
    """Strict policy, nothing from elsewhere, numbers only."""
    with process("--upstream", store.url) as sidecar:
        assert post(sidecar.url, numbered(3)) == 200
        with urllib.request.urlopen(sidecar.admin + "/", timeout=5) as answer:  # noqa: S310 - loopback
            policy, page = answer.headers["Content-Security-Policy"], answer.read().decode()
        assert "default-src 'none'" in policy
        assert "unsafe-inline" not in policy
        assert "http" not in page.replace("http://www.w3.org/2000/svg", "")
        wait_until(
            lambda: any(point["rules"] for point in json.loads(sidecar.get("/status.json")[1])["points"])
        )
        status = json.loads(sidecar.get("/status.json")[1])
        assert status["ready"] is True
        assert status["points"][-1]["rules"] == {"generic-password": 1}
        assert "/items/" not in json.dumps(status)
        assert sidecar.get("/nothing")[0] == 404


def test_it_listens_with_tls(store: Store, tmp_path: Path) -> None:
    """With a certificate, clients that trust it are served, and plain ones are not."""
    if shutil.which("openssl") is None:
        pytest.skip("openssl makes the certificate")
    key, cert = tmp_path / "key.pem", tmp_path / "cert.pem"
    subprocess.run(
        [
            "openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", cert,
            "-days", "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1",
        ],
        check=True, capture_output=True,
    )  # fmt: skip
    with process("--upstream", store.url, "--tls-cert", str(cert), "--tls-key", str(key)) as sidecar:
        assert sidecar.url.startswith("https://")
        request = urllib.request.Request(sidecar.url, data=numbered(3))  # noqa: S310 - loopback
        trusting = ssl.create_default_context(cafile=cert)
        with urllib.request.urlopen(request, timeout=10, context=trusting) as answer:  # noqa: S310 - as above
            assert answer.status == 200
        assert post(sidecar.url.replace("https", "http"), numbered(3)) in {0, 400}
        assert len(store.bodies) == 1


def test_two_thousand_idle_connections(store: Store) -> None:
    """The next client is served while two thousand say nothing."""

    async def main(url: str) -> None:
        port = int(url.rpartition(":")[2])
        idle = [await asyncio.open_connection("127.0.0.1", port) for _ in range(2000)]
        assert await asyncio.to_thread(post, url, numbered(1)) == 200
        for _, writer in idle:
            writer.close()

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard < 4096:
        pytest.skip("too few file descriptors")
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, 4096), hard))
    with process("--upstream", store.url) as sidecar:
        asyncio.run(main(sidecar.url))


def test_upstream_that_is_busy_gets_each_number_in_the_end(store: Store) -> None:
    """429 and 503 reach the client, which tries again: at least once, in its order."""
    store.statuses = [429, 503, 200, 503, 429, 429]
    with process("--upstream", store.url) as sidecar:
        for number in range(10):
            deliver(sidecar.url, numbered(number))
    assert [json.loads(body)["n"] for body in store.bodies] == list(range(10))
