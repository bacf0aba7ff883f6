"""The engine cache: compiled databases kept in a private folder, so that a start does not compile.

A database that is loaded is trusted code. So the folder and its files must belong to this user and be
open to nobody else, must be no links, and a file must match its own checksum; anything else is a miss.
Never needed: without it the engine is compiled, in a tenth of a second.

Not here: what a database is made of (`prefilter`).
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

#: A database of all rules has about 1 MB; what is much larger is none of ours.
MAX_BYTES: Final = 64 << 20
#: Databases kept; each set of rules and each version of the engine makes one.
MAX_FILES: Final = 8
_DIGEST_BYTES: Final = 32


@dataclass(frozen=True, slots=True)
class EngineCache:
    """Keeps databases in a folder that is made on first use."""

    folder: Path

    def load(self, name: str) -> bytes | None:
        """See `prefilter.Cache.load`."""
        try:
            if not _is_private(os.lstat(self.folder), stat.S_IFDIR):
                return None
            descriptor = os.open(self.folder / name, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
        except OSError:
            return None
        with open(descriptor, "rb") as file:  # noqa: PTH123 - a descriptor, not a path
            status = os.fstat(descriptor)
            if not _is_private(status, stat.S_IFREG) or status.st_size > MAX_BYTES:
                return None
            data = file.read()
        digest, content = data[:_DIGEST_BYTES], data[_DIGEST_BYTES:]
        return content if hashlib.sha256(content).digest() == digest else None

    def save(self, name: str, data: bytes) -> None:
        """See `prefilter.Cache.save`; a folder that cannot be written or trusted is left alone."""
        with contextlib.suppress(OSError):
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            if not _is_private(os.lstat(self.folder), stat.S_IFDIR):
                return
            self._make_room()
            beside = self.folder / f".{name}.{os.getpid()}"
            descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
            try:
                with open(descriptor, "wb") as file:  # noqa: PTH123 - a descriptor, not a path
                    file.write(hashlib.sha256(data).digest() + data)
                beside.replace(self.folder / name)
            except OSError:
                beside.unlink(missing_ok=True)

    def _make_room(self) -> None:
        files = sorted(self.folder.iterdir(), key=lambda file: file.lstat().st_mtime)
        for file in files[: max(0, len(files) - MAX_FILES + 1)]:
            file.unlink(missing_ok=True)


def own_cache(environment: Mapping[str, str]) -> EngineCache | None:
    """Return this user's cache under `XDG_CACHE_HOME` or `~/.cache`; None without a home."""
    base = Path(environment.get("XDG_CACHE_HOME", ""))
    if not base.is_absolute():
        base = Path(environment.get("HOME", ""), ".cache")
    return EngineCache(base / "leakscan") if base.is_absolute() else None


def _is_private(status: os.stat_result, kind: int) -> bool:
    """Tell whether a file is of this kind, of this user, and closed to all others."""
    own = stat.S_IFMT(status.st_mode) == kind and status.st_uid == os.geteuid()
    return own and not stat.S_IMODE(status.st_mode) & 0o077
