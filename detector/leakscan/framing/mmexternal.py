r"""rsyslog's `mmexternal`: a message a line comes in, the properties to change go out as JSON.

One line in, one line out, at once and in order. When the program dies, rsyslog goes on *with the message
as it was*; so each answer also sets `$!leakscan!ok` to "1" and `$!leakscan!bytes` to the number of bytes
that were scanned, and a ruleset ships only what has both (`docs/syslog.md`).

Contract: rsyslog 8.2302, `plugins/mmexternal/mmexternal.c` and `runtime/msg.c`.

Not here: finding secrets (`scanner`), options (`cli.redact`).
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, BinaryIO, Final, Literal

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
        stdout: rsyslog's end of the answers; see `claim_stdout`.
        interface: what a line holds, as `interface.input` says: the message, the raw message, or all
            properties as JSON. Only JSON is safe for messages that hold line ends.
        style: what takes a secret's place.
        on_failure: `mask` masks a property that cannot be scanned; `block` leaves the message as it is
            and unmarked, so that the ruleset keeps it back; `open` lets it through.

    """
    answer = _answer_json if interface == "fulljson" else _answer_text
    for line in iter(stdin.readline, b""):
        if not line.endswith(b"\n"):
            return  # rsyslog died while it wrote
        text = line[:-1]
        try:
            reply = answer(_Cleaner(scanner, style, on_failure), text, interface)
            data = _to_json(reply)
        except Exception as error:  # noqa: BLE001 - our own bug; no answer at all would ship the message
            data = _failure(text, interface, _reason(error), on_failure)
        try:
            stdout.write(data + b"\n")
            stdout.flush()
        except OSError:
            return  # rsyslog is gone


class _Cleaner:
    """Redacts text by the failure policy."""

    __slots__ = ("_on_failure", "_scanner", "_style")

    def __init__(self, scanner: Scanner, style: Style, on_failure: Failure) -> None:
        self._scanner = scanner
        self._style: Style = style
        self._on_failure: Failure = on_failure

    def text(self, text: str) -> str:
        """Return the text redacted, the same object when it is clean."""
        if len(text) < _LEAST:
            return text
        try:
            return self._scanner.redact(text, self._style)
        except Exception as error:  # noqa: BLE001 - our own bug must not let a secret through
            return self._failed(text, error)

    def record(self, record: dict[str, Any]) -> dict[str, Any]:
        """Return the record redacted, the same object when it is clean."""
        try:
            redacted: dict[str, Any] = self._scanner.redact_record(record, self._style)
        except Exception as error:  # noqa: BLE001 - as above
            return {name: self._failed(str(value), error) for name, value in record.items()}
        return redacted

    def header(self, raw: str, size: int) -> str:
        """Return the first `size` characters of a raw message, with stars for the secrets in them.

        The header keeps its length in bytes: rsyslog remembers where the message starts in it.
        """
        masked = bytearray(encode(raw)[0])
        spans = [(found.offset, found.end - found.start) for found in self._scanner.scan(bytes(masked))]
        end = len(encode(raw[:size])[0])
        for offset, length in spans:
            stop = min(offset + length, end)
            if offset < stop:
                masked[offset:stop] = b"*" * (stop - offset)
        return bytes(masked[:end]).decode("utf-8", "surrogateescape")

    def _failed(self, text: str, error: Exception) -> str:
        if self._on_failure == "block":
            raise UnscannableError(type(error).__name__) from None
        if self._on_failure == "open":
            return text
        return unscanned_label(type(error).__name__, len(encode(text)[0])).decode()


def _answer_text(cleaner: _Cleaner, line: bytes, interface: Interface) -> dict[str, Any]:
    text = line.decode("utf-8", "surrogateescape")
    redacted = cleaner.text(text)
    reply: dict[str, Any] = {} if redacted is text else {interface: redacted}
    return reply | _mark(len(line))


def _answer_json(cleaner: _Cleaner, line: bytes, interface: Interface) -> dict[str, Any]:
    del interface
    properties = _parse(line)
    message, raw = properties["msg"], properties["rawmsg"]
    reply = _changed_message(cleaner, message, raw)
    for name in _SETTABLE:
        value = properties.get(name)
        if value:
            redacted = cleaner.text(value)
            if redacted is not value:
                reply[name] = redacted
    variables = {name: value for name, value in (properties.get("$!") or {}).items() if name != "leakscan"}
    redacted_variables = cleaner.record(variables) if variables else variables
    changed = {name: value for name, value in redacted_variables.items() if value != variables[name]}
    # what cannot be changed must be clean; and what rsyslog cut off at a NUL was not seen
    is_clean = raw.endswith(message) and all(
        cleaner.text(value) is value for name in _READ_ONLY if (value := properties.get(name))
    )
    mark = _mark(len(encode(message)[0]), is_clean=is_clean)
    return reply | {"$!": changed | mark["$!"]}


def _changed_message(cleaner: _Cleaner, message: str, raw: str) -> dict[str, str]:
    """Return what to set so that neither the message nor the raw message holds a secret.

    rsyslog keeps the message as the end of the raw message, so setting one sets both.
    """
    redacted_raw = cleaner.text(raw)
    if redacted_raw is raw or not raw.endswith(message):
        redacted = cleaner.text(message)
        return {} if redacted is message else {"msg": redacted}
    size = len(raw) - len(message)
    header = raw[:size]
    if redacted_raw.startswith(header):
        return {"msg": cleaner.text(redacted_raw[size:])}
    return {"rawmsg": cleaner.header(raw, size) + cleaner.text(message)}


def _mark(size: int, *, is_clean: bool = True) -> dict[str, Any]:
    return {"$!": {"leakscan": {"ok": "1" if is_clean else "0", "bytes": str(size)}}}


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
