"""Headers on their way through the proxy: what belongs to one connection stays there.

From RFC 9110, section 7.6. Not here: bodies.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from multidict import CIMultiDict

if TYPE_CHECKING:
    from multidict import CIMultiDictProxy

_HOP_BY_HOP: Final = frozenset({
    "connection", "keep-alive", "proxy-connection", "proxy-authenticate", "proxy-authorization", "te",
    "trailer", "trailers", "transfer-encoding", "upgrade", "expect",
})  # fmt: skip
#: What a changed body makes untrue.
_OF_THE_BODY: Final = frozenset(
    {"content-md5", "digest", "content-digest", "repr-digest", "x-amz-content-sha256"}
)


def end_to_end(headers: CIMultiDictProxy[str]) -> CIMultiDict[str]:
    """Return the headers that go on, repeated ones too."""
    named = {name.strip().lower() for value in headers.getall("Connection", []) for name in value.split(",")}
    kept: CIMultiDict[str] = CIMultiDict()
    for name, value in headers.items():
        folded = name.lower()
        if folded not in _HOP_BY_HOP and folded not in named:
            kept.add(name, value)
    return kept


def for_upstream(headers: CIMultiDictProxy[str], *, has_changed: bool) -> CIMultiDict[str]:
    """Return the headers of a request for upstream; its client adds host and length."""
    kept = end_to_end(headers)
    dropped = {"host", "content-length", *(_OF_THE_BODY if has_changed else ())}
    for name in dropped:
        kept.popall(name, None)
    return kept
