"""`leakscan explain`: it agrees with the findings, gives each reason where it holds, and shows no secret."""

from __future__ import annotations

import base64
import gzip
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from command import environment, leakscan, made_up_secret, shows
from leakscan import Allow, Scanner
from leakscan.explain import Explanations, explain
from leakscan.reasons import Reason
from leakscan.rules import builtin_rules
from test_properties import logs

if TYPE_CHECKING:
    from pathlib import Path

RULES = builtin_rules()
SCANNER = Scanner(RULES, engine="ahocorasick", min_confidence="medium")
GITHUB = b"ghp_" + b"k8F2mQ9zXwT4vB7nL1cR5yHs3dJ6gP0aEuOi"


@settings(max_examples=200)
@given(logs)
def test_what_is_reported_is_what_a_scan_finds(data: bytes) -> None:
    """Explanations and findings are one: the same places, rules and confidence, nothing more."""
    reported = [
        (v.line, v.start, v.end, v.rules[0], v.confidence) for v in explain(SCANNER, data) if v.reason is None
    ]
    found = [(f.line, f.start, f.end, f.rule_id, f.confidence) for f in SCANNER.scan(data)]
    assert reported == found


@settings(max_examples=100)
@given(logs, st.lists(st.integers(0, 2000), max_size=5))
def test_any_chunking_gives_the_explanations_of_the_whole(data: bytes, cuts: list[int]) -> None:
    """Chunks may cut anywhere."""
    places = [0, *sorted(cut % (len(data) + 1) for cut in cuts), len(data)]
    explanations = Explanations(SCANNER)
    found = [v for a, b in pairwise(places) for v in explanations.feed(data[a:b])]
    assert found + explanations.close() == explain(SCANNER, data)


CASES: list[tuple[bytes, Reason, bytes]] = [
    (b"x taskghp_" + GITHUB[4:], Reason.BOUNDARY, b"ghp_"),
    (b"x " + GITHUB + b"ABC", Reason.BOUNDARY, GITHUB),
    (b"x ghp_short123456", Reason.REGEX, b"ghp_"),
    (b"x ghp_" + b"x" * 36, Reason.PLACEHOLDER, b"ghp_" + b"x" * 36),
    (b"x AKIA" + b"IOSFODNN7" + b"EXAMPLE y", Reason.PUBLIC, b"AKIAIOSFODNN7EXAMPLE"),
    (b"csrf_token=k8F2mQ9zXwT4vB7nL1cR", Reason.KEY, b"k8F2mQ9zXwT4vB7nL1cR"),
    (b"password=[REDACTED:generic-password]", Reason.TAKEN_OUT, b"REDACTED:generic-password"),
    (b"password=%env(DB_PASSWORD)% x", Reason.REFERENCE, b"%env(DB_PASSWORD)%"),
    (b"password: 'required' x", Reason.STATE, b"required"),
    (b"password=******** x", Reason.PLACEHOLDER, b"********"),
    (b"secret=/var/run/secrets/db.txt x", Reason.PATH, b"/var/run/secrets/db.txt"),
    (b"api_token=12345678901 x", Reason.NUMBER, b"12345678901"),
    (b"token=db01.internal.example.com x", Reason.HOST, b"db01.internal.example.com"),
    (b"token=2024-01-15T10:20:30Z x", Reason.TIME, b"2024-01-15T10:20:30Z"),
    (b"token=com.acme.Token@1a2b3c4d x", Reason.CODE, b"com.acme.Token@1a2b3c4d"),
    (b"password=sha256:9f8b2c7d x", Reason.DIGEST, b"sha256:9f8b2c7d"),
    (b"password: elephants x", Reason.PROSE, b"elephants"),
    (b"token=next_page_is_here x", Reason.PREDICTABLE, b"next_page_is_here"),
    (b"Authorization: Digest username=bob", Reason.CREDENTIAL, b"Digest"),
    (b"Cookie: theme=dark; lang=en", Reason.COOKIE, b"theme=dark"),
    (b"-----BEGIN PRIVATE KEY----- was expected", Reason.PEM, b""),
    (b"token=" + GITHUB, Reason.OVERLAPPED, GITHUB),
]


@pytest.mark.parametrize(("line", "reason", "text"), CASES, ids=lambda value: str(value)[:40])
def test_each_reason_is_given_where_it_holds(line: bytes, reason: Reason, text: bytes) -> None:
    """The reason that a reader would give, and the text that it is about."""
    verdicts = [verdict for verdict in explain(SCANNER, line) if verdict.reason is not None]
    assert (reason, text) in [(verdict.reason, verdict.text) for verdict in verdicts]
    for verdict in verdicts:
        assert line[verdict.start : verdict.end] == verdict.text


def test_a_rule_with_entropy_says_so() -> None:
    """Made of few characters, a token may match and still be no secret."""
    rule = next(r for r in RULES if r.id == "github-personal-access-token")
    strict = Scanner([replace(rule, entropy=6.0)], engine="ahocorasick")
    assert [verdict.reason for verdict in explain(strict, b"x " + GITHUB)] == [Reason.ENTROPY]


def test_weak_allowed_and_disabled_matches_say_so() -> None:
    """What matched and is not reported for the user's own settings names the setting."""
    line = b"password=hunter2-Tr0ub4dor x"
    entry = Allow(reason="the demo account", keys=("password",))
    options: list[tuple[dict[str, Any], Reason, str]] = [
        ({"min_confidence": "certain"}, Reason.CONFIDENCE, ""),
        ({"allow": [entry]}, Reason.ALLOWED, "the demo account"),
        ({"disable": ["generic-password"]}, Reason.RULE_OFF, ""),
    ]
    for option, reason, detail in options:
        (verdict,) = explain(Scanner(RULES, engine="ahocorasick", **option), line)
        assert (verdict.reason, verdict.detail) == (reason, detail)


def test_base64_that_holds_nothing_says_so() -> None:
    """A run of base64 is a candidate when it decodes to something with a keyword."""
    line = b"blob=" + base64.b64encode(b"the word ghp_ and no token") + b" x"
    assert Reason.BASE64 in [verdict.reason for verdict in explain(SCANNER, line)]


def test_a_private_key_in_pieces_is_explained_once() -> None:
    """Lines that belong together are held as in a scan."""
    body = "\n".join(base64.b64encode(bytes(range(n, n + 48))).decode() for n in (0, 50, 100))
    data = f"a\n-----BEGIN PRIVATE KEY-----\n{body}\n-----END PRIVATE KEY-----\nb\n".encode()
    for size in (1, 7, len(data)):
        explanations = Explanations(SCANNER)
        found = [v for at in range(0, len(data), size) for v in explanations.feed(data[at : at + size])]
        found += explanations.close()
        assert [(v.line, v.reason) for v in found if v.rules] == [(3, None)]


def test_a_key_that_holds_a_secret_is_not_shown() -> None:
    """`<token>_password=x` would give the token away as a key's name."""
    for joint in (b".", b"_", b"-", b""):
        for verdict in explain(SCANNER, b"x " + GITHUB + joint + b"password=hunter2-Tr0ub4dor y"):
            assert not any(GITHUB[at : at + 8].decode() in verdict.lead for at in range(4, len(GITHUB) - 8))


def test_no_repr_shows_the_text() -> None:
    """A verdict is about a secret perhaps."""
    (verdict,) = explain(SCANNER, b"password=hunter2-Tr0ub4dor")
    assert "hunter2" not in repr(verdict)


def test_the_command_says_why_and_shows_no_secret(tmp_path: Path) -> None:
    """One line a candidate with place, outcome, rule, masked value and reason; exit 0; compressed too."""
    secret = made_up_secret()
    text = f"a\nkey={secret} password=${{DB_PASSWORD}}\nx sk_live_short\npassword=hunter2-Tr0ub4dor\n"
    log = tmp_path / "app.log.gz"
    log.write_bytes(gzip.compress(text.encode()))
    result = leakscan("explain", log)
    assert result.code == 0
    lines = [line.removeprefix(f"{log}:") for line in result.out.splitlines()]
    assert lines[0] == "2:5  reported  stripe-secret-key  sk_l…(40)  confidence high"
    assert lines[1].startswith("2:55  dropped")
    assert lines[1].endswith("key password  a reference to a value kept elsewhere")
    assert lines[2].startswith("3:3  dropped   stripe-secret-key  ")
    assert lines[2].endswith("keyword sk_live_  what follows does not match the regex")
    assert lines[3] == "4:10  reported  generic-password  …(17)  key password  confidence high"
    assert result.errors() == ["4 candidates: 2 reported"]
    assert not shows(result.out, secret)
    assert "hunter2" not in result.out


def test_the_command_goes_by_the_configuration(tmp_path: Path) -> None:
    """Why something is allowed is in its reason; fewer keywords than rules are not all listed."""
    (tmp_path / ".leakscan.toml").write_text('[[allow]]\nreason = "demo account"\nkey = "password"\n')
    result = leakscan("explain", "-q", stdin=b"password=hunter2-Tr0ub4dor\n", cwd=tmp_path, env=environment())
    assert (
        result.out == "<stdin>:1:10  dropped   generic-password  …(17)  key password  allowed: demo account\n"
    )
    assert result.err == ""


def test_inputs_that_cannot_be_read_are_errors(tmp_path: Path) -> None:
    """What can be read is explained, the rest named; exit 2."""
    log = tmp_path / "a.log"
    log.write_text("password=hunter2-Tr0ub4dor\n")
    result = leakscan("explain", tmp_path / "nope.log", log)
    assert result.code == 2
    assert "nope.log: no such file or directory" in result.err
    assert "reported" in result.out


def test_hostile_text_does_not_reach_the_terminal() -> None:
    """Control characters of the log are shown as escapes, if at all."""
    result = leakscan("explain", stdin=b"password=\x1b[2J\x1b]0;x\x07hunter2-Tr0ub4dor\n")
    assert "\x1b" not in result.out
