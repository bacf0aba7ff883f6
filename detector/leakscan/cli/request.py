"""What `leakscan scan` was asked for, and what follows from it alone.

Not here: the options (`scan`, `options`), the work (`scan`, `follow`).
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import BinaryIO

from leakscan.recipe import ScannerOptions, fingerprint_key
from leakscan.terminal import wants_colour


@dataclass(frozen=True, slots=True, kw_only=True)
class Request(ScannerOptions):
    """The options as given."""

    paths: tuple[str, ...]
    format: str
    output: str | None
    baseline: str | None
    write_baseline: str | None
    jobs: int
    exit_code: int
    max_per_secret: int | None
    since: float | None
    until: float | None
    follow: bool
    lines: str
    color: str


def scan_key(request: Request) -> tuple[bytes, str | None]:
    """Return the key of the fingerprints, and a note for the user or None; see `fingerprint_key`."""
    compared = request.baseline is not None or request.write_baseline is not None
    compared = compared or any(entry.fingerprints for entry in request.config.allow)
    return fingerprint_key(request.key_file, kept=request.format != "text", compared=compared)


def colour(request: Request, out: BinaryIO) -> bool:
    """Tell whether text on this output is to be coloured."""
    return wants_colour(request.color, out if request.output is None else None, os.environ)
