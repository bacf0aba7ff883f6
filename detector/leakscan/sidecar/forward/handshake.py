"""The handshake of Forward: HELO from the server, PING from the client, PONG from the server. No I/O.

Both prove with SHA-512 that they know a shared key; a client may also have to prove a password.
From https://github.com/fluent/fluentd/wiki/Forward-Protocol-Specification-v1, "Connection Phases".
Strings may be strings or bytes: Fluent Bit sends random bytes as a string.

Not here: reading and writing (`session`, `upstream`).
"""

from __future__ import annotations

import hashlib
import hmac
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import msgpack

from leakscan.errors import LeakscanError

if TYPE_CHECKING:
    from collections.abc import Mapping

#: Of our nonces and salts, as in the two implementations.
SALT: Final = 16
#: A value of the handshake. Names and reasons are short.
MAX_VALUE: Final = 1 << 14
_HELO, _PING, _PONG = b"HELO", b"PING", b"PONG"
_OF_PING: Final = 6
_OF_PONG: Final = 5
_MISMATCH: Final = "shared_key mismatch"
_NO_USER: Final = "username/password mismatch"


class HandshakeError(LeakscanError):
    """The other side did not prove what it had to, or does not speak the protocol."""


class Helo(NamedTuple):
    """What a server begins with.

    Attributes:
        nonce: goes into both digests of the shared key.
        auth: goes into the digest of the password; empty if it asks for none.

    """

    nonce: bytes
    auth: bytes


class Ping(NamedTuple):
    """A client that was looked at.

    Attributes:
        salt: goes into our own digest.
        reason: why it is refused; empty if it is not.

    """

    salt: bytes
    reason: str


def helo(hello: Helo) -> bytes:
    """Return what a server begins with."""
    return _packed(["HELO", {"nonce": hello.nonce, "auth": hello.auth or "", "keepalive": True}])


def read_helo(value: bytes) -> Helo:
    """Read what a server begins with.

    Raises:
        HandshakeError: it is something else.

    """
    message = _array(value)
    if len(message) != 2 or message[0] != _HELO or not isinstance(message[1], dict):  # noqa: PLR2004 - name, options
        raise HandshakeError("upstream does not begin with HELO: it asks for no shared key")
    options = message[1]
    return Helo(_text(options.get(b"nonce")), _text(options.get(b"auth")))


def is_helo(value: bytes) -> bool:
    """Tell whether a server asks for a handshake."""
    try:
        return _array(value)[:1] == [_HELO]
    except HandshakeError:
        return False


def ping(hello: Helo, name: bytes, key: bytes, user: tuple[bytes, bytes], salt: bytes) -> bytes:
    """Return the answer of a client with that name to a server; `user` is a name and a password."""
    proof = _digest(salt, name, hello.nonce, key)
    if not hello.auth:
        return _packed(["PING", _said(name), _said(salt), proof, "", ""])
    who, password = user
    return _packed(["PING", _said(name), _said(salt), proof, _said(who), _digest(hello.auth, who, password)])


def read_ping(value: bytes, hello: Helo, key: bytes, users: Mapping[bytes, bytes]) -> Ping:
    """Look at the answer of a client.

    Raises:
        HandshakeError: it is something else.

    """
    message = _array(value)
    if len(message) != _OF_PING or message[0] != _PING:
        raise HandshakeError("a client did not answer with PING")
    name, salt, proof, who, password = (_text(part) for part in message[1:])
    if not hmac.compare_digest(proof, _digest(salt, name, hello.nonce, key).encode()):
        return Ping(salt, _MISMATCH)
    if users:
        # the same work for a name that is not known
        wanted = _digest(hello.auth, who, users.get(who, b"")).encode()
        if not hmac.compare_digest(password, wanted) or who not in users:
            return Ping(salt, _NO_USER)
    return Ping(salt, "")


def pong(looked_at: Ping, hello: Helo, name: bytes, key: bytes) -> bytes:
    """Return the last word of a server with that name."""
    if looked_at.reason:
        return _packed(["PONG", False, looked_at.reason, "", ""])
    proof = _digest(looked_at.salt, name, hello.nonce, key)
    return _packed(["PONG", True, "", _said(name), proof])


def read_pong(value: bytes, hello: Helo, name: bytes, key: bytes, salt: bytes) -> None:
    """Look at the last word of a server; `name` is our own.

    Raises:
        HandshakeError: it refuses us, or has not proved that it knows the key.

    """
    message = _array(value)
    if len(message) != _OF_PONG or message[0] != _PONG:
        raise HandshakeError("upstream did not answer with PONG")
    _, is_good, _, server, proof = message
    if is_good is not True:
        raise HandshakeError("upstream refuses the shared key, or user and password")
    if _text(server) == name:
        raise HandshakeError("upstream has the name of this relay: set hostname")
    if not hmac.compare_digest(_text(proof), _digest(salt, _text(server), hello.nonce, key).encode()):
        raise HandshakeError("upstream does not know the shared key")


def _digest(*parts: bytes) -> str:
    return hashlib.sha512(b"".join(parts)).hexdigest()


def _array(value: bytes) -> list[Any]:
    try:
        message = msgpack.unpackb(value, raw=True, strict_map_key=False)
    except (ValueError, TypeError, msgpack.UnpackException):
        message = None
    if not isinstance(message, list):
        raise HandshakeError("the handshake is none of Forward's")
    return message


def _text(value: object) -> bytes:
    return value if isinstance(value, bytes) else b""


def _said(text: bytes) -> str | bytes:
    """Return text as a string if it is one."""
    try:
        return text.decode()
    except UnicodeDecodeError:
        return text


def _packed(message: list[Any]) -> bytes:
    packed: bytes = msgpack.packb(message)
    return packed
