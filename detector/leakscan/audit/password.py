"""Where the password of a store comes from: the environment, a private file, or somebody who types it.

Not here: what it is for (`server`).
"""

from __future__ import annotations

import getpass
import os
import stat
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

from leakscan.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Mapping

VARIABLE: Final = "CLICKHOUSE_PASSWORD"
#: More is a mistake, such as the name of a log given as that of the password.
MAX_PASSWORD: Final = 4096


def password(file: str | None, *, ask: bool, environment: Mapping[str, str]) -> str:
    """Return the password: that of `file`, else asked for, else that of the environment, else empty.

    Raises:
        ConfigError: the file is unusable, or nobody can be asked.

    """
    if file is not None:
        return _read(Path(file))
    if ask:
        return _asked()
    return _checked(environment.get(VARIABLE, ""), VARIABLE)


def _read(path: Path) -> str:
    try:
        with path.open("rb") as opened:
            status = os.fstat(opened.fileno())
            raw = opened.read(MAX_PASSWORD + 1)
    except OSError as error:
        raise ConfigError(f"cannot read the password file {path}: {error.strerror or error}") from None
    if stat.S_ISREG(status.st_mode) and status.st_mode & stat.S_IRWXO:
        raise ConfigError(f"the password file {path} is open to other users: run chmod 600 on it")
    text = raw.decode("utf-8", "surrogateescape").rstrip("\r\n")
    if not text or len(raw) > MAX_PASSWORD:
        raise ConfigError(f"the password file {path} must hold one line of at most {MAX_PASSWORD} bytes")
    return _checked(text, f"the password file {path}")


def _asked() -> str:
    if sys.stdin is None or not sys.stdin.isatty():
        raise ConfigError(f"--ask-password needs a terminal: give {VARIABLE} or --password-file")
    try:
        return _checked(getpass.getpass("Password: ", sys.stderr), "the password")
    except EOFError:
        raise ConfigError("no password was given") from None


def _checked(text: str, source: str) -> str:
    """Return a password that a header can carry."""
    if not text.isprintable():
        raise ConfigError(f"{source} holds control characters: it cannot be sent")
    return text
