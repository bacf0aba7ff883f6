"""What goes to upstream for one client, and the acks that come back.

A client that asks for acks keeps what was not acknowledged, so when upstream fails it is cut off, and
sends again. A client that asks for none cannot be told, so its message is held and tried until upstream
takes it.

Not here: what comes from the client (`session`), the connection to upstream (`upstream`).
"""

from __future__ import annotations

import asyncio
import secrets
from typing import TYPE_CHECKING, Final

from ..codecs import MalformedError
from ..codecs.message import HEARTBEAT, Message, read, with_chunk
from .handshake import SALT
from .upstream import Upstream, UpstreamError, connect

if TYPE_CHECKING:
    from ..metrics import Metrics
    from .place import Place

#: Pauses before upstream is tried again: they double.
_FIRST_PAUSE, _LAST_PAUSE = 0.05, 5.0
#: Acks that a client does not read.
_MAX_UNREAD: Final = 1 << 18
#: Messages of one client that wait for an ack; more are not read.
_MAX_EXPECTED: Final = 1024
_ANSWERS: Final = "leakscan_upstream_responses"
_UNDER_WAY: Final = "leakscan_in_flight_requests"


class CutOffError(Exception):
    """The client is to be cut off; the message is the reason that is counted."""


class Delivery:
    """The way of one client's messages. Make it in the loop that serves."""

    def __init__(self, place: Place, writer: asyncio.StreamWriter, metrics: Metrics) -> None:
        """Make one for messages of a client that came to a place; `writer` is the client's."""
        self._place = place
        self._writer = writer
        self._metrics = metrics
        self._upstream: Upstream | None = None
        self._expected: set[asyncio.Future[bytes]] = set()
        self._held = 0
        self._under_way = 0
        self._has_ended = False
        self.asks_for_acks = False

    def begin(self) -> None:
        """Note that a message is under way; `send` ends that, or the ack."""
        self._under_way += 1
        self._metrics.gauges[_UNDER_WAY] += 1

    async def send(self, data: bytes, chunk: bytes | None, *, requires_ack: bool) -> None:
        """Send a message on.

        Args:
            data: the message, rewritten.
            chunk: what the client's ack says, None if it asks for none.
            requires_ack: whether upstream is asked for an ack all the same.

        Raises:
            CutOffError: the client must send it again.

        """
        if chunk is not None:
            await self._send_for_ack(data, chunk)
        else:
            await self._send_until_taken(data, _message(data) if requires_ack else None)

    async def beat(self) -> None:
        """Pass a heartbeat on; a client whose upstream is away is cut off."""
        try:
            await (await self._connected()).send(HEARTBEAT)
        except UpstreamError as error:
            raise self._failed(error) from None

    async def _send_for_ack(self, data: bytes, chunk: bytes) -> None:
        """Send a message whose client waits for an ack; if that fails, the client sends it again."""
        self.asks_for_acks = True
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
        self._metrics.count(_ANSWERS, label="ack")
        self._writer.write(ack.result())

    async def _send_until_taken(self, data: bytes, message: Message | None) -> None:
        """Send a message whose client does not look back, again and again until upstream has it."""
        self._held += 1
        pause = _FIRST_PAUSE
        while True:
            try:
                await self._send(data, message)
            except UpstreamError as error:
                self._failed(error)
                await asyncio.sleep(pause)
                pause = min(2 * pause, _LAST_PAUSE)
            else:
                break
        self._held -= 1
        self._finish()

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
        self._metrics.count(_ANSWERS, label="ack")

    async def _connected(self) -> Upstream:
        if self._upstream is not None and self._upstream.is_lost:
            old, self._upstream = self._upstream, None
            await old.close()
        if self._upstream is None:
            place = self._place
            self._upstream = await connect(place.forward, place.known, place.limits, place.tls)
            self._upstream.listen()
            place.note("")
        return self._upstream

    def _failed(self, error: UpstreamError) -> CutOffError:
        self._metrics.count(_ANSWERS, label="0")
        self._place.note(str(error))
        return CutOffError("upstream")

    def _finish(self) -> None:
        if not self._has_ended:
            self._under_way -= 1
            self._metrics.gauges[_UNDER_WAY] -= 1

    async def settled(self) -> None:
        """Wait until no ack is to come any more."""
        if self._expected:
            await asyncio.wait(self._expected)

    async def end(self) -> None:
        """Let what was sent leave, and close the connection to upstream."""
        self._has_ended = True
        # what asks for no ack and is not sent is lost; the rest is still with the client
        self._metrics.count("leakscan_forward_lost", self._held)
        self._metrics.gauges[_UNDER_WAY] -= self._under_way
        if self._upstream is not None:
            await self._upstream.close()


def _message(data: bytes) -> Message | None:
    """Read a message; None for what passes as it is, by policy."""
    try:
        return read(data)
    except MalformedError:
        return None
