"""Pictures of an exposure report: made-up logs of three weeks, scanned, shown in Chromium, kept as PNG.

    python benchmarks/exposure/pictures.py docs

Every secret is drawn from the made-up examples of the rules. Needs Chromium (tests/e2e/setup_clickhouse.sh).
"""

from __future__ import annotations

import asyncio
import datetime as dt
import os
import random
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

sys.path.insert(0, str(Path(__file__).parents[2] / "tests" / "e2e"))

from browser import browser

from leakscan.rulecheck import marked
from leakscan.rules import builtin_rules

#: Width, height of the picture in pixels, and whether it is dark.
PICTURES: Final = {
    "exposure-desktop.png": (1280, 1280, False),
    "exposure-phone.png": (390, 1500, True),
}
#: Rule, service, file, first and last day of 21, places; the service of None does not name itself.
LEAKS: Final = (
    ("stripe-secret-key", "checkout", "checkout/app.log", 2.1, 19.6, 4182),
    ("aws-access-key-id", "deploy", "ci/deploy.log", 11.4, 11.9, 12),
    ("github-personal-access-token", "deploy", "ci/deploy.log", 0.3, 20.4, 167),
    ("generic-password", None, "postgres/postgresql.log", 6.2, 20.9, 638),
    ("jwt", "gateway", "gateway/access.log", 0.1, 20.9, 2950),
    ("slack-webhook-url", "alerts", "alerts/notify.log", 14.5, 17.2, 88),
    ("sendgrid-api-key", "mailer", "mailer/worker.log", 9.0, 9.02, 3),
    ("url-password", "catalog", "catalog/app.log", 3.3, 12.7, 341),
    ("openai-project-key", "search", "search/app.log", 16.1, 20.8, 1204),
    ("session-cookie", "gateway", "gateway/access.log", 18.2, 20.9, 402),
)
START: Final = dt.datetime(2026, 10, 30, tzinfo=dt.UTC)


def make_logs(folder: Path, seed: int = 7) -> None:
    """Write the logs, the same for the same seed."""
    draw = random.Random(seed)
    rules = {rule.id: rule for rule in builtin_rules()}
    lines: dict[str, list[tuple[dt.datetime, str]]] = {}
    for rule_id, service, file, first, last, places in LEAKS:
        line, _ = marked(rules[rule_id].examples[0])
        days = [
            first,
            last,
            *(first + (last - first) * draw.betavariate(1.3, 0.9) for _ in range(places - 2)),
        ]
        for day in days:
            time = START + dt.timedelta(days=day)
            text = line.replace("\n", " ")
            head = f"{time:%Y-%m-%dT%H:%M:%S}.{draw.randrange(1000):03}Z level=info"
            lines.setdefault(file, []).append(
                (time, f"{head} service={service} {text}" if service else f"{head} {text}")
            )
    for file, written in lines.items():
        path = folder / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("".join(f"{line}\n" for _, line in sorted(written)))


def make_report(folder: Path, report: Path) -> None:
    """Scan the logs as a user does."""
    environment = os.environ | {"LEAKSCAN_KEY": "an obviously fake key of the pictures", "TZ": "UTC"}
    inputs = sorted(path.name for path in folder.iterdir())
    done = subprocess.run(
        [sys.executable, "-m", "leakscan", "--format", "html", "-q", "-o", report, *inputs],
        cwd=folder, env=environment, check=False,
    )  # fmt: skip
    if done.returncode != 1:
        raise SystemExit("the scan found nothing")


async def take_pictures(report: Path, folder: Path) -> None:
    """Show the report at each size."""
    for name, (width, height, dark) in PICTURES.items():
        async with browser() as page:
            await page.open(report.as_uri(), width=width, height=height, dark=dark)
            (folder / name).write_bytes(await page.picture(height))


def main() -> None:
    """Make logs, report and pictures; the pictures go to the folder that is named."""
    target = Path(sys.argv[1])
    with tempfile.TemporaryDirectory() as folder:
        logs = Path(folder) / "logs"
        make_logs(logs)
        report = Path(folder) / "report.html"
        make_report(logs, report)
        asyncio.run(take_pictures(report, target))
        print(f"{report.stat().st_size:,} bytes of report")
    for name in PICTURES:
        print(f"{target / name}: {(target / name).stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
