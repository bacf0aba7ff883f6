"""The frames of container runtimes round the lines of other logs: Docker's json-file and CRI.

Not here: what is in the lines.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Final

#: Docker and containerd cut lines longer than this.
_CUT: Final = 16384
#: Lines taken of each log.
_LINES: Final = 4000


def docker(folder: Path) -> None:
    """Frame as Docker's `json-file` driver does, long lines in parts."""
    with (folder / "json-file.log").open("w") as out:
        for time, text, last in _parts(folder.parent):
            entry = {"log": text + ("\n" if last else ""), "stream": "stderr", "time": time}
            out.write(json.dumps(entry, ensure_ascii=False, separators=(",", ":")) + "\n")


def cri(folder: Path) -> None:
    """Frame as containerd and CRI-O do, long lines in parts."""
    with (folder / "0.log").open("w") as out:
        out.writelines(
            f"{time} stdout {'F' if last else 'P'} {text}\n" for time, text, last in _parts(folder.parent)
        )


def _parts(root: Path) -> Iterator[tuple[str, str, bool]]:
    count = 0
    for log in sorted(root.glob("*/*.log")):
        if log.parent.name in {"docker", "cri", "rsyslog"}:
            continue
        with log.open(encoding="utf-8", errors="replace", newline="\n") as file:
            for _, line in zip(range(_LINES), file, strict=False):
                text = line.rstrip("\n")
                for start in range(0, max(1, len(text)), _CUT):
                    count += 1
                    clock = f"{count // 3600000 % 24:02}:{count // 60000 % 60:02}:{count // 1000 % 60:02}"
                    time = f"2026-05-04T{clock}.{count % 1000:03}{count % 999983:06}Z"
                    yield time, text[start : start + _CUT], start + _CUT >= len(text)
