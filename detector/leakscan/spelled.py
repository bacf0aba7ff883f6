"""The keyed anchors as hyperscan takes them best: many small expressions in place of a few large ones.

Hyperscan looks for literals, and from each place where one stands it runs an automaton, which costs as
much as a line of text. In one pattern for all key words the bare words would be the literals, and
`token`, `tokens`, `token_type`, `auth_method` stand in every line of a JSON log. So each word is spelled
out with each byte that may follow it, and the two together are the literal; a class of such bytes, or a
choice of words, would not do. Measured on JSON lines of an API: 320 MB/s as patterns, 520 MB/s like this.

Each expression is compiled anew, so only the words that logs are full of are spelled out, and what
follows the first byte is kept small. It may select more than the anchor's pattern, never less.

Not here: the patterns (`anchors`), the engine (`prefilter.hyperscan`).
"""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING, Final

from .anchors import (
    AFTER_QUOTE,
    BESIDE,
    FIRST,
    GAP,
    LISTED_WORDS,
    MORE,
    NEXT_STRING,
    OPEN,
    OPTION_NAMES,
    OPTION_VALUE,
    QUOTES,
    REST_OF_TOKEN,
    SAID,
    SHAPES,
    SHORT_OPEN,
    SPACED_KEY,
    TOKEN_WORDS,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .anchors import Form

#: The words that stand in every line of a JSON log; any word before `key` does, `keys` judges it.
_OFTEN: Final = (b"(?i:token)", b"(?i:secret)", b"(?i:auth)", rb"(?i:[a-z0-9][_\-.]?key)")
_SELDOM: Final = (
    rb"(?:(?i:"
    + b"|".join(word for word in TOKEN_WORDS if b"(?i:" + word + b")" not in _OFTEN)
    + b")|"
    + SPACED_KEY
    + b")"
)
_SEPARATOR: Final = rb"[=:>]+"
_ARROW: Final = rb"[=:>\-]+"
_AFTER_NAME: Final = MORE + QUOTES + _ARROW + SHORT_OPEN
#: What may stand between a key word and its value, each by its first byte.
_TAILS: Final = (
    rb"=[=>]?" + OPEN,
    rb":=?" + OPEN,
    rb">" + SHORT_OPEN,
    rb"->" + SHORT_OPEN,
    *(
        mark + b"(?:" + QUOTES + b"(?:" + _SEPARATOR + b"|" + AFTER_QUOTE + b")" + OPEN + b"|" + BESIDE + b")"
        for mark in (b"'", rb"\\+[\"']?")
    ),
    *(mark + QUOTES + _SEPARATOR + OPEN for mark in (rb"\]", b"`", rb"\*")),
    *(space + rb"[ \t]*" + _ARROW + OPEN for space in (b" ", rb"\t")),
    SAID + OPEN,
    # encoded; where the value begins is for the reader to see
    rb"%[0-9A-Fa-f]{2}[0-9A-Fa-f%:= \"'\\\[({<]*",
    rb"&[a-z#0-9]+;[ ]?[:=]?(?:&[a-z#0-9]+;|[ \"'\\\[({<])*",
    rb"\\+u00[0-9A-Fa-f]{2}[ ]?[:=]?(?:\\+u00[0-9A-Fa-f]{2}|[ \"'\\\[({<])*",
    # the name goes on
    *(joint + rb"[A-Z0-9]" + _AFTER_NAME for joint in (b"_", b"-")),
    rb"\.[A-Za-z]" + _AFTER_NAME,
    *(b"%d" % digit + _AFTER_NAME for digit in range(10)),
)
_IN_QUOTES: Final = (
    b"(?:"
    + b"|".join(_OFTEN)
    + rb')"(?:(?:'
    + QUOTES
    + rb"(?:=>|:=|==|->|[=:>])|"
    + AFTER_QUOTE
    + b")"
    + OPEN
    + b"|"
    + BESIDE
    + b")"
)
#: Words that are looked for in lists and stand in every line, or inside other words (`shipping`).
_LISTED_OFTEN: Final = (
    b"password", b"pass", b"token", b"secret", b"auth", b"key", b"pin", b"otp", b"cvv", b"sig", b"pw", b"pwd",
)  # fmt: skip
_NEXT: Final = rb"(?:\]|," + NEXT_STRING + b")"
#: Eight bytes of which one is no small letter.
_NO_WORD: Final = b"|".join(
    rb"[a-z]" * place + rb"[^a-z\s\"']" + rb"[^\s\"']" * (7 - place) for place in range(8)
)
_NUMBERED: Final = rb"(?:(?:[_\-][A-Z0-9]|[0-9]|\.[A-Za-z])" + _AFTER_NAME + b"|" + SHAPES + b")"


def _token() -> Iterator[bytes]:
    for word, tail in product(_OFTEN, _TAILS):
        yield word + tail + FIRST + REST_OF_TOKEN
    yield _SELDOM + _NUMBERED + FIRST + REST_OF_TOKEN
    yield _IN_QUOTES + b"(?:" + _NO_WORD + b")"


def _letters() -> Iterator[bytes]:
    """`"token":"refreshed"` says what became of one; eight small letters must go on to be one."""
    yield _IN_QUOTES + rb"[a-z]{8}[^\s\"']{4}"


def _listed() -> Iterator[bytes]:
    for name in _LISTED_OFTEN:
        word = b"(?i:" + name + b")"
        for quote in (b'"', b"'"):
            yield word + quote + rb"\]"
            yield word + quote + b"," + NEXT_STRING
            yield word + quote + rb"[ \t]" + GAP + _NEXT
        yield word + rb"""\\+["']""" + GAP + _NEXT
    seldom = b"|".join(name for name in LISTED_WORDS if name not in _LISTED_OFTEN)
    yield rb"(?i:" + seldom + rb""")\\*["']""" + GAP + _NEXT


#: The expressions of those forms that are spelled out.
SPELLED: Final[dict[Form, tuple[bytes, ...]]] = {
    "token": tuple(_token()),
    "letters": tuple(_letters()),
    "listed": tuple(_listed()),
    "option": tuple(b"(?i:-" + name + b")" + OPTION_VALUE for name in OPTION_NAMES),
}
