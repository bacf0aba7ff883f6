"""Configuration files: which one counts, what is refused, and what scan and redact make of it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from command import Result, environment, leakscan
from leakscan.config import find_config, read_config
from leakscan.errors import ConfigError

if TYPE_CHECKING:
    from pathlib import Path

SECRET = "hunter2-Tr0ub4dor"
LINE = f"login demo_password={SECRET} ok\n"
TABLE = '[[allow]]\nreason = "demo account"\nkey = "demo_password"\n'


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """Write a log with one secret."""
    path = tmp_path / "app.log"
    path.write_text(LINE)
    return path


def run(folder: Path, *arguments: str, **changes: str) -> Result:
    """Run the command in a folder."""
    return leakscan(*arguments, cwd=folder, env=environment(**changes))


@pytest.mark.parametrize("place", ["--config", "LEAKSCAN_CONFIG", ".leakscan.toml", "pyproject.toml"])
def test_an_allowlist_counts_for_scan_and_redact(log: Path, place: str) -> None:
    """Wherever the file is found, what it allows is neither reported nor redacted."""
    assert run(log.parent, "app.log").code == 1
    name = place if place.startswith((".", "py")) else "mine.toml"
    table = TABLE.replace("[[allow]]", "[[tool.leakscan.allow]]") if place == "pyproject.toml" else TABLE
    (log.parent / name).write_text(table)
    options = ["--config", "mine.toml"] if place == "--config" else []
    changes = {"LEAKSCAN_CONFIG": "mine.toml"} if place == "LEAKSCAN_CONFIG" else {}
    assert run(log.parent, "app.log", *options, **changes).code == 0
    assert run(log.parent, "redact", "app.log", *options, **changes).out == LINE


def test_the_first_file_that_is_there_counts_alone(log: Path) -> None:
    """--config before LEAKSCAN_CONFIG before .leakscan.toml before pyproject.toml; they do not add up."""
    folder = log.parent
    (folder / "empty.toml").write_text("")
    (folder / "allow.toml").write_text(TABLE)
    (folder / "pyproject.toml").write_text(TABLE.replace("[[allow]]", "[[tool.leakscan.allow]]"))
    assert run(folder, "app.log").code == 0
    (folder / ".leakscan.toml").write_text("")
    assert run(folder, "app.log").code == 1
    assert run(folder, "app.log", LEAKSCAN_CONFIG="allow.toml").code == 0
    assert run(folder, "app.log", "--config", "empty.toml", LEAKSCAN_CONFIG="allow.toml").code == 1


def test_other_projects_files_are_not_ours(log: Path) -> None:
    """A pyproject.toml that does not mention us may even be broken; one that does may not."""
    file = log.parent / "pyproject.toml"
    file.write_text("[tool.other\n")
    assert run(log.parent, "app.log").code == 1
    file.write_text("[tool.leakscan\n")
    result = run(log.parent, "app.log")
    assert result.code == 2
    assert "pyproject.toml: is not valid TOML" in result.err


def test_options_win_over_the_file_and_lists_add_up(log: Path) -> None:
    """The file holds defaults: what is given counts, and --disable adds to what the file disables."""
    folder = log.parent
    other = log.parent / "other.log"
    other.write_text(LINE + "Authorization: Bearer r8Zp2kQw91LmXvT4\n")
    (folder / ".leakscan.toml").write_text('min_confidence = "certain"\nengine = "ahocorasick"\njobs = 2\n')
    assert run(folder, "app.log").code == 0
    assert run(folder, "app.log", "--min-confidence", "medium").code == 1
    (folder / ".leakscan.toml").write_text('disable = ["generic-password"]\n')
    assert len(run(folder, "other.log").out.splitlines()) == 1
    assert run(folder, "other.log", "--disable", "authorization-bearer").code == 0
    assert "generic" not in run(folder, "redact", "app.log").out


def test_rule_files_are_named_relative_to_the_configuration(log: Path) -> None:
    """A configuration works from any directory."""
    conf = log.parent / "conf"
    conf.mkdir()
    (conf / "mine.toml").write_text(
        'provider = "Acme"\n[[rules]]\nid = "acme-key"\ndescription = "Acme key."\nseverity = "high"\n'
        'keywords = ["acme_"]\nregex = "acme_[0-9]{8}"\n'
    )
    (conf / "c.toml").write_text(
        'rules = ["mine.toml"]\n[[allow]]\nreason = "x"\nrule = "acme-key"\nvalue = "acme_11223344"\n'
    )
    log.write_text("acme_83015927 acme_11223344\n")
    assert "acme-key" in run(log.parent, "app.log", "--config", "conf/c.toml").out
    out = run(log.parent, "redact", "app.log", "--config", "conf/c.toml").out
    assert out == "[REDACTED:acme-key] acme_11223344\n"


def test_paths_hold_in_scan_also_with_jobs(log: Path) -> None:
    """A table with a path allows in the files that it names; a pipe has no such path, nor has redact."""
    folder = log.parent
    (folder / "fixtures").mkdir()
    (folder / "fixtures" / "b.log").write_text(LINE)
    (folder / ".leakscan.toml").write_text('[[allow]]\nreason = "fixtures"\npath = "fixtures/*"\n')
    for jobs in ("1", "2"):
        result = run(folder, ".", "-j", jobs, "--format", "jsonl")
        assert [json.loads(line)["path"] for line in result.out.splitlines()] == ["./app.log"]
    piped = leakscan("-", stdin=LINE.encode(), cwd=folder)
    assert piped.code == 1
    assert SECRET not in run(folder, "redact", "fixtures/b.log").out


def test_a_fingerprint_of_a_report_can_be_allowed(log: Path) -> None:
    """Copied from a report, it needs no secret in the file; the key must be the same."""
    report = run(log.parent, "app.log", "--format", "jsonl")
    mark = json.loads(report.out)["fingerprint"]
    (log.parent / ".leakscan.toml").write_text(f'[[allow]]\nreason = "x"\nfingerprint = "{mark}"\n')
    assert run(log.parent, "app.log").code == 0
    assert run(log.parent, "redact", "app.log").out == LINE
    assert run(log.parent, "app.log", LEAKSCAN_KEY="another fake key of the tests").code == 1


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("min_confidense = 'low'", "min_confidense: unknown key; did you mean min_confidence?"),
        ("min_confidence = 'sure'", "min_confidence: must be one of low, medium, high, certain"),
        ("min_confidence = []", "min_confidence: must be one of"),
        ("engine = 'fast'", "engine: must be one of auto, hyperscan, ahocorasick"),
        ("jobs = -1", "jobs: must be a number from 0 on"),
        ("jobs = true", "jobs: must be a number from 0 on"),
        ("jobs = '2'", "jobs: must be a number from 0 on"),
        ("rules = 'a.toml'", "rules: must be a list of non-empty strings"),
        ("disable = [1]", "disable: must be a list of non-empty strings"),
        ("disable = ['generic-pasword']", "disable: no such rule: generic-pasword; did you mean generic"),
        ("packs = ['nope']", "packs: no pack 'nope'"),
        ("[allow]\nreason = 'x'", "allow: must be tables: write [[allow]]"),
        ("[[allow]]\nvalue = 'x'", "allow[1].reason: is missing"),
        ("[[allow]]\nreason = ' '\nvalue = 'x'", "allow[1].reason: say why this is allowed"),
        ("[[allow]]\nreason = 'x'", "allow[1]: no condition, so all would be allowed"),
        ("[[allow]]\nreason = 'x'\nvalue = ['x']", "allow[1].value: must be a string; values takes a list"),
        ("[[allow]]\nreason = 'x'\nvalues = []", "allow[1].values: must not be empty"),
        ("[[allow]]\nreason = 'x'\nvalue = ''", "allow[1].values: must not be empty"),
        ("[[allow]]\nreason = 'x'\nkey = 'a'\nkeys = ['b']", "allow[1].key: give key or keys, not both"),
        ("[[allow]]\nreason = 'x'\nregex = '('", "allow[1].regexes: missing )"),
        ("[[allow]]\nreason = 'x'\nregexp = 'a'", "allow[1].regexp: unknown key; did you mean regex?"),
        ("[[allow]]\nreason = 'x'\nfingerprint = 'XYZ'", "allow[1].fingerprints: must be 24"),
        ("[[allow]]\nreason = 'x'\nrule = 'nope'", "allow: no such rule: nope"),
        ("jobs = ", "is not valid TOML"),
        ("rules = ['missing.toml']", "missing.toml: cannot read: No such file or directory"),
    ],
)  # fmt: skip
def test_a_faulty_file_is_one_line_that_says_where(log: Path, text: str, reason: str) -> None:
    """File, key and reason, exit 2, for scan and redact alike; a table's value is not repeated."""
    file = log.parent / ".leakscan.toml"
    file.write_text(text + "\n")
    for command in ("scan", "redact"):
        result = run(log.parent, command, "app.log")
        assert (result.code, result.out) == (2, "")
        assert len(result.err.splitlines()) == 1
        assert reason in result.err
        assert ".leakscan.toml: " in result.err or "missing.toml" in result.err


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("nope.toml", None, "No such file or directory"),
        ("latin.toml", b"# \xe9\n", "is not UTF-8 text"),
        ("big.toml", b"#" * (1 << 20) + b"#", "larger than"),
        ("pyproject.toml", b"[tool.other]\n", "has no [tool.leakscan]"),
        ("pyproject.toml", b"[tool]\nleakscan = 1\n", "tool.leakscan: must be a table"),
        (".", None, "Is a directory"),
    ],
)
def test_a_named_file_must_be_readable(tmp_path: Path, name: str, content: bytes | None, reason: str) -> None:
    """What was asked for is never passed over in silence."""
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ConfigError, match=reason.replace("[", r"\[")) as caught:
        read_config(str(path))
    assert str(caught.value).startswith(str(path))


def test_no_file_is_no_configuration(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without any file the defaults hold; an empty variable is as none."""
    monkeypatch.chdir(tmp_path)
    config = find_config(None, {"LEAKSCAN_CONFIG": ""})
    assert config.source is None
    assert config.allow == ()


def test_a_default_for_jobs_does_not_keep_follow_from_working(log: Path) -> None:
    """--follow works in one process: only -j on the command line is a contradiction."""
    (log.parent / ".leakscan.toml").write_text("jobs = 4\n")
    result = run(log.parent, "--follow", "-j", "2", "app.log")
    assert "works in one process" in result.err
    result = run(log.parent, "--follow", "--format", "sarif", "app.log")
    assert "works in one process" not in result.err
