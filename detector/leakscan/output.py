"""Where a report goes: stdout, or a file that appears whole or not at all.

Not here: what is written (`report`).
"""

from __future__ import annotations

import contextlib
import os
import stat
import sys
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from .errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextlib.contextmanager
def open_output(path: str | None) -> Iterator[BinaryIO]:
    """Yield a binary file to write to; None is stdout.

    A regular file is written beside and renamed into place when the block ends without an
    exception, so that a reader never meets half of it. Devices and FIFOs are written directly.

    Raises:
        ConfigError: the file cannot be opened, written or renamed.

    """
    if path is None:
        if sys.stdout is None:
            raise ConfigError("cannot write to stdout: it is closed")
        with _reworded("stdout", None):
            yield sys.stdout.buffer
            sys.stdout.buffer.flush()
        return
    target = Path(os.path.realpath(path))  # a symlink stays one: its target is replaced
    with _reworded(path, target):
        mode = _mode(target)
        if mode is not None and not stat.S_ISREG(mode):
            with target.open("wb") as file:
                yield file
            return
        with replaced(target, mode) as file:
            yield file


@contextlib.contextmanager
def replaced(target: Path, mode: int | None = None) -> Iterator[BinaryIO]:
    """Yield a draft beside `target`; rename it into place when all went well, else delete it.

    Raises:
        OSError: the disk is full, the directory is not writable.

    """
    draft = target.with_name(f".{target.name[:200]}.{os.getpid()}.part")
    file = os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666), "wb")
    try:
        with file:
            if mode is not None:
                os.fchmod(file.fileno(), stat.S_IMODE(mode))
            yield file
            file.flush()
            os.fsync(file.fileno())
        draft.replace(target)
    except BaseException:
        with contextlib.suppress(OSError):
            draft.unlink()
        raise


def _mode(path: Path) -> int | None:
    try:
        return path.stat().st_mode
    except FileNotFoundError:
        return None


@contextlib.contextmanager
def _reworded(name: str, target: Path | None) -> Iterator[None]:
    try:
        yield
    except BrokenPipeError:
        raise
    except IsADirectoryError:
        raise ConfigError(f"cannot write to {name}: it is a directory") from None
    except OSError as error:
        if target is not None and isinstance(error, FileNotFoundError):
            raise ConfigError(f"cannot write to {name}: there is no directory {target.parent}") from None
        raise ConfigError(f"cannot write to {name}: {error.strerror or error}") from None
