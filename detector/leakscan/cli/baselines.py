"""How a scan leaves out the secrets of a baseline, and writes a new one. Loads `leakscan.baseline` only then.

Not here: what a baseline is (`leakscan.baseline`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from leakscan.output import open_output

if TYPE_CHECKING:
    from collections.abc import Iterator

    from leakscan.finding import Finding

    from .request import Request


def known_secrets(path: str | None, key: bytes) -> frozenset[str]:
    """Return the fingerprints of a baseline, none when there is no baseline."""
    if path is None:
        return frozenset()
    from leakscan.baseline import read_baseline  # noqa: PLC0415 - seldom used

    return read_baseline(path, key)


def without_known(
    found: Iterator[tuple[str, Finding]],
    counts: dict[str, tuple[str, int]],
    known: frozenset[str],
    request: Request,
) -> Iterator[tuple[str, Finding]]:
    """Leave out what the baseline knows; count the rest when a baseline is to be written."""
    if not known and request.write_baseline is None:
        return found
    from leakscan import baseline  # noqa: PLC0415 - seldom used

    every = baseline.counted(found, counts) if request.write_baseline is not None else found
    return baseline.without_known(every, known)


def write_baseline(path: str, counts: dict[str, tuple[str, int]], key: bytes) -> None:
    """Write a baseline of the secrets that were counted."""
    from leakscan.baseline import baseline_bytes  # noqa: PLC0415 - seldom used

    with open_output(path) as out:
        out.write(baseline_bytes(counts, key))
