"""Records: what is walked, what a name says about its value, and that nothing else changes."""

from __future__ import annotations

import collections
import copy
import json
import random
import string
import types
from dataclasses import dataclass
from functools import cache
from typing import Any, NamedTuple

import pytest

from leakscan import Scanner
from leakscan.redact import UnscannableError
from leakscan.walk import MAX_CONTAINERS, MAX_DEPTH

KEY = b"0123456789abcdef0123456789abcdef"
PASSWORD = "Tr0ub4dor-hunter2"
PUT = "[REDACTED:generic-password]"
PIN_PUT = "[REDACTED:one-time-code]"


@cache
def scanner() -> Scanner:
    """Return one scanner for all tests."""
    return Scanner(key=KEY)


def made_up(seed: int, size: int) -> str:
    """Make up a random word."""
    return "".join(random.Random(seed).choices(string.ascii_letters + string.digits, k=size))


TOKEN = "ghp_" + made_up(1, 36)
TOKEN_PUT = "[REDACTED:github-personal-access-token]"
BEARER = made_up(2, 40)
BEARER_PUT = "Bearer [REDACTED:authorization-bearer]"


class Point(NamedTuple):
    """A named tuple, which must stay one."""

    name: str
    password: str


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        ({"user": {"pass word": PASSWORD}}, {"user": {"pass word": PUT}}),
        ({"db.password": PASSWORD, "ok": "fine"}, {"db.password": PUT, "ok": "fine"}),
        ([{"passwords": [PASSWORD, PASSWORD + "x"]}], [{"passwords": [PUT, PUT]}]),
        ({"msg": f"login with {TOKEN} é"}, {"msg": f"login with {TOKEN_PUT} é"}),
        ({"msg": f"é password={PASSWORD}\nnext"}, {"msg": f"é password={PUT}\nnext"}),
        (("x", (TOKEN,)), ("x", (TOKEN_PUT,))),
        ({"raw": f"a {TOKEN}".encode()}, {"raw": f"a {TOKEN_PUT}".encode()}),
        ({"raw": bytearray(TOKEN.encode())}, {"raw": bytearray(TOKEN_PUT.encode())}),
        ({b"password": PASSWORD}, {b"password": PUT}),
        ({"set": {TOKEN}}, {"set": {TOKEN_PUT}}),
        ({"set": frozenset({TOKEN})}, {"set": frozenset({TOKEN_PUT})}),
        (TOKEN, TOKEN_PUT),
    ],
    ids=lambda value: type(value).__name__,
)
def test_strings_are_found_wherever_they_stand(record: Any, expected: Any) -> None:
    """Names are context, strings are text, and containers keep their type."""
    redacted = scanner().redact_record(record)
    assert redacted == expected
    assert type(redacted) is type(record)


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        (
            {"string.names": ["user", "password"], "string.values": ["bob", PASSWORD]},
            {"string.names": ["user", "password"], "string.values": ["bob", PUT]},
        ),
        ({"values": [PASSWORD], "names": ["password"]}, {"values": [PUT], "names": ["password"]}),
        ({"keys": ["password"], "values": [PASSWORD]}, {"keys": ["password"], "values": [PUT]}),
        ({"value": PASSWORD, "name": "password"}, {"value": PUT, "name": "password"}),
        ({"Name": "db_password", "Value": PASSWORD}, {"Name": "db_password", "Value": PUT}),
        (
            {"key": "authorization", "value": {"stringValue": f"Bearer {BEARER}"}},
            {"key": "authorization", "value": {"stringValue": BEARER_PUT}},
        ),
        (
            {"key": "password", "value": {"arrayValue": {"values": [{"string_value": PASSWORD}]}}},
            {"key": "password", "value": {"arrayValue": {"values": [{"string_value": PUT}]}}},
        ),
        (
            {"key": "x", "value": {"kvlistValue": {"values": [{"key": "pin", "value": {"intValue": 4821}}]}}},
            {
                "key": "x",
                "value": {"kvlistValue": {"values": [{"key": "pin", "value": {"intValue": PIN_PUT}}]}},
            },
        ),
        (["authorization", f"Bearer {BEARER}"], ["authorization", BEARER_PUT]),
        ([("host", "a"), ("password", PASSWORD)], [("host", "a"), ("password", PUT)]),
        (["mysql", "--password", PASSWORD], ["mysql", "--password", PUT]),
        ({"Authorization": [f"Bearer {BEARER}"]}, {"Authorization": [BEARER_PUT]}),
    ],
)
def test_a_name_may_stand_beside_its_value(record: Any, expected: Any) -> None:
    """Sibling arrays, OTLP attributes, name/value objects, pairs and options are paired."""
    assert scanner().redact_record(record) == expected


@pytest.mark.parametrize(
    "record",
    [
        {"required": ["password", "email"]},
        {"key": "colour", "value": {"stringValue": PASSWORD}},
        {"names": ["password"], "values": ["a", PASSWORD]},
        {"password": None, "token": True, "n": 12345, "f": 1.5, "when": object()},
        {"max_tokens": 4096, "password_length": 12345},
        {"password": {"changed": "yesterday"}},
        {"": "", "x": "", "text": "nothing"},
        "plain",
        7,
        None,
    ],
)
def test_a_clean_record_is_the_same_object(record: Any) -> None:
    """What has no secret comes back as it is, not as a copy."""
    assert scanner().redact_record(record) is record
    assert scanner().scan_record(record) == []


def test_clean_parts_are_shared_and_the_input_stays() -> None:
    """Only what holds the secret is copied."""
    record: dict[str, Any] = {"a": {"deep": [1, 2]}, "b": {"password": PASSWORD}}
    before = copy.deepcopy(record)
    redacted = scanner().redact_record(record)
    assert record == before
    assert redacted["a"] is record["a"]
    assert redacted["b"] is not record["b"]
    assert list(redacted) == list(record)


def test_numbers_under_a_password_or_pin_become_labels() -> None:
    """An integer may be a secret by its name; nothing else that is no string is touched."""
    record = {"pin": 4821, "password": 12345678, "count": 12345678, "token": 12345678, "otp": True}
    assert scanner().redact_record(record) == {
        **record,
        "pin": PIN_PUT,
        "password": PUT,
    }


def test_mapping_kinds() -> None:
    """Known kinds of dict stay what they are, others become plain dicts."""
    ordered = collections.OrderedDict(b="x", password=PASSWORD)
    redacted = scanner().redact_record(ordered)
    assert type(redacted) is collections.OrderedDict
    assert list(redacted.items()) == [("b", "x"), ("password", PUT)]

    counted = collections.defaultdict(list, password=PASSWORD)
    redacted = scanner().redact_record(counted)
    assert redacted.default_factory is list
    assert redacted == {"password": PUT}

    proxy = types.MappingProxyType({"password": PASSWORD})
    assert scanner().redact_record(proxy) == {"password": PUT}
    assert scanner().redact_record(proxy | {"password": "-"}) == {"password": "-"}

    point = scanner().redact_record(Point("bob", f"password={PASSWORD}"))
    assert type(point) is Point
    assert point.password == f"password={PUT}"


def test_a_secret_as_a_name_is_taken_out_of_the_name_and_the_path() -> None:
    """A token as a dict's key is redacted, keys stay distinct, and no path shows it."""
    other = "ghp_" + made_up(9, 36)
    record = {TOKEN: {"password": PASSWORD}, other: 1}
    redacted = scanner().redact_record(record)
    assert list(redacted) == [TOKEN_PUT, f"{TOKEN_PUT} #2"]
    paths = [finding.json_path or "" for finding in scanner().scan_record(record)]
    assert paths == [f'$["{TOKEN_PUT}"]~', f'$["{TOKEN_PUT}"].password', f'$["{TOKEN_PUT}"]~']


def test_one_walk_tells_what_it_took_out() -> None:
    """The rules are those of the findings, in order, with names and JSON in strings; failures say why."""
    record = {
        f"password={PASSWORD}": "a",
        "api_key": PASSWORD,
        "n": [1, {"message": f'{{"password":"{PASSWORD}"}} password={PASSWORD}'}],
    }
    done = scanner().records.redacted(record, "label", "mask")
    assert done.value == scanner().redact_record(record)
    assert done.rules == [finding.rule_id for finding in scanner().scan_record(record)]
    assert done.unscanned == []
    deep: Any = f"password={PASSWORD}"
    for _ in range(MAX_DEPTH + 1):
        deep = [deep]
    assert scanner().records.redacted(deep, "label", "mask").unscanned == ["depth"]
    clean = {"a": "all is well"}
    assert scanner().records.redacted(clean, "label", "mask") == (clean, [], [])


def test_findings_have_a_path_and_a_place_in_the_string() -> None:
    """Paths are RFC 9535; offsets count characters of the string, lines are the string's own."""
    record = {"user": {"pass word": [PASSWORD]}, "msg": f"é\nü t={TOKEN}", "raw": b"\xff t=" + TOKEN.encode()}
    found = {f.json_path: f for f in scanner().scan_record(record)}
    assert list(found) == ['$.user["pass word"][0]', "$.msg", "$.raw"]
    word, text, raw = found.values()
    assert (word.rule_id, word.line, word.start, word.end) == ("generic-password", 1, 0, len(PASSWORD))
    assert (text.line, text.start, text.offset, text.end) == (2, 6, 6, 46)
    assert record["msg"][text.start : text.end] == TOKEN  # type: ignore[index] # it is a str
    assert (raw.line, raw.start) == (1, 4)
    assert text.fingerprint == raw.fingerprint
    assert TOKEN not in repr(found)


def test_json_in_a_string_is_entered_and_keeps_its_form() -> None:
    """Only the value goes: white space, number formats, order and repeated names stay."""
    inner = '{ "n": 1.50e3,\n\t"password" :"Tr0ub\\"4\\/dor\\u00e9", "n": 01.0 }'.replace("01.0", "1.00")
    redacted = scanner().redact_record({"body": f"got {inner} ok"})
    assert redacted["body"] == f"got {inner} ok".replace('Tr0ub\\"4\\/dor\\u00e9', PUT)
    (finding,) = scanner().scan_record({"body": inner})
    assert finding.secret == 'Tr0ub"4/doré'.encode()
    assert inner[finding.start : finding.end] == 'Tr0ub\\"4\\/dor\\u00e9'


@pytest.mark.parametrize("levels", range(1, 7))
def test_json_in_json_is_entered_at_every_level(levels: int) -> None:
    """A secret that only its sibling names is found under any number of escapes; the text still parses."""
    value: Any = {"string.values": ["x", PASSWORD], "string.names": ["user", "password"]}
    for _ in range(levels):
        value = {"body": json.dumps(value)}
    redacted = scanner().redact_record(value)
    for _ in range(levels):
        redacted = json.loads(redacted["body"])
    assert redacted["string.values"] == ["x", PUT]


def test_escaped_json_without_its_quotes_is_entered() -> None:
    """A part of a JSON string that was pasted into text is read as well."""
    pasted = json.dumps(json.dumps({"value": PASSWORD, "name": "password"}))[1:-1]
    redacted = scanner().redact_record({"m": f"payload={pasted} ok"})
    assert redacted == {"m": f"payload={pasted} ok".replace(PASSWORD, PUT)}


def test_a_number_in_json_text_becomes_a_string() -> None:
    """JSON in a string stays JSON when a bare number is a secret."""
    redacted = scanner().redact_record({"m": '{"pin":\n  4821, "n": [4821]}'})
    assert json.loads(redacted["m"]) == {"pin": PIN_PUT, "n": [4821]}


def test_a_private_key_goes_whole() -> None:
    """A key over several lines in one string is taken out of it, its armour stays."""
    body = "\n".join(made_up(seed, 64) for seed in range(4))
    pem = f"-----BEGIN PRIVATE KEY-----\n{body}\n-----END PRIVATE KEY-----"
    redacted = json.dumps(scanner().redact_record({"k": pem, "j": json.dumps({"k": pem})}))
    assert not any(line in redacted for line in body.splitlines())
    assert json.loads(json.loads(redacted)["j"])["k"].startswith("-----BEGIN PRIVATE KEY-----\n")


def test_too_deep_is_masked_and_counted_as_a_failure() -> None:
    """What lies too deep is never passed on unscanned, whatever the policy says it becomes."""
    record: Any = [TOKEN]
    for _ in range(MAX_DEPTH + 5):
        record = [record]
    text = repr(scanner().redact_record(record))
    assert TOKEN not in text
    assert "[LEAKSCAN:unscanned reason=depth bytes=0]" in text
    with pytest.raises(UnscannableError):
        scanner().redact_record(record, on_failure="block")
    with pytest.raises(UnscannableError):
        scanner().scan_record(record)
    assert TOKEN in repr(scanner().redact_record(record, on_failure="open"))


def test_a_cycle_ends() -> None:
    """A record that holds itself comes back without what it refers to."""
    record: dict[str, Any] = {"password": PASSWORD}
    record["self"] = [record]
    redacted = scanner().redact_record(record)
    assert redacted == {"password": PUT, "self": ["[LEAKSCAN:unscanned reason=cycle bytes=0]"]}
    assert [f.json_path for f in scanner().scan_record(record)] == ["$.password"]


def test_shared_parts_do_not_multiply() -> None:
    """A record whose parts refer to each other 2^40 times is dealt with at once."""
    clean: Any = ["nothing here"]
    dirty: Any = [TOKEN]
    for _ in range(40):
        clean, dirty = [clean, clean], [dirty, dirty]
    assert scanner().redact_record(clean) is clean
    small: Any = {"a": clean, "b": TOKEN}
    assert scanner().redact_record(small) == {"a": clean, "b": TOKEN_PUT}
    assert MAX_CONTAINERS <= 100_000
    assert "reason=size" in repr(scanner().redact_record(dirty[0]))


class Angry(collections.abc.Mapping[str, str]):
    """A mapping that cannot be read."""

    def __getitem__(self, key: str) -> str:
        raise KeyError(key)

    def __iter__(self) -> Any:
        raise RuntimeError("no")

    def __len__(self) -> int:
        return 1


def test_what_cannot_be_read_is_masked() -> None:
    """Other people's classes may raise; the record around them still comes through."""
    redacted = scanner().redact_record({"a": Angry(), "password": PASSWORD})
    assert redacted == {"a": "[LEAKSCAN:unscanned reason=RuntimeError bytes=0]", "password": PUT}


def test_our_own_failure_masks_the_string(monkeypatch: pytest.MonkeyPatch) -> None:
    """A bug in the scanner never lets a string through."""
    mine = Scanner(key=KEY)

    def broken(*_: Any) -> Any:
        raise ZeroDivisionError

    monkeypatch.setattr(mine, "settle", broken)
    assert mine.redact_record({"a": TOKEN, "b": 1}) == {
        "a": "[LEAKSCAN:unscanned reason=ZeroDivisionError bytes=40]",
        "b": 1,
    }
    monkeypatch.setattr(mine, "selects", broken)
    assert TOKEN not in repr(mine.redact_record({"a": TOKEN, TOKEN: 1}))


@dataclass
class User:
    """A dataclass as people log them."""

    name: str
    password: str


class Shown:
    """An object that shows a secret only when it is written."""

    def __str__(self) -> str:
        return f"<shown {TOKEN}>"

    __repr__ = object.__repr__


def test_a_name_that_is_spelt_in_json_in_text_counts() -> None:
    r"""`"pass\u0077ord"` is a password's name, also in JSON that stands in the middle of a text."""
    record = {"line": 'sent {"pass\\u0077ord":"' + PASSWORD + '"} to all'}
    assert [finding.rule_id for finding in scanner().scan_record(record)] == ["generic-password"]


def test_what_the_prefilter_selects_for_nothing_is_clean() -> None:
    """A text of which a look shows that it holds no secret comes back as the same object, as do its kin."""
    record = {"line": "sudo: PWD=/home/bob ; USER=root ; COMMAND=/usr/bin/true", "n": 1}
    assert scanner().selects(record["line"].encode())
    assert scanner().redact_record(record) is record


def test_other_objects_are_left_alone_unless_asked() -> None:
    """`redact_record` does not run the code of other objects; the loggers ask for it."""
    record = {"user": User("bob", PASSWORD), "shown": Shown(), "path": types.SimpleNamespace(a=1)}
    assert scanner().redact_record(record) is record
    redacted = scanner().records.redact(record, objects=True)
    assert redacted["user"] == {"name": "bob", "password": PUT}
    assert redacted["shown"] == f"<shown {TOKEN_PUT}>"
    assert redacted["path"] is record["path"]


@pytest.mark.parametrize("style", ["label", "hash", "mask", "partial"])
def test_styles(style: Any) -> None:
    """All styles take the secret out, and none is found again."""
    record = {"password": PASSWORD, "t": f"x {TOKEN}", "j": json.dumps({"password": 'a"' + PASSWORD})}
    redacted = scanner().redact_record(record, style)
    assert PASSWORD not in repr(redacted)
    assert TOKEN not in repr(redacted)
    assert json.loads(redacted["j"]).keys() == {"password"}
    assert scanner().redact_record(redacted, style) is redacted
