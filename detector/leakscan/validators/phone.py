"""International telephone numbers: an assigned country code and a possible length (ITU-T E.164).

North American numbers have a fixed length and form, which is checked (NANPA). Not here: where one
stands in a text (`leakscan.personal`).

>>> phone(b"+49 30 901820"), phone(b"+1 (415) 555-2671"), phone(b"+1 (115) 555-2671")
(True, True, False)
"""

from __future__ import annotations

import re
from typing import Final

#: Digits with the country code. Eight is short for a whole number, but some islands' are.
LEAST: Final = 8
MOST: Final = 15
_SEPARATORS: Final = b" ().-+"
#: What codes begin with: one digit, two digits, or two of three digits.
_CODE: Final = re.compile(
    rb"1|7|2[07]|3[0-469]|4[013-9]|5[1-8]|6[0-6]|8[1246]|9[0-58]"
    rb"|2[1-69][0-9]|3[578][0-9]|42[0-9]|5[09][0-9]|6[7-9][0-9]|8[0578][0-9]|9[679][0-9]"
)
_NORTH_AMERICA: Final = re.compile(rb"1[2-9][0-9]{2}[2-9][0-9]{6}")


def phone(secret: bytes) -> bool:
    """Check a number that begins with `+`, with or without spaces, hyphens, dots and brackets."""
    digits = secret.translate(None, _SEPARATORS)
    if not secret.startswith(b"+") or not digits.isdigit() or not LEAST <= len(digits) <= MOST:
        return False
    if digits.startswith(b"1"):
        return _NORTH_AMERICA.fullmatch(digits) is not None
    return _CODE.match(digits) is not None and len(set(digits)) > 1
