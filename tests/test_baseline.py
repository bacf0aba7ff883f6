"""Baselines and the key of the fingerprints: what is kept, what is refused, and that nothing leaks."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

from command import COMMAND, RULE, environment, leakscan, made_up_secret, shows
from leakscan.errors import ConfigError
from leakscan.keyfile import given_key, key_path, own_key


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """A log with one secret at two places."""
    secret = made_up_secret()
    path = tmp_path / "app.log"
    path.write_text(f"{secret}\n{secret}\n")
    return path


def test_a_baseline_hides_what_it_knows_wherever_it_stands(log: Path, tmp_path: Path) -> None:
    """Write, move the secret to another file and line, read: nothing new. A new secret is shown."""
    baseline = tmp_path / "known.json"
    written = leakscan("--write-baseline", baseline, log)
    assert written.code == 0
    assert RULE in written.out
    moved = tmp_path / "app.log.1"
    fresh = made_up_secret()
    moved.write_text("rotated\n" * 99 + log.read_text())
    known = leakscan("--baseline", baseline, moved)
    assert known.code == 0
    assert "nothing new in 1 file" in known.err
    with moved.open("a") as file:
        file.write(fresh)
    result = leakscan("--baseline", baseline, "--format", "jsonl", moved)
    assert result.code == 1
    assert [json.loads(line)["line"] for line in result.out.splitlines()] == [102]


def test_a_baseline_holds_no_secret_and_no_position(log: Path, tmp_path: Path) -> None:
    """The file has version, key id, and for each fingerprint rule and count. No more."""
    leakscan("--write-baseline", tmp_path / "known.json", log)
    text = (tmp_path / "known.json").read_text()
    document = json.loads(text)
    assert set(document) == {"version", "key_id", "fingerprints"}
    assert list(document["fingerprints"].values()) == [{"rule_id": RULE, "count": 2}]
    assert not shows(text, log.read_text().split()[0])
    assert "app.log" not in text


def test_a_baseline_written_over_another_knows_everything(log: Path, tmp_path: Path) -> None:
    """`--baseline a --write-baseline a` renews it: what is hidden is written too."""
    baseline = tmp_path / "known.json"
    leakscan("--write-baseline", baseline, log)
    before = baseline.read_text()
    result = leakscan("--baseline", baseline, "--write-baseline", baseline, log)
    assert (result.code, result.out) == (0, "")
    assert baseline.read_text() == before


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("", "is not JSON"),
        ("{", "is not JSON"),
        ("[]", "has no version"),
        ("{}", "has no version"),
        ('{"version": 2}', "is of version 2, this is 1"),
        ('{"version": 1, "key_id": "0"}', "was made with another key"),
        ('{"version": 1, "key_id": KEY}', "is damaged"),
        ('{"version": 1, "key_id": KEY, "fingerprints": {"ab": {}}}', "is damaged"),
        ('{"version": 1, "key_id": KEY, "fingerprints": ["ab"]}', "is damaged"),
    ],
)
def test_a_damaged_baseline_is_an_error(log: Path, tmp_path: Path, content: str, reason: str) -> None:
    """A file that is no baseline of ours is refused with its name and the reason, exit 2."""
    good = tmp_path / "good.json"
    leakscan("--write-baseline", good, log)
    key_id = json.dumps(json.loads(good.read_text())["key_id"])
    baseline = tmp_path / "known.json"
    baseline.write_text(content.replace("KEY", key_id))
    result = leakscan("--baseline", baseline, log)
    assert (result.code, result.out) == (2, "")
    assert f"the baseline {baseline} {reason}" in result.errors()[0]


def test_another_key_is_noticed(log: Path, tmp_path: Path) -> None:
    """With another key every fingerprint differs; that is said, not shown as new findings."""
    leakscan("--write-baseline", tmp_path / "known.json", log)
    other = environment(LEAKSCAN_KEY="another obviously fake key")
    result = leakscan("--baseline", tmp_path / "known.json", log, env=other)
    assert result.code == 2
    assert "was made with another key: give the same --key-file or LEAKSCAN_KEY" in result.err


def keyless(home: Path) -> dict[str, str]:
    """Return an environment without a key, with its state under `home`."""
    kept = {name: value for name, value in environment().items() if name != "LEAKSCAN_KEY"}
    return kept | {"XDG_STATE_HOME": str(home)}


def test_a_key_is_made_on_first_use_and_kept(log: Path, tmp_path: Path) -> None:
    """Without a key given, a private one is made, and fingerprints are equal in the next run."""
    state = tmp_path / "state"
    first = leakscan("--format", "jsonl", log, env=keyless(state))
    key = state / "leakscan" / "key"
    assert key.stat().st_mode & 0o777 == 0o600
    assert key.parent.stat().st_mode & 0o777 == 0o700
    assert [path.name for path in key.parent.iterdir()] == ["key"]
    assert leakscan("--format", "jsonl", log, env=keyless(state)).out == first.out
    assert leakscan("--format", "jsonl", log).out != first.out


def test_text_makes_no_key(log: Path, tmp_path: Path) -> None:
    """Where no fingerprint leaves the run, no file is made."""
    assert leakscan(log, env=keyless(tmp_path / "state")).code == 1
    assert not (tmp_path / "state").exists()


def test_an_unwritable_home_gives_a_key_for_this_run_and_says_so(log: Path, tmp_path: Path) -> None:
    """The report still comes, with a note; a baseline cannot work and is refused."""
    (tmp_path / "file").touch()
    env = keyless(tmp_path / "file" / "state")
    result = leakscan("--format", "jsonl", log, env=env)
    assert result.code == 1
    assert result.errors()[0].startswith("cannot make the key file ")
    assert result.errors()[0].endswith("; fingerprints are good for this run only")
    refused = leakscan("--write-baseline", tmp_path / "known.json", log, env=env)
    assert (refused.code, refused.out) == (2, "")
    assert refused.errors()[0].endswith("what is compared needs a key: give --key-file or LEAKSCAN_KEY")


def test_racing_first_uses_agree_on_one_key(log: Path, tmp_path: Path) -> None:
    """Eight first runs at once: one key, equal reports, no leftovers."""
    env = keyless(tmp_path / "state")
    command = [*COMMAND, "-q", "--format", "jsonl", str(log)]
    runs = [subprocess.Popen(command, stdout=subprocess.PIPE, env=env) for _ in range(8)]
    assert len({run.communicate()[0] for run in runs}) == 1
    assert [path.name for path in (tmp_path / "state" / "leakscan").iterdir()] == ["key"]


@pytest.mark.parametrize("mode", [0o604, 0o644, 0o602])
def test_a_key_open_to_others_is_refused(tmp_path: Path, mode: int) -> None:
    """A key that others can read or write is no key."""
    path = tmp_path / "key"
    path.write_text("an obviously fake key\n")
    path.chmod(mode)
    with pytest.raises(ConfigError, match="is open to other users: run chmod 600"):
        given_key(str(path), {})


def test_the_own_key_must_be_private_even_to_the_group(tmp_path: Path) -> None:
    """A given key may be readable by the group, as orchestrators mount them; the own one may not."""
    path = key_path({"XDG_STATE_HOME": str(tmp_path)})
    path.parent.mkdir()
    path.write_text("an obviously fake key\n")
    path.chmod(0o640)
    assert given_key(str(path), {}) == b"an obviously fake key"
    with pytest.raises(ConfigError, match="is open to other users"):
        own_key({"XDG_STATE_HOME": str(tmp_path)})


@pytest.mark.parametrize("content", ["", "short", "x" * 5000])
def test_a_key_of_a_wrong_size_is_refused(tmp_path: Path, content: str) -> None:
    """Too short to be safe, or too long to be a key."""
    path = tmp_path / "key"
    path.write_text(content)
    path.chmod(0o600)
    with pytest.raises(ConfigError, match="must hold 16 to 4096 bytes"):
        given_key(str(path), {})


def test_the_environment_gives_a_key_and_a_file_wins(tmp_path: Path) -> None:
    """`--key-file` before `LEAKSCAN_KEY`; a short value is refused and not repeated."""
    path = tmp_path / "key"
    path.write_text("the key of the file\n")
    path.chmod(0o600)
    assert given_key(None, {"LEAKSCAN_KEY": "k" * 16}) == b"k" * 16
    assert given_key(str(path), {"LEAKSCAN_KEY": "k" * 16}) == b"the key of the file"
    assert given_key(None, {}) is None
    with pytest.raises(ConfigError) as error:
        given_key(None, {"LEAKSCAN_KEY": "hunter2"})
    assert "hunter2" not in str(error.value)


def test_a_home_is_found_without_xdg(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without `XDG_STATE_HOME`, or with a relative one, the key is under ~/.local/state."""
    monkeypatch.setenv("HOME", "/home/someone")
    expected = Path("/home/someone/.local/state/leakscan/key")
    assert key_path({}) == expected
    assert key_path({"XDG_STATE_HOME": "relative"}) == expected
    assert os.fspath(key_path({"XDG_STATE_HOME": "/s"})) == "/s/leakscan/key"
