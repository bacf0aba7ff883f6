"""What holds for every framing and every input: chunks, idempotence, bytes outside the secrets."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from framed import RULE, SECRETS, WEIRD, cri, docker, feed, made_up, private_key, scanner, shows, through
from leakscan.framing import FRAMINGS, redactor
from leakscan.lines import WINDOW
from leakscan.redact import STYLES, Style, UnscannableError

LABEL = f"[REDACTED:{RULE}]".encode()
ENDINGS = st.sampled_from([b"\n", b"\r\n", b"\n\n"])

#: A document as the application wrote it: lines of (before, secret or nothing, after).
LINES = st.lists(st.tuples(WEIRD, st.none() | SECRETS, WEIRD), min_size=1, max_size=6)


def plain(lines: list[tuple[bytes, bytes | None, bytes]], ending: bytes) -> tuple[bytes, bytes]:
    """Return a text and what redaction must make of it."""
    data = [b" ".join((before, secret or b"-", after)) for before, secret, after in lines]
    clean = [b" ".join((before, LABEL if secret else b"-", after)) for before, secret, after in lines]
    return ending.join(data), ending.join(clean)


def json_line(value: bytes) -> bytes:
    """Return a record whose string holds the bytes, with the spacing and numbers of no serialiser."""
    text = json.dumps(value.decode("latin-1"), ensure_ascii=len(value) % 2 == 0)
    return b'{"n" : 1.50e+3,"text":' + text.encode() + b', "big":12345678901234567890123, "t":[true , null]}'


def framed(framing: str, lines: list[tuple[bytes, bytes | None, bytes]], cuts: list[int]) -> bytes:
    """Return the lines in a framing, cut into parts where the framing has parts."""
    data, _ = plain(lines, b"\n")
    if framing == "text":
        return data
    records = []
    for line in data.split(b"\n"):
        if framing == "ndjson":
            records.append(json_line(line))
            continue
        stops = sorted({min(cut, len(line)) for cut in cuts} | {len(line)})
        parts = [line[start:stop] for start, stop in zip([0, *stops], stops, strict=False)]
        for number, part in enumerate(parts):
            is_last = number == len(parts) - 1
            if framing == "cri":
                records.append(cri(part, tag="F" if is_last else "P"))
            else:
                records.append(docker(part.decode("latin-1") + "\n" * is_last))
            if number % 2:
                records.append(cri(b"other", "stderr") if framing == "cri" else docker("other\n", "stderr"))
    return b"\n".join(records) + b"\n"


CUTS = st.lists(st.integers(1, 60), max_size=3)
SIZES = st.lists(st.integers(1, 90), min_size=1, max_size=5).map(tuple)


@given(LINES, ENDINGS, st.booleans())
def test_nothing_but_the_secret_changes(
    lines: list[tuple[bytes, bytes | None, bytes]],
    ending: bytes,
    has_end: bool,  # noqa: FBT001 - hypothesis gives it
) -> None:
    """NUL, invalid UTF-8, CRLF, lone CR, empty lines and a missing last line end come out as they were."""
    data, expected = plain(lines, ending)
    tail = ending if has_end else b""
    assert through("text", data + tail) == expected + tail


@pytest.mark.parametrize("framing", FRAMINGS)
@given(data=st.binary(max_size=400))
def test_bytes_of_no_format_pass(framing: str, data: bytes) -> None:
    """What is clean passes every framing untouched, also when it is not what the framing says."""
    made = redactor(framing, scanner(), "label", "mask")
    out = feed(made, data)
    assert made.unscanned == {}
    if not made.by_rule:
        assert out == data


@pytest.mark.parametrize("framing", FRAMINGS)
@given(lines=LINES, cuts=CUTS, sizes=SIZES, by_buffer=st.booleans())
def test_any_chunking_gives_the_same_bytes(
    framing: str,
    lines: list[Any],
    cuts: list[int],
    sizes: tuple[int, ...],
    by_buffer: bool,  # noqa: FBT001 - as above
) -> None:
    """However the bytes arrive, the same bytes leave."""
    data = framed(framing, lines, cuts)
    assert through(framing, data, sizes=sizes, by_buffer=by_buffer) == through(framing, data)


@pytest.mark.parametrize("framing", FRAMINGS)
@given(lines=LINES, cuts=CUTS)
def test_byte_by_byte_gives_the_same_bytes(framing: str, lines: list[Any], cuts: list[int]) -> None:
    """One byte at a time is a chunking too."""
    data = framed(framing, lines, cuts)
    assert through(framing, data, sizes=(1,)) == through(framing, data)


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("framing", FRAMINGS)
@given(lines=LINES, cuts=CUTS)
def test_redacting_twice_changes_nothing(
    framing: str, style: Style, lines: list[Any], cuts: list[int]
) -> None:
    """No placeholder of any style is found again, in any framing."""
    once = through(framing, framed(framing, lines, cuts), style=style)
    assert through(framing, once, style=style) == once


@pytest.mark.parametrize("framing", FRAMINGS)
@given(lines=LINES, cuts=CUTS)
def test_no_part_of_a_secret_is_left(framing: str, lines: list[Any], cuts: list[int]) -> None:
    """Lines keep their number and order; no eight bytes of a secret are left, whatever part holds them."""
    data = framed(framing, lines, cuts)
    out = through(framing, data)
    assert out.count(b"\n") == data.count(b"\n")
    text = _texts(framing, out)
    for _, secret, _ in lines:
        assert secret is None or not shows(text, secret)
    assert text.count(LABEL) == sum(secret is not None for _, secret, _ in lines)


@pytest.mark.parametrize("framing", ["ndjson", "docker"])
@given(lines=LINES, cuts=CUTS)
def test_json_stays_json_with_all_else_as_it_was(framing: str, lines: list[Any], cuts: list[int]) -> None:
    """JSON in, JSON out: the same members in the same order, and numbers and spaces written as before."""
    data = framed(framing, lines, cuts)
    for before, after in zip(data.splitlines(), through(framing, data).splitlines(), strict=True):
        old, new = json.loads(before), json.loads(after)
        assert list(old) == list(new)
        if framing == "ndjson":
            head, tail = b'{"n" : 1.50e+3,"text":', b', "big":12345678901234567890123, "t":[true , null]}'
            assert after.startswith(head)
            assert after.endswith(tail)
        else:
            assert {**old, "log": ""} == {**new, "log": ""}


@pytest.mark.parametrize("framing", FRAMINGS)
@pytest.mark.parametrize("split", range(1, 41))
def test_a_secret_split_at_every_offset_of_two_reads_is_found(framing: str, split: int) -> None:
    """Where the first read ends within a secret makes no difference."""
    secret = made_up(split)
    line = {
        "text": b"charge %b ok",
        "ndjson": b'{"m":"charge %b ok"}',
        "cri": cri(b"charge %b ok"),
        "docker": docker("charge %s ok\n").replace(b"%s", b"%b"),
    }[framing]
    data = line % secret + b"\n"
    at = data.index(secret) + split
    assert through(framing, data, sizes=(at, len(data))) == line % LABEL + b"\n"


@pytest.mark.parametrize("framing", FRAMINGS)
def test_a_line_longer_than_a_window_is_redacted_in_windows(framing: str) -> None:
    """A line of 3 MiB loses the secrets at its ends, at every window's edge and in between."""
    secrets = [made_up(seed) for seed in range(300)]
    line = b" ".join(b"lorem ipsum " * 900 + secret for secret in secrets)
    if framing == "cri":
        parts = [line[at : at + 16384] for at in range(0, len(line), 16384)]
        data = b"".join(cri(part, tag="P") + b"\n" for part in parts) + cri(b"end") + b"\n"
    elif framing == "docker":
        parts = [line[at : at + 16384] for at in range(0, len(line), 16384)]
        data = b"".join(docker(part.decode()) + b"\n" for part in parts) + docker("end\n") + b"\n"
    elif framing == "ndjson":
        data = b'{"m":"' + line + b'"}\nnext\n'
    else:
        data = line + b"\nnext\n"
    assert len(line) > 3 * WINDOW
    made = redactor(framing, scanner(), "label", "mask")
    out = feed(made, data, sizes=(65536,))
    assert made.by_rule == {RULE: len(secrets)}
    assert b" ".join(b"lorem ipsum " * 900 + LABEL for _ in secrets) in _texts(framing, out)
    assert out.count(b"\n") == data.count(b"\n")


@pytest.mark.parametrize("framing", FRAMINGS)
def test_an_open_key_of_a_quiet_stream_is_let_go_and_goes_on(framing: str) -> None:
    """What waits for the rest of a private key leaves redacted on `flush`, and so does what comes later."""
    lines = private_key(5)
    make = {
        "text": lambda line: line,
        "ndjson": lambda line: line,
        "cri": cri,
        "docker": lambda line: docker(line.decode() + "\n"),
    }[framing]
    made = redactor(framing, scanner(), "label", "mask")
    out = made.feed(b"".join(make(line) + b"\n" for line in (b"before", *lines[:3])))
    assert out == make(b"before") + b"\n"
    assert made.is_holding
    out = b"".join(map(bytes, made.flush()))
    assert not made.is_holding
    assert out.count(b"\n") == 3
    out += made.feed(b"".join(make(line) + b"\n" for line in (*lines[3:], b"after")))
    assert not made.is_holding
    out += made.close()
    assert out.endswith(make(lines[-1]) + b"\n" + make(b"after") + b"\n")
    assert out.count(b"\n") == len(lines) + 1
    assert not any(body[:8] in out or body[-8:] in out for body in lines[1:-1])
    assert made.by_rule == {"private-key": 1}


def lame(monkeypatch: pytest.MonkeyPatch, *names: str) -> None:
    """Make methods of the scanner fail on what holds poison."""
    for name in names:
        whole = getattr(scanner(), name)

        def fail(block: Any, *more: object, whole: Any = whole) -> Any:
            if b"poison" in block.data[block.start : block.end]:
                raise MemoryError("poison")
            return whole(block, *more)

        monkeypatch.setattr(scanner(), name, fail)


@pytest.mark.parametrize("framing", FRAMINGS)
@pytest.mark.parametrize("broken", [("matches",), ("matches", "candidates")])
def test_what_cannot_be_scanned_follows_the_policy(
    framing: str, broken: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A bug of ours masks the line by default, stops when it shall block, and passes only when asked to."""
    secret = made_up(1)
    line = {
        "text": b"%b charge %b ok\n",
        "ndjson": b'{"m":"%b charge %b ok"}\n',
        "cri": cri(b"%b charge %b ok\n"),
        "docker": docker("%s charge %s ok\n").replace(b"%s", b"%b") + b"\n",
    }[framing]
    clean, bad = line % (b"some", b"-"), line % (b"poison", secret)
    good = line % (b"one", secret)
    data = clean + good + bad + good
    lame(monkeypatch, *broken)
    made = redactor(framing, scanner(), "label", "mask")
    out = feed(made, data)
    assert not shows(out, secret)
    lines = out.splitlines(keepends=True)
    assert lines[:2] + lines[3:] == [clean, line % (b"one", LABEL), line % (b"one", LABEL)]
    assert b"[LEAKSCAN:unscanned reason=MemoryError bytes=" in lines[2]
    assert set(made.unscanned) == {"MemoryError"}
    if framing in {"ndjson", "docker"}:
        json.loads(lines[2])
    with pytest.raises(UnscannableError, match=r"^MemoryError$"):
        through(framing, data, on_failure="block")
    passed = through(framing, data, on_failure="open")
    assert passed.splitlines(keepends=True)[2] == bad


@pytest.mark.parametrize("sizes", [(), (1,), (100,)])
def test_a_failure_near_a_private_key_leaves_nothing_of_the_key(
    monkeypatch: pytest.MonkeyPatch, sizes: tuple[int, ...]
) -> None:
    """A line that cannot be scanned does not hide the header of a key from its body."""
    key = private_key(9, lines=8)
    lame(monkeypatch, "matches")
    for lines in (
        [b"poison", *key, b"end"],
        [*key[:4], b"poison", *key[4:], b"end"],
        [*key, b"poison", b"end"],
    ):
        data = b"".join(line + b"\n" for line in lines)
        out = through("text", data, sizes=sizes)
        if lines[4] != b"poison" or not sizes:  # elsewhere the key ends for us at the line that is none
            assert not any(shows(out, body) for body in key[1:-1])
        assert out.count(b"\n") == len(lines)


@pytest.mark.parametrize("framing", FRAMINGS)
def test_an_unfinished_line_that_is_cut_off_gives_no_half_of_a_secret(framing: str) -> None:
    """Of a line whose end will never be read, a last word that may be half a secret is masked."""
    secret = made_up(2)
    line = {
        "text": b"charge %b",
        "ndjson": b'{"m":"charge %b',
        "cri": cri(b"charge %b"),
        "docker": docker("charge %s", "stdout").split(b"%s")[0] + b"%b",
    }[framing]
    for size in range(8, 24):
        made = redactor(framing, scanner(), "label", "mask")
        out = made.feed(line % secret[:size]) + made.close(cut_off=True)
        assert not shows(out, secret)
        assert out.startswith(line.split(b"%b")[0][:6])
        assert made.unscanned == {"cut-off": 1}


def test_a_clean_word_that_is_cut_off_stays() -> None:
    """An unfinished line with nothing to hide comes out as it is."""
    made = redactor("text", scanner(), "label", "mask")
    assert made.feed(b"whole line\nno line end") == b"whole line\n"
    assert made.close(cut_off=True) == b"no line end"
    assert made.unscanned == {}


def test_lines_are_counted_when_asked() -> None:
    """`lines` counts the line ends that went through, also those of windows and of records in parts."""
    data = b"x" * (2 * WINDOW) + b"\n" + b"\n".join(cri(b"a", tag=tag) for tag in "PPFF") + b"\nlast"
    for framing in FRAMINGS:
        made = redactor(framing, scanner(), "label", "mask")
        made.counts_lines = True
        assert feed(made, data) == data
        assert made.lines == 5


def _texts(framing: str, out: bytes) -> bytes:
    """Return what the records say, so that labels and secrets can be looked for across parts."""
    if framing == "cri":
        return b"".join(line.split(b" ", 3)[3] for line in out.split(b"\n") if b" stdout " in line)
    if framing == "docker":
        records = [json.loads(line) for line in out.split(b"\n") if line]
        return "".join(record["log"] for record in records if record["stream"] == "stdout").encode()
    return out
