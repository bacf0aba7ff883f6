"""leakscan in a real syslog-ng: the parser in the Python that syslog-ng embeds, also when that is killed."""

from __future__ import annotations

import socket
import sys
import time
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from daemons import (
    LEAKSCAN,
    PROJECT,
    SYSLOG_NG,
    Lines,
    lines_of,
    need,
    numbers_in,
    send,
    syslog_ng,
    wait_until,
)

pytestmark = pytest.mark.e2e

COUNT = 10_000
KILLS = 5


@pytest.fixture(autouse=True)
def _programs() -> None:
    need(SYSLOG_NG, LEAKSCAN)


def recipe(directory: Path, source: str, *, options: str = "") -> str:
    """Return the shipped configuration file with the paths of a test and a source."""
    text = (PROJECT / "deploy" / "syslog-ng" / "leakscan.conf").read_text()
    assert '"on_failure" "mask"' in text
    text = text.replace("/var/log/leakscan", str(directory))
    text = text.replace('"on_failure" "mask"', f'"on_failure" "mask" {options}')
    return f"""@version: 3.38
options {{ stats-freq(0); time-reopen(1); }};
source s_src {{ {source} }};
source s_own {{ internal(); }};
destination d_own {{ file("{directory}/internal.log"); }};
log {{ source(s_own); destination(d_own); }};
{text}"""


@pytest.mark.parametrize("engine", ["hyperscan", "ahocorasick"])
def test_every_line_arrives_and_no_secret_does(tmp_path: Path, engine: str) -> None:
    """10,000 numbered lines come out, once and in order, with either prefilter."""
    lines = Lines(COUNT)
    redacted = tmp_path / "redacted.log"
    source = f'unix-stream("{tmp_path}/socket" log-iw-size(10000));'
    with syslog_ng(tmp_path, recipe(tmp_path, source, options=f'"engine" "{engine}"')):
        send(tmp_path / "socket", lines.texts)
        wait_until(lambda: len(lines_of(redacted)) >= COUNT)
    assert numbers_in(redacted) == list(range(COUNT))
    assert lines.leaks(redacted, tmp_path / "internal.log", tmp_path / "syslog-ng.out") == []
    assert b" app[1]: n=000000 login password=[REDACTED:" in redacted.read_bytes()
    assert not (tmp_path / "quarantine.log").exists()


def test_syslog_ng_killed_five_times_keeps_every_number(tmp_path: Path) -> None:
    """With a file source and flow control, lines that were read and not written are read again."""
    lines = Lines(COUNT)
    redacted = tmp_path / "redacted.log"
    source = f'file("{tmp_path}/in.log" follow-freq(0.1) flags(no-parse) log-iw-size(100));'
    configuration = recipe(tmp_path, source)
    (tmp_path / "in.log").touch()
    written = 0
    for number in range(KILLS + 1):
        with syslog_ng(tmp_path, configuration) as daemon, (tmp_path / "in.log").open("a") as log:
            share = lines.texts[written : COUNT * (number + 1) // (KILLS + 1)]
            written += len(share)
            log.write("".join(f"{text}\n" for text in share))
            log.flush()
            half = written - len(share) // 2
            wait_until(lambda half=half: len(set(numbers_in(redacted))) >= half)  # type: ignore[misc]
            if number < KILLS:
                daemon.kill()
                daemon.wait()
            else:
                wait_until(lambda: len(set(numbers_in(redacted))) >= COUNT)
    assert set(numbers_in(redacted)) == set(range(COUNT))
    assert lines.leaks(redacted, tmp_path / "internal.log", tmp_path / "syslog-ng.out") == []


def test_every_field_is_redacted(tmp_path: Path) -> None:
    """Structured data, and what other parsers made of the message, are as clean as the message."""
    secret = Lines(4).secrets[0]
    redacted = tmp_path / "redacted.log"
    source = f'unix-stream("{tmp_path}/socket" flags(syslog-protocol));'
    configuration = recipe(tmp_path, source)
    configuration = configuration.replace(
        "parser(p_leakscan);", "parser { kv-parser(prefix('.kv.')); }; parser(p_leakscan);"
    ).replace("perm(0640)", r'template("$MSG $SDATA ${.kv.password} $(format-json --scope all-nv-pairs)\n")')
    with syslog_ng(tmp_path, configuration):
        wait_until((tmp_path / "socket").exists)
        with socket.socket(socket.AF_UNIX) as stream:
            stream.connect(str(tmp_path / "socket"))
            text = (
                f'<13>1 2024-10-11T22:14:15Z host app 12 ID1 [x@1 api_key="{secret}"] password={secret} é\n'
            )
            stream.sendall(text.encode() + b"<13>1 2024-10-11T22:14:15Z host app 12 ID1 - clean \xff\xfe\n")
        wait_until(lambda: len(lines_of(redacted)) >= 2)
    first, second = lines_of(redacted)
    assert secret.encode() not in first
    assert first.startswith('password=[REDACTED:generic-password] é [x@1 api_key="[REDACTED:'.encode())
    assert second.startswith(b"clean \xff\xfe ")


def test_what_follows_a_nul_is_not_shipped_unseen(tmp_path: Path) -> None:
    """syslog-ng shows parsers a message up to a NUL; what was not seen does not stay in the message."""
    secret = Lines(4).secrets[0]
    redacted = tmp_path / "redacted.log"
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    source = f'syslog(ip("127.0.0.1") port({port}) transport("tcp"));'
    configuration = recipe(tmp_path, source).replace(
        "perm(0640)", r'template("$MSGHDR$MSG $SDATA $(format-json --scope all-nv-pairs)\n")'
    )
    hidden = f"head\0 password={secret}"
    with syslog_ng(tmp_path, configuration):
        wait_until((tmp_path / "control").exists)
        time.sleep(0.2)
        with socket.create_connection(("127.0.0.1", port)) as stream:
            for text in (
                f"<13>1 2024-10-11T22:14:15Z host app 12 ID1 - n=000000 {hidden}",
                f'<13>1 2024-10-11T22:14:15Z host app 12 ID1 [x@1 a="{hidden}"] n=000001',
                f"<13>1 2024-10-11T22:14:15Z host app\0password={secret} 12 ID1 - n=000002",
                "<13>1 2024-10-11T22:14:15Z host app 12 ID1 - n=000003 clean",
            ):
                message = text.encode()
                stream.sendall(b"%d %b" % (len(message), message))
        wait_until(lambda: len(lines_of(redacted)) >= 4)
    assert numbers_in(redacted) == [0, 1, 2, 3]
    assert secret.encode() not in redacted.read_bytes()


_BROKEN = '''
from leakscan.integrations.syslog_ng import Redact


class Broken(Redact):
    """A parser whose scanner has a bug."""

    def init(self, options):
        done = super().init(options)
        self._scanner = None
        return done
'''


@pytest.mark.parametrize(("policy", "kept"), [("mask", "redacted.log"), ("block", "quarantine.log")])
def test_our_own_failure_drops_no_message(
    tmp_path: Path, policy: str, kept: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When the scanner fails on a message it is masked, or refused and kept back; never lost."""
    (tmp_path / "broken.py").write_text(_BROKEN)
    import daemons  # noqa: PLC0415 - to change its environment

    environment = daemons.syslog_ng_environment()
    environment["PYTHONPATH"] += f":{tmp_path}"
    monkeypatch.setattr(daemons, "syslog_ng_environment", lambda: environment)
    lines = Lines(10)
    configuration = recipe(tmp_path, f'unix-stream("{tmp_path}/socket");')
    configuration = configuration.replace("leakscan.integrations.syslog_ng.Redact", "broken.Broken")
    configuration = configuration.replace('"on_failure" "mask"', f'"on_failure" "{policy}"')
    with syslog_ng(tmp_path, configuration):
        send(tmp_path / "socket", lines.texts)
        wait_until(lambda: len(lines_of(tmp_path / kept)) >= 10)
    assert len(lines_of(tmp_path / kept)) == 10
    assert lines.leaks(tmp_path / "redacted.log") == []
    if policy == "mask":
        assert b"[LEAKSCAN:unscanned reason=AttributeError bytes=" in (tmp_path / kept).read_bytes()
    else:
        assert numbers_in(tmp_path / kept) == list(range(10))


def test_a_wrong_option_stops_the_start(tmp_path: Path) -> None:
    """syslog-ng does not start without its redaction, and the reason is one line."""
    configuration = recipe(tmp_path, f'unix-stream("{tmp_path}/socket");', options='"stile" "label"')
    with syslog_ng(tmp_path, configuration) as daemon:
        assert daemon.wait(20) != 0
    output = (tmp_path / "syslog-ng.out").read_text()
    assert "leakscan: unknown option 'stile'" in output
    assert "Traceback" not in output
