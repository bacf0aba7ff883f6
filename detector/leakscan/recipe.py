"""What a scanner is made from: rules, engine, confidence and key, as options and configuration name them.

For all that takes options: the commands, the sidecar, syslog-ng's parser. Not here: the options of a command
(`cli.options`), reading the configuration (`config`), the scanner.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from .errors import ConfigError
from .keyfile import given_key, own_key
from .terminal import say

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .allow import Allow
    from .config import Config
    from .finding import Confidence
    from .rules import Rule
    from .scanner import Scanner


@dataclass(frozen=True, slots=True, kw_only=True)
class ScannerOptions:
    """What was asked of the scanner, with the defaults of the configuration in it.

    Attributes:
        min_confidence: what is reported.
        rules: rule files besides the built-in ones.
        disable: ids of rules that are off.
        packs: names of packs that are on.
        config: the configuration that was read.
        engine: the prefilter.
        key_file: where the key of the fingerprints is, None for the usual places.
        quiet: whether notes are unwanted.

    """

    min_confidence: Confidence
    rules: tuple[str, ...]
    disable: tuple[str, ...]
    packs: tuple[str, ...]
    config: Config
    engine: str
    key_file: str | None
    quiet: bool

    @property
    def compares(self) -> bool:
        """Whether fingerprints must equal those of another run."""
        return any(entry.fingerprints for entry in self.config.allow)


def options_beside(
    config: Config,
    *,
    min_confidence: Confidence | None,
    engine: str | None,
    rules: tuple[str, ...],
    disable: tuple[str, ...],
    packs: tuple[str, ...],
    key_file: str | None,
    allow: tuple[Allow, ...] = (),
) -> ScannerOptions:
    """Return what was asked, None for nothing, with what a configuration says: of lists, both count."""
    return ScannerOptions(
        min_confidence=min_confidence or config.min_confidence or "medium",
        rules=config.rules + rules,
        disable=config.disable + disable,
        packs=config.packs + packs,
        config=replace(config, allow=config.allow + allow),
        engine=engine or config.engine or "auto",
        key_file=key_file,
        quiet=False,
    )


@dataclass(frozen=True, slots=True)
class Recipe:
    """Everything a scanner needs; can be sent to another process. `rules` None means the built-in ones."""

    rules: tuple[Rule, ...] | None
    engine: str
    min_confidence: Confidence
    key: bytes
    disable: tuple[str, ...]
    allow: tuple[Allow, ...] = ()

    def scanner(self) -> Scanner:
        """Build the scanner.

        Raises:
            EngineError: the engine is not available.

        """
        from .enginecache import own_cache  # noqa: PLC0415 - as below
        from .scanner import Scanner  # noqa: PLC0415 - loads the engine: not before the options are good

        return Scanner(
            self.rules,
            engine=self.engine,
            min_confidence=self.min_confidence,
            key=self.key,
            disable=self.disable,
            allow=self.allow,
            engine_cache=own_cache(os.environ),
        )


def recipe_for(request: ScannerOptions, engine: str, key: bytes) -> Recipe:
    """Return the recipe for what a request asks for.

    Raises:
        RuleError: a rule file is unusable, or an id is used twice.
        ConfigError: an option or the configuration names a rule that does not exist.

    """
    config = request.config
    named = dict.fromkeys(config.disable, f"{config.source}: disable")
    named |= {rule_id: f"{entry.source}: allow" for entry in config.allow for rule_id in entry.rules}
    if not (request.rules or request.disable or request.packs or named):
        return Recipe(None, engine, request.min_confidence, key, (), config.allow)
    rules, own = all_rules(request.rules, request.packs)
    for rule_id, where in named.items():
        try:
            require_rule(rule_id, rules)
        except ConfigError as error:
            raise ConfigError(f"{where}: {error}") from None
    for rule_id in request.disable:
        require_rule(rule_id, rules)
    if not request.quiet:
        for note in own.notes:
            say(note)
    disable = request.disable + own.disable
    return Recipe(rules, engine, request.min_confidence, key, disable, config.allow + own.allow)


def all_rules(paths: Sequence[str], packs: Sequence[str] = ()) -> tuple[tuple[Rule, ...], OwnRules]:
    """Return the built-in rules with those of packs and of the given files, and what else is in the files.

    Raises:
        RuleError: a file is unusable, or an id is used twice.

    """
    from .rules import builtin_rules, check_unique, pack_rules  # noqa: PLC0415 - the scanner may load them

    shipped = builtin_rules() + pack_rules(packs)
    own = own_rules(paths, shipped)
    rules = check_unique([*shipped, *own.rules])
    if own.rules:
        from .rulecheck import require_sound  # noqa: PLC0415 - for rules of the user's own

        require_sound(own.rules, beside=shipped)
    return rules, own


@dataclass(frozen=True, slots=True)
class OwnRules:
    """What the user's rule files hold.

    Attributes:
        rules: their rules.
        allow: what they allow, which files of gitleaks may.
        disable: built-in rules that they turn off, as above.
        notes: what of them does not count, a line each.

    """

    rules: tuple[Rule, ...] = ()
    allow: tuple[Allow, ...] = ()
    disable: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def own_rules(paths: Sequence[str], builtin: Sequence[Rule]) -> OwnRules:
    """Read rule files, and folders of them, in our format or that of gitleaks.

    Raises:
        RuleError: a file is unusable.

    """
    from .rules import is_gitleaks, load_rules, rule_files  # noqa: PLC0415 - the scanner may load them

    ids = [rule.id for rule in builtin]
    own = OwnRules()
    for path in paths:
        for file, document in rule_files(path):
            if is_gitleaks(document):
                from .gitleaks import load_gitleaks  # noqa: PLC0415 - seldom used

                more = load_gitleaks(file, ids)
                made = OwnRules(more.rules, more.allow, more.disable, more.notes)
            else:
                made = OwnRules(load_rules(file))
            own = OwnRules(
                own.rules + made.rules,
                own.allow + made.allow,
                own.disable + made.disable,
                own.notes + made.notes,
            )
    return own


def require_rule(rule_id: str, rules: Sequence[Rule]) -> Rule:
    """Return the rule of this id.

    Raises:
        ConfigError: there is none; names the nearest.

    """
    for rule in rules:
        if rule.id == rule_id:
            return rule
    import difflib  # noqa: PLC0415 - only for the error

    near = difflib.get_close_matches(rule_id, [rule.id for rule in rules], n=1, cutoff=0.5)
    advice = f"did you mean {near[0]}?" if near else "`leakscan rules list` has them all"
    raise ConfigError(f"no such rule: {rule_id}; {advice}")


def fingerprint_key(key_file: str | None, *, kept: bool, compared: bool) -> tuple[bytes, str | None]:
    """Return the key of the fingerprints, and a note for the user or None.

    `kept` says that fingerprints leave this run; `compared` that they must equal those of another
    run. When neither holds, no key file is made.

    Raises:
        ConfigError: a given key is unusable, or one is needed and cannot be kept.

    """
    key = given_key(key_file, os.environ)
    if key is not None:
        return key, None
    if not kept and not compared:
        return os.urandom(32), None
    try:
        return own_key(os.environ), None
    except ConfigError as error:
        if compared:
            raise ConfigError(
                f"{error}; what is compared needs a key: give --key-file or LEAKSCAN_KEY"
            ) from None
        return os.urandom(32), f"{error}; fingerprints are good for this run only"
