"""Rules, mutated: a rule whose length or alphabet is off by one no longer does what its samples say.

For each bound of each repeat and each character class of each shipped regex, a copy of the rule with only
that changed is run over the rule's own examples and negatives, as the scanner would after its prefilter.
A copy that behaves alike is a fact about the format that no sample holds: add an example or a negative.

Not here: whether the samples hold for the rules as they are (`test_rules`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Final, NamedTuple

import pytest
import regex

from leakscan.judge import judge
from leakscan.match import compiled, find_token
from leakscan.rulecheck import marked
from leakscan.rules import Rule, builtin_rules

RULES: Final = [rule for rule in builtin_rules() if rule.regex]
#: Sizes above this are guesses on the generous side, and samples of that length are no use to a reader.
LONG: Final = 260
#: How alphabets grow: base62, then base64 for URLs, then with dots. A class is widened by the first it lacks.
_SPECIALS: Final = "_-."
#: Mutants that report the same whatever the samples, by rule and the piece that is changed.
WAIVED: Final = {
    ("aws-session-token", "[Qw] at 17"): "the keywords hold this character",
    ("instagram-access-token", "[VW] at 6"): "the keywords hold this character",
    ("azure-entra-client-secret", "[0-9] at 18"): "the keywords hold this character",
    ("authress-access-key", "[_-] at 67"): "the keywords hold this character",
    ("mailchimp-api-key", "[1-9] at 15"): "the keywords hold this character",
    ("gitlab-runner-authentication-token", "[0-9] at 9"): "the next branch takes it too",
    ("gitlab-runner-authentication-token", "{27,300} at 28"): "the next branch takes it too",
}
_KINDS: Final = ("az", "AZ", "09")
#: An escaped character, a class, a repeat, an option; what else there is in a regex is passed over.
_PIECE: Final = regex.compile(
    r"(?P<escape>\\.)|(?P<kind>\(\?:)|(?P<class>\[(?:\\.|[^\]])+\])|\{(?P<low>\d+)(?:,(?P<high>\d+))?\}"
    r"|(?P<option>\?)"
)
_ITEM: Final = regex.compile(r"(?P<first>\\.|[^\\])(?:-(?P<last>\\.|[^\\]))?")

Span = tuple[int, int]
Range = tuple[str, str]


class Mutant(NamedTuple):
    """A regex with one thing changed.

    Attributes:
        change: what was changed.
        regex: the changed regex.
        added: for a single character that may now be another: the regex for only that other one.

    """

    change: str
    regex: str
    added: str = ""


def mutants(pattern: str) -> Iterator[Mutant]:
    """Give the mutants of a rule's regex."""
    for piece in _PIECE.finditer(pattern):
        start, end = piece.span()
        before, after = pattern[:start], pattern[end:]
        label = f"{pattern[start:end]} at {start} as"
        if piece["class"]:
            for change in narrower(piece["class"]):
                yield Mutant(f"{label} {change}", before + change + after)
            for change, added in wider(piece["class"]):
                only = "" if after.startswith(("{", "?")) else before + added + after
                yield Mutant(f"{label} {change}", before + change + after, only)
        elif piece["low"]:
            for change in repeats(int(piece["low"]), int(piece["high"] or piece["low"])):
                yield Mutant(f"{label} {change}", before + change + after)
        elif piece["option"]:
            for change in ("{0}", "{1}"):
                yield Mutant(f"{label} {change}", before + change + after)


def repeats(low: int, high: int) -> Iterator[str]:
    """Give a repeat with each of its bounds one lower and one higher."""
    if low == high:
        yield from (f"{{{low - 1}}}", f"{{{low + 1}}}")
        return
    if low:
        yield f"{{{low - 1},{high}}}"
    yield f"{{{low + 1},{high}}}"
    if high <= LONG:
        yield f"{{{low},{high - 1}}}"
        yield f"{{{low},{high + 1}}}"


def narrower(text: str) -> Iterator[str]:
    """Give a character class without one of its ranges, and with one a character shorter."""
    ranges = ranges_of(text)
    for number, (first, last) in enumerate(ranges):
        rest = ranges[:number] + ranges[number + 1 :]
        if rest:
            yield written(rest)
        if first != last:
            yield written([*rest, (chr(ord(first) + 1), last)])
            yield written([*rest, (first, chr(ord(last) - 1))])


def wider(text: str) -> Iterator[tuple[str, str]]:
    """Give a character class with a character or a range more, and the class of these alone."""
    ranges = ranges_of(text)
    within = {chr(code) for first, last in ranges for code in range(ord(first), ord(last) + 1)}
    around = {chr(ord(a) - 1) for a, b in ranges if a != b} | {chr(ord(b) + 1) for a, b in ranges if a != b}
    characters = {c for c in around if c.isalnum()} - within
    characters.update([c for c in _SPECIALS if c not in within][:1])
    more = [(c, c) for c in sorted(characters)]
    for first, last in _KINDS:
        if within.isdisjoint(chr(code) for code in range(ord(first), ord(last) + 1)):
            more.append((first, last))
    for extra in more:
        yield written([*ranges, extra]), written([extra])


def ranges_of(text: str) -> list[Range]:
    """Return the ranges of a character class; a single character is a range of one."""
    items = _ITEM.finditer(text[1:-1])
    return [(item["first"][-1], (item["last"] or item["first"])[-1]) for item in items]


def written(ranges: list[Range]) -> str:
    """Write a character class."""
    parts = [quoted(a) if a == b else f"{quoted(a)}-{quoted(b)}" for a, b in ranges]
    return f"[{''.join(parts)}]"


def quoted(character: str) -> str:
    """Write a character of a class."""
    return character if character.isalnum() else f"\\{character}"


def reported(rule: Rule, line: bytes) -> set[Span]:
    """Return what the rule reports in a line: a prefilter without guards, the matcher, the judge."""
    spans: set[Span] = set()
    for keyword in rule.keywords:
        place = line.find(keyword)
        while place >= 0:
            span = find_token(rule, line, place, 0, len(line))
            if span is not None and judge(rule, line[span[0] : span[1]]) is not None:
                spans.add(span)
            place = line.find(keyword, place + 1)
    return spans


def samples(rule: Rule) -> list[tuple[bytes, set[Span]]]:
    """Return the rule's samples with what it reports in them.

    An example whose token stands there encoded is left out: what decodes it is not run here.
    """
    wanted = []
    for example in rule.examples:
        text, spans = marked(example)
        line = text.encode()
        places = {(len(text[:a].encode()), len(text[:b].encode())) for a, b in spans}
        if reported(rule, line) == places:
            wanted.append((line, places))
    wanted += [(negative.encode(), set()) for negative in rule.negatives]
    return wanted


def is_settled_by_keywords(rule: Rule, mutant: Mutant) -> bool:
    """Tell whether no keyword lets the added character in, so that the mutant is the same rule."""
    if not mutant.added or rule.lookback:
        return False
    added = regex.compile(mutant.added.encode(), regex.ASCII)
    return not any(added.fullmatch(keyword, partial=True) for keyword in rule.keywords)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_a_rule_off_by_one_fails_its_samples(rule: Rule) -> None:
    """Each mutant of a rule's regex misses, cuts or adds something in one of the rule's samples."""
    lines = samples(rule)
    alive = []
    for mutant in mutants(rule.regex):
        if (rule.id, mutant.change.partition(" as ")[0]) in WAIVED or is_settled_by_keywords(rule, mutant):
            continue
        mutated = replace(rule, regex=mutant.regex)
        if all(reported(mutated, line) == spans for line, spans in lines):
            alive.append(mutant.change)
    compiled.cache_clear()
    assert alive == []


def test_no_waiver_is_left_over() -> None:
    """Every waived mutant exists and lives: what samples can tell is not waived."""
    by_id = {rule.id: rule for rule in RULES}
    idle = set(WAIVED)
    for rule_id in {rule_id for rule_id, _ in WAIVED}:
        rule = by_id[rule_id]
        lines = samples(rule)
        for mutant in mutants(rule.regex):
            mutated = replace(rule, regex=mutant.regex)
            if all(reported(mutated, line) == spans for line, spans in lines):
                idle.discard((rule_id, mutant.change.partition(" as ")[0]))
    assert idle == set()


def test_what_a_mutant_is() -> None:
    """Bounds move by one; classes lose a range or its end, or gain a neighbour, a special or a range."""
    assert list(repeats(8, 8)) == ["{7}", "{9}"]
    assert list(repeats(0, 2)) == ["{1,2}", "{0,1}", "{0,3}"]
    assert list(repeats(20, 4000)) == ["{19,4000}", "{21,4000}"]
    assert list(narrower("[0-9_]")) == [r"[\_]", r"[\_1-9]", r"[\_0-8]", "[0-9]"]
    assert [added for _, added in wider("[0-9a-f]")] == [r"[\_]", "[g]", "[A-Z]"]
    assert [m.change for m in mutants(r"a\[(?:b){2}c?")] == [
        "{2} at 8 as {1}",
        "{2} at 8 as {3}",
        "? at 12 as {0}",
        "? at 12 as {1}",
    ]
