"""Bodies of which only the strings are known: secrets are overwritten with as many bytes as they had.

For protobuf of other schemas and for unknown fields: no length changes, so whatever the structure
is, it stays. Key names that stand apart from their values are not known here.

Not here: formats that are known.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from leakscan.redact import UnscannableError

from .redaction import MalformedError

if TYPE_CHECKING:
    from .redaction import Redaction, Tally

_MASK: Final = b"*"


def rewrite(body: bytes, redaction: Redaction, tally: Tally) -> bytes:
    """Return the body with every secret overwritten; the same object if it has none."""
    if not redaction.scanner.selects(body):
        return body
    try:
        matches = redaction.matches(body)
    except Exception as error:  # noqa: BLE001 - our own bug must not let a secret through
        return _failed(body, redaction, tally, type(error).__name__)
    if not matches:
        return body
    out = bytearray(body)
    for match in matches:
        tally.add(match.rule.id)
        for start, end in match.parts or ((match.start, match.end),):
            out[start:end] = _MASK * (end - start)
    return bytes(out)


def masked(body: bytes, reason: str) -> bytes:
    """Raise: what is not known cannot be stood in for."""
    raise MalformedError(f"{len(body)} bytes that cannot be scanned ({reason})")


def _failed(body: bytes, redaction: Redaction, tally: Tally, reason: str) -> bytes:
    tally.fail(reason)
    if redaction.on_failure == "open":
        return body
    raise UnscannableError(reason) from None
