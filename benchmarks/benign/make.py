"""Makes benign logs by running real software.

    python -m benchmarks.benign.make --to /tmp/benign [--only nginx,postgres]

Runs what is installed, names what is not, and counts lines. The logs are of this machine and are never
committed. Not here: scanning them; README.md says how.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final, NamedTuple

from . import builds, framed, postgres, runtimes, servers
from .run import find


class Source(NamedTuple):
    """A maker of logs.

    Attributes:
        make: writes `*.log` into the folder it is given; others' folders stand beside it.
        needs: programs without which it is left out.

    """

    make: Callable[[Path], None]
    needs: tuple[str, ...] = ()


#: In this order: Django and the traced program run in pip's environment, and the frames go round what the
#: others have logged.
SOURCES: Final = {
    "nginx": Source(servers.nginx, ("nginx", "curl")),
    "postgres": Source(postgres.postgres, ("postgres", "pgbench")),
    "redis": Source(servers.redis, ("redis-server", "redis-benchmark")),
    "clickhouse": Source(servers.clickhouse, ("clickhouse-server",)),
    "pip": Source(builds.pip),
    "npm": Source(builds.npm, ("npm",)),
    "pytest": Source(builds.pytest),
    "git": Source(builds.git, ("git",)),
    "maven": Source(builds.maven, ("mvn",)),
    "cargo": Source(builds.cargo, ("cargo",)),
    "apt": Source(builds.apt, ("apt-get",)),
    "suites": Source(builds.suites),
    "debian": Source(builds.debian, ("dpkg",)),
    "java": Source(runtimes.java, ("java",)),
    "node": Source(runtimes.node, ("node",)),
    "django": Source(runtimes.django),
    "traced": Source(runtimes.traced),
    "openssh": Source(runtimes.openssh, ("sshd", "ssh-keygen")),
    "rsyslog": Source(servers.rsyslog, ("rsyslogd", "logger")),
    "docker": Source(framed.docker),
    "cri": Source(framed.cri),
}


def main() -> int:
    """Make the logs and print what became of each source."""
    parser = argparse.ArgumentParser(description="Makes benign logs by running real software.")
    parser.add_argument("--to", type=Path, required=True, help="an empty or new folder")
    parser.add_argument("--only", default=",".join(SOURCES), help="names of sources, joined by commas")
    options = parser.parse_args()
    root: Path = options.to.resolve()
    total = 0
    for name in options.only.split(","):
        source = SOURCES[name]
        missing = [program for program in source.needs if not find(program, "usr/lib/postgresql/*/bin")]
        if missing:
            print(f"{name:12} left out: no {', '.join(missing)}")
            continue
        folder = root / name
        folder.mkdir(parents=True)
        started = time.monotonic()
        try:
            source.make(folder)
        except (RuntimeError, OSError) as error:
            print(f"{name:12} failed: {error}")
        lines = sum(log.read_bytes().count(b"\n") for log in folder.glob("*.log"))
        total += lines
        print(f"{name:12} {lines:8,} lines in {time.monotonic() - started:.0f} s", flush=True)
    print(f"{'in all':12} {total:8,} lines")
    return 0


if __name__ == "__main__":
    sys.exit(main())
