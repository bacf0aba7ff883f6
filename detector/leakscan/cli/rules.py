"""`leakscan rules`: list, show and check rules.

Not here: reading them (`leakscan.rules`), running their examples (`leakscan.rulecheck`).
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import click

from leakscan.errors import RuleError
from leakscan.recipe import OwnRules, all_rules, own_rules, require_rule
from leakscan.rules import PACKS, Rule, builtin_rules, check_unique, pack_rules
from leakscan.terminal import clean, say

from . import CLEAN, FAILED
from .options import pack_option

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_RULES = click.option(
    "--rules", "paths", type=click.Path(), multiple=True, metavar="FILE|DIR",
    help="Rules of your own, besides the built-in ones. Repeatable.",
)  # fmt: skip


@click.group("rules")
def command() -> None:
    """List, show and check rules."""


@command.command("list")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@_RULES
@pack_option
def list_rules(form: str, paths: tuple[str, ...], packs: tuple[str, ...]) -> None:
    """List every rule: id, severity, confidence, provider, description."""
    rules, _ = all_rules(paths, packs)
    if form == "json":
        import orjson  # noqa: PLC0415 - text needs none

        click.echo(orjson.dumps([_as_json(rule) for rule in rules], option=orjson.OPT_INDENT_2))
        return
    rows = [(rule.id, rule.severity, rule.confidence, rule.provider, rule.description) for rule in rules]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = [clean(cell).ljust(width) for cell, width in zip(row, widths, strict=True)]
        click.echo("  ".join(cells).rstrip())


@command.command("show")
@click.argument("rule_id", metavar="ID")
@_RULES
@pack_option
def show_rule(rule_id: str, paths: tuple[str, ...], packs: tuple[str, ...]) -> None:
    """Say everything about one rule. Its examples are made up."""
    for line in _described(require_rule(rule_id, all_rules(paths, packs)[0])):
        click.echo(clean(line))


@command.command("check")
@click.argument("files", metavar="[FILE]...", nargs=-1, type=click.Path())
def check_rules(files: tuple[str, ...]) -> int:
    """Check the built-in rules, packs and those in FILE, with their examples, through the whole scanner.

    Exit code: 0 when all are sound, else 2 and one line for each that is not.
    """
    from leakscan.rulecheck import check_rules as check  # noqa: PLC0415 - loads the scanner

    errors: list[str] = []
    rules: list[Rule] = []
    builtin: list[Rule] = []
    for file in (None, *files):
        try:
            shipped = builtin_rules() + pack_rules(PACKS) if file is None else ()
            own = OwnRules(shipped) if file is None else own_rules([file], builtin)
            rules = [*check_unique([*rules, *own.rules])]
        except RuleError as error:
            errors.append(str(error))
            continue
        builtin = builtin or rules
        for note in own.notes:
            say(note)
    errors += check(rules)
    for line in errors:
        say(line)
    if errors:
        return FAILED
    providers = len({rule.provider for rule in rules})
    click.echo(f"{len(rules)} rules of {providers} providers: all sound")
    return CLEAN


def _as_json(rule: Rule) -> Mapping[str, Any]:
    fields = dataclasses.asdict(rule)
    return fields | {"keywords": [word.decode() for word in rule.keywords]}


def _described(rule: Rule) -> Iterator[str]:
    yield f"{rule.id}"
    yield f"  {rule.description}"
    yield ""
    yield f"  provider     {rule.provider}"
    yield f"  severity     {rule.severity}"
    checked = "; certain or lower where the check below can tell" if rule.validator else ""
    yield f"  confidence   {rule.confidence}{checked}"
    if rule.grammar is not None:
        yield f"  found by     the grammar for {rule.grammar} values"
    else:
        yield f"  keywords     {', '.join(word.decode() for word in rule.keywords)}"
        yield f"  pattern      {rule.regex}"
    if rule.lookback:
        yield f"  starts       up to {rule.lookback} bytes before its keyword"
    if rule.entropy:
        yield f"  entropy      at least {rule.entropy:g} bits a character"
    if rule.validator is not None:
        yield f"  check        {rule.validator}, offline"
    if rule.revoke:
        yield f"  revoked at   {rule.revoke}"
    yield f"  file         {rule.source}"
    for title, lines in (("references", rule.references), ("examples, all made up", rule.examples),
                         ("stays quiet on", rule.negatives)):  # fmt: skip
        if lines:
            yield ""
            yield f"  {title}"
            yield from (f"    {line}" for line in lines)
