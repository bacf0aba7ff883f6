"""NDJSON: a JSON value a line. What was valid JSON stays it, and changes in the redacted strings only.

A line is looked at on its own only when the prefilter selects it. Lines that are no JSON are text,
and so are those longer than a window (1 MiB).

Not here: what makes a string of a record a secret (`records`).
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import orjson

from leakscan.redact import UNSCANNED, Redactor, splice

from .jsontext import rewrite

if TYPE_CHECKING:
    from collections.abc import Iterator

    from leakscan.lines import Block
    from leakscan.prefilter import Candidate
    from leakscan.redact import Cut, Failure, Style
    from leakscan.scanner import Scanner


def redactor(scanner: Scanner, style: Style, on_failure: Failure) -> NdjsonRedactor:
    """Return a redactor of NDJSON."""
    return NdjsonRedactor(scanner, style, on_failure)


class NdjsonRedactor(Redactor):
    """A redactor that works on the JSON text of each selected line."""

    def _rewritten(
        self, block: Block, start: int, end: int, taken: list[Cut], candidates: list[Candidate]
    ) -> Iterator[memoryview | bytes]:
        data, view = block.data, memoryview(block.data)
        position = start
        number = 0
        for spot in self._spots(start, taken, candidates):
            if spot < position or spot >= end:
                continue
            first = max(start, data.rfind(b"\n", start, spot) + 1)
            newline = data.find(b"\n", spot, end)
            last = newline if newline >= 0 else end
            if position < first:
                yield view[position:first]
            while number < len(taken) and taken[number].start < first:
                number += 1
            begin = number
            while number < len(taken) and taken[number].start < last:
                number += 1
            yield from self._line(block, first, last, taken[begin:number])
            position = last
            if number > begin:
                position = max(position, taken[number - 1].end)
        if position < end:
            yield view[position:end]

    def _spots(self, start: int, taken: list[Cut], candidates: list[Candidate]) -> list[int]:
        """Return a position in every line that has a cut or a candidate."""
        return sorted({cut.start for cut in taken} | {stop - 1 for stop, _ in candidates if stop > start})

    def _line(self, block: Block, first: int, last: int, taken: list[Cut]) -> Iterator[memoryview | bytes]:
        text = bytes(block.data[first:last])
        is_window = block.column and first == block.start
        if is_window or (taken and taken[-1].end > last) or not is_json(text):
            yield from splice(block.data, first, last, taken)
            return
        if len(taken) == 1 and taken[0].put.startswith(UNSCANNED):
            yield _unscanned(text, taken[0].put)
            return
        yield rewrite(text, [cut._replace(start=cut.start - first, end=cut.end - first) for cut in taken])


def is_json(text: bytes) -> bool:
    """Tell whether a line is JSON; also what only the standard library takes, such as NaN."""
    try:
        orjson.loads(text)
    except orjson.JSONDecodeError:
        if text.lstrip()[:1] not in {b"{", b"[", b'"'}:
            return False
        try:
            json.loads(text)
        except (ValueError, RecursionError):
            return False
    return True


def _unscanned(text: bytes, label: bytes) -> bytes:
    """Return the JSON value that stands in the place of one that could not be scanned."""
    return b'{"leakscan":"%b"}' % label if text.lstrip().startswith(b"{") else b'"%b"' % label
