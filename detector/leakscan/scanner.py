"""The scanner: the one place that composes the steps.

    bytes -> blocks of whole lines -> prefilter -> candidates -> match -> judge -> resolve -> findings

A clean block costs one call into the prefilter; Python runs for candidates only. No I/O.

>>> from leakscan import Scanner
>>> [f.rule_id for f in Scanner().scan("login password=hunter2-Tr0ub4dor ok")]
['generic-password']
"""

from __future__ import annotations

import os
from bisect import bisect_left
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from functools import cache
from types import ModuleType
from typing import TYPE_CHECKING, Any, AnyStr, Final, Literal, NamedTuple

from . import pem
from .anchors import KEYED_ANCHORS, VALUE_SIZE, Form
from .boundary import Buffer, starts
from .decode import base64_literals, base64_run, base64_texts, escaped_literals, has_escape, unescape
from .finding import CONFIDENCES, Confidence, Finding
from .fingerprint import fingerprint
from .lines import LOOKBEHIND, REACH, WINDOW, Block, Slices, Tokenizer
from .match import find_token, guard
from .prefilter import Anchor, Candidate, build
from .redact import Failure, Redactor, Style, cuts, splice
from .resolve import BLOCK, KEYED, TOKEN, Match, resolve
from .rules import Rule, builtin_rules
from .text import character_findings, encode

if TYPE_CHECKING:
    from .records import Records

#: Verdicts kept by token. One leaked token stands in a log 100,000 times; 8,192 distinct ones of 40
#: bytes are under 2 MB.
MAX_VERDICTS: Final = 8192
#: Bytes decoded after a keyword when a token there may hold escapes, and before it for the boundary.
UNESCAPE_MAX: Final = 2048
ESCAPE_REACH: Final = 16
_NEWLINE: Final = 0x0A


class _Keyword(NamedTuple):
    """A literal that leads to rules; `escaped` when it is a keyword's percent- or JSON-encoded form."""

    rules: tuple[Rule, ...]
    length: int  # bytes from the keyword's start to the anchor's end
    weight: int  # length of the keyword itself
    escaped: bool = False


#: What an anchor of the prefilter leads to.
_Target = _Keyword | Form | Literal["pem", "base64"]


@cache
def _grammar() -> ModuleType:
    """Return the keyed grammar, whose patterns are compiled when the first candidate needs it."""
    from . import keyed  # noqa: PLC0415 - see above

    return keyed


class Scanner:
    """Finds secrets in bytes or text. Safe to share between threads and to use after a fork.

    Args:
        rules: the rules to use; None for those that ship with leakscan.
        engine: prefilter engine: `auto`, `hyperscan` or `ahocorasick`; findings are the same.
        min_confidence: weaker findings are not reported.
        key: secret key of the fingerprints, 16 bytes or more; None for a random one, with which
            fingerprints are comparable within this scanner only.
        disable: ids of rules to leave out.

    Raises:
        RuleError: a rule file that ships with leakscan is damaged.
        EngineError: the engine is not available.
        ValueError: an unknown rule id or confidence, or a short key.

    """

    def __init__(
        self,
        rules: Sequence[Rule] | None = None,
        *,
        engine: str = "auto",
        min_confidence: Confidence = "medium",
        key: bytes | None = None,
        disable: Collection[str] = (),
    ) -> None:
        known = builtin_rules() if rules is None else tuple(rules)
        unknown = sorted(set(disable) - {rule.id for rule in known})
        if unknown:
            raise ValueError(f"no rule has the id {unknown[0]!r}")
        if min_confidence not in CONFIDENCES:
            raise ValueError(f"min_confidence {min_confidence!r} is not one of {', '.join(CONFIDENCES)}")
        if key is not None and len(key) < 16:  # noqa: PLR2004 - 128 bits
            raise ValueError("the fingerprint key is shorter than 16 bytes")
        self.rules: tuple[Rule, ...] = tuple(rule for rule in known if rule.id not in disable)
        self._least = CONFIDENCES.index(min_confidence)
        self._key = key or os.urandom(32)
        self._grammars = {rule.grammar: rule for rule in self.rules if rule.grammar}
        self._targets: list[_Target] = []
        self._prefilter = build(self._anchors(), engine)
        # for anchors of the keyed grammar that a look at the key alone may settle, else 0
        self._value_sizes = [0 if isinstance(t, _Keyword) else VALUE_SIZE.get(t, 0) for t in self._targets]
        self.engine = self._prefilter.name
        # by rule and secret; for runs of base64 by the run alone
        self._records: Records | None = None
        self._verdicts: dict[tuple[Rule | None, bytes], Confidence | Match | None] = {}
        self._fingerprints: dict[tuple[str, bytes], str] = {}

    def __repr__(self) -> str:
        return f"Scanner({len(self.rules)} rules, engine={self.engine!r})"

    def scan(self, data: bytes | bytearray | memoryview | str) -> list[Finding]:
        """Return the findings in `data`, in order.

        Offsets are bytes for bytes and characters for `str`.
        """
        if isinstance(data, str):
            return character_findings(data, self.scan)
        stream = Stream(self)
        buffer = data if isinstance(data, bytes | bytearray) else bytes(data)
        if len(buffer) < WINDOW:
            block = Block(buffer, 0, len(buffer), 0, len(buffer), 0, 0, final=True)
            return list(stream.findings_in(block, self.matches(block)[0]))
        slices = Slices(buffer)
        return [finding for block in slices for finding in stream.take(block, slices.hold)]

    def stream(
        self, *, count_newlines: Callable[[int, int], int] | None = None, timestamps: bool = False
    ) -> Stream:
        """Return a stream for chunked use; see `Stream`."""
        return Stream(self, count_newlines=count_newlines, timestamps=timestamps)

    def redact(self, data: AnyStr, style: Style = "label") -> AnyStr:
        """Return `data` with its secrets replaced: the same type, and the same object when clean.

        Args:
            data: bytes or text.
            style: `label`, `hash` (labels stay comparable), `mask` or `partial`.

        """
        if isinstance(data, str):
            raw, errors = encode(data)
            redacted = self._redact(raw, style)
            return data if redacted is raw else redacted.decode("utf-8", errors)
        return self._redact(data, style)

    def scan_record(self, record: object) -> list[Finding]:
        """Return the findings in a record of dicts, lists and strings; see `leakscan.records`.

        Each has a `json_path`; its offsets count in the string that stands there.

        Raises:
            UnscannableError: a part of the record could not be scanned.

        """
        return self.records.scan(record)

    def redact_record(self, record: Any, style: Style = "label", on_failure: Failure = "mask") -> Any:
        """Return a record with its secrets replaced: the same object when clean, never mutated.

        What is clean in it is shared. See `leakscan.records` for what is walked.

        Raises:
            UnscannableError: a part could not be scanned and `on_failure` is `block`.

        """
        return self.records.redact(record, style, on_failure)

    @property
    def records(self) -> Records:
        """The walker of records that uses this scanner."""
        if self._records is None:
            from .records import Records  # noqa: PLC0415 - for those who have records

            self._records = Records(self)
        return self._records

    def redactor(self, style: Style = "label", on_failure: Failure = "mask") -> Redactor:
        """Return a redactor for chunked use; see `leakscan.redact.Redactor`."""
        return Redactor(self, style, on_failure)

    def _redact(self, data: bytes, style: Style) -> bytes:
        if len(data) < WINDOW:
            matches, _ = self.matches(Block(data, 0, len(data), 0, len(data), 0, 0, final=True))
            if not matches:
                return data
            return b"".join(splice(data, 0, len(data), cuts(data, 0, matches, style, self.identify)))
        redactor = Redactor(self, style, "block")
        redacted = redactor.feed(data) + redactor.close()
        return redacted if redactor.findings else data

    def candidates(self, block: Block) -> list[Candidate]:
        """Return the places of a block that the prefilter selects; a line without one has no match."""
        return self._prefilter.candidates(block.data, block.start, block.end)

    def selects(self, data: bytes) -> bool:
        """Tell whether the prefilter selects a place in data; without one it has no match."""
        return bool(self._prefilter.candidates(data, 0, len(data)))

    def matches(self, block: Block, candidates: list[Candidate] | None = None) -> tuple[list[Match], int]:
        """Return the disjoint matches that a block owns, and from where on its end must be held.

        The pipeline. Positions are indexes into `block.data`; the second value is `block.end` unless
        a private key may go on in the next block. `candidates` are those of this block, if known.
        """
        found, held = self.unresolved(block, candidates)
        return self.settle(found) if found else [], held

    def unresolved(
        self, block: Block, candidates: list[Candidate] | None = None
    ) -> tuple[list[Match], int]:
        """Return what `matches` does before overlaps are resolved; for records, which add to it."""
        if candidates is None:
            candidates = self._prefilter.candidates(block.data, block.start, block.end)
        if not candidates:
            return [], block.end
        found: list[Match] = []
        held = block.end
        line = (-1, -1)
        for end, number in candidates:
            target = self._targets[number]
            size = self._value_sizes[number]
            if size and _grammar().names_nothing(block.data, end - size, block.start):
                continue
            # one look serves all candidates of a line, unless the line is so long that it was cut
            if not line[0] < end <= line[1] or line[1] - line[0] > LOOKBEHIND:
                line = _line_around(block, end)
            if isinstance(target, _Keyword):
                found += self._tokens(target, block.data, end, line)
            elif target == "base64":
                found += self._encoded(block.data, end, line)
            elif target == "pem":
                held = min(held, self._pem(found, block, end, line))
            else:
                found += self._keyed(target, block.data, end, line)
        return [m for m in found if block.own_start <= m.start < min(block.own_end, held)], held

    def settle(self, found: Iterable[Match]) -> list[Match]:
        """Return disjoint matches, without the weak ones."""
        # they go after they have won: a known public id is no token for being keyed `token`
        return [m for m in resolve(found) if CONFIDENCES.index(m.confidence) >= self._least]

    def keyed_value(self, name: bytes, value: bytes) -> Iterator[Match]:
        """Give the matches in a value whose key name stands elsewhere; positions are in `value`."""
        for secret in _grammar().read_value(name, value):
            rule = self._grammars.get(secret.grammar)
            if rule is not None:
                yield Match(secret.start, secret.end, rule, secret.confidence, KEYED)

    def identify(self, rule: Rule, secret: bytes) -> str:
        """Return the fingerprint of a secret."""
        name = (rule.id, secret)
        known = self._fingerprints.get(name)
        if known is None:
            if len(self._fingerprints) >= MAX_VERDICTS:
                self._fingerprints.clear()
            known = self._fingerprints[name] = fingerprint(self._key, rule.id, secret)
        return known

    def _anchors(self) -> list[Anchor]:
        by_keyword: dict[bytes, list[Rule]] = {}
        by_guard: dict[tuple[bytes, bytes, int], list[Rule]] = {}
        for rule in self.rules:
            for keyword in rule.keywords:
                by_keyword.setdefault(keyword, []).append(rule)
                by_guard.setdefault((keyword, *guard(rule, keyword)), []).append(rule)
        anchors = []
        for (keyword, pattern, size), rules in by_guard.items():
            anchors.append(Anchor((keyword,), pattern))
            self._targets.append(_Keyword(tuple(rules), len(keyword) + size, len(keyword)))
        for keyword, rules in by_keyword.items():
            for literal in escaped_literals(keyword):
                anchors.append(Anchor((literal,)))
                self._targets.append(_Keyword(tuple(rules), len(literal), len(keyword), escaped=True))
        if self._grammars.keys() - {"pem"}:
            for form, anchor in KEYED_ANCHORS:
                anchors.append(anchor)
                self._targets.append(form)
        if "pem" in self._grammars:
            anchors.append(pem.ANCHOR)
            self._targets.append("pem")
        anchors.append(Anchor(base64_literals(by_keyword)))
        self._targets.append("base64")
        return anchors

    def _tokens(self, keyword: _Keyword, data: Buffer, end: int, line: tuple[int, int]) -> Iterator[Match]:
        low, high = line
        start = end - keyword.length
        may_start = starts(data, low, start)
        for rule in keyword.rules:
            if not may_start and not rule.lookback:
                continue
            span = None if keyword.escaped else find_token(rule, data, start, low, high)
            if keyword.escaped or has_escape(data, start if span is None else span[1], high):
                span = _unescaped(rule, data, start, low, high) or span
            if span is None:
                continue
            confidence = self._verdict(rule, bytes(data[span[0] : span[1]]))
            if confidence is not None:
                yield Match(*span, rule, confidence, TOKEN, keyword.weight)

    def _encoded(self, data: Buffer, end: int, line: tuple[int, int]) -> Iterator[Match]:
        """Give the run of base64 around `end - 1` if what it decodes to holds a secret."""
        start, stop = base64_run(data, end, *line)
        run = bytes(data[start:stop])
        name = (None, run)
        if name not in self._verdicts:
            self._remember(name, self._decoded(run))
        inner = self._verdicts[name]
        if isinstance(inner, Match):
            yield Match(start, stop, inner.rule, inner.confidence, TOKEN, 1)

    def _decoded(self, run: bytes) -> Match | None:
        """Return the first match in what a base64 run decodes to."""
        for text in base64_texts(run):
            lines = text.replace(b"\n", b" ") if b"PRIVATE KEY-----" not in text else text
            matches, _ = self.matches(Block(lines, 0, len(lines), 0, len(lines), 0, 0, final=True))
            if matches:
                return matches[0]
        return None

    def _verdict(self, rule: Rule, secret: bytes) -> Confidence | None:
        name = (rule, secret)
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
                yield Match(value.start, value.end, rule, value.confidence, KEYED)

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


class Stream:
    """Findings from chunks: feed bytes, or read into `get_buffer()` and call `buffer_updated`.

    Any chunking gives the findings of the whole. Memory is bounded by the longest line that is scanned
    whole (1 MiB), whatever comes.
    """

    def __init__(
        self,
        scanner: Scanner,
        *,
        count_newlines: Callable[[int, int], int] | None = None,
        timestamps: bool = False,
    ) -> None:
        self._scanner = scanner
        self._tokenizer = Tokenizer()
        self._count_newlines = count_newlines
        self._timestamps = timestamps
        self._counted = 0  # absolute offset up to which newlines are counted
        self._line = 1  # the number of the line there
        self._reported = 0  # absolute offset where the last reported secret ended

    def get_buffer(self) -> memoryview:
        """Return the buffer to read into; never empty. Valid until the next call of any method."""
        return self._tokenizer.get_buffer()

    def buffer_updated(self, nbytes: int) -> list[Finding]:
        """Take `nbytes` that were read into `get_buffer()`; return the findings in whole lines."""
        return self._findings(self._tokenizer.buffer_updated(nbytes))

    def feed(self, chunk: bytes | bytearray | memoryview) -> list[Finding]:
        """Take a chunk; return the findings in whole lines."""
        return self._findings(self._tokenizer.feed(chunk))

    def close(self) -> list[Finding]:
        """Return the findings in what is left: a last line without a line end."""
        return self._findings(self._tokenizer.close())

    def take(self, block: Block, hold: Callable[[int], None]) -> Iterator[Finding]:
        """Give the findings that a block owns; `hold` is told how many bytes to give once more."""
        matches, held = self._scanner.matches(block)
        if held < block.end:
            hold(block.end - held)
        yield from self.findings_in(block, matches)
        if self._count_newlines is None:
            self._advance(block, held)

    def findings_in(self, block: Block, matches: list[Match]) -> Iterator[Finding]:
        """Give the findings for a block's matches."""
        data, base = block.data, block.offset - block.start
        for match in matches:
            if base + match.start < self._reported:
                continue  # a window cut: the window before reported what lies here
            newline = data.rfind(b"\n", block.start, match.start)
            line_start = newline + 1 if newline >= 0 else block.start
            column = match.start - line_start + (block.column if newline < 0 else 0)
            self._advance(block, line_start)
            spans = match.parts or ((match.start, match.end),)
            secret = b"".join(bytes(data[start:end]) for start, end in spans)
            rule = match.rule
            yield Finding(
                rule.id,
                rule.description,
                rule.provider,
                rule.severity,
                match.confidence,
                self._line,
                column,
                column + match.end - match.start,
                base + match.start,
                self._scanner.identify(rule, secret),
                secret,
                timestamp=_timestamp(block, line_start) if self._timestamps else None,
            )
            self._reported = base + spans[-1][1]

    def _findings(self, blocks: Iterator[Block]) -> list[Finding]:
        hold = self._tokenizer.hold
        return [finding for block in blocks for finding in self.take(block, hold)]

    def _advance(self, block: Block, index: int) -> None:
        """Count the newlines up to `index` of the block's data."""
        base = block.offset - block.start
        if base + index <= self._counted:
            return
        if self._counted >= block.offset:
            self._line += block.data.count(b"\n", self._counted - base, index)
        elif self._count_newlines is not None:
            self._line += self._count_newlines(self._counted, base + index)
        self._counted = base + index


def _line_around(block: Block, end: int) -> tuple[int, int]:
    """Return the line that holds `end - 1`, cut to what a match may need on either side."""
    data = block.data
    floor = max(block.start, end - LOOKBEHIND)
    low = data.rfind(b"\n", floor, end - 1) + 1 or floor
    ceiling = min(block.end, end + REACH)
    high = data.find(b"\n", end - 1, ceiling)
    return low, high if high >= 0 else ceiling


def _unescaped(
    rule: Rule, data: Buffer, start: int, low: int, high: int
) -> tuple[int, int] | None:
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


def _timestamp(block: Block, line_start: int) -> str | None:
    if block.column and line_start == block.start:
        return None  # the line's head is in a window long gone
    from .timestamps import parse_timestamp  # noqa: PLC0415 - only where asked for

    return parse_timestamp(bytes(block.data[line_start : line_start + 256]))


__all__ = ["Candidate", "Scanner", "Stream"]
