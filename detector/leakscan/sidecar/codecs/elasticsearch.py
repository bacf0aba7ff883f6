"""Elasticsearch and OpenSearch `_bulk`: action lines, each followed by a source but for `delete`.

Action lines are never rewritten: they say where a document goes. The last byte is a line feed.
From https://www.elastic.co/guide/en/elasticsearch/reference/current/docs-bulk.html.

Not here: JSON itself (`jsondoc`).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from .jsondoc import label_for, redact_json
from .straddle import taken_out_of_json

if TYPE_CHECKING:
    from .redaction import Redaction, Tally

_ACTION: Final = re.compile(rb'\s*+\{\s*+"(index|create|update|delete)"\s*+:')


def rewrite(body: bytes, redaction: Redaction, tally: Tally) -> bytes:
    """Return the body without the secrets in its sources; the same object if they have none.

    Raises:
        UnscannableError: a part could not be scanned and the policy is to block.

    """
    spots = redaction.spots(body)
    tally.records += body.count(b"\n") // 2
    if not spots:
        return body
    lines = body.split(b"\n")
    sources = _sources(lines)
    without_keys = taken_out_of_json([lines[number] for number in sources], redaction, tally)
    changed = False
    for place, number in enumerate(sources):
        old = lines[number]
        text = without_keys[place] if without_keys else old
        put = redact_json(text, redaction, tally) if redaction.selects(text) else text
        if put is not old:
            lines[number] = put
            changed = True
    return b"\n".join(lines) if changed else body


def masked(body: bytes, reason: str) -> bytes:
    """Return the same actions with sources that say that they could not be scanned."""
    lines = body.split(b"\n")
    for number in _sources(lines):
        # an update holds its document a level deeper
        label = label_for(b"{" + lines[number][1:], reason)
        lines[number] = b'{"doc":%b}' % label if _is_update(lines, number) else label
    return b"\n".join(lines)


def _sources(lines: list[bytes]) -> list[int]:
    """Return the numbers of the lines that are no actions."""
    sources = []
    is_source = False
    for number, line in enumerate(lines):
        if not line.strip():
            continue
        if is_source:
            sources.append(number)
            is_source = False
            continue
        action = _ACTION.match(line)
        if action is None:
            sources.append(number)  # no action: whatever it is, it is looked at
        else:
            is_source = action[1] != b"delete"
    return sources


def _is_update(lines: list[bytes], number: int) -> bool:
    action = _ACTION.match(lines[number - 1]) if number else None
    return action is not None and action[1] == b"update"
