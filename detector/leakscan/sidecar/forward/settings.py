"""The settings of one Forward listener: a `[[forward]]` table of the configuration.

Keys and passwords are named here by file or environment variable, and read by `credentials`.

Not here: the whole configuration (`sidecar.config`).
"""

from __future__ import annotations

import socket
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any, Final

from leakscan.errors import ConfigError
from leakscan.redact import FAILURES, Failure

from ..tables import known, string, word
from .endpoint import Endpoint, to_connect, to_listen

if TYPE_CHECKING:
    from collections.abc import Mapping

_STRINGS: Final = (
    "hostname", "shared_key_file", "shared_key_env", "users_file", "upstream_shared_key_file",
    "upstream_shared_key_env", "upstream_user", "upstream_password_file", "upstream_password_env",
)  # fmt: skip
_MAX_MODE: Final = 0o777


@dataclass(frozen=True, slots=True, kw_only=True)
class Forward:
    """Where Forward comes, and where it goes.

    Attributes:
        listen: where clients connect: `HOST:PORT`, with TLS if there is a certificate, or `unix:/path`.
        upstream: `HOST:PORT`, `tls://HOST:PORT` or `unix:/path`.
        on_failure: what happens with what cannot be scanned.
        require_ack: ask upstream for an ack of messages whose client asks for none, and send them again
            until it comes.
        socket_mode: permissions of a unix socket to listen on.
        hostname: what the handshake calls this relay. Clients refuse one that has their own name.
        shared_key_file: the key that clients must know; None for no handshake with them.
        shared_key_env: the environment variable that holds it.
        users_file: lines of `name:password`; clients must be one of them.
        upstream_shared_key_file: the key that upstream asks for; None for no handshake with it.
        upstream_shared_key_env: the environment variable that holds it.
        upstream_user: who this relay is for upstream.
        upstream_password_file: the password of that user.
        upstream_password_env: the environment variable that holds it.

    """

    listen: Endpoint
    upstream: Endpoint
    on_failure: Failure = "mask"
    require_ack: bool = False
    socket_mode: int = 0o660
    hostname: str = field(default_factory=lambda: f"leakscan-{socket.gethostname()}")
    shared_key_file: str | None = None
    shared_key_env: str | None = None
    users_file: str | None = None
    upstream_shared_key_file: str | None = None
    upstream_shared_key_env: str | None = None
    upstream_user: str | None = None
    upstream_password_file: str | None = None
    upstream_password_env: str | None = None


def from_table(table: Mapping[str, Any], where: str) -> Forward:
    """Return the settings that a table holds; `where` stands before its keys in messages.

    Raises:
        ConfigError: a key is unknown, missing, of the wrong type, or does not go with another.

    """
    known(table, [f.name for f in fields(Forward)], where)
    for name in ("listen", "upstream"):
        if name not in table:
            raise ConfigError(f"{where}{name}: is missing")
    made: dict[str, Any] = {
        "listen": to_listen(string(table, "listen", where), f"{where}listen"),
        "upstream": to_connect(string(table, "upstream", where), f"{where}upstream"),
    }
    made |= {name: string(table, name, where) for name in _STRINGS if name in table}
    if "on_failure" in table:
        made["on_failure"] = word(table, "on_failure", FAILURES, where)
    if "require_ack" in table:
        made["require_ack"] = table["require_ack"]
        if not isinstance(made["require_ack"], bool):
            raise ConfigError(f"{where}require_ack: must be true or false")
    if "socket_mode" in table:
        made["socket_mode"] = table["socket_mode"]
        if type(made["socket_mode"]) is not int or not 0 <= made["socket_mode"] <= _MAX_MODE:
            raise ConfigError(f"{where}socket_mode: must be a number such as 0o660")
    return _check(Forward(**made), where)


def _check(forward: Forward, where: str) -> Forward:
    for name in ("shared_key", "upstream_shared_key", "upstream_password"):
        if getattr(forward, f"{name}_file") and getattr(forward, f"{name}_env"):
            raise ConfigError(f"{where}{name}_file, {where}{name}_env: give one of them")
    if forward.users_file and not (forward.shared_key_file or forward.shared_key_env):
        raise ConfigError(f"{where}users_file: needs shared_key_file or shared_key_env")
    has_password = bool(forward.upstream_password_file or forward.upstream_password_env)
    if has_password != (forward.upstream_user is not None):
        raise ConfigError(f"{where}upstream_user: needs a password, and that a user")
    has_key = bool(forward.upstream_shared_key_file or forward.upstream_shared_key_env)
    if has_password and not has_key:
        raise ConfigError(f"{where}upstream_user: needs upstream_shared_key_file or upstream_shared_key_env")
    if forward.listen == forward.upstream:
        raise ConfigError(f"{where}upstream: is where this one listens")
    return forward
