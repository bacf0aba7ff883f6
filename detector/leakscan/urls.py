"""Passwords in URLs and connection strings: `scheme://user:password@host` and its relatives.

Not here: key-and-value connection strings (`keyed`).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import regex

from . import values
from .boundary import Buffer
from .commands import plain_password
from .values import Keyed

_USERINFO: Final = regex.compile(
    rb""":(?:\\*/){2}(?P<user>[^\s/@:"'<>\\]{0,80}?)(?::|%3[Aa])(?P<secret>(?:[^\s@/"'<>\\]|\\/|/(?=[^\s/"'<>]*@))[^\s@"'<>]{0,256}?)@(?=[\w.\-\[({$%])"""
)
_PORT_PATH: Final = regex.compile(rb"[0-9]{1,5}(?:[/?#]|$)")
_LATER_AT: Final = regex.compile(rb"""[^\s/"'<>@,]*@(?=[\w.\-\[])""")
_ORACLE_PASSWORD: Final = regex.compile(rb"""[^\s@"']+(?=@)""")
_GO_DSN: Final = regex.compile(rb"""(?r)[^\s:@"'/(]+:([^\s"'/]{1,128})@(?:tcp|unix)\(""")


def userinfo(data: Buffer, end: int, low: int, high: int) -> Iterator[Keyed]:
    """`scheme://user:x@host`; raw slashes and at signs in the password are taken along."""
    begin = max(data.rfind(b"://", low, end), data.rfind(b":\\/", low, end), data.rfind(b":\\\\", low, end))
    match = _USERINFO.match(data, begin, min(high, end + 512)) if begin >= 0 else None
    if match is None:
        return
    start, stop = match.span("secret")
    if _PORT_PATH.match(data, start, stop):
        return
    # a raw `@` in the password: the last one before the host's end counts
    tail = _LATER_AT.match(data, stop + 1, high)
    if tail is not None:
        stop = tail.end() - 1
    confidence = values.userinfo(bytes(match["user"]), bytes(data[start:stop]))
    if confidence is not None:
        yield Keyed(start, stop, "userinfo", confidence)


def go_dsn(data: Buffer, end: int, low: int, high: int) -> Iterator[Keyed]:
    """`user:x@tcp(host)`, as Go's MySQL driver has it."""
    del high
    match = _GO_DSN.match(data, low, end)
    if match is not None:
        yield from plain_password(data, *match.span(1))


def oracle(data: Buffer, end: int, low: int, high: int) -> Iterator[Keyed]:
    """`jdbc:oracle:thin:user/x@host`."""
    del low
    first = end - 1
    match = _ORACLE_PASSWORD.match(data, first, high)
    if match is not None:
        confidence = values.userinfo(b"", bytes(match.group()))
        if confidence is not None:
            yield Keyed(first, match.end(), "userinfo", confidence)
