r"""Names of secrets in raw bodies: where a decoder would see a telling key name beside its value.

The scanner's own prefilter sees a name before its value in text (`password=`, `"password":"`). In
protobuf and msgpack there is no separator between the two, and in JSON the name may be a value itself
(`{"value":"..","key":"password"}`). One more pass over the raw bytes finds all of them, so that a body
without any need not be decoded.

Not here: which names matter (`keys`), what their values are (`records`).

>>> KeyNames("auto").stand_in(b'{"value":"x","key":"password"}')
True
>>> KeyNames("auto").stand_in(b'{"value":"x","key":"max_tokens"}')
False
"""

from __future__ import annotations

import re
import string
from functools import cached_property
from typing import TYPE_CHECKING, Final

from .anchors import KEY_OF
from .prefilter import Anchor, build
from .siblings import named

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .boundary import Buffer
    from .prefilter import Prefilter

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
#: Before a name in protobuf stand the tag of field 1, length-delimited, and a length of one byte.
_TAG: Final = b"\x0a"
#: A short name may be one of any words.
_BEFORE: Final = rb"\x0a(?:[\x02-\x7f]" + _NAME + rb"|[\x02-\x1f][\x20-\xff]{0,29})"
#: Before a name in msgpack stands the header of a string or of bytes, of one, two or three bytes. A short
#: string may be a name of any words; a longer one is a name if it is an identifier, or begins as one.
_SHORT: Final = 31
_HEADERS: Final = (
    rb"(?:[\xa2-\xbf]|[\xc4\xd9][\x02-\x1f]|[\xc5\xda]\x00[\x02-\x1f])[\x20-\xff]{0,29}",
    rb"(?:[\xc4\xd9][\x20-\xff]|[\xc5\xda]\x00[\x20-\xff])" + _NAME,
)
_CONTROL: Final = re.compile(rb"[\x00-\x1f]")
_OF_NAMES: Final = (string.ascii_letters + string.digits + "_.-").encode()
_FIXED, _FIXED_LAST, _FIXED_SIZE = 0xA2, 0xBF, 0x1F
#: The last byte of a header of a short string.
_LAST: Final = frozenset({*range(_FIXED, _FIXED_LAST + 1), *range(2, _SHORT + 1)})
_BYTE_SIZES: Final = b"\xc4\xd9"
_SHORT_SIZES: Final = b"\xc5\xda"
_MAX_NAME: Final = 256
#: After a name that is a JSON value, its quote, escaped as often as may be, and the end of the value.
#: Or it is a key, and an array or object follows.
_END: Final = rb"\\*\"[ \t]*(?:[,\]}]|:[ \t]*[\[{])"
_AFTER: Final = _NAME + _END
_BACK: Final = re.compile(_END + rb"$")
_PARTS: Final = (
    (PARTS, rb"(?i:" + b"|".join(PARTS) + rb")"),
    (KEY_OF, rb"(?i:" + b"|".join(KEY_OF) + rb")[_.\- ]?(?i:key)"),
    (_CODE_OF, rb"(?i:" + b"|".join(_CODE_OF) + rb")[_.\- ]?(?i:code)"),
)

#: The anchors of names in JSON; their candidates are for `name_in_json`.
JSON_ANCHORS: Final = tuple(Anchor(literals, pattern + _AFTER) for literals, pattern in _PARTS)

#: Letters, digits and joints written as JSON escapes: a name or token may be spelt with them. Encoders
#: do not do that, but for `<`, `>`, `&`, quotes and what is no ASCII, which are not meant here.
SPELT: Final = rb"\\u00(?:[46][1-9A-Fa-f]|[57][0-9Aa]|3[0-9]|2[dDeE]|5[fF])"


class KeyNames:
    """Looks for the names of secrets in raw bodies. Safe to share between threads."""

    def __init__(self, engine: str) -> None:
        in_protobuf = [Anchor((_TAG,), _BEFORE + pattern) for _, pattern in _PARTS]
        self._json = build(JSON_ANCHORS, engine)
        self._both = build([*JSON_ANCHORS, *in_protobuf], engine)
        self._engine = engine

    @cached_property
    def _packed(self) -> Prefilter:
        # takes 50 ms to build, and only the Forward relay needs it
        in_msgpack = [
            Anchor(words, pattern, tuple(header + pattern for header in _HEADERS))
            for words, pattern in _PARTS
        ]
        return build([*JSON_ANCHORS, *in_msgpack], self._engine)

    def stand_in(self, data: bytes, *, is_protobuf: bool = False) -> bool:
        """Tell whether the name of a secret stands in JSON, or in protobuf and the JSON in its strings."""
        return next(self.places(data, is_protobuf=is_protobuf), None) is not None

    def stand_in_msgpack(self, data: bytes) -> bool:
        """Tell whether the name of a secret is a string in msgpack, or stands in JSON in one."""
        for stop, number in self._packed.candidates(data, 0, len(data)):
            is_json = number < len(_PARTS)
            name = name_in_json(data, stop) if is_json else _in_msgpack(data, stop)
            if name is not None and (not is_json or named(name) is not None):
                return True
        return False

    def places(self, data: bytes, *, is_protobuf: bool = False) -> Iterator[int]:
        """Give a position in or after each name of a secret; in text, in the same line."""
        prefilter = self._both if is_protobuf else self._json
        for stop, number in prefilter.candidates(data, 0, len(data)):
            name = name_in_json(data, stop) if number < len(_PARTS) else _in_protobuf(data, stop)
            if name is not None and named(name) is not None:
                yield stop - 1


def _in_protobuf(data: bytes, stop: int) -> bytes | None:
    """Return the telling string field 1 that a candidate stands in."""
    low = max(0, stop - _MAX_NAME)
    at = data.rfind(_TAG, low, stop - 2)
    while at >= 0:
        size = data[at + 1]
        # a length may be 10 too, and read as the tag
        if stop <= at + 2 + size <= len(data) and named(data[at + 2 : at + 2 + size]) is not None:
            return data[at + 2 : at + 2 + size]
        at = data.rfind(_TAG, low, at)
    return None


def _in_msgpack(data: bytes, stop: int) -> bytes | None:
    """Return the telling string whose start a candidate is in."""
    # an identifier, or what follows the byte of its header that reads like a letter of it
    low = max(0, stop - _MAX_NAME)
    begin = low + len(data[low:stop].rstrip(_OF_NAMES))
    starts = {begin, begin + 1}
    # a short string of any words: its header is near
    near = max(1, stop - _SHORT)
    starts.update(near + place for place, byte in enumerate(data[near - 1 : stop - 1]) if byte in _LAST)
    for start in starts:
        for size in _sizes_before(data, start):
            name = data[start : start + size]
            is_one = start >= begin or (size <= _SHORT and _CONTROL.search(data, start, stop) is None)
            if is_one and start + size >= stop and named(name) is not None:
                return name
    return None


def _sizes_before(data: bytes, start: int) -> Iterator[int]:
    """Give the sizes that the bytes before a string say, whichever header they are."""
    head = data[max(0, start - 3) : start]
    if head and _FIXED <= head[-1] <= _FIXED_LAST:
        yield head[-1] & _FIXED_SIZE
    if len(head) > 1 and head[-2] in _BYTE_SIZES:
        yield head[-1]
    if len(head) > 2 and head[-3] in _SHORT_SIZES:  # noqa: PLR2004 - the length of that header
        yield head[-2] << 8 | head[-1]


def name_in_json(data: Buffer, stop: int) -> bytes | None:
    """Return the JSON string whose end a candidate marks."""
    low = max(0, stop - _MAX_NAME)
    region = bytes(data[low:stop])
    closing = _BACK.search(region)
    if closing is None:
        return None
    opening = region.rfind(b'"', 0, closing.start())
    return region[opening + 1 : closing.start()] if opening >= 0 else None
