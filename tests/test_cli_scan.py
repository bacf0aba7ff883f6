"""`leakscan scan` as a user runs it: exit codes, stderr, and what each kind of input does."""

from __future__ import annotations

import ctypes
import gzip
import json
import os
import socket
import subprocess
import threading
from pathlib import Path
from typing import Any

import pytest

from command import RULE, environment, leakscan, made_up_secret, shows

FORMATS = ["text", "jsonl", "json", "sarif", "csv"]


@pytest.fixture
def secret() -> str:
    """A made-up key."""
    return made_up_secret()


@pytest.fixture
def log(tmp_path: Path, secret: str) -> Path:
    """A log with one secret on its second line."""
    path = tmp_path / "app.log"
    path.write_text(f"2024-11-21T23:05:00Z start\n2024-11-21T23:05:01Z charge key={secret} ok\n")
    return path


def test_a_clean_log_exits_0_and_prints_nothing_on_stdout(tmp_path: Path) -> None:
    """Nothing found: exit 0, an empty stdout and a summary."""
    (tmp_path / "clean.log").write_text("all is well\n")
    result = leakscan(tmp_path / "clean.log")
    assert (result.code, result.out) == (0, "")
    assert result.errors()[0].startswith("nothing found in 1 file (12 bytes, ")


def test_findings_exit_1_with_one_line_a_secret(log: Path, secret: str) -> None:
    """A secret found: exit 1, rule, masked value and place, and no part of the secret."""
    result = leakscan(log)
    assert result.code == 1
    assert result.out.split() == ["critical", "high", RULE, "sk_l…(40)", "once", f"{log}:2:33"]
    assert not shows(result.out + result.err, secret)


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("jobs", ["1", "2"])
def test_no_format_shows_the_secret(log: Path, secret: str, form: str, jobs: str) -> None:
    """No output of any format holds eight consecutive characters of a secret's body."""
    result = leakscan("--format", form, "-j", jobs, log)
    assert result.code == 1
    assert RULE in result.out
    assert not shows(result.out + result.err, secret)


def test_jsonl_gives_the_place_in_bytes_and_the_time_of_the_line(log: Path, secret: str) -> None:
    """Start, end and offset cut exactly the secret out of the file; the line's time is read."""
    record = json.loads(leakscan("--format", "jsonl", log).out)
    data = log.read_bytes()
    length = record["end"] - record["start"]
    assert data[record["offset"] : record["offset"] + length] == secret.encode()
    assert data.splitlines()[record["line"] - 1][record["start"] : record["end"]] == secret.encode()
    assert record["timestamp"] == "2024-11-21T23:05:01Z"
    assert record["path"] == str(log)


@pytest.mark.parametrize("dash", [[], ["-"]])
def test_stdin_is_read_when_piped_or_named(secret: str, dash: list[str]) -> None:
    """`cmd | leakscan` and `leakscan -` both read stdin."""
    result = leakscan(*dash, stdin=f"key={secret}\n".encode())
    assert result.code == 1
    assert "<stdin>:1:5" in result.out


def test_options_without_the_word_scan(secret: str) -> None:
    """`leakscan --format jsonl` is `leakscan scan --format jsonl`."""
    result = leakscan("--format", "jsonl", stdin=secret.encode())
    assert json.loads(result.out)["rule_id"] == RULE


def test_no_input_at_all_is_a_usage_error() -> None:
    """Without a path and with stdin from /dev/null there is nothing to scan: exit 2, not clean."""
    with Path(os.devnull).open("rb") as null:
        result = leakscan(stdin=None, stdin_file=null)
    assert result.code == 2
    assert "nothing to scan" in result.err


def test_a_missing_file_is_an_error_and_the_others_are_scanned(log: Path) -> None:
    """A missing file: one line that names it, exit 2 although there are findings, the rest reported."""
    result = leakscan("nope.log", log)
    assert result.code == 2
    assert result.errors()[0] == "nope.log: no such file or directory"
    assert RULE in result.out


def test_only_a_missing_file_scans_nothing() -> None:
    """The summary does not call it clean when nothing was scanned."""
    result = leakscan("nope.log")
    assert (result.code, result.out) == (2, "")
    assert result.errors()[1:] == ["nothing was scanned: 1 input failed"]


def test_a_directory_means_every_file_in_it(tmp_path: Path, secret: str) -> None:
    """Files at any depth and hidden ones are scanned, in sorted order; loops end; sockets are noted."""
    (tmp_path / "b" / ".hidden").mkdir(parents=True)
    for name in ("z.log", "b/.hidden/.x", "a.log"):
        (tmp_path / name).write_text(f"{secret}\n")
    (tmp_path / "b" / "loop").symlink_to(tmp_path)
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(tmp_path / "s"))
    result = leakscan("--format", "jsonl", tmp_path)
    paths = [json.loads(line)["path"] for line in result.out.splitlines()]
    assert paths == [str(tmp_path / name) for name in ("a.log", "b/.hidden/.x", "z.log")]
    assert result.errors()[0] == f"{tmp_path}/s: skipped: a socket"
    assert result.code == 1


def test_an_empty_file_and_an_empty_directory_are_clean(tmp_path: Path) -> None:
    """No bytes, no findings: exit 0."""
    (tmp_path / "empty.log").touch()
    (tmp_path / "dir").mkdir()
    assert leakscan(tmp_path / "empty.log").code == 0
    assert leakscan(tmp_path / "dir").code == 0


def test_a_named_fifo_is_read(tmp_path: Path, secret: str) -> None:
    """A FIFO that is named is read to its end."""
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    writer = threading.Thread(target=lambda: fifo.write_text(f"x {secret}\n"))
    writer.start()
    result = leakscan(fifo)
    writer.join()
    assert result.code == 1
    assert f"{fifo}:1:3" in result.out


def test_a_fifo_in_a_directory_is_passed_over(tmp_path: Path) -> None:
    """A FIFO met in a directory is noted and not opened: that could block for ever."""
    os.mkfifo(tmp_path / "fifo")
    result = leakscan(tmp_path)
    assert result.errors()[0] == f"{tmp_path}/fifo: skipped: a FIFO"
    assert result.code == 0


def test_binary_data_are_scanned_as_they_are(tmp_path: Path, secret: str) -> None:
    """NUL bytes, invalid UTF-8 and no newline do not hide a secret."""
    (tmp_path / "core").write_bytes(b"\x00\xff\xfe\x80" * 99 + b"\x00" + secret.encode() + b"\x00\x80")
    assert leakscan(tmp_path / "core").code == 1


def _without_root_powers() -> None:
    """Give up root's right to read what permissions forbid (capabilities 1 and 2), for the run to come."""
    libc = ctypes.CDLL(None)
    for capability in (1, 2):
        libc.prctl(24, capability, 0, 0, 0)  # PR_CAPBSET_DROP


def test_an_unreadable_file_is_an_error(tmp_path: Path, secret: str) -> None:
    """A file without read permission: one line, exit 2, the others are scanned."""
    closed = tmp_path / "a.log"
    closed.write_text("closed\n")
    closed.chmod(0)
    (tmp_path / "b.log").write_text(f"{secret}\n")
    drop: Any = {"preexec_fn": _without_root_powers} if os.geteuid() == 0 else {}
    if subprocess.run(["cat", closed], check=False, capture_output=True, **drop).returncode == 0:
        pytest.skip("this user reads everything")
    result = leakscan(tmp_path, **drop)
    assert result.errors()[0] == f"{closed}: permission denied"
    assert result.code == 2
    assert RULE in result.out


def test_a_truncated_gzip_is_scanned_up_to_the_damage(tmp_path: Path, secret: str) -> None:
    """A gzip file that ends too early: its findings are reported, one line says so, exit 2."""
    packed = gzip.compress(f"{secret}\n".encode() + os.urandom(5000))
    (tmp_path / "x.gz").write_bytes(packed[:-1000])
    result = leakscan(tmp_path / "x.gz")
    assert result.code == 2
    assert result.errors()[0] == f"{tmp_path}/x.gz: gzip data end too early: the rest is not scanned"
    assert RULE in result.out


def test_a_glob_that_the_shell_left_alone_is_expanded(tmp_path: Path, secret: str) -> None:
    """Wildcards are expanded, sorted; a pattern that matches nothing is an error."""
    for name in ("app-2.log", "app-1.log", "other.txt"):
        (tmp_path / name).write_text(f"{secret}\n")
    result = leakscan("--format", "jsonl", tmp_path / "app-*.log")
    paths = [Path(json.loads(line)["path"]).name for line in result.out.splitlines()]
    assert paths == ["app-1.log", "app-2.log"]
    nothing = leakscan(tmp_path / "nope-*.log")
    assert nothing.code == 2
    assert nothing.errors()[0] == f"{tmp_path}/nope-*.log: no file matches"


def test_a_bad_rule_file_is_an_error(tmp_path: Path, log: Path) -> None:
    """A bad rule file: one line with file, rule and reason, exit 2, nothing scanned."""
    rules = tmp_path / "mine.toml"
    rules.write_text('provider = "Acme"\n[[rules]]\nid = "x"\nseverity = "high"\ndescription = "D."\n')
    result = leakscan("--rules", rules, log)
    assert (result.code, result.out) == (2, "")
    assert result.errors() == [f"{rules}: rule 'x': regex is missing"]


def test_own_rules_are_added_to_the_built_in_ones(tmp_path: Path, log: Path) -> None:
    """`--rules FILE` finds more, and what the built-in rules find is still found."""
    rules = tmp_path / "mine.toml"
    rules.write_text(
        'provider = "Acme"\n[[rules]]\nid = "acme-key"\ndescription = "Acme key."\nseverity = "low"\n'
        'keywords = ["acme_"]\nregex = "acme_[0-9]{8}"\n'
    )
    with log.open("a") as file:
        file.write("with acme_83015927 too\n")
    lines = leakscan("--format", "jsonl", "--rules", rules, log).out.splitlines()
    assert {json.loads(line)["rule_id"] for line in lines} == {"acme-key", RULE}


def test_a_rule_can_be_disabled_and_a_wrong_name_gets_advice(log: Path) -> None:
    """`--disable ID` turns a rule off; an unknown id is a usage error that names the nearest."""
    assert leakscan("--disable", RULE, log).code == 0
    result = leakscan("--disable", "stripe-secret-kee", log)
    assert result.code == 2
    assert f"no such rule: stripe-secret-kee; did you mean {RULE}?" in result.err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--frmat", "json"], "no such option '--frmat'"),
        (["--format", "xml"], "'xml' is not one of"),
        (["-j", "-1"], "-1 is not in the range"),
        (["-o", "no/such/dir/out"], "there is no directory"),
        (["-o", "."], "it is a directory"),
        (["--key-file", "nope"], "cannot read the key file nope"),
        (["--baseline", "nope"], "cannot read the baseline nope"),
    ],
)
def test_a_wrong_option_is_one_line_and_exit_2(log: Path, arguments: list[str], message: str) -> None:
    """Mistakes in the arguments: one line on stderr, exit 2, nothing on stdout."""
    result = leakscan(*arguments, log, cwd=log.parent)
    assert (result.code, result.out) == (2, "")
    assert len(result.errors()) == 1
    assert message in result.err


def test_exit_code_is_the_users_choice_but_errors_win(log: Path) -> None:
    """`--exit-code N` replaces 1, never 2."""
    assert leakscan("--exit-code", "0", log).code == 0
    assert leakscan("--exit-code", "9", log).code == 9
    assert leakscan("--exit-code", "0", log, "nope").code == 2


def test_max_per_secret_limits_places_not_counts(tmp_path: Path, secret: str) -> None:
    """At most N places of one secret are written; the summary still counts them all."""
    (tmp_path / "a.log").write_text(f"{secret}\n" * 5)
    limited = leakscan("--format", "jsonl", "--max-per-secret", "2", tmp_path / "a.log")
    assert [json.loads(line)["line"] for line in limited.out.splitlines()] == [1, 2]
    document = json.loads(leakscan("--format", "json", "--max-per-secret", "1", tmp_path / "a.log").out)
    assert len(document["findings"]) == 1
    assert document["summary"]["secrets"][0]["count"] == 5


def test_quiet_says_nothing_but_errors(log: Path, tmp_path: Path) -> None:
    """-q: no summary and no notes; errors stay."""
    os.mkfifo(tmp_path / "fifo")
    assert leakscan("-q", tmp_path).err == ""
    assert leakscan("-q", log, "nope").errors() == ["nope: no such file or directory"]


def test_colour_only_when_asked(log: Path) -> None:
    """No escape sequence goes into a pipe, unless asked for."""
    assert "\x1b" not in leakscan(log).out
    assert "\x1b" in leakscan("--color", "always", log).out
    assert "\x1b" in leakscan(log, env=environment(FORCE_COLOR="1")).out
    assert "\x1b" not in leakscan(log, env=environment(FORCE_COLOR="1", NO_COLOR="1")).out


def test_a_hostile_file_name_cannot_steer_the_terminal(tmp_path: Path, secret: str) -> None:
    """Escape, control and bidi characters of file names are shown as escapes."""
    path = tmp_path / "a\x1b[2J\u202e\n.log"
    path.write_text(secret)
    out = leakscan(path).out
    assert "a\\x1b[2J\\u202e\\x0a.log:1:1" in out
    missing = leakscan("no\x1b[2Jpe")
    assert missing.errors()[0] == "no\\x1b[2Jpe: no such file or directory"


def test_an_undecodable_file_name_works_in_every_format(tmp_path: Path, secret: str) -> None:
    """A file name that is not UTF-8 is no error and breaks no format."""
    name = os.fsencode(tmp_path) + b"/caf\xe9.log"
    Path(os.fsdecode(name)).write_text(secret)
    for form in FORMATS:
        result = leakscan("--format", form, tmp_path)
        assert result.code == 1
        assert "caf\\xe9.log" in result.out or "caf%E9.log" in result.out or "caf\\\\xe9.log" in result.out


@pytest.mark.parametrize("engine", ["hyperscan", "ahocorasick"])
def test_both_engines_give_the_same_bytes(log: Path, engine: str) -> None:
    """`--engine` changes speed, not output."""
    expected = leakscan("--format", "jsonl", log).out
    assert leakscan("--format", "jsonl", "--engine", engine, log).out == expected


def test_a_file_named_like_a_command_is_scanned_as_a_path(tmp_path: Path, secret: str) -> None:
    """`leakscan ./rules` scans the file."""
    (tmp_path / "rules").write_text(secret)
    assert leakscan("./rules", cwd=tmp_path).code == 1
