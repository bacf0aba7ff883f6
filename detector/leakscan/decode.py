"""Encodings that hide a secret: base64 of what holds it, percent and JSON escapes inside it.

base64 hides every prefix, so each keyword is also looked for in its three base64 alignments, and only
the run around such a place is decoded. Escapes are decoded around a keyword only, with a map back to
the input, so that the whole encoded text is what is reported.

Not here: finding anything in what was decoded (`scanner`).

>>> unescape(b"a%2Bb", 0, 5)
(b'a+b', [0, 1, 4, 5])
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable, Iterator
from typing import Final

import regex

from .boundary import Buffer

#: A base64 literal of fewer characters stands in too much random text: four are one in 16 million.
_MIN_LITERAL: Final = 4
#: What stands before a token in text that gets encoded; makes short keywords long enough.
_BEFORE: Final = (b'"', b"=", b":", b" ")
#: Keywords of this length need one of them.
_SHORT: Final = 3
#: Words that name a keyed value; looked for in encoded text too.
_WORDS: Final = (
    b"password", b"passwd", b"secret", b'token"', b"token=", b"api_key", b"apiKey", b"Bearer ",
    b"PRIVATE KEY-----",
)  # fmt: skip
#: Characters of base64 that are decoded around one place, at most: a kubeconfig or service account file.
MAX_RUN: Final = 16_384
_RUN_BACK: Final = regex.compile(rb"(?r)(?:[A-Za-z0-9+/_-]|\\/)*")
_RUN_ON: Final = regex.compile(rb"(?:[A-Za-z0-9+/_-]|\\/)*={0,2}")
#: Shorter runs hold no secret: 16 characters are 12 bytes.
_MIN_RUN: Final = 16

_ESCAPE: Final = regex.compile(
    rb"%(?:25)?([0-9A-Fa-f]{2})|\\+u00([0-9A-Fa-f]{2})|\\+x([0-9A-Fa-f]{2})|\\+([/\"'=+])|&(amp|#\d{2,3}|#x[0-9A-Fa-f]{2});"
)
_PLAIN_RUN: Final = regex.compile(rb"[A-Za-z0-9_.~:-]*")
#: Characters whose encoded form may stand inside a token.
_ENCODABLE: Final = b":/+=$~!@#*,;| "


def alignments(literal: bytes) -> Iterator[bytes]:
    """Give the base64 characters that stand for `literal` wherever it stands: one text an offset of 3."""
    for before in range(3):
        encoded = base64.b64encode(b"\0" * before + literal)
        first = (0, 2, 3)[before]
        last = (before + len(literal)) * 8 // 6
        if last - first >= _MIN_LITERAL:
            yield encoded[first:last]


def base64_literals(keywords: Iterable[bytes]) -> tuple[bytes, ...]:
    """Return the base64 forms of keywords and key names; where one begins another, only the shorter."""
    forms: set[bytes] = set()
    for keyword in (*keywords, *_WORDS):
        if len(keyword) > _SHORT:
            forms.update(alignments(keyword))
        elif not keyword.isalnum():  # three letters or digits, encoded, would stand in every long run
            forms.update(form for before in _BEFORE for form in alignments(before + keyword))
    shortest: list[bytes] = []
    for form in sorted(forms):
        if not shortest or not form.startswith(shortest[-1]):
            shortest.append(form)
    return tuple(shortest)


def base64_run(data: Buffer, end: int, low: int, high: int) -> tuple[int, int]:
    """Return the run of base64 characters around `end - 1`."""
    back = _RUN_BACK.match(data, max(low, end - MAX_RUN), end)
    on = _RUN_ON.match(data, end, min(high, end + MAX_RUN))
    return back.start() if back else end, on.end() if on else end


def base64_texts(run: bytes) -> Iterator[bytes]:
    """Give what a run decodes to: at its own start first, then at the three others, for runs that are cut."""
    text = run.replace(b"\\/", b"/").rstrip(b"=").translate(_URLSAFE)
    if len(text) < _MIN_RUN:
        return
    for offset in range(4):
        part = text[offset:]
        try:
            yield base64.b64decode(part[: len(part) - len(part) % 4] + _tail(part))
        except (binascii.Error, ValueError):
            continue


def escaped_literals(keyword: bytes) -> list[bytes]:
    """Return a keyword as it stands percent-encoded and in JSON, where that differs."""
    upper = b"".join(b"%%%02X" % c if c in _ENCODABLE else bytes((c,)) for c in keyword)
    lower = b"".join(b"%%%02x" % c if c in _ENCODABLE else bytes((c,)) for c in keyword)
    # sorted, so that every process builds the same database and finds it in the engine cache
    return sorted({upper, lower, keyword.replace(b"/", b"\\/")} - {keyword})


def has_escape(data: Buffer, position: int, high: int) -> bool:
    """Tell whether the text at `position` goes on over an escape of a character that tokens hold."""
    run = _PLAIN_RUN.match(data, position, high)
    place = run.end() if run else position
    if place >= high or data[place] not in b"%\\&":
        return False
    match = _ESCAPE.match(data, place, high)
    return match is not None and _character(match) in b"+/=.~-_:"


def unescape(data: Buffer, low: int, high: int) -> tuple[bytes, list[int]]:
    """Decode percent, JSON and HTML escapes in `data[low:high]`.

    Returns:
        The decoded bytes, and for each of them (and the end) the index in `data` where it came from.

    """
    text = bytearray()
    places: list[int] = []
    position = low
    for match in _ESCAPE.finditer(data, low, high):
        text += data[position : match.start()]
        places += range(position, match.start())
        text += _character(match)
        places.append(match.start())
        position = match.end()
    text += data[position:high]
    places += range(position, high + 1)
    return bytes(text), places


def _character(match: regex.Match[bytes]) -> bytes:
    digits = match[1] or match[2] or match[3]
    if digits:
        return bytes((int(digits, 16),))
    if match[4]:
        return bytes(match[4])
    name = bytes(match[5])
    if name == b"amp":
        return b"&"
    code = int(b"0" + name[1:], 16) if name[1:2] == b"x" else int(name[1:])
    return bytes((code & 0xFF,))


def _tail(part: bytes) -> bytes:
    """Return the last, incomplete group of a run with its padding."""
    rest = len(part) % 4
    return part[len(part) - rest :] + b"=" * (4 - rest) if rest > 1 else b""


_URLSAFE: Final = bytes.maketrans(b"-_", b"+/")
