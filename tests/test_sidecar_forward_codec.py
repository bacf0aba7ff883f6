"""Fluent Forward as bytes: what is taken out of messages, and that everything else stays as it was."""

from __future__ import annotations

import contextlib
import gzip
import io
import json
import sys
from itertools import pairwise
from typing import Any

import pytest

pytest.importorskip("cramjam")
pytest.importorskip("msgpack")

import msgpack
from hypothesis import given
from hypothesis import strategies as st

from forward_parts import PUT, REDACTION, SECRET, TIME, entry
from leakscan.keynames import KeyNames
from leakscan.redact import UnscannableError
from leakscan.sidecar.codecs import MalformedError, Tally, forward, masked, rewrite
from leakscan.sidecar.codecs.message import acknowledged, messages, read, with_chunk
from leakscan.sidecar.compression import TooLargeError
from leakscan.sidecar.forward.frames import Frames
from leakscan.sidecar.limits import Limits
from sidecar_parts import shows

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

Ext = msgpack.ExtType
LOGIN = {"log": f"login password={SECRET} ok"}
KEY = [
    "-----BEGIN RSA PRIVATE KEY-----",
    *("MIIEowIBAAKCAQEA" + f"AbCdEfGh{n:02d}" * 4 for n in range(10)),
    "-----END RSA PRIVATE KEY-----",
]


def taken(body: bytes, on_failure: Any = "mask") -> tuple[bytes, Tally]:
    """Rewrite; return the counts too."""
    tally = Tally()
    return rewrite("forward", body, REDACTION.with_policy(on_failure), tally), tally


def again(body: bytes) -> Any:
    """Rewrite, and unpack."""
    return msgpack.unpackb(taken(body)[0], strict_map_key=False)


# the specification's own forms, in bytes
MESSAGE = b"\x93\xa7tag.app\xce\x55\xec\xe6\xf8\x81\xa7message\xa3bar"
MESSAGE_WITH_TIME = b"\x94\xa7tag.app" + TIME + b"\x81\xa7message\xa3bar\x81\xa5chunk\xa4p8n9"
FORWARD = (
    b"\x93\xa7tag.app\x92\x92\xce\x55\xec\xe6\xf8\x81\xa7message\xa3foo"
    b"\x92" + TIME + b"\x81\xa7message\xa3bar\x81\xa5chunk\xa4p8n9"
)
PACKED = b"\x93\xa7tag.app\xc4\x19\x92" + TIME + b"\x81\xa7message\xa3foo" + b"\x90" + b"\x81\xa4size\x01"
OLD_PACKED = b"\x92\xa7tag.app\xb8\x92" + TIME + b"\x81\xa7message\xa3foo"


@pytest.mark.parametrize(
    ("message", "records"),
    [
        (MESSAGE, 1),
        (MESSAGE_WITH_TIME, 1),
        (FORWARD, 2),
        (PACKED, 2),
        (OLD_PACKED, 1),
        (b"\xc0", 0),
        (b"\xc0" + MESSAGE + b"\xc0" + FORWARD, 3),
        (b"", 0),
        (b"\x92\xa1t\x90", 0),
        (b"\x92\xa1t\xc4\x00", 0),
        (b"\x93\xa1t\x90\xc0", 0),
    ],
)
def test_clean_messages_are_the_same_object(message: bytes, records: int) -> None:
    """Each form of the specification, counted and not touched."""
    out, tally = taken(message)
    assert out is message
    assert tally.records == records


@pytest.mark.parametrize("coding", ["gzip", "zstd", "members"])
def test_clean_payloads_stay_compressed_as_they_were(coding: str) -> None:
    """The bytes that the shipper made, not those that we would have made."""
    plain = entry({"log": "all is well"}) * 3
    payload = {
        "gzip": gzip.compress(plain, 1),
        "zstd": zstd.compress(plain, 9),
        "members": gzip.compress(plain[: len(plain) // 3]) + gzip.compress(plain[len(plain) // 3 :]),
    }[coding]
    message = msgpack.packb(["t", payload, {"compressed": "zstd" if coding == "zstd" else "gzip"}])
    out, tally = taken(message)
    assert out is message
    assert tally.records == 3


@pytest.mark.parametrize("coding", [None, "gzip", "zstd"])
@pytest.mark.parametrize("is_said", [True, False])
def test_packed_entries_are_redacted_and_packed_again(coding: str | None, is_said: bool) -> None:  # noqa: FBT001 - a parameter
    """Also when the message does not say that it is compressed: receivers sniff, so a secret would pass."""
    plain = entry(LOGIN) + entry({"log": "ok"})
    payload = {None: plain, "gzip": gzip.compress(plain), "zstd": zstd.compress(plain)}[coding]
    options = {"chunk": "c", "size": 2} | ({"compressed": coding or "text"} if is_said else {})
    tag, out, kept = again(msgpack.packb(["t", payload, options]))
    unpack = {None: bytes, "gzip": gzip.decompress, "zstd": zstd.decompress}[coding]
    assert unpack(out) == entry({"log": f"login password={PUT} ok"}) + entry({"log": "ok"})
    assert (tag, kept) == ("t", options)


def test_everything_but_the_secret_keeps_its_bytes() -> None:
    """Wide numbers, floats, old headers, EventTime, other extensions, bytes, odd keys, order."""
    before = (
        b"\xdc\x00\x04\xda\x00\x01t" + TIME + b"\xde\x00\x07"
        b"\xa1a\xcd\x00\x01"  # 1 as uint16
        b"\xa1b\xca\x3f\x80\x00\x00"  # a float of four bytes
        b"\x01\xa1x"  # a number as a key
        b"\xa1a\xd3\x00\x00\x00\x00\x00\x00\x00\x02"  # a key that is there twice
        b"\xa1e\xc7\x03\x05\x00\xff\x01"  # an extension
        b"\xa1r\xc4\x03\x00\xff\xfe"  # bytes
    )
    secret = b"\xa8password"
    after = b"\xdf\x00\x00\x00\x01\xc4\x05chunk\xda\x00\x04p8n9"
    message = before + secret + b"\xda\x00\x18" + SECRET.encode() + after
    out, tally = taken(message)
    assert out == before + secret + b"\xda" + len(PUT).to_bytes(2, "big") + PUT.encode() + after
    assert tally.by_rule == {"generic-password": 1}


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        ({"password": SECRET}, {"password": PUT}),
        ({b"password": SECRET.encode()}, {b"password": PUT.encode()}),
        ({"a": {"b": [{"db_password": SECRET}]}}, {"a": {"b": [{"db_password": PUT}]}}),
        ({"log": json.dumps({"password": SECRET})}, {"log": json.dumps({"password": PUT})}),
        ({"key": "password", "value": SECRET}, {"key": "password", "value": PUT}),
        ({"pin": 4821}, {"pin": "[REDACTED:one-time-code]"}),
        ({"n": 1, 2: {"password": SECRET}}, {"n": 1, 2: {"password": PUT}}),
        ({"x": Ext(7, f"password={SECRET}".encode())}, {"x": Ext(7, b"password=" + b"*" * len(SECRET))}),
        ({f"password={SECRET}": 1}, {f"password={PUT}": 1}),
        ({"log": b"\xff\xfe password=" + SECRET.encode()}, {"log": b"\xff\xfe password=" + PUT.encode()}),
    ],
)
def test_records(record: Any, expected: Any) -> None:
    """Names, siblings, JSON in strings, bytes, numbers under names, extensions: in every mode."""
    for message in (
        ["t", 1, record],
        ["t", [[Ext(0, bytes(8)), record]], {"size": 1}],
        ["t", msgpack.packb([1, record])],
    ):
        out = again(msgpack.packb(message))
        if isinstance(out[1], bytes):
            assert msgpack.unpackb(out[1], strict_map_key=False) == [1, expected]
        elif isinstance(out[1], list):
            assert out == ["t", [[Ext(0, bytes(8)), expected]], {"size": 1}]
        else:
            assert out == ["t", 1, expected]


def test_metadata_tags_and_options_are_looked_at_too() -> None:
    """Metadata stand in an entry, and for Fluent Bit in the options; the protocol's own options stay."""
    chunk = "p8n9gmxTQVC8/nh2wlKKeQ=="
    message = [f"app.password={SECRET}", [[[1, {"token": SECRET}], {"n": 1}]], {
        "chunk": chunk, "size": 1, "metadata": {"password": SECRET}, "fluent_signal": 0,
    }]  # fmt: skip
    out = again(msgpack.packb(message))
    assert not shows(str(out).encode())
    assert out[2]["chunk"] == chunk
    assert out[1][0][1] == {"n": 1}
    assert set(out[2]) == {"chunk", "size", "metadata", "fluent_signal"}


def test_a_chunk_that_reads_like_a_secret_stays() -> None:
    """Upstream's ack would not match it any more."""
    out = again(msgpack.packb(["t", 1, LOGIN, {"chunk": f"password={SECRET}", "password": SECRET}]))
    assert out[3] == {"chunk": f"password={SECRET}", "password": PUT}


def test_metrics_and_traces_keep_their_structure() -> None:
    """They are no entries; what shows in them is overwritten with as many bytes, also in gzip."""
    payload = msgpack.packb({"meta": {"cmetrics": {}}, "label": f"url=?password={SECRET}&x"})
    for signal in (1, 2):
        clean = msgpack.packb(["t", msgpack.packb({"a": 1}), {"fluent_signal": signal}])
        assert taken(clean)[0] is clean
        out = again(
            msgpack.packb(["t", gzip.compress(payload), {"fluent_signal": signal, "compressed": "gzip"}])
        )
        plain = gzip.decompress(out[1])
        assert len(plain) == len(payload)
        assert not shows(plain)
        assert msgpack.unpackb(plain)["meta"] == {"cmetrics": {}}


def test_a_private_key_over_the_entries_of_a_message() -> None:
    """One line an entry, as loggers print them: no line of the body stays, the count does."""
    lines = [{"log": line, "stream": "stderr"} for line in ["before", *KEY, "after"]]
    for message in (
        ["t", [[1, record] for record in lines]],
        ["t", b"".join(msgpack.packb([1, record]) for record in lines)],
    ):
        out = again(msgpack.packb(message))
        entries = out[1] if isinstance(out[1], list) else list(msgpack.Unpacker(io.BytesIO(out[1])))
        assert len(entries) == len(lines)
        assert entries[0][1]["log"] == "before"
        assert entries[-1][1]["log"] == "after"
        assert b"MIIEow" not in msgpack.packb(out)
        assert all(one[1]["stream"] == "stderr" for one in entries)


@pytest.mark.parametrize(
    ("message", "reason"),
    [
        (["t", b"\x1f\x8b damaged", {"compressed": "gzip", "chunk": "c"}], "malformed"),
        (["t", b"no msgpack entries", {"chunk": "c"}], "malformed"),
        (["t", gzip.compress(entry({"a": 1}))[:-4], {"compressed": "gzip", "chunk": "c"}], "malformed"),
        (["t", entry({"a": 1}), {"compressed": "gzip", "chunk": "c"}], "malformed"),
        (
            ["t", gzip.compress(gzip.compress(entry(LOGIN))), {"compressed": "gzip", "chunk": "c"}],
            "malformed",
        ),
        (["t", entry(LOGIN)[:-1], {"chunk": "c"}], "malformed"),
        (["t", gzip.compress(entry({"a": "0" * (1 << 21)})), {"chunk": "c"}], "size"),
    ],
)
def test_payloads_that_cannot_be_read_go_by_policy(message: Any, reason: str) -> None:
    """Masked: one entry under the tag, with the chunk. Blocked: an error. Open: as it is."""
    body = msgpack.packb(message)
    limits = Limits(max_decompressed=1 << 20)
    tally = Tally()
    tag, entries, options = msgpack.unpackb(forward.rewrite(body, REDACTION, tally, limits))
    label = f"[LEAKSCAN:unscanned reason={reason} bytes={len(body)}]"
    assert (tag, entries, options) == ("t", [[0, {"leakscan": label}]], {"chunk": "c"})
    assert tally.unscanned == {reason: 1}
    with pytest.raises(UnscannableError):
        forward.rewrite(body, REDACTION.with_policy("block"), Tally(), limits)
    assert forward.rewrite(body, REDACTION.with_policy("open"), Tally(), limits) == body


def test_a_record_with_too_many_parts_is_masked_alone() -> None:
    """An empty map is a byte here and more in memory; the entries beside it stay, and so does its time."""
    big = (
        b"\x92"
        + TIME
        + b"\x82\xa8password\xa4oops\xa1x\xdd"
        + (200_000).to_bytes(4, "big")
        + b"\x80" * 200_000
    )
    out, tally = taken(msgpack.packb(["t", entry({"n": 1}) + big + entry({"n": 2})]))
    entries = list(msgpack.Unpacker(io.BytesIO(msgpack.unpackb(out)[1])))
    assert [one[0] for one in entries] == [msgpack.unpackb(TIME)] * 3
    assert "reason=size" in entries[1][1]["leakscan"]
    assert tally.unscanned == {"size": 1}
    assert tally.records == 3


def test_deep_nesting_is_masked_where_it_is_deep() -> None:
    """A secret below what is walked does not pass, and nothing overflows."""
    value: Any = {"password": SECRET}
    for _ in range(300):
        value = [value]
    out = again(msgpack.packb(["t", 1, {"n": 1, "x": value}]))
    assert out[2]["n"] == 1
    assert not shows(str(out).encode())
    assert "reason=depth" in str(out)
    with pytest.raises(MalformedError):
        taken(b"\x93\xa1t\x01" + b"\x91" * 5000 + b"\x01")


@pytest.mark.parametrize(
    "body",
    [b"\x01", b"\x91\xa1t", b"\x92\x01\x90", b"\x92\xa1t\x01", b"\xc1", b"\x93\xa1t", b"\x80", b"\xa1t",
     msgpack.packb(["t", *range(9)]), MESSAGE[:-1]],
)  # fmt: skip
def test_what_is_no_message_is_an_error(body: bytes) -> None:
    """It is refused; nothing can stand in for it."""
    with pytest.raises(MalformedError):
        taken(body)
    with pytest.raises(MalformedError):
        masked("forward", body, "x")


@pytest.mark.parametrize("message", [MESSAGE, MESSAGE_WITH_TIME, FORWARD, PACKED, OLD_PACKED])
def test_masked_messages_are_messages(message: bytes) -> None:
    """The tag stays, and the chunk; a single message keeps its time."""
    out = read(masked("forward", b"\xc0" + message, "x")[1:])
    old = read(message)
    assert out.part(0) == old.part(0)
    assert out.chunk == old.chunk
    if old.mode == "message":
        assert old.part(1) in out.part(1)


@pytest.mark.parametrize("message", [MESSAGE, PACKED, OLD_PACKED, b"\x93\xa1t\x90\xc0", b"\x93\xa1t\x90\x80"])
def test_with_chunk_adds_an_option_and_nothing_else(message: bytes) -> None:
    """The message asks for an ack; its other parts and options are the same."""
    old = read(message)
    new = read(with_chunk(old, "c" * 32))
    assert old.chunk is None
    assert new.chunk == b"c" * 32
    places = 3 if old.mode == "message" else 2
    assert [new.part(n) for n in range(places)] == [old.part(n) for n in range(places)]
    assert set(new.options) == {*old.options, b"chunk"}


def test_acks_are_read_as_they_may_be_written() -> None:
    """As a string, as bytes, among other members; anything else is none."""
    assert acknowledged(msgpack.packb({"ack": "a"})) == b"a"
    assert acknowledged(msgpack.packb({b"x": 1, b"ack": b"a"})) == b"a"
    assert acknowledged(msgpack.packb({"ack": 5})) == b"\x05"
    assert acknowledged(msgpack.packb(["ack", "a"])) is None
    assert acknowledged(b"\xc0") is None


@pytest.mark.parametrize("engine", ["hyperscan", "ahocorasick"])
def test_names_are_found_behind_every_header(engine: str) -> None:
    """Strings and bytes with headers of one, two and three bytes; not in the middle of text."""
    names = KeyNames(engine)
    long = "the_quite_long_name_of_the_api_key_of_ours"
    for name in ("password", "db_password", "X-Api-Key", "pin", long, "Client Secret", "é token", "{pwd}"):
        raw = name.encode()
        sizes = [b"\xd9" + bytes([len(raw)]), b"\xc4" + bytes([len(raw)])]
        sizes += [b"\xda\0" + bytes([len(raw)]), b"\xc5\0" + bytes([len(raw)])]
        for header in [*sizes, *([bytes([0xA0 + len(raw)])] if len(raw) < 32 else [])]:
            assert names.stand_in_msgpack(b"\x81" + header + raw + b"\xa1x"), (name, header)
    for text in ("shipping costs", "max_tokens", "assigned", "in my opinion"):
        assert not names.stand_in_msgpack(msgpack.packb({"message": text, text: 1}))


VALUES = st.recursive(
    st.one_of(
        st.none(), st.booleans(), st.integers(-(2**63), 2**64 - 1), st.floats(), st.binary(max_size=40),
        st.text(max_size=20), st.sampled_from(["password", "token", f"password={SECRET}", SECRET]),
        st.builds(Ext, st.integers(0, 127), st.binary(max_size=12)),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.dictionaries(st.one_of(st.text(max_size=8), st.sampled_from(["password", "key", "value"]),
                                  st.integers(0, 9), st.binary(max_size=4)), inner, max_size=4),
    ),
    max_leaves=12,
)  # fmt: skip
RECORDS = st.dictionaries(st.text(max_size=8), VALUES, max_size=4)
OPTIONS = st.fixed_dictionaries(
    {}, optional={"chunk": st.text(max_size=8), "size": st.integers(0, 9), "x": VALUES}
)
MESSAGES = st.one_of(
    st.builds(lambda record, options: ["t", 1, record, options], RECORDS, OPTIONS),
    st.builds(lambda many, options: ["t", [[1, one] for one in many], options], st.lists(RECORDS), OPTIONS),
    st.builds(
        lambda many, options: ["t", b"".join(msgpack.packb([1, one]) for one in many), options],
        st.lists(RECORDS),
        OPTIONS,
    ),
).map(msgpack.packb)


def shape(value: Any) -> Any:
    """Return the structure of a value: kinds and counts, without texts."""
    if isinstance(value, dict):
        return [shape(member) for member in value.values()]
    if isinstance(value, list):
        return [[shape(item) for item in value]]
    return None


@given(body=MESSAGES)
def test_messages_keep_their_structure_and_a_second_time_changes_nothing(body: bytes) -> None:
    """No secret shows after a name or as text, options of the protocol stay, and redacting is idempotent."""
    out, tally = taken(body)
    assert tally.unscanned == {}
    assert taken(out)[0] == out
    assert f"password={SECRET}".encode() not in out
    before, after = read(body), read(out)
    assert before.mode == after.mode
    assert before.chunk == after.chunk
    if before.mode != "packed":
        old, new = (msgpack.unpackb(data, strict_map_key=False) for data in (body, out))
        assert shape(new) == shape(old)
    if not tally.by_rule:
        assert out is body


NAMES = st.sampled_from(
    ["password", "db_password", "X-Api-Key", "user.token", "the_very_long_name_of_the_client_secret_of_ours",
     "pin", "key", "value", "name", "authorization", "string.names", "string.values", "max_tokens", "n",
     "log", "auth code", "Client Secret", "$password", "user/token", "mon clé_secret", "password (new)",
     "{api key}"]
)  # fmt: skip
TEXTS = st.sampled_from(
    [SECRET, f"password={SECRET}", f"Bearer {SECRET}", "password", "authorization", "ok", "4821", "--token",
     json.dumps({"value": SECRET, "key": "password"}), f"https://u:{SECRET}@host/", "x" * 300, "é\x7f"]
)  # fmt: skip
TELLING = st.dictionaries(
    NAMES,
    st.recursive(
        st.one_of(TEXTS, TEXTS.map(str.encode), st.integers(0, 9999), st.none()),
        lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(NAMES, inner, max_size=3)),
        max_leaves=6,
    ),
    max_size=4,
)


@given(
    records=st.lists(TELLING, min_size=1, max_size=20), mode=st.sampled_from(["message", "forward", "packed"])
)
def test_looking_at_the_bytes_first_loses_nothing(records: list[Any], mode: str) -> None:
    """What comes out is what the walk over the unpacked records gives, whichever were not unpacked."""
    if mode == "message":
        out = [msgpack.unpackb(taken(msgpack.packb(["t", 1, record]))[0])[2] for record in records]
    elif mode == "forward":
        out = [one[1] for one in again(msgpack.packb(["t", [[1, record] for record in records]]))[1]]
    else:
        packed = b"".join(msgpack.packb([1, record]) for record in records)
        stream = io.BytesIO(again(msgpack.packb(["t", packed]))[1])
        out = [one[1] for one in msgpack.Unpacker(stream)]
    assert out == [REDACTION.scanner.redact_record(record) for record in records]


@given(data=st.binary(max_size=300), cuts=st.lists(st.integers(0, 300)))
def test_any_bytes_are_read_or_refused(data: bytes, cuts: list[int]) -> None:
    """No crash and no hang, in the frames and in what they hold, however the stream is cut."""
    frames, found = Frames(200), []
    places = sorted({0, *(cut for cut in cuts if cut < len(data)), len(data)})
    try:
        for start, end in pairwise(places):
            found += frames.feed(data[start:end])
    except (MalformedError, TooLargeError):
        pass
    assert data.startswith(b"".join(found))
    for value in found:
        try:
            out, _ = taken(value)
        except MalformedError:
            continue
        assert taken(out)[0] == out
    with contextlib.suppress(MalformedError):
        taken(data)


@given(bodies=st.lists(st.one_of(MESSAGES, st.just(b"\xc0")), max_size=4), size=st.integers(1, 50))
def test_frames_do_not_depend_on_how_the_stream_is_cut(bodies: list[bytes], size: int) -> None:
    """Pieces of any size give the values of the whole, so a secret is split nowhere."""
    stream = b"".join(bodies)
    frames = Frames(1 << 20)
    pieces = [stream[place : place + size] for place in range(0, len(stream), size)]
    found = [value for piece in pieces for value in frames.feed(piece)]
    assert found == bodies == list(messages(stream))
    assert frames.pending == 0


@given(payload=st.binary(max_size=200), coding=st.sampled_from(["gzip", "zstd", "lz4", ""]))
def test_any_payload_is_rewritten_or_masked(payload: bytes, coding: str) -> None:
    """Compressed or not, whatever it says: no crash, and what cannot be read says so."""
    out, tally = taken(msgpack.packb(["t", payload, {"compressed": coding, "chunk": "c"}]))
    assert read(out).chunk == b"c"
    if tally.unscanned:
        assert b"LEAKSCAN:unscanned" in out
