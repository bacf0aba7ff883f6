"""NATS nkey seeds: base32 of two prefix bytes, a 32-byte seed and a CRC16. 58 characters, `S` first.

The first five bits are 18 (seed), the next eight the role: operator, account, user, server, cluster or
curve. The checksum is CRC-16/XMODEM over what stands before it, little-endian. Source:
https://docs.nats.io/reference/reference-protocols/nkeys and https://github.com/nats-io/nkeys.
"""

from __future__ import annotations

import base64
import binascii
import re
from typing import Final

#: Account, cluster, server, operator, user, curve.
_SHAPE: Final = re.compile(rb"S[ACNOUX][A-Z2-7]{56}")


def nkey(secret: bytes) -> bool | None:
    """Check the CRC16 of a seed."""
    if _SHAPE.fullmatch(secret) is None:
        return None
    raw = base64.b32decode(secret + b"======")
    if base64.b32encode(raw).rstrip(b"=") != secret:
        return False  # the two bits that the last character has to spare are zero in a real seed
    return binascii.crc_hqx(raw[:-2], 0).to_bytes(2, "little") == raw[-2:]
