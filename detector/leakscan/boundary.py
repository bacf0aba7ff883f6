r"""Boundaries: where a token may start and end in a log line. One piece of code for every rule.

In logs a token follows `\n`, `\"`, `%3D`, `\u0026` or a colour as often as a space, so "not a letter
or digit before it" is wrong there: the byte before is the last one of an escape. What is a letter in
`\nghp_...` belongs to the escape, not to a longer word.

Not here: what a token is (`rules`), where a keyed value ends (`keyed`).

>>> starts(b"a%3Dghp_x", 0, 4), starts(b"abcghp_x", 0, 3)
(True, False)
"""

from __future__ import annotations

from typing import Final

import regex

Buffer = bytes | bytearray

_ALNUM: Final = frozenset(b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")
#: The end of an escape that ends in a letter or digit, read backwards from the token: JSON and C
#: escapes, percent escapes (also doubly encoded), an ANSI colour with or without its ESC byte.
_ESCAPE_END: Final = regex.compile(
    rb"(?r)(?:\\[abfnrtv0]|%(?:25)?[0-9A-Fa-f]{2}|\\x[0-9A-Fa-f]{2}|\\u[0-9A-Fa-f]{4}"
    rb"|\\U[0-9A-Fa-f]{8}|\\[0-3][0-7]{2}|\[[0-9;]{0,12}[mK])"
)
#: Longest escape above.
_ESCAPE_MAX: Final = 16


def starts(data: Buffer, low: int, start: int) -> bool:
    """Tell whether a token may start at `start`; bytes before `low` are not there."""
    if start <= low or data[start - 1] not in _ALNUM:
        return True
    floor = max(low, start - _ESCAPE_MAX)
    before = data[floor:start]
    # every escape holds one of these; the middle of a word, as most candidates are, holds none
    if b"\\" not in before and b"%" not in before and b"[" not in before:
        return False
    return _ESCAPE_END.match(data, floor, start) is not None


def ends(data: Buffer, end: int, high: int) -> bool:
    """Tell whether a token may end before `end`; bytes from `high` on are not there.

    An escape begins with a byte that is no letter or digit, so it needs no look of its own.
    """
    return end >= high or data[end] not in _ALNUM
