"""Discord bot tokens: base64 of the bot's user id, a timestamp, a signature, joined by dots.

The user id is a snowflake: 17 to 20 digits (https://discord.com/developers/docs/reference#snowflakes).
There is no checksum: True means that the first part decodes to one.
"""

from __future__ import annotations

import re
from typing import Final

from .base64text import decode

_SHAPE: Final = re.compile(rb"([0-9A-Za-z_\-]{23,28})\.[0-9A-Za-z_\-]{6,7}\.[0-9A-Za-z_\-]{27,38}")
_SNOWFLAKE: Final = re.compile(rb"[0-9]{17,20}")


def discord(secret: bytes) -> bool | None:
    """Check that the first part of a bot token is a user id in base64."""
    match = _SHAPE.fullmatch(secret.removeprefix(b"mfa."))
    if match is None:
        return None
    raw = decode(match[1])
    return raw is not None and _SNOWFLAKE.fullmatch(raw) is not None
