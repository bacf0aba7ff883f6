"""One connection to upstream: made with the handshake that it asks for, written to, and read for acks.

Not here: which messages go over it, and what an ack means for a client (`session`).
"""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import socket
import ssl
import sys
from typing import TYPE_CHECKING, Final

from ..codecs import MalformedError
from ..codecs.message import acknowledged
from ..compression import TooLargeError
from .frames import CHUNK, Frames
from .handshake import MAX_VALUE, SALT, HandshakeError, is_helo, ping, read_helo, read_pong

if TYPE_CHECKING:
    from ..limits import Limits
    from .credentials import Credentials
    from .settings import Forward

#: An ack is a chunk's name, which is 24 or 32 characters long.
_MAX_ACK: Final = 1 << 14
#: Seconds for what is written to leave when a connection is closed.
_PATIENCE: Final = 5.0
_CLOSED: Final = "upstream closed the connection"


class UpstreamError(Exception):
    """Upstream cannot be reached, or is gone. The message says why, and holds nothing that upstream said."""


class Upstream:
    """A connection. Make it with `connect`."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, limits: Limits) -> None:
        self._reader = reader
        self._writer = writer
        self._limits = limits
        self._frames = Frames(max(_MAX_ACK, MAX_VALUE))
        self._expected: dict[bytes, list[asyncio.Future[bytes]]] = {}
        self._task: asyncio.Task[None] | None = None
        self._reason = ""

    @property
    def is_lost(self) -> bool:
        """Whether nothing can be sent any more."""
        return bool(self._reason) or self._writer.is_closing()

    def listen(self) -> None:
        """Read acks from now on."""
        self._task = asyncio.create_task(self._read())

    def expect(self, chunk: bytes) -> asyncio.Future[bytes]:
        """Return what will be the ack for a chunk as it comes, or an `UpstreamError`.

        Without an ack in time, the connection is given up.
        """
        loop = asyncio.get_running_loop()
        ack: asyncio.Future[bytes] = loop.create_future()
        seconds = self._limits.upstream_timeout
        timer = loop.call_later(seconds, self.abort, "upstream does not acknowledge in time")
        ack.add_done_callback(lambda _: timer.cancel())
        self._expected.setdefault(chunk, []).append(ack)
        return ack

    async def send(self, data: bytes) -> None:
        """Write a message; returns when there is room for more.

        Raises:
            UpstreamError: upstream is gone.

        """
        if not self.is_lost:
            try:
                self._writer.write(data)
                await self._writer.drain()
            except OSError as error:
                self.abort(f"upstream is gone ({type(error).__name__})")
        if self.is_lost:
            raise UpstreamError(self._reason or _CLOSED)

    def abort(self, reason: str) -> None:
        """Give the connection up at once."""
        self._reason = self._reason or reason
        self._writer.transport.abort()

    async def close(self) -> None:
        """Let what was written leave, and close the connection."""
        if not self.is_lost:
            self._reason = "closed"
            self._writer.close()
            with contextlib.suppress(OSError, TimeoutError):
                await asyncio.wait_for(self._writer.wait_closed(), _PATIENCE)
        self._writer.transport.abort()
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    async def shake_hands(self, forward: Forward, known: Credentials) -> None:
        """Do what upstream asks for.

        Raises:
            HandshakeError: it refuses us, or cannot prove that it knows the key.
            UpstreamError: it is gone.

        """
        if known.upstream_key is None:
            return
        name, salt = forward.hostname.encode(), secrets.token_hex(SALT).encode()
        hello = read_helo(await self._value())
        await self.send(ping(hello, name, known.upstream_key, known.upstream_user, salt))
        read_pong(await self._value(), hello, name, known.upstream_key, salt)

    async def _value(self) -> bytes:
        while True:
            try:
                found = self._frames.feed(await self._some())
            except (MalformedError, TooLargeError):
                raise HandshakeError("the handshake is none of Forward's") from None
            if found:
                return found[0]

    async def _some(self) -> bytes:
        try:
            data = await self._reader.read(CHUNK)
        except OSError as error:
            raise UpstreamError(f"upstream is gone ({type(error).__name__})") from None
        if not data:
            raise UpstreamError(_CLOSED)
        return data

    async def _read(self) -> None:
        reason = _CLOSED
        try:
            while True:
                for value in self._frames.feed(await self._some()):
                    self._look_at(value)
        except (UpstreamError, HandshakeError) as error:
            reason = str(error)
        except (MalformedError, TooLargeError):
            reason = "upstream does not speak Forward"
        finally:
            self.abort(reason)
            for acks in self._expected.values():
                for ack in acks:
                    if not ack.done():
                        ack.set_exception(UpstreamError(self._reason))
                        ack.exception()  # it is nobody's fault if nobody waits any more
            self._expected.clear()

    def _look_at(self, value: bytes) -> None:
        if is_helo(value):
            raise HandshakeError("upstream asks for a shared key")
        chunk = acknowledged(value)
        acks = self._expected.get(chunk) if chunk is not None else None
        if chunk is None or not acks:
            return
        ack = acks.pop(0)
        if not acks:
            del self._expected[chunk]
        if not ack.done():
            ack.set_result(value)


async def connect(
    forward: Forward, known: Credentials, limits: Limits, tls: ssl.SSLContext | None
) -> Upstream:
    """Return a connection that messages can be sent over.

    Args:
        forward: where to.
        known: keys for the handshake.
        limits: of time.
        tls: how to verify upstream; needed if it is reached with TLS.

    Raises:
        UpstreamError: upstream cannot be reached, or refuses us.

    """
    where = forward.upstream
    try:
        async with asyncio.timeout(limits.connect_timeout):
            if where.address is None:
                reader, writer = await asyncio.open_unix_connection(where.path, limit=CHUNK)
            else:
                host, port = where.address.host, where.address.port
                reader, writer = await asyncio.open_connection(
                    host, port, ssl=tls if where.is_tls else None, limit=CHUNK
                )
                _keep_alive(writer, limits.upstream_timeout)
    except TimeoutError:
        raise UpstreamError("upstream does not take the connection in time") from None
    except ssl.SSLCertVerificationError:
        raise UpstreamError("upstream's certificate is not trusted") from None
    except OSError as error:
        raise UpstreamError(f"upstream cannot be reached ({type(error).__name__})") from None
    upstream = Upstream(reader, writer, limits)
    try:
        async with asyncio.timeout(limits.upstream_timeout):
            await upstream.shake_hands(forward, known)
    except (TimeoutError, HandshakeError) as error:
        upstream.abort("handshake")
        reason = str(error) if isinstance(error, HandshakeError) else "upstream does not begin the handshake"
        raise UpstreamError(reason) from None
    except BaseException:
        upstream.abort("handshake")
        raise
    return upstream


def _keep_alive(writer: asyncio.StreamWriter, seconds: float) -> None:
    """Have the system notice an upstream that vanished without a word."""
    ours = writer.get_extra_info("socket")
    with contextlib.suppress(OSError, AttributeError):
        ours.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        if sys.platform == "linux":
            ours.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, max(1, int(seconds)))
