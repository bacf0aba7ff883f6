r"""What a line says of itself besides its secret: when it was written, and by which service.

It is asked for lines with a finding only, while their block is at hand. Not here: what times
(`timestamps`) and services (`service`) look like, finding (`scanner`).
"""

from __future__ import annotations

import re
from bisect import bisect_left
from operator import attrgetter
from typing import TYPE_CHECKING, Final

from .service import service_span
from .timestamps import HEAD, parse_field, parse_timestamp

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .lines import Block
    from .resolve import Match

#: So much of a long line's beginning and end is looked at, in bytes.
REACH: Final = 8192
#: java.util.logging writes the time and the source in one line, the level and the message in the next.
_SECOND_LINE: Final = re.compile(rb"(?:SEVERE|WARNING|INFO|CONFIG|FINE|FINER|FINEST): ")
_START: Final = attrgetter("start")


def describe(block: Block, start: int, own: int, matches: Sequence[Match]) -> tuple[str | None, str | None]:
    """Return the time of a line as ISO 8601 and the name of its service; None for what it does not say.

    A name in which a secret was found is left out. Where a line came in windows, what is gone is not
    looked at.

    Args:
        block: where the line is.
        start: where it starts in the block's data.
        own: where a match in it starts.
        matches: those of the block.

    """
    data = block.data
    newline = data.find(b"\n", own, block.end)
    end = newline if newline >= 0 else block.end
    head = bytes(data[start : min(end, start + REACH)])
    tail_start = max(start + len(head), end - REACH)
    tail = bytes(data[tail_start:end])
    service = None
    for text, base in ((head, start), (tail, tail_start)):
        span = service_span(text)
        if span is not None and _is_clean(matches, base + span[0], base + span[1]):
            service = text[slice(*span)].decode("utf-8", "replace").strip() or None
            break
    is_begun = block.column and start == block.start  # the head is in a window long gone
    time = None if is_begun else parse_timestamp(head)
    return time or parse_field(tail) or parse_field(head) or _time_above(block, start, head), service


def _is_clean(matches: Sequence[Match], start: int, end: int) -> bool:
    """Tell whether no secret was found between two indexes of the block's data."""
    before = bisect_left(matches, end, key=_START)
    return not before or matches[before - 1].end <= start


def _time_above(block: Block, start: int, line: bytes) -> str | None:
    """Return the time of the line above when this one is the second line of java.util.logging."""
    if start <= block.start or not _SECOND_LINE.match(line):
        return None
    above = max(block.start, block.data.rfind(b"\n", block.start, start - 1) + 1)
    return parse_timestamp(bytes(block.data[above : min(start, above + HEAD)]))
