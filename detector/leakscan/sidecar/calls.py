"""OTLP over gRPC: the server that takes calls, and its channel to upstream.

Messages are taken and given as bytes, so there is no generated code. Methods from opentelemetry-proto
(collector/logs, collector/trace, collector/metrics, all v1); others are unimplemented.

Not here: what happens with a call (`call`), HTTP (`proxy`).
"""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

# it would write what it likes to stderr, such as addresses
os.environ.setdefault("GRPC_VERBOSITY", "NONE")

import grpc

from leakscan.errors import ConfigError

from .call import Call, Context
from .config import Route

if TYPE_CHECKING:
    from .config import Config, Grpc
    from .proxy import Proxy

METHODS: Final = {
    "/opentelemetry.proto.collector.logs.v1.LogsService/Export": "otlp-protobuf",
    "/opentelemetry.proto.collector.trace.v1.TraceService/Export": "otlp-traces",
    "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export": "opaque",
}
#: Calls under way on one connection.
_STREAMS: Final = 128
#: No compression, and gzip: bits of grpc_compression_algorithm.
_CODINGS: Final = 0b101
#: Of a URL that has none: OTLP's.
_PORT: Final = 4317
_MILLISECONDS: Final = 1000
#: Upstream that was away is tried again after this time at most.
_RECONNECT: Final = 2 * _MILLISECONDS


class Calls(grpc.GenericRpcHandler):
    """The server. To be made in the loop that serves.

    Raises:
        ConfigError: it cannot listen, or a certificate is unusable.

    """

    def __init__(self, proxy: Proxy, config: Config, where: Grpc, *, shares_port: bool) -> None:
        self._proxy = proxy
        self._routes = {
            method: Route(path=method, upstream=where.upstream, codec=codec, on_failure=where.on_failure)
            for method, codec in METHODS.items()
        }
        self._certificates = _certificates(config)
        self._server = grpc.aio.server(handlers=[self], options=_options(config, shares_port=shares_port))
        self.port = self._listen(str(where.listen), needs_client=config.tls_client_ca is not None)
        self._channel = _channel(where.upstream, config)
        self._methods: dict[str, Any] = {method: self._channel.unary_unary(method) for method in METHODS}

    async def start(self) -> None:
        """Take calls."""
        await self._server.start()

    async def stop(self, seconds: float) -> None:
        """Take no more calls; what is under way has some seconds to finish."""
        await self._server.stop(seconds)
        await self._channel.close()

    def reload(self, config: Config) -> None:
        """Use the certificate that is in the files now.

        Raises:
            ConfigError: it is unusable; the old one stays.

        """
        self._certificates = _certificates(config)

    def service(self, handler_call_details: grpc.HandlerCallDetails) -> Any:
        """Return what handles a method, None for none."""
        route = self._routes.get(handler_call_details.method)
        if route is None:
            self._proxy.metrics.count("leakscan_refused", label="unimplemented")
            return None

        async def handle(_: object, context: Context) -> bytes:
            return await self._handle(route, context)

        # a stream of one, so that the message is not read before there is memory for it
        return grpc.stream_unary_rpc_method_handler(handle)

    async def _handle(self, route: Route, context: Context) -> bytes:
        began = time.monotonic()
        gauges = self._proxy.metrics.gauges
        gauges["leakscan_in_flight_requests"] += 1
        call = Call(self._proxy, route, context)
        try:
            return await call.run(self._methods[route.path])
        finally:
            call.release()
            gauges["leakscan_in_flight_requests"] -= 1
            if self._proxy.state.config.access_log:
                call.log(time.monotonic() - began)

    def _listen(self, where: str, *, needs_client: bool) -> int:
        fetch: Any = lambda: self._certificates  # noqa: E731 - asked for each connection, so that it can change
        try:
            if self._certificates is None:
                return self._server.add_insecure_port(where)
            credentials = grpc.dynamic_ssl_server_credentials(self._certificates, fetch, needs_client)
            return self._server.add_secure_port(where, credentials)
        except RuntimeError:
            raise ConfigError(f"cannot listen on {where} for gRPC") from None


def _options(config: Config, *, shares_port: bool) -> list[tuple[str, int]]:
    limits = config.limits
    return [
        ("grpc.so_reuseport", int(shares_port)),
        ("grpc.max_receive_message_length", limits.max_message),
        ("grpc.max_send_message_length", limits.max_response),
        ("grpc.max_metadata_size", limits.max_headers),
        ("grpc.max_allowed_incoming_connections", limits.max_connections),
        ("grpc.max_connection_idle_ms", int(limits.header_timeout * _MILLISECONDS)),
        ("grpc.max_concurrent_streams", _STREAMS),
        # a window that grows by itself would hold messages that nobody has asked for
        ("grpc.http2.bdp_probe", 0),
        # packed messages are unpacked here, within our limits
        ("grpc.per_message_decompression", 0),
        ("grpc.compression_enabled_algorithms_bitset", _CODINGS),
    ]


def _channel(url: str, config: Config) -> grpc.aio.Channel:
    parts, limits = urlsplit(url), config.limits
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
    target = f"dns:///{host}:{parts.port or _PORT}"
    options = [
        ("grpc.max_receive_message_length", limits.max_response),
        ("grpc.max_send_message_length", -1),
        ("grpc.max_metadata_size", limits.max_headers),
        ("grpc.max_reconnect_backoff_ms", _RECONNECT),
        ("grpc.service_config_disable_resolution", 1),
        ("grpc.enable_http_proxy", 0),
    ]
    if parts.scheme == "http":
        return grpc.aio.insecure_channel(target, options)
    authorities = _content(config.upstream_ca, "upstream_ca") if config.upstream_ca else None
    return grpc.aio.secure_channel(target, grpc.ssl_channel_credentials(authorities), options)


def _certificates(config: Config) -> grpc.ServerCertificateConfiguration | None:
    if config.tls_cert is None or config.tls_key is None:
        return None
    pair = _content(config.tls_key, "tls_key"), _content(config.tls_cert, "tls_cert")
    clients = _content(config.tls_client_ca, "tls_client_ca") if config.tls_client_ca else None
    return grpc.ssl_server_certificate_configuration([pair], clients)


def _content(path: str, name: str) -> bytes:
    try:
        return Path(path).read_bytes()
    except OSError as error:
        raise ConfigError(f"{name}: {error.strerror or 'cannot be read'}") from None
