"""Times of lines as points in time, so that they can be compared: seconds since 1970, UTC.

A time without a zone is taken as local time (`TZ` says otherwise), which is what loggers write when they
write none; one without a year as the last one that is not in the future. Not here: reading times from
lines (`timestamps`), which periods are wanted (`period`).

>>> instant("2024-11-21T23:05:00+01:00", 0.0)
1732226700.0
"""

from __future__ import annotations

import datetime as dt
from typing import Final

#: A time of a line may be this many seconds ahead of our clock, or of our zone, and is still of this year.
_AHEAD: Final = 86_400
#: 29 February is at most eight years away.
_LEAP: Final = 8


def instant(timestamp: str, now: float) -> float | None:
    """Return the seconds since 1970 of what `parse_timestamp` gave; None where there is no such time.

    `now` is what a time without a year is not after, in the same unit.
    """
    if timestamp.startswith("--"):
        return _completed(timestamp[1:], now)
    return _seconds(timestamp)


def _completed(yearless: str, now: float) -> float | None:
    last = dt.datetime.fromtimestamp(now + _AHEAD, dt.UTC).year
    for year in range(last, last - _LEAP - 1, -1):
        seconds = _seconds(f"{year}{yearless}")
        if seconds is not None and seconds <= now + _AHEAD:
            return seconds
    return None


def _seconds(timestamp: str) -> float | None:
    try:
        return dt.datetime.fromisoformat(timestamp).timestamp()
    except (
        ValueError,
        OverflowError,
        OSError,
    ):  # no such day that year; a zone of 99 hours; year 1 in local time
        return None
