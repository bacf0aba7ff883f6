"""How a body is redacted: scanner, style and policy in one value, and the counts of what was done.

Not here: any format.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final

from leakscan.keynames import SPELT, KeyNames
from leakscan.lines import Block
from leakscan.redact import Failure, Style

if TYPE_CHECKING:
    from leakscan.resolve import Match
    from leakscan.scanner import Scanner

_SPELT: Final = re.compile(SPELT)


class MalformedError(ValueError):
    """A body is not what its codec reads. The message names the reason, never content."""


@dataclass(slots=True)
class Tally:
    """Counts of what was done to bodies.

    Attributes:
        records: log records seen, where the codec can tell without decoding.
        by_rule: secrets replaced, by rule id.
        unscanned: places that could not be scanned, by reason.

    """

    records: int = 0
    by_rule: dict[str, int] = field(default_factory=dict)
    unscanned: dict[str, int] = field(default_factory=dict)

    def add(self, rule_id: str, number: int = 1) -> None:
        """Count secrets replaced."""
        self.by_rule[rule_id] = self.by_rule.get(rule_id, 0) + number

    def fail(self, reason: str) -> None:
        """Count a place that could not be scanned."""
        self.unscanned[reason] = self.unscanned.get(reason, 0) + 1


@dataclass(frozen=True, slots=True)
class Redaction:
    """How to redact. Safe to share between threads; make it with `of`."""

    scanner: Scanner
    names: KeyNames = field(repr=False)
    style: Style = "label"
    on_failure: Failure = "mask"

    @classmethod
    def of(cls, scanner: Scanner, style: Style = "label", on_failure: Failure = "mask") -> Redaction:
        """Make one for a scanner; takes some milliseconds, so keep it."""
        return cls(scanner, KeyNames(scanner.engine), style, on_failure)

    def with_policy(self, on_failure: Failure) -> Redaction:
        """Return the same with another policy."""
        return replace(self, on_failure=on_failure)

    def selects(
        self, data: bytes, start: int = 0, end: int | None = None, *, is_protobuf: bool = False
    ) -> bool:
        """Tell whether a region may hold a secret. False means that it surely does not."""
        # a copy of a record costs less than a view of it
        region = data if end is None else data[start:end]
        if self.scanner.selects(region) or self.names.stand_in(region, is_protobuf=is_protobuf):
            return True
        return b"\\u00" in region and _SPELT.search(region) is not None

    def selects_msgpack(self, data: bytes, start: int = 0, end: int | None = None) -> bool:
        """As `selects`, for msgpack."""
        region = data[start : len(data) if end is None else end]
        if self.scanner.selects(region) or self.names.stand_in_msgpack(region):
            return True
        return b"\\u00" in region and _SPELT.search(region) is not None

    def spots(self, data: bytes, *, is_protobuf: bool = False) -> list[int]:
        """Return a position in every line that may hold a secret, in order; other lines surely do not.

        In protobuf, a position in every string, or in the name beside it.
        """
        spots = [end - 1 for end, _ in self.scanner.candidates(block_of(data, 0, len(data)))]
        spots += self.names.places(data, is_protobuf=is_protobuf)
        if b"\\u00" in data:
            spots += [spelt.start() for spelt in _SPELT.finditer(data)]
        return sorted(spots)

    def record(self, value: Any, tally: Tally) -> Any:
        """Return a record of dicts, lists and strings without its secrets; the same object if clean.

        Raises:
            UnscannableError: a part could not be scanned and the policy is to block.

        """
        done = self.scanner.records.redacted(value, self.style, self.on_failure)
        for rule_id in done.rules:
            tally.add(rule_id)
        for reason in done.unscanned:
            tally.fail(reason)
        return done.value

    def matches(self, data: bytes) -> list[Match]:
        """Return the disjoint matches in text of any length; positions are in `data`."""
        return self.scanner.matches(block_of(data, 0, len(data)))[0]


def block_of(data: bytes, start: int, end: int) -> Block:
    """Return a region as a block of its own."""
    return Block(data, start, end, start, end, 0, 0, final=True)
