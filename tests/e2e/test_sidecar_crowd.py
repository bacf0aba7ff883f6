"""The sidecar in a crowd: bombs, big bodies, slow and silent clients; memory is bounded, others go on."""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import random
import resource
import string
import sys
import threading
import time
import urllib.error
import urllib.request
import zlib
from pathlib import Path
from typing import TYPE_CHECKING, Self

import pytest

sys.path.insert(0, str(Path(__file__).parents[1]))

import cramjam

from sidecar_parts import Process, Store, numbered, post, process, shows, wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif(not sys.platform.startswith("linux"), reason="needs /proc"),
]

MIB = 1 << 20
LINE = b'{"message":"' + b"all is well " * 80 + b'"}\n'
CROWD = 2000


@pytest.fixture
def store() -> Iterator[Store]:
    """Give an upstream."""
    one = Store()
    yield one
    one.server.shutdown()
    one.server.server_close()


@pytest.fixture
def _descriptors() -> None:
    """Allow as many connections as the crowd has."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard < 2 * CROWD:
        pytest.skip("too few file descriptors")
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, 2 * CROWD), hard))


def memory(sidecar: Process, kind: str = "VmHWM") -> int:
    """Return the memory that the sidecar has, or had at most, in MiB."""
    text = Path(f"/proc/{sidecar.popen.pid}/status").read_text()
    return int(text.split(kind + ":")[1].split()[0]) // 1024


def status_of(url: str, body: bytes, coding: str) -> int:
    """Send a packed body and return the status."""
    headers = {"Content-Type": "application/x-ndjson", "Content-Encoding": coding}
    request = urllib.request.Request(url, data=body, headers=headers)  # noqa: S310 - loopback
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310 - as above
            return int(answer.status)
    except urllib.error.HTTPError as error:
        error.close()
        return error.code


class Others:
    """A client that sends small bodies while something else happens, and notes how long each took."""

    def __init__(self, sidecar: Process) -> None:
        self.slowest = 0.0
        self.served = 0
        self._sidecar = sidecar
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run)

    def _run(self) -> None:
        while not self._stop.is_set():
            began = time.monotonic()
            assert post(self._sidecar.url, numbered(self.served)) == 200
            self.slowest = max(self.slowest, time.monotonic() - began)
            self.served += 1
            time.sleep(0.01)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()


def bombs() -> dict[str, bytes]:
    """Return bodies that unpack to a gigabyte and more, by coding."""
    part = gzip.compress(bytes(MIB), 9)
    return {
        "gzip": part * 1024,
        "deflate": zlib.compress(bytes(1024 * MIB), 9),
        "zstd": bytes(cramjam.zstd.compress(bytes(1024 * MIB))),
        "snappy": bytes(cramjam.snappy.compress_raw(bytes(1024 * MIB))),
        "gzip, gzip": gzip.compress(part * 4096, 9),
    }


def test_bombs_are_refused(store: Store) -> None:
    """Gigabytes of nothing, in every coding and doubly packed, all at once: 413, and nothing grows."""
    with process("--upstream", store.url) as sidecar:
        before = memory(sidecar)
        statuses: dict[str, int] = {}
        with Others(sidecar) as others:
            threads = [
                threading.Thread(
                    target=lambda c=coding, b=body: statuses.update({c: status_of(sidecar.url, b, c)})
                )
                for coding, body in bombs().items()
            ]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
        assert set(statuses.values()) == {413}, statuses
        assert memory(sidecar) - before < 300
        assert others.served > 3
        assert others.slowest < 5


def test_a_body_of_64_mib_passes_and_a_longer_one_does_not(store: Store) -> None:
    """To the byte, also when it has to be rewritten; others are served meanwhile."""
    secret = "".join(random.choices(string.ascii_letters + string.digits, k=24))
    dirty = f'{{"password":"{secret}"}}\n'.encode()
    clean = LINE * (64 * MIB // len(LINE))
    clean += b" " * (64 * MIB - len(clean))
    assert len(clean) == 64 * MIB
    with process("--upstream", store.url) as sidecar:
        with Others(sidecar) as others:
            assert post(sidecar.url, clean) == 200
            assert post(sidecar.url, dirty + clean[len(dirty) :]) == 200
            assert post(sidecar.url, clean + b" ") == 413
        big = [body for body in store.bodies if len(body) > MIB]
        assert big[0] == clean
        assert not shows(big[1], secret)
        assert big[1].endswith(clean[-MIB:])
        assert others.served > 3
        assert others.slowest < 5
        assert memory(sidecar) < 512


def test_many_big_bodies_at_once_wait_for_memory(store: Store) -> None:
    """Twelve times 32 MiB with a budget of 256: all are served in the end, and the budget holds."""
    body = LINE * (32 * MIB // len(LINE))
    with process("--upstream", store.url) as sidecar:
        statuses: list[int] = []
        threads = [
            threading.Thread(target=lambda: statuses.append(status_of(sidecar.url, body, "identity")))
            for _ in range(12)
        ]
        with Others(sidecar) as others:
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
        assert statuses == [200] * 12
        assert others.served > 3
        assert memory(sidecar) < 256 + 192
        wait_until(lambda: "leakscan_held_bytes 0.0" in sidecar.get("/metrics")[1])


def connections(sidecar: Process) -> float:
    """Return how many clients are connected."""
    lines = sidecar.get("/metrics")[1].splitlines()
    return float(next(line for line in lines if line.startswith("leakscan_open_connections ")).split()[1])


@pytest.mark.usefixtures("_descriptors")
@pytest.mark.parametrize(
    "said", [b"", b"POST / HTTP/1.1\r\nHost: x\r\nContent-Le"], ids=["silent", "half a head"]
)
def test_two_thousand_idle_connections(store: Store, said: bytes) -> None:
    """The next clients are served as fast as ever, and a connection costs some kilobytes."""

    async def main(sidecar: Process) -> None:
        port = int(sidecar.url.rpartition(":")[2])
        before = memory(sidecar, "VmRSS")
        idle = []
        for _ in range(CROWD):
            _, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(said)
            idle.append(writer)
        began = time.monotonic()
        for number in range(20):
            assert await asyncio.to_thread(post, sidecar.url, numbered(number)) == 200
        assert time.monotonic() - began < 5
        assert memory(sidecar, "VmRSS") - before < 100
        await asyncio.to_thread(wait_until, lambda: connections(sidecar) >= CROWD)
        for writer in idle:
            writer.close()

    with process("--upstream", store.url) as sidecar:
        asyncio.run(main(sidecar))
        wait_until(lambda: connections(sidecar) == 0)
        assert sidecar.stop() == 0


@pytest.mark.usefixtures("_descriptors")
def test_two_thousand_idle_connections_over_grpc(store: Store) -> None:
    """The next call is taken: its answer is that upstream speaks no gRPC."""
    grpc = pytest.importorskip("grpc")
    arguments = (
        "--grpc-listen",
        "127.0.0.1:0",
        "--grpc-upstream",
        store.url,
        "--admin-listen",
        "127.0.0.1:0",
    )

    async def main(sidecar: Process) -> None:
        host, _, port = sidecar.grpc.removeprefix("http://").partition(":")
        before = memory(sidecar, "VmRSS")
        idle = [await asyncio.open_connection(host, int(port)) for _ in range(CROWD)]
        async with grpc.aio.insecure_channel(f"{host}:{port}") as channel:
            method = channel.unary_unary("/opentelemetry.proto.collector.logs.v1.LogsService/Export")
            with pytest.raises(grpc.aio.AioRpcError) as error:
                await method(b"\xff", timeout=10)
        assert error.value.code() is grpc.StatusCode.INVALID_ARGUMENT
        assert memory(sidecar, "VmRSS") - before < 200
        for _, writer in idle:
            writer.close()

    with process(*arguments, listen="") as sidecar:
        asyncio.run(main(sidecar))


def test_clients_that_send_a_byte_a_second(store: Store, tmp_path: Path) -> None:
    """A hundred of them, with heads and with bodies: cut off in their time, and nobody else notices."""
    config = tmp_path / "sidecar.toml"
    config.write_text(
        f'listen = "127.0.0.1:0"\nadmin_listen = "127.0.0.1:0"\n[[routes]]\nupstream = "{store.url}"\n'
        "[limits]\nbody_timeout = 4.0\nheader_timeout = 4.0\n"
    )

    async def drip(port: int, said: bytes) -> bytes:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(said)
        answer = asyncio.ensure_future(reader.read(100))
        with contextlib.suppress(ConnectionError):
            for _ in range(15):
                if answer.done():
                    break
                writer.write(b"a")
                await writer.drain()
                await asyncio.wait([answer], timeout=1)
        writer.close()
        with contextlib.suppress(ConnectionError):
            return await answer
        return b""

    async def main(sidecar: Process) -> list[bytes]:
        port = int(sidecar.url.rpartition(":")[2])
        body = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n"
        return await asyncio.gather(*(drip(port, said) for said in [body] * 50 + [b"POST /"] * 50))

    with process("--config", str(config), listen="") as sidecar:
        before = memory(sidecar, "VmRSS")
        began = time.monotonic()
        with Others(sidecar) as others:
            answers = asyncio.run(main(sidecar))
        assert time.monotonic() - began < 12
        assert all(answer.startswith(b"HTTP/1.1 408") for answer in answers[:50])
        assert all(answer == b"" for answer in answers[50:])
        assert others.served > 50
        assert others.slowest < 2
        assert memory(sidecar, "VmRSS") - before < 50
