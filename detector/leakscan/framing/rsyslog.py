"""Dialogues with rsyslog: `mmexternal` asks what to change in a message, `omprog` hands messages over.

Not here: the dialogues themselves (a module each).
"""

from __future__ import annotations

import os
from contextlib import suppress
from typing import BinaryIO, Final

from .mmexternal import INTERFACES, Interface, serve_mmexternal
from .omprog import serve_omprog

__all__ = ["INTERFACES", "Interface", "claim_streams", "serve_mmexternal", "serve_omprog"]

#: Above all other descriptors that a helper opens.
_LATE: Final = 100


def claim_streams() -> tuple[BinaryIO, BinaryIO]:
    """Return the streams of messages and of answers, with stdin and stdout out of everybody's reach.

    rsyslog reads what goes to stdout, or to a stderr that goes there (`mmexternal`), as answers, and one
    line too many gives every message the answer of the one before: such output is lost from here on.
    Call it before anything else.
    """
    # Linux closes the files of a killed process from the last to the first. Messages last: so rsyslog finds
    # nobody reading before it finds nobody answering, and starts another helper; else it takes the silence
    # of the dead one for answers, for as many messages as it can send in the meantime.
    messages = os.fdopen(_duplicate(0, _LATE), "rb")
    answers = os.fdopen(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_RDWR)
    with suppress(OSError):  # stderr is closed
        if os.path.samestat(os.fstat(1), os.fstat(2)) and not os.isatty(2):
            os.dup2(nothing, 2)
    os.dup2(nothing, 0)
    os.dup2(nothing, 1)
    os.close(nothing)
    return messages, answers


def _duplicate(descriptor: int, least: int) -> int:
    """Return a copy of a descriptor with a number of `least` or more, where the system can do that."""
    try:
        from fcntl import F_DUPFD_CLOEXEC, fcntl  # noqa: PLC0415 - not on every system
    except ImportError:
        return os.dup(descriptor)
    return fcntl(descriptor, F_DUPFD_CLOEXEC, least)
