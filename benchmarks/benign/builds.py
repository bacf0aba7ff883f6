"""What CI runs, as talkative as it gets: pip, npm, pytest, git, Maven, cargo, apt; and what Debian's kept.

Not here: servers (`servers`), language runtimes (`runtimes`).
"""

from __future__ import annotations

import functools
import gzip
import http.server
import shutil
import sys
import threading
from pathlib import Path
from typing import Final

from .run import run

_TESTS: Final = """
import asyncio, http.client, logging, sqlite3, threading, uuid
from http.server import BaseHTTPRequestHandler, HTTPServer
import pytest

log = logging.getLogger("shop.session")

class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.send_header("ETag", uuid.uuid4().hex)
        self.end_headers()
        self.wfile.write(b"{}")

@pytest.fixture(scope="module")
def port():
    server = HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server.server_port
    server.shutdown()

@pytest.mark.parametrize("number", range(60))
def test_request(port, number):
    client = http.client.HTTPConnection("127.0.0.1", port)
    client.set_debuglevel(1)
    client.request("GET", f"/items/{number}?page_token={number}&sort_key=name")
    log.debug("token count %d, session %s, key=%s", number, uuid.uuid4(), f"item:{number}:name")
    assert client.getresponse().status == 200

@pytest.mark.parametrize("password", ["", None, "********", "<hidden>"], ids=repr)
def test_password_policy(password):
    log.info("password: %r, required=True, min_length=12, reset_token=None", password)
    asyncio.run(asyncio.sleep(0), debug=True)
    database = sqlite3.connect(":memory:")
    database.set_trace_callback(log.debug)
    database.execute("CREATE TABLE users (name TEXT, password TEXT, token_expires INTEGER)")
    database.execute("SELECT password FROM users WHERE name = ? AND token_expires > ?", ("bob", 17))
    settings = {"PASSWORD_HASHERS": ["argon2"], "SESSION_COOKIE_NAME": "sessionid", "token": None}
    assert settings == {"password": password}
"""
_POM: Final = """<project><modelVersion>4.0.0</modelVersion>
<groupId>org.example</groupId><artifactId>app</artifactId><version>1.0</version>
<properties><keystore.password>${env.KEYSTORE_PASSWORD}</keystore.password></properties></project>"""
_BUILD_RS: Final = """fn main() {
    println!("cargo:rustc-env=BUILD_TOKEN_COUNT=3");
    println!("cargo:warning=no password set");
}"""


class _Quiet(http.server.SimpleHTTPRequestHandler):
    """Serves files without logging it."""

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def pip(folder: Path) -> None:
    """Log the making of an environment and an installation."""
    run([sys.executable, "-m", "venv", folder / "venv"], folder / "venv.log")
    install = [folder / "venv/bin/pip", "install", "-vvv", "--no-cache-dir", "django", "requests", "pytest"]
    run(install, folder / "install.log")
    run([folder / "venv/bin/pip", "inspect"], folder / "inspect.log")
    run([folder / "venv/bin/pip", "debug", "--verbose"], folder / "debug.log")


def npm(folder: Path) -> None:
    """Log an installation, an audit and the listing of it."""
    (folder / "package.json").write_text('{"name":"app","version":"1.0.0","private":true}')
    cache = ["--cache", folder / "cache", "--loglevel", "silly"]
    run(["npm", "install", *cache, "express", "mocha"], folder / "install.log")
    run(["npm", "ls", "--all", "--json", *cache], folder / "list.log")
    run(["npm", "config", "list", "--long", "--userconfig", folder / "none"], folder / "config.log")


def pytest(folder: Path) -> None:
    """Log a run of tests, some of which fail, with all that they and the library log."""
    (folder / "test_app.py").write_text(_TESTS)
    options = ["-vv", "-s", "--log-cli-level=DEBUG", "--showlocals", "-p", "no:cacheprovider", "--setup-show"]
    options += ["--debug=hooks.log"]
    run([sys.executable, "-m", "pytest", *options, "test_app.py"], folder / "pytest.log")


def git(folder: Path) -> None:
    """Log commits, a clone over HTTP and a failing push, with every trace that git has."""
    who = {"GIT_AUTHOR_NAME": "Lena", "GIT_AUTHOR_EMAIL": "lena@example.org", "GIT_COMMITTER_NAME": "Lena"}
    who["GIT_COMMITTER_EMAIL"] = "lena@example.org"
    log, origin = folder / "trace.log", folder / "origin"
    names = ("GIT_TRACE", "GIT_TRACE_PACKET", "GIT_TRACE_PERFORMANCE", "GIT_TRACE_SETUP", "GIT_TRACE_CURL")
    trace = {
        **dict.fromkeys((*names, "GIT_CURL_VERBOSE"), "1"),
        "GIT_TRACE2_EVENT": str(folder / "events.log"),
        **who,
    }
    run(["git", "init", "-q", origin], log, env=trace)
    for number in range(20):
        (origin / f"file{number}.txt").write_text(f"password policy {number}\n" * 40)
        run(["git", "add", "."], log, cwd=origin, env=trace)
        run(["git", "commit", "-m", f"Rotate the key of item {number}"], log, cwd=origin, env=trace)
    run(["git", "update-server-info"], log, cwd=origin, env=trace)
    run(["git", "log", "-p", "--raw", "--format=fuller"], folder / "log.log", cwd=origin)
    handler = functools.partial(_Quiet, directory=str(origin / ".git"))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{server.server_port}"
        run(["git", "clone", url, "copy"], log, env=trace)
        run(["git", "push", url, "HEAD:main"], log, cwd=origin, env={**trace, "GIT_TERMINAL_PROMPT": "0"})
        server.shutdown()


def maven(folder: Path) -> None:
    """Log Maven's settings and a build without network."""
    (folder / "pom.xml").write_text(_POM)
    run(["mvn", "-X", "-o", "-B", "-Dmaven.repo.local=repo", "package"], folder / "package.log")
    run(["mvn", "-X", "-o", "-B", "help:effective-pom"], folder / "help.log")


def cargo(folder: Path) -> None:
    """Log the building and testing of a crate without dependencies."""
    (folder / "src").mkdir()
    (folder / "Cargo.toml").write_text('[package]\nname = "app"\nversion = "0.1.0"\nedition = "2021"\n')
    (folder / "build.rs").write_text(_BUILD_RS)
    (folder / "src/main.rs").write_text(
        'fn main() { let token = 3; println!("{}", env!("BUILD_TOKEN_COUNT")); }\n'
    )
    for words in (["build", "-vv"], ["test", "-vv"], ["build", "-vv", "--release", "--message-format=json"]):
        run(["cargo", *words, "--offline"], folder / "cargo.log", env={"CARGO_LOG": "trace"})


def apt(folder: Path) -> None:
    """Log how apt would install something, and what it knows."""
    names = (
        "pkgProblemResolver",
        "pkgDepCache::Marker",
        "pkgDepCache::AutoInstall",
        "pkgPolicy",
        "pkgOrderList",
    )
    debug = [part for name in names for part in ("-o", f"Debug::{name}=1")]
    run(["apt-get", "-s", *debug, "install", "gnome-core"], folder / "simulate.log")
    run(["apt-config", "dump"], folder / "config.log")
    run(
        ["apt-cache", "show", "openssl", "openssh-server", "pass", "keepassxc", "postgresql"],
        folder / "show.log",
    )
    run(["dpkg-query", "-s", "openssl", "passwd", "gpg"], folder / "status.log")


def suites(folder: Path) -> None:
    """Take the results of test suites that Debian keeps beside binutils and gdb, if they are installed."""
    for packed in sorted(Path("/usr/share/doc").glob("*/*.gz")):
        if packed.name.startswith(("check.log", "test-summary")):
            (folder / f"{packed.parent.name}-{packed.name.partition('.')[0]}.log").write_bytes(
                gzip.decompress(packed.read_bytes())
            )


def debian(folder: Path) -> None:
    """Take what apt and dpkg have logged on this machine."""
    for log in ("apt/history.log", "apt/term.log", "dpkg.log", "alternatives.log"):
        source = Path("/var/log") / log
        if source.exists():
            shutil.copy(source, folder / source.name)
