"""Sentry organisation tokens: `sntrys_`, base64 JSON, `_`, 43 characters.

The JSON holds iat, url, region_url and org. Source:
https://develop.sentry.dev/application-architecture/auth-tokens/ and decoded samples. There is no
checksum: True means that the object has the members of an organisation token.
"""

from __future__ import annotations

import re
from typing import Final

from .base64text import json_object

_SHAPE: Final = re.compile(rb"sntrys_([0-9A-Za-z+/\-_]{40,1024}={0,2})_([0-9A-Za-z+/\-_]{42,44})")
_MEMBERS: Final = frozenset({"iat", "url", "region_url", "org"})


def sentry_org(secret: bytes) -> bool | None:
    """Check that the middle part decodes to an object with iat, url, region_url and org."""
    match = _SHAPE.fullmatch(secret)
    if match is None:
        return None
    members = json_object(match[1])
    return members is not None and _MEMBERS.issubset(members)
