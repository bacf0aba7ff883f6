"""From a configuration to what serves: scanner and redaction, and the hash that names the configuration.

Not here: reading the file (`config`).
"""

from __future__ import annotations

import hashlib
import os
from typing import TYPE_CHECKING

from leakscan.errors import ConfigError
from leakscan.keyfile import given_key, own_key
from leakscan.rules import builtin_rules, check_unique, load_rules
from leakscan.scanner import Scanner

from .codecs import Redaction
from .proxy import State

if TYPE_CHECKING:
    from .config import Config

_HASH_DIGITS = 12


def state_of(config: Config) -> State:
    """Build what serves requests.

    Raises:
        LeakscanError: rules, key or engine are unusable.

    """
    rules = None
    if config.rules or config.disable:
        loaded = list(builtin_rules())
        for path in config.rules:
            loaded += load_rules(path)
        rules = check_unique(loaded)
        unknown = sorted(set(config.disable) - {rule.id for rule in rules})
        if unknown:
            raise ConfigError(f"disable: no rule has the id {unknown[0]}")
    scanner = Scanner(
        rules,
        engine=config.engine,
        min_confidence=config.min_confidence,
        key=_key(config),
        disable=config.disable,
    )
    return State(config, Redaction.of(scanner, config.style))


def config_hash(config: Config) -> str:
    """Return a short hash of a configuration, to see which one a process runs."""
    return hashlib.sha256(repr(config).encode()).hexdigest()[:_HASH_DIGITS]


def _key(config: Config) -> bytes:
    key = given_key(config.key_file, os.environ)
    if key is not None:
        return key
    # hashes leave this process only in that style, and workers and restarts must agree on them
    return own_key(os.environ) if config.style == "hash" else os.urandom(32)
