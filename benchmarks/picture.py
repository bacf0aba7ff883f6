"""The results as pictures: hand-written SVG, readable on light and on dark ground.

Not here: measuring (`race`, `growth`), tables (`results`).
"""

# ruff: noqa: E501 - markup stays readable when an element is one line

from __future__ import annotations

import math
from html import escape
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_STYLE: Final = """
  text { font: 13px system-ui, -apple-system, 'Segoe UI', sans-serif; fill: #57606a; }
  .title { font-weight: 600; fill: #24292f; } .small { font-size: 11px; }
  .ours { fill: #0a7d5a; } .peer { fill: #3f7fd0; } .floor { fill: #8b949e; fill-opacity: .55; }
  .grid { stroke: #8b949e; stroke-opacity: .3; } .linear { stroke: #8b949e; stroke-dasharray: 3 4; fill: none; }
  .time { stroke: #0a7d5a; fill: none; stroke-width: 2; } .time-dot { fill: #0a7d5a; }
  .memory { stroke: #e0902f; fill: none; stroke-width: 2; } .memory-dot { fill: #e0902f; }
  @media (prefers-color-scheme: dark) {
    text { fill: #9da7b3; } .title { fill: #e6edf3; } .ours, .time-dot { fill: #3fcf9f; } .peer { fill: #5c9ceb; }
    .time { stroke: #3fcf9f; } .memory { stroke: #f0a94c; } .memory-dot { fill: #f0a94c; }
  }
"""
_WIDTH: Final = 820
_FLOORS: Final = ("ripgrep", "wc")
_TITLES: Final = {
    "mixed": "mixed logs, clean", "json": "JSON application logs, clean", "access": "access logs, clean",
    "dirty-1000": "a secret in 1,000 lines", "dirty-100": "a secret in 100 lines", "own": "own logs",
}  # fmt: skip


def _figure(value: float) -> str:
    return f"{value:,.0f}" if value >= 10 else f"{value:.2g}"


def _svg(height: float, label: str, parts: Sequence[str]) -> str:
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height:.0f}" role="img" aria-label="{escape(label)}">'
    return "\n".join((head, f"<style>{_STYLE}</style>", *parts, "</svg>")) + "\n"


def _bars(rows: Sequence[tuple[str, float]], x: float, y: float, width: float, unit: str) -> Iterator[str]:
    """Give bars on a logarithmic scale: the figures span four orders of magnitude."""
    low = math.floor(math.log10(min(value for _, value in rows)))
    high = math.log10(max(value for _, value in rows))
    for index, (name, value) in enumerate(rows):
        top = y + index * 20
        length = max(2.0, (math.log10(value) - low) / (high - low or 1) * width)
        kind = "ours" if name.startswith(("leakscan", "logging")) else "floor" if name in _FLOORS else "peer"
        yield f'<text class="{"title" if kind == "ours" else ""}" x="{x - 8}" y="{top + 11}" text-anchor="end">{escape(name)}</text>'
        yield f'<rect class="{kind}" x="{x}" y="{top}" width="{length:.1f}" height="14" rx="2"/>'
        yield f'<text class="small" x="{x + length + 5:.1f}" y="{top + 11}">{_figure(value)} {unit}</text>'


def race_svg(results: dict[str, Any], note: str) -> str:
    """Return one group of bars for each log, and one for clean records; logarithmic."""
    parts: list[str] = []
    groups = [
        (
            f"MB/s: {_TITLES.get(name, name)}",
            [(program, row["speed"] / 1e6) for program, row in rows.items()],
            "MB/s",
        )
        for name, rows in results["programs"].items()
    ]
    groups += [
        (
            f"microseconds a record: {name}",
            [(library, row["seconds"] * 1e6) for library, row in rows.items()],
            "us",
        )
        for name, rows in results["records"].items()
    ]
    heights = [0.0, 0.0]
    for title, rows, unit in groups:
        if not rows:
            continue
        column = heights.index(min(heights))
        x, y = 150.0 + column * _WIDTH / 2, heights[column] + 22
        parts.append(f'<text class="title" x="{x}" y="{y}">{escape(title)}</text>')
        parts += _bars(rows, x, y + 10, 170, unit)
        heights[column] = y + 20 * len(rows) + 22
    height = max(heights) + 26
    parts.append(
        f'<text class="small" x="12" y="{height - 8:.0f}">Bars are logarithmic. {escape(note)}</text>'
    )
    return _svg(height, "Speed of leakscan and other scanners", parts)


def _axis(value: float) -> str:
    for size, letter in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if value >= size:
            return f"{value / size:g}{letter}"
    return f"{value:g}"


def _line(points: Sequence[tuple[float, float]], kind: str) -> str:
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    dots = "".join(f'<circle class="{kind}-dot" cx="{x:.1f}" cy="{y:.1f}" r="3"/>' for x, y in points)
    return f'<polyline class="{kind}" points="{path}"/>{dots}'


def _plot(name: str, rows: Sequence[dict[str, Any]], left: float, top: float) -> Iterator[str]:
    """Give one series: time and memory, both axes logarithmic, with a dashed line for linear growth.

    Where the lines of a log grow and not the log, time is that of a gigabyte, and should be level.
    """
    width, height = 300.0, 150.0
    shown = [row for row in rows if row["x"] > 0]
    xs = [math.log10(row["x"]) for row in shown]
    is_shape = name.startswith("bytes of a line")
    times = [row["seconds"] / row["size"] * 1e9 if is_shape else row["seconds"] for row in shown]
    seconds = [math.log10(value) for value in times]
    memories = [math.log10(row["memory"] / 1e6) for row in shown]
    span = (max(xs) - min(xs)) or 1

    def scaled(values: Sequence[float]) -> list[tuple[float, float]]:
        low, high = math.floor(min(values)), math.ceil(max(values) + 1e-9)
        return [
            (left + (x - min(xs)) / span * width, top + height - (value - low) / ((high - low) or 1) * height)
            for x, value in zip(xs, values, strict=True)
        ]

    yield f'<text class="title" x="{left}" y="{top - 12}">{escape(name)}</text>'
    yield f'<line class="grid" x1="{left}" x2="{left + width}" y1="{top + height}" y2="{top + height}"/>'
    for row, (x, _) in zip(shown, scaled(seconds), strict=True):
        yield f'<text class="small" x="{x:.1f}" y="{top + height + 15}" text-anchor="middle">{_axis(row["x"])}</text>'
    low, high = math.floor(min(seconds)), math.ceil(max(seconds) + 1e-9)
    rise = span / ((high - low) or 1) * height
    last_x, last_y = scaled(seconds)[-1]
    reach = min(1.0, (top + height - last_y) / rise) if rise else 0
    if not is_shape:
        yield f'<line class="linear" x1="{last_x - reach * width:.1f}" y1="{last_y + reach * rise:.1f}" x2="{last_x:.1f}" y2="{last_y:.1f}"/>'
    yield _line(scaled(seconds), "time")
    yield _line(scaled(memories), "memory")
    ends = (scaled(seconds)[-1][1], scaled(memories)[-1][1])
    labels = (f"{times[-1]:.2g} {'s/GB' if is_shape else 's'}", f"{shown[-1]['memory'] / 1e6:.0f} MB")
    for kind, y, other, text in (("time", *ends, labels[0]), ("memory", *ends[::-1], labels[1])):
        # the upper label above its line's end and the lower one below, so that they never overlap
        above = y < other or (y == other and kind == "time")
        yield f'<text class="small {kind}-dot" x="{last_x + 8:.1f}" y="{y + (-3 if above else 12):.1f}">{text}</text>'


def growth_svg(results: dict[str, Any], note: str) -> str:
    """Return one plot for each series: time (green) and memory (orange), against what grows."""
    parts = [
        '<text class="time-dot" x="12" y="22">time</text><text class="memory-dot" x="60" y="22">peak memory</text>',
        '<text x="160" y="22">both axes logarithmic; dashed: what linear growth from the last point back looks like</text>',
    ]
    series = [(name, rows) for name, rows in results["series"].items() if len(rows) > 1]
    for index, (name, rows) in enumerate(series):
        parts += _plot(name, rows, 30 + index % 2 * 410, 66 + index // 2 * 220)
    height = 66 + (len(series) + 1) // 2 * 220
    parts.append(f'<text class="small" x="12" y="{height - 8}">{escape(note)}</text>')
    return _svg(height, "Time and memory of leakscan against what grows", parts)
