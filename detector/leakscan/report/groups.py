"""Findings grouped by secret: one entry a fingerprint, whatever the number of places."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from leakscan.finding import CONFIDENCES, SEVERITIES, Cell, Finding
from leakscan.mask import mask

from .tally import Tally

#: Distinct secrets kept, at about 1 KB each. What comes beyond is counted and said so.
MAX_GROUPS: Final = 20_000
#: Inputs and services that are named with one secret; all are counted.
MAX_NAMED: Final = 6


@dataclass(slots=True)  # not frozen: that takes twice as long to make, and one is made for each place
class Place:
    """Where a secret was seen: position in bytes, and the line's own time if one was read.

    In a table of a store there are no lines: then `cell` says where it stands. A row of a file has a
    number and, in `json_path`, its column.
    """

    path: str
    line: int
    start: int
    timestamp: str | None
    cell: Cell | None = None
    json_path: str | None = None

    def __str__(self) -> str:
        """Return where it is for people, not cleaned: columns are 1-based bytes, as editors have them."""
        if self.cell is None:
            column = f":{self.json_path}" if self.json_path else ""
            return f"{self.path}:{self.line}{column}:{self.start + 1}"
        keys = ", ".join(f"{name}={'NULL' if value is None else value}" for name, value in self.cell.keys)
        return f"{self.path} {self.cell.column} where {keys}" if keys else f"{self.path} {self.cell.column}"


@dataclass(slots=True)
class Exposed:
    """From when to when: seconds since 1970, and the same as the lines say it."""

    first: float
    last: float
    first_seen: str
    last_seen: str

    def add(self, at: float, timestamp: str) -> None:
        """Widen it to hold a point in time."""
        if at < self.first:
            self.first, self.first_seen = at, timestamp
        if at > self.last:
            self.last, self.last_seen = at, timestamp


@dataclass(slots=True)
class Group:
    """One secret: the first finding's fields, how often, in how many files, where first and last, since when.

    `paths` and `services` name the first of them; `exposed` is None while no line had a time.
    """

    rule_id: str
    description: str
    provider: str
    severity: str
    confidence: str
    fingerprint: str
    masked: str
    first: Place
    last: Place
    count: int = 0
    files: int = 0
    exposed: Exposed | None = None
    paths: list[str] = field(default_factory=list)
    services: Tally | None = None

    def add(self, place: Place, at: float | None, service: str | None) -> None:
        """Count one more place. The places of one path come together."""
        self.count += 1
        if self.count == 1 or self.last.path != place.path:
            self.files += 1
            if len(self.paths) < MAX_NAMED:
                self.paths.append(place.path)
        self.last = place
        if at is not None and place.timestamp is not None:
            if self.exposed is None:
                self.exposed = Exposed(at, at, place.timestamp, place.timestamp)
            else:
                self.exposed.add(at, place.timestamp)
        if service is not None:
            if self.services is None:
                self.services = Tally(MAX_NAMED)
            self.services.add(service)

    def rank(self) -> tuple[int, int]:
        """Return the order of importance, worst first: severity, then confidence."""
        return -_SEVERITY[self.severity], -_CONFIDENCE[self.confidence]


_SEVERITY: Final[dict[str, int]] = {name: index for index, name in enumerate(SEVERITIES)}
_CONFIDENCE: Final[dict[str, int]] = {name: index for index, name in enumerate(CONFIDENCES)}


@dataclass(slots=True)
class Groups:
    """The groups of a run, and what did not fit: findings of secrets beyond `MAX_GROUPS`."""

    by_fingerprint: dict[str, Group] = field(default_factory=dict)
    places: int = 0
    beyond: int = 0

    def add(self, path: str, finding: Finding, at: float | None = None) -> None:
        """Count one finding, `at` seconds since 1970. The findings of one path come together."""
        self.places += 1
        group = self.by_fingerprint.get(finding.fingerprint)
        place = Place(path, finding.line, finding.start, finding.timestamp, finding.cell, finding.json_path)
        if group is None:
            if len(self.by_fingerprint) >= MAX_GROUPS:
                self.beyond += 1
                return
            group = self.by_fingerprint[finding.fingerprint] = Group(
                finding.rule_id,
                finding.description,
                finding.provider,
                finding.severity,
                finding.confidence,
                finding.fingerprint,
                mask(finding.secret),
                place,
                place,
            )
        group.add(place, at, finding.service)

    def sorted(self) -> list[Group]:
        """Return the groups, the worst first, then in order of appearance."""
        return sorted(self.by_fingerprint.values(), key=Group.rank)
