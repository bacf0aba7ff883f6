"""Text at the edge: `str` in, spans in characters out. Inside, everything is bytes.

Not here: finding anything.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from .finding import Finding


def encode(text: str) -> tuple[bytes, str]:
    """Return the text's UTF-8 bytes and the error handler that turns them back into the same text."""
    try:
        return text.encode("utf-8", "surrogateescape"), "surrogateescape"
    except UnicodeEncodeError:  # a lone surrogate that stands for no byte, e.g. from JSON "\ud800"
        return text.encode("utf-8", "surrogatepass"), "surrogatepass"


def character_findings(text: str, scan: Callable[[bytes], list[Finding]]) -> list[Finding]:
    """Scan text; return findings whose start, end and offset count characters."""
    data, errors = encode(text)
    findings = scan(data)
    if len(data) == len(text):
        return findings
    placed: list[Finding] = []
    position = characters = 0
    for finding in findings:
        line_start = finding.offset - finding.start
        characters += len(data[position : finding.offset].decode("utf-8", errors))
        position = finding.offset
        start = len(data[line_start : finding.offset].decode("utf-8", errors))
        secret = data[finding.offset : finding.offset + finding.end - finding.start]
        size = len(secret.decode("utf-8", errors))
        placed.append(replace(finding, start=start, end=start + size, offset=characters))
    return placed
