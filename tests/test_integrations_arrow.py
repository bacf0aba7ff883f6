"""The Arrow kernel: every row as the scanner has it alone, whatever the layout of the batch."""

from __future__ import annotations

import json
import random
import string
import subprocess
import sys
from typing import Any

import pytest

pytest.importorskip("pyarrow")

import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from leakscan import Allow, Scanner
from leakscan.errors import ConfigError
from leakscan.finding import Finding
from leakscan.integrations.arrow import ERROR, FINDINGS, ColumnError, Engine, redact_arrow, scan_arrow
from leakscan.integrations.arrow.kernel import Kernel
from leakscan.mask import mask
from leakscan.redact import UnscannableError
from leakscan.rules import builtin_rules
from leakscan.siblings import named
from leakscan.walk import Walk

KEY = b"an obviously fake key"
SCANNER = Scanner(key=KEY)
PORTABLE = Scanner(key=KEY, engine="ahocorasick")
PERSONAL = Scanner(key=KEY, packs=["pii"])
KERNELS = {"hyperscan": Kernel.of(SCANNER), "portable": Kernel.of(PORTABLE), "pii": Kernel.of(PERSONAL)}
_RANDOM = random.Random(7)
TOKEN = "sk_live_" + "".join(_RANDOM.choices(string.ascii_letters + string.digits, k=32))
PASSWORD = "Tr0ub4dor&3-hunter"
CARD = "4111111111111111"

#: Pieces of which some are secret only together, and must not come together over the border of two cells.
PIECES = st.sampled_from([
    "", "x", "1", "a", " ", "\n", "é", "password", "password=", PASSWORD, f"password={PASSWORD} ok", TOKEN,
    TOKEN[:11], TOKEN[11:], "key", "token", "authorization", "Bearer ", f"Bearer {TOKEN}", CARD, "user=bob",
    f'{{"password":["{PASSWORD}"]}}', f'{{"key":"password","value":"{PASSWORD}"}}', '"password"', '",',
    f'["password","{PASSWORD}"]', f'{{"pass\\u0077ord":"{PASSWORD}"}}', "--password", "[REDACTED:x]",
])  # fmt: skip
TEXTS = st.one_of(
    st.none(), PIECES, st.lists(PIECES, max_size=3).map("".join), st.text(max_size=6).map(lambda t: t)
)
STRINGS = [pa.string(), pa.large_string(), pa.string_view(), pa.dictionary(pa.int8(), pa.string())]
NAMES = ("message", "password", "key", "value", "string.names", "string.values", "n", "access_token")


def pairs(texts: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Return what a map holds: no key is null."""
    return st.lists(st.tuples(texts.filter(lambda text: text is not None), texts), max_size=3)


#: Types with what their cells may be.
COLUMNS = st.one_of(
    *(st.tuples(st.just(kind), st.just(TEXTS)) for kind in STRINGS),
    st.just((pa.list_(pa.string()), st.one_of(st.none(), st.lists(TEXTS, max_size=3)))),
    st.just((pa.large_list(pa.large_string()), st.one_of(st.none(), st.lists(TEXTS, max_size=3)))),
    st.just((
        pa.list_(pa.dictionary(pa.int16(), pa.string())), st.one_of(st.none(), st.lists(TEXTS, max_size=3))
    )),
    st.just((pa.list_(pa.string(), 2), st.one_of(st.none(), st.lists(TEXTS, min_size=2, max_size=2)))),
    st.just((pa.map_(pa.string(), pa.string()), st.one_of(st.none(), pairs(TEXTS)))),
    st.just((
        pa.struct([("key", pa.string()), ("value", pa.string()), ("pin", pa.int64())]),
        st.one_of(
            st.none(),
            st.fixed_dictionaries({"key": TEXTS, "value": TEXTS, "pin": st.sampled_from([None, 0, 482913])}),
        ),
    )),
    st.just((
        pa.list_(pa.struct([("name", pa.string()), ("value", pa.list_(pa.string()))])),
        st.one_of(
            st.none(),
            st.lists(
                st.fixed_dictionaries({"name": TEXTS, "value": st.lists(TEXTS, max_size=2)}), max_size=2
            ),
        ),
    )),
    st.just((pa.int64(), st.one_of(st.none(), st.integers(0, 9)))),
)  # fmt: skip


@st.composite
def tables(draw: st.DrawFn) -> tuple[pa.Table, int]:
    """Draw a table of batches that are slices of others."""
    names = draw(st.lists(st.sampled_from(NAMES), min_size=1, max_size=4, unique=True))
    rows = draw(st.integers(0, 6))
    before, after = draw(st.integers(0, 3)), draw(st.integers(0, 2))
    columns = []
    for _ in names:
        kind, cells = draw(COLUMNS)
        size = before + rows + after
        columns.append(pa.array(draw(st.lists(cells, min_size=size, max_size=size)), kind))
    whole = pa.RecordBatch.from_arrays(columns, names=names)
    cut = draw(st.integers(0, rows))
    batches = [whole.slice(before, cut), whole.slice(before + cut, rows - cut)]
    return pa.Table.from_batches(batches), rows


def as_record(row: dict[str, Any], schema: pa.Schema) -> dict[str, Any]:
    """Return a row's text as a record, with maps as `leakscan.records` would be given them."""
    record: dict[str, Any] = {}
    for name, value in row.items():
        kind = schema.field(name).type
        if pa.types.is_integer(kind) and named(name) is None:
            continue
        if pa.types.is_map(kind) and value is not None:
            names = {key for key, _ in value}
            as_list = [{"key": key, "value": item} for key, item in value]
            record[name] = dict(value) if len(names) == len(value) else as_list
        else:
            record[name] = value
    return record


def shown(value: Any, before: Any, kind: pa.DataType) -> Any:
    """Return a redacted value as Arrow shows it."""
    if value is None:
        return None
    if pa.types.is_map(kind):
        return list(value.items()) if isinstance(value, dict) else [tuple(one.values()) for one in value]
    if pa.types.is_struct(kind):
        return {one.name: shown(value[one.name], before[one.name], one.type) for one in kind}
    if isinstance(value, list):
        return [shown(item, old, kind.value_type) for item, old in zip(value, before, strict=True)]
    return 0 if isinstance(before, int) and isinstance(value, str) else value


@pytest.mark.parametrize("kernel", KERNELS)
@settings(max_examples=150)
@given(drawn=tables())
def test_each_row_is_redacted_as_the_scanner_redacts_it_alone(
    kernel: str, drawn: tuple[pa.Table, int]
) -> None:
    """Whatever types, nulls, slices and neighbours: a row equals its record's walk, clean batches stay."""
    table, rows = drawn
    scanner = KERNELS[kernel].scanner
    batches = table.to_batches()
    put = [KERNELS[kernel].redacted(batch, None, "label", "mask")[0] for batch in batches]
    assert sum(batch.num_rows for batch in put) == rows
    for before, after in zip(batches, put, strict=True):
        assert after.schema.equals(before.schema, check_metadata=True)
        after.validate(full=True)
        changed = False
        for old, new in zip(before.to_pylist(), after.to_pylist(), strict=True):
            record = as_record(old, before.schema)
            wanted = Walk(scanner, "label", "mask", objects=False).value(record, None, None, 0)
            changed = changed or wanted is not record
            assert new == old | {
                name: shown(value, old[name], before.schema.field(name).type)
                for name, value in wanted.items()
            }
        # clean batches stay the same object, but for secrets in a dictionary that only others use
        assert after is not before or not changed
        assert changed or after is before or "dictionary" in str(before.schema)


@pytest.mark.parametrize("kernel", KERNELS)
@settings(max_examples=100)
@given(drawn=tables())
def test_each_row_is_scanned_as_the_scanner_scans_it_alone(kernel: str, drawn: tuple[pa.Table, int]) -> None:
    """Findings equal those of the walk of each row as a record, whatever is selected."""
    table, _ = drawn
    scanner = KERNELS[kernel].scanner
    found = [
        (place.row + start, finding.json_path, finding.rule_id, finding.secret, finding.fingerprint)
        for start, batch in _starts(table)
        for place in KERNELS[kernel].places(batch, None)
        if (finding := place.finding) is not None
    ]
    wanted = [
        (row, finding.json_path, finding.rule_id, finding.secret, finding.fingerprint)
        for row, cells in enumerate(table.to_pylist())
        for finding in walked(scanner, as_record(cells, table.schema))
    ]
    assert found == wanted


def walked(scanner: Scanner, record: dict[str, Any]) -> list[Finding]:
    """Return the findings in a record, without a quick look before."""
    walk = Walk(scanner, None, "block", objects=False)
    walk.value(record, None, None, 0)
    return walk.findings


def _starts(table: pa.Table) -> list[tuple[int, pa.RecordBatch]]:
    start, placed = 0, []
    for batch in table.to_batches():
        placed.append((start, batch))
        start += batch.num_rows
    return placed


@settings(max_examples=150)
@given(cells=st.lists(st.one_of(st.none(), st.lists(PIECES, max_size=3).map("".join)), max_size=12))
def test_a_cell_is_what_the_scanner_finds_in_it_alone(cells: list[str | None]) -> None:
    """In text without JSON, offsets are bytes in the cell, and no match joins two cells."""
    plain = [None if cell is None or any(mark in cell for mark in '{["') else cell for cell in cells]
    rows = [
        (row["row"], row["column"], row["line"], row["start"], row["end"], row["rule_id"], row["masked"])
        for batch in scan_arrow([pa.record_batch({"text": pa.array(plain, pa.string())})], engine=SCANNER)
        for row in batch.to_pylist()
    ]
    wanted = [
        (row, "text", found.line, found.offset, found.offset + found.end - found.start, found.rule_id,
         mask(found.secret))
        for row, cell in enumerate(plain)
        if cell is not None
        for found in SCANNER.scan(cell.encode())
    ]  # fmt: skip
    assert rows == wanted


def test_no_secret_is_left_in_any_buffer() -> None:
    """Dictionaries and views are rebuilt: the old value is nowhere in what is written."""
    secret = [f"password={PASSWORD}", "x", "y"]
    columns = {
        "dictionary": pa.array(secret).dictionary_encode(),
        "view": pa.array(secret).cast(pa.string_view()),
        "list": pa.array([[one] for one in secret], pa.list_(pa.dictionary(pa.int8(), pa.string()))),
        "plain": pa.array(secret),
    }
    (batch,) = redact_arrow([pa.record_batch(columns)], engine=SCANNER)
    assert b"[REDACTED:generic-password]" in written(batch)
    assert PASSWORD[:8].encode() not in written(batch)


def test_bytes_that_are_no_text_stay_as_they_are() -> None:
    """Invalid UTF-8 survives around a secret, in binary and, where a writer broke the rules, in strings."""
    raw = [b"\xff\xfe password=" + PASSWORD.encode() + b" \x80\x00", None, b"\x80"]
    binary = pa.array(raw, pa.binary())
    batch = pa.record_batch({"raw": binary, "text": binary.cast(pa.string(), safe=False)})
    (put,) = redact_arrow([batch], ["raw", "text"], engine=SCANNER)
    wanted = [b"\xff\xfe password=[REDACTED:generic-password] \x80\x00", None, b"\x80"]
    assert put.column("raw").to_pylist() == wanted
    assert put.column("text").cast(pa.binary()).to_pylist() == wanted


def test_bytes_are_left_alone_unless_their_column_is_named() -> None:
    """A column of bytes may be anything; naming it says that it is text."""
    batch = pa.record_batch({"raw": pa.array([f"password={PASSWORD}".encode()])})
    assert next(redact_arrow([batch], engine=SCANNER)) is batch
    assert next(redact_arrow([batch], ["raw"], engine=SCANNER)) is not batch


def written(batch: pa.RecordBatch) -> bytes:
    """Return a batch as Arrow writes it."""
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, batch.schema) as writer:
        writer.write_batch(batch)
    data: bytes = sink.getvalue().to_pybytes()
    return data


def test_what_stands_behind_a_null_goes() -> None:
    """A null slot may have bytes in the buffer, which are written with it: null it stays, the bytes go."""
    full = pa.array([f"password={PASSWORD}", "ok"])
    buffers = full.buffers()
    nulled = pa.Array.from_buffers(pa.string(), 2, [pa.py_buffer(b"\x02"), buffers[1], buffers[2]])
    batch = pa.record_batch({"text": nulled})
    assert PASSWORD.encode() in written(batch)
    (put,) = redact_arrow([batch], engine=SCANNER)
    assert put.to_pylist() == batch.to_pylist() == [{"text": None}, {"text": "ok"}]
    assert PASSWORD[:8].encode() not in written(put)
    assert not list(scan_arrow([batch], engine=SCANNER))


@pytest.mark.parametrize("is_nested", [False, True])
def test_a_secret_in_a_dictionary_goes_also_where_no_row_shows_it(is_nested: bool) -> None:  # noqa: FBT001 - as pytest gives it
    """Batches of one table share a dictionary, and each is written with all of it."""
    words = pa.array(["a", f"password={PASSWORD}"])
    column = pa.DictionaryArray.from_arrays(pa.array([0, 0, 1], pa.int8()), words)
    if is_nested:
        column = pa.ListArray.from_arrays(pa.array([0, 1, 2, 3], pa.int32()), column)
    batch = pa.record_batch({"text": column})
    put = list(redact_arrow([batch.slice(0, 2), batch.slice(2, 1)], engine=SCANNER))
    assert [one.schema for one in put] == [batch.schema] * 2
    assert put[0].to_pylist() == batch.slice(0, 2).to_pylist()
    assert all(PASSWORD[:8].encode() not in written(one) for one in put)


def test_a_sliced_list_selects_the_right_rows() -> None:
    """Offsets of lists, maps and structs in a slice count from the slice."""
    cells = [["a"], [], None, [f"password={PASSWORD}", "x"], ["y"]]
    kinds: dict[str, Any] = {"list": pa.array(cells), "map": pa.array(
        [None if cell is None else [(f"k{n}", one) for n, one in enumerate(cell)] for cell in cells],
        pa.map_(pa.string(), pa.string()),
    )}  # fmt: skip
    for name, column in kinds.items():
        batch = pa.record_batch({name: column}).slice(2, 2)
        (rows,) = scan_arrow([batch], engine=SCANNER)
        assert [(row["row"], row["column"]) for row in rows.to_pylist()] == [(1, name)]


def test_offsets_beyond_2_gib() -> None:
    """A large string's offsets have 64 bits: a cell behind 2 GiB of another's bytes is found."""
    gap = (1 << 31) + 100
    text = f"password={PASSWORD}".encode()
    data = pa.allocate_buffer(gap + len(text), resizable=False)
    view = memoryview(data).cast("B")
    view[gap:] = text
    offsets = pa.py_buffer(b"".join(n.to_bytes(8, sys.byteorder) for n in (gap, gap, gap + len(text))))
    column = pa.Array.from_buffers(pa.large_string(), 2, [None, offsets, data])
    (rows,) = scan_arrow([pa.record_batch({"text": column})], engine=SCANNER)
    assert [(row["row"], row["start"]) for row in rows.to_pylist()] == [(1, 9)]


def test_the_error_column_is_there_only_when_asked_for() -> None:
    """It holds the reason of rows that could not be scanned; their text is masked, the rest arrives."""
    deep: Any = "x"
    kind: pa.DataType = pa.string()
    for _ in range(70):
        deep, kind = [deep], pa.list_(kind)
    batch = pa.record_batch({
        "password": pa.array([deep, None], kind), "id": pa.array([1, 2]), "text": pa.array(["a", "b"])
    })  # fmt: skip
    (plain,) = redact_arrow([batch], engine=SCANNER)
    assert plain.schema == batch.schema
    (told,) = redact_arrow([batch], engine=SCANNER, errors=True)
    assert told.column(ERROR).to_pylist() == ["depth", None]
    assert told.column("id").to_pylist() == [1, 2]
    assert "x" not in json.dumps(told.column("password").to_pylist()).replace("LEAKSCAN", "")
    with pytest.raises(UnscannableError):
        list(redact_arrow([batch], engine=SCANNER, on_failure="block"))
    (rows,) = scan_arrow([batch], engine=SCANNER)
    assert rows.column("error").to_pylist() == ["depth"]


def test_findings_have_the_documented_schema_and_keep_what_was_asked_for() -> None:
    """`FINDINGS`, after the columns to keep; `row` counts over all batches."""
    batches = [
        pa.record_batch({"id": ["a"], "text": ["clean"]}),
        pa.record_batch({"id": ["b", "c"], "text": ["clean", f"password={PASSWORD}"]}),
    ]
    (rows,) = scan_arrow(batches, engine=SCANNER, keep=["id"])
    assert rows.schema == pa.schema([("id", pa.string()), *FINDINGS])
    (row,) = rows.to_pylist()
    assert (row["id"], row["row"], row["column"], row["start"]) == ("c", 2, "text", 9)
    assert PASSWORD not in str(row)


def test_two_columns_of_one_name_are_both_looked_at() -> None:
    """Arrow allows it; a record does not, so the second has another key."""
    columns = [pa.array(["x"]), pa.array([PASSWORD])]
    batch = pa.RecordBatch.from_arrays(columns, names=["password", "password"])
    (put,) = redact_arrow([batch], engine=SCANNER)
    assert put.column(1).to_pylist() == ["[REDACTED:generic-password]"]
    assert put.column(0).to_pylist() == ["x"]


@pytest.mark.parametrize(
    ("columns", "kind", "reason"),
    [
        (["other"], pa.string(), "there is no column 'other': there are text"),
        (["text"], pa.int64(), "column 'text' holds no text: it is int64"),
        (None, pa.list_view(pa.string()), "column 'text': columns of type list_view"),
        (None, pa.run_end_encoded(pa.int32(), pa.string()), "column 'text': columns of type run_end_encoded"),
    ],
)
def test_a_column_that_cannot_be_read_is_an_error(columns: list[str] | None, kind: Any, reason: str) -> None:
    """Never a column that passes unseen."""
    empty = pa.RecordBatch.from_arrays([pa.array([], kind)], names=["text"])
    with pytest.raises(ColumnError, match=reason.replace("[", r"\[")):
        list(redact_arrow([empty], columns, engine=SCANNER))


def test_a_clean_column_costs_no_step_of_python_for_each_row() -> None:
    """Twice the rows make not one call more, but for the blocks that the prefilter is given."""
    calls = []
    for rows in (1000, 2000):
        batch = pa.record_batch({"text": ["an ordinary line"] * rows})
        seen = [0]

        def count(*_: Any, seen: list[int] = seen) -> None:
            seen[0] += 1

        sys.setprofile(count)
        try:
            KERNELS["hyperscan"].redacted(batch, None, "label", "mask")
        finally:
            sys.setprofile(None)
        calls.append(seen[0])
    assert calls[0] == calls[1]


def test_an_engine_travels_as_bytes() -> None:
    """All of it arrives: rules, packs, allowlist, key; equal engines make one scanner in a process."""
    rules = builtin_rules()[:3]
    made = Engine(
        rules=rules,
        key=KEY,
        min_confidence="high",
        engine="ahocorasick",
        allow=(Allow(reason="demo", values=(b"\xff",), keys=("a",)),),
    )
    back = Engine.from_bytes(made.to_bytes())
    assert [rule.keywords for rule in back.rules or ()] == [rule.keywords for rule in rules]
    assert (back.key, back.min_confidence, back.engine) == (KEY, "high", "ahocorasick")
    assert back.allow == made.allow
    assert made.scanner() is Engine.from_bytes(made.to_bytes()).scanner()
    assert KEY.decode() not in repr(made)


@pytest.mark.parametrize("data", [b"", b"{}", b"\x80\x04", b'{"version":"0.0.0"}', b"[1]"])
def test_bytes_of_something_else_are_no_engine(data: bytes) -> None:
    """A damaged message, or one of another version, is one clear error."""
    with pytest.raises(ConfigError):
        Engine.from_bytes(data)


def test_without_pyarrow_the_message_says_what_to_install() -> None:
    """One line that names the extra."""
    code = (
        "import sys; sys.modules['pyarrow'] = None\n"
        "try:\n    import leakscan.integrations.arrow\n"
        "except ImportError as error:\n    print(error)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "pip install 'leakscan-logs[arrow]'" in done.stdout
