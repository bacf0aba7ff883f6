"""Telegram bot tokens: the bot's id, `:`, 35 characters that open with `AA`. No checksum.

Source: https://core.telegram.org/bots/features#botfather (an example of the shape). The 35 characters are
base64url of a 26-byte value whose first byte is zero, hence `AA`.
"""

from __future__ import annotations

import re
from typing import Final

_SHAPE: Final = re.compile(rb"[1-9][0-9]{7,9}:(AA[0-9A-Za-z_\-]{33})")
#: Of 33 random characters of 64 at least this many differ; a typed sample has fewer.
_MIN_DISTINCT: Final = 16


def telegram(secret: bytes) -> bool | None:
    """Check the shape of a bot token and that its tail was not typed by hand."""
    match = _SHAPE.fullmatch(secret)
    if match is None:
        return None
    return len(set(match[1])) >= _MIN_DISTINCT
