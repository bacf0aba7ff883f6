"""Load on the sidecar: MB/s a core and added latency, over OTLP and NDJSON batches, clean and dirty.

    python benchmarks/sidecar/load.py [--seconds 5] [--connections 8] [--json FILE]
    python benchmarks/sidecar/load.py --minutes 10 [--rate 40] [--json FILE]

The second form sends all four batches in turn, at a rate, for minutes, and looks at the sidecar's memory.

A sink that answers at once stands behind the sidecar; the same load goes to it directly for comparison.
Speed is bytes of bodies (decompressed) by the CPU seconds that the sidecar's process used. Latency is at
half of the throughput that was reached.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import multiprocessing
import os
import random
import socket
import statistics
import string
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

sys.path.insert(0, str(Path(__file__).parents[2] / "tests"))

from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest

from sidecar_parts import free_port, process

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

RECORDS = 1000
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
#: Seconds in which all batches are sent once, between two looks at the memory.
ROUND = 10
TICKS = os.sysconf("SC_CLK_TCK")


def message(source: random.Random, number: int) -> str:
    """Return a line such as services log."""
    return (
        f"GET /api/v1/items/{source.randrange(10_000)}?page={source.randrange(9)} 200 in "
        f"{source.randrange(400)} ms from 10.0.{source.randrange(256)}.{source.randrange(256)} n={number}"
    )


def secret(source: random.Random) -> str:
    """Return a made-up password."""
    return "".join(source.choices(string.ascii_letters + string.digits, k=24))


def ndjson(dirty: int) -> bytes:
    """Return a batch; one record in `dirty` holds a secret, none if it is 0."""
    source = random.Random(1)
    lines = []
    for number in range(RECORDS):
        record = {
            "timestamp": f"2025-01-29T10:{number // 60 % 60:02d}:{number % 60:02d}.000Z",
            "level": "info",
            "service": "shop",
            "trace_id": f"{source.getrandbits(128):032x}",
            "message": message(source, number),
        }
        if dirty and number % dirty == 0:
            record["message"] += f" password={secret(source)}"
        lines.append(json.dumps(record).encode())
    return b"\n".join(lines) + b"\n"


def otlp(dirty: int) -> bytes:
    """Return the same as an OTLP request."""
    source = random.Random(1)
    request = ExportLogsServiceRequest()
    logs = request.resource_logs.add()
    logs.resource.attributes.add(key="service.name").value.string_value = "shop"
    scope = logs.scope_logs.add()
    for number in range(RECORDS):
        record = scope.log_records.add(time_unix_nano=1738108800000000000 + number, severity_text="INFO")
        record.trace_id = source.getrandbits(128).to_bytes(16, "big")
        record.body.string_value = message(source, number)
        for key, value in (("http.method", "GET"), ("http.route", "/api/v1/items/{id}"), ("host", "web-7")):
            record.attributes.add(key=key).value.string_value = value
        if dirty and number % dirty == 0:
            record.body.string_value += f" password={secret(source)}"
    return request.SerializeToString()


class Request(NamedTuple):
    """What is sent, over and over."""

    name: str
    path: str
    kind: str
    body: bytes


class _Sink(asyncio.Protocol):
    """Reads requests with a Content-Length and answers each at once."""

    def connection_made(self, transport: Any) -> None:
        self._transport = transport
        self._left = 0
        self._head = b""

    def data_received(self, data: bytes) -> None:
        while data:
            if self._left:
                taken = min(self._left, len(data))
                self._left -= taken
                data = data[taken:]
            else:
                self._head += data
                end = self._head.find(b"\r\n\r\n")
                if end < 0:
                    return
                head = self._head[:end].lower()
                place = head.find(b"content-length:")
                self._left = int(head[place + 15 :].split(b"\r\n", 1)[0]) if place >= 0 else 0
                data, self._head = self._head[end + 4 :], b""
            if not self._left:
                self._transport.write(ANSWER)


def sink(port: int) -> None:
    """Run the sink until it is ended."""
    import uvloop  # noqa: PLC0415 - in its own process

    async def serve() -> None:
        server = await asyncio.get_running_loop().create_server(_Sink, "127.0.0.1", port)
        await server.serve_forever()

    with contextlib.suppress(KeyboardInterrupt):
        uvloop.run(serve())


@contextlib.contextmanager
def sinking(serve: Callable[[int], None] = sink) -> Iterator[str]:
    """Run a sink in a process of its own."""
    port = free_port()
    worker = multiprocessing.get_context("fork").Process(target=serve, args=(port,), daemon=True)
    worker.start()
    while True:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            break
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        worker.terminate()
        worker.join()


async def drive(url: str, request: Request, seconds: float, connections: int, rate: float) -> list[float]:
    """Send a body over and over, at most `rate` times a second over all connections; return latencies."""
    port = int(url.rpartition(":")[2])
    body = request.body
    head = (
        f"POST {request.path} HTTP/1.1\r\nHost: x\r\nContent-Type: {request.kind}\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    ).encode()
    latencies: list[float] = []
    end = time.perf_counter() + seconds

    async def client(number: int) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        pause = connections / rate if rate else 0.0
        due = time.perf_counter() + pause * number / connections
        while time.perf_counter() < end:
            if pause:
                await asyncio.sleep(max(0.0, due - time.perf_counter()))
                due += pause
            began = time.perf_counter()
            writer.write(head)
            writer.write(body)
            answer = await reader.readuntil(b"\r\n\r\n")
            assert answer.startswith(b"HTTP/1.1 200"), answer[:200]
            latencies.append(time.perf_counter() - began)
        writer.close()

    await asyncio.gather(*(client(number) for number in range(connections)))
    return latencies


def load(url: str, request: Request, seconds: float, connections: int, rate: float = 0) -> list[float]:
    """As `drive`, in a loop of its own."""
    import uvloop  # noqa: PLC0415 - not everywhere

    return uvloop.run(drive(url, request, seconds, connections, rate))


def cpu_seconds(pid: int) -> float:
    """Return the CPU time that a process used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def memory(pid: int) -> int:
    """Return the resident memory of a process, MB."""
    text = Path(f"/proc/{pid}/status").read_text()
    return int(text.split("VmRSS:")[1].split()[0]) // 1024


def measure(request: Request, options: argparse.Namespace) -> dict[str, Any]:
    """Measure one kind of batch."""
    with sinking() as store, process("--upstream", store) as sidecar:
        pid = sidecar.popen.pid
        load(sidecar.url, request, 1, options.connections)
        cpu, first = cpu_seconds(pid), memory(pid)
        began = time.perf_counter()
        done = load(sidecar.url, request, options.seconds, options.connections)
        wall, used = time.perf_counter() - began, cpu_seconds(pid) - cpu
        rate = len(done) / wall / 2
        through = load(sidecar.url, request, options.seconds, options.connections, rate)
        direct = load(store, request, options.seconds, options.connections, rate)
        last = memory(pid)
    body = request.body
    added = [quantile(through, q) - quantile(direct, q) for q in (50, 99)]
    return {
        "batch": request.name,
        "bytes": len(body),
        "MB/s per core": round(len(done) * len(body) / used / 1e6),
        "records/s per core": round(len(done) * RECORDS / used),
        "MB/s wall": round(len(done) * len(body) / wall / 1e6),
        "p50 added ms": round(added[0] * 1000, 2),
        "p99 added ms": round(added[1] * 1000, 2),
        "memory MB": [first, last],
    }


def steady(batches: list[Request], options: argparse.Namespace) -> dict[str, Any]:
    """Send all batches in turn for minutes; return the sidecar's memory after each round."""
    samples: list[int] = []
    sent = 0
    with sinking() as store, process("--upstream", store) as sidecar:
        began = time.monotonic()
        while time.monotonic() < began + options.minutes * 60:
            for batch in batches:
                sent += len(load(sidecar.url, batch, ROUND / len(batches), options.connections, options.rate))
            samples.append(memory(sidecar.popen.pid))
        lines = sidecar.get("/metrics")[1].splitlines()
        counted = next(line for line in lines if line.startswith("leakscan_records_total"))
        assert float(counted.split()[1]) == sent * RECORDS, counted
        cpu = cpu_seconds(sidecar.popen.pid)
    warm = samples[len(samples) // 10 :]
    return {
        "minutes": options.minutes,
        "requests": sent,
        "records": sent * RECORDS,
        "MB": round(sent * sum(len(batch.body) for batch in batches) / len(batches) / 1e6),
        "CPU seconds": round(cpu, 1),
        "memory MB, warm": {"first": warm[0], "least": min(warm), "most": max(warm), "last": warm[-1]},
        "memory MB": samples,
    }


def quantile(values: list[float], percent: int) -> float:
    """Return a percentile."""
    return statistics.quantiles(values, n=100)[percent - 1]


def main() -> None:
    """Run it as a command."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--seconds", type=float, default=5)
    parser.add_argument("--connections", type=int, default=8)
    parser.add_argument("--minutes", type=float)
    parser.add_argument("--rate", type=float, default=40, help="requests a second, with --minutes")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    protobuf, lines = "application/x-protobuf", "application/x-ndjson"
    batches = [
        Request("OTLP clean", "/v1/logs", protobuf, otlp(0)),
        Request("OTLP 1 % dirty", "/v1/logs", protobuf, otlp(100)),
        Request("NDJSON clean", "/", lines, ndjson(0)),
        Request("NDJSON 1 % dirty", "/", lines, ndjson(100)),
    ]
    results = []
    if options.minutes:
        results.append(steady(batches, options))
        print(json.dumps(results[-1]), flush=True)
    else:
        for batch in batches:
            results.append(measure(batch, options))
            print(json.dumps(results[-1]), flush=True)
    if options.json:
        options.json.write_text(json.dumps(results, indent=1) + "\n")


if __name__ == "__main__":
    main()
