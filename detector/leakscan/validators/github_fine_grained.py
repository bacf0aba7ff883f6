"""GitHub fine-grained personal access tokens: `github_pat_`, 22 characters, `_`, 59 characters.

Characters 77 to 84 are the first eight base32 characters of the SHA-256 of the first 77; what follows
them is free. Reproduced on samples; GitHub documents only the prefix
(https://docs.github.com/en/authentication/keeping-your-account-and-data-secure/about-authentication-to-github).
"""

from __future__ import annotations

import base64
import hashlib
import re
from typing import Final

_SHAPE: Final = re.compile(rb"github_pat_[0-9A-Za-z]{22}_[0-9A-Za-z]{59}")
_COVERED: Final = 77
_WIDTH: Final = 8


def github_fine_grained(secret: bytes) -> bool | None:
    """Check a fine-grained token of 93 characters."""
    if _SHAPE.fullmatch(secret) is None:
        return None
    digest = hashlib.sha256(secret[:_COVERED]).digest()
    return base64.b32encode(digest)[:_WIDTH] == secret[_COVERED : _COVERED + _WIDTH]
