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

import importlib
import os
import sys
from typing import TYPE_CHECKING, Any, Final, Protocol

from leakscan.config import find_config
from leakscan.recipe import fingerprint_key, options_beside, recipe_for
from leakscan.redact import FAILURES, STYLES, UnscannableError, unscanned_label
from leakscan.terminal import say

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

#: The options of the parser, and what they are when not given. The scanner's are empty then, for what the
#: configuration says.
OPTIONS: Final[dict[str, str]] = {
    "style": "label",
    "on_failure": "mask",
    "config": "",
    "engine": "",
    "min_confidence": "",
    "rules": "",
    "disable": "",
    "packs": "",
    "key_file": "",
}
_MESSAGE: Final = "MESSAGE"
_HEADER: Final = "LEGACY_MSGHDR"
#: Where a message came from; not masked when all else is, so that it can be traced.
_WHENCE: Final = frozenset({"HOST", "HOST_FROM", "SOURCE"})


class Message(Protocol):
    """What syslog-ng hands over: names to bytes (3.x), or to text, numbers and lists (4.x)."""

    def keys(self) -> Iterable[bytes | str]:
        """Return the names of the fields, and of all macros."""

    def __getitem__(self, name: str) -> Any: ...

    def __setitem__(self, name: str, value: Any) -> None: ...


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
            seen = {name: msg[name] for name in self._names(msg)}
            fields = {name: _text(value) for name, value in seen.items()}
            redacted = self._scanner.redact_record(fields, self._style, self._on_failure)
            for name, value in seen.items():
                if isinstance(value, bytes):
                    # 3.x shows fields up to a NUL only, and what was not seen may not stay: write them all
                    msg[name] = redacted[name].encode("utf-8", "surrogateescape")
                elif redacted[name] is not fields[name]:
                    msg[name] = redacted[name]
        except UnscannableError:
            return False
        except Exception as error:  # noqa: BLE001 - our own bug: an exception would drop the message
            return self._failed(msg, type(error).__name__)
        return True

    def _configure(self, given: Mapping[str, str]) -> None:
        unknown = sorted(given.keys() - OPTIONS.keys())
        if unknown:
            raise ValueError(f"unknown option {unknown[0]!r}; there are {', '.join(OPTIONS)}")
        options: dict[str, Any] = {**OPTIONS, **given}
        self._style: Any = _one_of("style", options["style"], STYLES)
        self._on_failure: Any = _one_of("on_failure", options["on_failure"], FAILURES)
        asked = options_beside(
            find_config(options["config"] or None, os.environ),
            min_confidence=options["min_confidence"] or None,
            engine=options["engine"] or None,
            rules=tuple(options["rules"].split()),
            disable=tuple(options["disable"].split()),
            packs=tuple(options["packs"].split()),
            key_file=options["key_file"] or None,
        )
        key, note = fingerprint_key(asked.key_file, kept=self._style == "hash", compared=asked.compares)
        if note is not None:
            say(note)
        self._scanner = recipe_for(asked, asked.engine, key).scanner()
        self._macros = _macros()

    def _names(self, msg: Message) -> list[str]:
        """Return the names of the fields."""
        names = [_text(key) for key in msg.keys() if key not in self._macros]  # noqa: SIM118 - no dict
        if _HEADER in names:
            # syslog-ng drops it whenever what it is made of is set: it must be set last
            names.remove(_HEADER)
            names.append(_HEADER)
        return names

    def _failed(self, msg: Message, reason: str) -> bool:
        """Do what the policy says with a message that could not be dealt with as a whole."""
        if self._on_failure != "mask":
            return bool(self._on_failure == "open")
        try:
            for name in self._names(msg):
                value = msg[name]
                if name not in _WHENCE and isinstance(value, bytes | str) and (value or name == _MESSAGE):
                    msg[name] = unscanned_label(reason, len(value))
        except Exception:  # noqa: BLE001 - not even that: a message that may hold secrets goes nowhere
            return False
        return True


def _macros() -> frozenset[bytes | str]:
    """Return the names that syslog-ng computes: they cannot be set, and reading some of them aborts 3.38."""
    syslogng = importlib.import_module("syslogng")  # exists inside syslog-ng only
    return frozenset(syslogng.LogMessage().keys())


def _text(value: Any) -> Any:
    """Return text for bytes; anything else (4.x has numbers and lists) as it is."""
    return value.decode("utf-8", "surrogateescape") if isinstance(value, bytes) else value


def _one_of(name: str, value: str, choices: Sequence[str]) -> str:
    if value not in choices:
        raise ValueError(f"{name} {value!r} is not one of {', '.join(choices)}")
    return value
