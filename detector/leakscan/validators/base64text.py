"""Base64 text as tokens carry it: either alphabet, padding there or not. Shared by the decoders.

Not here: finding base64 in a log line (`decode`).

>>> decode(b"aGk"), decode(b"aGk="), decode(b"a!k") is None
(b'hi', b'hi', True)
>>> json_object(b"eyJhIjoxfQ")
{'a': 1}
"""

from __future__ import annotations

import binascii
import json
from typing import Final

#: The URL-safe alphabet's two letters, read as the standard ones.
_STANDARD: Final = bytes.maketrans(b"-_", b"+/")
#: JSON in a token is flat. A longer run of brackets is hostile, and would only cost stack.
_MAX_BRACKETS: Final = 64


def decode(text: bytes) -> bytes | None:
    """Decode base64 of the standard or the URL-safe alphabet; None when it is neither."""
    text = text.rstrip(b"=")
    if not text or len(text) % 4 == 1:
        return None
    try:
        return binascii.a2b_base64(text.translate(_STANDARD) + b"=" * (-len(text) % 4), strict_mode=True)
    except (binascii.Error, ValueError):
        return None


def json_object(text: bytes) -> dict[str, object] | None:
    """Decode base64 of a JSON object; None when it is anything else."""
    raw = decode(text)
    if raw is None or raw[:1] != b"{":
        return None
    if raw.count(b"[") > _MAX_BRACKETS or raw.count(b"{") > _MAX_BRACKETS:
        return None
    try:
        value = json.loads(raw)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None
