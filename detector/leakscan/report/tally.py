"""A tally: how often each name was counted, bounded in names."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

#: Names kept, at about 150 bytes each. What is counted under names beyond goes into one number.
MAX_NAMES: Final = 20_000


@dataclass(slots=True)
class Tally:
    """Counts by at most `limit` names; `beyond` is what was counted under names that did not fit."""

    limit: int = MAX_NAMES
    counts: dict[str, int] = field(default_factory=dict)
    beyond: int = 0

    def add(self, name: str) -> None:
        """Count a name once more."""
        count = self.counts.get(name)
        if count is not None:
            self.counts[name] = count + 1
        elif len(self.counts) < self.limit:
            self.counts[name] = 1
        else:
            self.beyond += 1

    def most(self, limit: int) -> list[tuple[str, int]]:
        """Return the names that were counted most, with their counts; equals in order of appearance."""
        return sorted(self.counts.items(), key=lambda item: -item[1])[:limit]
