"""An S3 server for tests, and a proxy before it that breaks what a test asks it to break. Not a test."""

from __future__ import annotations

import http.client
import threading
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, unquote, urlsplit

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

#: Headers that speak of a connection, which is another one behind the proxy.
_HOPS = {"connection", "transfer-encoding", "keep-alive", "date", "server"}


@dataclass(frozen=True, slots=True)
class Asked:
    """A request as a fault sees it: `key` is empty for a listing, `number` counts its like from 1."""

    method: str
    key: str
    start: int
    end: int
    query: dict[str, list[str]]
    number: int


@dataclass(frozen=True, slots=True)
class Fault:
    """What happens instead: an error of S3, or a body that ends after some bytes, or nothing for a while."""

    status: int = 0
    code: str = ""
    cut: int | None = None
    drop: bool = False
    hang: float = 0
    page: int = 0
    whole: bool = False
    unconditional: bool = False


@dataclass(slots=True)
class Proxy:
    """A running proxy. Set `fault` to what decides; `asked` has every request so far."""

    url: str
    fault: Callable[[Asked], Fault | None] = lambda _: None
    asked: list[Asked] = field(default_factory=list)
    ended: threading.Event = field(default_factory=threading.Event)

    def reset(self) -> None:
        """Break nothing."""
        self.fault = lambda _: None
        self.asked.clear()


@contextmanager
def proxied(target: str) -> Iterator[Proxy]:
    """Run a proxy before a server that is named as `host:port`."""
    proxy = Proxy("")
    counts: Counter[tuple[str, str, int]] = Counter()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

        def answer(self) -> None:
            """Forward a request and its answer, or break it."""
            parts = urlsplit(self.path)
            _, _, key = unquote(parts.path).removeprefix("/").partition("/")
            wanted = self.headers.get("Range", "bytes=0--1").removeprefix("bytes=")
            start, end = int(wanted.partition("-")[0]), int(wanted.partition("-")[2]) + 1
            like = (self.command, key, start)
            if not proxy.asked:
                counts.clear()
            counts[like] += 1
            asked = Asked(self.command, key, start, end, parse_qs(parts.query), counts[like])
            proxy.asked.append(asked)
            fault = proxy.fault(asked) or Fault()
            proxy.ended.wait(fault.hang)
            if fault.drop:
                self.close_connection = True
                return
            if fault.status:
                body = f"<Error><Code>{fault.code}</Code><Message>no</Message></Error>".encode()
                self.respond(fault.status, {"Content-Type": "application/xml"}, body)
                return
            path = self.path + (f"&max-keys={fault.page}" if fault.page else "")
            headers = dict(self.headers.items())
            if fault.whole:
                headers.pop("Range")
            if fault.unconditional:
                headers.pop("If-Match")
            connection = http.client.HTTPConnection(target, timeout=30)
            connection.request(self.command, path, headers=headers)
            response = connection.getresponse()
            body = response.read()
            connection.close()
            self.respond(response.status, dict(response.getheaders()), body, fault.cut)

        def respond(self, status: int, headers: dict[str, str], body: bytes, cut: int | None = None) -> None:
            """Send an answer, or break off after so many bytes of its body."""
            self.send_response(status)
            for name, value in headers.items():
                if name.lower() not in _HOPS | {"content-length"}:
                    self.send_header(name, value)
            length = headers.get("Content-Length", len(body)) if self.command == "HEAD" else len(body)
            self.send_header("Content-Length", str(length))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(body if cut is None else body[:cut])
            self.close_connection = cut is not None

        do_GET = do_HEAD = answer  # noqa: N815 - as `http.server` calls them

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    proxy.url = f"http://127.0.0.1:{server.server_address[1]}"
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    try:
        yield proxy
    finally:
        proxy.ended.set()
        server.shutdown()
        server.server_close()
