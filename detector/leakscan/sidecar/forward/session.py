"""One client: its messages are rewritten and sent on in their order, and upstream's acks go back to it.

While a message waits for upstream nothing more is read. Each client has a connection to upstream of its
own.

Not here: listening (`relay`), what upstream makes of a message (`delivery`).
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import time
from typing import TYPE_CHECKING, Final

from .. import accesslog
from ..codecs import MalformedError
from ..codecs.message import HEARTBEAT, read
from ..compression import TooLargeError
from ..config import Route
from ..memory import FREE, ShortError
from ..rewriting import STATUSES, Job, RefusedError
from .delivery import CutOffError, Delivery
from .frames import CHUNK, Frames
from .handshake import MAX_VALUE, SALT, HandshakeError, Helo, helo, pong, read_ping

if TYPE_CHECKING:
    from .place import Place

#: While draining, a client without acks that says nothing for so long has said all.
_QUIET: Final = 0.5
#: Seconds for what was written to a client to leave.
_PATIENCE: Final = 2.0
_CODEC: Final = "forward"
_OK: Final = 200


class Session:
    """A connection of a client. Exchanged state is used from the next message on."""

    def __init__(self, place: Place, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Make one for a client that came to a place."""
        self._place = place
        self._proxy = place.proxy
        self._reader = reader
        self._writer = writer
        self._frames = Frames(place.limits.max_request)
        self._delivery = Delivery(place, writer, place.proxy.metrics)
        self._task: asyncio.Task[None] | None = None
        self._held = 0
        self._has_said_so = False
        self._is_reading = False
        self._leaving = asyncio.Event()

    async def run(self) -> None:
        """Serve the client until it leaves or is cut off."""
        self._task = asyncio.current_task()
        try:
            await self._shake_hands()
            await self._serve()
        except CutOffError as error:
            self._proxy.metrics.count("leakscan_refused", label=str(error))
            self._writer.transport.abort()
        except OSError:
            self._proxy.metrics.count("leakscan_refused", label="client-gone")
        finally:
            await self._end()

    def leave(self) -> None:
        """Finish what is under way, and take no more."""
        self._leaving.set()
        if self._is_reading and self._task is not None:
            self._task.cancel()

    async def _shake_hands(self) -> None:
        known = self._place.known
        if known.shared_key is None:
            return
        name = self._place.forward.hostname.encode()
        hello = Helo(os.urandom(SALT), os.urandom(SALT) if known.users else b"")
        frames = Frames(MAX_VALUE)
        try:
            async with asyncio.timeout(self._place.limits.header_timeout):
                self._writer.write(helo(hello))
                values: list[bytes] = []
                while not values:
                    data = await self._reader.read(CHUNK)
                    if not data:
                        raise CutOffError("client-gone")
                    values = frames.feed(data)
                looked_at = read_ping(values[0], hello, known.shared_key, known.users)
                self._writer.write(pong(looked_at, hello, name, known.shared_key))
                await self._writer.drain()
        except (TimeoutError, HandshakeError, MalformedError, TooLargeError):
            raise CutOffError("handshake") from None
        if looked_at.reason:
            self._writer.close()
            raise CutOffError("handshake")

    async def _serve(self) -> None:
        slow = 0.0
        while True:
            if not self._frames.pending:
                slow = 0.0
            elif not slow:
                slow = asyncio.get_running_loop().time() + self._place.limits.body_timeout
            try:
                async with asyncio.timeout_at(slow or None):
                    data = await self._read()
                    await self._take(len(data))
            except TimeoutError:
                raise CutOffError("slow") from None
            if not data:
                break
            try:
                values = self._frames.feed(data)
            except MalformedError:
                raise CutOffError("malformed") from None
            except TooLargeError:
                raise CutOffError("too-large") from None
            for value in values:
                await self._relay(value)
            if values:
                slow = 0.0
                self._give()
        await self._delivery.settled()

    async def _read(self) -> bytes:
        """Return what the client sends; nothing when that was all."""
        if not self._leaving.is_set():
            self._is_reading = True
            try:
                return await self._reader.read(CHUNK)
            except asyncio.CancelledError:
                if not self._leaving.is_set() or self._task is None:
                    raise
                self._task.uncancel()
            finally:
                self._is_reading = False
        if self._delivery.asks_for_acks:
            return b""
        if not self._has_said_so and self._writer.can_write_eof():
            self._has_said_so = True
            with contextlib.suppress(OSError):
                self._writer.write_eof()  # a client that looks goes elsewhere with its next message
        with contextlib.suppress(TimeoutError):
            return await asyncio.wait_for(self._reader.read(CHUNK), _QUIET)
        return b""

    async def _take(self, size: int) -> None:
        """Count bytes that arrived; beyond what is free, wait for memory."""
        self._proxy.metrics.count("leakscan_received_bytes", size)
        wanted = max(0, self._frames.pending + size - FREE) - self._held
        if wanted > 0:
            try:
                await self._proxy.memory.take(wanted, self._held)
            except ShortError:
                raise CutOffError("memory") from None
            self._held += wanted
            self._proxy.metrics.gauges["leakscan_held_bytes"] += wanted

    def _give(self) -> None:
        """Give back the memory of messages that are sent."""
        spare = self._held - max(0, self._frames.pending - FREE)
        if spare > 0:
            self._proxy.memory.give(spare)
            self._held -= spare
            self._proxy.metrics.gauges["leakscan_held_bytes"] -= spare

    async def _relay(self, value: bytes) -> None:
        if value == HEARTBEAT:
            await self._delivery.beat()
            return
        began = time.monotonic()
        state, forward = self._proxy.state, self._place.forward
        chunk = _chunk_of(value)
        # what is refused without an ack would be lost
        policy = "mask" if forward.on_failure == "block" and chunk is None else forward.on_failure
        route = Route(upstream="", codec=_CODEC, on_failure=policy)
        job = Job(value, "", {}, route, state.redaction, self._place.limits)
        self._delivery.begin()
        try:
            done = await self._proxy.rewriter.rewritten(job)
        except RefusedError as error:
            raise CutOffError(STATUSES.get(error.status, error.reason)) from None
        await self._delivery.send(done.body, chunk, requires_ack=forward.require_ack)
        if state.config.access_log:
            access = accesslog.Access(
                "FORWARD", str(forward.listen), _OK, len(value), len(done.body), time.monotonic() - began,
                _CODEC, sum(done.tally.by_rule.values()),
            )  # fmt: skip
            accesslog.write(access, state.redaction.scanner)

    async def _end(self) -> None:
        gauges = self._proxy.metrics.gauges
        gauges["leakscan_held_bytes"] -= self._held
        self._proxy.memory.give(self._held)
        await self._delivery.end()
        self._writer.close()
        with contextlib.suppress(OSError, TimeoutError):
            await asyncio.wait_for(self._writer.wait_closed(), _PATIENCE)
        self._writer.transport.abort()


def _chunk_of(value: bytes) -> bytes | None:
    """Return what an ack of a message says; None if it asks for none, or is no message."""
    try:
        return read(value).chunk
    except MalformedError:
        return None
