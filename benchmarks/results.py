"""Results of the speed benchmarks as text and as dated folders: `table.md`, `results.json`, `picture.svg`.

Not here: measuring (`race`, `growth`), the goals (`goals`), drawing (`picture`).
"""

from __future__ import annotations

import json
import platform
import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from benchmarks.accuracy.peers import pinned
from benchmarks.measure import commit, machine, processor
from benchmarks.picture import growth_svg, race_svg

if TYPE_CHECKING:
    from pathlib import Path

_MIB: Final = 1 << 20
#: Options that name folders and files of this machine.
_PRIVATE: Final = ("--cache", "--out", "--corpus", "--document")


@dataclass(frozen=True, slots=True)
class Table:
    """A table with its heading."""

    title: str
    body: str

    def markdown(self) -> str:
        """Return it as Markdown."""
        return f"\n## {self.title}\n\n{self.body}"


def table(results: dict[str, Any]) -> str:
    """Return a race as tables: start-up, one for each log, one for each kind of records."""
    parts = [_start(results["start"])]
    parts += [_programs(name, rows) for name, rows in results["programs"].items()]
    parts += [_records(name, rows) for name, rows in results["records"].items()]
    return "".join(part.markdown() for part in parts)


def _start(rows: dict[str, Any]) -> Table:
    head = "| | ms | CPU ms | peak MiB |\n|---|---|---|---|\n"
    return Table("A file of one line", head + "".join(
        f"| {name} | {row['seconds'] * 1e3:.0f} | {row['cpu'] * 1e3:.0f} | {row['memory'] / _MIB:.0f} |\n"
        for name, row in rows.items()
    ))  # fmt: skip


def _programs(name: str, rows: dict[str, Any]) -> Table:
    head = (
        "| | log MB | MB/s | of leakscan's | MB/s after start | CPU s per GB | peak MiB | found | planted |\n"
        "|---|---|---|---|---|---|---|---|---|\n"
    )
    ours = rows["leakscan"]["speed"] if "leakscan" in rows else None
    return Table(f"Scan: {name}", head + "".join(
        f"| {program} | {row['size'] / 1e6:.0f} | {_figure(row['speed'] / 1e6)} "
        f"| {format(row['speed'] / ours, '.3g') if ours else '-'} "
        f"| {_figure(row['speed_after_start'] / 1e6)} "
        f"| {_figure(row['cpu'] / row['size'] * 1e9)} | {row['memory'] / _MIB:.0f} "
        f"| {_count(row['found'])} | {_count(row['planted'])} |\n"
        for program, row in rows.items()
    ))  # fmt: skip


def _records(name: str, rows: dict[str, Any]) -> Table:
    head = "| | us a record | of leakscan's | changed or found | of |\n|---|---|---|---|---|\n"
    ours = rows["leakscan"]["seconds"] if "leakscan" in rows else None
    return Table(f"Records: {name}", head + "".join(
        f"| {library} | {row['seconds'] * 1e6:.2f} | {format(row['seconds'] / ours, '.2f') if ours else '-'} "
        f"| {row['found']:,} | {row['records']:,} |\n"
        for library, row in rows.items()
    ))  # fmt: skip


def _figure(value: float) -> str:
    return f"{value:,.0f}" if value >= 10 else f"{value:.2g}"


def _count(value: int | None) -> str:
    return "-" if value is None else f"{value:,}"


def finish(out: Path, kind: str, results: dict[str, Any], text: str) -> Path:
    """Write a dated folder with all there is to know about a run; return it."""
    now = datetime.now(UTC)
    folder = out / f"{now.date().isoformat()}-{machine()}" / kind
    folder.mkdir(parents=True, exist_ok=True)
    about: dict[str, Any] = {
        "date": now.isoformat(timespec="minutes"),
        "machine": machine(),
        "processor": processor(),
        "python": platform.python_version(),
        "commit": commit(),
        "command": " ".join(["python -m", f"benchmarks.{kind}", *_public(sys.argv[1:])]),
        "peers": pinned(),
    }
    note = ", ".join(str(about[name]) for name in ("date", "processor", "machine"))
    note = f"{about['command']} at commit {about['commit']}, {note}"
    (folder / "table.md").write_text(f"`{note}`\n{text}", encoding="utf-8")
    (folder / "results.json").write_text(
        json.dumps({**about, **results}, indent=1, ensure_ascii=False) + "\n", encoding="utf-8"
    )
    draw = {"race": race_svg, "growth": growth_svg}.get(kind)
    if draw is not None:
        (folder / "picture.svg").write_text(
            draw(results, f"{about['date'][:10]}, commit {about['commit']}, {about['processor']}"),
            encoding="utf-8",
        )
    return folder


def _public(arguments: list[str]) -> list[str]:
    """Return a command's arguments without those that name folders of this machine."""
    shown: list[str] = []
    skip = False
    for argument in arguments:
        if not skip and argument.split("=")[0] not in _PRIVATE:
            shown.append(argument)
        skip = argument in _PRIVATE
    return shown
