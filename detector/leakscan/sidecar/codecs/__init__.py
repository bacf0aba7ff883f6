"""Codecs: bodies of log protocols with their secrets taken out, as pure functions, bytes in, bytes out.

Each module here has a function `rewrite(body, redaction, tally) -> bytes`. The body comes without
compression. What holds no secret comes back as the same object; otherwise everything but the secrets
stays as it is: order, unknown fields, number formats, white space.

Not here: which codec a request needs (`sidecar.detect`), compression (`sidecar.compression`).

>>> from leakscan import Scanner
>>> from leakscan.sidecar.codecs import Redaction, Tally, rewrite
>>> tally = Tally()
>>> rewrite("ndjson", b'{"user":"bob","password":"hunter2-Tr0ub4dor"}', Redaction.of(Scanner()), tally)
b'{"user":"bob","password":"[REDACTED:generic-password]"}'
>>> tally.by_rule
{'generic-password': 1}
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Final, Protocol, cast

from .redaction import MalformedError, Redaction, Tally

if TYPE_CHECKING:
    from collections.abc import Callable


class Codec(Protocol):
    """What a module of this package offers."""

    def rewrite(self, body: bytes, redaction: Redaction, tally: Tally) -> bytes:
        """Return the body without its secrets; the same object if it has none."""

    def masked(self, body: bytes, reason: str) -> bytes:
        """Return a body of the same protocol that says that this one could not be scanned."""


#: The codecs by name, and what each reads.
CODECS: Final[dict[str, str]] = {
    "otlp-protobuf": "OTLP/HTTP and OTLP/gRPC logs, protobuf",
    "otlp-traces": "OTLP/HTTP traces, protobuf",
    "otlp-json": "OTLP/HTTP logs and traces, JSON",
    "loki-protobuf": "Loki push, snappy block protobuf",
    "loki-json": "Loki push, JSON",
    "elasticsearch": "Elasticsearch and OpenSearch _bulk",
    "splunk": "Splunk HTTP Event Collector, concatenated JSON events",
    "clickhouse": "ClickHouse inserts in text formats",
    "forward": "Fluent Forward messages, msgpack",
    "ndjson": "a JSON value a line",
    "json": "a JSON document",
    "text": "lines of text",
    "opaque": "other protocols: secrets are overwritten in place, with as many bytes",
}
_FUNCTIONS: Final = {
    "otlp-traces": ("otlp_protobuf", "rewrite_traces", "masked_traces"),
    "loki-protobuf": ("loki", "rewrite", "masked"),
    "loki-json": ("loki", "rewrite_json", "masked_json"),
    "json": ("plain", "rewrite_json", "masked_json"),
    "text": ("plain", "rewrite", "masked"),
}


def rewrite(codec: str, body: bytes, redaction: Redaction, tally: Tally) -> bytes:
    """Return a body without its secrets; the same object if it has none.

    Args:
        codec: one of `CODECS`.
        body: decompressed; for `loki-protobuf` with its snappy block.
        redaction: how to redact.
        tally: counts of what was done are added here.

    Raises:
        MalformedError: the body is not what the codec reads.
        UnscannableError: a part could not be scanned and the policy is to block.

    """
    return cast("Callable[[bytes, Redaction, Tally], bytes]", _function(codec, 1))(body, redaction, tally)


def masked(codec: str, body: bytes, reason: str) -> bytes:
    """Return a body of the same protocol that says that this one could not be scanned.

    Raises:
        MalformedError: nothing can stand in for it.

    """
    return cast("Callable[[bytes, str], bytes]", _function(codec, 2))(body, reason)


def _function(codec: str, place: int) -> object:
    names = _FUNCTIONS.get(codec, (codec.replace("-", "_"), "rewrite", "masked"))
    return getattr(importlib.import_module(f".{names[0]}", __name__), names[place])


__all__ = ["CODECS", "Codec", "MalformedError", "Redaction", "Tally", "masked", "rewrite"]
