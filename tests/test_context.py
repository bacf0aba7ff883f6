"""What a line says of itself: its service, and the times that stand elsewhere than at its head."""

from __future__ import annotations

import io
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from command import made_up_secret
from leakscan import Scanner
from leakscan.finding import Finding
from leakscan.service import MAX_NAME, service_span

if TYPE_CHECKING:
    from collections.abc import Iterator

SCANNER = Scanner(engine="ahocorasick", key=b"an obviously fake key")
NAMED = {
    '{"service":"checkout","msg":"x"}': "checkout",
    '{"service.name": "checkout"}': "checkout",
    '{"service_name":"check out"}': "check out",
    '{"_service":"checkout"}': "checkout",
    '{"serviceName":"checkout"}': "checkout",
    '{"ServiceName":"checkout"}': "checkout",
    '{"resource.service.name":"checkout"}': "checkout",
    '{"service":{"environment":"prod","name":"checkout"}}': "checkout",
    '{"key":"service.name","value":{"stringValue":"checkout"}}': "checkout",
    '{"log":"{\\"service\\":\\"checkout\\"}\\n","stream":"stdout"}': "checkout",
    '{"kubernetes":{"labels":{"app":"checkout"}}}': "checkout",
    '{"kubernetes.labels.app":"checkout"}': "checkout",
    '{"labels":{"app.kubernetes.io/name":"checkout"}}': "checkout",
    '{"labels":{"k8s-app":"checkout"}}': "checkout",
    '{"app":"shop","service":"checkout"}': "checkout",
    "level=info service=checkout msg=x": "checkout",
    'service.name="check out" msg=x': "check out",
    "app=checkout": "checkout",
    '{"service":"ünïcode"}': "ünïcode",
}
UNNAMED = [
    "",
    "no service here",
    '{"service":"","app":""}',
    '{"service":null}',
    '{"service":12}',
    '{"service":"cut \\"off\\""}',
    '{"service":"cut',
    '{"services":"x","my_app":"y","webapp":"z"}',
    "disservice=x whatsapp=y",
    f'{{"service":"{"x" * (MAX_NAME + 1)}"}}',
    f"service={'x' * (MAX_NAME + 1)} ",
]


@pytest.mark.parametrize(("line", "name"), NAMED.items())
def test_the_field_that_names_the_service_is_found(line: str, name: str) -> None:
    """JSON at any escape level, nested, OTLP and logfmt; service goes before app."""
    raw = line.encode()
    span = service_span(raw)
    assert span is not None
    assert raw[slice(*span)].decode() == name


@pytest.mark.parametrize("line", UNNAMED)
def test_what_names_no_service_gives_none(line: str) -> None:
    """Empty, cut, overlong and broken names, other words: none."""
    assert service_span(line.encode()) is None


@given(st.binary(max_size=400))
def test_any_bytes_give_a_span_within_or_none(line: bytes) -> None:
    """Whatever the bytes, what is given lies in the line and is a short name."""
    for text in (line, b'{"service":"' + line + b'"}', b" app=" + line):
        span = service_span(text)
        assert span is None or 0 < span[1] - span[0] <= MAX_NAME <= MAX_NAME + len(text) - span[1]


@pytest.mark.parametrize(
    "unit", [b'"service"', b"service", b"a.", b'"service":{', b"\\", b" app", b'"app":"', b" "]
)
def test_no_line_takes_long(unit: bytes) -> None:
    """Eight kilobytes of anything that looks like a field are read in a moment."""
    line = b"service app " + unit * (8192 // len(unit))
    start = time.perf_counter()
    service_span(line)
    assert time.perf_counter() - start < 0.5


def findings(text: bytes, chunk: int = 1 << 20) -> list[Finding]:
    """Return what a stream with context finds in chunks."""
    stream = SCANNER.stream(context=True)
    source = io.BytesIO(text)
    pieces: Iterator[bytes] = iter(lambda: source.read(chunk), b"")
    return [finding for piece in pieces for finding in stream.feed(piece)] + stream.close()


def test_each_finding_has_the_service_and_time_of_its_own_line() -> None:
    """Line by line, whatever the chunks; a line without them has none."""
    text = (
        f'{{"service":"a","time":"2024-11-21T10:00:00Z","k":"{made_up_secret()}","l":"{made_up_secret()}"}}\n'
        f"plain {made_up_secret()}\n"
        f"2024-11-21T11:00:00Z service=b {made_up_secret()}"
    ).encode()
    expected = [("a", "2024-11-21T10:00:00Z")] * 2 + [(None, None), ("b", "2024-11-21T11:00:00Z")]
    for chunk in (1 << 20, 7):
        assert [(finding.service, finding.timestamp) for finding in findings(text, chunk)] == expected


def test_a_time_at_the_end_of_a_long_line_counts() -> None:
    """Docker and bunyan write the time last, however long the message is."""
    line = '{"log":"' + made_up_secret() + "x " * 20_000 + '","time":"2024-11-21T10:00:00.5Z"}\n'
    assert [finding.timestamp for finding in findings(line.encode())] == ["2024-11-21T10:00:00.5Z"]


def test_the_second_line_of_java_util_logging_has_the_time_of_the_first() -> None:
    """That logger writes time and message in two lines; other lines lend no time."""
    head = "Nov 21, 2024 11:05:00 PM com.acme.App main\n"
    assert findings(f"{head}INFO: {made_up_secret()}\n".encode())[0].timestamp == "2024-11-21T23:05:00"
    assert findings(f"{head}at {made_up_secret()}\n".encode())[0].timestamp is None
    assert findings(f"INFO: {made_up_secret()}\n".encode())[0].timestamp is None


def test_a_service_that_is_a_secret_is_no_service() -> None:
    """A name that was found to be a secret is never given on, also where another secret asked for it."""
    secret, other = made_up_secret(), made_up_secret()
    found = findings(f'{{"service":"{secret}","key":"{other}"}}\n'.encode())
    assert len(found) == 2
    assert [finding.service for finding in found] == [None, None]


def test_a_line_longer_than_a_window_is_no_trouble() -> None:
    """Findings far into a line of three megabytes come all the same; the first knows its service."""
    filler = "x " * 600_000
    line = f'{{"service":"a","k":"{made_up_secret()}","m":"{filler}{made_up_secret()}{filler}"}}\n'
    found = findings(line.encode(), 1 << 16)
    assert len(found) == 2
    assert found[0].service == "a"


def test_the_command_gives_service_and_time_with_any_number_of_jobs(tmp_path: Path) -> None:
    """JSONL has both, from one process and from two."""
    import json  # noqa: PLC0415 - here only

    from command import leakscan  # noqa: PLC0415 - here only

    for name in ("a", "b"):
        (tmp_path / name).write_text(f'{{"service":"{name}","k":"{made_up_secret()}","time":1700000000}}\n')
    for jobs in ("1", "2"):
        result = leakscan("--format", "jsonl", "-j", jobs, tmp_path)
        rows = [json.loads(line) for line in result.out.splitlines()]
        assert [(row["service"], row["timestamp"]) for row in rows] == [
            ("a", "2023-11-14T22:13:20Z"), ("b", "2023-11-14T22:13:20Z"),
        ]  # fmt: skip
