"""Private keys printed one line a record: found over the texts of neighbouring records, taken out of each.

Not here: what a private key looks like (`pem`), secrets within one text.
"""

from __future__ import annotations

from bisect import bisect_right
from itertools import accumulate
from typing import TYPE_CHECKING, Any, Final

import orjson

from leakscan.framing.jsontext import replaced
from leakscan.redact import cuts, splice

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from leakscan.framing.jsontext import Path
    from leakscan.redact import Cut

    from .redaction import Redaction, Tally

#: What the first line of a private key ends with.
HEADER: Final = b"PRIVATE KEY-----"
_FOOTER: Final = "-----END"
#: Records after a header that may be lines of its key: a 16384-bit RSA key has 200.
_MAX_LINES: Final = 512


def taken_out(texts: Sequence[bytes], redaction: Redaction, tally: Tally) -> list[bytes] | None:
    """Return the texts of consecutive records without the keys that straddle them; None if none does.

    A text that has no part in such a key is the same object.
    """
    if not any(HEADER in text for text in texts):
        return None
    joined = b"\n".join(texts)
    starts = [0, *accumulate(len(text) + 1 for text in texts)]
    keys = [
        match
        for match in redaction.matches(joined)
        if match.parts and bisect_right(starts, match.parts[0][0]) != bisect_right(starts, match.parts[-1][0])
    ]
    if not keys:
        return None
    found: dict[int, list[Cut]] = {}
    for cut in cuts(joined, 0, keys, redaction.style, redaction.scanner.identify):
        place = bisect_right(starts, cut.start) - 1
        start = starts[place]
        # a cut of a key is within a line, and a line within a text
        found.setdefault(place, []).append(cut._replace(start=cut.start - start, end=cut.end - start))
    for match in keys:
        tally.add(match.rule.id)
    return [
        b"".join(splice(text, 0, len(text), found[place])) if place in found else text
        for place, text in enumerate(texts)
    ]


def taken_out_of_json(texts: Sequence[bytes], redaction: Redaction, tally: Tally) -> list[bytes] | None:
    """As `taken_out`, for records in JSON: the lines stand in strings under the same path."""
    out = list(texts)
    changed = False
    number = 0
    while number < len(out):
        if HEADER not in out[number]:
            number += 1
            continue
        put, step = _of_records(map(_loaded, out[number : number + _MAX_LINES]), redaction, tally)
        for place, old, new in put:
            out[number + place] = replaced(out[number + place], old, new)
            changed = True
        number += step
    return out if changed else None


def taken_out_of_records(records: Sequence[Any], redaction: Redaction, tally: Tally) -> list[Any] | None:
    """As `taken_out_of_json`, for records that are decoded."""
    out = list(records)
    changed = False
    number = 0
    while number < len(out):
        put, step = _of_records(out[number : number + _MAX_LINES], redaction, tally)
        for place, _, new in put:
            out[number + place] = new
            changed = True
        number += step
    return out if changed else None


def _of_records(
    records: Iterable[Any], redaction: Redaction, tally: Tally
) -> tuple[list[tuple[int, Any, Any]], int]:
    """Return place, old and new of the records with a key that begins in the first, and where to go on."""
    following = list(_lines_of_key(records))
    if not following:
        return [], 1
    lines = [line.encode("utf-8", "surrogateescape") for _, _, line, _ in following]
    cut = taken_out(lines, redaction, tally) or lines
    put = [
        (step, old, _with(old, path, new.decode("utf-8", "surrogateescape")))
        for (old, path, _, step), line, new in zip(following, lines, cut, strict=True)
        if new is not line
    ]
    return put, max(1, following[-1][3])


def _lines_of_key(records: Iterable[Any]) -> Iterator[tuple[Any, Path, str, int]]:
    """Give record, path, string and place of the header and of the strings at its path after it."""
    path: Path | None = None
    for step, record in enumerate(records):
        if path is None:
            path = _path_of(record, HEADER.decode())
            if path is None:
                return
        line = _at(record, path)
        if isinstance(line, str):
            yield record, path, line, step
            if step and _FOOTER in line:
                return


def _loaded(text: bytes) -> Any:
    """Return a record, None if it is no JSON: another line between those of the key."""
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        return None


def _path_of(value: Any, part: str) -> Path | None:
    """Return the path of the first string that holds a part."""
    pending: list[tuple[Path, Any]] = [((), value)]
    while pending:
        path, item = pending.pop(0)
        if isinstance(item, str) and part in item:
            return path
        members = (
            item.items() if isinstance(item, dict) else enumerate(item) if isinstance(item, list) else ()
        )
        pending += [((*path, name), member) for name, member in members]
    return None


def _at(value: Any, path: Path) -> Any:
    for step in path:
        try:
            value = value[step]
        except (LookupError, TypeError):
            return None
    return value


def _with(value: Any, path: Path, put: str) -> Any:
    """Return a copy of a value with another string at a path; what is beside it is shared."""
    if not path:
        return put
    copy = value.copy()
    copy[path[0]] = _with(value[path[0]], path[1:], put)
    return copy
