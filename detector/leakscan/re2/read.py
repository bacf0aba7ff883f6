"""Reading a regex in Go's syntax into a tree.

Not here: the tree (`tree`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final

from .tree import ALL, Node

#: Go's own limit of a repeat.
MAX_REPEAT: Final = 1000
#: Groups in groups; deeper ones are no regex of a rule.
MAX_DEPTH: Final = 100

_REPEAT: Final = re.compile(r"\{(\d+)(?:(,)(\d*))?\}")
_FLAGS: Final = re.compile(r"\(\?([imsU]*)(?:-([imsU]+))?([:)])")
_NAME: Final = re.compile(r"\(\?P?<(\w+)>")
_BYTE: Final = re.compile(r"\\(?:x([0-9A-Fa-f]{2})|x\{([0-9A-Fa-f]{1,8})\}|([0-7]{3}))")
_POSIX: Final = re.compile(r"\[:(\^?)(\w+):\]")
_CONTROLS: Final = {"a": 7, "f": 12, "t": 9, "n": 10, "r": 13, "v": 11}


def _span(*ranges: str) -> frozenset[int]:
    return frozenset(code for ends in ranges for code in range(ord(ends[0]), ord(ends[1]) + 1))


_DIGITS: Final = _span("09")
_LETTERS: Final = _span("az", "AZ")
_WORD: Final = _DIGITS | _LETTERS | {0x5F}
_SPACE: Final = frozenset(b"\t\n\f\r ")
_PERL: Final = {
    "d": _DIGITS,
    "w": _WORD,
    "s": _SPACE,
    "D": ALL - _DIGITS,
    "W": ALL - _WORD,
    "S": ALL - _SPACE,
}
_CLASSES: Final = {
    "alnum": _DIGITS | _LETTERS,
    "alpha": _LETTERS,
    "ascii": frozenset(range(128)),
    "blank": frozenset(b"\t "),
    "cntrl": frozenset(range(32)) | {127},
    "digit": _DIGITS,
    "graph": _span("!~"),
    "lower": _span("az"),
    "print": _span(" ~"),
    "punct": _span("!/", ":@", "[`", "{~"),
    "space": _SPACE | {11},
    "upper": _span("AZ"),
    "word": _WORD,
    "xdigit": _DIGITS | _span("af", "AF"),
}


class SyntaxRefused(ValueError):  # noqa: N818 - it says what happened to the regex
    """A regex cannot be read or has no counterpart here; the message says where and why."""


@dataclass(slots=True)
class _Reader:
    """Where the reading of a regex is, and the flags that hold there."""

    source: str
    position: int = 0
    groups: int = 0
    depth: int = 0
    flags: frozenset[str] = field(default_factory=frozenset)

    def peek(self, text: str) -> bool:
        return self.source.startswith(text, self.position)

    def refuse(self, reason: str) -> SyntaxRefused:
        return SyntaxRefused(f"{reason} at character {self.position + 1}")


def parse(source: str) -> Node:
    """Read a regex.

    Raises:
        SyntaxRefused: it is wrong, or has no counterpart here.

    """
    reader = _Reader(source)
    node = _alternatives(reader)
    if reader.position < len(source):
        raise reader.refuse("a ) too many")
    return node


def _alternatives(reader: _Reader) -> Node:
    """Read up to the end of the group; flags that begin in it end with it."""
    reader.depth += 1
    if reader.depth > MAX_DEPTH:
        raise reader.refuse("too many groups in groups")
    flags = reader.flags
    branches = [_sequence(reader)]
    while reader.peek("|"):
        reader.position += 1
        branches.append(_sequence(reader))
    reader.flags = flags
    reader.depth -= 1
    return branches[0] if len(branches) == 1 else Node("any", parts=tuple(branches))


def _sequence(reader: _Reader) -> Node:
    parts: list[Node] = []
    while reader.position < len(reader.source) and not reader.peek("|") and not reader.peek(")"):
        parts += _item(reader, parts)
    return parts[0] if len(parts) == 1 else Node("all", parts=tuple(parts))


def _item(reader: _Reader, before: list[Node]) -> list[Node]:
    """Read one item; a repeat takes the last of `before` back."""
    source, position = reader.source, reader.position
    sign = source[position]
    repeat = _REPEAT.match(source, position)
    if sign in "*+?" or repeat is not None:
        return [_repeat(reader, before, repeat)]
    if sign == "(":
        return _group(reader)
    if sign == "[":
        return [_class(reader)]
    if sign == "\\":
        return _escape(reader)
    reader.position += 1
    if sign == ".":
        return [Node("set", ALL if "s" in reader.flags else ALL - {10})]
    if sign in "^$":
        return [Node("zero", text=f"(?m:{sign})")]
    return [_text(sign.encode(), reader)]


def _repeat(reader: _Reader, before: list[Node], counts: re.Match[str] | None) -> Node:
    if not before or before[-1].kind == "zero":
        raise reader.refuse("nothing to repeat")
    if before[-1].kind == "repeat" and not before[-1].number:
        raise reader.refuse("a repeat of a repeat")
    if counts is None:
        sign = reader.source[reader.position]
        least, most = (1 if sign == "+" else 0), (1 if sign == "?" else None)
        reader.position += 1
    else:
        least = int(counts[1])
        most = least if counts[2] is None else int(counts[3]) if counts[3] else None
        if max(least, most or 0) > MAX_REPEAT or (most is not None and most < least):
            raise reader.refuse("a repeat count out of bounds")
        reader.position = counts.end()
    is_lazy = reader.peek("?")
    reader.position += is_lazy
    return Node("repeat", parts=(before.pop(),), least=least, most=most, text="?" if is_lazy else "")


def _group(reader: _Reader) -> list[Node]:
    source, position = reader.source, reader.position
    flags = _FLAGS.match(source, position)
    name = _NAME.match(source, position)
    number = 0
    if flags is not None:
        if "U" in flags[1] + (flags[2] or ""):
            raise reader.refuse("the flag U has no counterpart here")
        changed = (reader.flags | set(flags[1])) - set(flags[2] or "")
        reader.position = flags.end()
        if flags[3] == ")":
            reader.flags = changed
            return []
        outer, reader.flags = reader.flags, changed
        inner = _alternatives(reader)
        reader.flags = outer
    else:
        if name is None and reader.peek("(?"):
            raise reader.refuse("a group of a kind that Go does not know")
        reader.position = name.end() if name else position + 1
        reader.groups += 1
        number = reader.groups
        inner = _alternatives(reader)
    if not reader.peek(")"):
        raise reader.refuse("a ) too few")
    reader.position += 1
    return [Node("group", parts=(inner,), number=number)]


def _escape(reader: _Reader) -> list[Node]:
    source, position = reader.source, reader.position
    sign = source[position + 1 : position + 2]
    if sign == "Q":
        end = source.find("\\E", position + 2)
        text = source[position + 2 : end if end >= 0 else len(source)]
        reader.position = len(source) if end < 0 else end + 2
        return [_text(character.encode(), reader) for character in text]
    if sign in {"A", "z", "b", "B"}:
        reader.position += 2
        return [Node("zero", text={"A": "(?m:^)", "z": "(?m:$)"}.get(sign, f"\\{sign}"))]
    if sign in _PERL:
        reader.position += 2
        return [Node("set", _PERL[sign])]
    return [_text(_escaped(reader), reader)]


def _escaped(reader: _Reader) -> bytes:
    """Read an escape that stands for a character; return its UTF-8 bytes."""
    source, position = reader.source, reader.position
    number = _BYTE.match(source, position)
    if number is not None:
        reader.position = number.end()
        code = int(number[1] or number[2], 16) if number[3] is None else int(number[3], 8)
        if code > 0x10FFFF or 0xD800 <= code < 0xE000:  # noqa: PLR2004 - Unicode's end, surrogates
            raise reader.refuse("no character has this number")
        return chr(code).encode()
    sign = source[position + 1 : position + 2]
    if sign in _CONTROLS:
        reader.position += 2
        return bytes((_CONTROLS[sign],))
    if not sign or sign.isalnum() or not sign.isascii():
        raise reader.refuse(f"the escape \\{sign} has no counterpart here")
    reader.position += 2
    return sign.encode()


def _text(character: bytes, reader: _Reader) -> Node:
    """Return a character, which is one thing to repeat also when it has several bytes."""
    if len(character) == 1:
        return _byte(character[0], reader)
    return Node("group", parts=(Node("all", parts=tuple(_byte(code, reader) for code in character)),))


def _byte(code: int, reader: _Reader) -> Node:
    return Node("byte", frozenset((code,)), "i" in reader.flags and code in _LETTERS)


def _class(reader: _Reader) -> Node:
    source = reader.source
    reader.position += 1
    is_negated = reader.peek("^")
    reader.position += is_negated
    members: set[int] = set()
    is_first = True
    while is_first or not reader.peek("]"):
        is_first = False
        if reader.position >= len(source):
            raise reader.refuse("a ] too few")
        posix = _POSIX.match(source, reader.position)
        if posix is not None and posix[2] in _CLASSES:
            reader.position = posix.end()
            members |= ALL - _CLASSES[posix[2]] if posix[1] else _CLASSES[posix[2]]
            continue
        if reader.peek("\\") and source[reader.position + 1 : reader.position + 2] in _PERL:
            members |= _PERL[source[reader.position + 1]]
            reader.position += 2
            continue
        first = _member(reader)
        last = first
        if reader.peek("-") and source[reader.position + 1 : reader.position + 2] not in {"", "]"}:
            reader.position += 1
            last = _member(reader)
        if last < first:
            raise reader.refuse("a range from high to low")
        members |= set(range(first, last + 1))
    reader.position += 1
    if "i" in reader.flags:
        letters = members & _LETTERS
        members |= {code ^ 0x20 for code in letters}
    return Node("set", frozenset(ALL - members if is_negated else members))


def _member(reader: _Reader) -> int:
    if reader.peek("\\"):
        code = _escaped(reader)
    else:
        code = reader.source[reader.position].encode()
        reader.position += 1
    if len(code) > 1:
        raise reader.refuse("a class may hold ASCII only: logs are matched as bytes, here")
    return code[0]
