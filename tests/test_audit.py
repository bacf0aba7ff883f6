"""`leakscan audit` when the store is not as it should be; test_audit_clickhouse.py has the real one."""

from __future__ import annotations

import base64
import csv
import io
import json
import os
import re
import shutil
import signal
import subprocess
import time
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

pytest.importorskip("urllib3", reason="the extra clickhouse is not installed")

from command import COMMAND, Result, environment, leakscan, made_up_secret
from fake_store import Fault, fake_store
from leakscan import Scanner
from leakscan.audit.blocks import Blocks
from leakscan.audit.catalog import Column, Table
from leakscan.audit.journal import Journal
from leakscan.audit.parts import Part, left
from leakscan.audit.purge import write_plan
from leakscan.audit.reply import broken_off, meaning
from leakscan.audit.rows import Rows
from leakscan.audit.spread import whole_keys
from leakscan.audit.sql import identifier, quoted
from leakscan.audit.types import holds_text, literal, overwritten
from leakscan.audit.url import Target, parse
from leakscan.cli.audit import command
from leakscan.cli.scan import command as scan
from leakscan.errors import ConfigError
from leakscan.finding import Cell, Finding
from leakscan.keynames import KeyNames

SCHEMA = Path(__file__).parent / "data" / "sarif-2.1.0.json"
PASSWORD = "hunter2-Tr0ub4dor"


def row(number: int, text: str, **more: Any) -> dict[str, Any]:
    """Return a row as the store answers it."""
    return {"_leakscan_by0": str(number), "_leakscan_time": 1_738_108_800 + number, "msg": text, **more}


def target(
    host: str, port: int, user: str, database: str, table: str | None, *, is_tls: bool = False
) -> Target:
    """Return what a URL says."""
    return Target(host, port, is_tls, user, database, table)


def audit(url: str, *options: str | Path, **changes: str) -> Result:
    """Run the command."""
    return leakscan("audit", url, *options, env=environment(**changes))


@pytest.mark.parametrize(
    ("url", "made"),
    [
        ("clickhouse://h/db", target("h", 8123, "default", "db", None)),
        ("clickhouse://bob@h:9000/db.t", target("h", 9000, "bob", "db", "t")),
        ("clickhouses://b%40b@i.example/db.t.u", target("i.example", 8443, "b@b", "db", "t.u", is_tls=True)),
        ("clickhouse://[::1]:81/my%2Edb.%C3%A4", target("::1", 81, "default", "my.db", "ä")),
    ],
)
def test_a_url_is_taken_apart(url: str, made: Target) -> None:
    """Scheme, user, host, port, database and table come apart; what is encoded is decoded."""
    assert parse(url) == made


@pytest.mark.parametrize(
    "url",
    [
        f"clickhouse://bob:{PASSWORD}@h/db",
        f"clickhouse://bob:{PASSWORD}/x@h/db",
        f"clickhouse://bob:{PASSWORD}#x@h/db",
        f"clickhouse://:{PASSWORD}@h/db",
        f"clickhouse://h/db?password={PASSWORD}",
        f"clickhouse://bob:{PASSWORD}",
        f"http://bob:{PASSWORD}@h/db",
        f"clickhouse://h:{PASSWORD}/db",
        f"clickhouse://h/{PASSWORD}@h/db",
        f"clickhouse://h/db/{PASSWORD}",
        f"clickhouse://{PASSWORD}\n/db",
        f"clickhouse://{PASSWORD}%0d%0aX@h/db",
        f"bob:{PASSWORD}@h/db",
        "clickhouse://h",
        "clickhouse:///db",
    ],
)
def test_what_is_no_url_is_refused_and_not_repeated(url: str) -> None:
    """A URL with a password, or one that cannot be read and may hold one, is one line without any of it."""
    result = audit(url)
    assert result.code == 2
    assert len(result.errors()) == 1
    assert PASSWORD not in result.out + result.err


def test_the_password_goes_in_a_header_and_nowhere_else(tmp_path: Path) -> None:
    """From the environment or a private file it reaches the server in a header, not in a URL or a message."""
    file = tmp_path / "password"
    file.write_text(f"{PASSWORD}\n")
    file.chmod(0o600)
    for options, changes in (((), {"CLICKHOUSE_PASSWORD": PASSWORD}), (("--password-file", file), {})):
        with fake_store([row(1, "clean")]) as store:
            result = audit(store.url(), *options, **changes)
            assert result.code == 0
            assert PASSWORD not in result.out + result.err
            for path, query, headers in store.asked:
                assert headers["X-ClickHouse-Key"] == PASSWORD
                assert PASSWORD not in path + query
    file.chmod(0o644)
    refused = audit("clickhouse://h/db", "--password-file", file)
    assert refused.code == 2
    assert "chmod 600" in refused.err
    assert "terminal" in audit("clickhouse://h/db", "--ask-password").err


@pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl makes the certificate")
def test_tls_needs_a_certificate_that_is_trusted(tmp_path: Path) -> None:
    """clickhouses:// takes the certificate of --ca and no other; names and passwords are UTF-8."""
    made = tmp_path / "store.pem"
    make = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=store"]
    make += [
        "-addext",
        "subjectAltName=IP:127.0.0.1",
        "-keyout",
        str(made),
        "-out",
        str(tmp_path / "ca.pem"),
    ]
    subprocess.run(make, check=True, capture_output=True)
    made.write_bytes(made.read_bytes() + (tmp_path / "ca.pem").read_bytes())
    with fake_store([row(1, "clean")], tls=str(made)) as store:
        url = store.url().replace("clickhouse://", "clickhouses://p%C3%A9ter@")
        result = audit(url, "--ca", tmp_path / "ca.pem", CLICKHOUSE_PASSWORD="ключ-7")
        assert result.code == 0, result.err
        headers = store.asked[-1][2]
        assert headers["X-ClickHouse-Key"].encode("latin-1").decode() == "ключ-7"
        assert headers["X-ClickHouse-User"].encode("latin-1").decode() == "péter"
        assert "no trusted TLS" in audit(url).err


def test_every_query_is_read_only() -> None:
    """After the first question, each query tells the server to be read-only, and only SELECTs are sent."""
    with fake_store([row(1, f"key {made_up_secret()}")]) as store:
        assert audit(store.url(), "--purge-plan", os.devnull).code == 1
        first, *others = store.asked
        assert "system.settings" in first[1]
        assert all("readonly=1" in path and "max_threads=1" in path for path, _, _ in others)
        assert all(query.startswith("SELECT ") for _, query, _ in store.asked)
    with fake_store([], refuses=("readonly=1",)) as store:
        assert audit(store.url()).code == 0
        assert "readonly=2" in store.asked[-1][0]
    with fake_store([], refuses=("readonly=",)) as store:
        result = audit(store.url())
        assert (result.code, result.errors()) == (
            2,
            [f"127.0.0.1:{store.port}: this user's session cannot be made read-only"],
        )


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (Fault(cut=True), "connection was lost"),
        (Fault(tail=b'{"_leakscan_by0":"3","msg":"half'), "broke off"),
        (Fault(tail=b"Code: 241, e.displayText() = DB::Exception: Memory of SECRETROW\n"), "limit on memory"),
        (Fault(tail=b'{"exception":"Code: 159. DB::Exception: SECRETROW (TIMEOUT)"}\n'), "limit on the time"),
        (Fault(tail=b"__exception__\r\nxxx\nCode: 999. SECRETROW (SOME_NEW_ERROR)\n"), "SOME_NEW_ERROR"),
        (Fault(status=502, tail=b"<html>SECRETROW"), "HTTP 502"),
        (Fault(status=500, tail=b"Code: 497. DB::Exception: SECRETROW"), "may not read"),
        (Fault(status=307, headers={"Location": "http://127.0.0.1:9/"}), "HTTP 307"),
        (Fault(wait=3.0), "sent nothing for 1 seconds"),
    ],
)  # fmt: skip
def test_a_store_that_fails_is_said_and_what_came_is_reported(fault: Fault, words: str) -> None:
    """An answer that is cut, an error in its middle, silence: exit 2, one line, and the findings so far."""
    secret = made_up_secret()
    with fake_store([row(1, f"key {secret}"), row(2, "clean")], fault=fault) as store:
        result = audit(store.url(), "--timeout", "1", "--format", "jsonl", "-q")
    assert result.code == 2
    assert len(result.errors()) == 1
    assert words in result.err
    assert "SECRETROW" not in result.err
    if fault.status == 200:
        assert [json.loads(line)["keys"] for line in result.out.splitlines()] == [{"n": "1"}]


def test_rows_that_do_not_come_are_missed() -> None:
    """Fewer rows than the part has are no clean result, though the answer looks whole."""
    with fake_store([row(1, "clean")], part_rows=5) as store:
        result = audit(store.url())
    assert result.code == 2
    assert "only 1 of 5 rows" in result.err


def test_rows_that_cannot_be_scanned_are_counted_each_time(tmp_path: Path) -> None:
    """A row that is no JSON inside is exit 2 with their number, also when the report is made again."""
    deep: Any = "password=" + PASSWORD
    for _ in range(70):
        deep = [deep]
    columns = (("n", "UInt64", 1), ("msg", "Array(String)", 0))
    with fake_store([row(1, deep), row(2, deep), row(3, f"password={PASSWORD}")], columns=columns) as store:
        for _ in range(2):
            result = audit(store.url(), "--resume", tmp_path / "journal", "--format", "jsonl", "-q")
            assert result.code == 2
            assert result.errors() == ["db.t: 2 rows could not be read as JSON: not scanned"]
            assert [json.loads(line)["keys"] for line in result.out.splitlines()] == [{"n": "3"}]


def test_a_store_that_is_away_is_one_line() -> None:
    """No server, no such host and no such table are errors, and no tracebacks."""
    with fake_store([]) as store:
        gone = store.url()
    assert "cannot connect" in audit(gone).err
    with fake_store([]) as store:
        store.table = {}
        assert audit(store.url("t")).code == 2


def test_rows_are_read_as_records() -> None:
    """The name of a column and lists of names beside values tell what a value is; other rows are not read."""
    kinds = {"password": "String", "a.key": "Array(String)", "a.value": "Array(String)", "msg": "String"}
    columns = tuple(Column(name, kind) for name, kind in kinds.items())
    scanner = Scanner()
    rows = Rows(scanner, Table("db", "t", "MergeTree", columns, (), None, None), KeyNames(scanner.engine))
    made: list[dict[str, Any]] = [
        {"password": PASSWORD, "a.key": [], "a.value": [], "msg": ""},
        {"password": "", "a.key": ["x", "db.password"], "a.value": ["y", PASSWORD], "msg": ""},
        {"password": "", "a.key": ["x"], "a.value": [PASSWORD], "msg": "user\x00\u202e"},
        {"password": "", "a.key": [], "a.value": [], "msg": f"line\nDB_PASSWORD={PASSWORD}\n"},
    ]
    block = b"".join(json.dumps(one).encode() + b"\n" for one in made)
    found = list(rows.findings(block))
    assert [(one.cell and one.cell.column, one.json_path) for one in found] == [
        ("password", "$.password"),
        ("a.value", '$["a.value"][1]'),
        ("msg", "$.msg"),
    ]
    broken = block.replace(b'"user', b'"\xff password=' + PASSWORD.encode() + b" ")
    assert len(list(rows.findings(broken + b'{"msg":"password=' + PASSWORD.encode() + b"\n"))) == 4
    assert rows.unread == 1


@pytest.mark.parametrize("size", [1, 3000, 1 << 20])
def test_a_private_key_logged_line_by_line_is_found(size: int) -> None:
    """Each row with a line of the key is a finding of one secret, wherever the blocks are cut."""
    body = [base64.b64encode(os.urandom(48)).decode() for _ in range(24)]
    head, foot = (f"-----{word} RSA PRIVATE KEY-----" for word in ("BEGIN", "END"))
    text = ["start", head, *body, foot, "done", *"abc"]
    lines = [json.dumps(row(number, f"INFO {line}")) for number, line in enumerate(text)]
    made = "".join(f"{line}\n" for line in lines).encode()
    columns, keys = (Column("msg", "String"), Column("x", "String")), (Column("n", "UInt64"),)
    scanner = Scanner()
    rows = Rows(scanner, Table("db", "t", "MergeTree", columns, keys, None, None), KeyNames(scanner.engine))
    pieces = (made[start : start + 700] for start in range(0, len(made), 700))
    found = []
    read = b""
    for block in whole_keys(Blocks(size=size).whole(pieces), rows.plain):
        read += block
        found += list(rows.findings(block))
    assert read == made
    assert [one.cell and one.cell.keys for one in found] == [(("n", str(n)),) for n in range(2, 26)]
    assert len({one.fingerprint for one in found}) == 1
    assert all(text[n].endswith(f"INFO {text[n]}"[one.start : one.end]) for n, one in enumerate(found, 2))


def test_types_of_newer_servers_are_read() -> None:
    """Maps, JSON, named tuples and nested lists are records; times with fractions are times."""
    columns = (
        ("at", "DateTime64(3)", 1), ("attributes", "Map(LowCardinality(String), String)", 0),
        ("body", "JSON", 0), ("pair", "Tuple(name String, value String)", 0),
        ("events", "Array(Tuple(String, Map(String, String)))", 0),
        ("ServiceName", "LowCardinality(String)", 0),
    )  # fmt: skip
    made = {
        "_leakscan_by0": "2025-01-29 00:00:01.250",
        "_leakscan_time": "2025-01-29 00:00:01.250",
        "_leakscan_service": "checkout",
        "attributes": {"http.method": "GET", "db.password": f"{PASSWORD}1"},
        "body": {"user": {"api_key": made_up_secret()}},
        "pair": {"name": "password", "value": f"{PASSWORD}2"},
        "events": [["e", {"authorization": f"Bearer {PASSWORD}-3abcdef"}]],
        "ServiceName": "checkout",
    }
    with fake_store([made], columns=columns) as store:
        result = audit(store.url(), "--format", "jsonl", "-q")
    findings = [json.loads(line) for line in result.out.splitlines()]
    assert sorted(one["json_path"] for one in findings) == [
        '$.attributes["db.password"]',
        "$.body.user.api_key",
        "$.events[0][1].authorization",
        "$.pair.value",
    ]
    assert {one["timestamp"] for one in findings} == {"2025-01-29T00:00:01.250Z"}
    assert {one["service"] for one in findings} == {"checkout"}


def test_an_interrupted_audit_says_how_to_go_on(tmp_path: Path) -> None:
    """^C ends it at once with 130, and names the journal; the audit after it is complete."""
    journal = tmp_path / "journal"
    secret = made_up_secret()
    with fake_store([row(1, f"key {secret}")], fault=Fault(wait=60.0)) as store:
        arguments = ["audit", store.url(), "--resume", str(journal)]
        process = subprocess.Popen(
            [*COMMAND, *arguments], env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        deadline = time.monotonic() + 30
        while not any("FROM `db`" in query for _, query, _ in store.asked) and time.monotonic() < deadline:
            time.sleep(0.02)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=30)
        assert process.returncode == 130
        assert err.decode() == f"leakscan: interrupted: run it again with --resume {journal} to go on\n"
        assert out == b""
        store.fault = Fault()
        again = audit(store.url(), "--resume", journal, "--format", "sarif")
        assert again.code == 1
        jsonschema.validate(json.loads(again.out), json.loads(SCHEMA.read_text("utf-8")))


def test_hostile_keys_reach_no_report_raw(tmp_path: Path) -> None:
    """Escape sequences, formulas and markup in table, column, key and service are shown, not obeyed."""
    evil = "\x1b[2J<script>alert(1)</script>\u202e=1+1'\"`"
    columns = (("n", "String", 1), (evil, "String", 0), ("service", "String", 0))
    made = {"_leakscan_by0": f"={evil}", "_leakscan_service": evil, evil: made_up_secret(), "service": evil}
    table = {"name": evil, "engine": "MergeTree", "sorting_key": "n", "primary_key": "n"}
    with fake_store([made], columns=columns, table=table) as store:
        for form in ("text", "jsonl", "json", "csv", "sarif", "html"):
            out, plan = tmp_path / f"report.{form}", tmp_path / "plan.sql"
            assert audit(store.url(), "--format", form, "-o", out, "--purge-plan", plan).code == 1
            text = out.read_text()
            assert "\x1b" not in plan.read_text()
            assert "\x1b" not in text or form == "csv"
            assert "\u202e" not in text or form in {"csv", "jsonl", "json", "sarif"}
            assert "<script>alert" not in text or form != "html"
            if form == "csv":
                lines = csv.reader(io.StringIO(text, newline=""))
                assert not any(cell.startswith("=") for line in lines for cell in line)
    statement = next(line for line in plan.read_text().splitlines() if line.startswith("ALTER"))
    assert statement.endswith("(" + quoted(f"={evil}") + ");")


def test_blocks_end_at_rows_and_long_rows_are_counted() -> None:
    """Whatever the pieces, blocks put together are the rows; one that is too long is left out and counted."""
    data = b"".join(b"%d%b\n" % (n, b"x" * (n % 50)) for n in range(1000))
    for step in (1, 7, 4096):
        pieces = [data[start : start + step] for start in range(0, len(data), step)]
        blocks = list(Blocks(size=100).whole(pieces))
        assert b"".join(blocks) == data
        assert all(block.endswith(b"\n") for block in blocks)
    cut = Blocks(size=10, longest=40)
    long = b"a\n" + b"y" * 100 + b"\nb\n" + b"z" * 60
    assert b"".join(cut.whole([long[start : start + 9] for start in range(0, len(long), 9)])) == b"a\nb\n"
    assert cut.too_long == 2


def test_parts_that_were_read_are_not_read_again() -> None:
    """A merged part is done when parts that were read have all its blocks, and not if one is missing."""
    done = [Part("a", "p", 1, 3), Part("b", "p", 4, 4), Part("c", "q", 1, 9)]
    merged, more, other = Part("m", "p", 1, 4), Part("n", "p", 3, 5), Part("o", "r", 1, 1)
    assert left([merged, more, other], done) == [more, other]
    assert merged.covers(done[0])
    assert not done[0].covers(merged)
    assert not merged.covers(done[2])


@pytest.mark.parametrize(
    ("kind", "is_text"),
    [
        ("String", True), ("FixedString(16)", True), ("LowCardinality(Nullable(String))", True),
        ("Array(Array(String))", True), ("Map(LowCardinality(String), UInt8)", True), ("JSON", True),
        ("Tuple(a String, b UInt8)", True), ("Nested(key String)", True), ("Object('json')", True),
        ("SimpleAggregateFunction(any, String)", True), ("Variant(String, UInt8)", True), ("Dynamic", True),
        ("AggregateFunction(any, String)", False), ("Enum8('String' = 1)", False), ("UInt64", False),
        ("Enum16('a\\'String' = 1, 'JSON' = 2)", False), ("DateTime64(3, 'UTC')", False), ("UUID", False),
    ],
)  # fmt: skip
def test_types_that_hold_text(kind: str, is_text: bool) -> None:  # noqa: FBT001 - a case
    """Every type with text in it is read; enumerations, numbers and states of aggregations are not."""
    assert holds_text(kind) is is_text


def test_values_are_written_as_their_type_reads_them() -> None:
    """Times are in UTC, numbers bare, all else quoted; what no text says exactly is nothing."""
    assert (
        literal("DateTime('Asia/Tokyo')", "2025-01-01 00:00:00") == "toDateTime('2025-01-01 00:00:00', 'UTC')"
    )
    assert literal("DateTime64(3)", "2025-01-01 00:00:00.123").endswith(".123', 3, 'UTC')")  # type: ignore[union-attr]
    assert literal("LowCardinality(Nullable(UInt64))", "5") == "5"
    assert literal("UInt64", "5) OR (1=1") is None
    assert literal("Float64", "0.1") is None
    assert literal("UUID", "x'") == "toUUID('x\\'')"
    assert (
        overwritten("Map(LowCardinality(String), String)", "`m`")
        == "mapApply((k, v) -> (k, '[REMOVED]'), `m`)"
    )
    assert overwritten("Tuple(String, String)", "`t`") is None


@given(st.text(alphabet=st.characters(codec=None), max_size=40))
def test_no_text_ends_a_literal(text: str) -> None:
    """Whatever a key holds, its literal is one literal in printable characters, and reads back as it."""
    for made, mark in ((quoted(text), "'"), (identifier(text), "`")):
        inner = made[1:-1]
        assert made[0] == made[-1] == mark
        assert made.isprintable()
        assert re.fullmatch(rf"(?:[^{mark}\\]|\\.)*", inner)
    plain = quoted(text)[1:-1]
    raw = re.sub(
        rb"\\x([0-9a-f]{2})|\\(.)",
        lambda found: bytes((int(found[1], 16),)) if found[1] else found[2],
        plain.encode("utf-8"),
    )
    assert raw == text.encode("utf-8", "surrogateescape" if _is_bytes(text) else "replace")


def _is_bytes(text: str) -> bool:
    return not any("\ud800" <= character < "\udc80" or "\udcff" < character <= "\udfff" for character in text)


def found(number: int, *, column: str = "msg") -> tuple[str, Finding]:
    """Return a finding in row `number`."""
    cell = Cell(column, (("n", str(number)),), is_exact=True)
    return "db.t", Finding("r", "", "", "high", "high", 1, 0, 9, 0, "f", b"made up", cell=cell)


def test_a_hundred_thousand_findings_make_few_statements(tmp_path: Path) -> None:
    """Keys go thousands to a statement, each once, and no statement is longer than ClickHouse takes."""
    columns = (Column("msg", "String"), Column("n", "UInt64"))
    table = Table("db", "t", "MergeTree", columns, (Column("n", "UInt64"),), None, None)
    path = tmp_path / "plan.sql"
    with path.open("wb") as out:
        write_plan((found(n // 2) for n in range(200_000)), {"db.t": table}, out, "delete")
    statements = [line for line in path.read_text().splitlines() if line.startswith("ALTER")]
    assert len(statements) == 25
    assert max(map(len, statements)) < 256 * 1024
    numbers = [int(number) for line in statements for number in re.findall(r"\d+", line.partition("IN")[2])]
    assert numbers == list(range(100_000))


def test_a_journal_of_something_else_is_refused(tmp_path: Path) -> None:
    """A journal of another audit, a file that is none, one in use and a damaged one are one clear line."""
    path = str(tmp_path / "journal")
    with Journal(path, {"server": "a", "limit": None}) as journal:
        entry = journal.begin("db.t", Part("p", "p", 1, 1, 10))
        journal.found(found(1)[1])
        entry.rows = 5
        journal.mark(entry)
        with pytest.raises(ConfigError, match="another audit is writing"):
            Journal(path, {"server": "a", "limit": None})
    with pytest.raises(ConfigError, match="another audit \\(server\\)"):
        Journal(path, {"server": "b", "limit": None})
    whole = Path(path).read_bytes()
    Path(path).write_bytes(whole + b'{"f":["half')
    with Journal(path, {"server": "a", "limit": None}) as journal:
        assert [(entry.rows, entry.is_done) for entry in journal.entries] == [(5, False)]
    assert Path(path).read_bytes() == whole
    assert b"made up" not in whole
    for damage in (b"no journal\n", whole.replace(b'"mark":0', b'"mark":7'), b"{}\n"):
        Path(path).write_bytes(damage)
        with pytest.raises(ConfigError, match=r"damaged|no journal"):
            Journal(path, {"server": "a", "limit": None})
    with pytest.raises(ConfigError, match="no regular file"):
        Journal("/dev/null", {})


def test_what_follows_the_last_mark_is_found_again(tmp_path: Path) -> None:
    """Findings after the last mark are dropped when the audit goes on, since their rows are read again."""
    path = str(tmp_path / "journal")
    rules = {"r": Scanner().rules[0]}
    with Journal(path, {}) as journal:
        first = journal.begin("db.t", Part("a", "p", 1, 1, 10))
        journal.found(found(1)[1])
        journal.mark(first)
        journal.found(found(2)[1])
        journal.begin("db.t", Part("b", "p", 2, 2, 10))
        journal.found(found(3)[1])
    with Journal(path, {}) as journal:
        journal.go_on(journal.entries[0])
        journal.found(found(4)[1])
        merged = journal.begin("db.t", Part("c", "p", 1, 9, 10))
        journal.found(found(5)[1])
        keys = [finding.cell.keys[0][1] for _, finding in journal.findings(rules) if finding.cell]
        assert keys == ["5"]
        assert merged.number == 1
    with Journal(path, {}) as journal:
        keys = [finding.cell.keys[0][1] for _, finding in journal.findings(rules) if finding.cell]
        assert keys == ["1"]


def test_an_end_that_is_no_row_is_an_end_too_soon() -> None:
    """Rows end as rows do; errors name their code, never their text."""
    assert not broken_off(b"")
    assert not broken_off(b'{"a":1}\n{"exception":"x"}\n')
    assert broken_off(b'{"a":1}\n{"exception":"Code: 1. x"}\n')
    assert broken_off(b'{"a":1}\nCode: 1, x\n')
    assert broken_off(b'{"a":1}')
    assert meaning(b"Code: 81, Database SECRET") == "there is no such database (code 81)"
    assert "SECRET" not in meaning(b"Code: 4711, SECRET")
    assert "wrong user or password" in meaning(b"", 401)


def test_finished_journals_are_reported_without_reading(tmp_path: Path) -> None:
    """With the journal of a finished audit the report is made again, and the rows are not asked for."""
    journal = tmp_path / "journal"
    with fake_store([row(1, f"key {made_up_secret()}")]) as store:
        first = audit(store.url(), "--resume", journal, "--format", "jsonl")
        asked = len(store.asked)
        second = audit(store.url(), "--resume", journal, "--format", "jsonl")
        assert (first.code, second.code) == (1, 1)
        assert first.out == second.out
        assert not any("FROM `db`" in query for _, query, _ in store.asked[asked:])
        assert "name another file" in audit(store.url(), "--resume", journal, "--limit", "3").err
    assert oct(journal.stat().st_mode & 0o777) == "0o600"


def test_memory_does_not_grow_with_rows() -> None:
    """A block is let go before the next is put together."""
    blocks = Blocks()
    began = time.monotonic()
    most = max(map(len, blocks.whole(b'{"msg":"%b"}\n' % (b"x" * 5000) for _ in range(4000))))
    assert most < 2 << 20
    assert time.monotonic() - began < 20


def test_every_option_of_its_own_is_documented() -> None:
    """docs/audit.md names each option that `leakscan scan` does not have."""
    text = (Path(__file__).parents[1] / "docs" / "audit.md").read_text("utf-8")
    shared = {parameter.name for parameter in scan.params}
    for parameter in command.params:
        if parameter.name not in shared and parameter.name != "url":
            assert parameter.opts[0] in text, parameter.opts[0]
