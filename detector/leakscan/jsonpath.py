"""JSON paths: where in a record a finding stands, as RFC 9535 writes it. No secret is ever part of one.

Names that are identifiers are written in shorthand (`$.user.id`), others in brackets and double quotes
(`$["pass word"][0]`). A trailing `~` says that the secret stands in the name itself, not in its value
(an extension that several implementations share; RFC 9535 cannot point at a name).

Not here: reading paths.

>>> render(((None, "user"), 0))
'$.user[0]'
"""

from __future__ import annotations

import json
import re
from typing import Final

#: A path: None for the root, else the path of the parent and a name or an index.
Path = tuple["Path", str | int] | None

_FIRST: Final = r"A-Za-z_\u0080-\ud7ff\ue000-\U0010ffff"
_SHORTHAND: Final = re.compile(f"[{_FIRST}][0-9{_FIRST}]*")


def render(path: Path, *, name: bool = False) -> str:
    """Return the text of a path; `name` says that it means the last member's name."""
    steps: list[str] = ["~"] if name else []
    while path is not None:
        path, step = path
        if isinstance(step, int):
            steps.append(f"[{step}]")
        elif _SHORTHAND.fullmatch(step):
            steps.append(f".{step}")
        else:
            steps.append(f"[{json.dumps(step)}]")
    return "$" + "".join(reversed(steps))
