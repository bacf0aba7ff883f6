"""Where bodies are rewritten: small ones at once, big ones in a thread, so that others are served meanwhile.

Under `block` it remembers what was refused, by what is in it, and masks it after some times.

Not here: what a body becomes (`rewriting`), who sends it (`proxy`, `calls`).
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import time
from collections import OrderedDict
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Final

from leakscan.redact import UnscannableError

from .rewriting import BLOCKED, Job, RefusedError, Rewritten, rewrite_body

if TYPE_CHECKING:
    from .metrics import Metrics

#: A body from this size on is scanned in a thread.
_INLINE: Final = 1 << 18
_COMPRESSED_INLINE: Final = 1 << 15
_THREADS: Final = 2
#: Bodies whose refusals are remembered.
_MAX_BLOCKED: Final = 4096


class Rewriter:
    """Rewrites bodies for all who listen in one process, and counts what was done."""

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics
        self._threads = ThreadPoolExecutor(_THREADS, "scan")
        self._refused: OrderedDict[bytes, int] = OrderedDict()
        self._key = os.urandom(16)

    def close(self) -> None:
        """Let the threads end."""
        self._threads.shutdown(wait=False)

    async def rewritten(self, job: Job) -> Rewritten:
        """Have a body rewritten.

        Raises:
            RefusedError: it must not be sent on.

        """
        began = time.perf_counter()
        may_be_packed = "Content-Encoding" in job.headers or job.route.codec == "forward"
        least = _COMPRESSED_INLINE if may_be_packed else _INLINE
        try:
            if len(job.body) < least:
                done = rewrite_body(job)
            else:
                loop = asyncio.get_running_loop()
                done = await loop.run_in_executor(self._threads, rewrite_body, job)
        except UnscannableError as error:
            done = self._blocked(job, str(error))
        self._metrics.scanned(time.perf_counter() - began, done.tally)
        self._metrics.count("leakscan_requests", label=done.codec)
        self._metrics.count("leakscan_scanned_bytes", done.size)
        self._metrics.count("leakscan_rewritten", done.body is not job.body or done.target is not None)
        return done

    def _blocked(self, job: Job, reason: str) -> Rewritten:
        """Refuse a body that cannot be scanned; mask it once it was refused often enough."""
        # by what is in it: a client that compresses again may write other bytes
        digest = hashlib.blake2b(job.content(), digest_size=16, key=self._key).digest()
        times = self._refused.pop(digest, 0) + 1
        if times > job.limits.block_attempts:
            return rewrite_body(job.masking())
        self._metrics.count("leakscan_unscanned", label=reason)
        self._refused[digest] = times
        while len(self._refused) > _MAX_BLOCKED:
            self._refused.popitem(last=False)
        raise RefusedError(BLOCKED, "unscanned")
