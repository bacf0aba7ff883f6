"""An S3 server for tests, what fills it, and how the command is run against it. Fixtures, not a test.

The server is moto's, over HTTP; what breaks connections is `s3_proxy`.
"""

from __future__ import annotations

import json
import os
import random
import subprocess
from typing import TYPE_CHECKING, Any

import pytest

from command import COMMAND, Result, environment, leakscan
from s3_proxy import Proxy, proxied

if TYPE_CHECKING:
    from collections.abc import Iterator

ACCESS = "an-obviously-fake-key"
PASSWORD = "an-obviously-fake-secret-key"
#: What is said of URLs of other kinds.
UNREAD = "is not read: only s3:// is; pipe it in, as in: curl -fsS URL | leakscan"
LINE = b"2026-11-22T10:00:00Z level=info msg=started worker=%d\n"


@pytest.fixture(scope="session")
def store() -> Iterator[Any]:
    """Run a server, and return a client of another make to fill it."""
    moto_server = pytest.importorskip("moto.server", reason="needs moto[s3], flask and flask-cors")
    boto3 = pytest.importorskip("boto3")
    pytest.importorskip("s3fs", reason="needs s3fs")
    server = moto_server.ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    client = boto3.client(
        "s3",
        endpoint_url=f"http://{host}:{port}",
        region_name="us-east-1",
        aws_access_key_id=ACCESS,
        aws_secret_access_key=PASSWORD,
    )
    yield client
    server.stop()


@pytest.fixture(scope="session")
def breaking_proxy(store: Any) -> Iterator[Proxy]:
    """Run a proxy before the server."""
    with proxied(store.meta.endpoint_url.removeprefix("http://")) as proxy:
        yield proxy


@pytest.fixture
def proxy(breaking_proxy: Proxy) -> Proxy:
    """A proxy that breaks nothing yet."""
    breaking_proxy.reset()
    return breaking_proxy


@pytest.fixture(scope="session")
def in_process(breaking_proxy: Proxy) -> Iterator[None]:
    """Let this process use the server too: a client is made once and for all."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in variables(breaking_proxy).items():
            patch.setenv(name, value)
        yield


@pytest.fixture
def bucket(store: Any, request: pytest.FixtureRequest) -> str:
    """Make a bucket for a test."""
    name = f"test-{abs(hash(request.node.name)):x}"
    store.create_bucket(Bucket=name)
    return name


def variables(proxy: Proxy | None = None, **changes: str) -> dict[str, str]:
    """Return an environment in which nothing but the test's server can be asked."""
    kept = {name: value for name, value in environment().items() if not name.startswith(("AWS_", "FSSPEC"))}
    fixed = {
        "AWS_ACCESS_KEY_ID": ACCESS,
        "AWS_SECRET_ACCESS_KEY": PASSWORD,
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_MAX_ATTEMPTS": "2",
        "FSSPEC_CONFIG_DIR": os.devnull,
    }
    if proxy is not None:
        fixed["AWS_ENDPOINT_URL"] = proxy.url
    return kept | fixed | changes


def scan(proxy: Proxy, *arguments: str, **changes: str) -> Result:
    """Scan as a user does; no credential is ever shown."""
    result = leakscan(*arguments, env=variables(proxy, **changes))
    assert PASSWORD not in result.out + result.err
    return result


def places(result: Result) -> list[tuple[str, int, int]]:
    """Return path, line and offset of the findings of a run with `--format jsonl`."""
    return [
        (found["path"], found["line"], found["offset"]) for found in map(json.loads, result.out.splitlines())
    ]


def log(size: int, *secrets: tuple[int, str]) -> bytes:
    """Return a log of so many bytes or a little more, with secrets from some offsets on."""
    source = random.Random(size)
    unit = b"".join(LINE % source.randrange(10**9) for _ in range(2000))
    data = unit * (size // len(unit) + 1)
    data = data[: data.find(b"\n", size - 1) + 1]
    for offset, secret in secrets:
        at = data.find(b"\n", offset) + 1
        data = data[:at] + b"key=" + secret.encode() + b"\n" + data[at:]
    return data


def numbered(size: int) -> bytes:
    """Return so many bytes of which no two stretches are equal."""
    return b"".join(b"line %d\n" % number for number in range(size // 6))[:size]


def put(store: Any, bucket: str, **objects: bytes) -> None:
    """Put objects into a bucket."""
    for key, data in objects.items():
        store.put_object(Bucket=bucket, Key=key, Body=data)


def raw(proxy: Proxy, *arguments: str, **changes: str) -> subprocess.CompletedProcess[bytes]:
    """Run the command for its bytes."""
    return subprocess.run(
        [*COMMAND, *arguments], capture_output=True, check=False, env=variables(proxy, **changes), timeout=60
    )
