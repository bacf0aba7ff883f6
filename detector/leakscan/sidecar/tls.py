"""TLS contexts: to listen with, and to verify upstream by.

Not here: gRPC, which has its own (`calls`).
"""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING

from leakscan.errors import ConfigError

if TYPE_CHECKING:
    from .config import Config


def server_tls(config: Config) -> ssl.SSLContext | None:
    """Return what to listen with.

    Raises:
        ConfigError: a file is unusable.

    """
    if config.tls_cert is None:
        return None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    try:
        context.load_cert_chain(config.tls_cert, config.tls_key)
    except (OSError, ssl.SSLError) as error:
        raise ConfigError(f"tls_cert, tls_key: {error.strerror or 'unusable'}") from None
    if config.tls_client_ca is not None:
        try:
            context.load_verify_locations(config.tls_client_ca)
        except (OSError, ssl.SSLError) as error:
            raise ConfigError(f"tls_client_ca: {error.strerror or 'unusable'}") from None
        context.verify_mode = ssl.CERT_REQUIRED
    return context


def upstream_tls(config: Config) -> ssl.SSLContext:
    """Return how upstream is verified.

    Raises:
        ConfigError: `upstream_ca` is unusable.

    """
    try:
        return ssl.create_default_context(cafile=config.upstream_ca)
    except OSError as error:  # ssl.SSLError too
        raise ConfigError(f"upstream_ca: {error.strerror or 'unusable'}") from None
