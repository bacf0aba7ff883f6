"""The relay as a process, with fluent-logger for Python: kill, drain, reload, workers, options."""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import os
import random
import signal
import string
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

pytest.importorskip("aiohttp")
pytest.importorskip("cramjam")
pytest.importorskip("msgpack")
pytest.importorskip("prometheus_client")
pytest.importorskip("fluent.sender")

import msgpack
from fluent import sender

from forward_parts import (
    PUT,
    SECRET,
    Receiver,
    client,
    deliver,
    live,
    numbers_of,
    process,
    receiver,
    until,
)
from leakscan import cli
from sidecar_parts import free_port, shows, wait_until

if TYPE_CHECKING:
    from collections.abc import Iterable

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals and unix sockets")


def log(where: str, numbers: Iterable[int], secrets: list[str]) -> None:
    """Log through fluent-logger as an application does; every third record has a secret."""
    if where.startswith("unix:"):
        logger = sender.FluentSender("app", host=f"unix://{where.removeprefix('unix:')}")
    else:
        host, _, port = where.rpartition("/")[2].rpartition(":")
        logger = sender.FluentSender("app", host=host, port=int(port), nanosecond_precision=True)
    for number in numbers:
        record = {"n": number, "message": f"GET /items/{number} 200"}
        if number % 3 == 0:
            secrets.append("".join(random.choices(string.ascii_letters + string.digits, k=24)))
            record["password"] = secrets[-1]
        assert logger.emit("web", record), logger.last_error
    logger.close()


def check(store: Receiver, numbers: set[int], secrets: list[str]) -> None:
    """Every number is there, whole but for its secret."""
    assert numbers_of(store.messages) == numbers
    assert not any(shows(store.bytes, secret) for secret in secrets)
    for message in store.messages:
        assert message[0] == "app.web"
        assert message[2]["message"] == f"GET /items/{message[2]['n']} 200"
        assert message[2].get("password", PUT) == PUT


@pytest.mark.parametrize("arguments", [(), ("--forward-require-ack",)])
def test_fluent_logger_through_the_relay(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    """Over TCP and a unix socket, with acks from upstream and without: all arrives, no secret does."""

    @live
    async def main() -> None:
        secrets: list[str] = []
        async with receiver() as store:
            for place, listen in enumerate(("127.0.0.1:0", f"unix:{tmp_path}/relay.sock")):
                given = ("--forward-listen", listen, "--forward-upstream", store.where, *arguments)
                with process(*given) as sidecar:
                    await asyncio.to_thread(
                        log, sidecar.where[0], range(place * 100, place * 100 + 100), secrets
                    )
                    await until(lambda: len(numbers_of(store.messages)) == place * 100 + 100)  # noqa: B023 - waited for
                    assert await asyncio.to_thread(sidecar.stop) == 0
                    assert len(sidecar.said) == 1
            check(store, set(range(200)), secrets)
            if arguments:
                assert all("chunk" in message[3] for message in store.messages)

    main()


@pytest.mark.parametrize(("number", "times", "least"), [(signal.SIGKILL, 10, 20), (signal.SIGTERM, 3, 50)])
def test_ended_under_load_it_loses_nothing_and_leaks_nothing(
    number: signal.Signals, times: int, least: int
) -> None:
    """A client that tries again until it has an ack: every number arrives, however the relay ends."""

    @live
    async def main() -> None:
        port = free_port()
        async with receiver() as store:
            given = ("--forward-listen", f"127.0.0.1:{port}", "--forward-upstream", store.where)
            acknowledged: set[int] = set()
            load = asyncio.ensure_future(deliver(f"127.0.0.1:{port}", range(600), acknowledged))
            for _ in range(times):
                with contextlib.ExitStack() as stack:
                    sidecar = await asyncio.to_thread(stack.enter_context, process(*given))
                    before = len(acknowledged)
                    await until(lambda: len(acknowledged) >= before + least or load.done())  # noqa: B023 - waited for
                    assert not load.done()
                    code = await asyncio.to_thread(sidecar.stop, number)
                    assert code == (0 if number == signal.SIGTERM else -number)
                    assert all("time is up" not in line for line in sidecar.said)
            with process(*given):
                await load
            assert acknowledged == numbers_of(store.messages) == set(range(600))
            assert not shows(store.bytes)

    main()


def test_reload_changes_upstream_policy_and_keys(tmp_path: Path) -> None:
    """SIGHUP: new connections use what is there now; a bad file or a new place to listen changes nothing."""

    @live
    async def main() -> None:
        config = tmp_path / "sidecar.toml"
        port = free_port()
        async with receiver() as first, receiver() as second:
            text = (
                f'admin_listen = "127.0.0.1:0"\n[[forward]]\nlisten = "127.0.0.1:{port}"\n'
                f'upstream = "{first.where}"\n'
            )
            config.write_text(text)
            with process("--config", str(config)) as sidecar:

                async def send(number: int) -> None:
                    async with client(sidecar.where[0]) as shipper:
                        await shipper.send(["app", 1, {"n": number}, {"chunk": "a"}])
                        assert await shipper.value() == {"ack": "a"}

                async def reload(text: str, failures: int) -> None:
                    config.write_text(text)
                    sidecar.popen.send_signal(signal.SIGHUP)
                    wanted = f"leakscan_reload_failures_total {failures}.0"
                    await until(lambda: wanted in sidecar.get("/metrics")[1])

                await send(1)
                await reload(text.replace("upstream", "upsteam"), 1)
                await reload(text.replace(str(port), str(free_port())), 2)
                await reload(text + 'shared_key_file = "no such file"\n', 3)
                await send(2)
                assert numbers_of(first.messages) == {1, 2}
                config.write_text(text.replace(first.where, second.where))
                sidecar.popen.send_signal(signal.SIGHUP)
                while not second.messages:
                    await send(3)
                assert await asyncio.to_thread(sidecar.stop) == 0
                assert any(
                    "forward[1].upsteam: unknown key; did you mean upstream?" in s for s in sidecar.said
                )
                assert any("where it listens cannot change" in line for line in sidecar.said)

    main()


def test_several_workers_share_a_port_and_a_unix_socket(tmp_path: Path) -> None:
    """A dead worker is replaced, nothing is lost, and the socket goes with the parent."""

    @live
    async def main() -> None:
        ours, config = tmp_path / "relay.sock", tmp_path / "sidecar.toml"
        port = free_port()
        async with receiver() as store:
            config.write_text(
                'admin_listen = "127.0.0.1:0"\nworkers = 2\n'
                f'[[forward]]\nlisten = "127.0.0.1:{port}"\nupstream = "{store.where}"\n'
                f'[[forward]]\nlisten = "unix:{ours}"\nupstream = "{store.where}"\n'
            )
            with process("--config", str(config), listeners=2) as sidecar:
                acknowledged: set[int] = set()
                await deliver(f"127.0.0.1:{port}", range(30), acknowledged)
                await deliver(f"unix:{ours}", range(30, 60), acknowledged)
                with Path(f"/proc/{sidecar.popen.pid}/task/{sidecar.popen.pid}/children").open() as file:  # noqa: ASYNC230 - /proc
                    children = [int(child) for child in file.read().split()]
                assert len(children) == 2
                os.kill(children[0], signal.SIGKILL)
                await until(lambda: sidecar.get("/readyz")[0] == 503)
                await until(lambda: sidecar.get("/readyz")[0] == 200)
                await deliver(f"unix:{ours}", range(60, 90), acknowledged)
                assert numbers_of(store.messages) == set(range(90))
                assert await asyncio.to_thread(sidecar.stop) == 0
            assert not ours.exists()

    if not sys.platform.startswith("linux"):
        pytest.skip("needs /proc")
    main()


def test_metrics_and_the_access_log_show_no_content() -> None:
    """Counts of what passed; a line a message, without tag and record."""

    @live
    async def main() -> None:
        async with receiver() as store:
            given = ("--forward-listen", "127.0.0.1:0", "--forward-upstream", store.where)
            with process(*given, "--admin-listen", "127.0.0.1:0", "--access-log") as sidecar:
                async with client(sidecar.where[0]) as shipper:
                    await shipper.send([f"tag-{SECRET}", 1, {"password": SECRET}, {"chunk": "a"}])
                    assert await shipper.value() == {"ack": "a"}
                    metrics = sidecar.get("/metrics")[1]
                assert 'leakscan_requests_total{codec="forward"} 1.0' in metrics
                assert 'leakscan_upstream_responses_total{code="ack"} 1.0' in metrics
                assert "leakscan_forward_connections 1.0" in metrics
                assert "leakscan_records_total 1.0" in metrics
                assert await asyncio.to_thread(sidecar.stop) == 0
                assert sum("method=FORWARD" in line for line in sidecar.said) == 1
                assert not shows("\n".join([metrics, *sidecar.said]).encode())

    main()


def test_keys_are_never_on_the_command_line(tmp_path: Path) -> None:
    """From the environment or a file; neither output nor arguments show them."""

    @live
    async def main() -> None:
        given = ("--forward-listen", "127.0.0.1:0", "--forward-upstream", "127.0.0.1:1")
        with process(*given, LEAKSCAN_FORWARD_SHARED_KEY=SECRET) as sidecar:
            async with client(sidecar.where[0]) as shipper:
                assert (await shipper.value())[0] == "HELO"
            assert await asyncio.to_thread(sidecar.stop) == 0
            assert SECRET not in "\n".join(sidecar.said)
        key = tmp_path / "key"
        key.write_text(SECRET)
        key.chmod(0o600)
        with process(*given, "--forward-shared-key-file", str(key)) as sidecar:
            async with client(sidecar.where[0]) as shipper:
                assert (await shipper.value())[0] == "HELO"

    main()


FORWARD = ["--forward-listen", "127.0.0.1:0", "--forward-upstream", "127.0.0.1:1"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--forward-listen", "127.0.0.1:1"], "--forward-listen and --forward-upstream: one needs the other"),
        (
            ["--upstream", "http://x", "--forward-require-ack"],
            "--forward-require-ack: needs --forward-listen",
        ),
        (["--forward-listen", "x", "--forward-upstream", "x:1"], "listen: must be HOST:PORT or unix:/path"),
        (["--forward-listen", "unix:x", "--forward-upstream", "x:1"], "after unix: comes an absolute path"),
        (
            ["--forward-listen", "127.0.0.1:1", "--forward-upstream", "http://x"],
            "upstream: must be HOST:PORT, tls",
        ),
        (["--forward-listen", "0.0.0.0:1", "--forward-upstream", "x:1"], "other machines without TLS"),
        (
            ["--forward-listen", "127.0.0.1:1", "--forward-upstream", "127.0.0.1:1"],
            "is where this one listens",
        ),
        ([*FORWARD, "--codec", "forward"], "--codec is for HTTP"),
        ([*FORWARD, "--forward-shared-key-file", "no-such-file"], "no-such-file: No such file"),
        ([*FORWARD, "--upstream-ca", "no-such-file"], "upstream_ca: "),
        ([*FORWARD, "--config", "x.toml"], "belongs into the file"),
    ],
)
def test_mistakes_are_one_line(capsys: pytest.CaptureFixture[str], arguments: list[str], words: str) -> None:
    """Exit code 2 and one line that says what to do."""
    code = cli.run(["sidecar", *arguments])
    err = capsys.readouterr().err
    assert code == 2
    assert words in err
    assert len(err.splitlines()) == 1


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        ('listn = "x"', "forward[1].listn: unknown key; did you mean listen?"),
        ('listen = "127.0.0.1:1"', "forward[1].upstream: is missing"),
        ("forward", "forward: must be tables: write [[forward]]"),
        ("shared_key_file = 'a'\nshared_key_env = 'b'", "give one of them"),
        ("users_file = 'a'", "users_file: needs shared_key_file"),
        ("upstream_user = 'a'", "upstream_user: needs a password"),
        ("upstream_user = 'a'\nupstream_password_env = 'b'", "upstream_user: needs upstream_shared_key_file"),
        ("on_failure = 'x'", "forward[1].on_failure: must be one of mask, block, open"),
        ("require_ack = 1", "forward[1].require_ack: must be true or false"),
        ("socket_mode = '660'", "forward[1].socket_mode: must be a number"),
        ("hostname = ''", "forward[1].hostname: must be a string"),
        ("[[forward]]\nlisten = '127.0.0.1:1'\nupstream = '127.0.0.1:3'", "two listen on the same place"),
    ],
)
def test_mistakes_in_the_file_name_the_key(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], lines: str, words: str
) -> None:
    """One line with file, table and key."""
    config = tmp_path / "sidecar.toml"
    table = (
        "[[forward]]\n"
        if "listn" in lines or lines.startswith("listen")
        else ("[[forward]]\nlisten = '127.0.0.1:1'\nupstream = '127.0.0.1:2'\n")
    )
    config.write_text("forward = 1\n" if lines == "forward" else table + lines + "\n")
    assert cli.run(["sidecar", "--config", str(config), "--check"]) == 2
    err = capsys.readouterr().err
    assert words in err
    assert len(err.splitlines()) == 1
    assert str(config) in err


def test_a_socket_in_use_is_said_at_start(tmp_path: Path) -> None:
    """Two relays on one path: the second does not start, and the first goes on."""
    given = ("--forward-listen", f"unix:{tmp_path}/relay.sock", "--forward-upstream", "127.0.0.1:1")
    with process(*given) as first:
        with pytest.raises(AssertionError, match="another process listens there"), process(*given):
            pass
        wait_until(lambda: first.popen.poll() is None)
        assert first.stop() == 0


def test_a_crowd_a_bomb_and_big_chunks_leave_memory_bounded() -> None:
    """Two thousand silent clients, a gigabyte in a megabyte, chunks of 16 MB: one more is served at once."""

    @live
    async def main() -> None:
        entries = msgpack.packb([1, {"log": "all is well " * 80}]) * 16_000
        bomb = gzip.compress(b"\x92\x01\xc6" + (1 << 30).to_bytes(4, "big") + bytes(1 << 20), 9) * 1000
        async with receiver() as store:
            given = ("--forward-listen", "127.0.0.1:0", "--forward-upstream", store.where)
            with process(*given) as sidecar:
                port = int(sidecar.where[0].rpartition(":")[2])
                idle = [await asyncio.open_connection("127.0.0.1", port) for _ in range(2000)]
                async with contextlib.AsyncExitStack() as stack:
                    shippers = [await stack.enter_async_context(client(sidecar.where[0])) for _ in range(8)]
                    for number, shipper in enumerate(shippers):
                        options = {"chunk": str(number), "compressed": "gzip"}
                        await shipper.send(
                            ["app", bomb if number % 2 else gzip.compress(entries, 1), options]
                        )
                    for number, shipper in enumerate(shippers):
                        assert await shipper.value() == {"ack": str(number)}
                acknowledged: set[int] = set()
                await deliver(sidecar.where[0], range(1), acknowledged)
                with Path(f"/proc/{sidecar.popen.pid}/status").open() as file:  # noqa: ASYNC230 - /proc
                    peak = int(next(line for line in file if line.startswith("VmHWM")).split()[1])
                assert peak < 400_000
                for _, writer in idle:
                    writer.close()

    if not sys.platform.startswith("linux"):
        pytest.skip("needs /proc")
    import resource  # noqa: PLC0415 - not on Windows

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard < 8192:
        pytest.skip("too few file descriptors")
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, 8192), hard))
    main()
