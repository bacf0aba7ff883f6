"""Runs a program once and measures it: wall time, CPU time, peak memory.

Not here: which programs (`contestants`), in what order (`race`, `growth`).
"""

from __future__ import annotations

import os
import platform
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_LAUNCHER: Final = Path(__file__).with_name("launch.py")
#: `ru_maxrss` is in KiB, on macOS in bytes.
_RSS_UNIT: Final = 1 if sys.platform == "darwin" else 1024


@dataclass(frozen=True, slots=True)
class Run:
    """One run of a program.

    Attributes:
        seconds: wall time from start to end.
        cpu: user and system seconds, of its children too.
        memory: peak resident bytes of its largest process; never less than the 10 MB of the launcher.
        code: exit code.

    """

    seconds: float
    cpu: float
    memory: int
    code: int


def run(
    command: Sequence[str],
    *,
    output: Path,
    errors: Path,
    environment: Mapping[str, str] | None = None,
    folder: Path | None = None,
) -> Run:
    """Run a command to its end, in a folder, its stdout and stderr to files (absolute paths).

    Raises:
        OSError: it cannot be started.

    """
    launcher = [sys.executable, "-I", "-S", str(_LAUNCHER), str(output), str(errors), *command]
    variables = {**os.environ, **(environment or {})}
    done = subprocess.run(launcher, capture_output=True, check=False, text=True, env=variables, cwd=folder)
    if done.returncode != 0:
        raise OSError(f"cannot start {command[0]}")
    seconds, cpu, memory, code = done.stdout.split()
    return Run(float(seconds), float(cpu), int(memory) * _RSS_UNIT, int(code))


def machine() -> str:
    """Return a name for this machine that says what matters and not whose it is."""
    return f"{platform.system()}-{platform.machine()}-{os.cpu_count()}cpu".lower()


def processor() -> str:
    """Return the processor's name as the system says it, else its architecture."""
    try:
        text = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    except OSError:
        return platform.processor() or platform.machine()
    names = [line.partition(":")[2].strip() for line in text.splitlines() if line.startswith("model name")]
    return names[0] if names else platform.machine()


def commit() -> str:
    """Return the project's commit, with a plus sign when the package differs; `unknown` without one."""
    folder = Path(__file__).parent
    done = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], cwd=folder, capture_output=True, check=False
    )
    changed = subprocess.run(
        ["git", "status", "--porcelain", "-uno", "--", "../detector", "../patterns"],
        cwd=folder, capture_output=True, check=False,
    )  # fmt: skip
    return (done.stdout.decode().strip() or "unknown") + ("+" if changed.stdout.strip() else "")
