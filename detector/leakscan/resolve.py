"""Resolve: from raw matches to disjoint ones. One sort, one sweep.

Not here: what matched (`match`, `keyed`, `pem`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from .finding import CONFIDENCES, Confidence
from .rules import Rule

#: How specific a match is: a block with its own armour, a token that names its vendor, a keyed value,
#: personal data, which any of the others may hold.
BLOCK, TOKEN, KEYED, PERSONAL = 0, 1, 2, 3
#: Grammars whose whole value is the secret, so that any rest of it is one too.
_WHOLE = frozenset({"password", "userinfo", "bearer", "basic", "authorization", "cookie"})
#: A shorter rest of another keyed value is no secret of its own.
_MIN_REST = 8


class Match(NamedTuple):
    """One secret in a buffer.

    Attributes:
        start: index in the buffer.
        end: half-open.
        rule: the rule that matched.
        confidence: how sure.
        kind: BLOCK, TOKEN, KEYED or PERSONAL.
        weight: length of the keyword that led here; the longer, the more specific.
        parts: the spans to redact, where the secret goes over several lines; else empty.
        secret: the secret as it reads without the escapes around it, where that differs; else empty.
        key: name of the key that led to a keyed value, where it has one; else empty.

    """

    start: int
    end: int
    rule: Rule
    confidence: Confidence
    kind: int
    weight: int = 0
    parts: tuple[tuple[int, int], ...] = ()
    secret: bytes = b""
    key: bytes = b""


def resolve(matches: Iterable[Match]) -> list[Match]:
    """Return disjoint matches in order of their start; where two overlap, the more specific stays."""
    kept: list[Match] = []
    cluster: list[Match] = []
    reach = -1
    for match in sorted(matches, key=_place):
        if match.start >= reach and cluster:
            kept += _disjoint(cluster)
            cluster = []
        cluster.append(match)
        reach = max(reach, _reach(match))
    return kept + _disjoint(cluster)


def _disjoint(cluster: list[Match]) -> list[Match]:
    if len(cluster) < 2:  # noqa: PLR2004 - one match overlaps nothing
        return cluster
    kept: list[Match] = []
    for match in sorted(cluster, key=_rank):
        if all(_reach(match) <= other.start or match.start >= _reach(other) for other in kept):
            kept.append(match)
        elif match.kind == KEYED:
            # text around a token inside another value is no secret: `user_<token>_v2`, `<token>..(cut)`
            whole = match.rule.grammar in _WHOLE or all(other.kind == KEYED for other in kept)
            least = 1 if match.rule.grammar in _WHOLE else _MIN_REST
            rest = _rest(match, sorted(kept, key=_place)) if whole else ()
            kept += [piece for piece in rest if piece.end - piece.start >= least]
    return sorted(kept, key=_place)


def _rest(match: Match, kept: list[Match]) -> Iterator[Match]:
    """Give what others left of a match: a password of which a part looks like a token is secret whole."""
    start = match.start
    for other in kept:
        if start < min(other.start, match.end):
            yield match._replace(start=start, end=min(other.start, match.end), secret=b"")
        start = max(start, _reach(other))
    if start < match.end:
        yield match._replace(start=start, secret=b"")


def _rank(match: Match) -> tuple[int, int, int, int, int, str]:
    # The first two say which rule knows more about the text; then the longer span hides more; then
    # confidence; the rest makes the order total, so that the result does not depend on the engine.
    return (
        match.kind,
        -match.weight,
        match.start - match.end,
        -CONFIDENCES.index(match.confidence),
        match.start,
        match.rule.id,
    )


def _place(match: Match) -> tuple[int, int]:
    return match.start, match.end


def _reach(match: Match) -> int:
    return match.parts[-1][1] if match.parts else match.end
