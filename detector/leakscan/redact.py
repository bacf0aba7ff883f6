"""Redaction: bytes in, bytes out, and nothing but the secrets replaced. Splices by offset, never by search.

Not here: finding (`scanner`), reading and writing (`cli`), records (`records`).

>>> from leakscan import Scanner
>>> Scanner().redact("login user=bob password=hunter2-Tr0ub4dor ok")
'login user=bob password=[REDACTED:generic-password] ok'
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Final, Literal

from .boundary import Buffer
from .lines import Block, Tokenizer
from .resolve import Match

if TYPE_CHECKING:
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


def splice(
    data: Buffer,
    start: int,
    end: int,
    matches: Iterable[Match],
    style: Style,
    identify: Callable[..., str],
) -> Iterator[memoryview | bytes]:
    """Give `data[start:end]` with the secrets replaced, as pieces; untouched bytes are views.

    Matches may end after `end` (their rest is another piece's) but start before it.
    """
    view = memoryview(data)
    position = start
    for match in matches:
        for first, last in match.parts or ((match.start, match.end),):
            if first < position:
                continue
            yield view[position:first]
            secret = bytes(view[first:last])
            put = replacement(match, secret, style, identify)
            quote = _number_quote(data, start, first) if secret.isdigit() else b""
            yield quote + put + quote
            position = last
    if position < end:
        yield view[position:end]


class Redactor:
    """Redacts a stream: feed chunks, take pieces. Any chunking gives the same bytes.

    Attributes:
        findings: number of secrets replaced so far.
        by_rule: the same by rule id.
        unscanned: number of blocks that could not be scanned, by reason.

    """

    def __init__(self, scanner: Scanner, style: Style = "label", on_failure: Failure = "mask") -> None:
        self._scanner = scanner
        self._style: Style = style
        self._on_failure: Failure = on_failure
        self._tokenizer = Tokenizer()
        self._written = 0  # absolute offset up to which the input is dealt with
        self.by_rule: dict[str, int] = {}
        self.unscanned: dict[str, int] = {}

    @property
    def findings(self) -> int:
        """Number of secrets replaced so far."""
        return sum(self.by_rule.values())

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
        return b"".join(self._pieces(self._tokenizer.feed(chunk)))

    def close(self) -> bytes:
        """Return the redacted bytes of what is left."""
        return b"".join(self._pieces(self._tokenizer.close()))

    def _pieces(self, blocks: Iterator[Block]) -> Iterator[memoryview | bytes]:
        for block in blocks:
            yield from self._block(block)

    def _block(self, block: Block) -> Iterator[memoryview | bytes]:
        try:
            matches, held = self._scanner.matches(block)
        except Exception as error:  # noqa: BLE001 - our own bug must not let a secret through
            yield from self._failed(block, type(error).__name__)
            return
        if held < block.end:
            self._tokenizer.hold(block.end - held)
        base = block.offset - block.start
        start = max(block.own_start, self._written - base)
        end = min(block.own_end, held)
        live = [match for match in matches if match.start >= start]
        for match in live:
            self.by_rule[match.rule.id] = self.by_rule.get(match.rule.id, 0) + 1
        if live:
            yield from splice(block.data, start, end, live, self._style, self._scanner.identify)
            last = live[-1]
            end = max(end, last.parts[-1][1] if last.parts else last.end)
        elif start < end:
            yield memoryview(block.data)[start:end]
        self._written = base + max(start, end)

    def _failed(self, block: Block, reason: str) -> Iterator[memoryview | bytes]:
        self.unscanned[reason] = self.unscanned.get(reason, 0) + 1
        if self._on_failure == "block":
            raise UnscannableError(reason) from None
        base = block.offset - block.start
        start = max(block.own_start, self._written - base)
        region = memoryview(block.data)[start : block.own_end]
        self._written = base + block.own_end
        if self._on_failure == "open":
            yield region
            return
        for line in bytes(region).splitlines(keepends=True):
            body = line.rstrip(b"\r\n")
            yield unscanned_label(reason, len(body)) + line[len(body) :] if body else line


def unscanned_label(reason: str, size: int) -> bytes:
    """Return what stands in the place of text that could not be scanned; `size` in bytes."""
    return b"[LEAKSCAN:unscanned reason=%b bytes=%d]" % (reason.encode(), size)


def _number_quote(data: Buffer, start: int, first: int) -> bytes:
    """Return the quote that a bare JSON number needs when a label takes its place, b"" elsewhere."""
    before = bytes(data[max(start, first - 16) : first]).rstrip(b" ")
    if not before.endswith(b'":'):
        return b""
    text = before[:-2]
    return b"\\" * (len(text) - len(text.rstrip(b"\\"))) + b'"'
