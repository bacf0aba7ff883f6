r"""Private keys in PEM: the body decodes to DER or to OpenSSH's own format, by its first bytes.

Takes the block whole or only its body, with real newlines, with `\n` as two characters, or on one line.

    PKCS#1, PKCS#8, SEC1    30 (SEQUENCE), length, 02 01 (INTEGER, version 0, 1 or 3)
    encrypted PKCS#8        30, length, 30 (the algorithm)
    OpenSSH                 "openssh-key-v1" NUL
    Proc-Type: 4,ENCRYPTED  ciphertext: nothing to see

Sources: RFC 7468, RFC 5958, RFC 8017, RFC 5915, PROTOCOL.key of OpenSSH.
"""

from __future__ import annotations

import re
from typing import Final

from .base64text import decode

_ARMOUR: Final = re.compile(rb"-\s{0,4}(?:BEGIN|END)[A-Z0-9 ]{0,40}-")
#: Newlines as logs write them, at any level of escaping, quotes, and the other dashes of the armour.
_BREAKS: Final = re.compile(rb"\\+[nrt]|%0[AaDd]|[\s\"',\-]+")
#: RFC 1421 headers of an encrypted key.
_ENCRYPTED: Final = re.compile(rb"Proc-Type:|DEK-Info:")
_BODY: Final = re.compile(rb"[0-9A-Za-z+/]{16,}")
_SEQUENCE: Final = 0x30
_LONG_FORM: Final = 0x80
_MAX_LENGTH_BYTES: Final = 3
#: Characters of the body that are decoded, and bytes of the block in which they stand.
_HEAD: Final = 64
_WINDOW: Final = 1024


def pem(secret: bytes) -> bool | None:
    """Check that a private key's body opens as one; a body cut off before its end still counts."""
    secret = secret[:_WINDOW]
    if _ENCRYPTED.search(secret):
        return None
    text = _BREAKS.sub(b"", _ARMOUR.sub(b"", secret))
    match = _BODY.match(text)
    if match is None:
        return None
    head = match[0][:_HEAD]
    raw = decode(head[: len(head) // 4 * 4])
    if raw is None:
        return False
    return raw.startswith(b"openssh-key-v1\0") or _is_key(raw)


def _is_key(raw: bytes) -> bool:
    """Tell whether DER opens with a SEQUENCE that holds a version or an algorithm."""
    if raw[0] != _SEQUENCE:
        return False
    start = 2
    if raw[1] >= _LONG_FORM:
        width = raw[1] - _LONG_FORM
        if not 1 <= width <= _MAX_LENGTH_BYTES or raw[2] == 0:
            return False
        start += width
    inner = raw[start : start + 3]
    return (inner[:2] == b"\x02\x01" and inner[2:] in (b"\x00", b"\x01", b"\x03")) or inner[:1] == b"\x30"
