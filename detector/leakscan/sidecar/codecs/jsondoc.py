"""JSON documents: records cut out of the text, each redacted in place, everything else as it was.

A document is cut into records (the values at known paths) and what is around them. Only records that
the prefilter selects are parsed. Nothing is written again but strings that held a secret.

Not here: which paths a protocol has (its codec), lines of JSON (`ndjson`).
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from leakscan.framing.jsontext import replaced, rewrite, scalars
from leakscan.redact import UnscannableError, cuts, splice, unscanned_label

from .jsonspans import ANY, loads, records_in
from .straddle import taken_out_of_json

if TYPE_CHECKING:
    from collections.abc import Sequence

    from leakscan.framing.jsontext import Path

    from .jsonspans import Span
    from .redaction import Redaction, Tally

_SPACE: Final = b" \t\r\n"
_NULL: Final = b"null"
_MORE_LINES: Final = re.compile(rb"[\[{:,][ \t]*\r?\n")

#: Redacts a parsed record; returns the same object when it is clean.
Record = Callable[[Any, "Redaction", "Tally"], Any]


def redact_document(
    body: bytes,
    paths: Sequence[Path],
    redaction: Redaction,
    tally: Tally,
    finish: Callable[[bytes, bytes], bytes] | None = None,
    record: Record | None = None,
) -> bytes:
    """Return one or more JSON documents without their secrets; the same object if they have none.

    Args:
        body: the text: documents one after another, also with white space or commas between them.
        paths: where records stand; `ANY` is any member or item. The first step is the document.
        redaction: how to redact.
        tally: counts are added here.
        finish: given the text of a record before and after it changed, returns what is written.
        record: redacts a parsed record, if not `Redaction.record`.

    """
    if not selects(body, redaction):
        return body
    try:
        spans = list(records_in(body, paths))
    except ValueError:
        return redact_text(body, redaction, tally)
    changed = _changed(body, spans, redaction, tally, finish, record)
    pieces: list[bytes] = []
    # what is around the records: a null stands for each
    position = 0
    for span in spans:
        pieces += body[position : span.start], _NULL
        position = span.end
    around = b"".join([*pieces, body[position:]])
    redacted = _around(around, redaction, tally, record)
    if redacted is around and not changed:
        return body
    if redacted is around:
        return _put(body, spans, changed)
    if finish:
        redacted = finish(around, redacted)
    return _refilled(body, spans, changed, redacted)


def selects(text: bytes, redaction: Redaction) -> bool:
    """Tell whether JSON text may hold a secret; text over several lines is not judged by the prefilter."""
    return redaction.selects(text) or (b"\n" in text and _MORE_LINES.search(text) is not None)


def redact_json(text: bytes, redaction: Redaction, tally: Tally, record: Record | None = None) -> bytes:
    """Return a JSON value without its secrets: the same object if it has none; text if it is no JSON.

    Raises:
        UnscannableError: a part could not be scanned and the policy is to block.

    """
    try:
        value = loads(text)
    except (ValueError, RecursionError):
        return redact_text(text, redaction, tally)
    try:
        return _redacted(text, value, redaction, tally, record)
    except UnscannableError:
        raise
    except Exception as error:  # noqa: BLE001 - our own bug must not let a secret through
        reason = type(error).__name__
        tally.fail(reason)
        if redaction.on_failure == "block":
            raise UnscannableError(reason) from None
        if redaction.on_failure == "open":
            return text
        return label_for(text, reason)


def redact_text(text: bytes, redaction: Redaction, tally: Tally) -> bytes:
    """Return text without its secrets; the same object if it has none."""
    matches = redaction.matches(text)
    if not matches:
        return text
    for match in matches:
        tally.add(match.rule.id)
    taken = cuts(text, 0, matches, redaction.style, redaction.scanner.identify)
    return b"".join(splice(text, 0, len(text), taken))


def label_for(text: bytes, reason: str) -> bytes:
    """Return the JSON value that stands in the place of one that could not be scanned."""
    label = unscanned_label(reason, len(text))
    return b'{"leakscan":"%b"}' % label if text.lstrip(_SPACE).startswith(b"{") else b'"%b"' % label


def _redacted(text: bytes, value: Any, redaction: Redaction, tally: Tally, record: Record | None) -> bytes:
    """Take out what is found in the strings of a value, and what names and structure tell."""
    if _has_repeats(text):
        # only the last of repeated members is in the value; the text has them all
        matches = redaction.matches(text)
        if matches:
            for match in matches:
                tally.add(match.rule.id)
            taken = list(cuts(text, 0, matches, redaction.style, redaction.scanner.identify))
            text = rewrite(text, taken)
            value = loads(text)
    redacted = record(value, redaction, tally) if record else redaction.record(value, tally)
    if redacted is value:
        return text
    return replaced(text, value, redacted)


def _has_repeats(text: bytes) -> bool:
    """Tell whether an object has two members of one name."""
    repeats = False

    def look(pairs: list[tuple[str, Any]]) -> None:
        nonlocal repeats
        repeats = repeats or len({name for name, _ in pairs}) < len(pairs)

    json.loads(text.decode("utf-8", "surrogateescape"), object_pairs_hook=look)
    return repeats


def _around(text: bytes, redaction: Redaction, tally: Tally, record: Record | None) -> bytes:
    """Redact what is around records: documents, one after another."""
    if not selects(text, redaction):
        return text
    spans = list(records_in(text, [(ANY,)]))
    pieces: list[bytes] = []
    position = 0
    is_changed = False
    for span in spans:
        document = text[span.start : span.end]
        put = redact_json(document, redaction, tally, record)
        is_changed = is_changed or put is not document
        pieces += text[position : span.start], put
        position = span.end
    return b"".join([*pieces, text[position:]]) if is_changed else text


def _changed(
    body: bytes,
    spans: Sequence[Span],
    redaction: Redaction,
    tally: Tally,
    finish: Callable[[bytes, bytes], bytes] | None,
    record: Record | None,
) -> dict[int, bytes]:
    """Return the records that held a secret, by number."""
    texts = [body[span.start : span.end] for span in spans]
    without_keys = taken_out_of_json(texts, redaction, tally) or texts
    changed: dict[int, bytes] = {}
    for number, (old, text) in enumerate(zip(texts, without_keys, strict=True)):
        put = redact_json(text, redaction, tally, record) if selects(text, redaction) else text
        if put is not old:
            changed[number] = finish(old, put) if finish else put
    return changed


def _put(body: bytes, spans: Sequence[Span], changed: dict[int, bytes]) -> bytes:
    pieces: list[bytes] = []
    position = 0
    for number, put in changed.items():
        span = spans[number]
        pieces += body[position : span.start], put
        position = span.end
    return b"".join([*pieces, body[position:]])


def _refilled(body: bytes, spans: Sequence[Span], changed: dict[int, bytes], around: bytes) -> bytes:
    """Put the records back into what is around them, by path.

    Raises:
        UnscannableError: what is around them was masked, and they have no place any more.

    """
    waiting: dict[Path, list[int]] = {}
    for number, span in enumerate(spans):
        waiting.setdefault(span.path, []).append(number)
    for numbers in waiting.values():
        numbers.reverse()
    pieces: list[bytes] = []
    position = 0
    for place, document in enumerate(records_in(around, [(ANY,)])):
        if around[document.start : document.end] == _NULL and (place,) in waiting:
            found: list[tuple[Path, int, int]] = [((), document.start, document.end)]
        else:
            text = around[document.start : document.end]
            found = [(path, document.start + a, document.start + b) for path, a, b in scalars(text)]
        for path, start, end in found:
            numbers = waiting.get((place, *path), [])
            if numbers and around[start:end] == _NULL:
                number = numbers.pop()
                span = spans[number]
                pieces += around[position:start], changed.get(number, body[span.start : span.end])
                position = end
    if any(waiting.values()):
        raise UnscannableError("record")
    return b"".join([*pieces, around[position:]])
