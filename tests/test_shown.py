"""What people see: masked secrets, cleaned text, progress and summary."""

from __future__ import annotations

import io
import time
from typing import IO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leakscan.cli.progress import Progress, human, line
from leakscan.cli.summary import Seen, summary
from leakscan.mask import SHOWN_FROM, mask
from leakscan.terminal import clean, plain_path, wants_colour
from leakscan.totals import Totals


@given(st.binary(max_size=300))
def test_a_mask_shows_at_most_a_fifth_and_never_eight_bytes(secret: bytes) -> None:
    """Whatever the secret: four bytes at most, a fifth at most, printable ASCII, and the length."""
    head, _, length = mask(secret).partition("…")
    assert length == f"({len(secret)})"
    assert len(head) <= 4
    assert len(head) * 5 <= len(secret)
    assert head.isascii()
    assert head == "" or head.isprintable()


def test_a_mask_shows_the_prefix_of_long_secrets_only() -> None:
    """From 24 bytes on the first four are shown."""
    assert mask(b"x" * (SHOWN_FROM - 1)) == "…(23)"
    assert mask(b"ghp_" + b"x" * 36) == "ghp_…(40)"
    assert mask(b"\x00\xff\x1b~" + b"x" * 36) == "...~…(40)"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain text, ümläut 🔑", "plain text, ümläut 🔑"),
        ("\x1b[31m", "\\x1b[31m"),
        ("a\nb\tc\x00", "a\\x0ab\\x09c\\x00"),
        ("\x9b2J\x7f", "\\x9b2J\\x7f"),
        ("\u202e\u2066\u200f", "\\u202e\\u2066\\u200f"),
        ("\udce9", "\\xe9"),
        ("\ud800", "\\ud800"),
        ("\U000e0041", "\\U000e0041"),
    ],
)
def test_unsafe_characters_are_escaped(text: str, shown: str) -> None:
    """Control, C1, bidi and invisible characters are shown as escapes, others are left alone."""
    assert clean(text) == shown


@given(st.text())
def test_cleaned_text_is_safe_and_stays_so(text: str) -> None:
    """No control character survives, the result can be encoded, and cleaning twice changes nothing."""
    cleaned = clean(text)
    assert cleaned == clean(cleaned)
    assert not any(ord(sign) < 0x20 or 0x7F <= ord(sign) < 0xA0 for sign in cleaned)
    cleaned.encode()


@given(st.binary())
def test_any_file_name_can_be_written_as_utf_8(name: bytes) -> None:
    """Names that are not UTF-8 get escapes; names that are stay as they are."""
    path = plain_path(name.decode("utf-8", "surrogateescape"))
    try:
        assert path == name.decode()
    except UnicodeDecodeError:
        assert "\\x" in path
    path.encode()


class _Terminal(io.BytesIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("choice", "stream", "environment", "expected"),
    [
        ("auto", _Terminal(), {}, True),
        ("auto", io.BytesIO(), {}, False),
        ("auto", None, {}, False),
        ("auto", _Terminal(), {"NO_COLOR": "1"}, False),
        ("auto", _Terminal(), {"NO_COLOR": ""}, True),
        ("auto", _Terminal(), {"TERM": "dumb"}, False),
        ("auto", io.BytesIO(), {"FORCE_COLOR": "1"}, True),
        ("auto", io.BytesIO(), {"FORCE_COLOR": "1", "NO_COLOR": "1"}, False),
        ("always", io.BytesIO(), {"NO_COLOR": "1"}, True),
        ("never", _Terminal(), {"FORCE_COLOR": "1"}, False),
    ],
)
def test_colour(
    choice: str, stream: IO[bytes] | None, environment: dict[str, str], *, expected: bool
) -> None:
    """The option decides; for auto the environment, then whether a terminal reads."""
    assert wants_colour(choice, stream, environment) is expected


def test_progress_waits_draws_and_vanishes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing for 0.3 s, then at most ten lines a second, and an empty line in the end."""
    now = 100.0
    monkeypatch.setattr(time, "monotonic", lambda: now)
    drawn: list[str] = []
    bar = Progress(1000, drawn.append)
    for _ in range(29):
        now += 0.01
        bar.tick(1)
    bar.clear()
    assert drawn == []
    for _ in range(100):
        now += 0.01
        bar.tick(1)
    assert 5 <= len(drawn) <= 11
    assert drawn[-1].startswith("\r[")
    bar.clear()
    bar.clear()
    assert drawn[-1] == "\r\x1b[K"
    assert drawn.count("\r\x1b[K") == 1


def test_the_progress_line_has_a_bar_when_the_total_is_known() -> None:
    """With a total a bar, a share and the time left; without one, or beyond it, a count."""
    assert line(250, 1000, 1.0) == "[######------------------]  25%  250 B of 1 kB  250 B/s  0:03 left"
    assert line(5_000_000, None, 2.0) == "5 MB  2.5 MB/s"
    assert line(2000, 1000, 1.0) == "2 kB  2 kB/s"
    assert line(0, 0, 0.0) == "0 B  0 B/s"


@pytest.mark.parametrize(
    ("size", "text"),
    [(0, "0 B"), (999, "999 B"), (999.6, "1 kB"), (1234, "1.23 kB"), (10**9, "1 GB"), (10**18, "1e+03 PB")],
)
def test_sizes_are_readable(size: float, text: str) -> None:
    """Three digits and a decimal unit."""
    assert human(size) == text


def test_the_summary_counts_in_words() -> None:
    """Secrets, places, files, bytes and seconds; and what could not be scanned."""
    totals = Totals(on_failure=lambda _: None, files=3, size=1204)
    totals.started -= 0.05
    assert summary(Seen(5, {"a", "b"}), totals) == "2 secrets at 5 places in 3 files (1,204 bytes, 0.05 s)"
    totals.failed = 1
    assert summary(Seen(1, {"a"}), totals).endswith("; 1 input could not be scanned to the end")
