"""What the sidecar's tests share: an upstream that keeps all it gets, and the proxy. Not a test."""

from __future__ import annotations

import asyncio
import contextlib
import http.client
import json
import os
import random
import shutil
import signal
import socket
import string
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest
from aiohttp import web

from leakscan import Scanner
from leakscan.sidecar.codecs import Redaction
from leakscan.sidecar.config import Address, Config, Route, check
from leakscan.sidecar.limits import Limits
from leakscan.sidecar.metrics import Metrics
from leakscan.sidecar.proxy import Proxy, State
from leakscan.sidecar.server import Server

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Iterator

REDACTION = Redaction.of(Scanner(key=b"an obviously fake key"))
SECRET = "".join(random.Random(66).choices(string.ascii_letters + string.digits, k=24))


@dataclass
class Seen:
    """One request as upstream saw it."""

    method: str
    target: str
    headers: Any
    body: bytes


@dataclass
class Upstream:
    """A store that keeps everything; `answer` may be exchanged."""

    url: str = ""
    seen: list[Seen] = field(default_factory=list)
    answer: Callable[[web.BaseRequest], Awaitable[web.StreamResponse]] | None = None

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        """Keep a request, and answer."""
        body = await request.read()
        self.seen.append(Seen(request.method, request.raw_path, request.headers, body))
        if self.answer is not None:
            return await self.answer(request)
        return web.Response(status=200, text="stored", headers={"X-Store": "yes"})

    @property
    def bodies(self) -> bytes:
        """Everything that came."""
        return b"\n".join(item.body for item in self.seen)


@contextlib.asynccontextmanager
async def upstream() -> AsyncIterator[Upstream]:
    """Run an upstream on a port of its own."""
    store = Upstream()
    runner = web.ServerRunner(web.Server(store.handle, auto_decompress=False), shutdown_timeout=0.2)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    store.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield store
    finally:
        await runner.cleanup()


@dataclass
class Running:
    """The proxy in this process."""

    url: str
    proxy: Proxy
    metrics: Metrics
    server: Server
    client: aiohttp.ClientSession


@contextlib.asynccontextmanager
async def sidecar(
    url: str, *, limits: Limits | None = None, config: dict[str, Any] | None = None, **route: Any
) -> AsyncIterator[Running]:
    """Run the proxy on a port of its own."""
    made = Config(
        routes=(Route(upstream=url, **route),),
        listen=Address(host="127.0.0.1", port=0),
        limits=limits or Limits(),
        **(config or {}),
    )
    metrics = Metrics()
    proxy = Proxy(State(check(made), REDACTION), metrics)
    await proxy.open()
    server = Server(proxy, metrics, made.limits)
    runner = web.ServerRunner(server, shutdown_timeout=0.2)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        async with aiohttp.ClientSession(auto_decompress=False) as client:
            yield Running(f"http://127.0.0.1:{runner.addresses[0][1]}", proxy, metrics, server, client)
    finally:
        await runner.cleanup()
        await proxy.close()


def shows(data: bytes, secret: str = SECRET) -> bool:
    """Tell whether data hold 8 consecutive characters of a secret."""
    raw = secret.encode()
    return any(raw[start : start + 8] in data for start in range(len(raw) - 7))


@dataclass
class Process:
    """The command as users start it; `where` is where its Forward relays listen."""

    popen: subprocess.Popen[str]
    url: str
    admin: str
    said: list[str]
    where: list[str] = field(default_factory=list)
    grpc: str = ""

    def get(self, path: str) -> tuple[int, str]:
        """Ask the admin port."""
        try:
            with urllib.request.urlopen(self.admin + path, timeout=5) as answer:  # noqa: S310 - our own port
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()

    def stop(self, number: int = signal.SIGTERM) -> int:
        """Send a signal and return the exit code."""
        if self.popen.poll() is None:
            self.popen.send_signal(number)
        code = self.popen.wait(40)
        if self.popen.stderr is not None:
            self.said += self.popen.stderr.read().splitlines()
        return code


@contextlib.contextmanager
def process(
    *arguments: str, listen: str = "127.0.0.1:0", relays: int = 0, **environment: str
) -> Iterator[Process]:
    """Run `leakscan sidecar` until the end of the block; `listen` is left out when it is empty.

    `relays` is how many Forward listeners there are, if there is nothing else.
    """
    given = ["--listen", listen, "--admin-listen", "127.0.0.1:0"] if listen else []
    popen = subprocess.Popen(
        [sys.executable, "-m", "leakscan", "sidecar", *given, *arguments],
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"LEAKSCAN_KEY": "an obviously fake key of the tests"} | environment,
    )
    running = Process(popen, "", "", [])
    assert popen.stderr is not None
    try:
        while (
            len(running.where) < relays
            if relays
            else not running.url and (not running.grpc or "--upstream" in arguments)
        ):
            line = popen.stderr.readline()
            assert line, "\n".join(running.said)
            running.said.append(line.rstrip("\n"))
            words = line.replace(",", " ").split()
            if "admin on" in line:
                running.admin = words[-1].rstrip("/")
            elif "Forward on" in line:
                running.where.append(words[3])
            elif "gRPC on" in line:
                running.grpc = words[3]
            elif "listening on" in line:
                running.url = words[3]
        yield running
    finally:
        if popen.poll() is None:
            popen.kill()
        popen.wait()
        popen.stderr.close()


class Store:
    """An upstream in a thread: keeps bodies, and answers as told."""

    def __init__(self) -> None:
        self.bodies: list[bytes] = []
        self.delay = 0.0
        self.success = 200
        self.statuses: list[int] = []
        store = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                time.sleep(store.delay)
                status = store.statuses.pop(0) if store.statuses else store.success
                if status == store.success:
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


def free_port() -> int:
    """Return a port that nobody listens on right now."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port


def numbered(number: int, secrets: list[str] | None = None) -> bytes:
    """Return a numbered NDJSON record; every third one has a made-up secret, which is noted."""
    record: dict[str, Any] = {"n": number, "message": f"GET /items/{number} 200"}
    if number % 3 == 0:
        secret = "".join(random.choices(string.ascii_letters + string.digits, k=24))
        record["password"] = secret
        if secrets is not None:
            secrets.append(secret)
    return json.dumps(record).encode() + b"\n"


def certificate(folder: Path) -> tuple[Path, Path]:
    """Make a certificate for this machine that nobody else has signed; return key and chain."""
    if shutil.which("openssl") is None:
        pytest.skip("openssl makes the certificate")
    key, chain = folder / "key.pem", folder / "chain.pem"
    subprocess.run(
        [
            "openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", chain,
            "-days", "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1,DNS:localhost",
        ],
        check=True, capture_output=True,
    )  # fmt: skip
    return key, chain


def wait_until(condition: Callable[[], bool], seconds: float = 20) -> None:
    """Wait until a condition holds."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.02)


def run(coroutine: Any) -> Any:
    """Run a coroutine, at most for a minute."""
    return asyncio.run(asyncio.wait_for(coroutine, 60))


HERE = Path(__file__).parent
