"""S3 that fails: connections that break, objects that go away or change, rights that are missing.

No byte comes twice or is missing unsaid, and the other objects are scanned.
"""

from __future__ import annotations

import gzip
import random
import signal
import subprocess
import time
from typing import Any

import pytest

from command import COMMAND, made_up_secret
from leakscan.s3.content import ATTEMPTS, RANGE
from s3_parts import log, numbered, places, put, raw, scan, variables
from s3_proxy import Asked, Fault, Proxy


@pytest.mark.parametrize(("start", "cut"), [(0, 0), (0, RANGE - 1), (RANGE, 1), (RANGE, 64 * 1024)])
def test_a_connection_cut_once_costs_nothing(
    store: Any, bucket: str, proxy: Proxy, start: int, cut: int
) -> None:
    """A range whose connection breaks is asked for again: no byte comes twice, none is missing."""
    data = numbered(2 * RANGE + 1000)
    put(store, bucket, x=data)
    proxy.fault = lambda asked: Fault(cut=cut) if (asked.start, asked.number) == (start, 1) else None
    done = raw(proxy, "redact", "-q", f"s3://{bucket}/x")
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout == data
    assert max(asked.number for asked in proxy.asked) == 2


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_a_connection_that_stays_cut_makes_the_object_incomplete(
    store: Any, bucket: str, proxy: Proxy, jobs: str
) -> None:
    """What came before is reported, the object is named with how far it was read, the others go on."""
    data = log(RANGE + 500_000, (1000, made_up_secret()), (RANGE + 400_000, made_up_secret()))
    other = log(1000, (0, made_up_secret()))
    put(store, bucket, a=other, b=data, c=other)
    proxy.fault = lambda asked: Fault(cut=300_000) if (asked.key, asked.start) == ("b", RANGE) else None
    result = scan(proxy, "--format", "jsonl", "-j", jobs, f"s3://{bucket}")
    assert result.code == 2
    assert [path[-1] for path, _, _ in places(result)] == ["a", "b", "c"]
    said = f"s3://{bucket}/b: the connection was lost ({RANGE:,} of {len(data):,} bytes were read)"
    assert result.errors()[0] == said
    assert "could not be scanned to the end" in result.err
    assert sum(asked.start == RANGE for asked in proxy.asked) == ATTEMPTS


def test_a_compressed_object_that_is_cut_gives_what_came_before(
    store: Any, bucket: str, proxy: Proxy
) -> None:
    """The findings of what could be unpacked are there, and the object is incomplete."""
    noise = random.Random(1).randbytes(RANGE).hex().encode()
    data = gzip.compress(b"key=" + made_up_secret().encode() + b"\n" + noise + b"\n", 1)
    assert len(data) > RANGE
    put(store, bucket, x=data)
    proxy.fault = lambda asked: Fault(drop=True) if asked.start else None
    result = scan(proxy, "--format", "jsonl", f"s3://{bucket}/x")
    assert result.code == 2
    assert places(result) == [(f"s3://{bucket}/x", 1, 4)]
    assert f"({RANGE:,} of {len(data):,} bytes were read)" in result.errors()[0]


def test_a_damaged_object_is_read_up_to_the_damage(store: Any, bucket: str, proxy: Proxy) -> None:
    """As for a file: all that can be unpacked before the damage is scanned, also in the last piece."""
    data = bytearray(gzip.compress(log(50_000, (49_000, made_up_secret()))))
    data[-6] ^= 0xFF
    put(store, bucket, x=bytes(data))
    result = scan(proxy, "--format", "jsonl", f"s3://{bucket}/x")
    assert result.code == 2
    assert len(places(result)) == 1
    assert "gzip data are damaged" in result.errors()[0]


def test_an_object_deleted_after_it_was_listed_is_named(store: Any, bucket: str, proxy: Proxy) -> None:
    """The rest is scanned; nothing that was listed is passed over in silence."""
    put(store, bucket, a=b"key=" + made_up_secret().encode(), b=b"x", c=b"key=" + made_up_secret().encode())

    def fault(asked: Asked) -> None:
        if asked.key == "a":
            store.delete_object(Bucket=bucket, Key="b")

    proxy.fault = fault
    result = scan(proxy, f"s3://{bucket}")
    assert result.code == 2
    assert result.errors()[0] == f"s3://{bucket}/b: no such object"
    assert (
        "2 secrets at 2 places in 3 files" in result.err or "2 secrets at 2 places in 2 files" in result.err
    )


@pytest.mark.parametrize("knows_if_match", [True, False])
def test_an_object_replaced_in_the_middle_is_never_mixed(
    store: Any,
    bucket: str,
    proxy: Proxy,
    knows_if_match: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    """Ranges are of one version; a server that does not know `If-Match` is found out by its ETag."""
    old, new = b"old line\n" * (RANGE // 6), b"new line\n" * (RANGE // 6)
    put(store, bucket, x=old)

    def fault(asked: Asked) -> Fault | None:
        if asked.start:
            put(store, bucket, x=new)
            return None if knows_if_match else Fault(unconditional=True)
        return None

    proxy.fault = fault
    done = raw(proxy, "redact", "-q", f"s3://{bucket}/x")
    assert done.returncode == 2
    assert b"new" not in done.stdout
    assert done.stderr.startswith(f"leakscan: s3://{bucket}/x: was replaced while it was scanned".encode())


def test_a_server_without_ranges_is_refused_before_its_answer_fills_memory(
    store: Any, bucket: str, proxy: Proxy
) -> None:
    """A small object is taken whole; of a larger one the server's whole is no range."""
    put(store, bucket, small=b"key=" + made_up_secret().encode(), large=log(RANGE + 1))
    proxy.fault = lambda asked: Fault(whole=True) if asked.method == "GET" and asked.key else None
    assert scan(proxy, f"s3://{bucket}/small").code == 1
    result = scan(proxy, f"s3://{bucket}/large")
    assert result.code == 2
    assert "the server gives no ranges" in result.errors()[0]


def test_an_object_that_cannot_be_read_is_named_with_the_reason(
    store: Any, bucket: str, proxy: Proxy
) -> None:
    """One line an object, and the rest is scanned. Nothing is repeated that a server could make up."""
    faults = {
        "a": (Fault(status=403, code="AccessDenied"), "no permission (AccessDenied)"),
        "b": (
            Fault(status=403, code="InvalidAccessKeyId"),
            "the credentials are refused (InvalidAccessKeyId)",
        ),
        "c": (Fault(status=403, code="InvalidObjectState"), "is archived (Glacier): restore it first"),
        "d": (Fault(status=503, code="SlowDown"), "the server asks to slow down, again and again (SlowDown)"),
        "e": (Fault(status=500, code="InternalError"), "S3 answers InternalError"),
        "f": (Fault(status=418, code="&lt;b&gt;"), "S3 fails (OSError)"),
        "g": (Fault(drop=True), "the connection was lost"),
    }
    put(store, bucket, **dict.fromkeys(faults, b"x"), h=b"key=" + made_up_secret().encode())
    proxy.fault = lambda asked: (
        faults[asked.key][0] if asked.key in faults and asked.method == "GET" else None
    )
    result = scan(proxy, f"s3://{bucket}")
    assert result.code == 2
    assert result.errors()[:-1] == [f"s3://{bucket}/{key}: {said}" for key, (_, said) in faults.items()]
    assert "1 secret at 1 place" in result.err


def test_who_may_read_but_not_list_can_name_an_object(store: Any, bucket: str, proxy: Proxy) -> None:
    """One object needs no listing. What is missing is then forbidden, and both is said."""
    put(store, bucket, **{"logs/a": b"key=" + made_up_secret().encode()})

    def fault(asked: Asked) -> Fault | None:
        missing = asked.method == "HEAD" and asked.key != "logs/a"
        return Fault(status=403, code="AccessDenied") if missing or not asked.key else None

    proxy.fault = fault
    assert scan(proxy, f"s3://{bucket}/logs/a").code == 1
    urls = (f"s3://{bucket}/logs", f"s3://{bucket}/logs/b", f"s3://{bucket}", f"s3://{bucket}/*")
    result = scan(proxy, *urls)
    assert result.code == 2
    assert result.errors()[:-1] == [f"{url}: no permission (AccessDenied)" for url in urls]


def test_a_listing_that_breaks_off_is_said(store: Any, bucket: str, proxy: Proxy) -> None:
    """The objects of the pages that came are scanned; the prefix is incomplete."""
    put(store, bucket, **{name: b"key=" + made_up_secret().encode() for name in "abcd"})

    def fault(asked: Asked) -> Fault | None:
        if "list-type" not in asked.query:
            return None
        return Fault(drop=True) if "continuation-token" in asked.query else Fault(page=3)

    proxy.fault = fault
    result = scan(proxy, f"s3://{bucket}")
    assert result.code == 2
    said = f"s3://{bucket}: the connection was lost while it was listed: the rest is not scanned"
    assert result.errors()[0] == said
    assert "3 secrets at 3 places in 3 files" in result.err


def test_a_listing_whose_connection_breaks_once_is_whole(store: Any, bucket: str, proxy: Proxy) -> None:
    """A page is asked for again."""
    put(store, bucket, **{name: b"key=" + made_up_secret().encode() for name in "abcd"})
    proxy.fault = lambda asked: Fault(cut=100) if "list-type" in asked.query and asked.number == 1 else None
    result = scan(proxy, f"s3://{bucket}")
    assert result.code == 1
    assert "4 secrets at 4 places in 4 files" in result.err


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_an_interrupt_ends_it_at_once_while_the_server_hangs(
    store: Any, bucket: str, proxy: Proxy, jobs: str
) -> None:
    """^C: exit 130 and one line, although an answer is still awaited."""
    put(store, bucket, x=log(1000))
    proxy.fault = lambda asked: Fault(hang=30) if asked.method == "GET" else None
    with subprocess.Popen(
        [*COMMAND, "-j", jobs, f"s3://{bucket}/x"], stderr=subprocess.PIPE, env=variables(proxy)
    ) as process:
        deadline = time.monotonic() + 20
        while not any(asked.method == "GET" for asked in proxy.asked) and time.monotonic() < deadline:
            time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        started = time.monotonic()
        _, err = process.communicate(timeout=20)
    assert time.monotonic() - started < 5
    assert (process.returncode, err) == (130, b"leakscan: interrupted\n")
