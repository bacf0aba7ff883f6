"""The sidecar's status page in a real browser."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parents[1]))

from sidecar_parts import numbered, process, shows, wait_until

pytestmark = pytest.mark.e2e


class _Takes(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        """Keep the test's output clean."""


def test_the_page_draws_itself_from_numbers_alone(tmp_path: Path) -> None:
    """Chromium shows readiness, rules and counts; the policy blocks nothing of it; no content is there."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        pytest.skip("chromium not found: run tests/e2e/setup_clickhouse.sh")
    import urllib.request  # noqa: PLC0415 - after the skip

    store = ThreadingHTTPServer(("127.0.0.1", 0), _Takes)
    threading.Thread(target=store.serve_forever, daemon=True).start()
    secrets: list[str] = []
    with process("--upstream", f"http://127.0.0.1:{store.server_port}") as sidecar:
        body = b"".join(numbered(number, secrets) for number in range(30))
        request = urllib.request.Request(  # noqa: S310 - loopback
            sidecar.url, data=body, headers={"Content-Type": "application/x-ndjson"}
        )
        urllib.request.urlopen(request, timeout=10).close()  # noqa: S310 - as above
        wait_until(lambda: '"generic-password": 10' in sidecar.get("/status.json")[1])
        done = subprocess.run(
            [
                chromium, "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={tmp_path}",
                "--enable-logging=stderr", "--virtual-time-budget=3000", "--dump-dom", sidecar.admin + "/",
            ],
            capture_output=True, text=True, check=True, timeout=60,
        )  # fmt: skip
    store.shutdown()
    page = re.sub(r"<(script|style)>.*?</\1>", "", done.stdout, flags=re.DOTALL)
    assert ">ready<" in page
    assert re.search(r"generic-password.*<polyline.*>10<", page, re.DOTALL)
    assert "200: 1" in page
    assert "Content Security Policy" not in done.stderr
    assert not any(shows(done.stdout.encode(), secret) for secret in secrets)
    assert "/items/" not in done.stdout
