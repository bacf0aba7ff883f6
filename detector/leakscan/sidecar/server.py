"""The HTTP server: aiohttp's, with limits on connections and on the time that a request's head may take.

Not here: what is answered (`proxy`).
"""

from __future__ import annotations

import contextlib
import time
from typing import TYPE_CHECKING, Final

from aiohttp import web

if TYPE_CHECKING:
    import asyncio

    from .limits import Limits
    from .metrics import Metrics
    from .proxy import Proxy

_BUFFER: Final = 1 << 18


class Server(web.Server):
    """aiohttp's server, which also closes connections that send no request, and those over the limit."""

    def __init__(self, proxy: Proxy, metrics: Metrics, limits: Limits) -> None:
        self._idle: dict[object, float] = {}
        self._open = 0
        self._limits = limits
        self._own = metrics

        async def handle(request: web.BaseRequest) -> web.StreamResponse:
            protocol = request.protocol
            self._idle.pop(protocol, None)
            try:
                return await proxy.handle(request)
            finally:
                if request.transport is not None:
                    self._idle[protocol] = time.monotonic()

        super().__init__(
            handle,
            auto_decompress=False,
            access_log=None,
            keepalive_timeout=limits.header_timeout,
            max_line_size=limits.max_headers,
            max_field_size=limits.max_headers,
            lingering_time=1.0,
            read_bufsize=_BUFFER,
        )

    def connection_made(self, handler: web.RequestHandler, transport: asyncio.Transport) -> None:
        """Take a connection, or close it when there are too many."""
        super().connection_made(handler, transport)
        self._open += 1
        if self._open > self._limits.max_connections:
            self._own.count("leakscan_refused", label="connections")
            transport.abort()
            return
        self._idle[handler] = time.monotonic()

    def connection_lost(self, handler: web.RequestHandler, exc: BaseException | None = None) -> None:
        """Forget a connection."""
        self._open -= 1
        self._idle.pop(handler, None)
        super().connection_lost(handler, exc)

    def close_idle(self) -> None:
        """Close what has sent no whole request head for too long. To be called now and then."""
        self._own.gauges["leakscan_open_connections"] = self._open
        late = time.monotonic() - self._limits.header_timeout
        for handler, since in list(self._idle.items()):
            if since < late:
                self._idle.pop(handler, None)
                with contextlib.suppress(Exception):
                    handler.transport.abort()  # type: ignore[attr-defined] # a protocol of aiohttp
