"""The sidecar's proxy over real sockets: what passes, changes or is refused, and what upstream may do."""

from __future__ import annotations

import asyncio
import gzip
import json
import shutil
import ssl
import subprocess
import zlib
from typing import TYPE_CHECKING, Any

import pytest

pytest.importorskip("aiohttp")
pytest.importorskip("cramjam")
pytest.importorskip("prometheus_client")

import aiohttp
import cramjam
from aiohttp import web
from yarl import URL

from leakscan.sidecar.codecs import Tally, wire
from leakscan.sidecar.compression import codings, compress, decompress
from leakscan.sidecar.limits import Limits
from leakscan.sidecar.memory import Memory, ShortError
from leakscan.sidecar.metrics import Metrics, exposition, total
from sidecar_parts import SECRET, Upstream, run, shows, sidecar, upstream

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

JSON = {"Content-Type": "application/json"}
NDJSON = {"Content-Type": "application/x-ndjson"}
CLEAN = b'{"a": 1.10, "m":"all is well"}\n' * 50
DIRTY = b'{"a": 1.10, "m":"all is well"}\n{"password":"%b"}\n' % SECRET.encode()
REDACTED = b'{"a": 1.10, "m":"all is well"}\n{"password":"[REDACTED:generic-password]"}\n'
DEEP = b'{"value":"%b","key":"password","a":%b}\n' % (SECRET.encode(), b"[" * 90 + b'"x"' + b"]" * 90)


def test_a_clean_body_passes_as_it_is() -> None:
    """Byte-identical and still compressed; method, path, query, headers and the answer pass too."""

    async def main() -> None:
        body = gzip.compress(CLEAN)
        headers = {**NDJSON, "Content-Encoding": "gzip", "Authorization": "Splunk abc", "X-Scope-OrgID": "7"}
        async with upstream() as store, sidecar(store.url) as it:
            async with it.client.post(
                URL(f"{it.url}/a%20b/?x=%2F&y", encoded=True), data=body, headers=headers
            ) as answer:
                assert (answer.status, await answer.text(), answer.headers["X-Store"]) == (
                    200,
                    "stored",
                    "yes",
                )
            seen = store.seen[0]
            assert seen.body == body
            assert (seen.method, seen.target) == ("POST", "/a%20b/?x=%2F&y")
            assert seen.headers["Authorization"] == "Splunk abc"
            assert seen.headers["X-Scope-OrgID"] == "7"
            assert seen.headers["Content-Length"] == str(len(body))

    run(main())


@pytest.mark.parametrize("coding", ["", "gzip", "deflate", "zstd", "snappy", "gzip, zstd", "x-gzip"])
def test_a_dirty_body_is_rewritten_under_its_coding(coding: str) -> None:
    """The secret is gone, the coding stays, and digests of the old body are dropped."""

    async def main() -> None:
        names = codings(coding)
        headers = {**NDJSON, "Content-MD5": "x"} | ({"Content-Encoding": coding} if coding else {})
        async with upstream() as store, sidecar(store.url) as it:
            async with it.client.post(it.url, data=compress(DIRTY, names), headers=headers) as answer:
                assert answer.status == 200
            seen = store.seen[0]
            assert decompress(seen.body, names, Limits()) == REDACTED
            assert seen.headers["Content-Length"] == str(len(seen.body))
            assert "Content-MD5" not in seen.headers

    run(main())


def test_raw_deflate_and_several_gzip_members() -> None:
    """What clients send under these names is read."""
    packer = zlib.compressobj(wbits=-15)
    assert decompress(packer.compress(DIRTY) + packer.flush(), ["deflate"], Limits()) == DIRTY
    assert decompress(gzip.compress(DIRTY) * 2, ["gzip"], Limits()) == DIRTY * 2


def test_hop_by_hop_headers_stay_on_their_connection() -> None:
    """Connection, what it names, and Transfer-Encoding do not pass, in either direction."""

    async def main() -> None:
        async def answer(_: web.BaseRequest) -> web.StreamResponse:
            return web.Response(
                text="x", headers={"Connection": "X-Inner", "X-Inner": "1", "Keep-Alive": "timeout=9"}
            )

        async def chunks() -> Any:
            yield DIRTY[:20]
            yield DIRTY[20:]

        async with upstream() as store, sidecar(store.url) as it:
            store.answer = answer
            headers = {
                **NDJSON,
                "Connection": "close, X-Mine",
                "X-Mine": "1",
                "TE": "trailers",
                "Proxy-Authorization": "x",
            }
            async with it.client.post(it.url, data=chunks(), headers=headers) as got:
                assert not {"X-Inner", "Keep-Alive"} & set(got.headers)
            seen = store.seen[0].headers
            assert not {"X-Mine", "TE", "Proxy-Authorization", "Transfer-Encoding"} & set(seen)
            assert store.seen[0].body == REDACTED

    run(main())


@pytest.mark.parametrize(
    ("path", "headers", "body", "options", "limits", "status"),
    [
        ("/", NDJSON, CLEAN * 10, {}, Limits(max_request=1000), 413),
        (
            "/",
            NDJSON | {"Content-Encoding": "gzip"},
            gzip.compress(b"\n" * 8_000_000),
            {},
            Limits(max_decompressed=4_000_000),
            413,
        ),
        (
            "/",
            NDJSON | {"Content-Encoding": "gzip"},
            gzip.compress(b"\n" * 8_000_000),
            {},
            Limits(max_ratio=100),
            413,
        ),
        (
            "/",
            NDJSON | {"Content-Encoding": "zstd"},
            compress(b"\n" * 60_000_000, ["zstd"]),
            {},
            Limits(),
            413,
        ),
        ("/", NDJSON | {"Content-Encoding": "gzip"}, gzip.compress(CLEAN)[:-20], {}, Limits(), 400),
        ("/", NDJSON | {"Content-Encoding": "br"}, CLEAN, {}, Limits(), 415),
        ("/v1/logs", {"Content-Type": "application/x-protobuf"}, b"\x0a\xff\xff", {}, Limits(), 400),
        (
            "/loki/api/v1/push",
            {"Content-Type": "application/x-protobuf"},
            b"\xff\xff\xff\xff\x0f\x00",
            {},
            Limits(),
            413,
        ),
        ("/", {"Content-Type": "application/x-protobuf"}, b"\x00\x01\x02", {}, Limits(), 415),
        ("/?query=INSERT+INTO+t+FORMAT+RowBinary", {}, b"\x00\x01", {}, Limits(), 415),
        ("/?query=INSERT+INTO+t+FORMAT+TSV&decompress=1", {}, b"\x00\x01", {}, Limits(), 415),
        ("/b", {}, b"x", {"path": "/a"}, Limits(), 404),
        ("/", NDJSON, DEEP, {"on_failure": "block"}, Limits(), 503),
    ],
)
def test_what_is_refused(
    path: str, headers: dict[str, str], body: bytes, options: dict[str, Any], limits: Limits, status: int
) -> None:
    """Each is answered with its status, upstream hears nothing, and nothing of the body is quoted."""

    async def main() -> None:
        async with upstream() as store, sidecar(store.url, limits=limits, **options) as it:
            async with it.client.post(it.url + path, data=body, headers=headers) as answer:
                assert answer.status == status
                assert not shows(await answer.read())
                assert ("Retry-After" in answer.headers) == (status == 503)
            assert store.seen == []

    run(main())


@pytest.mark.parametrize(("binary", "passes"), [("pass", True), ("mask", False)])
def test_binary_bodies_pass_or_are_masked_as_configured(binary: str, passes: bool) -> None:  # noqa: FBT001 - a table
    """`pass` sends on what no codec reads, `mask` overwrites what reads like a secret, in place."""

    async def main() -> None:
        body = b"\x00\x01password=%b \x02" % SECRET.encode()
        async with upstream() as store, sidecar(store.url, binary=binary) as it:
            async with it.client.post(
                it.url, data=body, headers={"Content-Type": "application/x-thing"}
            ) as answer:
                assert answer.status == 200
            assert shows(store.bodies) == passes
            assert len(store.bodies) == len(body)

    run(main())


def test_block_refuses_and_masks_a_poisonous_batch_in_the_end() -> None:
    """503 with Retry-After, so that the shipper keeps it; after so many times it passes, masked."""

    async def main() -> None:
        async with (
            upstream() as store,
            sidecar(store.url, limits=Limits(block_attempts=3), on_failure="block") as it,
        ):
            codes = []
            headers = NDJSON | {"Content-Encoding": "gzip"}
            for attempt in range(4):
                body = gzip.compress(DEEP, mtime=attempt)  # the same batch, in other bytes
                async with it.client.post(it.url, data=body, headers=headers) as answer:
                    codes.append(answer.status)
            assert codes == [503, 503, 503, 200]
            stored = gzip.decompress(store.bodies)
            assert b"LEAKSCAN:unscanned" in stored
            assert not shows(stored)

    run(main())


def test_open_passes_what_cannot_be_scanned() -> None:
    """Opted into, and counted."""

    async def main() -> None:
        async with upstream() as store, sidecar(store.url, on_failure="open") as it:
            async with it.client.post(it.url, data=DEEP, headers=NDJSON) as answer:
                assert answer.status == 200
            assert b"[" * 90 in store.bodies
            assert not shows(store.bodies)  # what can be scanned is

    run(main())


def respond(status: int, **headers: str) -> Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]:
    """Return an upstream's answer."""

    async def answer(_: web.BaseRequest) -> web.StreamResponse:
        return web.Response(
            status=status,
            text="as upstream says",
            headers={name.replace("_", "-"): value for name, value in headers.items()},
        )

    return answer


@pytest.mark.parametrize("status", [204, 301, 400, 429, 500, 503])
def test_what_upstream_answers_is_what_the_client_gets(status: int) -> None:
    """Status, body and Retry-After pass; a redirect is not followed."""

    async def main() -> None:
        async with upstream() as store, sidecar(store.url) as it:
            store.answer = respond(status, Retry_After="17", Location="/elsewhere")
            async with it.client.post(it.url, data=DIRTY, headers=NDJSON, allow_redirects=False) as answer:
                assert answer.status == status
                assert answer.headers["Retry-After"] == "17"
                assert await answer.text() == ("" if status == 204 else "as upstream says")
            assert len(store.seen) == 1

    run(main())


async def raw_upstream(
    behave: Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]],
) -> tuple[asyncio.Server, str]:
    """Run an upstream that speaks as badly as it is told."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await behave(reader, writer)
        finally:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    return server, f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"


async def _resets(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read(100)
    writer.transport.abort()


async def _hangs(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
    await reader.read(100)
    await asyncio.sleep(2)


async def _says_nonsense(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read(100)
    writer.write(b"SSH-2.0-hello\r\n\r\n")
    await writer.drain()


async def _breaks_off(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read(100)
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nonly so much")
    await writer.drain()


async def _says_too_much(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read(100)
    writer.write(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")
    for _ in range(200):
        writer.write(b"x" * 10_000)
        await writer.drain()


@pytest.mark.parametrize(
    ("behave", "status"),
    [(_resets, 502), (_hangs, 504), (_says_nonsense, 502), (_breaks_off, 0), (_says_too_much, 0)],
)
def test_a_bad_upstream(behave: Any, status: int) -> None:
    """Every failure is one that shippers retry: 502, 504, or a connection that ends uncleanly."""

    async def main() -> None:
        server, url = await raw_upstream(behave)
        limits = Limits(upstream_timeout=0.3, max_response=100_000)
        async with server, sidecar(url, limits=limits) as it:
            if status:
                async with it.client.post(it.url, data=DIRTY, headers=NDJSON) as answer:
                    assert answer.status == status
                    assert answer.headers["Retry-After"]
                    assert not shows(await answer.read())
            else:
                with pytest.raises(aiohttp.ClientError):
                    async with it.client.post(it.url, data=DIRTY, headers=NDJSON) as answer:
                        await answer.read()

    run(main())


def test_no_upstream() -> None:
    """502 in the client's own language: OTLP clients read a Status message."""

    async def main() -> None:
        async with sidecar("http://127.0.0.1:9") as it:
            headers = {"Content-Type": "application/x-protobuf"}
            async with it.client.post(it.url + "/v1/logs", data=b"", headers=headers) as answer:
                assert answer.status == 502
                assert answer.headers["Content-Type"] == "application/x-protobuf"
                assert (await answer.read()).startswith(b"\x12")
            async with it.client.post(it.url + "/v1/logs", json={}) as answer:
                assert "message" in json.loads(await answer.read())

    run(main())


def test_upstreams_certificate_is_verified(tmp_path: Any) -> None:
    """A certificate that nobody vouches for is an error, and no data is sent; with its authority it works."""
    if shutil.which("openssl") is None:
        pytest.skip("openssl makes the certificate")
    key, cert = tmp_path / "key.pem", tmp_path / "cert.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", cert, "-days", "2",  # noqa: E501 - a sample reads best whole
         "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"],
        check=True, capture_output=True,
    )  # fmt: skip

    async def main() -> None:
        store = Upstream()
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(cert, key)
        runner = web.ServerRunner(web.Server(store.handle))
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=context).start()
        url = f"https://localhost:{runner.addresses[0][1]}"
        for ca, status in ((None, 502), (str(cert), 200)):
            async with (
                sidecar(url, config={"upstream_ca": ca}) as it,
                it.client.post(it.url, data=CLEAN, headers=NDJSON) as answer,
            ):
                assert answer.status == status
        assert len(store.seen) == 1
        await runner.cleanup()

    run(main())


def test_a_client_that_sends_a_byte_a_second_is_cut_off_and_others_are_served() -> None:
    """Slow heads and slow bodies end in time, and block nobody."""

    async def main() -> None:
        limits = Limits(body_timeout=0.5, header_timeout=0.5)
        async with upstream() as store, sidecar(store.url, limits=limits) as it:
            port = int(it.url.rpartition(":")[2])
            body_reader, body_writer = await asyncio.open_connection("127.0.0.1", port)
            body_writer.write(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n{")
            head_reader, head_writer = await asyncio.open_connection("127.0.0.1", port)
            head_writer.write(b"POST / HT")
            async with it.client.post(it.url, data=CLEAN, headers=NDJSON) as answer:
                assert answer.status == 200
            assert b"408" in await asyncio.wait_for(body_reader.readline(), 5)
            await asyncio.sleep(0.2)
            it.server.close_idle()
            with pytest.raises((ConnectionError, asyncio.IncompleteReadError)):
                await asyncio.wait_for(head_reader.readexactly(1), 5)
            body_writer.close()
            head_writer.close()

    run(main())


def test_a_client_that_goes_away_leaves_nothing_behind() -> None:
    """Half a body: nothing is sent on, and the memory is given back."""

    async def main() -> None:
        async with upstream() as store, sidecar(store.url) as it:
            reader, writer = await asyncio.open_connection("127.0.0.1", int(it.url.rpartition(":")[2]))
            writer.write(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n" + b"x" * 300_000)
            await writer.drain()
            await asyncio.sleep(0.1)
            writer.transport.abort()
            await asyncio.sleep(0.1)
            assert it.metrics.gauges["leakscan_held_bytes"] == 0
            assert it.metrics.gauges["leakscan_in_flight_requests"] == 0
            assert store.seen == []
            reader.feed_eof()

    run(main())


def test_expect_100_continue_is_answered() -> None:
    """A client that waits for it gets it, before its body."""

    async def main() -> None:
        async with (
            upstream() as store,
            sidecar(store.url) as it,
            it.client.post(it.url, data=DIRTY, headers=NDJSON, expect100=True) as answer,
        ):
            assert answer.status == 200
            assert store.bodies == REDACTED

    run(main())


def test_who_waits_for_each_other_is_not_left_waiting() -> None:
    """Two have all the memory and want more: the one that came last is sent away, and the other goes on."""

    async def main() -> None:
        memory = Memory(100)
        await memory.take(50)
        await memory.take(50)
        first = asyncio.ensure_future(memory.take(30, held=50))
        await asyncio.sleep(0)
        assert not first.done()
        with pytest.raises(ShortError):
            await memory.take(30, held=50)
        memory.give(50)
        await first
        # who will give back is worth waiting for; when nobody is left who does, the last one is sent away
        memory = Memory(100)
        await memory.take(40)
        await memory.take(60)
        waiting = [asyncio.ensure_future(memory.take(50, held=20)) for _ in range(3)]
        await asyncio.sleep(0)
        assert not any(one.done() for one in waiting)
        memory.give(40)
        await asyncio.sleep(0)
        with pytest.raises(ShortError):
            await waiting[2]
        memory.give(20)
        await waiting[0]

    run(main())


def test_bodies_share_a_budget_of_memory_in_order() -> None:
    """Who comes first is served first; who gives up gives way; what is given back is granted."""

    async def main() -> None:
        memory = Memory(100)
        await memory.take(80)
        first, second = asyncio.ensure_future(memory.take(50)), asyncio.ensure_future(memory.take(10))
        await asyncio.sleep(0)
        assert not first.done()
        assert not second.done()  # it waits behind the first, although there is room
        first.cancel()
        await asyncio.sleep(0.01)
        assert second.done()
        third = asyncio.ensure_future(memory.take(90))
        await asyncio.sleep(0)
        memory.give(80)
        await asyncio.wait_for(third, 1)

    run(main())


def test_the_access_log_tells_no_secrets(capfd: pytest.CaptureFixture[str]) -> None:
    """No query, no headers, no body; a token in the path is redacted; control characters are shown."""

    async def main() -> None:
        async with upstream() as store, sidecar(store.url, config={"access_log": True}) as it:
            url = URL(f"{it.url}/hook/token={SECRET}?password={SECRET}", encoded=True)
            async with it.client.post(
                url, data=DIRTY, headers=NDJSON | {"Authorization": f"Bearer {SECRET}"}
            ) as answer:
                assert answer.status == 200

    run(main())
    err = capfd.readouterr().err
    assert "method=POST path=/hook/token=[REDACTED:" in err
    assert "redacted=1" in err
    assert not shows(err.encode())


def test_metrics_count_what_happened() -> None:
    """Records, bytes, findings by rule, codes, refusals; nothing is left in flight."""

    async def main() -> None:
        async with upstream() as store, sidecar(store.url, limits=Limits(max_request=100_000)) as it:
            for body, kind in (
                (DIRTY, NDJSON),
                (CLEAN, NDJSON),
                (b"\x00", {"Content-Type": "application/x-thing"}),
            ):
                async with it.client.post(it.url, data=body, headers=kind) as answer:
                    await answer.read()
            counters = it.metrics.snapshot().counters
            assert counters["leakscan_records", ""] == 52
            assert counters["leakscan_redacted", "generic-password"] == 1
            assert counters["leakscan_scanned_bytes", ""] == len(DIRTY) + len(CLEAN)
            assert counters["leakscan_upstream_responses", "200"] == 2
            assert counters["leakscan_refused", "unsupported"] == 1
            assert set(it.metrics.gauges.values()) == {0}

    run(main())


def test_the_exposition_passes_promtool() -> None:
    """Prometheus' own linter has nothing to say; without it, the text at least parses."""
    metrics = Metrics()
    metrics.scanned(0.003, Tally(7, {"generic-password": 2}, {"depth": 1}))
    metrics.count("leakscan_upstream_responses", 3, "200")
    text = exposition(total([metrics.snapshot(), metrics.snapshot()]), "abc", workers=2)
    assert b'leakscan_redacted_total{rule="generic-password"} 4.0' in text
    assert b'leakscan_scan_seconds_bucket{le="0.005"} 2.0' in text
    promtool = shutil.which("promtool")
    if promtool is not None:
        done = subprocess.run([promtool, "check", "metrics"], input=text, capture_output=True, check=False)
        assert (done.returncode, done.stdout + done.stderr) == (0, b"")


def test_many_idle_connections_do_not_keep_others_out() -> None:
    """Five hundred clients that say nothing; the next one is served."""

    async def main() -> None:
        async with upstream() as store, sidecar(store.url) as it:
            port = int(it.url.rpartition(":")[2])
            idle = [await asyncio.open_connection("127.0.0.1", port) for _ in range(500)]
            async with it.client.post(it.url, data=CLEAN, headers=NDJSON) as answer:
                assert answer.status == 200
            for _, writer in idle:
                writer.close()

    run(main())


def test_more_connections_than_allowed_are_closed() -> None:
    """The limit holds, and is counted."""

    async def main() -> None:
        async with upstream() as store, sidecar(store.url, limits=Limits(max_connections=2)) as it:
            port = int(it.url.rpartition(":")[2])
            kept = [await asyncio.open_connection("127.0.0.1", port) for _ in range(2)]
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            with pytest.raises((ConnectionError, asyncio.IncompleteReadError)):
                await asyncio.wait_for(reader.readexactly(1), 5)
            writer.close()
            for _, other in kept:
                other.close()

    run(main())


def test_loki_clients_that_name_snappy() -> None:
    """A snappy block with a Content-Encoding that names it is read once, not twice."""

    async def main() -> None:
        entry = wire.field(2, wire.field(1, b"") + wire.field(2, f"password={SECRET}".encode()))
        block = bytes(cramjam.snappy.compress_raw(wire.field(1, wire.field(1, b"{}") + entry)))
        headers = {"Content-Type": "application/x-protobuf", "Content-Encoding": "snappy"}
        async with upstream() as store, sidecar(store.url) as it:
            async with it.client.post(it.url + "/loki/api/v1/push", data=block, headers=headers) as answer:
                assert answer.status == 200
            assert b"password=[REDACTED:" in bytes(cramjam.snappy.decompress_raw(store.bodies))

    run(main())


@pytest.mark.parametrize("name", ["content-encoding", "CONTENT-ENCODING"])
def test_header_names_in_any_case(name: str) -> None:
    """A coding is undone however its header is written, also over two lines."""

    async def main() -> None:
        async with upstream() as store, sidecar(store.url) as it:
            body = compress(DIRTY, ["gzip", "zstd"])
            headers = [("content-type", "application/x-ndjson"), (name, "gzip"), (name, "zstd")]
            async with it.client.post(it.url, data=body, headers=headers) as answer:
                assert answer.status == 200
            assert decompress(store.bodies, ["gzip", "zstd"], Limits()) == REDACTED

    run(main())


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("application/json", DIRTY.decode().encode("utf-16")),
        ("application/json; charset=UTF-16LE", DIRTY.decode().encode("utf-16-le")),
        ("application/x-ndjson", DIRTY.decode().encode("utf-16-be")),
        ("text/plain", DIRTY.decode().encode("utf-32")),
        ("application/x-ndjson", gzip.compress(DIRTY)),
        ("text/plain", compress(DIRTY, ["zstd"])),
        ("application/json", compress(DIRTY, ["deflate"])),
    ],
)
def test_what_would_hide_a_secret_is_not_taken_as_clean(kind: str, body: bytes) -> None:
    """Wide encodings, and compression that no header tells of, are refused."""

    async def main() -> None:
        async with upstream() as store, sidecar(store.url) as it:
            async with it.client.post(it.url, data=body, headers={"Content-Type": kind}) as answer:
                assert answer.status == 415
            assert store.seen == []

    run(main())


def test_reading_requests_pass_untouched() -> None:
    """GET with query, HEAD and DELETE go through without a scan."""

    async def main() -> None:
        async with upstream() as store, sidecar(store.url) as it:
            for method in ("GET", "HEAD", "DELETE"):
                async with it.client.request(method, f"{it.url}/x?q=password%3D{SECRET}") as answer:
                    assert answer.status == 200
            assert [item.method for item in store.seen] == ["GET", "HEAD", "DELETE"]
            assert all(SECRET in item.target for item in store.seen)

    run(main())
