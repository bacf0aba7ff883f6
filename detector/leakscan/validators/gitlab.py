"""GitLab routable tokens: prefix, base64url payload, `.01.`, length, checksum.

    glpat-<payload>.01.LLCCCCCCC

`LL` is the payload's length in base36; `C` is the CRC32 of everything before it, prefix included, in
base36 padded to seven. The payload decodes to 16 or more random bytes, routing lines such as `o:1`
separated by newlines, and one byte that counts the routing text.

Source: https://handbook.gitlab.com/handbook/engineering/architecture/design-documents/cells/routable_tokens/
and the generator in GitLab's own repository (lib/authn/token_field/generator/routable_token.rb).
"""

from __future__ import annotations

import re
import zlib
from typing import Final

_SHAPE: Final = re.compile(rb"([0-9A-Za-z_\-]{16,460}\.01\.[0-9a-z]{2})([0-9a-z]{7})")


def gitlab_routable(secret: bytes) -> bool | None:
    """Check a GitLab token of the routable format; the older ones have no checksum and say nothing."""
    match = _SHAPE.fullmatch(secret)
    if match is None:
        return None
    return zlib.crc32(match[1]) == int(match[2], 36)
