"""Framings: how records lie in a byte stream, so that redaction leaves each of them whole.

Each module here has a function `redactor` that makes a `Redacting`: bytes in, the same lines in the
same order out. The dialogues with rsyslog (`rsyslog`) answer line by line and are no streams.

Not here: finding secrets (`scanner`), reading and writing (`cli.redact`).
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Final, Protocol, cast

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from leakscan.redact import Failure, Style
    from leakscan.scanner import Scanner

#: The framings of byte streams, and what each line of the stream is.
FRAMINGS: Final[dict[str, str]] = {
    "text": "a line of text",
    "ndjson": "a JSON value",
    "cri": "a line, or a part of one, as containerd and CRI-O write them",
    "docker": "a line, or a part of one, as Docker's json-file driver writes them",
}


class Redacting(Protocol):
    """Redacts a stream of one framing.

    Attributes:
        by_rule: number of secrets replaced so far, by rule id.
        unscanned: number of places that could not be scanned, by reason.
        counts_lines: whether to count lines.
        lines: number of line ends passed on.

    """

    by_rule: dict[str, int]
    unscanned: dict[str, int]
    counts_lines: bool
    lines: int

    @property
    def is_holding(self) -> bool:
        """Whether whole lines wait for what follows, which `flush` may give out now."""

    def get_buffer(self) -> memoryview:
        """Return the buffer to read into; never empty."""

    def buffer_updated(self, nbytes: int) -> Iterator[memoryview | bytes]:
        """Take `nbytes` that were read; give pieces, each good until the next is asked for."""

    def feed(self, chunk: bytes | bytearray | memoryview) -> bytes:
        """Take a chunk; return the redacted bytes of whole lines."""

    def flush(self) -> Iterator[memoryview | bytes]:
        """Give out what waits for what follows, as far as nothing can leak by it."""

    def close(self, *, cut_off: bool = False) -> bytes:
        """Return the rest; `cut_off`: the stream goes on, but nobody will read it."""


def redactor(framing: str, scanner: Scanner, style: Style, on_failure: Failure) -> Redacting:
    """Make a redactor for one of `FRAMINGS`; only its module is loaded."""
    module = importlib.import_module(f".{framing}", __name__)
    make = cast("Callable[[Scanner, Style, Failure], Redacting]", module.redactor)
    return make(scanner, style, on_failure)
