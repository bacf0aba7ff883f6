"""The sidecar's deployment files and its page of documentation say what the program does."""

from __future__ import annotations

import contextlib
import io
import re
import textwrap
from dataclasses import fields
from pathlib import Path

import pytest
import tomli

pytest.importorskip("aiohttp")
pytest.importorskip("cramjam")
pytest.importorskip("prometheus_client")

from leakscan.cli.sidecar import command
from leakscan.sidecar.codecs import CODECS
from leakscan.sidecar.config import Config, Route, address, check, from_table, load
from leakscan.sidecar.forward.settings import Forward
from leakscan.sidecar.limits import Limits
from leakscan.sidecar.metrics import COUNTERS, GAUGES

PROJECT = Path(__file__).resolve().parents[1]
DEPLOY = PROJECT / "deploy"
DOCUMENTATION = (PROJECT / "docs" / "sidecar.md").read_text()


def test_the_sample_configuration_has_every_key_with_its_default() -> None:
    """What is uncommented in the sample is the default; what is left out stands in a comment."""
    file = DEPLOY / "systemd" / "sidecar.toml"
    config = load(str(file))
    upstream = config.routes[0].upstream
    assert config == Config(routes=(Route(upstream=upstream),), admin=address("127.0.0.1:9464", "admin"))
    text = file.read_text()
    for name in [f.name for kind in (Config, Route, Forward, Limits) for f in fields(kind)]:
        assert name == "admin" or re.search(rf"^(# )?\[*(routes\.)?{name}\b", text, re.MULTILINE), name


@pytest.mark.parametrize("file", sorted((DEPLOY / "kubernetes").glob("*.yaml")), ids=lambda file: file.name)
def test_the_configuration_in_a_manifest_is_good(file: Path) -> None:
    """The TOML in the ConfigMap is taken as it stands."""
    block = re.search(r"sidecar\.toml: \|\n((?: {4}.*\n)+)", file.read_text())
    assert block is not None
    check(from_table(tomli.loads(textwrap.dedent(block[1]))))


def commands() -> list[str]:
    """Return the `leakscan sidecar` commands in the files that users copy, and in the documentation."""
    found = set()
    for file in [*DEPLOY.rglob("*.*"), PROJECT / "docs" / "sidecar.md"]:
        if file.is_file() and file.suffix not in {".toml", ".service"}:
            options = r"leakscan sidecar (--(?:listen|upstream|forward-listen)[^`\n]*)"
            found.update(re.findall(options, file.read_text()))
    return sorted(found)


@pytest.mark.parametrize("arguments", commands())
def test_commands_in_files_work(arguments: str) -> None:
    """Each command that a file names is a good one."""
    with contextlib.redirect_stderr(io.StringIO()) as err:
        code = command.main([*arguments.split(), "--check"], standalone_mode=False)
    assert code == 0, err.getvalue()


def test_the_documentation_names_everything() -> None:
    """Every option, codec, limit and metric is in it."""
    options = [option for parameter in command.params for option in parameter.opts if option.startswith("--")]
    limits = [f.name for f in fields(Limits)]
    metrics = [f"{name}_total" for name in COUNTERS] + list(GAUGES)
    for name in [*options, *CODECS, *limits, *metrics]:
        assert f"`{name}" in DOCUMENTATION, name


def test_links_lead_somewhere() -> None:
    """Every file that the documentation links to is there."""
    for link in re.findall(r"\]\(\.\./([^)]+)\)", DOCUMENTATION):
        assert (PROJECT / link).exists(), link


def test_the_snippet_in_the_documentation_runs() -> None:
    """It prints what the comments say."""
    snippet = re.search(r"```python\n(.*?)```", DOCUMENTATION, re.DOTALL)
    assert snippet is not None
    with contextlib.redirect_stdout(io.StringIO()) as out:
        exec(snippet[1], {})  # noqa: S102 - our own documentation
    assert out.getvalue().splitlines() == [
        line[2:] for line in snippet[1].splitlines() if line.startswith("# ")
    ]


def test_the_unit_is_hardened() -> None:
    """No privileges, no writable system, no core dumps, and time to drain."""
    unit = (DEPLOY / "systemd" / "leakscan-sidecar.service").read_text()
    for line in (
        "NoNewPrivileges=yes",
        "ProtectSystem=strict",
        "DynamicUser=yes",
        "LimitCORE=0",
        "CapabilityBoundingSet=",
    ):
        assert f"\n{line}\n" in unit
    assert int(re.findall(r"TimeoutStopSec=(\d+)", unit)[0]) > Limits().drain_timeout
