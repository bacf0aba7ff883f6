"""Draws what stands in made-up log lines: times, addresses, names, ids. Equal seeds give equal lines.

Not here: lines (`loglines`, `jsonlines`), secrets (`planted`), files (`corpus`).
"""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final, TypeVar

if TYPE_CHECKING:
    from collections.abc import Sequence

T = TypeVar("T")

ALNUM: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
BASE64: Final = ALNUM + "+/"
URLSAFE: Final = ALNUM + "-_"
DIGITS: Final = "0123456789"
HEX: Final = "0123456789abcdef"

USERS: Final = (
    "alice",
    "bob",
    "carol",
    "deploy",
    "root",
    "postgres",
    "www-data",
    "mallory",
    "svc-billing",
    "ci",
)
SERVICES: Final = (
    "checkout", "billing", "inventory", "gateway", "search", "mailer", "reports", "auth-api", "ledger",
    "catalog",
)  # fmt: skip
HOSTS: Final = (
    "web-01",
    "web-02",
    "db-01",
    "db-02",
    "cache-01",
    "worker-07",
    "worker-11",
    "edge-03",
    "mesos-slave-07",
)
WORDS: Final = (
    "order", "invoice", "customer", "report", "session", "message", "queue", "batch", "snapshot", "index",
    "replica", "segment", "container", "volume", "policy", "cluster", "shard", "topic", "bucket", "widget",
)  # fmt: skip

_RARE: Final = 0.05
#: The first line of every corpus was written then.
_EPOCH: Final = datetime(2026, 3, 2, 6, 0, 0, tzinfo=UTC)


class Draw:
    """A seeded source of the parts of log lines, with a clock that goes on from line to line."""

    def __init__(self, seed: str) -> None:
        self.random = random.Random(seed)
        self._now = _EPOCH

    def now(self) -> datetime:
        """Return the time, some milliseconds later than the last time asked."""
        self._now += timedelta(milliseconds=self.random.randrange(1, 400))
        return self._now

    def iso(self) -> str:
        """Return the time as `2026-03-02T06:00:00.123Z`."""
        return self.now().strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"

    def clock(self, form: str) -> str:
        """Return the time in a `strftime` form."""
        return self.now().strftime(form)

    def of(self, options: Sequence[T]) -> T:
        """Return one of several."""
        return self.random.choice(options)

    def usual(self, options: Sequence[T]) -> T:
        """Return one of several, the last one rarely."""
        return options[-1] if self.random.random() < _RARE else self.random.choice(options[:-1])

    def number(self, low: int, high: int) -> int:
        """Return a whole number, both ends included."""
        return self.random.randint(low, high)

    def chars(self, alphabet: str, count: int) -> str:
        """Return so many characters of an alphabet."""
        return "".join(self.random.choices(alphabet, k=count))

    def hex(self, count: int) -> str:
        """Return so many hex digits."""
        return f"{self.random.getrandbits(4 * count):0{count}x}"

    def uuid(self) -> str:
        """Return a random UUID."""
        digits = self.hex(32)
        return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-a{digits[17:20]}-{digits[20:]}"

    def ip(self) -> str:
        """Return a private address."""
        return f"10.{self.number(0, 63)}.{self.number(0, 255)}.{self.number(1, 254)}"
