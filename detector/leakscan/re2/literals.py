r"""Literals of a regex: texts of which every match holds at least one, and how far into the match.

What the prefilter needs to know of a rule whose regex somebody else wrote. Every set that is returned is
sound; the best is the one whose shortest literal is the longest.

Not here: reading regexes (`read`).

>>> from leakscan.re2.read import parse
>>> required(parse(r"[a-z]{0,9}(?:acme|apex)_[0-9]{8}"))
Required(literals=(b'acme_', b'apex_'), offset=9, fold=False)
"""

from __future__ import annotations

from itertools import product
from typing import Final, NamedTuple

from .tree import Node, width

#: More literals than this, or longer ones, make the prefilter no better.
MAX_LITERALS: Final = 64
MAX_LENGTH: Final = 24
#: A class of more characters is no choice between spellings.
_MAX_SPELLINGS: Final = 4


class Required(NamedTuple):
    """Literals of which every match holds one.

    Attributes:
        literals: sorted; in lower case where case does not matter.
        offset: bytes from the match's start to the start of the literal at most, None for without end.
        fold: they stand there in any case.

    """

    literals: tuple[bytes, ...]
    offset: int | None
    fold: bool


class _Exact(NamedTuple):
    """Every text that a part of a regex can match."""

    texts: frozenset[bytes]
    fold: bool


def required(node: Node, least: int = 3) -> Required | None:
    """Return the best literals of `least` bytes or more that every match needs, None when there are none."""
    exact = _exact(node)
    found = _candidates(node) + ([Required(tuple(sorted(exact.texts)), 0, exact.fold)] if exact else [])
    usable = [one for one in found if all(_is_useful(text, least) for text in one.literals)]
    return max(usable, key=_worth, default=None)


def _is_useful(text: bytes, least: int) -> bool:
    return len(text) >= least and len(set(text)) > 1 and text.isascii() and text.decode().isprintable()


def _worth(found: Required) -> tuple[int, int, int]:
    # near the start is cheaper to look back from; then fewer are better
    near = -1000 if found.offset is None else -found.offset
    return min(MAX_LENGTH, *map(len, found.literals)), near, -len(found.literals)


def _exact(node: Node) -> _Exact | None:
    """Return every text that a part matches, when they are few and short."""
    if node.kind == "byte":
        text = bytes(node.members)
        return _Exact(frozenset((text.lower() if node.fold else text,)), node.fold)
    if node.kind == "zero":
        return _Exact(frozenset((b"",)), fold=False)
    if node.kind == "set":
        folded = {bytes((code,)).lower() for code in node.members}
        is_fold = len(folded) == 1 and len(node.members) > 1
        if is_fold:
            return _Exact(frozenset(folded), fold=True)
        few = 0 < len(node.members) <= _MAX_SPELLINGS
        return _Exact(frozenset(bytes((code,)) for code in node.members), fold=False) if few else None
    inner = [_exact(part) for part in node.parts]
    if node.kind == "group":
        return inner[0]
    known = [one for one in inner if one is not None]
    if len(known) < len(inner):
        return None
    if node.kind == "repeat":
        if node.most is None or node.most > MAX_LENGTH:
            return None
        return _chosen([_chained([known[0]] * count) for count in range(node.least, node.most + 1)])
    return _chosen(known) if node.kind == "any" else _chained(known)


def _chosen(found: list[_Exact | None] | list[_Exact]) -> _Exact | None:
    texts: set[bytes] = set()
    fold = any(one is not None and one.fold for one in found)
    for one in found:
        if one is None:
            return None
        texts |= {text.lower() for text in one.texts} if fold else one.texts
    return _Exact(frozenset(texts), fold) if len(texts) <= MAX_LITERALS else None


def _chained(found: list[_Exact]) -> _Exact | None:
    fold = any(one.fold for one in found)
    texts = {b""}
    for one in found:
        texts = {a + b for a, b in product(texts, one.texts)}
        if len(texts) > MAX_LITERALS or any(len(text) > MAX_LENGTH for text in texts):
            return None
    return _Exact(frozenset(text.lower() for text in texts) if fold else frozenset(texts), fold)


def _candidates(node: Node) -> list[Required]:
    if node.kind == "group":
        return _of_part(node.parts[0])
    if node.kind == "repeat":
        return _of_part(node.parts[0]) if node.least else []
    if node.kind == "any":
        return _of_branches(node)
    return _of_sequence(node) if node.kind == "all" else []


def _of_part(part: Node) -> list[Required]:
    exact = _exact(part)
    return _candidates(part) + ([Required(tuple(sorted(exact.texts)), 0, exact.fold)] if exact else [])


def _of_branches(node: Node) -> list[Required]:
    """Every branch needs literals; those of all together are what the whole needs."""
    best: list[Required] = []
    for part in node.parts:
        one = required(part, 2)
        if one is None:
            return []
        best.append(one)
    fold = any(one.fold for one in best)
    texts = {text.lower() if fold else text for one in best for text in one.literals}
    offsets = [one.offset for one in best if one.offset is not None]
    offset = max(offsets) if len(offsets) == len(best) else None
    return [Required(tuple(sorted(texts)), offset, fold)] if len(texts) <= MAX_LITERALS else []


def _of_sequence(node: Node) -> list[Required]:
    """Runs of parts with known texts, and what single parts need."""
    found: list[Required] = []
    offset: int | None = 0
    run: list[_Exact] = []
    begin: int | None = 0
    for part in node.parts:
        for inner in _candidates(part):
            total = None if offset is None or inner.offset is None else offset + inner.offset
            found.append(inner._replace(offset=total))
        exact = _exact(part)
        longer = _chained([*run, exact]) if exact is not None else None
        if longer is not None and exact is not None:
            begin = begin if run else offset
            run.append(exact)
        else:
            found += _of_run(run, begin)
            run = [exact] if exact is not None else []
            begin = offset
        most = width(part)[1]
        offset = None if offset is None or most is None else offset + most
    return found + _of_run(run, begin)


def _of_run(run: list[_Exact], begin: int | None) -> list[Required]:
    whole = _chained(run) if run else None
    return [Required(tuple(sorted(whole.texts)), begin, whole.fold)] if whole is not None else []
