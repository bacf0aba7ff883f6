"""Kinds of values that only their key gives away: passwords of every sort, opaque tokens, keys, codes.

Not here: headers and cookies (`headers`), and secrets that say by themselves what they are (`tokens_*`).
"""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import TYPE_CHECKING

from benchmarks.accuracy.draw import (
    ALNUM,
    B64,
    BASE32,
    DIGITS,
    HEX,
    HEX_UPPER,
    LOWER,
    LOWER_NUM,
    UPPER,
    URLSAFE,
)

if TYPE_CHECKING:
    from benchmarks.accuracy.draw import Scene
    from benchmarks.accuracy.kinds import Make

_PUNCTUATION = "!#$%&()*+-./:;<=>?@[]^_{|}~"
_COMMON = (
    "dragon",
    "monkey",
    "sunshine",
    "football",
    "shadow",
    "master",
    "princess",
    "welcome",
    "trustno",
    "iloveyou",
    "letmein",
    "qwerty",
)
_PLAIN = (
    "correct",
    "horse",
    "battery",
    "staple",
    "river",
    "copper",
    "violet",
    "anchor",
    "marble",
    "falcon",
    "winter",
    "saddle",
    "pepper",
)
_SEASONS = ("Summer", "Winter", "Spring", "Autumn", "Berlin", "London", "Januar", "Company")

Words = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FieldKind:
    """A value under a telling key.

    Attributes:
        name: unique.
        keys: key names, each as its words.
        make: draws the value.
        password: whether it may also stand in the password shapes (SQL, DSNs, command lines).

    """

    name: str
    keys: tuple[Words, ...]
    make: Make
    password: bool = False


def _keys(*names: str) -> tuple[Words, ...]:
    return tuple(tuple(name.split()) for name in names)


_PASSWORD = _keys(
    "password", "passwd", "pwd", "db password", "user password", "password", "pass", "admin password"
)


def _strong(s: Scene) -> str:
    return (
        s.chars(LOWER, 2)
        + s.chars(UPPER, 2)
        + s.chars(_PUNCTUATION, 1)
        + s.chars(DIGITS, 2)
        + s.chars(ALNUM + _PUNCTUATION, 5, 11)
        + s.chars(ALNUM, 1)
    )


def _punctuation(s: Scene) -> str:
    return (
        s.chars(ALNUM, 2)
        + s.chars(_PUNCTUATION + "\"',\\`", 3, 6)
        + s.chars(ALNUM, 3)
        + s.chars(_PUNCTUATION, 1)
        + s.chars(ALNUM, 2)
    )


def _season(s: Scene) -> str:
    return s.pick(*_SEASONS) + str(s.number(2015, 2026)) + s.pick("!", "!", "#", "?", "@", "")


def _leet(s: Scene) -> str:
    return (
        s.pick("P@ssw0rd", "Adm1n", "S3cr3t", "W3lc0me", "Ch4ngeM3", "L3tm31n")
        + s.pick("!", "1", "#", "99", "2023")
        + s.chars(DIGITS, 1)
    )


def _common(s: Scene) -> str:
    return s.pick(*_COMMON) + str(s.number(1, 9999))


def _words(joint: str) -> Make:
    return lambda s: joint.join(s.pick(*_PLAIN) for _ in range(4))


def _name_year(s: Scene) -> str:
    return s.pick("maria", "Peter", "johannes", "Fatima", "nguyen", "Olga") + str(s.number(1950, 2012))


def _unicode(s: Scene) -> str:
    return (
        s.pick("Größe", "Żółw", "contraseña", "Пароль", "München")
        + s.pick("#", "!", "-")
        + str(s.number(100, 9999))
    )


def _b64_bytes(count: int) -> Make:
    return lambda s: base64.b64encode(s.bytes(count)).decode()


def _of(alphabet: str, low: int, high: int | None = None) -> Make:
    return lambda s: s.chars(alphabet, low, high)


def _mixed(alphabet: str, low: int, high: int | None = None) -> Make:
    """Random text that surely holds a digit and a letter and ends in neither `-` nor `_`."""
    return lambda s: (
        s.chars(LOWER, 1)
        + s.chars(alphabet, low - 4, None if high is None else high - 4)
        + s.chars(DIGITS, 1)
        + s.chars(UPPER, 1)
        + s.chars(ALNUM, 1)
    )


FIELDS = (
    FieldKind("password, strong", _PASSWORD, _strong, password=True),
    FieldKind("password, much punctuation", _PASSWORD, _punctuation, password=True),
    FieldKind(
        "password, six characters", _PASSWORD, lambda s: s.chars(LOWER, 4) + s.chars(DIGITS, 2), password=True
    ),
    FieldKind("password, season and year", _PASSWORD, _season, password=True),
    FieldKind("password, leet", _PASSWORD, _leet, password=True),
    FieldKind("password, common word and number", _PASSWORD, _common, password=True),
    FieldKind("password, name and year", _PASSWORD, _name_year, password=True),
    FieldKind("password, four words with hyphens", _PASSWORD, _words("-"), password=True),
    FieldKind("password, four words with spaces", _keys("passphrase", "password"), _words(" ")),
    FieldKind("password, random letters", _PASSWORD, _of(LOWER, 10, 14), password=True),
    FieldKind("password, alphanumeric", _PASSWORD, _mixed(ALNUM, 10, 16), password=True),
    FieldKind("password, eight digits", _keys("password", "passwd"), _of(DIGITS, 8), password=True),
    FieldKind("password, hex", _PASSWORD, _of(HEX, 32), password=True),
    FieldKind("password, base64", _PASSWORD, _b64_bytes(18), password=True),
    FieldKind("password, not ascii", _keys("password", "passwd"), _unicode),
    FieldKind(
        "new and old password",
        _keys("new password", "old password", "current password", "password confirmation"),
        _strong,
    ),
    FieldKind(
        "root password",
        _keys("root password", "mysql root password", "postgres password", "redis password"),
        _mixed(ALNUM, 12, 20),
    ),
    FieldKind("smtp password", _keys("smtp password", "mail password", "smtp pass"), _mixed(ALNUM, 12, 16)),
    FieldKind("ldap bind password", _keys("bind password", "ldap password", "bindpw"), _strong),
    FieldKind(
        "keystore password",
        _keys("keystore password", "ssl key password", "truststore password"),
        _mixed(ALNUM, 8, 14),
    ),
    FieldKind("passphrase", _keys("passphrase", "key passphrase"), _mixed(ALNUM, 14, 20)),
    FieldKind("wifi key", _keys("wifi password", "wpa passphrase"), _mixed(ALNUM, 10, 14)),
    FieldKind("api key, hex", _keys("api key", "apikey", "x api key"), _of(HEX, 32)),
    FieldKind("api key, alphanumeric", _keys("api key", "apikey", "service api key"), _mixed(ALNUM, 24, 40)),
    FieldKind("api key, base64url", _keys("api key", "api token"), _mixed(URLSAFE, 32, 48)),
    FieldKind("api secret", _keys("api secret", "app secret", "api secret key"), _mixed(ALNUM, 32, 48)),
    FieldKind("client secret", _keys("client secret", "oauth client secret"), _mixed(ALNUM, 32, 44)),
    FieldKind("client secret, punctuation", _keys("client secret"), _mixed(ALNUM + "~._-", 32, 40)),
    FieldKind("secret key", _keys("secret key", "app secret key"), _mixed(ALNUM + "!@#^*(-_=+)", 50)),
    FieldKind(
        "signing secret", _keys("signing secret", "jwt secret", "hmac secret", "cookie secret"), _of(HEX, 64)
    ),
    FieldKind("webhook secret", _keys("webhook secret"), _mixed(ALNUM, 24, 32)),
    FieldKind(
        "access token, opaque", _keys("access token", "auth token", "accesstoken"), _mixed(ALNUM, 24, 64)
    ),
    FieldKind("access token, base64", _keys("access token", "bearer token"), _b64_bytes(33)),
    FieldKind("refresh token", _keys("refresh token"), _mixed(URLSAFE, 40, 64)),
    FieldKind("token, hex", _keys("token", "auth token", "user token"), _of(HEX, 40)),
    FieldKind("session id", _keys("session id", "sessionid", "session token"), _of(LOWER_NUM, 32)),
    FieldKind(
        "aws secret key",
        _keys("aws secret access key", "secret access key", "aws secret key"),
        _mixed(B64, 40),
    ),
    FieldKind(
        "storage account key",
        _keys("account key", "storage account key", "azure storage key"),
        _b64_bytes(64),
    ),
    FieldKind("encryption key", _keys("encryption key", "master key", "aes key"), _of(HEX, 64)),
    FieldKind(
        "encryption key, base64", _keys("encryption key", "app key", "data encryption key"), _b64_bytes(32)
    ),
    FieldKind("private key, hex", _keys("private key", "wallet private key"), lambda s: "0x" + s.hex(64)),
    FieldKind("twilio token", _keys("twilio auth token"), _of(HEX, 32)),
    FieldKind("datadog key", _keys("dd api key", "datadog api key", "dd app key"), _of(HEX, 40)),
    FieldKind("totp seed", _keys("totp secret", "otp secret", "mfa secret"), _of(BASE32, 32)),
    FieldKind("one-time code", _keys("otp", "otp code", "one time password"), _of(DIGITS, 6)),
    FieldKind("pin", _keys("pin", "pin code", "user pin"), _of(DIGITS, 4)),
    FieldKind(
        "reset token",
        _keys("reset token", "password reset token", "confirmation token"),
        _mixed(URLSAFE, 20, 32),
    ),
    FieldKind("consumer secret", _keys("consumer secret", "oauth token secret"), _mixed(ALNUM, 45)),
    FieldKind("credential", _keys("credentials", "auth secret", "shared secret"), _mixed(ALNUM, 20, 32)),
    FieldKind("license token", _keys("deploy token", "registration token", "join token"), _of(HEX_UPPER, 24)),
)
