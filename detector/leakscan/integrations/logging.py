"""The standard library's `logging`: a filter for handlers.

>>> import logging, sys
>>> from leakscan import Scanner
>>> handler = logging.StreamHandler(sys.stdout)
>>> handler.addFilter(RedactFilter(Scanner()))
>>> handler.handle(logging.makeLogRecord({"msg": "t=%s", "args": ("AKIA" + "Y3FDSNYJ6OQOCUFD",)})) and None
t=[REDACTED:aws-access-key-id]

It belongs on the handler that writes, not on one that keeps records for later (`MemoryHandler`), since
what an object reads as may change. A formatter that prints local variables shows more than the filter
sees; with a secret in the traceback itself, the filter puts in the plain text of it.

Not here: what a record of dicts and lists holds (`leakscan.records`).
"""

from __future__ import annotations

import logging
import sys
import threading
import traceback
from typing import TYPE_CHECKING, Any, Final
from weakref import WeakSet

from leakscan.redact import unscanned_label
from leakscan.walk import MIN_TEXT

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import FrameType

    from leakscan.redact import Style
    from leakscan.scanner import Scanner

#: Attributes that every record has, or gets from a formatter; all others come from `extra`.
STANDARD: Final = frozenset(logging.makeLogRecord({}).__dict__) | {"message", "asctime", "taskName"}
#: From Python 3.12 on, a filter may return another record for its handler.
_REPLACES: Final = sys.version_info >= (3, 12)
_NUMBERS: Final = frozenset({int, float, bool, type(None)})


class RedactFilter(logging.Filter):
    """Takes the secrets out of what one handler writes. Other handlers see the record unchanged.

    Scanned are the message after `%` formatting, the arguments, `exc_info`, `exc_text`, `stack_info` and
    the fields of `extra`. A clean record passes as the same object. For any other the handler gets a
    copy: the message formatted and redacted, without arguments; the traceback as redacted text.

    On a logger instead of a handler, every handler gets the redacted record.

    Args:
        scanner: the scanner.
        style: as in `Scanner.redact`.

    """

    def __init__(self, scanner: Scanner, style: Style = "label") -> None:
        super().__init__()
        self._style: Style = style
        self._records = scanner.records
        self._hand_overs = _HandOvers(self)

    def filter(self, record: logging.LogRecord) -> Any:  # bool or LogRecord; before 3.12, bool
        """Return True for a clean record, else a redacted copy in its place."""
        redacted = self.redacted(record)
        if redacted is record:
            return True
        return redacted if _REPLACES else self._hand_overs.prepare(sys._getframe(1), record, redacted)  # noqa: SLF001 - as logging itself does

    def redacted(self, record: logging.LogRecord) -> logging.LogRecord:
        """Return a record without secrets: the same object when it has none. Never raises."""
        try:
            if self._is_clean(record):
                return record
        except Exception:  # noqa: BLE001, S110 - arguments that do not fit or cannot be read: see below
            pass
        try:
            return self._redacted(record)
        except Exception as error:  # noqa: BLE001 - our own bug must neither leak nor stop the application
            return _masked(record, type(error).__name__)

    def _is_clean(self, record: logging.LogRecord) -> bool:
        message = record.getMessage()
        texts = [message]
        collect = self._records.collect
        if message[:1] in {"{", "[", '"'} and not collect(message, texts):
            return False
        msg, args = record.msg, record.args
        if type(msg) is not str and not collect(msg, texts, objects=True):
            return False
        if args:
            for value in args if type(args) is tuple else (args,):
                kind = type(value)
                if kind is str:
                    if len(value) >= MIN_TEXT and value not in message:  # type: ignore[arg-type,operator] # a str
                        texts.append(value)  # type: ignore[arg-type] # as above
                elif kind not in _NUMBERS and not collect(value, texts):
                    return False
        fields = record.__dict__
        if record.exc_info or record.exc_text:
            texts += _tracebacks(record)
        if record.stack_info:
            texts.append(record.stack_info)
        if not STANDARD.issuperset(fields) and not collect(_extra(record), texts, objects=True):
            return False
        written = fields.get("message")
        if written is not None and written != message:
            texts.append(str(written))
        # a copy of the record costs ten times a second look
        return self._records.are_clean(texts) or self._records.hold_nothing(texts)

    def _redacted(self, record: logging.LogRecord) -> logging.LogRecord:
        changes: dict[str, Any] = {}
        message = self._message(record)
        if message is not None:
            changes.update(msg=message, args=(), message=str(message))
        written = record.__dict__.get("message")
        if written is not None and message is None and self._text(str(written)) != str(written):
            changes["message"] = self._text(str(written))
        tracebacks = _tracebacks(record)
        clean = [self._text(text) for text in tracebacks]
        if clean != tracebacks:
            changes.update(exc_info=None, exc_text=clean[-1])
        if record.stack_info and self._text(record.stack_info) != record.stack_info:
            changes["stack_info"] = self._text(record.stack_info)
        extra = _extra(record)
        put = self._walk(extra)
        if put is extra and not changes:
            return record
        kept = {name: value for name, value in record.__dict__.items() if name in STANDARD}
        return _record(_plain(type(record)), {**kept, **put, **changes})

    def _message(self, record: logging.LogRecord) -> Any:
        """Return the message to put in the place of a record's message and arguments, None if clean."""
        msg = record.msg if isinstance(record.msg, str) else self._walk(record.msg)
        args: Any = self._walk(record.args) if record.args else record.args
        if msg is not record.msg and not args:
            # an object that a formatter of JSON may take apart; what it reads as must be clean as well
            return msg if self._text(str(msg)) == str(msg) else self._text(str(msg))
        try:
            formed = _record(type(record), {**record.__dict__, "msg": msg, "args": args})
            text = formed.getMessage()
        except Exception:  # noqa: BLE001 - what does not fit is reported by `logging`, with both in it
            text = f"{msg} {args!r}"
            if args is record.args and self._text(text) == text:
                return None
        clean = self._text(text)
        return None if clean == text and args is record.args and msg is record.msg else clean

    def _walk(self, value: Any) -> Any:
        return self._records.redact(value, self._style, objects=True)

    def _text(self, text: str) -> str:
        return str(self._records.redact(text, self._style))


class _HandOvers:
    """Before Python 3.12: gives a handler another record than the one it filtered.

    There, what a filter returns only says yes or no. So `emit` of a handler whose filter found a secret
    is wrapped, once; from then on it exchanges the records that the filter marked. Where that is not
    sure to work (a logger, a handler with its own `handle`), the record itself is changed: what another
    handler sees is then redacted too, which is the safe side.
    """

    def __init__(self, owner: RedactFilter) -> None:
        self._owner = owner
        self._lock = threading.Lock()
        self._handlers: WeakSet[logging.Handler] = WeakSet()
        self._marked: WeakSet[logging.LogRecord] = WeakSet()

    def prepare(self, frame: FrameType, record: logging.LogRecord, redacted: logging.LogRecord) -> bool:
        """Make the handler that is filtering in `frame` emit a redacted copy; return True."""
        try:
            handler = frame.f_locals.get("self") if frame.f_code is logging.Filterer.filter.__code__ else None
            if isinstance(handler, logging.Handler) and self._is_plain(handler):
                with self._lock:
                    if handler not in self._handlers:
                        self._wrap(handler)
                        self._handlers.add(handler)
                self._marked.add(record)
                return True
        except TypeError:  # a handler that cannot be hashed
            pass
        record.__dict__.clear()
        record.__dict__.update(redacted.__dict__)
        return True

    def _is_plain(self, handler: logging.Handler) -> bool:
        return type(handler).handle is logging.Handler.handle and "handle" not in handler.__dict__

    def _wrap(self, handler: logging.Handler) -> None:
        marked, redacted, emit = self._marked, self._owner.redacted, handler.emit

        def emit_redacted(record: logging.LogRecord) -> None:
            # redacted once more, since filters that came later may have added to it
            emit(redacted(record) if record in marked else record)

        handler.emit = emit_redacted  # type: ignore[method-assign] # the point of it


def _extra(record: logging.LogRecord) -> dict[str, Any]:
    return {name: value for name, value in record.__dict__.items() if name not in STANDARD}


def _tracebacks(record: logging.LogRecord) -> list[str]:
    """Return the texts a traceback may be written as, last the one that a formatter would take."""
    texts = []
    if record.exc_info and isinstance(record.exc_info, tuple):
        texts.append("".join(traceback.format_exception(*record.exc_info)).rstrip("\n"))
    if record.exc_text:
        texts.append(str(record.exc_text))
    return texts


def _masked(record: logging.LogRecord, reason: str) -> logging.LogRecord:
    """Return a record that says only that it could not be scanned, and where it comes from."""
    label = unscanned_label(reason, 0).decode()
    fields = {
        name: value if name in STANDARD or type(value) in _NUMBERS else label
        for name, value in record.__dict__.items()
    }
    fields.update(msg=label, args=(), message=label, exc_info=None, exc_text=None, stack_info=None)
    return _record(logging.LogRecord, fields)


def _record(kind: type[logging.LogRecord], fields: Mapping[str, Any]) -> logging.LogRecord:
    record = kind.__new__(kind)
    record.__dict__.update(fields)
    return record


def _plain(kind: type[logging.LogRecord]) -> type[logging.LogRecord]:
    """Return the class for a record that is formatted already: not one that would do it once more."""
    return kind if kind.getMessage is logging.LogRecord.getMessage else logging.LogRecord
