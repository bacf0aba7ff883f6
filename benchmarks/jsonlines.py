"""Made-up JSON lines of applications whose key names read like secrets and whose values are none.

`token`, `session`, `user`, `auth`, `password_reset` and `prompt_tokens` stand in every line, in changing
company and order, as in the logs of an API that serves a language model behind a login.

Not here: other formats (`loglines`), secrets (`planted`).
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from benchmarks.draw import SERVICES, USERS, WORDS, Draw

if TYPE_CHECKING:
    from collections.abc import Callable


def _request(draw: Draw) -> dict[str, Any]:
    return {
        "http": {
            "method": draw.of(("GET", "POST")),
            "path": f"/v1/{draw.of(WORDS)}s",
            "status": draw.of((200, 401, 503)),
        },
        "duration_ms": draw.number(1, 900),
        "request_id": draw.uuid(),
    }  # fmt: skip


def _completion(draw: Draw) -> dict[str, Any]:
    return {
        "model": "chat-large",
        "completion_tokens": draw.number(1, 4000),
        "max_tokens": 4096,
        "trace_id": draw.hex(32),
        "finish_reason": draw.of(("stop", "length")),
    }


def _login(draw: Draw) -> dict[str, Any]:
    return {
        "token_type": "Bearer",
        "token_expires_in": draw.number(60, 86400),
        "auth_method": draw.of(("password", "passkey", "sso")),
        "client_ip": draw.ip(),
        "mfa": draw.of((True, False)),
    }


def _job(draw: Draw) -> dict[str, Any]:
    return {
        "job": {"id": draw.number(1, 10**7), "queue": draw.of(WORDS), "attempt": draw.number(1, 4)},
        "secret_name": f"{draw.of(SERVICES)}-db",
        "password_policy": "strong",
    }


_EXTRAS: tuple[Callable[[Draw], dict[str, Any]], ...] = (_request, _completion, _login, _job)


def application(draw: Draw) -> str:
    """One JSON line with all the suspicious names and no secret."""
    named: list[tuple[str, Any]] = [
        ("token", draw.of((None, "valid", "expired", "refreshed", "missing"))),
        ("session", draw.of(("active", "closed", "expired", "new"))),
        ("user", draw.of(USERS)),
        ("auth", draw.of(("ok", "ok", "denied"))),
        ("password_reset", draw.of((False, True))),
        ("prompt_tokens", draw.number(1, 9000)),
    ]
    draw.random.shuffle(named)
    head = {"ts": draw.iso(), "level": draw.of(("info", "info", "warn")), "service": draw.of(SERVICES)}
    text = {"msg": f"{draw.of(WORDS)} {draw.of(('done', 'queued', 'retried', 'skipped'))}"}
    record = {**head, **text, **dict(named), **draw.of(_EXTRAS)(draw)}
    return json.dumps(record, separators=draw.of(((",", ":"), (", ", ": "))))
