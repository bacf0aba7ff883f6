"""The tokenizer: blocks of whole lines from any chunks, long lines in windows that overlap."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leakscan.lines import LOOKBEHIND, OVERLAP, WINDOW, Block, Slices, Tokenizer


def owned(block: Block) -> bytes:
    """Return the part of a block that is its own."""
    return bytes(block.data[block.own_start : block.own_end])


def split(data: bytes, cuts: list[int]) -> list[bytes]:
    """Cut data at the given places."""
    places = [0, *sorted(cut % (len(data) + 1) for cut in cuts), len(data)]
    return [data[a:b] for a, b in pairwise(places)]


@given(
    st.lists(st.sampled_from([b"a", b"bc\r", b"\n", b"\xff\x00", "é".encode()]), max_size=60),
    st.lists(st.integers(0, 200)),
)
def test_every_byte_is_owned_once_and_blocks_end_at_line_ends(pieces: list[bytes], cuts: list[int]) -> None:
    """Whatever the chunks, the blocks put together are the input, and only the last may lack a line end."""
    data = b"".join(pieces)
    tokenizer = Tokenizer()
    blocks = [owned(b) for chunk in split(data, cuts) for b in tokenizer.feed(chunk)]
    assert all(block.endswith(b"\n") for block in blocks)
    assert b"".join(blocks + [owned(b) for b in tokenizer.close()]) == data


@pytest.mark.parametrize("size", [WINDOW - 1, WINDOW, WINDOW + 1, 2 * WINDOW, 3 * WINDOW + 12345])
@pytest.mark.parametrize("tail", [b"", b"\n", b"\nnext\n"])
@pytest.mark.parametrize("chunk", [1 << 16, 777_777, 1 << 23])
def test_a_long_line_comes_in_overlapping_windows(size: int, tail: bytes, chunk: int) -> None:
    """Windows of a long line own each byte once, overlap enough, and lie where `Slices` puts them."""
    data = b"head\n" + bytes(i % 251 + 5 for i in range(size)).replace(b"\n", b"?") + tail
    tokenizer = Tokenizer()
    seen: list[tuple[int, int, int, int]] = []
    parts: list[bytes] = []

    def take(block: Block) -> None:
        base = block.offset - block.start
        if block.column or not data[base + block.start :].startswith(b"head"):
            seen.append((base + block.own_start, base + block.own_end, block.column, block.offset))
        parts.append(owned(block))
        assert block.end - block.start <= WINDOW
        assert (
            bytes(block.data[block.start : block.end])
            == data[block.offset : block.offset + block.end - block.start]
        )
        if block.column:
            assert block.own_start - block.start == LOOKBEHIND
        if not owned(block).endswith(b"\n") and base + block.end < len(data):
            assert block.end - block.own_end == OVERLAP

    for start in range(0, len(data), chunk):
        for block in tokenizer.feed(data[start : start + chunk]):
            take(block)
    for block in tokenizer.close():
        take(block)
    assert b"".join(parts) == data
    cuts = {own_end for _, own_end, _, _ in seen if own_end < len(data) - len(tail)}
    slices = {b.offset - b.start + b.own_end for b in Slices(data)}
    assert cuts <= slices
    assert b"".join(owned(b) for b in Slices(data)) == data


def test_the_buffer_can_be_read_into() -> None:
    """`get_buffer` and `buffer_updated` take bytes without a copy."""
    tokenizer = Tokenizer()
    view = tokenizer.get_buffer()
    view[:6] = b"ab\ncd\n"
    assert [owned(b) for b in tokenizer.buffer_updated(6)] == [b"ab\ncd\n"]


def test_held_lines_come_again_with_what_follows() -> None:
    """What was held is given once more before the next lines, with its place in the stream."""
    tokenizer = Tokenizer()
    for block in tokenizer.feed(b"one\ntwo\n"):
        assert owned(block) == b"one\ntwo\n"
        tokenizer.hold(4)
    blocks = [(block.offset, owned(block)) for block in tokenizer.feed(b"three\n")]
    assert blocks == [(4, b"two\nthree\n")]
    assert list(tokenizer.close()) == []
