"""Random scenery for log lines: alphabets, names, hosts, ids, times. Everything comes from one seeded source.

Not here: secrets. A `Scene` only draws what stands around them, and the raw characters they are made of.
"""

# ruff: noqa: E501 - lines of logs and rows of tables stay whole

from __future__ import annotations

import base64
import uuid
from datetime import UTC, datetime, timedelta
from random import Random

DIGITS = "0123456789"
LOWER = "abcdefghijklmnopqrstuvwxyz"
UPPER = LOWER.upper()
HEX = DIGITS + "abcdef"
HEX_UPPER = DIGITS + "ABCDEF"
LETTERS = UPPER + LOWER
LOWER_NUM = DIGITS + LOWER
UPPER_NUM = DIGITS + UPPER
ALNUM = DIGITS + LETTERS
URLSAFE = ALNUM + "-_"
B64 = ALNUM + "+/"
BASE32 = UPPER + "234567"
BASE32_LOWER = BASE32.lower()
BECH32 = "QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L"

FIRST = [
    "alice",
    "bob",
    "carol",
    "dave",
    "erin",
    "frank",
    "grace",
    "heidi",
    "ivan",
    "judy",
    "mallory",
    "niaj",
    "olivia",
    "peggy",
    "rupert",
    "sybil",
    "trent",
]
WORDS = [
    "order",
    "invoice",
    "cart",
    "basket",
    "ledger",
    "shipment",
    "report",
    "backup",
    "cluster",
    "worker",
    "gateway",
    "billing",
    "search",
    "profile",
    "inventory",
    "catalog",
    "payment",
    "checkout",
    "email",
    "notify",
    "render",
    "image",
    "queue",
    "stream",
    "topic",
    "partition",
    "replica",
    "session",
    "schema",
    "tenant",
    "account",
    "region",
    "bucket",
    "volume",
    "snapshot",
    "pipeline",
    "artifact",
    "branch",
    "commit",
    "release",
    "deploy",
    "canary",
]
SERVICES = [
    "api-gateway",
    "billing-worker",
    "auth-service",
    "cart-service",
    "checkout",
    "payments-api",
    "ledger",
    "inventory-sync",
    "mailer",
    "search-indexer",
    "web-frontend",
    "report-builder",
    "image-resizer",
    "scheduler",
    "ingest",
    "notifier",
]
LEVELS = ["DEBUG", "INFO", "WARN", "ERROR", "INFO", "INFO"]
TLDS = ["com", "net", "org", "io", "dev", "internal", "local"]
CLASSES = [
    "com.acme.billing.InvoiceService",
    "org.springframework.web.servlet.DispatcherServlet",
    "io.netty.channel.Handler",
    "com.example.orders.OrderController",
    "org.hibernate.engine.jdbc.spi.SqlExceptionHelper",
    "org.apache.kafka.clients.NetworkClient",
    "com.zaxxer.hikari.pool.HikariPool",
]


class Scene:
    """A seeded source of characters and scenery. Equal seeds draw equal lines."""

    def __init__(self, seed: int | str) -> None:
        self.rng = Random(seed)

    def chars(self, alphabet: str, low: int, high: int | None = None) -> str:
        """`low` characters of the alphabet, or between `low` and `high`."""
        count = low if high is None else self.rng.randint(low, high)
        return "".join(self.rng.choices(alphabet, k=count))

    def pick(self, *options: str) -> str:
        """One of the options."""
        return self.rng.choice(options)

    def number(self, low: int, high: int) -> int:
        """A whole number, both ends included."""
        return self.rng.randint(low, high)

    def hex(self, count: int) -> str:
        """Lower-case hexadecimal digits."""
        return self.chars(HEX, count)

    def bytes(self, count: int) -> bytes:
        """Random bytes."""
        return self.rng.randbytes(count)

    def b64(self, count: int) -> str:
        """Standard base64 of `count` random bytes."""
        return base64.b64encode(self.bytes(count)).decode()

    def uuid(self) -> str:
        """A version 4 UUID."""
        return str(uuid.UUID(bytes=self.bytes(16), version=4))

    def user(self) -> str:
        """A login name."""
        return self.pick(*FIRST) + self.pick("", "", "", str(self.number(1, 99)), ".k", "_adm")

    def word(self) -> str:
        """A noun of business software."""
        return self.pick(*WORDS)

    def service(self) -> str:
        """A service name."""
        return self.pick(*SERVICES)

    def host(self) -> str:
        """A host name."""
        return f"{self.pick('db', 'api', 'cache', 'app', 'mq', 'git', 'smtp')}{self.number(1, 40)}.{self.word()}.{self.pick(*TLDS)}"

    def ip(self) -> str:
        """An IPv4 address."""
        return ".".join(str(self.number(1, 254)) for _ in range(4))

    def email(self) -> str:
        """An e-mail address of a made-up person."""
        return f"{self.pick(*FIRST)}@{self.word()}.example.{self.pick('com', 'org', 'net')}"

    def path(self) -> str:
        """A URL path."""
        return "/" + "/".join(
            [self.pick("api", "v1", "v2", "rest"), self.word() + "s", str(self.number(1, 99999))]
        )

    def when(self) -> datetime:
        """A moment of recent years."""
        start = datetime(2023, 1, 1, tzinfo=UTC)
        return start + timedelta(seconds=self.number(0, 90_000_000), microseconds=self.number(0, 999_999))

    def pod(self) -> str:
        """A Kubernetes pod name."""
        return f"{self.service()}-{self.chars('bcdfghjklmnpqrstvwxz2456789', 9)}-{self.chars('bcdfghjklmnpqrstvwxz2456789', 5)}"
