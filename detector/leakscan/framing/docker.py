r"""Docker's json-file logs: `{"log":"text\n","stream":"stdout","time":".."}`, one record a line.

Docker splits long lines into parts of 16 KiB; a part is a record whose text has no line feed at its
end. Records stay JSON with the same members in the same order.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

from leakscan.jsontext import unescape

from .joined import JoinedRedactor, Part
from .jsontext import HIDDEN, encode, occurrences, scalars
from .ndjson import is_json

if TYPE_CHECKING:
    from collections.abc import Iterator

    from leakscan.redact import Cut, Failure, Style
    from leakscan.scanner import Scanner

_RECORD: Final = re.compile(rb'\{"log":"([^"\\]*+(?:\\.[^"\\]*+)*+)","stream":"(stdout|stderr)"')
#: What follows the text when there are no attributes (labels, environment).
_PLAIN_REST: Final = re.compile(rb'","stream":"std(?:out|err)","time":"[0-9TZ:.+\-]{0,40}"\}')
#: How the text of a whole line ends.
_WHOLE: Final = b'\\n","stream":"std'


class _Text(NamedTuple):
    """Where the body of the text's JSON string is, and its stream."""

    start: int
    end: int
    stream: bytes


def redactor(scanner: Scanner, style: Style, on_failure: Failure) -> JoinedRedactor:
    """Return a redactor of json-file logs."""
    return JoinedRedactor(Docker(), scanner, style, on_failure)


class Docker:
    """See `joined.Dialect`."""

    def parse(self, record: bytes) -> Part | None:
        """Read a record; None when it is none."""
        found = _find(record)
        if found is None:
            return None
        text = unescape(record[found.start : found.end]).data
        return Part(found.stream, text, not text.endswith(b"\n"))

    def rewrite(self, record: bytes, cuts: list[Cut]) -> bytes:
        """Make cuts at positions of the record's text."""
        found = _find(record)
        if found is None:
            return record
        start, end, _ = found
        decoded = unescape(record[start:end])
        pieces = [record[:start]]
        for cut in cuts:
            pieces.append(record[start : found.start + decoded.source(cut.start)])
            pieces.append(encode(cut.quote + cut.put + cut.quote))
            start = found.start + decoded.source_end(cut.end)
        return b"".join([*pieces, record[start:]])

    def outside(self, record: bytes) -> tuple[int, int] | None:
        """Return the span of the text when there is more than stream and time around it."""
        found = _find(record)
        if found is None or _PLAIN_REST.fullmatch(record, found.end):
            return None
        return found.start, found.end

    def suspects(self, data: bytes | bytearray, start: int, end: int) -> Iterator[int]:
        """Give a position in every record that may be partial or holds an escape which hides a separator."""
        yield from occurrences(HIDDEN, data, start, end)
        if data.count(_WHOLE, start, end) == data.count(b"\n", start, end):
            return
        while start < end:
            last = data.find(b"\n", start, end) + 1 or end
            if data.find(_WHOLE, start, last) < 0:
                yield start
            start = last


def _find(record: bytes) -> _Text | None:
    match = _RECORD.match(record)
    if match is not None:
        return _Text(*match.span(1), match[2])
    if not record.lstrip().startswith(b"{") or not is_json(record):
        return None
    text: tuple[int, int] | None = None
    stream = b""
    for path, start, end in scalars(record):
        if path == ("log",) and record[start] == 0x22:  # noqa: PLR2004 - a quote: a string
            text = start + 1, end - 1
        elif path == ("stream",):
            stream = record[start:end]
    return None if text is None else _Text(*text, stream)
