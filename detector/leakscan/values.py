"""Values: whether what stands after a secret's key name is a secret, or a word, a reference, a number.

Passwords need no entropy: `hunter2` is one. They must only not be something else: prose, a
placeholder, a reference, a type, a boolean, a path. Tokens must look like tokens.

Each function returns a confidence, or None for "no secret". Not here: where a value begins and ends
(`keyed`).

>>> password(b"hunter2", quoted=False, loose=False), password(b"${DB_PASSWORD}", quoted=True, loose=False)
('high', None)
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable
from typing import Final, NamedTuple

from .finding import Confidence
from .reasons import Reason
from .validators.known import is_public
from .validators.placeholder import is_placeholder
from .validators.randomness import looks_random
from .validators.shapes import (
    is_class_name,
    is_hex_digest,
    is_ip_or_host,
    is_path,
    is_timestamp,
    is_uuid,
    is_version,
)

#: Shorter values are no passwords but column widths, flags and counts.
MIN_PASSWORD: Final = 4
#: Shorter values are no tokens. Eight base64 characters hold 48 bits; real tokens hold 80 and more.
MIN_TOKEN: Final = 8
#: Shorter ones that begin with eight small letters are words: `refreshed`, `password12`.
_MIN_LETTERS: Final = 12
_LETTERS: Final = re.compile(rb"[a-z]{8}")
#: A shorter session id is a counter or a short hash.
_MIN_SESSION: Final = 24
#: Longer values are documents, not secrets.
MAX_VALUE: Final = 4096

#: What software writes after `password:` and `token=` when it talks about one instead of showing it.
_STATE_WORDS: Final = frozenset(
    b"changeme change_me changeit secretstr secretstring securestring passwordfield charfield stringfield "
    b"true false yes no none null nil undefined on off set unset empty missing invalid valid incorrect "
    b"wrong required optional expired expires changed updated reset created deleted removed added "
    b"rejected accepted denied allowed enabled disabled failed failure success successful successfully "
    b"ok okay error unknown unauthorized forbidden provided given present absent found match matched "
    b"matches mismatch mismatched verified unverified hidden masked redacted filtered protected "
    b"encrypted decrypted hashed plain plaintext text string str int integer bool boolean number object "
    b"array list dict bytes byte char varchar any type value default defaults prompt input field file "
    b"stdin env environment vault keyring keychain secretsmanager credential credentials authentication "
    b"authorization authenticate auth login logon user username for and or not is was has must should "
    b"cannot can may will with without from the this that your you please enter token secret key cookie "
    b"session bearer basic digest negotiate ntlm kerberos ldap oauth oauth2 saml jwt x509 cert "
    b"certificate publickey pam chauthtok plugin native method policy manager service provider handler "
    b"filter factory store cache admin_required anonymous never always auto manual internal external "
    b"public private local remote primary secondary current previous next new old same temporary "
    b"permanent pending active inactive revoked refreshed refresh generated generating validating "
    b"validated checking loading loaded reading writing sending sent received request response rotation "
    b"rotated renewed unchanged ignored skipped omitted cleared blank weak strong short long locked "
    b"unlocked self super require requires using used use via has_many belongs_to async await function "
    b"return in to by as it its be been are an if of at only one we they have had do does did md5 sha1 "
    b"sha256 sha512 bcrypt scrypt argon2 pbkdf2 crypt mysql_native_password caching_sha2_password "
    b"scram-sha-256 trust peer ident reject confirm confirmation change forgot recovery expiring".split()
)
_WORDLIKE: Final = re.compile(rb"[A-Za-z]+(?:[-_.'][A-Za-z]+)*[.:!?]?")
_CODE: Final = re.compile(
    rb"[A-Za-z_$][\w$.]*(?:\(.*\);?|::\w.*)|(?:process\.env|os\.environ|ENV|self|this|config|settings"
    rb"|request|req|params|args|options|opts|props|env|secrets|vars|var|local|module|data)\.[\w.\[\]\"']+"
)
#: Code of which the end is missing; without quotes only, since a password may read so.
_CODE_BEGUN: Final = re.compile(rb"[A-Za-z_$][\w$.]*(?:\([\w.(]*|\[[\w\"':-]*(?:\].*)?|->\w.*)")
_HEX_ADDRESS: Final = re.compile(rb"0x[0-9A-Fa-f]{1,16}")
_TOKEN_TEXT: Final = re.compile(rb"[\x21-\x7e]+")
_PUNCTUATED: Final = re.compile(rb"(?=.*[a-z])(?=.*[A-Z])(?=.*[0-9]).{16,}")
_PLAIN_TOKEN: Final = re.compile(rb"[A-Za-z0-9+/=_.~%:|!@$*,-]+")
_IDENTIFIER: Final = re.compile(rb"[A-Za-z_$][A-Za-z_$-]*")
#: Text around a digest that stands for a secret instead of being one.
_DIGEST_OF: Final = re.compile(rb"(?i:hmac-|sha-?(?:1|224|256|384|512)|md5)[\w-]*[:=$]")
_BASE64: Final = re.compile(rb"[A-Za-z0-9+/_-]{4,}={0,2}")
_DIGITS: Final = re.compile(rb"[0-9]+")
_HAS_DIGIT: Final = re.compile(rb"[0-9]")
_URL: Final = re.compile(rb"[A-Za-z][A-Za-z0-9+.-]{1,20}://")
_WORDS: Final = re.compile(rb"[A-Za-z]+")
#: Words of which made-up example values consist.
_EXAMPLE_WORDS: Final = frozenset(
    b"my your our the a an here some super very secret secrets token password passwd key api access "
    b"value test example sample dummy fake demo foo bar baz goes placeholder insert replace me with this "
    b"app auth user db".split()
)
#: Java's default `toString`: a class and an identity hash.
_OBJECT: Final = re.compile(rb"[A-Za-z_$][\w$.]*@[0-9a-f]{4,8}")
#: Symfony's `%env(NAME)%` and the like, which no placeholder of a single syntax covers.
_REFERENCE_STARTS: Final = (b"${", b"#{", b"{{", b"$(", b"<%")
_REFERENCE: Final = re.compile(rb"%[\w:]+\([\w:.]+\)%|@\w+@")
#: A name with dots, as `random_password.db.result`: one value stands for another.
_DOTTED: Final = re.compile(rb"[a-z_]+(?:\.[a-z_]+)+")
_DURATION: Final = re.compile(
    rb"[0-9]+(?:\.[0-9]+)?(?:ns|us|ms|s|m|h|d|b|kb|mb|gb|kib|mib|gib|%)", re.IGNORECASE
)


class Keyed(NamedTuple):
    """A keyed value that is a secret: span in the buffer, the grammar that found it, how sure, its key."""

    start: int
    end: int
    grammar: str
    confidence: Confidence
    key: bytes = b""  # empty where the shape has none: `mysql -px`, `scheme://user:x@host`


def password(value: bytes, *, quoted: bool, loose: bool) -> Confidence | None:
    """Judge the value of a password-like key.

    Args:
        value: the value, without quotes.
        quoted: it stood in quotes.
        loose: the shape around is weak (`password: x`), so words are more likely prose.

    """
    if not MIN_PASSWORD <= len(value) <= MAX_VALUE or _is_no_value(value):
        return None
    if is_path(value) or _URL.match(value) or _CODE.fullmatch(value) or _OBJECT.fullmatch(value):
        return None
    if not quoted and _CODE_BEGUN.fullmatch(value):
        return None
    if (is_class_name(value) and b"." in value) or (not quoted and _DOTTED.fullmatch(value)):
        return None
    if _DIGEST_OF.match(value) or _is_prose(value):
        return None
    if _DIGITS.fullmatch(value):
        return "medium" if quoted or not loose or len(value) >= 6 else None  # noqa: PLR2004 - a PIN or more
    if _WORDLIKE.fullmatch(value):
        # a bare word after a colon is prose; after `=` or in quotes it may well be a weak password
        return None if loose and not quoted and not _is_phrase(value) else "medium"
    return "high"


def token(value: bytes, *, quoted: bool, loose: bool) -> Confidence | None:
    """Judge the value of a token-like key; as `password`, but it must look made by a machine."""
    del quoted, loose
    if not MIN_TOKEN <= len(value) <= MAX_VALUE or _is_no_value(value):
        return None
    if len(value) < _MIN_LETTERS and _LETTERS.match(value):
        return None
    if (
        not _TOKEN_TEXT.fullmatch(value)
        or _DIGEST_OF.match(value)
        or _DIGITS.fullmatch(value)
        or _HEX_ADDRESS.fullmatch(value)
    ):
        return None
    if is_path(value) or _URL.match(value) or is_ip_or_host(value) or is_version(value):
        return None
    if is_timestamp(value) or _DURATION.fullmatch(value) or _CODE.fullmatch(value):
        return None
    if _OBJECT.fullmatch(value) or _CODE_BEGUN.fullmatch(value):
        return None
    if is_uuid(value):
        return "medium"
    if not _PLAIN_TOKEN.fullmatch(value):
        return "high" if _PUNCTUATED.fullmatch(value) else None
    return "high" if looks_random(value) else None


def session(value: bytes) -> Confidence | None:
    """Judge the value of a session id. Logs count sessions by ids that open nothing, so most are weak."""
    if len(value) < _MIN_SESSION or is_uuid(value) or token(value, quoted=True, loose=False) is None:
        return None
    return "low" if is_hex_digest(value) or not value.isalnum() else "medium"


def credential(value: bytes) -> Confidence | None:
    """Judge what follows `Authorization: Bearer`: any token, as opaque as its server likes, but no prose."""
    if not MIN_TOKEN <= len(value) <= MAX_VALUE or _is_no_value(value) or _DIGITS.fullmatch(value):
        return None
    return "high" if _HAS_DIGIT.search(value) or looks_random(value) else None


def basic(value: bytes) -> Confidence | None:
    """Judge the value of `Authorization: Basic`: base64 of `user:password`."""
    if not _BASE64.fullmatch(value):
        return None
    try:
        text = base64.b64decode(value + b"=" * (-len(value) % 4), altchars=b"-_")
    except (binascii.Error, ValueError):
        return None
    user, colon, secret = text.partition(b":")
    if not colon or not text.isascii() or not text.decode("ascii").isprintable():
        return None
    if is_placeholder(secret) or (not secret and not user):
        return None
    return "high"


def sasl(value: bytes) -> Confidence | None:
    """Judge what follows `AUTH PLAIN`: base64 of NUL, user, NUL, password (RFC 4616)."""
    try:
        parts = base64.b64decode(value, validate=True).split(b"\0")
    except (binascii.Error, ValueError):
        return None
    return "high" if len(parts) == 3 and parts[2] else None  # noqa: PLR2004 - identity, user, password


def userinfo(user: bytes, secret: bytes) -> Confidence | None:
    """Judge the password of a URL's `user:password@`."""
    if not secret or _is_no_value(secret):
        return None
    if secret.lower() in {b"password", b"passwd", b"pass", b"pwd", b"pw", b"secret", b"token", b"user"}:
        return None
    if secret == user and len(secret) < MIN_TOKEN:
        return "low"
    return "high"


def pin(value: bytes) -> Confidence | None:
    """Judge the value of a `pin`, `otp` or `cvv` key: three to eight digits."""
    if not 3 <= len(value) <= 8 or not _DIGITS.fullmatch(value):  # noqa: PLR2004 - CVV to long OTP
        return None
    return "medium" if len(set(value)) > 1 else None


def is_state(word: bytes) -> bool:
    """Tell whether a value is a word that says something about a secret, or the root of a path."""
    return word in _STATE_WORDS or word == b"/"


def is_identifier(value: bytes) -> bool:
    """Tell whether a value reads as a name: the next key of a list of keys, a variable in braces."""
    return _IDENTIFIER.fullmatch(value) is not None


def _is_phrase(value: bytes) -> bool:
    """Tell letters that are no word of prose: `river-pepper-horse-river`, `nhxccooypjmjce`."""
    words = [word.lower() for word in _WORDS.findall(value)]
    if any(word in _STATE_WORDS for word in words):
        return False
    return len(words) > 2 or looks_random(value)  # noqa: PLR2004 - compounds of two are prose


def _is_prose(value: bytes) -> bool:
    """Tell a sentence from a passphrase: both are words, but a sentence has some that only join others."""
    words = [word.lower() for word in _WORDS.findall(value)]
    if b" " in value:
        return any(word in _STATE_WORDS for word in words)
    return len(words) > 1 and all(word in _EXAMPLE_WORDS for word in words)


def _is_no_value(value: bytes) -> bool:
    folded = value.lower().rstrip(b".,:;!?")
    if value.startswith(_REFERENCE_STARTS) or _REFERENCE.fullmatch(value):
        return True
    if b"REDACTED" in value or b"********" in value or b"[LEAKSCAN:" in value:
        return True  # taken out already, by us or by others
    return folded in _STATE_WORDS or is_placeholder(value) or is_public(value)


def objection(kind: str, value: bytes, *, quoted: bool, loose: bool) -> Reason:
    """Return why a value that was judged to be no secret is none. For explanations only.

    Args:
        kind: what its key is, as `keys.classify` has it.
        value: the value, without quotes.
        quoted: it stood in quotes.
        loose: as in `password`.

    """
    for reason, speaks in _OBJECTIONS:
        if speaks(value):
            return reason
    if len(value) < (MIN_PASSWORD if kind in {"password", "pin"} else MIN_TOKEN):
        return Reason.SHORT
    if len(value) > MAX_VALUE:
        return Reason.LONG
    if is_class_name(value) or (not quoted and (_CODE_BEGUN.fullmatch(value) or _DOTTED.fullmatch(value))):
        return Reason.CODE
    if _is_prose(value) or (loose and not quoted and _WORDLIKE.fullmatch(value)):
        return Reason.PROSE
    if kind in {"token", "auth", "signature", "session"} and _PLAIN_TOKEN.fullmatch(value):
        return Reason.PREDICTABLE
    return Reason.OTHER


#: What can speak against a value, the most telling first.
_OBJECTIONS: Final[tuple[tuple[Reason, Callable[[bytes], object]], ...]] = (
    (Reason.TAKEN_OUT, lambda value: b"REDACTED" in value or b"[LEAKSCAN:" in value),
    (Reason.REFERENCE, lambda value: value.startswith(_REFERENCE_STARTS) or _REFERENCE.fullmatch(value)),
    (Reason.PUBLIC, is_public),
    (Reason.STATE, lambda value: value.lower().rstrip(b".,:;!?") in _STATE_WORDS),
    (Reason.PLACEHOLDER, is_placeholder),
    (Reason.PATH, lambda value: is_path(value) or _URL.match(value)),
    (Reason.NUMBER, lambda value: _DIGITS.fullmatch(value) or _HEX_ADDRESS.fullmatch(value)),
    (Reason.HOST, lambda value: is_ip_or_host(value) or is_version(value)),
    (Reason.TIME, lambda value: is_timestamp(value) or _DURATION.fullmatch(value)),
    (Reason.CODE, lambda value: _CODE.fullmatch(value) or _OBJECT.fullmatch(value)),
    (Reason.DIGEST, _DIGEST_OF.match),
)
