"""The score as a picture: hand-written SVG, horizontal bars, readable on light and on dark ground."""

# ruff: noqa: E501 - markup stays readable when an element is one line

from __future__ import annotations

from html import escape
from typing import Any

_WIDTH, _LEFT, _BAR, _STEP = 820, 132, 15, 62
_SCALE = 5.0  # pixels for one percent
_STYLE = """
  text { font: 13px system-ui, -apple-system, 'Segoe UI', sans-serif; fill: #57606a; }
  .name { font-weight: 600; fill: #24292f; }
  .first { fill: #0a7d5a; } .token { fill: #3f7fd0; } .keyed { fill: #e0902f; } .grid { stroke: #8b949e; stroke-opacity: .3; }
  .flag { fill: #cf222e; font-weight: 600; }
  @media (prefers-color-scheme: dark) {
    text { fill: #9da7b3; } .name { fill: #e6edf3; } .first { fill: #3fcf9f; } .flag { fill: #ff7b72; }
    .token { fill: #5c9ceb; } .keyed { fill: #f0a94c; }
  }
"""


def _bar(y: float, percent: float, kind: str) -> str:
    return (
        f'<rect class="{kind}" x="{_LEFT}" y="{y:.0f}" width="{max(percent * _SCALE, 1):.1f}" height="{_BAR}" rx="2"/>'
        f'<text x="{_LEFT + percent * _SCALE + 6:.1f}" y="{y + 12:.0f}">{percent:.0f} %</text>'
    )


def svg(rows: dict[str, dict[str, Any]], note: str) -> str:
    """One group of bars for each scanner: tokens found, keyed values found; false alarms as text."""
    any_row = next(iter(rows.values()))
    height = 74 + _STEP * len(rows) + 30
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" role="img" aria-label="Secrets found in log lines, by scanner">',
        f"<style>{_STYLE}</style>",
        (
            f'<rect class="token" x="{_LEFT}" y="14" width="12" height="12" rx="2"/>'
            f'<text x="{_LEFT + 18}" y="25">self-identifying tokens found (of {any_row["tokens"]})</text>'
        ),
        (
            f'<rect class="keyed" x="{_LEFT + 286}" y="14" width="12" height="12" rx="2"/>'
            f'<text x="{_LEFT + 304}" y="25">passwords, headers, cookies .. found (of {any_row["keyed"]})</text>'
        ),
    ]
    for percent in range(0, 101, 25):
        x = _LEFT + percent * _SCALE
        parts.append(
            f'<line class="grid" x1="{x}" x2="{x}" y1="44" y2="{height - 40}"/><text x="{x}" y="{height - 24}" text-anchor="middle">{percent} %</text>'
        )
    for index, (name, row) in enumerate(rows.items()):
        y = 52 + index * _STEP
        label = "name first" if name == "leakscan" else "name"
        flagged = row["benign_flagged"]
        parts.append(
            f'<text class="{label}" x="{_LEFT - 12}" y="{y + 14}" text-anchor="end">{escape(name)}</text>'
        )
        parts.append(
            f'<text class="{"flag" if flagged else ""}" x="{_LEFT - 12}" y="{y + 32}" text-anchor="end">{flagged} false</text>'
        )
        parts.append(_bar(y, row["tokens_found_percent"], "token"))
        parts.append(_bar(y + _BAR + 3, row["keyed_found_percent"], "keyed"))
    parts.append(f'<text x="{_LEFT}" y="{height - 6}">{escape(note)}</text></svg>')
    return "\n".join(parts) + "\n"
