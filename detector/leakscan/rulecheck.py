"""Checks that rules do what they say: every example and negative through the whole scanner.

Loading (`rules`) checks the form; this checks the behaviour: which exact bytes are reported, since for
redaction the span is the product.

Not here: reading files, printing.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import regex

from .errors import RuleError
from .match import compiled
from .rules import Rule
from .scanner import Scanner
from .validators import NAMES

_OPEN: Final = "«"
_CLOSE: Final = "»"

Spans = list[tuple[int, int]]


def marked(example: str) -> tuple[str, Spans]:
    """Split an example at its « » marks.

    Returns:
        The text without marks, and the spans (characters, half-open) that were marked in it.

    """
    text = ""
    spans: Spans = []
    for piece in example.split(_OPEN):
        secret, closed, rest = piece.partition(_CLOSE)
        if closed:
            spans.append((len(text), len(text) + len(secret)))
        text += secret + rest
    return text, spans


def check_rules(rules: Sequence[Rule], *, beside: Sequence[Rule] = (), engine: str = "auto") -> list[str]:
    """Return one line for each fault, naming file, rule and reason; empty when all is well.

    Args:
        rules: the rules to check.
        beside: rules that run at the same time, as the built-in ones beside a user's own.
        engine: the prefilter engine to check with.

    """
    faults = [_fault(rule, fault) for rule in rules for fault in _form_faults(rule)]
    if faults:
        return faults
    scanner = Scanner([*beside, *rules], engine=engine, min_confidence="low")
    return [_fault(rule, fault) for rule in rules for fault in _behaviour_faults(rule, scanner)]


def require_sound(rules: Sequence[Rule], *, beside: Sequence[Rule] = ()) -> None:
    """Check rules as `check_rules` does, with the engine that starts fastest.

    Raises:
        RuleError: the first fault.

    """
    for rule in rules:
        for fault in _form_faults(rule):
            raise RuleError(rule.source, rule.id, fault)
    scanner = Scanner([*beside, *rules], engine="ahocorasick", min_confidence="low")
    for rule in rules:
        for fault in _behaviour_faults(rule, scanner):
            raise RuleError(rule.source, rule.id, fault)


def _form_faults(rule: Rule) -> list[str]:
    if rule.validator is not None and rule.validator not in NAMES:
        return [(f"unknown validator {rule.validator!r}: one of {', '.join(sorted(NAMES))}")]
    if rule.grammar is not None:
        return []
    try:
        pattern = compiled(rule.regex)
    except (regex.error, UnicodeEncodeError) as error:
        return [(f"regex does not compile: {error}")]
    if pattern.fullmatch(b"") is not None:
        return [("regex matches the empty string, so it would match everywhere")]
    return []


def _behaviour_faults(rule: Rule, scanner: Scanner) -> list[str]:
    faults = []
    for example in rule.examples:
        text, expected = marked(example)
        if not expected:
            faults.append(f"an example marks no secret with « »: {_short(text)}")
            continue
        found = scanner.scan(text)
        spans = [(f.start, f.end) for f in found if f.rule_id == rule.id]
        if spans != expected:
            others = sorted({f.rule_id for f in found} - {rule.id})
            instead = f", instead of it {', '.join(others)}" if others and not spans else ""
            reported = spans or "nothing"
            faults.append(f"an example reports {reported}, marked is {expected}{instead}: {_short(text)}")
    faults.extend(
        f"a negative is reported: {_short(negative)}"
        for negative in rule.negatives
        if any(f.rule_id == rule.id for f in scanner.scan(negative))
    )
    return faults


def _fault(rule: Rule, reason: str) -> str:
    return str(RuleError(rule.source, rule.id, reason))


def _short(text: str) -> str:
    # a user's own rule file might hold real samples: show where, not what
    return f"{text[:16]!r}.. ({len(text)} characters)"
