"""S3: which objects a URL means."""

from __future__ import annotations

import bz2
import gzip
import lzma
import sys
from typing import TYPE_CHECKING, Any

import pytest

from command import leakscan, made_up_secret
from leakscan.paths import expand
from leakscan.s3.listing import listed
from leakscan.s3.place import Place, place
from s3_parts import PASSWORD, UNREAD, log, places, put, scan
from s3_proxy import Fault, Proxy

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

if TYPE_CHECKING:
    from pathlib import Path


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
