"""A budget of memory that requests share: when it is used up, reading waits.

Not here: the sizes (`limits`).
"""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Final

#: What every body may take without asking, so that small ones are not held up by big ones.
FREE: Final = 64 * 1024


class Memory:
    """Bytes that bodies may take together. Waiting is first come, first served."""

    def __init__(self, limit: int) -> None:
        self._left = limit
        self._waiting: deque[tuple[int, asyncio.Future[None]]] = deque()

    async def take(self, size: int) -> None:
        """Take bytes, as soon as there are enough and nobody came before."""
        if self._left >= size and not self._waiting:
            self._left -= size
            return
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((size, future))
        try:
            await future
        except asyncio.CancelledError:
            if future.done() and not future.cancelled():
                self.give(size)  # it was granted in the same moment
            self._grant()
            raise

    def give(self, size: int) -> None:
        """Give bytes back."""
        self._left += size
        self._grant()

    def _grant(self) -> None:
        while self._waiting:
            size, future = self._waiting[0]
            if future.done():
                self._waiting.popleft()
                continue
            if size > self._left:
                return
            self._waiting.popleft()
            self._left -= size
            future.set_result(None)
