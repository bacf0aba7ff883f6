"""The portable engine: every literal in one Aho-Corasick automaton (pyahocorasick).

It walks the text folded to lower case, so it selects more than it should; exact case is checked at
each place, and a pattern's rest is matched there. Some 20 times slower than hyperscan, and the oracle
for it in the tests.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import ahocorasick

from . import Anchor, Candidate


class AhoCorasickPrefilter:
    """See `Prefilter`."""

    name = "ahocorasick"

    def __init__(self, anchors: Sequence[Anchor]) -> None:
        words: dict[str, list[tuple[int, bytes]]] = {}
        self._patterns = [anchor.pattern for anchor in anchors]
        # compiled when their literal is first seen: together they cost more than a small log's scan
        self._matchers: dict[int, re.Pattern[bytes]] = {}
        for number, anchor in enumerate(anchors):
            for literal in anchor.literals:
                word = literal.lower().decode("latin-1")
                words.setdefault(word, []).append((number, literal))
        self._automaton = ahocorasick.Automaton()
        for word, targets in words.items():
            self._automaton.add_word(word, (len(word), tuple(targets)))
        self._automaton.make_automaton()

    def candidates(self, data: bytes | bytearray, start: int, end: int) -> list[Candidate]:
        """See `Prefilter.candidates`."""
        patterns = self._patterns
        found: set[Candidate] = set()
        text = bytes(memoryview(data)[start:end]).lower().decode("latin-1")
        for last, (size, targets) in self._automaton.iter(text):
            stop = start + last + 1
            begin = stop - size
            for number, literal in targets:
                if not patterns[number]:
                    if data.startswith(literal, begin):
                        found.add((stop, number))
                    continue
                match = self._matcher(number).match(data, begin, end)
                if match is not None:
                    found.add((match.end(), number))
        return sorted(found)

    def _matcher(self, number: int) -> re.Pattern[bytes]:
        matcher = self._matchers.get(number)
        if matcher is None:
            matcher = self._matchers[number] = re.compile(self._patterns[number])
        return matcher
