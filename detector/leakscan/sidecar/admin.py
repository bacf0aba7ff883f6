"""The admin port: metrics, health, readiness, and a status page. Never any log content.

Not here: counting (`metrics`), the page itself (`page`).
"""

from __future__ import annotations

import json
import time
from collections import deque
from typing import TYPE_CHECKING, Any, Final

from aiohttp import web

from .metrics import exposition
from .page import PAGE, POLICY

if TYPE_CHECKING:
    from collections.abc import Callable

    from .metrics import Snapshot

#: Seconds between two points of the page's curves, and how many are kept: ten minutes.
STEP: Final = 2.0
_POINTS: Final = 300
_TEXT: Final = "text/plain; version=0.0.4; charset=utf-8"


class Admin:
    """Answers on the admin port from snapshots of the workers."""

    def __init__(
        self,
        snapshot: Callable[[], Snapshot],
        is_ready: Callable[[], bool],
        about: Callable[[], dict[str, Any]],
    ) -> None:
        """Make it.

        Args:
            snapshot: gives the state of all workers added up.
            is_ready: tells whether requests are taken.
            about: gives what the page says of the configuration; `config` and `workers` are in it.

        """
        self._snapshot = snapshot
        self._is_ready = is_ready
        self._about = about
        self._points: deque[dict[str, Any]] = deque(maxlen=_POINTS)

    def application(self) -> web.Application:
        """Return the web application."""
        application = web.Application(client_max_size=1024)
        application.add_routes(
            [
                web.get("/", self._page),
                web.get("/status.json", self._status),
                web.get("/metrics", self._metrics),
                web.get("/healthz", self._health),
                web.get("/readyz", self._ready),
            ]
        )
        return application

    def note(self) -> None:
        """Keep a point of the curves. To be called every `STEP` seconds."""
        counters = self._snapshot().counters
        self._points.append(
            {
                "at": time.time(),
                "records": counters.get(("leakscan_records", ""), 0),
                "bytes": counters.get(("leakscan_scanned_bytes", ""), 0),
                "rules": _by_label(counters, "leakscan_redacted"),
                "unscanned": _by_label(counters, "leakscan_unscanned"),
            }
        )

    async def _page(self, _: web.Request) -> web.Response:
        return web.Response(text=PAGE, content_type="text/html", headers=_safe(POLICY))

    async def _status(self, _: web.Request) -> web.Response:
        snapshot = self._snapshot()
        codes = _by_label(snapshot.counters, "leakscan_upstream_responses")
        refused = _by_label(snapshot.counters, "leakscan_refused")
        body = {
            "ready": self._is_ready(),
            "about": self._about(),
            "points": list(self._points),
            "gauges": snapshot.gauges,
            "codes": codes,
            "refused": refused,
        }
        return web.Response(
            text=json.dumps(body), content_type="application/json", headers=_safe("default-src 'none'")
        )

    async def _metrics(self, _: web.Request) -> web.Response:
        about = self._about()
        body = exposition(self._snapshot(), about["config"], workers=about["workers"])
        return web.Response(body=body, headers={"Content-Type": _TEXT, **_safe("default-src 'none'")})

    async def _health(self, _: web.Request) -> web.Response:
        return web.Response(text="ok\n")

    async def _ready(self, _: web.Request) -> web.Response:
        ready = self._is_ready()
        return web.Response(text="ready\n" if ready else "not ready\n", status=200 if ready else 503)


def _by_label(counters: dict[tuple[str, str], float], name: str) -> dict[str, float]:
    return {label: number for (its, label), number in sorted(counters.items()) if its == name}


def _safe(policy: str) -> dict[str, str]:
    return {
        "Content-Security-Policy": policy,
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "Referrer-Policy": "no-referrer",
        "Cache-Control": "no-store",
    }
