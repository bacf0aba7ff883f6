"""Lines that a container runtime split into parts: joined for the scan, redacted part by part.

A secret may straddle two parts, and a private key printed line by line stands in records of its
own. So the text of the records is scanned as the application wrote it, one text a stream (stdout,
stderr), and the cuts are mapped back: what straddles parts is taken out of each.

Only records that the prefilter selects, and parts, are looked at one by one; all others pass
untouched unless a stream waits for more. Records leave in the order they came. Memory is bounded:
a line in parts longer than a window (1 MiB) is scanned in overlapping windows, as any long line.

Not here: what a record looks like (`cri`, `docker`).
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, NamedTuple, Protocol

from leakscan.lines import WINDOW, Block, Tokenizer
from leakscan.redact import Redactor

if TYPE_CHECKING:
    from collections.abc import Iterator

    from leakscan.prefilter import Candidate
    from leakscan.redact import Cut, Failure, Style
    from leakscan.scanner import Scanner

#: Bytes of records that may wait for the end of a line in parts, over all streams. Beyond, the line
#: is taken as cut off there: nothing is lost, and its last word is masked when it could be a secret.
MAX_WAITING: Final = 4 * WINDOW


class Part(NamedTuple):
    """What a record says.

    Attributes:
        stream: the name of the text it belongs to.
        text: its text, without the line end that it stands for.
        is_partial: whether the line goes on in the next record of the same stream.

    """

    stream: bytes
    text: bytes
    is_partial: bool


class Dialect(Protocol):
    """How records of one runtime are read and written; the record comes without its line end."""

    def parse(self, record: bytes) -> Part | None:
        """Read a record; None when it is none, and is then scanned as text."""

    def rewrite(self, record: bytes, cuts: list[Cut]) -> bytes:
        """Make cuts at positions of the record's text; the record stays one."""

    def rest(self, record: bytes) -> tuple[bytes, bytes]:
        """Return what stands before and after the text, to be scanned on its own; empty if fixed."""

    def partials(self, data: bytes | bytearray, start: int, end: int) -> Iterator[int]:
        """Give a position in every record that may be partial; too many are slow but not wrong."""


class _Text(Redactor):
    """The text of one stream; keeps the cuts instead of making them."""

    def __init__(self, scanner: Scanner, style: Style, on_failure: Failure) -> None:
        super().__init__(scanner, style, on_failure)
        self.fed = 0
        self.cuts: deque[Cut] = deque()

    @property
    def dealt(self) -> int:
        """Offset in the text up to which all cuts are known."""
        return self._written

    def take(self, text: bytes) -> None:
        """Take more of the text."""
        self.fed += len(text)
        for _ in self._pieces(self._tokenizer.feed(text)):
            pass

    def _rewritten(
        self,
        block: Block,
        start: int,  # noqa: ARG002 - the signature of the base
        end: int,  # noqa: ARG002 - as above
        taken: list[Cut],
        candidates: list[Candidate],  # noqa: ARG002 - as above
    ) -> Iterator[memoryview | bytes]:
        base = block.offset - block.start
        self.cuts.extend(cut._replace(start=base + cut.start, end=base + cut.end) for cut in taken)
        return iter(())

    def between(self, start: int, end: int) -> list[Cut]:
        """Return the cuts in a range, relative to it; a label stands where its cut starts only."""
        found = []
        while self.cuts and self.cuts[0].start < end:
            cut = self.cuts[0]
            if cut.end > start:
                put, quote = (cut.put, cut.quote) if cut.start >= start else (b"", b"")
                found.append(
                    cut._replace(
                        start=max(cut.start, start) - start, end=min(cut.end, end) - start, put=put, quote=quote
                    )
                )
            if cut.end > end:
                break
            self.cuts.popleft()
        return found


@dataclass(frozen=True, slots=True)
class _Record:
    """A record that waits until its text is dealt with: `text[start:end]` of its stream."""

    line: bytes
    ending: bytes
    stream: _Text
    start: int
    end: int
    is_text: bool


@dataclass(slots=True)
class _Waiting:
    """Records in the order they came."""

    records: deque[_Record] = field(default_factory=deque)
    size: int = 0


class JoinedRedactor:
    """Redacts records of a runtime; see `framing.Redacting`."""

    def __init__(self, dialect: Dialect, scanner: Scanner, style: Style, on_failure: Failure) -> None:
        self._dialect = dialect
        self._scanner = scanner
        self._style: Style = style
        self._on_failure: Failure = on_failure
        self._tokenizer = Tokenizer()
        self._texts: dict[bytes, _Text] = {}
        self._partial: set[bytes] = set()
        self._waiting = _Waiting()
        self.by_rule: dict[str, int] = {}
        self.unscanned: dict[str, int] = {}
        self.counts_lines = False
        self.lines = 0

    @property
    def is_holding(self) -> bool:
        """Whether records wait for the rest of a private key."""
        return bool(self._waiting.records) and any(text.is_holding for text in self._texts.values())

    def get_buffer(self) -> memoryview:
        """Return the buffer to read into; never empty."""
        return self._tokenizer.get_buffer()

    def buffer_updated(self, nbytes: int) -> Iterator[memoryview | bytes]:
        """Take `nbytes` that were read; give pieces, each good until the next is asked for."""
        return self._pieces(self._tokenizer.buffer_updated(nbytes))

    def feed(self, chunk: bytes | bytearray | memoryview) -> bytes:
        """Take a chunk; return the redacted bytes of whole lines."""
        return b"".join(self._pieces(self._tokenizer.feed(chunk)))

    def flush(self) -> Iterator[memoryview | bytes]:
        """Give the records that wait for the rest of a private key; not those of an unfinished line."""
        for text in self._texts.values():
            text.flush()
        yield from self._released()

    def close(self, *, cut_off: bool = False) -> bytes:
        """Return the redacted bytes of what is left; see `Redactor.close`."""
        pieces = [bytes(piece) for piece in self._pieces(self._tokenizer.close())]
        for name, text in self._texts.items():
            # the rest of a line in parts stands in another file, or nowhere: half a secret may be here
            text.close(cut_off=cut_off or name in self._partial)
        pieces += self._released()
        return b"".join(pieces)

    def _pieces(self, blocks: Iterator[Block]) -> Iterator[memoryview | bytes]:
        for block in blocks:
            start, end = block.own_start, block.own_end
            if self.counts_lines:
                self.lines += block.data.count(b"\n", start, end)
            if block.column or end < block.end:
                yield from self._record(bytes(block.data[start:end]), is_whole=False)
            else:
                yield from self._block(block, start, end)

    def _block(self, block: Block, start: int, end: int) -> Iterator[memoryview | bytes]:
        """Go from selected record to selected record, and by the record while a stream waits."""
        data, view = block.data, memoryview(block.data)
        spots = self._spots(block, start, end)
        number = 0
        position = start
        while position < end:
            while number < len(spots) and spots[number] < position:
                number += 1
            if not self._waiting.records:
                first = data.rfind(b"\n", position, spots[number]) + 1 if number < len(spots) else end
                first = max(first, position)
                if position < first:
                    yield view[position:first]
                    position = first
                    continue
            newline = data.find(b"\n", position, end)
            last = newline + 1 if newline >= 0 else end
            is_selected = number < len(spots) and spots[number] < last
            yield from self._record(bytes(data[position:last]), is_selected=is_selected)
            position = last

    def _spots(self, block: Block, start: int, end: int) -> list[int]:
        """Return positions in all records that must be looked at, in order."""
        try:
            candidates = self._scanner.candidates(block)
        except Exception:  # noqa: BLE001 - then each is looked at, and fails or not on its own
            candidates = [(stop + 1, 0) for stop in range(start, end) if block.data[stop] == _NEWLINE]
        spots = [stop - 1 for stop, _ in candidates]
        partials = list(self._dialect.partials(block.data, start, end))
        return sorted({*spots, *partials}) if partials else spots

    def _record(
        self, line: bytes, *, is_selected: bool = True, is_whole: bool = True
    ) -> Iterator[memoryview | bytes]:
        """Take a record into its stream; give what can leave now."""
        record = line.rstrip(b"\r\n") if is_whole else line
        part = self._dialect.parse(record) if is_whole else None
        ending = line[len(record) :]
        if part is None:
            stream, text, is_partial = b"", line, not line.endswith(b"\n")
        else:
            stream, is_partial = part.stream, part.is_partial
            text = part.text if is_partial else part.text + b"\n"
        into = self._texts.get(stream) or self._new_text(stream)
        if part is not None and is_selected:
            record = self._without_rest(record)
        start = into.fed
        into.take(text)
        (self._partial.add if is_partial else self._partial.discard)(stream)
        held = _Record(record, ending, into, start, into.fed, part is None)
        self._waiting.records.append(held)
        self._waiting.size += len(line)
        if self._waiting.size > MAX_WAITING:
            self._cut_off()
        yield from self._released()
