"""What an S3 URL names: a bucket, and in it a key, the beginning of keys, or a pattern.

Not here: which objects these are (`listing`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from leakscan.errors import SourceError

#: What begins a pattern.
WILDCARDS: Final = "*?["
#: `s3a` is how Hadoop and Spark say it.
_SCHEME: Final = re.compile("s3a?://")


@dataclass(frozen=True, slots=True)
class Place:
    """A bucket, and what follows it in a URL; may be empty."""

    bucket: str
    key: str

    def url(self, key: str) -> str:
        """Return the URL of an object of the same bucket."""
        return f"s3://{self.bucket}/{key}"


def place(url: str) -> Place:
    """Read a URL such as `s3://bucket/key`.

    Raises:
        SourceError: it names no bucket, or holds what belongs elsewhere.

    """
    rest = _SCHEME.sub("", url, count=1)
    bucket, _, key = rest.partition("/")
    if "@" in bucket:
        # it is not repeated, since it may be a password
        raise SourceError("s3://", "credentials belong in the environment, not in a URL")
    if bucket.startswith("arn:"):  # of an access point, which has a slash within
        name, _, key = key.partition("/")
        bucket = f"{bucket}/{name}"
    if not bucket:
        raise SourceError(url, "names no bucket: write s3://bucket/prefix")
    if any(sign in bucket for sign in WILDCARDS):
        raise SourceError(url, "the bucket must be named: wildcards are for what follows it")
    return Place(bucket, key)
