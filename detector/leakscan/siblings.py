"""Siblings: which name a value has when its name stands beside it and not before it.

`{"key": "token", "value": ..}`, `{"string.names": [..], "string.values": [..]}`, `["authorization", ..]`,
`["--password", ..]`. A name only matters if it is that of a secret, so all others are None here.

Not here: walking (`records`, `embedded`), what a value with a name is (`keyed`).
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final

from .keys import classify
from .values import is_identifier

if TYPE_CHECKING:
    from collections.abc import Sequence

#: The name of a value: of a secret, or None. A list for a list of values that have a name each.
Name = bytes | None
Names = Name | list[Name]

#: Members that hold the name of what the member of `VALUES` beside them holds.
NAMES: Final = frozenset({"key", "name", "k", "header", "field"})
VALUES: Final = frozenset({"value", "val", "v"})
#: Members around a value, in which it keeps its name: OTLP's AnyValue in both of its spellings.
WRAPPERS: Final = VALUES | {
    "values", "stringvalue", "string_value", "intvalue", "int_value", "arrayvalue", "array_value",
    "bytesvalue", "bytes_value",
}  # fmt: skip
_PAIR: Final = 2
#: Longer names are text.
_MAX_NAME: Final = 256


def named(name: object) -> Name:
    """Return a name as bytes if it is that of a secret."""
    if isinstance(name, str):
        return _named(name) if len(name) <= _MAX_NAME else None
    if isinstance(name, bytes) and len(name) <= _MAX_NAME:
        return name if classify(name) else None
    return None


@lru_cache(maxsize=4096)
def _named(name: str) -> Name:
    raw = name.encode("utf-8", "surrogatepass")
    return raw if classify(raw) else None


def of_members(members: Sequence[tuple[object, object]], inherited: Names) -> list[Names]:
    """Return the names of an object's values, in order; `inherited` is the name of the object itself."""
    pair: Name = inherited if isinstance(inherited, bytes) else None
    lists: dict[str, list[Name]] = {}
    for key, value in members:
        if not isinstance(key, str):
            continue
        if key.lower() in NAMES:
            pair = named(value) or pair
        elif key.lower().endswith(("names", "keys")) and isinstance(value, list | tuple):
            lists[key.lower().removesuffix("names").removesuffix("keys")] = [named(name) for name in value]
    return [_of_member(key, value, pair, lists) for key, value in members]


def _of_member(key: object, value: object, pair: Name, lists: dict[str, list[Name]]) -> Names:
    if isinstance(key, str):
        folded = key.lower()
        if folded.endswith("values") and isinstance(value, list | tuple):
            names = lists.get(folded.removesuffix("values"))
            if names is not None and len(names) == len(value):
                return names
        if folded in WRAPPERS and pair is not None:
            return pair
    return named(key)


def of_items(items: Sequence[object], inherited: Names) -> list[Names]:
    """Return the names of a list's values, in order; `inherited` is the name of the list itself."""
    if isinstance(inherited, list):
        return list(inherited)
    names: list[Names] = [inherited] * len(items)
    if len(items) == _PAIR and isinstance(items[0], str):
        if not _is_name(items[1]):  # two names are a list of names
            names[1] = named(items[0]) or names[1]
        return names
    for place, item in enumerate(items[:-1]):
        if isinstance(item, str) and item.startswith("--") and "=" not in item:
            names[place + 1] = named(item) or names[place + 1]
    return names


def _is_name(item: object) -> bool:
    return isinstance(item, str) and len(item) <= _MAX_NAME and is_identifier(item.encode("utf-8", "replace"))
