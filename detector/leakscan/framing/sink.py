"""A file that lines are appended to, whole or not at all.

Meant for programs that must answer for what they wrote: when `append` returns, the lines are with the
kernel and survive the death of the process; when `sync` returns, they are on the disk; when `append`
raises, the file is as it was. Several processes may append to one file. A file that was renamed or
deleted under it (logrotate) is made anew.

Not here: what is written.
"""

from __future__ import annotations

import errno
import os
import stat
from typing import Final

try:
    import fcntl
except ImportError:  # no such locks on this system: one process a file, then
    fcntl = None  # type: ignore[assignment]

#: Redacted logs are for the group that reads logs, as syslog daemons have it; the umask takes away more.
MODE: Final = 0o640
#: A sync that the file does not know (a pipe, a terminal) is no failure.
_NO_SYNC: Final = frozenset({errno.EINVAL, errno.EROFS, errno.ENOTSUP})


class Sink:
    """An open file to append to.

    Raises:
        OSError: the file cannot be opened.

    """

    __slots__ = ("_descriptor", "_is_regular", "_path")

    def __init__(self, path: str) -> None:
        self._path = path
        self._open()

    def append(self, lines: bytes) -> None:
        """Write whole lines.

        Raises:
            OSError: they could not be written; nothing of them is in the file.

        """
        if self._is_regular and self._is_moved():
            self.sync()
            os.close(self._descriptor)
            self._open()
        if not self._is_regular:
            self._write(lines)
            return
        self._lock()
        try:
            self._append(lines)
        finally:
            self._unlock()

    def sync(self) -> None:
        """Put what was written on the disk.

        Raises:
            OSError: it may not be there.

        """
        try:
            os.fdatasync(self._descriptor)
        except OSError as error:
            if error.errno not in _NO_SYNC:
                raise

    def close(self) -> None:
        """Close the file."""
        os.close(self._descriptor)

    def _open(self) -> None:
        flags = os.O_RDWR | os.O_APPEND | os.O_CREAT | getattr(os, "O_CLOEXEC", 0)
        try:
            self._descriptor = os.open(self._path, flags, MODE)
        except OSError:
            # a pipe or a terminal may be for writing only
            self._descriptor = os.open(self._path, os.O_WRONLY | os.O_APPEND)
        self._is_regular = stat.S_ISREG(os.fstat(self._descriptor).st_mode)

    def _is_moved(self) -> bool:
        try:
            named = os.stat(self._path)  # noqa: PTH116 - called for every batch
        except FileNotFoundError:
            return True
        except OSError:
            return False  # the name cannot be looked at now; the open file still can be written
        return not os.path.samestat(named, os.fstat(self._descriptor))

    def _append(self, lines: bytes) -> None:
        size = os.fstat(self._descriptor).st_size
        if size and os.pread(self._descriptor, 1, size - 1) != b"\n":
            # whoever wrote last was killed in the middle of a line: it may not run into ours
            lines = b"\n" + lines
        try:
            self._write(lines)
        except OSError:
            os.ftruncate(self._descriptor, size)
            raise

    def _write(self, lines: bytes) -> None:
        rest = memoryview(lines)
        while rest:
            rest = rest[os.write(self._descriptor, rest) :]

    def _lock(self) -> None:
        if fcntl is not None:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX)

    def _unlock(self) -> None:
        if fcntl is not None:
            fcntl.flock(self._descriptor, fcntl.LOCK_UN)
