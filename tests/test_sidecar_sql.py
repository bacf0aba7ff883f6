"""ClickHouse statements through the sidecar: SQL in the URL and in the body stays SQL, without a secret."""

# ruff: noqa: S608 - statements are what is tested

from __future__ import annotations

import string
import time
from typing import Any
from urllib.parse import parse_qsl, quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

pytest.importorskip("aiohttp")
pytest.importorskip("cramjam")
pytest.importorskip("prometheus_client")

from leakscan.sidecar.codecs import Tally, sql
from leakscan.sidecar.config import Route
from leakscan.sidecar.limits import Limits
from leakscan.sidecar.rewriting import Job, RefusedError, Rewritten, rewrite_body
from sidecar_parts import REDACTION, SECRET, run, shows, sidecar, upstream

PUT = "[REDACTED:generic-password]"
CLEAN = "INSERT INTO t VALUES (1, 'all is well')"


def through(statement: str, body: bytes = b"", *, more: str = "", **route: Any) -> tuple[str, Rewritten]:
    """Return the statement in the URL and what else comes out of a request."""
    target = f"/?database=logs&query={quote(statement, safe='')}{more}" if statement else "/?database=logs"
    job = Job(body, target, {}, Route(upstream="http://x", **route), REDACTION, Limits())
    done = rewrite_body(job)
    shown = done.target or target
    assert shown.startswith("/?database=logs")
    return dict(parse_qsl(shown.partition("?")[2])).get("query", ""), done


@pytest.mark.parametrize(
    ("before", "columns", "after"),
    [
        ("(1, 'login password={}')", (), "(1, 'login password={put}')"),
        ("('bob','{}'),('al','{}')", ("user", "password"), "('bob','{put}'),('al','{put}')"),
        ("(1,['user','password'],['x','{}'])", (), "(1,['user','password'],['x','{put}'])"),
        ("(lower('password={}'), now(), NULL)", (), "(lower('password={put}'), now(), NULL)"),
        ("('a\\'b password=\\'{}\\'', 'c''d')", (), "('a\\'b password=\\'{put}\\'', 'c''d')"),
        ('(\'{{"password":"{}"}}\', -7.5e3)', (), '(\'{{"password":"{put}"}}\', -7.5e3)'),
        ("(1, 48291377)", ("id", "password"), "(1, 0)"),
        ("(1, 'fine') -- password={}\n", (), "(1, 'fine') -- password={put}\n"),
        ("(1, $x$password={}$x$)", (), "(1, 'password={put}')"),
        ("(1, {{'password':'{}'}})", (), "(1, {{'password':'{put}'}})"),
        ("(1, 'password={}", (), "(1, 'password={put}'"),
    ],
)
def test_rows_of_sql(before: str, columns: tuple[str, ...], after: str) -> None:
    """Literals without their secrets, quoted so that they are literals again; all else as it was."""
    out = sql.rewrite(before.replace("{}", SECRET).format().encode(), REDACTION, Tally(), columns)
    assert out.decode() == after.format(put=PUT)


VALUES = st.text(string.ascii_letters + "'\\\"\n\t(),[]é -/*$`", max_size=20)


@given(
    rows=st.lists(st.tuples(VALUES, VALUES, st.integers(-9999, 9999)), min_size=1, max_size=4),
    at=st.integers(0),
)
def test_what_comes_out_reads_as_the_same_rows(rows: list[tuple[str, str, int]], at: int) -> None:
    """Whatever stands in the cells: only the one that was a secret differs."""
    made = b",".join(b"(%s,%s,%d)" % (sql.quoted(a), sql.quoted(b), n) for a, b, n in rows)
    assert read(made) == [list(row) for row in rows]
    dirty = [list(row) for row in rows]
    dirty[at % len(rows)][1] = SECRET
    body = b",".join(b"(%s,%s,%d)" % (sql.quoted(str(a)), sql.quoted(str(b)), int(n)) for a, b, n in dirty)
    out = sql.rewrite(body, REDACTION, Tally(), ("note", "password", "n"))
    found = read(out)
    assert not shows(out)
    assert found[at % len(rows)][1] == PUT
    assert [row[2] for row in found] == [row[2] for row in dirty]


def read(rows: bytes) -> list[Any]:
    """Return the rows that SQL says."""
    return [sql._value(group) for group in sql._groups(rows)]


@pytest.mark.parametrize(
    "rows",
    [b"'" * 200_000, b"'\\'" * 100_000, b"/*" * 100_000, b"$a$" * 100_000, b"(" * 100_000, b"[['" * 60_000],
    ids=["quotes", "escapes", "comments", "heredocs", "groups", "arrays"],
)  # fmt: skip
def test_hostile_rows_take_no_longer_than_others(rows: bytes) -> None:
    """What is never closed is read once."""
    began = time.monotonic()
    job = Job(
        b"INSERT INTO t VALUES (1, 'password=" + SECRET.encode() + b"')," + rows, "/", {},
        Route(upstream="http://x"), REDACTION, Limits(),
    )  # fmt: skip
    assert not shows(rewrite_body(job).body)
    assert time.monotonic() - began < 10


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        (f"INSERT INTO t VALUES (1, 'password={SECRET}')", f"INSERT INTO t VALUES (1, 'password={PUT}')"),
        (f"insert into t (n, pwd) values (1, '{SECRET}')", f"insert into t (n, pwd) values (1, '{PUT}')"),
        (f"INSERT INTO t (n, pwd) SELECT 1, '{SECRET}'", f"INSERT INTO t (n, pwd) SELECT 1, '{PUT}'"),
        (
            f'INSERT INTO t FORMAT JSONEachRow {{"password":"{SECRET}"}}',
            f'INSERT INTO t FORMAT JSONEachRow {{"password":"{PUT}"}}',
        ),
        (CLEAN, CLEAN),
    ],
)  # fmt: skip
def test_rows_in_the_url_are_redacted(statement: str, expected: str) -> None:
    """Without a body and with one; in the body as in the URL; the other parameters stay as they are."""
    shown, done = through(statement, more="&x=a%20b+c")
    assert shown == expected
    if statement == expected:
        assert done.target is None
    else:
        assert done.target is not None
        assert done.target.endswith("&x=a%20b+c")
        assert sum(done.tally.by_rule.values()) == 1
    _, done = through("", statement.encode())
    assert done.body.decode() == expected
    assert done.target is None


def test_rows_in_both_are_redacted() -> None:
    """ClickHouse reads them as one text."""
    shown, done = through(
        f"INSERT INTO t VALUES (1, 'password={SECRET}'),", f"(2, 'password={SECRET}')".encode()
    )
    assert shown == f"INSERT INTO t VALUES (1, 'password={PUT}'),"
    assert done.body.decode() == f"(2, 'password={PUT}')"


def test_parameters_of_the_statement_are_redacted() -> None:
    """Their names count, and what they say."""
    more = f"&param_password={SECRET}&param_text=token%3D{SECRET}&param_n=7"
    statement = "INSERT INTO t VALUES ({n:UInt8}, {password:String}, {text:String})"
    _, done = through(statement, more=more)
    assert done.target is not None
    assert not shows(done.target.encode())
    assert done.target.endswith("&param_n=7")


@pytest.mark.parametrize("where", ["url", "body"])
def test_other_statements_pass_and_are_counted_if_they_hold_a_secret(where: str) -> None:
    """A query that inserts nothing would mean something else if it were changed."""
    for text, counted in ((f"SELECT 1 WHERE password='{SECRET}'", {"statement": 1}), ("SELECT 1", {})):
        shown, done = through(*((text, b"") if where == "url" else ("", text.encode())), codec="clickhouse")
        assert (shown or done.body.decode()) == text
        assert done.tally.unscanned == counted


def test_two_statements_in_one_url_are_refused() -> None:
    """Which of them counts is ClickHouse's to say, so neither passes."""
    with pytest.raises(RefusedError, match="several statements"):
        through("SELECT 1", more="&query=" + quote(f"INSERT INTO t VALUES ('password={SECRET}')"))


@pytest.mark.parametrize(("policy", "passes"), [("mask", False), ("block", False), ("open", True)])
def test_a_statement_that_cannot_be_scanned(
    monkeypatch: pytest.MonkeyPatch,
    policy: Any,
    passes: bool,  # noqa: FBT001 - a table
) -> None:
    """Nothing can be put in its place: it is refused, or passes where that was asked for, and is counted."""

    def broken(*_: Any) -> bytes:
        raise ZeroDivisionError

    monkeypatch.setattr(sql, "rewrite", broken)
    if passes:
        _, done = through(CLEAN, on_failure=policy)
        assert done.target is None
        assert done.tally.unscanned == {"ZeroDivisionError": 1}
    else:
        with pytest.raises(RefusedError, match="cannot be scanned"):
            through(CLEAN, on_failure=policy)


def test_through_the_proxy_without_a_body() -> None:
    """The URL that upstream sees holds no secret; an empty body to another path is none of this."""

    async def main() -> None:
        async with upstream() as store, sidecar(store.url) as it:
            statement = quote(f"INSERT INTO t VALUES (1, 'password={SECRET}')", safe="")
            async with it.client.post(f"{it.url}/?query={statement}&a=b") as answer:
                assert answer.status == 200
            async with it.client.post(
                f"{it.url}/api/v1/query?query=up", headers={"Content-Type": "application/x-own"}
            ) as answer:
                assert answer.status == 200
            assert not shows(store.seen[0].target.encode())
            assert "REDACTED" in store.seen[0].target
            assert store.seen[0].target.endswith("&a=b")
            assert store.seen[1].target == "/api/v1/query?query=up"
            assert it.metrics.snapshot().counters["leakscan_redacted", "generic-password"] == 1

    run(main())
