"""Rule files of gitleaks: their rules find what they find there, and what cannot be kept is said."""

from __future__ import annotations

from pathlib import Path

import pytest

from command import environment, leakscan
from leakscan import RuleError, Scanner, load_rules
from leakscan.gitleaks import Gitleaks, load_gitleaks
from leakscan.rules import builtin_rules

FILE = Path(__file__).parent / "data" / "gitleaks.toml"
RULES = builtin_rules()
IDS = [rule.id for rule in RULES]
NMB = "nmb_k3v9q2z8x7w1"
HEX = "9f8b2c7de41a4c0b"


def scanner(loaded: Gitleaks, engine: str = "ahocorasick") -> Scanner:
    """Return a scanner with the built-in rules and those of a file."""
    return Scanner([*RULES, *loaded.rules], allow=loaded.allow, disable=loaded.disable, engine=engine)


def load(tmp_path: Path, text: str) -> Gitleaks:
    """Load a file of this text."""
    (tmp_path / "g.toml").write_text(text)
    return load_gitleaks(tmp_path / "g.toml", IDS)


LOADED = load_gitleaks(FILE, IDS)
ENGINES = {engine: scanner(LOADED, engine) for engine in ("ahocorasick", "hyperscan")}


@pytest.mark.parametrize("engine", ["ahocorasick", "hyperscan"])
@pytest.mark.parametrize(
    ("line", "rule", "secret"),
    [
        (f"x {NMB} y", "nimbus-token", NMB),
        (f'"{NMB}"', "nimbus-token", NMB),
        (f"a\\n{NMB}\\nb", None, ""),  # their boundary: no word before it
        (f"x {NMB}abc", None, ""),
        ("x nmb_aaaaaaaaaaab y", None, ""),  # too even for the entropy
        ("x nmb_sample123456 y", None, ""),  # allowed: the whole
        ("x nmb_handbook12c9 y", None, ""),  # allowed: holds the word
        (f"QUARTZ_KEY={HEX} y", "quartz-key", HEX),
        (f"my.app.Quartz-x: '{HEX.upper()}'", "quartz-key", HEX.upper()),
        (f"quartz {HEX}", None, ""),
        ("Fjord order 473920174652 done", "plain-digits", "473920174652"),
        ("order 473920174652 of fjord", "plain-digits", "473920174652"),
        ("order 473920174652 done", None, ""),
        ("password=loadtest-Tr0ub4dor", None, ""),
        ("password=hunter2-Tr0ub4dor", "generic-password", "hunter2-Tr0ub4dor"),
        ("password=thisisfake-Tr0ub4dor", None, ""),
        ("password=thisisfake!Tr0ub4dor", "generic-password", "thisisfake!Tr0ub4dor"),
        ("Cookie: sessionid=k8F2mQ9zXwT4vB7nL1cR5y", None, ""),
    ],
)
def test_a_file_finds_what_it_says(engine: str, line: str, rule: str | None, secret: str) -> None:
    """Keywords in any case, groups, entropy, allowlists, disabled rules: as the file has it."""
    for text in (line, f"before\n{line}\nafter"):
        found = [(finding.rule_id, finding.secret.decode()) for finding in ENGINES[engine].scan(text)]
        assert found == ([(rule, secret)] if rule else [])


def test_what_does_not_count_is_noted() -> None:
    """Paths, unknown rules, keywords that no match holds: a line each, with the rule."""
    notes = [note.removeprefix(f"{FILE}: ") for note in LOADED.notes]
    assert notes == [
        "extend: disabledRules: no rule 'nobodys-rule' here",
        "rule 'quartz-key': path is ignored: the rule goes for every input",
        "rule 'plain-digits': is looked for within 256 bytes of its keywords: its regex holds none",
    ]


def test_keywords_are_derived_from_the_regex(tmp_path: Path) -> None:
    """A rule without keywords, or with some that its matches need not hold, is found all the same."""
    loaded = load(tmp_path, "[[rules]]\nid = 'a'\nregex = '''(?:zeta|ypsilon)-[0-9]{6}'''\n")
    assert loaded.rules[0].keywords == (b"ypsilon-", b"zeta-")
    assert [f.secret for f in scanner(loaded).scan(b"x ypsilon-483920 y")] == [b"ypsilon-483920"]


def test_a_taken_id_gets_a_prefix(tmp_path: Path) -> None:
    """Ids stay as they are, in our spelling, unless a built-in rule has them."""
    text = "[[rules]]\nid = 'stripe-secret-key'\nregex = 'zeta-[0-9]{6}'\n"
    text += "[[rules]]\nid = 'B_c'\nregex = 'beta-[0-9]{6}'\n"
    assert [rule.id for rule in load(tmp_path, text).rules] == ["gitleaks-stripe-secret-key", "b-c"]


def test_files_extend_files(tmp_path: Path) -> None:
    """The rules below are there, changed where the file above says so; lists grow."""
    (tmp_path / "base.toml").write_text(
        "title = 'base'\n[[rules]]\nid = 'one'\nregex = 'zeta-[0-9]{6}'\n"
        "[[rules]]\nid = 'two'\nregex = 'beta-[0-9]{6}'\n[allowlist]\nregexes = ['^zeta-777777$']\n"
    )
    loaded = load(
        tmp_path,
        "[extend]\npath = 'base.toml'\ndisabledRules = ['two']\n"
        "[[rules]]\nid = 'one'\nregex = 'zeta-[0-9]{8}'\n[[rules.allowlists]]\nstopwords = ['000']\n",
    )
    assert [rule.id for rule in loaded.rules] == ["one"]
    found = scanner(loaded).scan(b"zeta-483920 zeta-48392017 zeta-48300017 beta-483920")
    assert [finding.secret for finding in found] == [b"zeta-48392017"]


def test_without_use_default_an_allowlist_goes_for_the_rules_of_the_file(tmp_path: Path) -> None:
    """A global allowlist is global there; the built-in rules are ours."""
    text = "[[rules]]\nid = 'a'\nregex = 'zeta-[0-9]{6}'\n[allowlist]\nstopwords = ['483']\n"
    found = scanner(load(tmp_path, text)).scan(b"zeta-483920 password=hunter483-Tr0ub4dor")
    assert [finding.rule_id for finding in found] == ["generic-password"]


def test_target_rules_limit_an_allowlist(tmp_path: Path) -> None:
    """An allowlist may name the rules it goes for; unknown ones are noted."""
    loaded = load(
        tmp_path,
        "[[rules]]\nid = 'a'\nregex = 'zeta-[0-9]{6}'\n[[rules]]\nid = 'b'\nregex = 'beta-[0-9]{6}'\n"
        "[[allowlists]]\ntargetRules = ['a', 'c']\nstopwords = ['483']\n",
    )
    assert [f.rule_id for f in scanner(loaded).scan(b"zeta-483920 beta-483920")] == ["b"]
    assert loaded.notes[0].endswith("allowlist: targetRules: no rule 'c' here")


@pytest.mark.parametrize(
    ("allowlist", "note"),
    [
        ("regexes = ['zeta']", "regexes count for the whole secret: write .* where it may go on"),
        ("regexes = ['^zeta.*$']\nregexTarget = 'line'", "goes for the line or match, which is not"),
        ("paths = ['.*']", "paths is not looked at"),
        ("condition = 'AND'\nstopwords = ['zeta']\npaths = ['.*']", "not looked at, so nothing is allowed"),
        ("commits = ['abc']", "commits is not looked at"),
    ],
)  # fmt: skip
def test_an_allowlist_that_cannot_be_kept_allows_less(tmp_path: Path, allowlist: str, note: str) -> None:
    """In doubt a secret is reported, and a note says what does not count."""
    rule = "[[rules]]\nid = 'a'\nregex = 'zeta-[0-9]{6}'\n"
    loaded = load(tmp_path, f"{rule}[[rules.allowlists]]\n{allowlist}\n")
    assert note in "\n".join(loaded.notes)
    assert len(scanner(loaded).scan(b"x zeta-483920 y")) == 1


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("id = 'a'\nregex = '[0-9]{6}'", "rule 'a': its regex holds no literal"),
        ("id = 'a'\nregex = '[0-9]{6}'\nkeywords = ['x']", "rule 'a': its regex holds no literal"),
        ("id = 'a'\nregex = 'zeta('", "rule 'a': regex: a ) too few at character 6"),
        ("id = 'a'\nregex = 1", "rule 'a': regex must be a string"),
        ("id = 'a'\nregex = 'zeta'\nsecretGroup = 1", "rule 'a': secretGroup must be a group of the regex"),
        ("id = 'a'\nregex = 'zeta'\nentropy = 'x'", "rule 'a': entropy must be 0 to 8"),
        ("id = 'a'\nregex = '[0-9]'\nkeywords = 'x'", "rule 'a': keywords must be a list"),
        ("regex = 'zeta'", "a rule has no id"),
        ("id = 'a'\nregex = 'zeta'\n[[rules]]\nid = 'a'\nregex = 'beta'", "the id is used twice"),
        ("id = 'a_b'\nregex = 'zeta'\n[[rules]]\nid = 'a-b'\nregex = 'beta'", "reads as 'a-b' here"),
        ("id = 'a'\nregex = 'zeta'\n[rules.allowlist]\nregexes = ['(']", "rule 'a': allowlist: a ) too few"),
        ("id = 'a'\nregex = 'zeta'\nallowlists = [1]", "allowlists must be tables"),
    ],
)
def test_a_faulty_file_is_an_error_with_file_and_rule(tmp_path: Path, text: str, reason: str) -> None:
    """Nothing is skipped: what cannot be used stops the load."""
    with pytest.raises(RuleError, match=r"g\.toml") as caught:
        load(tmp_path, f"title = 'x'\n[[rules]]\n{text}\n")
    assert str(caught.value).startswith(str(tmp_path / "g.toml"))
    assert reason in str(caught.value)


def test_a_file_may_not_extend_itself(tmp_path: Path) -> None:
    """A circle ends as an error."""
    with pytest.raises(RuleError, match="extend: path must be a file, over at most"):
        load(tmp_path, "[extend]\npath = 'g.toml'\n")


def test_load_rules_says_who_reads_it() -> None:
    """Its allowlists would be lost: so the plain loader refuses it."""
    with pytest.raises(RuleError, match=r"leakscan\.gitleaks\.load_gitleaks"):
        load_rules(FILE)


def test_the_command_takes_both_formats(tmp_path: Path) -> None:
    """--rules recognises the format, notes are on stderr unless -q, and redact goes by it too."""
    log = tmp_path / "app.log"
    log.write_text(f"x {NMB} y\npassword=loadtest-Tr0ub4dor nmb_sample123456\n")
    result = leakscan("--rules", FILE, log)
    assert result.code == 1
    assert "nimbus-token" in result.out
    assert len(result.out.splitlines()) == 1
    assert sum("is ignored" in line for line in result.errors()) == 1
    assert leakscan("-q", "--rules", FILE, log).err == ""
    redacted = leakscan("redact", "-q", "--rules", FILE, log, env=environment())
    assert redacted.out == "x [REDACTED:nimbus-token] y\npassword=loadtest-Tr0ub4dor nmb_sample123456\n"
    assert leakscan("rules", "show", "quartz-key", "--rules", FILE).code == 0
    assert leakscan("rules", "check", FILE).out.endswith("all sound\n")
