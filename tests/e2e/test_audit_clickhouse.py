"""`leakscan audit` against a real ClickHouse: what it finds, what it takes to purge it, and being killed."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("urllib3", reason="the extra clickhouse is not installed")

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parents[1]))

from clickhouse import CLIENT, PASSWORD, READERS, SERVER, ClickHouse, ask, clickhouse
from incident_audit import audited

from command import COMMAND, Result, environment, leakscan, made_up_secret
from leakscan import Scanner
from leakscan.audit.catalog import tables
from leakscan.audit.journal import Journal
from leakscan.audit.query import Extent
from leakscan.audit.run import Audit
from leakscan.audit.server import Server
from leakscan.audit.url import parse
from leakscan.totals import Totals

pytestmark = pytest.mark.e2e

#: The columns that hold a secret, and what is asked of them.
KINDS = """CREATE TABLE {db}.kinds (
    id UInt64, day Date, at DateTime, kind Enum8('sk_live_in_the_name_of_a_value' = 1), note String,
    fixed FixedString(48), maybe Nullable(String), list Array(String), `attr.key` Array(String),
    `attr.value` Array(String), pair Tuple(String, String), password String, pin UInt16, size UInt64,
    lower String MATERIALIZED lower(note), shown String ALIAS note
) ENGINE = MergeTree PARTITION BY toYYYYMM(day) ORDER BY (id, day, note)"""


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ClickHouse]:
    """Run a server for the tests of this file; each has a database of its own."""
    for program in (SERVER, CLIENT):
        if not Path(program).exists():
            pytest.skip(f"{program} not found: run tests/e2e/setup_clickhouse.sh")
    with clickhouse(tmp_path_factory.mktemp("store") / "clickhouse") as running:
        yield running


@pytest.fixture
def db(store: ClickHouse, request: pytest.FixtureRequest) -> str:
    """Make a database and return its name."""
    name = f"db_{abs(hash(request.node.name))}"
    ask(store.url, "", f"CREATE DATABASE {name}".encode())
    return name


def audit(store: ClickHouse, name: str, *options: str | Path, user: str = "default") -> Result:
    """Run the command on a database or table."""
    return leakscan("audit", f"clickhouse://{user}@127.0.0.1:{store.http}/{name}", *options)


def found(result: Result) -> list[dict[str, Any]]:
    """Return the findings of a report in JSON lines."""
    assert result.code in {0, 1}, result.err
    return [json.loads(line) for line in result.out.splitlines()]


def insert(store: ClickHouse, table: str, rows: list[dict[str, Any]]) -> None:
    """Insert rows."""
    ask(
        store.url,
        f"INSERT INTO {table} FORMAT JSONEachRow",
        b"".join(json.dumps(row).encode() + b"\n" for row in rows),
    )


def test_every_kind_of_text_is_read(store: ClickHouse, db: str) -> None:
    """Each column that holds text gives its secret with column, key and time; what holds none stays quiet."""
    ask(store.url, "", KINDS.format(db=db).encode())
    secrets = {name: made_up_secret() for name in ("fixed", "maybe", "list", "pair")}
    keyed = {name: f"Tr0ub4dor-{name}-x9" for name in ("attr.value", "password")}
    base = {"id": 2**63 + 5, "day": "2025-02-03", "at": "2025-02-03 04:05:06", "note": "it's \\ a\tnote"}
    rows = [{**base, name: secret} for name, secret in secrets.items() if name in {"fixed", "maybe"}]
    rows += [
        {**base, "list": ["a", secrets["list"]]},
        {**base, "pair": ["token", secrets["pair"]]},
        {**base, "attr.key": ["user", "db.password"], "attr.value": ["bob", keyed["attr.value"]]},
        {**base, "password": keyed["password"]},
        {**base, "pin": 4711, "size": 4711},
        {**base},
    ]
    for row in rows:
        insert(store, f"{db}.kinds", [row])
    result = audit(store, db, "--format", "jsonl")
    findings = found(result)
    assert sorted(finding["column"] for finding in findings) == sorted([*secrets, *keyed, "pin"])
    for finding in findings:
        assert finding["table"] == f"{db}.kinds"
        assert finding["keys"] == {"id": str(2**63 + 5), "day": "2025-02-03", "note": "it's \\ a\tnote"}
        assert finding["timestamp"] == "2025-02-03T04:05:06Z"
    assert not any(secret in result.out + result.err for secret in [*secrets.values(), *keyed.values()])


@pytest.mark.parametrize("way", ["delete", "update"])
def test_the_plan_purges_what_was_found_and_nothing_else(
    store: ClickHouse, db: str, way: str, tmp_path: Path
) -> None:
    """Run by an operator, the statements leave no secret and every other row; none of them holds a secret."""
    ask(
        store.url,
        "",
        f"""CREATE TABLE {db}.t (id UInt64, day Date, uid UUID, at DateTime('Asia/Tokyo'), tag FixedString(6),
        name String, msg String, list Array(String)) ENGINE = MergeTree PARTITION BY day
        ORDER BY (id, day, uid, at, tag, name)""".encode(),
    )
    rows = [
        {
            "id": number,
            "day": f"2025-01-0{number % 3 + 1}",
            "uid": f"00000000-0000-4000-8000-{number:012d}",
            "at": "2025-01-01 00:00:00",
            "tag": "ab",
            "name": f"it's `x` \\ {number}\n",
            "msg": f"key {made_up_secret()}" if number % 10 == 0 else "nothing",
            "list": ["a", made_up_secret()] if number % 15 == 0 else [],
        }
        for number in range(100)
    ]
    insert(store, f"{db}.t", rows)
    dirty = sum(1 for number in range(100) if number % 10 == 0 or number % 15 == 0)
    plan = tmp_path / "purge.sql"
    assert audit(store, f"{db}.t", "--purge-plan", plan, "--purge-by", way).code == 1
    text = plan.read_text()
    assert "sk_live_" not in text
    statements = [line for line in text.splitlines() if line.startswith("ALTER")]
    assert 1 <= len(statements) <= 3
    for statement in statements:
        ask(store.url, "", statement.rstrip(";").encode())
    deadline = time.monotonic() + 60
    while (
        ask(store.url, f"SELECT count() FROM system.mutations WHERE database = '{db}' AND NOT is_done")
        != b"0\n"
    ):
        assert time.monotonic() < deadline
        time.sleep(0.1)
    assert audit(store, f"{db}.t").code == 0
    left = int(ask(store.url, f"SELECT count() FROM {db}.t"))
    assert left == (100 - dirty if way == "delete" else 100)


def test_what_no_key_selects_is_said(store: ClickHouse, db: str, tmp_path: Path) -> None:
    """A key that holds a secret is shown nowhere; tables without parts or keys get a reason, no statement."""
    secret = made_up_secret()
    ask(store.url, "", f"CREATE TABLE {db}.a (msg String) ENGINE = MergeTree ORDER BY msg".encode())
    ask(store.url, "", f"CREATE TABLE {db}.b (msg String) ENGINE = MergeTree ORDER BY tuple()".encode())
    ask(store.url, "", f"CREATE TABLE {db}.c (msg String) ENGINE = Log".encode())
    for table in "abc":
        insert(store, f"{db}.{table}", [{"msg": secret}])
    plan = tmp_path / "purge.sql"
    result = audit(store, db, "--format", "jsonl", "--purge-plan", plan)
    assert [finding["keys"] for finding in found(result)] == [{"msg": "[REDACTED]"}, {}, {}]
    text = plan.read_text()
    assert "ALTER" not in text.replace("-- ", "", 0).partition("\n\n")[2]
    assert "keys hold a secret" in text
    assert "sorted by nothing" in text
    assert "a Log table cannot be altered" in text
    assert secret not in text + result.out + result.err


def test_views_are_left_out_unless_named(store: ClickHouse, db: str) -> None:
    """A view repeats what tables hold: it is read when it is named, else a note says that it was not."""
    ask(store.url, "", f"CREATE TABLE {db}.t (msg String) ENGINE = MergeTree ORDER BY tuple()".encode())
    ask(store.url, "", f"CREATE VIEW {db}.v AS SELECT msg FROM {db}.t".encode())
    insert(store, f"{db}.t", [{"msg": made_up_secret()}])
    whole = audit(store, db, "--format", "jsonl")
    assert [finding["table"] for finding in found(whole)] == [f"{db}.t"]
    assert f"{db}.v is left out" in whole.err
    assert [finding["table"] for finding in found(audit(store, f"{db}.v", "--format", "jsonl"))] == [
        f"{db}.v"
    ]


@pytest.mark.parametrize("user", sorted(READERS))
def test_a_reader_is_enough_and_a_wrong_password_is_said(
    store: ClickHouse, db: str, user: str, tmp_path: Path
) -> None:
    """Users who may only read can audit, also those who may set nothing; the password stays out of sight."""
    ask(store.url, "", f"CREATE TABLE {db}.t (n UInt8, msg String) ENGINE = MergeTree ORDER BY n".encode())
    insert(store, f"{db}.t", [{"n": 1, "msg": f"https://x/{made_up_secret()}"}])
    private = tmp_path / "password"
    private.write_text(PASSWORD + "\n")
    private.chmod(0o600)
    good = audit(store, db, "--password-file", private, "--format", "jsonl", user=user)
    assert len(found(good)) == 1
    wrong = leakscan(
        "audit",
        f"clickhouse://{user}@127.0.0.1:{store.http}/{db}",
        env=environment(CLICKHOUSE_PASSWORD="wr0ng-and-made-up"),
    )
    assert wrong.code == 2
    assert "wrong user or password" in wrong.err
    assert "wr0ng" not in wrong.err


def test_killed_it_goes_on_and_reports_as_if_never_killed(store: ClickHouse, db: str, tmp_path: Path) -> None:
    """After three kill -9 the report has every finding once, equal to that of an audit in one go."""
    ask(store.url, "", f"CREATE TABLE {db}.t (n UInt64, msg String) ENGINE = MergeTree ORDER BY n".encode())
    secrets = [made_up_secret() for _ in range(50)]
    for part in range(3):
        insert(
            store,
            f"{db}.t",
            [
                {"n": n, "msg": f"row {n} " + (f"key {secrets[n % 50]}" if n % 10 == 0 else "x" * 300)}
                for n in range(part * 30_000, part * 30_000 + 30_000)
            ],
        )
    ask(store.url, "", f"SYSTEM STOP MERGES {db}.t".encode())
    whole = {
        (finding["keys"]["n"], finding["fingerprint"])
        for finding in found(audit(store, db, "--format", "jsonl"))
    }
    assert len(whole) == 9000
    journal = tmp_path / "journal"
    url = f"clickhouse://127.0.0.1:{store.http}/{db}"
    command = [*COMMAND, "audit", url, "--resume", str(journal), "--format", "jsonl"]
    for _ in range(3):
        size = journal.stat().st_size if journal.exists() else 0
        process = subprocess.Popen(
            command, env=environment(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        deadline = time.monotonic() + 30
        while process.poll() is None and time.monotonic() < deadline:
            if journal.exists() and journal.stat().st_size > size + 100_000:
                break
            time.sleep(0.002)
        process.send_signal(signal.SIGKILL)
        process.wait()
    assert not any(secret.encode() in journal.read_bytes() for secret in secrets)
    last = audit(store, db, "--resume", journal, "--format", "jsonl")
    again = found(last)
    assert "going on after" in last.err
    assert len(again) == 9000
    assert {(finding["keys"]["n"], finding["fingerprint"]) for finding in again} == whole
    assert "nothing is read again" in audit(store, db, "--resume", journal).err


def test_parts_that_are_merged_while_it_reads_are_read_once(store: ClickHouse, db: str) -> None:
    """A merge in the middle of an audit loses no row, and no finding comes twice."""
    ask(store.url, "", f"CREATE TABLE {db}.t (n UInt64, msg String) ENGINE = MergeTree ORDER BY n".encode())
    ask(store.url, "", f"SYSTEM STOP MERGES {db}.t".encode())
    for n in range(6):
        insert(store, f"{db}.t", [{"n": n, "msg": made_up_secret()}])
    merged = []

    def tick(_: int) -> None:
        if not merged:
            merged.append(True)
            ask(store.url, "", f"SYSTEM START MERGES {db}.t".encode())
            ask(store.url, "", f"OPTIMIZE TABLE {db}.t FINAL".encode())

    with Journal(None, {}) as journal:
        keys = run(store, db, journal, tick)
    assert sorted(keys) == [str(n) for n in range(6)]


def run(store: ClickHouse, db: str, journal: Journal, tick: Callable[[int], object]) -> list[str | None]:
    """Audit in this process; return the first key of every finding."""
    target = parse(f"clickhouse://127.0.0.1:{store.http}/{db}")
    server = Server(target, "", timeout=60)
    server.open_session()
    scanner = Scanner(key=b"an obviously fake key")
    totals = Totals(on_failure=lambda error: pytest.fail(str(error)))
    Audit(server, scanner, journal, Extent(), totals, tick).run(tables(server, target)[0])
    rules = {rule.id: rule for rule in scanner.rules}
    return [finding.cell.keys[0][1] for _, finding in journal.findings(rules) if finding.cell]


def test_it_goes_on_in_the_middle_of_a_part(
    store: ClickHouse, db: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ended anywhere in a part, it goes on with the next row: nothing is read twice, nothing is left out."""
    monkeypatch.setattr("leakscan.audit.journal.INTERVAL", 0.0)
    ask(store.url, "", f"CREATE TABLE {db}.t (n UInt64, msg String) ENGINE = MergeTree ORDER BY n".encode())
    dirty = {n for n in range(40_000) if n % 100 == 7}
    insert(
        store,
        f"{db}.t",
        [{"n": n, "msg": made_up_secret() if n in dirty else "x" * 200} for n in range(40_000)],
    )
    path = str(tmp_path / "journal")
    sizes = []

    def tick(size: int) -> None:
        sizes.append(size)
        if len(sizes) in {2, 5}:
            raise KeyboardInterrupt

    for _ in range(2):
        with pytest.raises(KeyboardInterrupt), Journal(path, {}) as journal:
            run(store, db, journal, tick)
    with Journal(path, {}) as journal:
        read = sum(entry.rows for entry in journal.entries)
        assert 0 < read < 40_000
        assert sorted(map(int, filter(None, run(store, db, journal, tick)))) == sorted(dirty)
        assert [entry.rows for entry in journal.entries] == [40_000]


def test_the_incident_audited(store: ClickHouse, tmp_path: Path) -> None:
    """Each planted secret is found with its count and exposure window, and the other rows are quiet."""
    audited(store, 20_000, tmp_path, say=lambda _: None)


def test_a_sample_and_a_limit_read_so_many_rows(store: ClickHouse, db: str) -> None:
    """--limit reads that many rows of each table, --sample about that share, the same ones each time."""
    ask(store.url, "", f"CREATE TABLE {db}.t (n UInt64, msg String) ENGINE = MergeTree ORDER BY n".encode())
    for part in range(2):
        rows = [{"n": n, "msg": made_up_secret()} for n in range(part * 1000, part * 1000 + 1000)]
        insert(store, f"{db}.t", rows)
    limited = audit(store, db, "--limit", "1500", "--format", "jsonl")
    assert len(found(limited)) == 1500
    assert "--limit" in limited.err
    first, second = (audit(store, db, "--sample", "0.2", "--format", "jsonl") for _ in range(2))
    assert first.out == second.out
    assert 200 < len(found(first)) < 600
