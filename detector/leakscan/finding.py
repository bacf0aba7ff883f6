"""A finding: one secret at one place, as reported. Plain data, no behaviour beyond ordering words.

Not here: how findings are made (`scanner`), shown (`report`) or taken out (`redact`).

>>> CONFIDENCES.index("low") < CONFIDENCES.index("certain")
True
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

Confidence = Literal["low", "medium", "high", "certain"]
Severity = Literal["low", "medium", "high", "critical"]

#: From weakest to strongest; the index is the order.
CONFIDENCES: tuple[Confidence, ...] = ("low", "medium", "high", "certain")
SEVERITIES: tuple[Severity, ...] = ("low", "medium", "high", "critical")


@dataclass(frozen=True, slots=True)
class Cell:
    """Where in a table of a store a secret stands.

    Attributes:
        column: the name of the column.
        keys: name and value of the columns that the table is sorted by, as text; None for NULL.
        is_exact: whether `keys` are there and say all: nothing of them is hidden or cut.

    """

    column: str
    keys: tuple[tuple[str, str | None], ...]
    is_exact: bool


@dataclass(frozen=True, slots=True)
class Finding:
    """One secret found at one place.

    Attributes:
        rule_id: permanent id of the rule that found it.
        description: what the secret is and what it opens.
        provider: whose secret it is, e.g. "Stripe".
        severity: what an attacker gains: low, medium, high, critical.
        confidence: how sure the rule is: low, medium, high, certain (a checksum holds).
        line: line number, 1-based.
        start: where the secret starts in its line, 0-based; bytes for bytes input, characters for str.
        end: where it ends (half-open), in the same unit.
        offset: absolute position of `start` in the (decompressed) stream, in the same unit.
        fingerprint: keyed HMAC-SHA256 over rule id and secret, truncated, hex. Holds no position.
        secret: the secret itself, raw bytes. Never part of `repr`; never print it.
        timestamp: the line's own time as ISO 8601, where one was asked for and parses.
        service: which service wrote the line, where one was asked for and a field says so. Text of the log.
        json_path: where in a record the secret stands (`$.user.password`), None outside records.
        cell: where in a table it stands, None outside tables. Its positions count in the cell's own text.

    """

    rule_id: str
    description: str
    provider: str
    severity: Severity
    confidence: Confidence
    line: int
    start: int
    end: int
    offset: int
    fingerprint: str
    secret: bytes = field(repr=False)
    timestamp: str | None = None
    json_path: str | None = None
    service: str | None = None
    cell: Cell | None = None
