"""Personal data's anchors: what the prefilter looks for when the pack `pii` is on.

None of these has a literal but an `@`, a `+`, a hyphen, a country code or a digit, so each anchor is the
whole shape up to its shortest length. The digits cost speed, which is one reason why the pack is off
unless asked for.

Not here: what a candidate turns out to be (`pii`).
"""

from __future__ import annotations

from typing import Final, Literal, NamedTuple, get_args

from .prefilter import Anchor
from .validators.iban import LENGTHS

Form = Literal["email", "card", "iban", "ssn", "phone"]
FORMS: Final[frozenset[str]] = frozenset(get_args(Form))


class Shape(NamedTuple):
    """What an anchor of personal data leads to; a rule's grammar has the same name."""

    form: Form


_COUNTRIES: Final = tuple(country.encode() for country in sorted(LENGTHS))
#: Digits that a card's number begins with, see `validators.luhn`.
_CARD_STARTS: Final = (
    *(b"4%d" % digit for digit in range(10)),
    *(b"5%d" % digit for digit in range(1, 6)),
    b"22", b"23", b"24", b"25", b"26", b"27", b"30", b"34", b"35", b"36", b"37", b"38", b"39",
    b"60", b"62", b"64", b"65",
)  # fmt: skip
CARD: Final = rb"(?:4[0-9]|5[1-5]|2[2-7]|3[04-9]|6[0245])(?:[ \-]?[0-9]){11}"
#: What can stand before a number, for an engine that need not start with a literal: nothing, no digit, or
#: the end of an escape. It leaves out starts inside of longer numbers, which `boundary` refuses anyway.
_NO_DIGIT: Final = (
    rb"(?:^|[^0-9]|%(?:25)?[0-9A-Fa-f]{2}"
    rb"|\\(?:x[0-9A-Fa-f]{2}|u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8}|[0-3][0-7]{2}))"
)
_IBAN: Final = rb"(?:" + b"|".join(_COUNTRIES) + rb")[0-9]{2}(?:[ \-]?[0-9A-Z]){11}"
_PHONE: Final = rb"(?:\+|%2[Bb])[1-9](?:[ ().\-]{0,2}[0-9]){7}"

#: What the prefilter looks for. Each start has one end, so that the engines agree.
ANCHORS: Final[tuple[tuple[Shape, Anchor], ...]] = (
    (Shape("email"), Anchor((b"@", b"%40"), rb"(?:@|%40)[A-Za-z0-9][A-Za-z0-9\-]{0,62}\.[A-Za-z0-9]")),
    (Shape("card"), Anchor(_CARD_STARTS, CARD, (_NO_DIGIT + CARD,))),
    (Shape("iban"), Anchor(_COUNTRIES, _IBAN)),
    (Shape("ssn"), Anchor((b"-",), rb"-[0-9]{2}-[0-9]{4}")),
    (
        Shape("ssn"),
        Anchor(
            (b"ssn", b"social security"),
            rb"(?i:ssn|social security)[^\n0-9]{0,24}[0-9]{3} [0-9]{2} [0-9]{4}",
        ),
    ),
    (Shape("phone"), Anchor((b"+", b"%2B"), _PHONE)),
)
