"""Addresses to listen on and to connect to.

Not here: URLs (`config`).
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass

from leakscan.errors import ConfigError


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """Where to listen."""

    host: str
    port: int

    @property
    def is_loopback(self) -> bool:
        """Whether nobody but this machine can connect."""
        if self.host == "localhost":
            return True
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return False

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def address(text: str, name: str) -> Address:
    """Read `HOST:PORT`; an IPv6 host stands in brackets.

    Raises:
        ConfigError: it is none.

    """
    host, _, port = text.rpartition(":")
    host = host.removeprefix("[").removesuffix("]")
    if not host or not port.isdecimal() or int(port) >= 1 << 16:
        raise ConfigError(f"{name}: must be HOST:PORT, such as 127.0.0.1:4318")
    return Address(host=host, port=int(port))
