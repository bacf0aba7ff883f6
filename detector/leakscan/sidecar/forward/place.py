"""One of the places where the relay listens, as the configuration has it now.

Not here: listening (`relay`), reading the settings (`settings`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from leakscan.terminal import say

if TYPE_CHECKING:
    import ssl

    from ..limits import Limits
    from ..proxy import Proxy
    from .credentials import Credentials
    from .settings import Forward


class Place:
    """A listener. What a reload exchanges is what it gives from then on."""

    def __init__(self, proxy: Proxy, number: int, known: Credentials, tls: ssl.SSLContext | None) -> None:
        """Make one.

        Args:
            proxy: has the state, and what all share.
            number: which of the configured listeners.
            known: keys for the handshakes; may be exchanged.
            tls: how upstream is verified.

        """
        self.proxy = proxy
        self.known = known
        self.tls = tls
        self._number = number
        self._said = ""

    @property
    def forward(self) -> Forward:
        """The settings."""
        return self.proxy.state.config.forward[self._number]

    @property
    def limits(self) -> Limits:
        """The limits, which do not change."""
        return self.proxy.state.config.limits

    def note(self, reason: str) -> None:
        """Say once why upstream fails, until it works again, which is an empty reason."""
        if reason and self._said != reason:
            say(f"{self.forward.upstream}: {reason}")
        self._said = reason
