"""OpenTelemetry's own SDK through the sidecar into rotel, a real collector, and what comes out of it."""

from __future__ import annotations

import contextlib
import gzip
import importlib.util
import socket
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

sys.path.insert(0, str(Path(__file__).parents[1]))

from opentelemetry.exporter.otlp.proto.http import Compression
from opentelemetry.exporter.otlp.proto.http._log_exporter import OTLPLogExporter
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import (
    ExportLogsServiceRequest,
    ExportLogsServiceResponse,
)
from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk._logs.export import BatchLogRecordProcessor
from opentelemetry.sdk.resources import Resource

from leakscan.sidecar.call import retry_status
from sidecar_parts import SECRET, Process, free_port, process, shows, wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.e2e

COUNT = 200


@dataclass
class Receiver:
    """Where the collector sends to: an OTLP endpoint that keeps every request."""

    port: int = 0
    bodies: list[bytes] = field(default_factory=list)

    def records(self) -> list[Any]:
        """Return the log records that came, with their resource."""
        found = []
        for body in self.bodies:
            for logs in ExportLogsServiceRequest.FromString(body).resource_logs:
                for scope in logs.scope_logs:
                    found += [(logs.resource, record) for record in scope.log_records]
        return found


@contextlib.contextmanager
def receiver() -> Iterator[Receiver]:
    """Run a receiver until the end of the block."""
    kept = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            kept.bodies.append(gzip.decompress(body) if self.headers["Content-Encoding"] == "gzip" else body)
            answer = ExportLogsServiceResponse().SerializeToString()
            self.send_response(200)
            self.send_header("Content-Type", "application/x-protobuf")
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: Any) -> None:
            """Keep the test's output clean."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    kept.port = server.server_port
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield kept
    finally:
        server.shutdown()


@contextlib.contextmanager
def rotel(to: int, directory: Path) -> Iterator[tuple[int, int]]:
    """Run the collector; gives the ports where it takes OTLP over HTTP and over gRPC."""
    spec = importlib.util.find_spec("rotel")
    assert spec is not None
    assert spec.origin is not None
    port, grpc = free_port(), free_port()
    with (directory / "rotel.out").open("wb") as out:
        agent = subprocess.Popen(
            [
                Path(spec.origin).parent / "rotel-agent", "start",
                "--otlp-http-endpoint", f"127.0.0.1:{port}", "--otlp-grpc-endpoint", f"127.0.0.1:{grpc}",
                "--exporter", "otlp", "--otlp-exporter-protocol", "http",
                "--otlp-exporter-endpoint", f"http://127.0.0.1:{to}", "--batch-timeout", "100ms",
            ],
            stdout=out, stderr=out,
        )  # fmt: skip
    try:
        wait_until(lambda: _answers(port) and _answers(grpc))
        yield port, grpc
    finally:
        agent.terminate()
        agent.wait(10)


def _answers(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
        return True
    return False


def send(exporter: Any) -> None:
    """Log through the SDK as an application does: messages, attributes, nested values, a resource."""
    provider = LoggerProvider(Resource.create({"service.name": "shop", "db.password": SECRET}))
    provider.add_log_record_processor(BatchLogRecordProcessor(exporter))
    logger = provider.get_logger("shop")
    now = time.time_ns()
    for number in range(COUNT):
        common: dict[str, Any] = {"order": number}
        if number % 10:
            body, more = f"order {number} is on its way", {"http.route": "/orders"}
        else:
            body = f"login password={SECRET}"
            more = {
                "api_key": SECRET,
                "headers": {"authorization": f"Bearer {SECRET}"},
                "argv": ["--token", SECRET],
            }
        logger.emit(timestamp=now + number, severity_text="WARN", body=body, attributes=common | more)
    assert provider.force_flush()
    provider.shutdown()


def check(kept: Receiver) -> None:
    """Every record came, whole but for its secrets."""
    wait_until(lambda: len(kept.records()) >= COUNT)
    assert not any(shows(body) for body in kept.bodies)
    found = {}
    for resource, record in kept.records():
        attributes = {pair.key: pair.value for pair in record.attributes}
        found[attributes["order"].int_value] = record, attributes
        shown = {pair.key: pair.value.string_value for pair in resource.attributes}
        assert shown["service.name"] == "shop"
        assert shown["db.password"] == "[REDACTED:generic-password]"
    assert sorted(found) == list(range(COUNT))
    for number, (record, attributes) in found.items():
        if number % 10:
            assert record.body.string_value == f"order {number} is on its way"
            assert attributes["http.route"].string_value == "/orders"
        else:
            assert record.body.string_value == "login password=[REDACTED:generic-password]"
            assert attributes["api_key"].string_value.startswith("[REDACTED:")


@pytest.mark.parametrize("compression", [Compression.NoCompression, Compression.Gzip])
def test_sdk_over_http_protobuf_through_the_sidecar_into_a_collector(
    tmp_path: Path, compression: Compression
) -> None:
    """Attributes, nested ones, resource and body arrive redacted; all records arrive."""
    with (
        receiver() as kept,
        rotel(kept.port, tmp_path) as (port, _),
        process("--upstream", f"http://127.0.0.1:{port}") as sidecar,
    ):
        send(OTLPLogExporter(endpoint=f"{sidecar.url}/v1/logs", compression=compression))
        check(kept)
        assert sidecar.stop() == 0


def test_sdk_over_http_json_through_the_sidecar_into_a_collector(tmp_path: Path) -> None:
    """The same in OTLP's JSON."""
    module = pytest.importorskip("opentelemetry.exporter.otlp.json.http._log_exporter")
    with (
        receiver() as kept,
        rotel(kept.port, tmp_path) as (port, _),
        process("--upstream", f"http://127.0.0.1:{port}") as sidecar,
    ):
        send(module.OTLPLogExporter(endpoint=f"{sidecar.url}/v1/logs"))
        check(kept)
        assert sidecar.stop() == 0


@pytest.mark.parametrize("compression", ["NoCompression", "Gzip"])
def test_sdk_over_grpc_through_the_sidecar_into_a_collector(tmp_path: Path, compression: str) -> None:
    """The same over gRPC, packed and not; metrics count what was taken out."""
    packing = getattr(pytest.importorskip("grpc").Compression, compression)
    module = pytest.importorskip("opentelemetry.exporter.otlp.proto.grpc._log_exporter")
    with (
        receiver() as kept,
        rotel(kept.port, tmp_path) as (_, port),
        over_grpc(f"http://127.0.0.1:{port}") as sidecar,
    ):
        send(module.OTLPLogExporter(endpoint=sidecar.grpc, insecure=True, compression=packing))
        check(kept)
        assert 'leakscan_redacted_total{rule="generic-password"}' in sidecar.get("/metrics")[1]
        assert sidecar.stop() == 0


@contextlib.contextmanager
def over_grpc(upstream: str) -> Iterator[Process]:
    """Run a sidecar that takes gRPC only."""
    arguments = ("--grpc-listen", "127.0.0.1:0", "--grpc-upstream", upstream, "--admin-listen", "127.0.0.1:0")
    with process(*arguments, listen="") as sidecar:
        yield sidecar


@pytest.mark.parametrize("code", ["UNAVAILABLE", "RESOURCE_EXHAUSTED"])
def test_the_sdk_tries_again_when_upstream_says_so(code: str) -> None:
    """Both reach it over gRPC, the second with the RetryInfo without which it would give up."""
    grpc = pytest.importorskip("grpc")
    module = pytest.importorskip("opentelemetry.exporter.otlp.proto.grpc._log_exporter")
    kept = Receiver()
    refused: list[float] = []

    def answer(body: bytes, context: Any) -> bytes:
        if len(refused) < 2:
            refused.append(time.monotonic())
            trailers = (("grpc-status-details-bin", retry_status(grpc.StatusCode[code], "later", 1)),)
            context.set_trailing_metadata(trailers)
            context.abort(grpc.StatusCode[code], "later")
        kept.bodies.append(body)
        return b""

    server = grpc.server(ThreadPoolExecutor(4))
    handlers = {"Export": grpc.unary_unary_rpc_method_handler(answer)}
    service = "opentelemetry.proto.collector.logs.v1.LogsService"
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(service, handlers),))
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    with over_grpc(f"http://127.0.0.1:{port}") as sidecar:
        send(module.OTLPLogExporter(endpoint=sidecar.grpc, insecure=True))
        check(kept)
        assert len(refused) == 2
    server.stop(0)


def test_the_sdk_keeps_its_records_while_the_collector_is_away() -> None:
    """502 is retried by the exporter: a collector that comes later gets everything."""
    with receiver() as kept, contextlib.ExitStack() as stack:
        port = free_port()
        sidecar = stack.enter_context(process("--upstream", f"http://127.0.0.1:{port}"))
        thread = threading.Thread(target=send, args=(OTLPLogExporter(endpoint=f"{sidecar.url}/v1/logs"),))
        thread.start()
        time.sleep(1.5)
        assert kept.bodies == []
        relay = ThreadingHTTPServer(("127.0.0.1", port), _to(kept))
        stack.callback(relay.shutdown)
        threading.Thread(target=relay.serve_forever, daemon=True).start()
        thread.join(30)
        check(kept)


def _to(kept: Receiver) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            kept.bodies.append(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            """Keep the test's output clean."""

    return Handler
