"""CRI and json-file records: parts are joined for the scan, and each stays a record."""

from __future__ import annotations

import json
import tracemalloc

import pytest

from framed import RULE, TIME, cri, docker, feed, made_up, private_key, scanner, shows, through
from leakscan.framing import redactor
from leakscan.framing.joined import MAX_WAITING

LABEL = f"[REDACTED:{RULE}]".encode()


def lines(*records: bytes) -> bytes:
    """Return records as a stream."""
    return b"".join(record + b"\n" for record in records)


@pytest.mark.parametrize("at", [1, 4, 7, 8, 9, 20, 39])
def test_a_token_that_straddles_two_cri_parts_is_taken_out_of_both(at: int) -> None:
    """The label stands in the first part; the second one begins with what followed the secret."""
    secret = made_up(at)
    data = lines(
        cri(b"a " + secret[:at], tag="P"), cri(b"other", "stderr"), cri(secret[at:] + b" z"), cri(b"end")
    )
    expected = lines(cri(b"a " + LABEL, tag="P"), cri(b"other", "stderr"), cri(b" z"), cri(b"end"))
    assert through("cri", data) == expected


def test_a_token_may_go_over_three_parts_and_leave_one_empty() -> None:
    """A part that held nothing but secret stays, as an empty part."""
    secret = made_up(3)
    data = lines(cri(secret[:10], tag="P"), cri(secret[10:30], tag="P"), cri(secret[30:]))
    assert through("cri", data) == lines(cri(LABEL, tag="P"), cri(b"", tag="P"), cri(b""))


def test_cri_tags_and_line_ends_stay() -> None:
    """Further tags, CRLF, an empty text without its space, and offsets instead of Z are all records."""
    secret = made_up(4)
    head = b"2024-01-02T03:04:05.1+02:00 stderr F:x:y "
    data = head + secret + b"\r\n" + head.rstrip() + b"\n" + cri(b"") + b"\n"
    assert through("cri", data) == head + LABEL + b"\r\n" + head.rstrip() + b"\n" + cri(b"") + b"\n"


def test_what_is_no_record_is_scanned_as_text() -> None:
    """A line of another program in the file is redacted like any line."""
    secret = made_up(5)
    for framing in ("cri", "docker"):
        data = b"plain " + secret + b'\n{"log": 7}\n\n{broken ' + secret
        assert through(framing, data) == b"plain " + LABEL + b'\n{"log": 7}\n\n{broken ' + LABEL


@pytest.mark.parametrize("framing", ["cri", "docker"])
def test_a_private_key_in_records_of_its_own_is_taken_out(framing: str) -> None:
    """A key printed line by line goes, though records of another stream stand between its lines."""
    data, expected = [], []
    for number, line in enumerate(private_key(6)):
        text = b"[REDACTED:private-key]" if 0 < number < 7 else line
        if framing == "cri":
            data += [cri(line), cri(b"noise", "stderr")]
            expected += [cri(text), cri(b"noise", "stderr")]
        else:
            data += [docker(line.decode() + "\n"), docker("noise\n", "stderr")]
            expected += [docker(text.decode() + "\n"), docker("noise\n", "stderr")]
    assert through(framing, lines(*data)) == lines(*expected)


def test_docker_escapes_are_mapped_back() -> None:
    """A secret after escapes, in JSON in the text, and between escaped brackets is cut where it stands."""
    secret = made_up(7).decode()
    data = lines(
        docker('<é\t"€😀" ' + secret[:12]),
        docker(secret[12:] + ' {"otp":123456,"x":"\\n"}\n'),
        docker("<password>Zx81kdu3&Qm11</password>\n"),
    )
    assert through("docker", data) == lines(
        docker('<é\t"€😀" ' + LABEL.decode()),
        docker(' {"otp":"[REDACTED:one-time-code]","x":"\\n"}\n'),
        docker("<password>[REDACTED:generic-password]</password>\n"),
    )


def test_docker_members_in_any_order_and_spacing_stay() -> None:
    """A record that another program wrote keeps its spaces, order and further members."""
    secret = made_up(8).decode()
    record = f'{{ "time" : "{TIME}", "n": 1.0, "stream":"stdout" ,"log" : "a {secret}\\n" }}'
    expected = record.replace(secret, LABEL.decode())
    assert through("docker", lines(record.encode())) == lines(expected.encode())


def test_docker_attributes_are_redacted_too() -> None:
    """Labels and variables that Docker adds to a record are scanned, and the text around them stays."""
    secret = made_up(9).decode()
    data = lines(docker("hello\n", attrs={"env": secret, "n": "1"}))
    assert through("docker", data) == lines(docker("hello\n", attrs={"env": LABEL.decode(), "n": "1"}))


def test_an_invalid_escape_or_surrogate_does_no_harm() -> None:
    """A lone surrogate in a text stays what it was, and the secret beside it goes."""
    secret = made_up(10)
    record = b'{"log":"\\ud800 %b \\udc00\\n","stream":"stdout","time":"t"}'
    assert through("docker", record % secret + b"\n") == record % LABEL + b"\n"


@pytest.mark.parametrize("framing", ["cri", "docker"])
def test_the_first_half_of_a_secret_at_the_end_of_a_file_is_masked(framing: str) -> None:
    """When rotation cuts a line in parts, what may be half a secret does not stay behind."""
    secret = made_up(11)
    record = cri(b"a " + secret[:20], tag="P") if framing == "cri" else docker("a " + secret[:20].decode())
    out = through(framing, lines(cri(b"x"), record))
    assert not shows(out, secret)
    assert b"reason=cut-off bytes=20]" in out
    assert out.count(b"\n") == 2


def test_a_part_without_an_end_does_not_hold_back_the_other_stream_for_ever() -> None:
    """Once enough records wait for the end of a line, it is taken as cut off and all go out in order."""
    secret = made_up(12)
    made = redactor("cri", scanner(), "label", "mask")
    out = made.feed(lines(cri(b"a " + secret[:20], tag="P")))
    assert out == b""
    record = cri(b"x" * 1000, "stderr")
    count = MAX_WAITING // len(record) + 1
    out = made.feed(lines(record) * count)
    assert out.count(b"\n") == count + 1
    assert not shows(out, secret)
    assert made.unscanned == {"cut-off": 1}
    rest = made.feed(lines(cri(b" tail"))) + made.close()
    assert rest == lines(cri(b" tail"))


def test_parts_without_an_end_take_bounded_memory() -> None:
    """16 MiB of one line in parts is redacted in windows, in a few megabytes."""
    secret = made_up(13)
    parts = [b"y" * 16000, b" " + secret[:17], secret[17:] + b" "]
    batch = lines(*(cri(part, tag="P") for part in parts))
    made = redactor("cri", scanner(), "label", "mask")
    made.feed(batch)
    tracemalloc.start()
    found = 0
    for _ in range(1000):
        out = made.feed(batch)
        assert not shows(out, secret)
        found += out.count(LABEL)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    found += made.close().count(LABEL)
    assert found == 1001
    assert peak < 24 * 1024 * 1024


def test_records_leave_as_they_came_in_order() -> None:
    """Numbered records of two streams, many in parts, come out in the order they went in."""
    data = []
    for number in range(500):
        data.append(cri(b"%d out" % number, tag="P" if number % 3 else "F"))
        data.append(cri(b"%d err" % number, "stderr", tag="P" if number % 7 == 0 else "F"))
    stream = lines(*data)
    for sizes in ((), (1000,), (77, 3)):
        assert through("cri", stream, sizes=sizes) == stream
    assert feed(redactor("docker", scanner(), "label", "mask"), stream) == stream


def test_a_docker_record_stays_json_for_any_text() -> None:
    """Quotes and backslashes next to a secret keep their escapes."""
    secret = made_up(14).decode()
    for before in ("\\", '"', "\\\\", "\n", "\u2028", "<", "\x7f", "\\n"):
        record = docker(f"{before}{secret}{before}\n")
        out = through("docker", lines(record))
        assert json.loads(out)["log"] == f"{before}{LABEL.decode()}{before}\n"
