"""What can be told of the inputs of a command before any is read: whether there are any, and how big.

Not here: reading them (`leakscan.sources`), which files a path stands for (`leakscan.paths`).
"""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING, Final

from leakscan.sources import STDIN

if TYPE_CHECKING:
    from collections.abc import Sequence

#: Up to this size (bytes, all inputs together) building the hyperscan database costs more than it saves:
#: 100 ms against 6 ms at 40 MB/s.
SMALL_INPUT: Final = 256 * 1024


def stdin_holds_data() -> bool:
    """Tell whether stdin is a pipe, a socket or a file: not a terminal, not /dev/null, not closed."""
    try:
        mode = os.fstat(0).st_mode
    except OSError:
        return False
    return stat.S_ISFIFO(mode) or stat.S_ISREG(mode) or stat.S_ISSOCK(mode)


def quick_engine(engine: str, paths: Sequence[str]) -> str:
    """Return the engine: for `auto` and little to read, the one that starts faster. Both find the same."""
    if engine != "auto" or not paths:
        return engine
    left = SMALL_INPUT
    for path in paths:
        try:
            status = os.stat(path)  # noqa: PTH116 - pathlib would only add an object
        except OSError:
            return engine
        left -= status.st_size
        if not stat.S_ISREG(status.st_mode) or left < 0:
            return engine
    return "ahocorasick"


def total_size(paths: tuple[str, ...]) -> int | None:
    """Return the size of all inputs when they are files named one by one, else None."""
    total = 0
    for path in paths:
        if path in ("-", STDIN) or not os.path.isfile(path):  # noqa: PTH113 - no pathlib import for this
            return None
        total += os.path.getsize(path)  # noqa: PTH202 - as above
    return total
