"""From a configuration to what serves: scanner and redaction, and the hash that names the configuration.

Not here: reading the file (`config`), what a scanner is made from (`leakscan.recipe`).
"""

from __future__ import annotations

import hashlib
import os
from dataclasses import replace
from typing import TYPE_CHECKING

from leakscan.config import find_config
from leakscan.keyfile import given_key, own_key
from leakscan.recipe import ScannerOptions, recipe_for

from .codecs import Redaction
from .proxy import State

if TYPE_CHECKING:
    from leakscan.allow import Allow

    from .config import Config

_HASH_DIGITS = 12


def state_of(config: Config) -> State:
    """Build what serves requests, with the scanner's configuration as `leakscan redact` finds it.

    Raises:
        LeakscanError: rules, key, engine or a configuration are unusable.

    """
    found = find_config(config.scanner_config, os.environ)
    allow = found.allow + config.allow
    options = ScannerOptions(
        min_confidence=config.min_confidence or found.min_confidence or "medium",
        rules=found.rules + config.rules,
        disable=found.disable + config.disable,
        packs=found.packs + config.packs,
        config=replace(found, allow=allow),
        engine=config.engine or found.engine or "auto",
        key_file=config.key_file,
        quiet=False,
    )
    recipe = recipe_for(options, options.engine, _key(config, allow))
    return State(config, Redaction.of(recipe.scanner(), config.style), found)


def config_hash(state: State) -> str:
    """Return a short hash of a configuration, to see which one a process runs."""
    both = repr((state.config, state.scanner_config))
    return hashlib.sha256(both.encode()).hexdigest()[:_HASH_DIGITS]


def _key(config: Config, allow: tuple[Allow, ...]) -> bytes:
    key = given_key(config.key_file, os.environ)
    if key is not None:
        return key
    # workers and restarts must agree on fingerprints that are shown or compared; others stay in this process
    is_kept = config.style == "hash" or any(entry.fingerprints for entry in allow)
    return own_key(os.environ) if is_kept else os.urandom(32)
