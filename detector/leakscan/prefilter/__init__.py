"""The prefilter: one pass over a block that says where a secret *might* stand.

It may select too much, never too little: whatever a rule or the keyed grammar would find has an
anchor among its candidates. Two engines give the same candidates, so findings do not depend on
which one runs: `hyperscan` (SIMD) and `ahocorasick` (runs everywhere, and checks the other).

Not here: deciding anything about a candidate (`match`, `keyed`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from ..errors import EngineError

#: End (index into the scanned buffer, half-open) and anchor number of a candidate.
Candidate = tuple[int, int]

ENGINES = ("auto", "hyperscan", "ahocorasick")


@dataclass(frozen=True, slots=True)
class Anchor:
    """One thing to look for.

    Attributes:
        literals: every place starts with one of these; none where another anchor selects the same for
            engines without expressions; exact case without a pattern, any case with one.
        pattern: what follows from the literal's start on, as a regex in the syntax that all engines
            share (classes, repeats, no look-around), never crossing a line end. Empty: the literal
            alone. Where a start has several ends, engines may give any of them besides the longest;
            what reads the candidate must not depend on the others.
        expressions: what an engine that can start anywhere looks for in place of literals and pattern:
            together they select what `pattern` does but for what `boundary` refuses, or more, and end
            where it does. Empty: `pattern`, or the literals alone.

    """

    literals: tuple[bytes, ...]
    pattern: bytes = b""
    expressions: tuple[bytes, ...] = ()


class Prefilter(Protocol):
    """An engine loaded with anchors. Safe to share between threads and over a fork."""

    name: str

    def candidates(self, data: bytes | bytearray, start: int, end: int) -> list[Candidate]:
        """Return the candidates in `data[start:end]`, sorted by end, without repeats."""


class Cache(Protocol):
    """Keeps compiled databases between runs. What it gives back is trusted code: it must be its own."""

    def load(self, name: str) -> bytes | None:
        """Return what was saved under this name, None when there is nothing or it cannot be trusted."""

    def save(self, name: str, data: bytes) -> None:
        """Keep data under a name, if possible."""


def build(anchors: Sequence[Anchor], engine: str = "auto", cache: Cache | None = None) -> Prefilter:
    """Load an engine: `hyperscan`, `ahocorasick`, or `auto` for the fastest that imports.

    With a cache, an engine that takes long to build keeps what it built there.

    Raises:
        EngineError: the engine is unknown, not installed, or refuses an anchor.

    """
    if engine not in ENGINES:
        raise EngineError(f"unknown engine {engine!r}: one of {', '.join(ENGINES)}")
    if engine != "ahocorasick":
        try:
            from .hyperscan import HyperscanPrefilter  # noqa: PLC0415 - the import costs 20 ms
        except ImportError:
            if engine == "hyperscan":
                reason = "engine 'hyperscan' is not installed here: use --engine ahocorasick"
                raise EngineError(reason) from None
        else:
            return HyperscanPrefilter(anchors, cache)
    from .ahocorasick import AhoCorasickPrefilter  # noqa: PLC0415 - only the engine that runs

    return AhoCorasickPrefilter(anchors)
