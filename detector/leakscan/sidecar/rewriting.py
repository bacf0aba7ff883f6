"""One body through the sidecar: unpacked, its codec found, redacted, packed again. No I/O.

Not here: HTTP (`proxy`), the codecs themselves.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from leakscan.redact import UnscannableError

from .codecs import MalformedError, Redaction, Tally, clickhouse, masked, opaque, rewrite
from .compression import TooLargeError, UnknownCodingError, codings, compress, decompress, snappy_size
from .detect import AS_IT_IS, UNKNOWN, Detected, detect
from .statement import is_suspect, rewrite_target

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .config import Route
    from .limits import Limits

#: What makes a request refused, and the status that says so. The first two are for good; the client may
#: try again after the third.
MALFORMED, UNSUPPORTED, BLOCKED, TOO_LARGE = 400, 415, 503, 413


class RefusedError(Exception):
    """A body is not sent on. `status` is the answer; the message names the reason, never content."""

    def __init__(self, status: int, reason: str) -> None:
        self.status = status
        self.reason = reason
        super().__init__(reason)


@dataclass(slots=True)
class Rewritten:
    """A body that may go on.

    Attributes:
        body: with its codings; the same object that came if nothing changed.
        codec: how it was read.
        size: decompressed, bytes.
        tally: what was found.
        target: path and query to send it to, if they changed.

    """

    body: bytes
    codec: str = AS_IT_IS
    size: int = 0
    tally: Tally = field(default_factory=Tally)
    target: str | None = None


@dataclass(frozen=True, slots=True)
class Job:
    """A body to be rewritten, and all that decides how.

    Attributes:
        body: as it came.
        target: path and query of the request.
        headers: of the request, by the names that are asked for here.
        route: where it goes, with its policies.
        redaction: how to redact.
        limits: sizes.

    """

    body: bytes = field(repr=False)
    target: str = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)
    route: Route
    redaction: Redaction
    limits: Limits

    def content(self) -> bytes:
        """Return the body without its codings, as far as they can be undone."""
        try:
            return decompress(self.body, codings(self.headers.get("Content-Encoding", "")), self.limits)
        except (TooLargeError, UnknownCodingError, MalformedError):
            return self.body

    def masking(self) -> Job:
        """Return the same job for a route that masks."""
        return replace(self, route=replace(self.route, on_failure="mask"))


def rewrite_body(job: Job) -> Rewritten:
    """Return what to send on in the place of a body.

    Raises:
        RefusedError: it must not be sent on.
        UnscannableError: a part could not be scanned and the policy is to block.

    """
    body, target, headers, route = job.body, job.target, job.headers, job.route
    redaction, limits = job.redaction, job.limits
    try:
        names = codings(headers.get("Content-Encoding", ""))
    except UnknownCodingError as error:
        return _unread(body, redaction, route, f"content-encoding {error}")
    # a snappy block is Loki's message, not a coding of it; some clients name it all the same
    if names == ["snappy"] and target.partition("?")[0].endswith("/push"):
        names = []
    try:
        plain = decompress(body, names, limits)
    except TooLargeError:
        raise RefusedError(TOO_LARGE, "decompressed") from None
    except MalformedError as error:
        raise RefusedError(MALFORMED, str(error)) from None
    kind = headers.get("Content-Type", "")
    try:
        detected = detect(target, kind, plain, headers=headers, codec=route.codec, columns=route.columns)
    except MalformedError as error:
        raise RefusedError(MALFORMED, str(error)) from None
    tally = Tally()
    redaction = redaction.with_policy(route.on_failure)
    if detected.codec == AS_IT_IS or not (plain or detected.insert):
        if is_suspect(target, plain, redaction):
            tally.fail("statement")
        return Rewritten(body, AS_IT_IS, len(plain), tally)
    if detected.codec == UNKNOWN:
        return _unread(body, redaction, route, "content")
    moved = _target(target, detected, redaction, tally)
    if not plain:
        return Rewritten(body, AS_IT_IS if moved is None else detected.codec, 0, tally, moved)
    changed = _redacted(plain, detected, redaction, tally, limits)
    packed = body if changed is plain else compress(changed, names)
    return Rewritten(packed, detected.codec, len(plain), tally, moved)


def _target(target: str, detected: Detected, redaction: Redaction, tally: Tally) -> str | None:
    """Return path and query without the secrets in an insert's statement, None if they need not change."""
    if detected.insert is None:
        return None
    try:
        put = rewrite_target(target, detected.insert, redaction, tally)
    except UnscannableError as error:
        reason = str(error)
    except Exception as error:  # noqa: BLE001 - our own bug must not let a secret through
        reason = type(error).__name__
    else:
        return None if put is target else put
    tally.fail(reason)
    if redaction.on_failure == "open":
        return None
    # there is nothing to put in the place of a statement
    raise RefusedError(UNSUPPORTED, "the statement in the URL cannot be scanned")


def _redacted(plain: bytes, detected: Detected, redaction: Redaction, tally: Tally, limits: Limits) -> bytes:
    codec = detected.codec
    try:
        if codec == "loki-protobuf" and snappy_size(plain) > limits.max_decompressed:
            return _too_large()
        if codec == "clickhouse":
            return clickhouse.rewrite(plain, redaction, tally, detected.insert)
        if codec == "forward":
            from .codecs import forward  # noqa: PLC0415 - msgpack is for the relay only

            return forward.rewrite(plain, redaction, tally, limits)
        return rewrite(codec, plain, redaction, tally)
    except MalformedError as error:
        if redaction.on_failure == "open":
            tally.fail("malformed")
            return plain
        raise RefusedError(MALFORMED, str(error)) from None
    except UnscannableError:
        if redaction.on_failure == "block":
            raise
        return _whole(plain, codec, redaction, tally, "record")
    except RefusedError:
        raise
    except Exception as error:  # noqa: BLE001 - our own bug must not let a secret through
        return _whole(plain, codec, redaction, tally, type(error).__name__)


def _too_large() -> bytes:
    raise RefusedError(TOO_LARGE, "decompressed")


def _whole(plain: bytes, codec: str, redaction: Redaction, tally: Tally, reason: str) -> bytes:
    """Deal with a body that cannot be scanned at all."""
    tally.fail(reason)
    if redaction.on_failure == "block":
        raise UnscannableError(reason) from None
    if redaction.on_failure == "open":
        return plain
    try:
        return masked(codec, plain, reason)
    except MalformedError as error:
        raise RefusedError(MALFORMED, str(error)) from None


def _unread(body: bytes, redaction: Redaction, route: Route, what: str) -> Rewritten:
    """Deal with a body that no codec reads."""
    tally = Tally()
    if route.binary == "refuse":
        raise RefusedError(UNSUPPORTED, f"no codec reads this {what}; see `binary` in the documentation")
    tally.fail("binary")
    if route.binary == "pass":
        return Rewritten(body, "binary", len(body), tally)
    return Rewritten(opaque.rewrite(body, redaction, tally), "opaque", len(body), tally)


STATUSES: Final = {
    MALFORMED: "malformed",
    UNSUPPORTED: "unsupported",
    BLOCKED: "blocked",
    TOO_LARGE: "too-large",
}
