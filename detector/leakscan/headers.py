"""Credentials in headers: `Authorization` with any scheme, `Bearer` alone, `Cookie` and `Set-Cookie`.

Not here: finding the header (`keyed`), whether a credential is real (`values`).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import regex

from . import values
from .boundary import Buffer
from .keys import is_session_cookie
from .values import Keyed

OWN_LABEL: Final = b"REDACTED:"
_OWN_SCHEME: Final = b"REDACTED:authorization-"
#: Escapes before an identifier whose last byte reads as a part of it: `\npassword`, `%3Dtoken`, `[32mtoken`.
GLUED: Final = regex.compile(
    rb"\\[abfnrtv0]|%(?:25)?[0-9A-Fa-f]{2}|\\x[0-9A-Fa-f]{2}|\\u[0-9A-Fa-f]{4}|\[[0-9;]*m"
)
_SCHEME: Final = regex.compile(
    rb"(?i:(bearer|basic|token|apikey|api-key|key|jwt|oauth|bot|splunk|genie-?key|sso-key|digest|negotiate|ntlm"
    rb"|aws4-hmac-sha256|hmac|mac|signature))(?:[ +:=\[]|%20|%2B|\\?u0020)+(?:token=)?[\"'\\]*"
)
_NO_SECRET_SCHEMES: Final = frozenset({b"digest", b"aws4-hmac-sha256", b"signature", b"mac", b"hmac"})
_CREDENTIAL: Final = regex.compile(
    rb"(?:[A-Za-z0-9+/=_.~|:$!*\-]|%(?!2[0267Cc]|5[BDbd]|7[BDbd]|0[AaDd])[0-9A-Fa-f]{2})+"
)
_COOKIE_PAIR: Final = regex.compile(rb"""([^=;,\s"'\\\[\]{}]+)=([^;\s"'\\\]}]+)""")
_COOKIE_ATTRIBUTES: Final = frozenset(
    b"path domain expires max-age samesite secure httponly priority".split()
)
_SCHEME_BEFORE: Final = regex.compile(rb"(?r)(?i:(bearer|basic))(?:[ +:=]|%20|\\?u0020){1,3}")


def authorization(data: Buffer, first: int, high: int) -> Iterator[Keyed]:
    """Give the credential of an `Authorization` value, whatever the scheme."""
    scheme = _SCHEME.match(data, first, high)
    if scheme is None:
        match = _CREDENTIAL.match(data, first, high)
        if match is not None:
            yield from _credential(data, first, match.end(), "authorization")
        return
    name = bytes(scheme[1]).lower()
    if name in _NO_SECRET_SCHEMES:
        return
    match = _CREDENTIAL.match(data, scheme.end(), high)
    if match is not None:
        grammar = {b"bearer": "bearer", b"basic": "basic"}.get(name, "authorization")
        yield from _credential(data, scheme.end(), match.end(), grammar)


def _credential(data: Buffer, start: int, end: int, grammar: str) -> Iterator[Keyed]:
    if data.startswith(OWN_LABEL, start):
        return
    while end > start and data[end - 1] in b".,:":
        end -= 1
    value = bytes(data[start:end])
    confidence = values.basic(value) if grammar == "basic" else values.credential(value)
    if confidence is not None:
        yield Keyed(start, end, grammar, confidence)


def cookies(data: Buffer, first: int, high: int) -> Iterator[Keyed]:
    """Give the session cookies of a `Cookie` or `Set-Cookie` value."""
    for pair in _COOKIE_PAIR.finditer(data, first, high):
        name = bytes(pair[1])
        if name.lower() in _COOKIE_ATTRIBUTES or not is_session_cookie(name):
            continue
        confidence = values.credential(bytes(pair[2]))
        if confidence is not None:
            yield Keyed(pair.start(2), pair.end(2), "cookie", confidence, name)


def scheme(data: Buffer, end: int, low: int, high: int) -> Iterator[Keyed]:
    """Give the credential after `Bearer` or `Basic` where no header name stands before it."""
    start = end - 8
    scheme = _SCHEME_BEFORE.match(data, low, start)
    if scheme is None:
        return
    before = scheme.start() - 1
    if data.endswith(_OWN_SCHEME, low, scheme.start()):
        return
    if before >= low and chr(data[before]).isalpha() and not GLUED.match(data, before - 1, start):
        return
    match = _CREDENTIAL.match(data, start, high)
    if match is not None:
        yield from _credential(data, start, match.end(), bytes(scheme[1]).lower().decode())
