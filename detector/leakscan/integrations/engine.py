"""What a scanner is made from, as bytes: for processes elsewhere, which build their own, once each.

Nothing is pickled. Built-in rules are those of the package over there, which must be of the same version;
rules of one's own, the allowlist and the key travel as JSON.

Not here: the scanner, reading options (`recipe`).

>>> Engine.from_bytes(Engine(disable=("generic-password",)).to_bytes()).disable
('generic-password',)
"""

from __future__ import annotations

import os
from dataclasses import asdict, dataclass, field, fields, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

import orjson

from leakscan.allow import Allow
from leakscan.errors import ConfigError
from leakscan.recipe import Recipe
from leakscan.rules import Rule, builtin_rules, check_unique, pack_rules

if TYPE_CHECKING:
    from collections.abc import Mapping

    from leakscan.finding import Confidence
    from leakscan.scanner import Scanner

#: The fields of a rule and of an entry of the allowlist that hold bytes.
_KEYWORDS: Final = "keywords"
_VALUES: Final = "values"


@dataclass(frozen=True, slots=True, kw_only=True)
class Engine:
    """A scanner's parts, as `Scanner` takes them.

    Attributes:
        rules: all rules; None for those that ship with leakscan.
        packs: names of packs.
        disable: ids of rules to leave out.
        min_confidence: weaker findings are not reported.
        engine: `auto`, `hyperscan` or `ahocorasick`.
        key: of the fingerprints, 16 bytes or more; None makes one up in each process, with which
            fingerprints of different processes are not comparable.
        allow: what is not reported.

    """

    rules: tuple[Rule, ...] | None = None
    packs: tuple[str, ...] = ()
    disable: tuple[str, ...] = ()
    min_confidence: Confidence = "medium"
    engine: str = "auto"
    key: bytes | None = field(default=None, repr=False)
    allow: tuple[Allow, ...] = ()

    @classmethod
    def of(cls, recipe: Recipe) -> Engine:
        """Return the engine of what options asked for."""
        return cls(
            rules=recipe.rules, disable=recipe.disable, min_confidence=recipe.min_confidence,
            engine=recipe.engine, key=recipe.key, allow=recipe.allow,
        )  # fmt: skip

    def with_key(self) -> Engine:
        """Return the same with a key: a random one if it had none."""
        return self if self.key is not None else replace(self, key=os.urandom(32))

    def to_bytes(self) -> bytes:
        """Return all of it as bytes. They hold the key: keep them as you keep it."""
        document: dict[str, Any] = {one.name: getattr(self, one.name) for one in fields(self)}
        document["version"] = _version()
        document["key"] = None if self.key is None else self.key.hex()
        document["allow"] = [_as_json(entry, _VALUES) for entry in self.allow]
        if self.rules is not None:
            document["rules"] = [_as_json(rule, _KEYWORDS) for rule in self.rules]
        return orjson.dumps(document)

    @classmethod
    def from_bytes(cls, data: bytes) -> Engine:
        """Return what `to_bytes` wrote.

        Raises:
            ConfigError: the data are none of an engine, or of that of another version of leakscan.

        """
        try:
            document = _as_tuples(orjson.loads(data))
            version = document.pop("version")
            if version != _version():
                raise ConfigError(
                    f"leakscan {version} has sent work to leakscan {_version()}: install the same everywhere"
                )
            key, rules = document["key"], document["rules"]
            return cls(**document | {
                "key": None if key is None else bytes.fromhex(key),
                "rules": None if rules is None else tuple(Rule(**_as_bytes(one, _KEYWORDS)) for one in rules),
                "allow": tuple(Allow(**_as_bytes(one, _VALUES)) for one in document["allow"]),
            })  # fmt: skip
        except (ValueError, TypeError, KeyError, AttributeError):
            raise ConfigError("these bytes are none of an engine") from None

    def scanner(self) -> Scanner:
        """Return the scanner; an equal engine has the same one in all of a process.

        Raises:
            RuleError, EngineError, ValueError: as for `Scanner`.

        """
        return scanner_of(self.to_bytes())


@lru_cache(maxsize=4)
def scanner_of(data: bytes) -> Scanner:
    """Return the scanner of an engine's bytes; built once a process.

    Raises:
        ConfigError: as for `Engine.from_bytes`.
        RuleError, EngineError, ValueError: as for `Scanner`.

    """
    engine = Engine.from_bytes(data)
    rules = engine.rules
    if engine.packs:
        rules = check_unique([*(builtin_rules() if rules is None else rules), *pack_rules(engine.packs)])
    key = engine.key or os.urandom(32)
    recipe = Recipe(rules, engine.engine, engine.min_confidence, key, engine.disable, engine.allow)
    return recipe.scanner()


def _as_json(entry: Rule | Allow, of_bytes: str) -> dict[str, Any]:
    return asdict(entry) | {of_bytes: [value.hex() for value in getattr(entry, of_bytes)]}


def _as_bytes(entry: Mapping[str, Any], of_bytes: str) -> dict[str, Any]:
    return {**entry, of_bytes: tuple(map(bytes.fromhex, entry[of_bytes]))}


def _as_tuples(value: Any) -> Any:
    """Return what JSON holds with tuples for its arrays, as frozen dataclasses have them."""
    if isinstance(value, dict):
        return {name: _as_tuples(member) for name, member in value.items()}
    return tuple(map(_as_tuples, value)) if isinstance(value, list) else value


def _version() -> str:
    from leakscan import __version__  # noqa: PLC0415 - what the package re-exports is not needed here

    return __version__
