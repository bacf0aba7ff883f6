"""`leakscan-spark` without a Spark: what it says to those who have none, or write it wrong."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from command import environment

if TYPE_CHECKING:
    from pathlib import Path

_WITHOUT = "import sys; sys.modules['pyspark'] = None; from leakscan.cli.spark import main; main()"


def script(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """Run the script where pyspark cannot be imported."""
    command = [sys.executable, "-c", _WITHOUT, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False, env=environment())


def test_without_pyspark_it_says_what_to_install(tmp_path: Path) -> None:
    """Exit code 2, one line, the name of the extra; nothing is written."""
    pytest.importorskip("pyarrow")
    done = script("scan", "--out", tmp_path / "out", tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "leakscan: leakscan-spark needs pyspark: pip install 'leakscan-logs[spark]'\n"
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["scan", "in"], "missing option '--out'"),
        (["scan", "--out", "out"], "missing argument 'IN..'"),
        (["redact", "--style", "none", "--out", "out", "in"], "invalid value for '--style'"),
        (["scan", "--rules", "nowhere.toml", "--out", "out", "in"], "nowhere.toml: cannot read"),
        (["scan", "--disable", "nothing", "--out", "out", "in"], "no such rule: nothing"),
    ],
)
def test_what_is_written_wrong_is_one_line(tmp_path: Path, arguments: list[str], reason: str) -> None:
    """Exit code 2 and no traceback."""
    pytest.importorskip("pyarrow")
    done = script(*(tmp_path / name if name in {"in", "out"} else name for name in arguments))
    assert done.returncode == 2
    assert done.stderr.startswith(f"leakscan: {reason}"), done.stderr
    assert done.stderr.count("\n") == 1


def test_help_names_every_command() -> None:
    """It needs no Spark."""
    done = script("--help")
    assert done.returncode == 0
    assert "scan" in done.stdout
    assert "redact" in done.stdout
