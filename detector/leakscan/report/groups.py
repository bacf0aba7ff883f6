"""Findings grouped by secret: one entry a fingerprint, whatever the number of places."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from leakscan.finding import CONFIDENCES, SEVERITIES, Finding
from leakscan.mask import mask

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

#: Distinct secrets kept, at about 1 KB each. What comes beyond is counted and said so.
MAX_GROUPS: Final = 20_000


@dataclass(slots=True)
class Place:
    """Where a secret was seen: position in bytes, and the line's own time if one was read."""

    path: str
    line: int
    start: int
    timestamp: str | None


@dataclass(slots=True)
class Group:
    """One secret: the first finding's fields, how often, in how many files, where first and last."""

    rule_id: str
    description: str
    provider: str
    severity: str
    confidence: str
    fingerprint: str
    masked: str
    first: Place
    last: Place
    count: int = 1
    files: int = 1

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

    def add(self, path: str, finding: Finding) -> None:
        """Count one finding. The findings of one path come together."""
        self.places += 1
        group = self.by_fingerprint.get(finding.fingerprint)
        if group is not None:
            group.count += 1
            last = group.last
            if last.path != path:
                group.files += 1
            group.last = Place(path, finding.line, finding.start, finding.timestamp)
        elif len(self.by_fingerprint) < MAX_GROUPS:
            place = Place(path, finding.line, finding.start, finding.timestamp)
            self.by_fingerprint[finding.fingerprint] = Group(
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
        else:
            self.beyond += 1

    def sorted(self) -> list[Group]:
        """Return the groups, the worst first, then in order of appearance."""
        return sorted(self.by_fingerprint.values(), key=Group.rank)

    def tallied(self, findings: Iterable[tuple[str, Finding]]) -> Iterator[tuple[str, Finding]]:
        """Yield the findings unchanged and count them."""
        for pair in findings:
            self.add(*pair)
            yield pair
