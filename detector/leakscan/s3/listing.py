"""Which objects a URL means: one, those below it as in a folder, or those that match its wildcards.

Pages of 1,000 keys are all that is held. Not here: reading objects (`content`).
"""

from __future__ import annotations

import fnmatch
from typing import TYPE_CHECKING, Any, Literal

from leakscan.errors import SourceError

from .client import FORBIDDEN, client, words
from .place import WILDCARDS, Place, place

if TYPE_CHECKING:
    from collections.abc import Iterator


def listed(url: str) -> Iterator[str | SourceError]:
    """Yield the URLs of the objects that a URL means, in the order of S3: by the bytes of their keys.

    An object of exactly this name is meant alone. Else, with wildcards, what they match and what lies
    below that; without, what lies below. What cannot be reached is yielded as an error.
    """
    try:
        asked = place(url)
        made = client(url)
        head = _head(made, url, asked)
        if head == "there":
            yield asked.url(asked.key)
            return
        found = False
        for key in _meant(made, url, asked):
            found = True
            yield asked.url(key)
        if asked.key and not found:
            yield SourceError(url, _nothing(url, asked) if head == "missing" else FORBIDDEN)
    except SourceError as error:
        yield error


def matches(pattern: list[str], names: list[str]) -> bool:
    """Tell whether a pattern matches the names, or the first of them: a folder with what is below.

    >>> matches(["2026-*", "app*.gz"], ["2026-11-03", "app-1.gz"]), matches(["*.gz"], ["logs", "a.gz"])
    (True, False)
    >>> matches(["**", "*.gz"], ["logs", "app", "a.gz"]), matches(["logs-*"], ["logs-1", "app", "a.gz"])
    (True, True)
    """
    if not pattern:
        return True
    if pattern[0] == "**":
        return any(matches(pattern[1:], names[start:]) for start in range(len(names) + 1))
    return bool(names) and fnmatch.fnmatchcase(names[0], pattern[0]) and matches(pattern[1:], names[1:])


def _head(made: Any, url: str, asked: Place) -> Literal["there", "missing", "forbidden"]:
    """Ask for an object of exactly this name. To who may not list, S3 says of missing ones: forbidden."""
    if not asked.key or asked.key.endswith("/"):
        return "missing"
    try:
        made.call_s3("head_object", Bucket=asked.bucket, Key=asked.key)
    except FileNotFoundError:
        return "missing"
    except PermissionError:
        return "forbidden"
    except Exception as error:  # noqa: BLE001 - three libraries raise what they like
        raise SourceError(url, words(error)) from None
    return "there"


def _meant(made: Any, url: str, asked: Place) -> Iterator[str]:
    """Yield the keys that match, or lie below."""
    wild = min((asked.key.find(sign) for sign in WILDCARDS if sign in asked.key), default=-1)
    if wild < 0:
        below = asked.key if asked.key.endswith("/") or not asked.key else f"{asked.key}/"
        yield from _keys(made, url, asked.bucket, below)
        return
    pattern = asked.key.split("/")
    if not pattern[-1]:  # a slash at the end asks for something below
        pattern[-1] = "*"
    for key in _keys(made, url, asked.bucket, asked.key[:wild]):
        if matches(pattern, key.split("/")):
            yield key


def _keys(made: Any, url: str, bucket: str, prefix: str) -> Iterator[str]:
    """Yield the keys that begin so, without the empty objects that stand for folders.

    Raises:
        SourceError: they cannot be listed, or not to the end.

    """
    more: dict[str, str] = {}
    while True:
        try:
            page = made.call_s3("list_objects_v2", Bucket=bucket, Prefix=prefix, **more)
        except Exception as error:  # noqa: BLE001 - as above
            where = " while it was listed: the rest is not scanned" if more else ""
            raise SourceError(url, words(error) + where) from None
        for entry in page.get("Contents", ()):
            if entry["Size"] or not entry["Key"].endswith("/"):
                yield entry["Key"]
        if not page.get("IsTruncated"):
            return
        more = {"ContinuationToken": page["NextContinuationToken"]}


def _nothing(url: str, asked: Place) -> str:
    if any(sign in asked.key for sign in WILDCARDS):
        return "no object matches"
    if asked.key.endswith("/"):
        return "no object lies below it"
    return f"no such object, and none below it (those that begin so are {url}*)"
