"""What a server says when a query fails: its code, and the end of an answer that broke off.

The text of a server's error may quote rows, so none of it is shown, only what its code means. Codes and their
names are from ClickHouse's `src/Common/ErrorCodes.cpp`.

Not here: sending queries (`server`).
"""

from __future__ import annotations

import re
from typing import Final

_CODE: Final = re.compile(rb"Code: (\d{1,5})\b")
_NAME: Final = re.compile(rb"\(([A-Z][A-Z_]{3,60})\)")
#: How a row begins and ends in JSONEachRow. What else an answer ends with is the text of an error.
_ROW: Final = b'{"'
_ROW_END: Final = b"}\n"
_EXCEPTION: Final = b'{"exception":'

#: The codes of a wrong name or password, by the versions that use them.
WRONG_PASSWORD: Final = frozenset({192, 193, 194, 516})
#: A setting, or what it was set to, is not allowed to this user.
SETTING_REFUSED: Final = frozenset({115, 164, 452})
_MEANINGS: Final = {
    60: "there is no such table (any more)",
    81: "there is no such database",
    16: "a column was dropped meanwhile",
    47: "a column was dropped meanwhile, or the server does not know a virtual one",
    158: "the server's limit on rows to read was reached",
    159: "the server's limit on the time of a query was reached: see --max-execution-time",
    160: "the server's limit on the time of a query was reached: see --max-execution-time",
    201: "the user's quota is used up",
    202: "the server has too many queries running",
    209: "the server waited too long for its network",
    236: "the server gave up the query",
    241: "the server's limit on memory was reached",
    307: "the server's limit on bytes to read was reached",
    394: "the query was killed on the server",
    396: "the server's limit on the size of a result was reached",
    497: "the user may not read this",
}


def code_in(text: bytes) -> int | None:
    """Return the code of an error in an answer, None where there is none."""
    found = _CODE.search(text)
    return int(found[1]) if found else None


def meaning(text: bytes, status: int = 200) -> str:
    """Return in our words what an error says; nothing of it is repeated but its code and name."""
    code = code_in(text)
    if code in WRONG_PASSWORD or (code is None and status in {401, 403}):
        return "wrong user or password: give CLICKHOUSE_PASSWORD, --password-file or --ask-password"
    if code is None:
        if status >= 300:  # noqa: PLR2004 - not a success
            return f"HTTP {status}, and not as ClickHouse answers: is this the port of its HTTP interface?"
        return "the answer broke off"
    known = _MEANINGS.get(code)
    if known is None:
        name = _NAME.search(text)
        known = f"the server reports an error ({name[1].decode()})" if name else "the server reports an error"
    return f"{known} (code {code})"


def broken_off(tail: bytes) -> bool:
    """Tell whether the last bytes of rows in JSON show that there should have been more."""
    if not tail:
        return False
    if not tail.endswith(_ROW_END):
        return True
    last = tail[tail.rfind(b"\n", 0, -1) + 1 :]
    return last.startswith(_EXCEPTION) and code_in(last) is not None


def without_error(tail: bytes) -> bytes:
    """Return the last bytes of rows without the text of an error; they may begin in the middle of a row."""
    if not broken_off(tail):
        return tail
    start = tail.find(b"\n") + 1
    while start < len(tail):
        if not tail.startswith(_ROW, start) or tail.startswith(_EXCEPTION, start):
            return tail[:start]
        start = tail.find(b"\n", start) + 1 or len(tail)
    return tail
