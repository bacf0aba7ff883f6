"""NDJSON: what the record shows goes, and every other byte of the line stays."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from framed import RULE, feed, made_up, scanner, shows, through
from leakscan.framing import redactor
from leakscan.framing.jsontext import encode, rewrite, scalars
from leakscan.jsontext import unescape
from leakscan.redact import Cut

VALUE = "Zx81kdu3Qm11"
PASSWORD = "[REDACTED:generic-password]"
LABEL = f"[REDACTED:{RULE}]"

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=12,
)


SAME = None
RECORDS = [
    ('{"names":["user","password"], "values":["bob","@"] }', SAME),
    ('{"values":["@"],"names":["password"]}', SAME),
    ('[{"value":{"stringValue":"@"}, "key":"password"}, 1.50]', SAME),
    (r'{"m":"{\"value\":\"@\",\"key\":\"password\"}\u00e9"}', SAME),
    ('{"n": 1e5, "pin": 123456, "x" : NaN}', '{"n": 1e5, "pin": "[REDACTED:one-time-code]", "x" : NaN}'),
    ('{"a":1,"a":2, "password":"@"}', SAME),
    (r'{"m":"\u003cpassword\u003e@\u003c/password\u003e"}', SAME),
    (r'{"password":"hun\"ter2\u002dTr0\/ub4"}', '{"password":"[REDACTED:generic-password]"}'),
]


@pytest.mark.parametrize(("record", "expected"), RECORDS)
def test_only_the_secret_string_changes(record: str, expected: str | None) -> None:
    """Siblings, values before names, JSON in strings, bare numbers: the rest of the line stays as written."""
    out = through("ndjson", record.replace("@", VALUE).encode() + b"\n").decode()
    json.loads(out)
    assert out == (expected or record.replace("@", PASSWORD)) + "\n"


def test_a_shadowed_member_goes_too() -> None:
    """Of two members with one name, a parser sees the second only; the first is in the log as well."""
    first, second = made_up(1).decode(), made_up(2).decode()
    out = through("ndjson", f'{{"k":"{first}","k":"{second}"}}\n'.encode())
    assert out == f'{{"k":"{LABEL}","k":"{LABEL}"}}\n'.encode()


def test_a_secret_as_a_name_goes() -> None:
    """A secret that is the name of a member is taken out of the name."""
    secret = made_up(3).decode()
    assert through("ndjson", f'{{"{secret}": 1}}'.encode()) == f'{{"{LABEL}": 1}}'.encode()


def test_lines_that_are_no_json_are_text() -> None:
    """Text between records is redacted as text, and a record cut off in the middle as well."""
    secret = made_up(4).decode()
    data = f'{{"a":"{secret}"}}\nText {secret}!\n{{"a":"{secret}\n'
    assert through("ndjson", data.encode()) == data.replace(secret, LABEL).encode()


def test_too_deep_records_are_masked_where_they_are_too_deep() -> None:
    """A record deeper than the limit keeps no secret, stays JSON, and is counted."""
    secret = made_up(5).decode()
    record = '{"a":' * 80 + f'"{secret}"' + "}" * 80
    made = redactor("ndjson", scanner(), "label", "mask")
    out = feed(made, record.encode() + b"\n")
    json.loads(out)
    assert not shows(out, secret.encode())


def test_what_the_record_shows_is_counted() -> None:
    """The summary knows what only the record showed."""
    made = redactor("ndjson", scanner(), "label", "mask")
    feed(made, f'{{"names":["password"],"values":["{VALUE}"]}}\n'.encode())
    assert made.by_rule == {"generic-password": 1}


@given(st.text(), st.booleans())
def test_decoding_a_string_maps_back_to_its_bytes(text: str, ascii_only: bool) -> None:  # noqa: FBT001 - hypothesis gives it
    """Each character of the decoded text leads back to the bytes that stand for it."""
    raw = json.dumps(text, ensure_ascii=ascii_only)[1:-1].encode("utf-8", "surrogatepass")
    decoded = unescape(raw)
    assert decoded.data == text.encode("utf-8", "surrogatepass")
    position = 0
    for character in text:
        size = len(character.encode("utf-8", "surrogatepass"))
        start, end = decoded.source(position), decoded.source_end(position + size)
        assert json.loads(b'"' + raw[start:end] + b'"') == character
        position += size
    assert json.loads(b'"' + encode(text.encode("utf-8", "surrogatepass")) + b'"') == text


@given(JSON, st.booleans(), st.lists(st.tuples(st.integers(0, 200), st.integers(1, 30)), max_size=4))
def test_cuts_anywhere_leave_json(value: object, ascii_only: bool, spans: list[tuple[int, int]]) -> None:  # noqa: FBT001 - as above
    """Wherever cuts fall, on quotes, escapes, numbers or brackets, JSON stays JSON of the same shape."""
    text = json.dumps(value, ensure_ascii=ascii_only).encode()
    cuts, position = [], 0
    for start, size in sorted(spans):
        if start >= position and start + size <= len(text):
            cuts.append(Cut(start, start + size, b"[X]"))
            position = start + size
    before, after = list(scalars(text)), list(scalars(rewrite(text, cuts)))
    json.loads(rewrite(text, cuts))
    assert len(before) == len(after)


@given(JSON)
def test_scalars_are_those_of_the_parser(value: object) -> None:
    """Every leaf is given with the path that leads to it."""
    text = json.dumps(value, ensure_ascii=False).encode()
    for path, start, end in scalars(text):
        leaf = value
        for step in path:
            leaf = leaf[step]  # type: ignore[index] # as deep as the path says
        assert json.loads(text[start:end]) == leaf
