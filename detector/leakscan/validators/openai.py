"""OpenAI keys: random text, `T3BlbkFJ` (base64 of "OpenAI") in the middle, random text.

    sk-<20>T3BlbkFJ<20>                                 user key, first generation
    sk-proj-<n>T3BlbkFJ<n>, sk-svcacct-.., sk-admin-..  project, service account, administrator

`n` is 20, 58 or 74, the same on both sides.

Source: prefixes from https://platform.openai.com/docs/api-reference/authentication; the word in the middle
stands at the same place in every sample. There is no checksum: True means that it stands there.
"""

from __future__ import annotations

import re
from typing import Final

_SHAPE: Final = re.compile(
    rb"sk-(?:(?:None-)?[0-9A-Za-z]{20}T3BlbkFJ[0-9A-Za-z]{20}"
    rb"|(?:proj|svcacct|admin|service)-([0-9A-Za-z_\-]{20,74})T3BlbkFJ([0-9A-Za-z_\-]{20,74}))"
)


def openai_project(secret: bytes) -> bool | None:
    """Check that the word stands in the middle of the key."""
    match = _SHAPE.fullmatch(secret)
    if match is None:
        return None
    return match[1] is None or len(match[1]) == len(match[2])
