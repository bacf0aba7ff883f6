"""Numbers, times and lengths of time in words, for reports that people read.

>>> duration(3 * 86_400 + 7200), many(1, "file"), many(1200, "file")
('3 days', '1 file', '1,200 files')
>>> moment("2024-11-21T23:05:00.123+01:00"), moment("--11-21T23:05:00")
('2024-11-21 23:05:00 +01:00', '11-21 23:05:00')
"""

from __future__ import annotations

import datetime as dt
import re
from typing import Final

from .timeline import within_calendar

_UNITS: Final = (
    ("year", 365.25 * 86_400), ("day", 86_400.0), ("hour", 3600.0), ("minute", 60.0), ("second", 1.0),
)  # fmt: skip
_FRACTION: Final = re.compile(r"\.\d+")
_ZONE: Final = re.compile(r"(?<=:\d\d)(?=[+-])")
#: From two of a unit on, it is the one to name.
_ENOUGH: Final = 2


def many(count: int, noun: str) -> str:
    """Return a count with its noun."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def duration(seconds: float) -> str:
    """Return a length of time, rounded down to the greatest unit of which there are two or more."""
    for unit, size in _UNITS:
        if seconds >= _ENOUGH * size:
            return many(int(seconds // size), unit)
    return "1 second" if seconds >= 1 else "a moment"


def moment(timestamp: str) -> str:
    """Return a time as its line has it, to the second."""
    return _ZONE.sub(" ", _FRACTION.sub("", timestamp).removeprefix("--").replace("T", " "))


def clock(at: float, zone: int, width: int) -> str:
    """Return a point in time for an axis whose marks are `width` seconds apart."""
    time = dt.datetime.fromtimestamp(within_calendar(at + zone), dt.UTC)
    if width >= 86_400:  # noqa: PLR2004 - a day
        return time.strftime("%Y-%m-%d")
    return time.strftime("%Y-%m-%d %H:%M" if width >= 60 else "%Y-%m-%d %H:%M:%S")  # noqa: PLR2004 - a minute


def zone_name(zone: int) -> str:
    """Return a zone that is so many seconds ahead of UTC."""
    hours, minutes = divmod(abs(zone) // 60, 60)
    return f"UTC{'-' if zone < 0 else '+'}{hours:02}:{minutes:02}" if zone else "UTC"
