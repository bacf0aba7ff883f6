"""The sidecar's codecs: secrets go, everything else stays, in every protocol."""

from __future__ import annotations

import base64
import json
import os
import random
import re
import string

import pytest

pytest.importorskip("cramjam")

import cramjam

from leakscan import Scanner
from leakscan.redact import UnscannableError
from leakscan.sidecar.codecs import (
    CODECS,
    MalformedError,
    Redaction,
    Tally,
    clickhouse,
    loki,
    masked,
    rewrite,
    wire,
)
from leakscan.sidecar.codecs.clickhouse import Insert
from leakscan.sidecar.codecs.otlp_protobuf import rewrite_traces

REDACTION = Redaction.of(Scanner(key=b"an obviously fake key"))
LABEL = b"[REDACTED:"
SECRET = "".join(random.Random(6).choices(string.ascii_letters + string.digits, k=24))
RAW = SECRET.encode()


def redact(codec: str, body: bytes) -> bytes:
    """Rewrite a body; afterwards nothing of the secret is in it, and a second time changes nothing."""
    tally = Tally()
    out = rewrite(codec, body, REDACTION, tally)
    assert not any(RAW[i : i + 8] in out for i in range(len(RAW) - 7))
    assert sum(tally.by_rule.values()) > 0
    assert rewrite(codec, out, REDACTION, Tally()) == out
    return out


def message(number: int, *bodies: bytes) -> bytes:
    """Return a length-delimited field of the bodies joined."""
    return wire.field(number, b"".join(bodies))


def pair(key: str, value: bytes) -> bytes:
    """Return a KeyValue's body."""
    return message(1, key.encode()) + message(2, value)


def text(value: str) -> bytes:
    """Return an AnyValue that is a string."""
    return message(1, value.encode())


def request(*records: bytes, resource: bytes = b"") -> bytes:
    """Return an OTLP request of log records."""
    scope = message(2, message(1, message(1, b"scope")), *(message(2, record) for record in records))
    return message(1, message(1, resource), scope)


@pytest.mark.parametrize(
    ("record", "kept"),
    [
        (message(5, text(f"login password={SECRET} ok")), b"login password="),
        (message(6, pair("password", text(SECRET))), b"password"),
        (message(6, message(2, text(SECRET)), message(1, b"db.password")), b"db.password"),
        (message(6, pair("args", message(5, message(1, text(f"token={SECRET}"))))), b"args"),
        (
            message(6, pair("http", message(6, message(1, pair("authorization", text(f"Bearer {SECRET}")))))),
            b"Bearer ",
        ),
        (message(5, text(json.dumps({"value": SECRET, "key": "password"}))), b'"key"'),
        (message(3, f"password={SECRET}".encode()), b"password="),
        (message(12, f"password={SECRET}".encode()), b"password="),
        (
            message(
                6, pair("string.names", message(5, message(1, text("user")), message(1, text("password"))))
            )
            + message(
                6, pair("string.values", message(5, message(1, text("bob")), message(1, text(SECRET))))
            ),
            b"bob",
        ),
        (message(6, pair("password", message(7, RAW))), b"password"),
        (message(6, pair("a", text("x"))) + message(6, pair("a", text(f"password={SECRET}"))), b"a"),
    ],
)
def test_otlp_protobuf_takes_secrets_out_of_every_place(record: bytes, kept: bytes) -> None:
    """Body, attributes, arrays, maps, siblings, severity text, event name; unknown fields survive."""
    unknown = message(99, b"\x00\x01future") + b"\xf8\x07\x05"
    times = b"\x09" + b"\x11" * 8 + message(9, b"\xfe" * 16)
    out = redact("otlp-protobuf", request(times + record + unknown))
    assert unknown in out
    assert times in out
    assert kept in out
    assert LABEL in out
    assert list(wire.fields(out, 0, len(out)))


@pytest.mark.parametrize("engine", ["hyperscan", "ahocorasick"])
@pytest.mark.parametrize(
    "name", ["client secret", "Client Secret", "$password", "user/token", "clé password"]
)
def test_names_of_any_words_are_seen_in_protobuf(engine: str, name: str) -> None:
    """Attributes are named by people: not every name is an identifier."""
    record = wire.field(6, pair(name, text(SECRET)))
    redaction = Redaction.of(Scanner(key=b"an obviously fake key", engine=engine))
    out = rewrite("otlp-protobuf", request(record), redaction, Tally())
    assert SECRET.encode() not in out
    assert name.encode() in out


def test_otlp_protobuf_reads_back_as_the_same_request() -> None:
    """The vendor's own parser reads what was rewritten, and only the secrets differ."""
    pb2 = pytest.importorskip("opentelemetry.proto.collector.logs.v1.logs_service_pb2")
    parsed = pb2.ExportLogsServiceRequest()
    logs = parsed.resource_logs.add()
    logs.resource.attributes.add(key="db.password").value.string_value = SECRET
    scope = logs.scope_logs.add()
    for number in range(200):
        record = scope.log_records.add(time_unix_nano=number, severity_number=9, trace_id=os.urandom(16))
        record.body.string_value = f"{number} and so on" if number != 77 else f"password={SECRET}"
        record.attributes.add(key="pin").value.int_value = 482913 if number == 78 else 0
    out = pb2.ExportLogsServiceRequest.FromString(redact("otlp-protobuf", parsed.SerializeToString()))
    logs.resource.attributes[0].value.string_value = "[REDACTED:generic-password]"
    scope.log_records[77].body.string_value = "password=[REDACTED:generic-password]"
    scope.log_records[78].attributes[0].value.string_value = "[REDACTED:one-time-code]"
    assert out == parsed


def test_otlp_traces_are_redacted_on_the_wire_too() -> None:
    """Span names, attributes, events and status messages."""
    span = message(1, b"\x01" * 16) + message(5, b"GET /")
    span += message(9, pair("password", text(SECRET))) + message(11, message(3, pair("token", text(SECRET))))
    span += message(15, message(2, f"failed password={SECRET}".encode()))
    out = rewrite_traces(request(span), REDACTION, Tally())
    assert RAW not in out
    assert out.count(LABEL) == 3


def test_otlp_json_keeps_kinds_that_a_collector_reads() -> None:
    """A number that held a secret becomes a string value, bytes stay base64, 64-bit numbers stay."""
    encoded = base64.b64encode(f"password={SECRET}".encode()).decode()
    record = {
        "timeUnixNano": "1700000000000000001",
        "body": {"stringValue": f"password={SECRET} <b>"},
        "attributes": [
            {"value": {"stringValue": SECRET}, "key": "password"},
            {"key": "pin", "value": {"intValue": "482913"}},
            {"key": "blob", "value": {"bytesValue": encoded}},
            {"key": "n", "value": {"doubleValue": 1.10}},
        ],
        "futureField": 12345678901234567890,
    }
    resource = {"attributes": [{"key": "db.password", "value": {"stringValue": SECRET}}]}
    body = json.dumps(
        {"resourceLogs": [{"resource": resource, "scopeLogs": [{"logRecords": [record]}]}]}
    ).encode()
    out = json.loads(redact("otlp-json", body.replace(b"1.1}", b"1.10}")))
    found = out["resourceLogs"][0]
    attributes = {item["key"]: item["value"] for item in found["scopeLogs"][0]["logRecords"][0]["attributes"]}
    assert attributes["pin"] == {"stringValue": "[REDACTED:one-time-code]"}
    assert base64.b64decode(attributes["blob"]["bytesValue"])
    assert found["resource"]["attributes"][0]["value"]["stringValue"] == "[REDACTED:generic-password]"
    assert found["scopeLogs"][0]["logRecords"][0]["futureField"] == 12345678901234567890
    assert b"1.10" in redact("otlp-json", body.replace(b"1.1}", b"1.10}"))


def push(line: str, labels: str = '{app="x"}', *metadata: tuple[str, str]) -> bytes:
    """Return a Loki push in a snappy block."""
    pairs = [message(3, message(1, name.encode()), message(2, value.encode())) for name, value in metadata]
    entry = message(2, message(1, b"\x08\x01"), message(2, line.encode()), *pairs)
    return bytes(cramjam.snappy.compress_raw(message(1, message(1, labels.encode()), entry, b"\x18\x07")))


@pytest.mark.parametrize(
    "body",
    [
        push(f"login password={SECRET} ok"),
        push("x", '{app="x"}', ("password", SECRET)),
        push("x", f'{{app="x", password="{SECRET}"}}'),
    ],
)
def test_loki_protobuf(body: bytes) -> None:
    """Lines, labels and structured metadata; the label hash survives."""
    tally = Tally()
    out = rewrite("loki-protobuf", body, REDACTION, tally)
    plain = bytes(cramjam.snappy.decompress_raw(out))
    assert RAW not in plain
    assert LABEL in plain
    assert plain.endswith(b"\x18\x07")
    assert tally.records == 1


def test_loki_json() -> None:
    """Labels, lines and structured metadata of a JSON push; the rest keeps its bytes."""
    body = (
        b'{"streams": [{"stream": {"app": "x", "password": "%b"}, "values": [["1700000000000000000", "token=%b a\\u003cb", {"secret": "%b"}], ["1700000000000000001", "fine"]]}]}'  # noqa: E501 - a sample reads best whole
        % (RAW, RAW, RAW)
    )
    out = redact("loki-json", body)
    assert out.count(LABEL) == 3
    assert b"a\\u003cb" in out
    assert b'["1700000000000000001", "fine"]]}]}' in out


def test_elasticsearch_keeps_action_lines() -> None:
    """An action line is never rewritten, whatever it holds; a delete has no source; the end stays."""
    action = b'{"index":{"_id":"password=%b"}}' % RAW
    body = action + b'\n{"m":"password=%b"}\n{"delete":{"_id":"1"}}\n{"create":{}}\n{"n":1.10}\n' % RAW
    out = rewrite("elasticsearch", body, REDACTION, Tally())
    lines = out.split(b"\n")
    assert lines[0] == action
    assert RAW not in lines[1]
    assert lines[2:] == body.split(b"\n")[2:]


def test_splunk_concatenated_events() -> None:
    """Events need nothing between them; text and objects; fields too."""
    body = (
        b'{"event":"password=%b","time":1.10}{"event":{"password":"%b"},"fields":{"token":"%b"}} {"event":"ok"}'  # noqa: E501 - a sample reads best whole
        % (RAW, RAW, RAW)
    )
    out = redact("splunk", body)
    assert out.count(LABEL) == 3
    assert b'"time":1.10}{' in out
    assert out.endswith(b' {"event":"ok"}')


@pytest.mark.parametrize(
    ("insert", "body", "out"),
    [
        (Insert("jsoneachrow"), '{"string.names":["password"],"string.values":["S"],"n":1.10}\n{"a":1}\n', '{"string.names":["password"],"string.values":["R"],"n":1.10}\n{"a":1}\n'),  # noqa: E501 - a sample reads best whole
        (Insert("jsoneachrow"), '{"password":482913}\n', '{"password":0}\n'),
        (Insert("jsoneachrow"), '[{"password":"S"},\n {"a":1}]', '[{"password":"R"},\n {"a":1}]'),
        (Insert("jsoneachrow"), '{"password":"S"} {"a":1}', '{"password":"R"} {"a":1}'),
        (Insert("jsoncompacteachrow", ("id", "password")), '[1,"S"]\n[2,""]\n', '[1,"R"]\n[2,""]\n'),
        (Insert("jsoncompacteachrowwithnames"), '["id","password"]\n[1,"S"]\n', '["id","password"]\n[1,"R"]\n'),  # noqa: E501 - a sample reads best whole
        (Insert("jsoncompacteachrow"), '["x",["user","password"],["bob","S"]]\n', '["x",["user","password"],["bob","R"]]\n'),  # noqa: E501 - a sample reads best whole
        (Insert("tsv", ("id", "password")), "1\tS\n2\t\\N\n", "1\tR\n2\t\\N\n"),
        (Insert("tabseparatedwithnames"), "id\tpassword\n1\tS\n", "id\tpassword\n1\tR\n"),
        (Insert("tsv"), "x\\ty\t['user','password']\t['b\\'b','S']\n", "x\\ty\t['user','password']\t['b\\'b','R']\n"),  # noqa: E501 - a sample reads best whole
        (Insert("tsv", ("id", "password")), "1\t482913\n", "1\t0\n"),
        (Insert("csv", ("id", "password")), '1,"S"\r\n2,""\r\n', '1,"R"\r\n2,""\r\n'),
        (Insert("csvwithnames"), 'id,password\n1,"a ""q"" password=S"\n', 'id,password\n1,"R"\n'),
        (Insert("csv"), '1,"password=S\nsecond line",x\n', '1,"password=R\nsecond line",x\n'),
        (Insert("csv", (), 0, b";"), "1;\"['password']\";\"['S']\"\n", "1;\"['password']\";\"['R']\"\n"),
        (Insert("values"), "(1,'password=S')", "(1,'password=R')"),
        (Insert("tskv"), "a=1\tpassword=S\n", "a=1\tpassword=R\n"),
        (Insert("jsoneachrow", (), 31), 'INSERT INTO t FORMAT JSONEachRow{"password":"S"}'[:31] + '{"password":"S"}\n', "INSERT INTO t FORMAT JSONEachRow"[:31] + '{"password":"R"}\n'),  # noqa: E501 - a sample reads best whole
    ],
)  # fmt: skip
def test_clickhouse_formats(insert: Insert, body: str, out: str) -> None:
    """Each text format is redacted in place, by column name and by siblings; all else keeps its bytes."""
    got = clickhouse.rewrite(
        body.replace("S", SECRET).replace("IN" + SECRET, "INS").encode()
        if insert.offset == 0
        else body.replace('"S"', f'"{SECRET}"').encode(),
        REDACTION,
        Tally(),
        insert,
    )
    assert re.sub(r"\[REDACTED:[a-z-]+\]", "R", got.decode()) == out


def test_ndjson_and_json_and_text() -> None:
    """Only the strings with a secret change; escapes, spacing, CRLF and missing line ends stay."""
    body = b'{"a": 1.10, "m": "x\\u003cpassword=%b"}\r\nnot json password=%b\n\n{"key":"z"}' % (RAW, RAW)
    out = redact("ndjson", body)
    assert out.startswith(b'{"a": 1.10, "m": "x\\u003cpassword=[REDACTED:')
    assert out.endswith(b']\n\n{"key":"z"}')
    out = redact("json", b'{"logs": [{"m": "password=%b"}, {"n": 1e2}], "token": "%b"}' % (RAW, RAW))
    assert out.count(LABEL) == 2
    assert b'{"n": 1e2}' in out
    assert redact("text", b"password=%b \xff\x00\r\n" % RAW).endswith(b"] \xff\x00\r\n")


def test_repeated_members_are_all_redacted() -> None:
    """JSON may name a member twice; parsers keep the last, so the others are read as text."""
    out = redact("ndjson", b'{"m":"password=%b","m":"x","token":"%b","token":""}' % (RAW, RAW))
    assert (
        out
        == b'{"m":"password=[REDACTED:generic-password]","m":"x","token":"[REDACTED:generic-token]","token":""}'  # noqa: E501 - a sample reads best whole
    )


def test_a_telling_name_before_an_array_is_seen() -> None:
    """White space in an array does not hide that its items have a name."""
    assert LABEL in rewrite("ndjson", b'{"tokens": 1, "token" : [ "%b" ]}' % RAW, REDACTION, Tally())


def test_a_list_of_names_stays() -> None:
    """The name after a telling one in a list of names is none of its values."""
    body = b'{"string.names":["row","db.password","http.status_code"],"string.values":["1","%b","200"]}' % RAW
    assert redact("ndjson", body) == body.replace(RAW, b"[REDACTED:generic-password]")


def test_a_name_spelt_with_escapes_is_seen() -> None:
    """JSON escapes of letters do not hide a name or its value."""
    spelt = "".join(f"\\u{ord(c):04x}" for c in "password")
    assert LABEL in rewrite("ndjson", b'{"%b":"%b"}' % (spelt.encode(), RAW), REDACTION, Tally())


@pytest.mark.parametrize(
    "codec", ["ndjson", "elasticsearch", "splunk", "otlp-json", "otlp-protobuf", "loki-protobuf"]
)
def test_a_private_key_printed_line_by_line_is_taken_out(codec: str) -> None:
    """A key whose lines came as records of their own is found over them."""
    body = base64.b64encode(random.Random(1).randbytes(240)).decode()
    lines = [
        "-----BEGIN RSA PRIVATE KEY-----",
        *(body[i : i + 64] for i in range(0, 320, 64)),
        "-----END RSA PRIVATE KEY-----",
    ]
    if codec == "otlp-protobuf":
        data = request(*(message(5, text(line)) for line in lines))
    elif codec == "loki-protobuf":
        entries = [message(2, message(1, b""), message(2, line.encode())) for line in lines]
        data = bytes(cramjam.snappy.compress_raw(message(1, message(1, b"{}"), *entries)))
    elif codec == "otlp-json":
        records = [{"body": {"stringValue": line}} for line in lines]
        data = json.dumps({"resourceLogs": [{"scopeLogs": [{"logRecords": records}]}]}).encode()
    elif codec == "elasticsearch":
        data = "".join(f'{{"index":{{}}}}\n{json.dumps({"m": line})}\n' for line in lines).encode()
    else:
        name = "event" if codec == "splunk" else "m"
        data = "\n".join(json.dumps({name: line}) for line in lines).encode()
    out = rewrite(codec, data, REDACTION, Tally())
    if codec == "loki-protobuf":
        out = bytes(cramjam.snappy.decompress_raw(out))
    for line in lines[1:-1]:
        assert line[:8].encode() not in out
    assert b"END RSA PRIVATE KEY" in out


DEEP = b"[" * 100 + b'"password=%b"' % RAW + b"]" * 100


@pytest.mark.parametrize("codec", ["ndjson", "json", "splunk", "elasticsearch"])
def test_what_is_too_deep_is_masked_or_blocked(codec: str) -> None:
    """Nesting beyond what is walked never passes with its secret."""
    body = b'{"a":%b,"password":"%b"}\n' % (DEEP, RAW)
    body = b'{"index":{}}\n' + body if codec == "elasticsearch" else body
    tally = Tally()
    assert RAW not in rewrite(codec, body, REDACTION, tally)
    with pytest.raises(UnscannableError):
        rewrite(codec, body, REDACTION.with_policy("block"), Tally())


def test_otlp_values_nested_too_deep_are_masked() -> None:
    """The record keeps its times and ids, and says that it could not be scanned."""
    value = text(f"password={SECRET}")
    for _ in range(70):
        value = message(5, message(1, value))
    tally = Tally()
    out = rewrite("otlp-protobuf", request(b"\x09" + b"\x11" * 8 + message(5, value)), REDACTION, tally)
    assert RAW not in out
    assert b"\x09" + b"\x11" * 8 in out
    assert b"[LEAKSCAN:unscanned reason=depth" in out
    assert tally.unscanned == {"depth": 1}


def test_malformed_protobuf_is_refused() -> None:
    """What is no protobuf is an error that quotes nothing."""
    with pytest.raises(MalformedError) as error:
        rewrite("otlp-protobuf", b"\x0a\xffpassword=" + RAW, REDACTION, Tally())
    assert SECRET not in str(error.value)
    with pytest.raises(MalformedError):
        rewrite("loki-protobuf", b"\xff\xff\xff\xff\xff", REDACTION, Tally())


def test_unknown_protobuf_keeps_its_length() -> None:
    """A secret in a field that no schema knows is overwritten with as many bytes."""
    body = request(message(1, b"x") + message(77, message(3, f"password={SECRET} ok".encode())))
    out = redact("otlp-protobuf", body)
    assert len(out) == len(body)
    assert b"password=" + b"*" * len(RAW) + b" ok" in out
    assert len(redact("opaque", body)) == len(body)


@pytest.mark.parametrize("codec", CODECS)
def test_a_body_that_cannot_be_scanned_has_a_stand_in(codec: str) -> None:
    """The stand-in is of the same protocol, clean, and holds nothing of the body."""
    body = b'{"index":{}}\n{"a":"%b"}\n' % RAW
    if codec == "forward":
        body = b"\x93\xa1t\x01\x81\xa1a" + bytes([0xA0 + len(RAW)]) + RAW  # it has to be a message
    if codec == "opaque":
        with pytest.raises(MalformedError):
            masked(codec, body, "Test")
        return
    out = masked(codec, body, "Test")
    assert RAW not in out
    assert rewrite(codec, out, REDACTION, Tally()) is out
    if codec == "elasticsearch":
        assert out.startswith(b'{"index":{}}\n{"leakscan"')
    if codec == "loki-protobuf":
        out = bytes(cramjam.snappy.decompress_raw(out))
    assert b"unscanned reason=Test" in out or codec == "clickhouse"


def test_loki_message_without_compression() -> None:
    """The message inside the block can be rewritten by itself."""
    clean = message(1, message(1, b"{}"), message(2, message(2, b"fine")))
    tally = Tally()
    assert loki.rewrite_message(clean, REDACTION, tally) is clean
    assert tally.records == 1
