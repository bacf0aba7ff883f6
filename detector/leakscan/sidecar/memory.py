"""A budget of memory that requests share: when it is used up, reading waits.

Requests that each have a part and wait for more could wait for each other forever, so the one that came
last is sent away then.

Not here: the sizes (`limits`).
"""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass
from typing import Final

#: What every body may take without asking, so that small ones are not held up by big ones.
FREE: Final = 64 * 1024


class ShortError(Exception):
    """All who have memory wait for more, and this one came last."""


@dataclass(frozen=True, slots=True, eq=False)
class _Waiting:
    """One who waits for `size` bytes and has `held` already."""

    size: int
    held: int
    granted: asyncio.Future[None]


class Memory:
    """Bytes that bodies may take together. Waiting is first come, first served."""

    def __init__(self, limit: int) -> None:
        self._left = limit
        self._taken = 0
        self._waiting: deque[_Waiting] = deque()

    async def take(self, size: int, held: int = 0) -> None:
        """Take bytes, as soon as there are enough and nobody came before; `held` were taken already.

        Raises:
            ShortError: there will not be enough before this one gives its own back.

        """
        if self._left >= size and not self._waiting:
            self._move(size)
            return
        one = _Waiting(size, held, asyncio.get_running_loop().create_future())
        self._waiting.append(one)
        self._send_one_away()
        try:
            await one.granted
        except asyncio.CancelledError:
            if one.granted.done() and not one.granted.cancelled() and one.granted.exception() is None:
                self._move(-size)  # it was granted in the same moment
            self._grant()
            raise

    def give(self, size: int) -> None:
        """Give bytes back; a negative number takes them without waiting, for what is in memory already."""
        self._move(-size)
        self._grant()

    def _move(self, size: int) -> None:
        self._left -= size
        self._taken += size

    def _grant(self) -> None:
        while self._waiting:
            first = self._waiting[0]
            if not first.granted.done():
                if first.size > self._left:
                    break
                self._move(first.size)
                first.granted.set_result(None)
            self._waiting.popleft()
        self._send_one_away()

    def _send_one_away(self) -> None:
        """End the last wait if nobody but who waits has memory to give back."""
        stuck = [one for one in self._waiting if one.held and not one.granted.done()]
        if stuck and sum(one.held for one in stuck) >= self._taken:
            self._waiting.remove(stuck[-1])
            stuck[-1].granted.set_exception(ShortError())
