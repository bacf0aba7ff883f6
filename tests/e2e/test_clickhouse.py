"""The sidecar before a real ClickHouse: the incident prevented, and every text format inserted through it."""

# ruff: noqa: S608 - statements are what is tested

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parents[1]))

from clickhouse import CLIENT, SERVER, ClickHouse, RefusedError, ask, clickhouse
from incident import Answers, found_afterwards, prevented, rows

from sidecar_parts import SECRET, Process, process, shows

pytestmark = pytest.mark.e2e

#: The story in full is `python tests/e2e/incident.py`, with 100,000 rows.
ROWS = int(os.environ.get("LEAKSCAN_INCIDENT_ROWS", "3000"))
SECOND = '{{"id":2,"password":"x","names":["a"],"values":["b"]}}\n'
HEADER = ("id", "password", "names", "values")
FORMATS = {
    "JSONEachRow": '{{"id":1,"password":"{0}","names":["token"],"values":["{0}"]}}\n' + SECOND,
    "TabSeparated": "1\t{0}\t['token']\t['{0}']\n2\tx\t['a']\t['b']\n",
    "TabSeparatedWithNames": "\t".join(HEADER) + "\n1\t{0}\t['token']\t['{0}']\n2\tx\t['a']\t['b']\n",
    "CSV": '1,"{0}","[\'token\']","[\'{0}\']"\n2,"x","[\'a\']","[\'b\']"\n',
    "CSVWithNames": ",".join(HEADER) + '\n1,"{0}","[\'token\']","[\'{0}\']"\n2,"x","[\'a\']","[\'b\']"\n',
    "Values": "(1,'password={0}',['token'],['token={0}']),(2,'x',['a'],['b'])",
    "TSKV": "id=1\tpassword={0}\nid=2\tpassword=x\n",
}


@pytest.fixture(autouse=True)
def _programs() -> None:
    for program in (SERVER, CLIENT):
        if not Path(program).exists():
            pytest.skip(f"{program} not found: run tests/e2e/setup_clickhouse.sh")


def test_the_incident_prevented(tmp_path: Path) -> None:
    """Through the sidecar no secret reaches the store, and every row and every other byte does."""
    answers = Answers()
    made = list(rows(ROWS, answers))
    with clickhouse(tmp_path / "store") as store:
        prevented(store, made, answers)


def test_leakscan_finds_what_was_inserted_without_the_sidecar(tmp_path: Path) -> None:
    """The same rows inserted directly: each planted secret is found in clickhouse-client's export."""
    answers = Answers()
    made = list(rows(ROWS, answers))
    with clickhouse(tmp_path / "store") as store:
        found_afterwards(store, made, answers, tmp_path)


def test_text_formats_arrive_redacted_and_binary_ones_are_refused(tmp_path: Path) -> None:
    """ClickHouse itself takes what the codecs write, in each format; RowBinary gets no further."""
    with clickhouse(tmp_path / "store") as store, process("--upstream", store.url) as sidecar:
        for name, body in FORMATS.items():
            _insert_and_check(store, sidecar, name, body.format(SECRET).encode())
        with pytest.raises(RefusedError, match="415"):
            ask(sidecar.url, "INSERT INTO t FORMAT RowBinary", b"\x01\x01x")
        assert ask(sidecar.url, "", b"SELECT 1 + 1") == b"2\n"
        with pytest.raises(RefusedError, match="DB::Exception"):
            ask(sidecar.url, "SELECT nonsense")
        assert sidecar.stop() == 0


def test_rows_in_the_statement_itself_arrive_redacted(tmp_path: Path) -> None:
    """ClickHouse takes the SQL that comes out: rows in the URL, in the body, in both, and of a SELECT."""
    awkward = f"it''s \\'password={SECRET}\\' C:\\\\temp"
    with clickhouse(tmp_path / "store") as store, process("--upstream", store.url) as sidecar:
        ask(store.url, "", b"CREATE TABLE s (id UInt8, note String, password String) ENGINE = Memory")
        ask(sidecar.url, f"INSERT INTO s VALUES (1, '{awkward}', '')")
        ask(sidecar.url, "", f"INSERT INTO s VALUES (2, '{awkward}', '')".encode())
        ask(sidecar.url, f"INSERT INTO s (id, password) VALUES (3, '{SECRET}'),", f"(4, '{SECRET}')".encode())
        ask(sidecar.url, "", f"INSERT INTO s (id, note, password) SELECT 5, 'ok', '{SECRET}'".encode())
        ask(sidecar.url, "INSERT INTO s VALUES (6, 'it''s fine', '-')")
        stored = ask(store.url, "SELECT * FROM s ORDER BY id FORMAT TSV").decode()
        assert not shows(stored.encode())
        put = "[REDACTED:generic-password]"
        assert stored.splitlines() == [
            f"1\tit\\'s \\'password={put}\\' C:\\\\temp\t",
            f"2\tit\\'s \\'password={put}\\' C:\\\\temp\t",
            f"3\t\t{put}",
            f"4\t\t{put}",
            f"5\tok\t{put}",
            "6\tit\\'s fine\t-",
        ]


def test_a_number_under_a_telling_name_keeps_its_column(tmp_path: Path) -> None:
    """A numeric column takes a 0, and the batch is not refused for a label."""
    with clickhouse(tmp_path / "store") as store, process("--upstream", store.url) as sidecar:
        ask(store.url, "", b"CREATE TABLE n (id UInt32, password UInt32) ENGINE = Memory")
        ask(sidecar.url, "INSERT INTO n FORMAT JSONEachRow", b'{"id":1,"password":48291377}\n')
        ask(sidecar.url, "INSERT INTO n (id, password) FORMAT TSV", b"2\t48291377\n")
        assert ask(store.url, "SELECT * FROM n ORDER BY id FORMAT TSV") == b"1\t0\n2\t0\n"


def _insert_and_check(store: ClickHouse, sidecar: Process, name: str, body: bytes) -> None:
    ask(store.url, "", b"DROP TABLE IF EXISTS t")
    ask(
        store.url,
        "",
        b"CREATE TABLE t (id UInt8, password String, names Array(String), values Array(String)) "
        b"ENGINE = Memory",
    )
    assert shows(body)
    columns = "(id, password)" if name == "TSKV" else "(id, password, names, values)"
    # the statement in the query, and at the head of the body
    ask(sidecar.url, f"INSERT INTO t {columns} FORMAT {name}", body)
    ask(sidecar.url, "", f"INSERT INTO t {columns} FORMAT {name}\n".encode() + body)
    stored = ask(store.url, "SELECT * FROM t ORDER BY id FORMAT TSV")
    assert not shows(stored), name
    lines = stored.splitlines()
    assert len(lines) == 4, name
    assert b"[REDACTED:" in lines[0]
    assert lines[2].startswith(b"2\tx\t"), name
