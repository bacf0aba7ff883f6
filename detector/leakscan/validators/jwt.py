"""JSON Web Tokens: three base64url parts, of which the first is a JSON object with `alg`.

Source: RFC 7519, RFC 7515. A signature cannot be checked without its key: True means only that header
and payload decode.
"""

from __future__ import annotations

from typing import Final

from .base64text import decode, json_object

#: Signed tokens have three parts (RFC 7515), encrypted ones five (RFC 7516).
_SIGNED: Final = 3
_ENCRYPTED: Final = 5


def jwt(secret: bytes) -> bool | None:
    """Check that the header is JSON with `alg` and that the payload decodes.

    Header only, or a payload cut off in the log, gives None: the header is right, the rest is missing.
    """
    parts = secret.split(b".", _ENCRYPTED)
    header = json_object(parts[0])
    if header is None or not isinstance(header.get("alg"), str):
        return False
    if len(parts) == _ENCRYPTED:
        return isinstance(header.get("enc"), str) and all(decode(part) is not None for part in parts[2:])
    if len(parts) != _SIGNED:
        return None
    if json_object(parts[1]) is None:
        # RFC 7797 allows a bare payload, and logs cut tokens: neither is proof of a fake
        return None
    return True if decode(parts[2]) is not None else None
