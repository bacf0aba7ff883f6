"""CRC32 in hex: Cloudflare, Grafana service accounts, Atlassian, Zuplo. Eight digits end the token.

What differs is what the checksum covers and how it is written:

| token                  | covers                         | written             |
|------------------------|--------------------------------|---------------------|
| `cfk_ cfut_ cfat_`     | the 40 characters of the body  | lower hex           |
| `glsa_`                | prefix and body, 37 characters | bytes reversed, hex |
| `ATATT3x ATCTT3x`      | all before it, prefix and `=`  | upper hex           |
| `zpka_`                | the 32 characters of the body  | lower hex           |

Sources: https://developers.cloudflare.com/fundamentals/api/get-started/token-formats/,
https://grafana.com/docs/grafana/latest/administration/service-accounts/, https://zuplo.com/blog/api-key-authentication;
what each covers was reproduced on samples.
"""

from __future__ import annotations

import re
import zlib
from typing import Final

_CLOUDFLARE: Final = re.compile(rb"cf(?:k|ut|at)_([0-9A-Za-z]{40})([0-9a-f]{8})")
_GRAFANA: Final = re.compile(rb"(glsa_[0-9A-Za-z]{32})_([0-9A-Fa-f]{8})")
_ATLASSIAN: Final = re.compile(rb"(AT[AC]TT3x[0-9A-Za-z_\-]{32,512}=)([0-9A-Fa-f]{8})")
_ZUPLO: Final = re.compile(rb"zpka_([0-9a-z]{32})_([0-9a-f]{8})")


def cloudflare(secret: bytes) -> bool | None:
    """Check a Cloudflare key or token: `cfk_`, `cfut_` or `cfat_`, 40 characters, checksum."""
    match = _CLOUDFLARE.fullmatch(secret)
    return zlib.crc32(match[1]) == int(match[2], 16) if match else None


def grafana_glsa(secret: bytes) -> bool | None:
    """Check a Grafana service account token: `glsa_`, 32 characters, `_`, checksum."""
    match = _GRAFANA.fullmatch(secret)
    return zlib.crc32(match[1]).to_bytes(4, "little").hex() == match[2].lower().decode() if match else None


def atlassian(secret: bytes) -> bool | None:
    """Check an Atlassian API token: `ATATT3x` or `ATCTT3x`, body, `=`, checksum."""
    match = _ATLASSIAN.fullmatch(secret)
    return zlib.crc32(match[1]) == int(match[2], 16) if match else None


def zuplo(secret: bytes) -> bool | None:
    """Check a Zuplo consumer key: `zpka_`, 32 characters, `_`, checksum."""
    match = _ZUPLO.fullmatch(secret)
    return zlib.crc32(match[1]) == int(match[2], 16) if match else None
