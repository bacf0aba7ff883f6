r"""What may reach a terminal: text from logs and file names without anything that could steer it.

Escape sequences recolour, move the cursor, set the clipboard; bidi controls make text read other
than it is. They are shown as escapes instead. Not here: escaping for JSON, CSV or HTML (`report`).

>>> clean("evil\x1b[2Jname\u202e.log")
'evil\\x1b[2Jname\\u202e.log'
"""

from __future__ import annotations

import re
import sys
from typing import IO, TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

#: C0, DEL and C1 controls; zero-width and bidi controls; line and paragraph separators; byte-order
#: mark; surrogates (undecodable bytes of file names); tag characters.
_UNSAFE: Final = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff"
    "\ud800-\udfff\ufff9-\ufffb\U000e0000-\U000e007f]"
)


def clean(text: str) -> str:
    r"""Return the text with every unsafe character written as `\xNN`, `\uNNNN` or `\UNNNNNNNN`."""
    if text.isascii() and text.isprintable():
        return text
    return _UNSAFE.sub(_escape, text)


def _escape(found: re.Match[str]) -> str:
    code = ord(found[0])
    if 0xDC80 <= code <= 0xDCFF:  # noqa: PLR2004 - surrogateescape: the raw byte is the low half
        code -= 0xDC00
    if code < 0x100:  # noqa: PLR2004 - one byte
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"  # noqa: PLR2004 - the BMP ends there


def plain_path(path: str) -> str:
    r"""Return a file name that can be encoded as UTF-8: undecodable bytes become `\xNN`."""
    if path.isascii():
        return path
    return path.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def wants_colour(choice: str, stream: IO[bytes] | None, environment: Mapping[str, str]) -> bool:
    """Decide on colour: `choice` is auto, always or never; auto asks the environment and the stream.

    `NO_COLOR` and `FORCE_COLOR` count when they are set and not empty (no-color.org); the former wins.
    """
    if choice != "auto":
        return choice == "always"
    if environment.get("NO_COLOR"):
        return False
    if environment.get("FORCE_COLOR"):
        return True
    return stream is not None and stream.isatty() and environment.get("TERM") != "dumb"


def say(message: str) -> None:
    """Write one line `leakscan: message` to stderr. A closed stderr loses it: there is no place left."""
    try:
        sys.stderr.write(f"leakscan: {clean(message)}\n")
        sys.stderr.flush()
    except (OSError, ValueError, AttributeError):
        return
