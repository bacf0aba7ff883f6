r"""Which service wrote a line, where a field of the line names it. Asked for lines with a finding only.

Read are the fields of JSON (also escaped inside another string), of OTLP attributes and of logfmt:
`service`, `service.name`, `service_name`, `_service`, `serviceName`, `{"service": {"name": ..}}`, then
`app`, `app.kubernetes.io/name`, `k8s-app`, `application`, under any parents (`kubernetes.labels.app`).

Not here: what a value may hold. It is text of the log, and may be a secret itself (`context`).

>>> line = b'{"level":"info","service.name":"checkout","msg":"paid"}'
>>> line[slice(*service_span(line))]
b'checkout'
"""

from __future__ import annotations

import re
from typing import Final

#: The longest name; what is longer is no name.
MAX_NAME: Final = 80

_NAME: Final = rb'(?P<name>[^"\\\x00-\x1f]{1,%d})' % MAX_NAME
_PARENTS: Final = rb"(?:[\w-]{1,30}\.){0,4}"
_SERVICE: Final = rb"(?:_?service(?:[._]name)?|[sS]erviceName)"
_APP: Final = rb"(?:app(?:lication)?(?:[._]name)?|appName|app\.kubernetes\.io/name|k8s-app)"


def _fields(names: bytes) -> tuple[re.Pattern[bytes], ...]:
    """Return what finds the fields with these names: JSON, JSON one level down, OTLP, logfmt."""
    quote, same = rb'(?P<q>\\{0,3}")', rb"(?P=q)"  # at one level of escaping
    value = rb"\s*:\s*" + same + _NAME + same
    nested = rb"\s*:\s*\{[^{}]{0,200}?" + same + b"name" + same
    otlp = rb"\s*,\s*" + same + b"value" + same + rb"\s*:\s*\{\s*" + same + b"stringValue" + same
    bare = rb"(?P<bare>[^\s\"'\\,;&\]})]{1,%d})(?=[\s,;&\]})]|\Z)" % MAX_NAME
    forms = (
        quote + _PARENTS + names + same + value,
        quote + names + same + nested + value,
        quote + names + same + otlp + value,
        rb"(?<![^\s,{(\[|])" + _PARENTS + names + rb'=(?:"' + _NAME + rb'"|' + bare + b")",
    )
    return tuple(map(re.compile, forms))


#: A field that says service goes before one that says app: with both, the app is the larger thing.
_TIERS: Final = ((b"ervice", _fields(_SERVICE)), (b"app", _fields(_APP)))


def service_span(line: bytes) -> tuple[int, int] | None:
    """Return where in a line the name of its service stands, None where no field names one."""
    for word, fields in _TIERS:
        if word not in line:
            continue
        for field in fields:
            if found := field.search(line):
                return found.span(found.lastgroup or 0)
    return None
