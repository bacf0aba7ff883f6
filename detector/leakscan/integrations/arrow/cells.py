"""Arrow's cells as the values of records, and back: text as `str`, lists, structs and maps as in JSON.

Not here: which cells (`selection`), what is done to the values (`leakscan.walk`).
"""

from __future__ import annotations

import sys
from array import array as numbers
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import types

from leakscan.errors import LeakscanError
from leakscan.siblings import named

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

_TEXT: Final = (types.is_string, types.is_large_string, types.is_string_view)
_BYTES: Final = (types.is_binary, types.is_large_binary, types.is_binary_view)
_LISTS: Final = (types.is_list, types.is_large_list, types.is_fixed_size_list)
#: Python has no value for some of their values, such as nanoseconds: they are carried as numbers.
_INSTANTS: Final = (types.is_timestamp, types.is_time, types.is_duration)


class ColumnError(LeakscanError):
    """A column cannot be read: there is none of this name, or its type is not known here."""


@dataclass(frozen=True, slots=True)
class Opaque:
    """A value that is carried along without being looked at."""

    value: Any = field(repr=False)


def holds_text(kind: pa.DataType, *, is_binary: bool, is_secret: bool = False) -> bool:
    """Tell whether a type holds text, or bytes if they count, or a number where the name is of a secret.

    Raises:
        ColumnError: it does, in a way that is not read here.

    """
    if _is(kind, _TEXT):
        return True
    if _is(kind, _BYTES):
        return is_binary
    if types.is_integer(kind):
        return is_secret
    if isinstance(kind, pa.BaseExtensionType):
        return holds_text(kind.storage_type, is_binary=is_binary, is_secret=is_secret)
    if types.is_dictionary(kind) or types.is_run_end_encoded(kind):
        inside = holds_text(kind.value_type, is_binary=is_binary, is_secret=is_secret)
    else:
        inside = False
        for one in (kind.field(place) for place in range(kind.num_fields)):
            is_named = is_secret or named(one.name) is not None
            # all of them are asked, since each may be of a type that is not read
            inside = holds_text(one.type, is_binary=is_binary, is_secret=is_named) or inside
    if inside and not (_is(kind, _LISTS) or _is(kind, (types.is_dictionary, types.is_struct, types.is_map))):
        raise ColumnError(f"columns of type {kind} are not read: cast to a plain type")
    return inside


def text_columns(schema: pa.Schema) -> list[str]:
    """Return the names of the columns that hold text or bytes, each once.

    Raises:
        ColumnError: one does, in a way that is not read here; names it.

    """
    found: dict[str, None] = {}
    for one in schema:
        try:
            if holds_text(one.type, is_binary=True, is_secret=named(one.name) is not None):
                found[one.name] = None
        except ColumnError as error:
            raise ColumnError(f"column {one.name!r}: {error}") from None
    return list(found)


def working(kind: pa.DataType) -> pa.DataType:
    """Return the type in which values are taken out and put back: bytes for text, no dictionaries."""
    if _is(kind, _TEXT + _BYTES):
        return pa.large_binary()
    if _is(kind, _INSTANTS):
        return pa.int32() if types.is_time32(kind) else pa.int64()
    if isinstance(kind, pa.BaseExtensionType):
        return working(kind.storage_type)
    if types.is_dictionary(kind):
        return working(kind.value_type)
    if types.is_large_list(kind):
        return pa.large_list(_working(kind.value_field))
    if _is(kind, _LISTS):
        return pa.list_(_working(kind.value_field))
    if types.is_struct(kind):
        return pa.struct([_working(one) for one in kind])
    if types.is_map(kind):
        return pa.map_(_working(kind.key_field), _working(kind.item_field))
    return kind


def stored(column: pa.Array) -> pa.Array:
    """Return a column so that rows can be taken out of it."""
    inside = column.storage if isinstance(column, pa.ExtensionArray) else column
    # Arrow's `take` knows no views
    return inside.cast(working(column.type)) if "_view" in str(inside.type) else inside


def taken(cells: pa.Array, kind: pa.DataType, rows: pa.Array, *, is_binary: bool) -> list[Any]:
    """Return the values of rows of a stored column whose type is `kind`."""
    values = cells.take(rows).cast(working(kind)).to_pylist()
    return [_plain(value, kind, is_binary=is_binary) for value in values]


def replaced(column: pa.Array, changes: Mapping[int, Any]) -> pa.Array:
    """Return a column with other values in some rows; nothing of the old ones is left in its buffers.

    Raises:
        ColumnError: it would be too large for its type.

    """
    kind = column.type
    new = pa.array([_typed(value, kind) for value in changes.values()], working(kind))
    places = numbers("q", range(len(column)))
    for place, row in enumerate(changes, len(column)):
        places[row] = place
    order = pa.Array.from_buffers(pa.int64(), len(places), [None, pa.py_buffer(places)])
    made = pa.concat_arrays([stored(column).cast(working(kind)), new]).take(order)
    try:
        if isinstance(kind, pa.BaseExtensionType):
            return pa.ExtensionArray.from_storage(kind, made.cast(kind.storage_type, safe=False))
        # not safe only for text that is no UTF-8, which stays as it is
        return made.cast(kind, safe=False)
    except pa.ArrowInvalid:
        reason = f"a column of type {kind} has no room for its labels: give smaller batches or a larger type"
        raise ColumnError(reason) from None


def dictionaries(column: pa.Array) -> Iterator[pa.Array]:
    """Give the dictionaries in a column, at any depth."""
    kind = column.type
    if isinstance(column, pa.ExtensionArray):
        yield from dictionaries(column.storage)
    elif types.is_dictionary(kind):
        yield column.dictionary
    elif types.is_struct(kind):
        for place in range(kind.num_fields):
            yield from dictionaries(column.field(place))
    elif types.is_map(kind):
        yield from dictionaries(column.keys)
        yield from dictionaries(column.items)
    elif _is(kind, _LISTS):
        yield from dictionaries(column.values)


def has_bytes_behind_nulls(column: pa.Array) -> bool:
    """Tell whether a column of text or bytes holds more than its valid cells show."""
    kind = column.type
    if not column.null_count or not _is(kind, (*_TEXT[:2], *_BYTES[:2])):
        return False
    size = 8 if types.is_large_string(kind) or types.is_large_binary(kind) else 4
    raw = memoryview(column.buffers()[1]).cast("B")
    ends = (raw[place * size : (place + 1) * size] for place in (column.offset, column.offset + len(column)))
    first, last = (int.from_bytes(end, sys.byteorder) for end in ends)
    shown = pc.sum(pc.binary_length(column)).as_py() or 0
    return last - first != shown


def _working(one: pa.Field) -> pa.Field:
    return one.with_type(working(one.type))


def _plain(value: Any, kind: pa.DataType, *, is_binary: bool) -> Any:
    """Return a value of the working type as the value of a record."""
    if value is None:
        return None
    if _is(kind, _TEXT):
        return value.decode("utf-8", "surrogateescape")
    if _is(kind, _BYTES):
        return value if is_binary else Opaque(value)
    if _is(kind, _INSTANTS):
        return Opaque(value)
    if isinstance(kind, pa.BaseExtensionType):
        return _plain(value, kind.storage_type, is_binary=is_binary)
    if types.is_dictionary(kind):
        return _plain(value, kind.value_type, is_binary=is_binary)
    if _is(kind, _LISTS):
        return [_plain(item, kind.value_type, is_binary=is_binary) for item in value]
    if types.is_struct(kind):
        return {one.name: _plain(value[one.name], one.type, is_binary=is_binary) for one in kind}
    if types.is_map(kind):
        keys = [_plain(key, kind.key_type, is_binary=is_binary) for key, _ in value]
        items = [_plain(item, kind.item_type, is_binary=is_binary) for _, item in value]
        pairs = list(zip(keys, items, strict=True))
        names = {key for key, _ in pairs if isinstance(key, str)}
        if len(names) == len(pairs):
            return dict(pairs)
        return [{"key": key, "value": item} for key, item in pairs]
    return value


def _typed(value: Any, kind: pa.DataType) -> Any:
    """Return the value of a record as one of the working type.

    The label of what could not be scanned has no place but in text: elsewhere it is null, and 0 among
    numbers, as is the label of a secret number.
    """
    if value is None:
        return None
    if isinstance(value, Opaque):
        return value.value
    if _is(kind, _TEXT + _BYTES):
        return value.encode("utf-8", "surrogateescape") if isinstance(value, str) else value
    if isinstance(kind, pa.BaseExtensionType):
        return _typed(value, kind.storage_type)
    if types.is_dictionary(kind):
        return _typed(value, kind.value_type)
    if _is(kind, _LISTS):
        return [_typed(item, kind.value_type) for item in value] if isinstance(value, list) else None
    if types.is_struct(kind):
        if not isinstance(value, dict):
            return None
        # by position: a field's name may have been taken for a secret
        return {one.name: _typed(item, one.type) for one, item in zip(kind, value.values(), strict=True)}
    if types.is_map(kind):
        if isinstance(value, dict):
            pairs = list(value.items())
        elif isinstance(value, list):
            pairs = [tuple(item.values()) for item in value if isinstance(item, dict)]
        else:
            return None
        return [(_typed(key, kind.key_type), _typed(item, kind.item_type)) for key, item in pairs]
    if isinstance(value, str):
        return 0 if types.is_integer(kind) else None
    return value


def _is(kind: pa.DataType, tests: Sequence[Any]) -> bool:
    return any(test(kind) for test in tests)
