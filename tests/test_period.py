"""Points in time and periods, and the options --since and --until."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from command import environment, leakscan, made_up_secret
from leakscan.instants import instant
from leakscan.period import Period, end_of, start_of
from leakscan.timestamps import parse_timestamp

NOW = 1_732_226_700.0  # 2024-11-21T22:05:00Z
HOUR = 3600.0


@pytest.mark.parametrize(
    ("timestamp", "seconds"),
    [
        ("2024-11-21T23:05:00+01:00", NOW),
        ("2024-11-21T22:05:00Z", NOW),
        ("2024-11-21T22:05:00.500Z", NOW + 0.5),
        ("2024-11-21T22:05:00.123456789Z", NOW + 0.123456),
        ("--11-21T22:05:00Z", NOW),
        ("--11-22T22:04:00Z", NOW + 24 * HOUR - 60),  # a clock or zone ahead of ours: still of this year
        ("--11-23T22:05:00Z", NOW - 364 * 24 * HOUR),  # else last year's: 2023-11-23
        ("--02-29T00:00:00Z", 1709164800.0),
        ("2024-11-21T22:05:00+99:99", None),
        ("0001-01-01T00:00:00", None),
    ],
)
def test_a_timestamp_is_a_point_in_time(timestamp: str, seconds: float | None) -> None:
    """Zones count, a missing year is the last one that is not in the future, an impossible time is none."""
    assert (
        instant(timestamp, NOW) == seconds
        if seconds is None
        else instant(timestamp, NOW) == pytest.approx(seconds, abs=1e-5)
    )


@given(st.binary(max_size=60))
def test_whatever_is_read_from_a_line_has_a_point_or_none(head: bytes) -> None:
    """No timestamp that a line can give crashes the comparison."""
    timestamp = parse_timestamp(head)
    assert timestamp is None or isinstance(instant(timestamp, NOW), float | None)


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("2024-11-21T22:05:00Z", NOW, NOW + 1),
        ("2024-11-21 22:05:00Z", NOW, NOW + 1),
        ("2024-11-21T22:05Z", NOW, NOW + 60),
        ("2024-11-21T22:05:00.25z", NOW + 0.25, NOW + 0.25),
        ("2024-11-21T23:05:00+01:00", NOW, NOW + 1),
        ("2024-11-21T23:05:00 +0100", NOW, NOW + 1),
        ("2024-11-21Z", NOW - 22 * HOUR - 300, NOW + 2 * HOUR - 300),
        ("2h", NOW - 2 * HOUR, NOW - 2 * HOUR),
        ("90m", NOW - 1.5 * HOUR, NOW - 1.5 * HOUR),
        ("7d", NOW - 168 * HOUR, NOW - 168 * HOUR),
        (
            "1w2d3h4m5s",
            NOW - (7 + 2) * 24 * HOUR - 3 * HOUR - 245,
            NOW - (7 + 2) * 24 * HOUR - 3 * HOUR - 245,
        ),
    ],
)
def test_a_point_begins_and_is_over(text: str, start: float, end: float) -> None:
    """A date is a whole day, a minute a minute, a second a second; how long ago is a point."""
    assert (start_of(text, NOW), end_of(text, NOW)) == (start, end)


WRONG = [
    "", " ", "x", "yesterday", "2h ago", "h", "-2h", "2", "1.5h", "2H30", "30m1h", "2024", "2024-11",
    "21/11/2024",
    "2024-13-01", "2023-02-29", "2024-11-21T25:00", "2024-11-21T10", "2024-11-21T10:00:00+99:00", "10:30",
    "2024-11-21T10:30 CET", "\uff11h", "9999999d", "9999-12-31",
]  # fmt: skip


@pytest.mark.parametrize("text", WRONG)
def test_what_names_no_point_is_refused(text: str) -> None:
    """Neither a guess nor a crash: an error that says what can be given."""
    with pytest.raises(ValueError, match=r"is no time: give a date|does not exist"):
        end_of(text, NOW)


def test_a_period_holds_its_ends_and_what_has_no_time() -> None:
    """Since is in, until is the first point after; None and impossible times stay."""
    period = Period(NOW, NOW + 1, NOW)
    times = [
        "2024-11-21T22:04:59.9Z",
        "2024-11-21T22:05:00Z",
        "2024-11-21T22:05:00.9Z",
        "2024-11-21T22:05:01Z",
    ]
    assert [period.holds(at) for at in times] == [False, True, True, False]
    assert period.holds(None)
    assert period.holds("2024-11-21T22:05:00+99:99")
    assert period.holds("--11-21T22:05:00Z")
    assert not Period(now=NOW)
    assert Period(now=NOW).holds("1999-01-01T00:00:00Z")


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """Four lines with a secret each: three hours of a day, and one without a time."""
    path = tmp_path / "app.log"
    lines = [f"2024-11-21T{hour}:30:00Z {made_up_secret()}" for hour in (10, 11, 12)]
    path.write_text("\n".join([*lines, f"no time {made_up_secret()}", ""]))
    return path


def shown(log: Path, *options: str) -> list[int]:
    """Return the lines that the command reports."""
    result = leakscan("--format", "jsonl", *options, log)
    return [json.loads(line)["line"] for line in result.out.splitlines()]


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_the_options_leave_out_lines_by_their_time(log: Path, jobs: str) -> None:
    """Since and until, alone and together, in one process and in two; a line without a time stays."""
    assert shown(log, "-j", jobs, "--since", "2024-11-21T11:30Z") == [2, 3, 4]
    assert shown(log, "-j", jobs, "--until", "2024-11-21T11:30Z") == [1, 2, 4]
    assert shown(log, "-j", jobs, "--since", "2024-11-21T11:00Z", "--until", "2024-11-21T12:00Z") == [2, 4]
    assert shown(log, "-j", jobs, "--since", "2d") == [4]


def test_every_format_obeys(log: Path) -> None:
    """Text and SARIF too, which show no times."""
    period = ("--until", "2024-11-21T10:59Z")
    assert len(leakscan(*period, log).out.splitlines()) == 2
    assert len(json.loads(leakscan(*period, "--format", "sarif", log).out)["runs"][0]["results"]) == 2
    assert len(json.loads(leakscan(*period, "--format", "json", log).out)["findings"]) == 2
    assert len(leakscan(*period, "--format", "csv", log).out.splitlines()) == 3


def test_nothing_in_the_period_is_clean(log: Path) -> None:
    """The exit code is that of what is reported; a baseline of a period knows that period only."""
    log.write_text(log.read_text().split("no time")[0])
    assert leakscan("--since", "1d", log).code == 0
    baseline = log.with_name("known.json")
    assert leakscan("--until", "2024-11-21T10:59Z", "--write-baseline", baseline, log).code == 0
    assert len(json.loads(baseline.read_text())["fingerprints"]) == 1


def test_following_obeys_too(log: Path) -> None:
    """--follow reports what lies in the period."""
    process = subprocess.Popen(
        [sys.executable, "-m", "leakscan", "--follow", "-n", "+1", "--since", "2024-11-21T12:00Z", "--format",
         "jsonl", "-q", str(log)],
        stdout=subprocess.PIPE, env=environment(),
    )  # fmt: skip
    assert process.stdout is not None
    with process:
        assert [json.loads(process.stdout.readline())["line"] for _ in range(2)] == [3, 4]
        process.terminate()


def test_lines_without_a_zone_are_local_as_is_the_option(log: Path) -> None:
    """A time without a zone means the same in a line and in the option, and `TZ` says what."""
    log.write_text(f"2024-11-21 10:30:00 {made_up_secret()}\n2024-11-21T10:30:00Z {made_up_secret()}\n")
    for zone, lines in (("UTC", [1, 2]), ("Asia/Tokyo", [1, 2]), ("America/New_York", [1])):
        result = leakscan("--format", "jsonl", "--since", "2024-11-21 10:00", log, env=environment(TZ=zone))
        assert [json.loads(line)["line"] for line in result.out.splitlines()] == lines


@pytest.mark.parametrize("option", ["--since", "--until"])
def test_a_wrong_value_is_a_usage_error(log: Path, option: str) -> None:
    """One line that names the option and what it takes, exit 2."""
    result = leakscan(option, "soon", log)
    assert (result.code, result.out) == (2, "")
    assert len(result.errors()) == 1
    assert f"'{option}': 'soon' is no time: give a date" in result.err


def test_a_period_that_holds_nothing_is_a_usage_error(log: Path) -> None:
    """Until before since: exit 2, not a clean bill."""
    result = leakscan("--since", "1h", "--until", "2h", log)
    assert result.code == 2
    assert "--until is before --since" in result.err


@pytest.mark.skipif(not hasattr(time, "tzset"), reason="needs tzset")
def test_a_local_day_may_be_longer_than_24_hours(monkeypatch: pytest.MonkeyPatch) -> None:
    """The day on which summer time ends has 25 hours, and all of them are in it."""
    monkeypatch.setitem(os.environ, "TZ", "Europe/Berlin")
    time.tzset()
    try:
        assert end_of("2024-10-27", NOW) - start_of("2024-10-27", NOW) == 25 * HOUR
    finally:
        monkeypatch.undo()
        time.tzset()
