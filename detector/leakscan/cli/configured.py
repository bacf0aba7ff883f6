"""What the commands take from a configuration file, and how it meets what was given.

An option that was given wins over the file. What can be given several times adds to it.

Not here: the options (`options`), reading the file (`leakscan.config`).
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, Final

from click.core import ParameterSource

from leakscan.config import find_config

if TYPE_CHECKING:
    import click

#: Options of which the file may hold the default.
_SINGLE: Final = ("min_confidence", "engine", "jobs")
_SEVERAL: Final = ("rules", "disable", "packs")


def configured(context: click.Context, options: dict[str, Any]) -> dict[str, Any]:
    """Return the options as given, with `config` read and its defaults in the place of ours.

    Raises:
        ConfigError: a file is unusable.

    """
    config = find_config(options["config"], os.environ)
    made = options | {"config": config}
    for name in _SINGLE:
        default = getattr(config, name)
        is_given = context.get_parameter_source(name) is not ParameterSource.DEFAULT
        if name in options and default is not None and not is_given:
            made[name] = default
    for name in _SEVERAL:
        if name in options:
            made[name] = (*getattr(config, name), *options[name])
    return made
