"""The matcher: from a keyword that the prefilter saw to a token, with the shared boundaries.

Not here: what a token looks like (`rules`), whether it is real (`judge`).
"""

from __future__ import annotations

from functools import cache
from typing import Final

import regex

from .boundary import Buffer, ends, starts
from .errors import RuleError
from .rules import Rule

Span = tuple[int, int]

#: Seconds for one regex at one place. The shipped ones take microseconds; a user's may backtrack.
TIMEOUT: Final = 1.0
#: Keywords up to this length stand in many words, and those of letters up to twice it are words: what
#: must follow them is looked for with them.
_SHORT: Final = 4
#: Bytes of what follows that are looked for.
_GUARD: Final = 8
_CLASS: Final = regex.compile(r"(\[[^\]\\^\[]+\])\{(\d+)[,}]")


@cache
def compiled(pattern: str) -> regex.Pattern[bytes]:
    """Compile a rule's regex for bytes; ASCII classes only. Kept, since rules are few and reused."""
    return regex.compile(pattern.encode(), regex.ASCII)


def guard(rule: Rule, keyword: bytes) -> tuple[bytes, int]:
    """Return what the prefilter may look for instead of a short keyword alone, and by how much it is longer.

    Only where the rule's regex says it in so many words (the keyword, then a repeated class), so that
    nothing is lost; otherwise an empty pattern and 0. A keyword in any case needs a pattern to say so.
    """
    if rule.folded:
        return b"(?i:" + regex.escape(keyword, special_only=True) + b")", 0
    text = regex.escape(keyword.decode(), special_only=True)
    is_word = keyword[:-1].isalpha() and keyword.islower() and len(keyword) <= 2 * _SHORT
    if not (len(keyword) <= _SHORT or is_word) or rule.lookback or not rule.regex.startswith(text):
        return b"", 0
    follows = _CLASS.match(rule.regex, len(text))
    if follows is None:
        return b"", 0
    size = min(int(follows[2]), _GUARD)
    # an escape may stand for any of the characters
    return f"{text}[%\\\\&{follows[1][1:]}{{{size}}}".encode(), size


def find_token(rule: Rule, data: Buffer, keyword: int, low: int, high: int) -> Span | None:
    """Find the rule's token around a keyword.

    Args:
        rule: a rule with a regex.
        data: the buffer.
        keyword: where one of the rule's keywords starts, index in `data`.
        low: start of the line, or as far back as may be looked.
        high: end of the line, or as far as may be looked.

    Returns:
        The span of the secret in `data` (the first group that took part, else the match), or None.

    Raises:
        RuleError: the regex backtracks without end.

    """
    pattern = compiled(rule.regex)
    # the watch costs 1.5 us a match, six times the match itself
    timeout = None if rule.trusted else TIMEOUT
    try:
        return _search(pattern, rule, data, keyword, low, high, timeout)
    except TimeoutError:
        reason = f"regex takes over {TIMEOUT:g} s on one line: it backtracks, rewrite it"
        raise RuleError(rule.source, rule.id, reason) from None


def _search(
    pattern: regex.Pattern[bytes],
    rule: Rule,
    data: Buffer,
    keyword: int,
    low: int,
    high: int,
    timeout: float | None,
) -> Span | None:
    if not rule.lookback:
        return _bounded(pattern.match(data, keyword, high, timeout=timeout), rule, data, low, high)
    position = max(low, keyword - rule.lookback)
    while position <= keyword:
        match = pattern.search(data, position, high, timeout=timeout)
        if match is None or match.start() > keyword:
            return None
        if match.end() > keyword:
            span = _bounded(match, rule, data, low, high)
            if span is not None:
                return span
        position = match.start() + 1
    return None


def _bounded(match: regex.Match[bytes] | None, rule: Rule, data: Buffer, low: int, high: int) -> Span | None:
    if match is None:
        return None
    start, end = match.span()
    if rule.bounded and not (starts(data, low, start) and ends(data, end, high)):
        return None
    for group in range(1, match.re.groups + 1):
        span = match.span(group)
        if span[0] < span[1]:  # the first that took part
            return span
    return start, end
