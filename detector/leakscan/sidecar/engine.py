"""From a configuration to what serves: scanner and redaction, and the hash that names the configuration.

Not here: reading the file (`config`), what a scanner is made from (`leakscan.recipe`).
"""

from __future__ import annotations

import hashlib
import os
from typing import TYPE_CHECKING

from leakscan.config import find_config
from leakscan.recipe import fingerprint_key, options_beside, recipe_for

from .codecs import Redaction
from .proxy import State

if TYPE_CHECKING:
    from .config import Config

_HASH_DIGITS = 12


def state_of(config: Config) -> State:
    """Build what serves requests, with the scanner's configuration as `leakscan redact` finds it.

    Raises:
        LeakscanError: rules, key, engine or a configuration are unusable.

    """
    found = find_config(config.scanner_config, os.environ)
    options = options_beside(
        found,
        min_confidence=config.min_confidence,
        engine=config.engine,
        rules=config.rules,
        disable=config.disable,
        packs=config.packs,
        key_file=config.key_file,
        allow=config.allow,
    )
    # where fingerprints leave this process, workers and restarts must agree on them
    compared = options.compares or config.style == "hash"
    key, _ = fingerprint_key(config.key_file, kept=False, compared=compared)
    recipe = recipe_for(options, options.engine, key)
    return State(config, Redaction.of(recipe.scanner(), config.style), found)


def config_hash(state: State) -> str:
    """Return a short hash of a configuration, to see which one a process runs."""
    both = repr((state.config, state.scanner_config))
    return hashlib.sha256(both.encode()).hexdigest()[:_HASH_DIGITS]
