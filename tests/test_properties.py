"""Oracles: what holds for every input, whatever the chunks, the engine and the bytes."""

from __future__ import annotations

import random
import string
from functools import cache
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leakscan import Finding, Scanner
from leakscan.lines import OVERLAP, WINDOW
from leakscan.text import encode

KEY = b"0123456789abcdef0123456789abcdef"


@cache
def scanner(engine: str = "auto") -> Scanner:
    """Return one scanner an engine; building one costs more than a test."""
    return Scanner(engine=engine, key=KEY)


def made_up(seed: int, size: int, alphabet: str = string.ascii_letters + string.digits) -> str:
    """Make up a random text."""
    return "".join(random.Random(seed).choices(alphabet, k=size))


def github(seed: int) -> str:
    """Make up a token in GitHub's shape."""
    return "ghp_" + made_up(seed, 36)


seeds = st.integers(0, 10**6)
secrets = st.one_of(
    seeds.map(github),
    seeds.map(lambda s: "password=" + made_up(s, 12, string.ascii_letters + string.digits + "!%&")),
    seeds.map(lambda s: '{"api_key": "' + made_up(s, 32) + '"}'),
    seeds.map(lambda s: "Authorization: Bearer " + made_up(s, 40)),
    seeds.map(lambda s: "postgres://app:" + made_up(s, 10) + "@db/x"),
    seeds.map(lambda s: "Cookie: a=b; sessionid=" + made_up(s, 24)),
    seeds.map(
        lambda s: (
            "-----BEGIN PRIVATE KEY-----\n"
            + "\n".join(made_up(s + i, 64) for i in range(3))
            + "\n-----END PRIVATE KEY-----"
        )
    ),
)
noise = st.one_of(
    st.sampled_from(
        [
            "level=info ",
            '{"a":"',
            "\\n",
            "%3D",
            "\x1b[32m",
            " ",
            '"',
            '\\"',
            "token",
            "password",
            "://",
            "eyJ",
            "&",
            "}",
        ]
    ),
    st.text(alphabet=string.printable, max_size=12),
)
lines = st.lists(st.one_of(noise, secrets), max_size=8).map("".join)
logs = st.lists(lines, max_size=8).map(lambda found: "\n".join(found).encode())
logs = st.tuples(logs, st.binary(max_size=8)).map(b"".join)


def streamed(chunks: list[bytes]) -> list[Finding]:
    """Return the findings of a stream that is fed the chunks."""
    stream = scanner().stream()
    return [f for chunk in chunks for f in stream.feed(chunk)] + stream.close()


@settings(max_examples=150)
@given(logs, st.lists(st.integers(0, 2000), max_size=6))
def test_any_chunking_gives_the_findings_of_the_whole(data: bytes, cuts: list[int]) -> None:
    """Chunks may cut anywhere: in a token, in a line end, in a private key."""
    places = [0, *sorted(cut % (len(data) + 1) for cut in cuts), len(data)]
    chunks = [data[a:b] for a, b in pairwise(places)]
    whole = scanner().scan(data)
    assert streamed(chunks) == whole
    assert streamed([data[i : i + 1] for i in range(len(data))]) == whole


@settings(max_examples=300)
@given(logs)
def test_engines_find_the_same(data: bytes) -> None:
    """The two engines give equal findings, fingerprints and all."""
    assert scanner("ahocorasick").scan(data) == scanner("hyperscan").scan(data)


@settings(max_examples=300)
@given(logs)
def test_spans_lie_within_their_line_and_are_disjoint(data: bytes) -> None:
    """Every span is the secret's place in its line, and no two overlap."""
    by_line = data.split(b"\n")
    end = 0
    for finding in scanner().scan(data):
        line = by_line[finding.line - 1]
        assert 0 <= finding.start < finding.end <= len(line)
        assert data[finding.offset :].startswith(line[finding.start : finding.end])
        assert finding.secret.startswith(line[finding.start : finding.end])
        assert finding.offset >= end
        end = finding.offset + finding.end - finding.start


@settings(max_examples=200)
@given(st.lists(lines, max_size=4).map("\n".join), st.sampled_from(["é", "\ud800", "\udcff", "😀", ""]))
def test_text_spans_count_characters(text: str, odd: str) -> None:
    """For text, offsets are characters: slicing the text with them gives the secret."""
    text = odd + text + odd
    for finding in scanner().scan(text):
        start = text[finding.offset : finding.offset + finding.end - finding.start]
        assert finding.secret.startswith(encode(start)[0])
        assert text.split("\n")[finding.line - 1][finding.start : finding.end] == start


@pytest.mark.parametrize("place", [WINDOW - OVERLAP, WINDOW, 2 * (WINDOW - OVERLAP)])
def test_a_secret_at_every_offset_of_a_window_cut_is_found(place: int) -> None:
    """In a line of several megabytes a token is found wherever the cut falls, once, at its offset."""
    token = github(7).encode()
    for shift in range(-len(token) - 2, 3, 5):
        data = b"x " * ((place + shift) // 2) + token + b" y" * (OVERLAP + 9)
        found = [f.offset for f in scanner().scan(data)]
        assert found == [data.index(token)]
        stream = scanner().stream()
        assert [f.offset for f in stream.feed(data) + stream.close()] == found


def test_a_secret_split_at_every_byte_of_a_chunk_is_found() -> None:
    """A token that arrives in two parts is one token."""
    data = b"a\nkey=" + github(3).encode() + b"\nb"
    whole = scanner().scan(data)
    assert len(whole) == 1
    for cut in range(len(data)):
        assert streamed([data[:cut], data[cut:]]) == whole


def test_line_numbers_may_be_counted_from_outside() -> None:
    """With `count_newlines` the stream asks only for what it has not in its buffer."""
    data = b"\n".join(b"clean line %d" % i for i in range(200_000)) + b"\nkey=" + github(5).encode() + b"\n"
    asked: list[tuple[int, int]] = []

    def count(start: int, end: int) -> int:
        asked.append((start, end))
        return data.count(b"\n", start, end)

    stream = scanner().stream(count_newlines=count)
    found = stream.feed(data) + stream.close()
    assert [(f.line, f.offset) for f in found] == [(200_001, data.index(b"ghp_"))]
    assert found[0].line == scanner().scan(data)[0].line
    assert len(asked) == 1


def test_no_repr_shows_a_secret() -> None:
    """A finding's repr, and a scanner's, hold neither the secret nor a part of it."""
    token = github(9)
    (finding,) = scanner().scan(f"key={token}")
    for text in (repr(finding), str(finding), repr(scanner()), repr(scanner().stream())):
        assert all(token[i : i + 8] not in text for i in range(4, len(token) - 8))
    assert finding.secret == token.encode()


@settings(max_examples=200)
@given(logs, st.sampled_from(["label", "hash", "mask", "partial"]))
def test_redaction_changes_nothing_but_the_spans_and_is_idempotent(data: bytes, style: str) -> None:
    """What is outside the spans is identical, clean input is the same object, twice is once."""
    findings = scanner().scan(data)
    redacted = scanner().redact(data, style)  # type: ignore[arg-type] # one of the styles
    if not findings:
        assert redacted is data
    assert redacted.count(b"\n") == data.count(b"\n")
    assert scanner().redact(redacted, style) == redacted  # type: ignore[arg-type]
    position = place = 0
    for start, end in sorted(spans(findings)):
        between = data[position:start]
        place = redacted.index(between, place) + len(between)
        position = end
    assert redacted.endswith(data[position:])


def spans(findings: list[Finding]) -> list[tuple[int, int]]:
    """Return the absolute spans that redaction replaces; a private key has one a line."""
    found = []
    for finding in findings:
        start, rest = finding.offset, finding.secret
        while rest:
            size = finding.end - finding.start if start == finding.offset else min(64, len(rest))
            found.append((start, start + size))
            rest = rest[size:]
            start += size + 1
    return found
