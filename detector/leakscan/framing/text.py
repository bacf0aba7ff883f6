"""Lines of text: the framing that the core itself has."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from leakscan.redact import Failure, Redactor, Style
    from leakscan.scanner import Scanner


def redactor(scanner: Scanner, style: Style, on_failure: Failure) -> Redactor:
    """Return a redactor of text lines."""
    return scanner.redactor(style, on_failure)
