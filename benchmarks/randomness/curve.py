"""The picture of precision against recall, written by hand as SVG: no plotting library, no script in it.

Not here: the numbers (`evaluate`).
"""

from __future__ import annotations

WIDTH, HEIGHT = 640, 400
LEFT, TOP, RIGHT, BOTTOM = 64, 40, 24, 56
#: Length of the tokens -> colour, told apart also without colour by their order and labels.
DRAWN = {12: "#b35806", 16: "#e08214", 20: "#8073ac", 32: "#2d004b"}
LOW_RECALL, LOW_PRECISION = 0.90, 0.90

_STYLE = """
text { font: 12px system-ui, sans-serif; fill: #333 }
.axis { stroke: #999 } .grid { stroke: #e4e4e4 } .title { font-size: 14px; font-weight: 600 }
"""


def across(recall: float) -> float:
    """Return the x of a recall."""
    return LEFT + (max(recall, LOW_RECALL) - LOW_RECALL) / (1 - LOW_RECALL) * (WIDTH - LEFT - RIGHT)


def down(precision: float) -> float:
    """Return the y of a precision."""
    share = (max(precision, LOW_PRECISION) - LOW_PRECISION) / (1 - LOW_PRECISION)
    return HEIGHT - BOTTOM - share * (HEIGHT - TOP - BOTTOM)


def draw(curves: dict[int, list[tuple[float, float, int]]], threshold: float, ratio: int) -> str:
    """Return the SVG: for each length of token a line of (recall, precision) over thresholds.

    The threshold in use is marked on each line.
    """
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img">',
        f"<title>Precision against recall of looks_random, {ratio} names to a token</title>",
        f"<style>{_STYLE}</style>",
        '<rect width="100%" height="100%" fill="#fff"/>',
        f'<text class="title" x="{LEFT}" y="22">Names or random text: precision against recall</text>',
    ]
    for step in range(6):
        share = LOW_RECALL + step * (1 - LOW_RECALL) / 5
        x, y = across(share), down(share)
        parts += [
            f'<line class="grid" x1="{x:.1f}" x2="{x:.1f}" y1="{TOP}" y2="{HEIGHT - BOTTOM}"/>',
            f'<line class="grid" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>',
            f'<text x="{x:.1f}" y="{HEIGHT - BOTTOM + 18}" text-anchor="middle">{share:.0%}</text>',
            f'<text x="{LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{share:.0%}</text>',
        ]
    for row, (length, points) in enumerate(sorted(curves.items())):
        colour = DRAWN[length]
        shown = [(r, p) for r, p, _ in points if r >= LOW_RECALL and p >= LOW_PRECISION]
        path = " ".join(f"{across(r):.1f},{down(p):.1f}" for r, p in shown)
        parts.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>')
        for recall, precision, at in points:
            if at == threshold:
                spot = f'cx="{across(recall):.1f}" cy="{down(precision):.1f}"'
                parts.append(f'<circle {spot} r="5" fill="{colour}"/>')
        y = HEIGHT - BOTTOM - 86 + row * 18
        parts += [
            f'<line x1="{LEFT + 16}" x2="{LEFT + 40}" y1="{y}" y2="{y}" stroke="{colour}" stroke-width="2"/>',
            f'<text x="{LEFT + 48}" y="{y + 4}">{length} characters</text>',
        ]
    below = f"recall: random tokens found; dots: {threshold:g} bits, in use"
    beside = f"precision, {ratio} names to a token"
    middle = f"translate(16 {HEIGHT / 2}) rotate(-90)"
    parts += [
        f'<text x="{WIDTH / 2}" y="{HEIGHT - 14}" text-anchor="middle">{below}</text>',
        f'<text transform="{middle}" text-anchor="middle">{beside}</text>',
        "</svg>",
    ]
    return "\n".join(parts) + "\n"
