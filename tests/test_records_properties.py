"""Oracles for records: what holds for every record, whatever its shape."""

from __future__ import annotations

import copy
import json
import random
import string
from functools import cache
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from leakscan import Scanner
from leakscan.jsontext import Members, Number, Text, parse, unescape

KEY = b"0123456789abcdef0123456789abcdef"


@cache
def scanner() -> Scanner:
    """Return one scanner for all tests."""
    return Scanner(key=KEY)


def made_up(seed: int, size: int) -> str:
    """Make up a random word with a letter and a digit in it."""
    return "aZ7" + "".join(random.Random(seed).choices(string.ascii_letters + string.digits, k=size - 3))


tokens = st.integers(0, 10**6).map(lambda seed: "ghp_" + made_up(seed, 36))
passwords = st.integers(0, 10**6).map(lambda seed: made_up(seed, 16))
texts = st.one_of(
    st.text(max_size=12),
    st.text(alphabet='{}[]",:\\/ \n=&%', max_size=10),
    st.sampled_from(["name", "value", "password", "token", "key", "a.names", "a.values", "authorization"]),
)
scalars = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), texts)


def planted(secret: str, *, keyed: bool) -> st.SearchStrategy[Any]:
    """Return records that hold a secret in one of the shapes in which it is known for one."""
    if not keyed:
        return st.one_of(
            st.tuples(texts, texts).map(lambda around: f"{around[0]} {secret} {around[1]}"),
            st.just({secret: 1}),
            st.just([[secret]]),
        )
    return st.sampled_from(
        [
            {"password": secret},
            {"name": "password", "value": secret},
            {"value": {"stringValue": secret}, "key": "db.password"},
            {"a.names": ["x", "password"], "a.values": ["y", secret]},
            ["password", secret],
            {"password": [secret, "x"]},
            f"login password={secret} done",
        ]
    )


def around(record: Any) -> st.SearchStrategy[Any]:
    """Return records that hold another one, as an object or as JSON text, perhaps several times over."""
    wrapped = st.sampled_from(
        [
            lambda r: {"in": r},
            lambda r: [r, 1],
            lambda r: {"body": json.dumps(r)},
            lambda r: {"body": json.dumps(r, indent=1, ensure_ascii=False)},
            lambda r: {"msg": "got " + json.dumps(r) + " in 3ms"},
            lambda r: json.dumps(json.dumps(r)),
        ]
    )
    noise = st.dictionaries(texts, scalars, max_size=3)
    return st.tuples(st.lists(wrapped, max_size=3), noise).map(
        lambda drawn: {"r": _nest(record, drawn[0]), "n": drawn[1]}
    )


def _nest(record: Any, wraps: list[Any]) -> Any:
    for wrap in wraps:
        record = wrap(record)
    return record


@st.composite
def records_with_a_secret(draw: st.DrawFn) -> tuple[Any, str]:
    """Draw a record and the secret that it holds."""
    keyed = draw(st.booleans())
    secret = draw(passwords if keyed else tokens)
    return draw(around(draw(planted(secret, keyed=keyed)))), secret


anything = st.recursive(
    st.one_of(scalars, tokens, passwords.map(lambda p: f"password={p}")),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.dictionaries(st.one_of(texts, tokens), inner, max_size=4),
        st.dictionaries(texts, inner, max_size=3).map(json.dumps),
    ),
    max_leaves=12,
)


@given(anything)
def test_the_input_stays_and_the_output_is_json(record: Any) -> None:
    """Redacting never changes its input, and what could be written as JSON still can."""
    before = copy.deepcopy(record)
    redacted = scanner().redact_record(record)
    assert record == before
    json.dumps(redacted)


@given(anything)
def test_redacting_twice_changes_nothing(record: Any) -> None:
    """No label is ever found again: the second time, the record comes back as the same object."""
    redacted = scanner().redact_record(record)
    assert scanner().redact_record(redacted) == redacted


@given(records_with_a_secret())
@settings(max_examples=300)
def test_no_planted_secret_is_left(drawn: tuple[Any, str]) -> None:
    """Wherever a secret is known for one, not even half of it is left, and what was JSON still is."""
    record, secret = drawn
    redacted = scanner().redact_record(record)
    text = json.dumps(redacted, ensure_ascii=False)
    assert not any(secret[i : i + 8] in text for i in range(4, len(secret) - 7))
    _same_form(record, redacted)


@given(records_with_a_secret())
def test_scan_finds_what_redact_takes_out(drawn: tuple[Any, str]) -> None:
    """A record has findings just when redacting it changes it, and each has a path and the secret."""
    record, secret = drawn
    findings = scanner().scan_record(record)
    assert any(secret.encode() in finding.secret for finding in findings)
    assert all(finding.json_path and secret not in finding.json_path for finding in findings)


def _same_form(before: Any, after: Any) -> None:
    """Require that JSON text in a record is JSON text with the same names afterwards."""
    if isinstance(before, dict):
        for old, new in zip(before.values(), after.values(), strict=True):
            _same_form(old, new)
    elif isinstance(before, list):
        for old, new in zip(before, after, strict=True):
            _same_form(old, new)
    elif isinstance(before, str) and before[:1] in {"{", "[", '"'}:
        try:
            value = json.loads(before)
        except ValueError:
            return
        _same_form(value, json.loads(after))


def plain(value: Any) -> Any:
    """Return what parsed JSON text stands for, as `json` has it."""
    if isinstance(value, Text):
        return str(value)
    if isinstance(value, Number):
        return None
    if isinstance(value, Members):
        return {str(name): plain(member) for name, member in value.members}
    return [plain(item) for item in value]


def without_numbers(value: Any) -> Any:
    """Return a value with None for what is a number, true, false or null."""
    if isinstance(value, str):
        return value
    if isinstance(value, dict):
        return {name: without_numbers(member) for name, member in value.items()}
    return [without_numbers(item) for item in value] if isinstance(value, list) else None


documents = st.recursive(
    scalars,
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(texts, inner, max_size=4)),
    max_leaves=12,
)


@given(documents, st.sampled_from([None, 1]), st.booleans())
def test_the_parser_reads_what_json_reads(document: Any, indent: int | None, ascii_only: bool) -> None:  # noqa: FBT001 - hypothesis passes it
    """The parser with positions agrees with the standard library's, and its spans are the strings."""
    data = json.dumps(document, indent=indent, ensure_ascii=ascii_only).encode()
    value, end = parse(data, 0)
    assert end == len(data)
    assert plain(value) == without_numbers(document)


@given(st.text(max_size=20), st.booleans())
def test_unescaping_keeps_track_of_positions(text: str, ascii_only: bool) -> None:  # noqa: FBT001 - as above
    """Every character of the plain text leads to where it stands in the escaped text."""
    raw = json.dumps(text, ensure_ascii=ascii_only)[1:-1].encode()
    plain_text = unescape(raw)
    assert plain_text.data.decode() == text
    position = 0
    for character in text:
        size = len(character.encode())
        source = raw[plain_text.source(position) : plain_text.source(position + size)]
        assert json.loads(b'"' + source + b'"') == character
        position += size
