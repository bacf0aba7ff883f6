"""Any bytes through every codec: no crash, no hang, and nothing changes where there is nothing to redact."""

from __future__ import annotations

import json

import pytest

pytest.importorskip("cramjam")

import cramjam
import orjson
from hypothesis import example, given
from hypothesis import strategies as st

from leakscan import Scanner
from leakscan.keynames import KeyNames
from leakscan.keys import classify
from leakscan.sidecar.codecs import CODECS, MalformedError, Redaction, Tally, clickhouse, loki, rewrite, wire
from leakscan.sidecar.codecs.clickhouse import Insert
from leakscan.sidecar.codecs.jsondoc import redact_document

REDACTION = Redaction.of(Scanner(key=b"an obviously fake key"))
FORMATS = (
    "jsoneachrow",
    "jsoncompacteachrow",
    "jsoncompacteachrowwithnames",
    "tsv",
    "tsvwithnames",
    "csv",
    "csvwithnamesandtypes",
    "values",
    "json",
)
SECRET = "r8Zp2kQw91LmXvT4"
WORDS = st.sampled_from(
    [
        "password",
        "x",
        "string.names",
        "string.values",
        "token=",
        "a",
        "key",
        "value",
        "-----BEGIN RSA PRIVATE KEY-----",
        "\\u0070",
        '{"',
        "\n",
        "'",
        '"',
        ",",
        "[",
        "]",
        "}",
        ":",
    ]
)
TEXT = st.one_of(st.text(max_size=20), st.lists(WORDS, max_size=8).map("".join))
JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), TEXT),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(TEXT, inner, max_size=4)),
    max_leaves=12,
)
FIELDS = st.recursive(
    st.one_of(st.binary(max_size=12), TEXT.map(str.encode)),
    lambda inner: st.lists(st.tuples(st.integers(1, 13), inner), max_size=4).map(
        lambda pairs: b"".join(wire.field(number, body) for number, body in pairs)
    ),
    max_leaves=12,
)
BODIES = st.one_of(
    st.binary(max_size=200), TEXT.map(str.encode), JSON.map(lambda value: json.dumps(value).encode()), FIELDS
)


def run(codec: str, body: bytes) -> bytes | None:
    """Rewrite, or refuse."""
    try:
        return rewrite(codec, body, REDACTION, Tally())
    except MalformedError:
        return None


@pytest.mark.parametrize("codec", CODECS)
@given(body=BODIES)
def test_any_bytes(codec: str, body: bytes) -> None:
    """Every body is rewritten or refused, and a second time changes nothing."""
    if codec == "loki-protobuf":
        body = bytes(cramjam.snappy.compress_raw(body))
    out = run(codec, body)
    if out is not None:
        assert run(codec, out) == out


@pytest.mark.parametrize("name", FORMATS)
@example(body=b"\npassword]:!!!(", columns=[])
@example(body=b"{'\\npassword:!!!(\x00", columns=[])
@given(body=BODIES, columns=st.lists(TEXT, max_size=3))
def test_any_rows(name: str, body: bytes, columns: list[str]) -> None:
    """Any bytes under any ClickHouse format and columns are rewritten, and the lines stay."""
    out = clickhouse.rewrite(body, REDACTION, Tally(), Insert(name, tuple(columns)))
    assert out.count(b"\n") <= body.count(b"\n")


@given(value=JSON, indent=st.sampled_from([None, 1]))
def test_json_stays_json_and_only_strings_change(value: object, indent: int | None) -> None:
    """A document reads back with the same structure."""
    body = json.dumps([value], indent=indent).encode()
    out = redact_document(body, (("*", "*"),), REDACTION, Tally())
    if out is not body:
        assert shape(json.loads(out)) == shape(json.loads(body))


def shape(value: object) -> object:
    """Return the structure of a value: names of members are strings too, and may hold secrets."""
    if isinstance(value, dict):
        return [shape(member) for member in value.values()]
    if isinstance(value, list):
        return [[shape(item) for item in value]]
    return None


@given(
    parts=st.lists(
        st.sampled_from(
            [
                "db",
                "api",
                "key",
                "Pass",
                "word",
                "token",
                "x",
                "-",
                "_",
                ".",
                "secret",
                "pin",
                "code",
                "auth",
                "login",
                "Session",
                "id",
                "cookie",
                "pw",
                "access",
            ]
        ),
        min_size=1,
        max_size=5,
    )
)
def test_every_telling_name_is_seen_in_raw_bodies(parts: list[str]) -> None:
    """The pass over raw bodies misses no name that the grammar knows, in protobuf and in JSON."""
    name = "".join(parts).encode()
    if classify(name) is None:
        return
    names = KeyNames(REDACTION.scanner.engine)
    assert names.stand_in(wire.field(1, name) + wire.field(2, b"x"), is_protobuf=True)
    assert names.stand_in(wire.field(2, b"x") + wire.field(1, name), is_protobuf=True)
    assert names.stand_in(b'{"value":"x","key":"%b"}' % name)
    assert names.stand_in(b'{\\"key\\" : \\"%b\\" , \\"value\\":1}' % name)


@given(first=st.lists(st.tuples(st.integers(1, 500), st.binary(max_size=300)), max_size=5))
def test_unchanged_messages_are_copied(first: list[tuple[int, bytes]]) -> None:
    """Reading fields and writing them again gives the same bytes, with any numbers and lengths."""
    data = b"".join(wire.field(number, body) for number, body in first)
    assert [(f.number, data[f.body : f.end]) for f in wire.fields(data, 0, len(data))] == first
    same = wire.rewritten(data, 0, len(data), lambda item: data[item.start : item.end])
    assert (same or b"") == data


@given(data=st.binary(max_size=400) | FIELDS, spots=st.lists(st.integers(0, 400), max_size=6).map(sorted))
def test_the_fields_that_hold_a_spot(data: bytes, spots: list[int]) -> None:
    """The quick way over fields gives what reading each of them gives, and refuses what that refuses."""
    try:
        expected = [
            item
            for item in wire.fields(data, 0, len(data))
            if any(item.start <= spot < item.end for spot in spots)
        ]
    except MalformedError:
        with pytest.raises(MalformedError):
            wire.holding(data, 0, len(data), spots)
    else:
        assert wire.holding(data, 0, len(data), spots) == expected


@given(prefix=FIELDS, suffix=FIELDS)
def test_a_changed_loki_line_keeps_what_is_around(prefix: bytes, suffix: bytes) -> None:
    """Unknown fields before and after a changed line survive with their bytes."""
    line = wire.field(2, f"password={SECRET}".encode())
    message = wire.field(1, wire.field(2, wire.field(50, prefix) + line + wire.field(51, suffix)))
    out = loki.rewrite_message(message, REDACTION, Tally())
    assert SECRET.encode() not in out
    assert list(wire.fields(out, 0, len(out)))


def test_sibling_arrays_in_lines_with_many_rows() -> None:
    """One dirty row of a thousand changes, the others keep their bytes."""
    rows = [
        orjson.dumps({"string.names": ["user", "x"], "string.values": ["bob", str(n)]}) for n in range(1000)
    ]
    rows[500] = orjson.dumps({"string.names": ["user", "password"], "string.values": ["bob", SECRET]})
    out = rewrite("ndjson", b"\n".join(rows), REDACTION, Tally()).split(b"\n")
    assert [n for n in range(1000) if out[n] != rows[n]] == [500]


@given(
    first=st.lists(st.tuples(st.integers(1, 40), st.binary(max_size=300)), max_size=6),
    number=st.integers(1, 4),
)
def test_counting_fields_is_reading_them(first: list[tuple[int, bytes]], number: int) -> None:
    """The fast count of records agrees with the reader, also where both refuse."""
    data = b"".join(wire.field(each, body) for each, body in first)
    for end in (len(data), max(0, len(data) - 1)):
        try:
            read = sum(item.number == number and item.kind == wire.LEN for item in wire.fields(data, 0, end))
        except MalformedError:
            with pytest.raises(MalformedError):
                wire.count(data, 0, end, number)
        else:
            assert wire.count(data, 0, end, number) == read
