"""The access log: a line a request on stderr, without query strings, credentials or log content.

Not here: what is counted (`metrics`).
"""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING, Final, NamedTuple

from leakscan.terminal import clean

if TYPE_CHECKING:
    from leakscan.scanner import Scanner

_MAX_PATH: Final = 200


class Access(NamedTuple):
    """One request as it is logged; sizes in bytes, time in seconds."""

    method: str
    path: str
    status: int
    received: int
    sent: int
    seconds: float
    codec: str
    redacted: int


def write(access: Access, scanner: Scanner) -> None:
    """Write a line; a path may hold a token, so it is redacted as well."""
    path = clean(scanner.redact(access.path.partition("?")[0]))[:_MAX_PATH].replace(" ", "%20")
    stamp = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    sys.stderr.write(
        f"{stamp} method={clean(access.method)[:16]} path={path} status={access.status} codec={access.codec} "
        f"received={access.received} sent={access.sent} redacted={access.redacted} "
        f"ms={access.seconds * 1000:.1f}\n"
    )
