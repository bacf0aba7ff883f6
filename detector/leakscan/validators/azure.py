"""Azure keys that sign themselves: four characters of signature, then a Marvin32 checksum.

A key is base64 of random bytes, then a signature that reads as text in the base64 (`+ASt`, `ACDb`, `AzCa`
..), then four checksum bytes: Marvin32 over all before them, little-endian, with a seed that
names the kind of key: eight ASCII characters read as a big-endian number ("Default0" for storage).
Common annotated keys (`JQQJ9`) use "Default0" over their first 60 bytes and may drop the checksum's
last byte. Client secrets of Entra ID (`8Q~`) end in three characters of theirs.

Sources: https://github.com/microsoft/security-utilities (signatures, seeds, layout; MIT),
https://github.com/Azure/azure-functions-host (seeds of the Functions keys). Marvin32: US patent
20130262421 and .NET's `System.Marvin`.
"""

from __future__ import annotations

from typing import Final

from .base64text import decode

_WORD: Final = 0xFFFF_FFFF
#: Signature -> the kinds of key that carry it, as seeds.
_SEEDS: Final = {
    b"+ASt": (b"Default0",),
    b"ACDb": (b"MastRW00", b"MastRO00", b"SysAll00", b"SystRW00", b"SystRO00", b"Resour00", b"Encryp00"),
    b"AzCa": (b"Access00",),
    b"+ABa": (b"AbAcct00",),
    b"AzFu": (b"Functi00", b"Master00", b"System00"),
    b"AzSe": (b"Query000", b"PAdmin00"),
    b"+ASb": (b"Send0000", b"Listen00", b"Manage00", b"System00", b"Unknown0"),
    b"+AEh": (b"Send0000", b"Listen00", b"Manage00", b"System00", b"Unknown0"),
    b"+ARm": (b"Send0000", b"Listen00", b"Manage00", b"Unknown0"),
    b"+AMC": (b"Classic0",),
    b"+ACR": (b"ACRDflt0",),
    b"+SQL": (b"UsrPwd00",),
    b"AIoT": (b"IoTHub00", b"DpsKey00", b"Device00"),
    b"APIM": (b"Tenant00", b"IoTHub00", b"Gatewy00", b"GitKey00"),
}
_CHECKSUM: Final = 4
#: The signature starts this many characters before the end of the unpadded base64.
_FROM_END: Final = 10
#: Longest key of any kind, in characters; Marvin32 in Python costs a microsecond for four bytes.
_MAX_TEXT: Final = 128
_CASK: Final = b"JQQJ9"
_CASK_AT: Final = 52
_CASK_COVERED: Final = 60
_CASK_BYTES: Final = (63, 64)

_CLIENT_LENGTH: Final = 40
_CLIENT_SEED: Final = b"AadPwd00"
_CLIENT_DIGITS: Final = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ1234567890.-_~"


def _rotate(value: int, bits: int) -> int:
    return (value << bits | value >> 32 - bits) & _WORD


def marvin32(data: bytes, seed: int) -> int:
    """Return the Marvin32 checksum of `data` as an unsigned 32-bit number; `seed` has 64 bits."""
    low, high = seed & _WORD, seed >> 32
    padded = data + b"\x80" + bytes(3 - len(data) % 4)
    words = [int.from_bytes(padded[at : at + 4], "little") for at in range(0, len(padded), 4)]
    for word in (*words, 0):
        low = low + word & _WORD
        high ^= low
        low = _rotate(low, 20) + high & _WORD
        high = _rotate(high, 9) ^ low
        low = _rotate(low, 27) + high & _WORD
        high = _rotate(high, 19)
    return low ^ high


def azure_marvin(secret: bytes) -> bool | None:
    """Check the Marvin32 checksum of any Azure key with a known signature; others say nothing."""
    if len(secret) > _MAX_TEXT:
        return None
    text = secret.rstrip(b"=")
    if text[_CASK_AT : _CASK_AT + len(_CASK)] == _CASK:
        return _cask(text)
    seeds = _SEEDS.get(text[-_FROM_END : 4 - _FROM_END])
    if seeds is None:
        return None
    raw = decode(text)
    if raw is None or len(raw) <= _CHECKSUM:
        return False
    checksum = int.from_bytes(raw[-_CHECKSUM:], "little")
    if any(marvin32(raw[:-_CHECKSUM], int.from_bytes(seed)) == checksum for seed in seeds):
        return True
    # Redis has keys in which `+` and `/` were replaced by letters after the checksum was made
    return None if text[-_FROM_END : 4 - _FROM_END] == b"AzCa" and not set(b"+/") & set(text) else False


def _cask(text: bytes) -> bool | None:
    raw = decode(text)
    if raw is None or len(raw) not in _CASK_BYTES:
        return None
    checksum = marvin32(raw[:_CASK_COVERED], int.from_bytes(b"Default0")).to_bytes(4, "little")
    return checksum.startswith(raw[_CASK_COVERED:])


def azure_client_secret(secret: bytes) -> bool | None:
    """Check the last three characters of an Entra ID client secret with `8Q~`; `7Q~` has no checksum."""
    if len(secret) != _CLIENT_LENGTH or secret[3:6] != b"8Q~":
        return None
    number = marvin32(secret[:-3], int.from_bytes(_CLIENT_SEED))
    digits = bytearray()
    while number:
        number, rest = divmod(number, len(_CLIENT_DIGITS))
        digits.append(_CLIENT_DIGITS[rest])
    return bytes(reversed(digits[-3:])) == secret[-3:]
