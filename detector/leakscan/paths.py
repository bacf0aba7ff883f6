"""Which files the given paths mean: files, directories, patterns and stdin, in a fixed order.

Not here: opening and reading them (`sources`), what URLs mean (`s3.listing`).
"""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING, Final

from .errors import SourceError
from .sources import STDIN, Identity, is_remote, is_url, reason, unopened

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

_KINDS: Final = (
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISFIFO, "a FIFO"),
    (stat.S_ISBLK, "a block device"),
    (stat.S_ISCHR, "a character device"),
)


def expand(
    paths: Iterable[str], note: Callable[[str], object], *, skip: frozenset[Identity] = frozenset()
) -> Iterator[str | SourceError]:
    """Yield the files that the given paths mean, in order; what cannot be reached is yielded as an error.

    `-` is stdin; a directory means every file in it, at any depth, sorted by name, hidden ones too;
    a name with wildcards that does not exist is a glob. `note` is told of special files passed over
    in directories. `skip` names files not to scan: our own output.
    """
    for path in paths:
        if path == "-":
            yield STDIN
            continue
        if is_remote(path):
            from .s3.listing import listed  # noqa: PLC0415 - files need none of it

            yield from listed(path)
            continue
        try:
            status = os.stat(path)  # noqa: PTH116 - names stay as the user wrote them
        except OSError as error:
            is_pattern = any(sign in path for sign in "*?[") and not is_url(path)
            if isinstance(error, FileNotFoundError) and is_pattern:
                yield from _globbed(path, note, skip)
            else:
                yield unopened(path, error)
            continue
        except ValueError:
            yield SourceError(path, "is no file name")
            continue
        if stat.S_ISDIR(status.st_mode):
            yield from _walk(path, note, skip)
        elif (status.st_dev, status.st_ino) in skip:
            yield SourceError(path, "is also the output: write to another file")
        else:
            yield path


def _globbed(
    pattern: str, note: Callable[[str], object], skip: frozenset[Identity]
) -> Iterator[str | SourceError]:
    import glob  # noqa: PLC0415 - shells expand most of them

    names = sorted(glob.glob(pattern, recursive=True, include_hidden=True))  # noqa: PTH207 - as above
    if not names:
        yield SourceError(pattern, "no file matches" if "*" in pattern else "no such file or directory")
    yield from expand(names, note, skip=skip)


def _walk(
    directory: str, note: Callable[[str], object], skip: frozenset[Identity]
) -> Iterator[str | SourceError]:
    """Yield the files under a directory.

    A symlink is followed when it leads out of everything walked so far: what it leads to inside is
    scanned under its own name. So nothing is scanned twice, and no loop is entered.
    """
    roots = [os.path.realpath(directory)]
    pending: list[os.DirEntry[str] | str] = [directory]
    while pending:
        entry = pending.pop()
        try:
            if isinstance(entry, str):
                with os.scandir(entry) as entries:
                    found = sorted(entries, key=lambda entry: entry.name, reverse=True)
                pending += found
                continue
            status = entry.stat()
            target = os.path.realpath(entry.path) if entry.is_symlink() else None
        except FileNotFoundError:
            # gone since it was listed (rotation), or a symlink that leads nowhere
            note(f"{os.fspath(entry)}: skipped: it is gone, or a link to nowhere")
            continue
        except OSError as error:
            yield SourceError(os.fspath(entry), reason(error))
            continue
        if target is not None and any(_is_inside(target, root) for root in roots):
            continue
        if stat.S_ISDIR(status.st_mode):
            if target is None:
                pending.append(entry.path)
            elif not any(_is_inside(root, target) for root in roots):
                roots.append(target)
                pending.append(entry.path)
        elif not stat.S_ISREG(status.st_mode):
            kind = next((name for test, name in _KINDS if test(status.st_mode)), "a special file")
            note(f"{entry.path}: skipped: {kind}")
        elif (status.st_dev, status.st_ino) not in skip:
            yield entry.path


def _is_inside(path: str, root: str) -> bool:
    return path == root or path.startswith(root if root.endswith(os.sep) else root + os.sep)
