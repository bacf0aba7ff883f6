"""Rules: what the loader refuses, and that every shipped rule reports exactly what its examples mark."""

from __future__ import annotations

from pathlib import Path

import pytest

from leakscan import RuleError, load_rules
from leakscan.rulecheck import check_rules, marked
from leakscan.rules import builtin_rules, check_unique, parse_rules

GOOD = """
provider = "Acme"
[[rules]]
id = "acme-key"
description = "Acme key; opens the door."
severity = "high"
keywords = ["acme_"]
regex = '''acme_[0-9a-f]{8}'''
examples = ['''key=«acme_3f0a9b7c»''']
negatives = ['''acme_door''']
"""


@pytest.mark.parametrize("engine", ["hyperscan", "ahocorasick"])
def test_every_shipped_example_is_reported_to_the_byte(engine: str) -> None:
    """Examples and negatives of all shipped rules hold through the whole scanner, on both engines."""
    assert check_rules(builtin_rules(), engine=engine) == []


def test_there_are_rules_for_the_field() -> None:
    """At least 350 rules over 200 providers ship, each with an example and a negative."""
    rules = builtin_rules()
    assert len(rules) >= 350
    assert len({rule.provider for rule in rules}) >= 200
    assert [rule.id for rule in rules if not rule.examples or not rule.negatives] == []


def test_most_providers_have_a_page_that_revokes() -> None:
    """At least 80 providers' rules link to where their secrets are revoked, the generic ones to nothing."""
    rules = builtin_rules()
    assert len({rule.provider for rule in rules if rule.revoke}) >= 80
    assert {rule.revoke for rule in rules if rule.grammar} == {""}


def test_the_page_of_a_file_is_for_the_rules_of_its_provider() -> None:
    """A rule has the page of its file, or its own; a rule of another provider never that of the file."""
    second = GOOD.split("[[rules]]")[1].replace("acme-key", "other").replace("acme_", "othr_")
    text = 'revoke = "https://acme.example/keys?a=b#c"' + GOOD + "[[rules]]" + second
    pages = [rule.revoke for rule in parse_rules(text, "x")]
    assert pages == ["https://acme.example/keys?a=b#c"] * 2
    text += 'provider = "Other"\n'
    assert [rule.revoke for rule in parse_rules(text, "x")][1] == ""
    text += 'revoke = "https://other.example"\n'
    assert [rule.revoke for rule in parse_rules(text, "x")][1] == "https://other.example"


def test_a_good_file_loads(tmp_path: Path) -> None:
    """A file and a folder of files load alike."""
    (tmp_path / "acme.toml").write_text(GOOD)
    assert [rule.id for rule in load_rules(tmp_path)] == ["acme-key"]
    assert [rule.id for rule in load_rules(tmp_path / "acme.toml")] == ["acme-key"]


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ('severity = "high"', 'severity = "huge"', "severity 'huge' is not one of"),
        ('severity = "high"', "", "severity is missing"),
        ('description = "Acme key; opens the door."', "", "description is missing"),
        ('provider = "Acme"', "", "provider is missing"),
        ('id = "acme-key"', 'id = "Acme Key"', "id must be lower-case"),
        ('provider = "Acme"', 'provider = "Acme"\nrevoke = "javascript:alert(1)"', "starts with https://"),
        ('provider = "Acme"', 'provider = "Acme"\nrevoke = "https://x/\\"onclick=y"', "starts with https://"),
        ('provider = "Acme"', 'provider = "Acme"\nrevoke = "https://user@x/"', "starts with https://"),
        ('severity = "high"', 'severity = "high"\nrevoke = 1', "revoke must be a non-empty string"),
        ("regex = ", "regexp = ", "unknown key 'regexp'"),
        ("keywords = ", "keyword = ", "unknown key 'keyword'"),
        ('keywords = ["acme_"]', "", "keywords are missing"),
        ('["acme_"]', '["ac"]', "keyword 'ac' is useless"),
        ('["acme_"]', '["----"]', "keyword '----' is useless"),
        ('["acme_"]', '["açme_"]', "must be printable ASCII"),
        ('["acme_"]', '"acme_"', "keywords must be a list"),
        ("regex = '''acme_[0-9a-f]{8}'''", "", "regex is missing"),
        ("[[rules]]", "entropy = 3\n[[rules]]", "unknown key 'entropy'"),
        ('severity = "high"', 'severity = "high"\nentropy = "3"', "entropy must be a number"),
        ('severity = "high"', 'severity = "high"\nentropy = 9', "entropy must be 0 to 8"),
        ('severity = "high"', 'severity = "high"\nlookback = 9000', "lookback must be 0 to"),
        ('severity = "high"', 'severity = "high"\ngrammar = "password"', "has a grammar, so no keywords"),
        ('provider = "Acme"', "provider = ", "is not valid TOML"),
    ],
)
def test_a_faulty_rule_is_refused_at_load(old: str, new: str, reason: str) -> None:
    """Each fault is an error that names the file and the reason."""
    assert old in GOOD
    with pytest.raises(RuleError) as caught:
        parse_rules(GOOD.replace(old, new, 1), "acme.toml")
    assert str(caught.value).startswith("acme.toml")
    assert reason in str(caught.value)
    assert "\n" not in str(caught.value).rstrip()


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("acme_[0-9a-f]{8}", "(?:acme_[0-9a-f]{8})?", "matches the empty string"),
        ("acme_[0-9a-f]{8}", "acme_[0-9a-f{8}", "regex does not compile"),
        ("«acme_3f0a9b7c»", "«acme_3f0a9b7»c", "an example reports"),
        ("«acme_3f0a9b7c»", "acme_3f0a9b7c", "an example marks no secret"),
        ("acme_door", "acme_3f0a9b7d", "a negative is reported"),
        ('severity = "high"', 'severity = "high"\nvalidator = "nosuch"', "unknown validator 'nosuch'"),
    ],
)
def test_a_rule_that_does_not_do_what_it_says_is_reported(old: str, new: str, reason: str) -> None:
    """Behaviour is checked too: which exact text a rule reports. The sample itself is not repeated."""
    faults = check_rules(parse_rules(GOOD.replace(old, new, 1), "acme.toml"))
    assert len(faults) == 1
    assert faults[0].startswith("acme.toml: rule 'acme-key': ")
    assert reason in faults[0]
    assert "3f0a9b7c" not in faults[0]


def test_an_id_is_used_once() -> None:
    """Baselines refer to ids, so two rules of one id are an error that names both files."""
    rules = [*parse_rules(GOOD, "a.toml"), *parse_rules(GOOD, "b.toml")]
    with pytest.raises(RuleError, match=r"b\.toml: rule 'acme-key': id is already used in a\.toml"):
        check_unique(rules)


@pytest.mark.parametrize("name", ["missing.toml", "folder"])
def test_a_file_that_cannot_be_read_is_a_rule_error(tmp_path: Path, name: str) -> None:
    """A missing file and a folder without rules are named."""
    (tmp_path / "folder").mkdir()
    with pytest.raises(RuleError, match=name):
        load_rules(tmp_path / name)


def test_marks_are_taken_out_of_an_example() -> None:
    """« » mark spans in the text without marks, in characters."""
    assert marked("a «b» é «cd»") == ("a b é cd", [(2, 3), (6, 8)])
