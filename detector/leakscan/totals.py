"""What a scan has seen so far: files, bytes, failures. The one mutable record of a run.

Not here: findings, which pass by and are not kept.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

    from .errors import SourceError

#: Failures kept for the report; all are counted and said on stderr as they happen.
MAX_KEPT: Final = 1000


@dataclass(slots=True)
class Totals:
    """The counts of one run.

    Attributes:
        on_failure: told of each input that could not be read to its end, at once.
        files: inputs scanned, also those that failed half-way.
        size: bytes scanned, decompressed.
        failed: how many inputs failed.
        failures: the first `MAX_KEPT` of them as (path, reason).
        started: when the run began, in the seconds of `time.monotonic`.

    """

    on_failure: Callable[[SourceError], object]
    files: int = 0
    size: int = 0
    failed: int = 0
    failures: list[tuple[str, str]] = field(default_factory=list)
    started: float = field(default_factory=time.monotonic)

    def fail(self, error: SourceError) -> None:
        """Record that an input could not be opened or read to its end."""
        self.failed += 1
        if len(self.failures) < MAX_KEPT:
            self.failures.append((error.path, error.reason))
        self.on_failure(error)

    def seconds(self) -> float:
        """Return how long the run has taken so far."""
        return time.monotonic() - self.started
