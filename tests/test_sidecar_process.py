"""`leakscan sidecar` as a process: options, reload, drain, workers, and what a kill in the middle leaves."""

from __future__ import annotations

import json
import signal
import socket
import ssl
import sys
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

pytest.importorskip("aiohttp")
pytest.importorskip("cramjam")
pytest.importorskip("prometheus_client")

from command import leakscan
from leakscan import cli
from sidecar_parts import SECRET, Store, certificate, deliver, numbered, post, process, shows, wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals")


@pytest.fixture
def store() -> Iterator[Store]:
    """Give an upstream."""
    one = Store()
    yield one
    one.server.shutdown()
    one.server.server_close()


def test_readiness_is_false_while_draining(store: Store, tmp_path: Path) -> None:
    """Health stays, readiness goes, and new requests are still taken during the delay."""
    config = tmp_path / "sidecar.toml"
    config.write_text(
        f'listen = "127.0.0.1:0"\nadmin_listen = "127.0.0.1:0"\n[[routes]]\nupstream = "{store.url}"\n[limits]\ndrain_delay = 0.8\n'  # noqa: E501 - a sample reads best whole
    )
    with process("--config", str(config), listen="") as sidecar:
        assert sidecar.get("/readyz")[0] == 200
        sidecar.popen.send_signal(signal.SIGTERM)
        wait_until(lambda: sidecar.get("/readyz")[0] == 503)
        assert sidecar.get("/healthz")[0] == 200
        assert post(sidecar.url, numbered(1)) == 200
        assert sidecar.stop() == 0


def test_reload_is_whole_or_not_at_all(store: Store, tmp_path: Path) -> None:
    """SIGHUP takes a good file; a bad one is said in one line and the old stays."""
    config = tmp_path / "sidecar.toml"
    good = f'listen = "127.0.0.1:0"\nadmin_listen = "127.0.0.1:0"\n[[routes]]\nupstream = "{store.url}"\n'
    config.write_text(good)
    with process("--config", str(config), listen="") as sidecar:
        assert post(sidecar.url, numbered(3)) == 200
        before = sidecar.get("/metrics")[1]
        config.write_text(good.replace("upstream", "upsteam"))
        sidecar.popen.send_signal(signal.SIGHUP)
        wait_until(lambda: "leakscan_reload_failures_total 1.0" in sidecar.get("/metrics")[1])
        assert post(sidecar.url, numbered(3)) == 200
        config.write_text('style = "mask"\n' + good)
        sidecar.popen.send_signal(signal.SIGHUP)
        wait_until(
            lambda: (
                store.bodies[-1:]
                and post(sidecar.url, numbered(3)) == 200
                and b"********" in store.bodies[-1]
            )
        )
        assert build_of(sidecar.get("/metrics")[1]) != build_of(before)
        config.write_text(good.replace("127.0.0.1:0", "127.0.0.1:1", 1))
        sidecar.popen.send_signal(signal.SIGHUP)
        wait_until(lambda: "leakscan_reload_failures_total 2.0" in sidecar.get("/metrics")[1])
        assert sidecar.stop() == 0
        assert any("routes[1].upsteam: unknown key; did you mean upstream?" in line for line in sidecar.said)
        assert any("listen: cannot change without a restart" in line for line in sidecar.said)
        assert all(line.startswith("leakscan: ") for line in sidecar.said)


def build_of(metrics: str) -> str:
    """Return the line that names version and configuration."""
    return next(line for line in metrics.splitlines() if line.startswith("leakscan_build_info"))


def test_no_core_dumps(store: Store) -> None:
    """The limit is 0: a crash leaves no log data on the disk."""
    with process("--upstream", store.url) as sidecar:
        if not sys.platform.startswith("linux"):
            pytest.skip("needs /proc")
        with Path(f"/proc/{sidecar.popen.pid}/limits").open() as file:
            line = next(line for line in file if line.startswith("Max core file size"))
        assert line.split()[4:6] == ["0", "0"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "where to send to is missing"),
        (["--upstream", "ftp://x"], "upstream: must be a URL with http or https"),
        (["--upstream", f"http://user:{SECRET}@x"], "upstream: must hold no user or password"),
        (["--upstream", "http://x", "--listen", "4318"], "listen: must be HOST:PORT"),
        (
            ["--upstream", "http://x", "--listen", "0.0.0.0:4318"],
            "can be reached from other machines without TLS",
        ),
        (
            ["--upstream", "http://x", "--admin-listen", "0.0.0.0:9464"],
            "can be reached from other machines without TLS",
        ),
        (["--upstream", "http://x", "--tls-cert", "x.pem"], "one needs the other"),
        (["--upstream", "http://x", "--tls-cert", "no.pem", "--tls-key", "no.pem"], "tls_cert, tls_key"),
        (["--upstream", "http://x", "--codec", "xml"], "codec: must be one of auto,"),
        (["--upstream", "http://x", "--disable", "no-such-rule"], "no such rule: no-such-rule"),
        (["--upstream", "http://x", "--config", "x.toml"], "--upstream belongs into the file"),
        (["--config", "no-such.toml"], "no-such.toml: "),
    ],
)
def test_mistakes_are_one_line(capsys: pytest.CaptureFixture[str], arguments: list[str], words: str) -> None:
    """Exit code 2 and one line that says what to do; never a traceback, never a password."""
    code = cli.run(["sidecar", *arguments])
    err = capsys.readouterr().err
    assert code == 2
    assert words in err
    assert len(err.splitlines()) == 1
    assert not shows(err.encode())


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "routes: at least one"),
        ("routs = 1", "routs: unknown key; did you mean routes?"),
        ("[[routes]]\npath = '/'", "routes[1].upstream: is missing"),
        ("[[routes]]\nupstream = 'http://x'\npath = 'a'", "routes[1].path: must begin with /"),
        (
            "[[routes]]\nupstream = 'http://x'\non_failure = 'pray'",
            "routes[1].on_failure: must be one of mask, block, open",
        ),
        (
            "[[routes]]\nupstream = 'http://x'\n[[routes]]\nupstream = 'http://y'",
            "routes: two have the path /",
        ),
        (
            "[limits]\nmax_request = '64M'\n[[routes]]\nupstream = 'http://x'",
            "limits.max_request: must be a number",
        ),
        (
            "[limits]\nmax_reqest = 1\n[[routes]]\nupstream = 'http://x'",
            "limits.max_reqest: unknown key; did you mean max_request?",
        ),
        (
            "[limits]\nmax_memory = 1\n[[routes]]\nupstream = 'http://x'",
            "limits.max_memory: must hold one body",
        ),
        ("workers = 0\n[[routes]]\nupstream = 'http://x'", "workers: must be a number from 1 to 256"),
        ("listen = ", "Invalid value"),
    ],
)
def test_a_bad_file_is_named_with_its_key(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, text: str, words: str
) -> None:
    """`--check` says file, key and reason."""
    file = tmp_path / "sidecar.toml"
    file.write_text(text)
    code = cli.run(["sidecar", "--config", str(file), "--check"])
    err = capsys.readouterr().err
    assert code == 2
    assert f"{file}: " in err
    assert words in err


def test_an_address_in_use_is_said(store: Store) -> None:
    """Both for one process and for workers' admin port."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        where = f"127.0.0.1:{taken.getsockname()[1]}"
        result = leakscan("sidecar", "--upstream", store.url, "--listen", where)
        assert (result.code, f"cannot listen on {where}" in result.err) == (2, True)
        result = leakscan(
            "sidecar", "--upstream", store.url, "--listen", "127.0.0.1:0", "--admin-listen", where
        )
        assert (result.code, f"cannot listen on {where}" in result.err) == (2, True)


def test_two_routes(store: Store, tmp_path: Path) -> None:
    """The longest prefix wins, and each has its own codec and policy."""
    other = Store()
    config = tmp_path / "sidecar.toml"
    config.write_text(
        f'listen = "127.0.0.1:0"\n[[routes]]\nupstream = "{store.url}"\n'
        f'[[routes]]\npath = "/raw"\nupstream = "{other.url}/in"\ncodec = "text"\n'
    )
    with process("--config", str(config), listen="") as sidecar:
        assert post(sidecar.url, numbered(3), "/other") == 200
        assert post(sidecar.url, numbered(3), "/raw/x") == 200
    assert len(store.bodies) == len(other.bodies) == 1
    other.server.shutdown()
    other.server.server_close()


def test_the_status_page_is_self_contained_and_holds_no_content(store: Store) -> None:
    """Strict policy, nothing from elsewhere, numbers only."""
    with process("--upstream", store.url) as sidecar:
        assert post(sidecar.url, numbered(3)) == 200
        with urllib.request.urlopen(sidecar.admin + "/", timeout=5) as answer:  # noqa: S310 - loopback
            policy, page = answer.headers["Content-Security-Policy"], answer.read().decode()
        assert "default-src 'none'" in policy
        assert "unsafe-inline" not in policy
        assert "http" not in page.replace("http://www.w3.org/2000/svg", "")
        wait_until(
            lambda: any(point["rules"] for point in json.loads(sidecar.get("/status.json")[1])["points"])
        )
        status = json.loads(sidecar.get("/status.json")[1])
        assert status["ready"] is True
        assert status["points"][-1]["rules"] == {"generic-password": 1}
        assert "/items/" not in json.dumps(status)
        assert sidecar.get("/nothing")[0] == 404


def test_it_listens_with_tls(store: Store, tmp_path: Path) -> None:
    """With a certificate, clients that trust it are served, and plain ones are not."""
    key, cert = certificate(tmp_path)
    with process("--upstream", store.url, "--tls-cert", str(cert), "--tls-key", str(key)) as sidecar:
        assert sidecar.url.startswith("https://")
        request = urllib.request.Request(sidecar.url, data=numbered(3))  # noqa: S310 - loopback
        trusting = ssl.create_default_context(cafile=cert)
        with urllib.request.urlopen(request, timeout=10, context=trusting) as answer:  # noqa: S310 - as above
            assert answer.status == 200
        assert post(sidecar.url.replace("https", "http"), numbered(3)) in {0, 400}
        assert len(store.bodies) == 1


def test_upstream_that_is_busy_gets_each_number_in_the_end(store: Store) -> None:
    """429 and 503 reach the client, which tries again: at least once, in its order."""
    store.statuses = [429, 503, 200, 503, 429, 429]
    with process("--upstream", store.url) as sidecar:
        for number in range(10):
            deliver(sidecar.url, numbered(number))
    assert [json.loads(body)["n"] for body in store.bodies] == list(range(10))
