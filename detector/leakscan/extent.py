"""Extents: where a value ends: at its own kind of quote and escape level, or where the syntax around it says.

Not here: where a value begins (`keyed`), whether it is a secret (`values`).
"""

from __future__ import annotations

from typing import Final

import regex

from .boundary import Buffer

_BACKSLASH: Final = 0x5C
_SEMICOLON: Final = 0x3B
#: A bare value: up to white space, a quote or an escape, or a delimiter that the next pair follows.
_BARE: Final = regex.compile(
    rb"""(?:[^\s"'<>`\\,;&)\]}\x00-\x1f]++"""
    rb"""|[,&](?![ \t]*["']?[A-Za-z_][\w.\-]{0,40}["']?\s*[=:])(?![\s"'\\,;&)\]}]|$)"""
    rb"""|;(?![ \t]*[A-Za-z_][\w.\- ]{0,40}\s*=)(?![\s"'\\,;&)\]}]|$)"""
    rb"""|[)\]}](?=[\w!@#$%^*+?/~-])"""
    rb"""|'(?=\w)|[<>](?![/\s]|$)|`(?=\w)"""
    rb"""|\\(?![abfnrtuvx0"'\\/]|$))+"""
)
_BARE_QUERY: Final = regex.compile(rb"""[^\s"'<>&#\\`\x00-\x1f)\]}]+""")
_BARE_SEMICOLON: Final = regex.compile(rb"""[^\s"'<>;\\`\x00-\x1f]+""")
_BARE_ENCODED: Final = regex.compile(
    rb"""(?:[^\s"'<>&#\\`%\x00-\x1f]|%(?!2[26]|0[AaDd]|5[Dd]|7[Dd])[0-9A-Fa-f]{2})+"""
)
_ARGUMENT: Final = regex.compile(rb"""[^\s"']+""")


def close(data: Buffer, first: int, high: int, closer: bytes) -> int:
    """Return where a quoted value ends: at its own kind of quote, at its own escape level.

    A quote of level n has 2^n - 1 backslashes before it, and so has any backslash inside one level
    more; a quote with fewer ends a string around the value.
    """
    quote = closer[-1:]
    if quote not in b"\"'`":
        stop = data.find(closer, first, high)
        return stop if stop >= 0 else _unclosed(data, first, high)
    level = len(closer) - 1
    position = data.find(quote, first, high)
    while position >= 0:
        slashes = 0
        while position - slashes > first and data[position - slashes - 1] == _BACKSLASH:
            slashes += 1
        if slashes < level:
            return position - slashes
        if (slashes - level) % (2 * (level + 1)) == 0:
            return position - level
        position = data.find(quote, position + 1, high)
    return _unclosed(data, first, high)


def _unclosed(data: Buffer, first: int, high: int) -> int:
    """Return where a value ends whose closing quote was cut off: at white space or the line's end."""
    match = _BARE.match(data, first, high)
    return match.end() if match else first


def bare(data: Buffer, first: int, high: int, before: int, separator: bytes) -> int:
    """Return where a value without quotes ends; what stands before its key tells the shape around."""
    if separator[:1] == b"%":
        pattern = _BARE_ENCODED
    elif before in b"?&" and separator == b"=":
        pattern = _BARE_QUERY
    elif before == _SEMICOLON and separator == b"=":
        pattern = _BARE_SEMICOLON
    else:
        pattern = _BARE
    match = pattern.match(data, first, high)
    if match is None:
        return first
    stop = match.end()
    while stop > first and data[stop - 1] in b",;:." and (stop == high or data[stop] in b" \t\r\n\"'\\"):
        stop -= 1
    return stop


def argument_span(data: Buffer, first: int, high: int) -> regex.Match[bytes] | None:
    """Match a bare argument of a command: up to white space or a quote."""
    return _ARGUMENT.match(data, first, high)


def argument(data: Buffer, first: int, high: int, quote: bytes | None) -> int:
    """Return where an argument of a command ends."""
    if quote:
        return close(data, first, high, bytes(quote))
    match = _BARE.match(data, first, high)
    return match.end() if match else first
