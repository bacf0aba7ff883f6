"""OTLP messages with strings as records: decoded to dicts, and written again where a value changed.

Decoding and encoding walk the same bytes in the same order, so nothing is kept between them but the
record before and after. Field numbers from opentelemetry-proto (common/v1).

Not here: which messages there are (`otlp_protobuf`).
"""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING, Any, Final

from . import opaque, wire

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .redaction import Redaction, Tally


class Kind(enum.Enum):
    """What a field of a message holds."""

    STRING = enum.auto()
    RAW = enum.auto()  # ids: bytes that are no text
    ANY = enum.auto()
    ATTRIBUTES = enum.auto()  # repeated KeyValue
    BYTES = enum.auto()


#: Field number -> the name it has in a record, and its kind; a message in a message is a schema.
Schema = dict[int, tuple[str, "Kind | Schema"]]

#: AnyValues in AnyValues. Records are walked to 64, and each level here makes one there, or two.
MAX_DEPTH: Final = 60
_STRING, _BOOL, _INT, _DOUBLE, _ARRAY, _KVLIST, _BYTES = range(1, 8)
_KEY, _VALUE = 1, 2


class TooDeepError(Exception):
    """Values are nested deeper than is walked."""


def decode(data: bytes, start: int, end: int, schema: Schema, depth: int = 0) -> dict[str, Any]:
    """Return the message in a region as a record.

    Raises:
        MalformedError: it is no protobuf.
        TooDeepError: it is nested too deep.

    """
    record: dict[str, Any] = {}
    for item, name, kind in _known(data, start, end, schema):
        if kind is Kind.STRING:
            record[name] = _text(data, item)
        elif kind is Kind.ANY:
            record[name] = _any(data, item, depth + 1)
        elif kind is Kind.ATTRIBUTES:
            record.setdefault(name, []).append(_pair(data, item, depth + 1))
        elif isinstance(kind, dict):
            record.setdefault(name, []).append(decode(data, item.body, item.end, kind, depth + 1))
    for name, kind in schema.values():
        if kind is Kind.ATTRIBUTES and name in record:
            record[name] = _members(record[name])
    return record


def encode(
    data: bytes,
    start: int,
    end: int,
    schema: Schema,
    old: dict[str, Any],
    new: Any,
    redaction: Redaction,
    tally: Tally,
) -> bytes | None:
    """Return the message with the values that differ between two records; None if nothing changed.

    Fields that the schema does not know are scanned as text here.
    """
    if not isinstance(new, dict):  # the whole record was masked: its parts say so
        new = {name: _all(value, new) for name, value in old.items()}
    pairs = {
        name: iter(_flat(new[name], old[name]))
        for name, kind in schema.values()
        if kind is Kind.ATTRIBUTES and name in old
    }
    inner = {
        name: iter(zip(old[name], _listed(new[name], old[name]), strict=True))
        for name, kind in schema.values()
        if isinstance(kind, dict) and name in old
    }

    def change(item: wire.Field) -> bytes | None:
        known = schema.get(item.number)
        if item.kind != wire.LEN:
            return None
        if known is None:
            text = data[item.body : item.end]
            put = opaque.rewrite(text, redaction, tally)
            return None if put is text else wire.again(data, item, put)
        name, kind = known
        if kind is Kind.STRING:
            return None if new[name] is old[name] else wire.again(data, item, _bytes(new[name]))
        if kind is Kind.ANY:
            changed = _any_again(data, item, old[name], new[name])
        elif kind is Kind.ATTRIBUTES:
            (key, value), (new_key, new_value) = next(pairs[name])
            changed = _pair_again(data, item, (key, value), (new_key, new_value))
        elif isinstance(kind, dict):
            before, after = next(inner[name])
            changed = encode(data, item.body, item.end, kind, before, after, redaction, tally)
        else:
            return None
        return None if changed is None else wire.again(data, item, changed)

    return wire.rewritten(data, start, end, change)


def _known(data: bytes, start: int, end: int, schema: Schema) -> Iterator[tuple[wire.Field, str, Any]]:
    for item in wire.fields(data, start, end):
        known = schema.get(item.number)
        if known is not None and item.kind == wire.LEN:
            yield item, *known


def _any(data: bytes, item: wire.Field, depth: int) -> Any:
    if depth > MAX_DEPTH:
        raise TooDeepError
    value: Any = None
    for inner in wire.fields(data, item.body, item.end):
        if inner.kind == wire.VARINT and inner.number == _INT:
            value = wire.varint(data, inner.body, inner.end)[0]
        elif inner.kind != wire.LEN:
            continue
        elif inner.number == _STRING:
            value = _text(data, inner)
        elif inner.number == _BYTES:
            value = data[inner.body : inner.end]
        elif inner.number == _ARRAY:
            value = [_any(data, element, depth + 1) for element in _first(data, inner)]
        elif inner.number == _KVLIST:
            value = _members([_pair(data, pair, depth + 1) for pair in _first(data, inner)])
    return value


def _any_again(data: bytes, item: wire.Field, old: Any, new: Any) -> bytes | None:
    """Return an AnyValue with what changed; a value that became another kind becomes a string."""
    if new is old:
        return None
    if isinstance(new, str):
        return wire.field(_STRING, _bytes(new))
    if isinstance(new, bytes):
        return wire.field(_BYTES, new)

    def change(inner: wire.Field) -> bytes | None:
        if inner.kind != wire.LEN:
            return None
        if inner.number == _ARRAY and isinstance(new, list):
            values = iter(zip(old, new, strict=True))
            changed = wire.rewritten(
                data, inner.body, inner.end, lambda element: _element(data, element, values)
            )
        elif inner.number == _KVLIST:
            pairs = iter(_flat(new, old))
            changed = wire.rewritten(data, inner.body, inner.end, lambda pair: _pair_of(data, pair, pairs))
        else:
            return None
        return None if changed is None else wire.again(data, inner, changed)

    return wire.rewritten(data, item.body, item.end, change)


def _element(data: bytes, item: wire.Field, values: Iterator[tuple[Any, Any]]) -> bytes | None:
    if item.number != 1 or item.kind != wire.LEN:
        return None
    changed = _any_again(data, item, *next(values))
    return None if changed is None else wire.again(data, item, changed)


def _pair_of(data: bytes, item: wire.Field, pairs: Iterator[tuple[Any, Any]]) -> bytes | None:
    if item.number != 1 or item.kind != wire.LEN:
        return None
    changed = _pair_again(data, item, *next(pairs))
    return None if changed is None else wire.again(data, item, changed)


def _pair(data: bytes, item: wire.Field, depth: int) -> tuple[str, Any]:
    key, value = "", None
    for inner in wire.fields(data, item.body, item.end):
        if inner.kind == wire.LEN and inner.number == _KEY:
            key = _text(data, inner)
        elif inner.kind == wire.LEN and inner.number == _VALUE:
            value = _any(data, inner, depth)
    return key, value


def _pair_again(data: bytes, item: wire.Field, old: tuple[str, Any], new: tuple[str, Any]) -> bytes | None:
    def change(inner: wire.Field) -> bytes | None:
        if inner.kind != wire.LEN:
            return None
        if inner.number == _KEY and new[0] is not old[0]:
            return wire.again(data, inner, _bytes(new[0]))
        if inner.number == _VALUE:
            changed = _any_again(data, inner, old[1], new[1])
            return None if changed is None else wire.again(data, inner, changed)
        return None

    return wire.rewritten(data, item.body, item.end, change)


def _first(data: bytes, item: wire.Field) -> Iterator[wire.Field]:
    """Give the fields 1 of a message: the values of a list."""
    return (f for f in wire.fields(data, item.body, item.end) if f.number == 1 and f.kind == wire.LEN)


def _members(pairs: list[tuple[str, Any]]) -> Any:
    """Return pairs as a dict, or, when a key is there twice, as dicts of one member each."""
    members = dict(pairs)
    return members if len(members) == len(pairs) else [{key: value} for key, value in pairs]


def _flat(new: Any, old: Any) -> list[tuple[tuple[str, Any], tuple[str, Any]]]:
    """Return the pairs of `_members` before and after; what was masked whole is in every value."""
    if isinstance(old, dict):
        before = list(old.items())
        after = (
            list(new.items()) if isinstance(new, dict) else [(key, _all(value, new)) for key, value in before]
        )
        return list(zip(before, after, strict=True))
    items = new if isinstance(new, list) else [new] * len(old)
    return [pair for was, now in zip(old, items, strict=True) for pair in _flat(now, was)]


def _listed(new: Any, old: list[Any]) -> list[Any]:
    return new if isinstance(new, list) else [new] * len(old)


def _all(value: Any, label: Any) -> Any:
    """Return what stands for a value in something that was masked whole."""
    return value if value is None else label


def _text(data: bytes, item: wire.Field) -> str:
    return data[item.body : item.end].decode("utf-8", "surrogateescape")


def _bytes(text: Any) -> bytes:
    return str(text).encode("utf-8", "surrogateescape")
