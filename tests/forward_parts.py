"""What the relay's tests share: a receiver that keeps all it gets, a client, and the relay. Not a test."""

from __future__ import annotations

import asyncio
import contextlib
import inspect
import io
import random
import string
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import msgpack

import sidecar_parts
from leakscan import Scanner
from leakscan.sidecar.codecs import Redaction
from leakscan.sidecar.config import Config, check
from leakscan.sidecar.forward.relay import Relay
from leakscan.sidecar.forward.settings import from_table
from leakscan.sidecar.limits import Limits
from leakscan.sidecar.metrics import Metrics
from leakscan.sidecar.proxy import Proxy, State
from sidecar_parts import run

if TYPE_CHECKING:
    import ssl
    from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
    from pathlib import Path

    from sidecar_parts import Process

REDACTION = Redaction.of(Scanner(key=b"an obviously fake key"))
SECRET = "".join(random.Random(24224).choices(string.ascii_letters + string.digits, k=24))
PUT = "[REDACTED:generic-password]"
#: 2015-09-07 01:23:04.000000123 as EventTime: extension type 0, seconds and nanoseconds.
TIME = bytes.fromhex("d70055ece6f80000007b")


def entry(record: dict[str, Any]) -> bytes:
    """Return an entry with a time in nanoseconds."""
    return b"\x92" + TIME + msgpack.packb(record)


def records_of(message: Any) -> Iterator[tuple[Any, Any]]:
    """Give time and record of each entry of an unpacked message that is not compressed."""
    if isinstance(message[1], bytes):
        yield from msgpack.Unpacker(io.BytesIO(message[1]), strict_map_key=False)
    elif isinstance(message[1], list):
        yield from message[1]
    else:
        yield message[1], message[2]


def numbers_of(messages: list[Any]) -> set[int]:
    """Return the numbers of the records in messages."""
    found = [record for message in messages for _, record in records_of(message)]
    masked = [record for record in found if "n" not in record]
    assert not masked, masked[:1]
    return {record["n"] for record in found}


@dataclass
class Receiver:
    """An upstream that keeps messages, their bytes too, and acknowledges as told.

    Attributes:
        where: as the relay's `upstream` has it.
        messages: unpacked.
        raw: every byte that came, by connection.
        acks: whether acks are given.
        resets: connections to reset after this many messages each, first come first.
        hangs: nothing is read.
        beats: heartbeats that came.
        open: connections.
        kept_back: acks that were not given.

    """

    where: str = ""
    messages: list[Any] = field(default_factory=list)
    raw: list[bytearray] = field(default_factory=list)
    acks: bool = True
    resets: list[int] = field(default_factory=list)
    hangs: bool = False
    beats: int = 0
    open: int = 0
    kept_back: list[tuple[asyncio.StreamWriter, bytes]] = field(default_factory=list)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Take one connection."""
        raw = bytearray()
        self.raw.append(raw)
        self.open += 1
        left = self.resets.pop(0) if self.resets else None
        unpacker = msgpack.Unpacker(strict_map_key=False, max_buffer_size=1 << 28)
        try:
            while True:
                while self.hangs:  # noqa: ASYNC110 - a plain flag
                    await asyncio.sleep(0.01)
                data = await reader.read(1 << 16)
                if not data:
                    break
                raw += data
                unpacker.feed(data)
                for message in unpacker:
                    if left == 0:
                        writer.transport.abort()
                        return
                    left = None if left is None else left - 1
                    self.take(message, writer)
        except OSError:
            pass
        finally:
            self.open -= 1
            writer.close()

    def take(self, message: Any, writer: asyncio.StreamWriter) -> None:
        """Keep a message, and acknowledge it."""
        if message is None:
            self.beats += 1
            return
        self.messages.append(message)
        options = message[-1]
        if isinstance(options, dict) and "chunk" in options:
            self.kept_back.append((writer, msgpack.packb({"ack": options["chunk"]})))
        if self.acks:
            self.acknowledge()

    def acknowledge(self) -> None:
        """Give the acks that were kept back."""
        for writer, ack in self.kept_back:
            writer.write(ack)
        self.kept_back.clear()

    @property
    def bytes(self) -> bytes:
        """Everything that came."""
        return b"".join(bytes(raw) for raw in self.raw)


@contextlib.asynccontextmanager
async def receiver(
    path: Path | None = None, tls: ssl.SSLContext | None = None, host: str = "127.0.0.1"
) -> AsyncIterator[Receiver]:
    """Run a receiver until the end of the block."""
    kept = Receiver()
    if path is not None:
        server = await asyncio.start_unix_server(kept.serve, str(path))
        kept.where = f"unix:{path}"
    else:
        server = await asyncio.start_server(kept.serve, host, 0, ssl=tls)
        port = server.sockets[0].getsockname()[1]
        kept.where = f"{'tls://' if tls else ''}{'localhost' if tls else host}:{port}"
    try:
        yield kept
    finally:
        server.close()


@dataclass
class Running:
    """The relay in this process."""

    relay: Relay
    proxy: Proxy
    metrics: Metrics
    where: list[str]

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self.where[0].rpartition(":")[2])

    def count(self, name: str, label: str = "") -> float:
        """Return a counter."""
        return self.metrics.snapshot().counters.get((name, label), 0)


@contextlib.asynccontextmanager
async def relay(
    upstream: str,
    *,
    limits: Limits | None = None,
    config: dict[str, Any] | None = None,
    tls: ssl.SSLContext | None = None,
    drain: float = 0.2,
    **table: Any,
) -> AsyncIterator[Running]:
    """Run the relay on a port of its own."""
    forward = from_table({"listen": "127.0.0.1:0", "upstream": upstream, **table}, "forward.")
    made = check(Config(forward=(forward,), limits=limits or Limits(), **(config or {})))
    metrics = Metrics()
    proxy = Proxy(State(made, REDACTION), metrics)
    one = Relay(proxy, tls, shares_port=False)
    where = await one.start()
    try:
        yield Running(one, proxy, metrics, where)
    finally:
        await one.stop(drain)
        proxy.rewriter.close()


@dataclass
class Client:
    """A client that reads what comes back."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    _unpacker: Any = field(default_factory=msgpack.Unpacker)

    async def send(self, *messages: Any) -> None:
        """Send messages, packed or not."""
        for message in messages:
            self.writer.write(message if isinstance(message, bytes) else msgpack.packb(message))
        await self.writer.drain()

    async def value(self) -> Any:
        """Return the next value that comes; None at the end."""
        while True:
            for value in self._unpacker:
                return value
            try:
                data = await self.reader.read(1 << 16)
            except OSError:
                return None
            if not data:
                return None
            self._unpacker.feed(data)


@contextlib.asynccontextmanager
async def client(where: str, tls: ssl.SSLContext | None = None) -> AsyncIterator[Client]:
    """Connect to `tcp://HOST:PORT` or `unix:/path`."""
    if where.startswith("unix:"):
        reader, writer = await asyncio.open_unix_connection(where.removeprefix("unix:"))
    else:
        host, _, port = where.rpartition("/")[2].rpartition(":")
        reader, writer = await asyncio.open_connection(host, int(port), ssl=tls)
    try:
        yield Client(reader, writer)
    finally:
        writer.close()


async def until(condition: Any, seconds: float = 10) -> None:
    """Wait until a condition holds."""
    end = asyncio.get_running_loop().time() + seconds
    while not condition():
        assert asyncio.get_running_loop().time() < end, "waited in vain"
        await asyncio.sleep(0.01)


async def deliver(where: str, numbers: range, acknowledged: set[int]) -> None:
    """Send numbered records with secrets until each is acknowledged, as a shipper does."""
    for number in numbers:
        record = {"n": number, "password": SECRET}
        while number not in acknowledged:
            try:
                async with client(where) as shipper, asyncio.timeout(5):
                    await shipper.send(["app", 1, record, {"chunk": str(number)}])
                    if await shipper.value() == {"ack": str(number)}:
                        acknowledged.add(number)
            except OSError:
                await asyncio.sleep(0.01)


def live(test: Callable[..., Coroutine[Any, Any, None]]) -> Callable[..., None]:
    """Run an asynchronous test, at most for a minute."""

    def wrapped(**fixtures: Any) -> None:
        run(test(**fixtures))

    wrapped.__name__, wrapped.__doc__ = test.__name__, test.__doc__
    wrapped.__signature__ = inspect.signature(test)  # type: ignore[attr-defined] # what pytest asks for
    return wrapped


def process(
    *arguments: str, listeners: int = 1, **environment: str
) -> contextlib.AbstractContextManager[Process]:
    """Run `leakscan sidecar` with nothing but relays until the end of the block."""
    return sidecar_parts.process(*arguments, listen="", relays=listeners, **environment)
