"""Entropy of a value: bits per byte, and that against the most its length and alphabet allow.

Bare Shannon entropy rises with length and alphabet: 32 hex digits cannot pass 4 bits, a good token of 16
characters scores below a sentence of 60. `normalised` takes both out.

Not here: whether text reads as words (`randomness`).

>>> shannon(b"aabb"), round(normalised(b"9f86d081884c7d65"), 2) > 0.8, normalised(b"aaaaaaaa")
(1.0, True, 0.0)
"""

from __future__ import annotations

from math import log2
from typing import Final

#: c * log2(c) for the counts that occur, so that a call needs no logarithm but one.
_TERMS: Final = tuple(count * log2(count) if count else 0.0 for count in range(513))

#: Alphabets of tokens, narrowest first; a value belongs to the first that holds all its bytes.
_ALPHABETS: Final = (
    (b"0123456789", 10),
    (b"0123456789abcdef", 16),
    (b"0123456789ABCDEF", 16),
    (b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", 32),
    (b"abcdefghijklmnopqrstuvwxyz234567", 32),
    (b"0123456789abcdefghijklmnopqrstuvwxyz", 36),
    (b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ", 36),
    (b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz", 62),
    (b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz+/-_=.", 64),
)
_PRINTABLE: Final = 94
_BYTES: Final = 256
_LOWEST_PRINTABLE: Final = 0x20
_DELETE: Final = 0x7F


def shannon(data: bytes) -> float:
    """Return the Shannon entropy of the bytes' frequencies in bits per byte, 0.0 to 8.0; 0.0 for empty."""
    size = len(data)
    if not size:
        return 0.0
    try:
        total = sum([_TERMS[data.count(byte)] for byte in set(data)])
    except IndexError:
        total = sum([count * log2(count) for count in map(data.count, set(data))])
    return log2(size) - total / size


def alphabet_size(data: bytes) -> int:
    """Return the size of the narrowest alphabet of tokens that holds every byte: 10, 16, .. 94 or 256."""
    for letters, size in _ALPHABETS:
        if not data.translate(None, letters):
            return size
    if all(_LOWEST_PRINTABLE <= byte < _DELETE for byte in data):
        return _PRINTABLE
    return _BYTES


def normalised(data: bytes) -> float:
    """Return entropy against what random text of this length and alphabet reaches, 0.0 to 1.0.

    The most that `n` bytes of an alphabet of `k` can have is log2(min(n, k)). Random text stays a little
    below it: tokens of 16 characters and more rarely have less than 0.8. One repeated character has 0.0.
    """
    ceiling = min(len(data), alphabet_size(data))
    return min(1.0, shannon(data) / log2(ceiling)) if ceiling > 1 else 0.0
