"""Splunk HTTP Event Collector: JSON events one after another, with or without anything between them.

`/services/collector/raw` is plain text (`plain`). From Splunk's "Format events for HTTP Event Collector".

Not here: JSON itself (`jsondoc`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from .jsondoc import label_for, redact_document
from .jsonspans import ANY

if TYPE_CHECKING:
    from leakscan.framing.jsontext import Path

    from .redaction import Redaction, Tally

#: Each document is an event; a batch may also be an array of them.
_PATHS: Final[tuple[Path, ...]] = ((ANY,),)
_EVENT: Final = b'"event"'


def rewrite(body: bytes, redaction: Redaction, tally: Tally) -> bytes:
    """Return the events without their secrets; the same object if they have none.

    Raises:
        UnscannableError: a part could not be scanned and the policy is to block.

    """
    tally.records += body.count(_EVENT)
    return redact_document(body, _PATHS, redaction, tally)


def masked(body: bytes, reason: str) -> bytes:
    """Return an event that says that these could not be scanned."""
    return b'{"event":%b}' % label_for(b'"' + body[1:], reason)
