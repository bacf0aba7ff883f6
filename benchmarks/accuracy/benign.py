"""A benign kind: a line that looks as if it held a secret and holds none. The tables are in `benign_*`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from benchmarks.accuracy.draw import Scene


@dataclass(frozen=True, slots=True)
class BenignKind:
    """One sort of look-alike.

    Attributes:
        name: unique.
        write: writes one line, with content drawn anew each time.
        prefixed: whether a logger's prefix goes before it.

    """

    name: str
    write: Callable[[Scene], str]
    prefixed: bool = True
