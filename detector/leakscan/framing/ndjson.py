"""NDJSON: a JSON value a line. What was valid JSON stays it, and changes in the redacted strings only.

A line is looked at on its own only when the prefilter selects it. Lines that are no JSON are text,
and so are those longer than a window (1 MiB).

Not here: what makes a string of a record a secret (`records`).
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

import orjson

from leakscan.redact import UNSCANNED, Redactor, UnscannableError, splice

from .jsontext import HIDDEN, occurrences, replaced, rewrite

if TYPE_CHECKING:
    from collections.abc import Iterator

    from leakscan.lines import Block
    from leakscan.prefilter import Candidate
    from leakscan.redact import Cut, Failure, Style
    from leakscan.scanner import Scanner

#: The prefilter sees a name before its value only; a value before its name stands in such a member.
_VALUE: Final = b'"value'
#: The reason for which a part of a record was not scanned: too deep or too big.


def redactor(scanner: Scanner, style: Style, on_failure: Failure) -> NdjsonRedactor:
    """Return a redactor of NDJSON."""
    return NdjsonRedactor(scanner, style, on_failure)


class NdjsonRedactor(Redactor):
    """A redactor that works on the JSON text of each selected line."""

    def _rewritten(
        self, block: Block, start: int, end: int, taken: list[Cut], candidates: list[Candidate]
    ) -> Iterator[memoryview | bytes]:
        pieces = self._lines(block, start, end, taken, candidates)
        # when a failure blocks, nothing of the block may have gone out
        return iter(list(pieces)) if self._on_failure == "block" else pieces

    def _lines(
        self, block: Block, start: int, end: int, taken: list[Cut], candidates: list[Candidate]
    ) -> Iterator[memoryview | bytes]:
        data, view = block.data, memoryview(block.data)
        position = start
        number = 0
        for spot in self._spots(block, start, end, taken, candidates):
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

    def _spots(
        self, block: Block, start: int, end: int, taken: list[Cut], candidates: list[Candidate]
    ) -> list[int]:
        """Return a position in every line that has a cut, a candidate, or something to read as a record."""
        spots = {cut.start for cut in taken}
        spots.update(stop - 1 for stop, _ in candidates if stop > start)
        for mark in (_VALUE, HIDDEN):
            spots.update(occurrences(mark, block.data, start, end))
        return sorted(spots)

    def _line(self, block: Block, first: int, last: int, taken: list[Cut]) -> Iterator[memoryview | bytes]:
        text = bytes(block.data[first:last])
        is_window = block.column and first == block.start
        if is_window or (taken and taken[-1].end > last) or not is_json(text):
            yield from splice(block.data, first, last, taken)
            return
        if len(taken) == 1 and taken[0].put.startswith(UNSCANNED):
            yield _unscanned(text, taken[0].put)
            return
        if taken:
            moved = [cut._replace(start=cut.start - first, end=cut.end - first) for cut in taken]
            text = rewrite(text, moved)
        try:
            yield self._as_record(text)
        except UnscannableError:
            raise
        except Exception as error:  # noqa: BLE001 - our own bug must not let a secret through
            failed = self._failed(block, first, last, type(error).__name__)
            yield _unscanned(text, failed[0].put) if failed else text

    def _as_record(self, text: bytes) -> bytes:
        """Take out what stands as a value beside or under a telling name, or in JSON in a string."""
        value = loads(text)
        done = self._scanner.records.redacted(value, self._style, self._on_failure)
        for rule_id in done.rules:
            self.by_rule[rule_id] = self.by_rule.get(rule_id, 0) + 1
        for reason in done.unscanned:
            self.unscanned[reason] = self.unscanned.get(reason, 0) + 1
        return text if done.value is value else replaced(text, value, done.value)


def loads(text: bytes) -> Any:
    """Parse JSON; also what only the standard library takes, such as NaN and lone surrogates.

    Raises:
        ValueError, RecursionError: it is no JSON, or too deep.

    """
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        return json.loads(text)


def is_json(text: bytes) -> bool:
    """Tell whether a line is a JSON object, array or string."""
    if text.lstrip()[:1] not in {b"{", b"[", b'"'}:
        return False
    try:
        loads(text)
    except (ValueError, RecursionError):
        return False
    return True


def _unscanned(text: bytes, label: bytes) -> bytes:
    """Return the JSON value that stands in the place of one that could not be scanned."""
    return b'{"leakscan":"%b"}' % label if text.lstrip().startswith(b"{") else b'"%b"' % label
