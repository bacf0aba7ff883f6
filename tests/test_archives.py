"""Archives: lines that come in splits and batches are found and redacted as in their files."""

from __future__ import annotations

import random
import string
from typing import Any

import pytest

pytest.importorskip("pyarrow")

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from leakscan import Scanner
from leakscan.integrations.archives import BLOCK, FOUND, LINE, PATH, redact_lines, scan_lines
from leakscan.integrations.engine import Engine

ENGINE = Engine(key=b"an obviously fake key")
SCANNER = Scanner(key=b"an obviously fake key")
_RANDOM = random.Random(3)
TOKEN = b"sk_live_" + "".join(_RANDOM.choices(string.ascii_letters + string.digits, k=32)).encode()
_BODY = [
    "".join(_RANDOM.choices(string.ascii_letters + string.digits + "+/", k=64)).encode() for _ in range(12)
]
PEM = b"\n".join([b"-----BEGIN RSA PRIVATE KEY-----", *_BODY, b"-----END RSA PRIVATE KEY-----"])
LINES = st.sampled_from([
    b"", b"an ordinary line", b"\r", b"\xff\x00 bytes", b"2026-01-02T03:04:05Z password=Tr0ub4dor&3-hunter",
    TOKEN, b"key=" + TOKEN + b"\r", PEM, PEM[:200], "é password=Tr0ub4dor&3-hunter".encode(),
])  # fmt: skip


def batches(files: dict[str, list[list[bytes]]], size: int) -> list[pa.RecordBatch]:
    """Return the lines of files, which have splits, as a reader gives them."""
    rows: list[tuple[bytes, str, int]] = []
    for path, splits in files.items():
        block = 0
        for lines in splits:
            rows += [(line, path, block) for line in lines]
            block += 1000
    made = []
    for start in range(0, len(rows), size):
        values, paths, blocks = zip(*rows[start : start + size], strict=True)
        text = pa.array(values, pa.binary()).cast(pa.string(), safe=False)
        made.append(pa.record_batch({LINE: text, PATH: list(paths), BLOCK: pa.array(blocks, pa.int64())}))
    return made


FILES = st.dictionaries(
    st.sampled_from(["a", "b", "c"]),
    # a line of a key is one of its own; a split has lines
    st.lists(
        st.lists(LINES, min_size=1, max_size=4).map(lambda one: b"\n".join(one).split(b"\n")),
        min_size=1, max_size=3,
    ),
    max_size=3,
)  # fmt: skip


@given(files=FILES, size=st.integers(1, 40))
def test_a_split_is_scanned_as_its_bytes(files: dict[str, list[list[bytes]]], size: int) -> None:
    """Whatever batches the lines come in: rule, place, time and fingerprint are those of the text."""
    rows = [row for batch in scan_lines(ENGINE.to_bytes(), batches(files, size)) for row in batch.to_pylist()]
    found = [
        (row[PATH], row[BLOCK], row["rule_id"], row["line"], row["start"], row["offset"], row["fingerprint"])
        for row in rows
        if row["rule_id"] is not None
    ]
    wanted: list[Any] = []
    for path, splits in files.items():
        for number, lines in enumerate(splits):
            wanted += [
                (path, number * 1000, one.rule_id, one.line, one.start, one.offset, one.fingerprint)
                for one in SCANNER.scan(b"\n".join(lines) + b"\n")
            ]
    assert found == wanted
    counted = [
        (row[PATH], row[BLOCK], row["lines"], row["bytes"]) for row in rows if row["lines"] is not None
    ]
    assert counted == [
        (path, number * 1000, len(lines), sum(map(len, lines)) + len(lines))
        for path, splits in files.items()
        for number, lines in enumerate(splits)
    ]


@given(files=FILES, size=st.integers(1, 40))
def test_a_split_is_redacted_as_its_bytes(files: dict[str, list[list[bytes]]], size: int) -> None:
    """Every line comes back, in order, and nothing but secrets is changed: invalid UTF-8 stays."""
    engine = ENGINE.to_bytes()
    put = [
        line
        for batch in redact_lines(engine, "label", "mask", batches(files, size))
        for line in batch.column(LINE).cast(pa.binary()).to_pylist()
    ]
    wanted: list[bytes] = []
    for splits in files.values():
        for lines in splits:
            wanted += SCANNER.redact(b"\n".join(lines) + b"\n")[:-1].split(b"\n")
    assert put == wanted


def test_rows_have_the_documented_schema() -> None:
    """`FOUND`, for findings and for figures."""
    made = list(scan_lines(ENGINE.to_bytes(), batches({"a": [[TOKEN]]}, 1)))
    assert {batch.schema for batch in made} == {FOUND}
    assert TOKEN.decode() not in str([batch.to_pylist() for batch in made])


@pytest.mark.parametrize("head", [b"PAR1\x15", b"\x1f\x8b\x08", b"\x28\xb5\x2f\xfd", b"\xff\xfep\x00"])
def test_what_the_reader_did_not_unpack_is_not_scanned_as_text(head: bytes) -> None:
    """A zstd file that Spark takes for text is an error, as is UTF-16: never a clean file."""
    files = {"a": [[head + b"password=Tr0ub4dor&3-hunter"]]}
    (batch,) = scan_lines(ENGINE.to_bytes(), batches(files, 5))
    (row,) = batch.to_pylist()
    assert row["error"].endswith("was not unpacked: not scanned")
    with pytest.raises(ValueError, match="a: is"):
        list(redact_lines(ENGINE.to_bytes(), "label", "mask", batches(files, 5)))
