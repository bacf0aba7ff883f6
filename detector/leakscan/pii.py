r"""Personal data: e-mail addresses, payment cards, IBAN, US social security numbers, telephone numbers.

Each is entered at the end of its anchor, reads backwards to its start and forwards to its end, as the keyed
grammar does.

Not here: what is looked for (`personal`), check digits and ranges (`validators`), the rules
(`patterns/packs/pii.toml`).

>>> text = b"from=bob@example.com"
>>> [text[value.start : value.end] for value in read("email", text, 18, 0, len(text))]
[b'bob@example.com']
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

import regex

from .boundary import Buffer, ends, starts
from .headers import GLUED
from .personal import CARD, Form
from .validators.iban import LENGTHS, iban
from .validators.luhn import luhn
from .validators.phone import phone
from .validators.ssn import ssn
from .values import Keyed

_LOCAL: Final = regex.compile(rb"(?r)(?:%2[BbDdEe]|%5[Ff]|[A-Za-z0-9._+\-]){1,80}")
_DOMAIN: Final = regex.compile(
    rb"(?:[A-Za-z0-9](?:[A-Za-z0-9\-]{0,61}[A-Za-z0-9])?\.)+([A-Za-z]{2,24})(?![A-Za-z0-9\-_])"
)
_IN_URL: Final = regex.compile(rb"""(?r)://[^\s"'<>/]*""")
_MAX_LOCAL: Final = 64
#: What ends names with an `@` that are no addresses: units of systemd, files.
_NO_DOMAINS: Final = frozenset(
    b"service socket timer mount automount target slice scope device swap png jpg jpeg gif svg webp ico json "
    b"yaml yml toml js jsx ts tsx html css txt log conf exe dll jar".split()
)
#: Domains of networks of one's own: these name machines as often as people.
_OWN_DOMAINS: Final = frozenset(b"local internal lan localdomain intranet corp home".split())
_CARD_BACK: Final = regex.compile(rb"(?r)" + CARD)
_CARD_FORMS: Final = regex.compile(
    rb"(?P<bare>[0-9]{14,16})(?![0-9])"
    rb"|[0-9]{4}([ \-])(?:[0-9]{4}\2[0-9]{4}\2[0-9]{4}(?:\2[0-9]{3})?|[0-9]{6}\2[0-9]{4,5})(?![0-9])"
)
_IBAN_BACK: Final = regex.compile(rb"(?r)[A-Z]{2}[0-9]{2}(?:[ \-]?[0-9A-Z]){11}")
_IBAN_FORM: Final = regex.compile(
    rb"[A-Z]{2}[0-9]{2}([ \-]?)[0-9A-Z]{4}(?:\1[0-9A-Z]{4})*(?:\1[0-9A-Z]{1,3})?"
)
_PLUS: Final = regex.compile(rb"(?r)\+|%2[Bb]")
_PHONE_BARE: Final = regex.compile(rb"[1-9][0-9]{7,14}(?![0-9])")
_PHONE_GROUPS: Final = regex.compile(
    rb"1[ .\-]?\(?[0-9]{3}\)?[ .\-]?[0-9]{3}[ .\-]?[0-9]{4}(?![0-9])"
    rb"|[1-9][0-9]{0,2}(?:[ .\-]?\(0?[0-9]{1,5}\)[ .\-]?[0-9]{1,8}|[ .\-][0-9]{1,5})"
    rb"(?:[ .\-][0-9]{1,8}){0,5}(?![0-9])"
)
_SSN_SIZE: Final = 11
_NEAR: Final = 64
_SSN_WORD: Final = regex.compile(rb"(?i)(?:ssn|social.security)[^0-9\n]*$")
_ZERO: Final = regex.compile(rb"\(0\)")


def read(form: Form, data: Buffer, end: int, low: int, high: int) -> Iterator[Keyed]:
    """Give the personal data at one anchor.

    Args:
        form: which anchor.
        data: the buffer.
        end: end of the anchor, index in `data`.
        low: start of the line, or as far back as may be looked.
        high: end of the line, or as far as may be looked.

    """
    return _READERS[form](data, end, low, high)


def _email(data: Buffer, end: int, low: int, high: int) -> Iterator[Keyed]:
    at = max(data.rfind(b"@", low, end), data.rfind(b"%40", low, end))
    local = _LOCAL.match(data, low, at)
    domain = _DOMAIN.match(data, at + (1 if data[at] == 0x40 else 3), high)  # noqa: PLR2004 - the at sign
    if local is None or domain is None:
        return
    start = _unglued(data, local.start(), low, at)
    start = max(start, data.rfind(b"..", start, at) + 2 if b".." in data[start:at] else start)
    while start < at and data[start] in b".-+":
        start += 1
    if not 0 < at - start <= _MAX_LOCAL or bytes(data[start:at]) == b"git":
        return
    if _IN_URL.match(data, low, start) or data[low:start].endswith(b"/"):
        return  # a URL's user; a package's scope
    last = bytes(domain[1]).lower()
    labels = domain.group()[: -len(last) - 1]
    if last in _NO_DOMAINS or not any(code > 0x39 for code in labels.rpartition(b".")[2]):  # noqa: PLR2004 - "9"
        return
    yield Keyed(start, domain.end(), "email", "low" if last in _OWN_DOMAINS else "high")


def _card(data: Buffer, end: int, low: int, high: int) -> Iterator[Keyed]:
    begin = _CARD_BACK.match(data, low, end)
    if begin is None or not _starts_number(data, low, begin.start()):
        return
    start = begin.start()
    match = _CARD_FORMS.match(data, start, high)
    if match is not None and _ends_number(data, match.end(), high) and luhn(match.group()):
        yield Keyed(start, match.end(), "card", "medium" if match["bare"] else "high")


def _iban(data: Buffer, end: int, low: int, high: int) -> Iterator[Keyed]:
    begin = _IBAN_BACK.match(data, low, end)
    if begin is None or not starts(data, low, begin.start()):
        return
    start = begin.start()
    size = LENGTHS.get(bytes(data[start : start + 2]).decode("latin-1"))
    whole = _IBAN_FORM.match(data, start, high)
    if size is None or whole is None:
        return
    gaps = (size - 1) // 4 if whole[1] else 0
    stop = start + size + gaps
    if stop <= whole.end() and ends(data, stop, high) and iban(bytes(data[start:stop])):
        yield Keyed(start, stop, "iban", "certain")


def _ssn(data: Buffer, end: int, low: int, high: int) -> Iterator[Keyed]:
    start = end - _SSN_SIZE
    if start < low or not _starts_number(data, low, start) or not _ends_number(data, end, high):
        return
    if ssn(bytes(data[start:end])):
        is_named = _SSN_WORD.search(data, max(low, start - _NEAR), start) is not None
        yield Keyed(start, end, "ssn", "high" if is_named else "medium")


def _phone(data: Buffer, end: int, low: int, high: int) -> Iterator[Keyed]:
    plus = _last_plus(data, end, low)
    if plus is None or not starts(data, low, plus[0]) or (plus[0] > low and data[plus[0] - 1] in b"+/"):
        return
    match = _PHONE_BARE.match(data, plus[1], high) or _PHONE_GROUPS.match(data, plus[1], high)
    stop = match.end() if match is not None else plus[1]
    while stop > plus[1]:
        if _ends_number(data, stop, high) and phone(b"+" + _ZERO.sub(b"", bytes(data[plus[1] : stop]))):
            yield Keyed(plus[0], stop, "phone", "medium")
            return
        # another number may stand after it: the last group may be none of its own
        stop = max(data.rfind(mark, plus[1], stop) for mark in (b" ", b"-", b"."))


def _last_plus(data: Buffer, end: int, low: int) -> tuple[int, int] | None:
    match = _PLUS.search(data, max(low, end - _NEAR), end)
    return match.span() if match else None


def _unglued(data: Buffer, start: int, low: int, high: int) -> int:
    r"""Return where a word begins whose first characters may be the end of an escape: `\nbob`, `%3Dbob`."""
    glued = GLUED.match(data, start - 1, high) if start > low else None
    return glued.end() if glued is not None else start


def _starts_number(data: Buffer, low: int, start: int) -> bool:
    """Tell whether a number begins here and is not the rest of a longer one: `0.5`, `1-2`."""
    if not starts(data, low, start):
        return False
    return not (start - 1 > low and data[start - 1] in b".-" and chr(data[start - 2]).isdigit())


def _ends_number(data: Buffer, end: int, high: int) -> bool:
    """Tell whether a number ends here and does not go on: `1.5`, `1-2`."""
    if not ends(data, end, high):
        return False
    return not (end + 1 < high and data[end] in b".-" and chr(data[end + 1]).isdigit())


_READERS: Final[dict[Form, Callable[[Buffer, int, int, int], Iterator[Keyed]]]] = {
    "email": _email,
    "card": _card,
    "iban": _iban,
    "ssn": _ssn,
    "phone": _phone,
}
