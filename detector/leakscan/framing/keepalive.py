"""Dots while something takes long, so that the one who waits for an answer goes on waiting.

Not here: the answers.
"""

from __future__ import annotations

import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, BinaryIO, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

#: Seconds between dots. rsyslog waits 10 s (`confirmTimeout`) unless told otherwise.
INTERVAL: Final = 3.0


class Answers:
    """Answers, one line each; inside `working()` a dot is sent every few seconds until the answer."""

    def __init__(self, stream: BinaryIO, interval: float = INTERVAL) -> None:
        self._stream = stream
        self._interval = interval
        self._lock = threading.Lock()
        self._works = 0  # odd while at work; each work has its own number
        self._thread: threading.Thread | None = None

    def say(self, answer: bytes) -> None:
        """Send an answer and its line end.

        Raises:
            OSError: nobody reads any more.

        """
        with self._lock:
            self._stream.write(answer + b"\n")
            self._stream.flush()

    @contextmanager
    def working(self) -> Iterator[None]:
        """Send dots for as long as the block runs."""
        with self._lock:
            self._works += 1
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, daemon=True, name="leakscan-keepalive")
            self._thread.start()
        try:
            yield
        finally:
            with self._lock:
                self._works += 1

    def _run(self) -> None:
        seen = 0
        while True:
            time.sleep(self._interval)  # not woken for each work: nearly all are over at once
            with self._lock:
                if self._works % 2 and self._works == seen:
                    try:
                        self._stream.write(b".")
                        self._stream.flush()
                    except (OSError, ValueError):
                        return  # the next answer will say so
                seen = self._works
