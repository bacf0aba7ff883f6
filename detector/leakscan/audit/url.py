"""Where a store is: `clickhouse://user@host:8123/db[.table]`, taken apart.

A password is never a part of it: arguments are seen by every user of the machine and kept by shells. No error
repeats any of the text, since what cannot be read may hold one.

Not here: where the password comes from (`password`).

>>> parse("clickhouse://auditor@db.example/logs.stream")
Target(host='db.example', port=8123, is_tls=False, user='auditor', database='logs', table='stream')
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import unquote, urlsplit

from leakscan.errors import ConfigError

#: The schemes: whether each is TLS, and its port where none is given.
SCHEMES: Final = {"clickhouse": (False, 8123), "clickhouses": (True, 8443)}
#: The user of a server that was just installed.
DEFAULT_USER: Final = "default"

_SHAPE: Final = "clickhouse://user@host:8123/db[.table]"
_HOST: Final = re.compile(r"[0-9A-Za-z_.:-]+")


@dataclass(frozen=True, slots=True)
class Target:
    """A database or one table of a server.

    Attributes:
        host: name or address, without brackets.
        port: of its HTTP interface.
        is_tls: whether it speaks HTTPS.
        user: whom to be there.
        database: what to look at.
        table: one table of it; None for all.

    """

    host: str
    port: int
    is_tls: bool
    user: str
    database: str
    table: str | None

    @property
    def server(self) -> str:
        """The server as `host:port`, for messages."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    @property
    def base(self) -> str:
        """The address of its HTTP interface."""
        return f"{'https' if self.is_tls else 'http'}://{self.server}/"

    @property
    def is_local(self) -> bool:
        """Whether what is sent there stays on this machine."""
        return self.host in {"localhost", "::1"} or self.host.startswith("127.")


def parse(url: str) -> Target:
    """Read the URL of a store.

    Raises:
        ConfigError: it is none, or holds a password.

    """
    scheme, separator, rest = url.partition("://")
    if not separator or scheme not in SCHEMES:
        raise ConfigError(f"this is not the URL of a store: it reads {_SHAPE}, or clickhouses:// for TLS")
    if "@" in rest and ":" in rest[: rest.rindex("@")]:
        raise ConfigError(
            "a password in a URL is seen by every user of this machine: take it out, and give it in "
            "CLICKHOUSE_PASSWORD, with --password-file or with --ask-password"
        )
    if any(mark in rest for mark in "?#\\") or not rest.isprintable():
        raise ConfigError(f"the URL of a store reads {_SHAPE}: it has no parameters")
    is_tls, port = SCHEMES[scheme]
    try:
        parts = urlsplit(url)
        host, given = parts.hostname or "", parts.port
    except ValueError:
        raise ConfigError(f"the URL of a store reads {_SHAPE}: this one has no such host and port") from None
    if not _HOST.fullmatch(host) or "@" in parts.path:
        raise ConfigError(f"the URL of a store reads {_SHAPE}: this one has no such host")
    database, _, table = parts.path.removeprefix("/").partition(".")
    if not database or "/" in parts.path[1:]:
        raise ConfigError(f"the URL of a store names a database or a table: {_SHAPE}")
    user = unquote(parts.username or "") or DEFAULT_USER
    if not user.isprintable():
        raise ConfigError("the URL of a store has control characters in its user")
    return Target(host, given or port, is_tls, user, unquote(database), unquote(table) or None)
