"""A period: what lies between two points in time, as people name them, and which lines lie in it.

A point is a date, a date with a time, or how long ago it was: `2024-11-21`, `2024-11-21T10:30`, `90m`, `7d`,
`1d12h`. Both ends are part of it as they are named: until 2024-11-21 is until that day is over, until 10:30
until that minute is. Not here: options (`cli`), reading times from lines (`timestamps`).

>>> period = Period(since=start_of("2024-11-21T00:00Z", 0.0), until=end_of("2024-11-21T23:59Z", 0.0))
>>> [period.holds(time) for time in ("2024-11-21T23:59:59.9Z", "2024-11-22T00:00:00Z", None)]
[True, False, True]
"""

from __future__ import annotations

import datetime as dt
import re
import time
from dataclasses import dataclass, field
from typing import Final

from .instants import instant

_AGO: Final = re.compile(
    r"(?:(\d{1,6})w)?(?:(\d{1,6})d)?(?:(\d{1,6})h)?(?:(\d{1,6})m)?(?:(\d{1,6})s)?", re.ASCII
)
_UNITS: Final = (604_800, 86_400, 3600, 60, 1)
_POINT: Final = re.compile(
    r"(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d)(:\d\d(?:[.,]\d{1,9})?)?)? ?(Z|[+-]\d\d(?::?\d\d)?)?",
    re.ASCII | re.IGNORECASE,
)
_SHAPES: Final = "a date (2024-11-21), a date and time (2024-11-21T10:30) or how long ago (90m, 2h, 7d)"


@dataclass(frozen=True, slots=True)
class Period:
    """What lies between two points in time, in seconds since 1970.

    Attributes:
        since: the first point that is in it; None for no beginning.
        until: the first one after it; None for no end.
        now: when the period was named, which completes times without a year.

    """

    since: float | None = None
    until: float | None = None
    now: float = field(default_factory=time.time)

    def __bool__(self) -> bool:
        return self.since is not None or self.until is not None

    def holds(self, timestamp: str | None) -> bool:
        """Tell whether a line of this time lies in it; one without a time does, since nobody knows."""
        if timestamp is None:
            return True
        at = instant(timestamp, self.now)
        if at is None:
            return True
        return (self.since is None or at >= self.since) and (self.until is None or at < self.until)


def start_of(text: str, now: float) -> float:
    """Return when the point that `text` names begins.

    Raises:
        ValueError: it names none.

    """
    return _point(text, now)[0]


def end_of(text: str, now: float) -> float:
    """Return when the point that `text` names is over: the next day, minute or second.

    Raises:
        ValueError: it names none.

    """
    return sum(_point(text, now))


def _point(text: str, now: float) -> tuple[float, float]:
    """Return when a point begins and how long it takes."""
    if found := _AGO.fullmatch(text):
        if found.lastindex is None:
            raise ValueError(f"is no time: give {_SHAPES}")
        ago = sum(int(count) * unit for count, unit in zip(found.groups(), _UNITS, strict=True) if count)
        return now - ago, 0.0
    found = _POINT.fullmatch(text)
    if found is None:
        raise ValueError(f"is no time: give {_SHAPES}")
    day, minute, second, zone = found.groups()
    try:
        start = dt.datetime.fromisoformat(f"{day}T{minute or '00:00'}{second or ''}{(zone or '').upper()}")
        if minute is None:  # a day of local time may have 23 or 25 hours
            return start.timestamp(), (start + dt.timedelta(days=1)).timestamp() - start.timestamp()
        return start.timestamp(), 60.0 if second is None else 1.0 if len(second) == len(":00") else 0.0
    except (ValueError, OverflowError, OSError):
        raise ValueError("is a date or time that does not exist") from None
