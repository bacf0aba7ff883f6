r"""Which codec a request needs: by its path, its content type, and for ClickHouse by its statement.

Not here: the codecs.

>>> detect("/v1/logs", "application/x-protobuf", b"").codec
'otlp-protobuf'
>>> detect("/", "", b"INSERT INTO t (a, b) FORMAT TSV\n1\t2\n").insert
Insert(format='tsv', columns=('a', 'b'), offset=32, delimiter=b',')
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qsl

from .codecs import MalformedError
from .codecs.clickhouse import SELECT, VALUES, Insert

if TYPE_CHECKING:
    from collections.abc import Mapping

#: A body that no codec reads, and one that is no log data.
UNKNOWN: Final = "unknown"
AS_IT_IS: Final = "as-it-is"
#: Bytes of a body that a statement may take.
_STATEMENT: Final = 1 << 16
#: Codecs of UTF-8 (or any other encoding that keeps ASCII as it is). UTF-16, or a body that was compressed
#: without saying so, would pass them as clean.
_READ_AS_TEXT: Final = frozenset(
    {"otlp-json", "loki-json", "elasticsearch", "splunk", "clickhouse", "ndjson", "json", "text"}
)
_WIDE: Final = re.compile(r"(?i)charset\s*=\s*\"?(?:utf-?(?:16|32|7)|ucs|iso-10646|ebcdic|cp037)")
#: Byte-order marks of UTF-16 and UTF-32; gzip, zstd, xz, bzip2, lz4, zlib.
_NO_TEXT: Final = (
    b"\xff\xfe", b"\xfe\xff", b"\x1f\x8b", b"\x28\xb5\x2f\xfd", b"\xfd7zXZ", b"\x04\x22\x4d\x18",
    b"\x78\x9c", b"\x78\xda", b"\xff\x06\x00\x00sNaPpY", *(b"BZh%d1AY" % level for level in range(1, 10)),
)  # fmt: skip
_JSON: Final = frozenset({"application/json", "text/json"})
_NDJSON: Final = frozenset({
    "application/x-ndjson", "application/ndjson", "application/jsonl", "application/x-jsonlines",
    "application/json-lines", "application/jsonlines", "application/stream+json",
})  # fmt: skip
_PROTOBUF: Final = frozenset({
    "application/x-protobuf", "application/protobuf", "application/vnd.google.protobuf"
})  # fmt: skip
_TEXTS: Final = frozenset(
    {"application/logplex-1", "application/x-www-form-urlencoded", "application/syslog"}
)
_INSERT: Final = re.compile(
    r"(?is)\s*(?:(?:--[^\n]*\n|/\*.*?\*/|#[^\n]*\n)\s*)*"
    r"insert\s+into\s+(?:table\s+)?(?P<table>(?:[\w.]+|`[^`]+`|\"[^\"]+\")+)\s*(?P<columns>\([^()]*\))?\s*"
    r"(?:settings\s+[^()]*?)?"
    r"(?:(?P<format>format)\s+(?P<name>\w+)|(?P<values>values)|(?P<select>select|with|watch|\()|(?P<end>$))"
)
_IS_INSERT: Final = re.compile(r"(?is)\s*(?:(?:--[^\n]*\n|/\*.*?\*/)\s*)*insert\s")
_IS_STATEMENT: Final = re.compile(
    r"(?is)\s*(?:(?:--[^\n]*\n|/\*.*?\*/)\s*)*\(?\s*"
    r"(?:select|with|show|describe|desc|exists|create|alter|drop|system|set|use|optimize|truncate|kill|explain|check|grant|rename)\b"
)
_NAMES: Final = re.compile(r"`([^`]+)`|\"([^\"]+)\"|([\w.]+)")


@dataclass(frozen=True, slots=True)
class Detected:
    """The codec of a request: one of `CODECS`, `AS_IT_IS` or `UNKNOWN`; and the insert, if it is one."""

    codec: str
    insert: Insert | None = None


def detect(
    target: str,
    content_type: str,
    body: bytes,
    *,
    headers: Mapping[str, str] | None = None,
    codec: str = "auto",
    columns: Mapping[str, tuple[str, ...]] | None = None,
) -> Detected:
    """Return how to read a request's body.

    Args:
        target: path and query.
        content_type: the header, or an empty string.
        body: decompressed.
        headers: other headers; ClickHouse takes a format there.
        codec: what the route is configured to; `auto` to find out.
        columns: of tables, for inserts without a list of them.

    Raises:
        MalformedError: the request says two things at once.

    """
    path, _, query = target.partition("?")
    kind = content_type.partition(";")[0].strip().lower()
    if codec == "clickhouse" or (codec == "auto" and _may_be_clickhouse(path, query, body)):
        return _clickhouse(query, body, headers or {}, columns or {})
    if codec == "auto":
        codec = _by_path(path.rstrip("/"), kind) or _by_type(kind, body)
    if codec in _READ_AS_TEXT and (_WIDE.search(content_type) or _is_hidden(body)):
        return Detected(UNKNOWN)
    return Detected(codec)


def _is_hidden(body: bytes) -> bool:
    """Tell whether a body that should be text is compressed, or of a wide encoding."""
    return body.startswith(_NO_TEXT) or b"\0" in body[:4]


def _by_path(path: str, kind: str) -> str | None:
    is_protobuf = kind in _PROTOBUF
    if path.endswith("/v1/logs"):
        return "otlp-protobuf" if is_protobuf else "otlp-json" if kind in _JSON else None
    if path.endswith("/v1/traces"):
        return "otlp-traces" if is_protobuf else "otlp-json" if kind in _JSON else None
    if path.endswith("/v1/metrics"):
        return "opaque" if is_protobuf else "otlp-json" if kind in _JSON else None
    if path.endswith(("/loki/api/v1/push", "/api/prom/push")):
        return "loki-json" if kind in _JSON else "loki-protobuf"
    if path.endswith("/_bulk"):
        return "elasticsearch"
    if path.endswith("/services/collector/raw") or "/services/collector/raw/" in path:
        return "text"
    if "/services/collector" in path:
        return "splunk"
    return None


def _by_type(kind: str, body: bytes) -> str:
    if kind in _NDJSON:
        return "ndjson"
    if kind in _JSON or kind.endswith("+json"):
        # many shippers call lines of JSON by this name
        return "ndjson" if _is_lines(body) else "json"
    if kind.startswith("text/") or kind in _TEXTS or kind in {"", "application/octet-stream"}:
        return "text" if _is_text(body) and body.lstrip()[:1] not in (b"{", b"[") else _by_sight(body)
    return UNKNOWN


def _by_sight(body: bytes) -> str:
    if not _is_text(body):
        return UNKNOWN
    return "ndjson" if _is_lines(body) else "json"


def _is_lines(body: bytes) -> bool:
    """Tell whether the first line is an object, and another one follows."""
    end = body.find(b"\n{")
    return body.startswith(b"{") and end >= 0 and body[:end].rstrip(b"\r\n").endswith(b"}")


def _is_text(body: bytes) -> bool:
    head = body[:4096]
    if b"\0" in head:
        return False
    try:
        head.decode()
    except UnicodeDecodeError as error:
        # Latin-1 logs are text as well; what has many control characters is not
        return error.start > len(head) - 4 or not any(byte < 9 or 13 < byte < 27 for byte in head)  # noqa: PLR2004 - ASCII
    return True


def _may_be_clickhouse(path: str, query: str, body: bytes) -> bool:
    if path != "/":
        return False
    if "query=" in query:
        return True
    head = body[:256].decode("utf-8", "replace")
    return _IS_INSERT.match(head) is not None


def _clickhouse(
    query: str, body: bytes, headers: Mapping[str, str], columns: Mapping[str, tuple[str, ...]]
) -> Detected:
    pairs = parse_qsl(query, keep_blank_values=True)
    parameters = dict(pairs)
    if sum(name == "query" for name, _ in pairs) > 1:
        raise MalformedError("several statements in the URL")  # which of them counts is not ours to say
    if parameters.get("decompress") == "1":
        return Detected(UNKNOWN)  # blocks of ClickHouse's own compression
    statement = parameters.get("query", "")
    head = body[:_STATEMENT].decode("utf-8", "surrogateescape")
    # ClickHouse reads the parameter, a line end, and the body, as one text
    text = statement + "\n" + head if statement else head
    found = _INSERT.match(text)
    if found is None:
        if _IS_STATEMENT.match(text):
            return Detected(AS_IT_IS)  # a query, and no log data
        return Detected(UNKNOWN)
    name = found["name"] or (SELECT if found["select"] else None)
    before = found.end()
    if found["format"] and text[found.start("format") : found.start("format") + 6].lower() == "format":
        before += _separator(text, before)
    if name is None:
        name = VALUES if found["values"] else headers.get("X-ClickHouse-Format", VALUES)
    skipped = len(text[:before].encode("utf-8", "surrogateescape"))
    prefix = len(statement.encode("utf-8", "surrogateescape")) + 1 if statement else 0
    named = tuple("".join(parts) for parts in _NAMES.findall(found["columns"] or ""))
    table = found["table"].replace("`", "").replace('"', "")
    delimiter = parameters.get("format_csv_delimiter", ",").encode() or b","
    insert = Insert(
        name.lower(),
        named or columns.get(table, ()),
        max(0, skipped - prefix),
        delimiter,
        min(skipped, max(0, prefix - 1)),
    )
    rows = body[insert.offset :]
    return Detected("clickhouse", insert) if insert.is_text and not _is_hidden(rows) else Detected(UNKNOWN)


def _separator(text: str, position: int) -> int:
    """Return how many characters stand between the format's name and the rows: spaces, one line end."""
    end = position
    while end < len(text) and text[end] in " \t\r;":
        end += 1
    if end < len(text) and text[end] == "\n":
        end += 1
    return end - position
