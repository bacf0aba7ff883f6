"""age identities: `AGE-SECRET-KEY-1` and 58 characters of bech32, the last six a checksum.

Sources: https://age-encryption.org/v1 (X25519 identity: bech32 with the human-readable part
`AGE-SECRET-KEY-`, upper case, 32 bytes), BIP 173 (the checksum).
"""

from __future__ import annotations

from typing import Final

_PREFIX: Final = b"AGE-SECRET-KEY-1"
_LENGTH: Final = 74
_DIGITS: Final = {digit: value for value, digit in enumerate(b"QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L")}
#: Generator of the checksum, BIP 173.
_GENERATOR: Final = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)


def _expanded() -> list[int]:
    """Return the human-readable part as the checksum reads it: in lower case, high bits then low bits."""
    text = _PREFIX[:-1].lower()
    return [letter >> 5 for letter in text] + [0] + [letter & 31 for letter in text]


def polymod(values: list[int]) -> int:
    """Return the checksum state of BIP 173 after `values` (5 bits each); 1 when it holds."""
    state = 1
    for value in values:
        top = state >> 25
        state = (state & 0x1FFFFFF) << 5 ^ value
        for bit, term in enumerate(_GENERATOR):
            if top >> bit & 1:
                state ^= term
    return state


def age(secret: bytes) -> bool | None:
    """Check the bech32 checksum of an age identity; bech32 may be written in lower case, too."""
    text = secret.upper() if secret.islower() else secret
    if len(text) != _LENGTH or not text.startswith(_PREFIX):
        return None
    values = [_DIGITS.get(letter, -1) for letter in text[len(_PREFIX) :]]
    return -1 not in values and polymod(_expanded() + values) == 1
