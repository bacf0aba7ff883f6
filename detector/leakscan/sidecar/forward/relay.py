"""The relay: listens for Forward clients, and lets them finish when it is told to stop.

Not here: what happens on a connection (`session`).
"""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING, Final

from leakscan.errors import ConfigError
from leakscan.terminal import say

from ..tls import upstream_tls
from .credentials import credentials
from .endpoint import mark_of, remove, unix_socket
from .frames import CHUNK
from .place import Place
from .session import Session

if TYPE_CHECKING:
    import socket
    import ssl
    from collections.abc import Mapping

    from ..config import Config
    from ..proxy import Proxy

_BACKLOG: Final = 1024
#: Seconds for sessions to end once they are cut off.
_PATIENCE: Final = 2.0
#: The gauge of clients.
_CONNECTIONS: Final = "leakscan_forward_connections"


class _Reader(asyncio.StreamReader):
    """What came before a reset counts: clients that ask for no ack end like that."""

    def set_exception(self, exc: BaseException) -> None:  # noqa: ARG002 - the end is all that matters
        """End the stream."""
        self.feed_eof()


class Relay:
    """All listeners of one process."""

    def __init__(
        self,
        proxy: Proxy,
        tls: ssl.SSLContext | None,
        *,
        shares_port: bool,
        sockets: Mapping[str, socket.socket] | None = None,
    ) -> None:
        """Make it in the loop that serves.

        Args:
            proxy: has the state, and what all share.
            tls: what to listen with; not used on unix sockets.
            shares_port: whether other processes listen on the same ports.
            sockets: unix sockets by path that are listening already, and belong to somebody else.

        """
        self._proxy = proxy
        self._tls = tls
        self._shares_port = shares_port
        self._sockets = sockets or {}
        self._sessions: dict[Session, asyncio.Task[None]] = {}
        self._servers: list[asyncio.Server] = []
        self._is_stopping = False
        self._own: list[tuple[str, tuple[int, int] | None]] = []
        config = proxy.state.config
        verified = upstream_tls(config)
        self._places = [
            Place(proxy, number, known, verified) for number, known in enumerate(credentials(config))
        ]

    async def start(self) -> list[str]:
        """Listen; return where.

        Raises:
            ConfigError: an endpoint cannot be listened on.

        """
        where = []
        loop = asyncio.get_running_loop()
        for place in self._places:
            forward = place.forward
            protocol = partial(self._protocol, place)
            address, path = forward.listen.address, forward.listen.path
            if address is None:
                ours = self._sockets.get(path)
                if ours is None:
                    ours = unix_socket(path, forward.socket_mode)
                    self._own.append((path, mark_of(path)))
                server = await loop.create_unix_server(protocol, sock=ours)
                where.append(str(forward.listen))
            else:
                try:
                    server = await loop.create_server(
                        protocol, address.host, address.port, ssl=self._tls,
                        reuse_port=self._shares_port or None, backlog=_BACKLOG,
                    )  # fmt: skip
                except OSError as error:
                    reason = error.strerror or error
                    raise ConfigError(f"cannot listen on {address}: {reason}") from None
                host, port = server.sockets[0].getsockname()[:2]
                shown = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
                where.append(f"{'tls' if self._tls else 'tcp'}://{shown}")
            self._servers.append(server)
        return where

    def reload(self, config: Config) -> None:
        """Use the keys that are in the files now, for connections from now on.

        Raises:
            ConfigError: one is unusable; the old ones stay.

        """
        for place, known in zip(self._places, credentials(config), strict=True):
            place.known = known

    async def stop(self, seconds: float) -> None:
        """Take no more clients; what is under way has some seconds to finish."""
        for server in self._servers:
            server.close()
        for path, mark in self._own:
            remove(path, mark)
        self._is_stopping = True
        for session in list(self._sessions):
            session.leave()
        loop = asyncio.get_running_loop()
        end = loop.time() + seconds
        # those that were accepted before come in yet
        await asyncio.sleep(0)
        while self._sessions and loop.time() < end:
            await asyncio.wait(self._sessions.values(), timeout=end - loop.time())
        left = list(self._sessions.values())
        for task in left:
            task.cancel()
        if left:
            say(f"time is up: {len(left)} Forward clients are cut off")
            await asyncio.wait(left, timeout=_PATIENCE)

    def _protocol(self, place: Place) -> asyncio.StreamReaderProtocol:
        return asyncio.StreamReaderProtocol(_Reader(limit=CHUNK), partial(self._serve, place))

    async def _serve(self, place: Place, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        metrics = self._proxy.metrics
        if len(self._sessions) >= self._proxy.state.config.limits.max_connections:
            metrics.count("leakscan_refused", label="connections")
            writer.transport.abort()
            return
        session = Session(place, reader, writer)
        task = asyncio.current_task()
        if task is None:
            raise RuntimeError("a connection is served by a task")
        self._sessions[session] = task
        if self._is_stopping:
            session.leave()
        metrics.gauges[_CONNECTIONS] += 1
        try:
            await session.run()
        except asyncio.CancelledError:
            pass  # the end of `stop`
        except Exception as error:  # noqa: BLE001 - its message could quote a message
            metrics.count("leakscan_refused", label="error")
            say(f"internal error in the Forward relay ({type(error).__name__})")
        finally:
            metrics.gauges[_CONNECTIONS] -= 1
            self._sessions.pop(session, None)
