"""S3: which objects a URL means, and that every byte of them is scanned once."""

from __future__ import annotations

import bz2
import gzip
import json
import lzma
import random
import socket
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any

import pytest

from command import COMMAND, environment, leakscan, made_up_secret, shows
from leakscan.paths import expand
from leakscan.s3.content import RANGE
from leakscan.s3.listing import listed
from leakscan.s3.place import Place, place
from s3_parts import ACCESS, PASSWORD, log, numbered, places, put, raw, scan, variables
from s3_proxy import Fault, Proxy

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

if TYPE_CHECKING:
    from pathlib import Path

UNREAD = "is not read: only s3:// is; pipe it in, as in: curl -fsS URL | leakscan"


def test_a_prefix_means_every_object_below_it_like_a_folder(
    store: Any, bucket: str, proxy: Proxy, tmp_path: Path
) -> None:
    """Objects of every compression give what the same files give; siblings are left out."""
    packs = {"a.gz": gzip.compress, "b.zst": zstd.compress, "c.xz": lzma.compress, "d.bz2": bz2.compress}
    for number, (name, pack) in enumerate([*packs.items(), ("sub/plain.log", bytes)]):
        data = pack(log(200_000, (number * 1000, made_up_secret())))
        path = tmp_path / "logs" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        put(store, bucket, **{f"logs/{name}": data})
    put(store, bucket, **{"logs/": b"", "logs/sub/": b"", "logs/empty": b""})
    put(store, bucket, **{name: log(100, (0, made_up_secret())) for name in ("logs-2", "log", "logs.old/a")})
    local = leakscan("--format", "jsonl", str(tmp_path / "logs"))
    for url in (f"s3://{bucket}/logs", f"s3://{bucket}/logs/", f"s3a://{bucket}/logs"):
        remote = scan(proxy, "--format", "jsonl", url)
        assert remote.code == 1
        assert remote.out == local.out.replace(f"{tmp_path}/", f"s3://{bucket}/")
        assert "5 secrets at 5 places in 6 files" in remote.err


def test_the_whole_bucket_comes_in_the_order_of_its_keys(store: Any, bucket: str, proxy: Proxy) -> None:
    """A bucket alone means all of it; keys are ordered by their bytes, however many pages they take."""
    keys = sorted(
        [f"{letter}{number:02}" for letter in "aé~" for number in range(7)] + ["a/x", "a-x"], key=str.encode
    )
    for key in keys:
        put(store, bucket, **{key: b"key=" + made_up_secret().encode()})
    proxy.fault = lambda asked: Fault(page=3) if "list-type" in asked.query else None
    result = scan(proxy, "--format", "jsonl", f"s3://{bucket}")
    assert [path for path, _, _ in places(result)] == [f"s3://{bucket}/{key}" for key in keys]
    assert sum("list-type" in asked.query for asked in proxy.asked) == 8


@pytest.mark.parametrize(
    ("pattern", "meant"),
    [
        ("2026-11-*/app*.gz", ["2026-11-01/app-1.gz", "2026-11-02/app-2.gz"]),
        ("2026-11-0[12]/app-?.gz", ["2026-11-01/app-1.gz", "2026-11-02/app-2.gz"]),
        ("**/*.gz", ["2026-11-01/app-1.gz", "2026-11-02/app-2.gz", "2026-12-01/deep/er/app.gz", "top.gz"]),
        ("*.gz", ["top.gz"]),
        ("2026-12*", ["2026-12-01/deep/er/app.gz"]),
        ("2026-11-*/", ["2026-11-01/app-1.gz", "2026-11-01/web.log", "2026-11-02/app-2.gz"]),
        ("2026-1*/.hid*", ["2026-10-03/.hidden"]),
        ("[1].log", ["[1].log"]),
    ],
)
@pytest.mark.usefixtures("in_process", "proxy")
def test_wildcards_match_as_they_do_for_files(
    store: Any, bucket: str, pattern: str, meant: list[str]
) -> None:
    """`*` stays within a component, `**` does not; a folder that matches means what is below it."""
    keys = ["2026-11-01/app-1.gz", "2026-11-01/web.log", "2026-11-02/app-2.gz", "2026-12-01/deep/er/app.gz"]
    put(store, bucket, **dict.fromkeys([*keys, "top.gz", "[1].log", "1.log", "2026-10-03/.hidden"], b"x"))
    assert list(listed(f"s3://{bucket}/{pattern}")) == [f"s3://{bucket}/{key}" for key in meant]


def test_a_pattern_is_scanned(store: Any, bucket: str, proxy: Proxy) -> None:
    """The command takes wildcards too, and scans what they match."""
    for name in ("2026-11-01/app.gz", "2026-11-02/app.gz", "2026-12-01/app.gz"):
        put(store, bucket, **{name: gzip.compress(b"key=" + made_up_secret().encode())})
    found = places(scan(proxy, "--format", "jsonl", f"s3://{bucket}/2026-11-*/app*.gz"))
    assert [path for path, _, _ in found] == [f"s3://{bucket}/2026-11-0{day}/app.gz" for day in (1, 2)]


def test_names_that_need_quoting_are_exactly_that_object(store: Any, bucket: str, proxy: Proxy) -> None:
    """Spaces, percent and plus signs, slashes at either end, question marks: each is its own name."""
    keys = [
        "a b.log",
        "a%20b.log",
        "a+b.log",
        "ü/ß.log",
        "/lead//x",
        "tail/",
        "q?versionId=1",
        "s3://in/x",
        "#&=;",
    ]
    secrets = {key: made_up_secret() for key in keys}
    put(store, bucket, **{key: b"key=" + secret.encode() for key, secret in secrets.items()})
    urls = [f"s3://{bucket}/{key}" for key in keys]
    assert [path for path, _, _ in places(scan(proxy, "--format", "jsonl", *urls))] == urls
    found = places(scan(proxy, "--format", "jsonl", f"s3://{bucket}"))
    assert [path for path, _, _ in found] == sorted(urls, key=str.encode)


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


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("s3://no-such-bucket/x", "s3://no-such-bucket/x: no such bucket"),
        ("s3://no-such-bucket", "s3://no-such-bucket: no such bucket"),
        ("s3://a b/x", "s3://a b/x: is no valid name of a bucket"),
        ("s3://", "s3://: names no bucket: write s3://bucket/prefix"),
        ("s3:///key", "s3:///key: names no bucket: write s3://bucket/prefix"),
        ("s3://logs-*/x", "s3://logs-*/x: the bucket must be named: wildcards are for what follows it"),
        (f"s3://me:{PASSWORD}@bucket/x", "s3://: credentials belong in the environment, not in a URL"),
        (f"https://me:{PASSWORD}@host/x", f"https://: {UNREAD}"),
        ("gs://bucket/*.gz", f"gs://: {UNREAD}"),
        ("clickhouse://127.0.0.1/db", "clickhouse://: `leakscan audit` reads log stores"),
    ],
)
@pytest.mark.usefixtures("in_process", "proxy")
def test_a_url_that_means_nothing_is_one_clear_line(url: str, said: str) -> None:
    """What is wrong, and no password that was in it."""
    assert list(map(str, expand([url], pytest.fail))) == [said]


def test_the_arn_of_an_access_point_is_a_bucket() -> None:
    """Its slash belongs to it, the next one begins the key."""
    arn = "arn:aws:s3:eu-west-1:123456789012:accesspoint/logs"
    assert place(f"s3://{arn}/2026/app.gz") == Place(arn, "2026/app.gz")
    assert place(f"s3a://{arn}") == Place(arn, "")


def test_what_lies_nowhere_is_said(store: Any, bucket: str, proxy: Proxy) -> None:
    """A name that only begins others is none, but is told how to mean them."""
    put(store, bucket, **{"app-1.log": b"x"})
    wanted = {
        f"s3://{bucket}/app": f"no such object, and none below it (those that begin so are s3://{bucket}/app*)",
        f"s3://{bucket}/app/": "no object lies below it",
        f"s3://{bucket}/b*": "no object matches",
    }
    assert scan(proxy, *wanted).errors()[:-1] == [f"{url}: {said}" for url, said in wanted.items()]
    assert scan(proxy, f"s3://{bucket}/app*").code == 0
    store.delete_object(Bucket=bucket, Key="app-1.log")
    assert scan(proxy, f"s3://{bucket}").code == 0


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
    """An object of 8 ranges costs no more than one of 2."""
    peaks = []
    for count in (2, 8):
        put(store, bucket, x=log(count * RANGE))
        code = (
            "import resource, subprocess, sys; subprocess.run(sys.argv[1:]); "
            "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
        )
        command = [sys.executable, "-c", code, *COMMAND, "-q", f"s3://{bucket}/x"]
        done = subprocess.run(command, capture_output=True, check=True, env=variables(proxy), timeout=60)
        peaks.append(int(done.stdout) * (1 if sys.platform == "darwin" else 1024))
    assert peaks[1] - peaks[0] < RANGE


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


def test_explain_reads_objects_too(store: Any, bucket: str, proxy: Proxy) -> None:
    """What scan reads, explain explains."""
    secret = made_up_secret()
    put(store, bucket, x=b"key=" + secret.encode())
    result = scan(proxy, "explain", f"s3://{bucket}/x")
    assert result.code == 0
    assert f"s3://{bucket}/x:1:5  reported" in result.out
    assert not shows(result.out, secret)
