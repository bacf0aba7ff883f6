"""A shape: one way in which a secret stands in a line. The tables are in `shapes_*`.

A shape gets marked text (see `text`) and returns one record: the lines as the software would print them,
joined by newlines. It may not look at what kind of secret it holds.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Callable

    from benchmarks.accuracy.draw import Scene

#: What a shape places: a bare token, a key and its value, an HTTP header, a password, a secret of its own.
Family = Literal["token", "field", "header", "password", "own"]


@dataclass(frozen=True, slots=True)
class Shape:
    """One way in which a secret stands in a line.

    Attributes:
        name: unique.
        family: what it places.
        write: writes the record. Arguments after the scene: `token` (marked), `field` (key words, marked),
            `header` (name, value with its mark), `password` (marked), `own` (nothing).
        prefixed: whether a logger's prefix goes before it.
        forbidden: characters that the raw secret may not hold, because the syntax could not carry them.
        glued: places the token between word characters, so only kinds of one length fit.

    """

    name: str
    family: Family
    write: Callable[..., str]
    prefixed: bool = True
    forbidden: str = ""
    glued: bool = False


def cased(words: tuple[str, ...], style: str) -> str:
    """A key name: `snake`, `kebab`, `camel`, `pascal`, `upper`, `header`, `dotted`, `flat`."""
    if style == "camel":
        return words[0] + "".join(word.capitalize() for word in words[1:])
    if style == "pascal":
        return "".join(word.capitalize() for word in words)
    if style == "header":
        return "-".join(word.capitalize() for word in words)
    if style == "upper":
        return "_".join(words).upper()
    joint = {"snake": "_", "kebab": "-", "dotted": ".", "flat": ""}[style]
    return joint.join(words)


def any_case(scene: Scene, words: tuple[str, ...], *styles: str) -> str:
    """A key name in one of the styles."""
    return cased(words, scene.pick(*styles))
