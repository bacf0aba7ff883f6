"""The pack `pii`: off unless asked for, right to the byte, the same on both engines, below every secret."""

from __future__ import annotations

import random
import string
from functools import cache
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from command import leakscan
from leakscan import Scanner
from leakscan.explain import explain
from leakscan.reasons import Reason
from leakscan.rulecheck import check_rules, marked
from leakscan.rules import builtin_rules, pack_rules
from leakscan.validators.iban import LENGTHS, iban
from leakscan.validators.luhn import luhn
from leakscan.validators.phone import phone
from leakscan.validators.ssn import ssn

if TYPE_CHECKING:
    from pathlib import Path

KEY = b"an obviously fake key of tests"
PACK = pack_rules(["pii"])


@cache
def scanner(engine: str = "ahocorasick") -> Scanner:
    """Return a scanner with the pack; building one costs more than a test."""
    return Scanner(packs=["pii"], engine=engine, key=KEY)


def card(prefix: str, length: int, seed: int) -> str:
    """Make up a card number with the right check digit."""
    digits = prefix + "".join(random.Random(seed).choices(string.digits, k=length - len(prefix) - 1))
    return next(digits + last for last in string.digits if luhn((digits + last).encode()))


def account(country: str, seed: int) -> str:
    """Make up an IBAN with the right check digits."""
    rest = "".join(random.Random(seed).choices(string.digits, k=LENGTHS[country] - 4))
    made = (f"{country}{number:02}{rest}" for number in range(2, 99))
    return next(text for text in made if iban(text.encode()))


def grouped(text: str, separator: str) -> str:
    """Put a separator after every four characters."""
    return separator.join(text[place : place + 4] for place in range(0, len(text), 4))


@pytest.mark.parametrize("engine", ["ahocorasick", "hyperscan"])
def test_every_example_is_reported_to_the_byte(engine: str) -> None:
    """Examples and negatives of the pack hold beside the built-in rules, on both engines."""
    assert check_rules(PACK, beside=builtin_rules(), engine=engine) == []


def test_the_pack_is_off_unless_asked_for() -> None:
    """Without it none of its examples is a finding of its rules."""
    plain = Scanner(engine="ahocorasick", min_confidence="low")
    for rule in PACK:
        for example in rule.examples:
            assert not any(f.rule_id.startswith("pii-") for f in plain.scan(marked(example)[0]))


def test_a_pack_that_does_not_exist_is_refused() -> None:
    """A misspelt name would find nothing, silently."""
    with pytest.raises(ValueError, match="no pack 'pi': one of pii"):
        Scanner(packs=["pi"])


pieces = st.one_of(
    st.sampled_from(
        ["@", "%40", "+", "-", " ", "a.b", ".com", "4111", "1111 ", "+1", "ssn", "(", ")", "DE89", "%3D",
         "\\n", "%20", "%2520", "\\u0020", "\\x20", "\\012", "\\U00000020", "[32m",
         "536-22-1234", "bob@example.com", '"', ":", "://", "/", ",", "20", "GB29 NWBK 6016 1331 9268 19"]
    ),
    st.text(string.digits + " -", max_size=20),
    st.text(string.printable, max_size=8),
    st.integers(0, 999).map(lambda seed: card("4", 16, seed)),
    st.integers(0, 999).map(lambda seed: grouped(card("55", 16, seed), " ")),
    st.integers(0, 999).map(lambda seed: account("DE", seed)),
    st.integers(0, 999).map(lambda seed: f"password=x{seed}-Tr0ub4dor"),
)  # fmt: skip
logs = st.lists(pieces, max_size=12).map("".join).map(str.encode)


@settings(max_examples=500)
@given(logs)
def test_engines_find_the_same(data: bytes) -> None:
    """The two engines give equal findings, fingerprints and all."""
    assert scanner("ahocorasick").scan(data) == scanner("hyperscan").scan(data)


@settings(max_examples=300)
@given(logs)
def test_redaction_is_idempotent_and_explanations_agree(data: bytes) -> None:
    """What was taken out is not found again; what explain reports is what a scan finds."""
    redacted = scanner().redact(data)
    assert scanner().redact(redacted) == redacted
    found = [(f.line, f.start, f.end, f.rule_id) for f in scanner().scan(data)]
    reported = [(v.line, v.start, v.end, v.rules[0]) for v in explain(scanner(), data) if v.reason is None]
    assert reported == found


@pytest.mark.parametrize(
    ("prefix", "length"),
    [("4", 16), ("51", 16), ("2221", 16), ("34", 15), ("37", 15), ("6011", 16), ("36", 14), ("3530", 16),
     ("62", 16), ("2204", 16)],
)  # fmt: skip
def test_cards_of_every_network_are_found_and_altered_ones_are_not(prefix: str, length: int) -> None:
    """Bare, spaced and hyphenated; a changed last digit never passes."""
    for seed in range(20):
        number = card(prefix, length, seed)
        wrong = number[:-1] + str((int(number[-1]) + 1) % 10)
        shapes = [lambda text: text]
        if length == 16:
            shapes += [lambda text: grouped(text, " "), lambda text: grouped(text, "-")]
        elif length == 15:
            shapes.append(lambda text: f"{text[:4]} {text[4:10]} {text[10:]}")
        for shape in shapes:
            (finding,) = scanner().scan(f"pan={shape(number)}, 12/27")
            assert (finding.rule_id, finding.secret.decode()) == ("pii-payment-card", shape(number))
            assert scanner().scan(f"pan={shape(wrong)}, 12/27") == []


@pytest.mark.parametrize("country", sorted(LENGTHS))
def test_accounts_of_every_country_are_found_and_altered_ones_are_not(country: str) -> None:
    """Compact and in groups; a digit changed, lost or added never passes."""
    text = account(country, len(country))
    for shown in (text, grouped(text, " ")):
        (finding,) = scanner().scan(f"to {shown} ok")
        assert (finding.rule_id, finding.confidence, finding.secret.decode()) == (
            "pii-iban",
            "certain",
            shown,
        )
    wrong = text[:-1] + str((int(text[-1]) + 1) % 10)
    for altered in (wrong, text[:-1], text + "0"):
        assert not any(f.rule_id == "pii-iban" for f in scanner().scan(f"to {altered} ok"))


def test_the_checks_hold_for_the_whole_number_only() -> None:
    """Lengths, ranges and forms: what is close is refused."""
    for check, good, bad in (
        (luhn, [b"4111111111111111", b"3782 822463 10005"], [b"411111111111111", b"7111111111111111", b"x"]),
        (iban, [b"NO9386011117947"], [b"no9386011117947", b"XX9386011117947", b"NO93"]),
        (ssn, [b"536-22-1234", b"536 22 1234"], [b"536-22 1234", b"536221234", b"900-22-1234"]),
        (phone, [b"+4930901820", b"+14155552671"], [b"4930901820", b"+49", b"+2830901820", b"+11155552671"]),
    ):
        assert all(check(text) for text in good)
        assert not any(check(text) for text in [*bad, b""])


@pytest.mark.parametrize(
    ("line", "rules"),
    [
        ("postgres://app:s3cr3t-pw@db.example.com/x", ["url-password"]),
        ("password=bob@example.com", ["generic-password"]),
        ('{"password":"4539578763621486"}', ["generic-password"]),
        ("Authorization: Bearer k8F2mQ9z+4930901820.XwT4vB7nL1cR", ["authorization-bearer"]),
        ("user=bob@example.com password=hunter2-Tr0ub4dor", ["pii-email", "generic-password"]),
    ],
)
def test_a_secret_wins_over_the_personal_data_in_it(line: str, rules: list[str]) -> None:
    """A password that is an address is a password, whole."""
    assert [finding.rule_id for finding in scanner().scan(line)] == rules


def test_records_are_looked_through_as_text_is() -> None:
    """Strings of records hold personal data too."""
    record = {"user": {"mail": "bob@example.com", "n": 3}, "log": "card 4111 1111 1111 1111 ok"}
    assert scanner().redact_record(record) == {
        "user": {"mail": "[REDACTED:pii-email]", "n": 3},
        "log": "card [REDACTED:pii-payment-card] ok",
    }


def test_a_number_in_json_stays_json() -> None:
    """A bare number becomes a string."""
    assert scanner().redact('{"pan":4111111111111111}') == '{"pan":"[REDACTED:pii-payment-card]"}'


def test_explain_says_that_a_check_does_not_hold() -> None:
    """A candidate of the pack has its own reason."""
    verdicts = explain(scanner(), b"card 4111 1111 1111 1112 ok")
    assert [(verdict.rules, verdict.reason) for verdict in verdicts] == [
        (("pii-payment-card",), Reason.CHECK)
    ]


def test_the_command_takes_the_pack_by_option_and_configuration(tmp_path: Path) -> None:
    """--pack pii and packs = ["pii"], for scan, redact, explain and rules."""
    line = "from bob@example.com to DE89370400440532013000\n"
    log = tmp_path / "app.log"
    log.write_text(line)
    assert leakscan(log).code == 0
    assert leakscan("--pack", "pii", log).code == 1
    out = leakscan("redact", "-q", "--pack", "pii", log).out
    assert out == "from [REDACTED:pii-email] to [REDACTED:pii-iban]\n"
    (tmp_path / ".leakscan.toml").write_text('packs = ["pii"]\ndisable = ["pii-iban"]\n')
    assert (
        leakscan("redact", "-q", log, cwd=tmp_path).out
        == "from [REDACTED:pii-email] to DE89370400440532013000\n"
    )
    assert "pii-email" in leakscan("explain", log, cwd=tmp_path).out
    assert "pii-email" in leakscan("rules", "list", "--pack", "pii").out
    assert "pii-email" not in leakscan("rules", "list").out
    assert leakscan("rules", "show", "pii-email", "--pack", "pii").code == 0
    assert "'nope' is not" in leakscan("--pack", "nope", log).err
