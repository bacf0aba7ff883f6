"""Values of a TOML table, with their types checked; errors name the key.

Every function takes the name of a key and what stands before it in messages, such as `routes[1].`.

Not here: which keys there are (`config`).
"""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING, Any

from leakscan.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


def known(table: Mapping[str, Any], names: Sequence[str], where: str) -> None:
    """Raise a `ConfigError` if a table has other keys than these."""
    for key in table:
        if key not in names:
            near = difflib.get_close_matches(key, names, n=1)
            advice = f"; did you mean {near[0]}?" if near else ""
            raise ConfigError(f"{where}{key}: unknown key{advice}")


def string(table: Mapping[str, Any], name: str, where: str) -> str:
    """Return a string that is not empty."""
    value = table[name]
    if not isinstance(value, str) or not value:
        raise ConfigError(f"{where}{name}: must be a string")
    return value


def strings(table: Mapping[str, Any], name: str, where: str) -> tuple[str, ...]:
    """Return a list of strings."""
    value = table[name]
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise ConfigError(f"{where}{name}: must be a list of strings")
    return tuple(value)


def word(table: Mapping[str, Any], name: str, words: Sequence[str], where: str) -> str:
    """Return one of some words."""
    value = table[name]
    if value not in words:
        raise ConfigError(f"{where}{name}: must be one of {', '.join(words)}")
    return str(value)
