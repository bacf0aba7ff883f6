"""`tail -F log | leakscan redact` while the log is rotated: every line arrives, no secret does."""

from __future__ import annotations

import shutil
import subprocess
import sys
import threading
import time
from typing import TYPE_CHECKING

import pytest

from command import COMMAND, RULE, environment, made_up_secret, shows

if TYPE_CHECKING:
    from pathlib import Path

LINES = 10_000
ROTATIONS = 5
#: What the rotated log is written by: numbered lines, every tenth with a secret.
WRITER = """
import os, sys, time
path, secrets = sys.argv[1], sys.argv[2:]
log = open(path, "ab", buffering=0)
for number in range({lines}):
    if number and number % {each} == 0:
        # as a daemon does it: the log is moved away, then opened anew; tail needs a moment to notice
        time.sleep(1.2)
        os.rename(path, f"{{path}}.{{number // {each}}}")
        log.close()
        log = open(path, "ab", buffering=0)
        time.sleep(0.3)
    secret = f" key={{secrets[number % len(secrets)]}}" if number % 10 == 0 else ""
    log.write(f"line {{number}}{{secret}} end\\n".encode())
"""


@pytest.mark.skipif(shutil.which("tail") is None, reason="there is no tail")
def test_every_line_arrives_and_no_secret_does_while_the_log_is_rotated(tmp_path: Path) -> None:
    """10,000 numbered lines, five rotations: all numbers in order, no eight characters of any secret."""
    log = tmp_path / "app.log"
    log.touch()
    secrets = [made_up_secret() for _ in range(50)]
    tail = subprocess.Popen(
        ["tail", "-q", "-n", "+1", "-s", "0.1", "-F", log], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    redact = subprocess.Popen(
        [*COMMAND, "redact"],
        stdin=tail.stdout,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment(),
    )
    received: list[bytes] = []

    def receive() -> None:
        assert redact.stdout is not None
        received.extend(redact.stdout)

    reader = threading.Thread(target=receive)
    reader.start()
    try:
        script = WRITER.format(lines=LINES, each=LINES // (ROTATIONS + 1) + 1)
        subprocess.run([sys.executable, "-c", script, log, *secrets], check=True)
        until = time.monotonic() + 20
        while len(received) < LINES and time.monotonic() < until:
            time.sleep(0.05)
    finally:
        tail.terminate()
        tail.wait(20)
        redact.wait(20)
        reader.join(20)
    assert redact.returncode == 0
    numbers = [int(line.split()[1]) for line in received]
    assert numbers == list(range(LINES))
    text = b"".join(received).decode()
    assert text.count(f"key=[REDACTED:{RULE}] end\n") == LINES // 10
    assert not any(shows(text, secret) for secret in secrets)
    assert redact.stderr is not None
    assert f"redacted {LINES // 10:,} secrets in {LINES:,} lines".encode() in redact.stderr.read()
