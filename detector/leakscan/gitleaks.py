"""Rule files of gitleaks: their rules and allowlists as ours. Facts of the format: gitleaks' README, v8.

Three things differ and are made up for here. Their keywords stand anywhere around a match, in any case: ours
are derived from the regex itself, so that every match holds one; failing that, the match is looked for near
a keyword. Their regexes have the boundaries inside:
such rules bring no others. Their allowlists match any part of a secret, so that `^true|false|null$` lets
every secret pass that contains "false": here a regex counts for the whole secret only. What cannot be kept
is never dropped in silence: it is an error, or a note where more is reported for it, never less.

Not here: our own format (`rules`), the syntax of regexes (`re2`).
"""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import tomli

from .allow import Allow
from .errors import RuleError
from .match import guard
from .re2.literals import Required, required
from .re2.read import SyntaxRefused, parse
from .re2.tree import Node, is_anchored
from .re2.write import write
from .rules import MAX_LOOKBACK, MIN_KEYWORD, Rule

#: Files that extend files; gitleaks stops at two.
MAX_DEPTH: Final = 4
#: Bytes between a keyword and a match that does not hold it.
NEAR: Final = 256
#: Two letters will do where there are no more, but select many lines.
_LEAST: Final = 2

_FILE_KEYS: Final = frozenset(
    {"title", "description", "extend", "rules", "allowlist", "allowlists", "minVersion"}
)
_RULE_KEYS: Final = frozenset(
    {
        "id", "description", "regex", "entropy", "keywords", "secretGroup", "path", "tags", "allowlist",
        "allowlists", "required", "skipReport",
    }
)  # fmt: skip
_ALLOW_KEYS: Final = frozenset(
    {"description", "condition", "commits", "paths", "regexTarget", "regexes", "stopwords", "targetRules"}
)


@dataclass(frozen=True, slots=True)
class Gitleaks:
    """What a file of gitleaks asks for.

    Attributes:
        rules: its rules.
        allow: its allowlists; each goes for the rules of the file, with `useDefault` for all.
        disable: built-in rules that it turns off.
        notes: what of it does not count here, a line each.

    """

    rules: tuple[Rule, ...] = ()
    allow: tuple[Allow, ...] = ()
    disable: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(slots=True)
class _File:
    """A file while it is read."""

    source: str
    builtin: frozenset[str]
    notes: list[str] = field(default_factory=list)
    disabled: list[str] = field(default_factory=list)
    uses_default: bool = False

    def note(self, where: str, text: str) -> None:
        self.notes.append(f"{self.source}: {where}: {text}" if where else f"{self.source}: {text}")

    def error(self, rule: str | None, reason: str) -> RuleError:
        return RuleError(self.source, rule, reason)


def load_gitleaks(path: str | os.PathLike[str], builtin: Collection[str] = ()) -> Gitleaks:
    """Read a rule file of gitleaks.

    Args:
        path: the file.
        builtin: ids of the rules that are there besides; a rule of the same id gets the prefix
            `gitleaks-`, and without a regex it adds to their allowlists.

    Raises:
        RuleError: it cannot be read, or something in it cannot be kept; names file, rule and reason.

    """
    file = _File(str(path), frozenset(builtin))
    document = _extended(file, Path(path), 0)
    taken = _rule_tables(file, document)
    made: dict[str, Rule] = {}
    allow: list[Allow] = []
    names: dict[str, str] = {}
    for name, table in taken.items():
        rule = _rule(file, name, table, str(document.get("title") or "gitleaks rules"))
        if rule is not None:
            if rule.id in made:
                raise file.error(name, f"reads as {rule.id!r} here, as another one does: rename it")
            made[rule.id] = rule
            names[name] = rule.id
        elif name in file.builtin:
            names[name] = name
        for entry in _allow_tables(file, table, name):
            allow += _allows(file, entry, name, (names[name],) if name in names else None)
    for entry in _allow_tables(file, document, None):
        targets = _texts(file, entry, "targetRules", None)
        for target in targets:
            if target not in names and target not in file.builtin:
                file.note("allowlist", f"targetRules: no rule {target!r} here")
        chosen = tuple(names.get(target, target) for target in targets if target in {*names, *file.builtin})
        everything = () if file.uses_default else tuple(made) or None
        allow += _allows(file, entry, None, (chosen or None) if targets else everything)
    return Gitleaks(tuple(made.values()), tuple(allow), tuple(file.disabled), tuple(file.notes))


def _read(file: _File, path: Path) -> dict[str, Any]:
    try:
        return tomli.loads(path.read_text("utf-8"))
    except OSError as error:
        raise RuleError(str(path), None, f"cannot read: {error.strerror or error}") from None
    except UnicodeDecodeError:
        raise RuleError(str(path), None, "is not UTF-8 text") from None
    except tomli.TOMLDecodeError as error:
        raise file.error(None, f"is not valid TOML: {error}") from None


def _extended(file: _File, path: Path, depth: int) -> dict[str, Any]:
    """Return a document with what it extends in it."""
    document = _read(file, path)
    extend = document.get("extend", {})
    if not isinstance(extend, dict):
        raise file.error(None, "extend must be a table")
    for key in document.keys() - _FILE_KEYS:
        file.note("", f"unknown key {key!r} is ignored")
    file.uses_default = file.uses_default or extend.get("useDefault") is True
    if extend.get("url"):
        file.note("extend", "url is ignored: nothing is fetched")
    below = extend.get("path")
    base: dict[str, Any] = {}
    if below:
        if depth >= MAX_DEPTH or not isinstance(below, str):
            raise file.error(None, f"extend: path must be a file, over at most {MAX_DEPTH} files")
        base = _extended(file, path.parent / below, depth + 1)
    merged = base | {key: value for key, value in document.items() if key != "extend"}
    tables = _rule_tables(file, base)
    for rule_id in _texts(file, extend, "disabledRules", None):
        if rule_id in file.builtin:
            file.disabled.append(rule_id)
        elif tables.pop(rule_id, None) is None:
            file.note("extend", f"disabledRules: no rule {rule_id!r} here")
    for name, table in _rule_tables(file, document).items():
        tables[name] = _overlaid(tables.get(name, {}), table)
    merged["rules"] = list(tables.values())
    merged["allowlists"] = [*_allow_tables(file, base, None), *_allow_tables(file, document, None)]
    merged.pop("allowlist", None)
    return merged


def _overlaid(below: Mapping[str, Any], table: Mapping[str, Any]) -> dict[str, Any]:
    """Return a rule's table over that of the rule it extends; lists grow."""
    merged = dict(below) | dict(table)
    for key in ("keywords", "tags"):
        if isinstance(below.get(key), list) and isinstance(table.get(key), list):
            merged[key] = [*below[key], *table[key]]
    entries = [one for part in (below, table) for one in _listed(part)]
    merged.pop("allowlist", None)
    if entries:
        merged["allowlists"] = entries
    return merged


def _listed(table: Mapping[str, Any]) -> list[Any]:
    several = table.get("allowlists", [])
    return [
        *([table["allowlist"]] if "allowlist" in table else []),
        *(several if isinstance(several, list) else [several]),
    ]


def _rule_tables(file: _File, document: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    tables = document.get("rules", [])
    if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        raise file.error(None, "each of rules must be a table: write [[rules]]")
    found: dict[str, dict[str, Any]] = {}
    for table in tables:
        name = table.get("id")
        if not isinstance(name, str) or not name:
            raise file.error(None, "a rule has no id")
        if name in found:
            raise file.error(name, "the id is used twice")
        found[name] = table
    return found


def _allow_tables(file: _File, table: Mapping[str, Any], rule: str | None) -> list[dict[str, Any]]:
    entries = _listed(table)
    if not all(isinstance(entry, dict) for entry in entries):
        raise file.error(rule, "allowlists must be tables")
    return entries


def _rule(file: _File, name: str, table: Mapping[str, Any], provider: str) -> Rule | None:
    """Return a rule, None when it has no regex."""
    for key in table.keys() - _RULE_KEYS:
        file.note(f"rule {name!r}", f"unknown key {key!r} is ignored")
    source = table.get("regex")
    if not source:
        if name not in file.builtin:
            file.note(f"rule {name!r}", "is left out: it has no regex, and file names are not looked at")
        return None
    if not isinstance(source, str):
        raise file.error(name, "regex must be a string")
    for key, why in (
        ("path", "is ignored: the rule goes for every input"),
        ("required", "is ignored: the rule is reported without the others"),
        ("skipReport", "is ignored: the rule is reported"),
    ):
        if table.get(key):
            file.note(f"rule {name!r}", f"{key} {why}")
    entropy = table.get("entropy", 0)
    group = table.get("secretGroup", 0)
    if isinstance(entropy, bool) or not isinstance(entropy, int | float) or not 0 <= entropy <= 8:  # noqa: PLR2004 - bits
        raise file.error(name, "entropy must be 0 to 8 bits per character")
    node = _parsed(file, source, name, "regex")
    groups = _groups(node)
    if type(group) is not int or not 0 <= group <= groups:
        raise file.error(name, f"secretGroup must be a group of the regex, which has {groups}")
    text = write(node, group or None)
    needed, text = _needed(file, name, table, node, text)
    own = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-") or "rule"
    return Rule(
        id=f"gitleaks-{own}" if own in file.builtin else own,
        description=str(table.get("description") or name),
        provider=provider,
        severity="high",
        confidence="medium",
        keywords=needed.literals,
        folded=needed.fold,
        bounded=False,
        regex=text,
        lookback=MAX_LOOKBACK if needed.offset is None else min(needed.offset, MAX_LOOKBACK),
        entropy=float(entropy),
        source=file.source,
    )


def _needed(file: _File, name: str, table: Mapping[str, Any], node: Node, text: str) -> tuple[Required, str]:
    """Return a rule's keywords and its regex: derived ones, else its own and a regex that holds them."""
    found = required(node, MIN_KEYWORD)
    if found is not None:
        return found, text
    short = required(node, _LEAST)
    if short is not None:
        trial = Rule("x", "", "", "low", regex=text, lookback=short.offset or 0, folded=short.fold)
        if short.offset is None or not all(guard(trial, literal)[1] for literal in short.literals):
            shown = ", ".join(literal.decode() for literal in short.literals[:3])
            file.note(f"rule {name!r}", f"is looked for at every {shown}: this takes time")
        return short, text
    given = sorted({word.lower() for word in _texts(file, table, "keywords", name)})
    if not given or not all(len(word) >= _LEAST and word.isascii() and word.isprintable() for word in given):
        raise file.error(
            name, "its regex holds no literal, so every line would be searched: give it keywords to look for"
        )
    file.note(f"rule {name!r}", f"is looked for within {NEAR} bytes of its keywords: its regex holds none")
    word = f"(?i:{'|'.join(map(re.escape, given))})"
    secret = text if _captures(node, table) else f"({text})"
    near = f"(?:{secret}).{{0,{NEAR}}}?{word}|{word}.{{0,{NEAR}}}?(?:{secret})|{secret}"
    return Required(tuple(one.encode() for one in given), None, fold=True), near


def _captures(node: Node, table: Mapping[str, Any]) -> bool:
    return bool(table.get("secretGroup") or _groups(node))


def _allows(
    file: _File, table: Mapping[str, Any], rule: str | None, rules: Sequence[str] | None
) -> Iterator[Allow]:
    """Give what an allowlist allows; `rules` are those it goes for, empty for all, None for none."""
    where = f"rule {rule!r}: allowlist" if rule else "allowlist"
    for key in table.keys() - _ALLOW_KEYS:
        file.note(where, f"unknown key {key!r} is ignored")
    condition = table.get("condition", "OR")
    is_all = isinstance(condition, str) and condition.upper() in {"AND", "&&"}
    regexes = [_parsed(file, source, rule, "allowlist") for source in _texts(file, table, "regexes", rule)]
    stopwords = _texts(file, table, "stopwords", rule)
    lost = [key for key in ("commits", "paths") if table.get(key)]
    if regexes and table.get("regexTarget", "secret") not in {"secret", ""}:
        lost.append("regexes")
        regexes = []
    for key in lost:
        why = "is not looked at" if key != "regexes" else "goes for the line or match, which is not looked at"
        file.note(where, f"{key} {why}" + (", so nothing is allowed by it" if is_all else ""))
    if rules is None or (is_all and lost) or not (regexes or stopwords):
        return
    if any(not is_anchored(node) for node in regexes):
        file.note(where, "regexes count for the whole secret: write .* where it may go on")
    reason = str(table.get("description") or "allowed in this file")
    written = tuple(write(node, 0) for node in regexes)
    words = (f"(?is:.*(?:{'|'.join(map(re.escape, stopwords))}).*)",) if stopwords else ()
    if is_all and written and words:
        both = (f"(?={words[0]})(?:{'|'.join(written)})",)
        yield Allow(reason=reason, rules=tuple(rules), regexes=both, source=file.source)
        return
    yield Allow(reason=reason, rules=tuple(rules), regexes=written + words, source=file.source)


def _parsed(file: _File, source: str, rule: str | None, what: str) -> Node:
    try:
        return parse(source)
    except SyntaxRefused as error:
        raise file.error(rule, f"{what}: {error}") from None


def _groups(node: Node) -> int:
    return max([node.number, *map(_groups, node.parts)])


def _texts(file: _File, table: Mapping[str, Any], key: str, rule: str | None) -> tuple[str, ...]:
    value = table.get(key) or []
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise file.error(rule, f"{key} must be a list of strings")
    return tuple(item for item in value if item)
