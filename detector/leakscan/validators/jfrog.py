"""JFrog reference tokens: base64 of `reftkn:01:<expiry>:<random>`, 64 characters.

Source: https://jfrog.com/help/r/jfrog-platform-administration-documentation/understanding-identity-tokens
(64 characters that open with `cmVmd`); the fields were seen in decoded samples. There is no checksum.
"""

from __future__ import annotations

import re
from typing import Final

from .base64text import decode

_FIELDS: Final = re.compile(rb"reftkn:[0-9]{2}:[0-9]{10}:[!-~]{8,64}")


def jfrog(secret: bytes) -> bool | None:
    """Check that a reference token decodes to its four fields."""
    if not secret.startswith(b"cmVmdGtu"):
        return None
    raw = decode(secret)
    return raw is not None and _FIELDS.fullmatch(raw) is not None
