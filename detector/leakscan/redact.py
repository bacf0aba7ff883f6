"""Redaction: bytes in, bytes out, and nothing but the secrets replaced. Splices by offset, never by search.

Not here: finding (`scanner`), reading and writing (`cli`), records (`records`).

>>> from leakscan import Scanner
>>> Scanner().redact("login user=bob password=hunter2-Tr0ub4dor ok")
'login user=bob password=[REDACTED:generic-password] ok'
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final, Literal, NamedTuple

from .lines import Block, Tokenizer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from .boundary import Buffer
    from .prefilter import Candidate
    from .resolve import Match
    from .scanner import Scanner

Style = Literal["label", "hash", "mask", "partial"]
STYLES: Final[tuple[Style, ...]] = ("label", "hash", "mask", "partial")
Failure = Literal["mask", "block", "open"]
FAILURES: Final[tuple[Failure, ...]] = ("mask", "block", "open")

#: Characters of a secret that `partial` leaves: enough to tell two apart, too few to use.
_PARTIAL: Final = 4
#: Shorter secrets are masked whole by `partial`: a fifth of them would be too much.
_PARTIAL_LEAST: Final = 20
#: Digits of the keyed fingerprint in `hash` style: 32 bits, to compare within one log.
_HASH_DIGITS: Final = 8
#: A word that was cut off may be the first part of a secret when it has this many bytes, or stands in
#: a line that the prefilter selects.
_CUT_LEAST: Final = 16
_CUT_OFF: Final = "cut-off"
#: How every label begins that stands for text which could not be scanned.
UNSCANNED: Final = b"[LEAKSCAN:unscanned "


class UnscannableError(Exception):
    """A block could not be scanned and the policy is to block. Carries no log content."""


def replacement(match: Match, secret: bytes, style: Style, identify: Callable[..., str]) -> bytes:
    """Return what stands in a secret's place. Holds no quote, backslash or delimiter of JSON strings."""
    rule_id = match.rule.id.encode()
    if style == "label":
        return b"[REDACTED:%b]" % rule_id
    if style == "hash":
        return b"[REDACTED:%b:%b]" % (rule_id, identify(match.rule, secret)[:_HASH_DIGITS].encode())
    shown = secret[:_PARTIAL] if style == "partial" and len(secret) >= _PARTIAL_LEAST else b""
    return (shown if shown.isalnum() else b"") + b"********"


class Cut(NamedTuple):
    """What to put in the place of a span of a buffer.

    Attributes:
        start: index in the buffer.
        end: half-open.
        put: the label or mask.
        quote: goes on both sides of it, where a bare JSON number becomes a string.

    """

    start: int
    end: int
    put: bytes
    quote: bytes = b""


def cuts(
    data: Buffer, start: int, matches: Iterable[Match], style: Style, identify: Callable[..., str]
) -> Iterator[Cut]:
    """Give the cuts for matches, in order; what starts before `start` is dealt with already."""
    position = start
    for match in matches:
        for first, last in match.parts or ((match.start, match.end),):
            if first < position:
                continue
            secret = match.secret or bytes(data[first:last])
            quote = _number_quote(data, start, first) if secret.isdigit() else b""
            yield Cut(first, last, replacement(match, secret, style, identify), quote)
            position = last


def splice(data: Buffer, start: int, end: int, taken: Iterable[Cut]) -> Iterator[memoryview | bytes]:
    """Give `data[start:end]` with the cuts made, as pieces; untouched bytes are views.

    Cuts may end after `end` (their rest is another piece's) but start before it.
    """
    view = memoryview(data)
    position = start
    for cut in taken:
        if position < cut.start:
            yield view[position : cut.start]
        yield cut.quote + cut.put + cut.quote
        position = cut.end
    if position < end:
        yield view[position:end]


class Redactor:
    """Redacts a stream: feed chunks, take pieces. Any chunking gives the same bytes.

    Attributes:
        by_rule: number of secrets replaced so far, by rule id.
        unscanned: number of blocks that could not be scanned, by reason.
        lines: number of line ends passed on; counted only when `counts_lines` is set.

    """

    def __init__(self, scanner: Scanner, style: Style = "label", on_failure: Failure = "mask") -> None:
        self._scanner = scanner
        self._style: Style = style
        self._on_failure: Failure = on_failure
        self._tokenizer = Tokenizer()
        self._written = 0  # absolute offset up to which the input is dealt with
        self.by_rule: dict[str, int] = {}
        self.unscanned: dict[str, int] = {}
        self.counts_lines = False
        self.lines = 0

    @property
    def findings(self) -> int:
        """Number of secrets replaced so far."""
        return sum(self.by_rule.values())

    @property
    def is_holding(self) -> bool:
        """Whether whole lines wait for what follows, which `flush` would give out now."""
        held = self._tokenizer.held_lines()
        return held is not None and self._written < held.offset + held.end

    def get_buffer(self) -> memoryview:
        """Return the buffer to read into; never empty."""
        return self._tokenizer.get_buffer()

    def buffer_updated(self, nbytes: int) -> Iterator[memoryview | bytes]:
        """Take `nbytes` that were read into `get_buffer()`; give the redacted pieces of whole lines.

        Each piece must be written or copied before the next is asked for.
        """
        return self._pieces(self._tokenizer.buffer_updated(nbytes))

    def feed(self, chunk: bytes | bytearray | memoryview) -> bytes:
        """Take a chunk; return the redacted bytes of whole lines."""
        return b"".join(map(bytes, self._pieces(self._tokenizer.feed(chunk))))  # a view is short-lived

    def flush(self) -> Iterator[memoryview | bytes]:
        """Give the lines that wait for what follows: those of a private key that is not closed yet.

        For a live stream that went quiet. The key stays open: what of it comes later is taken out
        as well. What looks like the body so far is taken out even where later lines would have
        shown that it is none. An unfinished line still waits for its end.
        """
        held = self._tokenizer.held_lines()
        return iter(()) if held is None else self._block(held)

    def close(self, *, cut_off: bool = False) -> bytes:
        """Return the redacted bytes of what is left.

        `cut_off` says that the stream goes on but nobody will read it: in an unfinished last line,
        the word at its end may be the first part of a secret and is masked when it could be.
        """
        blocks = self._tokenizer.close()
        return b"".join(bytes(piece) for block in blocks for piece in self._block(block, cut_off=cut_off))

    def _pieces(self, blocks: Iterator[Block]) -> Iterator[memoryview | bytes]:
        for block in blocks:
            yield from self._block(block)

    def _block(self, block: Block, *, cut_off: bool = False) -> Iterator[memoryview | bytes]:
        base = block.offset - block.start
        start = max(block.own_start, self._written - base)
        try:
            candidates = self._scanner.candidates(block)
            matches, held = self._scanner.matches(block, candidates)
            taken = list(self._taken(block, start, matches))
        except Exception:  # noqa: BLE001 - our own bug must not let a secret through
            candidates = []
            taken, held = self._line_by_line(block, start)
        if held < block.end:
            self._tokenizer.hold(block.end - held)
        end = min(block.own_end, held)
        if cut_off:
            taken += self._tail(block, max(start, taken[-1].end if taken else 0))
        if taken:
            end = max(end, taken[-1].end)
        if start < end:
            yield from self._rewritten(block, start, end, taken, candidates)
            self._written = base + end
            if self.counts_lines:
                self.lines += block.data.count(b"\n", start, end)

    def _rewritten(
        self,
        block: Block,
        start: int,
        end: int,
        taken: list[Cut],
        candidates: list[Candidate],  # noqa: ARG002 - for framings that look at records
    ) -> Iterator[memoryview | bytes]:
        """Give the region `[start, end)` of a block with the cuts made."""
        return splice(block.data, start, end, taken)

    def _taken(self, block: Block, start: int, matches: list[Match]) -> Iterator[Cut]:
        # a match from before `start` was cut off by a window, or is a key that was flushed in part
        live = [match for match in matches if match.start >= start or match.parts]
        for match in live:
            if match.start >= start:
                self.by_rule[match.rule.id] = self.by_rule.get(match.rule.id, 0) + 1
        return cuts(block.data, start, live, self._style, self._scanner.identify)

    def _line_by_line(self, block: Block, start: int) -> tuple[list[Cut], int]:
        """Return the cuts of a block that cannot be scanned whole, so that only bad lines are lost.

        The lines between bad ones are scanned together, for the keys that go over several lines; the
        second value is from where on the end must be held. When a bad line cuts a key short, all
        that follows in the block is taken for bad.
        """
        taken: list[Cut] = []
        end = block.own_end
        run = start
        while start < end:
            stop = block.data.find(b"\n", start, end) + 1 or end
            reason = self._fault(_region(block, start, stop, final=True))
            if reason is not None:
                found, held = self._of_run(block, run, start, final=False)
                stop = end if held < start else stop
                taken += [*found, *self._failed(block, min(start, held), stop, reason)]
                run = stop
            start = stop
        found, held = self._of_run(block, run, end, final=block.final)
        return taken + found, held

    def _of_run(self, block: Block, start: int, end: int, *, final: bool) -> tuple[list[Cut], int]:
        """Return the cuts of lines that can be scanned one by one, and from where on they must be held."""
        if start >= end:
            return [], end
        run = _region(block, start, end, final=final)
        try:
            matches, held = self._scanner.matches(run)
            return list(self._taken(run, start, matches)), held
        except Exception as error:  # noqa: BLE001 - as in `_block`
            return self._failed(block, start, end, type(error).__name__), end

    def _fault(self, line: Block) -> str | None:
        """Return why a line cannot be scanned."""
        try:
            self._scanner.matches(line)
        except Exception as error:  # noqa: BLE001 - as in `_block`
            return type(error).__name__
        return None

    def _failed(self, block: Block, start: int, end: int, reason: str) -> list[Cut]:
        """Return the cuts that mask every line of a region, or none, as the policy has it."""
        self.unscanned[reason] = self.unscanned.get(reason, 0) + 1
        if self._on_failure == "block":
            raise UnscannableError(reason) from None
        if self._on_failure == "open":
            return []
        masked = []
        for line in bytes(block.data[start:end]).splitlines(keepends=True):
            size = len(line.rstrip(b"\r\n"))
            if size:
                masked.append(Cut(start, start + size, unscanned_label(reason, size)))
            start += len(line)
        return masked

    def _tail(self, block: Block, low: int) -> list[Cut]:
        """Return the cut for a last word that may be the first part of a secret; none before `low`."""
        data, end = block.data, block.own_end
        line = max(block.start, data.rfind(b"\n", block.start, end) + 1)
        words = bytes(data[line:end]).split()
        if not words or data[end - 1] in b" \t\r" or end <= low:
            return []
        size = min(len(words[-1]), end - low)
        ending = replace(block, start=line, end=end)
        if size < _CUT_LEAST and not self._scanner.candidates(ending):
            return []
        self.unscanned[_CUT_OFF] = self.unscanned.get(_CUT_OFF, 0) + 1
        return [Cut(end - size, end, unscanned_label(_CUT_OFF, size))]


def _region(block: Block, start: int, end: int, *, final: bool) -> Block:
    """Return a part of a block that begins at a line start, or where the block does."""
    column = block.column if start == block.own_start else 0
    offset = block.offset + start - block.start
    return Block(block.data, start, end, start, end, offset, column, final)


def unscanned_label(reason: str, size: int) -> bytes:
    """Return what stands in the place of text that could not be scanned; `size` in bytes."""
    return UNSCANNED + b"reason=%b bytes=%d]" % (reason.encode(), size)


def _number_quote(data: Buffer, start: int, first: int) -> bytes:
    """Return the quote that a bare JSON number needs when a label takes its place, b"" elsewhere."""
    before = bytes(data[max(start, first - 16) : first]).rstrip(b" \t\r\n")
    if not before.endswith(b'":'):
        return b""
    text = before[:-2]
    return b"\\" * (len(text) - len(text.rstrip(b"\\"))) + b'"'
