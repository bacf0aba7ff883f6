"""US social security numbers: the parts that are never issued (Social Security Administration).

There is no check digit, so what holds is only possible. Not here: where one stands (`leakscan.personal`).

>>> ssn(b"536-22-1234"), ssn(b"666-22-1234"), ssn(b"078-05-1120")
(True, False, False)
"""

from __future__ import annotations

import re
from typing import Final

_FORM: Final = re.compile(rb"([0-9]{3})([- ])([0-9]{2})\2([0-9]{4})")
#: Areas from here on are taxpayer numbers or unused.
_FIRST_UNUSED: Final = b"900"
#: Printed on cards in wallets and in a pamphlet, and void since.
_VOID: Final = frozenset({(b"078", b"05", b"1120"), (b"219", b"09", b"9999")})


def ssn(secret: bytes) -> bool:
    """Check area, group and serial of a number with hyphens or spaces."""
    match = _FORM.fullmatch(secret)
    if match is None:
        return False
    area, group, serial = match[1], match[3], match[4]
    is_issued = area not in {b"000", b"666"} and area < _FIRST_UNUSED
    return is_issued and group != b"00" and serial != b"0000" and (area, group, serial) not in _VOID
