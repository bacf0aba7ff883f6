"""The dialogues with rsyslog, without rsyslog: what is answered to what, whatever happens."""

from __future__ import annotations

import io
import json
import os
import resource
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leakscan import Scanner
from leakscan.framing.keepalive import Answers
from leakscan.framing.rsyslog import serve_mmexternal, serve_omprog
from leakscan.framing.sink import Sink

if TYPE_CHECKING:
    from pathlib import Path

    from leakscan.framing.rsyslog import Interface
    from leakscan.redact import Failure

SECRET = "Xk3v9QpLw7Zr2Tn8"
SCANNER = Scanner(engine="ahocorasick")


class Broken(Scanner):
    """A scanner with a bug."""

    def redact(self, *_: Any, **__: Any) -> Any:
        """Fail on whatever comes."""
        raise ZeroDivisionError

    def redact_record(self, *_: Any, **__: Any) -> Any:
        """Fail on whatever comes."""
        raise ZeroDivisionError


def ask(
    lines: bytes, interface: Interface = "msg", on_failure: Failure = "mask", scanner: Scanner = SCANNER
) -> list[dict[str, Any]]:
    """Return the answers to some lines, one for each."""
    answers = io.BytesIO()
    serve_mmexternal(scanner, io.BytesIO(lines), answers, interface, "label", on_failure)
    data = answers.getvalue()
    assert data.count(b"\n") == lines.count(b"\n")
    assert data.endswith(b"\n") or not data
    return [json.loads(line.decode("utf-8", "surrogateescape")) for line in data.splitlines()]


def put(lines: bytes, path: Path, on_failure: Failure = "mask", scanner: Scanner = SCANNER) -> list[bytes]:
    """Return the answers to some lines after the first `OK`."""
    answers = io.BytesIO()
    serve_omprog(scanner, io.BytesIO(lines), answers, str(path), "label", on_failure)
    first, *rest = answers.getvalue().splitlines()
    assert first == b"OK"
    return rest


def full(message: str, header: str = "", **more: Any) -> bytes:
    """Return a line of the interface `fulljson`."""
    properties = {"msg": message, "rawmsg": header + message, "uuid": None, "$!": None} | more
    return json.dumps(properties).encode() + b"\n"


def mark(size: int, ok: str = "1") -> dict[str, Any]:
    """Return the mark that every answer has."""
    return {"leakscan": {"ok": ok, "bytes": str(size)}}


def test_a_clean_message_changes_nothing_but_the_mark() -> None:
    """The answer to a clean message is the mark alone, for every interface."""
    assert ask(b"all is well\n") == [{"$!": mark(11)}]
    assert ask(b"all is well\n", "rawmsg") == [{"$!": mark(11)}]
    assert ask(full("all is well", "<13>h t: "), "fulljson") == [{"$!": mark(11)}]


def test_only_what_changed_is_answered() -> None:
    """A secret in the message changes `msg`, one in the raw message `rawmsg`; the rest stays unnamed."""
    size = len(f"password={SECRET}")
    changed = "password=[REDACTED:generic-password]"
    assert ask(f"password={SECRET}\n".encode()) == [{"msg": changed, "$!": mark(size)}]
    assert ask(f"password={SECRET}\n".encode(), "rawmsg") == [{"rawmsg": changed, "$!": mark(size)}]
    assert ask(full(f"password={SECRET}", "<13>h t: "), "fulljson") == [{"msg": changed, "$!": mark(size)}]


def test_a_secret_in_the_header_keeps_its_length() -> None:
    """Stars take the secret's place: rsyslog remembers where the message starts in the raw message."""
    header = f'<13>1 - h a - - [x n="é" password="{SECRET}"] '
    (reply,) = ask(full(f"password={SECRET}", header), "fulljson")
    start = len(header.encode())
    assert reply["rawmsg"].encode()[:start].count(b"*") >= len(SECRET)
    assert reply["rawmsg"].encode()[start:] == b"password=[REDACTED:generic-password]"
    assert SECRET not in json.dumps(reply)
    assert "msg" not in reply


def test_variables_are_redacted_by_name_and_others_stay() -> None:
    """Of `$!` only the changed names come back; a mark that was there is ours again."""
    variables = {"login": {"password": SECRET, "user": "bob"}, "n": 1, "leakscan": {"ok": "1", "bytes": "5"}}
    (reply,) = ask(full("hello", **{"$!": variables}), "fulljson")
    login = {"password": "[REDACTED:generic-password]", "user": "bob"}
    assert reply == {"$!": {"login": login, **mark(5)}}


def test_what_cannot_be_changed_is_not_marked() -> None:
    """A secret in a property that rsyslog makes from others keeps the message back."""
    (reply,) = ask(full("hello", programname=f"password={SECRET}"), "fulljson")
    assert reply["$!"] == mark(5, ok="0")


def test_what_was_cut_off_is_not_marked() -> None:
    """A raw message that does not end with the message was cut at a NUL."""
    (reply,) = ask(json.dumps({"msg": "hello", "rawmsg": "<13>h"}).encode() + b"\n", "fulljson")
    assert reply["$!"] == mark(5, ok="0")


def test_bytes_that_are_no_text_come_back_as_they_were() -> None:
    """Invalid UTF-8 survives, in the message and in rsyslog's JSON."""
    line = b"\xff\xfe password=" + SECRET.encode() + b" \xe9\n"
    answers = io.BytesIO()
    serve_mmexternal(SCANNER, io.BytesIO(line), answers)
    answers = io.BytesIO()
    serve_mmexternal(SCANNER, io.BytesIO(line), answers, "msg")
    assert b"\xff\xfe password=[REDACTED:generic-password] \xe9" in answers.getvalue()
    whole = b'{"msg":"' + line[:-1] + b'","rawmsg":"' + line[:-1] + b'"}\n'
    answers = io.BytesIO()
    serve_mmexternal(SCANNER, io.BytesIO(whole), answers, "fulljson")
    assert b"\xff\xfe password=[REDACTED:generic-password] \xe9" in answers.getvalue()


@given(st.lists(st.binary(max_size=60).map(lambda line: line.replace(b"\n", b"")), max_size=5))
def test_any_line_has_exactly_one_answer(lines: list[bytes]) -> None:
    """Whatever comes, also no JSON where JSON is due, is answered by one JSON object."""
    data = b"".join(line + b"\n" for line in lines)
    for interface in ("msg", "rawmsg", "fulljson"):
        assert len(ask(data, interface)) == len(lines)


@pytest.mark.parametrize("interface", ["msg", "rawmsg", "fulljson"])
def test_a_bug_of_ours_masks_the_message(interface: Interface) -> None:
    """When scanning fails the answer takes the message out, and does not mark it."""
    line = full(f"password={SECRET}") if interface == "fulljson" else f"password={SECRET}\n".encode()
    (reply,) = ask(line, interface, scanner=Broken())
    name = "rawmsg" if interface == "rawmsg" else "msg"
    assert reply[name].startswith("[LEAKSCAN:unscanned reason=ZeroDivisionError bytes=")
    assert reply["$!"]["leakscan"]["ok"] == "0"
    assert SECRET not in json.dumps(reply)


def test_block_leaves_the_message_unmarked_and_open_lets_it_through() -> None:
    """The other policies: kept back as it is, or shipped as it is."""
    line = f"password={SECRET}\n".encode()
    (blocked,) = ask(line, on_failure="block", scanner=Broken())
    assert blocked == {"$!": {"leakscan": {"ok": "0", "reason": "ZeroDivisionError"}}}
    (opened,) = ask(line, on_failure="open", scanner=Broken())
    assert opened == {"$!": mark(len(line) - 1)}


def test_a_line_cut_by_rsyslogs_death_is_not_answered() -> None:
    """Nobody reads an answer to half a line."""
    assert ask(b"whole\nhalf") == [{"$!": mark(5)}]


def test_omprog_confirms_each_message(tmp_path: Path) -> None:
    """Without transactions each message is answered by OK, and stands redacted in the file."""
    path = tmp_path / "out.log"
    assert put(f"one\npassword={SECRET}\n".encode(), path) == [b"OK", b"OK"]
    assert path.read_bytes() == b"one\npassword=[REDACTED:generic-password]\n"
    assert path.stat().st_mode & 0o007 == 0


def test_omprog_writes_before_it_defers(tmp_path: Path) -> None:
    """In a transaction a message is in the file when DEFER_COMMIT goes out: it may not come again."""
    path = tmp_path / "out.log"
    lines = b"BEGIN TRANSACTION\none\ntwo\nCOMMIT TRANSACTION\nBEGIN TRANSACTION\nthree\n"
    assert put(lines, path) == [b"OK", b"DEFER_COMMIT", b"DEFER_COMMIT", b"OK", b"OK", b"DEFER_COMMIT"]
    assert path.read_bytes() == b"one\ntwo\nthree\n"


def test_omprog_takes_the_marks_for_messages_where_there_are_no_transactions(tmp_path: Path) -> None:
    """A sender who logs the words of the protocol neither stops it nor hides a message."""
    path = tmp_path / "out.log"
    assert put(b"one\nBEGIN TRANSACTION\nCOMMIT TRANSACTION\ntwo\n", path) == [b"OK"] * 4
    assert path.read_bytes() == b"one\nBEGIN TRANSACTION\nCOMMIT TRANSACTION\ntwo\n"
    words = b"BEGIN TRANSACTION\nBEGIN TRANSACTION\nCOMMIT TRANSACTION\nthree\nCOMMIT TRANSACTION\n"
    assert len(put(words, path)) == 5
    assert b"\nthree\n" in path.read_bytes()


def test_omprog_says_why_it_cannot_write_and_takes_the_message_again(tmp_path: Path) -> None:
    """A full disk is an answer that is not OK, the file stays whole, and the next try succeeds."""
    path = tmp_path / "out.log"
    program = (
        "import sys, resource, signal\n"
        "from leakscan import Scanner\n"
        "from leakscan.framing.rsyslog import serve_omprog\n"
        "serve_omprog(Scanner(engine='ahocorasick'), sys.stdin.buffer, sys.stdout.buffer, sys.argv[1])\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program, path], stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0
    ) as helper:
        assert helper.stdin is not None
        assert helper.stdout is not None
        assert helper.stdout.readline() == b"OK\n"
        answers = []
        for limit in (resource.RLIM_INFINITY, 10, resource.RLIM_INFINITY):
            resource.prlimit(helper.pid, resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))
            helper.stdin.write(b"12345678\n")
            answers.append(helper.stdout.readline())
        helper.stdin.close()
    assert answers == [b"OK\n", b"cannot write: File too large\n", b"OK\n"]
    assert path.read_bytes() == b"12345678\n12345678\n"


def test_omprog_cannot_open_the_file(tmp_path: Path) -> None:
    """The first answer is then the reason, so rsyslog tries to start it again."""
    answers = io.BytesIO()
    serve_omprog(SCANNER, io.BytesIO(b"one\n"), answers, str(tmp_path))
    assert answers.getvalue() == b"cannot open the file: Is a directory\n"


@pytest.mark.parametrize(
    ("policy", "answer", "written"),
    [
        ("mask", b"OK", b"[LEAKSCAN:unscanned reason=ZeroDivisionError bytes=4]\n"),
        ("block", b"cannot scan: ZeroDivisionError", b""),
        ("open", b"OK", b"line\n"),
    ],
)
def test_omprog_failure_policies(tmp_path: Path, policy: Failure, answer: bytes, written: bytes) -> None:
    """A message that cannot be scanned is masked, refused, or let through."""
    path = tmp_path / "out.log"
    assert put(b"line\n", path, policy, Broken()) == [answer]
    assert path.read_bytes() == written


def test_dots_are_sent_while_something_takes_long() -> None:
    """A dot comes for each interval, before the answer and never after it."""
    stream = io.BytesIO()
    answers = Answers(stream, interval=0.02)
    with answers.working():
        time.sleep(0.15)
    answers.say(b"OK")
    time.sleep(0.06)
    with answers.working():
        pass
    answers.say(b"OK")
    dots, rest = stream.getvalue().split(b"OK", 1)
    assert dots
    assert set(dots) == {ord(".")}
    assert rest == b"\nOK\n"


def test_a_sink_goes_on_in_a_new_file_after_rotation(tmp_path: Path) -> None:
    """A file that was renamed or deleted is made anew, and nothing is lost."""
    path = tmp_path / "out.log"
    sink = Sink(str(path))
    sink.append(b"one\n")
    path.rename(tmp_path / "out.log.1")
    sink.append(b"two\n")
    path.unlink()
    sink.append(b"three\n")
    sink.close()
    assert (tmp_path / "out.log.1").read_bytes() == b"one\n"
    assert path.read_bytes() == b"three\n"


def test_a_sink_ends_the_line_that_a_killed_process_left(tmp_path: Path) -> None:
    """The next line stands on its own."""
    path = tmp_path / "out.log"
    path.write_bytes(b"whole\nhal")
    sink = Sink(str(path))
    sink.append(b"next\n")
    sink.close()
    assert path.read_bytes() == b"whole\nhal\nnext\n"


def test_a_sink_may_be_a_pipe(tmp_path: Path) -> None:
    """A named pipe is written to without locks or syncs."""
    path = tmp_path / "pipe"
    os.mkfifo(path)
    reader = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    sink = Sink(str(path))
    sink.append(b"line\n")
    sink.sync()
    sink.close()
    assert os.read(reader, 100) == b"line\n"
    os.close(reader)


@pytest.mark.parametrize("arguments", [["--no-such-option"], ["--rules", "/no/such/file"]])
def test_the_command_answers_on_stdout_only(arguments: list[str]) -> None:
    """With stderr where stdout is, as rsyslog has it, messages are answered by one line each."""
    done = subprocess.run(
        [sys.executable, "-m", "leakscan", "redact", "--framing", "rsyslog-mmexternal"],
        input=b"one\ntwo\n", stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env={}, check=True,
    )  # fmt: skip
    assert [json.loads(line) for line in done.stdout.splitlines()] == [{"$!": mark(3)}, {"$!": mark(3)}]
    failed = subprocess.run(
        [sys.executable, "-m", "leakscan", "redact", "--framing", "rsyslog-mmexternal", *arguments],
        input=b"one\n", stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env={}, check=False,
    )  # fmt: skip
    assert failed.returncode == 2
    assert b'leakscan":{"ok"' not in failed.stdout
