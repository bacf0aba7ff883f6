"""The SIMD engine: every anchor in one hyperscan database, one call a block.

A match costs a Python callback of about 0.4 us, so anchors are made to be rare. The start of a match
is not asked for: for the keyed words it would cost two thirds of the speed.
"""

from __future__ import annotations

import contextlib
import hashlib
import re
from collections.abc import Sequence
from typing import Any

import hyperscan as hs

from ..errors import EngineError
from . import Anchor, Cache, Candidate


class HyperscanPrefilter:
    """See `Prefilter`."""

    name = "hyperscan"

    def __init__(self, anchors: Sequence[Anchor], cache: Cache | None = None) -> None:
        expressions: list[bytes] = []
        # each expression has a number of its own: with shared ones compiling takes forty times as long
        self._anchor: list[int] = []
        for number, anchor in enumerate(anchors):
            own = anchor.expressions or (
                (anchor.pattern,) if anchor.pattern else map(re.escape, anchor.literals)
            )
            for expression in own:
                expressions.append(expression)
                self._anchor.append(number)
        self._database = _cached(expressions, cache)
        # Scratch space serves one scan at a time; taking one from a list is atomic, so a second
        # thread, or a signal handler that logs in the middle of a scan, gets its own.
        self._scratches = [hs.Scratch(self._database)]

    def candidates(self, data: bytes | bytearray, start: int, end: int) -> list[Candidate]:
        """See `Prefilter.candidates`."""
        raw: list[Candidate] = []
        try:
            scratch = self._scratches.pop()
        except IndexError:
            scratch = hs.Scratch(self._database)
        try:
            region = data if end - start == len(data) else memoryview(data)[start:end]
            # by position: names would double the time of a short call. Annotated for str and bytes, but
            # takes any buffer
            self._database.scan(region, _on_match, 0, raw, scratch)  # type: ignore[type-var]
        finally:
            self._scratches.append(scratch)
        if not raw:
            return raw
        anchor = self._anchor
        return sorted((start + stop, anchor[number]) for stop, number in raw)


def _on_match(number: int, _begin: int, stop: int, _flags: int, raw: Any) -> None:
    # one function for all calls: making one for each costs a fifth of a short call
    raw.append((stop, number))


def _cached(expressions: list[bytes], cache: Cache | None) -> hs.Database:
    """Return the database of the expressions: from the cache (0.1 ms), or compiled (100 ms) and kept."""
    if cache is None:
        return _compile(expressions)
    digest = hashlib.sha256(hs.__version__.encode())  # type: ignore[attr-defined] # its stub leaves it out
    for expression in expressions:
        digest.update(len(expression).to_bytes(4) + expression)
    name = f"hyperscan-{digest.hexdigest()[:32]}"
    kept = cache.load(name)
    if kept is not None:
        with contextlib.suppress(hs.error):  # compiled on another kind of processor
            return hs.loadb(kept, hs.HS_MODE_BLOCK)
    database = _compile(expressions)
    cache.save(name, hs.dumpb(database))
    return database


def _compile(expressions: list[bytes]) -> hs.Database:
    database = hs.Database(mode=hs.HS_MODE_BLOCK)
    try:
        database.compile(
            expressions=expressions,
            ids=list(range(len(expressions))),
            elements=len(expressions),
            flags=0,
        )
    except hs.error as error:
        raise EngineError(f"engine 'hyperscan' refuses the rules: {error}") from None
    return database
