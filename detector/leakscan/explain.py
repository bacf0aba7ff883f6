"""Explanations: what became of each candidate, and why. Runs the scanner's steps, one candidate at a time.

Whether a candidate leads to a finding is asked of the steps that every scan takes; only where it does not
is it looked at again for the reason. So explanations cost nothing when nobody asks for them, and cannot
disagree with the findings.

Not here: printing them (`cli.explain`), the reasons (`reasons`), candidates that the prefilter never gives.

>>> from leakscan import Scanner
>>> [verdict.reason for verdict in explain(Scanner(), b"password=${DB_PASSWORD} password=hunter2-Tr0ub4dor")]
[<Reason.REFERENCE: 'a reference to a value kept elsewhere'>, None]
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

import regex

from . import keyed
from .anchors import VALUE_SIZE, Form
from .boundary import starts
from .decode import base64_run
from .extent import bare, close
from .finding import CONFIDENCES, Confidence
from .judge import objection
from .keys import classify
from .lines import Block, Tokenizer
from .personal import Shape
from .reasons import Reason
from .resolve import Match, resolve
from .targets import Keyword, line_around, token_span
from .validators.randomness import looks_random
from .values import objection as value_objection

if TYPE_CHECKING:
    from .boundary import Buffer
    from .prefilter import Candidate
    from .rules import Rule
    from .scanner import Scanner

#: A key, its separator and quotes, read backwards from a value. Plainer than what `keyed` reads: where
#: it fails, the reason is `SHAPE`.
_HEAD: Final = regex.compile(
    rb"""(?r)(?P<name>[A-Za-z0-9_.\-]{1,80})(?:["'\\\]`*]|%2[27]|&quot;)*[ \t]*"""
    rb"""(?P<separator>=>|:=|==|->|[=:>,]|%3[ADad])(?P<space>[ \t]*)"""
    rb"""(?P<open>(?:["'\\\[({<`]|%2[27]|&quot;)*)"""
)
_OPTION: Final = regex.compile(rb"""(?r)--(?P<name>[A-Za-z0-9_.\-]+)(?P<space>[ ]{1,2})(?P<open>\\*["'])?""")
_QUOTE: Final = regex.compile(rb"""(?r)\\*["'`]""")
_HEAD_REACH: Final = 160
#: A longer key, or a longer word in one, is none that people write.
_MAX_KEY: Final = 64
_MAX_WORD: Final = 24
#: What other shapes have in place of a value: up to white space or a quote.
_WORD: Final = regex.compile(rb"""[^\s"']+""")
#: Words for the shapes that are no key and value.
_SHAPES: Final = {
    "sql": "SQL statement", "userinfo": "URL", "scheme": "Bearer or Basic", "login": "-u option",
    "short": "-p, -a or -w option", "oracle": "JDBC URL", "netrc": "netrc entry", "go-dsn": "DSN",
    "auth": "AUTH command", "pgpass": "pgpass entry", "column": "list of names", "chpasswd": "chpasswd",
    "argument": "command", "pass": "PASS command", "imap": "LOGIN command", "paren": "parenthesis",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of one candidate, or of several that came to the same.

    Attributes:
        line: line number, 1-based.
        start: where the text in question starts in its line, bytes.
        end: where it ends (half-open).
        rules: the rules that were tried; none where none came into question.
        lead: what led there: `keyword sk_live_`, `key db_password`, `URL`.
        reason: why it was dropped, None when it is reported.
        detail: more about the reason: the rule that has it, why it is allowed.
        confidence: how sure, where it came to a match.
        text: the text in question; perhaps a secret. Never part of `repr`; never print it.

    """

    line: int
    start: int
    end: int
    rules: tuple[str, ...]
    lead: str
    reason: Reason | None
    detail: str = ""
    confidence: Confidence | None = None
    text: bytes = field(default=b"", repr=False)


def explain(scanner: Scanner, data: bytes) -> list[Verdict]:
    """Return the verdicts on every candidate in data, in order."""
    explanations = Explanations(scanner)
    return explanations.feed(data) + explanations.close()


class Explanations:
    """Verdicts from chunks; used as `Stream` is, and fed by whatever feeds one.

    Args:
        scanner: whose verdicts these are.
        path: of the input, for what is allowed by path.

    """

    def __init__(self, scanner: Scanner, path: str | None = None) -> None:
        self._scanner = scanner
        self._path = path
        self._tokenizer = Tokenizer()
        self._counted = 0  # absolute offset up to which newlines are counted
        self._line = 1

    def get_buffer(self) -> memoryview:
        """Return the buffer to read into; never empty. Valid until the next call of any method."""
        return self._tokenizer.get_buffer()

    def buffer_updated(self, nbytes: int) -> list[Verdict]:
        """Take `nbytes` that were read into `get_buffer()`; return the verdicts on whole lines."""
        return [verdict for block in self._tokenizer.buffer_updated(nbytes) for verdict in self._in(block)]

    def feed(self, chunk: bytes | bytearray | memoryview) -> list[Verdict]:
        """Take a chunk; return the verdicts on whole lines."""
        return [verdict for block in self._tokenizer.feed(chunk) for verdict in self._in(block)]

    def close(self) -> list[Verdict]:
        """Return the verdicts on what is left: a last line without a line end."""
        return [verdict for block in self._tokenizer.close() for verdict in self._in(block)]

    def _in(self, block: Block) -> list[Verdict]:
        candidates = self._scanner.candidates(block)
        verdicts, held = _verdicts(self._scanner, block, candidates, self._path)
        if held < block.end:
            self._tokenizer.hold(block.end - held)
        placed = [self._placed(block, verdict) for verdict in verdicts]
        self._advance(block, held)
        return placed

    def _placed(self, block: Block, verdict: Verdict) -> Verdict:
        """Turn the indexes of a verdict into line and columns."""
        newline = block.data.rfind(b"\n", block.start, verdict.start)
        line_start = newline + 1 if newline >= 0 else block.start
        self._advance(block, line_start)
        shift = (block.column if newline < 0 else 0) - line_start
        return replace(verdict, line=self._line, start=verdict.start + shift, end=verdict.end + shift)

    def _advance(self, block: Block, index: int) -> None:
        base = block.offset - block.start
        if base + index > self._counted:
            self._line += block.data.count(b"\n", self._counted - base, index)
            self._counted = base + index


def _verdicts(
    scanner: Scanner, block: Block, candidates: Sequence[Candidate], path: str | None
) -> tuple[list[Verdict], int]:
    """Return the verdicts on a block's candidates, and from where on its end must be held."""
    found: dict[Match, None] = {}
    dropped: dict[Verdict, None] = {}
    held = block.end
    for candidate in candidates:
        matches, its = scanner.targets.find(block, [candidate])
        held = min(held, its)
        found.update(dict.fromkeys(matches))
        if not matches and its == block.end:
            dropped.update(dict.fromkeys(_dropped(scanner, block, candidate)))
    verdicts = [v for v in dropped if block.own_start <= v.start < min(block.own_end, held)]
    settled = _settled(scanner, block, [match for match in found if match.start < held], path)
    verdicts = _without_echoes(verdicts, [*found]) + list(settled)
    return sorted(verdicts, key=lambda verdict: (verdict.start, verdict.end, verdict.rules)), held


def _settled(scanner: Scanner, block: Block, found: Sequence[Match], path: str | None) -> Iterator[Verdict]:
    """Give the verdicts on matches: overlapped, too weak, allowed, or reported."""
    kept = resolve(found)
    for match in found:
        if match not in kept:
            other = next((o for o in kept if o.start < match.end and match.start < o.end), None)
            # what a password is left with when a token was found in it is in `kept`
            yield _of(match, block, Reason.OVERLAPPED, other.rule.id if other else "")
    for match in kept:
        allowed = scanner.allowlist.entry(match, block.data, path)
        if CONFIDENCES.index(match.confidence) < CONFIDENCES.index(scanner.min_confidence):
            yield _of(match, block, Reason.CONFIDENCE)
        elif allowed is not None:
            yield _of(match, block, Reason.ALLOWED, allowed.reason)
        else:
            yield _of(match, block, None)


def _of(match: Match, block: Block, reason: Reason | None, detail: str = "") -> Verdict:
    spans = match.parts or ((match.start, match.end),)
    secret = b"".join(bytes(block.data[start:end]) for start, end in spans)
    lead = _key(match.key) if match.key else ""
    return Verdict(
        0, match.start, match.end, (match.rule.id,), lead, reason, detail, match.confidence, secret
    )


def _key(name: bytes) -> str:
    """Return a key's name to show: not if it may hold a secret itself, as `<token>password=x` does."""
    is_plain = len(name) <= _MAX_KEY and not any(
        len(word) > _MAX_WORD or looks_random(word) for word in re.split(rb"[_.\-]", name)
    )
    return f"key {name.decode('latin-1')}" if is_plain else "key"


def _without_echoes(verdicts: Sequence[Verdict], found: Sequence[Match]) -> list[Verdict]:
    """Leave out what was dropped inside of what was found: the same text, read in a worse way."""
    spans = [(match.start, match.parts[-1][1] if match.parts else match.end) for match in found]
    return [v for v in verdicts if not any(start <= v.start and v.end <= end for start, end in spans)]


def _dropped(scanner: Scanner, block: Block, candidate: Candidate) -> Iterator[Verdict]:
    """Give the verdicts on a candidate that led to nothing."""
    end, number = candidate
    target = scanner.targets.target(number)
    low, high = line_around(block, end)
    if isinstance(target, Keyword):
        yield from _dropped_token(target, block.data, end, low, high)
    elif target == "base64":
        start, stop = base64_run(block.data, end, low, high)
        yield Verdict(0, start, stop, (), "base64", Reason.BASE64, text=bytes(block.data[start:stop]))
    elif target == "pem":
        yield Verdict(0, end, end, (), "header of a private key", Reason.PEM)
    elif isinstance(target, Shape):
        ids = tuple(rule.id for rule in scanner.rules if rule.grammar == target.form)
        yield Verdict(0, end - 1, end, ids, "", Reason.CHECK)
    else:
        yield _dropped_value(target, block.data, end, low, high)


def _dropped_token(keyword: Keyword, data: Buffer, end: int, low: int, high: int) -> Iterator[Verdict]:
    start = end - keyword.length
    word = bytes(data[start : start + keyword.weight]) if not keyword.escaped else bytes(data[start:end])
    by_reason: dict[tuple[Reason, int, int], list[str]] = {}
    for rule in keyword.rules:
        found = _objection(keyword, rule, data, start, low, high)
        if found is not None:
            by_reason.setdefault(found, []).append(rule.id)
    for (reason, first, last), ids in by_reason.items():
        text = bytes(data[first:last])
        yield Verdict(0, first, last, tuple(ids), f"keyword {word.decode('latin-1')}", reason, text=text)


def _objection(
    keyword: Keyword, rule: Rule, data: Buffer, start: int, low: int, high: int
) -> tuple[Reason, int, int] | None:
    """Return why a rule found nothing round its keyword, and the span in question."""
    end = start + keyword.weight
    if rule.bounded and not (rule.lookback or keyword.escaped) and not starts(data, low, start):
        return Reason.BOUNDARY, start, end
    span = token_span(rule, data, start, low, high, escaped=keyword.escaped)
    if span is None:
        loose = token_span(replace(rule, bounded=False), data, start, low, high, escaped=keyword.escaped)
        return (Reason.REGEX, start, end) if loose is None else (Reason.BOUNDARY, *loose)
    reason = objection(rule, bytes(data[span[0] : span[1]]))
    return None if reason is None else (reason, *span)


def _dropped_value(form: Form, data: Buffer, end: int, low: int, high: int) -> Verdict:
    """Return the verdict on the value at an anchor of the keyed grammar."""
    for value in keyed.read(form, data, end, low, high):
        text = bytes(data[value.start : value.end])
        return Verdict(0, value.start, value.end, (), f"{value.grammar} value", Reason.RULE_OFF, text=text)
    if form in VALUE_SIZE or form == "option":
        return _dropped_pair(data, end - VALUE_SIZE.get(form, 1), low, high, option=form == "option")
    word = _WORD.match(data, end - 1, high)
    stop = word.end() if word else end
    text = bytes(data[end - 1 : stop])
    reason = value_objection("password", text, quoted=False, loose=False)
    return Verdict(0, end - 1, stop, (), _SHAPES.get(form, form), reason, text=text)


def _dropped_pair(data: Buffer, first: int, low: int, high: int, *, option: bool) -> Verdict:
    """Return the verdict on a key and its value."""
    floor = max(low, first - _HEAD_REACH)
    head = (_OPTION if option else _HEAD).match(data, floor, first)
    if head is None:
        return Verdict(0, first, first, (), "key and value", Reason.SHAPE)
    name, space = bytes(head["name"]), bool(head["space"])
    separator = b":" if option else bytes(head["separator"])
    quote = _QUOTE.search(bytes(head["open"] or b""))
    if quote is not None:
        stop = close(data, first, high, quote.group())
    else:
        before = data[head.start() - 1] if head.start() > low else 0x20
        stop = bare(data, first, high, before, separator)
    text = bytes(data[first:stop])
    kind = classify(name)
    if kind is None:
        reason = Reason.KEY
    elif kind in {"authorization", "cookie"}:
        reason = Reason.CREDENTIAL if kind == "authorization" else Reason.COOKIE
    else:
        loose = space and quote is None and separator in {b":", b"->", b"=>"}
        reason = value_objection(kind, text, quoted=quote is not None, loose=loose)
    return Verdict(0, first, stop, (), _key(name), reason, text=text)
