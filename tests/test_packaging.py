"""The distribution: a wheel that works where the source tree is not, with its rules and types inside."""

from __future__ import annotations

import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build sdist, and from it the wheel, in a folder of their own."""
    out = tmp_path_factory.mktemp("dist")
    subprocess.run([sys.executable, "-m", "build", "--outdir", out, ROOT], check=True, capture_output=True)
    (built,) = out.glob("*.whl")
    assert list(out.glob("*.tar.gz"))
    return built


def test_the_wheel_holds_code_rules_and_types(wheel: Path) -> None:
    """Every module and rule file of the tree is in the wheel, and nothing of the tests."""
    names = set(zipfile.ZipFile(wheel).namelist())
    modules = {
        f"leakscan/{path.relative_to(ROOT / 'detector/leakscan')}"
        for path in (ROOT / "detector/leakscan").rglob("*.py")
    }
    rules = {
        f"leakscan/patterns/{path.relative_to(ROOT / 'patterns')}"
        for path in (ROOT / "patterns").rglob("*.toml")
    }
    assert modules <= names
    assert rules <= names
    assert {f"leakscan/report/page.{kind}" for kind in ("html", "css", "js")} <= names
    assert "leakscan/py.typed" in names
    assert not [name for name in names if name.startswith(("tests/", "benchmarks/", "detector/"))]


def test_the_wheel_scans_in_an_empty_environment(wheel: Path, tmp_path: Path) -> None:
    """Installed with its dependencies into a new environment, the command finds what is in the sample."""
    environment = tmp_path / "venv"
    venv.create(environment, with_pip=True)
    python = environment / "bin" / "python"
    subprocess.run(
        [python, "-m", "pip", "install", "-q", wheel], check=True, capture_output=True, cwd=tmp_path
    )
    sample = tmp_path / "sample.log"
    sample.write_bytes((ROOT / "tests/data/sample.log").read_bytes())
    done = subprocess.run(
        [environment / "bin" / "leakscan", "--format", "jsonl", sample],
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
        env={"HOME": str(tmp_path), "PATH": "/usr/bin:/bin"},
    )
    assert done.returncode == 1, done.stderr
    assert len(done.stdout.splitlines()) == 6
    where = subprocess.run(
        [python, "-c", "import leakscan; print(leakscan.__file__)"],
        capture_output=True,
        text=True,
        check=True,
        cwd=tmp_path,
    )
    assert str(environment) in where.stdout
