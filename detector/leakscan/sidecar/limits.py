"""The limits of the sidecar: what one request, one connection and all together may take.

Not here: enforcing them (`proxy`, `compression`).
"""

from __future__ import annotations

from dataclasses import dataclass

_MIB = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Sizes in bytes, times in seconds.

    Attributes:
        max_request: a body as it comes, compressed. 64 MiB: what OTLP recommends to accept.
        max_message: a message over gRPC as it comes. gRPC has it in memory before it can be counted, so
            less than `max_request`; servers commonly take 4 MiB.
        max_decompressed: a body unpacked.
        max_ratio: how many times its size a body may unpack to, beyond 1 MiB. Logs reach 20 with
            gzip and 100 with zstd.
        max_response: an answer of upstream; a longer one is cut off with its connection. The answers
            to log writes are short, but `_bulk` has a line for each item.
        max_headers: one header, and the request line.
        max_memory: all bodies being worked on, together. When it is used up, reading waits.
        max_connections: clients connected at once; more wait in the backlog of the socket.
        max_upstream: connections to upstream.
        header_timeout: for a request's head to arrive, and a connection to stay idle.
        body_timeout: for a body to arrive.
        connect_timeout: for upstream to take a connection.
        upstream_timeout: for upstream to answer.
        drain_delay: after SIGTERM, time with readiness false in which new requests are still taken.
        drain_timeout: after that, time in which requests under way may finish.
        retry_after: what a refused client is told to wait.
        block_attempts: how often the same body is refused under `block` before it is masked.

    """

    max_request: int = 64 * _MIB
    max_message: int = 16 * _MIB
    max_decompressed: int = 64 * _MIB
    max_ratio: int = 250
    max_response: int = 4 * _MIB
    max_headers: int = 32 * 1024
    max_memory: int = 256 * _MIB
    max_connections: int = 4096
    max_upstream: int = 256
    header_timeout: float = 75.0
    body_timeout: float = 30.0
    connect_timeout: float = 5.0
    upstream_timeout: float = 60.0
    drain_delay: float = 0.0
    drain_timeout: float = 25.0
    retry_after: int = 5
    block_attempts: int = 10
