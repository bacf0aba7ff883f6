"""A kind: one format of secret, under a name. The tables are in `tokens_*` and `values`.

A kind draws the raw secret; it knows nothing of the line it will stand in.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from benchmarks.accuracy.draw import Scene

#: Draws one raw secret.
Make = Callable[["Scene"], str]
#: One piece of a template: literal text, or an alphabet with a count or a range of counts.
Piece = str | tuple[str, int] | tuple[str, int, int]


def held_out(name: str) -> bool:
    """Whether a kind or shape belongs to the quarter that is kept from the rules' authors. Fixed by name."""
    return zlib.crc32(f"held out {name}".encode()) % 4 == 0


@dataclass(frozen=True, slots=True)
class TokenKind:
    """A token that says by itself what it is.

    Attributes:
        name: unique, `provider-thing`.
        make: draws one.
        glued: it has one length and no `_` in its alphabet, so it may stand between word characters.

    """

    name: str
    make: Make
    glued: bool = False


def template(name: str, *pieces: Piece) -> TokenKind:
    """A kind that is a row of literals and random stretches."""
    fixed = all(isinstance(piece, str) or len(piece) == 2 for piece in pieces)
    plain = all(isinstance(piece, str) or not set(piece[0]) & set("_-+/.") for piece in pieces)

    def make(scene: Scene) -> str:
        return "".join(piece if isinstance(piece, str) else scene.chars(*piece) for piece in pieces)

    return TokenKind(name, make, glued=fixed and plain)
