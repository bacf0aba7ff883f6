"""`leakscan rules`, `completion`, help and version."""

from __future__ import annotations

import json
import os
import subprocess
from typing import TYPE_CHECKING

import pytest

from command import COMMAND, RULE, environment, leakscan
from leakscan.cli.group import COMMANDS
from leakscan.rules import builtin_rules

if TYPE_CHECKING:
    from pathlib import Path

GOOD = """
provider = "Acme"
[[rules]]
id = "acme-key"
description = "Acme key; opens the door."
severity = "high"
keywords = ["acme_"]
regex = "acme_[0-9]{8}"
examples = ["key=«acme_83015927» ok"]
"""


def test_list_has_every_rule_on_a_line() -> None:
    """Id, severity, confidence, provider and description of each."""
    result = leakscan("rules", "list")
    rules = builtin_rules()
    lines = result.out.splitlines()
    assert result.code == 0
    assert [line.split()[0] for line in lines] == [rule.id for rule in rules]
    assert all(rule.description in line for rule, line in zip(rules, lines, strict=True))


def test_list_as_json_has_every_field(tmp_path: Path) -> None:
    """--format json is for programs; own rules are listed too."""
    (tmp_path / "mine.toml").write_text(GOOD)
    listed = json.loads(leakscan("rules", "list", "--format", "json", "--rules", tmp_path / "mine.toml").out)
    assert len(listed) == len(builtin_rules()) + 1
    assert listed[-1]["id"] == "acme-key"
    assert listed[-1]["keywords"] == ["acme_"]


def test_show_tells_everything_about_a_rule() -> None:
    """Description, provider, pattern and made-up examples of one rule."""
    rule = next(rule for rule in builtin_rules() if rule.id == RULE)
    out = leakscan("rules", "show", RULE).out
    for part in (rule.id, rule.description, rule.provider, rule.regex, rule.revoke):
        assert part in out
    assert rule.references[0] in out
    assert rule.examples[0] in out


@pytest.mark.parametrize("rule_id", [rule.id for rule in builtin_rules() if rule.grammar])
def test_show_works_for_grammars_too(rule_id: str) -> None:
    """A rule without a pattern names the grammar that finds it."""
    assert "found by     the grammar for" in leakscan("rules", "show", rule_id).out


def test_show_of_an_unknown_rule_gives_advice() -> None:
    """A wrong id: exit 2 and the nearest one."""
    result = leakscan("rules", "show", "stripe-secret-kee")
    assert result.code == 2
    assert f"did you mean {RULE}?" in result.err


def test_check_passes_good_rules_and_names_bad_ones(tmp_path: Path) -> None:
    """0 when all is sound; else 2 and one line a mistake with file, rule and reason."""
    good = tmp_path / "good.toml"
    good.write_text(GOOD)
    passed = leakscan("rules", "check", good)
    assert passed.code == 0, passed.err
    assert passed.out.endswith("all sound\n")
    wrong = tmp_path / "wrong.toml"
    wrong.write_text(GOOD.replace("acme-key", "acme-two").replace("«acme_83015927»", "acme_8«3015927»"))
    broken = tmp_path / "broken.toml"
    broken.write_text("provider = ")
    failed = leakscan("rules", "check", good, wrong, broken, "nope.toml", good)
    assert (failed.code, failed.out) == (2, "")
    text = failed.err
    assert f"{broken}: is not valid TOML" in text
    assert "nope.toml: cannot read: No such file or directory" in text
    assert "acme-two" in text
    assert f"{good}: rule 'acme-key': id is already used in {good}" in text


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_prints_a_script(shell: str) -> None:
    """Each shell's script mentions our command and its variable."""
    out = leakscan("completion", shell).out
    assert "_LEAKSCAN_COMPLETE" in out
    assert "leakscan" in out


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        ("leakscan ru", "plain,rules"),
        ("leakscan --form", "plain,--format"),
        ("leakscan scan --engine a", "plain,auto"),
        ("leakscan app", "file,app"),
    ],
)
def test_completion_offers_commands_options_and_files(words: str, offered: str) -> None:
    """What bash gets for a half-typed line."""
    env = environment(
        _LEAKSCAN_COMPLETE="bash_complete", COMP_WORDS=words, COMP_CWORD=str(len(words.split()) - 1)
    )
    done = subprocess.run(COMMAND, env=env, capture_output=True, check=False, timeout=30)
    assert offered in done.stdout.decode().splitlines()


@pytest.mark.parametrize("name", [[], *([command] for command in COMMANDS)])
@pytest.mark.parametrize("flag", ["-h", "--help"])
def test_help_is_on_stdout_and_no_error(name: list[str], flag: str) -> None:
    """Every command explains itself and exits 0."""
    result = leakscan(*name, flag)
    assert (result.code, result.err) == (0, "")
    assert result.out.startswith("Usage: leakscan")


def test_help_lists_the_commands_and_the_exit_codes() -> None:
    """The first page names every command and every exit code."""
    out = leakscan("--help").out
    assert all(name in out for name in COMMANDS)
    assert "0 clean, 1 findings, 2 usage" in out


def test_a_terminal_without_arguments_gets_help() -> None:
    """`leakscan` typed at a prompt explains itself instead of waiting for input."""
    leader, follower = os.openpty()
    try:
        result = leakscan(stdin=None, stdin_file=follower)
    finally:
        os.close(leader)
        os.close(follower)
    assert result.code == 0
    assert result.out.startswith("Usage: leakscan")


def test_version() -> None:
    """--version prints name and version."""
    assert leakscan("--version").out.startswith("leakscan 0.")


def test_start_up_loads_nothing_that_is_not_used() -> None:
    """A scan for people loads no process pool, no decompressor, no metadata, no other report."""
    code = (
        "import sys; from leakscan.cli import run; run(['-q', '-']); "
        "print(*sys.modules, sep='\\n', file=sys.stderr)"
    )
    done = subprocess.run(
        [COMMAND[0], "-c", code], input=b"x\n", capture_output=True, check=True, env=environment(), timeout=30
    )
    loaded = set(done.stderr.decode().split())
    assert "leakscan.scanner" in loaded
    unused = {
        "multiprocessing", "concurrent.futures", "asyncio", "importlib.metadata", "email", "http", "ssl",
        "backports.zstd", "leakscan.workers", "leakscan.baseline", "leakscan.report.sarif", "rich",
    }  # fmt: skip
    assert loaded & unused == set()
