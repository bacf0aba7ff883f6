"""Secrets whose structure is a public standard: JWT, password hashes, age keys, NTLM messages."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

from benchmarks.accuracy.checks import bech32
from benchmarks.accuracy.draw import ALNUM, BECH32, URLSAFE
from benchmarks.accuracy.kinds import TokenKind, template

if TYPE_CHECKING:
    from benchmarks.accuracy.draw import Scene

_CRYPT = "./" + ALNUM


def _segment(value: dict[str, Any], *, spaced: bool = False) -> str:
    text = json.dumps(value, separators=(", ", ": ") if spaced else (",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _jwt(header: dict[str, Any], claims: dict[str, Any], signature: str, *, spaced: bool = False) -> str:
    return f"{_segment(header, spaced=spaced)}.{_segment(claims, spaced=spaced)}.{signature}"


def _jwt_hs256(scene: Scene) -> str:
    claims = {
        "sub": str(scene.number(10**6, 10**9)),
        "name": scene.user(),
        "iat": scene.number(16 * 10**8, 18 * 10**8),
    }
    return _jwt({"alg": "HS256", "typ": "JWT"}, claims, scene.chars(URLSAFE, 42) + scene.chars(ALNUM, 1))


def _jwt_rs256(scene: Scene) -> str:
    claims = {
        "iss": f"https://{scene.host()}/",
        "aud": scene.service(),
        "scope": "openid profile",
        "exp": 1900000000,
    }
    header = {"alg": "RS256", "kid": scene.hex(16), "typ": "JWT"}
    return _jwt(header, claims, scene.chars(URLSAFE, 341) + scene.chars(ALNUM, 1))


def _jwt_type_first(scene: Scene) -> str:
    claims = {"user_id": scene.number(1, 99999), "exp": 1900000000}
    return _jwt({"typ": "JWT", "alg": "HS256"}, claims, scene.chars(URLSAFE, 42) + scene.chars(ALNUM, 1))


def _jwt_spaced(scene: Scene) -> str:
    claims = {"uid": scene.uuid(), "role": "admin"}
    return _jwt(
        {"typ": "JWT", "alg": "HS512"}, claims, scene.chars(URLSAFE, 85) + scene.chars(ALNUM, 1), spaced=True
    )


def _jwt_kubernetes(scene: Scene) -> str:
    claims = {
        "aud": ["https://kubernetes.default.svc"],
        "exp": 1900000000,
        "iss": "https://kubernetes.default.svc",
        "kubernetes.io": {"namespace": "prod", "pod": {"name": scene.pod(), "uid": scene.uuid()}},
    }
    return _jwt(
        {"alg": "RS256", "kid": scene.chars(URLSAFE, 43)},
        claims,
        scene.chars(URLSAFE, 341) + scene.chars(ALNUM, 1),
    )


def _jwe(scene: Scene) -> str:
    header = {"alg": "RSA-OAEP", "enc": "A256GCM"}
    parts = (
        scene.chars(URLSAFE, 342),
        scene.chars(URLSAFE, 16),
        scene.chars(URLSAFE, 180),
        scene.chars(URLSAFE, 21) + "A",
    )
    return ".".join((_segment(header), *parts))


def _age(scene: Scene) -> str:
    data = [scene.number(0, 31) for _ in range(51)] + [0]
    return "AGE-SECRET-KEY-1" + bech32("age-secret-key-", BECH32, data)


def _ntlm(scene: Scene) -> str:
    return base64.b64encode(
        b"NTLMSSP\x00\x03\x00\x00\x00\x18\x00\x18\x00" + scene.bytes(scene.number(120, 200))
    ).decode()


KINDS = (
    TokenKind("jwt-hs256", _jwt_hs256),
    TokenKind("jwt-rs256", _jwt_rs256),
    TokenKind("jwt-type-first", _jwt_type_first),
    TokenKind("jwt-spaced-json", _jwt_spaced),
    TokenKind("jwt-kubernetes", _jwt_kubernetes),
    TokenKind("jwe", _jwe),
    TokenKind("age-secret-key", _age, glued=True),
    TokenKind("ntlm-authenticate", _ntlm),
    template("bcrypt-hash", "$2b$12$", (_CRYPT, 52), (ALNUM, 1)),
    template("sha512-crypt", "$6$", (_CRYPT, 16), "$", (_CRYPT, 85), (ALNUM, 1)),
    template("argon2id-hash", "$argon2id$v=19$m=65536,t=3,p=4$", (ALNUM, 22), "$", (ALNUM, 43)),
)
