"""The arithmetic of large amounts: from CPU seconds per GB to cores, hours, requests and money. No I/O.

Every formula is a function here, named in `docs/scale.md`; what is assumed is a field of `Plan`. A GB is
10^9 bytes of log text, whatever it is stored as. Not here: measuring (`scale`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

#: How the logs of `scale` are called in tables.
NAMES: Final = {"mixed": "clean", "dirty-1000": "1 in 1,000 lines", "dirty-100": "1 in 100 lines"}


@dataclass(frozen=True, slots=True)
class Plan:
    """What is assumed. Replace it by what is yours.

    Attributes:
        day: GB of text that come in a day.
        archive: GB of text that are stored.
        peak: the busiest minute over the mean of the day.
        load: share of a core's time that live traffic may take, so that it does not queue.
        batch_load: the same of a batch, which may queue.
        cores: cores of a node; a core is a hardware thread as the machine of the measurement has them.
        gigabits: of a node's network, a second.
        object_bytes: mean stored size of an object.
        range_bytes: bytes that leakscan asks for at once.
        get_price: US$ for 1,000 GET requests.
        list_price: US$ for 1,000 LIST requests, of 1,000 keys each.
        core_price: US$ for an hour of a core.
        out_price: US$ for a GB (as stored) that leaves the region.

    """

    day: float = 10_000
    archive: float = 1_000_000
    peak: float = 3
    load: float = 0.6
    batch_load: float = 0.9
    cores: int = 16
    gigabits: float = 10
    object_bytes: float = 64e6
    range_bytes: float = 16 * 1024 * 1024
    get_price: float = 0.0004
    list_price: float = 0.005
    core_price: float = 0.05
    out_price: float = 0.09


@dataclass(frozen=True, slots=True)
class Cost:
    """CPU seconds per GB of text, and stored bytes per byte of text."""

    cpu: float
    stored: float


@dataclass(frozen=True, slots=True)
class Costs:
    """What was measured, by log, form and way."""

    by: Mapping[tuple[str, str, str], Cost]

    @classmethod
    def of(cls, rows: Iterable[Mapping[str, Any]]) -> Costs:
        """Take the rows of `scale`."""
        return cls({(row["log"], row["form"], row["way"]): Cost(row["cpu"], row["stored"]) for row in rows})


def core_hours(gigabytes: float, cpu: float) -> float:
    """Return the core-hours that an amount takes."""
    return gigabytes * cpu / 3600


def live_cores(plan: Plan, cpu: float) -> float:
    """Return the cores to have for what comes in a day, at its peak."""
    return plan.day * cpu / 86_400 * plan.peak / plan.load


def hours(plan: Plan, gigabytes: float, cpu: float, nodes: int) -> float:
    """Return the hours that a batch takes on so many nodes, when nothing but CPU bounds it."""
    return core_hours(gigabytes, cpu) / (nodes * plan.cores * plan.batch_load)


def node_gigabits(plan: Plan, cost: Cost) -> float:
    """Return what one node reads from the store while all of its cores scan, in Gbit/s."""
    return plan.cores * plan.batch_load / cost.cpu * cost.stored * 8


def requests(plan: Plan, gigabytes: float, stored: float) -> tuple[float, float]:
    """Return the GET and LIST requests for an amount: a range each, of an object at least one."""
    size = gigabytes * 1e9 * stored
    objects = size / plan.object_bytes
    ranges = -(-plan.object_bytes // plan.range_bytes)
    return objects * ranges, objects / 1000


def request_price(plan: Plan, gigabytes: float, stored: float) -> float:
    """Return what they cost, in US$."""
    gets, lists = requests(plan, gigabytes, stored)
    return gets / 1000 * plan.get_price + lists / 1000 * plan.list_price


def cost_table(rows: Sequence[Mapping[str, Any]]) -> str:
    """Return the measured costs: a line for each log and form, a column for each way."""
    ways = list(dict.fromkeys(row["way"] for row in rows))
    cells = {(row["log"], row["form"], row["way"]): row for row in rows}
    titles = ["secrets", "stored as", "stored / text", *(f"`{way}`" for way in ways), "MB/s a core, `scan`"]
    lines = [f"| {' | '.join(titles)} |", "|---" * len(titles) + "|"]
    for log, form in dict.fromkeys((row["log"], row["form"]) for row in rows):
        row = cells[log, form, "scan"]
        figures = " | ".join(f"{cells[log, form, way]['cpu']:.2f}" for way in ways)
        lines.append(f"| {NAMES[log]} | {form} | {row['stored']:.3f} | {figures} | {1000 / row['cpu']:.0f} |")
    by_way = {way: [row for row in rows if row["way"] == way] for way in ways}
    starts = ", ".join(f"`{way}` {median(row['start'] for row in each):.2f}" for way, each in by_way.items())
    peaks = ", ".join(f"`{way}` {max(r['memory'] for r in each) / 1e6:.0f}" for way, each in by_way.items())
    lines += ["", f"CPU seconds to start: {starts}. MB of memory at most, of one process: {peaks}."]
    return "\n".join(lines)


def plan_tables(costs: Costs, plan: Plan, sidecar: Mapping[str, float]) -> dict[str, str]:
    """Return the tables of what follows, by the names of their marks; `sidecar` has its CPU s / GB by log."""
    return {"day": _day_table(costs, plan, sidecar), "archive": _archive_table(costs, plan)}


def _day_table(costs: Costs, plan: Plan, sidecar: Mapping[str, float]) -> str:
    pipe = {log: costs.by[log, "plain", "redact"].cpu for log in NAMES}
    batch = {log: costs.by[log, "gzip", "scan s3"].cpu for log in NAMES}
    lines = ["| | secrets | CPU s / GB | core-hours a day | cores, mean | cores to have |", "|---" * 6 + "|"]
    for title, by_log in (("pipe", pipe), ("sidecar, NDJSON", sidecar), ("batch from S3, gzip", batch)):
        for log, cpu in by_log.items():
            mean = plan.day * cpu / 86_400
            have = mean / plan.batch_load if by_log is batch else live_cores(plan, cpu)
            spent = core_hours(plan.day, cpu)
            lines.append(f"| {title} | {NAMES[log]} | {cpu:.2f} | {spent:.1f} | {mean:.2f} | {have:.1f} |")
    return "\n".join(lines)


def _archive_table(costs: Costs, plan: Plan) -> str:
    titles = (
        "stored as", "secrets", "CPU s / GB", "core-hours", "hours on 1 / 10 / 100 nodes", "Gbit/s a node",
        "GET, million", "requests, US$", "cores, US$", "if it leaves the region, US$",
    )  # fmt: skip
    lines = [f"| {' | '.join(titles)} |", "|---" * len(titles) + "|"]
    for form in ("gzip", "zstd"):
        for log, name in NAMES.items():
            cost = costs.by[log, form, "scan s3"]
            spent = core_hours(plan.archive, cost.cpu)
            cells = (
                form,
                name,
                f"{cost.cpu:.2f}",
                f"{spent:,.0f}",
                " / ".join(f"{hours(plan, plan.archive, cost.cpu, nodes):,.1f}" for nodes in (1, 10, 100)),
                f"{node_gigabits(plan, cost):.1f}",
                f"{requests(plan, plan.archive, cost.stored)[0] / 1e6:.1f}",
                f"{request_price(plan, plan.archive, cost.stored):,.0f}",
                f"{spent / plan.batch_load * plan.core_price:,.0f}",
                f"{plan.archive * cost.stored * plan.out_price:,.0f}",
            )
            lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def rewritten(text: str, tables: Mapping[str, str]) -> str:
    """Return a document with the tables between their marks: `<!-- costs -->` .. `<!-- /costs -->`.

    Raises:
        ValueError: a mark is missing.

    """
    for name, table in tables.items():
        found = re.search(rf"(?s)(<!-- {name} -->\n).*?(<!-- /{name} -->)", text)
        if found is None:
            raise ValueError(f"the document has no place for {name}")
        text = f"{text[: found.end(1)]}{table}\n{text[found.start(2) :]}"
    return text
