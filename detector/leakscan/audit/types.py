"""Types of columns: which hold text, which tell the time, and how one would be written over.

Not here: which columns there are (`catalog`).

>>> [holds_text(t) for t in ("LowCardinality(Nullable(String))", "Map(String, UInt8)", "Enum8('String' = 1)")]
[True, True, False]
"""

from __future__ import annotations

import re
from typing import Final

from .sql import quoted

#: What a column's text becomes when it is written over.
REMOVED: Final = "[REMOVED]"

_QUOTED: Final = re.compile(r"'(?:[^'\\]|\\.|'')*'")
_TEXT: Final = re.compile(r"\b(?:String|FixedString|JSON|Object|Dynamic|Variant)\b")
#: A state of an aggregation is bytes of the server's own; the simple kind is a plain value.
_STATE: Final = re.compile(r"\bAggregateFunction\(")
_INTEGER: Final = re.compile(r"(?:Nullable\()?U?Int(?:8|16|32|64|128|256)\)?")
_TIME: Final = re.compile(r"(?:LowCardinality\()?(?:Nullable\()?DateTime(64)?\b")
_WRAPPER: Final = re.compile(r"(?:LowCardinality|Nullable)\((.*)\)")
_NUMBER: Final = re.compile(r"-?[0-9]+(?:\.[0-9]+)?")
#: Types whose values are written with a function of the same name.
_PARSED: Final = frozenset({"Date", "Date32", "UUID", "IPv4", "IPv6"})
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


def literal(kind: str, text: str) -> str | None:
    """Return a value as SQL for comparing with a column of this type, None if no text says it exactly.

    Times are given in UTC, whatever the zone of the column.
    """
    bare = kind
    while wrapped := _WRAPPER.fullmatch(bare):
        bare = wrapped[1]
    if is_precise(bare):
        return f"toDateTime64({quoted(text)}, {len(text.partition('.')[2])}, 'UTC')"
    if is_time(bare):
        return f"toDateTime({quoted(text)}, 'UTC')"
    if bare.startswith("Float"):
        return None
    if is_integer(bare) or bare.startswith("Decimal"):
        return text if _NUMBER.fullmatch(text) else None
    if bare in _PARSED:
        return f"to{bare}({quoted(text)})"
    return quoted(text)


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
