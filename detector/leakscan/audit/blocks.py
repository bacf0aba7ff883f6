r"""Blocks: the pieces of an answer put together to whole rows, a megabyte at a time.

Not here: what is in a row (`rows`).

>>> list(Blocks(size=1).whole([b'{"a":1}\n{"a"', b':2}\n']))
[b'{"a":1}\n', b'{"a":2}\n']
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from leakscan.errors import LeakscanError

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Iterator

#: Bytes that are scanned at once, or a few more.
SIZE: Final = 1 << 20
#: A row that is longer is not scanned but counted: reading it as a record takes several times its size.
MAX_ROW: Final = 32 << 20


@dataclass(slots=True)
class Blocks:
    """Cuts an answer into blocks that end where a row does.

    Attributes:
        size: bytes of a block, about.
        longest: bytes of a row that may be kept.
        too_long: how many rows were longer, and left out.

    """

    size: int = SIZE
    longest: int = MAX_ROW
    too_long: int = 0

    def taken_too_long(self) -> int:
        """Return how many rows were left out since this was last asked."""
        count, self.too_long = self.too_long, 0
        return count

    def whole(self, pieces: Iterable[bytes]) -> Iterator[bytes]:
        """Yield blocks of rows; what follows the last line end is no row.

        Raises:
            LeakscanError: `pieces` did, when the rows that came before have been yielded.

        """
        kept: list[bytes] = []
        length = 0
        is_skipping = False
        failure: LeakscanError | None = None
        source = iter(pieces)
        while True:
            try:
                piece = next(source, None)
            except LeakscanError as error:  # the rows before it are rows all the same
                failure, piece = error, None
            if piece is None:
                break
            if is_skipping:
                newline = piece.find(b"\n")
                if newline < 0:
                    continue
                piece = piece[newline + 1 :]
                is_skipping = False
            kept.append(piece)
            length += len(piece)
            if length < self.size or (length <= self.longest and b"\n" not in piece):
                continue
            rest = yield from _cut(b"".join(kept))
            if len(rest) > self.longest:
                self.too_long += 1
                is_skipping = True
                rest = b""
            kept, length = [rest], len(rest)
        yield from _cut(b"".join(kept))
        if failure is not None:
            raise failure


def _cut(data: bytes) -> Generator[bytes, None, bytes]:
    """Yield the whole rows of data, if any, and return what follows them."""
    end = data.rfind(b"\n") + 1
    if end:
        yield data[:end]
    return data[end:]
