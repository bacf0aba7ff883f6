"""The scanner: the one place that composes the steps.

    bytes -> blocks of whole lines -> prefilter -> candidates -> match -> judge -> resolve -> findings

A clean block costs one call into the prefilter; Python runs for candidates only. No I/O.

>>> from leakscan import Scanner
>>> [f.rule_id for f in Scanner().scan("login password=hunter2-Tr0ub4dor ok")]
['generic-password']
"""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, AnyStr

from .allow import Allow, Allowlist
from .finding import CONFIDENCES, Confidence, Finding
from .fingerprint import fingerprint
from .lines import WINDOW, Block, Slices
from .prefilter import Cache, Candidate, build
from .redact import Failure, Redactor, Style, cuts, splice
from .resolve import Match, resolve
from .rules import Rule, builtin_rules, check_unique, pack_rules
from .stream import Locator, Stream
from .targets import MAX_KEPT, MAX_VERDICTS, Targets
from .text import character_findings, encode

if TYPE_CHECKING:
    from .boundary import Buffer
    from .records import Records


class Scanner:
    """Finds secrets in bytes or text. Safe to share between threads and to use after a fork.

    Args:
        rules: the rules to use; None for those that ship with leakscan.
        engine: prefilter engine: `auto`, `hyperscan` or `ahocorasick`; findings are the same.
        min_confidence: weaker findings are not reported.
        key: secret key of the fingerprints, 16 bytes or more; None for a random one, with which
            fingerprints are comparable within this scanner only.
        disable: ids of rules to leave out.
        packs: names of packs whose rules are added, see `leakscan.rules.PACKS`; `pii` finds personal data.
        allow: what is not reported and not redacted though it matches, see `Allow`.
        engine_cache: where a compiled engine is kept between runs, see `leakscan.enginecache`; None
            compiles it each time, which takes a tenth of a second.

    Raises:
        RuleError: a rule file that ships with leakscan is damaged, or an id of a pack is taken.
        EngineError: the engine is not available.
        ValueError: an unknown rule id, pack or confidence; a short key, or none for fingerprints in `allow`.

    """

    def __init__(
        self,
        rules: Sequence[Rule] | None = None,
        *,
        engine: str = "auto",
        min_confidence: Confidence = "medium",
        key: bytes | None = None,
        disable: Collection[str] = (),
        packs: Collection[str] = (),
        allow: Sequence[Allow] = (),
        engine_cache: Cache | None = None,
    ) -> None:
        known = builtin_rules() if rules is None else tuple(rules)
        if packs:
            known = check_unique([*known, *pack_rules(packs)])
        named = {*disable, *(rule_id for entry in allow for rule_id in entry.rules)}
        unknown = sorted(named - {rule.id for rule in known})
        if unknown:
            raise ValueError(f"no rule has the id {unknown[0]!r}")
        if min_confidence not in CONFIDENCES:
            raise ValueError(f"min_confidence {min_confidence!r} is not one of {', '.join(CONFIDENCES)}")
        if key is not None and len(key) < 16:  # noqa: PLR2004 - 128 bits
            raise ValueError("the fingerprint key is shorter than 16 bytes")
        if key is None and any(entry.fingerprints for entry in allow):
            raise ValueError("allowed fingerprints need the key that they were made with")
        self.rules: tuple[Rule, ...] = tuple(rule for rule in known if rule.id not in disable)
        self.min_confidence: Confidence = min_confidence
        self._least = CONFIDENCES.index(min_confidence)
        self._key = key or os.urandom(32)
        self.allowlist = Allowlist(allow, self.identify)
        self.targets = Targets(self.rules, self._matches_in)
        self._prefilter = build(self.targets.anchors, engine, engine_cache)
        self.engine = self._prefilter.name
        self._records: Records | None = None
        self._fingerprints: dict[tuple[str, bytes], str] = {}

    def __repr__(self) -> str:
        return f"Scanner({len(self.rules)} rules, engine={self.engine!r})"

    def scan(self, data: bytes | bytearray | memoryview | str) -> list[Finding]:
        """Return the findings in `data`, in order.

        Offsets are bytes for bytes and characters for `str`.
        """
        if isinstance(data, str):
            return character_findings(data, self.scan)
        buffer = data if isinstance(data, bytes | bytearray) else bytes(data)
        locator = Locator(self)
        if len(buffer) < WINDOW:
            candidates = self._prefilter.candidates(buffer, 0, len(buffer))
            if not candidates:
                return []
            block = _whole(buffer)
            return list(locator.findings_in(block, self.matches(block, candidates)[0]))
        slices = Slices(buffer)
        return [finding for block in slices for finding in locator.take(block, slices.hold)]

    def stream(
        self,
        *,
        count_newlines: Callable[[int, int], int] | None = None,
        context: bool = False,
        path: str | None = None,
    ) -> Stream:
        """Return a stream for chunked use; see `Stream`.

        Args:
            count_newlines: see `leakscan.stream.Locator`.
            context: findings have the time and the service of their line, where it says so.
            path: for what is allowed by path.

        """
        if not context:
            return Stream(Locator(self, count_newlines=count_newlines, path=path))
        from .context import describe  # noqa: PLC0415 - for reports that show what lines say

        return Stream(Locator(self, count_newlines=count_newlines, describe=describe, path=path))

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
            candidates = self._prefilter.candidates(data, 0, len(data))
            if not candidates:
                return data
            matches, _ = self.matches(_whole(data), candidates)
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

    def matches(
        self, block: Block, candidates: list[Candidate] | None = None, path: str | None = None
    ) -> tuple[list[Match], int]:
        """Return the disjoint matches that a block owns, and from where on its end must be held.

        The pipeline. Positions are indexes into `block.data`; the second value is `block.end` unless
        a private key may go on in the next block. `candidates` are those of this block, if known; `path`
        is that of the input.
        """
        found, held = self.unresolved(block, candidates)
        return self.settle(found, block.data, path) if found else [], held

    def unresolved(self, block: Block, candidates: list[Candidate] | None = None) -> tuple[list[Match], int]:
        """Return what `matches` does before overlaps are resolved; for records, which add to it."""
        if candidates is None:
            candidates = self._prefilter.candidates(block.data, block.start, block.end)
        return self.targets.find(block, candidates) if candidates else ([], block.end)

    def settle(self, found: Iterable[Match], data: Buffer, path: str | None = None) -> list[Match]:
        """Return disjoint matches in `data`, without the weak and the allowed ones."""
        # they go after they have won: a known public id is no token for being keyed `token`
        kept = [m for m in resolve(found) if CONFIDENCES.index(m.confidence) >= self._least]
        return self.allowlist.rest(kept, data, path) if self.allowlist else kept

    def keyed_value(self, name: bytes, value: bytes) -> Iterator[Match]:
        """Give the matches in a value whose key name stands elsewhere; positions are in `value`."""
        return self.targets.keyed_value(name, value)

    def identify(self, rule: Rule, secret: bytes) -> str:
        """Return the fingerprint of a secret."""
        if len(secret) > MAX_KEPT:
            return fingerprint(self._key, rule.id, secret)
        name = (rule.id, secret)
        known = self._fingerprints.get(name)
        if known is None:
            if len(self._fingerprints) >= MAX_VERDICTS:
                self._fingerprints.clear()
            known = self._fingerprints[name] = fingerprint(self._key, rule.id, secret)
        return known

    def _matches_in(self, text: bytes) -> list[Match]:
        return self.matches(_whole(text))[0]


def _whole(data: bytes | bytearray) -> Block:
    """Return data that is at hand as one block."""
    return Block(data, 0, len(data), 0, len(data), 0, 0, final=True)
