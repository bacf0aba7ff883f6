"""Confluent Cloud API secrets: `cflt`, 54 characters, 6 of checksum.

Source: https://docs.confluent.io/cloud/current/client-apps/api-keys.html ("final 6 characters": CRC32 of
the 54 before them in base64). The CRC goes in little-endian; both checked on the page's example.
"""

from __future__ import annotations

import binascii
import re
import zlib
from typing import Final

_SHAPE: Final = re.compile(rb"cflt([0-9A-Za-z+/]{54})([0-9A-Za-z+/]{6})")


def confluent(secret: bytes) -> bool | None:
    """Check a Confluent secret of the format in use since July 2025; older ones say nothing."""
    match = _SHAPE.fullmatch(secret)
    if match is None:
        return None
    checksum = zlib.crc32(match[1]).to_bytes(4, "little")
    return binascii.b2a_base64(checksum)[:6] == match[2]
