"""NDJSON: a JSON value a line, and lines of other protocols that are like it.

Only lines that the prefilter selects are parsed; a line that is no JSON is text. Line ends, empty lines
and a missing last line end stay as they are.

Not here: JSON itself (`jsondoc`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .jsondoc import label_for, redact_json
from .straddle import taken_out_of_json

if TYPE_CHECKING:
    from collections.abc import Callable

    from .redaction import Redaction, Tally


def rewrite(body: bytes, redaction: Redaction, tally: Tally) -> bytes:
    """Return the body without its secrets; the same object if it has none.

    Raises:
        UnscannableError: a part could not be scanned and the policy is to block.

    """
    tally.records += count_lines(body)
    return rewrite_lines(body, redaction, tally, redact_json)


def masked(body: bytes, reason: str) -> bytes:
    """Return as many records that say that they could not be scanned."""
    return b"".join(label_for(b"{" + line[1:], reason) + b"\n" for line in body.splitlines() if line.strip())


def rewrite_lines(
    body: bytes, redaction: Redaction, tally: Tally, redact: Callable[[bytes, Redaction, Tally], bytes]
) -> bytes:
    """Return the body with selected lines redacted by a function; the same object if none changed."""
    spots = redaction.spots(body)
    if not spots:
        return body
    lines = body.split(b"\n")
    without_keys = taken_out_of_json(lines, redaction, tally)
    if without_keys is not None:
        body = b"\n".join(without_keys)
        spots = redaction.spots(body)
    pieces: list[bytes] = []
    position = 0
    for spot in spots:
        if spot < position:
            continue
        start = body.rfind(b"\n", position, spot + 1) + 1 or position
        end = body.find(b"\n", spot)
        end = end if end >= 0 else len(body)
        line = body[start:end]
        put = redact(line, redaction, tally)
        if put is not line:
            pieces += body[position:start], put
            position = end
        else:
            pieces.append(body[position:end])
            position = end
    changed = b"".join([*pieces, body[position:]])
    # without a change the pieces are what the body was made of
    return body if changed == body else changed


def count_lines(body: bytes) -> int:
    """Return the number of lines, the last one also without its line end."""
    return body.count(b"\n") + (not body.endswith(b"\n") and bool(body))
