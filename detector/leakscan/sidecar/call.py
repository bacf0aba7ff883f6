"""One call over gRPC: its message is read, rewritten and sent on, and upstream's answer goes back.

Metadata, deadline, status and trailers pass both ways: whether and when a sender tries again is upstream's
word. Where the answer is ours it is a status that OTLP senders understand (opentelemetry-proto,
docs/specification.md, "Failures"), with google.rpc.RetryInfo where they shall try again.

Not here: listening and the way to upstream (`calls`), HTTP (`proxy`).
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Final

import grpc
from grpc import StatusCode

from . import accesslog
from .codecs import MalformedError, wire
from .compression import TooLargeError, decompress
from .rewriting import BLOCKED, MALFORMED, STATUSES, TOO_LARGE, UNSUPPORTED, Job, RefusedError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .config import Route
    from .proxy import Proxy, State

#: What a call takes of the budget of memory before its message is read, as nothing tells its size.
RESERVED: Final = 4 << 20
#: A packed message from this size on is unpacked in a thread.
_INLINE: Final = 1 << 15
#: What a packed message begins with; no message of protobuf does.
_GZIP: Final = b"\x1f\x8b"
_SLOW: Final = 408
#: Our reasons, by the status that HTTP has for them. Without RetryInfo, RESOURCE_EXHAUSTED is for good.
_CODES: Final = {
    MALFORMED: StatusCode.INVALID_ARGUMENT,
    UNSUPPORTED: StatusCode.UNIMPLEMENTED,
    BLOCKED: StatusCode.UNAVAILABLE,
    TOO_LARGE: StatusCode.RESOURCE_EXHAUSTED,
    _SLOW: StatusCode.DEADLINE_EXCEEDED,
}
_STATUS_BIN: Final = "grpc-status-details-bin"
#: The tag of field 1, an integer.
_INT32_1: Final = b"\x08"
_RETRY_INFO: Final = b"type.googleapis.com/google.rpc.RetryInfo"
#: Metadata that belongs to one hop, or that the client of the next hop makes itself.
_OF_THE_HOP: Final = frozenset({"user-agent", "te", "content-type", "host"})
Context = grpc.aio.ServicerContext[Any, Any]


class Call:
    """One call and its answer."""

    def __init__(self, proxy: Proxy, route: Route, context: Context) -> None:
        self._proxy = proxy
        self._state: State = proxy.state
        self._route = route
        self._context = context
        self._held = 0
        self._received = 0
        self._sent = 0
        self._redacted = 0
        self._code = StatusCode.CANCELLED

    async def run(self, upstream: Any) -> bytes:
        """Return upstream's answer, or end the call with a status.

        Args:
            upstream: the method there, as `grpc.aio.Channel.unary_unary` gives it.

        Raises:
            grpc.aio.AbortError: the call is ended.

        """
        metrics = self._proxy.metrics
        try:
            message = await self._read()
            is_packed = message.startswith(_GZIP)
            body = await self._unpacked(message) if is_packed else message
            state = self._state
            job = Job(body, self._route.path, {}, self._route, state.redaction, state.config.limits)
            done = await self._proxy.rewriter.rewritten(job)
        except RefusedError as error:
            metrics.count("leakscan_refused", label=STATUSES.get(error.status, error.reason))
            code = _CODES.get(error.status, StatusCode.INTERNAL)
            return await self._end(code, error.reason, is_again=error.status == BLOCKED)
        except Exception as error:  # noqa: BLE001 - its message could quote a message
            metrics.count("leakscan_refused", label="error")
            return await self._end(StatusCode.INTERNAL, f"internal error ({type(error).__name__})")
        self._redacted = sum(done.tally.by_rule.values())
        return await self._forward(upstream, done.body, is_packed=is_packed)

    def release(self) -> None:
        """Give the memory back."""
        self._proxy.memory.give(self._held)
        self._proxy.metrics.gauges["leakscan_held_bytes"] -= self._received
        self._held = 0

    def log(self, seconds: float) -> None:
        """Write to the access log."""
        status, path = int(self._code.value[0]), self._route.path
        accesslog.write(
            accesslog.Access(
                "GRPC", path, status, self._received, self._sent, seconds, self._route.codec, self._redacted
            ),
            self._state.redaction.scanner,
        )

    async def _read(self) -> bytes:
        limits = self._state.config.limits
        reserved = min(RESERVED, limits.max_message, limits.max_memory)
        try:
            async with asyncio.timeout(limits.body_timeout):
                await self._proxy.memory.take(reserved)
                self._held = reserved
                message = await self._context.read()
        except TimeoutError:
            raise RefusedError(_SLOW, "slow") from None
        if not isinstance(message, bytes):
            raise RefusedError(MALFORMED, "no message")
        self._received = len(message)
        # it is here already: what it takes beyond its part is missing for those who come next
        self._proxy.memory.give(self._held - self._received)
        self._held = self._received
        self._proxy.metrics.gauges["leakscan_held_bytes"] += self._received
        self._proxy.metrics.count("leakscan_received_bytes", self._received)
        return message

    async def _unpacked(self, message: bytes) -> bytes:
        limits = self._state.config.limits
        try:
            if len(message) < _INLINE:
                return decompress(message, ["gzip"], limits)
            return await asyncio.to_thread(decompress, message, ["gzip"], limits)
        except TooLargeError:
            raise RefusedError(TOO_LARGE, "decompressed") from None
        except MalformedError as error:
            raise RefusedError(MALFORMED, str(error)) from None

    async def _forward(self, upstream: Any, body: bytes, *, is_packed: bool) -> bytes:
        left, most = self._context.time_remaining(), self._state.config.limits.upstream_timeout
        call = upstream(
            body,
            timeout=most if left is None else min(left, most),
            metadata=_end_to_end(self._context.invocation_metadata()),
            compression=grpc.Compression.Gzip if is_packed else None,
        )
        try:
            answer: bytes = await call
        except grpc.aio.AioRpcError as error:
            self._count(error.code())
            if error.initial_metadata():
                await self._context.send_initial_metadata(_end_to_end(error.initial_metadata()))
            trailers = _end_to_end(error.trailing_metadata())
            return await self._abort(error.code(), error.details() or "", trailers)
        await self._context.send_initial_metadata(_end_to_end(await call.initial_metadata()))
        self._context.set_trailing_metadata(_end_to_end(await call.trailing_metadata()))
        self._count(StatusCode.OK)
        self._sent = len(answer)
        return answer

    def _count(self, code: StatusCode) -> None:
        self._code = code
        self._proxy.metrics.count("leakscan_upstream_responses", label=code.name)

    async def _end(self, code: StatusCode, reason: str, *, is_again: bool = False) -> bytes:
        """End the call with an answer of our own."""
        text = f"leakscan: {reason}"
        seconds = self._state.config.limits.retry_after
        again = ((_STATUS_BIN, retry_status(code, text, seconds)),) if is_again else ()
        return await self._abort(code, text, again)

    async def _abort(self, code: StatusCode, text: str, trailers: tuple[tuple[str, Any], ...]) -> bytes:
        self._code = code
        await self._context.abort(code, text, trailers)
        raise AssertionError  # abort raises


def retry_status(code: StatusCode, text: str, seconds: int) -> bytes:
    """Return a google.rpc.Status with a RetryInfo: when a sender shall try again."""
    delay = wire.field(1, _INT32_1 + wire.encoded(seconds))
    detail = wire.field(1, _RETRY_INFO) + wire.field(2, delay)
    return _INT32_1 + wire.encoded(int(code.value[0])) + wire.field(2, text.encode()) + wire.field(3, detail)


def _end_to_end(metadata: Iterable[tuple[str, Any]] | None) -> tuple[tuple[str, Any], ...]:
    """Return the metadata that go on; what begins with `grpc-` is gRPC's own, but for the rich status."""
    return tuple(
        (name, value)
        for name, value in metadata or ()
        if name == _STATUS_BIN or not (name in _OF_THE_HOP or name.startswith(("grpc-", ":")))
    )
