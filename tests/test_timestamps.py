"""Times of log lines: every format that is read, what is left alone, and that nothing crashes it."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leakscan.timestamps import parse_field, parse_timestamp

READ = {
    # ISO 8601 and RFC 3339
    "2024-11-21T23:05:00Z start": "2024-11-21T23:05:00Z",
    "2024-11-21T23:05:00.123456789Z stdout F started": "2024-11-21T23:05:00.123456789Z",
    "2024-11-21T23:05:00+01:00 x": "2024-11-21T23:05:00+01:00",
    "2024-11-21T23:05:00.5-0330 x": "2024-11-21T23:05:00.5-03:30",
    "2024-11-21 23:05:00 x": "2024-11-21T23:05:00",
    "20241121T230500Z x": "2024-11-21T23:05:00Z",
    "  2024-11-21 23:05:00 indented": "2024-11-21T23:05:00",
    # loggers
    "2024-11-21 23:05:00,123 INFO root: python": "2024-11-21T23:05:00.123",
    "2024-11-21 23:05:00,123 [main] INFO  com.acme.App - log4j": "2024-11-21T23:05:00.123",
    "2024-11-21 23:05:00,123 - root - INFO - python's usual Formatter": "2024-11-21T23:05:00.123",
    "INFO:2024-11-21 23:05:00,123:root:python": "2024-11-21T23:05:00.123",
    "2024-11-21T23:05:00.123+01:00  INFO 1 --- [app] spring boot 3": "2024-11-21T23:05:00.123+01:00",
    "2024-11-21 23:05:00.123  INFO 1 --- [main] spring": "2024-11-21T23:05:00.123",
    "[2024-11-21 23:05:00,123] {taskinstance.py:1} INFO - airflow": "2024-11-21T23:05:00.123",
    "Nov 21, 2024 11:05:00 PM com.acme.App main": "2024-11-21T23:05:00",
    "Nov 21, 2024 12:05:00 AM com.acme.App main": "2024-11-21T00:05:00",
    "2024/11/21 23:05:00 go": "2024-11-21T23:05:00",
    "2024/11/21 23:05:00 [error] 12#12: nginx": "2024-11-21T23:05:00",
    "2024.11.21 23:05:00.123456 [ 1 ] {} <Error> clickhouse": "2024-11-21T23:05:00.123456",
    "2024-11-21 23:05:00.123 UTC [42] LOG:  postgres": "2024-11-21T23:05:00.123Z",
    "2024-11-21 23:05:00.123 CET [42] LOG:  postgres": "2024-11-21T23:05:00.123",
    "2016-09-28 04:30:30, Info                  CBS    windows": "2016-09-28T04:30:30",
    "17/06/09 20:10:40 INFO executor: spark": "2017-06-09T20:10:40",
    "081109 203615 148 INFO dfs: hadoop": "2008-11-09T20:36:15",
    "1:M 21 Nov 2024 23:05:00.123 * redis": "2024-11-21T23:05:00.123",
    "I, [2024-11-21T23:05:00.123456 #7]  INFO -- : ruby": "2024-11-21T23:05:00.123456",
    "INFO [2024-11-21 23:05:00,123] dropwizard": "2024-11-21T23:05:00.123",
    "ERROR 2024-11-21 23:05:00,123 views 1 2 django": "2024-11-21T23:05:00.123",
    # syslog
    "Nov 21 23:05:00 host sshd[1]: rfc 3164": "--11-21T23:05:00",
    "Nov  1 03:05:00 host sshd[1]: rfc 3164": "--11-01T03:05:00",
    "<34>Nov 21 23:05:00 host su: with priority": "--11-21T23:05:00",
    "<165>1 2024-11-21T23:05:00.003Z host app - ID47 - rfc 5424": "2024-11-21T23:05:00.003Z",
    "Nov 21 2024 23:05:00: %ASA-6-302013: cisco": "2024-11-21T23:05:00",
    "Feb 29 23:05:00 host leap day without a year": "--02-29T23:05:00",
    # web servers
    '10.0.0.1 - bob [21/Nov/2024:23:05:00 +0100] "GET / HTTP/1.1" 200': "2024-11-21T23:05:00+01:00",
    "[Thu Nov 21 23:05:00 2024] [error] [client ::1] apache": "2024-11-21T23:05:00",
    "[Thu Nov 21 23:05:00.123456 2024] [core:error] [pid 1] apache": "2024-11-21T23:05:00.123456",
    "Thu, 21 Nov 2024 23:05:00 GMT x": "2024-11-21T23:05:00Z",
    # without a year
    "I1121 23:05:00.123456   12 main.go:1] klog": "--11-21T23:05:00.123456",
    "03-17 16:13:38.811  1702  2395 D WindowManager: logcat": "--03-17T16:13:38.811",
    # epoch
    "1700000000 x": "2023-11-14T22:13:20Z",
    "1700000000.25 x": "2023-11-14T22:13:20.25Z",
    "1700000000123 x": "2023-11-14T22:13:20.123Z",
    "1700000000123456 x": "2023-11-14T22:13:20.123456Z",
    "1700000000123456789\tx": "2023-11-14T22:13:20.123456789Z",
    "- 1131566461 2005.11.09 dn228 Nov 9 12:01:01 thunderbird": "2005-11-09T20:01:01Z",
    "[1700000000] nagios": "2023-11-14T22:13:20Z",
    # fields
    '{"ts":1700000000.123,"level":"info"}': "2023-11-14T22:13:20.123Z",
    '{"level":"info","time":"2024-11-21T23:05:00Z"}': "2024-11-21T23:05:00Z",
    '{"level":30,"time":1700000000123,"pid":1}': "2023-11-14T22:13:20.123Z",
    '{"@timestamp": "2024-11-21T23:05:00.000Z"}': "2024-11-21T23:05:00.000Z",
    '{"timestamp":"2024-11-21 23:05:00"}': "2024-11-21T23:05:00",
    'time="2024-11-21T23:05:00Z" level=info msg=logrus': "2024-11-21T23:05:00Z",
    "level=info ts=2024-11-21T23:05:00.5Z caller=main.go:1": "2024-11-21T23:05:00.5Z",
}
#: Where the head of the line tells nothing: the fields that stand further on.
FIELDS = {
    '{"log":"x\\n","stream":"stdout","time":"2024-11-21T23:05:00.123456Z"}': "2024-11-21T23:05:00.123456Z",
    '{"name":"bunyan","msg":"x","time":"2024-11-21T23:05:00.123Z","v":0}': "2024-11-21T23:05:00.123Z",
    '{"event":"structlog","timestamp":"2024-11-21T23:05:00.123456Z"}': "2024-11-21T23:05:00.123456Z",
    '{"message":"python-json-logger","asctime":"2024-11-21 23:05:00,123"}': "2024-11-21T23:05:00.123",
    '{"message":"log4j2","instant":{"epochSecond":1700000000,"nanoOfSecond":1}}': "2023-11-14T22:13:20Z",
    '{"message":"log4j2","timeMillis":1700000000123}': "2023-11-14T22:13:20.123Z",
    '{"timeUnixNano":"1700000000123456789","body":{}}': "2023-11-14T22:13:20.123456789Z",
    '{"MESSAGE":"journald","__REALTIME_TIMESTAMP" : "1700000000123456"}': "2023-11-14T22:13:20.123456Z",
    '{"time":"2024-11-21T23:05:00Z","user":{"time":"never"}}': "2024-11-21T23:05:00Z",
    '{"msg":"the last counts","time":1700000000,"timestamp":"2024-11-21T23:05:00Z"}': "2024-11-21T23:05:00Z",
    '{"log":"{\\"time\\":\\"2001-01-01T00:00:00Z\\"}"}': None,
    '{"time":"soon"}': None,
    "no field": None,
    "": None,
}
LEFT = [
    "",
    " ",
    "no time here",
    "23:05:00.123 [main] INFO logback: a time of day without a date",
    "2024-13-21 23:05:00 no such month",
    "2023-02-29 23:05:00 no such day",
    "2024-11-21 25:05:00 no such hour",
    "Nov 31 23:05:00 no such day",
    "0999999999 an id",
    "9999999999 an id",
    "12345678901 eleven digits",
    "17000000001234567890 twenty digits",
    "1700000000-abc an id",
    "1700000000x",
    "192.168.100.200 is an address",
    "<34>",
    "<34>hello",
    "[",
    "{",
    '{"ts":',
    '{"ts":null}',
    "- ",
    "-",
]


@pytest.mark.parametrize(("head", "time"), READ.items())
def test_every_format_is_read(head: str, time: str) -> None:
    """The line's own time comes out as ISO 8601, with nothing added."""
    assert parse_timestamp(head.encode()) == time


@pytest.mark.parametrize("head", LEFT)
def test_what_is_no_time_gives_none(head: str) -> None:
    """Impossible dates, ids, addresses and broken beginnings are no times."""
    assert parse_timestamp(head.encode()) is None


@pytest.mark.parametrize(("line", "time"), FIELDS.items())
def test_a_field_further_on_is_read(line: str, time: str | None) -> None:
    """JSON loggers that write the time last are read by field; text inside a string is no field."""
    assert parse_field(line.encode()) == time


def test_the_line_below_lends_no_time() -> None:
    """A line without a time has none, whatever stands after it."""
    assert parse_timestamp(b"no time here\n2024-11-21 23:05:00 x") is None


@pytest.mark.parametrize("head", READ)
def test_a_cut_line_never_crashes(head: str) -> None:
    """Every beginning of every line gives a time or None."""
    for end in range(len(head)):
        result = parse_timestamp(head[:end].encode())
        assert result is None or _is_iso(result)


@given(st.binary(max_size=200))
def test_any_bytes_give_a_time_or_none(head: bytes) -> None:
    """Whatever the bytes: an ISO 8601 string or None."""
    result = parse_timestamp(head)
    assert result is None or _is_iso(result)


@given(st.text(alphabet='0123456789-/.:T ZINov[]<>{}"ts,+', max_size=60))
def test_anything_like_a_time_gives_a_time_or_none(head: str) -> None:
    """The same with the signs that times are made of."""
    result = parse_timestamp(head.encode())
    assert result is None or _is_iso(result)


@given(st.datetimes(dt.datetime(2001, 9, 10), dt.datetime(2090, 1, 1)))  # noqa: DTZ001 - naive is the point
def test_iso_times_come_back_as_they_are(time: dt.datetime) -> None:
    """What is ISO 8601 already is not changed."""
    assert parse_timestamp(time.isoformat().encode()) == time.isoformat()


def _is_iso(text: str) -> bool:
    if text.startswith("--"):
        return re.fullmatch(r"--\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?([+-]\d\d:\d\d|Z)?", text) is not None
    dt.datetime.fromisoformat(text)
    return True
