"""Shapes: what a value plainly is when it is no secret: a UUID, a digest, a number, a path, a class name.

Each function is one `fullmatch`; it says what the text looks like and nothing about its meaning. A
session cookie may be a UUID, and a weak password may be a number: the caller weighs the key.

Not here: placeholders (`placeholder`), randomness of text (`randomness`).

>>> is_uuid(b"123e4567-e89b-12d3-a456-426614174000"), is_path(b"/var/run/secrets"), is_number(b"1532")
(True, True, True)
"""

from __future__ import annotations

import re
from typing import Final

_UUID: Final = re.compile(
    rb"(?:urn:uuid:)?\{?[0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{12}\}?"
)

#: MD5, SHA-1, SHA-224, SHA-256, SHA-384, SHA-512, in one case, with or without the algorithm's name.
_DIGEST: Final = re.compile(
    rb"(?:(?:md5|sha-?[0-9]{1,3}(?:[/_-][0-9]{3})?)[:=])?"
    rb"(?:(?=[0-9a-f]+\Z)|(?=[0-9A-F]+\Z))(?:.{32}|.{40}|.{56}|.{64}|.{96}|.{128})",
    re.DOTALL,
)

#: Integer, decimal, exponent or 0x; thousands separated; with a unit of time or size, or a percent sign.
_NUMBER: Final = re.compile(
    rb"[+\-]?(?:0x[0-9A-Fa-f]{1,16}"
    rb"|(?:[0-9]{1,3}(?:[,_][0-9]{3})+|[0-9]+)(?:\.[0-9]*)?(?:[eE][+\-]?[0-9]{1,3})?|\.[0-9]+)"
    rb"(?: ?(?:%|[num\xb5]?s|ms|min|[mhd]|[kKMGTP]i?[Bb]?|B|bytes|secs?|seconds?|minutes?|hours?|days?))?"
)

#: A word as people write it in paths and names: letters of one case or capitalised, digits at its end.
#: Possessive throughout, here and below: what a quantifier took, it keeps, so matching is linear.
_WORD: Final = rb"(?>(?:[A-Z]{2,8}(?![A-Za-z])|[A-Z]?[a-z]++(?:[A-Z][a-z]++)*+)[0-9]{0,4}+)"
_PIECE: Final = rb"(?>" + _WORD + rb"|[0-9]{1,8}+)"
_SEGMENT: Final = rb"(?>\.{0,2}" + _PIECE + rb"(?:[._\-+@]" + _PIECE + rb")*+)"
_NAMED: Final = rb"(?>\.{0,2}" + _WORD + rb"(?:[._\-+@]" + _PIECE + rb")*+)"
_ROOT: Final = (
    rb"(?:usr|var|etc|home|opt|tmp|run|dev|proc|sys|lib|lib64|bin|sbin|mnt|media|srv|root|boot|data|app|apps|"
    rb"Users|Applications|Library|private|builds?|workspace|github|secrets|config|api|v[0-9]|static|assets)"
)
_PATH: Final = re.compile(
    # an absolute path below a well-known root may hold anything that file names hold
    rb"(?:file://)?/" + _ROOT + rb"(?:/[\w.@+\-:~%=,{} ]*+)++"
    # elsewhere every segment must read as words: base64 has slashes too
    rb"|(?:file://|\.{1,2}/|~[a-z]*/)?/?" + _NAMED + rb"(?:/" + _SEGMENT + rb")++/?\*?"
    rb"|(?:\.{1,2}|~)?/" + _NAMED + rb"/?|(?:\.{1,2}|~)/?|/"
    rb"|[A-Za-z]:[\\/][^\0-\x1f\"<>|*?]*|\\\\[\w.\-]+\\[^\0-\x1f\"<>|*?]*"
)

#: One hump of camelCase: a vowel, or one of the abbreviations that do without. Random base62 has humps of
#: one letter everywhere.
_SHORT: Final = (
    rb"(?i:str|mgr|ctx|cfg|grp|msg|cmd|ptr|btn|http|https|xml|sql|css|png|rpc|grpc|dns|tcp|jwt|html|db|js|ssh|ssl|"
    rb"tls|pg|svc|src|pwd|ns|fs|ml|vm|gc|mq|sync|tx|rx)"
)
_HUMP: Final = (
    rb"(?>(?:" + _SHORT + rb"(?![a-z])|[A-Z]?(?=[b-df-hj-np-tv-xz]*[aeiouy])[a-z]{2,}+|[AEIOU][a-z]++"
    rb"|[A-Z]{2,6}(?![a-z]))[0-9]{0,2}+)"
)
_IDENTIFIER: Final = (
    rb"(?>[a-z]{1,14}+(?![A-Za-z0-9])|_{0,2}" + _HUMP + rb"(?:_?" + _HUMP + rb")*+_{0,2}|[A-Za-z])"
)
_CLASS: Final = re.compile(
    rb"\[?(?:" + _IDENTIFIER + rb"(?:\.|::|->|#|\$|/|\\))++(?:" + _IDENTIFIER + rb"|[0-9]{1,4})(?:\(\))?;?"
    # some hump is a word, and no run of consonants is longer than in English
    rb"|(?=[^a-z]*+[A-Za-z]*?[a-z]{3})(?!.*[b-df-hj-np-tv-xz]{5})"
    rb"_{0,2}" + _HUMP + rb"(?=[A-Z])" + _HUMP + rb"(?:(?=[A-Z])" + _HUMP + rb")*+(?:\(\))?"
)

_DATE: Final = rb"[12][0-9]{3}[\-/.](?:0[1-9]|1[0-2])[\-/.](?:0[1-9]|[12][0-9]|3[01])"
_TIME: Final = rb"(?:[01]?[0-9]|2[0-3]):[0-5][0-9](?::[0-5][0-9](?:[.,:][0-9]{1,9})?)?(?: ?[AaPp][Mm])?"
_ZONE: Final = rb" ?(?:Z|UTC|GMT|[+\-][0-9]{2}:?[0-9]{2})"
_MONTH: Final = rb"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]{0,6}"
_DAY: Final = rb"(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]{0,6},? )?"
_TIMESTAMP: Final = re.compile(
    rb"(?:" + _DATE + rb"(?:[Tt _\-]" + _TIME + rb")?(?:" + _ZONE + rb")?"
    rb"|" + _TIME + rb"(?:" + _ZONE + rb")?"
    rb"|[0-3]?[0-9]/" + _MONTH + rb"/[12][0-9]{3}:" + _TIME + rb"(?: [+\-][0-9]{4})?"
    rb"|"
    + _DAY
    + rb"[0-3]?[0-9][ \-]"
    + _MONTH
    + rb"[ \-][12]?[0-9]{1,3} "
    + _TIME
    + rb"(?:"
    + _ZONE
    + rb")?"
    rb"|" + _DAY + _MONTH + rb" {1,2}[0-3]?[0-9],? (?:[12][0-9]{3},? )?" + _TIME + rb"(?:" + _ZONE + rb")?"
    rb"(?: [12][0-9]{3})?"
    rb"|(?:19|20)[0-9]{6}[T\-_]?[0-2][0-9][0-5][0-9][0-5][0-9]Z?"
    # seconds, milli-, micro- and nanoseconds from 2001 to 2033
    rb"|1[0-9]{9}(?:\.[0-9]{1,9}|[0-9]{3}|[0-9]{6}|[0-9]{9})?)"
)

_OCTET: Final = rb"(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])"
_IPV4: Final = _OCTET + rb"(?:\." + _OCTET + rb"){3}"
_PORT: Final = rb"(?::[0-9]{1,5})?"
_HOST: Final = re.compile(
    _IPV4 + rb"(?:/[0-9]{1,2})?" + _PORT
    # IPv6: enough colons, or `::`; zone and prefix length allowed
    + rb"|\[?(?=[^:]*:[^:]*:)[0-9A-Fa-f:.]{2,45}(?:%[\w.]{1,16})?\]?(?:/[0-9]{1,3})?"
    + _PORT
    # names end in a top-level domain or an internal suffix, in one case
    + rb"|(?:\*\.)?(?:[a-z0-9_](?:[a-z0-9_\-]{0,61}[a-z0-9])?\.)+[a-z]{2,24}\.?" + _PORT
    + rb"|localhost" + _PORT
)  # fmt: skip

_VERSION: Final = re.compile(
    rb"(?:[A-Za-z][A-Za-z+\-]{0,24}[/ \-_]?)?[vV]?[0-9]{1,5}+(?:\.[0-9]{1,5}+){1,4}"
    rb"(?:[\-+~._ ]?(?:[a-z]{1,12}+|[A-Z]{2,12}+|[0-9]{1,8}+)){0,7}+"
    rb"|v[0-9]{1,4}(?:(?:alpha|beta|rc)[0-9]{0,3})?"
)


def is_uuid(value: bytes) -> bool:
    """Tell whether the value is a UUID with its dashes, also in braces or as a URN (RFC 9562)."""
    return _UUID.fullmatch(value) is not None


def is_hex_digest(value: bytes) -> bool:
    """Tell whether the value has the length of a digest: 32, 40, 56, 64, 96 or 128 hex digits of one case."""
    return _DIGEST.fullmatch(value) is not None


def is_number(value: bytes) -> bool:
    """Tell whether the value is a number, with sign, decimals, separators or a unit (`3.5ms`, `10 MB`)."""
    return _NUMBER.fullmatch(value) is not None


def is_path(value: bytes) -> bool:
    """Tell whether the value is a file path, a URL's path or a media type.

    A slash alone does not make one: base64 has slashes, so segments must read as words unless the
    path starts at a well-known root.
    """
    return _PATH.fullmatch(value) is not None


def is_class_name(value: bytes) -> bool:
    """Tell whether the value names code: dotted words (`org.apache.Foo$Bar`) or two humps of camelCase."""
    return _CLASS.fullmatch(value) is not None


def is_timestamp(value: bytes) -> bool:
    """Tell whether the value is a date, a time of day or both, in the notations of logs, or epoch time."""
    return _TIMESTAMP.fullmatch(value) is not None


def is_ip_or_host(value: bytes) -> bool:
    """Tell whether the value is an IP address or a dotted host name in lower case, with or without port."""
    return _HOST.fullmatch(value) is not None


def is_version(value: bytes) -> bool:
    """Tell whether the value is a version: dotted numbers, with a product before or a build after them."""
    return _VERSION.fullmatch(value) is not None
