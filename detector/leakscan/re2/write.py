"""Writing the tree of a regex in Python's syntax, for bytes.

Not here: the tree (`tree`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Final

from .tree import ALL, Node

#: What is written with a backslash; in a class also what other engines read as set operators.
_SPECIAL: Final = "\\.^$*+?{}[]()|"
_SPECIAL_IN_CLASS: Final = "\\[]^-&~|"


def write(node: Node, secret: int | None = None) -> str:
    """Return the regex in Python's syntax.

    Args:
        node: the regex.
        secret: number of the only group that is to capture, 0 for none; None for all that do.

    """
    if node.kind == "byte":
        return f"(?i:{_shown(node)})" if node.fold else _shown(node)
    if node.kind == "set":
        return _written_class(node.members)
    if node.kind == "zero":
        return node.text
    if node.kind == "all":
        return _written_sequence(node.parts, secret)
    if node.kind == "any":
        return f"(?:{_branches(node, secret)})"
    if node.kind == "group":
        captures = node.number and secret in {None, node.number}
        return f"({'' if captures else '?:'}{_branches(node.parts[0], secret)})"
    inner = write(node.parts[0], secret)
    body = inner if node.parts[0].kind in {"byte", "set", "group"} else f"(?:{inner})"
    return body + _counts(node)


def _branches(node: Node, secret: int | None) -> str:
    """Write what stands in brackets anyway."""
    return "|".join(write(part, secret) for part in node.parts) if node.kind == "any" else write(node, secret)


def _written_sequence(parts: Iterable[Node], secret: int | None) -> str:
    """Write parts in turn; neighbours without case share their brackets."""
    text = ""
    for is_folded, run in groupby(parts, key=lambda part: part.kind == "byte" and part.fold):
        if is_folded:
            text += f"(?i:{''.join(map(_shown, run))})"
        else:
            text += "".join(write(part, secret) for part in run)
    return text


def _shown(node: Node) -> str:
    return _character(next(iter(node.members)), _SPECIAL)


def _counts(node: Node) -> str:
    signs = {(0, None): "*", (1, None): "+", (0, 1): "?"}
    most = "" if node.most is None else node.most
    counts = f"{{{node.least}}}" if node.least == node.most else f"{{{node.least},{most}}}"
    return signs.get((node.least, node.most), counts) + node.text


def _written_class(members: frozenset[int]) -> str:
    if members == ALL - {10}:
        return "."
    if members == ALL:
        return "(?s:.)"
    if not members:
        return "(?!)"
    is_negated = len(members) > len(ALL) // 2
    shown = "".join(_ranges(ALL - members if is_negated else members))
    return f"[^{shown}]" if is_negated else f"[{shown}]"


def _ranges(members: frozenset[int]) -> Iterator[str]:
    codes = sorted(members)
    start = 0
    for place, code in enumerate(codes):
        if place + 1 < len(codes) and codes[place + 1] == code + 1:
            continue
        first = codes[start]
        text = _character(first, _SPECIAL_IN_CLASS)
        if code > first:
            text += ("-" if code > first + 1 else "") + _character(code, _SPECIAL_IN_CLASS)
        yield text
        start = place + 1


def _character(code: int, special: str) -> str:
    if not 0x20 <= code < 0x7F:  # noqa: PLR2004 - printable ASCII
        return f"\\x{code:02x}"
    return f"\\{chr(code)}" if chr(code) in special else chr(code)
