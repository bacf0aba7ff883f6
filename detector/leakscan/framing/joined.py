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
from typing import TYPE_CHECKING, Final, NamedTuple, Protocol

from leakscan.lines import WINDOW, Tokenizer
from leakscan.redact import Redactor, splice

from .jsontext import rewrite

if TYPE_CHECKING:
    from collections.abc import Iterator

    from leakscan.lines import Block
    from leakscan.prefilter import Candidate
    from leakscan.redact import Cut, Failure, Style
    from leakscan.scanner import Scanner

#: Bytes of records that may wait for the end of a line in parts, over all streams. Beyond, the line
#: is taken as cut off there: nothing is lost, and its last word is masked when it could be a secret.
MAX_WAITING: Final = 4 * WINDOW
_NEWLINE: Final = 0x0A


class Part(NamedTuple):
    """What a record says.

    Attributes:
        stream: the name of the text it belongs to.
        text: its text, with a line feed at the end unless the line goes on.
        is_partial: whether the line goes on in the next record of the same stream.

    """

    stream: bytes
    text: bytes
    is_partial: bool


class Dialect(Protocol):
    """How the records of one runtime are read and written. They come without their line end."""

    def parse(self, record: bytes) -> Part | None:
        """Read a record; None when it is none, and is then scanned as text."""

    def rewrite(self, record: bytes, cuts: list[Cut]) -> bytes:
        """Make cuts at positions of the record's text; the record stays one."""

    def outside(self, record: bytes) -> tuple[int, int] | None:
        """Return the span of the text in a JSON record when what is around it could hold secrets too."""

    def suspects(self, data: bytes | bytearray, start: int, end: int) -> Iterator[int]:
        """Give a position in every record to be looked at besides those that the prefilter selects.

        These are all that may be partial, and those where the record hides what the prefilter wants.
        Too many are slow but not wrong.
        """


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

    @property
    def is_open(self) -> bool:
        """Whether a private key may go on in the next line, which no prefilter would select."""
        return self._tokenizer.held_lines() is not None

    def take(self, text: bytes) -> None:
        """Take more of the text."""
        self.fed += len(text)
        for _ in self._pieces(self._tokenizer.feed(text)):
            pass

    def let_go(self) -> None:
        """Deal with the lines of a private key that is still open, so far."""
        for _ in self.flush():
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
                labelled = cut if cut.start >= start else cut._replace(put=b"", quote=b"")
                first, last = max(cut.start, start), min(cut.end, end)
                found.append(labelled._replace(start=first - start, end=last - start))
            if cut.end > end:
                break
            self.cuts.popleft()
        return found


class _Record(NamedTuple):
    """A record that waits until its text, `[start, end)` of its stream, is dealt with.

    `ending` is its line end; None when it is a line of text and no record.
    """

    record: bytes
    ending: bytes | None
    text: _Text
    start: int
    end: int


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
        self._outside: _Text | None = None
        self._waiting: deque[_Record] = deque()
        self._size = 0
        self.by_rule: dict[str, int] = {}
        self.unscanned: dict[str, int] = {}
        self.counts_lines = False
        self.lines = 0

    @property
    def is_holding(self) -> bool:
        """Whether records wait for the rest of a private key."""
        return bool(self._waiting) and any(text.is_holding for text in self._texts.values())

    def get_buffer(self) -> memoryview:
        """Return the buffer to read into; never empty."""
        return self._tokenizer.get_buffer()

    def buffer_updated(self, nbytes: int) -> Iterator[memoryview | bytes]:
        """Take `nbytes` that were read; give pieces, each good until the next is asked for."""
        return self._pieces(self._tokenizer.buffer_updated(nbytes))

    def feed(self, chunk: bytes | bytearray | memoryview) -> bytes:
        """Take a chunk; return the redacted bytes of whole lines."""
        return b"".join(map(bytes, self._pieces(self._tokenizer.feed(chunk))))

    def flush(self) -> Iterator[memoryview | bytes]:
        """Give the records that wait for the rest of a private key; not those of an unfinished line."""
        for text in self._texts.values():
            text.let_go()
        yield from self._released()

    def close(self, *, cut_off: bool = False) -> bytes:
        """Return the redacted bytes of what is left; see `Redactor.close`."""
        pieces = [bytes(piece) for piece in self._pieces(self._tokenizer.close())]
        for name, text in self._texts.items():
            # the rest of a line in parts stands in another file, or nowhere: half a secret may be here
            text.close(cut_off=cut_off or name in self._partial)
        return b"".join([*pieces, *self._released()])

    def _pieces(self, blocks: Iterator[Block]) -> Iterator[memoryview | bytes]:
        for block in blocks:
            start, end = block.own_start, block.own_end
            if self.counts_lines:
                self.lines += block.data.count(b"\n", start, end)
            if block.column or end < block.end:  # a piece of a line that is too long to be a record
                last = block.data.find(b"\n", start, end) + 1 or end
                yield from self._piece(bytes(block.data[start:last]))
                start = last
            yield from self._block(block, start, end)

    def _block(self, block: Block, start: int, end: int) -> Iterator[memoryview | bytes]:
        """Go from selected record to selected record, and one by one while a stream waits."""
        data, view = block.data, memoryview(block.data)
        spots = self._spots(block, start, end)
        number, position = 0, start
        while position < end:
            while number < len(spots) and spots[number] < position:
                number += 1
            spot = spots[number] if number < len(spots) else end
            if not self._waiting and not any(text.is_open for text in self._texts.values()):
                first = data.rfind(b"\n", position, spot) + 1 or position if spot < end else end
                if position < first:
                    yield view[position:first]
                    position = first
                    continue
            last = data.find(b"\n", position, end) + 1 or end
            yield from self._record(bytes(data[position:last]), is_selected=spot < last)
            position = last

    def _spots(self, block: Block, start: int, end: int) -> list[int]:
        """Return positions in all records that must be looked at, in order."""
        try:
            spots = [stop - 1 for stop, _ in self._scanner.candidates(block)]
        except Exception:  # noqa: BLE001 - then all are looked at, and each fails or not on its own
            spots = [at for at in range(start, end) if block.data[at] == _NEWLINE or at == end - 1]
        suspects = list(self._dialect.suspects(block.data, start, end))
        return sorted({*spots, *suspects}) if suspects else spots

    def _record(self, line: bytes, *, is_selected: bool) -> Iterator[memoryview | bytes]:
        """Take a record into its stream; give what can leave now."""
        record = line.rstrip(b"\r\n")
        part = self._dialect.parse(record)
        if part is None:
            yield from self._piece(line)
            return
        ending = line[len(record) :]
        if is_selected:
            record = self._clean_outside(record)
        # an unfinished record leaves its line open
        text = part.text if ending else part.text.removesuffix(b"\n")
        yield from self._taken(part.stream, text, record, ending, is_partial=part.is_partial)

    def _piece(self, line: bytes) -> Iterator[memoryview | bytes]:
        """Take a line that is no record, or a piece of one."""
        return self._taken(b"", line, line, None, is_partial=False)

    def _taken(
        self, stream: bytes, text: bytes, record: bytes, ending: bytes | None, *, is_partial: bool
    ) -> Iterator[memoryview | bytes]:
        into = self._texts.get(stream)
        if into is None:
            into = self._texts[stream] = self._text()
        start = into.fed
        into.take(text)
        (self._partial.add if is_partial else self._partial.discard)(stream)
        self._waiting.append(_Record(record, ending, into, start, into.fed))
        self._size += len(record)
        if self._size > MAX_WAITING:
            self._cut_off()
        return self._released()

    def _released(self) -> Iterator[memoryview | bytes]:
        """Give the records whose text is dealt with, in the order they came."""
        while self._waiting and self._waiting[0].end <= self._waiting[0].text.dealt:
            record = self._waiting.popleft()
            self._size -= len(record.record)
            made = record.text.between(record.start, record.end)
            if record.ending is None:
                yield b"".join(splice(record.record, 0, len(record.record), made))
            else:
                yield (self._dialect.rewrite(record.record, made) if made else record.record) + record.ending

    def _cut_off(self) -> None:
        """Wait no longer for the ends of lines in parts."""
        for name, text in self._texts.items():
            if name in self._partial:
                text.close(cut_off=True)
            else:
                text.let_go()

    def _clean_outside(self, record: bytes) -> bytes:
        """Redact what a JSON record holds besides its text."""
        span = self._dialect.outside(record)
        if span is None:
            return record
        if self._outside is None:
            self._outside = self._text()
        start, end = span
        begin = self._outside.fed
        self._outside.take(record[:start] + record[end:])
        self._outside.close()
        made = self._outside.between(begin, self._outside.fed)
        return rewrite(record, list(_around(made, start, end - start))) if made else record

    def _text(self) -> _Text:
        text = _Text(self._scanner, self._style, self._on_failure)
        text.by_rule, text.unscanned = self.by_rule, self.unscanned
        return text


def _around(made: list[Cut], start: int, size: int) -> Iterator[Cut]:
    """Move cuts to where they are when `size` bytes stand at `start`, which no cut may touch."""
    for cut in made:
        if cut.start < start:
            yield cut._replace(end=min(cut.end, start))
        if cut.end > start:
            yield cut._replace(start=max(cut.start, start) + size, end=cut.end + size)
