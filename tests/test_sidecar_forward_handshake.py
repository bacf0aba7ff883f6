"""Forward's handshake on both sides, against digests that are computed here from the specification."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import os
from typing import TYPE_CHECKING, Any

import pytest

pytest.importorskip("aiohttp")
pytest.importorskip("cramjam")
pytest.importorskip("msgpack")
pytest.importorskip("prometheus_client")

import msgpack
from hypothesis import given
from hypothesis import strategies as st

from forward_parts import SECRET, Client, client, live, receiver, relay
from leakscan.errors import ConfigError
from leakscan.sidecar.forward import handshake
from leakscan.sidecar.forward.handshake import HandshakeError, Helo
from leakscan.sidecar.limits import Limits

if TYPE_CHECKING:
    from pathlib import Path

KEY, USER, PASSWORD = "an obviously fake shared key", "bob", "an obviously fake password"


def sha512(*parts: str | bytes) -> str:
    """Return the digest of parts, one after the other."""
    return hashlib.sha512(b"".join(p.encode() if isinstance(p, str) else p for p in parts)).hexdigest()


def secret_file(path: Path, text: str) -> str:
    """Write a file that others cannot read."""
    path.write_text(text)
    path.chmod(0o600)
    return str(path)


async def shake(shipper: Client, key: str, *, user: str = "", password: str = "", salt: Any = "salt") -> Any:
    """Do a client's part; return PONG."""
    name, options = await shipper.value()
    assert name == "HELO"
    nonce, auth = options["nonce"], options["auth"]
    raw = salt if isinstance(salt, bytes) else salt.encode()
    proof = sha512(raw, "shipper", nonce, key)
    if isinstance(salt, bytes):  # as Fluent Bit writes it: bytes with the header of a string
        ping = b"\x96\xa4PING\xa7shipper" + bytes([0xA0 + len(salt)]) + salt + msgpack.packb(proof)
        ping += msgpack.packb(user) + msgpack.packb(sha512(auth, user, password) if auth else "")
        await shipper.send(ping)
    else:
        said = sha512(auth, user, password) if auth else ""
        await shipper.send(["PING", "shipper", salt, proof, user, said])
    pong = await shipper.value()
    if pong and pong[1]:
        assert pong[4] == sha512(raw, pong[3], nonce, key)
    return pong


@live
async def test_clients_prove_that_they_know_the_key(tmp_path: Path) -> None:
    """With the key messages pass, and we prove that we know it; with another they do not."""
    key = secret_file(tmp_path / "key", KEY + "\n")
    async with receiver() as store, relay(store.where, shared_key_file=key, hostname="relay") as sidecar:
        for salt in ("0123456789abcdef", os.urandom(16)):
            async with client(sidecar.where[0]) as shipper:
                assert (await shake(shipper, KEY, salt=salt))[1:4] == [True, "", "relay"]
                await shipper.send(["app", 1, {"n": 1}, {"chunk": "a"}])
                assert await shipper.value() == {"ack": "a"}
        async with client(sidecar.where[0]) as shipper:
            assert await shake(shipper, "another key") == ["PONG", False, "shared_key mismatch", "", ""]
            await shipper.send(["app", 1, {"n": 2}])
            assert await shipper.value() is None
        async with client(sidecar.where[0]) as shipper:
            assert (await shipper.value())[0] == "HELO"
            await shipper.send(["app", 1, {"n": 2}], ["app", 1, {"n": 3}])
            assert await shipper.value() is None
        assert len(store.messages) == 2
        assert sidecar.count("leakscan_refused", "handshake") == 2


@live
async def test_clients_prove_their_password(tmp_path: Path) -> None:
    """Key, user and password must all be right; nobody learns which users there are."""
    key = secret_file(tmp_path / "key", KEY)
    users = secret_file(tmp_path / "users", f"# who may send\n{USER}:{PASSWORD}\nalice:x:y\n")
    async with receiver() as store, relay(store.where, shared_key_file=key, users_file=users) as sidecar:
        for user, password, is_good in (
            (USER, PASSWORD, True), ("alice", "x:y", True), (USER, "", False), (USER, "x", False),
            ("", "", False), ("mallory", "", False), ("mallory", PASSWORD, False),
        ):  # fmt: skip
            async with client(sidecar.where[0]) as shipper:
                pong = await shake(shipper, KEY, user=user, password=password)
                assert pong[1] is is_good
                assert pong[2] == ("" if is_good else "username/password mismatch")
                assert not any(word in str(pong) for word in (KEY, PASSWORD))


@live
async def test_a_client_that_says_nothing_is_cut_off(tmp_path: Path) -> None:
    """The handshake has its time."""
    key = secret_file(tmp_path / "key", KEY)
    async with (
        relay("127.0.0.1:1", shared_key_file=key, limits=Limits(header_timeout=0.2)) as sidecar,
        client(sidecar.where[0]) as shipper,
    ):
        assert (await shipper.value())[0] == "HELO"
        assert await shipper.value() is None


class Server:
    """An upstream that asks for a handshake, and then acknowledges everything."""

    def __init__(self, *, key: str = KEY, name: str = "store", asks: bool = False, says: Any = None) -> None:
        self.key, self.name, self.asks, self.says = key, name, asks, says
        self.pings: list[Any] = []
        self.messages: list[Any] = []

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Take one connection."""
        peer = Client(reader, writer)
        nonce, auth = os.urandom(16), os.urandom(16) if self.asks else b""
        await peer.send(self.says or ["HELO", {"nonce": nonce, "auth": auth, "keepalive": True}])
        ping = await peer.value()
        if ping is None:
            return
        self.pings.append(ping)
        _, name, salt, proof, user, password = ping
        is_good = proof == sha512(salt, name, nonce, KEY)
        if self.asks:
            is_good = is_good and (user, password) == (USER, sha512(auth, USER, PASSWORD))
        said = sha512(salt, self.name, nonce, self.key)
        await peer.send(["PONG", is_good, "" if is_good else f"no {SECRET}", self.name, said])
        while (message := await peer.value()) is not None:
            self.messages.append(message)
            await peer.send({"ack": message[-1]["chunk"]})


async def sent_to(server: Server, capsys: pytest.CaptureFixture[str], **table: Any) -> tuple[Any, str]:
    """Send a message through a relay to a server; return what comes back, and what was said."""
    listening = await asyncio.start_server(server.serve, "127.0.0.1", 0)
    where = f"127.0.0.1:{listening.sockets[0].getsockname()[1]}"
    limits = Limits(upstream_timeout=0.5)
    async with relay(where, limits=limits, **table) as sidecar, client(sidecar.where[0]) as shipper:
        await shipper.send(["app", 1, {"n": 1}, {"chunk": "a"}])
        answer = await shipper.value()
    listening.close()
    return answer, capsys.readouterr().err


@live
async def test_upstream_is_shown_the_key_and_the_password(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """From a file or the environment; with a user only if upstream asks for one."""
    key = secret_file(tmp_path / "key", KEY)
    monkeypatch.setenv("FORWARD_PASSWORD", PASSWORD)
    server = Server()
    assert (await sent_to(server, capsys, upstream_shared_key_file=key))[0] == {"ack": "a"}
    assert server.pings[0][4:] == ["", ""]
    server = Server(asks=True)
    answer, err = await sent_to(
        server, capsys, upstream_shared_key_file=key, upstream_user=USER,
        upstream_password_env="FORWARD_PASSWORD", hostname="relay",
    )  # fmt: skip
    assert answer == {"ack": "a"}
    assert server.pings[0][1] == "relay"
    assert err == ""


@pytest.mark.parametrize(
    ("server", "table", "words"),
    [
        (Server(key="another"), {"shared_key": KEY}, "upstream does not know the shared key"),
        (Server(), {"shared_key": "another"}, "upstream refuses the shared key"),
        (Server(asks=True), {"shared_key": KEY}, "upstream refuses the shared key, or user and password"),
        (Server(name="relay"), {"shared_key": KEY}, "upstream has the name of this relay"),
        (Server(), {}, "upstream asks for a shared key"),
        (Server(says={"ack": "a"}), {"shared_key": KEY}, "none of Forward's"),
        (Server(says=["HALO", {}]), {"shared_key": KEY}, "does not begin with HELO"),
        (Server(says=b"\xc1"), {"shared_key": KEY}, "none of Forward's"),
        (Server(says=b"\x92"), {"shared_key": KEY}, "does not begin the handshake"),
    ],
)
def test_an_upstream_that_does_not_prove_itself_gets_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], server: Server, table: dict[str, str], words: str
) -> None:
    """The client is cut off without an ack; the reason is said in one line, without what upstream said."""

    @live
    async def main() -> None:
        keys = {f"upstream_{name}_file": secret_file(tmp_path / name, text) for name, text in table.items()}
        answer, err = await sent_to(server, capsys, hostname="relay", **keys)
        assert answer is None
        assert server.messages == []
        assert words in err
        assert len(err.splitlines()) == 1
        assert SECRET not in err
        assert KEY not in err

    main()


@pytest.mark.parametrize(
    ("name", "text", "mode", "words"),
    [
        ("shared_key_file", "", 0o600, "holds no key"),
        ("shared_key_file", KEY, 0o644, "is open to other users"),
        ("shared_key_file", "x" * 5000, 0o600, "larger than 4,096 bytes"),
        ("users_file", "# nobody\n", 0o600, "holds no user"),
        ("users_file", f"bob:{SECRET}\n{SECRET}\n", 0o600, "line 2 must be name:password"),
        (
            "users_file",
            f"bob:{SECRET}\nbob:{SECRET}\n",
            0o600,
            "line 2 must be name:password, each name once",
        ),
    ],
)
def test_unusable_keys_are_said_without_what_is_in_them(
    tmp_path: Path, name: str, text: str, mode: int, words: str
) -> None:
    """At start, not at the first connection."""

    @live
    async def main() -> None:
        (tmp_path / "x").write_text(text)
        (tmp_path / "x").chmod(mode)
        table = {name: str(tmp_path / "x")}
        if name == "users_file":
            table["shared_key_file"] = secret_file(tmp_path / "key", KEY)
        with pytest.raises(ConfigError, match=words) as error:
            async with relay("127.0.0.1:1", **table):
                pass
        assert SECRET not in str(error.value)

    main()


@live
async def test_a_key_that_is_not_there() -> None:
    """A missing file or variable is named."""
    with pytest.raises(ConfigError, match="no such key: No such file"):
        async with relay("127.0.0.1:1", shared_key_file="no such key"):
            pass
    with pytest.raises(ConfigError, match="the environment variable NO_SUCH_KEY is not set"):
        async with relay("127.0.0.1:1", upstream_shared_key_env="NO_SUCH_KEY"):
            pass


@given(
    value=st.one_of(
        st.binary(max_size=60), st.lists(st.one_of(st.text(), st.integers(0, 1 << 63))).map(msgpack.packb)
    )
)
def test_any_bytes_are_a_handshake_or_an_error(value: bytes) -> None:
    """Nothing but `HandshakeError`, and never success."""
    hello = Helo(b"n", b"a")
    for check in (
        lambda: handshake.read_helo(value),
        lambda: handshake.read_pong(value, hello, b"relay", b"key", b"salt"),
    ):
        with pytest.raises(HandshakeError):
            check()
    with contextlib.suppress(HandshakeError):
        assert handshake.read_ping(value, hello, b"key", {}).reason
