"""Reports: each format says all of it, to the letter of its standard, and bounded in memory."""

from __future__ import annotations

import csv
import io
import json
import tracemalloc
from dataclasses import fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jsonschema  # type: ignore[import-untyped] # its types are a package of their own
import pytest

from leakscan.errors import SourceError
from leakscan.finding import Finding
from leakscan.report import FORMATS, ReportOptions, groups, writer
from leakscan.report.csv import guarded
from leakscan.report.record import FIELDS
from leakscan.rules import Rule
from leakscan.totals import Totals

if TYPE_CHECKING:
    from collections.abc import Iterator

SECRET = b"acme_live_0123456789abcdefghijkl"
FINDING = Finding(
    rule_id="acme-key",
    description="Acme key; opens the door.",
    provider="Acme",
    severity="high",
    confidence="certain",
    line=3,
    start=4,
    end=4 + len(SECRET),
    offset=104,
    fingerprint="c0ffee0ddba11c0d",
    secret=SECRET,
    timestamp="2024-11-21T23:05:00Z",
)
OTHER = replace(FINDING, rule_id="other", severity="critical", fingerprint="ff" * 8, secret=b"hunter", line=9)
RULES = (
    Rule("acme-key", "Acme key; opens the door.", "Acme", "high", references=("https://acme.example/keys",)),
)


def written(
    form: str, findings: list[tuple[str, Finding]], totals: Totals | None = None, **options: Any
) -> bytes:
    """Return what a writer writes."""
    out = io.BytesIO()
    totals = totals or Totals(on_failure=lambda _: None, files=2, size=300)
    writer(form)(iter(findings), out, totals, ReportOptions(RULES, **options))
    return out.getvalue()


def test_the_fields_are_those_of_a_finding_without_the_secret() -> None:
    """The contract of jsonl, json and csv: path, masked, and every field but the secret."""
    assert set(FIELDS) == {field.name for field in fields(Finding)} - {"secret", "cell"} | {"path", "masked"}


@pytest.mark.parametrize("form", FORMATS)
def test_no_report_holds_a_secret(form: str) -> None:
    """Not the secret, nor eight characters of it, whatever the format."""
    text = written(form, [("a.log", FINDING), ("a.log", OTHER)]).decode()
    assert not any(SECRET[start : start + 8].decode() in text for start in range(len(SECRET) - 7))
    assert "hunter" not in text


@pytest.mark.parametrize("form", FORMATS)
def test_a_report_of_nothing_is_still_well_formed(form: str) -> None:
    """No findings: text is empty, csv has its header, the others are valid documents."""
    report = written(form, [])
    if form in {"json", "sarif"}:
        json.loads(report)
    elif form == "html":
        assert b"No secret was found." in report
    else:
        assert report.decode() == {"text": "", "jsonl": "", "csv": ",".join(FIELDS) + "\r\n"}[form]


def test_jsonl_is_one_object_a_line() -> None:
    """Each line is an object with the fields in their order."""
    lines = written("jsonl", [("a.log", FINDING), ("b.log", OTHER)]).splitlines()
    records = [json.loads(line) for line in lines]
    assert [list(record) for record in records] == [list(FIELDS)] * 2
    assert records[0]["masked"] == "acme…(32)"
    assert records[1]["masked"] == "…(6)"
    assert records[0]["offset"] == 104


def test_json_has_findings_and_a_summary_by_secret() -> None:
    """The summary has one entry a secret, the worst first, with count, files, first and last place."""
    findings = [("a.log", FINDING), ("a.log", OTHER), ("b.log", replace(FINDING, line=7, timestamp=None))]
    document = json.loads(written("json", findings))
    assert [record["path"] for record in document["findings"]] == ["a.log", "a.log", "b.log"]
    summary = document["summary"]
    assert [(entry["rule_id"], entry["count"], entry["files"]) for entry in summary["secrets"]] == [
        ("other", 1, 1),
        ("acme-key", 2, 2),
    ]
    assert summary["secrets"][1]["first"] == {
        "path": "a.log", "line": 3, "start": 4, "timestamp": "2024-11-21T23:05:00Z",
    }  # fmt: skip
    assert summary["secrets"][1]["last"]["path"] == "b.log"
    assert (summary["complete"], summary["files"], summary["bytes"], summary["places"]) == (True, 2, 300, 3)


@pytest.mark.parametrize("form", ["json", "sarif"])
def test_a_document_says_when_the_scan_was_incomplete(form: str) -> None:
    """A failed input stands in the report: a program must not take a part for the whole."""
    totals = Totals(on_failure=lambda _: None)
    totals.fail(SourceError("b.gz", "gzip data end too early"))
    document = json.loads(written(form, [("a.log", FINDING)], totals))
    if form == "json":
        assert document["summary"]["complete"] is False
        assert document["summary"]["failures"] == [{"path": "b.gz", "reason": "gzip data end too early"}]
    else:
        invocation = document["runs"][0]["invocations"][0]
        assert invocation["executionSuccessful"] is False
        notification = invocation["toolExecutionNotifications"][0]
        assert notification["message"]["text"] == "b.gz: gzip data end too early"


def schema() -> dict[str, Any]:
    """Return the official schema of SARIF 2.1.0."""
    path = Path(__file__).parent / "data" / "sarif-2.1.0.json"
    document: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return document


def test_sarif_follows_the_schema() -> None:
    """With findings, failures, odd file names and stdin: valid against the official schema."""
    totals = Totals(on_failure=lambda _: None)
    totals.fail(SourceError("b.gz", "gone"))
    paths = ["a.log", "/var/log/a b#?.log", "caf\udce9:1.log", "<stdin>", "x\x1b\u202e.log"]
    findings = [(path, finding) for path in paths for finding in (FINDING, OTHER)]
    document = json.loads(written("sarif", findings, totals))
    jsonschema.validate(document, schema())
    jsonschema.validate(json.loads(written("sarif", [])), schema())
    run = document["runs"][0]
    rules = run["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == ["acme-key", "other"]
    assert rules[0]["helpUri"] == "https://acme.example/keys"
    for result in run["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
    first = run["results"][0]
    assert (first["level"], run["results"][1]["level"]) == ("error", "error")
    assert first["partialFingerprints"] == {"leakscan/v1": "c0ffee0ddba11c0d"}
    region = first["locations"][0]["physicalLocation"]["region"]
    assert region == {"startLine": 3, "byteOffset": 104, "byteLength": 32}
    places = [result["locations"][0]["physicalLocation"] for result in run["results"]]
    assert [place["artifactLocation"]["uri"] for place in places[::2]] == [
        "a.log", "file:///var/log/a%20b%23%3F.log", "caf%E9%3A1.log", "stdin", "x%1B%E2%80%AE.log",
    ]  # fmt: skip


def test_csv_reads_back() -> None:
    """Commas, quotes and newlines in file names survive; None is an empty cell."""
    name = 'a,"b"\nc.log'
    rows = list(csv.DictReader(io.StringIO(written("csv", [(name, FINDING)]).decode(), newline="")))
    assert rows[0]["path"] == name
    assert rows[0]["line"] == "3"
    assert rows[0]["json_path"] == ""


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_csv_cells_are_never_formulas(start: str) -> None:
    """A file name that a spreadsheet would run is only text."""
    assert guarded(f"{start}cmd|' /C calc'!A0") == f"'{start}cmd|' /C calc'!A0"
    rows = list(csv.reader(io.StringIO(written("csv", [(f"{start}1", FINDING)]).decode(), newline="")))
    assert rows[1][0] == f"'{start}1"


def test_text_has_one_line_a_secret_the_worst_first() -> None:
    """Grouped by secret: severity, confidence, rule, masked value, count, first and last place."""
    findings = [("a.log", FINDING), ("a.log", OTHER), ("b.log", replace(FINDING, line=7, start=0))]
    lines = [line.split(maxsplit=4) for line in written("text", findings).decode().splitlines()]
    assert lines == [
        ["critical", "certain", "other", "…(6)", "once                a.log:9:5"],
        ["high", "certain", "acme-key", "acme…(32)", "2 times in 2 files  a.log:3:5 .. b.log:7:1"],
    ]


def test_text_cannot_be_steered_by_what_it_shows() -> None:
    """File names and the shown part of a secret hold no control character in the output."""
    hostile = replace(FINDING, secret=b"\x1b[2J" + SECRET)
    text = written("text", [("\x1b]0;x\x07\u202e.log", hostile)], colour=False).decode()
    assert text.rstrip("\n").isprintable()


def test_colour_is_reset_on_every_line() -> None:
    """Coloured text has the same words, and ends each colour that it starts."""
    text = written("text", [("a.log", FINDING)], colour=True).decode()
    assert text.count("\x1b[0m") * 2 == text.count("\x1b[")


@pytest.mark.parametrize("form", ["text", "json"])
def test_distinct_secrets_beyond_the_limit_are_stated(form: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The list by secret is bounded; how much is left out is said."""
    monkeypatch.setattr(groups, "MAX_GROUPS", 10)
    findings = [("a.log", replace(FINDING, fingerprint=f"{number:016x}")) for number in range(15)]
    report = written(form, findings).decode()
    if form == "text":
        assert len(report.splitlines()) == 11
        assert report.splitlines()[-1].startswith("and 5 places of other secrets")
    else:
        assert json.loads(report)["summary"]["places_of_secrets_not_listed"] == 5
        assert len(json.loads(report)["findings"]) == 15


@pytest.mark.parametrize("form", FORMATS)
def test_memory_is_flat_in_the_number_of_findings(form: str) -> None:
    """Two hundred thousand findings of three secrets take less than a megabyte to report."""

    class Nowhere(io.RawIOBase):
        """A file that keeps nothing."""

        def write(self, data: Any) -> int:
            return len(data)

        def writelines(self, lines: Any) -> None:
            for line in lines:
                self.write(line)

    def many() -> Iterator[tuple[str, Finding]]:
        for number in range(200_000):
            yield "a.log", (FINDING, OTHER, replace(OTHER, fingerprint="aa" * 8))[number % 3]

    totals = Totals(on_failure=lambda _: None)
    written(form, [("a.log", FINDING)])  # what is loaded and compiled once does not count
    out: Any = Nowhere()
    tracemalloc.start()
    writer(form)(many(), out, totals, ReportOptions(RULES))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 1_000_000
