"""The README is true: its snippets run and print what they say, its session is real, its options exist."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import click
import pytest

from leakscan.cli.group import COMMANDS, Commands

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text()
SNIPPETS = re.findall(r"```python\n(.*?)```", README, re.DOTALL)


@pytest.mark.parametrize("snippet", SNIPPETS, ids=range(len(SNIPPETS)))
def test_each_snippet_prints_what_it_says(snippet: str) -> None:
    """The comments after a print are its output."""
    expected = [line[2:] for line in snippet.splitlines() if line.startswith("# ")]
    assert expected
    done = subprocess.run([sys.executable, "-c", snippet], capture_output=True, text=True, check=False)
    assert done.stderr == ""
    assert done.stdout.splitlines() == expected


def test_the_session_is_real() -> None:
    """The findings shown are those of the sample log, to the letter; only the time differs."""
    shown = README.split("tests/data/sample.log\n```\n\n```\n")[1].split("```")[0].splitlines()
    done = subprocess.run(
        [sys.executable, "-m", "leakscan", "tests/data/sample.log"],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
    )
    assert done.returncode == 1
    assert done.stdout.splitlines() == shown[:-1]
    assert done.stderr.split(",")[0] == shown[-1].split(",")[0]


def options() -> list[tuple[str, str]]:
    """Return every command with each of its long options."""
    root = Commands()
    context = click.Context(root)
    found = []
    for name in COMMANDS:
        command = root.get_command(context, name)
        assert command is not None
        found += [
            (name, option)
            for parameter in command.params
            if isinstance(parameter, click.Option)
            for option in parameter.opts
            if option.startswith("--")
        ]
    return found


@pytest.mark.parametrize(("name", "option"), options())
def test_every_option_is_documented(name: str, option: str) -> None:
    """Every command and option is named in the README or under docs/."""
    text = README + "".join(path.read_text() for path in (ROOT / "docs").glob("*.md"))
    assert f"leakscan {name}" in text
    assert option in text


def test_no_wrong_package_is_named() -> None:
    """`leakscan` on the package index is somebody else's."""
    assert "pip install leakscan" not in README
