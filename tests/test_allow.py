"""Allowlists in the library: what an entry allows, wherever a secret turns up, and what it never does."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leakscan import Allow, Scanner
from leakscan.records import Records
from leakscan.rules import builtin_rules

KEY = b"an obviously fake key of tests"
SECRET = b"hunter2-Tr0ub4dor"
LINE = b"login demo_password=" + SECRET + b" ok"
RULES = builtin_rules()


def scanner(*allow: Allow, **options: Any) -> Scanner:
    """Return a scanner that goes by these entries."""
    return Scanner(RULES, key=KEY, engine="ahocorasick", allow=allow, **options)


PLAIN = scanner()
MARK = PLAIN.scan(LINE)[0].fingerprint

HOLDS: list[dict[str, Any]] = [
    {"fingerprints": (MARK,)},
    {"rules": ("generic-password",)},
    {"values": (SECRET,)},
    {"values": (b"other", SECRET)},
    {"regexes": (r"hunter\d-[A-Za-z0-9]+",)},
    {"keys": ("demo_password",)},
    {"keys": ("DEMO_Password",)},
    {"rules": ("generic-password",), "keys": ("demo_password",), "regexes": ("hunter2.*",)},
]
FAILS: list[dict[str, Any]] = [
    {"fingerprints": ("0" * 24,)},
    {"rules": ("generic-token",)},
    {"values": (b"hunter2",)},
    {"values": (SECRET + b" ",)},
    {"regexes": ("hunter2",)},
    {"regexes": ("Tr0ub4dor",)},
    {"regexes": ("^hunter2", "dor$")},
    {"keys": ("password",)},
    {"paths": ("*",)},
    {"rules": ("generic-password",), "keys": ("password",)},
    {"values": (SECRET,), "regexes": ("hunter3.*",)},
]


@pytest.mark.parametrize("conditions", HOLDS, ids=str)
def test_an_entry_whose_conditions_all_hold_allows(conditions: dict[str, Any]) -> None:
    """What is allowed is neither reported nor redacted; clean bytes come back as the same object."""
    made = scanner(Allow(reason="demo", **conditions))
    assert made.scan(LINE) == []
    assert made.redact(LINE) is LINE


@pytest.mark.parametrize("conditions", FAILS, ids=str)
def test_an_entry_of_which_one_condition_fails_allows_nothing(conditions: dict[str, Any]) -> None:
    """A part of the value is not the value, another key is another key, and no path is no path."""
    made = scanner(Allow(reason="demo", **conditions))
    assert made.scan(LINE) == PLAIN.scan(LINE)
    assert made.redact(LINE) == PLAIN.redact(LINE) != LINE


def test_one_of_several_entries_is_enough() -> None:
    """Entries are alternatives."""
    made = scanner(Allow(reason="a", values=(b"x",)), Allow(reason="b", keys=("demo_password",)))
    assert made.scan(LINE) == []


def test_an_entry_allows_its_secret_and_no_other_of_the_line() -> None:
    """Beside an allowed value everything else is found as before."""
    made = scanner(Allow(reason="demo", values=(SECRET,)))
    line = LINE + b" password=0ther-Tr0ub4dor"
    assert [finding.secret for finding in made.scan(line)] == [b"0ther-Tr0ub4dor"]
    assert made.redact(line) == LINE + b" password=[REDACTED:generic-password]"


@pytest.mark.parametrize(
    ("line", "key"),
    [
        (b'{"a":1,"db_password":"%b"}', "db_password"),
        (rb'{"msg":"{\"db_password\":\"%b\"}"}', "db_password"),
        (b"run --db-password %b x", "db-password"),
        (b"run --db-password=%b x", "db-password"),
        (b"X-Db-Secret: k9%bx77Qp", "x-db-secret"),
        (b"Authorization: Bearer %b", "authorization"),
        (b"Cookie: a=b; sessionid=k9%bx77Qp", "sessionid"),
        (b'{"names":["user","db_password"],"values":["bob","%b"]}', "db_password"),
        (b"<db_password>%b</db_password>", "db_password"),
    ],
)
def test_the_key_of_a_value_is_known_in_every_shape(line: bytes, key: str) -> None:
    """JSON, options, headers, cookies, columns, XML: a key's name is what stands there, without dashes."""
    line = line.replace(b"%b", SECRET)
    assert PLAIN.scan(line)
    assert scanner(Allow(reason="demo", keys=(key,))).scan(line) == []
    assert scanner(Allow(reason="demo", keys=("x" + key,))).scan(line) == PLAIN.scan(line)


def test_records_go_by_the_allowlist() -> None:
    """Members of dicts, values beside their names, JSON in strings: all by key and value."""
    record = {
        "demo_password": SECRET.decode(),
        "pairs": [{"key": "demo_password", "value": SECRET.decode()}],
        "inner": '{"demo_password": "' + SECRET.decode() + '"}',
        "text": LINE.decode(),
    }
    for entry in (Allow(reason="a", keys=("demo_password",)), Allow(reason="b", values=(SECRET,))):
        made = scanner(entry)
        assert isinstance(made.records, Records)
        assert made.scan_record(record) == []
        assert made.redact_record(record) == record
    assert len(PLAIN.scan_record(record)) == 4


def test_a_token_in_base64_is_allowed_by_its_value_too() -> None:
    """What a run of base64 holds is judged by itself, and the run by what it is."""
    token = b"ghp_" + b"k8F2mQ9zXwT4vB7nL1cR" + b"5yHs3dJ6gP0a" + b"EuOi"
    line = b"blob=" + base64.b64encode(b"user:" + token + b";x") + b" end"
    assert PLAIN.scan(line)
    assert scanner(Allow(reason="demo", values=(token,))).scan(line) == []


def test_a_path_counts_where_one_is_known() -> None:
    """Streams may have a path; `*` stands for anything in it."""
    made = scanner(Allow(reason="fixtures", paths=("./tests/*.log",)))
    for path, is_allowed in [
        ("tests/a.log", True),
        ("./tests/b/../c/d.log", True),
        ("tests/a.txt", False),
        ("more/tests/a.log", False),
        (None, False),
    ]:
        stream = made.stream(path=path)
        assert (stream.feed(LINE) + stream.close() == []) is is_allowed


def test_an_allowed_token_is_not_reported_as_something_else() -> None:
    """An entry goes for what has won: the weaker rule that would see the same text stays silent."""
    token = "ghp_" + "k8F2mQ9zXwT4vB7nL1cR5yHs3dJ6gP0aEuOi"
    line = f"token={token}"
    (finding,) = PLAIN.scan(line)
    assert finding.rule_id == "github-personal-access-token"
    assert scanner(Allow(reason="demo", rules=(finding.rule_id,))).scan(line) == []


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"reason": "x"}, "no condition"),
        ({"reason": " ", "rules": ("a",)}, "reason"),
        ({"reason": "x", "rules": "generic-password"}, "rules: must be a tuple"),
        ({"reason": "x", "values": ("text",)}, "values: must be a tuple of bytes"),
        ({"reason": "x", "values": (b"",)}, "values: must not be empty"),
        ({"reason": "x", "regexes": ("(",)}, "regexes: "),
        ({"reason": "x", "fingerprints": ("abc",)}, "fingerprints: must be 24"),
    ],
)
def test_an_entry_that_cannot_work_is_refused(options: dict[str, Any], reason: str) -> None:
    """Each fault is an error when the entry is made, not when a log is scanned."""
    with pytest.raises(ValueError, match=reason):
        Allow(**options)


def test_an_entry_for_a_rule_that_does_not_exist_is_refused() -> None:
    """A misspelt id would allow nothing, silently."""
    with pytest.raises(ValueError, match="no rule has the id 'generic-pasword'"):
        scanner(Allow(reason="x", rules=("generic-pasword",)))


def test_fingerprints_need_the_key_that_made_them() -> None:
    """With a random key no fingerprint would ever hold."""
    with pytest.raises(ValueError, match="need the key"):
        Scanner(RULES, allow=[Allow(reason="x", fingerprints=(MARK,))])


def test_a_regex_without_end_allows_nothing() -> None:
    """A pattern that backtracks for ever is given up, and the secret is reported."""
    made = scanner(Allow(reason="x", regexes=(r"(?:[a-z]|[a-z0-9]|[a-z0-9]{2})+!",)))
    line = b"password=" + b"k8f2mq9zxw" * 6 + b"?"
    assert len(made.scan(line)) == 1


def test_no_repr_shows_a_value() -> None:
    """An allowed value is a secret all the same."""
    assert SECRET.decode() not in repr(Allow(reason="x", values=(SECRET,)))


@given(st.binary(max_size=60), st.sampled_from(["[[allow]]", "leakscan:allow", "gitleaks:allow", "# nosec"]))
def test_nothing_in_a_log_allows_anything(noise: bytes, comment: str) -> None:
    """Whatever stands around a secret, ignore comments of any tool too, it is reported."""
    noise = noise.replace(b"\n", b" ")
    line = noise + b"\n" + LINE + b" # " + comment.encode() + b"\n" + noise
    assert any(finding.secret == SECRET for finding in scanner().scan(line))
