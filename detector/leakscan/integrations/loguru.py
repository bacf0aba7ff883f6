"""loguru: a patcher for `logger.configure`.

    logger.configure(patcher=patcher(Scanner()))

It runs once for each message, before any sink, and covers the message, `extra` and the exception. A sink
with `diagnose=True` writes the values of variables below each line of a traceback, cut to 128 characters:
too late and too short to scan. So the patcher looks at the same variables itself, whole and by their
names; if one holds a secret, sinks get the plain text of the traceback, redacted and without values.

Needs no package itself (`leakscan-logs[loguru]` has loguru). Patchers added later with `logger.patch`
run after this one.

Not here: what a record of dicts and lists holds (`leakscan.records`).
"""

from __future__ import annotations

import inspect
import linecache
import re
import traceback
from types import BuiltinFunctionType, FunctionType, ModuleType
from typing import TYPE_CHECKING, Any, Final

from leakscan.redact import unscanned_label

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import FrameType, TracebackType

    from leakscan.records import Records
    from leakscan.redact import Style
    from leakscan.scanner import Scanner

_DOTTED: Final = re.compile(r"[^\W\d]\w*(?:\s*\.\s*[^\W\d]\w*)*")
#: What reads as its own name.
_NAMED: Final = (ModuleType, FunctionType, BuiltinFunctionType, type)
_ABSENT: Final = object()


class RedactedError(Exception):
    """Stands for an exception in whose traceback a secret showed; reads as the redacted traceback."""


def patcher(scanner: Scanner, style: Style = "label") -> Callable[[Any], None]:
    """Return a patcher that takes the secrets out of loguru's records. It never raises.

    Args:
        scanner: the scanner.
        style: as in `Scanner.redact`.

    """
    records = scanner.records

    def patch(record: Any) -> None:
        try:
            _patch(records, style, record)
        except Exception as error:  # noqa: BLE001 - our own bug must neither leak nor stop the application
            label = unscanned_label(type(error).__name__, 0).decode()
            extra = dict.fromkeys(record["extra"], label)
            record.update(message=label, extra=extra, exception=None)

    return patch


def _patch(records: Records, style: Style, record: Any) -> None:
    record["message"] = records.redact(record["message"], style)
    record["extra"] = records.redact(record["extra"], style, objects=True)
    exception = record["exception"]
    if exception is None or exception.value is None:
        return
    text = "".join(traceback.format_exception(*exception)).rstrip("\n")
    clean = records.redact(text, style)
    shown = [{name: value} for name, value in _variables(exception.value, exception.traceback)]
    if clean is not text or records.redact(shown, style, objects=True) is not shown:
        record["exception"] = exception._replace(value=RedactedError("\n" + clean), traceback=None)


def _variables(error: BaseException, trace: TracebackType | None) -> Iterator[tuple[str, Any]]:
    """Give the variables that a traceback may show, with their names: those in the lines of its frames."""
    pending: list[tuple[BaseException, TracebackType | None]] = [(error, trace)]
    seen = set()
    outer = trace.tb_frame.f_back if trace else None
    while outer is not None:  # `backtrace=True` goes on beyond where the exception was caught
        yield from _in_line(outer, outer.f_lineno)
        outer = outer.f_back
    while pending:
        error, trace = pending.pop()
        if id(error) in seen:
            continue
        seen.add(id(error))
        for frame, line in traceback.walk_tb(trace):
            yield from _in_line(frame, line)
        others = [error.__cause__, error.__context__]
        if isinstance(error, BaseExceptionGroup):
            others += error.exceptions
        pending += [(other, other.__traceback__) for other in others if other is not None]


def _in_line(frame: FrameType, line: int) -> Iterator[tuple[str, Any]]:
    source = linecache.getline(frame.f_code.co_filename, line)
    for dotted in _DOTTED.findall(source):
        first, *rest = (name.strip() for name in dotted.split("."))
        value = frame.f_locals.get(first, frame.f_globals.get(first, _ABSENT))
        if value is _ABSENT:
            continue
        yield from _named(first, value)
        for name in rest:
            value = inspect.getattr_static(value, name, _ABSENT)
            if value is _ABSENT:
                break
            yield from _named(name, value)


def _named(name: str, value: Any) -> Iterator[tuple[str, Any]]:
    if not isinstance(value, _NAMED):
        yield name, value
