"""syslog-ng's `python()` parser: redacts every field of a message, in syslog-ng's own process.

    parser p_leakscan {
        python(class("leakscan.integrations.syslog_ng.Redact") options("style" "label"));
    };

A message is never dropped because of a failure of ours: a field that cannot be scanned is masked. Only
`on_failure` `block` refuses one, by returning False, for an `if`/`else` to keep it back.

Contract: syslog-ng 3.38 and 4.x, `modules/python/python-parser.c`, `modules/python/python-logmsg.c`.

Not here: finding secrets (`scanner`).
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any, Final, Protocol

from leakscan.keyfile import given_key
from leakscan.redact import FAILURES, STYLES, UnscannableError, unscanned_label
from leakscan.rules import builtin_rules, check_unique, load_rules
from leakscan.scanner import Scanner

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

#: The options of the parser, and what they are when not given.
OPTIONS: Final[dict[str, str]] = {
    "style": "label",
    "on_failure": "mask",
    "engine": "auto",
    "min_confidence": "medium",
    "rules": "",
    "disable": "",
    "key_file": "",
}
#: No shorter value holds a secret; most of the small fields are numbers.
_LEAST: Final = 6
_MESSAGE: Final = "MESSAGE"
#: Where a message came from; not masked when all else is, so that it can be traced.
_WHENCE: Final = frozenset({"HOST", "HOST_FROM", "SOURCE"})


class Message(Protocol):
    """What syslog-ng hands over: names to bytes (3.x) or text (4.x)."""

    def keys(self) -> Iterable[bytes | str]:
        """Return the names of the fields, and of all macros."""

    def __getitem__(self, name: str) -> bytes | str: ...

    def __setitem__(self, name: str, value: bytes | str) -> None: ...


class Redact:
    """The parser. syslog-ng makes one for each place in its configuration that names it."""

    def init(self, options: Mapping[str, str]) -> bool:
        """Read the options and build the scanner.

        Returns:
            False, after one line on stderr, when an option is wrong: syslog-ng does not start then.

        """
        try:
            self._configure({_text(name): _text(value) for name, value in options.items()})
        except Exception as error:  # noqa: BLE001 - syslog-ng would print a traceback and hide the words
            print(f"leakscan: {error}", file=sys.stderr, flush=True)  # noqa: T201 - syslog-ng's stderr
            return False
        return True

    def parse(self, msg: Message) -> bool:
        """Redact the message in place; False refuses it, with the policy `block` only."""
        try:
            fields = {name: value for name, value in self._fields(msg) if len(value) >= _LEAST}
            redacted = self._scanner.redact_record(fields, self._style, self._on_failure)
            for name, value in redacted.items():
                # the message always: syslog-ng shows it up to a NUL only, and what was not seen may not stay
                if name == _MESSAGE or value is not fields[name]:
                    msg[name] = value.encode("utf-8", "surrogateescape")
        except UnscannableError:
            return False
        except Exception as error:  # noqa: BLE001 - our own bug: an exception would drop the message
            return self._failed(msg, type(error).__name__)
        return True

    def _configure(self, given: Mapping[str, str]) -> None:
        unknown = sorted(given.keys() - OPTIONS.keys())
        if unknown:
            raise ValueError(f"unknown option {unknown[0]!r}; there are {', '.join(OPTIONS)}")
        options = OPTIONS | given
        self._style: Any = _one_of("style", options["style"], STYLES)
        self._on_failure: Any = _one_of("on_failure", options["on_failure"], FAILURES)
        rules = list(builtin_rules())
        for path in options["rules"].split():
            rules += load_rules(path)
        self._scanner = Scanner(
            check_unique(rules),
            engine=options["engine"],
            min_confidence=options["min_confidence"],  # type: ignore[arg-type] # the scanner checks it
            key=given_key(options["key_file"] or None, os.environ),
            disable=options["disable"].split(),
        )
        self._macros = _macros()

    def _fields(self, msg: Message) -> Iterable[tuple[str, str]]:
        for key in msg.keys():  # noqa: SIM118 - no dict
            name = _text(key)
            if name not in self._macros:
                yield name, _text(msg[name])

    def _failed(self, msg: Message, reason: str) -> bool:
        """Do what the policy says with a message that could not be dealt with as a whole."""
        if self._on_failure != "mask":
            return bool(self._on_failure == "open")
        try:
            for key in msg.keys():  # noqa: SIM118 - no dict
                name = _text(key)
                if name in self._macros or name in _WHENCE:
                    continue
                size = len(msg[name])
                if size >= _LEAST or name == _MESSAGE:
                    msg[name] = unscanned_label(reason, size)
        except Exception:  # noqa: BLE001 - not even that: a message that may hold secrets goes nowhere
            return False
        return True


def _macros() -> frozenset[str]:
    """Return the names that syslog-ng computes: they cannot be set, and reading some of them aborts 3.38."""
    from syslogng import LogMessage  # noqa: PLC0415 - exists inside syslog-ng only

    return frozenset(map(_text, LogMessage().keys()))


def _text(value: bytes | str) -> str:
    return value.decode("utf-8", "surrogateescape") if isinstance(value, bytes) else value


def _one_of(name: str, value: str, choices: Sequence[str]) -> str:
    if value not in choices:
        raise ValueError(f"{name} {value!r} is not one of {', '.join(choices)}")
    return value
