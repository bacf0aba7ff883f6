r"""rsyslog's `mmexternal`: a message a line comes in, the properties to change go out as JSON.

One line in, one line out, at once and in order. When the program dies, rsyslog goes on *with the message
as it was*; so each answer also sets `$!leakscan!ok` to "1" and `$!leakscan!bytes` to the number of bytes
that were scanned, and a ruleset ships only what has both (`docs/syslog.md`).

Contract: rsyslog 8.2302, `plugins/mmexternal/mmexternal.c` and `runtime/msg.c`.

Not here: finding secrets (`scanner`), options (`cli.redact`).
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, BinaryIO, Final, Literal, NamedTuple

import orjson

from leakscan.redact import UnscannableError, unscanned_label
from leakscan.text import encode

if TYPE_CHECKING:
    from leakscan.redact import Failure, Style
    from leakscan.scanner import Scanner

Interface = Literal["msg", "rawmsg", "fulljson"]
INTERFACES: Final[tuple[Interface, ...]] = ("msg", "rawmsg", "fulljson")

#: Properties that rsyslog lets a program change, beside `msg`, `rawmsg` and `$!`.
_SETTABLE: Final = ("syslogtag", "structured-data", "procid", "msgid", "hostname")
#: Properties made from others: they can only be looked at.
_READ_ONLY: Final = ("programname", "app-name")
#: What is looked at; `msg` is the end of `rawmsg`.
_STRINGS: Final = ("rawmsg", "msg", *_SETTABLE, *_READ_ONLY)
#: No shorter text holds a secret; most of the small properties are "-".
_LEAST: Final = 6


def serve_mmexternal(
    scanner: Scanner,
    stdin: BinaryIO,
    stdout: BinaryIO,
    interface: Interface = "fulljson",
    style: Style = "label",
    on_failure: Failure = "mask",
) -> None:
    """Answer each line of `stdin` with one JSON object, until rsyslog closes it.

    Args:
        scanner: finds the secrets.
        stdin: one message a line.
        stdout: rsyslog's end of the answers; see `claim_streams`.
        interface: what a line holds, as `interface.input` says: the message, the raw message, or all
            properties as JSON. Only JSON is safe for messages that hold line ends.
        style: what takes a secret's place.
        on_failure: `mask` masks a property that cannot be scanned; `block` leaves the message as it is
            and unmarked, so that the ruleset keeps it back; `open` lets it through.

    """
    view = _Redaction(scanner, style, on_failure)
    for line in iter(stdin.readline, b""):
        if not line.endswith(b"\n"):
            return  # rsyslog died while it wrote
        text = line[:-1]
        try:
            reply = _of_json(view, text) if interface == "fulljson" else _of_text(view, text, interface)
            data = _to_json(reply)
        except Exception as error:  # noqa: BLE001 - our own bug; no answer at all would ship the message
            data = _failure(text, interface, _reason(error), on_failure)
        try:
            stdout.write(data + b"\n")
            stdout.flush()
        except OSError:
            return  # rsyslog is gone


class _Redaction(NamedTuple):
    """How records are redacted here."""

    scanner: Scanner
    style: Style
    on_failure: Failure

    def of(self, record: dict[str, Any]) -> dict[str, Any]:
        """Return what changes in the record.

        Raises:
            UnscannableError: something could not be scanned and the policy is to block.

        """
        redacted = self.scanner.redact_record(record, self.style, self.on_failure)
        if redacted is record:
            return {}
        return {name: value for name, value in redacted.items() if value != record[name]}


def _of_text(view: _Redaction, line: bytes, interface: Interface) -> dict[str, Any]:
    return view.of({interface: line.decode("utf-8", "surrogateescape")}) | _mark(len(line), "1")


def _of_json(view: _Redaction, line: bytes) -> dict[str, Any]:
    properties = _parse(line)
    message, raw = properties["msg"], properties["rawmsg"]
    record = {name: value for name in _STRINGS if len(value := properties.get(name) or "") >= _LEAST}
    variables = {name: value for name, value in (properties.get("$!") or {}).items() if name != "leakscan"}
    if variables:
        record["$!"] = variables
    changed = view.of(record)
    # what rsyslog does not let us change must be clean; and what it cut off at a NUL was not seen
    is_clean = changed.keys().isdisjoint(_READ_ONLY) and raw.endswith(message)
    mark = _mark(len(encode(message)[0]), "1" if is_clean else "0")
    if not changed:
        return mark
    reply = {name: value for name, value in changed.items() if name in _SETTABLE}
    reply |= _changed_message(view, message, raw, changed.get("rawmsg", raw))
    news = changed.get("$!", {})
    return reply | {
        "$!": {name: value for name, value in news.items() if value != variables[name]} | mark["$!"]
    }


def _changed_message(view: _Redaction, message: str, raw: str, redacted: str) -> dict[str, str]:
    """Return what to set so that neither the message nor the raw message holds a secret.

    rsyslog keeps the message as the end of the raw message, so setting one sets both, and remembers
    where it starts: the header before it must keep its length, so its secrets become stars.
    """
    size = len(raw) - len(message)
    if redacted == raw or redacted.startswith(raw[:size]):
        # once more: without the header, more may be the start of a line
        kept = redacted[size:] if raw.endswith(message) else message
        clean = view.of({"msg": kept}).get("msg", kept)
        return {} if clean == message else {"msg": clean}
    header = bytearray(encode(raw[:size])[0])
    for found in view.scanner.scan(encode(raw)[0]):
        start, stop = found.offset, min(found.offset + found.end - found.start, len(header))
        if start < stop:
            header[start:stop] = b"*" * (stop - start)
    clean = view.of({"msg": message}).get("msg", message)
    whole = bytes(header).decode("utf-8", "surrogateescape") + clean
    if view.of({"rawmsg": whole}):
        raise UnscannableError("header")
    return {"rawmsg": whole}


def _mark(size: int, ok: str) -> dict[str, Any]:
    return {"$!": {"leakscan": {"ok": ok, "bytes": str(size)}}}


def _failure(line: bytes, interface: Interface, reason: str, on_failure: Failure) -> bytes:
    """Return the answer when no other could be made; it must not fail itself."""
    if on_failure == "open":
        return b'{"$!":{"leakscan":{"ok":"1","bytes":"%d"}}}' % len(line)
    mark = b'"$!":{"leakscan":{"ok":"0","reason":"%b"}}' % reason.encode()
    if on_failure == "block":
        return b"{%b}" % mark
    name = b"rawmsg" if interface == "rawmsg" else b"msg"
    return b'{"%b":"%b",%b}' % (name, unscanned_label(reason, len(line)), mark)


def _reason(error: Exception) -> str:
    return str(error) if isinstance(error, UnscannableError) else type(error).__name__


def _parse(line: bytes) -> dict[str, Any]:
    """Read rsyslog's JSON; bytes that are no UTF-8 become surrogates."""
    try:
        value = orjson.loads(line)
    except orjson.JSONDecodeError:
        value = json.loads(line.decode("utf-8", "surrogateescape"), strict=False)
    if not isinstance(value, dict):
        raise TypeError("no JSON object")
    return value


def _to_json(reply: dict[str, Any]) -> bytes:
    try:
        return orjson.dumps(reply)
    except TypeError:  # surrogates: the bytes go back as they came
        return json.dumps(reply, ensure_ascii=False).encode("utf-8", "surrogateescape")
