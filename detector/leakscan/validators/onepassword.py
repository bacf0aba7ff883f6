"""1Password service account tokens: `ops_` and base64 JSON with everything needed to sign in.

Source: https://developer.1password.com/docs/service-accounts/security/ (what a token carries); member
names were seen in decoded samples. There is no checksum: True means that it decodes and holds them.
"""

from __future__ import annotations

from typing import Final

from .base64text import decode, json_object

_PREFIX: Final = b"ops_"
#: Enough to tell the object apart; other members come and go between versions.
_MEMBERS: Final = frozenset({"email", "muk", "secretKey", "srpX", "signInAddress", "userAuth", "deviceUuid"})
_ENOUGH: Final = 2


def onepassword_sa(secret: bytes) -> bool | None:
    """Check that the token decodes to an object with the members of a service account."""
    if not secret.startswith(_PREFIX):
        return None
    text = secret.removeprefix(_PREFIX)
    members = json_object(text)
    if members is not None:
        return len(_MEMBERS.intersection(members)) >= _ENOUGH
    # cut off in the log: its first kilobyte may still open as the object does
    opening = decode(text[: len(text) // 4 * 4])
    if opening is None or not opening.startswith(b'{"'):
        return False
    return None
