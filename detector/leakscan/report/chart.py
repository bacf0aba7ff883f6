"""The timeline of the exposure page: an SVG of places over time by severity, and the same as a table.

Not here: the counts (`timeline`), the other parts of the page (`sections`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from leakscan.finding import SEVERITIES

from .markup import Markup, element, joined
from .wording import clock, duration, many, zone_name

if TYPE_CHECKING:
    from .timeline import Timeline

#: Bars of the chart, at most.
BARS: Final = 120
#: From so many days on, the axis is marked with days alone.
_DAYS: Final = 4
_DAY: Final = 86_400
_WORST_FIRST: Final = SEVERITIES[::-1]


def timeline_section(timeline: Timeline) -> Markup:
    """Return the chart of places over time, and the same as a table; nothing when no line has a time."""
    width, bars = timeline.bars(BARS)
    if not bars:
        return joined()
    zone = timeline.zone
    top = max(sum(counts) for _, counts in bars)
    step = min(1000 / len(bars), 60.0)
    stretch = duration(width * 1.0) if width > 1 else "second"
    shown = [
        element(
            "g",
            element("title", f"{clock(start, zone, width)}: {_by_severity(counts)}"),
            *_bar(index * step, step, counts, top),
        )
        for index, (start, counts) in enumerate(bars)
        if any(counts)
    ]
    chart = element(
        "svg", *shown, viewBox="0 0 1000 100", preserveAspectRatio="none", role="img",
        aria_label=f"Places over time, at most {top:,} in one bar; the numbers are in the table below",
    )  # fmt: skip
    marks = sorted({round(index * (len(bars) - 1) / 4) for index in range(5)})
    rough = _DAY if width * len(bars) > _DAYS * _DAY else width
    axis = element(
        "div", *(element("span", clock(bars[mark][0], zone, rough)) for mark in marks), class_="axis"
    )
    rows = [
        element("tr", element("th", clock(start, zone, width), scope="row", class_="when"),
                *(element("td", f"{count:,}", class_="number") for count in reversed(counts)))
        for start, counts in bars if any(counts)
    ]  # fmt: skip
    head = [element("th", "From", scope="col")]
    head += [element("th", level, scope="col", class_="number") for level in _WORST_FIRST]
    table = element("table", element("thead", element("tr", *head)), element("tbody", *rows))
    present = [level for index, level in reversed([*enumerate(SEVERITIES)]) if any(c[index] for _, c in bars)]
    return element(
        "section",
        element("h2", "When"),
        element("p", f"Places per {stretch}, at most {top:,}. Times in {zone_name(zone)}.", class_="soft"),
        element("div", element("ul", *map(_key, present), class_="key"), chart, axis, class_="chart"),
        element("details", element("summary", "The same as a table"), table),
    )


def _key(level: str) -> Markup:
    swatch = element("rect", width=10, height=10, rx=2, class_=f"s-{level}")
    return element("li", element("svg", swatch, viewBox="0 0 10 10", aria_hidden="true"), level)


def _bar(x: float, step: float, counts: list[int], top: int) -> list[Markup]:
    """Return the pieces of one bar, the worst at its foot; a small one is still seen."""
    pieces = []
    foot = 100.0
    for level, count in zip(_WORST_FIRST, reversed(counts), strict=True):
        if count:
            height = max(98 * count / top, 1.5)
            foot -= height
            pieces.append(
                element(
                    "rect", x=f"{x + step * 0.08:.2f}", y=f"{max(foot, 0):.2f}", width=f"{step * 0.84:.2f}",
                    height=f"{height:.2f}", class_=f"s-{level}",
                )
            )  # fmt: skip
    return pieces


def _by_severity(counts: list[int]) -> str:
    parts = [f"{count:,} {level}" for level, count in zip(SEVERITIES, counts, strict=True) if count]
    return f"{many(sum(counts), 'place')} ({', '.join(reversed(parts))})"
