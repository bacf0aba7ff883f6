"""The sidecar in trouble: killed, stopped under load, bombed, crowded; with numbers and planted secrets."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

sys.path.insert(0, str(Path(__file__).parents[1]))

from sidecar_parts import Store, deliver, free_port, numbered, post, process, shows, wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.e2e


@pytest.fixture
def store() -> Iterator[Store]:
    """Give an upstream."""
    one = Store()
    yield one
    one.server.shutdown()
    one.server.server_close()


def test_killed_ten_times_nothing_is_lost_and_no_secret_gets_through(store: Store) -> None:
    """Killed with -9 under load, ten times: with a client that retries, every number arrives, redacted."""
    port = free_port()
    secrets: list[str] = []
    bodies = [
        b"".join(numbered(n, secrets) for n in range(start, start + 10)) for start in range(0, 3000, 10)
    ]
    store.delay = 0.002

    def ship(mine: list[bytes]) -> None:
        for body in mine:
            deliver(f"http://127.0.0.1:{port}", body)

    clients = [threading.Thread(target=ship, args=(bodies[n::3],)) for n in range(3)]
    kills = 0
    while any(client.is_alive() for client in clients) or kills < 10:
        with process("--upstream", store.url, listen=f"127.0.0.1:{port}") as sidecar:
            if kills == 0:
                for client in clients:
                    client.start()
            before = len(store.bodies)
            if kills < 10:
                wait_until(lambda: len(store.bodies) > before + 5)  # noqa: B023 - called in this round
                sidecar.stop(signal.SIGKILL)
                kills += 1
            else:
                for client in clients:
                    client.join(60)
    assert store.numbers() == set(range(3000))
    stored = b"\n".join(store.bodies)
    assert not any(shows(stored, secret) for secret in secrets)
    assert stored.count(b"[REDACTED:generic-password]") >= 1000


def test_sigterm_under_load_loses_nothing(store: Store) -> None:
    """What is under way is answered, what comes later is refused, and the exit code is 0."""
    store.delay = 0.3
    with process("--upstream", store.url) as sidecar:
        answers: dict[int, int] = {}

        def ship(number: int) -> None:
            answers[number] = post(sidecar.url, numbered(number))

        clients = [threading.Thread(target=ship, args=(number,)) for number in range(30)]
        for client in clients:
            client.start()
        time.sleep(0.15)
        assert sidecar.stop() == 0
        for client in clients:
            client.join()
        taken = {number for number, status in answers.items() if status == 200}
        assert taken
        assert store.numbers() >= taken


def test_workers_share_a_port_and_are_started_again(store: Store) -> None:
    """Two processes serve; one that is killed comes back; counters go on; SIGTERM ends all."""
    with process("--upstream", store.url, "--workers", "2", listen=f"127.0.0.1:{free_port()}") as sidecar:
        for number in range(40):
            assert post(sidecar.url, numbered(number)) == 200
        wait_until(lambda: "leakscan_records_total 40.0" in sidecar.get("/metrics")[1])
        children = children_of(sidecar.popen.pid)
        assert len(children) == 2
        os.kill(children[0], signal.SIGKILL)
        wait_until(lambda: sidecar.get("/readyz")[0] == 503)
        wait_until(lambda: sidecar.get("/readyz")[0] == 200)
        assert len(children_of(sidecar.popen.pid)) == 2
        for number in range(40, 60):
            assert post(sidecar.url, numbered(number)) == 200
        wait_until(lambda: "leakscan_records_total 60.0" in sidecar.get("/metrics")[1])
        assert sidecar.stop() == 0
        assert store.numbers() == set(range(60))
        assert all(not Path(f"/proc/{child}").exists() for child in children)


def children_of(pid: int) -> list[int]:
    """Return the processes that a process started."""
    if not sys.platform.startswith("linux"):
        pytest.skip("needs /proc")
    with Path(f"/proc/{pid}/task/{pid}/children").open() as file:
        return [int(child) for child in file.read().split()]


def test_workers_end_with_their_parent(store: Store) -> None:
    """No orphan keeps the port when the parent is killed."""
    port = free_port()
    with process("--upstream", store.url, "--workers", "2", listen=f"127.0.0.1:{port}") as sidecar:
        children = children_of(sidecar.popen.pid)
        sidecar.stop(signal.SIGKILL)
        wait_until(lambda: all(not Path(f"/proc/{child}").exists() or zombie(child) for child in children))


def zombie(pid: int) -> bool:
    """Tell whether a process has ended and waits for its parent."""
    try:
        with Path(f"/proc/{pid}/stat").open() as file:
            return file.read().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True
