"""OTLP over gRPC through the sidecar: what passes, what is taken out, what is refused, and in which words."""

from __future__ import annotations

import asyncio
import contextlib
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("aiohttp")
pytest.importorskip("cramjam")
pytest.importorskip("prometheus_client")
pytest.importorskip("grpc")

import grpc
from google.rpc.error_details_pb2 import RetryInfo
from google.rpc.status_pb2 import Status
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import (
    ExportLogsServiceRequest,
    ExportLogsServiceResponse,
)
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from leakscan import cli
from leakscan.sidecar.calls import METHODS, Calls
from leakscan.sidecar.codecs import wire
from leakscan.sidecar.config import Address, Config, Grpc, check
from leakscan.sidecar.limits import Limits
from leakscan.sidecar.metrics import Metrics
from leakscan.sidecar.proxy import Proxy, State
from sidecar_parts import REDACTION, SECRET, certificate, process, run, shows, wait_until

LOGS, TRACES, METRICS = METHODS
Codes = grpc.StatusCode
RICH = "grpc-status-details-bin"


@dataclass
class Collector:
    """An upstream that keeps each message with its metadata; `answer` may be exchanged."""

    url: str = ""
    server: Any = None
    seen: list[tuple[str, bytes, dict[str, Any], float | None]] = field(default_factory=list)
    answer: Callable[[Any], Awaitable[bytes]] | None = None
    cancelled: int = 0

    def service(self, details: Any) -> Any:
        """Take any method."""

        async def handle(message: bytes, context: Any) -> bytes:
            metadata = dict(context.invocation_metadata())
            self.seen.append((details.method, message, metadata, context.time_remaining()))
            try:
                return await self.answer(context) if self.answer else b""
            except asyncio.CancelledError:
                self.cancelled += 1
                raise

        return grpc.unary_unary_rpc_method_handler(handle)


@contextlib.asynccontextmanager
async def collector(credentials: Any = None) -> AsyncIterator[Collector]:
    """Run a collector on a port of its own."""
    kept = Collector(server=grpc.aio.server())
    kept.server.add_generic_rpc_handlers((kept,))
    if credentials is None:
        kept.url = f"http://127.0.0.1:{kept.server.add_insecure_port('127.0.0.1:0')}"
    else:
        kept.url = f"https://localhost:{kept.server.add_secure_port('localhost:0', credentials)}"
    await kept.server.start()
    try:
        yield kept
    finally:
        await kept.server.stop(0)


@dataclass
class Running:
    """The server of calls in this process, and a client."""

    calls: Calls
    proxy: Proxy
    channel: Any

    async def send(self, message: bytes, method: str = LOGS, **options: Any) -> Any:
        """Send a message; return the ended call."""
        call = self.channel.unary_unary(method)(message, **options)
        await call
        return call

    def counters(self) -> dict[tuple[str, str], float]:
        """Return the counters."""
        return self.proxy.metrics.snapshot().counters


@contextlib.asynccontextmanager
async def sidecar(url: str, limits: Limits | None = None, on_failure: Any = "mask", **more: Any) -> Any:
    """Serve calls in this process."""
    where = Grpc(listen=Address(host="127.0.0.1", port=0), upstream=url, on_failure=on_failure)
    config = check(Config(grpc=where, limits=limits or Limits(), **more))
    proxy = Proxy(State(config, REDACTION), Metrics())
    calls = Calls(proxy, config, where, shares_port=False)
    await calls.start()
    try:
        async with grpc.aio.insecure_channel(
            f"127.0.0.1:{calls.port}", [("grpc.max_send_message_length", -1)]
        ) as channel:
            yield Running(calls, proxy, channel)
    finally:
        await calls.stop(0)
        await proxy.close()


def logs(*texts: str) -> Any:
    """Return a request with a record a text."""
    request = ExportLogsServiceRequest()
    scope = request.resource_logs.add().scope_logs.add()
    for text in texts:
        scope.log_records.add().body.string_value = text
    return request


def deep() -> bytes:
    """Return a request whose only record is nested deeper than it can be read."""
    value = wire.field(1, b"password=" + SECRET.encode())
    for _ in range(200):
        value = wire.field(5, wire.field(1, value))  # an array of one
    return wire.field(1, wire.field(2, wire.field(2, wire.field(5, value))))


DIRTY = logs(f"login password={SECRET}", "all is well").SerializeToString()
CLEAN = logs("all is well", "so it is" * 100).SerializeToString()


def refused(error: pytest.ExceptionInfo[Any]) -> tuple[Any, str, dict[str, Any]]:
    """Return code, words and trailers of a call that failed."""
    return error.value.code(), error.value.details(), dict(error.value.trailing_metadata())


@pytest.mark.parametrize("compression", [None, grpc.Compression.Gzip])
def test_a_secret_is_taken_out_and_metadata_and_deadline_pass(compression: Any) -> None:
    """Body redacted; metadata in both directions, text and bytes; upstream has what is left of the time."""

    async def main() -> None:
        async def answer(context: Any) -> bytes:
            await context.send_initial_metadata((("x-first", "1"),))
            context.set_trailing_metadata((("x-last", "2"), ("x-last-bin", b"\0\xff")))
            return b""

        async with collector() as up, sidecar(up.url) as it:
            up.answer = answer
            own = (("x-scope-orgid", "shop"), ("x-key-bin", b"\0\x01"), ("authorization", "Bearer x"))
            call = await it.send(DIRTY, metadata=own, timeout=7, compression=compression)
            [(method, message, metadata, left)] = up.seen
            assert method == LOGS
            records = ExportLogsServiceRequest.FromString(message).resource_logs[0].scope_logs[0].log_records
            assert [r.body.string_value for r in records] == [
                "login password=[REDACTED:generic-password]",
                "all is well",
            ]
            assert metadata.items() >= dict(own).items()
            assert left is not None
            assert 5 < left < 7.5
            assert dict(await call.initial_metadata())["x-first"] == "1"
            assert dict(await call.trailing_metadata()) == {"x-last": "2", "x-last-bin": b"\0\xff"}
            assert it.counters()["leakscan_redacted", "generic-password"] == 1
            assert it.counters()["leakscan_upstream_responses", "OK"] == 1

    run(main())


@pytest.mark.parametrize("compression", [None, grpc.Compression.Gzip])
def test_a_clean_message_and_the_answer_pass_byte_by_byte(compression: Any) -> None:
    """Also fields that nobody knows, and a partial success."""
    clean = CLEAN + wire.field(77, b"from the future")
    partial = ExportLogsServiceResponse()
    partial.partial_success.rejected_log_records = 3
    partial.partial_success.error_message = "too old"
    expected = partial.SerializeToString() + wire.field(78, b"and more")

    async def main() -> None:
        async def answer(_: Any) -> bytes:
            return expected

        async with collector() as up, sidecar(up.url) as it:
            up.answer = answer
            assert await (await it.send(clean, compression=compression)) == expected
            assert up.seen[0][1] == clean
            assert up.seen[0][3] is not None  # never without a deadline

    run(main())


def test_unknown_fields_of_a_dirty_message_survive() -> None:
    """What is not known is copied, beside what is redacted."""
    future = wire.field(99, b"from the future")
    record = logs(f"password={SECRET}").resource_logs[0].scope_logs[0].log_records[0].SerializeToString()
    message = wire.field(1, wire.field(2, wire.field(2, record + future) + future) + future) + future

    async def main() -> None:
        async with collector() as up, sidecar(up.url) as it:
            await it.send(message)
            stored = up.seen[0][1]
            assert stored.count(future) == 4
            assert not shows(stored)

    run(main())


@pytest.mark.parametrize("method", [TRACES, METRICS])
def test_the_other_signals_are_redacted_too(method: str) -> None:
    """An SDK sends all three to one port."""
    request = ExportTraceServiceRequest()
    request.resource_spans.add().scope_spans.add().spans.add().name = f"login password={SECRET}"

    async def main() -> None:
        async with collector() as up, sidecar(up.url) as it:
            await it.send(request.SerializeToString(), method)
            assert up.seen[0][0] == method
            assert not shows(up.seen[0][1])

    run(main())


@pytest.mark.parametrize("code", [Codes.UNAVAILABLE, Codes.RESOURCE_EXHAUSTED, Codes.PERMISSION_DENIED])
def test_status_details_and_trailers_of_upstream_reach_the_client(code: Any) -> None:
    """Code, words, RetryInfo and whatever else is in the trailers are upstream's."""
    rich = Status(code=code.value[0], message="later")
    delay = RetryInfo()
    delay.retry_delay.seconds = 17
    rich.details.add().Pack(delay)
    trailers = ((RICH, rich.SerializeToString()), ("x-shard", "4"))

    async def main() -> None:
        async def answer(context: Any) -> bytes:
            await context.abort(code, "later, please", trailers)
            raise AssertionError

        async with collector() as up, sidecar(up.url) as it:
            up.answer = answer
            with pytest.raises(grpc.aio.AioRpcError) as error:
                await it.send(DIRTY)
            assert refused(error) == (code, "later, please", dict(trailers))
            assert it.counters()["leakscan_upstream_responses", code.name] == 1

    run(main())


def test_upstream_that_is_away_or_hangs_is_no_success() -> None:
    """UNAVAILABLE and DEADLINE_EXCEEDED: senders try again after both."""

    async def main() -> None:
        async def hang(_: Any) -> bytes:
            await asyncio.sleep(30)
            return b""

        async with collector() as up, sidecar(up.url, Limits(upstream_timeout=0.3)) as it:
            up.answer = hang
            with pytest.raises(grpc.aio.AioRpcError) as error:
                await it.send(DIRTY)
            assert error.value.code() is Codes.DEADLINE_EXCEEDED
            await up.server.stop(0)
            with pytest.raises(grpc.aio.AioRpcError) as error:
                await it.send(DIRTY)
            assert error.value.code() is Codes.UNAVAILABLE

    run(main())


def test_a_client_that_gives_up_is_given_up_upstream() -> None:
    """Cancelling passes on, and the memory is given back."""

    async def main() -> None:
        async def hang(_: Any) -> bytes:
            await asyncio.sleep(30)
            return b""

        async with collector() as up, sidecar(up.url) as it:
            up.answer = hang
            call = it.channel.unary_unary(LOGS)(DIRTY)
            await until(lambda: len(up.seen) == 1)
            call.cancel()
            await until(lambda: up.cancelled == 1)
            await until(lambda: it.proxy.metrics.gauges["leakscan_in_flight_requests"] == 0)
            assert it.proxy.metrics.gauges["leakscan_held_bytes"] == 0

    run(main())


async def until(condition: Callable[[], bool]) -> None:
    """Wait in the loop until a condition holds."""
    end = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < end
        await asyncio.sleep(0.01)


@pytest.mark.parametrize(
    ("message", "method", "options", "limits", "code", "reason"),
    [
        (b"\x0a\xff", LOGS, {}, Limits(), Codes.INVALID_ARGUMENT, "malformed"),
        (b"\x1f\x8b rubbish", LOGS, {}, Limits(), Codes.INVALID_ARGUMENT, "malformed"),
        (DIRTY, "/x.Y/Z", {}, Limits(), Codes.UNIMPLEMENTED, "unimplemented"),
        (CLEAN, LOGS, {"compression": grpc.Compression.Deflate}, Limits(), Codes.UNIMPLEMENTED, None),
        (CLEAN * 100, LOGS, {}, Limits(max_message=9999), Codes.RESOURCE_EXHAUSTED, "malformed"),
        (
            wire.field(9, bytes(5 << 20)), LOGS, {"compression": grpc.Compression.Gzip}, Limits(),
            Codes.RESOURCE_EXHAUSTED, "too-large",
        ),
        (
            CLEAN * 100, LOGS, {"compression": grpc.Compression.Gzip}, Limits(max_decompressed=9999),
            Codes.RESOURCE_EXHAUSTED, "too-large",
        ),
    ],
    ids=["protobuf", "gzip", "method", "deflate", "big", "bomb", "unpacked"],
)  # fmt: skip
def test_what_is_refused(
    message: bytes, method: str, options: dict[str, Any], limits: Limits, code: Any, reason: str | None
) -> None:
    """For good, without RetryInfo and without content; counted; and the next message passes."""

    async def main() -> None:
        async with collector() as up, sidecar(up.url, limits) as it:
            with pytest.raises(grpc.aio.AioRpcError) as error:
                await it.send(message, method, **options)
            assert refused(error)[0] is code
            assert RICH not in refused(error)[2]
            assert not shows(refused(error)[1].encode())
            assert up.seen == []
            if reason is not None:
                await until(lambda: it.counters().get(("leakscan_refused", reason)) == 1)
            await it.send(DIRTY)
            assert not shows(up.seen[0][1])
            assert it.proxy.metrics.gauges["leakscan_held_bytes"] == 0

    run(main())


def test_block_refuses_with_a_time_and_masks_in_the_end() -> None:
    """UNAVAILABLE with RetryInfo as often as is configured; then a record says what was not scanned."""

    async def main() -> None:
        limits = Limits(block_attempts=2, retry_after=9)
        async with collector() as up, sidecar(up.url, limits, "block") as it:
            for _ in range(2):
                with pytest.raises(grpc.aio.AioRpcError) as error:
                    await it.send(deep())
                code, text, trailers = refused(error)
                assert (code, text) == (Codes.UNAVAILABLE, "leakscan: unscanned")
                rich = Status.FromString(trailers[RICH])
                assert (rich.code, rich.message) == (Codes.UNAVAILABLE.value[0], text)
                delay = RetryInfo()
                assert rich.details[0].Unpack(delay)
                assert delay.retry_delay.seconds == 9
            await it.send(deep())
            assert b"[LEAKSCAN:unscanned reason=depth" in up.seen[0][1]
            assert it.counters()["leakscan_unscanned", "depth"] == 3

    run(main())


def test_open_passes_what_cannot_be_scanned() -> None:
    """Opt-in, and counted."""

    async def main() -> None:
        async with collector() as up, sidecar(up.url, on_failure="open") as it:
            await it.send(deep())
            assert up.seen[0][1] == deep()
            assert it.counters()["leakscan_unscanned", "depth"] == 1

    run(main())


def test_a_message_that_does_not_come_in_time_is_refused() -> None:
    """The call ends, its part of the memory is free again, and others are served meanwhile."""

    async def main() -> None:
        async def never() -> AsyncIterator[bytes]:
            await asyncio.sleep(30)
            yield b""

        async with collector() as up, sidecar(up.url, Limits(body_timeout=0.5)) as it:
            slow = [it.channel.stream_unary(LOGS)(never()) for _ in range(20)]
            await it.send(DIRTY)
            for call in slow:
                with pytest.raises(grpc.aio.AioRpcError) as error:
                    await call
                assert error.value.code() is Codes.DEADLINE_EXCEEDED
            assert it.counters()["leakscan_refused", "slow"] == 20

    run(main())


def test_calls_wait_for_memory() -> None:
    """Beyond the budget no message is read, until one that came before is done."""

    async def main() -> None:
        limits = Limits(max_memory=8 << 20, max_decompressed=8 << 20)
        gate = asyncio.Event()

        async def answer(_: Any) -> bytes:
            await gate.wait()
            return b""

        async with collector() as up, sidecar(up.url, limits) as it:
            up.answer = answer
            big = wire.field(9, b"x" * (3 << 20))
            sent = [asyncio.ensure_future(it.send(big)) for _ in range(6)]
            await until(lambda: len(up.seen) == 2)
            await asyncio.sleep(0.3)
            assert len(up.seen) == 2
            assert it.proxy.metrics.gauges["leakscan_held_bytes"] < 8 << 20
            gate.set()
            await asyncio.gather(*sent)
            assert len(up.seen) == 6

    run(main())


def test_upstream_is_verified(tmp_path: Path) -> None:
    """A certificate of an unknown authority is no upstream; with `upstream_ca` it is."""
    key, chain = certificate(tmp_path)
    credentials = grpc.ssl_server_credentials([(key.read_bytes(), chain.read_bytes())])

    async def main() -> None:
        async with collector(credentials) as up:
            async with sidecar(up.url) as it:
                with pytest.raises(grpc.aio.AioRpcError) as error:
                    await it.send(DIRTY)
                assert error.value.code() is Codes.UNAVAILABLE
                assert up.seen == []
            async with sidecar(up.url, upstream_ca=str(chain)) as it:
                await it.send(DIRTY)
                assert not shows(up.seen[0][1])

    run(main())


def test_it_listens_with_tls(tmp_path: Path) -> None:
    """Clients that trust the certificate are served; a plain one is not."""
    key, chain = certificate(tmp_path)

    async def main() -> None:
        async with (
            collector() as up,
            sidecar(up.url, tls_cert=str(chain), tls_key=str(key)) as it,
            grpc.aio.secure_channel(
                f"localhost:{it.calls.port}", grpc.ssl_channel_credentials(chain.read_bytes())
            ) as channel,
        ):
            await channel.unary_unary(LOGS)(DIRTY)
            assert len(up.seen) == 1
            with pytest.raises(grpc.aio.AioRpcError) as error:
                await it.send(DIRTY)
            assert error.value.code() is Codes.UNAVAILABLE
            it.calls.reload(replace(it.proxy.state.config))
            assert len(up.seen) == 1

    run(main())


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals")
def test_as_a_process_it_drains_and_counts() -> None:
    """Without HTTP: a call under way at SIGTERM is answered, a later one is not; metrics tell of both."""

    async def main() -> None:
        async def answer(_: Any) -> bytes:
            await asyncio.sleep(0.6)
            return b""

        async with collector() as up:
            up.answer = answer
            arguments = ("--grpc-listen", "127.0.0.1:0", "--grpc-upstream", up.url, "--admin-listen")
            with process(*arguments, "127.0.0.1:0", listen="") as it:
                target = it.grpc.removeprefix("http://")
                async with grpc.aio.insecure_channel(target) as channel:
                    method = channel.unary_unary(LOGS)
                    await method(DIRTY)
                    text = (await asyncio.to_thread(it.get, "/metrics"))[1]
                    assert 'leakscan_redacted_total{rule="generic-password"} 1.0' in text
                    assert 'leakscan_upstream_responses_total{code="OK"} 1.0' in text
                    under_way = asyncio.ensure_future(method(DIRTY))
                    await until(lambda: len(up.seen) == 2)
                    code = asyncio.ensure_future(asyncio.to_thread(it.stop))
                    await under_way
                    assert await code == 0
                    with pytest.raises(grpc.aio.AioRpcError) as error:
                        await method(DIRTY)
                    assert error.value.code() is Codes.UNAVAILABLE

    run(main())


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="workers share a port with SO_REUSEPORT")
def test_workers_share_the_port() -> None:
    """Two processes take calls on one port."""
    from sidecar_parts import free_port  # noqa: PLC0415 - only here

    async def main() -> None:
        async with collector() as up:
            where = f"127.0.0.1:{free_port()}"
            arguments = ("--grpc-listen", where, "--grpc-upstream", up.url, "--workers", "2")
            with process(*arguments, "--admin-listen", "127.0.0.1:0", listen="") as it:
                for _ in range(8):
                    async with grpc.aio.insecure_channel(where) as channel:
                        await channel.unary_unary(LOGS)(DIRTY)
                assert len(up.seen) == 8
                assert not any(shows(message) for _, message, _, _ in up.seen)

                def counted() -> bool:
                    return 'leakscan_upstream_responses_total{code="OK"} 8.0' in it.get("/metrics")[1]

                await asyncio.to_thread(wait_until, counted)
                assert await asyncio.to_thread(it.stop) == 0

    run(main())


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--grpc-listen", "127.0.0.1:0"], "one needs the other"),
        (["--grpc-listen", "127.0.0.1:0", "--grpc-upstream", "x:4317"], "grpc.upstream: must be a URL"),
        (["--grpc-listen", "4317", "--grpc-upstream", "http://x"], "grpc.listen: must be HOST:PORT"),
        (["--grpc-listen", "127.0.0.1:0", "--grpc-upstream", "http://x/y"], "must hold no path"),
        (
            ["--grpc-listen", "0.0.0.0:4317", "--grpc-upstream", "http://x"],
            "grpc.listen: 0.0.0.0:4317 can be reached from other machines without TLS",
        ),
        (
            ["--grpc-listen", "127.0.0.1:0", "--grpc-upstream", "http://x", "--codec", "text"],
            "--codec is for HTTP",
        ),
    ],
)
def test_mistakes_are_one_line(capsys: pytest.CaptureFixture[str], arguments: list[str], words: str) -> None:
    """Exit code 2, and a line that says what to do."""
    assert cli.run(["sidecar", *arguments]) == 2
    err = capsys.readouterr().err
    assert words in err
    assert len(err.splitlines()) == 1


def test_without_grpcio_it_says_what_to_install(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The extra is named."""
    monkeypatch.setattr("leakscan.cli.sidecar.find_spec", lambda _: None)
    arguments = ["--grpc-listen", "127.0.0.1:0", "--grpc-upstream", "http://x", "--check"]
    assert cli.run(["sidecar", *arguments]) == 2
    assert "pip install 'leakscan-logs[grpc]'" in capsys.readouterr().err
