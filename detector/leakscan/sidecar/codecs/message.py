"""A message of Fluent Forward: its mode, where its parts are, and what stands for one that cannot be scanned.

Message `[tag, time, record, options]`, Forward `[tag, [[time, record], ..], options]`, PackedForward
`[tag, entries, options]` with the entries as bytes, and the same compressed. An entry may hold metadata,
`[[time, {..}], record]`. From https://github.com/fluent/fluentd/wiki/Forward-Protocol-Specification-v1, and
what Fluent Bit does beyond it: zstd, metadata in options, payloads compressed without saying so.

Not here: what is taken out of it (`forward`), values (`packed`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal, NamedTuple

import msgpack

from leakscan.redact import unscanned_label

from . import packed
from .packed import Reader
from .redaction import MalformedError

if TYPE_CHECKING:
    from collections.abc import Iterator

Mode = Literal["message", "forward", "packed"]
HEARTBEAT: Final = b"\xc0"
#: The first elements; what follows depends on the mode.
TAG, ENTRIES = 0, 1
#: `[tag, time, record, options]` is the longest; some room for what is to come.
_LEAST, _MOST = 2, 8
_LOGS: Final = b"\x00"
_MAGIC: Final = {b"\x1f\x8b": "gzip", b"\x28\xb5\x2f\xfd": "zstd"}
_NAMES: Final = {b"gzip": "gzip", b"zstd": "zstd"}
#: What shows how a payload is compressed: a header and four bytes.
_MAX_HEADER: Final = 9
#: The longest time: an extension of 8 bytes with its header, which may be of the long kind.
_MAX_TIME: Final = 14
_NO_TIME: Final = b"\x00"


class Message(NamedTuple):
    """A message and where its parts are.

    Attributes:
        data: the whole.
        parts: spans of the elements of the array.
        mode: `message`, `forward` or `packed`.
        options: spans of the values of the options, by name.

    """

    data: bytes
    parts: list[tuple[int, int]]
    mode: Mode
    options: dict[bytes, tuple[int, int]]

    def part(self, place: int) -> bytes:
        """Return an element."""
        return self.data[slice(*self.parts[place])]

    def option(self, name: bytes) -> bytes | None:
        """Return an option that is text; None if it is not there, or no text."""
        span = self.options.get(name)
        if span is None or not packed.is_text(self.data[span[0]]):
            return None
        return packed.content(self.data[slice(*span)])

    @property
    def chunk(self) -> bytes | None:
        """What an ack of this message says; None if it asks for none."""
        span = self.options.get(b"chunk")
        return _said(self.data[slice(*span)]) if span is not None else None

    @property
    def coding(self) -> str | None:
        """How the payload is compressed: what its first bytes say, as for Fluent Bit, else the option."""
        start = self.parts[ENTRIES][0]
        payload = packed.content(self.data[start : start + _MAX_HEADER])
        found = next((name for magic, name in _MAGIC.items() if payload.startswith(magic)), None)
        return found or _NAMES.get(self.option(b"compressed") or b"")

    @property
    def is_logs(self) -> bool:
        """Whether the entries are log records, and not Fluent Bit's metrics or traces."""
        span = self.options.get(b"fluent_signal")
        return span is None or self.data[slice(*span)] == _LOGS


def read(data: bytes) -> Message:
    """Return where the parts of a message are.

    Raises:
        MalformedError: it is in none of the modes.

    """
    reader = Reader(data)
    if not data or not packed.is_array(data[0]):
        raise MalformedError("forward: no message")
    number = reader.enter()
    if not _LEAST <= number <= _MOST:
        raise MalformedError("forward: no message")
    parts = [reader.skip() for _ in range(number)]
    first = data[parts[ENTRIES][0]]
    mode: Mode = "forward" if packed.is_array(first) else "packed" if packed.is_text(first) else "message"
    place = place_of_options(mode)
    if not reader.is_at_end or not packed.is_text(data[parts[TAG][0]]) or number < place:
        raise MalformedError("forward: no message")
    return Message(data, parts, mode, _options(data, parts[place]) if number > place else {})


def acknowledged(value: bytes) -> bytes | None:
    """Return which chunk an ack is for; None if it is no ack.

    Raises:
        MalformedError: it is no msgpack.

    """
    span = _options(value, (0, len(value))).get(b"ack")
    return _said(value[slice(*span)]) if span is not None else None


def messages(body: bytes) -> Iterator[bytes]:
    """Give the messages and heartbeats that stand one after the other.

    Raises:
        MalformedError: something is no msgpack.

    """
    reader = Reader(body)
    while not reader.is_at_end:
        start, end = reader.skip()
        yield body if start == 0 and end == len(body) else body[start:end]


def with_chunk(message: Message, chunk: str) -> bytes:
    """Return a message that has no option `chunk` with one, so that it is acknowledged."""
    data = message.data
    pair: bytes = msgpack.packb("chunk") + msgpack.packb(chunk)
    place = place_of_options(message.mode)
    packer = msgpack.Packer()
    if len(message.parts) == place:
        start = message.parts[TAG][0]
        return bytes(packer.pack_array_header(place + 1)) + data[start:] + b"\x81" + pair
    start, end = message.parts[place]
    if not packed.is_map(data[start]):
        return data[:start] + b"\x81" + pair + data[end:]  # nil, as some clients write
    reader = Reader(data[start:end])
    number = reader.enter() // 2
    inside = data[start + reader.position : end]
    return data[:start] + bytes(packer.pack_map_header(number + 1)) + inside + pair + data[end:]


def stand_in(message: Message, reason: str) -> bytes:
    """Return a message that says that this one could not be scanned; it asks for the same ack."""
    time = _NO_TIME
    if message.mode == "message":
        time = time_of(message.part(ENTRIES))
    label = unscanned_label(reason, len(message.data))
    chunk = message.options.get(b"chunk")
    parts = [b"\x93" if chunk else b"\x92", message.part(TAG), b"\x91", entry_for(time, label)]
    if chunk is not None:
        parts += b"\x81", msgpack.packb("chunk"), message.data[slice(*chunk)]
    return b"".join(parts)


def entry_for(time: bytes, label: bytes) -> bytes:
    """Return an entry that says that one could not be scanned."""
    return b"\x92" + time + bytes(msgpack.packb({"leakscan": label.decode()}))


def time_of(value: bytes) -> bytes:
    """Return a time if it is one."""
    is_time = len(value) <= _MAX_TIME and not packed.is_text(value[0])
    return value if is_time and not packed.is_array(value[0]) and not packed.is_map(value[0]) else _NO_TIME


def place_of_options(mode: Mode) -> int:
    """Return which element the options are."""
    return 3 if mode == "message" else 2


def _said(value: bytes) -> bytes:
    """Return what tells a chunk from others: its text, or the whole value if it is none."""
    return packed.content(value) if packed.is_text(value[0]) else value


def _options(data: bytes, span: tuple[int, int]) -> dict[bytes, tuple[int, int]]:
    start, end = span
    if not packed.is_map(data[start]):
        return {}
    reader = Reader(data[start:end])
    found = {}
    for _ in range(reader.enter() // 2):
        key = data[start:end][slice(*reader.skip())]
        low, high = reader.skip()
        if packed.is_text(key[0]):
            found[packed.content(key)] = (start + low, start + high)
    return found
