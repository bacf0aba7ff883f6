"""PyPI API tokens: `pypi-` and a base64url macaroon whose location is `pypi.org`.

A macaroon of the second binary format opens with 02 (version), 01 (field: location), the length, and
the location. A token of a real index therefore opens with 02 01 08 "pypi.org" or 02 01 0d
"test.pypi.org". Sources: https://github.com/rescrv/libmacaroons/blob/master/doc/format.txt,
https://docs.pypi.org/api/secrets/.
"""

from __future__ import annotations

import re
from typing import Final

from .base64text import decode

_SHAPE: Final = re.compile(rb"pypi-([0-9A-Za-z_\-]{16,2048}={0,2})")
_OPENINGS: Final = (b"\x02\x01\x08pypi.org\x02", b"\x02\x01\x0dtest.pypi.org\x02")
#: Identifier, caveat and a 32-byte signature do not fit in less.
_MIN_RAW: Final = 50


def pypi(secret: bytes) -> bool | None:
    """Check that the token is a macaroon of PyPI."""
    match = _SHAPE.fullmatch(secret)
    if match is None:
        return None
    text = match[1].rstrip(b"=")
    raw = decode(text[: len(text) // 4 * 4])  # a cut-off token still shows its opening
    if raw is None or not raw.startswith(_OPENINGS):
        return False
    return True if len(raw) >= _MIN_RAW else None
