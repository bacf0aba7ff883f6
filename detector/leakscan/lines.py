r"""The tokenizer: any chunks of bytes in, blocks of whole lines out. No I/O, no copies of clean data.

A block is a region of a buffer that ends at a line end, so nothing that lies within one line is
ever split. A line longer than `WINDOW` is given out in overlapping windows: each window *owns* the
findings that start in its part, and sees `LOOKBEHIND` bytes before and `OVERLAP` bytes after it, so
every finding is seen whole by exactly one window.

Where blocks end depends on how the bytes came in; what is found does not, because nothing but a
window cut (which depends on the line alone) ever stands inside a line.

Not here: reading (`sources`), line numbers (`scanner`, only when something was found).

>>> tokenizer = Tokenizer()
>>> [bytes(b.data[b.start:b.end]) for b in tokenizer.feed(b"one\\ntwo\\nthr")]
[b'one\\ntwo\\n']
>>> [bytes(b.data[b.start:b.end]) for b in tokenizer.close()]
[b'thr']
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

#: Bytes read and scanned at once, and the longest line that is scanned whole. 1 MiB keeps the block
#: in the second-level cache's reach while the cost of a call into the prefilter disappears.
WINDOW: Final = 1 << 20
#: Bytes after a position that a match may need: the longest secret (a PEM key with escapes, a JWT).
OVERLAP: Final = 1 << 15
#: Bytes before a position that a match may need: key names, escapes, the command of a `-p` option.
LOOKBEHIND: Final = 1 << 10
#: Bytes after a candidate that may be looked at, wherever in its window it stands.
REACH: Final = OVERLAP - LOOKBEHIND


@dataclass(frozen=True, slots=True)
class Block:
    """A region of a buffer to be scanned; valid only until the tokenizer is fed again.

    Attributes:
        data: the buffer, borrowed.
        start: first byte of the region, index in `data`.
        end: end of the region, index in `data`; a line end unless the line goes on.
        own_start: findings that start before this index belong to the window before.
        own_end: findings that start at or after this index belong to the window after.
        offset: absolute offset in the stream of `data[start]`, bytes.
        column: bytes of the first line that came before `data[start]`; 0 but for windows.
        final: nothing of this block may be held.

    """

    data: bytes | bytearray
    start: int
    end: int
    own_start: int
    own_end: int
    offset: int
    column: int
    final: bool


class Tokenizer:
    """Turns chunks into blocks. Follows the shape of `asyncio.BufferedProtocol`.

    Either `feed` bytes, or read into `get_buffer()` and tell `buffer_updated` how many arrived; the
    second way copies nothing. `close` gives out what follows the last line end.
    """

    __slots__ = ("_buffer", "_column", "_filled", "_held", "_offset", "_own", "_searched", "_view")

    def __init__(self) -> None:
        self._buffer = bytearray(WINDOW)
        self._view = memoryview(self._buffer)
        self._filled = 0
        self._searched = 0
        self._offset = 0
        self._own = 0
        self._column = 0
        self._held = 0

    def get_buffer(self) -> memoryview:
        """Return the free part of the buffer, never empty; read into its beginning."""
        return self._view[self._filled :]

    def buffer_updated(self, nbytes: int) -> Iterator[Block]:
        """Take note of `nbytes` new bytes in the buffer; give the blocks that are now whole.

        Each block must be dealt with before the next is asked for.
        """
        self._filled += nbytes
        newline = self._buffer.rfind(b"\n", self._searched, self._filled)
        self._searched = self._filled
        if newline >= 0:
            self._held = 0
            yield self._block(newline + 1, newline + 1)
            self._drop(newline + 1 - self._held)
            self._own = self._column = 0
        elif self._filled == WINDOW and self._held:
            # held lines may not push a long line's windows out of place: let them go first
            held, self._held = self._held, 0
            yield self._block(held, held, final=True)
            self._drop(held)
            self._held = 0
        elif self._filled == WINDOW:
            cut = WINDOW - OVERLAP
            yield self._block(WINDOW, cut, final=True)
            self._drop(cut - LOOKBEHIND)
            self._column += cut - LOOKBEHIND
            self._own = LOOKBEHIND

    def feed(self, chunk: bytes | bytearray | memoryview) -> Iterator[Block]:
        """Take a chunk of any size; give the blocks that are now whole."""
        rest = memoryview(chunk).cast("B")
        while rest:
            space = self.get_buffer()
            taken = min(len(space), len(rest))
            space[:taken] = rest[:taken]
            rest = rest[taken:]
            yield from self.buffer_updated(taken)

    def hold(self, nbytes: int) -> None:
        """Give the last `nbytes` of the block that is being dealt with once more, before what follows.

        For lines that belong together (a PEM key). They must begin at a line start; what is held and
        still open when the stream closes or a very long line follows is not held any longer.
        """
        self._held = nbytes

    def held_lines(self) -> Block | None:
        """Return the lines that are held, as a block of their own, without letting go of them."""
        return self._block(self._held, self._held, final=True) if self._held else None

    def close(self) -> Iterator[Block]:
        """Give what is left: a last line without a line end, and what was held."""
        if self._filled:
            yield self._block(self._filled, self._filled, final=True)
            self._drop(self._filled)
        self._own = self._column = self._held = 0

    def _block(self, end: int, own_end: int, *, final: bool = False) -> Block:
        return Block(self._buffer, 0, end, self._own, own_end, self._offset, self._column, final)

    def _drop(self, count: int) -> None:
        rest = self._filled - count
        self._view[:rest] = self._view[count : self._filled]
        self._filled = self._searched = rest
        self._offset += count


class Slices:
    """Gives the blocks of data that is already in memory, without copying it.

    The windows of long lines lie exactly where `Tokenizer` puts them.
    """

    __slots__ = ("_data", "_held")

    def __init__(self, data: bytes | bytearray) -> None:
        self._data = data
        self._held = 0

    def hold(self, nbytes: int) -> None:
        """As `Tokenizer.hold`."""
        self._held = nbytes

    def __iter__(self) -> Iterator[Block]:
        data = self._data
        start = own = column = 0
        size = len(data)
        while start < size:
            end = min(start + WINDOW, size)
            newline = data.rfind(b"\n", start, end)
            if end - start == WINDOW and newline < 0:
                cut = end - OVERLAP
                yield Block(data, start, end, own, cut, start, column, final=True)
                column += cut - LOOKBEHIND - start
                start, own = cut - LOOKBEHIND, cut
                continue
            stop = newline + 1 if newline >= 0 else end
            self._held = 0
            yield Block(data, start, stop, own, stop, start, column, final=stop == size)
            start = own = stop - self._held
            column = 0
