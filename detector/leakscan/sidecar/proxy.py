"""The reverse proxy: a request comes, its body is rewritten and sent on, and upstream's answer goes back.

Nothing is kept: a client hears of success only from upstream. Bodies are read within limits and a budget of
memory; answers are passed on as they come.

Not here: what a body becomes (`rewriting`), starting and stopping (`service`).
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import aiohttp
from aiohttp import web
from yarl import URL

from leakscan.config import Config as ScannerConfig

from . import accesslog
from .codecs import Redaction, wire
from .headers import end_to_end, for_upstream
from .memory import FREE, Memory, ShortError
from .rewriter import Rewriter
from .rewriting import STATUSES, TOO_LARGE, Job, RefusedError
from .tls import upstream_tls

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from .config import Config, Route
    from .metrics import Metrics

#: Methods whose bodies are no log data.
_READING: Final = frozenset({"GET", "HEAD", "OPTIONS", "DELETE"})
_REFUSED_METHODS: Final = frozenset({"CONNECT", "TRACE"})
_CHUNK: Final = 1 << 16
_PIECE: Final = 1 << 18
#: A kept connection that upstream closes first makes a request fail; so ours close first.
_KEEP_UPSTREAM: Final = 4.0
#: The status for a body that takes too long.
_SLOW: Final = 408
#: The status when memory is short; shippers try again.
_BUSY: Final = 429
#: A body that said its size and has sent so much gets memory for all of it.
_BIG: Final = 1 << 20
_JSON: Final = "application/json"
_PROTOBUF: Final = "protobuf"
#: What shippers try again.
_RETRIED: Final = frozenset({429, 502, 503, 504})


@dataclass(frozen=True, slots=True)
class State:
    """What a reload exchanges: configuration, redaction, and the scanner's own configuration, at once."""

    config: Config
    redaction: Redaction
    scanner_config: ScannerConfig = field(default_factory=ScannerConfig)


class Proxy:
    """Serves requests. `state` may be exchanged at any time; a request keeps what it began with."""

    def __init__(self, state: State, metrics: Metrics) -> None:
        self.state = state
        self.is_draining = False
        self._metrics = metrics
        self._memory = Memory(state.config.limits.max_memory)
        self.rewriter = Rewriter(metrics)
        self._session: aiohttp.ClientSession | None = None

    async def open(self) -> None:
        """Make the client for upstream. To be called in the loop that serves."""
        limits = self.state.config.limits
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(
                limit=limits.max_upstream,
                ssl=upstream_tls(self.state.config) if self.state.config.upstream_ca else True,
                keepalive_timeout=_KEEP_UPSTREAM,
            ),
            timeout=aiohttp.ClientTimeout(
                total=2 * limits.upstream_timeout,
                connect=limits.upstream_timeout,
                sock_connect=limits.connect_timeout,
                sock_read=limits.upstream_timeout,
            ),
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            skip_auto_headers=("Accept", "Accept-Encoding", "Content-Type", "User-Agent"),
            max_line_size=limits.max_headers,
            max_field_size=limits.max_headers,
        )

    async def close(self) -> None:
        """Close the client."""
        if self._session is not None:
            await self._session.close()
        self.rewriter.close()

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        """Answer one request."""
        state = self.state
        began = time.monotonic()
        gauges = self._metrics.gauges
        gauges["leakscan_in_flight_requests"] += 1
        exchange = _Exchange(self, state, request)
        try:
            response = await exchange.run()
            if self.is_draining:
                response.force_close()
            return response
        finally:
            exchange.release()
            gauges["leakscan_in_flight_requests"] -= 1
            if state.config.access_log:
                exchange.log(time.monotonic() - began)

    @property
    def session(self) -> aiohttp.ClientSession:
        """The client for upstream."""
        if self._session is None:
            raise RuntimeError("the proxy is not open")
        return self._session

    @property
    def metrics(self) -> Metrics:
        """The counters."""
        return self._metrics

    @property
    def memory(self) -> Memory:
        """The budget that all bodies share."""
        return self._memory


class _Exchange:
    """One request and its answer."""

    def __init__(self, proxy: Proxy, state: State, request: web.BaseRequest) -> None:
        self._proxy = proxy
        self._state = state
        self._request = request
        self._held = 0
        self._received = 0
        self._sent = 0
        self._status = 0
        self._codec = "none"
        self._redacted = 0

    async def run(self) -> web.StreamResponse:
        """Return the answer; it may have been sent already."""
        request = self._request
        route = self._state.config.route(request.raw_path.partition("?")[0])
        try:
            if request.method in _REFUSED_METHODS:
                return self._answer(405, "method not allowed")
            if route is None:
                return self._answer(404, "no route has this path")
            body = await self._read()
            if request.method not in _READING and (body or "query=" in request.query_string):
                state = self._state
                job = Job(
                    body, request.raw_path, _facts(request), route, state.redaction, state.config.limits
                )
                done = await self._proxy.rewriter.rewritten(job)
                self._codec, self._redacted = done.codec, sum(done.tally.by_rule.values())
                target = done.target or request.raw_path
                return await self._forward(route, target, done.body, has_changed=done.body is not body)
            return await self._forward(route, request.raw_path, body, has_changed=False)
        except RefusedError as error:
            self._proxy.metrics.count("leakscan_refused", label=STATUSES.get(error.status, error.reason))
            return self._answer(error.status, error.reason)
        except (ConnectionError, aiohttp.ClientPayloadError, web.RequestPayloadError):
            self._proxy.metrics.count("leakscan_refused", label="client-gone")
            return self._answer(400, "the body did not arrive")
        except Exception as error:  # noqa: BLE001 - its message could quote a body
            self._proxy.metrics.count("leakscan_refused", label="error")
            return self._answer(500, f"internal error ({type(error).__name__})")

    def release(self) -> None:
        """Give the memory back."""
        self._proxy.memory.give(self._held)
        self._proxy.metrics.gauges["leakscan_held_bytes"] -= self._received
        self._held = 0

    def log(self, seconds: float) -> None:
        """Write to the access log."""
        request = self._request
        accesslog.write(
            accesslog.Access(
                request.method, request.raw_path, self._status, self._received, self._sent, seconds,
                self._codec, self._redacted,
            ),
            self._state.redaction.scanner,
        )  # fmt: skip

    async def _read(self) -> bytes:
        request, limits = self._request, self._state.config.limits
        if (request.content_length or 0) > limits.max_request:
            raise RefusedError(TOO_LARGE, "request")
        if not request.body_exists:
            return b""
        if request.headers.get("Expect", "").lower() == "100-continue" and request.transport is not None:
            request.transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        # one buffer: pieces of many bodies side by side would leave the heap full of holes
        buffer = bytearray()
        try:
            async with asyncio.timeout(limits.body_timeout):
                async for piece in request.content.iter_any():
                    await self._take(len(piece))
                    buffer += piece
                    if self._received > limits.max_request:
                        raise RefusedError(TOO_LARGE, "request")
        except TimeoutError:
            raise RefusedError(_SLOW, "slow") from None
        body = bytes(buffer)
        self._proxy.metrics.count("leakscan_received_bytes", len(body))
        return body

    async def _take(self, size: int) -> None:
        """Count bytes that arrived; beyond what is free, wait for memory."""
        self._received += size
        self._proxy.metrics.gauges["leakscan_held_bytes"] += size
        needed = self._received
        if needed > _BIG:
            # one that holds a part and waits is in the way of others: from here on for all of it at once
            needed = max(needed, self._request.content_length or 0)
        wanted = needed - FREE - self._held
        if wanted > 0:
            try:
                await self._proxy.memory.take(wanted, self._held)
            except ShortError:
                raise RefusedError(_BUSY, "memory") from None
            self._held += wanted

    async def _forward(
        self, route: Route, target: str, body: bytes, *, has_changed: bool
    ) -> web.StreamResponse:
        request = self._request
        url = URL(route.upstream + target, encoded=True)
        headers = for_upstream(request.headers, has_changed=has_changed)
        if body:
            headers["Content-Length"] = str(len(body))
        for attempt in (1, 2):
            try:
                data = _data(body) if body or request.method not in _READING else None
                async with self._proxy.session.request(
                    request.method, url, data=data, headers=headers, allow_redirects=False
                ) as answer:
                    self._proxy.metrics.count("leakscan_upstream_responses", label=str(answer.status))
                    return await self._pass_on(answer)
            except aiohttp.ServerDisconnectedError:
                # a kept connection that upstream had just closed: once more, on another one
                if attempt == 1:
                    continue
                return self._no_answer(502, "upstream closed the connection")
            except TimeoutError:
                return self._no_answer(504, "upstream did not answer in time")
            except aiohttp.ClientConnectorCertificateError:
                return self._no_answer(502, "upstream's certificate is not trusted")
            except (aiohttp.ClientError, OSError) as error:
                return self._no_answer(502, f"upstream cannot be reached ({type(error).__name__})")
        raise AssertionError

    async def _pass_on(self, answer: aiohttp.ClientResponse) -> web.StreamResponse:
        response = web.StreamResponse(
            status=answer.status, reason=answer.reason, headers=end_to_end(answer.headers)
        )
        response.headers.setdefault("Server", "leakscan")
        if self._proxy.is_draining:
            response.force_close()
        self._status = answer.status
        most = self._state.config.limits.max_response
        if (answer.content_length or 0) > most and self._request.method != "HEAD":
            return self._no_answer(502, "upstream's answer is too long")
        if "Content-Length" not in response.headers and self._request.version >= aiohttp.HttpVersion11:
            response.enable_chunked_encoding()
        await response.prepare(self._request)
        try:
            async for piece in answer.content.iter_chunked(_CHUNK):
                self._sent += len(piece)
                if self._sent > most:
                    self._cut_off()
                    return response
                await response.write(piece)
            await response.write_eof()
        except (aiohttp.ClientError, OSError, TimeoutError):
            # the head is out: only an unclean end tells the client that this answer is none
            self._cut_off()
        return response

    def _cut_off(self) -> None:
        self._proxy.metrics.count("leakscan_refused", label="upstream-cut-off")
        if self._request.transport is not None:
            self._request.transport.abort()

    def _no_answer(self, status: int, reason: str) -> web.Response:
        self._proxy.metrics.count("leakscan_upstream_responses", label="0")
        return self._answer(status, reason)

    def _answer(self, status: int, reason: str) -> web.Response:
        """Return an answer of our own, in the form that the client reads."""
        self._status = status
        text = f"leakscan: {reason}"
        kind = self._request.content_type
        if _PROTOBUF in kind:
            response = web.Response(status=status, body=wire.field(2, text.encode()), content_type=kind)
        elif kind == _JSON:
            response = web.json_response({"message": text}, status=status)
        else:
            response = web.Response(status=status, text=text + "\n")
        if status in _RETRIED:
            response.headers["Retry-After"] = str(self._state.config.limits.retry_after)
        if not self._request.content.is_eof() or status == _SLOW:
            response.force_close()  # the rest of the body is not read
        return response


def _data(body: bytes) -> bytes | AsyncIterator[memoryview]:
    """Return a body as aiohttp shall write it: a big one in pieces, or the transport would copy it whole."""
    return body if len(body) <= _PIECE else _pieces(body)


async def _pieces(body: bytes) -> AsyncIterator[memoryview]:
    view = memoryview(body)
    for start in range(0, len(body), _PIECE):
        yield view[start : start + _PIECE]


def _facts(request: web.BaseRequest) -> dict[str, str]:
    """Return the headers that say how to read a body; a repeated one is one list."""
    headers = request.headers
    names = ("Content-Encoding", "Content-Type", "X-ClickHouse-Format")
    return {name: ", ".join(headers.getall(name)) for name in names if name in headers}
