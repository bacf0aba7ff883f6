"""Spark: data frames and archives, on local[2] and on a cluster of which a worker dies."""

from __future__ import annotations

import json
import random
import string
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parents[1]))

from sparkcluster import (
    PYTHON,
    SCRIPT,
    cluster,
    environment,
    free_port,
    install_wheel,
    missing,
    wait_for_tasks,
)

from command import COMMAND

pytestmark = pytest.mark.e2e

_RANDOM = random.Random(11)


@pytest.fixture(scope="module", autouse=True)
def _wheel(tmp_path_factory: pytest.TempPathFactory) -> None:
    if (what := missing()) is not None:
        pytest.skip(f"{what} not found: run tests/e2e/setup_spark.sh")
    install_wheel(tmp_path_factory.mktemp("wheel"))


def token() -> str:
    """Return a key that opens nothing."""
    return "sk_live_" + "".join(_RANDOM.choices(string.ascii_letters + string.digits, k=32))


def write_logs(folder: Path, size: int) -> list[str]:
    """Write a big log and two small ones, one packed, one with no line end at its end; return the secrets."""
    folder.mkdir()
    secrets = [token() for _ in range(200)]
    lines = [
        f"2026-01-02T03:04:{number % 60:02}Z web-{number % 7} GET /é/{number} 200 {_RANDOM.random()}"
        for number in range(997)
    ]
    with (folder / "big one+1.log").open("w", encoding="utf-8") as out:
        written = number = 0
        while written < size:
            number += 1
            line = lines[number % len(lines)]
            if number % 1009 == 0:
                line += f" key={secrets[number % len(secrets)]}\r"
            written += out.write(line + "\n")
    body = "\n".join(
        "".join(_RANDOM.choices(string.ascii_letters + string.digits + "+/", k=64)) for _ in range(9)
    )
    key = f"-----BEGIN RSA PRIVATE KEY-----\n{body}\n-----END RSA PRIVATE KEY-----"
    (folder / "small.log").write_text(f"one\n{key}\npassword=Tr0ub4dor&3-hunter", encoding="utf-8")
    (folder / "deeper").mkdir()
    packed = folder / "deeper" / "packed.log"
    packed.write_text(f"a\nb\nkey={secrets[0]}\n", encoding="utf-8")
    subprocess.run(["gzip", str(packed)], check=True)
    return secrets


def command(*arguments: str | Path) -> list[dict[str, Any]]:
    """Return the findings of `leakscan` in one process."""
    done = subprocess.run(
        [*COMMAND, *map(str, arguments), "--format", "jsonl", "-q"], capture_output=True, check=False,
        env=environment(), timeout=300,
    )  # fmt: skip
    assert done.returncode == 1, done.stderr
    return in_order([json.loads(line) for line in done.stdout.splitlines()])


def written(out: Path) -> list[dict[str, Any]]:
    """Return the findings that Spark wrote."""
    files = sorted(out.glob("part-*.json"))
    return in_order([json.loads(line) for file in files for line in file.read_text("utf-8").splitlines()])


def in_order(findings: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Sort findings by place."""
    return sorted(findings, key=lambda one: (one["path"], one["line"], one["json_path"] or "", one["start"]))


def leakscan_spark(*arguments: str | Path, code: int) -> str:
    """Run the script on two threads; return what it says of itself."""
    done = subprocess.run(
        [str(SCRIPT), arguments[0], "--master", "local[2]", *map(str, arguments[1:])],
        capture_output=True, check=False, env=environment(), text=True, timeout=300,
    )  # fmt: skip
    assert done.returncode == code, done.stderr
    return "\n".join(line for line in done.stderr.splitlines() if line.startswith("leakscan: "))


def test_data_frames_are_scanned_and_redacted(tmp_path: Path) -> None:
    """`scan` keeps the columns asked for, `redact` the schema; names with dots and siblings count."""
    script = tmp_path / "frames.py"
    script.write_text(
        "import json, sys\n"
        "from pyspark.sql import SparkSession\n"
        "from leakscan.integrations.spark import redact, scan\n"
        "spark = SparkSession.builder.master('local[2]').getOrCreate()\n"
        "df = spark.createDataFrame(\n"
        "    [(1, 'password=Tr0ub4dor&3-hunter', ['token'], ['aZ93kfKw02kd9Xq']), (2, None, [], None)],\n"
        "    'id int, message string, `string.names` array<string>, `string.values` array<string>')\n"
        "found = sorted((row.id, row.column, row.start) for row in scan(df, keep=['id']).collect())\n"
        "put = redact(df, errors=True)\n"
        "assert put.schema.fields[:-1] == df.schema.fields\n"
        "rows = sorted(tuple(row) for row in put.collect())\n"
        "only = [row.column for row in scan(df, ['string.values', 'string.names']).collect()]\n"
        "try:\n    scan(df, ['none'])\nexcept ValueError as error:\n    said = str(error)\n"
        "print(json.dumps([found, rows, only, said]))\n"
    )
    done = subprocess.run(
        [PYTHON, script], capture_output=True, check=True, env=environment(), text=True, timeout=300
    )
    found, rows, only, said = json.loads(done.stdout)
    assert found == [[1, "message", 9], [1, "string.values", 0]]
    assert rows == [
        [1, "password=[REDACTED:generic-password]", ["token"], ["[REDACTED:generic-token]"], None],
        [2, None, [], None, None],
    ]
    assert only == ["string.values"]
    assert said.startswith("there is no column 'none'")


def test_an_archive_of_text_is_scanned_as_the_command_scans_it(tmp_path: Path) -> None:
    """Every field of every finding is equal: over splits, packed files, odd names and missing line ends."""
    logs = tmp_path / "logs"
    secrets = write_logs(logs, 5_000_000)
    out = tmp_path / "found"
    said = leakscan_spark(
        "scan", "--conf", "spark.sql.files.maxPartitionBytes=600k", "--out", out, logs, code=1
    )
    wanted = command(logs)
    assert len(wanted) > 50
    assert written(out) == wanted
    assert f"{len(wanted)} findings in" in said
    assert not any(secret[8:16] in file.read_text() for secret in secrets for file in out.glob("part-*"))
    # a folder that is there is not written over
    said = leakscan_spark("scan", "--out", out, logs / "small.log", code=2)
    assert "already exists" in said


def test_an_archive_of_text_is_redacted_as_the_command_redacts_it(tmp_path: Path) -> None:
    """The same lines in the same order, a split after the other."""
    logs = tmp_path / "logs"
    write_logs(logs, 3_000_000)
    big = logs / "big one+1.log"
    out = tmp_path / "clean"
    leakscan_spark("redact", "--conf", "spark.sql.files.maxPartitionBytes=600k", "--out", out, big, code=0)
    done = subprocess.run([*COMMAND, "redact", big, "-q"], capture_output=True, check=True, env=environment())
    parts = sorted(out.glob("part-*.txt"))
    assert len(parts) > 3
    assert b"".join(part.read_bytes() for part in parts) == done.stdout


def test_parquet_is_scanned_and_redacted(tmp_path: Path) -> None:
    """Findings are those of the command; what is written has no secret and is Parquet."""
    secret = token()
    table = tmp_path / "in.parquet"
    make = (
        "import pyarrow as pa, pyarrow.parquet as pq, sys, datetime as dt\n"
        "n = 5000; s = sys.argv[2]\n"
        "pq.write_table(pa.table({'at': pa.array([dt.datetime(2026, 1, 2)] * n, pa.timestamp('us', 'UTC')),\n"
        "  'message': [f'key={s}' if i % 999 == 5 else f'line {i}' for i in range(n)],\n"
        "  'raw': [s.encode() if i == 7 else b'\\xff' for i in range(n)],\n"
        "  'labels.names': [['token'] if i == 9 else [] for i in range(n)],\n"
        "  'labels.values': [[s] if i == 9 else [] for i in range(n)]}), sys.argv[1], row_group_size=1000)\n"
    )
    subprocess.run([PYTHON, "-c", make, table, secret], check=True)
    out, clean = tmp_path / "found", tmp_path / "clean"
    said = leakscan_spark("scan", "--input", "parquet", "--out", out, table, code=1)
    wanted = command(table)
    assert len(wanted) == 7
    assert written(out) == wanted
    assert "7 findings in 5,000 rows" in said
    leakscan_spark("redact", "--input", "parquet", "--out", clean, table, code=0)
    read = (
        "import pyarrow.parquet as pq, sys; t = pq.read_table(sys.argv[1]); print(t.num_rows, t.to_pylist())"
    )
    done = subprocess.run([PYTHON, "-c", read, clean], capture_output=True, check=True, text=True)
    assert done.stdout.startswith("5000 ")
    assert secret[8:16] not in done.stdout
    assert done.stdout.count("[REDACTED:") == 7


def test_what_cannot_be_read_is_said(tmp_path: Path) -> None:
    """Exit code 2 and one line: a missing input, a file that Spark takes for text, no pair for --conf."""
    out = tmp_path / "out"
    assert "does not exist" in leakscan_spark("scan", "--out", out, tmp_path / "none", code=2)
    odd = tmp_path / "odd"
    odd.write_bytes(b"\x28\xb5\x2f\xfd password=Tr0ub4dor&3-hunter\n")
    said = leakscan_spark("scan", "--out", out, odd, code=2)
    assert f"{odd}: is zstd, which was not unpacked: not scanned" in said
    said = leakscan_spark("redact", "--out", out / "clean", odd, code=2)
    assert said.endswith(f"{odd}: is zstd, which was not unpacked")
    assert "write NAME=VALUE" in leakscan_spark("scan", "--conf", "x", "--out", out, odd, code=2)


def test_a_worker_that_is_killed_takes_nothing_away(tmp_path: Path) -> None:
    """A standalone master and two workers run the wheel; one dies half-way, and all findings are there."""
    logs = tmp_path / "logs"
    write_logs(logs, 40_000_000)
    out = tmp_path / "found"
    port = free_port()
    with cluster(tmp_path) as spark:
        settings = {
            "spark.executor.memory": "512m", "spark.sql.files.maxPartitionBytes": "500k",
            "spark.sql.files.openCostInBytes": "1", "spark.ui.port": str(port),
            "spark.driver.host": "127.0.0.1",
        }  # fmt: skip
        options = [word for name, value in settings.items() for word in ("--conf", f"{name}={value}")]
        with (tmp_path / "driver.log").open("wb") as log:
            driver = subprocess.Popen(
                [str(SCRIPT), "scan", "--master", spark.url, *options, "--out", str(out), str(logs)],
                stdout=log, stderr=log, env=environment(),
            )  # fmt: skip
        try:
            done, of = wait_for_tasks(driver, port, least=6)
            spark.kill_worker()
            assert 6 <= done < of - 10
            assert driver.wait(timeout=300) == 1, (tmp_path / "driver.log").read_text()[-3000:]
        finally:
            driver.kill()
            driver.wait()
    assert written(out) == command(logs)
