"""Reading one row in JSONEachRow.

Not here: what a row means (`rows`, `spread`).
"""

from __future__ import annotations

import json
from typing import Any

import orjson


def loads(text: bytes) -> dict[str, Any]:
    """Read a row; bytes that are no UTF-8 become surrogates.

    Raises:
        ValueError: it is no JSON object.
        RecursionError: it is too deep.

    """
    try:
        row = orjson.loads(text)
    except orjson.JSONDecodeError:
        row = json.loads(text.decode("utf-8", "surrogateescape"), strict=False)
    if not isinstance(row, dict):
        raise TypeError("a row is an object")
    return row
