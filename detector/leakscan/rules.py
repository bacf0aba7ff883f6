"""Rules: what each secret looks like, read from TOML and checked before anything is scanned.

A rule says what a token *is*. Where a token may start and end in a log line is the matcher's
business (`boundary`), and what surrounds a keyed value is the grammar's (`keyed`).

Not here: compiling regexes (`match`, on first use), running examples through the scanner
(`rulecheck`), reading other scanners' formats.

>>> rule = parse_rules('''
... provider = "Acme"
... [[rules]]
... id = "acme-key"
... description = "Acme key; opens the door."
... severity = "high"
... keywords = ["acme_"]
... regex = "acme_[0-9a-f]{32}"
... ''', "acme.toml")[0]
>>> rule.id, rule.keywords
('acme-key', (b'acme_',))
"""

from __future__ import annotations

import importlib.resources
import os
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final, cast

import tomli

from .errors import RuleError
from .finding import CONFIDENCES, SEVERITIES, Confidence, Severity

#: A keyword shorter than this selects half of every log. Two letters, as in Twilio's `SK`, hit every
#: few lines; three is the shortest that real formats need (`sk-`, `hf_`).
MIN_KEYWORD: Final = 3
#: Bytes a match may start before its keyword, at most. Infix formats need under 100 (Azure: 84).
MAX_LOOKBACK: Final = 512
#: Sets of rules that are off unless asked for, by name.
PACKS: Final[tuple[str, ...]] = ("pii",)
#: What the `grammar` field may name: the parts of the shared grammars that a rule stands for.
GRAMMARS: Final = frozenset(
    {"password", "token", "bearer", "basic", "authorization", "cookie", "userinfo", "pin", "pem"}
    | {"email", "card", "iban", "ssn", "phone"}
)

#: What files and rules of gitleaks have and ours do not.
_GITLEAKS_KEYS: Final = frozenset({"title", "extend", "allowlist", "allowlists", "minVersion"})
_FILE_KEYS: Final = frozenset({"provider", "references", "revoke", "rules"})
_RULE_KEYS: Final = frozenset(
    {
        "id", "description", "provider", "severity", "confidence", "keywords", "regex", "lookback",
        "entropy", "validator", "grammar", "references", "revoke", "examples", "negatives",
    }
)  # fmt: skip

_LINK: Final = re.compile(r"https://[a-z0-9][a-z0-9.-]*(?:/[\w/.~%?&=#:+,@!-]*)?", re.ASCII)


@dataclass(frozen=True, slots=True, eq=False)
class Rule:
    """One kind of secret. Compared by identity, since a set of rules holds each once.

    Attributes:
        id: permanent name; baselines and allowlists refer to it. Lower-case words joined by `-`.
        description: one sentence: what it is and what it opens.
        provider: whose secret it is.
        severity: what an attacker gains.
        confidence: how sure a match is when no validator speaks: high for a distinctive prefix.
        keywords: literals (bytes, exact case) of which every match contains at least one.
        regex: what the token is, without boundaries. A first group, if any, is the secret.
        lookback: how many bytes before its keyword a match may start, 0 when it starts with it.
        folded: the keywords stand there in any case; also for rules of other scanners.
        bounded: a match must begin and end at the shared boundaries. Not so for rules of other scanners,
            whose regexes have theirs inside.
        entropy: bits per character that the secret must reach, 0 for no demand.
        validator: name of an offline check in `leakscan.validators`, or None.
        grammar: set instead of `keywords` and `regex` for the shared grammars.
        references: where the vendor describes the format.
        revoke: the vendor's page (https) on which, or by which, such a secret is revoked; "" if unknown.
        examples: log lines in which «...» marks exactly what is reported.
        negatives: log lines in which the rule must stay quiet.
        source: the file the rule came from, for errors.
        trusted: it ships with leakscan, so its regex is known not to backtrack.

    """

    id: str
    description: str
    provider: str
    severity: Severity
    confidence: Confidence = "high"
    keywords: tuple[bytes, ...] = ()
    regex: str = ""
    lookback: int = 0
    folded: bool = False
    bounded: bool = True
    entropy: float = 0.0
    validator: str | None = None
    grammar: str | None = None
    references: tuple[str, ...] = ()
    revoke: str = ""
    examples: tuple[str, ...] = ()
    negatives: tuple[str, ...] = ()
    source: str = ""
    trusted: bool = False


@cache
def builtin_rules() -> tuple[Rule, ...]:
    """Return the rules that ship with leakscan, in the order of their files' names.

    Raises:
        RuleError: a shipped file is damaged.

    """
    folder = importlib.resources.files("leakscan.patterns")
    files = sorted((f for f in folder.iterdir() if f.name.endswith(".toml")), key=lambda f: f.name)
    rules: list[Rule] = []
    for file in files:
        rules += parse_rules(file.read_text("utf-8"), f"patterns/{file.name}", trusted=True)
    return check_unique(rules)


def pack_rules(names: Iterable[str]) -> tuple[Rule, ...]:
    """Return the rules of packs, which ship with leakscan and are off unless asked for.

    Raises:
        RuleError: a shipped file is damaged.
        ValueError: there is no pack of this name.

    """
    rules: list[Rule] = []
    for name in dict.fromkeys(names):
        if name not in PACKS:
            raise ValueError(f"no pack {name!r}: one of {', '.join(PACKS)}")
        file = importlib.resources.files("leakscan.patterns") / "packs" / f"{name}.toml"
        rules += parse_rules(file.read_text("utf-8"), f"patterns/packs/{name}.toml", trusted=True)
    return tuple(rules)


def load_rules(path: str | os.PathLike[str]) -> tuple[Rule, ...]:
    """Read one rule file, or every `*.toml` of a folder.

    Raises:
        RuleError: the file cannot be read or a rule in it is unusable.

    """
    rules: list[Rule] = []
    for file, document in rule_files(path):
        rules += _rules_of(document, str(file))
    return check_unique(rules)


def rule_files(path: str | os.PathLike[str]) -> list[tuple[Path, dict[str, object]]]:
    """Return the rule file of this name, or every `*.toml` of a folder, and what is in each, unchecked.

    Raises:
        RuleError: a file cannot be read.

    """
    root = Path(path)
    try:
        files = sorted(root.glob("*.toml")) if root.is_dir() else [root]
        texts = [(file, file.read_text("utf-8")) for file in files]
    except OSError as error:
        raise RuleError(str(path), None, f"cannot read: {error.strerror or error}") from None
    except UnicodeDecodeError:
        raise RuleError(str(path), None, "is not UTF-8 text") from None
    if not texts:
        raise RuleError(str(path), None, "holds no *.toml file")
    return [(file, _document(text, str(file))) for file, text in texts]


def check_unique(rules: Iterable[Rule]) -> tuple[Rule, ...]:
    """Return the rules as a tuple; no two may share an id.

    Raises:
        RuleError: an id is used twice.

    """
    seen: dict[str, Rule] = {}
    for rule in rules:
        if rule.id in seen:
            raise RuleError(rule.source, rule.id, f"id is already used in {seen[rule.id].source}")
        seen[rule.id] = rule
    return tuple(seen.values())


def parse_rules(text: str, source: str, *, trusted: bool = False) -> list[Rule]:
    """Parse the text of one rule file; `source` names it in errors.

    Raises:
        RuleError: not TOML, an unknown key, a missing or wrong value.

    """
    return _rules_of(_document(text, source), source, trusted=trusted)


def _document(text: str, source: str) -> dict[str, object]:
    try:
        return tomli.loads(text)
    except tomli.TOMLDecodeError as error:
        raise RuleError(source, None, f"is not valid TOML: {error}") from None


def _rules_of(document: Mapping[str, object], source: str, *, trusted: bool = False) -> list[Rule]:
    if is_gitleaks(document):
        raise RuleError(source, None, "is a rule file of gitleaks: leakscan.gitleaks.load_gitleaks reads it")
    _refuse_unknown(document, _FILE_KEYS, source, None)
    provider = _text(document, "provider", source, None, default="")
    references = _texts(document, "references", source, None)
    revoke = _link(document, "revoke", source, None)
    tables = document.get("rules")
    if not isinstance(tables, list) or not tables:
        raise RuleError(source, None, "has no [[rules]]")
    rules = [_parse_rule(table, provider, references, revoke, source, trusted=trusted) for table in tables]
    check_unique(rules)
    return rules


def is_gitleaks(document: Mapping[str, object]) -> bool:
    """Tell whether a TOML document is a rule file of gitleaks (`leakscan.gitleaks`) and none of ours."""
    if _GITLEAKS_KEYS & document.keys():
        return True
    tables = document.get("rules")
    if "provider" in document or not isinstance(tables, list):
        return False
    rules = [table for table in tables if isinstance(table, dict)]
    return bool(rules) and all("severity" not in rule and "provider" not in rule for rule in rules)


def _parse_rule(
    table: object, provider: str, references: tuple[str, ...], revoke: str, source: str, *, trusted: bool
) -> Rule:
    if not isinstance(table, dict):
        raise RuleError(source, None, "each of rules must be a table: write [[rules]]")
    rule_id = _text(table, "id", source, None)
    _refuse_unknown(table, _RULE_KEYS, source, rule_id)
    if not rule_id.replace("-", "").isalnum() or rule_id != rule_id.lower() or not rule_id.isascii():
        raise RuleError(source, rule_id, "id must be lower-case letters, digits and '-'")
    severity = _choice(table, "severity", SEVERITIES, source, rule_id, default=None)
    confidence = _choice(table, "confidence", CONFIDENCES, source, rule_id, default="high")
    owner = _text(table, "provider", source, rule_id, default=provider)
    if not owner:
        raise RuleError(source, rule_id, "provider is missing: set it for the file or the rule")
    rule = Rule(
        id=rule_id,
        description=_text(table, "description", source, rule_id),
        provider=owner,
        severity=cast("Severity", severity),
        confidence=cast("Confidence", confidence),
        keywords=_keywords(table, source, rule_id),
        regex=_text(table, "regex", source, rule_id, default=""),
        lookback=int(_number(table, "lookback", source, rule_id)),
        entropy=float(_number(table, "entropy", source, rule_id)),
        validator=_text(table, "validator", source, rule_id, default="") or None,
        grammar=_text(table, "grammar", source, rule_id, default="") or None,
        references=_texts(table, "references", source, rule_id) or references,
        # another provider's page would mislead
        revoke=_link(table, "revoke", source, rule_id) or (revoke if owner == provider else ""),
        examples=_texts(table, "examples", source, rule_id),
        negatives=_texts(table, "negatives", source, rule_id),
        source=source,
        trusted=trusted,
    )
    _check_shape(rule)
    return rule


def _check_shape(rule: Rule) -> None:
    if rule.grammar is not None:
        if rule.keywords or rule.regex:
            raise RuleError(rule.source, rule.id, "has a grammar, so no keywords and no regex")
        if rule.grammar not in GRAMMARS:
            known = ", ".join(sorted(GRAMMARS))
            raise RuleError(rule.source, rule.id, f"unknown grammar {rule.grammar!r}: one of {known}")
        return
    if not rule.regex:
        raise RuleError(rule.source, rule.id, "regex is missing")
    if not rule.keywords:
        raise RuleError(rule.source, rule.id, "keywords are missing: the literals a match always holds")
    if not 0 <= rule.lookback <= MAX_LOOKBACK:
        raise RuleError(rule.source, rule.id, f"lookback must be 0 to {MAX_LOOKBACK} bytes")
    if not 0 <= rule.entropy <= 8:  # noqa: PLR2004 - a byte holds 8 bits
        raise RuleError(rule.source, rule.id, "entropy must be 0 to 8 bits per character")


def _keywords(table: Mapping[str, object], source: str, rule_id: str) -> tuple[bytes, ...]:
    words = _texts(table, "keywords", source, rule_id)
    for word in words:
        if len(word) < MIN_KEYWORD:
            reason = f"keyword {word!r} is useless: under {MIN_KEYWORD} characters it selects every log"
            raise RuleError(source, rule_id, reason)
        if not word.isascii() or not word.isprintable():
            raise RuleError(source, rule_id, f"keyword {word!r} must be printable ASCII")
        if len(set(word)) == 1:
            reason = f"keyword {word!r} is useless: one repeated character selects rulers and masks"
            raise RuleError(source, rule_id, reason)
    return tuple(word.encode() for word in words)


def _refuse_unknown(
    table: Mapping[str, object], known: frozenset[str], source: str, rule_id: str | None
) -> None:
    for key in table:
        if key not in known:
            raise RuleError(source, rule_id, f"unknown key {key!r}: one of {', '.join(sorted(known))}")


def _text(
    table: Mapping[str, object],
    key: str,
    source: str,
    rule_id: str | None,
    *,
    default: str | None = None,
) -> str:
    value = table.get(key, default)
    if value is None:
        raise RuleError(source, rule_id, f"{key} is missing")
    if not isinstance(value, str) or (key in table and not value.strip()):
        raise RuleError(source, rule_id, f"{key} must be a non-empty string")
    return value


def _link(table: Mapping[str, object], key: str, source: str, rule_id: str | None) -> str:
    """Return an address that a page may link to: no script, no other scheme, nothing to escape."""
    link = _text(table, key, source, rule_id, default="")
    if link and not _LINK.fullmatch(link):
        raise RuleError(source, rule_id, f"{key} must be an address that starts with https://")
    return link


def _texts(table: Mapping[str, object], key: str, source: str, rule_id: str | None) -> tuple[str, ...]:
    value = table.get(key, [])
    if not isinstance(value, list) or not all(isinstance(item, str) and item for item in value):
        raise RuleError(source, rule_id, f"{key} must be a list of non-empty strings")
    return tuple(value)


def _number(table: Mapping[str, object], key: str, source: str, rule_id: str) -> float:
    value = table.get(key, 0)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise RuleError(source, rule_id, f"{key} must be a number")
    return value


def _choice(
    table: Mapping[str, object],
    key: str,
    choices: Sequence[str],
    source: str,
    rule_id: str,
    *,
    default: str | None,
) -> str:
    value = _text(table, key, source, rule_id, default=default)
    if value not in choices:
        raise RuleError(source, rule_id, f"{key} {value!r} is not one of {', '.join(choices)}")
    return value
