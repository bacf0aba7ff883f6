"""The options that say what a report is and where it goes: the same for each command that writes one.

Not here: the options of the scanner (`options`), writing reports (`leakscan.report`).
"""

from __future__ import annotations

import click

from leakscan.report import FORMATS

from . import FOUND

# fmt: off
format_option = click.option(
    "--format", type=click.Choice(list(FORMATS)), default="text", show_default=True, help="What to write."
)
output_option = click.option(
    "-o", "--output", type=click.Path(), metavar="FILE",
    help="Write to this file instead of stdout. It appears when it is complete.",
)
baseline_option = click.option(
    "--baseline", type=click.Path(), metavar="FILE", help="Leave out the secrets that this file knows."
)
exit_code_option = click.option(
    "--exit-code", type=click.IntRange(0, 255), default=FOUND, show_default=True, metavar="N",
    help="The exit code when there are findings.",
)
max_per_secret_option = click.option(
    "--max-per-secret", type=click.IntRange(min=1), metavar="N",
    help="Write at most N places of one secret. Text and html have one entry a secret anyway.",
)
color_option = click.option(
    "--color", type=click.Choice(["auto", "always", "never"]), default="auto", show_default=True,
    help="Colour text. For auto, NO_COLOR and FORCE_COLOR count.",
)
quiet_option = click.option(
    "-q", "--quiet", is_flag=True, help="No summary, notes or progress on stderr; only errors."
)
# fmt: on
