"""The keyed grammar: a key name, a separator, quotes at any escape level, a value. One grammar, not forty rules.

It reads JSON (nested and escaped), logfmt, query strings (also percent-encoded), headers, cookies, dumps
of Python, Ruby, Go, Java and PHP, XML, environments, command lines, SQL, connection strings and URL
userinfo. It is entered at the end of an anchor (the first byte of a value), reads backwards to the key
and forwards to where the syntax around says that the value ends.

Not here: which key names matter (`keys`), which values are secrets (`values`), what is looked for
(`anchors`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from typing import Final, NamedTuple

import regex

from . import values
from .anchors import VALUE_SIZE, Form
from .boundary import Buffer
from .finding import Confidence
from .keys import Kind, classify, is_session_cookie


class Keyed(NamedTuple):
    """A keyed value that is a secret: its span in the buffer, the grammar that found it, how sure."""

    start: int
    end: int
    grammar: str
    confidence: Confidence


class Head(NamedTuple):
    """What stands before a value: the kind of key, what closes the value, how it is separated."""

    kind: Kind
    closer: bytes  # b"" for a bare value
    spaced: bool  # white space after the separator
    separator: bytes
    nested: bool = False  # an object begins: the next string is a key of it
    option: bool = False  # the key is an option of a command, as in a list of arguments


_OWN_LABEL: Final = b"REDACTED:"
_OWN_SCHEME: Final = b"REDACTED:authorization-"
_BACKSLASH: Final = 0x5C
_SEMICOLON: Final = 0x3B
_COLON: Final = 0x3A
#: Bytes read back from a value to its key: an identifier of 64, quotes, separator.
_HEAD_REACH: Final = 160
#: Key, quotes, separator and quotes, read backwards from the value.
_HEAD: Final = regex.compile(
    rb"(?r)(?P<name>[A-Za-z0-9_.\-]{1,80}(?:(?<=(?i:api|access|secret|private)) [Kk][Ee][Yy])?)"
    rb"""(?P<close>(?:["'\\\]`*]|%22|%27|%5[BDbd]|%25(?=22)|&quot;|&#3[49];|\\+u002[27])*)"""
    rb"[ \t]*"
    rb"""(?P<separator>[, \t]+["'\\]*(?i:value)["'\\]*[ \t]*[:=]|[ ](?:is|was|set[ ]to|changed[ ]to|reset[ ]to):?(?=[ ])"""
    rb"|;s:[0-9]{1,5}:|(?:\\+r)?\\+n(?:\\+r)?\\+n"
    rb"|=>|:=|==|->|[=:>]|%3[ADad]|%253[ADad]|\\+u003[adAD]|&#61;|&gt;|,)"
    rb"(?P<space>[ \t]*)"
    rb"""(?P<open>(?:\[\]string\{|(?:[bBuUrRfFN]{1,2}|string\([0-9]{1,5}\)[ ]|[A-Z][A-Za-z.]{1,24}\()(?=\\*["'])|["'\\\[({<`]|%20|%22|%27|%5[Bb]|%7[Bb]|%25(?:20|22)|&quot;|&#3[49];|&lt;|\\+u002[27]| (?=[\\"'{\[(]))*)"""
)
#: The plain form of the same, which nearly all keys have: `name":"`, `name=`, `name: `.
_PLAIN_HEAD: Final = regex.compile(rb"""(?r)([A-Za-z0-9_.\-]{1,80})\\*["']?[ \t]?[:=][ \t]?\\*["']?""")
#: What a value can not begin with: the anchor may have stopped inside an encoded quote or bracket.
_NOT_FIRST: Final = regex.compile(
    rb"%(?:25)?(?:2[027]|3[ADad]|5[BDbd]|7[Bb])|u00[0-9A-Fa-f]{2}|(?i:value)[\"'\\]*[ \t]*[:=]|(?:quot|gt|lt|#\d\d);"
    rb"|REDACTED[:\]]|LEAKSCAN:"  # our own labels, whose bracket reads as an opening one
)
#: Escapes before an identifier whose last byte reads as a part of it: `\npassword`, `%3Dtoken`, `[32mtoken`.
_GLUED: Final = regex.compile(
    rb"\\[abfnrtv0]|%(?:25)?[0-9A-Fa-f]{2}|\\x[0-9A-Fa-f]{2}|\\u[0-9A-Fa-f]{4}|\[[0-9;]*m"
)
_OPEN_QUOTE: Final = regex.compile(
    rb"""(?r)\\*["'`]|%(?:25)?2[27]|&quot;|&#3[49];|\\+u002[27]|[\[({<]"""
)
_PAIRS: Final = {b"[": b"]", b"(": b")", b"{": b"}", b"<": b">"}
#: Wrappers between separator and value: `b"x"`, `s:5:"x"`, `string(5) "x"`, `Some("x")`, and the inner
#: key of `"value":{"stringValue":"x"}`.
_WRAPPER: Final = regex.compile(
    rb"""(?:[bBuUrRfFN]{1,2}|s:\d{1,5}:|string\(\d{1,5}\) |[A-Z][A-Za-z.]{1,24}\()(\\*["'])"""
    rb"""|(?:array_?[vV]alue\\*"\s*:\s*\{\s*\\*"values\\*"\s*:\s*\[\s*\{\s*\\*")?"""
    rb"""(?:string_?)?[vV]alue\\*["']\s*[:=]\s*(\\*["'])"""
)
#: A bare value: up to white space, a quote or an escape, or a delimiter that the next pair follows.
_BARE: Final = regex.compile(
    rb"""(?:[^\s"'<>`\\,;&|)\]}\x00-\x1f]++"""
    rb"""|[,;&|](?![ \t]*["']?[A-Za-z_][\w.\- ]{0,40}["']?\s*[=:])(?![\s"'\\,;&|)\]}]|$)"""
    rb"""|[)\]}](?=[\w!@#$%^*+?/~-])"""
    rb"""|'(?=\w)|[<>](?![/\s]|$)|`(?=\w)"""
    rb"""|\\(?![abfnrtuvx0"'\\/]|$))+"""
)
_BARE_QUERY: Final = regex.compile(rb"""[^\s"'<>&#\\`\x00-\x1f)\]}]+""")
_BARE_SEMICOLON: Final = regex.compile(rb"""[^\s"'<>;\\`\x00-\x1f]+""")
_BARE_ENCODED: Final = regex.compile(rb"""(?:[^\s"'<>&#\\`%\x00-\x1f]|%(?!2[26]|0[AaDd]|5[Dd]|7[Dd])[0-9A-Fa-f]{2})+""")
_XML: Final = regex.compile(rb"[^<\r\n]+")
_SCHEME: Final = regex.compile(
    rb"(?i:(bearer|basic|token|apikey|api-key|key|jwt|oauth|bot|splunk|genie-?key|sso-key|digest|negotiate|ntlm"
    rb"|aws4-hmac-sha256|hmac|mac|signature))(?:[ +:=\[]|%20|%2B|\\?u0020)+(?:token=)?[\"'\\]*"
)
_NO_SECRET_SCHEMES: Final = frozenset({b"digest", b"aws4-hmac-sha256", b"signature", b"mac", b"hmac"})
_CREDENTIAL: Final = regex.compile(rb"(?:[A-Za-z0-9+/=_.~|:$!*\-]|%(?!2[0267Cc]|5[BDbd]|7[BDbd]|0[AaDd])[0-9A-Fa-f]{2})+")
_NEXT_PAIR: Final = regex.compile(rb"[A-Za-z_][A-Za-z_.]*[=:](?![=:])")
_COOKIE_PAIR: Final = regex.compile(rb"""([^=;,\s"'\\\[\]{}]+)=([^;\s"'\\\]}]+)""")
_COOKIE_ATTRIBUTES: Final = frozenset(b"path domain expires max-age samesite secure httponly priority".split())
_DIGITS: Final = regex.compile(rb"[0-9]{3,8}(?![0-9A-Za-z_]|[.:\-/][0-9])")
_USERINFO: Final = regex.compile(
    rb""":(?:\\*/){2}(?P<user>[^\s/@:"'<>\\]{0,80}?)(?::|%3[Aa])(?P<secret>(?:[^\s@/"'<>\\]|\\/|/(?=[^\s/"'<>]*@))[^\s@"'<>]{0,256}?)@(?=[\w.\-\[({$%])"""
)
_PORT_PATH: Final = regex.compile(rb"[0-9]{1,5}(?:[/?#]|$)")

_SCHEME_BEFORE: Final = regex.compile(rb"(?r)(?i:(bearer|basic))(?:[ +:=]|%20|\\?u0020){1,3}")
_OPTION_BEFORE: Final = regex.compile(rb"""(?r)--([A-Za-z0-9_.\-]+)[ ]{1,2}(\\*["'])?""")
_SQL_QUOTE: Final = regex.compile(rb"""(?r)\\*["']|\\+u0027""")
_LATER_AT: Final = regex.compile(rb"""[^\s/"'<>@,]*@(?=[\w.\-\[])""")
_LOGIN_BEFORE: Final = regex.compile(rb"""(?r)(?:-u|-U|--user|--proxy-user)[ =]?(\\*["'])?[^\s:"'\\\-]+:(\\*["'])?""")
_SHORT_BEFORE: Final = regex.compile(rb"""(?r) (-p|-a|-w)( ?)(\\*["'])?""")
_ORACLE_PASSWORD: Final = regex.compile(rb"""[^\s@"']+(?=@)""")
_LOGIN_COMMANDS: Final = regex.compile(rb"\b(?:curl|wget|http|https|aria2c|lftp|smbclient|rpcclient)\b")
_ARGUMENT: Final = regex.compile(rb"""[^\s"']+""")
_GO_DSN: Final = regex.compile(rb"""(?r)[^\s:@"'/(]+:([^\s"'/]{1,128})@(?:tcp|unix)\(""")
_CHPASSWD: Final = regex.compile(rb"""(?r)[^\s:"']+:([^\s"']+)["']?[ ]*\|[ ]*(?:sudo[ ]+)?chpasswd""")
_REST_OF_QUOTE: Final = regex.compile(rb"""[^\s"']+(?=["'])""")
_IN_PAREN: Final = regex.compile(rb"[^\s)]+(?=\))")
_AUTH_BEFORE: Final = regex.compile(rb"""(?r)AUTH["']?[ ]+(?P<mechanism>(?i:PLAIN|LOGIN)[ ]+)?(?P<quote>["'])?""")
_COLUMN_NAME: Final = regex.compile(rb"""(?r)["']([A-Za-z0-9_.\-]{1,80})\\*["'][ \t]*[,\]]""")
_STRING: Final = regex.compile(rb"""(\\*["'])((?:[^"'\\]|\\[^"'])*)\1""")
_STRINGS: Final = regex.compile(rb"""(?:\s*\\*["'](?:[^"'\\]|\\[^"'])*\\*["']\s*,)*\s*\\*""")
_STRINGS_TO_END: Final = regex.compile(rb"""(?:\s*\\*["'](?:[^"'\\]|\\[^"'])*\\*["']\s*,?)*\s*\]""")
_VALUES_BESIDE: Final = regex.compile(rb"""\s*,\s*\\*["'][A-Za-z0-9_.\-]*(?i:values?|vals)\\*["']\s*:\s*\[""")
#: Commands whose `-p`/`-a` option takes a password, and whether a space may stand between.
_GLUED_P: Final = regex.compile(rb"\b(?:mysql[a-z_]*|mariadb(?:-[a-z]+)?|mycli|innobackupex|xtrabackup|7z[ar]?|smbclient)\b[^|;\n]*$")
_SPACED_P: Final = regex.compile(
    rb"\b(?:sshpass|mongo(?:sh|dump|restore|export|import)?|rabbitmqadmin|ldapsearch|docker login|podman login|az login|helm registry login|htpasswd|cqlsh|sqlcmd)\b[^|;\n]*$"
)
_LDAP: Final = regex.compile(rb"\bldap(?:search|modify|add|delete|passwd|whoami|compare)\b[^|;\n]*$")
_REDIS: Final = regex.compile(rb"\bredis-(?:cli|benchmark)\b[^|;\n]*$")


def read(form: Form, data: Buffer, end: int, low: int, high: int) -> Iterable[Keyed]:
    """Give the secrets at one anchor.

    Args:
        form: which shape the anchor stands for.
        data: the buffer.
        end: end of the anchor, index in `data`: just after a value's first byte(s).
        low: start of the line, or as far back as may be looked.
        high: end of the line, or as far as may be looked.

    """
    return _READERS[form](data, end, low, high)


def read_value(name: bytes, value: bytes) -> Iterator[Keyed]:
    """Give the secrets in a value whose key name is known from elsewhere: a record, a pair of columns.

    Spans are indexes into `value`.
    """
    kind = classify(name)
    if kind is None:
        return
    if kind == "cookie":
        yield from _cookies(value, 0, len(value))
    elif kind == "authorization":
        yield from _authorization(value, 0, len(value))
    else:
        found = _judge(kind, value, quoted=True, loose=False, before=0)
        if found is not None:
            yield Keyed(0, len(value), *found)


def names_nothing(data: Buffer, first: int, low: int) -> bool:
    """Tell quickly that the key before a value names no secret: `"token_type":"`, `tokens=`.

    May say False where a longer look would say True; never the other way.
    """
    match = _PLAIN_HEAD.match(data, max(low, first - _HEAD_REACH), first)
    if match is None:
        return False
    start = match.start()
    return (start <= low or data[start - 1] not in b"\\%[ :;") and _is_idle(bytes(match[1]))


@lru_cache(maxsize=4096)
def _is_idle(name: bytes) -> bool:
    return not name.lower().endswith((b"value", b"key")) and classify(name) is None


def _password(data: Buffer, end: int, low: int, high: int) -> Iterable[Keyed]:
    return _assignment(data, end - VALUE_SIZE["password"], low, high)


def _token(data: Buffer, end: int, low: int, high: int) -> Iterable[Keyed]:
    return _assignment(data, end - VALUE_SIZE["token"], low, high)


def _assignment(data: Buffer, first: int, low: int, high: int) -> Iterable[Keyed]:
    match = _HEAD.match(data, max(low, first - _HEAD_REACH), first)
    if match is None or _NOT_FIRST.match(data, first, high):
        return ()
    begin = match.start()
    glued = _GLUED.match(data, begin - 1, first) if begin > low else None
    if glued is not None and glued.end() < match.end("name"):
        begin = glued.end()
    if data.endswith(_OWN_LABEL, low, begin):
        return ()  # `[REDACTED:generic-password:1a2b3c4d]`: a rule's id is no key
    head = _head(bytes(data[begin : match.end("name")]), *map(bytes, match.group("close", "separator", "space", "open")))
    if head is None:
        return ()
    before = data[begin - 1] if begin > low else 0x20
    around = b""
    if before in b"\"'" and head.separator == b"=" and not match["close"]:
        quote = _SQL_QUOTE.match(data, low, begin)
        around = bytes(quote.group()) if quote else b""
    return _value(head, data, first, high, before, around)


@lru_cache(maxsize=4096)
def _head(name: bytes, close: bytes, separator: bytes, space: bytes, opened: bytes) -> Head | None:
    kind = classify(name)
    if kind is None:
        return None
    quote = _OPEN_QUOTE.search(opened)
    closer = quote.group() if quote else b""
    if separator == b">":
        # the text of an element, whose name or attribute is the key; a tag after it is no text
        if kind == "cookie" or opened:
            return None
        return Head(kind, b"<", spaced=bool(space), separator=separator)
    if closer == b"<":
        return None  # `<your password>`
    plain = opened.replace(b"\\", b"").replace(b"string{", b"")
    return Head(kind, _PAIRS.get(closer, closer), bool(space), separator, nested=b'{"' in plain, option=name.startswith(b"-"))


def _value(head: Head, data: Buffer, first: int, high: int, before: int, around: bytes = b"") -> Iterator[Keyed]:
    closer = head.closer
    wrapper = _WRAPPER.match(data, first, high)
    if wrapper is not None:
        first = wrapper.end()
        closer = wrapper[1] or wrapper[2]
    elif head.nested:
        return
    if head.separator == b"," and closer.strip(b"\\") not in {b'"', b"'"}:
        return  # only two quoted strings side by side are a pair
    if head.kind in {"authorization", "cookie"}:
        stop = _close(data, first, high, closer) if closer else high
        if head.kind == "cookie":
            yield from _cookies(data, first, stop)
        else:
            yield from _authorization(data, first, stop)
        return
    if closer == b"<":
        match = _XML.match(data, first, high)
        stop = match.end() if match else first
    elif closer:
        stop = _close(data, first, high, closer)
    else:
        stop = _bare(data, first, high, before, head)
        if around:  # `"KEY=value"` as one string: the value goes to its end, unless words follow
            whole = _close(data, first, high, around)
            stop = whole if data.find(b" ", first, whole) < 0 else stop
    value = bytes(data[first:stop])
    if (head.separator == b"," or closer == b"}") and not head.option and values.is_identifier(value):
        return
    if head.separator == b":" and before == _COLON:
        return  # a part of a name: `arn:aws:secretsmanager:..:secret:x`
    if not closer and head.spaced and _NEXT_PAIR.match(value):
        return
    found = _judge(head.kind, value, quoted=bool(closer), loose=_is_loose(head, quoted=bool(closer)), before=before)
    if found is not None:
        grammar, confidence = found
        yield Keyed(first, first + len(value.rstrip()), grammar, confidence)


def _is_loose(head: Head, *, quoted: bool) -> bool:
    return not quoted and head.spaced and head.separator in {b":", b"->", b"=>"}


@lru_cache(maxsize=16384)
def _judge(
    kind: Kind, value: bytes, *, quoted: bool, loose: bool, before: int
) -> tuple[str, Confidence] | None:
    value = value.rstrip()
    confidence: Confidence | None
    if kind == "password":
        grammar, confidence = "password", values.password(value, quoted=quoted, loose=loose)
    elif kind == "token":
        grammar, confidence = "token", values.token(value, quoted=quoted, loose=loose)
    elif kind == "session":
        grammar, confidence = "token", values.session(value)
    elif kind == "pin":
        grammar, confidence = "pin", values.pin(value)
    elif kind == "auth":
        grammar, confidence = "basic", values.basic(value)
        if confidence is None:
            grammar, confidence = "token", values.token(value, quoted=quoted, loose=loose)
    else:  # a signature opens something only as a part of a signed URL or connection string
        grammar = "token"
        confidence = values.token(value, quoted=quoted, loose=loose) if before in b"?&;" else None
    return None if confidence is None else (grammar, confidence)


def _close(data: Buffer, first: int, high: int, closer: bytes) -> int:
    """Return where a quoted value ends: at its own kind of quote, at its own escape level.

    A quote of level n has 2^n - 1 backslashes before it, and so has any backslash inside one level
    more; a quote with fewer ends a string around the value.
    """
    quote = closer[-1:]
    if quote not in b"\"'`":
        stop = data.find(closer, first, high)
        return stop if stop >= 0 else _unclosed(data, first, high)
    level = len(closer) - 1
    position = data.find(quote, first, high)
    while position >= 0:
        slashes = 0
        while position - slashes > first and data[position - slashes - 1] == _BACKSLASH:
            slashes += 1
        if slashes < level:
            return position - slashes
        if (slashes - level) % (2 * (level + 1)) == 0:
            return position - level
        position = data.find(quote, position + 1, high)
    return _unclosed(data, first, high)


def _unclosed(data: Buffer, first: int, high: int) -> int:
    """Return where a value ends whose closing quote was cut off: at white space or the line's end."""
    match = _BARE.match(data, first, high)
    return match.end() if match else first


def _bare(data: Buffer, first: int, high: int, before: int, head: Head) -> int:
    if head.separator[:1] == b"%":
        pattern = _BARE_ENCODED
    elif before in b"?&" and head.separator == b"=":
        pattern = _BARE_QUERY
    elif before == _SEMICOLON and head.separator == b"=":
        pattern = _BARE_SEMICOLON
    else:
        pattern = _BARE
    match = pattern.match(data, first, high)
    if match is None:
        return first
    stop = match.end()
    while stop > first and data[stop - 1] in b",;:." and (stop == high or data[stop] in b" \t\r\n\"'\\"):
        stop -= 1
    return stop


def _authorization(data: Buffer, first: int, high: int) -> Iterator[Keyed]:
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
    if data.startswith(_OWN_LABEL, start):
        return
    while end > start and data[end - 1] in b".,:":
        end -= 1
    value = bytes(data[start:end])
    confidence = values.basic(value) if grammar == "basic" else values.credential(value)
    if confidence is not None:
        yield Keyed(start, end, grammar, confidence)


def _cookies(data: Buffer, first: int, high: int) -> Iterator[Keyed]:
    for pair in _COOKIE_PAIR.finditer(data, first, high):
        name = bytes(pair[1])
        if name.lower() in _COOKIE_ATTRIBUTES or not is_session_cookie(name):
            continue
        confidence = values.credential(bytes(pair[2]))
        if confidence is not None:
            yield Keyed(pair.start(2), pair.end(2), "cookie", confidence)


def _scheme(data: Buffer, end: int, low: int, high: int) -> Iterator[Keyed]:
    start = end - 8
    scheme = _SCHEME_BEFORE.match(data, low, start)
    if scheme is None:
        return
    before = scheme.start() - 1
    if data.endswith(_OWN_SCHEME, low, scheme.start()):
        return
    if before >= low and chr(data[before]).isalpha() and not _GLUED.match(data, before - 1, start):
        return
    match = _CREDENTIAL.match(data, start, high)
    if match is not None:
        yield from _credential(data, start, match.end(), bytes(scheme[1]).lower().decode())


def _option(data: Buffer, end: int, low: int, high: int) -> Iterator[Keyed]:
    first = end - 1
    match = _OPTION_BEFORE.match(data, low, first)
    if match is None:
        return
    kind = classify(bytes(match[1]))
    if kind is None or kind == "cookie":
        return
    head = Head(kind, bytes(match[2] or b""), spaced=True, separator=b":")
    yield from _value(head, data, first, high, 0x20)


def _sql(data: Buffer, end: int, low: int, high: int) -> Iterator[Keyed]:
    first = end - 1
    quote = _SQL_QUOTE.match(data, low, first)
    if quote is None:
        return
    mark = bytes(quote.group())
    stop = _close(data, first, high, mark)
    while data.startswith(mark * 2, stop) and stop < high:  # a doubled quote is a quote
        stop = _close(data, stop + 2 * len(mark), high, mark)
    value = bytes(data[first:stop])
    confidence = values.password(value, quoted=True, loose=False)
    if confidence is not None:
        yield Keyed(first, stop, "password", confidence)


def _userinfo(data: Buffer, end: int, low: int, high: int) -> Iterator[Keyed]:
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


def _pin(data: Buffer, end: int, low: int, high: int) -> Iterable[Keyed]:
    return _assignment(data, end - VALUE_SIZE["pin"], low, high)


def _login(data: Buffer, end: int, low: int, high: int) -> Iterator[Keyed]:
    if _LOGIN_COMMANDS.search(data, low, end) is None:
        return
    first = end - 1
    head = _LOGIN_BEFORE.match(data, low, first)
    if head is None:
        return
    stop = _argument(data, first, high, head[1] or head[2])
    confidence = values.password(bytes(data[first:stop]), quoted=False, loose=False)
    if confidence is not None:
        yield Keyed(first, stop, "password", confidence)


def _short(data: Buffer, end: int, low: int, high: int) -> Iterator[Keyed]:
    first = end - 1
    head = _SHORT_BEFORE.match(data, low, first)
    if head is None:
        return
    option = bytes(head[1])
    commands = _REDIS if option == b"-a" else _LDAP if option == b"-w" else _SPACED_P if head[2] else _GLUED_P
    if commands.search(data, low, head.start()) is None:
        return
    stop = _argument(data, first, high, head[3])
    confidence = values.password(bytes(data[first:stop]), quoted=False, loose=False)
    if confidence is not None:
        yield Keyed(first, stop, "password", confidence)


def _argument(data: Buffer, first: int, high: int, quote: bytes | None) -> int:
    """Return where an argument of a command ends."""
    if quote:
        return _close(data, first, high, bytes(quote))
    match = _BARE.match(data, first, high)
    return match.end() if match else first


def _plain_password(data: Buffer, start: int, stop: int) -> Iterator[Keyed]:
    confidence = values.password(bytes(data[start:stop]), quoted=False, loose=False)
    if confidence is not None:
        yield Keyed(start, stop, "password", confidence)


def _netrc(data: Buffer, end: int, low: int, high: int) -> Iterator[Keyed]:
    del low
    match = _ARGUMENT.match(data, end - 1, high)
    if match is not None:
        yield from _plain_password(data, *match.span())


def _go_dsn(data: Buffer, end: int, low: int, high: int) -> Iterator[Keyed]:
    del high
    match = _GO_DSN.match(data, low, end)
    if match is not None:
        yield from _plain_password(data, *match.span(1))


def _auth(data: Buffer, end: int, low: int, high: int) -> Iterator[Keyed]:
    """Redis `"AUTH" "x"` and SMTP `AUTH PLAIN <base64 of NUL user NUL password>`."""
    del low
    first = end - 4
    before = _AUTH_BEFORE.match(data, max(0, first - 24), first)
    if before is None:
        return
    if before["quote"]:
        yield from _plain_password(data, first, _close(data, first, high, bytes(before["quote"])))
    elif before["mechanism"]:
        match = _ARGUMENT.match(data, first, high)
        if match is not None and values.sasl(bytes(match.group())) is not None:
            yield Keyed(*match.span(), "basic", "high")


def _pgpass(data: Buffer, end: int, low: int, high: int) -> Iterator[Keyed]:
    yield from _netrc(data, end, low, high)


def _chpasswd(data: Buffer, end: int, low: int, high: int) -> Iterator[Keyed]:
    del high
    match = _CHPASSWD.match(data, low, end)
    if match is not None:
        yield from _plain_password(data, *match.span(1))


def _word(data: Buffer, end: int, low: int, high: int) -> Iterator[Keyed]:
    """Read an argument that stands in quotes or alone."""
    first = end - 1
    quote = _SQL_QUOTE.match(data, low, first)
    yield from _plain_password(data, first, _argument(data, first, high, quote.group() if quote else None))


def _quoted_pass(data: Buffer, end: int, low: int, high: int) -> Iterator[Keyed]:
    """FTP and POP3: `"PASS x"`; a test report's `"PASS"` has no word after it in the quotes."""
    del low
    match = _REST_OF_QUOTE.match(data, end - 1, high)
    if match is not None:
        yield from _plain_password(data, *match.span())


def _paren(data: Buffer, end: int, low: int, high: int) -> Iterator[Keyed]:
    """`login failed for bob (password x)`."""
    del low
    match = _IN_PAREN.match(data, end - 1, high)
    if match is not None and not values.is_identifier(bytes(match.group())):
        yield from _plain_password(data, *match.span())
    elif match is not None and match.group().count(b"-") > 1:
        yield from _plain_password(data, *match.span())


def _column(data: Buffer, end: int, low: int, high: int) -> Iterator[Keyed]:
    """A key in a list of names: `"names":["user","password"],"values":["bob","x"]`."""
    name = _COLUMN_NAME.match(data, low, end)
    if name is None or classify(bytes(name[1])) is None:
        return
    opening = data.rfind(b"[", low, name.start())
    if opening < 0 or not _STRINGS.fullmatch(data, opening + 1, name.start()):
        return
    index = len(_STRING.findall(data, opening + 1, name.start()))
    closing = _STRINGS_TO_END.match(data, name.start(), high)
    beside = _VALUES_BESIDE.match(data, closing.end(), high) if closing else None
    if beside is None:
        return
    for place, item in enumerate(_STRING.finditer(data, beside.end(), high)):
        if place == index and data.find(b"]", beside.end(), item.start()) < 0:
            start, stop = item.span(2)
            for found in read_value(bytes(name[1]), bytes(data[start:stop])):
                yield Keyed(start + found.start, start + found.end, found.grammar, found.confidence)
        if place >= index:
            return


def _oracle(data: Buffer, end: int, low: int, high: int) -> Iterator[Keyed]:
    del low
    first = end - 1
    match = _ORACLE_PASSWORD.match(data, first, high)
    if match is not None:
        confidence = values.userinfo(b"", bytes(match.group()))
        if confidence is not None:
            yield Keyed(first, match.end(), "userinfo", confidence)


_READERS: Final[dict[Form, Callable[[Buffer, int, int, int], Iterable[Keyed]]]] = {
    "password": _password,
    "token": _token,
    "option": _option,
    "sql": _sql,
    "userinfo": _userinfo,
    "scheme": _scheme,
    "pin": _pin,
    "login": _login,
    "short": _short,
    "oracle": _oracle,
    "netrc": _netrc,
    "go-dsn": _go_dsn,
    "auth": _auth,
    "pgpass": _pgpass,
    "column": _column,
    "chpasswd": _chpasswd,
    "argument": _word,
    "imap": _word,
    "pass": _quoted_pass,
    "paren": _paren,
}
