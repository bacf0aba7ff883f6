"""What is found in one string of a record: as text, by its name, and in the JSON that it holds.

Logs hold JSON in strings in JSON, escaped once for each level. Every level is read, and what is found
in it is given as a span of the outermost string, so that nothing but the secret is replaced.

Not here: the records around the string (`records`).
"""

from __future__ import annotations

import re
from bisect import bisect_right
from typing import TYPE_CHECKING, Final, NamedTuple

from .jsontext import Members, Number, Text, Unescaped, Value, parse, unescape
from .lines import WINDOW, Block, Slices
from .siblings import Name, Names, of_items, of_members

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .resolve import Match
    from .scanner import Scanner

#: Levels of JSON in strings in JSON that are entered; deeper ones are scanned as text. Each level
#: doubles the backslashes, so the eighth has 127 before a quote.
MAX_NESTED: Final = 8
#: Longer strings are not searched for JSON, only scanned as text.
MAX_JSON: Final = 1 << 18
#: Places in one string where JSON may begin that are tried.
MAX_STARTS: Final = 16
#: Where a JSON object or array of strings or objects begins, perhaps with its quotes escaped.
START: Final = re.compile(rb'[\[{]\s*+(?:["\[{]|(\\+)")')


def find(scanner: Scanner, data: bytes, name: Name) -> list[Match]:
    """Return the disjoint matches in a string; positions are in `data`.

    Args:
        scanner: the scanner.
        data: the string's bytes.
        name: the name of the string, if it is that of a secret.

    """
    found = _find(scanner, data, name, 0)
    return scanner.settle(found, data) if found else []


def _find(scanner: Scanner, data: bytes, name: Name, nested: int) -> list[Match]:
    found = list(_as_text(scanner, data))
    if name is not None:
        found += scanner.keyed_value(name, data)
    if nested < MAX_NESTED and len(data) <= MAX_JSON:
        position = 0
        for _ in range(MAX_STARTS):
            start = START.search(data, position)
            if start is None:
                break
            position = start.start() + 1
            try:
                if start[1]:
                    position = _enter_escaped(scanner, data, start.start(), found, nested)
                else:
                    position = _enter(scanner, data, start.start(), found, nested)
            except ValueError:
                continue
    return found


def _as_text(scanner: Scanner, data: bytes) -> Iterator[Match]:
    if len(data) < WINDOW:
        yield from scanner.unresolved(Block(data, 0, len(data), 0, len(data), 0, 0, final=True))[0]
        return
    slices = Slices(data)
    for block in slices:
        found, held = scanner.unresolved(block)
        if held < block.end:
            slices.hold(block.end - held)
        yield from found


def _enter(scanner: Scanner, data: bytes, start: int, found: list[Match], nested: int) -> int:
    """Add what the JSON at `start` holds to `found`; return where it ends."""
    value, end = parse(data, start)
    document = _Document(scanner, data, nested, [])
    inside = list(_in_value(document, value, None))
    # as text, a value may seem to go on after its string; quotes and brackets are never secret
    document.leaves.sort()
    found[:] = [clipped for match in found if (clipped := _clip(match, start, end, document.leaves))]
    found += inside
    return end


def _enter_escaped(scanner: Scanner, data: bytes, start: int, found: list[Match], nested: int) -> int:
    """As `_enter`, for JSON whose quotes are escaped without quotes around the whole."""
    text = unescape(data[start:])
    inside: list[Match] = []
    opening = START.match(text.data)
    if opening is not None and opening[1] and nested < MAX_NESTED:
        end = _enter_escaped(scanner, text.data, 0, inside, nested + 1)
    else:
        _, end = parse(text.data, 0)
        inside += _as_text(scanner, text.data[:end])
        _enter(scanner, text.data, 0, inside, nested + 1)
    stop = start + text.source(end)
    found[:] = [match for match in found if not start <= match.start < stop]
    found += _moved(inside, text, start)
    return stop


class _Document(NamedTuple):
    """JSON in a string that is being read.

    Attributes:
        scanner: the scanner.
        data: the string.
        nested: how many strings it stands in.
        leaves: the spans of strings and numbers so far, and whether they were scanned by themselves.

    """

    scanner: Scanner
    data: bytes
    nested: int
    leaves: list[tuple[int, int, bool]]


def _in_value(document: _Document, value: Value, name: Names) -> Iterator[Match]:
    if isinstance(value, Text):
        yield from _in_text(document, value, name)
    elif isinstance(value, Number):
        yield from _in_number(document, value, name)
    elif isinstance(value, Members):
        names = of_members(value.members, name)
        for (key, member), its in zip(value.members, names, strict=True):
            yield from _in_text(document, key, None)
            yield from _in_value(document, member, its)
    else:
        for item, its in zip(value, of_items(value, name), strict=True):
            yield from _in_value(document, item, its)


def _in_text(document: _Document, text: Text, name: Names) -> Iterator[Match]:
    scanner, data, nested, leaves = document
    start, end = text.span
    raw = data[start:end]
    its = name if isinstance(name, bytes) else None
    apart = its is not None or any(mark in raw for mark in (b"\\", b"{", b"["))
    leaves.append((start, end, apart))
    if b"\\" in raw:
        plain = unescape(raw)
        yield from _moved(_find(scanner, plain.data, its, nested + 1), plain, start)
    elif apart:  # else it was scanned as a part of the text around
        for match in _find(scanner, raw, its, nested + 1):
            parts = tuple((start + a, start + b) for a, b in match.parts)
            yield match._replace(start=start + match.start, end=start + match.end, parts=parts)


def _in_number(document: _Document, number: Number, name: Names) -> Iterator[Match]:
    start, end = number.span
    document.leaves.append((start, end, False))
    digits = document.data[start:end]
    before = document.data[max(0, start - 16) : start].rstrip()
    # a label must be put in quotes, and only after a colon is it known which
    if isinstance(name, bytes) and digits.isdigit() and before.endswith(b'":'):
        for match in document.scanner.keyed_value(name, digits):
            yield match._replace(start=start, end=end)


def _moved(found: list[Match], text: Unescaped, start: int) -> Iterator[Match]:
    """Give matches in a string without escapes as matches in the text that it came from."""
    for match in found:
        spans = match.parts or ((match.start, match.end),)
        secret = match.secret or b"".join(text.data[a:b] for a, b in spans)
        yield match._replace(
            start=start + text.source(match.start),
            end=start + text.source(match.end),
            parts=tuple((start + text.source(a), start + text.source(b)) for a, b in match.parts),
            secret=secret,
        )


def _clip(match: Match, start: int, end: int, leaves: list[tuple[int, int, bool]]) -> Match | None:
    """Cut a match in the text of JSON to the string or number it starts in.

    None if it starts between them, or in one that was scanned by itself, which knows more.
    """
    if not start <= match.start < end:
        return match
    place = bisect_right(leaves, (match.start, end + 1)) - 1
    if place < 0 or match.start >= leaves[place][1] or leaves[place][2]:
        return None
    if match.end <= leaves[place][1] or match.parts:
        return match
    return match._replace(end=leaves[place][1], secret=b"")
