"""Private keys printed one line a record: found over the texts of neighbouring records, taken out of each.

Not here: what a private key looks like (`pem`), secrets within one text.
"""

from __future__ import annotations

from bisect import bisect_right
from itertools import accumulate
from typing import TYPE_CHECKING, Final

from leakscan.redact import cuts, splice

if TYPE_CHECKING:
    from collections.abc import Sequence

    from leakscan.redact import Cut

    from .redaction import Redaction, Tally

#: What the first line of a private key ends with.
HEADER: Final = b"PRIVATE KEY-----"


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
