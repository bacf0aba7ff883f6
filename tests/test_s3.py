"""S3: every byte of an object is scanned once, by any command, wherever the environment says it is."""

from __future__ import annotations

import gzip
import json
import random
import socket
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any

import pytest

from command import COMMAND, environment, leakscan, made_up_secret, shows
from leakscan.s3.content import RANGE
from s3_parts import ACCESS, PASSWORD, UNREAD, log, numbered, places, put, raw, scan, variables
from s3_proxy import Proxy

if TYPE_CHECKING:
    from pathlib import Path


def test_several_processes_find_the_same_in_the_same_order(store: Any, bucket: str, proxy: Proxy) -> None:
    """-j 3 writes byte for byte what -j 1 does, also beside local files and inputs that fail."""
    for number in range(12):
        size = 300_000 if number % 3 else 5_000_000
        put(
            store,
            bucket,
            **{f"{number:02}.log": log(size, (1000, made_up_secret()), (size // 2, made_up_secret()))},
        )
    inputs = [f"s3://{bucket}/0*", "tests/data/sample.log", f"s3://{bucket}/none", f"s3://{bucket}/1*"]
    one = scan(proxy, "--format", "jsonl", *inputs)
    several = scan(proxy, "--format", "jsonl", "-j", "3", *inputs)
    assert (several.code, several.out) == (2, one.out)
    assert len(places(one)) == 24 + 6
    assert several.errors()[0] == one.errors()[0]


def test_an_object_of_several_ranges_arrives_whole(store: Any, bucket: str, proxy: Proxy) -> None:
    """Sizes around those of the ranges: each comes out of `redact` to the byte, read once."""
    for size in (RANGE - 1, RANGE, RANGE + 1, 2 * RANGE + 17):
        data = numbered(size)
        put(store, bucket, x=data)
        proxy.reset()
        done = raw(proxy, "redact", "-q", f"s3://{bucket}/x")
        assert done.stdout == data
        starts = [asked.start for asked in proxy.asked if asked.method == "GET" and asked.key == "x"]
        assert starts == list(range(0, size, RANGE))


def test_of_a_parquet_object_columns_are_read_and_not_all_between_them(
    store: Any, bucket: str, proxy: Proxy, tmp_path: Path
) -> None:
    """What the file gives, for little more than its bytes, although columns are read in turn."""
    pa = pytest.importorskip("pyarrow", reason="needs pyarrow")
    pq = pytest.importorskip("pyarrow.parquet")
    source = random.Random(3)
    rows = [{name: source.randbytes(150).hex() for name in ("a", "b", "c")} for _ in range(65_536)]
    rows[60_000]["b"] = "key=" + made_up_secret()
    pq.write_table(pa.Table.from_pylist(rows), tmp_path / "x", use_dictionary=False)
    data = (tmp_path / "x").read_bytes()
    assert len(data) > 2 * RANGE
    put(store, bucket, x=data)
    proxy.reset()
    local = leakscan("--format", "jsonl", str(tmp_path / "x"))
    remote = scan(proxy, "--format", "jsonl", f"s3://{bucket}/x")
    assert remote.code == 1, remote.err
    assert remote.out == local.out.replace(str(tmp_path), f"s3://{bucket}")
    assert sum(asked.end - asked.start for asked in proxy.asked) < 2 * len(data) + RANGE


def test_redact_reads_an_object(store: Any, bucket: str, proxy: Proxy) -> None:
    """`redact s3://..` writes what it writes for the same file, decompressed."""
    secret = made_up_secret()
    data = log(100_000, (50_000, secret))
    put(store, bucket, **{"x.gz": gzip.compress(data)})
    done = raw(proxy, "redact", f"s3://{bucket}/x.gz")
    assert (done.returncode, done.stdout) == (
        0,
        data.replace(secret.encode(), b"[REDACTED:stripe-secret-key]"),
    )


def test_what_is_encoded_for_browsers_is_unpacked_once(store: Any, bucket: str, proxy: Proxy) -> None:
    """`Content-Encoding: gzip` changes nothing: the bytes of the object count."""
    data = gzip.compress(b"key=" + made_up_secret().encode())
    store.put_object(Bucket=bucket, Key="x", Body=data, ContentEncoding="gzip", ContentType="text/plain")
    assert places(scan(proxy, "--format", "jsonl", f"s3://{bucket}/x")) == [(f"s3://{bucket}/x", 1, 4)]


def test_the_environment_that_cannot_work_is_said(proxy: Proxy) -> None:
    """No credentials, no such profile, no URL, nobody there: one line each, soon."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        closed = f"http://127.0.0.1:{listening.getsockname()[1]}"
    nobody = {"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": ""}
    for changes, said in (
        (nobody, "no credentials for S3: set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"),
        ({"AWS_PROFILE": "none"}, "there is no AWS profile of the name in AWS_PROFILE"),
        ({"AWS_ENDPOINT_URL": "nonsense"}, "AWS_ENDPOINT_URL is no URL"),
        ({"AWS_ENDPOINT_URL": closed}, "the server cannot be reached"),
    ):
        started = time.monotonic()
        result = scan(proxy, "s3://bucket/x", **changes)
        assert (result.code, result.errors()[0]) == (2, f"s3://bucket/x: {said}")
        assert time.monotonic() - started < 20


def test_profile_and_endpoint_may_come_from_the_configuration(
    store: Any, bucket: str, proxy: Proxy, tmp_path: Path
) -> None:
    """AWS_PROFILE names a section of the files that every tool of AWS reads."""
    put(store, bucket, x=b"key=" + made_up_secret().encode())
    (tmp_path / "config").write_text(f"[profile test]\nregion = eu-west-1\nendpoint_url = {proxy.url}\n")
    (tmp_path / "secrets").write_text(
        f"[test]\naws_access_key_id = {ACCESS}\naws_secret_access_key = {PASSWORD}\n"
    )
    env = variables(
        AWS_PROFILE="test",
        AWS_CONFIG_FILE=str(tmp_path / "config"),
        AWS_SHARED_CREDENTIALS_FILE=str(tmp_path / "secrets"),
    )
    del env["AWS_ACCESS_KEY_ID"], env["AWS_SECRET_ACCESS_KEY"], env["AWS_DEFAULT_REGION"]
    assert leakscan(f"s3://{bucket}/x", env=env).code == 1


def test_without_the_extra_it_says_what_to_install(tmp_path: Path) -> None:
    """One line for S3, and the local file beside it is scanned."""
    (tmp_path / "s3fs.py").write_text("raise ImportError\n")
    env = variables(PYTHONPATH=str(tmp_path))
    result = leakscan("s3://bucket/x", "tests/data/sample.log", env=env)
    assert result.code == 2
    assert result.errors()[0] == "s3://bucket/x: S3 needs an extra: pip install 'leakscan-logs[s3]'"
    assert "5 secrets" in result.err


def test_local_paths_do_not_pay() -> None:
    """Neither s3fs nor our own part of it is loaded for a file."""
    code = (
        "import sys; from leakscan.cli import run; run(['-q', 'tests/data/sample.log']); "
        "print(*sys.modules, sep='\\n', file=sys.stderr)"
    )
    done = subprocess.run(
        [COMMAND[0], "-c", code], capture_output=True, check=True, env=environment(), timeout=30
    )
    loaded = set(done.stderr.decode().split())
    assert "leakscan.sources" in loaded
    assert loaded & {"s3fs", "fsspec", "botocore", "aiohttp", "asyncio", "leakscan.s3"} == set()


def test_memory_does_not_grow_with_the_object(store: Any, bucket: str, proxy: Proxy) -> None:
    """An object of 10 ranges costs no more than one of 2, but for what happens to be there at once."""
    peaks = []
    for count in (2, 10):
        put(store, bucket, x=log(count * RANGE))
        code = (
            "import resource, subprocess, sys; subprocess.run(sys.argv[1:]); "
            "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
        )
        command = [sys.executable, "-c", code, *COMMAND, "-q", f"s3://{bucket}/x"]
        done = subprocess.run(command, capture_output=True, check=True, env=variables(proxy), timeout=60)
        peaks.append(int(done.stdout) * (1 if sys.platform == "darwin" else 1024))
    assert peaks[1] - peaks[0] < 2 * RANGE


def test_follow_follows_files_only(proxy: Proxy) -> None:
    """An object does not grow."""
    result = scan(proxy, "--follow", "s3://bucket/x")
    assert result.code == 2
    assert result.errors() == [
        "--follow follows files: an object of S3 does not grow; see leakscan scan --help"
    ]


def test_redact_repeats_no_password_of_a_url() -> None:
    """What cannot be opened is named by its scheme."""
    result = leakscan("redact", f"https://me:{PASSWORD}@host/x")
    assert (result.code, result.errors()) == (2, [f"https://: {UNREAD}"])


def test_sarif_names_the_object(store: Any, bucket: str, proxy: Proxy) -> None:
    """The place is the object's URL, quoted as a URI."""
    put(store, bucket, **{"a b.log": b"key=" + made_up_secret().encode()})
    run = json.loads(scan(proxy, "--format", "sarif", f"s3://{bucket}").out)["runs"][0]
    place = run["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]
    assert place["uri"] == f"s3://{bucket}/a%20b.log"


def test_objects_are_allowed_by_their_urls(store: Any, bucket: str, proxy: Proxy, tmp_path: Path) -> None:
    """`paths` of an allowlist match URLs as they are written; several processes know them too."""
    secret = b"key=" + made_up_secret().encode()
    put(store, bucket, **{"known//a": secret, "new/a": secret})
    config = tmp_path / "config.toml"
    config.write_text(f'[[allow]]\nreason = "known"\npaths = ["s3://{bucket}/known//*"]\n')
    for jobs in ("1", "2"):
        result = scan(proxy, "--format", "jsonl", "-j", jobs, "--config", str(config), f"s3://{bucket}")
        assert [path for path, _, _ in places(result)] == [f"s3://{bucket}/new/a"]


def test_explain_reads_objects_too(store: Any, bucket: str, proxy: Proxy) -> None:
    """What scan reads, explain explains."""
    secret = made_up_secret()
    put(store, bucket, x=b"key=" + secret.encode())
    result = scan(proxy, "explain", f"s3://{bucket}/x")
    assert result.code == 0
    assert f"s3://{bucket}/x:1:5  reported" in result.out
    assert not shows(result.out, secret)
