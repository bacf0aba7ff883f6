r"""Names of secrets in raw bodies: where a decoder would see a telling key name beside its value.

The scanner's own prefilter sees a name before its value in text (`password=`, `"password":"`). In
protobuf there is no separator between the two, and in JSON the name may be a value itself
(`{"value":"..","key":"password"}`). One more pass over the raw bytes finds both, so that a body without
any need not be decoded.

Not here: which names matter (`keys`), what their values are (`records`).

>>> KeyNames("auto").stand_in(b'{"value":"x","key":"password"}')
True
>>> KeyNames("auto").stand_in(b'{"value":"x","key":"max_tokens"}')
False
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from leakscan.anchors import KEY_OF
from leakscan.prefilter import Anchor, build
from leakscan.siblings import named

if TYPE_CHECKING:
    from collections.abc import Iterator

#: A part of every name that `keys.classify` knows.
PARTS: Final = (
    b"pass", b"pwd", b"pswd", b"psw", b"pw", b"contrasena", b"senha", b"token", b"secret", b"cred", b"jwt",
    b"bearer", b"auth", b"cookie", b"sig", b"sess", b"pin", b"otp", b"cvv", b"cvc",
)  # fmt: skip
#: Words that with `key`, and with `code`, name a secret.
_CODE_OF: Final = (
    b"pin", b"mfa", b"otp", b"totp", b"verification", b"security", b"sms", b"tfa", b"2fa", b"authentication",
    b"auth", b"login", b"backup", b"recovery", b"onetime",
)  # fmt: skip
_NAME: Final = rb"[A-Za-z0-9_.\-]*"
#: After a name in protobuf comes the tag of the next field: 1, 2 or 3, length-delimited.
#: Anchors before this one are those of protobuf.
_JSON: Final = 3
_TAG: Final = rb"[\x0a\x12\x1a]"
#: After a name that is a JSON value, its quote, escaped as often as may be, and the end of the value.
_QUOTE: Final = rb"\\*\"[ \t]*[,\]}]"
_FIRST#: Anchors before this one are those of protobuf.
_JSON: Final = 3
_TAG: Final = b"\x0a"
_MAX_NAME: Final = 256
#: Names of up to 64 bytes, with tag and length.
_MAX_LAST: Final = 66
_BACK: Final = re.compile(rb'\\*"[ \t]*[,\]}]$')


class KeyNames:
    """Looks for the names of secrets in raw protobuf and JSON. Safe to share between threads."""

    def __init__(self, engine: str) -> None:
        parts = rb"(?i:" + b"|".join(PARTS) + rb")" + _NAME
        keys = rb"(?i:" + b"|".join(KEY_OF) + rb")[_.\- ]?(?i:key)" + _NAME
        codes = rb"(?i:" + b"|".join(_CODE_OF) + rb")[_.\- ]?(?i:code)" + _NAME
        self._prefilter = build(
            [
                Anchor(literals, pattern + end)
                for end in (_TAG, _QUOTE)
                for literals, pattern in ((PARTS, parts), (KEY_OF, keys), (_CODE_OF, codes))
            ],
            engine,
        )

    def stand_in(self, data: bytes) -> bool:
        """Tell whether the name of a secret stands in raw bytes."""
        return next(self.places(data), None) is not None

    def places(self, data: bytes) -> Iterator[int]:
        """Give a position at or after each name of a secret in raw bytes; in text, in the same line."""
        end = len(data)
        for stop, number in self._prefilter.candidates(data, 0, end):
            name = _in_protobuf(data, stop - 1) if number < _JSON else _in_json(data, stop)
            if name is not None and named(name) is not None:
                yield stop - 1
        # a name may also be the last thing in a message, with no tag after it
        low = max(0, end - _MAX_LAST)
        at = data.rfind(_FIRST_TAG, low, end - 1)
        while at >= 0:
            if data[at + 1] == end - at - 2 and named(data[at + 2 : end]) is not None:
                yield end - 1
            at = data.rfind(_FIRST_TAG, low, at)


def _in_protobuf(data: bytes, end: int) -> bytes | None:
    """Return the string field 1 that ends at `end`."""
    low = max(0, end - _MAX_NAME)
    at = data.rfind(_FIRST_TAG, low, end)
    while at >= 0:
        size = shift = 0
        for place in range(at + 1, min(at + 6, end)):
            byte = data[place]
            size |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:  # noqa: PLR2004 - the last byte of a varint
                if place + 1 + size == end and size:
                    return data[place + 1 : end]
                break
        at = data.rfind(_FIRST_TAG, low, at)
    return None


def _in_json(data: bytes, stop: int) -> bytes | None:
    """Return the JSON string whose end a candidate marks."""
    low = max(0, stop - _MAX_NAME)
    region = data[low:stop]
    closing = _BACK.search(region)
    if closing is None:
        return None
    opening = region.rfind(b'"', 0, closing.start())
    return region[opening + 1 : closing.start()] if opening >= 0 else None
