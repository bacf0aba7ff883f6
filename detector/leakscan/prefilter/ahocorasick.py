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
        self._patterns: list[re.Pattern[bytes] | None] = []
        for number, anchor in enumerate(anchors):
            pattern = re.compile(anchor.pattern) if anchor.pattern else None
            self._patterns.append(pattern)
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
                pattern = patterns[number]
                if pattern is None:
                    if data.startswith(literal, begin):
                        found.add((stop, number))
                    continue
                match = pattern.match(data, begin, end)
                if match is not None:
                    found.add((match.end(), number))
        return sorted(found)
