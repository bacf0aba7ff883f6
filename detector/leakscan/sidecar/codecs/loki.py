"""Loki push: PushRequest in protobuf inside a snappy block, or JSON.

From Loki's `push.proto`: streams=1 {labels=1, entries=2 {timestamp=1, line=2, structuredMetadata=3
{name=1, value=2}}, hash=3}. JSON: `{"streams":[{"stream":{},"values":[["ns","line",{}]]}]}`.

Not here: what makes a label a secret (`records`).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

import cramjam

from leakscan.redact import unscanned_label

from . import opaque, wire
from .jsondoc import label_for, redact_document, redact_text
from .jsonspans import ANY, ITEM
from .redaction import MalformedError
from .straddle import taken_out

if TYPE_CHECKING:
    from leakscan.framing.jsontext import Path

    from .redaction import Redaction, Tally

_PATHS: Final[tuple[Path, ...]] = ((ANY, "streams", ANY, "values", ITEM),)
_ENTRY: Final = re.compile(rb'\[\s*+"[0-9]{16,20}"')
_STREAMS, _LABELS, _ENTRIES = 1, 1, 2
_LINE, _METADATA, _PARSED = 2, 3, 4
_NAME, _VALUE = 1, 2


def rewrite(body: bytes, redaction: Redaction, tally: Tally) -> bytes:
    """Return a snappy block without the secrets in it; the same object if it has none.

    The caller bounds the decompressed size (`compression.snappy_size`).

    Raises:
        MalformedError: it is no snappy block, or no protobuf in it.
        UnscannableError: a part could not be scanned and the policy is to block.

    """
    try:
        message = bytes(cramjam.snappy.decompress_raw(body))
    except cramjam.DecompressionError:
        raise MalformedError("snappy: damaged block") from None
    changed = rewrite_message(message, redaction, tally)
    return body if changed is message else bytes(cramjam.snappy.compress_raw(changed))


def masked(body: bytes, reason: str) -> bytes:
    """Return a block with one entry that says that this one could not be scanned."""
    entry = wire.field(1, b"") + wire.field(_LINE, unscanned_label(reason, len(body)))
    stream = wire.field(_LABELS, b'{leakscan="unscanned"}') + wire.field(_ENTRIES, entry)
    return bytes(cramjam.snappy.compress_raw(wire.field(_STREAMS, stream)))


def rewrite_json(body: bytes, redaction: Redaction, tally: Tally) -> bytes:
    """Return a JSON push without its secrets; the same object if it has none.

    Raises:
        UnscannableError: a part could not be scanned and the policy is to block.

    """
    tally.records += sum(1 for _ in _ENTRY.finditer(body))
    return redact_document(body, _PATHS, redaction, tally)


def masked_json(body: bytes, reason: str) -> bytes:
    """Return a push with one entry that says that this one could not be scanned."""
    label = label_for(b'"' + body[1:], reason)
    return b'{"streams":[{"stream":{"leakscan":"unscanned"},"values":[["0",%b]]}]}' % label


def rewrite_message(message: bytes, redaction: Redaction, tally: Tally) -> bytes:
    """Return a PushRequest without its secrets; the same object if it has none."""
    if not redaction.selects(message, is_protobuf=True):
        tally.records += _count(message)
        return message
    changed = wire.rewritten(
        message, 0, len(message), lambda item: _in_request(message, item, redaction, tally)
    )
    return message if changed is None else changed


def _in_request(data: bytes, item: wire.Field, redaction: Redaction, tally: Tally) -> bytes | None:
    if item.kind != wire.LEN:
        return None
    if item.number != _STREAMS:
        return _unknown(data, item, redaction, tally)
    lines = [_line_of(data, entry) for entry in _entries(data, item)]
    without_keys = iter(taken_out(lines, redaction, tally) or ())

    def change(inner: wire.Field) -> bytes | None:
        if inner.kind != wire.LEN:
            return None
        if inner.number == _LABELS:
            text = data[inner.body : inner.end]
            put = redact_text(text, redaction, tally)
            return None if put is text else wire.again(data, inner, put)
        if inner.number == _ENTRIES:
            tally.records += 1
            return _entry(data, inner, redaction, tally, next(without_keys, None))
        return _unknown(data, inner, redaction, tally)

    changed = wire.rewritten(data, item.body, item.end, change)
    return None if changed is None else wire.again(data, item, changed)


def _entry(
    data: bytes, item: wire.Field, redaction: Redaction, tally: Tally, line: bytes | None
) -> bytes | None:
    """Return an entry without its secrets; `line` is its line without a key that straddles entries."""
    old = _line_of(data, item)
    line = old if line is None else line
    if line == old and not redaction.selects(data, item.body, item.end, is_protobuf=True):
        return None
    pairs = [_pair(data, pair) for pair in wire.fields(data, item.body, item.end) if _is_pair(pair)]
    record: dict[str, Any] = {"line": _text(line)}
    for name, value in pairs:
        # a name that is there twice keeps its meaning under another key
        record.setdefault("metadata", []).append({name: value})
    redacted = redaction.record(record, tally)
    if not isinstance(redacted, dict):
        redacted = {"line": redacted, "metadata": [{name: redacted} for name, _ in pairs]}
    members = iter(redacted.get("metadata", []))

    def change(inner: wire.Field) -> bytes | None:
        if inner.kind != wire.LEN:
            return None
        if inner.number == _LINE:
            put = str(redacted["line"]).encode("utf-8", "surrogateescape")
            return None if put == old else wire.again(data, inner, put)
        if _is_pair(inner):
            ((name, value),) = next(members).items()
            return _pair_again(data, inner, name, value)
        return _unknown(data, inner, redaction, tally) if inner.number != 1 else None

    changed = wire.rewritten(data, item.body, item.end, change)
    return None if changed is None else wire.again(data, item, changed)


def _is_pair(item: wire.Field) -> bool:
    return item.kind == wire.LEN and item.number in (_METADATA, _PARSED)


def _pair(data: bytes, item: wire.Field) -> tuple[str, str]:
    texts = {f.number: _text(data[f.body : f.end]) for f in wire.fields(data, item.body, item.end)}
    return texts.get(_NAME, ""), texts.get(_VALUE, "")


def _pair_again(data: bytes, item: wire.Field, name: str, value: str) -> bytes | None:
    put = {
        _NAME: name.encode("utf-8", "surrogateescape"),
        _VALUE: value.encode("utf-8", "surrogateescape"),
    }

    def change(inner: wire.Field) -> bytes | None:
        new = put.get(inner.number)
        if new is None or inner.kind != wire.LEN or new == data[inner.body : inner.end]:
            return None
        return wire.again(data, inner, new)

    changed = wire.rewritten(data, item.body, item.end, change)
    return None if changed is None else wire.again(data, item, changed)


def _entries(data: bytes, stream: wire.Field) -> list[wire.Field]:
    inside = wire.fields(data, stream.body, stream.end)
    return [item for item in inside if item.number == _ENTRIES and item.kind == wire.LEN]


def _line_of(data: bytes, entry: wire.Field) -> bytes:
    for item in wire.fields(data, entry.body, entry.end):
        if item.number == _LINE and item.kind == wire.LEN:
            return data[item.body : item.end]
    return b""


def _unknown(data: bytes, item: wire.Field, redaction: Redaction, tally: Tally) -> bytes | None:
    text = data[item.body : item.end]
    put = opaque.rewrite(text, redaction, tally)
    return None if put is text else wire.again(data, item, put)


def _count(data: bytes) -> int:
    streams = (item for item in wire.fields(data, 0, len(data)) if item.kind == wire.LEN)
    return sum(len(_entries(data, item)) for item in streams if item.number == _STREAMS)


def _text(data: bytes) -> str:
    return data.decode("utf-8", "surrogateescape")
