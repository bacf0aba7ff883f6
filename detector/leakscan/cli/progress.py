"""One line on stderr that says how far a long scan is. Only for terminals, and gone when it is over.

Not here: the summary, which stays.
"""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

#: Nothing is shown before: most scans are over by then.
DELAY: Final = 0.3
#: Seconds between two updates; the eye needs no more, and drawing costs a system call.
INTERVAL: Final = 0.1
_WIDTH: Final = 24
_UNITS: Final = ("B", "kB", "MB", "GB", "TB", "PB")


class Progress:
    """Counts bytes and draws them. `total` is None when nobody knows how many will come."""

    __slots__ = ("_count", "_drawn", "_next", "_started", "_total", "_write")

    def __init__(self, total: int | None, write: Callable[[str], object]) -> None:
        """`write` puts text on the terminal."""
        self._total = total
        self._write = write
        self._count = 0
        self._drawn = False
        self._started = time.monotonic()
        self._next = self._started + DELAY

    def tick(self, count: int) -> None:
        """Count bytes, and draw when it is time."""
        self._count += count
        now = time.monotonic()
        if now >= self._next:
            self._next = now + INTERVAL
            self._drawn = True
            self._write("\r" + line(self._count, self._total, now - self._started) + "\x1b[K")

    def clear(self) -> None:
        """Wipe the line, before anything else is written and at the end."""
        if self._drawn:
            self._drawn = False
            self._write("\r\x1b[K")


def line(count: int, total: int | None, seconds: float) -> str:
    """Return the line: a bar when the total is known, else the count; and the speed."""
    speed = f"{human(count / seconds if seconds > 0 else 0)}/s"
    if not total or count > total:
        return f"{human(count)}  {speed}"
    filled = _WIDTH * count // total
    bar = "#" * filled + "-" * (_WIDTH - filled)
    left = round(seconds * (total - count) / count) if count else 0
    done = f"{100 * count // total:3d}%  {human(count)} of {human(total)}"
    return f"[{bar}] {done}  {speed}  {left // 60}:{left % 60:02d} left"


def human(size: float) -> str:
    """Return a number of bytes in the largest decimal unit that leaves at least 1 of it."""
    for unit in _UNITS[:-1]:
        if size < 999.5:  # noqa: PLR2004 - what rounds to 1000 is 1 of the next unit
            return f"{size:.0f} {unit}" if unit == "B" else f"{size:.3g} {unit}"
        size /= 1000
    return f"{size:.3g} {_UNITS[-1]}"


def to_stderr(text: str) -> None:
    """Write to the terminal behind stderr; a terminal that went away is no error."""
    try:
        sys.stderr.write(text)
        sys.stderr.flush()
    except (OSError, ValueError):
        return
