"""The masked form of a secret: enough to recognise one's own, too little to use or to search with.

Not here: redaction of a log (`redact`), which takes the secret out altogether.

>>> mask(b"tok_0123456789abcdefghijklmnopqr")
'tok_…(32)'
>>> mask(b"hunter2")
'…(7)'
"""

from __future__ import annotations

from typing import Final

#: A secret shorter than this shows nothing of itself: four of 24 characters are a sixth.
SHOWN_FROM: Final = 24
#: How many leading bytes are shown. They are the vendor's prefix most of the time, and never eight.
SHOWN: Final = 4

#: Every byte as itself where it is printable ASCII, else as a full stop.
_PRINTABLE: Final = bytes(code if chr(code).isprintable() else 0x2E for code in range(128)) + b"." * 128


def mask(secret: bytes) -> str:
    """Return `head…(length in bytes)`; the head is empty for secrets under `SHOWN_FROM` bytes."""
    head = secret[:SHOWN].translate(_PRINTABLE).decode("ascii") if len(secret) >= SHOWN_FROM else ""
    return f"{head}…({len(secret)})"
