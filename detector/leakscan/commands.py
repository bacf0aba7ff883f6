"""Passwords that follow a command or statement instead of a key: `-p`, `curl -u`, SQL, netrc, AUTH, LOGIN.

Each function is entered at the end of its anchor and gives what it finds. Not here: `--password x`,
whose option is a key (`keyed`).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import regex

from . import values
from .boundary import Buffer
from .extent import argument, argument_span, close
from .values import Keyed

STRING_QUOTE: Final = regex.compile(rb"""(?r)\\*["']|\\+u0027""")
_LOGIN_BEFORE: Final = regex.compile(
    rb"""(?r)(?:-u|-U|--user|--proxy-user)[ =]?(\\*["'])?[^\s:"'\\\-]+:(\\*["'])?"""
)
_SHORT_BEFORE: Final = regex.compile(rb"""(?r) (-p|-a|-w)( ?)(\\*["'])?""")
_LOGIN_COMMANDS: Final = regex.compile(
    rb"(?<![\w.-])(?:curl|wget|http|https|aria2c|lftp|smbclient|rpcclient)[ \t]"
)
_CHPASSWD: Final = regex.compile(rb"""(?r)[^\s:"']+:["']?([^\s"']+)["']?[ ]*\|[ ]*(?:sudo[ ]+)?chpasswd""")
_REST_OF_QUOTE: Final = regex.compile(rb"""[^\s"']+(?=["'])""")
_IN_PAREN: Final = regex.compile(rb"[^\s)]+(?=\))")
_AUTH_BEFORE: Final = regex.compile(
    rb"""(?r)AUTH["']?[ ]+(?P<mechanism>(?i:PLAIN|LOGIN)[ ]+)?(?P<quote>["'])?"""
)
#: Commands whose `-p`/`-a` option takes a password, and whether a space may stand between.
_GLUED_P: Final = regex.compile(
    rb"\b(?:mysql[a-z_]*|mariadb(?:-[a-z]+)?|mycli|innobackupex|xtrabackup|7z[ar]?|smbclient)\b[^|;\n]*$"
)
_SPACED_P: Final = regex.compile(
    rb"\b(?:sshpass|mongo(?:sh|dump|restore|export|import)?|rabbitmqadmin|ldapsearch|docker login"
    rb"|podman login|az login|helm registry login|htpasswd|cqlsh|sqlcmd)\b[^|;\n]*$"
)
_LDAP: Final = regex.compile(rb"\bldap(?:search|modify|add|delete|passwd|whoami|compare)\b[^|;\n]*$")
_REDIS: Final = regex.compile(rb"\bredis-(?:cli|benchmark)\b[^|;\n]*$")


def plain_password(data: Buffer, start: int, stop: int) -> Iterator[Keyed]:
    """Give the span when its text can be a password."""
    confidence = values.password(bytes(data[start:stop]), quoted=False, loose=False)
    if confidence is not None:
        yield Keyed(start, stop, "password", confidence)


def sql(data: Buffer, end: int, low: int, high: int) -> Iterator[Keyed]:
    """`IDENTIFIED BY 'x'`, `PASSWORD 'x'`; a doubled quote inside is a quote."""
    first = end - 1
    quote = STRING_QUOTE.match(data, low, first)
    if quote is None:
        return
    mark = bytes(quote.group())
    stop = close(data, first, high, mark)
    while data.startswith(mark * 2, stop) and stop < high:  # a doubled quote is a quote
        stop = close(data, stop + 2 * len(mark), high, mark)
    value = bytes(data[first:stop])
    confidence = values.password(value, quoted=True, loose=False)
    if confidence is not None:
        yield Keyed(first, stop, "password", confidence)


def login(data: Buffer, end: int, low: int, high: int) -> Iterator[Keyed]:
    """`curl -u user:x`."""
    if _LOGIN_COMMANDS.search(data, low, end) is None:
        return
    first = end - 1
    head = _LOGIN_BEFORE.match(data, low, first)
    if head is None or (head.start() > low and data[head.start() - 1] not in b" \t\"'"):
        return
    stop = argument(data, first, high, head[1] or head[2])
    confidence = values.password(bytes(data[first:stop]), quoted=False, loose=False)
    if confidence is not None:
        yield Keyed(first, stop, "password", confidence)


def short(data: Buffer, end: int, low: int, high: int) -> Iterator[Keyed]:
    """`mysql -px`, `sshpass -p x`, `redis-cli -a x`, `ldapsearch -w x`."""
    first = end - 1
    head = _SHORT_BEFORE.match(data, low, first)
    if head is None:
        return
    option = bytes(head[1])
    commands = _REDIS if option == b"-a" else _LDAP if option == b"-w" else _SPACED_P if head[2] else _GLUED_P
    if commands.search(data, low, head.start()) is None:
        return
    stop = argument(data, first, high, head[3])
    confidence = values.password(bytes(data[first:stop]), quoted=False, loose=False)
    if confidence is not None:
        yield Keyed(first, stop, "password", confidence)


def word(data: Buffer, end: int, low: int, high: int) -> Iterator[Keyed]:
    """Read an argument that stands in quotes or alone."""
    first = end - 1
    quote = STRING_QUOTE.match(data, low, first)
    yield from plain_password(data, first, argument(data, first, high, quote.group() if quote else None))


def netrc(data: Buffer, end: int, low: int, high: int) -> Iterator[Keyed]:
    """`machine h login user password x`."""
    del low
    match = argument_span(data, end - 1, high)
    if match is not None:
        yield from plain_password(data, *match.span())


def pgpass(data: Buffer, end: int, low: int, high: int) -> Iterator[Keyed]:
    """`host:port:database:user:x`, where the line names the file."""
    yield from netrc(data, end, low, high)


def chpasswd(data: Buffer, end: int, low: int, high: int) -> Iterator[Keyed]:
    """`echo user:x | chpasswd`."""
    del high
    match = _CHPASSWD.match(data, low, end)
    if match is not None:
        yield from plain_password(data, *match.span(1))


def auth(data: Buffer, end: int, low: int, high: int) -> Iterator[Keyed]:
    """Redis `"AUTH" "x"` and SMTP `AUTH PLAIN <base64 of NUL user NUL password>`."""
    del low
    first = end - 4
    before = _AUTH_BEFORE.match(data, max(0, first - 24), first)
    if before is None:
        return
    if before["quote"]:
        yield from plain_password(data, first, close(data, first, high, bytes(before["quote"])))
    elif before["mechanism"]:
        match = argument_span(data, first, high)
        if match is not None and values.sasl(bytes(match.group())) is not None:
            yield Keyed(*match.span(), "basic", "high")


def quoted_pass(data: Buffer, end: int, low: int, high: int) -> Iterator[Keyed]:
    """FTP and POP3: `"PASS x"`; a test report's `"PASS"` has no word after it in the quotes."""
    del low
    match = _REST_OF_QUOTE.match(data, end - 1, high)
    if match is not None:
        yield from plain_password(data, *match.span())


def paren(data: Buffer, end: int, low: int, high: int) -> Iterator[Keyed]:
    """`login failed for bob (password x)`."""
    del low
    match = _IN_PAREN.match(data, end - 1, high)
    if (match is not None and not values.is_identifier(bytes(match.group()))) or (
        match is not None and match.group().count(b"-") > 1
    ):
        yield from plain_password(data, *match.span())
