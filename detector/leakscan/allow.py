"""Allowlists: which secrets their owner has looked at and wants left alone. Data, and one test of a match.

An entry may name rules, fingerprints, exact values, regexes, key names and paths; all kinds that it names
must hold, one of each. Regexes count for the whole secret only: one that matches a part would also let
through every other secret that holds this part. Nothing in a log can allow anything.

Not here: reading them from files (`config`, `gitleaks`), and baselines, which only say what is not new.

>>> demo = Allow(reason="the demo account", rules=("generic-password",), keys=("demo_password",))
>>> demo.keys
('demo_password',)
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from functools import cache
from posixpath import normpath
from typing import TYPE_CHECKING, Final

import regex

if TYPE_CHECKING:
    from .boundary import Buffer
    from .resolve import Match
    from .rules import Rule

#: Seconds for one regex on one secret. One that takes longer allows nothing.
TIMEOUT: Final = 0.1
#: Hex digits of a fingerprint.
_FINGERPRINT: Final = 24
_KINDS: Final = ("fingerprints", "rules", "values", "regexes", "keys", "paths")


@dataclass(frozen=True, slots=True, kw_only=True)
class Allow:
    """One entry of an allowlist. Every kind of condition that is given must hold; of each, one suffices.

    Attributes:
        reason: why, for whoever reads the list next.
        fingerprints: as reports have them, 24 hex digits; they need the key they were made with.
        rules: ids.
        values: secrets, as the log has them.
        regexes: of which one must match the secret from its first byte to its last.
        keys: names of keys, in any case, such as `demo_password` in `demo_password=x`; they hold for
            values that were found by their key.
        paths: of inputs; `*` stands for anything, also for `/`. They hold only where a path is known,
            which is so in `leakscan scan` alone.
        source: the file that it came from, for errors.

    Raises:
        ValueError: no condition, no reason, or one of them is unusable.

    """

    reason: str
    fingerprints: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()
    values: tuple[bytes, ...] = field(default=(), repr=False)
    regexes: tuple[str, ...] = field(default=(), repr=False)
    keys: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()
    source: str = field(default="", compare=False)

    def __post_init__(self) -> None:
        if not isinstance(self.reason, str) or not self.reason.strip():
            raise ValueError("reason: say why this is allowed")
        if not any(getattr(self, kind) for kind in _KINDS):
            raise ValueError(f"no condition, so all would be allowed: give one of {', '.join(_KINDS)}")
        for kind in _KINDS:
            conditions = getattr(self, kind)
            wanted = bytes if kind == "values" else str
            if not isinstance(conditions, tuple) or not all(isinstance(one, wanted) for one in conditions):
                raise ValueError(f"{kind}: must be a tuple of {wanted.__name__}")
            if not all(conditions):
                raise ValueError(f"{kind}: must not be empty")
        for mark in self.fingerprints:
            if len(mark) != _FINGERPRINT or mark.strip("0123456789abcdef"):
                raise ValueError(
                    f"fingerprints: must be {_FINGERPRINT} digits or letters from a to f, as reported"
                )
        for pattern in self.regexes:
            try:
                compiled(pattern)
            except (regex.error, UnicodeEncodeError) as error:
                raise ValueError(f"regexes: {error}") from None


@cache
def compiled(pattern: str) -> regex.Pattern[bytes]:
    """Compile a regex of an allowlist for bytes; ASCII classes only."""
    return regex.compile(pattern.encode(), regex.ASCII)


class Allowlist:
    """The entries that a scanner goes by. It is asked about matches only: clean lines cost nothing.

    Args:
        entries: the entries.
        identify: gives the fingerprint of a rule and a secret.

    """

    def __init__(self, entries: Sequence[Allow], identify: Callable[[Rule, bytes], str]) -> None:
        self._entries = tuple(entries)
        self._identify = identify
        self._keys = {entry: frozenset(map(_key, entry.keys)) for entry in entries if entry.keys}

    def __bool__(self) -> bool:
        return bool(self._entries)

    def rest(self, matches: Iterable[Match], data: Buffer, path: str | None) -> list[Match]:
        """Return the matches in `data` that no entry allows; `path` is that of the input, if it has one."""
        return [match for match in matches if self.entry(match, data, path) is None]

    def entry(self, match: Match, data: Buffer, path: str | None) -> Allow | None:
        """Return the first entry that allows a match, None when there is none."""
        spans = match.parts or ((match.start, match.end),)
        secret = match.secret or b"".join(bytes(data[start:end]) for start, end in spans)
        for entry in self._entries:
            if self._allows(entry, match, secret, path):
                return entry
        return None

    def _allows(self, entry: Allow, match: Match, secret: bytes, path: str | None) -> bool:
        # the cheap ones first; a regex is asked when all else holds
        return (
            (not entry.rules or match.rule.id in entry.rules)
            and (not entry.values or secret in entry.values)
            and (not entry.keys or _key(match.key.decode("latin-1")) in self._keys[entry])
            and (not entry.paths or _is_under(path, entry.paths))
            and (not entry.fingerprints or self._identify(match.rule, secret) in entry.fingerprints)
            and (not entry.regexes or any(_is_whole(pattern, secret) for pattern in entry.regexes))
        )


def _key(name: str) -> str:
    """Fold a key's name: `--Demo-Password` and `demo-password` are one."""
    return name.lstrip("-").lower()


def _is_under(path: str | None, patterns: Iterable[str]) -> bool:
    if path is None:
        return False
    plain = path if "://" in path else normpath(path)  # names of objects are taken as they are
    return any(fnmatchcase(plain, pattern.removeprefix("./")) for pattern in patterns)


def _is_whole(pattern: str, secret: bytes) -> bool:
    try:
        return compiled(pattern).fullmatch(secret, timeout=TIMEOUT) is not None
    except TimeoutError:
        return False
