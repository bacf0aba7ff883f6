"""A baseline: the fingerprints of secrets already known, so that only new ones are reported.

It holds no secret and no position, so it survives log rotation and can be kept in a repository. It
works only with the key it was made with, and knows which one that was. Not here: file names and
atomic writing (`output`).

The file is JSON: `{"version": 1, "key_id": "..", "fingerprints": {"..": {"rule_id": "..", "count": 3}}}`.
"""

from __future__ import annotations

import hashlib
import hmac
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import orjson

from .errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from .finding import Finding

VERSION: Final = 1


def key_id(key: bytes) -> str:
    """Return the name of a key: 8 bytes of an HMAC, hex. It tells two keys apart and no more."""
    return hmac.new(key, b"leakscan baseline key", hashlib.sha256).hexdigest()[:16]


def read_baseline(path: str, key: bytes) -> frozenset[str]:
    """Return the fingerprints in a baseline file.

    Raises:
        ConfigError: unreadable, damaged, of another version, or made with another key.

    """
    try:
        document = orjson.loads(Path(path).read_bytes())
    except OSError as error:
        raise ConfigError(f"cannot read the baseline {path}: {error.strerror or error}") from None
    except orjson.JSONDecodeError:
        raise ConfigError(f"the baseline {path} is not JSON: write it anew with --write-baseline") from None
    if not isinstance(document, dict) or "version" not in document:
        raise ConfigError(f"the baseline {path} has no version: write it anew with --write-baseline")
    if document["version"] != VERSION:
        raise ConfigError(f"the baseline {path} is of version {document['version']!r}, this is {VERSION}")
    if document.get("key_id") != key_id(key):
        raise ConfigError(
            f"the baseline {path} was made with another key: give the same --key-file or LEAKSCAN_KEY"
        )
    fingerprints = document.get("fingerprints")
    if not isinstance(fingerprints, dict) or not all(map(_is_entry, fingerprints.items())):
        raise ConfigError(f"the baseline {path} is damaged: write it anew with --write-baseline")
    return frozenset(fingerprints)


def _is_entry(entry: tuple[str, Any]) -> bool:
    fingerprint, known = entry
    return (
        bool(fingerprint)
        and isinstance(known, dict)
        and isinstance(known.get("rule_id"), str)
        and isinstance(known.get("count"), int)
    )


def without_known(
    findings: Iterable[tuple[str, Finding]], known: frozenset[str]
) -> Iterator[tuple[str, Finding]]:
    """Yield the findings whose fingerprint is not known."""
    return (pair for pair in findings if pair[1].fingerprint not in known)


def counted(
    findings: Iterable[tuple[str, Finding]], counts: dict[str, tuple[str, int]]
) -> Iterator[tuple[str, Finding]]:
    """Yield the findings unchanged and count them: fingerprint -> (rule id, number of places)."""
    for pair in findings:
        finding = pair[1]
        _, number = counts.get(finding.fingerprint, ("", 0))
        counts[finding.fingerprint] = (finding.rule_id, number + 1)
        yield pair


def baseline_bytes(counts: dict[str, tuple[str, int]], key: bytes) -> bytes:
    """Return the contents of a baseline file, sorted, so that two of them compare well."""
    fingerprints = {
        fingerprint: {"rule_id": rule_id, "count": count}
        for fingerprint, (rule_id, count) in sorted(counts.items())
    }
    document = {"version": VERSION, "key_id": key_id(key), "fingerprints": fingerprints}
    return orjson.dumps(document, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
