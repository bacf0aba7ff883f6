"""The key of the fingerprints: from a file, the environment, or a private file made on first use.

With one key, equal secrets have equal fingerprints in every run, so baselines and reports can be
compared; without it, nobody can try passwords against a fingerprint. Not here: the HMAC itself.
"""

from __future__ import annotations

import contextlib
import os
import stat
from pathlib import Path
from typing import TYPE_CHECKING, Final

from .errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Mapping

#: Fewer bytes could be guessed; a made key holds 32 random bytes, as hex.
MIN_KEY: Final = 16
#: A key is a line of text. More is a mistake, such as the name of a log given as the key.
MAX_KEY: Final = 4096

_GROUP_OR_OTHERS: Final = 0o077
_OTHERS: Final = 0o007


def given_key(path: str | None, environment: Mapping[str, str]) -> bytes | None:
    """Return the key of `--key-file` or else of `LEAKSCAN_KEY`, or None when neither is given.

    Raises:
        ConfigError: the key is unreadable, too short, or readable by others.

    """
    if path is not None:
        # group-readable is how orchestrators mount secrets for a service account
        return read_key(Path(path), _OTHERS)
    value = environment.get("LEAKSCAN_KEY")
    if not value:
        return None
    key = os.fsencode(value)
    if len(key) < MIN_KEY:
        raise ConfigError(f"LEAKSCAN_KEY is too short: it needs {MIN_KEY} bytes or more")
    return key


def own_key(environment: Mapping[str, str]) -> bytes:
    """Return the key kept under the user's state directory; make it when there is none yet.

    Raises:
        ConfigError: the file is unusable, or cannot be made.

    """
    path = key_path(environment)
    with contextlib.suppress(FileNotFoundError, NotADirectoryError):
        path.lstat()
        return read_key(path, _GROUP_OR_OTHERS)
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        _create(path)
    except OSError as error:
        raise ConfigError(f"cannot make the key file {path}: {error.strerror or error}") from None
    return read_key(path, _GROUP_OR_OTHERS)


def key_path(environment: Mapping[str, str]) -> Path:
    """Return where the user's own key lives: `$XDG_STATE_HOME` or `~/.local/state`."""
    state = environment.get("XDG_STATE_HOME", "")
    home = Path(state) if state.startswith("/") else Path(os.path.expanduser("~/.local/state"))  # noqa: PTH111 - Path.expanduser raises without a home
    return home / "leakscan" / "key"


def read_key(path: Path, forbidden: int) -> bytes:
    """Read a key; `forbidden` are the permission bits that a regular file must not have.

    Raises:
        ConfigError: unreadable, foreign, readable by others, too short or too long.

    """
    try:
        with path.open("rb") as file:
            status = os.fstat(file.fileno())
            key = file.read(MAX_KEY + 1).strip()
    except OSError as error:
        raise ConfigError(f"cannot read the key file {path}: {error.strerror or error}") from None
    if stat.S_ISREG(status.st_mode) and hasattr(os, "geteuid"):
        if status.st_mode & forbidden:
            raise ConfigError(f"the key file {path} is open to other users: run chmod 600 on it")
        if status.st_uid not in (os.geteuid(), 0):
            raise ConfigError(f"the key file {path} belongs to another user: use one of your own")
    if not MIN_KEY <= len(key) <= MAX_KEY:
        raise ConfigError(f"the key file {path} must hold {MIN_KEY} to {MAX_KEY} bytes")
    return key


def _create(path: Path) -> None:
    """Put a new key in place whole, or leave the one that another process put there first."""
    draft = path.with_name(f".key-{os.getpid()}-{os.urandom(4).hex()}")
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
    descriptor = os.open(draft, flags, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(os.urandom(32).hex().encode() + b"\n")
            file.flush()
            os.fsync(file.fileno())
        # a link, not a rename: it fails when the name exists, so the first of two processes wins
        with contextlib.suppress(FileExistsError):
            os.link(draft, path)
    finally:
        draft.unlink()
