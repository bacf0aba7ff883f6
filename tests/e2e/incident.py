"""The incident, prevented: a store of chats, keys and passwords, with the sidecar before it and without.

    python tests/e2e/incident.py [--rows 100000] [--audit]

Rows with planted secrets (all made up) go through the sidecar into a real ClickHouse; then the store is
read back: no planted secret is in it, every row is, and all other cells are byte-identical. Then the same
rows go in directly, and `leakscan` finds every secret in what clickhouse-client exports.

With --audit they go in directly, and `leakscan audit` says of each secret since when and until when it stands
in the store (see `incident_audit`).
"""

from __future__ import annotations

import argparse
import contextlib
import gzip
import json
import random
import string
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parents[1]))

from clickhouse import CLIENT, SERVER, ClickHouse, ask, clickhouse

from sidecar_parts import process

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

BATCH = 1000
#: One row in so many holds a secret.
DIRTY = 20
#: When the first row was written, in seconds since 1970; ten follow each second.
START = 1738108800
LETTERS = string.ascii_letters + string.digits
TABLE = """CREATE TABLE log_stream (
    timestamp DateTime, span_name String, string Nested(names String, values String),
    _service String, _source String
) ENGINE = MergeTree ORDER BY timestamp"""
SERVICES = ("chat-api", "gateway", "embedding-worker", "billing")
CHAT = (
    "Explain the difference between a list and a tuple in Python",
    "write a haiku about the sea — and make it sad",
    "Why does my query say token limit exceeded? I sent 12000 tokens",
    "translate: «доброе утро» into French",
    "my password reset mail never came, what now?",
    '{"role":"user","content":"how do I rotate an API key?"}',
)


@dataclass
class Answers:
    """The answer key, kept apart from the rows: number of a row -> its secret."""

    secrets: dict[int, str] = field(default_factory=dict)


def _word(source: random.Random, size: int) -> str:
    while True:
        word = "".join(source.choices(LETTERS, k=size))
        if (
            any(c.isdigit() for c in word)
            and any(c.islower() for c in word)
            and any(c.isupper() for c in word)
        ):
            return word


def made_up(kind: int, source: random.Random) -> str:
    """Return a secret that no vendor made; one kind of the eight has a vendor's prefix."""
    secret = _word(source, source.choice((20, 24, 32)))
    return "sk_live_" + _word(source, 32) if kind == 2 else secret


def planted(kind: int, secret: str) -> tuple[str, str]:
    """Return name and value of a cell that holds a secret, in one of eight ways."""
    return (
        ("http.request.header.authorization", f"Bearer {secret}"),
        ("db.password", secret),
        ("content", f"here is my key {secret} , why is it refused?"),
        ("request.body", json.dumps({"user": "bob", "api_key": secret, "n": 1})),
        ("db.url", f"postgres://svc:{secret}@10.0.0.5:5432/app"),
        ("log", f"login failed user=bob password={secret} attempt=3"),
        ("http.url", f"https://api.example.com/v1?limit=10&access_token={secret}&page=2"),
        ("env", f"HOME=/root\nDB_PASSWORD={secret}\nLANG=C"),
    )[kind]


def rows(
    count: int, answers: Answers, secret_of: Callable[[int], tuple[int, str]] | None = None
) -> Iterator[dict[str, Any]]:
    """Give rows as the back end of a chat service logs them.

    `secret_of` gives kind and secret for the number of a row; else each secret is new.
    """
    source = random.Random(20250129)
    for number in range(count):
        names = ["row", "trace_id", "http.method", "http.status_code", "content"]
        values = [
            str(number),
            f"{source.getrandbits(128):032x}",
            source.choice(("GET", "POST")),
            source.choice(("200", "404", "500")),
            source.choice(CHAT) + source.choice(("", "\n", "\t…", ' \\ "quoted"', " <b>&amp;")),
        ]
        if number % DIRTY == 0:
            kind = number // DIRTY % 8
            if secret_of is None:
                secret = made_up(kind, source)
            else:
                kind, secret = secret_of(number)
            answers.secrets[number] = secret
            name, value = planted(kind, secret)
            place = source.randrange(len(names) + 1)
            names.insert(place, name)
            values.insert(place, value)
        yield {
            "timestamp": time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(START + number // 10)),
            "span_name": f"/api/v{source.randrange(3)}/chat/completions",
            "string.names": names,
            "string.values": values,
            "_service": source.choice(SERVICES),
            "_source": f"10.0.{source.randrange(256)}.7:{source.randrange(1024, 65536)}",
        }


def insert(url: str, made: list[dict[str, Any]]) -> float:
    """Insert rows in batches, every other one compressed; return the seconds."""
    batches = []
    for start in range(0, len(made), BATCH):
        body = b"".join(
            json.dumps(row, ensure_ascii=start % 3 == 0).encode() + b"\n"
            for row in made[start : start + BATCH]
        )
        batches.append(
            (gzip.compress(body, 1), {"Content_Encoding": "gzip"}) if start // BATCH % 2 else (body, {})
        )
    began = time.monotonic()
    with ThreadPoolExecutor(4) as pool:
        for answer in pool.map(
            lambda batch: ask(url, "INSERT INTO log_stream FORMAT JSONEachRow", batch[0], **batch[1]), batches
        ):
            assert answer == b""
    return time.monotonic() - began


def compare(stored: bytes, made: list[dict[str, Any]], answers: Answers) -> int:
    """Check that every row is stored once, and differs from the original in its secret only."""
    raw = stored.decode()
    grams = {raw[i : i + 8] for i in range(len(raw) - 7)}
    for secret in answers.secrets.values():
        body = secret.removeprefix("sk_live_")
        assert not any(body[i : i + 8] in grams for i in range(len(body) - 7)), (
            "a planted secret is in the store"
        )
    found = {}
    for line in stored.splitlines():
        row = json.loads(line)
        number = int(row["string.values"][row["string.names"].index("row")])
        assert number not in found, f"row {number} is stored twice"
        found[number] = row
    assert len(found) == len(made), f"{len(made) - len(found)} rows are missing"
    labels = 0
    for number, row in enumerate(made):
        was, now = dict(row), dict(found[number])
        old, new = was.pop("string.values"), now.pop("string.values")
        assert was == now, f"row {number} differs"
        assert len(old) == len(new)
        for before, after in zip(old, new, strict=True):
            secret = answers.secrets.get(number)
            if secret is None or secret not in before:
                assert before == after, f"a benign cell of row {number} differs"
                continue
            head, _, tail = before.partition(secret)
            assert after.startswith(head), f"row {number} lost text before its secret"
            assert after.endswith(tail), f"row {number} lost text after its secret"
            assert after[len(head) : len(after) - len(tail)].startswith("[REDACTED:")
            labels += 1
    return labels


def scan(export: Path) -> list[dict[str, Any]]:
    """Run `leakscan` over a file as a user would; return its findings."""
    out = export.with_suffix(".findings")
    command = [sys.executable, "-m", "leakscan", str(export), "--format", "jsonl", "-o", str(out), "-q"]
    done = subprocess.run(command, check=False, stderr=subprocess.PIPE, text=True)
    assert done.returncode in {0, 1}, done.stderr
    return [json.loads(line) for line in out.read_text().splitlines()]


def missed(export: Path, findings: list[dict[str, Any]], answers: Answers) -> list[str]:
    """Return the planted secrets of an export that no finding covers."""
    spans: dict[int, list[tuple[int, int]]] = {}
    for finding in findings:
        spans.setdefault(finding["line"], []).append((finding["start"], finding["end"]))
    seen = set()
    for number, line in enumerate(export.read_bytes().splitlines(), 1):
        row = json.loads(line)
        secret = answers.secrets.get(int(row["string.values"][row["string.names"].index("row")]))
        if secret is None:
            continue
        start = line.find(secret.encode())
        end = start + len(secret)
        if any(first <= start and end <= last for first, last in spans.get(number, [])):
            seen.add(secret)
    return [secret for secret in answers.secrets.values() if secret not in seen]


def prevented(store: ClickHouse, made: list[dict[str, Any]], answers: Answers, say: Any = print) -> None:
    """Insert the rows through the sidecar, and check the store."""
    ask(store.url, "", TABLE.encode())
    with process("--upstream", store.url) as sidecar:
        seconds = insert(sidecar.url, made)
        status, metrics = sidecar.get("/metrics")
        assert status == 200
        assert sidecar.stop() == 0
    size = sum(len(json.dumps(row)) for row in made)
    say(f"inserted through the sidecar in {seconds:.1f} s ({size / 1e6 / seconds:.0f} MB/s)")
    labels = compare(_export(store), made, answers)
    ask(store.url, "DROP TABLE log_stream")
    say(f"in the store: {len(made):,} rows, 0 secrets, {labels:,} labels, all other cells byte-identical")
    counts = [line.split()[-1] for line in metrics.splitlines() if line.startswith("leakscan_redacted_total")]
    assert sum(map(float, counts)) >= labels


def found_afterwards(
    store: ClickHouse, made: list[dict[str, Any]], answers: Answers, directory: Path, say: Any = print
) -> None:
    """Insert the rows directly, and have leakscan look for the secrets in an export."""
    ask(store.url, "", TABLE.encode())
    insert(store.url, made)
    export = directory / "export.jsonl"
    export.write_bytes(_export(store))
    began = time.monotonic()
    findings = scan(export)
    seconds = time.monotonic() - began
    left = missed(export, findings, answers)
    found = len(answers.secrets) - len(left)
    say(
        f"inserted directly, exported, scanned in {seconds:.1f} s: "
        f"{found:,} of {len(answers.secrets):,} secrets found"
    )
    assert not left, f"{len(left)} secrets were not found"


def _export(store: ClickHouse) -> bytes:
    return store.export("SELECT * FROM log_stream FORMAT JSONEachRow")


def main() -> None:
    """Run it as a command."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--dir", type=Path, help="keep everything here")
    parser.add_argument("--audit", action="store_true", help="insert directly, and audit the store")
    parser.add_argument(
        "--pictures", type=Path, help="with --audit: show its page in Chromium, and keep that"
    )
    arguments = parser.parse_args()
    for program in (SERVER, CLIENT):
        if not Path(program).exists():
            sys.exit(f"{program} not found: run tests/e2e/setup_clickhouse.sh")
    with contextlib.ExitStack() as stack:
        directory = arguments.dir or Path(stack.enter_context(tempfile.TemporaryDirectory()))
        if arguments.audit:
            from incident_audit import audited  # noqa: PLC0415 - it imports this module

            with clickhouse(Path(directory) / "clickhouse") as store:
                audited(store, arguments.rows, Path(directory), pictures=arguments.pictures)
            return
        answers = Answers()
        made = list(rows(arguments.rows, answers))
        print(f"{len(made):,} rows, {len(answers.secrets):,} of them with a secret")  # noqa: T201 - it is a command
        with clickhouse(Path(directory) / "clickhouse") as store:
            prevented(store, made, answers)
            try:
                found_afterwards(store, made, answers, Path(directory))
            except AssertionError as error:
                sys.exit(f"not done: {error}")


if __name__ == "__main__":
    main()
