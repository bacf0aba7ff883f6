r"""The time a log line says it was written, as ISO 8601, read from the line's first bytes.

Nothing is assumed: a line without a zone gives a time without one, and a line without a year (RFC
3164, klog, logcat) gives ISO 8601's form with an implied year, `--MM-DDThh:mm:ss`. Epoch numbers are
UTC. Fractions are kept as written, up to nine digits.

Read are: ISO 8601 and its relatives with `/`, `.`, space or comma (RFC 3339, RFC 5424, CRI, the
loggers of Python, Java, Go, Ruby, Postgres, nginx), RFC 3164 with and without a priority, the common
log format, Apache's error log, java.util.logging, klog, Redis, the short dates of Spark and HDFS,
epoch s/ms/us/ns, and the usual fields of JSON and logfmt. A time of day without a date is no time.

Not here: comparing times, or completing years.

>>> parse_timestamp(b"2024-11-21 23:05:00,123 INFO start")
'2024-11-21T23:05:00.123'
>>> parse_timestamp(b"<34>Nov 21 23:05:00 host su: failed")
'--11-21T23:05:00'
"""

from __future__ import annotations

import datetime as dt
import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

#: How many bytes of a line are looked at. Prefixes of container runtimes and syslog fit with a margin.
HEAD: Final = 160

_MONTHS: Final = {
    name: number
    for number, name in enumerate(
        (b"Jan", b"Feb", b"Mar", b"Apr", b"May", b"Jun", b"Jul", b"Aug", b"Sep", b"Oct", b"Nov", b"Dec"), 1
    )
}
_TIME: Final = rb"(\d\d):(\d\d):(\d\d)(?:[.,](\d{1,9})\d*)?"
_ZONE: Final = rb" ?(Z\b|UTC\b|GMT\b|[+-]\d\d:?\d\d\b|[+-]\d\d\b)?"
_MONTH: Final = rb"(Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)"
_ISO: Final = re.compile(rb"(\d{4})[-/.](\d\d)[-/.](\d\d)(?:[T ]|, ?|  )" + _TIME + _ZONE)
_ISO_INSIDE: Final = re.compile(rb"(?:(?<![\w.:/-])|(?<=[A-Z]:))" + _ISO.pattern)  # also after a level
_BASIC: Final = re.compile(rb"(\d{4})(\d\d)(\d\d)[T ](\d\d):?(\d\d):?(\d\d)(?:[.,](\d{1,9})\d*)?" + _ZONE)
_SHORT: Final = re.compile(rb"(\d\d)/(\d\d)/(\d\d) " + _TIME)  # yy/MM/dd, Spark's log4j default
_DENSE: Final = re.compile(rb"(\d\d)(\d\d)(\d\d) (\d\d)(\d\d)(\d\d)(?=[ .,])")  # yyMMdd HHmmss, Hadoop
_YEARLESS: Final = re.compile(rb"(\d\d)-(\d\d) " + _TIME)  # MM-dd, Android logcat
_EPOCH: Final = re.compile(rb"(\d{10})(?:\.(\d{1,9})\d*|(\d{3}|\d{6}|\d{9}))?(?![\w.-])")
_MONTH_FIRST: Final = re.compile(
    _MONTH
    + rb" {1,2}(\d{1,2})(?:,? (\d{4}))?,? (\d{1,2}):(\d\d):(\d\d)(?:[.,](\d{1,9})\d*)?( [AP]M)?"
    + _ZONE
)
_DAY_FIRST: Final = re.compile(rb"(\d{1,2})[ /-]" + _MONTH + rb"[ /-](\d{4})[: ]" + _TIME + _ZONE)
_DAY_FIRST_INSIDE: Final = re.compile(rb"(?<![\w.:/-])" + _DAY_FIRST.pattern)
_DAY: Final = rb"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)"
_CTIME: Final = re.compile(_DAY + rb",? " + _MONTH + rb" +(\d{1,2}) " + _TIME + rb" (\d{4})")
_RFC_2822: Final = re.compile(_DAY + rb", " + _DAY_FIRST.pattern)
_KLOG: Final = re.compile(rb"[IWEFD](\d\d)(\d\d) " + _TIME)
_PRIORITY: Final = re.compile(rb"<\d{1,3}>(?:\d{1,2} )?")
#: The fields of JSON loggers: Logstash, zap, pino, bunyan, Docker, Serilog, Python, Log4j 2, CloudTrail,
#: OTLP, journald.
_FIELD: Final = re.compile(
    rb'"(?:@?timestamp|ts|time|@t|asctime|datetime|timeMillis|epochSecond|eventTime'
    rb'|(?:observedT|t)imeUnixNano|__REALTIME_TIMESTAMP)"\s*:\s*"?'
)
_LOGFMT: Final = re.compile(rb'(?:\A|\s)(?:timestamp|time|ts|t)="?')
#: A line of nothing but such fields costs no more than this many looks.
_FIELDS_TRIED: Final = 8
#: Numbers before (2001-09-09) and after (2096-10-02) these are ids, not times.
_FIRST_SECOND: Final = 1_000_000_000
_LAST_SECOND: Final = 4_000_000_000
_NOON: Final = 12
_HOURS: Final = 24
_MINUTES: Final = 60
_CENTURY: Final = 2000


def parse_timestamp(head: bytes) -> str | None:
    """Return the line's time as an ISO 8601 string, or None.

    `head` is the line from its first byte; neither more than `HEAD` bytes nor lines below are looked at.
    """
    head = head[:HEAD].partition(b"\n")[0].lstrip(b" \t\xef\xbb\xbf")
    if not head:
        return None
    return _by_first_byte(head) or _inside(head)


def parse_field(line: bytes) -> str | None:
    """Return the time in the last field of a line that holds one, as ISO 8601, or None.

    For lines whose head tells nothing: many JSON loggers write the time last. The whole of `line` is
    looked at; a cut one gives what its part holds.
    """
    fields = [found.end() for found in _FIELD.finditer(line)][-_FIELDS_TRIED:]
    times = (_value(line, end) for end in reversed(fields))
    return next((time for time in times if time), None)


def _value(line: bytes, start: int) -> str | None:
    value = line[start : start + HEAD]
    return _by_first_byte(value) if value else None


def _by_first_byte(head: bytes) -> str | None:
    first = head[0]
    if 0x30 <= first <= 0x39:  # noqa: PLR2004 - the digits
        return _digits(head)
    return _FIRST.get(first, _nothing)(head)


def _digits(head: bytes) -> str | None:
    if found := _ISO.match(head) or _BASIC.match(head):
        return _iso(*found.groups())
    if found := _EPOCH.match(head):
        return _epoch(found)
    if found := _SHORT.match(head) or _DENSE.match(head):
        year, month, day, hour, minute, second = found.groups()[:6]
        fraction = found[7] if found.re is _SHORT else None
        return _iso(b"20" + year, month, day, hour, minute, second, fraction, None)
    if found := _YEARLESS.match(head):
        month, day, hour, minute, second, fraction = found.groups()
        return _iso(None, month, day, hour, minute, second, fraction, None)
    if found := _DAY_FIRST.match(head):
        return _day_first(found)
    return None


def _letters(head: bytes) -> str | None:
    if found := _MONTH_FIRST.match(head):
        month, day, year, hour, minute, second, fraction, half, zone = found.groups()
        if half is not None:
            hours = int(hour) % _NOON + (_NOON if half == b" PM" else 0)
            hour = b"%02d" % hours
        return _iso(year, b"%02d" % _MONTHS[month], day, hour, minute, second, fraction, zone)
    if found := _CTIME.match(head):
        month, day, hour, minute, second, fraction, year = found.groups()
        return _iso(year, b"%02d" % _MONTHS[month], day, hour, minute, second, fraction, None)
    if found := _RFC_2822.match(head):
        return _day_first(found)
    if found := _KLOG.match(head):
        month, day, hour, minute, second, fraction = found.groups()
        return _iso(None, month, day, hour, minute, second, fraction, None)
    return None


def _bracket(head: bytes) -> str | None:
    return _by_first_byte(head[1:]) if len(head) > 1 and head[1:2] != b"[" else None


def _dash(head: bytes) -> str | None:
    """BlueGene and Thunderbird put an alert tag, `-` for none, before the epoch seconds."""
    return _digits(head[2:]) if head[1:2] == b" " else None


def _priority(head: bytes) -> str | None:
    found = _PRIORITY.match(head)
    return _by_first_byte(head[found.end() :] or b" ") if found else None


def _brace(head: bytes) -> str | None:
    times = (_value(head, found.end()) for found in _FIELD.finditer(head))
    return next((time for time in times if time), None)


def _nothing(_: bytes) -> None:
    return None


_FIRST: Final[dict[int, Callable[[bytes], str | None]]] = {
    ord("["): _bracket,
    ord('"'): _bracket,
    ord("("): _bracket,
    ord("-"): _dash,
    ord("<"): _priority,
    ord("{"): _brace,
    **dict.fromkeys(b"JFMASONDTWIE", _letters),
}


def _inside(head: bytes) -> str | None:
    """Look past a level, a host or a logger's name: the first full date and time counts."""
    if found := _LOGFMT.search(head):
        value = head[found.end() :]
        if value and (time := _by_first_byte(value)):
            return time
    bracket = head.find(b" [")  # the common log format, and where most loggers put it
    if 0 <= bracket < len(head) - 2 and (time := _by_first_byte(head[bracket + 2 :])):
        return time
    dates = [found for found in (_ISO_INSIDE.search(head), _DAY_FIRST_INSIDE.search(head)) if found]
    if not dates:
        return None
    first = min(dates, key=lambda found: found.start())
    return _iso(*first.groups()) if first.re is _ISO_INSIDE else _day_first(first)


def _day_first(found: re.Match[bytes]) -> str | None:
    day, month, year, hour, minute, second, fraction, zone = found.groups()
    return _iso(year, b"%02d" % _MONTHS[month], day, hour, minute, second, fraction, zone)


def _epoch(found: re.Match[bytes]) -> str | None:
    seconds = int(found[1])
    if not _FIRST_SECOND <= seconds < _LAST_SECOND:
        return None
    fraction = (found[2] or found[3] or b"").decode()
    time = dt.datetime.fromtimestamp(seconds, dt.UTC).strftime("%Y-%m-%dT%H:%M:%S")
    return f"{time}.{fraction}Z" if fraction else f"{time}Z"


def _iso(
    year: bytes | None,
    month: bytes,
    day: bytes,
    hour: bytes,
    minute: bytes,
    second: bytes,
    fraction: bytes | None,
    zone: bytes | None,
) -> str | None:
    try:
        # a leap year where none is given, so that 29 February passes
        time = dt.datetime(  # noqa: DTZ001 - only checks the ranges
            int(year or _CENTURY), int(month), int(day), int(hour), int(minute), int(second)
        )
    except ValueError:
        return None
    text = time.isoformat() if year is not None else f"--{time.isoformat()[5:]}"
    if fraction is not None:
        text += f".{fraction.decode()}"
    return text + _zone(zone)


def _zone(zone: bytes | None) -> str:
    if zone is None:
        return ""
    if zone in (b"Z", b"UTC", b"GMT"):
        return "Z"
    text = zone.decode().replace(":", "")
    if int(text[1:3]) >= _HOURS or int(text[3:] or 0) >= _MINUTES:
        return ""  # no such zone
    return f"{text[:3]}:{text[3:] or '00'}"
