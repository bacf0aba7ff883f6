"""structlog: a processor to put last before the renderer.

    structlog.configure(processors=[.., format_exc_info, RedactProcessor(Scanner()), JSONRenderer()])

With `ProcessorFormatter` it goes into its `processors`, after `remove_processors_meta`. Needs no package:
a processor is a function of three arguments (`leakscan-logs[structlog]` has structlog itself).

Not here: what a record of dicts and lists holds (`leakscan.records`).
"""

from __future__ import annotations

import sys
import traceback
from typing import TYPE_CHECKING, Any, Final

from leakscan.redact import unscanned_label

if TYPE_CHECKING:
    from collections.abc import MutableMapping

    from leakscan.redact import Style
    from leakscan.scanner import Scanner

#: What `ProcessorFormatter` adds for other processors and takes out before rendering.
_META: Final = ("_record", "_from_structlog")


class RedactProcessor:
    """Takes the secrets out of event dicts.

    A clean event passes as the same object. An `exc_info` that no processor has rendered yet is rendered
    here, as the plain text of the traceback in `exception`: renderers would show local variables with it.

    Args:
        scanner: the scanner.
        style: as in `Scanner.redact`.

    """

    def __init__(self, scanner: Scanner, style: Style = "label") -> None:
        self._style: Style = style
        self._records = scanner.records

    def __call__(
        self, logger: Any, method_name: str, event_dict: MutableMapping[str, Any]
    ) -> MutableMapping[str, Any]:
        """Return the event without secrets. Never raises."""
        del logger
        try:
            return self._redacted(event_dict)
        except Exception as error:  # noqa: BLE001 - our own bug must neither leak nor stop the application
            masked = {"event": unscanned_label(type(error).__name__, 0).decode(), "level": method_name}
            return masked | {name: event_dict[name] for name in _META if name in event_dict}

    def _redacted(self, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        fields = event
        if event.get("exc_info"):
            fields = _rendered(event)
        meta = {name: event[name] for name in _META if name in event}
        if meta:
            fields = {name: value for name, value in fields.items() if name not in meta}
        redacted = self._walk(fields)
        if fields.get("positional_args"):
            redacted = self._formatted(fields, redacted)
        if redacted is fields and (fields is event or not event.get("exc_info")):
            return event
        return {**redacted, **meta}

    def _formatted(self, event: Any, redacted: Any) -> Any:
        """Return the event with its arguments put in, if a secret shows only then."""
        args = redacted["positional_args"]
        values = args[0] if len(args) == 1 and isinstance(args[0], dict) and args[0] else args
        try:
            text = str(redacted["event"]) % values
        except (TypeError, ValueError, KeyError):  # a label where a number was, or the caller's mistake
            text = f"{redacted['event']} {args!r}"
            clean = self._walk(text)
            if redacted is event and clean is text:
                return event
        else:
            clean = self._walk(text)
            if clean is text:
                return redacted
        kept = {name: value for name, value in redacted.items() if name != "positional_args"}
        return kept | {"event": clean}

    def _walk(self, value: Any) -> Any:
        return self._records.redact(value, self._style, objects=True)


def _rendered(event: MutableMapping[str, Any]) -> dict[str, Any]:
    """Return an event with the text of its exception, as structlog's own `format_exc_info` has it."""
    exc_info = event["exc_info"]
    if isinstance(exc_info, BaseException):
        exc_info = (type(exc_info), exc_info, exc_info.__traceback__)
    elif not isinstance(exc_info, tuple):
        exc_info = sys.exc_info()
    fields = {name: value for name, value in event.items() if name != "exc_info"}
    if exc_info[1] is not None and "exception" not in fields:
        fields["exception"] = "".join(traceback.format_exception(*exc_info)).rstrip("\n")
    return fields
