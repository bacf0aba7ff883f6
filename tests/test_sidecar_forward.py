"""The Forward relay on real sockets: acks, upstreams that fail, limits, drain, TLS and unix sockets."""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import socket
import ssl
import struct
import sys
from pathlib import Path

import pytest

pytest.importorskip("aiohttp")
pytest.importorskip("cramjam")
pytest.importorskip("msgpack")
pytest.importorskip("prometheus_client")

import msgpack

from forward_parts import PUT, SECRET, TIME, client, deliver, entry, live, numbers_of, receiver, relay, until
from leakscan.errors import ConfigError
from leakscan.sidecar.limits import Limits
from sidecar_parts import certificate, free_port, run, shows

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="unix sockets")

LOGIN = {"message": f"login password={SECRET}", "n": 1}


@live
async def test_each_mode_arrives_redacted_and_is_acknowledged_by_upstream() -> None:
    """Message, Forward, PackedForward and compressed: the secret is gone, upstream's ack comes back."""
    packed = entry(LOGIN) + entry({"n": 2})
    messages = [
        ["app", 1, LOGIN, {"chunk": "a"}],
        ["app", [[1, LOGIN], [2, {"n": 2}]], {"chunk": "b", "size": 2}],
        ["app", packed, {"chunk": "c"}],
        ["app", gzip.compress(packed), {"chunk": "d", "compressed": "gzip"}],
    ]
    async with receiver() as store, relay(store.where) as sidecar, client(sidecar.where[0]) as shipper:
        for message in messages:
            await shipper.send(message)
            assert await shipper.value() == {"ack": message[-1]["chunk"]}
        last = store.messages.pop()
        store.messages.append(["app", gzip.decompress(last[1]), last[2]])
        for message in store.messages:
            assert numbers_of([message]) <= {1, 2}
            assert PUT in str(message[1:])
            assert not shows(str(message).encode())
        assert sidecar.count("leakscan_upstream_responses", "ack") == 4
        assert sidecar.count("leakscan_records") == 7
        assert sidecar.count("leakscan_redacted", "generic-password") == 4


@live
async def test_clean_messages_pass_byte_for_byte_however_they_are_cut() -> None:
    """Byte by byte into the relay, the same bytes out of it, heartbeats among them."""
    packed = entry({"log": "all is well", "x": msgpack.ExtType(5, b"\x00\xff")})
    stream = b"".join(
        [
            msgpack.packb(["app", 1, {"log": "ok"}]),
            b"\xc0",
            msgpack.packb(["app", gzip.compress(packed), {"compressed": "gzip", "size": 1}]),
            # an old client: raw16 for what fits into less, and a time as a float
            b"\x93\xda\x00\x03app\xcb\x40\x00\x00\x00\x00\x00\x00\x00\x81\xa3log\xda\x00\x02ok",
        ]
    )
    async with receiver() as store, relay(store.where) as sidecar, client(sidecar.where[0]) as shipper:
        for byte in stream:
            await shipper.send(bytes([byte]))
            await asyncio.sleep(0)
        await until(lambda: len(store.bytes) >= len(stream))
        assert store.bytes == stream
        assert store.beats == 1
        assert sidecar.count("leakscan_rewritten") == 0


@live
async def test_no_ack_before_upstream_gave_one() -> None:
    """While upstream is silent nothing comes back; in the end the client is cut off, and not acknowledged."""
    limits = Limits(upstream_timeout=0.3)
    async with (
        receiver() as store,
        relay(store.where, limits=limits) as sidecar,
        client(sidecar.where[0]) as shipper,
    ):
        store.acks = False
        await shipper.send(["app", 1, {"n": 1}, {"chunk": "a"}])
        await until(lambda: store.messages)
        assert await shipper.value() is None
        assert sidecar.count("leakscan_upstream_responses", "0") == 1
        assert sidecar.metrics.gauges["leakscan_in_flight_requests"] == 0


@live
async def test_acks_for_what_nobody_asked_are_not_passed_on() -> None:
    """An upstream that acknowledges a wrong chunk is as good as silent."""

    async def wrong(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(100)
        writer.write(msgpack.packb({"ack": "b"}) + msgpack.packb({"nack": "a"}))
        await reader.read(100)
        writer.close()

    server = await asyncio.start_server(wrong, "127.0.0.1", 0)
    where = f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
    async with (
        relay(where, limits=Limits(upstream_timeout=0.3)) as sidecar,
        client(sidecar.where[0]) as shipper,
    ):
        await shipper.send(["app", 1, {"n": 1}, {"chunk": "a"}])
        assert await shipper.value() is None
    server.close()


@live
async def test_an_upstream_that_resets_loses_nothing_that_was_acknowledged() -> None:
    """Every number arrives, whenever the connection breaks; no secret does."""
    async with receiver() as store, relay(store.where) as sidecar:
        store.resets = [0, 1, 0, 0, 1, 0, 2, 0]
        acknowledged: set[int] = set()
        await deliver(sidecar.where[0], range(30), acknowledged)
        assert acknowledged == numbers_of(store.messages) == set(range(30))
        assert not shows(store.bytes)


@live
async def test_a_pipelining_client_is_cut_off_with_what_was_acknowledged_and_no_more() -> None:
    """Forty chunks on one connection, upstream resets: each ack is for a record that is there."""
    async with receiver() as store, relay(store.where) as sidecar, client(sidecar.where[0]) as shipper:
        store.resets = [17]
        for number in range(40):
            await shipper.send(["app", 1, {"n": number, "password": SECRET}, {"chunk": str(number)}])
        acks = set()
        while (value := await shipper.value()) is not None:
            acks.add(int(value["ack"]))
        assert acks <= numbers_of(store.messages)
        assert len(numbers_of(store.messages)) < 40
        assert not shows(store.bytes)


@pytest.mark.parametrize("is_reset", [False, True])
def test_messages_without_acks_wait_for_an_upstream_that_is_away(*, is_reset: bool) -> None:
    """A client that asks for nothing, and is gone long ago: its messages arrive when upstream is back."""

    @live
    async def main() -> None:
        port = free_port()
        async with relay(f"127.0.0.1:{port}") as sidecar:
            async with client(sidecar.where[0]) as shipper:
                for number in range(50):
                    await shipper.send(["app", 1, {"n": number, "password": SECRET}])
                await asyncio.sleep(0.3)
                if is_reset:  # as Fluentd closes its connections
                    ours = shipper.writer.get_extra_info("socket")
                    ours.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            await asyncio.sleep(0.2)
            async with receiver() as store:
                server = await asyncio.start_server(store.serve, "127.0.0.1", port)
                await until(lambda: len(store.messages) == 50)
                assert [message[2]["n"] for message in store.messages] == list(range(50))
                assert not shows(store.bytes)
                assert sidecar.count("leakscan_forward_lost") == 0
                server.close()

    main()


@live
async def test_require_ack_gets_messages_over_resets_that_their_client_never_hears_of() -> None:
    """Messages without a chunk get one on their way, and are sent again until it is acknowledged."""
    async with (
        receiver() as store,
        relay(store.where, require_ack=True) as sidecar,
        client(sidecar.where[0]) as shipper,
    ):
        store.resets = [3, 0, 0, 5, 0]
        for number in range(20):
            await shipper.send(["app", 1, {"n": number, "password": SECRET}])
        await shipper.send(["app", [[1, {"n": 20}]], {"size": 1}], ["app", entry({"n": 21}), None])
        await until(lambda: numbers_of(store.messages) == set(range(22)))
        assert all(message[-1]["chunk"] for message in store.messages)
        assert [message[-1].get("size") for message in store.messages][-2:] == [1, None]
        assert not shows(store.bytes)


@live
async def test_a_hanging_upstream_makes_the_client_wait_and_takes_no_memory() -> None:
    """What is not taken is not read: a client that sends 64 MiB is stopped after what buffers hold."""
    async with receiver() as store, relay(store.where) as sidecar, client(sidecar.where[0]) as shipper:
        store.hangs = True
        message = msgpack.packb(["app", 1, {"log": "x" * 100_000}])
        sent = 0
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(1.5):
                while sent < 1 << 26:
                    await shipper.send(message)
                    sent += len(message)
        assert sent < 1 << 25
        assert sidecar.metrics.gauges["leakscan_held_bytes"] < 1 << 20
        store.hangs = False
        await until(lambda: len(store.messages) >= sent // len(message))


@live
async def test_heartbeats_tell_whether_upstream_is_there() -> None:
    """A nil goes through; with upstream away, the client is cut off."""
    async with receiver() as store, relay(store.where) as sidecar, client(sidecar.where[0]) as shipper:
        await shipper.send(b"\xc0")
        await until(lambda: store.beats == 1)
    async with (
        relay(f"127.0.0.1:{free_port()}") as sidecar,
        client(sidecar.where[0]) as shipper,
    ):
        await shipper.send(b"\xc0")
        assert await shipper.value() is None


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"\xc1", "malformed"),
        (b"GET / HTTP/1.1\r\n\r\n", "malformed"),
        (b'{"json": 1}', "malformed"),
        (msgpack.packb(["tag"]), "malformed"),
        (msgpack.packb([1, 2, 3]), "malformed"),
        (msgpack.packb({"a": 1}), "malformed"),
        (b"\x91" * 2000, "malformed"),
        (b"\xc6\x10\x00\x00\x00" + bytes(2000), "too-large"),
        (b"\x92\xa1t\xdd\xff\xff\xff\xff" + bytes(2000), "too-large"),
        (b"\x93\xa1t\x01", "slow"),
    ],
)
def test_what_is_no_message_ends_the_connection(data: bytes, reason: str) -> None:
    """The client is cut off, upstream gets nothing, and the reason is counted."""

    async def main() -> None:
        limits = Limits(max_request=1000, body_timeout=0.3)
        async with (
            receiver() as store,
            relay(store.where, limits=limits) as sidecar,
            client(sidecar.where[0]) as shipper,
        ):
            await shipper.send(data)
            assert await shipper.value() is None
            assert store.bytes == b""
            assert sidecar.count("leakscan_refused", reason) == 1

    run(main())


@live
async def test_a_client_that_sends_a_byte_now_and_then_is_cut_off() -> None:
    """The time is for the whole message, not for each piece of it."""
    async with (
        receiver() as store,
        relay(store.where, limits=Limits(body_timeout=0.4)) as sidecar,
        client(sidecar.where[0]) as shipper,
    ):
        await asyncio.sleep(0.6)  # to be silent between messages is allowed
        for byte in msgpack.packb(["app", 1, {"n": 1, "log": "x" * 50}]):
            await shipper.send(bytes([byte]))
            await asyncio.sleep(0.1)
            if shipper.reader.at_eof():
                break
        assert store.messages == []
        assert sidecar.count("leakscan_refused", "slow") == 1


@live
async def test_a_bomb_is_masked_and_others_are_served() -> None:
    """A gigabyte of nothing in a megabyte never unfolds; what stands for it says so, and is acknowledged."""
    bomb = gzip.compress(entry({"log": "0" * (1 << 20)}), 9) * 1000
    async with receiver() as store, relay(store.where) as sidecar, client(sidecar.where[0]) as shipper:
        await shipper.send(["app", bomb, {"compressed": "gzip", "chunk": "a"}])
        assert await shipper.value() == {"ack": "a"}
        assert "reason=size" in str(store.messages)
        assert len(store.bytes) < 200
        await shipper.send(["app", 1, {"n": 1}, {"chunk": "b"}])
        assert await shipper.value() == {"ack": "b"}


@live
async def test_block_keeps_the_chunk_with_the_client_and_masks_it_in_the_end() -> None:
    """Cut off without an ack as often as configured; after that one entry says what happened."""
    damaged = ["app", b"\x92" * 3 + SECRET.encode(), {"chunk": "a"}]
    limits = Limits(block_attempts=2)
    async with receiver() as store, relay(store.where, on_failure="block", limits=limits) as sidecar:
        for _ in range(2):
            async with client(sidecar.where[0]) as shipper:
                await shipper.send(damaged)
                assert await shipper.value() is None
        assert store.bytes == b""
        async with client(sidecar.where[0]) as shipper:
            await shipper.send(damaged)
            assert await shipper.value() == {"ack": "a"}
        assert "[LEAKSCAN:unscanned reason=malformed" in str(store.messages)
        assert not shows(store.bytes)


@live
async def test_block_masks_at_once_what_would_be_lost() -> None:
    """A client without acks does not send again, so its message is masked."""
    async with (
        receiver() as store,
        relay(store.where, on_failure="block") as sidecar,
        client(sidecar.where[0]) as shipper,
    ):
        await shipper.send(["app", b"\x92\x92", {"size": 1}], ["app", 1, {"n": 1}])
        await until(lambda: len(store.messages) == 2)
        assert "[LEAKSCAN:unscanned reason=malformed" in str(store.messages[0])


@live
async def test_open_passes_what_cannot_be_read() -> None:
    """By policy, and counted."""
    message = msgpack.packb(["app", b"\x92\x92", {"size": 1}])
    async with (
        receiver() as store,
        relay(store.where, on_failure="open") as sidecar,
        client(sidecar.where[0]) as shipper,
    ):
        await shipper.send(message)
        await until(lambda: store.bytes == message)
        assert sidecar.count("leakscan_unscanned", "malformed") == 1


@live
async def test_a_drain_finishes_what_is_under_way() -> None:
    """An ack that upstream takes its time for still arrives; then the client is closed."""
    async with (
        receiver() as store,
        relay(store.where, drain=5) as sidecar,
        client(sidecar.where[0]) as shipper,
    ):
        store.acks = False
        await shipper.send(["app", 1, {"n": 1}, {"chunk": "a"}])
        await until(lambda: store.messages)
        stopping = asyncio.ensure_future(sidecar.relay.stop(5))
        await asyncio.sleep(0.2)
        assert not stopping.done()
        store.acknowledge()
        assert await shipper.value() == {"ack": "a"}
        assert await shipper.value() is None
        await stopping
        with pytest.raises(OSError, match="onnect"):
            await asyncio.open_connection("127.0.0.1", sidecar.port)


@live
async def test_a_drain_reads_on_until_a_client_without_acks_is_quiet() -> None:
    """What such a client has sent is not thrown away because the process ends."""
    async with (
        receiver() as store,
        relay(store.where, drain=5) as sidecar,
        client(sidecar.where[0]) as shipper,
    ):
        await shipper.send(["app", 1, {"n": 0}])
        await until(lambda: store.messages)
        stopping = asyncio.ensure_future(sidecar.relay.stop(5))
        for number in range(1, 20):
            await shipper.send(["app", 1, {"n": number}])
            await asyncio.sleep(0.02)
        await stopping
        assert numbers_of(store.messages) == set(range(20))


@live
async def test_a_drain_counts_what_it_has_to_give_up() -> None:
    """With upstream away a held message is lost at the end, and that is said."""
    async with relay(f"127.0.0.1:{free_port()}") as sidecar, client(sidecar.where[0]) as shipper:
        await shipper.send(["app", 1, {"n": 1}])
        await until(lambda: sidecar.metrics.gauges["leakscan_in_flight_requests"] == 1)
        await sidecar.relay.stop(0.2)
        assert sidecar.count("leakscan_forward_lost") == 1
        assert sidecar.metrics.gauges["leakscan_in_flight_requests"] == 0
        assert sidecar.metrics.gauges["leakscan_forward_connections"] == 0


@live
async def test_too_many_connections_are_refused_and_idle_ones_cost_others_nothing() -> None:
    """Those over the limit are closed; the rest is served."""
    async with receiver() as store, relay(store.where, limits=Limits(max_connections=50)) as sidecar:
        idle = [await asyncio.open_connection("127.0.0.1", sidecar.port) for _ in range(49)]
        async with client(sidecar.where[0]) as shipper:
            await shipper.send(["app", 1, {"n": 1}, {"chunk": "a"}])
            assert await shipper.value() == {"ack": "a"}
            async with client(sidecar.where[0]) as late:
                assert await late.value() is None
        assert sidecar.count("leakscan_refused", "connections") == 1
        assert store.open <= 1
        for _, writer in idle:
            writer.close()


@live
async def test_unix_sockets_on_both_sides(tmp_path: Path) -> None:
    """The socket has the permissions it was given, replaces a dead one, and goes with the relay."""
    ours = tmp_path / "relay.sock"
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(ours))
    assert ours.exists()
    async with (
        receiver(tmp_path / "up.sock") as store,
        relay(store.where, listen=f"unix:{ours}", socket_mode=0o600) as sidecar,
    ):
        assert ours.stat().st_mode & 0o777 == 0o600
        with pytest.raises(ConfigError, match="another process listens there"):
            async with relay(store.where, listen=f"unix:{ours}"):
                pass
        async with client(sidecar.where[0]) as shipper:
            await shipper.send(["app", 1, LOGIN, {"chunk": "a"}])
            assert await shipper.value() == {"ack": "a"}
        assert not shows(store.bytes)
    assert not ours.exists()
    ours.write_text("no socket")
    with pytest.raises(ConfigError, match="something else is there"):
        async with relay("127.0.0.1:1", listen=f"unix:{ours}"):
            pass
    assert ours.read_text() == "no socket"


@live
async def test_tls_on_both_sides(tmp_path: Path) -> None:
    """Upstream is verified: its authority is trusted if it is named, and by default not."""
    key, cert = certificate(tmp_path)
    serving = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    serving.load_cert_chain(cert, key)
    trusting = ssl.create_default_context(cafile=cert)
    async with receiver(tls=serving) as store:
        async with (
            relay(store.where, tls=serving, config={"upstream_ca": str(cert)}) as sidecar,
            client(sidecar.where[0], trusting) as shipper,
        ):
            assert sidecar.where[0].startswith("tls://")
            await shipper.send(["app", 1, LOGIN, {"chunk": "a"}])
            assert await shipper.value() == {"ack": "a"}
            assert not shows(store.bytes)
        async with relay(store.where) as sidecar, client(sidecar.where[0]) as shipper:
            await shipper.send(["app", 1, LOGIN, {"chunk": "a"}])
            assert await shipper.value() is None
        assert len(store.messages) == 1


@live
async def test_a_message_as_big_as_allowed() -> None:
    """Sixteen megabytes with one secret in the middle: redacted, in its order, memory given back."""
    entries = [[1, {"n": n, "log": "all is well " * 80}] for n in range(16_000)]
    entries[8000][1]["password"] = SECRET
    async with receiver() as store, relay(store.where) as sidecar, client(sidecar.where[0]) as shipper:
        await shipper.send(["app", entries, {"chunk": "a"}])
        assert await shipper.value() == {"ack": "a"}
        assert [record["n"] for _, record in store.messages[0][1]] == list(range(16_000))
        assert store.messages[0][1][8000][1]["password"] == PUT
        await until(lambda: sidecar.metrics.gauges["leakscan_held_bytes"] == 0)


def test_times_are_extension_types_that_stay() -> None:
    """The sample that the tests use is what the specification says: 8 bytes of type 0."""
    assert msgpack.unpackb(TIME) == msgpack.ExtType(0, (1441588984).to_bytes(4, "big") + b"\0\0\0\x7b")
