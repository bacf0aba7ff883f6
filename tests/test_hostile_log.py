"""A hostile log: 10,000 lines of payloads, in files whose names are payloads, in every format.

What a browser makes of the page is tested in `e2e/test_report_page.py`.
"""

from __future__ import annotations

import csv
import io
import json
import re
import subprocess
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import jsonschema  # type: ignore[import-untyped] # its types are a package of their own
import pytest

from command import COMMAND, environment
from hostile import LINES, PROOF, hostile_files
from leakscan.report.csv import guarded
from leakscan.report.html import policy
from leakscan.report.record import FIELDS

#: C0 but line feeds, DEL, C1, zero-width and bidi controls, separators, tags.
STEERING = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\U000e0000-\U000e007f]"
)


@pytest.fixture(scope="module")
def logs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The log, in files of a folder."""
    folder = tmp_path_factory.mktemp("logs")
    files = hostile_files(folder)
    assert sum(path.read_bytes().count(b"\n") for path in files) >= LINES
    return folder


def written(logs: Path, form: str, *options: str) -> bytes:
    """Return the report of the log from inside its folder, so that names begin with their payload."""
    names = sorted(path.name for path in logs.iterdir())
    done = subprocess.run(
        [*COMMAND, "-q", "--format", form, *options, "--", *names],
        cwd=logs, env=environment(), capture_output=True, check=False, timeout=120,
    )  # fmt: skip
    assert done.stderr == b""
    assert done.returncode == 1
    return done.stdout


def test_jsonl_and_json_parse_strictly(logs: Path) -> None:
    """Every line and the whole document are JSON in UTF-8 with the fields they have always, and agree."""
    records = [json.loads(line) for line in written(logs, "jsonl").decode().split("\n")[:-1]]
    document = json.loads(written(logs, "json").decode())
    assert len(records) > LINES // 2
    assert all(list(record) == list(FIELDS) for record in records)
    assert document["findings"] == records
    assert sum(secret["count"] for secret in document["summary"]["secrets"]) == len(records)
    assert {record["masked"][:2] for record in records} >= {"+1", "-2", "@S"}
    assert any("<script>" in str(record["service"]) for record in records)


def test_csv_parses_strictly_and_no_cell_is_a_formula(logs: Path) -> None:
    """As many columns in every row; no cell starts with what a spreadsheet runs; it says what JSONL says."""
    rows = list(csv.reader(io.StringIO(written(logs, "csv").decode(), newline=""), strict=True))
    assert rows[0] == list(FIELDS)
    assert {len(row) for row in rows} == {len(FIELDS)}
    cells = {cell for row in rows for cell in row}
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t", "\r", "\uff1d"))]
    assert any(cell.startswith("'=cmd") for cell in cells)
    records = [json.loads(line) for line in written(logs, "jsonl").splitlines()]
    shown = [
        ["" if value is None else str(guarded(value)) for value in record.values()] for record in records
    ]
    assert rows[1:] == shown


def test_sarif_is_valid(logs: Path) -> None:
    """Valid by the official schema, and every address in it is one."""
    document = json.loads(written(logs, "sarif", "--max-per-secret", "2").decode())
    schema = json.loads((Path(__file__).parent / "data" / "sarif-2.1.0.json").read_text("utf-8"))
    jsonschema.validate(document, schema)
    results = document["runs"][0]["results"]
    assert len(results) > 1000
    places = [result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for result in results]
    assert all(re.fullmatch(r"[A-Za-z0-9._~/%-]+", uri) for uri in places)


def test_text_cannot_steer_a_terminal(logs: Path) -> None:
    """No control, C1 or bidi character in it; every line starts with a severity: none was made by a name."""
    text = written(logs, "text").decode()
    assert STEERING.search(text) is None
    assert {line.split()[0] for line in text.splitlines()} <= {"critical", "high", "medium", "low"}
    assert "\\x1b" in text
    assert "\\u202e" in text


class Elements(HTMLParser):
    """Collects what a page is made of."""

    def __init__(self) -> None:
        super().__init__()
        self.names: set[str] = set()
        self.attributes: set[tuple[str, str]] = set()
        self.links: set[str] = set()
        self.raw: dict[str, str] = {}
        self.policy = ""

    # the parser calls these
    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take an element."""
        self.names.add(tag)
        self.attributes |= {(tag, name) for name, _ in attrs}
        values = dict(attrs)
        if tag == "a":
            self.links.add(values["href"] or "")
        if values.get("http-equiv") == "Content-Security-Policy":
            self.policy = values["content"] or ""

    def handle_data(self, data: str) -> None:
        """Take text; only that of script and style is kept."""
        if self.cdata_elem is not None:
            self.raw[self.cdata_elem] = self.raw.get(self.cdata_elem, "") + data


def test_the_page_holds_text_only_as_text(logs: Path) -> None:
    """Of a log nothing becomes an element, an attribute, an address, a script or a style; nothing steers."""
    page = written(logs, "html").decode()
    elements: Any = Elements()
    elements.feed(page)
    elements.close()
    assert STEERING.search(page) is None
    known = (
        "a b bdi body br code details div fieldset footer g h1 h2 head header html input label legend li "
        "link main meta option p rect script section select span style summary svg table tbody td th thead "
        "time title tr ul"
    )
    assert elements.names <= set(known.split())
    assert not [
        pair for pair in elements.attributes if pair[1].startswith("on") or pair[1] in {"style", "src"}
    ]
    assert all(link.startswith("https://") or link == "#secrets" for link in elements.links)
    assert elements.policy == policy(elements.raw["style"], elements.raw["script"])
    assert page.count("<script") == page.count("<style") == 1
    assert PROOF not in elements.raw["script"]
    assert "&lt;script&gt;" in page
