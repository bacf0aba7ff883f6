"""Fingerprints: a keyed name for a secret, the same wherever it stands. No I/O (`keyfile` has the key).

An unkeyed hash of a password can be reversed by trying passwords; this one only with the key.

>>> fingerprint(b"k" * 32, "stripe-secret-key", b"sk_live_x") == fingerprint(b"k" * 32, "other", b"sk_live_x")
False
"""

from __future__ import annotations

import hmac
from typing import Final

#: Bytes kept of the 32: 96 bits, so that two of a billion secrets share one with odds below 1e-10.
SIZE: Final = 12


def fingerprint(key: bytes, rule_id: str, secret: bytes) -> str:
    """Return the HMAC-SHA256 over rule id and secret, truncated to 96 bits, as 24 hex digits."""
    message = rule_id.encode() + b"\0" + secret
    return hmac.digest(key, message, "sha256")[:SIZE].hex()
