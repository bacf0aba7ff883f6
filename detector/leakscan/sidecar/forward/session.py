"""One client: its messages are rewritten and sent on in their order, and upstream's acks go back to it.

A client that asks for acks keeps what was not acknowledged, so when upstream fails it is cut off, and
sends again. A client that asks for none cannot be told, so its message is held and tried until upstream
takes it; meanwhile nothing more is read from it. Each client has a connection to upstream of its own.

Not here: listening (`relay`), the connection to upstream (`upstream`).
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import secrets
import time
from typing import TYPE_CHECKING, Final

from .. import accesslog
from ..codecs import MalformedError
from ..codecs.message import HEARTBEAT, Message, read, with_chunk
from ..compression import TooLargeError
from ..config import Route
from ..memory import FREE, ShortError
from ..rewriting import STATUSES, Job, RefusedError
from .frames import CHUNK, Frames
from .handshake import MAX_VALUE, SALT, HandshakeError, Helo, helo, pong, read_ping
from .upstream import Upstream, UpstreamError, connect

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable

    from ..proxy import Proxy, State
    from .credentials import Credentials
    from .settings import Forward

#: Pauses before upstream is tried again: they double.
_FIRST_PAUSE, _LAST_PAUSE = 0.05, 5.0
#: While draining, a client without acks that says nothing for so long has said all.
_QUIET: Final = 0.5
#: Acks that a client does not read.
_MAX_UNREAD: Final = 1 << 18
#: Messages of one client that wait for an ack; more are not read.
_MAX_EXPECTED: Final = 1024
#: Seconds for what was written to a client to leave.
_PATIENCE: Final = 2.0
_CODEC: Final = "forward"
_OK: Final = 200


class _CutOffError(Exception):
    """The client is cut off; the message is the reason that is counted."""


class Session:
    """A connection of a client. Exchanged state is used from the next message on."""

    def __init__(
        self,
        proxy: Proxy,
        place: int,
        tls: ssl.SSLContext | None,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        known: Callable[[], Credentials],
        note: Callable[[str], None],
    ) -> None:
        """Make one.

        Args:
            proxy: has the state, and what all share.
            place: which of the listeners it came to.
            tls: how to verify upstream.
            reader: the client.
            writer: the client.
            known: gives the keys for the handshakes.
            note: is told why upstream failed, and nothing when it works.

        """
        self._proxy = proxy
        self._place = place
        self._tls = tls
        self._reader = reader
        self._writer = writer
        self._known = known
        self._note = note
        self._limits = proxy.state.config.limits
        self._frames = Frames(self._limits.max_request)
        self._upstream: Upstream | None = None
        self._task: asyncio.Task[None] | None = None
        self._held = 0
        self._under_way = 0
        self._expected: set[asyncio.Future[bytes]] = set()
        self._asks_for_acks = False
        self._has_said_so = False
        self._has_ended = False
        self._is_reading = False
        self._leaving = asyncio.Event()

    async def run(self) -> None:
        """Serve the client until it leaves or is cut off."""
        self._task = asyncio.current_task()
        try:
            await self._shake_hands()
            await self._serve()
        except _CutOffError as error:
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

    @property
    def _state(self) -> State:
        return self._proxy.state

    @property
    def _forward(self) -> Forward:
        return self._state.config.forward[self._place]

    async def _shake_hands(self) -> None:
        known = self._known()
        if known.shared_key is None:
            return
        name = self._forward.hostname.encode()
        hello = Helo(os.urandom(SALT), os.urandom(SALT) if known.users else b"")
        frames = Frames(MAX_VALUE)
        try:
            async with asyncio.timeout(self._limits.header_timeout):
                self._writer.write(helo(hello))
                values: list[bytes] = []
                while not values:
                    data = await self._reader.read(CHUNK)
                    if not data:
                        raise _CutOffError("client-gone")
                    values = frames.feed(data)
                looked_at = read_ping(values[0], hello, known.shared_key, known.users)
                self._writer.write(pong(looked_at, hello, name, known.shared_key))
                await self._writer.drain()
        except (TimeoutError, HandshakeError, MalformedError, TooLargeError):
            raise _CutOffError("handshake") from None
        if looked_at.reason:
            self._writer.close()
            raise _CutOffError("handshake")

    async def _serve(self) -> None:
        slow = 0.0
        while True:
            if not self._frames.pending:
                slow = 0.0
            elif not slow:
                slow = asyncio.get_running_loop().time() + self._limits.body_timeout
            try:
                async with asyncio.timeout_at(slow or None):
                    data = await self._read()
                    await self._take(len(data))
            except TimeoutError:
                raise _CutOffError("slow") from None
            if not data:
                break
            try:
                values = self._frames.feed(data)
            except MalformedError:
                raise _CutOffError("malformed") from None
            except TooLargeError:
                raise _CutOffError("too-large") from None
            for value in values:
                await self._relay(value)
            if values:
                slow = 0.0
                self._give()
        if self._expected:
            await asyncio.wait(self._expected)

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
        if self._asks_for_acks:
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
                raise _CutOffError("memory") from None
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
            await self._beat()
            return
        began = time.monotonic()
        state, forward = self._state, self._forward
        message = _message(value)
        chunk = message.chunk if message is not None else None
        # what is refused without an ack would be lost
        policy = "mask" if forward.on_failure == "block" and chunk is None else forward.on_failure
        route = Route(upstream="", codec=_CODEC, on_failure=policy)
        job = Job(value, "", {}, route, state.redaction, self._limits)
        self._start()
        try:
            done = await self._proxy.rewriter.rewritten(job)
        except RefusedError as error:
            self._finish()
            raise _CutOffError(STATUSES.get(error.status, error.reason)) from None
        if chunk is not None:
            await self._send_for_ack(done.body, chunk)
        else:
            await self._send_until_taken(done.body, asks=forward.require_ack)
        if state.config.access_log:
            access = accesslog.Access(
                "FORWARD", str(forward.listen), _OK, len(value), len(done.body), time.monotonic() - began,
                _CODEC, sum(done.tally.by_rule.values()),
            )  # fmt: skip
            accesslog.write(access, state.redaction.scanner)

    async def _beat(self) -> None:
        """Pass a heartbeat on; a client whose upstream is away is cut off."""
        try:
            await (await self._connected()).send(HEARTBEAT)
        except UpstreamError as error:
            raise self._failed(error) from None

    async def _send_for_ack(self, data: bytes, chunk: bytes) -> None:
        """Send a message whose client waits for an ack; if that fails, the client sends it again."""
        self._asks_for_acks = True
        while len(self._expected) >= _MAX_EXPECTED:
            await asyncio.wait(self._expected, return_when=asyncio.FIRST_COMPLETED)
        try:
            upstream = await self._connected()
            ack = upstream.expect(chunk)
            self._expected.add(ack)
            ack.add_done_callback(self._pass_on)
            await upstream.send(data)
        except UpstreamError as error:
            raise self._failed(error) from None

    def _pass_on(self, ack: asyncio.Future[bytes]) -> None:
        """Tell the client what became of a message."""
        self._expected.discard(ack)
        self._finish()
        if self._has_ended or ack.cancelled():
            return
        error = ack.exception()
        if error is not None or self._writer.transport.get_write_buffer_size() > _MAX_UNREAD:
            if isinstance(error, UpstreamError):
                self._failed(error)
            self._writer.transport.abort()
            return
        self._proxy.metrics.count("leakscan_upstream_responses", label="ack")
        self._writer.write(ack.result())

    async def _send_until_taken(self, data: bytes, *, asks: bool) -> None:
        """Send a message whose client does not look back, again and again until upstream has it."""
        message = _message(data) if asks else None
        pause = _FIRST_PAUSE
        while True:
            try:
                await self._send(data, message)
            except UpstreamError as error:
                self._failed(error)
                await asyncio.sleep(pause)
                pause = min(2 * pause, _LAST_PAUSE)
            else:
                self._finish()
                return

    async def _send(self, data: bytes, message: Message | None) -> None:
        """Send a message once; if it is given, wait for an ack."""
        upstream = await self._connected()
        if message is None:
            await upstream.send(data)
            return
        chunk = secrets.token_hex(SALT)
        ack = upstream.expect(chunk.encode())
        await upstream.send(with_chunk(message, chunk))
        await ack
        self._proxy.metrics.count("leakscan_upstream_responses", label="ack")

    async def _connected(self) -> Upstream:
        if self._upstream is not None and self._upstream.is_lost:
            old, self._upstream = self._upstream, None
            await old.close()
        if self._upstream is None:
            self._upstream = await connect(self._forward, self._known(), self._limits, self._tls)
            self._upstream.listen()
            self._note("")
        return self._upstream

    def _failed(self, error: UpstreamError) -> _CutOffError:
        self._proxy.metrics.count("leakscan_upstream_responses", label="0")
        self._note(str(error))
        return _CutOffError("upstream")

    def _start(self) -> None:
        self._under_way += 1
        self._proxy.metrics.gauges["leakscan_in_flight_requests"] += 1

    def _finish(self) -> None:
        if not self._has_ended:
            self._under_way -= 1
            self._proxy.metrics.gauges["leakscan_in_flight_requests"] -= 1

    async def _end(self) -> None:
        # what asks for no ack and is not sent is lost; the rest is still with the client
        lost = self._under_way - len(self._expected)
        if lost > 0 and not self._asks_for_acks:
            self._proxy.metrics.count("leakscan_forward_lost", lost)
        self._has_ended = True
        gauges = self._proxy.metrics.gauges
        gauges["leakscan_in_flight_requests"] -= self._under_way
        gauges["leakscan_held_bytes"] -= self._held
        self._proxy.memory.give(self._held)
        if self._upstream is not None:
            await self._upstream.close()
        self._writer.close()
        with contextlib.suppress(OSError, TimeoutError):
            await asyncio.wait_for(self._writer.wait_closed(), _PATIENCE)
        self._writer.transport.abort()


def _message(data: bytes) -> Message | None:
    """Read a message; None for what passes as it is, by policy."""
    try:
        return read(data)
    except MalformedError:
        return None
