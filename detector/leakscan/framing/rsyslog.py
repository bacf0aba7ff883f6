"""Dialogues with rsyslog: `mmexternal` asks what to change in a message, `omprog` hands messages over.

Not here: the dialogues themselves (a module each).
"""

from __future__ import annotations

import os
from typing import BinaryIO

from .mmexternal import INTERFACES, Interface, serve_mmexternal
from .omprog import serve_omprog

__all__ = ["INTERFACES", "Interface", "claim_stdout", "serve_mmexternal", "serve_omprog"]


def claim_stdout() -> BinaryIO:
    """Return the process's stdout; whatever else prints to stdout or stderr from now on is lost.

    rsyslog reads both as answers, and one line too many gives every message the answer of the one
    before. Call it before anything else.
    """
    answers = os.fdopen(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nothing, 1)
    os.dup2(nothing, 2)
    os.close(nothing)
    return answers
