"""What the commands take from a configuration file: `--config`, and how its defaults meet what was given.

An option that was given wins over the file. What can be given several times adds to it.

Not here: reading the file (`leakscan.config`).
"""

from __future__ import annotations

import os
from typing import Any, Final

import click
from click.core import ParameterSource

from leakscan.config import find_config
from leakscan.rules import PACKS

#: Options of which the file may hold the default.
_SINGLE: Final = ("min_confidence", "engine", "jobs")
_SEVERAL: Final = ("rules", "disable", "packs")

config_option = click.option(
    "--config", type=click.Path(), metavar="FILE",
    help="Defaults and allowlist. Else LEAKSCAN_CONFIG, ./.leakscan.toml, [tool.leakscan] of "
    "./pyproject.toml.",
)  # fmt: skip
pack_option = click.option(
    "--pack", "packs", type=click.Choice(PACKS), multiple=True,
    help="Rules besides the built-in ones: pii for personal data. Repeatable.",
)  # fmt: skip


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
