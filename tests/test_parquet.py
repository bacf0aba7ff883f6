"""Parquet files in the command: told by content, found by row and column, never taken for text."""

from __future__ import annotations

import datetime as dt
import gzip
import json
import os
import random
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

pytest.importorskip("pyarrow")

import pyarrow as pa
import pyarrow.parquet as pq

from command import COMMAND, RULE, environment, leakscan, made_up_secret, shows

if TYPE_CHECKING:
    from pathlib import Path

TIME = dt.datetime(2026, 1, 2, 3, 4, 5, 120000, tzinfo=dt.UTC)


@pytest.fixture
def secret() -> str:
    """Return a secret that no other test has."""
    return made_up_secret()


@pytest.fixture
def table(secret: str) -> pa.Table:
    """Return a table with secrets in all that a column may be."""
    password = "Tr0ub4dor&3-hunter"
    return pa.table({
        "at": pa.array([TIME, None, TIME], pa.timestamp("us", tz="UTC")),
        "message": ["ordinary", f"key={secret} ok", None],
        "string.names": [["user", "password"], [], None],
        "string.values": [["bob", password], [], None],
        "labels": pa.array([[("a", "b")], None, [("token", secret)]], pa.map_(pa.string(), pa.string())),
        "kind": pa.array(["x", secret, "x"]).dictionary_encode(),
        "raw": [b"\xff", b"", f"\xff {secret}".encode("latin-1")],
        "n": [1, 2, 3],
    })  # fmt: skip


WANTED = [
    (1, '$["string.values"][1]', "generic-password"),
    (2, "$.message", RULE),
    (2, "$.kind", RULE),
    (3, "$.labels.token", RULE),
    (3, "$.raw", RULE),
]


@pytest.mark.parametrize("rows", [1, 100])
@pytest.mark.parametrize("codec", ["none", "zstd"])
def test_findings_name_row_and_column(
    tmp_path: Path, table: pa.Table, secret: str, codec: str, rows: int
) -> None:
    """The line is the row, the JSON path begins with the column, the time is the row's own."""
    path = tmp_path / "logs"
    pq.write_table(table, path, row_group_size=rows, compression=codec)
    result = leakscan(path, "--format", "jsonl")
    found = [json.loads(line) for line in result.out.splitlines()]
    assert [(row["line"], row["json_path"], row["rule_id"]) for row in found] == WANTED
    assert {row["timestamp"] for row in found if row["line"] != 2} == {"2026-01-02T03:04:05.12Z"}
    assert found[1]["start"] == 4
    assert result.code == 1
    assert not shows(result.out + result.err, secret)


@pytest.mark.parametrize("form", ["text", "json", "sarif", "csv", "html"])
def test_every_report_takes_them(tmp_path: Path, table: pa.Table, secret: str, form: str) -> None:
    """No format needs a line of text."""
    path = tmp_path / "logs.parquet"
    pq.write_table(table, path)
    result = leakscan(path, "--format", form, "-q")
    assert (result.code, result.err) == (1, "")
    assert RULE in result.out
    if form in {"text", "html"}:  # the others have a field for it
        assert f"{path.name}:1:$" in result.out
    assert not shows(result.out, secret)


def test_engines_and_jobs_agree(tmp_path: Path, table: pa.Table) -> None:
    """Hyperscan and the portable engine, one process and several."""
    for number in range(3):
        pq.write_table(table, tmp_path / f"{number}.parquet")
    options = (["--engine", "hyperscan"], ["--engine", "ahocorasick"], ["-j", "2"])
    outputs = {leakscan(tmp_path, "--format", "jsonl", *more).out for more in options}
    assert len(outputs) == 1
    assert outputs.pop().count("\n") == 3 * len(WANTED)


@pytest.mark.parametrize("kept", [4, 100, -4, -100])
def test_a_file_cut_off_is_an_error(tmp_path: Path, table: pa.Table, kept: int) -> None:
    """Also in a line, and with exit code 2: it is not scanned as bytes and called clean."""
    whole = tmp_path / "whole"
    pq.write_table(table, whole)
    path = tmp_path / "cut"
    path.write_bytes(whole.read_bytes()[:kept])
    result = leakscan(path, "-q")
    assert result.code == 2
    assert result.errors() == [f"{path}: Parquet data are damaged or cut off: not scanned to the end"]


def test_damaged_pages_are_an_error(tmp_path: Path, table: pa.Table, secret: str) -> None:
    """Whatever byte is wrong, the command ends with one line and no secret."""
    whole = tmp_path / "whole"
    pq.write_table(table, whole, compression="snappy")
    data = whole.read_bytes()
    chosen = random.Random(5)
    folder = tmp_path / "damaged"
    folder.mkdir()
    for number in range(40):
        damaged = bytearray(data)
        damaged[chosen.randrange(4, len(data))] ^= chosen.randrange(1, 256)
        (folder / str(number)).write_bytes(damaged)
    result = leakscan(folder, "-q")
    assert result.code == 2
    reason = "Parquet data are damaged or cut off: not scanned to the end"
    assert {line.partition(": ")[2] for line in result.errors()} == {reason}
    assert not shows(result.out + result.err, secret)


def test_a_file_is_read_through_a_redirection_but_not_from_a_pipe(tmp_path: Path, table: pa.Table) -> None:
    """Its index is at its end."""
    path = tmp_path / "logs.parquet"
    pq.write_table(table, path)
    with path.open("rb") as file:
        assert leakscan("-q", stdin_file=file).code == 1
    result = leakscan("-q", stdin=path.read_bytes())
    assert (result.code, result.errors()) == (
        2, ["<stdin>: is parquet, which cannot be read from a pipe: name the file"],
    )  # fmt: skip


def test_redact_refuses_it(tmp_path: Path, table: pa.Table) -> None:
    """`leakscan redact` writes lines; nothing is written."""
    path = tmp_path / "logs.parquet"
    pq.write_table(table, path)
    result = leakscan("redact", path)
    assert (result.code, result.out) == (2, "")
    assert result.errors() == [f"{path}: is Parquet, which has no lines: see leakscan-spark redact"]


def test_inside_of_gzip_it_is_refused(tmp_path: Path, table: pa.Table) -> None:
    """Parquet compresses by itself; a stream of it cannot be read."""
    path = tmp_path / "logs.parquet"
    pq.write_table(table, path)
    packed = tmp_path / "logs.parquet.gz"
    packed.write_bytes(gzip.compress(path.read_bytes()))
    result = leakscan(packed, "-q")
    assert (result.code, result.errors()) == (
        2,
        [f"{packed}: is Parquet inside of gzip: decompress it first"],
    )


def test_without_pyarrow_it_says_what_to_install(tmp_path: Path, table: pa.Table) -> None:
    """Exit code 2 and the name of the extra."""
    path = tmp_path / "logs.parquet"
    pq.write_table(table, path)
    code = "import sys; sys.modules['pyarrow'] = None; from leakscan.cli import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", code, str(path), "-q"], capture_output=True, text=True, check=False,
        env=environment(),
    )  # fmt: skip
    assert done.returncode == 2
    reason = "is Parquet, which needs pyarrow: pip install 'leakscan-logs[arrow]'"
    assert done.stderr == f"leakscan: {path}: {reason}\n"


@pytest.mark.skipif(sys.platform != "linux", reason="ru_maxrss is in KiB on Linux")
def test_memory_is_bounded_by_a_batch(tmp_path: Path) -> None:
    """300 MB of cells in one row group are not held at once."""
    path = tmp_path / "large.parquet"
    line = os.urandom(150).hex()
    schema = pa.schema([("message", pa.string())])
    with pq.ParquetWriter(path, schema, use_dictionary=False, compression="zstd") as writer:
        writer.write_table(pa.table({"message": [line] * 1_000_000}), row_group_size=1_000_000)
    code = (
        "import resource, subprocess, sys\n"
        "done = subprocess.run(sys.argv[1:], check=False)\n"
        "print(done.returncode, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *COMMAND, str(path), "-q"], capture_output=True, text=True, check=True,
        env=environment(),
    )  # fmt: skip
    code_and_memory = [int(word) for word in done.stdout.split()]
    assert code_and_memory[0] == 0
    assert code_and_memory[1] < 200 * 1024
