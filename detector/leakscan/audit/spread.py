"""Private keys that were logged line by line: each line is a row, and the key is in none of them alone.

From a row whose cell ends with the header of a key, the cells of that column in the following rows are read
as the lines of one text, as long as they look like the lines of a key.

Not here: what a private key is (`leakscan.pem`), keys within one cell (`rows`).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from leakscan.errors import LeakscanError
from leakscan.lines import Block
from leakscan.pem import ANCHOR

from .reading import loads

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Iterator, Sequence

    from leakscan.resolve import Match
    from leakscan.scanner import Scanner

#: Rows after a header that may be lines of its key: a 16384-bit RSA key has 200.
MAX_LINES: Final = 512
#: Bytes of a block that are kept for the next one, at most, while a key at its end may go on.
MAX_KEPT: Final = 512 * 1024
_HEADER: Final = re.compile(b"|".join(map(re.escape, ANCHOR.literals)))
#: The cell that opens a key ends with its header, or with the number of lines that follow (PuTTY).
_OPENING: Final = re.compile(r"(?:-----|Private-Lines: \d{1,3})\s*\Z")
_BEGIN: Final = re.compile(r"-----BEGIN |Private-Lines: ")
#: How the line of a key ends, whatever a logger put before it.
_LINE: Final = re.compile(
    r"(?:(?:\A|[^A-Za-z0-9+/=])[A-Za-z0-9+/]{1,100}={0,3}"
    r"|(?:Proc-Type|DEK-Info|Version|Comment): ?.*|-----END .*)?\s*\Z"
)


class Line(NamedTuple):
    """The cell of a row that may be a line of a key, and the row."""

    text: str
    row: dict[str, Any]


class Spread(NamedTuple):
    """A key over several rows: the match in their joined texts, and the rows with where each text starts."""

    column: str
    match: Match
    data: bytes
    lines: list[tuple[int, Line]]


def whole_keys(blocks: Iterable[bytes], columns: Sequence[str]) -> Iterator[bytes]:
    """Yield blocks that end where no key is open: the rows of one that is are given with the next block.

    Raises:
        LeakscanError: `blocks` did, when all that came has been yielded.

    """
    kept = b""
    failure: LeakscanError | None = None
    source = iter(blocks)
    while True:
        try:
            block = next(source, None)
        except LeakscanError as error:
            failure, block = error, None
        if block is None:
            break
        data = kept + block
        end = _open_from(data, columns)
        kept = data[end:]
        if end:
            yield data[:end]
    if kept:
        yield kept
    if failure is not None:
        raise failure


def keys_in(block: bytes, columns: Sequence[str], scanner: Scanner) -> Iterator[Spread]:
    """Yield the keys that are spread over rows of a block."""
    done = 0
    for found in _HEADER.finditer(block):
        if found.start() < done:
            continue
        for column in columns:
            lines, end = _lines(block, found.start(), column)
            for match, data, starts in _keys(lines, scanner):
                yield Spread(column, match, data, list(zip(starts, lines, strict=True)))
                done = end


def _keys(lines: list[Line], scanner: Scanner) -> Iterator[tuple[Match, bytes, list[int]]]:
    if len(lines) < 2:  # noqa: PLR2004 - a key in one row is found there
        return
    texts = [line.text.encode("utf-8", "surrogatepass").replace(b"\n", b" ") for line in lines]
    starts = [0]
    for text in texts[:-1]:
        starts.append(starts[-1] + len(text) + 1)
    data = b"\n".join(texts)
    for match in scanner.matches(Block(data, 0, len(data), 0, len(data), 0, 0, final=True))[0]:
        spans = match.parts or ((match.start, match.end),)
        if spans[-1][0] >= starts[1]:
            yield match, data, starts


def _lines(block: bytes, position: int, column: str) -> tuple[list[Line], int]:
    """Return the cells from the header on that may be lines of its key, and where the last one's row ends."""
    start = block.rfind(b"\n", 0, position) + 1
    lines: list[Line] = []
    reader = _rows(block, start)
    for row, end in reader:
        text = row.get(column)
        looks = _OPENING if not lines else _LINE
        if not isinstance(text, str) or looks.search(text) is None:
            break
        if lines and _BEGIN.search(text):
            break  # another key begins; so each row is looked at for one header only
        lines.append(Line(text, row))
        start = end
        if "-----END" in text or len(lines) > MAX_LINES:
            break
    return lines, start


def _open_from(block: bytes, columns: Sequence[str]) -> int:
    """Return where the first row stands whose key may go on after the block; its length if there is none."""
    for found in _HEADER.finditer(block, max(0, len(block) - MAX_KEPT)):
        for column in columns:
            lines, end = _lines(block, found.start(), column)
            if lines and end == len(block) and "-----END" not in lines[-1].text and len(lines) <= MAX_LINES:
                return block.rfind(b"\n", 0, found.start()) + 1
    return len(block)


def _rows(block: bytes, start: int) -> Generator[tuple[dict[str, Any], int], None, None]:
    while start < len(block):
        end = block.find(b"\n", start) + 1 or len(block)
        try:
            yield loads(block[start:end]), end
        except (ValueError, TypeError, RecursionError):
            return
        start = end
