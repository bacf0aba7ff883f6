r"""Rows of SQL, as in `INSERT .. VALUES ('a', 1), ('b', 2)`, and what an `INSERT .. SELECT` says.

A row is read as a record of its columns. Only string literals and numbers that held a secret are written
again, so it stays SQL; a number becomes 0. What is no literal, such as a comment, is text.
From https://clickhouse.com/docs/sql-reference/syntax.

Not here: where the rows begin in a statement (`sidecar.detect`), other formats of rows (`clickhouse`).

>>> [_value(group) for group in _groups(b"('it''s', -7, ['a\\tb'], now()), ('x')")]
[["it's", -7, ['a\tb'], [[]]], ['x']]
"""

from __future__ import annotations

import re
from bisect import bisect_left
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from leakscan.redact import UnscannableError

from . import plain
from .delimited import as_record, tells

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from .redaction import Redaction, Tally

#: What is never closed ends with the text: to try again at each quote would take the square of its length.
_TOKEN: Final = re.compile(
    rb"(?P<string>'(?:[^'\\]|\\.|'')*+(?:'|\Z))|(?P<number>-?[0-9][0-9A-Za-z_.]*+)"
    rb"|(?P<open>[(\[{])|(?P<close>[)\]}])|(?P<comma>,)"
    rb"|(?P<skipped>[A-Za-z_][0-9A-Za-z_.]*+|`[^`]*+`|\"[^\"]*+\"|--[^\n]*+|/\*(?:.*?\*/|.*))"
    rb"|(?P<heredoc>\$(\w*+)\$(?:.*?\$\8\$|.*))",
    re.DOTALL,
)
_ESCAPE: Final = re.compile(rb"\\(x[0-9A-Fa-f]{2}|.)|''", re.DOTALL)
_ESCAPES: Final = {
    b"t": b"\t", b"n": b"\n", b"r": b"\r", b"b": b"\b", b"f": b"\f", b"0": b"\0", b"a": b"\a", b"v": b"\v",
}  # fmt: skip
_UNSAFE: Final = re.compile(rb"[\\']")
_MAX_DIGITS: Final = 20


@dataclass(frozen=True, slots=True)
class _Literal:
    """A string or an integer, and where it stands."""

    start: int
    end: int
    value: str | int


@dataclass(frozen=True, slots=True)
class _Group:
    """A row, an array, or the arguments of a function, and where it stands."""

    start: int
    end: int
    items: list[_Literal | _Group | list[Any]]


def rewrite(rows: bytes, redaction: Redaction, tally: Tally, columns: Sequence[str] = ()) -> bytes:
    """Return rows without their secrets; the same object if they have none.

    Raises:
        UnscannableError: a part could not be scanned and the policy is to block.

    """
    spots = redaction.spots(rows)
    # a name in single quotes beside its value is no spot
    if spots or tells(columns) or b"['" in rows:
        puts: list[tuple[int, int, bytes]] = []
        for group in _groups(rows):
            place = bisect_left(spots, group.start)
            is_spot = place < len(spots) and spots[place] < group.end
            if is_spot or tells(columns) or rows.find(b"['", group.start, group.end) >= 0:
                puts += _changes(group, columns, redaction, tally)
        rows = _spliced(rows, puts)
    return plain.rewrite(rows, redaction, tally)


def rewrite_select(text: bytes, redaction: Redaction, tally: Tally, columns: Sequence[str] = ()) -> bytes:
    """Return what follows `SELECT` without the secrets in its literals; the same object if it has none.

    Raises:
        UnscannableError: a part could not be scanned and the policy is to block.

    """
    row = b"(" + text + b")"
    changed = rewrite(row, redaction, tally, columns)
    return text if changed is row else changed[1:-1]


def quoted(text: str) -> bytes:
    r"""Return a string literal.

    >>> quoted("it's")
    b"'it\\'s'"
    """
    escaped = _UNSAFE.sub(rb"\\\g<0>", text.encode("utf-8", "surrogateescape"))
    # a line end that was escaped stays so: rows are counted by lines on the way
    return b"'" + escaped.replace(b"\n", rb"\n") + b"'"


def _groups(text: bytes) -> Iterator[_Group]:
    """Give the groups at the top: the rows. One that is never closed ends with the text."""
    opened: list[tuple[int, list[list[Any]]]] = []
    for match in _TOKEN.finditer(text):
        kind = match.lastgroup
        if kind == "open":
            opened.append((match.start(), [[]]))
        elif not opened:
            continue
        elif kind == "comma":
            opened[-1][1].append([])
        elif kind == "close":
            start, cells = opened.pop()
            group = _Group(start, match.end(), [_one(cell) for cell in cells])
            if opened:
                opened[-1][1][-1].append(group)
            else:
                yield group
        else:
            value = _literal(kind, match[0])
            if value is not None:
                opened[-1][1][-1].append(_Literal(match.start(), match.end(), value))
    if opened:
        yield _Group(opened[0][0], len(text), [_one(cell) for _, cells in opened for cell in cells])


def _one(cell: list[Any]) -> Any:
    """Return what a cell holds: a literal, a group, or a list of what an expression is made of."""
    return cell[0] if len(cell) == 1 else cell


def _value(node: _Literal | _Group | list[Any]) -> Any:
    if isinstance(node, _Literal):
        return node.value
    return [_value(item) for item in (node.items if isinstance(node, _Group) else node)]


def _changes(
    group: _Group, columns: Sequence[str], redaction: Redaction, tally: Tally
) -> list[tuple[int, int, bytes]]:
    """Return what has to be put where in a row."""
    values = [_value(item) for item in group.items]
    record = as_record(values, columns)
    redacted = redaction.record(record, tally)
    if redacted is record:
        return []
    if not isinstance(redacted, dict):
        raise UnscannableError("record")
    puts: list[tuple[int, int, bytes]] = []
    for node, old, new in zip(group.items, values, redacted.values(), strict=True):
        _put(node, old, new, puts)
    return puts


def _put(node: Any, old: Any, new: Any, puts: list[tuple[int, int, bytes]]) -> None:
    if new is old:
        return
    if isinstance(node, _Literal):
        puts.append((node.start, node.end, quoted(new) if isinstance(old, str) else b"0"))
    elif isinstance(new, list):
        items = node.items if isinstance(node, _Group) else node
        for item, before, after in zip(items, old, new, strict=True):
            _put(item, before, after, puts)
    elif isinstance(node, _Group):
        puts.append((node.start, node.end, quoted(str(new))))
    else:
        raise UnscannableError("record")


def _spliced(text: bytes, puts: list[tuple[int, int, bytes]]) -> bytes:
    if not puts:
        return text
    pieces: list[bytes] = []
    position = 0
    for start, end, put in sorted(puts):
        pieces += text[position:start], put
        position = end
    return b"".join([*pieces, text[position:]])


def _literal(kind: str | None, token: bytes) -> str | int | None:
    """Return what a literal says, None for what is none or says nothing."""
    if kind == "string":
        return _unquoted(token)
    if kind == "heredoc":
        mark = token[: token.index(b"$", 1) + 1]
        return token.removeprefix(mark).removesuffix(mark).decode("utf-8", "surrogateescape")
    is_integer = kind == "number" and len(token) <= _MAX_DIGITS and token.removeprefix(b"-").isdigit()
    return int(token) if is_integer else None


def _unquoted(literal: bytes) -> str:
    def plain_byte(match: re.Match[bytes]) -> bytes:
        name = match[1]
        if name is None:
            return b"'"
        return bytes.fromhex(name[1:].decode()) if len(name) > 1 else _ESCAPES.get(name, name)

    return _ESCAPE.sub(plain_byte, literal[1:-1]).decode("utf-8", "surrogateescape")
