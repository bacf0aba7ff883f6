"""`leakscan completion SHELL`: the script that makes a shell complete commands, options and files."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class


@click.command("completion")
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def command(shell: str) -> None:
    """Print a completion script for a shell.

    \b
    bash   eval "$(leakscan completion bash)"            in ~/.bashrc
    zsh    eval "$(leakscan completion zsh)"             in ~/.zshrc
    fish   leakscan completion fish | source             in ~/.config/fish/config.fish
    """  # noqa: D301 - \b is click's mark for a paragraph to keep as it is
    from .group import cli  # noqa: PLC0415 - group loads this module

    completion = get_completion_class(shell)
    if completion is None:
        raise click.UsageError(f"no completion for {shell}")
    click.echo(completion(cli, {}, "leakscan", "_LEAKSCAN_COMPLETE").source())
