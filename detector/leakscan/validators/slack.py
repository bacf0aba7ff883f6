"""Slack tokens: a kind, numbers that name workspace and user, a random tail. No checksum.

    xoxb-<team>-<bot>-<24>          bot            xoxp-<team>-<user>-<client>-<32 hex>   user
    xoxe.xoxp-1-<base64>            rotated        xapp-1-A<app>-<number>-<64 hex>        app level

Source: https://docs.slack.dev/authentication/tokens/. True means that every group has its place and
size; ids have ten or more digits, which nobody types by hand into a sample.
"""

from __future__ import annotations

import re
from typing import Final

_SHAPES: Final = re.compile(
    rb"xox[bp]-[0-9]{10,14}-[0-9]{10,14}-[0-9A-Za-z]{24}"
    rb"|xox[aprs]-[0-9]{10,14}-[0-9]{10,14}-[0-9]{10,14}-[0-9a-f]{32,64}"
    rb"|xoxc-[0-9]{10,14}-[0-9]{10,14}-[0-9]{10,14}-[0-9a-f]{64}"
    rb"|xapp-[0-9]-A[0-9A-Z]{8,12}-[0-9]{10,14}-[0-9a-f]{64}"
    rb"|xoxe\.xox[bp]-1-[0-9A-Za-z]{150,180}"
    rb"|xoxe-1-[0-9A-Za-z]{140,180}"
)


def slack(secret: bytes) -> bool | None:
    """Check the groups of a Slack token; a shape that is not listed says nothing."""
    return True if _SHAPES.fullmatch(secret) else None
