"""Runs the command as a user does, and makes up secrets. Not a test."""

from __future__ import annotations

import os
import random
import string
import subprocess
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

COMMAND = [sys.executable, "-m", "leakscan"]
RULE = "stripe-secret-key"
_RANDOM = random.Random()


def made_up_secret() -> str:
    """Return a key of the shape that `RULE` finds; it opens nothing."""
    return "sk_live_" + "".join(_RANDOM.choices(string.ascii_letters + string.digits, k=32))


def environment(**changes: str) -> dict[str, str]:
    """Return the environment of a run: a key of our own, nothing that colours."""
    kept = {name: value for name, value in os.environ.items() if name not in {"NO_COLOR", "FORCE_COLOR"}}
    return kept | {"LEAKSCAN_KEY": "an obviously fake key of the tests"} | changes


@dataclass(frozen=True, slots=True)
class Result:
    """What a run left behind."""

    code: int
    out: str
    err: str

    def errors(self) -> list[str]:
        """Return the lines on stderr without the prefix."""
        return [line.removeprefix("leakscan: ") for line in self.err.splitlines()]


def leakscan(*arguments: str | Path, stdin: bytes | None = b"", **options: Any) -> Result:
    """Run the command; whatever it does, stderr holds single lines of ours and no traceback."""
    options.setdefault("env", environment())
    if "stdin_file" in options:
        options["stdin"] = options.pop("stdin_file")
    elif stdin is not None:
        options["input"] = stdin
    if "stdout" not in options:
        options["stdout"] = subprocess.PIPE
    done = subprocess.run(
        [*COMMAND, *map(str, arguments)], stderr=subprocess.PIPE, check=False, timeout=60, **options
    )
    result = Result(done.returncode, (done.stdout or b"").decode(), done.stderr.decode())
    assert all(line.startswith("leakscan: ") for line in result.err.splitlines()), result.err
    return result


def shows(text: str, secret: str) -> bool:
    """Tell whether a text holds any 8 consecutive characters of a secret's body."""
    body = secret.removeprefix("sk_live_")
    return any(body[start : start + 8] in text for start in range(len(body) - 7))
