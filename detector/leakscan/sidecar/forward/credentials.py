"""Shared keys and passwords of the handshake, from files or environment variables.

None of them is ever on a command line, in a message, or in a `repr`.

Not here: what is done with them (`handshake`).
"""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

from leakscan.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..config import Config
    from .settings import Forward

_MAX_KEY: Final = 4096
_MAX_USERS: Final = 1 << 20
_OTHERS: Final = 0o007


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """What one listener knows; None where no handshake is asked for.

    Attributes:
        shared_key: that clients must know.
        users: names and passwords of clients; empty if any client with the key may send.
        upstream_key: that upstream asks for.
        upstream_user: name and password for upstream.

    """

    shared_key: bytes | None = field(default=None, repr=False)
    users: Mapping[bytes, bytes] = field(default_factory=dict, repr=False)
    upstream_key: bytes | None = field(default=None, repr=False)
    upstream_user: tuple[bytes, bytes] = field(default=(b"", b""), repr=False)


def credentials(config: Config) -> list[Credentials]:
    """Return what each listener of a configuration knows.

    Raises:
        ConfigError: a key is unusable.

    """
    return [read(forward, os.environ) for forward in config.forward]


def read(forward: Forward, environment: Mapping[str, str]) -> Credentials:
    """Read what the settings name.

    Raises:
        ConfigError: a file or variable is missing, empty, too long, or can be read by others.

    """
    password = _one(forward.upstream_password_file, forward.upstream_password_env, environment)
    user = os.fsencode(forward.upstream_user or "")
    return Credentials(
        shared_key=_one(forward.shared_key_file, forward.shared_key_env, environment),
        users=_users(forward.users_file) if forward.users_file else {},
        upstream_key=_one(forward.upstream_shared_key_file, forward.upstream_shared_key_env, environment),
        upstream_user=(user, password or b""),
    )


def _one(path: str | None, variable: str | None, environment: Mapping[str, str]) -> bytes | None:
    if path is not None:
        key = _content(path, _MAX_KEY).rstrip(b"\r\n")
        if not key:
            raise ConfigError(f"{path}: holds no key")
        return key
    if variable is not None:
        value = environment.get(variable)
        if not value:
            raise ConfigError(f"the environment variable {variable} is not set")
        return os.fsencode(value)
    return None


def _users(path: str) -> dict[bytes, bytes]:
    users: dict[bytes, bytes] = {}
    for number, line in enumerate(_content(path, _MAX_USERS).splitlines(), 1):
        if not line or line.startswith(b"#"):
            continue
        name, colon, password = line.partition(b":")
        if not name or not colon or not password or name in users:
            raise ConfigError(f"{path}: line {number} must be name:password, each name once")
        users[name] = password
    if not users:
        raise ConfigError(f"{path}: holds no user")
    return users


def _content(path: str, most: int) -> bytes:
    try:
        with Path(path).open("rb") as file:
            status = os.fstat(file.fileno())
            content = file.read(most + 1)
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror or 'cannot be read'}") from None
    if stat.S_ISREG(status.st_mode) and status.st_mode & _OTHERS:
        raise ConfigError(f"{path}: is open to other users: run chmod o= on it")
    if len(content) > most:
        raise ConfigError(f"{path}: larger than {most:,} bytes")
    return content
