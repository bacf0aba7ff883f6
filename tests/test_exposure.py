"""The exposure report: counts, exposure windows and timeline, and a page that stays small and honest."""

from __future__ import annotations

import io
import json
import re
import time
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leakscan.errors import SourceError
from leakscan.finding import SEVERITIES, Cell, Finding
from leakscan.report import ReportOptions, groups, tally, writer
from leakscan.report.advice import advice
from leakscan.report.exposure import Exposure
from leakscan.report.markup import element
from leakscan.report.tally import Tally
from leakscan.report.timeline import MAX_KEPT, WIDTHS, Timeline, utc
from leakscan.report.wording import clock, duration, moment, zone_name
from leakscan.rules import Rule, builtin_rules
from leakscan.totals import Totals

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

SECRET = b"acme_live_0123456789abcdefghijkl"
FINDING = Finding(
    "acme-key", "Acme key; opens the door.", "Acme", "high", "certain", 3, 4, 36, 104, "c0ffee0ddba11c0d",
    SECRET,
    timestamp="2024-11-21T23:05:00Z", service="checkout",
)  # fmt: skip
RULES = (Rule("acme-key", "Acme key.", "Acme", "high", revoke="https://acme.example/keys"),)


@pytest.fixture(autouse=True)
def utc_everywhere(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Local time is UTC."""
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


def exposure_of(*findings: Finding, path: str = "a.log") -> Exposure:
    """Return what findings of one file add up to."""
    exposure = Exposure()
    for finding in findings:
        exposure.add(path, finding)
    return exposure


def written(form: str, findings: Iterable[tuple[str, Finding]], **options: Any) -> str:
    """Return what a writer writes."""
    out = io.BytesIO()
    totals = options.pop("totals", None) or Totals(on_failure=lambda _: None, files=2, size=300)
    writer(form)(iter(findings), out, totals, ReportOptions(options.pop("rules", RULES), **options))
    return out.getvalue().decode()


def at(timestamp: str | None, **changes: Any) -> Finding:
    """Return a finding in a line of this time."""
    return replace(FINDING, timestamp=timestamp, **changes)


def test_the_exposure_window_is_from_the_first_to_the_last_time_of_lines() -> None:
    """Compared as points in time, whatever the order and the zones, and given as the lines say it."""
    exposure = exposure_of(
        at("2024-11-21T12:00:00Z"), at("2024-11-21T12:30:00+01:00"), at(None),
        at("2024-11-21T13:30:00+05:00"),
        at("2024-11-21T14:00:00+01:00"),
    )  # fmt: skip
    for exposed in (exposure.exposed, exposure.groups.by_fingerprint[FINDING.fingerprint].exposed):
        assert exposed is not None
        assert (exposed.first_seen, exposed.last_seen) == (
            "2024-11-21T13:30:00+05:00",
            "2024-11-21T14:00:00+01:00",
        )
        assert exposed.last - exposed.first == 4.5 * 3600
    assert exposure.untimed == 1


def test_a_time_that_does_not_exist_is_none() -> None:
    """Such a place is counted, without a time."""
    exposure = exposure_of(at("2024-11-21T12:00:00+99:00"))
    assert (exposure.exposed, exposure.untimed, exposure.groups.places) == (None, 1, 1)


def test_counts_are_by_rule_file_and_service() -> None:
    """Each place counts once in each; lines that name no service are in none."""
    exposure = Exposure()
    exposure.add("a.log", FINDING)
    exposure.add("b.log", replace(FINDING, rule_id="other", fingerprint="ff", service=None))
    exposure.add("b.log", replace(FINDING, service="mailer"))
    assert exposure.rules.counts == {"acme-key": 2, "other": 1}
    assert exposure.files.counts == {"a.log": 1, "b.log": 2}
    assert exposure.services.counts == {"checkout": 1, "mailer": 1}
    group = exposure.groups.by_fingerprint[FINDING.fingerprint]
    assert (group.count, group.files, group.paths) == (2, 2, ["a.log", "b.log"])


def test_the_summary_of_json_has_the_same_counts() -> None:
    """`summary` gives the windows, counts by name and the timeline; places add up everywhere."""
    findings = [("a.log", FINDING), ("a.log", at("2024-11-22T01:00:00Z")), ("b.log", at(None, service=None))]
    summary = json.loads(written("json", findings))["summary"]
    secret = summary["secrets"][0]
    for part in (summary, secret):
        assert (part["first_seen"], part["last_seen"]) == ("2024-11-21T23:05:00Z", "2024-11-22T01:00:00Z")
    assert secret["services"] == ["checkout"]
    assert summary["places_without_time"] == 1
    assert summary["by_rule"] == [{"rule_id": "acme-key", "places": 3}]
    assert summary["by_file"] == [{"path": "a.log", "places": 2}, {"path": "b.log", "places": 1}]
    assert summary["by_service"] == [{"service": "checkout", "places": 2}]
    timeline = summary["timeline"]
    assert timeline["severities"] == list(SEVERITIES)
    assert sum(sum(stretch["places"]) for stretch in timeline["stretches"]) == 2
    empty = json.loads(written("json", []))["summary"]
    assert (empty["first_seen"], empty["timeline"]["stretches"]) == (None, [])


@given(st.lists(st.floats(-7e10, 2.6e11), max_size=60), st.integers(1, 40))
def test_a_timeline_loses_nothing_and_is_bounded(times: list[float], limit: int) -> None:
    """Whatever the times: few equal stretches without gaps, in order, around all of them, that add up."""
    timeline = Timeline(zone=0)
    for time_ in times:
        timeline.add(time_, "low")
    width, bars = timeline.bars(limit)
    assert sum(sum(counts) for _, counts in bars) == len(times)
    assert len(bars) <= max(limit, 2 + int(3.3e11 // WIDTHS[-1]))
    assert all(after - before == width for (before, _), (after, _) in pairwise(bars))
    assert all(bars[0][0] <= time_ <= bars[-1][0] + width for time_ in times)
    assert all(utc(start) and clock(start, 0, width) for start, _ in bars)


def test_a_timeline_keeps_few_stretches() -> None:
    """A place in every minute of a year is kept in bounded memory."""
    timeline = Timeline(zone=0)
    for minute in range(365 * 24 * 60):
        timeline.add(minute * 60.0, "critical")
    assert len(timeline.counts) <= MAX_KEPT
    assert sum(map(sum, timeline.counts.values())) == 365 * 24 * 60


def test_days_of_the_timeline_begin_where_local_days_do() -> None:
    """Two places of one local day are one bar, though UTC has midnight between them."""
    timeline = Timeline(zone=7200)
    for hour in (23, 25, 23 + 24 * 40):
        timeline.add(hour * 3600.0, "low")
    width, bars = timeline.bars(50)
    assert (width, bars[0]) == (86_400, (22 * 3600, [2, 0, 0, 0]))


def test_a_tally_is_bounded_and_exact_in_sum(monkeypatch: pytest.MonkeyPatch) -> None:
    """Names beyond the limit are counted together."""
    monkeypatch.setattr(tally, "MAX_NAMES", 2)
    counts = Tally(limit=2)
    for name in "abacbcd":
        counts.add(name)
    assert (counts.counts, counts.beyond) == ({"a": 2, "b": 2}, 3)
    assert counts.most(1) == [("a", 2)]


def test_a_million_findings_of_three_secrets_make_a_small_page() -> None:
    """Under 2 MB by far; every place is counted."""
    pool = [
        at(f"2024-{1 + day % 12:02}-{1 + day % 28:02}T{day % 24:02}:10:00Z", fingerprint=f"f{day % 3}")
        for day in range(600)
    ]
    findings = ((f"{number // 5000}.log", pool[number % 600]) for number in range(1_000_000))
    page = written("html", findings)
    assert len(page) < 100_000
    assert "<b>3 secrets</b> found <b>1,000,000 times</b> in 200 files" in page


def test_many_distinct_secrets_are_cut_off_and_the_totals_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    """The page stays under 2 MB with the longest hostile names, and says how much it leaves out."""
    name = "<&\"'>" * 800
    findings = [
        (f"{name}{number}", replace(FINDING, fingerprint=f"{number:016x}", service=name[:80]))
        for number in range(3000)
        for _ in range(2)
    ]
    page = written("html", findings)
    assert len(page) < 2_000_000
    shown = page.count("data-place=")
    assert 200 < shown <= 1000
    assert f"and {3000 - shown:,} more secrets at {2 * (3000 - shown):,} places" in page
    assert "<b>3,000 secrets</b> found <b>6,000 times</b> in 3,000 files" in page
    monkeypatch.setattr(groups, "MAX_GROUPS", 10)
    page = written("html", findings)
    assert "<b>more than 10 secrets</b> found <b>6,000 times</b>" in page
    assert "and 5,980 places of other secrets" in page


def test_what_to_do_is_said_for_each_provider() -> None:
    """A link to the vendor's page and a sentence, a row for each way; every shipped rule has a sentence."""
    other = replace(FINDING, rule_id="generic-password", provider="Generic", fingerprint="ee", severity="low")
    rules = (*RULES, *(rule for rule in builtin_rules() if rule.id == "generic-password"))
    page = written("html", [("a.log", FINDING), ("a.log", other)], rules=rules)
    assert page.count('href="https://acme.example/keys"') == 2
    assert "Change it everywhere it is used" in page
    sentences = {rule.grammar or rule.provider: advice(rule, rule.provider) for rule in builtin_rules()}
    assert len({sentences[name] for name in ("password", "cookie", "JWT", "Password hash", "Stripe")}) == 5
    assert sentences["pem"].startswith("Replace the pair")
    assert advice(None, "Acme")


def test_a_link_that_is_not_https_is_left_out() -> None:
    """Rules that a program made are not checked as files are."""
    rules = (replace(RULES[0], revoke="javascript:alert(1)"),)
    assert "javascript:" not in written("html", [("a.log", FINDING)], rules=rules)


def test_the_page_says_what_it_cannot_say() -> None:
    """Inputs that failed, and places without a time, stand above everything else."""
    totals = Totals(on_failure=lambda _: None)
    for number in range(30):
        totals.fail(SourceError(f"<b>{number}.gz", "gzip data end too early"))
    page = written("html", [("a.log", FINDING), ("a.log", at(None))], totals=totals)
    assert "Incomplete: 30 inputs could not be scanned to the end." in page
    assert "&lt;b&gt;0.gz: gzip data end too early" in page
    assert "and 10 more" in page
    assert "1 place of 2 have no time of their own" in page


def test_a_page_without_times_has_no_timeline() -> None:
    """And says nothing of a window."""
    page = written("html", [("a.log", at(None))])
    assert "exposure window" not in page
    assert "<svg" in page  # the counts by name
    assert "found <b>once</b> in 1 file." in page


def test_a_path_may_be_something_else_than_a_file() -> None:
    """In a store it is a table, and a place is a cell of it, whose keys are text of a log too."""
    cells = [
        Cell("headers['<b>']", (("host", "<i>"), ("at", None)), is_exact=True),
        Cell("body", (), is_exact=False),
    ]
    findings = [("db.logs", replace(FINDING, line=0, cell=cell)) for cell in cells]
    page = written("html", findings, is_store=True)
    assert "in 1 table," in page
    assert "By table" in page
    assert "db.logs headers[&#x27;&lt;b&gt;&#x27;] where host=&lt;i&gt;, at=NULL" in page
    assert "db.logs body" in page


def test_no_secret_is_in_the_page() -> None:
    """Nor eight characters of one."""
    page = written("html", [("a.log", FINDING)])
    assert not any(SECRET[start : start + 8].decode() in page for start in range(len(SECRET) - 7))


@given(st.text(), st.text())
def test_text_never_becomes_markup(text: str, value: str) -> None:
    """Whatever the text, an element has one start, one end, and no more quotes than its own."""
    html = element("p", text, title=value).html
    assert re.fullmatch(r'<p title="[^"<>]*">[^<>]*</p>', html, re.DOTALL)
    html.encode()


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "a moment"), (1.5, "1 second"), (119, "119 seconds"), (120, "2 minutes"), (7200, "2 hours"),
        (86_400 * 1.9, "45 hours"), (86_400 * 20.8, "20 days"), (86_400 * 800, "2 years"),
    ],
)  # fmt: skip
def test_lengths_of_time_are_words(seconds: float, text: str) -> None:
    """The greatest unit of which there are two."""
    assert duration(seconds) == text


def test_times_are_shown_as_lines_have_them() -> None:
    """To the second, with the zone they have; a year that is not there is not made up."""
    assert moment("2024-11-21T23:05:00.123456789Z") == "2024-11-21 23:05:00Z"
    assert moment("2024-11-21T23:05:00.5-03:30") == "2024-11-21 23:05:00 -03:30"
    assert moment("--11-21T23:05:00") == "11-21 23:05:00"
    assert [zone_name(zone) for zone in (0, 3600, -12_600)] == ["UTC", "UTC+01:00", "UTC-03:30"]
