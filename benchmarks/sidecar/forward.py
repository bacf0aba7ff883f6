"""Load on the Forward relay: MB/s a core and added latency, over messages of 1,000 entries and of one.

    python benchmarks/sidecar/forward.py [--seconds 4] [--connections 4] [--json FILE]

Every message asks for an ack, and the next one on its connection waits for it; the receiver behind the
relay acknowledges at once, and the same load goes to it directly for comparison. Speed is bytes of
messages (decompressed) by the CPU seconds that the sidecar's process used. Latency is at half of the
throughput that was reached.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import gzip
import json
import random
import sys
import time
from pathlib import Path
from typing import Any, NamedTuple

sys.path.insert(0, str(Path(__file__).parents[2] / "tests"))

import msgpack
from load import RECORDS, cpu_seconds, message, quantile, secret, sinking

from forward_parts import process

CHUNK = "p8n9gmxTQVC8/nh2wlKKeQ=="
ACK = msgpack.packb({"ack": CHUNK})


class Batch(NamedTuple):
    """What is sent, over and over: a name, the message, its size unpacked, and its records."""

    name: str
    data: bytes
    size: int
    records: int


def entries(dirty: int) -> bytes:
    """Return entries as a container's log has them; one in `dirty` holds a secret, none if it is 0."""
    source = random.Random(1)
    packed = []
    for number in range(RECORDS):
        time_ = msgpack.ExtType(0, (1738108800 + number).to_bytes(4, "big") + bytes(4))
        record = {
            "log": message(source, number),
            "stream": "stdout",
            "kubernetes": {"pod_name": "shop-7d9f", "namespace_name": "web", "container_name": "shop"},
        }
        if dirty and number % dirty == 0:
            record["log"] += f" password={secret(source)}"
        packed.append(msgpack.packb([time_, record]))
    return b"".join(packed)


def batches() -> list[Batch]:
    """Return all that is measured."""
    made = []
    for dirty, word in ((0, "clean"), (100, "1 % with a secret")):
        plain = entries(dirty)
        packed = msgpack.packb(["app", plain, {"chunk": CHUNK, "size": RECORDS}])
        made.append(Batch(f"PackedForward, {word}", packed, len(plain), RECORDS))
        options = {"chunk": CHUNK, "size": RECORDS, "compressed": "gzip"}
        packed = msgpack.packb(["app", gzip.compress(plain), options])
        made.append(Batch(f"the same in gzip, {word}", packed, len(plain), RECORDS))
    one = msgpack.packb(["app", 1738108800, {"log": message(random.Random(1), 1)}, {"chunk": CHUNK}])
    return [*made, Batch("Message, clean", one, len(one), 1)]


def sink(port: int) -> None:
    """Acknowledge every message, until it is ended."""
    import uvloop  # noqa: PLC0415 - in its own process

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        unpacker = msgpack.Unpacker(max_buffer_size=1 << 28)
        while data := await reader.read(1 << 18):
            unpacker.feed(data)
            with contextlib.suppress(msgpack.OutOfData):
                while True:
                    unpacker.skip()
                    writer.write(ACK)

    async def main() -> None:
        server = await asyncio.start_server(serve, "127.0.0.1", port, limit=1 << 20)
        await server.serve_forever()

    with contextlib.suppress(KeyboardInterrupt):
        uvloop.run(main())


async def drive(port: int, batch: Batch, seconds: float, connections: int, rate: float) -> list[float]:
    """Send a message over and over, at most `rate` times a second over all connections; return latencies."""
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
            writer.write(batch.data)
            assert await reader.readexactly(len(ACK)) == ACK
            latencies.append(time.perf_counter() - began)
        writer.close()

    await asyncio.gather(*(client(number) for number in range(connections)))
    return latencies


def measure(batch: Batch, seconds: float, connections: int) -> dict[str, Any]:
    """Return what one batch costs."""
    import uvloop  # noqa: PLC0415 - not everywhere

    given = ("--forward-listen", "127.0.0.1:0", "--admin-listen", "127.0.0.1:0", "--forward-upstream")
    with sinking(sink) as store, process(*given, store.removeprefix("http://")) as sidecar:
        port, direct_port = (int(where.rpartition(":")[2]) for where in (sidecar.where[0], store))
        uvloop.run(drive(port, batch, 1, connections, 0))  # warm
        used, began = cpu_seconds(sidecar.popen.pid), time.perf_counter()
        sent = len(uvloop.run(drive(port, batch, seconds, connections, 0)))
        used = cpu_seconds(sidecar.popen.pid) - used
        rate = sent / (time.perf_counter() - began) / 2
        through = uvloop.run(drive(port, batch, seconds, connections, rate))
        direct = uvloop.run(drive(direct_port, batch, seconds, connections, rate))
        metrics = sidecar.get("/metrics")[1]
        counted = next(line for line in metrics.splitlines() if line.startswith("leakscan_records_total"))
        assert float(counted.split()[1]) % batch.records == 0
        assert float(counted.split()[1]) >= batch.records * (sent + len(through))
    return {
        "batch": batch.name,
        "mb_s_core": round(sent * batch.size / used / 1e6, 1),
        "records_s_core": round(sent * batch.records / used),
        "p50_added_ms": round((quantile(through, 50) - quantile(direct, 50)) * 1000, 2),
        "p99_added_ms": round((quantile(through, 99) - quantile(direct, 99)) * 1000, 2),
    }


def main() -> None:
    """Measure all batches."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seconds", type=float, default=4)
    parser.add_argument("--connections", type=int, default=4)
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    results = []
    for batch in batches():
        results.append(measure(batch, given.seconds, given.connections))
        print(*results[-1].values(), sep="\t", flush=True)
    if given.json:
        given.json.write_text(json.dumps(results, indent=1) + "\n")


if __name__ == "__main__":
    main()
