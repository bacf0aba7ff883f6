"""AWS: access key ids and the opening bytes of session tokens. Neither carries a checksum.

An access key id is four letters of kind and 16 characters of base32; in ids issued since 2019 the
first of their 80 bits is set and the next 40 are the account number. A number of more
than twelve digits cannot be one. Source: the account number was reproduced on samples;
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html lists the kinds.

A session token from STS is base64 that opens with a few framing bytes and a word: `..origin`
or `..er/aws`.
"""

from __future__ import annotations

import base64
import re
from typing import Final

from .base64text import decode

_KEY_ID: Final = re.compile(rb"(?:AKIA|ASIA|ABIA|ACCA)([A-Z2-7]{16})")
_ACCOUNT_MASK: Final = 0x7FFF_FFFF_FF80
_ACCOUNT_BIT: Final = 1 << 47
_ACCOUNT_SHIFT: Final = 7
_ACCOUNT_END: Final = 10**12
#: A real session token has at least this many bytes; shorter text only shares the opening.
_SESSION_MIN: Final = 96
_SESSION_WORDS: Final = (b"origin", b"er/aws")
_OPENING: Final = 24


def aws_access_key(secret: bytes) -> bool | None:
    """Tell whether an access key id is impossible (False); never True, as there is no checksum."""
    match = _KEY_ID.fullmatch(secret)
    if match is None:
        return False
    head = int.from_bytes(base64.b32decode(match[1])[:6])
    if not head & _ACCOUNT_BIT:
        return None  # the first bit is clear: an older id, which names no account
    return None if (head & _ACCOUNT_MASK) >> _ACCOUNT_SHIFT < _ACCOUNT_END else False


def aws_session(secret: bytes) -> bool | None:
    """Check that a session token opens as STS tokens do. A token cut off in the log still counts."""
    raw = decode(secret[:_OPENING])
    if raw is None or not any(word in raw for word in _SESSION_WORDS):
        return False
    if len(secret) < _SESSION_MIN:
        return None
    body = secret.rstrip(b"=")
    return True if decode(body[: len(body) // 4 * 4]) is not None else None
