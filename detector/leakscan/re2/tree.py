"""The tree of a regex, and what can be said of it: how long its matches are, whether it is anchored.

Not here: reading one (`read`), writing one (`write`), the literals it needs (`literals`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

#: Every value of a byte.
ALL: Final = frozenset(range(256))


@dataclass(frozen=True, slots=True)
class Node:
    """A part of a regex.

    Attributes:
        kind: `byte` and `set` (one byte of `members`), `zero` (an assertion, written as `text`), `all`
            (each of `parts` in turn), `any` (one of them), `repeat` (of the one in `parts`), `group`.
        members: byte values.
        fold: case does not matter.
        text: of an assertion; of a repeat its ending, `?` when it takes as little as possible.
        parts: what is inside.
        least: repeats at least.
        most: repeats at most, None for without end.
        number: of a capturing group, 0 for others.

    """

    kind: str
    members: frozenset[int] = frozenset()
    fold: bool = False
    text: str = ""
    parts: tuple[Node, ...] = ()
    least: int = 1
    most: int | None = 1
    number: int = 0


def width(node: Node) -> tuple[int, int | None]:
    """Return how many bytes a match has at least and at most, None for without end."""
    if node.kind in {"byte", "set"}:
        return 1, 1
    if node.kind == "zero":
        return 0, 0
    sizes = [width(part) for part in node.parts]
    mosts = [most for _, most in sizes if most is not None]
    is_endless = len(mosts) < len(sizes)
    if node.kind == "any":
        return min(least for least, _ in sizes), None if is_endless else max(mosts)
    if node.kind == "repeat":
        most = None if node.most is None or is_endless else mosts[0] * node.most
        return sizes[0][0] * node.least, most
    return sum(least for least, _ in sizes), None if is_endless else sum(mosts)


def is_anchored(node: Node) -> bool:
    """Tell whether a regex says itself that it goes for a text from its start to its end."""
    if node.kind == "any":
        return all(is_anchored(part) for part in node.parts)
    if node.kind == "group":
        return is_anchored(node.parts[0])
    return node.kind == "all" and node.parts[0].text == "(?m:^)" and node.parts[-1].text == "(?m:$)"
