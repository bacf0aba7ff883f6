"""A timeline: how many places a stretch of time has, by severity, in bounded memory.

Stretches start short and are joined when there are too many, so nothing is known of the whole before it
has passed. Not here: drawing it (`html`), reading times (`timestamps`).

>>> timeline = Timeline(zone=0)
>>> for at in (0.0, 59.0, 3600.0): timeline.add(at, "high")
>>> timeline.bars(4)
(3600, [(0, [0, 0, 2, 0]), (3600, [0, 0, 1, 0])])
"""

from __future__ import annotations

import datetime as dt
import time
from dataclasses import dataclass, field
from typing import Final

from leakscan.finding import SEVERITIES

_MINUTE: Final = 60
_HOUR: Final = 3600
_DAY: Final = 86_400
#: Seconds a stretch may have; each divides the next, so that stretches can be joined.
WIDTHS: Final = (
    1, 5, 15, _MINUTE, 5 * _MINUTE, 15 * _MINUTE, _HOUR, 3 * _HOUR, 12 * _HOUR, _DAY, 7 * _DAY, 28 * _DAY,
    364 * _DAY, 3640 * _DAY, 36_400 * _DAY,
)  # fmt: skip
#: The years 2 and 9998: a zone leads nowhere from there.
_EARLIEST: Final = -62_104_060_800
_LATEST: Final = 253_370_764_800
#: Stretches kept at once, at about 150 bytes each. A report shows fewer.
MAX_KEPT: Final = 2048


def utc(at: float) -> str:
    """Return a point in time as ISO 8601 in UTC, to the second; at most at the calendar's ends."""
    return dt.datetime.fromtimestamp(within_calendar(at), dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def within_calendar(at: float) -> float:
    """Return the point in time, or the end of the calendar before it that a stretch may begin beyond."""
    return min(max(at, _EARLIEST), _LATEST)


def local_zone() -> int:
    """Return by how many seconds local time is ahead of UTC now."""
    return time.localtime().tm_gmtoff


@dataclass(slots=True)
class Timeline:
    """Counts by stretch of time; `zone` is where days begin, in seconds ahead of UTC."""

    zone: int = field(default_factory=local_zone)
    width: int = WIDTHS[0]
    counts: dict[int, list[int]] = field(default_factory=dict)

    def add(self, at: float, severity: str) -> None:
        """Count one place at a point in time, in seconds since 1970."""
        stretch = int((at + self.zone) // self.width)
        counts = self.counts.get(stretch)
        if counts is None:
            if len(self.counts) >= MAX_KEPT and self.width < WIDTHS[-1]:
                self._widen()
                self.add(at, severity)
                return
            counts = self.counts[stretch] = [0] * len(SEVERITIES)
        counts[_INDEX[severity]] += 1

    def bars(self, limit: int) -> tuple[int, list[tuple[int, list[int]]]]:
        """Return at most so many equal stretches, without gaps: their seconds, and start and counts of each.

        The counts go from the lowest severity to the highest.
        """
        while (
            len(self.counts) > 1 and max(self.counts) - min(self.counts) >= limit and self.width < WIDTHS[-1]
        ):
            self._widen()
        if not self.counts:
            return self.width, []
        none = [0] * len(SEVERITIES)
        stretches = range(min(self.counts), max(self.counts) + 1)
        return self.width, [
            (stretch * self.width - self.zone, self.counts.get(stretch, none)) for stretch in stretches
        ]

    def _widen(self) -> None:
        """Join stretches into the next longer ones."""
        wider = WIDTHS[WIDTHS.index(self.width) + 1]
        times = wider // self.width
        joined: dict[int, list[int]] = {}
        for stretch, counts in self.counts.items():
            known = joined.get(stretch // times)
            joined[stretch // times] = (
                counts if known is None else [*map(sum, zip(known, counts, strict=True))]
            )
        self.width, self.counts = wider, joined


_INDEX: Final[dict[str, int]] = {name: index for index, name in enumerate(SEVERITIES)}
