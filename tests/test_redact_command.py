"""`leakscan redact` as users run it: files, pipes, signals, full disks, and what it says about them."""

from __future__ import annotations

import bz2
import gzip
import os
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

from command import COMMAND, RULE, environment, leakscan, made_up_secret, shows

LABEL = f"[REDACTED:{RULE}]"
#: Runs the command with a scanner that fails on the lines that hold a word.
BROKEN = """
import sys
from leakscan.scanner import Scanner
whole = Scanner.matches
def matches(self, block, candidates=None):
    if b"poison" in block.data[block.start:block.end]:
        raise MemoryError
    return whole(self, block, candidates)
Scanner.matches = matches
from leakscan.cli import main
main(sys.argv[1:])
"""


@pytest.fixture
def secret() -> str:
    """A made-up key."""
    return made_up_secret()


def start(*arguments: str | Path, **options: object) -> subprocess.Popen[bytes]:
    """Start `leakscan redact` with pipes on all sides."""
    pipes: dict[str, object] = {
        "stdin": subprocess.PIPE,
        "stdout": subprocess.PIPE,
        "stderr": subprocess.PIPE,
    }
    return subprocess.Popen(
        [*COMMAND, "redact", *map(str, arguments)], env=environment(), **(pipes | options)
    )  # type: ignore[call-overload, no-any-return]


def read_line(process: subprocess.Popen[bytes]) -> bytes:
    """Read a line from a process that may write more later."""
    line = bytearray()
    while not line.endswith(b"\n"):
        byte = os.read(process.stdout.fileno(), 1)  # type: ignore[union-attr]
        if not byte:
            break
        line += byte
    return bytes(line)


def send(process: subprocess.Popen[bytes], data: bytes) -> None:
    """Write to a process at once."""
    os.write(process.stdin.fileno(), data)  # type: ignore[union-attr]


def test_a_pipe_is_redacted_and_counted(secret: str) -> None:
    """Bytes in, bytes out, exit 0, and one line on stderr with lines, bytes and rules."""
    result = leakscan("redact", stdin=f"a\nkey={secret}\nlast".encode())
    assert (result.code, result.out) == (0, f"a\nkey={LABEL}\nlast")
    assert result.errors()[0].startswith("redacted 1 secret in 2 lines (51 bytes, ")
    assert result.errors()[0].endswith(f"): {RULE} 1")


def test_a_clean_file_says_so_and_quiet_says_nothing(tmp_path: Path) -> None:
    """A clean file comes out as it is; -q leaves stderr empty."""
    log = tmp_path / "app.log"
    log.write_bytes(b"all\0is\r\nwell\r")
    result = leakscan("redact", log)
    assert (result.code, result.out) == (0, "all\0is\r\nwell\r")
    assert result.errors()[0].startswith("no secrets in 1 line (13 bytes, ")
    assert leakscan("redact", "-q", log).err == ""
    assert leakscan("redact", "-", stdin=b"").code == 0


@pytest.mark.parametrize("style", ["label", "hash", "mask", "partial"])
def test_every_style_is_stable(style: str, secret: str) -> None:
    """A second run changes nothing, and no style leaves eight characters of the body."""
    once = leakscan("redact", "--style", style, stdin=f"key={secret} x\n".encode())
    assert not shows(once.out + once.err, secret)
    twice = leakscan("redact", "--style", style, stdin=once.out.encode())
    assert twice.out == once.out
    assert twice.errors()[0].startswith("no secrets")


def test_hashes_are_the_same_in_every_run_with_one_key(secret: str) -> None:
    """With one key, equal secrets have equal labels, so that logs can be joined."""
    outs = {leakscan("redact", "--style", "hash", stdin=f"{n} {secret}\n".encode()).out[1:] for n in range(2)}
    assert len(outs) == 1


def test_compressed_input_comes_out_decompressed(tmp_path: Path, secret: str) -> None:
    """Compression is told by content, from a file and from a pipe; concatenated members are one stream."""
    packed = gzip.compress(b"one\n") + gzip.compress(f"key={secret}\n".encode())
    (tmp_path / "log").write_bytes(packed)
    assert leakscan("redact", tmp_path / "log").out == f"one\nkey={LABEL}\n"
    assert leakscan("redact", stdin=bz2.compress(f"key={secret}\n".encode())).out == f"key={LABEL}\n"


def test_damaged_input_is_an_error_after_what_was_good(tmp_path: Path, secret: str) -> None:
    """What came before the damage is written to a pipe; exit 2; a file does not appear."""
    (tmp_path / "log.gz").write_bytes(gzip.compress(f"key={secret}\n".encode() * 1000)[:-30])
    result = leakscan("redact", tmp_path / "log.gz")
    assert result.code == 2
    assert result.out.startswith(f"key={LABEL}\n")
    assert not shows(result.out, secret)
    assert leakscan("redact", tmp_path / "log.gz", "-o", tmp_path / "out").code == 2
    assert list(tmp_path.iterdir()) == [tmp_path / "log.gz"]


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-32-le"])
def test_utf_16_stays_utf_16(tmp_path: Path, secret: str, encoding: str) -> None:
    """Text with a byte-order mark is redacted in its own encoding."""
    text = "\ufeffé€😀\r\nkey={} \r\n"
    (tmp_path / "log").write_bytes(text.format(secret).encode(encoding))
    subprocess.run(
        [*COMMAND, "redact", "-q", tmp_path / "log", "-o", tmp_path / "out"], check=True, env=environment()
    )
    assert (tmp_path / "out").read_bytes() == text.format(LABEL).encode(encoding)


def test_a_file_can_be_redacted_in_place(tmp_path: Path, secret: str) -> None:
    """-o may name the input; mode bits stay."""
    log = tmp_path / "app.log"
    log.write_text(f"key={secret}\n" * 50_000)
    log.chmod(0o640)
    assert leakscan("redact", log, "-o", log).code == 0
    assert log.read_text() == f"key={LABEL}\n" * 50_000
    assert stat.S_IMODE(log.stat().st_mode) == 0o640


def test_an_input_that_is_also_the_output_is_refused(tmp_path: Path) -> None:
    """`leakscan redact x >> x` would never end."""
    log = tmp_path / "app.log"
    log.write_text("a\n")
    with log.open("ab") as out:
        result = leakscan("redact", log, stdout=out)
    assert result.code == 2
    assert log.read_text() == "a\n"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["missing.log"], "missing.log: no such file or directory"),
        (["."], ".: is a directory"),
        (["--style", "blue"], "'blue' is not one of"),
        (["--interface", "msg"], "--interface belongs to --framing rsyslog-mmexternal"),
        (["--framing", "rsyslog-omprog"], "--framing rsyslog-omprog needs -o FILE to append to"),
        (["--framing", "rsyslog-omprog", "x", "-o", "y"], "reads stdin: leave PATH out"),
        (["-o", "no/such/place"], "cannot write to no/such/place: there is no directory"),
    ],
)
def test_mistakes_are_one_line_and_exit_2(arguments: list[str], words: str, tmp_path: Path) -> None:
    """A user's mistake is exit 2 and one line that says what to do."""
    result = leakscan("redact", *arguments, stdin=b"a\n", cwd=tmp_path)
    assert (result.code, result.out) == (2, "")
    assert len(result.errors()) == 1
    assert words in result.errors()[0]


def test_a_full_disk_is_an_error(tmp_path: Path) -> None:
    """ENOSPC on stdout, at the first byte or the last, is exit 2 and says so."""
    (tmp_path / "log").write_text("a line\n" * 300_000)
    with Path("/dev/full").open("wb") as full:
        for arguments, stdin in (([tmp_path / "log"], b""), ([], b"one line\n")):
            result = leakscan("redact", *arguments, stdin=stdin, stdout=full)
            assert result.code == 2
            assert result.errors() == ["cannot write to stdout: No space left on device"]


def test_a_file_that_cannot_be_finished_does_not_appear(tmp_path: Path) -> None:
    """When writing fails half way, neither a part nor a draft is left, and an older file stays."""
    import resource  # noqa: PLC0415 - there is none on some systems

    (tmp_path / "log").write_bytes(b"a line\n" * 300_000)
    (tmp_path / "out").write_bytes(b"older")

    def limit() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, 1 << 20))

    result = leakscan("redact", tmp_path / "log", "-o", tmp_path / "out", preexec_fn=limit)
    assert result.code == 2
    assert result.errors() == [f"cannot write to {tmp_path / 'out'}: File too large"]
    assert (tmp_path / "out").read_bytes() == b"older"
    assert sorted(tmp_path.iterdir()) == [tmp_path / "log", tmp_path / "out"]


def test_a_reader_that_leaves_is_no_error(tmp_path: Path) -> None:
    """`leakscan redact big | head -1` is quiet and exits 0."""
    (tmp_path / "log").write_text("a line\n" * 500_000)
    process = start(tmp_path / "log")
    assert read_line(process) == b"a line\n"
    process.stdout.close()  # type: ignore[union-attr]
    assert process.wait(20) == 0
    assert process.stderr.read() == b""  # type: ignore[union-attr]


def test_a_quiet_pipe_notices_that_its_reader_left() -> None:
    """When nothing comes in, a reader that is gone ends the run all the same."""
    process = start()
    send(process, b"one\n")
    assert read_line(process) == b"one\n"
    process.stdout.close()  # type: ignore[union-attr]
    assert process.wait(20) == 0


def test_a_live_line_goes_out_at_once(secret: str) -> None:
    """Each line leaves before the next one comes, though nothing fills a buffer."""
    process = start()
    send(process, b"warm\n")
    assert read_line(process) == b"warm\n"
    slowest = 0.0
    for number in range(200):
        began = time.perf_counter()
        send(process, f"{number} key={secret}\n".encode())
        assert read_line(process) == f"{number} key={LABEL}\n".encode()
        slowest = max(slowest, time.perf_counter() - began)
    assert process.communicate()[0] == b""
    assert process.returncode == 0
    assert slowest < 1


def test_an_unfinished_line_waits_for_its_end(secret: str) -> None:
    """Half a line is not written: its secret may be half there."""
    process = start("-q")
    send(process, f"a\nkey={secret[:20]}".encode())
    assert read_line(process) == b"a\n"
    send(process, f"{secret[20:]} ok\n".encode())
    assert read_line(process) == f"key={LABEL} ok\n".encode()
    assert process.communicate() == (b"", b"")


def test_an_open_key_of_a_quiet_pipe_is_let_go() -> None:
    """The lines of a private key leave redacted after a moment of silence, and so do the later ones."""
    process = start("-q")
    body = "".join(made_up_secret()[8:] for _ in range(2))
    send(process, f"-----BEGIN PRIVATE KEY-----\n{body}\n".encode())
    assert read_line(process) == b"-----BEGIN PRIVATE KEY-----\n"
    assert read_line(process) == b"[REDACTED:private-key]\n"
    send(process, f"{body}\n".encode())
    assert read_line(process) == b"[REDACTED:private-key]\n"
    assert process.communicate(b"-----END PRIVATE KEY-----\n") == (b"-----END PRIVATE KEY-----\n", b"")


def test_sigterm_drains_the_pipe_and_exits_0(secret: str) -> None:
    """What is in the pipe when SIGTERM comes is redacted and written, though the writer stays."""
    process = start()
    send(process, b"first\n")
    assert read_line(process) == b"first\n"
    process.send_signal(signal.SIGSTOP)
    lines = [f"{number} key={secret}" for number in range(800)]
    send(process, "".join(f"{line}\n" for line in lines).encode())
    process.send_signal(signal.SIGTERM)
    process.send_signal(signal.SIGCONT)
    out = process.stdout.read()  # type: ignore[union-attr]
    assert process.wait(20) == 0
    assert out.decode() == "".join(f"{number} key={LABEL}\n" for number in range(800))
    assert b"redacted 800 secrets in 801 lines" in process.stderr.read()  # type: ignore[union-attr]


@pytest.mark.parametrize("writer_ends", [True, False])
def test_sigterm_gives_no_half_of_a_secret(secret: str, writer_ends: bool) -> None:  # noqa: FBT001 - a parameter of the test
    """A line whose end does not come keeps its words, but not the beginning of a secret."""
    process = start("-q")
    send(process, f"done\nlogin with key={secret[:24]}".encode())
    assert read_line(process) == b"done\n"
    process.terminate()
    if writer_ends:
        process.stdin.close()  # type: ignore[union-attr]
    out = process.stdout.read()  # type: ignore[union-attr]
    assert process.wait(20) == 0
    assert out.startswith(b"login with ")
    assert b"[LEAKSCAN:unscanned reason=cut-off bytes=" in out
    assert not shows(out.decode(), secret)


def test_sigterm_waits_for_the_rest_of_a_line(secret: str) -> None:
    """A line that is on its way when SIGTERM comes is waited for."""
    process = start("-q")
    send(process, f"done\nkey={secret[:24]}".encode())
    assert read_line(process) == b"done\n"
    process.terminate()
    time.sleep(0.2)
    send(process, f"{secret[24:]} end\n".encode())
    assert read_line(process) == f"key={LABEL} end\n".encode()
    assert process.wait(20) == 0


def test_sigterm_before_any_input_exits_0() -> None:
    """A pipe that never carried anything is drained too."""
    process = start()
    time.sleep(1)
    process.terminate()
    assert process.wait(20) == 0


def test_sigterm_while_a_file_is_read_leaves_nothing_behind(tmp_path: Path) -> None:
    """A file is no pipe to drain: the run ends at once, and -o leaves no draft."""
    reader, writer = os.pipe()
    os.set_blocking(writer, True)
    (tmp_path / "log").write_bytes(b"a line\n" * 3_000_000)
    process = start(tmp_path / "log", stdout=writer)
    os.close(writer)
    os.read(reader, 1)
    process.terminate()
    assert process.wait(20) == 143
    os.close(reader)


def test_kill_9_leaves_no_secret_and_no_file(tmp_path: Path, secret: str) -> None:
    """Killed at any moment, what was written holds no secret, and -o has left the old file."""
    (tmp_path / "out").write_bytes(b"older")
    process = start("-o", tmp_path / "out")
    for number in range(200):
        send(process, f"{number} key={secret}\n".encode())
    time.sleep(0.5)
    process.kill()
    process.wait(20)
    assert (tmp_path / "out").read_bytes() == b"older"
    assert not any(shows(path.read_text(), secret) for path in tmp_path.iterdir())


def broken(*arguments: str | Path, stdin: bytes) -> subprocess.CompletedProcess[bytes]:
    """Run the command with a scanner that fails on poison."""
    command = [sys.executable, "-c", BROKEN, "redact", *map(str, arguments)]
    return subprocess.run(
        command, input=stdin, capture_output=True, env=environment(), check=False, timeout=60
    )


def test_what_cannot_be_scanned_is_masked_by_default(secret: str) -> None:
    """A failure masks the line it happens on, goes on, and is counted."""
    result = broken(stdin=f"a poison {secret}\nkey={secret}\n".encode())
    assert result.returncode == 0
    assert result.stdout == f"[LEAKSCAN:unscanned reason=MemoryError bytes=49]\nkey={LABEL}\n".encode()
    assert result.stderr.rstrip().endswith(b"; not scanned: MemoryError 1")


def test_what_cannot_be_scanned_can_stop_the_run(tmp_path: Path, secret: str) -> None:
    """`block` exits 2 with nothing of the failed block written, and no file."""
    data = f"poison\nkey={secret}\n".encode()
    result = broken("--on-failure", "block", stdin=data)
    assert (result.returncode, result.stdout) == (2, b"")
    assert b"cannot be scanned (MemoryError)" in result.stderr
    assert broken("--on-failure", "block", "-o", tmp_path / "out", stdin=data).returncode == 2
    assert list(tmp_path.iterdir()) == []


def test_what_cannot_be_scanned_can_pass_and_is_loud(secret: str) -> None:
    """`open` lets it pass, and says so before, at once and at the end, also with -q."""
    data = f"poison {secret}\n".encode()
    result = broken("-q", "--on-failure", "open", stdin=data)
    assert (result.returncode, result.stdout) == (0, data)
    lines = result.stderr.decode().splitlines()
    assert lines == [
        "leakscan: --on-failure open: what cannot be scanned passes with its secrets",
        "leakscan: a part of the input cannot be scanned (MemoryError) and PASSES AS IT IS",
        "leakscan: PASSED UNSCANNED, secrets may be in it: MemoryError 1",
    ]


def test_pipes_that_somebody_made_non_blocking_work(secret: str) -> None:
    """Either may be shared with a program that sets O_NONBLOCK."""
    reader, writer = os.pipe()
    back, out = os.pipe()
    os.set_blocking(reader, False)
    os.set_blocking(out, False)
    process = start("-q", stdin=reader, stdout=out)
    os.close(reader)
    os.close(out)
    data = f"key={secret}\n".encode() * 1000
    received = bytearray()
    os.write(writer, data)
    time.sleep(0.5)
    os.write(writer, data)
    os.close(writer)
    while piece := os.read(back, 4096):
        received += piece
    assert bytes(received) == f"key={LABEL}\n".encode() * 2000
    assert process.wait(20) == 0
    os.close(back)


@pytest.mark.parametrize("framing", ["ndjson", "cri", "docker"])
def test_framings_are_options(framing: str, secret: str) -> None:
    """Each framing takes its records from the pipe."""
    record = {
        "ndjson": '{"n": 1.0, "m":"%s"}\n',
        "cri": "2024-01-02T03:04:05Z stdout F %s\n",
        "docker": '{"log":"%s\\n","stream":"stdout","time":"2024-01-02T03:04:05Z"}\n',
    }[framing]
    result = leakscan("redact", "--framing", framing, stdin=(record % secret).encode())
    assert (result.code, result.out) == (0, record % LABEL)


def test_a_64_mib_line_keeps_its_secrets_out_in_flat_memory(tmp_path: Path, secret: str) -> None:
    """One line of 64 MiB is redacted in windows; the process stays under 150 MB."""
    script = (
        "import re, sys\n"
        "from leakscan.cli import run\n"
        "code = run(['redact', '-q', sys.argv[1], '-o', sys.argv[2]])\n"
        "print(code, re.search(r'VmHWM:\\s+(\\d+)', open('/proc/self/status').read())[1])\n"
    )
    piece = (f"key={secret} " + "lorem ipsum dolor " * 4000).encode()
    count = 64 * 1024 * 1024 // len(piece)
    with (tmp_path / "log").open("wb") as file:
        file.writelines(piece for _ in range(count))
    command = [sys.executable, "-c", script, str(tmp_path / "log"), str(tmp_path / "out")]
    result = subprocess.run(command, capture_output=True, check=True, env=environment())
    code, peak = map(int, result.stdout.split())
    assert code == 0
    assert peak < 150_000
    assert (tmp_path / "out").read_bytes() == piece.replace(secret.encode(), LABEL.encode()) * count
