"""Times a library on single records; runs inside that library's own environment.

    python per_record.py LIBRARY FILE

FILE holds one record a line. Prints JSON: records, mean seconds of one, how many were changed or had a
finding. Each record is given once, so no cache of results helps; the first 200 warm up before.

Not here: comparing libraries (`records`). Imports nothing of the project but leakscan, and that only when
it is measured.
"""

# ruff: noqa: PLC0415 - each library is imported only in its own environment

from __future__ import annotations

import json
import logging
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

#: One record in so many comes before the clock starts: what is compiled on first use is start-up.
_WARM_UP = 10


def _leakscan(engine: str = "auto") -> Callable[[str], bool]:
    from leakscan import Scanner

    redact = Scanner(engine=engine).redact
    return lambda text: redact(text) is not text


def _leakscan_bytes() -> Callable[[bytes], bool]:
    from leakscan import Scanner

    redact = Scanner().redact
    return lambda text: redact(text) is not text


def _kingfisher() -> Callable[[str], bool]:
    import kingfisher_sdk

    scan = kingfisher_sdk.Scanner().scan
    return lambda text: any(finding.visible for finding in scan(text))


def _redact_secret() -> Callable[[str], bool]:
    import redact_secret

    redact = redact_secret.scan_and_redact
    return lambda text: redact(text).text != text


def _scrubbers() -> Callable[[str], bool]:
    import scrubbers

    scrub = scrubbers.scrub_text
    return lambda text: scrub(text) != text


def _maskerlogger() -> Callable[[str], bool]:
    from maskerlogger import MaskerFormatter

    formatter = MaskerFormatter("%(message)s")
    # the record's arguments stay empty, so a percent sign is text
    return lambda text: formatter.format(logging.LogRecord("x", 20, "x", 1, text, None, None)) != text


class _Null:
    """A stream that keeps only the number of labels written."""

    def __init__(self) -> None:
        self.labels = 0

    def write(self, text: str) -> None:
        """Take text."""
        self.labels += "[REDACTED:" in text

    def flush(self) -> None:
        """Do nothing."""


def _logger(*filters: Any) -> Callable[[str], bool]:
    stream = _Null()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s %(message)s"))
    for item in filters:
        handler.addFilter(item)
    logger = logging.getLogger("benchmark")
    logger.propagate = False
    logger.setLevel(logging.INFO)
    logger.handlers[:] = [handler]

    def log(text: str) -> bool:
        before = stream.labels
        logger.info("%s", text)
        return stream.labels > before

    return log


def _filtered_logger() -> Callable[[str], bool]:
    from leakscan import Scanner
    from leakscan.integrations.logging import RedactFilter

    return _logger(RedactFilter(Scanner()))


LIBRARIES: dict[str, Callable[[], Callable[[Any], bool]]] = {
    "leakscan": _leakscan,
    "leakscan bytes": _leakscan_bytes,
    "leakscan ahocorasick": lambda: _leakscan("ahocorasick"),
    "kingfisher-sdk": _kingfisher,
    "redact-secret": _redact_secret,
    "scrubbers": _scrubbers,
    "maskerlogger": _maskerlogger,
    "logging bare": _logger,
    "logging filter": _filtered_logger,
}


def main(library: str, file: Path) -> None:
    """Time one library and print the result."""
    lines: list[Any] = file.read_bytes().splitlines()
    if library != "leakscan bytes":
        lines = [line.decode() for line in lines]
    process = LIBRARIES[library]()
    first = len(lines) // _WARM_UP
    for line in lines[:first]:
        process(line)
    lines = lines[first:]
    found = 0
    started = time.perf_counter()
    for line in lines:
        found += process(line)
    seconds = time.perf_counter() - started
    print(json.dumps({"records": len(lines), "seconds": seconds / len(lines), "found": found}))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
