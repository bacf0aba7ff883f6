"""Log lines with exactly one made-up secret each. No two secrets are equal.

Few kinds, well known to every scanner, so that speed is compared on the same finds; how much a scanner
finds is measured in `accuracy`.
"""

from __future__ import annotations

import base64
import json
import zlib
from typing import TYPE_CHECKING, Final

from benchmarks.draw import ALNUM, BASE64, DIGITS, HOSTS, SERVICES, URLSAFE, USERS, Draw

if TYPE_CHECKING:
    from collections.abc import Callable

#: A line and the secret in it.
Planted = tuple[str, str]

_BASE62: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


def _github(draw: Draw) -> Planted:
    body = draw.chars(ALNUM, 30)
    # GitHub ends its tokens with six base62 digits of the body's CRC32
    number, check = zlib.crc32(body.encode()), ""
    while number:
        number, rest = divmod(number, 62)
        check = _BASE62[rest] + check
    secret = f"ghp_{body}{check:0>6}"
    return f"{draw.iso()} runner[{draw.number(1, 9999)}]: + export GITHUB_TOKEN={secret}", secret


def _aws(draw: Draw) -> Planted:
    secret = draw.chars(BASE64, 40)
    return (
        f"{draw.iso()} DEBUG provider.go:114 profile=prod aws_secret_access_key={secret} region=eu-west-1",
        secret,
    )


def _stripe(draw: Draw) -> Planted:
    secret = f"sk_live_{draw.chars(ALNUM, 24)}"
    record = {
        "ts": draw.iso(),
        "level": "error",
        "msg": f"401 from payment API with key {secret}",
        "user": draw.of(USERS),
    }
    return json.dumps(record), secret


def _slack(draw: Draw) -> Planted:
    secret = f"xoxb-{draw.chars('123456789', 12)}-{draw.chars('123456789', 12)}-{draw.chars(ALNUM, 24)}"
    return (
        f"{draw.clock('%b %e %H:%M:%S')} {draw.of(HOSTS)} alertd[{draw.number(1, 9999)}]: posted {secret}",
        secret,
    )


def _gitlab(draw: Draw) -> Planted:
    secret = f"glpat-{draw.chars(ALNUM, 20)}"
    return f"{draw.clock('%Y-%m-%d %H:%M:%S')} INFO  git.Fetch - header PRIVATE-TOKEN: {secret}", secret


def _sendgrid(draw: Draw) -> Planted:
    secret = f"SG.{draw.chars(ALNUM, 22)}.{draw.chars(ALNUM, 43)}"
    return (
        f"level=debug ts={draw.iso()} caller=mail.go:{draw.number(10, 90)} transport=smtp key={secret}",
        secret,
    )


def _jwt(draw: Draw) -> Planted:
    parts = (
        {"alg": "HS256", "typ": "JWT"},
        {"sub": str(draw.number(1, 10**9)), "iat": draw.number(10**9, 2 * 10**9)},
    )
    head = ".".join(
        base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts
    )
    secret = f"{head}.{draw.chars(URLSAFE, 42)}{draw.of('AEIMQUYcgkosw048')}"
    return f"{draw.iso()} {draw.of(SERVICES)} verifying {secret} failed: expired", secret


def _password(draw: Draw) -> str:
    """Return a strong password: letters of both cases and digits, 16 of them."""
    middle = draw.of("ABCDEFGH") + draw.of(DIGITS) + draw.of("qrstuvwxyz")
    return draw.chars(ALNUM, 6) + middle + draw.chars(ALNUM, 7)


def _logfmt(draw: Draw) -> Planted:
    secret = _password(draw)
    return (
        f'time={draw.iso()} msg="login failed" user={draw.of(USERS)} password={secret} from={draw.ip()}',
        secret,
    )


def _json(draw: Draw) -> Planted:
    secret = _password(draw)
    return json.dumps(
        {"ts": draw.iso(), "msg": "config", "db": {"host": "db-01", "password": secret, "pool": 8}}
    ), secret


def _url(draw: Draw) -> Planted:
    secret = _password(draw)
    return (
        f"{draw.iso()} ERROR pool: cannot connect to postgres://app:{secret}@db-01.internal:5432/orders",
        secret,
    )


def _bearer(draw: Draw) -> Planted:
    secret = draw.chars(ALNUM, 40)
    return (
        f"{draw.iso()} DEBUG http >> GET /v1/items Host: api.example.com Authorization: Bearer {secret}",
        secret,
    )


def _sql(draw: Draw) -> Planted:
    secret = _password(draw)
    return (
        f"{draw.iso()} UTC [{draw.number(1, 9999)}] LOG:  ALTER ROLE app WITH PASSWORD '{secret}';",
        secret,
    )


KINDS: Final[tuple[Callable[[Draw], Planted], ...]] = (
    _github, _aws, _stripe, _slack, _gitlab, _sendgrid, _jwt, _logfmt, _json, _url, _bearer, _sql,
)  # fmt: skip


def planted(draw: Draw) -> Planted:
    """Return a line of any kind and its secret."""
    return draw.of(KINDS)(draw)
