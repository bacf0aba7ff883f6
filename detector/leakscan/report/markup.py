r"""HTML from parts in which text is always text: whatever is not `Markup` is cleaned and escaped.

So a page cannot forget to escape what came from a log. Not here: what a page shows (`html`).

>>> element("td", "<b> & \x1b[2J", title='"', hidden=True).html
'<td title="&quot;" hidden>&lt;b&gt; &amp; \\x1b[2J</td>'
"""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import Final

from leakscan.terminal import clean

#: Elements without content and end. Those of SVG have an end.
_VOID: Final = frozenset({"input", "br"})


@dataclass(frozen=True, slots=True)
class Markup:
    """A piece of HTML, as it is."""

    html: str


Part = Markup | str | int


def element(name: str, *parts: Part, **attributes: str | float | None) -> Markup:
    """Return an element; `class_` stands for class, `data_x` for data-x, True for no value, None for none."""
    shown = "".join(_attribute(key, value) for key, value in attributes.items() if value is not None)
    end = "" if name in _VOID else f"{joined(*parts).html}</{name}>"
    return Markup(f"<{name}{shown}>{end}")


def joined(*parts: Part) -> Markup:
    """Return the parts one after the other."""
    return Markup("".join(part.html if isinstance(part, Markup) else _text(part) for part in parts))


def _text(value: str | float) -> str:
    return escape(clean(str(value)))


def _attribute(key: str, value: str | float) -> str:
    name = key.rstrip("_").replace("_", "-")
    return f" {name}" if value is True else f' {name}="{_text(value)}"'
