"""The group of commands: `leakscan FILE` means `leakscan scan FILE`, and a command is loaded when named.

To add a command: write `cli/<name>.py` with a click command called `command`, add a line to `COMMANDS`.
"""

from __future__ import annotations

import importlib
import os
from typing import Any, Final

import click
from click.shell_completion import CompletionItem

#: The commands and what they are for, so that help lists them without loading them.
COMMANDS: Final[dict[str, str]] = {
    "scan": "Find credentials in logs. The default: `leakscan FILE` scans.",
    "redact": "Take credentials out of a log: a pipe, bytes in, bytes out.",
    "audit": "Find credentials that a log store already holds.",
    "sidecar": "Take credentials out of log traffic: a proxy before the log store.",
    "explain": "Say why something in a log is reported, or is not.",
    "rules": "List, show and check rules.",
    "completion": "Print a completion script for a shell.",
}
_OWN_OPTIONS: Final = frozenset({"-h", "--help", "--version"})


class Commands(click.Group):
    """A group whose default is `scan`."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """Return the names in the order of help."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - as above
        """Load one command."""
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = importlib.import_module(f".{cmd_name}", __package__).command
        return command

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put `scan` before arguments that name no command."""
        if not args and not ctx.resilient_parsing:
            args = ["--help"] if _is_terminal(0) else ["scan"]
        elif args and args[0] not in COMMANDS and args[0] not in _OWN_OPTIONS:
            args = ["scan", *args]
        return super().parse_args(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - as above
        """List the commands without loading them."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Offer commands, the options of `scan`, and files."""
        scan = self.get_command(ctx, "scan")
        named = [item for item in COMMANDS.items() if item[0].startswith(incomplete)]
        offered = [CompletionItem(name, help=text) for name, text in named]
        if incomplete.startswith("-") and scan is not None:
            return offered + scan.shell_complete(click.Context(scan, parent=ctx), incomplete)
        return [*offered, CompletionItem(incomplete, type="file")]


def _is_terminal(descriptor: int) -> bool:
    try:
        return os.isatty(descriptor)
    except OSError:
        return False


def _print_version(ctx: click.Context, _: click.Parameter, value: Any) -> None:
    if value and not ctx.resilient_parsing:
        import importlib.metadata  # noqa: PLC0415 - slow, and only needed here

        click.echo(f"leakscan {importlib.metadata.version('leakscan-logs')}")
        ctx.exit()


@click.group(
    cls=Commands,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="A file named like a command is scanned as ./NAME. Run `leakscan scan --help` for the options.",
)
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_print_version,
    help="Print the version.",
)
def cli() -> None:
    """Find credentials in logs, and take them out.

    \b
    leakscan app.log                  what leaked, one line a secret
    leakscan /var/log --format jsonl  every place, for programs
    zcat old.gz | leakscan            from a pipe

    Exit code: 0 clean, 1 findings, 2 usage or input error (also when only a part could be scanned).
    """  # noqa: D301 - \b is click's mark for a paragraph to keep as it is
