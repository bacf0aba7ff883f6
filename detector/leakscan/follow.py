"""Following logs as they grow: by name, through rotation, truncation and copytruncate, by polling.

Nothing is read twice and nothing is skipped: a renamed log is read to its end, also what its writer
adds before it notices; what was in a log when it was truncated is looked for in a copy beside it; and
so is a log that was rotated away between two looks.

Not here: reading one file (`growing`), options and report (`cli.follow`).
"""

from __future__ import annotations

import contextlib
import os
import stat
import time
from collections import deque
from typing import TYPE_CHECKING, Final

from .errors import SourceError
from .growing import Back, GrowingFile
from .sources import Identity, reason

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator

    from .finding import Finding
    from .scanner import Scanner

#: Seconds between two looks at a log that does not grow.
INTERVAL: Final = 0.1
#: Seconds for which a log that was renamed is read on after its last growth: its writer may be told late.
GRACE: Final = 5.0
#: Seconds for which a log that grows faster than it can be read is read on when the end was asked for.
DRAIN: Final = 5.0
#: Bytes read of one log before the others get their turn.
_TURN: Final = 16 * 1024 * 1024
#: Seconds by which a file system's clock may be behind.
_SLACK: Final = 0.1


class Followed:
    """A name that is followed, and the files that had it.

    Attributes:
        path: the name.
        failure: why the file of that name cannot be read now, or None.
        size: bytes read so far.
        files: how many files were read.

    """

    def __init__(self, path: str, scanner: Scanner, *, back: Back, timestamps: bool) -> None:
        self.path = path
        self.failure: str | None = None
        self.size = self.files = 0
        self._scanner = scanner
        self._timestamps = timestamps
        self._current: GrowingFile | None = None
        self._old: deque[GrowingFile] = deque()
        self._looked = time.time()
        self._known = {identity for identity, _, _ in self._beside()}
        self._open(back)

    def poll(self) -> Iterator[Finding]:
        """Scan what is new. `is_behind` tells afterwards whether there is more."""
        now = time.time()
        status = self._status()
        for log in tuple(self._old):
            yield from self._read(log)
            if log.at_end() and time.monotonic() - log.grown > GRACE:
                self._old.remove(log)
                yield from log.close()
        current = self._current
        if current is not None:
            if current.is_rewritten():
                beside = self._beside()
                number = yield from current.restart([path for _, _, path in beside])
                self._known |= {identity for identity, _, _ in beside[number:]}
                yield from self._unseen(beside[:number])
            is_new = not current.position
            yield from self._read(current)
            if is_new:
                # a log that is empty, or was until now, may have been filled, copied and emptied in
                # between; looked for while it is empty too, since a copy is told by its age
                yield from self._unseen(self._beside())
            if (
                status is not None
                and current.at_end()
                and (status.st_dev, status.st_ino) != current.identity()
            ):
                yield from self._rotated(current)
        elif status is not None:
            self._open(None)
        self._looked = now

    @property
    def is_behind(self) -> bool:
        """Whether there is more to read at once."""
        return self._current is not None and not self._current.at_end()

    def close(self) -> Iterator[Finding]:
        """Scan what is left in unfinished lines."""
        logs = [*self._old, self._current] if self._current is not None else list(self._old)
        for log in logs:
            yield from log.close()
        self._old.clear()
        self._current = None

    def _read(self, log: GrowingFile) -> Iterator[Finding]:
        before = log.position
        try:
            yield from log.read(_TURN)
        finally:
            self.size += log.position - before

    def _rotated(self, log: GrowingFile) -> Iterator[Finding]:
        """Keep an eye on the old file, read files that came and went unseen, and open the new one."""
        self._old.append(log)
        self._known.add(log.identity())
        self._current = None
        yield from self._unseen(self._beside())
        self._open(None)

    def _unseen(self, beside: list[tuple[Identity, float, str]]) -> Iterator[Finding]:
        """Read files that came and were rotated away since the last look, the oldest first."""
        opened = {old.identity() for old in self._old}
        for identity, changed, path in reversed(beside):
            if identity in self._known or identity in opened or changed < self._looked - _SLACK:
                continue
            with contextlib.suppress(OSError, SourceError):
                missed = GrowingFile(path, self._scanner, timestamps=self._timestamps)
                if self._current is not None and self._current.is_copied_to(missed):
                    continue  # it is just being made: the log itself is read, and will be emptied next
                self._known.add(identity)
                self.files += 1
                yield from self._read(missed)
                self._old.append(missed)

    def _open(self, back: Back | None) -> None:
        """Open the file of the name, at its beginning or where `back` says."""
        try:
            log = GrowingFile(self.path, self._scanner, timestamps=self._timestamps)
            if back is not None:
                log.skip_to(back)
        except SourceError as error:
            self.failure = error.reason
        except OSError as error:
            self.failure = reason(error)
        else:
            self.failure = None
            self.files += 1
            self._current = log

    def _status(self) -> os.stat_result | None:
        try:
            return os.stat(self.path)  # noqa: PTH116 - names stay as the user wrote them
        except OSError as error:
            if self._current is None:
                self.failure = reason(error)
            return None

    def _beside(self) -> list[tuple[Identity, float, str]]:
        """Return identity, time of change and path of the files that share the name, newest first."""
        directory, name = os.path.split(self.path)
        found = []
        with contextlib.suppress(OSError), os.scandir(directory or ".") as entries:
            for entry in entries:
                if entry.name == name or not entry.name.startswith(name):
                    continue
                with contextlib.suppress(OSError):
                    status = entry.stat()
                    if stat.S_ISREG(status.st_mode):
                        found.append(((status.st_dev, status.st_ino), status.st_ctime, entry.path))
        return sorted(found, key=lambda entry: -entry[1])


def follow(
    followed: list[Followed], *, pause: Callable[[float], bool], tell: Callable[[SourceError], object]
) -> Generator[tuple[str, Finding], None, None]:
    """Yield (path, finding) as logs grow, until `pause` returns False and what is there was read.

    `pause` is called after each round with the seconds it may wait. `tell` is told of each log that
    cannot be read, once until that changes.
    """
    told: dict[str, str | None] = {}
    goes_on, end = True, 0.0
    while True:
        for log in followed:
            for finding in log.poll():
                yield log.path, finding
            if log.failure != told.get(log.path):
                told[log.path] = log.failure
                if log.failure is not None:
                    tell(SourceError(log.path, log.failure))
        is_behind = any(log.is_behind for log in followed)
        if not goes_on and (not is_behind or time.monotonic() > end):
            break
        if not pause(0 if is_behind else INTERVAL) and goes_on:
            goes_on, end = False, time.monotonic() + DRAIN
    for log in followed:
        for finding in log.close():
            yield log.path, finding
