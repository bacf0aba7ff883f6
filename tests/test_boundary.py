"""Boundaries: a token may follow an escape, a percent code or a colour, but not be the middle of a word."""

from __future__ import annotations

import pytest

from leakscan.boundary import ends, starts


@pytest.mark.parametrize(
    "before",
    [
        b"", b" ", b"=", b'"', b"_", b"-", b"/", b"\n", b"\x1b[32m", b"[32m", b"[0;1m", rb"\u001b[1m",
        rb"\033[0m", rb"\n", rb"\t", rb"\r", rb"\"", rb"\\n", b"%3D", b"%3d", b"%20", b"%253D",
        rb"\u0026", rb"\x3d", "é".encode(), b"\xff",
    ],
)  # fmt: skip
def test_a_token_starts_after(before: bytes) -> None:
    """After these a token may start."""
    data = before + b"ghp_x"
    assert starts(data, 0, len(before))


@pytest.mark.parametrize("before", [b"a", b"Z", b"9", b"xn", b"3D", b"u0026", b"32m", rb"\q", b"%3", b"%G1"])
def test_no_token_starts_after(before: bytes) -> None:
    """After these what follows is the rest of a word."""
    data = before + b"ghp_x"
    assert not starts(data, 0, len(before))


def test_what_lies_before_the_line_does_not_count() -> None:
    """A line's start is a start, whatever stood before it in the buffer."""
    assert starts(b"abcghp_x", 3, 3)


@pytest.mark.parametrize(
    "after", [b"", b" ", b"\n", rb"\n", b"%26", rb"\u0026", b"\x1b[0m", b'"', b"_v2", b"-x", b"."]
)
def test_a_token_ends_before(after: bytes) -> None:
    """Before these a token may end."""
    assert ends(b"ghp_x" + after, 5, 5 + len(after))


@pytest.mark.parametrize("after", [b"a", b"Z", b"0"])
def test_no_token_ends_before(after: bytes) -> None:
    """A letter or digit after it means that the token is longer than the rule says."""
    assert not ends(b"ghp_x" + after, 5, 6)
