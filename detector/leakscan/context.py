r"""What a line says of itself besides its secret: when it was written, and by which service.

It is asked for lines with a finding only, while their block is at hand. Not here: what times
(`timestamps`) and services (`service`) look like, finding (`scanner`).
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from .service import service_span
from .stream import Locator, Stream
from .timestamps import HEAD, parse_field, parse_timestamp

if TYPE_CHECKING:
    from .finding import Finding
    from .lines import Block
    from .resolve import Match
    from .scanner import Scanner

#: So much of a long line's beginning and end is looked at, in bytes.
REACH: Final = 8192
#: java.util.logging writes the time and the source in one line, the level and the message in the next.
_SECOND_LINE: Final = re.compile(rb"(?:SEVERE|WARNING|INFO|CONFIG|FINE|FINER|FINEST): ")


def context_stream(
    scanner: Scanner,
    *,
    count_newlines: Callable[[int, int], int] | None = None,
    path: str | None = None,
) -> Stream:
    """Return a stream like `Scanner.stream`, whose findings have the time and the service of their line."""
    return Stream(_ContextLocator(scanner, count_newlines=count_newlines, timestamps=True, path=path))


class _ContextLocator(Locator):
    """A locator that looks at the lines around its findings, once a line."""

    def findings_in(self, block: Block, matches: list[Match]) -> Iterator[Finding]:
        starts = [match.start for match in matches]

        def is_clean(start: int, end: int) -> bool:
            """Tell whether no secret was found between two indexes of the block's data."""
            before = bisect_right(starts, end - 1)
            return not before or matches[before - 1].end <= start

        line_start = -1
        line = Line(None, None)
        for finding in super().findings_in(block, matches):
            own = finding.offset - block.offset + block.start
            start = max(block.start, own - finding.start)
            if start != line_start:
                line_start, line = (
                    start,
                    _line(block, start, own, is_clean, timed=finding.timestamp is not None),
                )
            time = finding.timestamp or line.time
            yield replace(finding, timestamp=time, service=line.service) if line.service or time else finding


@dataclass(frozen=True, slots=True)
class Line:
    """What a line says beyond its head: a time in a field, the name of a service."""

    time: str | None
    service: str | None


def _line(block: Block, start: int, own: int, is_clean: Callable[[int, int], bool], *, timed: bool) -> Line:
    """Read the line that starts at `start` and holds `own`; a name that is a secret itself is left out."""
    data = block.data
    newline = data.find(b"\n", own, block.end)
    end = newline if newline >= 0 else block.end
    head = bytes(data[start : min(end, start + REACH)])
    tail_start = max(start + len(head), end - REACH)
    tail = bytes(data[tail_start:end])
    service = None
    for text, base in ((head, start), (tail, tail_start)):
        span = service_span(text)
        if span is not None and is_clean(base + span[0], base + span[1]):
            service = text[slice(*span)].decode("utf-8", "replace").strip() or None
            break
    if timed:
        return Line(None, service)
    return Line(parse_field(tail) or parse_field(head) or _time_above(block, start, head), service)


def _time_above(block: Block, start: int, line: bytes) -> str | None:
    """Return the time of the line above when this one is the second line of java.util.logging."""
    if start <= block.start or not _SECOND_LINE.match(line):
        return None
    above = max(block.start, block.data.rfind(b"\n", block.start, start - 1) + 1)
    return parse_timestamp(bytes(block.data[above : min(start, above + HEAD)]))
