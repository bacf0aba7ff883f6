"""The keyed grammar: a key name, a separator, quotes at any escape level, a value. One grammar for all.

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
from typing import Final, Literal, NamedTuple

import regex

from . import commands, headers, urls, values
from .anchors import VALUE_SIZE, Form
from .boundary import Buffer
from .commands import STRING_QUOTE
from .extent import bare, close
from .finding import Confidence
from .headers import GLUED, OWN_LABEL
from .keys import Kind, classify
from .values import Keyed


class Head(NamedTuple):
    """What stands before a value: the kind of key, what closes the value, how it is separated."""

    kind: Kind
    closer: bytes  # b"" for a bare value
    spaced: bool  # white space after the separator
    separator: bytes
    nested: bool = False  # an object begins: the next string is a key of it
    option: bool = False  # the key is an option of a command, as in a list of arguments
    name: bytes = b""


_COLON: Final = 0x3A
#: Bytes read back from a value to its key: an identifier of 64, quotes, separator.
_HEAD_REACH: Final = 160
#: Key, quotes, separator and quotes, read backwards from the value.
_HEAD: Final = regex.compile(
    rb"(?r)(?P<name>[A-Za-z0-9_.\-]{1,80}(?:(?<=(?i:api|access|secret|private)) [Kk][Ee][Yy])?)"
    rb"""(?P<close>(?:["'\\\]`*]|%22|%27|%5[BDbd]|%25(?=22)|&quot;|&#3[49];|\\+u002[27])*)"""
    rb"[ \t]*"
    rb"""(?P<separator>[, \t]+["'\\]*(?i:value)["'\\]*[ \t]*[:=]"""
    rb"|[ ](?:is|was|set[ ]to|changed[ ]to|reset[ ]to):?(?=[ ])"
    rb"|;s:[0-9]{1,5}:|(?:\\+r)?\\+n(?:\\+r)?\\+n"
    rb"|=>|:=|==|->|[=:>]|%3[ADad]|%253[ADad]|\\+u003[adAD]|&#61;|&gt;|,)"
    rb"(?P<space>[ \t]*)"
    rb"""(?P<open>(?:\[\]string\{"""
    rb"""|(?:[bBuUrRfFN]{1,2}|string\([0-9]{1,5}\)[ ]|[A-Z][A-Za-z.]{1,24}\()(?=\\*["'])"""
    rb"""|["'\\\[({<`]|%20|%22|%27|%5[Bb]|%7[Bb]|%25(?:20|22)|&quot;|&#3[49];|&lt;|\\+u002[27]"""
    rb"""| (?=[\\"'{\[(]))*)"""
)
#: A word that ends where a value does; most words after a key say what became of a secret.
_PLAIN_WORD: Final = regex.compile(rb"""[a-z]{2,16}(?=\\?["',\s}])|/(?=[\w.~-]+/[\w/.~-]*["',;\s])""")
#: The plain form of the same, which nearly all keys have: `name":"`, `name=`, `name: `.
_PLAIN_HEAD: Final = regex.compile(rb"""(?r)([A-Za-z0-9_.\-]{1,80})\\*["']?[ \t]?[:=][ \t]?\\*["']?""")
#: What a value can not begin with: the anchor may have stopped inside an encoded quote or bracket.
_NOT_FIRST: Final = regex.compile(
    rb"%(?:25)?(?:2[027]|3[ADad]|5[BDbd]|7[Bb])|u00[0-9A-Fa-f]{2}"
    rb"|(?i:value)[\"'\\]*[ \t]*[:=]|(?:quot|gt|lt|#\d\d);"
    rb"|REDACTED[:\]]|LEAKSCAN:"  # our own labels, whose bracket reads as an opening one
)
_OPEN_QUOTE: Final = regex.compile(rb"""(?r)\\*["'`]|%(?:25)?2[27]|&quot;|&#3[49];|\\+u002[27]|[\[({<]""")
_PAIRS: Final = {b"[": b"]", b"(": b")", b"{": b"}", b"<": b">"}
#: Wrappers between separator and value: `b"x"`, `s:5:"x"`, `string(5) "x"`, `Some("x")`, and the inner
#: key of `"value":{"stringValue":"x"}`.
_WRAPPER: Final = regex.compile(
    rb"""(?:[bBuUrRfFN]{1,2}|s:\d{1,5}:|string\(\d{1,5}\) |[A-Z][A-Za-z.]{1,24}\()(\\*["'])"""
    rb"""|(?:array_?[vV]alue\\*"\s*:\s*\{\s*\\*"values\\*"\s*:\s*\[\s*\{\s*\\*")?"""
    rb"""(?:string_?)?[vV]alue\\*["']\s*[:=]\s*(\\*["'])"""
)
_XML: Final = regex.compile(rb"[^<\r\n]+")
_NEXT_PAIR: Final = regex.compile(rb"[A-Za-z_][A-Za-z_.]*[=:](?![=:])")
_OPTION_BEFORE: Final = regex.compile(rb"""(?r)--([A-Za-z0-9_.\-]+)[ ]{1,2}(\\*["'])?""")
#: Bytes after a name in a list within which its value must stand: a line of such lists stays linear.
_COLUMNS_REACH: Final = 4096
#: The anchor ends after the name's list, or after the name that follows it.
_COLUMN_NAMES: Final = (
    regex.compile(rb"""(?r)["']([A-Za-z0-9_.\-]{1,80})\\*["'][ \t]*\]"""),
    regex.compile(rb"""(?r)["']([A-Za-z0-9_.\-]{1,80})\\*["'][ \t]*,[ \t]*\\*["'][^"'\n]*["'][ \t]*[,\]]"""),
)
_PAIR: Final = regex.compile(
    rb"""(?r)["'](?:[ \t]|\\+[nrt])*,(?:[ \t]|\\+[nrt])*[bBuU]?\\*"""
    rb"""(?:"([^"\n]{4,})"|'([^'\n]{4,})')[ \t]*[^:= \t]"""
)
_LAST_ESCAPES: Final = regex.compile(rb"(?r)(?:\\+[nrt])+")
_CALL: Final = regex.compile(rb"[A-Za-z_$][\w$.>-]+[(\[]")
#: Names that before a bare colon are a test's verdict or a compiler's pass, and those of packages.
_VERDICTS: Final = (b"pass",)
_PACKAGES: Final = (b"passwd", b"pw")
_NEXT_WORD: Final = regex.compile(rb":?[ ]+[^\s,;)}\]]")
_TEST_NAME: Final = regex.compile(rb"[a-z0-9_.+:/-]+|[\w.+:-]*[./][\w./+:-]*|-.*|[A-Za-z-]+|\w+:")
#: Values up to this length have their verdicts kept.
_MAX_KEPT: Final = 256
#: One string of a list: JSON's own, with escaped quotes inside, or one in text that is escaped itself.
_ITEM: Final = rb"""(?:"(?:[^"\\\n]|\\.)*+"|'[^'\\\n]*+'|\\+["'](?:[^"'\\\n]|\\[^"'\\])*+\\+["'])"""
_STRING: Final = regex.compile(_ITEM)
_STRINGS: Final = regex.compile(rb"(?:\s*" + _ITEM + rb"\s*,)*+\s*\\*")
_STRINGS_TO_END: Final = regex.compile(rb"(?:\s*" + _ITEM + rb"\s*,?)*+\s*\]")
_QUOTES: Final = b"\\\"'"
_VALUES_BESIDE: Final = regex.compile(rb"""\s*,\s*\\*["'][A-Za-z0-9_.\-]*(?i:values?|vals)\\*["']\s*:\s*\[""")


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
        yield from headers.cookies(value, 0, len(value))
    elif kind == "authorization":
        yield from (found._replace(key=name) for found in headers.authorization(value, 0, len(value)))
    else:
        judge = _judge if len(value) <= _MAX_KEPT else _judge.__wrapped__
        found = judge(kind, value, quoted=True, loose=False, before=0)
        if found is not None:
            yield Keyed(0, len(value), *found, name)


def names_nothing(data: Buffer, first: int, low: int) -> bool:
    """Tell quickly that the key before a value names no secret: `"token_type":"`, `tokens=`.

    May say False where a longer look would say True; never the other way.
    """
    match = _PLAIN_HEAD.match(data, max(low, first - _HEAD_REACH), first)
    if match is None:
        return False
    start = match.start()
    if start > low and data[start - 1] in b"\\%[ :;":
        return False
    outlook = _outlook(bytes(match[1]))
    if outlook != "depends":
        return outlook == "idle"
    word = _PLAIN_WORD.match(data, first)
    return word is not None and values.is_state(bytes(word[0]))


@lru_cache(maxsize=4096)
def _outlook(name: bytes) -> Literal["idle", "look", "depends"]:
    """Tell whether a key names nothing, needs a longer look, or is settled by a plain word after it."""
    if name.lower().endswith((b"value", b"key")):
        return "look"  # what stands before it counts too
    kind = classify(name)
    if kind is None:
        return "idle"
    return "depends" if kind in {"password", "token"} else "look"


def _password(data: Buffer, end: int, low: int, high: int) -> Iterable[Keyed]:
    return _assignment(data, end - VALUE_SIZE["password"], low, high)


def _token(data: Buffer, end: int, low: int, high: int) -> Iterable[Keyed]:
    return _assignment(data, end - VALUE_SIZE["token"], low, high)


def _letters(data: Buffer, end: int, low: int, high: int) -> Iterable[Keyed]:
    return _assignment(data, end - VALUE_SIZE["letters"], low, high)


def _assignment(data: Buffer, first: int, low: int, high: int) -> Iterable[Keyed]:
    match = _HEAD.match(data, max(low, first - _HEAD_REACH), first)
    if match is None or _NOT_FIRST.match(data, first, high):
        return ()
    begin = match.start()
    glued = GLUED.match(data, begin - 1, first) if begin > low else None
    if glued is not None and glued.end() < match.end("name"):
        begin = glued.end()
    if data.endswith(OWN_LABEL, low, begin):
        return ()  # `[REDACTED:generic-password:1a2b3c4d]`: a rule's id is no key
    head = _head(
        bytes(data[begin : match.end("name")]),
        *map(bytes, match.group("separator", "space", "open")),
    )
    if head is None:
        return ()
    before = data[begin - 1] if begin > low else 0x20
    around = b""
    if before in b"\"'" and head.separator == b"=" and not match["close"]:
        quote = STRING_QUOTE.match(data, low, begin)
        around = bytes(quote.group()) if quote else b""
    return _value(head, data, first, high, before, around)


@lru_cache(maxsize=4096)
def _head(name: bytes, separator: bytes, space: bytes, opened: bytes) -> Head | None:
    kind = classify(name)
    if kind is None:
        return None
    quote = _OPEN_QUOTE.search(opened)
    closer = quote.group() if quote else b""
    if separator == b">":
        # the text of an element, whose name or attribute is the key; a tag after it is no text
        if kind == "cookie" or opened:
            return None
        return Head(kind, b"<", spaced=bool(space), separator=separator, name=name)
    if closer == b"<":
        return None  # `<your password>`
    plain = opened.replace(b"\\", b"").replace(b"string{", b"")
    return Head(
        kind,
        _PAIRS.get(closer, closer),
        bool(space),
        separator,
        nested=b'{"' in plain,
        option=name.startswith(b"-"),
        name=name,
    )


def _value(
    head: Head, data: Buffer, first: int, high: int, before: int, around: bytes = b""
) -> Iterator[Keyed]:
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
        stop = close(data, first, high, closer) if closer else high
        if head.kind == "cookie":
            yield from headers.cookies(data, first, stop)
        else:
            for credential in headers.authorization(data, first, stop):
                yield credential._replace(key=head.name)
        return
    stop = _stop(head, closer, data, first, high, before, around)
    value = bytes(data[first:stop])
    goes_on = _NEXT_WORD.match(data, stop, high) is not None
    if _is_other(head, value, bare=not closer, before=before, braced=closer == b"}", goes_on=goes_on):
        return
    judge = _judge if len(value) <= _MAX_KEPT else _judge.__wrapped__
    found = judge(
        head.kind, value, quoted=bool(closer), loose=_is_loose(head, quoted=bool(closer)), before=before
    )
    if found is not None:
        grammar, confidence = found
        yield Keyed(first, first + len(value.rstrip()), grammar, confidence, head.name)


def _stop(head: Head, closer: bytes, data: Buffer, first: int, high: int, before: int, around: bytes) -> int:
    """Return where a value ends, `first` where there is none."""
    if closer == b"<":
        match = _XML.match(data, first, high)
        # the text of an element ends at a tag; `<password>@host` is a place to fill in
        return match.end() if match and match.end() < high and data[match.end()] in b"<" else first
    if closer:
        return close(data, first, high, closer)
    stop = bare(data, first, high, before, head.separator)
    if around:  # `"KEY=value"` as one string: the value goes to its end, unless words follow
        whole = close(data, first, high, around)
        if data.find(b" ", first, whole) < 0:
            escapes = _LAST_ESCAPES.match(data, first, whole)
            stop = escapes.start() if escapes else whole
    return stop


def _is_other(head: Head, value: bytes, *, bare: bool, before: int, braced: bool, goes_on: bool) -> bool:
    """Tell whether these are no key and value: a verdict, names of things, code, the next pair."""
    if head.separator == b",":
        # two strings are a pair only where the first is a whole name
        return before not in b"\"'" or (not head.option and values.is_identifier(value))
    if braced:
        return values.is_identifier(value)
    if not bare:
        return False
    if head.separator == b":":
        if before == _COLON:
            return True  # a part of a name: `arn:aws:secretsmanager:..:secret:x`
        # `PASS: test/name 7`, `pass: optimizer.c`, `passwd:amd64`; but openssl's `pass:x`
        names = _VERDICTS if head.spaced else _PACKAGES
        if head.name.lower().endswith(names) and not head.option:
            return goes_on or _TEST_NAME.fullmatch(value) is not None
    if not head.spaced:
        return False
    if _NEXT_PAIR.match(value):
        return True
    # `password = getpass.getpass(..`, `self.password = db_password`
    return head.separator == b"=" and (_CALL.match(value) is not None or _is_variable(value))


def _is_variable(value: bytes) -> bool:
    return values.is_identifier(value) and classify(value) is not None


def _is_loose(head: Head, *, quoted: bool) -> bool:
    return not quoted and head.spaced and head.separator in {b":", b"->", b"=>"}


@lru_cache(maxsize=8192)
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


def _option(data: Buffer, end: int, low: int, high: int) -> Iterator[Keyed]:
    first = end - 1
    match = _OPTION_BEFORE.match(data, low, first)
    if match is None:
        return
    kind = classify(bytes(match[1]))
    if kind is None or kind == "cookie":
        return
    head = Head(kind, bytes(match[2] or b""), spaced=True, separator=b":", option=True, name=bytes(match[1]))
    yield from _value(head, data, first, high, 0x20)


def _listed(data: Buffer, end: int, low: int, high: int) -> Iterator[Keyed]:
    """A key as a string in a list, whose value is the next string or stands in the list beside."""
    pair = _PAIR.match(data, low, end)
    if pair is not None and pair.lastindex is not None:
        yield from _assignment(data, pair.start(pair.lastindex), low, high)
    for pattern in _COLUMN_NAMES:
        name = pattern.match(data, low, end)
        if name is not None and classify(bytes(name[1])) is not None:
            yield from _value_beside(data, name, low, min(high, end + _COLUMNS_REACH))


def _pin(data: Buffer, end: int, low: int, high: int) -> Iterable[Keyed]:
    return _assignment(data, end - VALUE_SIZE["pin"], low, high)


def _value_beside(data: Buffer, name: regex.Match[bytes], low: int, high: int) -> Iterator[Keyed]:
    """The value for a key in a list of names: `"names":["user","password"],"values":["bob","x"]`."""
    begin = name.start()
    while begin > low and data[begin - 1] in b"\\":
        begin -= 1
    opening = data.rfind(b"[", low, begin)
    if opening < 0 or not _STRINGS.fullmatch(data, opening + 1, begin):
        return
    index = len(_STRING.findall(data, opening + 1, begin))
    closing = _STRINGS_TO_END.match(data, begin, high)
    beside = _VALUES_BESIDE.match(data, closing.end(), high) if closing else None
    if beside is None:
        return
    for place, item in enumerate(_STRING.finditer(data, beside.end(), high)):
        if place == index and data.find(b"]", beside.end(), item.start()) < 0:
            text = item.group()
            start = item.start() + len(text) - len(text.lstrip(_QUOTES))
            stop = item.end() - len(text) + len(text.rstrip(_QUOTES))
            for found in read_value(bytes(name[1]), bytes(data[start:stop])):
                yield found._replace(start=start + found.start, end=start + found.end)
        if place >= index:
            return


_READERS: Final[dict[Form, Callable[[Buffer, int, int, int], Iterable[Keyed]]]] = {
    "password": _password,
    "token": _token,
    "letters": _letters,
    "option": _option,
    "pin": _pin,
    "listed": _listed,
    "scheme": headers.scheme,
    "userinfo": urls.userinfo,
    "go-dsn": urls.go_dsn,
    "oracle": urls.oracle,
    "sql": commands.sql,
    "login": commands.login,
    "short": commands.short,
    "argument": commands.word,
    "imap": commands.word,
    "netrc": commands.netrc,
    "pgpass": commands.pgpass,
    "chpasswd": commands.chpasswd,
    "auth": commands.auth,
    "pass": commands.quoted_pass,
    "paren": commands.paren,
}
