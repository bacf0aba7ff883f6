"""A small HTTP server that answers as ClickHouse does, and as it does not: for faults. Not a test."""

from __future__ import annotations

import contextlib
import json
import ssl
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

#: What the server has: one table of one part.
SETTINGS = {"readonly": "0", "max_threads": "8", "max_execution_time": "0"}
TABLE = {"name": "t", "engine": "MergeTree", "sorting_key": "n", "primary_key": "n"}
COLUMNS = (("n", "UInt64", 1), ("at", "DateTime", 0), ("msg", "String", 0))


@dataclass(slots=True)
class Fault:
    """How the rows are answered.

    Attributes:
        status: of HTTP.
        tail: bytes after the rows.
        cut: whether the connection ends without the end of the answer.
        wait: seconds before the end.
        headers: more headers.

    """

    status: int = 200
    tail: bytes = b""
    cut: bool = False
    wait: float = 0.0
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Store:
    """A store with rows, and what it was asked."""

    rows: list[dict[str, Any]]
    fault: Fault = field(default_factory=Fault)
    table: dict[str, str] = field(default_factory=lambda: dict(TABLE))
    columns: tuple[tuple[str, str, int], ...] = COLUMNS
    refuses: tuple[str, ...] = ()
    #: A part as `system.parts` has it; the rows that it says.
    part_rows: int | None = None
    asked: list[tuple[str, str, dict[str, str]]] = field(default_factory=list)
    port: int = 0

    def url(self, table: str = "") -> str:
        """Return the URL of the database or a table."""
        return f"clickhouse://127.0.0.1:{self.port}/db{table and '.' + table}"

    def answer(self, query: str) -> list[dict[str, Any]] | None:
        """Return the rows of a query about the server, None for one about the table."""
        if "system.settings" in query:
            return [{"name": name, "value": value} for name, value in SETTINGS.items()]
        if query.startswith("SELECT 1 "):
            return [{"1": 1}]
        if "system.databases" in query:
            return [{"name": "db"}]
        if "system.tables" in query:
            return [self.table]
        if "system.columns" in query:
            return [
                {"table": self.table["name"], "name": name, "type": kind, "default_kind": "",
                 "is_in_sorting_key": key, "is_in_primary_key": key}
                for name, kind, key in self.columns
            ]  # fmt: skip
        if "system.parts" in query:
            count = len(self.rows) if self.part_rows is None else self.part_rows
            return [
                {"name": "all_1_1_0", "partition_id": "all", "min_block_number": "1",
                 "max_block_number": "1", "rows": str(count)}
            ]  # fmt: skip
        if query.startswith("SELECT count()"):
            return [{"rows": str(len(self.rows) if self.part_rows is None else self.part_rows)}]
        return None


@contextlib.contextmanager
def fake_store(rows: list[dict[str, Any]], *, tls: str | None = None, **options: Any) -> Iterator[Store]:
    """Run a store until the end of the block; `tls` is a file with its certificate and key."""
    store = Store(rows, **options)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_: Any) -> None:
            """Stay quiet."""

        def do_POST(self) -> None:
            query = self.rfile.read(int(self.headers["Content-Length"])).decode()
            store.asked.append((self.path, query, dict(self.headers)))
            if any(name in self.path for name in store.refuses):
                self.reply(500, [b"Code: 164, e.displayText() = DB::Exception: Cannot modify it"], Fault())
                return
            known = store.answer(query)
            if known is not None:
                self.reply(200, [json.dumps(row).encode() + b"\n" for row in known], Fault())
                return
            data = b"".join(json.dumps(row).encode() + b"\n" for row in store.rows)
            self.reply(store.fault.status, [data], store.fault)

        def reply(self, status: int, pieces: list[bytes], fault: Fault) -> None:
            self.send_response(status)
            self.send_header("Transfer-Encoding", "chunked")
            for name, value in fault.headers.items():
                self.send_header(name, value)
            self.end_headers()
            for piece in [*pieces, fault.tail]:
                for start in range(0, len(piece), 1000):
                    part = piece[start : start + 1000]
                    self.wfile.write(b"%x\r\n%b\r\n" % (len(part), part))
            self.wfile.flush()
            time.sleep(fault.wait)
            if fault.cut:
                self.close_connection = True
            else:
                self.wfile.write(b"0\r\n\r\n")

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    store.port = server.server_address[1]
    if tls is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(tls)
        server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield store
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
