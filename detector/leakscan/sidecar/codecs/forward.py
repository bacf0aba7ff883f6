"""Fluent Forward: messages in all four modes without their secrets.

Entries, their count and their times stay; so do the options `chunk`, `size`, `compressed` and
`fluent_signal`. Metrics and traces of Fluent Bit are looked at as text.

Not here: what a message is (`message`), connections (`sidecar.forward`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from leakscan.redact import UnscannableError, unscanned_label

from ..compression import TooLargeError, compress, decompress
from ..limits import Limits
from . import opaque, packed
from .message import (
    ENTRIES,
    HEARTBEAT,
    Message,
    entry_for,
    messages,
    place_of_options,
    read,
    stand_in,
    time_of,
)
from .packed import Reader, TooManyError
from .redaction import MalformedError
from .straddle import HEADER, taken_out_of_records

if TYPE_CHECKING:
    from .redaction import Redaction, Tally

#: Options that say how to read the message, and which acknowledgement it wants.
_KEPT: Final = ("chunk", "size", "compressed", "fluent_signal")
#: Entries that are looked at together before any of them is.
_GROUP: Final = 16


def rewrite(body: bytes, redaction: Redaction, tally: Tally, limits: Limits | None = None) -> bytes:
    """Return messages, one after the other, without their secrets; the same object if they have none.

    Heartbeats (nil) may stand among them. A payload that cannot be read is dealt with by policy.

    Args:
        body: whole messages.
        redaction: how to redact.
        tally: counts of what was done are added here.
        limits: of payloads that are unpacked.

    Raises:
        MalformedError: something is no message.
        UnscannableError: a part could not be scanned and the policy is to block.

    """
    limits = limits or Limits()
    out = [_rewritten(data, redaction, tally, limits) for data in messages(body)]
    put = b"".join(out)
    return body if put == body else put


def masked(body: bytes, reason: str) -> bytes:
    """Return as many messages that say that these could not be scanned; they ask for the same acks.

    Raises:
        MalformedError: something is no message.

    """
    return b"".join(data if data == HEARTBEAT else stand_in(read(data), reason) for data in messages(body))


def _rewritten(data: bytes, redaction: Redaction, tally: Tally, limits: Limits) -> bytes:
    if data == HEARTBEAT:
        return data
    message = read(data)
    try:
        return _without_secrets(message, redaction, tally, limits)
    except UnscannableError:
        raise
    except (TooLargeError, TooManyError):
        return _failed(message, redaction, tally, "size")
    except MalformedError:
        return _failed(message, redaction, tally, "malformed")
    except Exception as error:  # noqa: BLE001 - our own bug must not let a secret through
        return _failed(message, redaction, tally, type(error).__name__)


def _failed(message: Message, redaction: Redaction, tally: Tally, reason: str) -> bytes:
    tally.fail(reason)
    if redaction.on_failure == "block":
        raise UnscannableError(reason) from None
    return message.data if redaction.on_failure == "open" else stand_in(message, reason)


def _without_secrets(message: Message, redaction: Redaction, tally: Tally, limits: Limits) -> bytes:
    data, mode = message.data, message.mode
    payload = _unpacked(message, limits) if mode == "packed" else None
    is_clean = not redaction.selects_msgpack(data)
    # what is packed does not show in the message
    if is_clean and (
        payload is None or payload.coding is None or not redaction.selects_msgpack(payload.data)
    ):
        tally.records += _count(message, payload)
        return data
    put: dict[int, bytes] = {}
    if payload is not None:
        put[ENTRIES] = _repacked(message, payload, redaction, tally)
    elif mode == "forward":
        part = message.part(ENTRIES)
        reader = Reader(part)
        number = reader.enter()
        put[ENTRIES] = _entries(part, [reader.skip() for _ in range(number)], redaction, tally)
    else:
        tally.records += 1
    for place in range(len(message.parts)):
        part = message.part(place)
        if place not in put and redaction.selects_msgpack(part):
            put[place] = _other(part, redaction, tally, is_options=place == place_of_options(mode))
    pieces: list[bytes] = []
    position = 0
    for place, (start, end) in enumerate(message.parts):
        pieces += data[position:start], put.get(place, data[start:end])
        position = end
    return b"".join([*pieces, data[position:]])


class _Payload(NamedTuple):
    """The entries of a message in one of the packed modes.

    Attributes:
        data: unpacked.
        coding: how they are compressed.
        spans: of the entries; none if they are metrics or traces.

    """

    data: bytes
    coding: str | None
    spans: list[tuple[int, int]]


def _unpacked(message: Message, limits: Limits) -> _Payload:
    coding = message.coding
    data = packed.content(message.part(ENTRIES))
    if coding is not None:
        data = decompress(data, [coding], limits)
    spans = Reader(data).spans() if message.is_logs else []
    if not all(packed.is_array(data[start]) for start, _ in spans):
        raise MalformedError("forward: no entry")
    return _Payload(data, coding, spans)


def _count(message: Message, payload: _Payload | None) -> int:
    """Return the number of records."""
    if message.mode == "forward":
        return Reader(message.part(ENTRIES)).enter()
    return len(payload.spans) if payload is not None else 1


def _repacked(message: Message, payload: _Payload, redaction: Redaction, tally: Tally) -> bytes:
    """Return the payload without secrets, as it was packed."""
    if message.is_logs:
        changed = _entries(payload.data, payload.spans, redaction, tally)
    else:
        changed = opaque.rewrite(payload.data, redaction, tally)
    part = message.part(ENTRIES)
    if changed is payload.data:
        return part
    coding = payload.coding
    return packed.text(changed if coding is None else compress(changed, [coding]), part)


def _other(part: bytes, redaction: Redaction, tally: Tally, *, is_options: bool) -> bytes:
    """Return a tag, options or a single record without secrets; the options of the protocol stay."""
    old = packed.decode(part, redaction)
    new = redaction.record(old.value, tally)
    if is_options and isinstance(old.value, dict) and isinstance(new, dict):
        new |= {name: old.value[name] for name in _KEPT if name in old.value}
    return packed.encode(part, old, new, redaction, tally)


def _entries(data: bytes, spans: list[tuple[int, int]], redaction: Redaction, tally: Tally) -> bytes:
    """Return data in which entries stand without their secrets; the same object if they have none."""
    tally.records += len(spans)
    without_keys = _without_keys(data, spans, redaction, tally) if HEADER in data else {}
    pieces: list[bytes] = []
    position = 0
    for first in range(0, len(spans), _GROUP):
        group = range(first, min(first + _GROUP, len(spans)))
        # most groups are clean, and one look tells so for all of their entries
        if not without_keys and not redaction.selects_msgpack(data, spans[first][0], spans[group[-1]][1]):
            continue
        for place in group:
            start, end = spans[place]
            if place not in without_keys and not redaction.selects_msgpack(data, start, end):
                continue
            entry = data[start:end]
            put = _entry(entry, redaction, tally, without_keys.get(place))
            if put is not entry:
                pieces += data[position:start], put
                position = end
    return b"".join([*pieces, data[position:]]) if pieces else data


def _entry(
    entry: bytes, redaction: Redaction, tally: Tally, without_keys: tuple[packed.Decoded, Any] | None
) -> bytes:
    """Return an entry without its secrets, or what stands for it if it cannot be scanned."""
    try:
        old, new = without_keys or (packed.decode(entry, redaction), None)
        value = old.value if without_keys is None else new
        return packed.encode(entry, old, redaction.record(value, tally), redaction, tally)
    except (UnscannableError, MalformedError):
        raise
    except TooManyError:
        reason = "size"
    except Exception as error:  # noqa: BLE001 - our own bug must not let a secret through
        reason = type(error).__name__
    tally.fail(reason)
    if redaction.on_failure == "block":
        raise UnscannableError(reason) from None
    if redaction.on_failure == "open":
        return entry
    reader = Reader(entry)
    reader.enter()
    head = entry[slice(*reader.skip())]
    if packed.is_array(head[0]):
        reader = Reader(head)
        reader.enter()
        head = head[slice(*reader.skip())]
    return entry_for(time_of(head), unscanned_label(reason, len(entry)))


def _without_keys(
    data: bytes, spans: list[tuple[int, int]], redaction: Redaction, tally: Tally
) -> dict[int, tuple[packed.Decoded, Any]]:
    """Return the entries with lines of private keys: as they are, and without those."""
    entries = []
    for start, end in spans:
        try:
            entries.append(packed.decode(data[start:end], redaction))
        except TooManyError:
            entries.append(packed.Decoded(None, has_extension=False))
    changed = taken_out_of_records([entry.value for entry in entries], redaction, tally)
    return {
        place: (entries[place], record)
        for place, record in enumerate(changed or ())
        if record is not entries[place].value
    }
