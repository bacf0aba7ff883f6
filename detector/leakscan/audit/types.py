"""Types of columns: which hold text, which tell the time, and how one would be written over.

Not here: which columns there are (`catalog`).

>>> [holds_text(t) for t in ("LowCardinality(Nullable(String))", "Map(String, UInt8)", "Enum8('String' = 1)")]
[True, True, False]
"""

from __future__ import annotations

import re
from typing import Final

#: What a column's text becomes when it is written over.
REMOVED: Final = "[REMOVED]"

_QUOTED: Final = re.compile(r"'(?:[^'\\]|\\.|'')*'")
_TEXT: Final = re.compile(r"\b(?:String|FixedString|JSON|Object|Dynamic|Variant)\b")
#: A state of an aggregation is bytes of the server's own; the simple kind is a plain value.
_STATE: Final = re.compile(r"\bAggregateFunction\(")
_INTEGER: Final = re.compile(r"(?:Nullable\()?U?Int(?:8|16|32|64|128|256)\)?")
_TIME: Final = re.compile(r"(?:LowCardinality\()?(?:Nullable\()?DateTime(64)?\b")
_PLAIN: Final = re.compile(r"(?:LowCardinality\()?(?:Nullable\()?String\)*")
_FIXED: Final = re.compile(r"(?:Nullable\()?FixedString\((\d+)\)\)?")
_LIST: Final = re.compile(r"Array\((?:LowCardinality\()?(?:Nullable\()?String\)*")
_MAP: Final = re.compile(
    r"Map\((?:LowCardinality\()?(?:Fixed)?String[^,]*, ?(?:LowCardinality\()?(?:Nullable\()?String\)*"
)


def holds_text(kind: str) -> bool:
    """Tell whether values of a type hold text that somebody wrote; the names of an enumeration do not."""
    bare = _QUOTED.sub("''", kind)
    return _TEXT.search(bare) is not None and _STATE.search(bare) is None


def is_plain(kind: str) -> bool:
    """Tell whether a type is text and nothing around it."""
    return _PLAIN.fullmatch(kind) is not None


def is_fixed(kind: str) -> bool:
    """Tell whether a type is text of a fixed size."""
    return _FIXED.fullmatch(kind) is not None


def is_integer(kind: str) -> bool:
    """Tell whether a type is a whole number."""
    return _INTEGER.fullmatch(kind) is not None


def is_time(kind: str) -> bool:
    """Tell whether a type is a date with a time of day."""
    return _TIME.match(kind) is not None


def is_precise(kind: str) -> bool:
    """Tell whether a time has fractions of a second."""
    match = _TIME.match(kind)
    return match is not None and match[1] is not None


def overwritten(kind: str, column: str) -> str | None:
    """Return an expression without the text of a column (quoted name); None if only its row can go."""
    if _PLAIN.fullmatch(kind):
        return f"'{REMOVED}'"
    if fixed := _FIXED.fullmatch(kind):
        return f"toFixedString('', {fixed[1]})"
    if _LIST.fullmatch(kind):
        return f"arrayMap(x -> '{REMOVED}', {column})"
    if _MAP.fullmatch(kind):
        return f"mapApply((k, v) -> (k, '{REMOVED}'), {column})"
    return None
