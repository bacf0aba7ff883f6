"""Endpoints: where the relay listens, and where it sends to: TCP, TLS, or a unix socket.

Not here: URLs of HTTP (`sidecar.config`).
"""

from __future__ import annotations

import contextlib
import os
import socket
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from leakscan.errors import ConfigError

from ..address import Address, address

_UNIX: Final = "unix:"
_TLS: Final = "tls://"
_TCP: Final = "tcp://"
#: Longer paths do not fit into `sockaddr_un` on all systems.
_MAX_PATH: Final = 103
_BACKLOG: Final = 1024
_PATIENCE: Final = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """An address, or the path of a unix socket.

    Attributes:
        address: None for a unix socket.
        path: empty for an address.
        is_tls: whether upstream is reached with TLS.

    """

    address: Address | None = None
    path: str = ""
    is_tls: bool = False

    @property
    def is_local(self) -> bool:
        """Whether nobody but this machine can connect."""
        return self.address is None or self.address.is_loopback

    def __str__(self) -> str:
        return f"{_TLS if self.is_tls else ''}{self.address}" if self.address else f"{_UNIX}{self.path}"


def to_listen(text: str, name: str) -> Endpoint:
    """Read `HOST:PORT` or `unix:/path`.

    Raises:
        ConfigError: it is neither.

    """
    return _unix(text, name) or Endpoint(address=_address(text, name, "HOST:PORT or unix:/path"))


def to_connect(text: str, name: str) -> Endpoint:
    """Read `HOST:PORT`, `tls://HOST:PORT` or `unix:/path`.

    Raises:
        ConfigError: it is none of these.

    """
    is_tls = text.startswith(_TLS)
    rest = text.removeprefix(_TLS if is_tls else _TCP)
    forms = "HOST:PORT, tls://HOST:PORT or unix:/path"
    return _unix(text, name) or Endpoint(address=_address(rest, name, forms), is_tls=is_tls)


def unix_socket(path: str, mode: int) -> socket.socket:
    """Return a socket that listens on a path; one that a dead process left there is replaced.

    Raises:
        ConfigError: it cannot listen there.

    """
    ours = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        _make_room(path)
        ours.bind(path)
        Path(path).chmod(mode)
        ours.listen(_BACKLOG)
    except OSError as error:
        ours.close()
        raise ConfigError(f"cannot listen on {_UNIX}{path}: {error.strerror or error}") from None
    ours.settimeout(0)
    return ours


def remove(path: str, mark: tuple[int, int] | None) -> None:
    """Remove a socket if it is still the one that had this mark."""
    if mark is not None and mark_of(path) == mark:
        with contextlib.suppress(OSError):
            Path(path).unlink()


def mark_of(path: str) -> tuple[int, int] | None:
    """Return what tells a file from another one that was put in its place."""
    with contextlib.suppress(OSError):
        status = os.lstat(path)
        return status.st_dev, status.st_ino
    return None


def _make_room(path: str) -> None:
    """Remove the socket that nobody listens on any more."""
    try:
        if not stat.S_ISSOCK(os.lstat(path).st_mode):
            raise ConfigError(f"cannot listen on {_UNIX}{path}: something else is there")
    except FileNotFoundError:
        return
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as other:
        other.settimeout(_PATIENCE)
        try:
            other.connect(path)
        except (ConnectionRefusedError, FileNotFoundError):
            with contextlib.suppress(FileNotFoundError):
                Path(path).unlink()
            return
    raise ConfigError(f"cannot listen on {_UNIX}{path}: another process listens there")


def _unix(text: str, name: str) -> Endpoint | None:
    if not text.startswith(_UNIX):
        return None
    path = text.removeprefix(_UNIX).removeprefix("//")
    if not path.startswith("/") or len(os.fsencode(path)) > _MAX_PATH:
        raise ConfigError(f"{name}: after unix: comes an absolute path of at most {_MAX_PATH} bytes")
    return Endpoint(path=path)


def _address(text: str, name: str, forms: str) -> Address:
    try:
        return address(text, name)
    except ConfigError:
        raise ConfigError(f"{name}: must be {forms}") from None
