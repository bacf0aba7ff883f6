"""IBAN: the length of its country and the remainder by 97 (ISO 13616, the SWIFT IBAN registry).

Not here: where a number stands in a text (`leakscan.personal`).

>>> iban(b"DE89 3704 0044 0532 0130 00"), iban(b"DE88 3704 0044 0532 0130 00")
(True, False)
"""

from __future__ import annotations

from typing import Final

#: Characters of an IBAN by country.
LENGTHS: Final = {
    country: length
    for length, countries in (
        (15, "NO"), (16, "BE"), (18, "DK FI FK FO GL NL SD"), (19, "MK SI"), (20, "AT BA EE KZ LT LU MN XK"),
        (21, "CH HR LI LV"), (22, "BG BH CR DE GB GE IE ME RS VA"), (23, "AE GI IL IQ OM SO TL"),
        (24, "AD CZ ES MD PK RO SA SE SK TN VG"), (25, "LY PT ST"), (26, "IS TR"),
        (27, "BI DJ FR GR IT MC MR SM"), (28, "AL AZ BY CY DO GT HN HU LB NI PL SV"), (29, "BR EG PS QA UA"),
        (30, "JO KW MU YE"), (31, "MT SC"), (32, "LC"), (33, "RU"),
    )
    for country in countries.split()
}  # fmt: skip
_MODULUS: Final = 97


def iban(secret: bytes) -> bool:
    """Check an IBAN in capitals, with or without spaces and hyphens."""
    text = secret.translate(None, b" -")
    if not text.isalnum() or not text.isascii() or text != text.upper():
        return False
    if LENGTHS.get(text[:2].decode()) != len(text) or not text[2:4].isdigit():
        return False
    turned = text[4:] + text[:4]
    # letters count from A = 10 on, which is their value as digits of base 36
    return int("".join(str(int(chr(code), 36)) for code in turned)) % _MODULUS == 1
