"""Targets: what each of the prefilter's anchors leads to, and the matches that are found there.

An anchor leads to rules (a keyword), to a shape of the keyed grammar, to a private key, or to a run of
base64. Verdicts are kept by rule and secret, since one leaked token stands in a log 100,000 times.

Not here: running the prefilter and resolving overlaps (`scanner`).
"""

from __future__ import annotations

import hashlib
from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import cache
from types import ModuleType
from typing import Final, Literal, NamedTuple

from . import pem, personal
from .anchors import KEYED_ANCHORS, VALUE_SIZE, Form
from .boundary import Buffer, starts
from .decode import base64_literals, base64_run, base64_texts, escaped_literals, has_escape, unescape
from .finding import Confidence
from .lines import LOOKBEHIND, REACH, Block
from .match import find_token, guard
from .prefilter import Anchor, Candidate
from .resolve import BLOCK, KEYED, PERSONAL, TOKEN, Match
from .rules import Rule
from .spelled import SPELLED

#: Verdicts kept: 8,192 distinct secrets of 40 bytes are under 2 MB.
MAX_VERDICTS: Final = 8192
#: Secrets up to this length are kept as they are, longer ones as digests.
MAX_KEPT: Final = 256
#: Bytes decoded after a keyword when a token there may hold escapes, and before it for the boundary.
UNESCAPE_MAX: Final = 2048
ESCAPE_REACH: Final = 16
_NEWLINE: Final = 0x0A


class Keyword(NamedTuple):
    """A literal that leads to rules; `escaped` when it is a keyword's percent- or JSON-encoded form."""

    rules: tuple[Rule, ...]
    length: int  # bytes from the keyword's start to the anchor's end
    weight: int  # length of the keyword itself
    escaped: bool = False


#: What an anchor of the prefilter leads to.
Target = Keyword | Form | personal.Shape | Literal["pem", "base64"]


@cache
def _grammar() -> ModuleType:
    """Return the keyed grammar, whose patterns are compiled when the first candidate needs it."""
    from . import keyed  # noqa: PLC0415 - see above

    return keyed


class Targets:
    """The targets of a set of rules.

    Args:
        rules: the rules.
        matches_in: finds the matches in a text of its own; for what a run of base64 decodes to.

    Attributes:
        anchors: what the prefilter is to look for; a candidate's number is an index here.

    """

    def __init__(self, rules: Sequence[Rule], matches_in: Callable[[bytes], list[Match]]) -> None:
        self._rules = rules
        self._matches_in = matches_in
        self._grammars = {rule.grammar: rule for rule in rules if rule.grammar}
        self._targets: list[Target] = []
        self.anchors = self._anchors()
        # bytes from the start of a keyword that a token begins with to the candidate's end; the same,
        # negative, from the start of a keyed value; 0 for the rest
        self._sizes = [_size(target) for target in self._targets]
        # by rule and secret; for runs of base64 by the run alone
        self._verdicts: dict[tuple[Rule | None, bytes], Confidence | Match | None] = {}

    def find(self, block: Block, candidates: Sequence[Candidate]) -> tuple[list[Match], int]:
        """Return the matches that the block owns, and from where on its end must be held."""
        found: list[Match] = []
        held = block.end
        line = (-1, -1)
        data, low = block.data, block.start
        for end, number in candidates:
            target = self._targets[number]
            # two cheap looks settle most candidates: what stands before a keyword, which key this is
            size = self._sizes[number]
            if size > 0 and not starts(data, low, end - size):
                continue
            if size < 0 and _grammar().names_nothing(data, end + size, low):
                continue
            # one look serves all candidates of a line, unless the line is so long that it was cut
            if not line[0] < end <= line[1] or line[1] - line[0] > LOOKBEHIND:
                line = line_around(block, end)
            if isinstance(target, Keyword):
                found += self._tokens(target, data, end, line)
            elif target == "base64":
                found += self._encoded(data, end, line)
            elif target == "pem":
                held = min(held, self._pem(found, block, end, line))
            elif isinstance(target, personal.Shape):
                found += self._persons(target.form, data, end, line)
            else:
                found += self._keyed(target, data, end, line)
        return [m for m in found if block.own_start <= m.start < min(block.own_end, held)], held

    def target(self, number: int) -> Target:
        """Return what an anchor leads to."""
        return self._targets[number]

    def keyed_value(self, name: bytes, value: bytes) -> Iterator[Match]:
        """Give the matches in a value whose key name stands elsewhere; positions are in `value`."""
        for secret in _grammar().read_value(name, value):
            rule = self._grammars.get(secret.grammar)
            if rule is not None:
                yield Match(secret.start, secret.end, rule, secret.confidence, KEYED, key=secret.key)

    def _anchors(self) -> list[Anchor]:
        by_keyword: dict[bytes, list[Rule]] = {}
        by_guard: dict[tuple[bytes, bytes, int], list[Rule]] = {}
        for rule in self._rules:
            for keyword in rule.keywords:
                by_keyword.setdefault(keyword, []).append(rule)
                by_guard.setdefault((keyword, *guard(rule, keyword)), []).append(rule)
        anchors = []
        for (keyword, pattern, size), rules in by_guard.items():
            anchors.append(Anchor((keyword,), pattern))
            self._targets.append(Keyword(tuple(rules), len(keyword) + size, len(keyword)))
        for keyword, rules in by_keyword.items():
            for literal in escaped_literals(keyword):
                anchors.append(Anchor((literal,)))
                self._targets.append(Keyword(tuple(rules), len(literal), len(keyword), escaped=True))
        if self._grammars.keys() - {"pem"} - personal.FORMS:
            for form, anchor in KEYED_ANCHORS:
                anchors.append(replace(anchor, expressions=SPELLED.get(form, ())))
                self._targets.append(form)
        if "pem" in self._grammars:
            anchors.append(pem.ANCHOR)
            self._targets.append("pem")
        for shape, anchor in personal.ANCHORS:
            if shape.form in self._grammars:
                anchors.append(anchor)
                self._targets.append(shape)
        anchors.append(Anchor(base64_literals(by_keyword)))
        self._targets.append("base64")
        return anchors

    def _tokens(self, keyword: Keyword, data: Buffer, end: int, line: tuple[int, int]) -> Iterator[Match]:
        low, high = line
        start = end - keyword.length
        for rule in keyword.rules:
            span = token_span(rule, data, start, low, high, escaped=keyword.escaped)
            if span is None:
                continue
            confidence = self._verdict(rule, bytes(data[span[0] : span[1]]))
            if confidence is not None:
                yield Match(*span, rule, confidence, TOKEN, keyword.weight)

    def _encoded(self, data: Buffer, end: int, line: tuple[int, int]) -> Iterator[Match]:
        """Give the run of base64 around `end - 1` if what it decodes to holds a secret."""
        start, stop = base64_run(data, end, *line)
        run = bytes(data[start:stop])
        # by digest, since runs are long; by the run itself they would fill memory
        name = (None, hashlib.blake2b(run, digest_size=16).digest())
        if name not in self._verdicts:
            self._remember(name, self._decoded(run))
        inner = self._verdicts[name]
        if isinstance(inner, Match):
            yield Match(start, stop, inner.rule, inner.confidence, TOKEN, 1)

    def _decoded(self, run: bytes) -> Match | None:
        """Return the first match in what a base64 run decodes to."""
        for text in base64_texts(run):
            lines = text.replace(b"\n", b" ") if b"PRIVATE KEY-----" not in text else text
            matches = self._matches_in(lines)
            if matches:
                return matches[0]
        return None

    def _verdict(self, rule: Rule, secret: bytes) -> Confidence | None:
        name = (rule, secret if len(secret) <= MAX_KEPT else hashlib.blake2b(secret, digest_size=16).digest())
        if name not in self._verdicts:
            from .judge import judge  # noqa: PLC0415 - validators are for candidates only

            self._remember(name, judge(rule, secret))
        verdict = self._verdicts[name]
        return None if isinstance(verdict, Match) else verdict

    def _remember(self, name: tuple[Rule | None, bytes], verdict: Confidence | Match | None) -> None:
        if len(self._verdicts) >= MAX_VERDICTS:
            self._verdicts.clear()
        self._verdicts[name] = verdict

    def _keyed(self, form: Form, data: Buffer, end: int, line: tuple[int, int]) -> Iterator[Match]:
        for value in _grammar().read(form, data, end, *line):
            rule = self._grammars.get(value.grammar)
            if rule is not None:
                yield Match(value.start, value.end, rule, value.confidence, KEYED, key=value.key)

    def _persons(self, form: personal.Form, data: Buffer, end: int, line: tuple[int, int]) -> Iterator[Match]:
        from . import pii  # noqa: PLC0415 - for those who asked for the pack

        for value in pii.read(form, data, end, *line):
            yield Match(value.start, value.end, self._grammars[form], value.confidence, PERSONAL)

    def _pem(self, found: list[Match], block: Block, end: int, line: tuple[int, int]) -> int:
        """Add the private key whose header ends at `end`; return from where on to hold."""
        body = pem.read(block.data, end, line[0], block.end)
        if body is None:
            return block.end
        if body.is_open and not block.final and _is_line_start(block, line[0]):
            return line[0]
        if body.parts:
            parts = body.parts if len(body.parts) > 1 else ()
            found.append(Match(*body.parts[0], self._grammars["pem"], "high", BLOCK, 0, parts))
        return block.end


def _size(target: Target) -> int:
    if isinstance(target, Keyword):
        is_loose = any(rule.lookback or not rule.bounded for rule in target.rules)
        return 0 if is_loose else target.length
    return 0 if isinstance(target, personal.Shape) else -VALUE_SIZE.get(target, 0)


def line_around(block: Block, end: int) -> tuple[int, int]:
    """Return the line that holds `end - 1`, cut to what a match may need on either side."""
    data = block.data
    floor = max(block.start, end - LOOKBEHIND)
    low = data.rfind(b"\n", floor, end - 1) + 1 or floor
    ceiling = min(block.end, end + REACH)
    high = data.find(b"\n", end - 1, ceiling)
    return low, high if high >= 0 else ceiling


def token_span(
    rule: Rule, data: Buffer, start: int, low: int, high: int, *, escaped: bool
) -> tuple[int, int] | None:
    """Return the span of a rule's token around the keyword at `start`, as it is or with escapes in it."""
    span = None if escaped else find_token(rule, data, start, low, high)
    if escaped or has_escape(data, start if span is None else span[1], high):
        span = _unescaped(rule, data, start, low, high) or span
    return span


def _unescaped(rule: Rule, data: Buffer, start: int, low: int, high: int) -> tuple[int, int] | None:
    """Find the rule's token around a keyword after decoding the escapes there; its span in `data`."""
    first = max(low, start - 3 * rule.lookback - ESCAPE_REACH)
    last = min(high, start + UNESCAPE_MAX)
    text, places = unescape(data, first, last)
    place = bisect_left(places, start)
    span = find_token(rule, text, place, 0, len(text))
    if span is None or places[span[1]] - places[span[0]] == span[1] - span[0]:
        return None  # nothing was encoded in it
    return places[span[0]], places[span[1]]


def _is_line_start(block: Block, index: int) -> bool:
    return block.data[index - 1] == _NEWLINE if index > block.start else not block.column
