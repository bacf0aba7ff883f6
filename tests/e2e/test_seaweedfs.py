"""S3 against SeaweedFS: signatures that are checked, pages of a real listing, rights, ranges of versions."""

from __future__ import annotations

import gzip
import json
from typing import TYPE_CHECKING, Any

import pytest
from seaweedfs import need_weed, seaweedfs, secret_of

from command import Result, leakscan, made_up_secret
from leakscan.s3.content import RANGE
from s3_parts import log, numbered, places, put, variables

if TYPE_CHECKING:
    from collections.abc import Iterator

boto3 = pytest.importorskip("boto3", reason="needs boto3, to fill the server")
pytest.importorskip("s3fs", reason="needs s3fs")

BUCKET = "logs"


@pytest.fixture(scope="module")
def weed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """Run a server with a bucket, and return a client to fill it."""
    need_weed()
    with seaweedfs(tmp_path_factory.mktemp("seaweedfs")) as url:
        client = boto3.client(
            "s3",
            endpoint_url=url,
            region_name="us-east-1",
            aws_access_key_id="admin",
            aws_secret_access_key=secret_of("admin"),
        )
        client.create_bucket(Bucket=BUCKET)
        yield client


def scan(weed: Any, *arguments: str, user: str = "reader", secret: str | None = None) -> Result:
    """Run the command as one of the server's users."""
    env = variables(
        AWS_ENDPOINT_URL=weed.meta.endpoint_url,
        AWS_ACCESS_KEY_ID=user,
        AWS_SECRET_ACCESS_KEY=secret or secret_of(user),
    )
    return leakscan(*arguments, env=env)


def test_more_objects_than_a_page_holds(weed: Any) -> None:
    """Each of 1,203 objects is scanned once, in the order of the listing, by several processes too."""
    keys = sorted(f"many/{number // 100}/{number}.log.gz" for number in range(1203))
    secrets = {key: made_up_secret() for key in keys}
    for key, secret in secrets.items():
        put(weed, BUCKET, **{key: gzip.compress(b"key=" + secret.encode())})
    one = scan(weed, "--format", "jsonl", f"s3://{BUCKET}/many", user="admin")
    assert [path for path, _, _ in places(one)] == [f"s3://{BUCKET}/{key}" for key in keys]
    assert len({json.loads(line)["fingerprint"] for line in one.out.splitlines()}) == 1203
    several = scan(weed, "--format", "jsonl", "-j", "2", f"s3://{BUCKET}/many", user="admin")
    assert several.out == one.out


def test_an_object_of_several_ranges_arrives_whole(weed: Any, tmp_path: Any) -> None:
    """`redact` of a clean object is the object."""
    data = numbered(2 * RANGE + 12_345)
    put(weed, BUCKET, large=data)
    result = scan(weed, "redact", "-q", f"s3://{BUCKET}/large", "-o", str(tmp_path / "out"))
    assert (result.code, result.err) == (0, "")
    assert (tmp_path / "out").read_bytes() == data


def test_empty_objects_and_folders_are_nothing(weed: Any) -> None:
    """An empty object is scanned as empty; no range lies in it."""
    put(weed, BUCKET, **{"few/empty": b"", "few/one": log(1000, (0, made_up_secret()))})
    result = scan(weed, f"s3://{BUCKET}/few", user="admin")
    assert result.code == 1
    assert "1 secret at 1 place in 2 files" in result.err


@pytest.mark.parametrize(
    ("user", "secret", "url", "said"),
    [
        ("nobody", None, "few/one", "the credentials are refused (InvalidAccessKeyId)"),
        ("admin", "wrong", "few", "the credentials are refused (SignatureDoesNotMatch)"),
        ("reader", None, "few/*", "no permission (AccessDenied)"),
        ("lister", None, "few/one", "no permission, or no such object (403)"),
        (
            "admin",
            None,
            "none",
            "no such object, and none below it (those that begin so are s3://logs/none*)",
        ),
    ],
)
def test_rights_that_are_missing_are_named(
    weed: Any, user: str, secret: str | None, url: str, said: str
) -> None:
    """What a real server answers to who may not, in one line."""
    put(weed, BUCKET, **{"few/one": log(1000, (0, made_up_secret()))})
    result = scan(weed, f"s3://{BUCKET}/{url}", user=user, secret=secret)
    assert result.code == 2
    assert result.errors()[0] == f"s3://{BUCKET}/{url}: {said}"


def test_who_may_only_read_can_name_an_object(weed: Any) -> None:
    """The right to list is not needed for one object."""
    put(weed, BUCKET, **{"few/one": log(1000, (0, made_up_secret()))})
    assert scan(weed, f"s3://{BUCKET}/few/one").code == 1


def test_a_bucket_that_is_not_there(weed: Any) -> None:
    """The bucket is named as what is missing."""
    result = scan(weed, "s3://none/x", user="admin")
    assert result.errors()[0] == "s3://none/x: no such bucket"
