"""Randomness: does a value read as a name that people wrote, or as random text?

The model weighs two stories. Names: each character costs what it costs after the one before it in names of
the standard library (`bigrams`, 3 KB). Random: every character costs the same, log2 of the narrowest
alphabet that holds the value. The score is the difference in bits for each character; times the length it
is the weight of evidence, and a value looks random when that passes a fixed bar. A short value can hardly
reach it, a long one soon does: that is the length-dependent threshold.

Measured on 60,000 names of words that were held out of training and 144,000 random tokens of twelve alphabets
(benchmarks/randomness/results.md): at 12 bits 0.02 % of the names are flagged, and of the tokens 96.9 % of
12 characters, 99.2 % of 16, 99.8 % of 20, 99.99 % of 32. Weakest on bare letters a-z: 94 % of 16, for they
do make syllables. 8 bits would find 0.4 points more of 16 characters and flag 16 times as many names.

Not here: passwords (people make them, they read as names), entropy of frequencies (`entropy`), UUIDs and
digests, which do look random (`shapes`).

>>> looks_random(b"getUserTokenFromRequest"), looks_random(b"k8F2mQ9zXwPq7LrT")
(False, True)
"""

from __future__ import annotations

from itertools import pairwise
from math import log2
from typing import Final

from .bigrams import COSTS
from .entropy import alphabet_size

#: Symbols of the model: a-z, A-Z, any digit, the separators of names (one also stands before the first
#: character), and everything else.
DIGIT: Final = 52
SEPARATOR: Final = 53
OTHER: Final = 54
SYMBOLS: Final = 55
SEPARATORS: Final = b"-_./:+ "
#: Characters that share a symbol; the model takes them as equally likely.
SPREAD: Final = (1,) * 52 + (10, len(SEPARATORS), 25)
#: Costs are in quarters of a bit, written from `#` on; the largest comes just before the backslash.
STEPS: Final = 4
FIRST: Final = 35
MAX_COST: Final = 56

#: Evidence that makes a value random, in bits: the knee of benchmarks/randomness/curve.svg.
THRESHOLD: Final = 12.0
#: Shorter values are never random: there is a name like any of them.
MIN_LENGTH: Final = 8
#: Shortest random tail behind a name. Pods and builds carry five to ten random characters and are no secret.
MIN_TAIL: Final = 16
_JOINTS: Final = (b"-", b"_", b".", b":", b"/")
#: Longer values are judged by their beginning: no name is longer, and the evidence is complete by then.
MAX_LENGTH: Final = 256


def _symbol(byte: int) -> int:
    if ord("a") <= byte <= ord("z"):
        return byte - ord("a")
    if ord("A") <= byte <= ord("Z"):
        return byte - ord("A") + 26
    if ord("0") <= byte <= ord("9"):
        return DIGIT
    return SEPARATOR if byte in SEPARATORS else OTHER


#: For `bytes.translate`: the symbol of each byte.
SYMBOL_OF: Final = bytes(map(_symbol, range(256)))


def randomness(value: bytes) -> float:
    """Return how much better random text explains the value than names do, in bits for each character.

    Above zero leans to random (tokens have 1 to 5), below to names (-4 to 0). Zero for digits only, which say
    nothing either way, and for the empty value.
    """
    value = value[:MAX_LENGTH]
    if not value or value.isdigit():
        return 0.0
    symbols = (b"-" + value).translate(SYMBOL_OF)
    cost = sum([COSTS[before * SYMBOLS + after] for before, after in pairwise(symbols)]) / len(value)
    return (cost - FIRST) / STEPS - log2(alphabet_size(value))


def evidence(value: bytes) -> float:
    """Return the weight of evidence for random text in bits: the score times the length it was made from."""
    return randomness(value) * min(len(value), MAX_LENGTH)


def looks_random(value: bytes) -> bool:
    """Tell whether the value reads as random text: a token, a key, a digest; not a name, word or path.

    A random tail after the last separator counts by itself, or a long name before it would outweigh it.
    """
    if len(value) < MIN_LENGTH:
        return False
    if evidence(value) > THRESHOLD:
        return True
    tail = value[max(map(value.rfind, _JOINTS)) + 1 :]
    return MIN_TAIL <= len(tail) < len(value) and evidence(tail) > THRESHOLD
