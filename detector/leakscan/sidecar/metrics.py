"""Metrics: counters of one process, snapshots that can be added up, and their Prometheus form.

Rule ids, reasons and codecs are the only labels; nothing that a log line says ever becomes one.

Not here: serving them (`admin`).
"""

from __future__ import annotations

import importlib.metadata
from bisect import bisect_left
from typing import TYPE_CHECKING, Final, NamedTuple

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from prometheus_client.core import Metric

    from .codecs import Tally

#: Seconds. A batch of 1,000 records takes one or two milliseconds.
BUCKETS: Final = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5)
#: Name without `_total` -> help and label.
COUNTERS: Final[dict[str, tuple[str, str | None]]] = {
    "leakscan_requests": ("Requests taken, by codec.", "codec"),
    "leakscan_records": ("Log records seen, where the codec counts them.", None),
    "leakscan_received_bytes": ("Bytes of bodies as they came.", None),
    "leakscan_scanned_bytes": ("Bytes of bodies after decompression.", None),
    "leakscan_findings": ("Secrets found, by rule.", "rule"),
    "leakscan_redacted": ("Secrets taken out, by rule.", "rule"),
    "leakscan_unscanned": ("Records, bodies or values that could not be scanned, by reason.", "reason"),
    "leakscan_refused": ("Requests answered without asking upstream, by reason.", "reason"),
    "leakscan_rewritten": ("Bodies that were changed.", None),
    "leakscan_upstream_responses": (
        "Answers of upstream, by status code (of gRPC by name), 0 if none.",
        "code",
    ),
    "leakscan_forward_lost": ("Forward messages without an ack that could not be sent on.", None),
    "leakscan_reload_failures": ("Configurations that were refused; the one before was kept.", None),
}
GAUGES: Final = {
    "leakscan_in_flight_requests": "Requests being worked on.",
    "leakscan_open_connections": "Clients connected.",
    "leakscan_forward_connections": "Forward clients connected.",
    "leakscan_held_bytes": "Bytes of bodies in memory.",
}
Name = tuple[str, str]


class Snapshot(NamedTuple):
    """The state of one process, or of several added up."""

    counters: dict[Name, float]
    gauges: dict[str, float]
    buckets: tuple[int, ...]
    seconds: float


class Metrics:
    """The counters of one process."""

    def __init__(self) -> None:
        self._counters: dict[Name, float] = {
            (name, ""): 0.0 for name, (_, label) in COUNTERS.items() if label is None
        }
        self.gauges: dict[str, float] = dict.fromkeys(GAUGES, 0.0)
        self._buckets = [0] * (len(BUCKETS) + 1)
        self._seconds = 0.0

    def count(self, name: str, number: float = 1, label: str = "") -> None:
        """Add to a counter."""
        key = (name, label)
        self._counters[key] = self._counters.get(key, 0.0) + number

    def scanned(self, seconds: float, tally: Tally) -> None:
        """Add what the scan of one body found and how long it took."""
        self._buckets[bisect_left(BUCKETS, seconds)] += 1
        self._seconds += seconds
        self.count("leakscan_records", tally.records)
        for rule_id, number in tally.by_rule.items():
            self.count("leakscan_findings", number, rule_id)
            self.count("leakscan_redacted", number, rule_id)
        for reason, number in tally.unscanned.items():
            self.count("leakscan_unscanned", number, reason)

    def snapshot(self) -> Snapshot:
        """Return a copy that can be sent to another process."""
        return Snapshot(dict(self._counters), dict(self.gauges), tuple(self._buckets), self._seconds)


def total(snapshots: Iterable[Snapshot]) -> Snapshot:
    """Return snapshots of several processes added up."""
    counters: dict[Name, float] = {}
    gauges: dict[str, float] = dict.fromkeys(GAUGES, 0.0)
    buckets = [0] * (len(BUCKETS) + 1)
    seconds = 0.0
    for snapshot in snapshots:
        for name, value in snapshot.counters.items():
            counters[name] = counters.get(name, 0.0) + value
        for gauge, value in snapshot.gauges.items():
            gauges[gauge] = gauges.get(gauge, 0.0) + value
        buckets = [a + b for a, b in zip(buckets, snapshot.buckets, strict=True)]
        seconds += snapshot.seconds
    return Snapshot(counters, gauges, tuple(buckets), seconds)


def exposition(snapshot: Snapshot, config_hash: str, *, workers: int) -> bytes:
    """Return the text format that Prometheus scrapes."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Families(snapshot, config_hash, workers))
    return generate_latest(registry)


class _Families:
    """What prometheus-client calls a collector: gives the families of one snapshot."""

    def __init__(self, snapshot: Snapshot, config_hash: str, workers: int) -> None:
        self._snapshot = snapshot
        self._config_hash = config_hash
        self._workers = workers

    def collect(self) -> Iterator[Metric]:
        counters, gauges, buckets, seconds = self._snapshot
        for name, (text, label) in COUNTERS.items():
            family = CounterMetricFamily(name, text, labels=[label] if label else [])
            for (its, value), number in sorted(counters.items()):
                if its == name:
                    family.add_metric([value] if label else [], number)
            yield family
        for name, text in GAUGES.items():
            yield GaugeMetricFamily(name, text, value=gauges[name])
        sums, rows = 0, []
        for bound, number in zip([*map(str, BUCKETS), "+Inf"], buckets, strict=True):
            sums += number
            rows.append((bound, float(sums)))
        yield HistogramMetricFamily(
            "leakscan_scan_seconds",
            "Time to decompress, scan and rewrite a body.",
            buckets=rows,
            sum_value=seconds,
        )
        yield GaugeMetricFamily("leakscan_workers", "Processes that serve.", value=self._workers)
        build = GaugeMetricFamily(
            "leakscan_build_info", "Version and configuration.", labels=["version", "config"]
        )
        build.add_metric([importlib.metadata.version("leakscan-logs"), self._config_hash], 1)
        yield build
