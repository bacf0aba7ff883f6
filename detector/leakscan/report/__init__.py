"""Reports: findings in, bytes out, one module a format, each with a function `write`.

A writer takes an iterable of (path, finding) that it reads once, and keeps no more than one entry
a distinct secret. No report holds a secret: only its masked form and its fingerprint.

Not here: where the bytes go (`output`), which findings are shown (`baseline`, the command).
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO, Final, cast

if TYPE_CHECKING:
    from leakscan.finding import Finding
    from leakscan.rules import Rule
    from leakscan.totals import Totals

#: The formats and whether they show when a line was written.
FORMATS: Final[dict[str, bool]] = {
    "text": False,
    "jsonl": True,
    "json": True,
    "sarif": False,
    "csv": True,
    "html": True,
}


@dataclass(frozen=True, slots=True)
class ReportOptions:
    """What a writer may want to know besides the findings.

    Attributes:
        rules: the rules of the scan, for their descriptions and references.
        max_per_secret: show at most so many places of one secret; None shows all.
        colour: whether to colour text.
        is_store: whether the findings are those of a store: each has a cell of a table for a place.

    """

    rules: Sequence[Rule] = ()
    max_per_secret: int | None = None
    colour: bool = False
    is_store: bool = False

    @property
    def unit(self) -> str:
        """What the path of a finding names."""
        return "table" if self.is_store else "file"


Writer = Callable[["Iterable[tuple[str, Finding]]", BinaryIO, "Totals", ReportOptions], None]


def writer(name: str) -> Writer:
    """Return the writer of a format; only its module is loaded."""
    module = importlib.import_module(f".{name}", __name__)
    return cast("Writer", module.write)
