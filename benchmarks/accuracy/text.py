"""Marked text: a line under construction that knows which of its characters are the secret.

Two private-use characters open and close a secret, two more its *core*: the part that must not survive,
where that is not the whole (in a base64 run, in a webhook's address). They travel unharmed through JSON,
percent and HTML escaping, so a shape is written as plain string formatting and the byte spans come out exact
at the end, in `unmark`.

Not here: what secrets look like (`tokens_*`, `values`), or where they stand (`shapes_*`).

>>> unmark("key=" + mark("abc") + " x")
('key=abc x', (Span(start=4, end=7, core_start=4, core_end=7),))
"""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from html import escape
from urllib.parse import quote

OPEN, CLOSE, CORE_OPEN, CORE_CLOSE = "\ue000", "\ue001", "\ue002", "\ue003"
MARKS = OPEN + CLOSE + CORE_OPEN + CORE_CLOSE
_DROP = dict.fromkeys(map(ord, MARKS))


@dataclass(frozen=True, slots=True)
class Span:
    """Where one secret stands: byte offsets in its line, half-open.

    Attributes:
        start: first byte of the secret, or of the encoded run that holds it.
        end: one past its last byte.
        core_start: first byte that must not survive.
        core_end: one past the last byte that must not survive.

    """

    start: int
    end: int
    core_start: int
    core_end: int


def mark(secret: str) -> str:
    """Wrap a secret in marks."""
    return f"{OPEN}{secret}{CLOSE}"


def core(part: str) -> str:
    """Mark, inside a secret, the part without which the rest opens nothing: the end of a webhook's URL."""
    return f"{CORE_OPEN}{part}{CORE_CLOSE}"


def bare(text: str) -> str:
    """The text without its marks."""
    return text.translate(_DROP)


def unmark(text: str) -> tuple[str, tuple[Span, ...]]:
    """Take the marks out and say, in UTF-8 byte offsets, where they stood.

    Raises:
        ValueError: when marks are not balanced.

    """
    position = 0
    opened: int | None = None
    inner: list[int] = []
    spans: list[Span] = []
    for char in text:
        if char == OPEN:
            if opened is not None:
                raise ValueError("a mark inside a mark")
            opened, inner = position, []
        elif char in (CORE_OPEN, CORE_CLOSE):
            inner.append(position)
        elif char == CLOSE:
            if opened is None:
                raise ValueError("a mark closes before it opens")
            core_start, core_end = inner or (opened, position)
            spans.append(Span(opened, position, core_start, core_end))
            opened = None
        else:
            position += len(char.encode())
    if opened is not None:
        raise ValueError("a mark never closes")
    return bare(text), tuple(spans)


def json_string(text: str) -> str:
    """The text as a JSON string with its quotes, marks kept."""
    return json.dumps(text, ensure_ascii=False)


def json_inner(text: str, depth: int = 1) -> str:
    """The text escaped `depth` times as the inside of a JSON string."""
    for _ in range(depth):
        text = json_string(text)[1:-1]
    return text


def json_object(value: object, *, spaced: bool = True) -> str:
    """A JSON document with marks kept; `spaced` as Python writes it, otherwise as JavaScript and Go do."""
    return json.dumps(value, ensure_ascii=False, separators=(", ", ": ") if spaced else (",", ":"))


def percent(text: str, safe: str = "") -> str:
    """Percent-encode all but unreserved characters; marks are kept."""
    return "".join(char if char in MARKS else quote(char, safe=safe) for char in text)


def html(text: str) -> str:
    """Escape `& < > " '` as HTML does."""
    return escape(text, quote=True)


def xml(text: str) -> str:
    """Escape `& < >` as XML text content needs."""
    return escape(text, quote=False)


def python_repr(text: str) -> str:
    """What `repr` shows for a printable string, marks kept."""
    quote_char = '"' if "'" in text and '"' not in text else "'"
    body = text.replace("\\", "\\\\").replace("\n", "\\n")
    if quote_char == "'":
        body = body.replace("'", "\\'")
    return f"{quote_char}{body}{quote_char}"


def double_quoted(text: str) -> str:
    r"""Double quotes with `\` and `"` escaped, as C, Go, Ruby and logfmt writers do."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def shell_quoted(text: str) -> str:
    """Single quotes where the shell needs them, as `set -x` and `ps` wrappers print."""
    plain = bare(text)
    if plain and all(char.isalnum() or char in "@%+=:,./-_" for char in plain):
        return text
    return "'" + text.replace("'", "'\\''") + "'"


def sql_quoted(text: str) -> str:
    """A SQL string literal: single quotes, doubled inside."""
    return "'" + text.replace("'", "''") + "'"


def logfmt_value(text: str) -> str:
    """A logfmt value: quoted when it holds a space, a quote or an equals sign."""
    plain = bare(text)
    if any(char in plain for char in ' "=\\') or not plain.isascii():
        return double_quoted(text)
    return text


def base64_run(text: str, *, urlsafe: bool = False, pad: bool = True) -> str:
    """Base64 of the text as one marked run; the core is the stretch that carries the marked secret.

    Raises:
        ValueError: when nothing in the text is marked.

    """
    plain, spans = unmark(text)
    if not spans:
        raise ValueError("nothing marked to encode")
    raw = plain.encode()
    run = (base64.urlsafe_b64encode if urlsafe else base64.b64encode)(raw).decode()
    if not pad:
        run = run.rstrip("=")
    first, last = spans[0].core_start * 4 // 3, min(len(run), -(-spans[-1].core_end * 4 // 3))
    return OPEN + run[:first] + CORE_OPEN + run[first:last] + CORE_CLOSE + run[last:] + CLOSE
