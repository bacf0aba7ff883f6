"""Payment card numbers: a known range of issuers, a length they use, and the check digit (ISO/IEC 7812-1).

Ranges as the networks publish them: Visa, Mastercard, American Express, Discover, Diners Club, JCB,
UnionPay, Mir. Not here: where a number stands in a text (`leakscan.personal`).

>>> luhn(b"4111 1111 1111 1111"), luhn(b"4111 1111 1111 1112")
(True, False)
"""

from __future__ import annotations

from typing import Final

#: First and last prefix of a range, and the lengths of its numbers.
_RANGES: Final = (
    (b"4", b"4", {13, 16, 19}),  # Visa
    (b"51", b"55", {16}),  # Mastercard
    (b"2221", b"2720", {16}),
    (b"34", b"34", {15}),  # American Express
    (b"37", b"37", {15}),
    (b"6011", b"6011", {16, 19}),  # Discover
    (b"644", b"649", {16, 19}),
    (b"65", b"65", {16, 19}),
    (b"300", b"305", {14, 16, 19}),  # Diners Club
    (b"3095", b"3095", {14, 16, 19}),
    (b"36", b"36", {14, 16, 19}),
    (b"38", b"39", {14, 16, 19}),
    (b"3528", b"3589", {16, 19}),  # JCB
    (b"62", b"62", {16, 17, 18, 19}),  # UnionPay
    (b"2200", b"2204", {16, 17, 18, 19}),  # Mir
)
_SEPARATORS: Final = b" -"


def luhn(secret: bytes) -> bool:
    """Check a card number, with or without spaces and hyphens."""
    digits = secret.translate(None, _SEPARATORS)
    if not digits.isdigit() or len(set(digits)) == 1:
        return False
    return is_issued(digits) and _check_sum(digits) % 10 == 0


def is_issued(digits: bytes) -> bool:
    """Tell whether a known network has numbers that begin so and are that long."""
    return any(
        first <= digits[: len(first)] <= last and len(digits) in lengths for first, last, lengths in _RANGES
    )


def _check_sum(digits: bytes) -> int:
    """Add the digits from the right, every second one doubled and the digits of that added."""
    total = 0
    for place, code in enumerate(reversed(digits)):
        value = (code - 0x30) * (1 + place % 2)
        total += value - 9 * (value > 9)  # noqa: PLR2004 - two digits
    return total
