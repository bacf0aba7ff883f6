"""The line on stderr after a scan: how many secrets, places, files and bytes, and how long it took."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from leakscan.finding import Finding
    from leakscan.totals import Totals

#: Distinct secrets told apart, at about 150 bytes each; beyond, the count is a lower bound.
MAX_DISTINCT: Final = 50_000


@dataclass(slots=True)
class Seen:
    """What a report was given: places, and distinct secrets up to `MAX_DISTINCT`."""

    places: int = 0
    secrets: set[str] = field(default_factory=set)

    def counted(self, findings: Iterable[tuple[str, Finding]]) -> Iterator[tuple[str, Finding]]:
        """Yield the findings unchanged and count them."""
        secrets = self.secrets
        for pair in findings:
            self.places += 1
            if len(secrets) < MAX_DISTINCT:
                secrets.add(pair[1].fingerprint)
            yield pair


def summary(seen: Seen, totals: Totals, *, compared: bool = False) -> str:
    """Return the line, such as `2 secrets at 5 places in 3 files (1204 bytes, 0.05 s)`.

    `compared` says that what a baseline knows was left out.
    """
    secrets = many(len(seen.secrets), "secret")
    if len(seen.secrets) >= MAX_DISTINCT:
        secrets = f"at least {secrets}"
    nothing = "nothing new" if compared else "nothing found"
    found = f"{secrets} at {many(seen.places, 'place')}" if seen.places else nothing
    if not totals.files and totals.failed:
        return f"nothing was scanned: {many(totals.failed, 'input')} failed"
    took = f"{many(totals.size, 'byte')}, {totals.seconds():.2f} s"
    text = f"{found} in {many(totals.files, 'file')} ({took})"
    if totals.failed:
        text += f"; {many(totals.failed, 'input')} could not be scanned to the end"
    return text


def many(count: int, noun: str) -> str:
    """Return a count with its noun."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"
