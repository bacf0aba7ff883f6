"""Lines of text, and JSON documents that belong to no protocol.

Not here: finding (`scanner`), NDJSON (`ndjson`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from leakscan.redact import UnscannableError, unscanned_label

from .jsondoc import label_for, redact_document, redact_text
from .jsonspans import ANY, ITEM
from .ndjson import count_lines

if TYPE_CHECKING:
    from leakscan.framing.jsontext import Path

    from .redaction import Redaction, Tally

#: A big document is read by items of arrays, at the top or in a member of it. A smaller one is one record,
#: and cannot hold more containers than are walked in one.
_BIG: Final = 1 << 17
_PATHS: Final[tuple[Path, ...]] = ((ANY, ITEM), (ANY, ANY, ITEM))
_WHOLE: Final[tuple[Path, ...]] = ((ANY,),)


def rewrite(body: bytes, redaction: Redaction, tally: Tally) -> bytes:
    """Return text without its secrets; the same object if it has none.

    Raises:
        UnscannableError: it could not be scanned and the policy is to block.

    """
    tally.records += count_lines(body)
    if not redaction.scanner.selects(body):
        return body
    try:
        return redact_text(body, redaction, tally)
    except Exception as error:  # noqa: BLE001 - our own bug must not let a secret through
        reason = type(error).__name__
        tally.fail(reason)
        if redaction.on_failure == "block":
            raise UnscannableError(reason) from None
        return body if redaction.on_failure == "open" else masked(body, reason)


def masked(body: bytes, reason: str) -> bytes:
    """Return as many lines that say that they could not be scanned."""
    return b"".join(
        unscanned_label(reason, len(line.rstrip(b"\r\n"))) + (b"\n" if line.endswith(b"\n") else b"")
        for line in body.splitlines(keepends=True)
    )


def rewrite_json(body: bytes, redaction: Redaction, tally: Tally) -> bytes:
    """Return JSON without its secrets; the same object if it has none.

    Raises:
        UnscannableError: a part could not be scanned and the policy is to block.

    """
    tally.records += 1
    return redact_document(body, _PATHS if len(body) > _BIG else _WHOLE, redaction, tally)


def masked_json(body: bytes, reason: str) -> bytes:
    """Return a JSON value that says that this one could not be scanned."""
    return label_for(body, reason)
