"""ClickHouse's statement in the URL: the rows that stand in it, and the values of its parameters.

    POST /?query=INSERT INTO log VALUES ('..')        POST /?query=INSERT .. {text:String}..&param_text=..

Every other parameter, and every byte that need not change, stays as it is. Not here: what a statement is
(`detect`), rows (`codecs.clickhouse`).
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final
from urllib.parse import quote, unquote_to_bytes

from .codecs import clickhouse

if TYPE_CHECKING:
    from .codecs import Redaction, Tally
    from .codecs.clickhouse import Insert

_QUERY: Final = "query"
_PARAMETER: Final = "param_"


def rewrite_target(target: str, insert: Insert, redaction: Redaction, tally: Tally) -> str:
    """Return path and query of an insert without secrets; the same object if they have none.

    Raises:
        UnscannableError: a part could not be scanned and the policy is to block.

    """
    path, mark, query = target.partition("?")
    changed = False
    parts = query.split("&")
    for place, part in enumerate(parts):
        name, _, value = part.partition("=")
        data = _decoded(value)
        if _decoded(name) == _QUERY.encode():
            put = _rows_of(data, insert, redaction, tally)
        elif name.startswith(_PARAMETER):
            put = _value_of(name.removeprefix(_PARAMETER), data, redaction, tally)
        else:
            continue
        if put is not data:
            parts[place] = f"{name}={quote(put, safe='')}"
            changed = True
    return path + mark + "&".join(parts) if changed else target


def is_suspect(target: str, body: bytes, redaction: Redaction) -> bool:
    """Tell whether a statement that is no insert, in the URL or the body, holds what reads like a secret."""
    query = target.partition("?")[2]
    texts = [_decoded(part.partition("=")[2]) for part in query.split("&") if part.startswith("query=")]
    return any(redaction.matches(text) for text in [*texts, body])


def _rows_of(statement: bytes, insert: Insert, redaction: Redaction, tally: Tally) -> bytes:
    rows = statement[insert.inline :]
    if not rows.strip():
        return statement
    put = clickhouse.rewrite(rows, redaction, tally, replace(insert, offset=0))
    return statement if put is rows else statement[: insert.inline] + put


def _value_of(name: str, data: bytes, redaction: Redaction, tally: Tally) -> bytes:
    text = data.decode("utf-8", "surrogateescape")
    put = str(redaction.record({name: text}, tally)[name])
    return data if put == text else put.encode("utf-8", "surrogateescape")


def _decoded(value: str) -> bytes:
    return unquote_to_bytes(value.replace("+", " "))
