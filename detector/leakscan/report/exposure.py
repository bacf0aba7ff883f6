"""The exposure: which secrets, since when, how often and where. What all findings of a run add up to.

Memory is bounded by the limits of its parts: distinct secrets (`groups`), names (`tally`), stretches of
time (`timeline`). Not here: writing it (`html`, `json`).
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from leakscan.instants import instant

from .groups import Exposed, Groups
from .tally import Tally
from .timeline import Timeline

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from leakscan.finding import Finding


@dataclass(slots=True)
class Exposure:
    """Counts of a run.

    Attributes:
        groups: by secret.
        rules: by rule id.
        files: by path.
        services: by service, of the lines that name one.
        timeline: by stretch of time, of the lines that have one.
        exposed: the first and the last time of all, None while no line had one.
        untimed: places in lines without a time.
        now: what times without a year are not after, in seconds since 1970.

    """

    groups: Groups = field(default_factory=Groups)
    rules: Tally = field(default_factory=Tally)
    files: Tally = field(default_factory=Tally)
    services: Tally = field(default_factory=Tally)
    timeline: Timeline = field(default_factory=Timeline)
    exposed: Exposed | None = None
    untimed: int = 0
    now: float = field(default_factory=time.time)
    _last: tuple[str, float | None] = ("", None)

    def add(self, path: str, finding: Finding) -> None:
        """Count one finding. The findings of one path come together."""
        at = self._instant(finding.timestamp)
        self.groups.add(path, finding, at)
        self.rules.add(finding.rule_id)
        self.files.add(path)
        if finding.service is not None:
            self.services.add(finding.service)
        if at is None or finding.timestamp is None:
            self.untimed += 1
            return
        self.timeline.add(at, finding.severity)
        if self.exposed is None:
            self.exposed = Exposed(at, at, finding.timestamp, finding.timestamp)
        else:
            self.exposed.add(at, finding.timestamp)

    def tallied(self, findings: Iterable[tuple[str, Finding]]) -> Iterator[tuple[str, Finding]]:
        """Yield the findings unchanged and count them."""
        for pair in findings:
            self.add(*pair)
            yield pair

    def _instant(self, timestamp: str | None) -> float | None:
        if timestamp is None:
            return None
        if timestamp != self._last[0]:  # many lines share a second
            self._last = timestamp, instant(timestamp, self.now)
        return self._last[1]
