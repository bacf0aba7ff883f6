"""CRC32 in base62: GitHub's classic tokens, npm, Vercel. Prefix, body, six characters of checksum.

The checksum is CRC32 (IEEE) over the body without its prefix, written in base62 with the digits
`0-9A-Za-z`, padded on the left with `0` to six characters.

Sources: https://github.blog/engineering/behind-githubs-new-authentication-token-formats/ (prefixes, the
32-bit checksum in the last six characters, base62); alphabet and reach of the checksum were
reproduced on samples, for npm and Vercel as well.
"""

from __future__ import annotations

import re
import zlib
from typing import Final

from . import jwt as _jwt

_DIGITS: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_WIDTH: Final = 6

#: Refresh tokens (`ghr_`) carry 70 characters before the checksum, the others 30.
_GITHUB: Final = re.compile(rb"gh(?:[pous]_([0-9A-Za-z]{36})|r_([0-9A-Za-z]{76}))")
#: Stateless installation tokens: `ghs_`, the app's id, `_`, a JWT. They have no checksum of their own.
_GITHUB_JWT: Final = re.compile(rb"ghs_[0-9]{1,12}_(eyJ[0-9A-Za-z_\-.]+)")
_NPM: Final = re.compile(rb"npm_([0-9A-Za-z]{36})")
_VERCEL: Final = re.compile(rb"vc[piark]_([0-9A-Za-z]{56})")


def encode(number: int) -> bytes:
    """Return a 32-bit number as six base62 digits."""
    digits = ""
    while number:
        number, rest = divmod(number, 62)
        digits = _DIGITS[rest] + digits
    return digits.rjust(_WIDTH, "0").encode()


def _holds(body: bytes) -> bool:
    return encode(zlib.crc32(body[:-_WIDTH])) == body[-_WIDTH:]


def github(secret: bytes) -> bool | None:
    """Check `ghp_ gho_ ghu_ ghs_ ghr_` tokens; for `ghs_<app>_<JWT>` check that the JWT decodes."""
    if match := _GITHUB.fullmatch(secret):
        return _holds(match[1] or match[2])
    if match := _GITHUB_JWT.fullmatch(secret):
        return _jwt.jwt(match[1])
    return None


def npm(secret: bytes) -> bool | None:
    """Check an npm access token: `npm_`, 30 characters, checksum."""
    match = _NPM.fullmatch(secret)
    return _holds(match[1]) if match else None


def vercel(secret: bytes) -> bool | None:
    """Check a Vercel token (`vcp_ vci_ vca_ vcr_ vck_`): 50 characters, checksum.

    A body with `-` or `_` belongs to another generation and says nothing.
    """
    match = _VERCEL.fullmatch(secret)
    return _holds(match[1]) if match else None
