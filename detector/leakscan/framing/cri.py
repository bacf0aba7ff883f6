"""CRI logs: `<time> stdout|stderr P|F text`, as containerd and CRI-O write them for Kubernetes.

The runtime splits long lines into parts of 16 KiB tagged P, the last one F. Format: "CRI log format"
of Kubernetes' container runtime interface; further tags may follow the first one behind colons.
"""

from __future__ import annotations

import re
from itertools import chain
from typing import TYPE_CHECKING, Final

from leakscan.redact import splice

from .joined import JoinedRedactor, Part
from .jsontext import occurrences

if TYPE_CHECKING:
    from collections.abc import Iterator

    from leakscan.redact import Cut, Failure, Style
    from leakscan.scanner import Scanner

#: What stands before the text is too narrow to hold a secret; any other line is scanned whole.
_HEAD: Final = re.compile(
    rb"\d{4}-\d\d-\d\dT[\d:.,]{1,24}(?:Z|[+-]\d\d:?\d\d) (stdout|stderr) ([PF])(?::\w{1,8}){0,3}(?: |$)"
)
_PARTIALS: Final = (b"stdout P", b"stderr P")


def redactor(scanner: Scanner, style: Style, on_failure: Failure) -> JoinedRedactor:
    """Return a redactor of CRI logs."""
    return JoinedRedactor(Cri(), scanner, style, on_failure)


class Cri:
    """See `joined.Dialect`."""

    def parse(self, record: bytes) -> Part | None:
        """Read a record; None when it is none."""
        head = _HEAD.match(record)
        if head is None:
            return None
        text = record[head.end() :]
        is_partial = head[2] == b"P"
        return Part(head[1], text if is_partial else text + b"\n", is_partial)

    def rewrite(self, record: bytes, cuts: list[Cut]) -> bytes:
        """Make cuts at positions of the record's text."""
        head = _HEAD.match(record)
        size = head.end() if head else 0
        moved = (
            cut._replace(start=size + cut.start, end=min(size + cut.end, len(record)))  # not the line feed
            for cut in cuts
        )
        return b"".join(splice(record, 0, len(record), moved))

    def outside(self, record: bytes) -> None:
        """Nothing outside the text can hold a secret."""

    def suspects(self, data: bytes | bytearray, start: int, end: int) -> Iterator[int]:
        """Give a position in every record that may be partial."""
        return chain.from_iterable(occurrences(mark, data, start, end) for mark in _PARTIALS)
