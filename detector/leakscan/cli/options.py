"""The options that say what a scanner is made from: the same for each command that scans.

Not here: the options of one command alone, what a configuration file adds (`configured`), the scanner
(`leakscan.recipe`).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

from leakscan.finding import CONFIDENCES
from leakscan.rules import PACKS

Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]


# fmt: off
rules_option = click.option(
    "--rules", type=click.Path(), multiple=True, metavar="FILE|DIR",
    help="Rules of your own, besides the built-in ones. Repeatable.",
)
disable_option = click.option(
    "--disable", multiple=True, metavar="ID",
    help="Turn off a rule of `leakscan rules list`. Repeatable.",
)
pack_option = click.option(
    "--pack", "packs", type=click.Choice(PACKS), multiple=True,
    help="Rules besides the built-in ones: pii for personal data. Repeatable.",
)
config_option = click.option(
    "--config", type=click.Path(), metavar="FILE",
    help="Defaults and allowlist. Else LEAKSCAN_CONFIG, ./.leakscan.toml, [tool.leakscan] of "
    "./pyproject.toml.",
)
engine_option = click.option(
    "--engine", type=click.Choice(["auto", "hyperscan", "ahocorasick"]), default="auto", show_default=True,
    help="The prefilter. Both find the same; hyperscan is faster.",
)


def scanner_options(*, unsure: str, key: str) -> Decorator:
    """Return a decorator that adds all of `ScannerOptions` but `quiet` to a command.

    `unsure` says what becomes of findings below --min-confidence, `key` what the key is for.
    """
    options = [
        click.option(
            "--min-confidence", type=click.Choice(CONFIDENCES), default="medium", show_default=True,
            help=unsure,
        ),
        rules_option, disable_option, pack_option, config_option, engine_option,
        click.option(
            "--key-file", type=click.Path(), metavar="FILE",
            help=f"The key of the {key}. Else it is LEAKSCAN_KEY, else a file made on first use.",
        ),
    ]

    def decorate(function: Callable[..., Any]) -> Callable[..., Any]:
        for option in reversed(options):
            function = option(function)
        return function

    return decorate
# fmt: on
