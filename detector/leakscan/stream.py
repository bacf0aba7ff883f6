"""Streams: findings from chunks, each with its line, column and offset.

Not here: cutting chunks into blocks (`lines`), finding (`scanner`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from .finding import Finding
from .lines import Block, Tokenizer
from .resolve import Match

if TYPE_CHECKING:
    from .scanner import Scanner

#: Says when a line was written and by which service, from a block, where in it the line starts, where a
#: match in the line does, and all matches of the block.
Describe = Callable[[Block, int, int, Sequence[Match]], tuple[str | None, str | None]]


class Locator:
    """Turns matches in blocks into findings. Newlines are counted only where something was found.

    Args:
        scanner: whose matches these are.
        count_newlines: counts the newlines in an absolute byte range of the source, for sources that
            can be read again; without it every block is counted as it passes.
        describe: gives findings the time and the service of their line; asked once a line.
        path: of the input, for what is allowed by path; None when it has none.

    """

    def __init__(
        self,
        scanner: Scanner,
        *,
        count_newlines: Callable[[int, int], int] | None = None,
        describe: Describe | None = None,
        path: str | None = None,
    ) -> None:
        self._scanner = scanner
        self._path = path
        self._count_newlines = count_newlines
        self._describe = describe
        self._counted = 0  # absolute offset up to which newlines are counted
        self._line = 1  # the number of the line there
        self._reported = 0  # absolute offset where the last reported secret ended

    def take(self, block: Block, hold: Callable[[int], None]) -> Iterator[Finding]:
        """Give the findings that a block owns; `hold` is told how many bytes to give once more."""
        matches, held = self._scanner.matches(block, path=self._path)
        if held < block.end:
            hold(block.end - held)
        yield from self.findings_in(block, matches)
        if self._count_newlines is None:
            self._advance(block, held)

    def findings_in(self, block: Block, matches: list[Match]) -> Iterator[Finding]:
        """Give the findings for a block's matches."""
        data, base = block.data, block.offset - block.start
        described, time, service = -1, None, None
        for match in matches:
            if base + match.start < self._reported:
                continue  # a window cut: the window before reported what lies here
            newline = data.rfind(b"\n", block.start, match.start)
            line_start = newline + 1 if newline >= 0 else block.start
            column = match.start - line_start + (block.column if newline < 0 else 0)
            self._advance(block, line_start)
            if self._describe is not None and line_start != described:
                described = line_start
                time, service = self._describe(block, line_start, match.start, matches)
            spans = match.parts or ((match.start, match.end),)
            secret = b"".join(bytes(data[start:end]) for start, end in spans)
            rule = match.rule
            yield Finding(
                rule.id,
                rule.description,
                rule.provider,
                rule.severity,
                match.confidence,
                self._line,
                column,
                column + match.end - match.start,
                base + match.start,
                self._scanner.identify(rule, secret),
                secret,
                timestamp=time,
                service=service,
            )
            self._reported = base + spans[-1][1]

    def _advance(self, block: Block, index: int) -> None:
        """Count the newlines up to `index` of the block's data."""
        base = block.offset - block.start
        if base + index <= self._counted:
            return
        if self._counted >= block.offset:
            self._line += block.data.count(b"\n", self._counted - base, index)
        elif self._count_newlines is not None:
            self._line += self._count_newlines(self._counted, base + index)
        self._counted = base + index


class Stream:
    """Findings from chunks: feed bytes, or read into `get_buffer()` and call `buffer_updated`.

    Any chunking gives the findings of the whole. Memory is bounded by the longest line that is scanned
    whole (1 MiB), whatever comes. Made by `Scanner.stream`.
    """

    def __init__(self, locator: Locator) -> None:
        self._locator = locator
        self._tokenizer = Tokenizer()

    def get_buffer(self) -> memoryview:
        """Return the buffer to read into; never empty. Valid until the next call of any method."""
        return self._tokenizer.get_buffer()

    def buffer_updated(self, nbytes: int) -> list[Finding]:
        """Take `nbytes` that were read into `get_buffer()`; return the findings in whole lines."""
        return self._findings(self._tokenizer.buffer_updated(nbytes))

    def feed(self, chunk: bytes | bytearray | memoryview) -> list[Finding]:
        """Take a chunk; return the findings in whole lines."""
        return self._findings(self._tokenizer.feed(chunk))

    def close(self) -> list[Finding]:
        """Return the findings in what is left: a last line without a line end."""
        return self._findings(self._tokenizer.close())

    def _findings(self, blocks: Iterator[Block]) -> list[Finding]:
        take, hold = self._locator.take, self._tokenizer.hold
        return [finding for block in blocks for finding in take(block, hold)]
