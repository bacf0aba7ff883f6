"""Kinds of HTTP headers that carry a secret: authorization schemes, vendors' key headers, cookies."""

# ruff: noqa: E501 - lines of logs and rows of tables stay whole

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import TYPE_CHECKING

from benchmarks.accuracy.draw import ALNUM, DIGITS, HEX, LOWER_NUM, UPPER, UPPER_NUM, URLSAFE
from benchmarks.accuracy.text import base64_run, mark, percent

if TYPE_CHECKING:
    from collections.abc import Callable

    from benchmarks.accuracy.draw import Scene


@dataclass(frozen=True, slots=True)
class HeaderKind:
    """A header with a secret in it.

    Attributes:
        name: unique.
        write: draws the header's name and its value, the secret marked.

    """

    name: str
    write: Callable[[Scene], tuple[str, str]]


def _authorization(
    name: str, scheme: str, alphabet: str, low: int, high: int, *, header: str = "Authorization"
) -> HeaderKind:
    def write(s: Scene) -> tuple[str, str]:
        return (
            header,
            f"{scheme} {mark(s.chars(alphabet, low, high) + s.chars(DIGITS, 1) + s.chars(ALNUM, 1))}",
        )

    return HeaderKind(name, write)


def _key(header: str, alphabet: str, low: int, high: int) -> HeaderKind:
    def write(s: Scene) -> tuple[str, str]:
        tail = "" if set(alphabet) <= set(HEX) else s.chars(DIGITS, 1)
        return header, mark(s.chars(alphabet, low, high) + tail)

    return HeaderKind(f"{header} header", write)


def _basic(s: Scene) -> tuple[str, str]:
    return "Authorization", f"Basic {base64_run(s.user() + ':' + mark(s.chars(ALNUM, 8, 20)))}"


def _proxy_basic(s: Scene) -> tuple[str, str]:
    return "Proxy-Authorization", f"Basic {base64_run(s.user() + ':' + mark(s.chars(ALNUM, 8, 14)))}"


def _bearer_uuid(s: Scene) -> tuple[str, str]:
    return "Authorization", f"Bearer {mark(s.uuid())}"


def _elastic(s: Scene) -> tuple[str, str]:
    return "Authorization", f"ApiKey {base64_run(s.chars(URLSAFE, 20) + ':' + mark(s.chars(ALNUM, 22)))}"


def _genie(s: Scene) -> tuple[str, str]:
    return "Authorization", f"GenieKey {mark(s.uuid())}"


def _splunk(s: Scene) -> tuple[str, str]:
    return "Authorization", f"Splunk {mark(s.uuid().upper())}"


def _no_scheme(s: Scene) -> tuple[str, str]:
    return "Authorization", mark(s.chars(ALNUM, 36) + s.chars(DIGITS, 1))


def _cookie(name: str, secret: Callable[[Scene], str]) -> HeaderKind:
    def write(s: Scene) -> tuple[str, str]:
        before = s.pick(
            "",
            "theme=dark; ",
            "lang=en; theme=light; ",
            f"_ga=GA1.2.{s.number(10**8, 10**9)}.{s.number(10**9, 2 * 10**9)}; ",
        )
        after = s.pick("", "; lang=en", "; tz=Europe/Berlin")
        return "Cookie", f"{before}{name}={secret(s)}{after}"

    return HeaderKind(f"cookie {name}", write)


def _set_cookie(name: str, secret: Callable[[Scene], str]) -> HeaderKind:
    def write(s: Scene) -> tuple[str, str]:
        return (
            "Set-Cookie",
            f"{name}={secret(s)}; {s.pick('Path=/; HttpOnly', 'Path=/; Secure; SameSite=Lax', 'Max-Age=3600; Path=/')}",
        )

    return HeaderKind(f"set-cookie {name}", write)


def _chars(alphabet: str, count: int) -> Callable[[Scene], str]:
    return lambda s: mark(s.chars(alphabet, count))


def _express(s: Scene) -> str:
    return percent(mark(f"s:{s.chars(URLSAFE, 32)}.{base64.b64encode(s.bytes(32)).decode().rstrip('=')}"))


def _rails(s: Scene) -> str:
    return percent(mark(f"{s.b64(150)}--{s.b64(12)}--{s.b64(16)}"))


def _django_signed(s: Scene) -> str:
    return mark(f"{s.chars(URLSAFE, 60)}:{s.chars(ALNUM, 6)}:{s.chars(URLSAFE, 42)}{s.chars(ALNUM, 1)}")


HEADERS = (
    _authorization("bearer, opaque", "Bearer", ALNUM, 30, 60),
    _authorization("bearer, short", "Bearer", ALNUM, 18, 22),
    _authorization("bearer, base64url", "Bearer", URLSAFE, 40, 90),
    _authorization("bearer, hex", "Bearer", HEX, 38, 62),
    _authorization("bearer in lower case", "bearer", ALNUM, 30, 60),
    HeaderKind("bearer, uuid", _bearer_uuid),
    HeaderKind("basic", _basic),
    HeaderKind("proxy basic", _proxy_basic),
    _authorization("token scheme", "token", HEX, 38, 38),
    _authorization("Token scheme", "Token", ALNUM, 30, 40),
    HeaderKind("apikey scheme", _elastic),
    HeaderKind("geniekey scheme", _genie),
    HeaderKind("splunk scheme", _splunk),
    HeaderKind("no scheme", _no_scheme),
    _authorization("proxy bearer", "Bearer", ALNUM, 30, 40, header="Proxy-Authorization"),
    _key("X-Api-Key", ALNUM, 24, 40),
    _key("X-Auth-Token", ALNUM, 30, 40),
    _key("X-Access-Token", URLSAFE, 30, 60),
    _key("X-Vault-Token", ALNUM, 24, 26),
    _key("Private-Token", ALNUM, 19, 19),
    _key("Api-Key", UPPER_NUM, 26, 30),
    _key("Dd-Api-Key", HEX, 32, 32),
    _key("Ocp-Apim-Subscription-Key", HEX, 32, 32),
    _key("X-Amz-Security-Token", ALNUM + "+/", 200, 260),
    _key("X-Shopify-Access-Token", HEX, 32, 32),
    _key("X-Gitlab-Token", ALNUM, 30, 40),
    _key("X-Session-Id", LOWER_NUM, 32, 32),
    _key("X-Client-Secret", ALNUM, 30, 40),
    _cookie("PHPSESSID", _chars(LOWER_NUM, 26)),
    _cookie("JSESSIONID", _chars(UPPER_NUM, 32)),
    _cookie("sessionid", _chars(LOWER_NUM, 32)),
    _cookie("connect.sid", _express),
    _cookie("session", _django_signed),
    _cookie("_app_session", _rails),
    _cookie("auth_token", _chars(ALNUM, 40)),
    _cookie("ASP.NET_SessionId", _chars(LOWER_NUM, 24)),
    _cookie(".AspNetCore.Cookies", _chars(URLSAFE, 180)),
    _cookie("__Secure-next-auth.session-token", _chars(ALNUM, 43)),
    _cookie("remember_token", _chars(ALNUM, 60)),
    _set_cookie("PHPSESSID", _chars(LOWER_NUM, 26)),
    _set_cookie("JSESSIONID", _chars(UPPER, 32)),
    _set_cookie("sid", _chars(ALNUM, 32)),
    _set_cookie("laravel_session", lambda s: percent(mark(s.b64(180)))),
    _set_cookie("refresh_token", _chars(URLSAFE, 64)),
    _set_cookie("access_token", _chars(ALNUM, 64)),
)
