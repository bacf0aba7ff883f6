"""leakscan in a real rsyslogd, with the configuration files that users copy, and the helper killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from daemons import (
    LEAKSCAN,
    PROJECT,
    RSYSLOGD,
    Lines,
    helper_of,
    lines_of,
    need,
    numbers_in,
    rsyslogd,
    send,
    wait_until,
)

pytestmark = pytest.mark.e2e

COUNT = 10_000
KILLS = 5


@pytest.fixture(autouse=True)
def _programs() -> None:
    need(RSYSLOGD, LEAKSCAN)


def recipe(name: str, directory: Path, *, command: str = f"{LEAKSCAN} redact") -> str:
    """Return a shipped configuration file with the paths of a test, a socket, and rsyslogd's own words."""
    text = (PROJECT / "deploy" / "rsyslog" / name).read_text()
    assert "/usr/local/bin/leakscan redact" in text
    text = text.replace("/usr/local/bin/leakscan redact", command)
    text = text.replace("/var/log/leakscan", str(directory))
    return f"""
module(load="imptcp")
module(load="imfile" mode="polling" pollingInterval="1")
{text}
input(type="imptcp" path="{directory}/socket" ruleset="leakscan")
input(type="imfile" file="{directory}/in.log" tag="app:" ruleset="leakscan")
syslog.* action(type="omfile" file="{directory}/internal.log")
"""


def kill_helper(daemon: subprocess.Popen[bytes], progress: Path, at: int) -> None:
    """Kill the helper once so many lines have come out."""
    wait_until(lambda: len(lines_of(progress)) >= at)
    wait_until(lambda: helper_of(daemon.pid) is not None)
    helper = helper_of(daemon.pid)
    assert helper is not None
    os.kill(helper, signal.SIGKILL)


def stream_and_kill(daemon: subprocess.Popen[bytes], directory: Path, lines: Lines) -> None:
    """Send all lines while the helper is killed five times in the middle of them."""
    sender = threading.Thread(target=send, args=(directory / "socket", lines.texts), kwargs={"pause": 0.01})
    sender.start()
    for number in range(1, KILLS + 1):
        kill_helper(daemon, directory / "redacted.log", number * COUNT // (KILLS + 1))
    sender.join()


def test_mmexternal_killed_five_times_keeps_every_number_and_ships_no_secret(tmp_path: Path) -> None:
    """Each line is in the redacted file or in the quarantine, once; no secret is in the redacted file."""
    lines = Lines(COUNT)
    redacted, quarantine = tmp_path / "redacted.log", tmp_path / "quarantine.log"
    with rsyslogd(tmp_path, recipe("leakscan-mmexternal.conf", tmp_path)) as daemon:
        stream_and_kill(daemon, tmp_path, lines)
        wait_until(lambda: len(lines_of(redacted)) + len(lines_of(quarantine)) >= COUNT)
    assert sorted(numbers_in(redacted, quarantine)) == list(range(COUNT))
    assert numbers_in(redacted) == sorted(numbers_in(redacted))
    # a kill costs at most the one message that the helper had in hand
    assert len(lines_of(quarantine)) <= KILLS
    assert lines.leaks(redacted, tmp_path / "internal.log", tmp_path / "rsyslogd.out") == []
    assert quarantine.stat().st_mode & 0o777 == 0o600 if quarantine.exists() else True


def test_the_quarantine_is_redacted_later(tmp_path: Path) -> None:
    """What went to the quarantine because no helper ran comes out of `leakscan redact` whole and clean."""
    lines = Lines(300)
    quarantine, late = tmp_path / "quarantine.log", tmp_path / "late.log"
    with rsyslogd(tmp_path, recipe("leakscan-mmexternal.conf", tmp_path, command="/bin/false")):
        send(tmp_path / "socket", lines.texts)
        wait_until(lambda: len(lines_of(quarantine)) >= len(lines.texts))
    assert not (tmp_path / "redacted.log").exists()
    assert lines.leaks(quarantine) == lines.secrets
    late.write_bytes(subprocess.run([LEAKSCAN, "redact", quarantine], capture_output=True, check=True).stdout)
    assert numbers_in(late) == list(range(300))
    assert lines.leaks(late) == []


@pytest.mark.parametrize(
    "name", ["leakscan-mmexternal.conf", "leakscan-omprog.conf"], ids=["mmexternal", "omprog"]
)
def test_what_follows_a_nul_is_redacted(tmp_path: Path, name: str) -> None:
    """Programs are shown a message up to a NUL; the recipes make rsyslog show the rest too."""
    secret = Lines(4).secrets[0]
    texts = [f"n=000000 head\0 password={secret} end", "n=000001 clean", f"n=000002 password={secret}"]
    (tmp_path / "in.log").write_text("".join(f"{text}\n" for text in texts))
    redacted = tmp_path / "redacted.log"
    with rsyslogd(tmp_path, recipe(name, tmp_path)):
        wait_until(lambda: len(lines_of(redacted)) >= 3)
    assert numbers_in(redacted) == [0, 1, 2]
    assert lines_of(redacted)[0].endswith(b" end")
    for file in ("redacted.log", "internal.log", "rsyslogd.out", "quarantine.log"):
        assert not (tmp_path / file).exists() or secret not in (tmp_path / file).read_text()


def test_mmexternal_never_ships_what_it_was_not_shown(tmp_path: Path) -> None:
    """The number of bytes in the mark tells a message that the helper saw the start of only."""
    secret = Lines(4).secrets[0]
    texts = [f"n=000000 head\0 password={secret}", "n=000001 clean", f"n=000002 password={secret} é\xff"]
    (tmp_path / "in.log").write_bytes("".join(f"{text}\n" for text in texts).encode("latin-1"))
    redacted, quarantine = tmp_path / "redacted.log", tmp_path / "quarantine.log"
    configuration = recipe("leakscan-mmexternal.conf", tmp_path)
    assert "if strlen($.leakscan_seen) != strlen($msg)" in configuration
    configuration = configuration.replace("strlen($.leakscan_seen) != strlen($msg)", "0 == 1")
    with rsyslogd(tmp_path, configuration):
        wait_until(lambda: len(lines_of(redacted)) + len(lines_of(quarantine)) >= 3)
    assert numbers_in(redacted) == [1, 2]
    assert lines_of(redacted)[1].endswith(" é\xff".encode("latin-1"))
    assert numbers_in(quarantine) == [0]
    assert secret.encode() not in redacted.read_bytes()


def test_mmexternal_redacts_every_property(tmp_path: Path) -> None:
    """Tag, structured data, variables and the raw message are as clean as the message."""
    lines = Lines(4)
    secret = lines.secrets[0]
    configuration = recipe("leakscan-mmexternal.conf", tmp_path)
    configuration = configuration.replace(
        'set $!leakscan!ok = "0";', f'set $!leakscan!ok = "0"; set $!login!password = "{secret}";'
    )
    configuration = configuration.replace(
        "%msg:::drop-last-lf%", "%msg:::drop-last-lf% %structured-data% %rawmsg% %$!%"
    )
    redacted = tmp_path / "redacted.log"
    with rsyslogd(tmp_path, configuration):
        wait_until((tmp_path / "socket").exists)
        from socket import AF_UNIX, socket  # noqa: PLC0415 - this message is not like the others

        with socket(AF_UNIX) as stream:
            stream.connect(str(tmp_path / "socket"))
            structured = f'[x@1 password="{secret}"]'
            header = f"<13>1 2024-10-11T22:14:15Z host app 12 ID1 {structured}"
            stream.sendall(f"{header} n=000000 api_key={secret} é\n".encode())
        wait_until(lambda: len(lines_of(redacted)) >= 1)
    (line,) = lines_of(redacted)
    text = line.decode()
    assert secret not in text
    assert text.count("n=000000 api_key=[REDACTED:") == 2
    assert '[x@1 password="[REDACTED:' in text
    assert f'[x@1 password="{"*" * len(secret)}"] n=000000' in text
    assert lines.leaks(redacted) == []


def test_omprog_killed_five_times_keeps_every_number(tmp_path: Path) -> None:
    """With confirmations and transactions, each line is in the redacted file, and no secret anywhere."""
    lines = Lines(COUNT)
    redacted = tmp_path / "redacted.log"
    with rsyslogd(tmp_path, recipe("leakscan-omprog.conf", tmp_path)) as daemon:
        stream_and_kill(daemon, tmp_path, lines)
        wait_until(lambda: len(set(numbers_in(redacted))) >= COUNT)
    assert set(numbers_in(redacted)) == set(range(COUNT))
    assert lines.leaks(redacted, tmp_path / "internal.log", tmp_path / "rsyslogd.out") == []


def test_omprog_without_transactions_keeps_every_number(tmp_path: Path) -> None:
    """Each message is confirmed alone, and the one that a killed helper had in hand comes again."""
    lines = Lines(500)
    redacted = tmp_path / "redacted.log"
    configuration = recipe("leakscan-omprog.conf", tmp_path).replace('useTransactions="on"', "")
    with rsyslogd(tmp_path, configuration) as daemon:
        send(tmp_path / "socket", lines.texts)
        kill_helper(daemon, redacted, 100)
        kill_helper(daemon, redacted, 300)
        wait_until(lambda: len(set(numbers_in(redacted))) >= len(lines.texts))
    assert set(numbers_in(redacted)) == set(range(500))
    assert lines.leaks(redacted) == []


def test_omprog_tries_again_until_the_file_can_be_written(tmp_path: Path) -> None:
    """A file that cannot be opened at first costs no message."""
    lines = Lines(200)
    redacted = tmp_path / "redacted.log"
    redacted.mkdir()
    with rsyslogd(tmp_path, recipe("leakscan-omprog.conf", tmp_path)):
        send(tmp_path / "socket", lines.texts)
        wait_until((tmp_path / "internal.log").exists)
        redacted.rmdir()
        wait_until(lambda: len(set(numbers_in(redacted))) >= len(lines.texts))
    assert set(numbers_in(redacted)) == set(range(200))
    assert lines.leaks(redacted, tmp_path / "internal.log") == []
