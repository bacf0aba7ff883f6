"""The paper on scale is true: its tables are those of the results kept, and its arithmetic is right."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path

import click
import pytest

# the benchmarks are no part of the package: they stand beside it
sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.corpus import KINDS, write
from benchmarks.objects import served
from benchmarks.scale import WAYS, measure, sidecar_costs, stored
from benchmarks.sizing import (
    Cost,
    Costs,
    Plan,
    core_hours,
    cost_table,
    hours,
    live_cores,
    node_gigabits,
    plan_tables,
    request_price,
    requests,
    rewritten,
)

ROOT = Path(__file__).parents[1]
DOCUMENT = ROOT / "docs" / "scale.md"
PLAN = Plan()


def test_the_tables_are_those_of_the_results_kept() -> None:
    """Each number between the marks follows from `results.json`, which a run of the script wrote."""
    kept = max((ROOT / "benchmarks" / "results").glob("*/scale/results.json"))
    results = json.loads(kept.read_text(encoding="utf-8"))
    tables = {
        "costs": cost_table(results["rows"]),
        **plan_tables(Costs.of(results["rows"]), PLAN, results["sidecar"]),
    }
    text = DOCUMENT.read_text(encoding="utf-8")
    assert rewritten(text, tables) == text


def test_what_is_assumed_is_written_down() -> None:
    """The table of assumptions has the numbers that the arithmetic uses."""
    text = DOCUMENT.read_text(encoding="utf-8")
    for line in (
        f"| `peak` | {PLAN.peak} |",
        f"| `load` | {PLAN.load} |",
        f"| `batch_load` | {PLAN.batch_load} |",
        f"| `cores`, `gigabits` | {PLAN.cores}, {PLAN.gigabits} |",
        f"| `object_bytes` | {PLAN.object_bytes / 1e6:.0f} MB |",
        f"| `get_price`, `list_price` | {PLAN.get_price}, {PLAN.list_price} US$ |",
        f"| `core_price` | {PLAN.core_price} US$ |",
        f"| `out_price` | {PLAN.out_price} US$ |",
    ):
        assert line in text


def test_cores_and_hours() -> None:
    """Worked by hand: 3,600 GB at 2 s are 2 core-hours; 86,400 GB a day at 1 s keep a core busy."""
    assert core_hours(3600, 2) == 2
    assert live_cores(replace(PLAN, day=86_400, peak=3, load=0.5), 1) == 6
    assert hours(replace(PLAN, cores=10, batch_load=0.5), 3600, 10, 2) == 1


def test_network_and_requests() -> None:
    """Worked by hand: 10 cores at 2 s a GB read 5 GB a second; an object of 40 bytes has 3 ranges of 16."""
    assert node_gigabits(replace(PLAN, cores=10, batch_load=1), Cost(2, 0.1)) == pytest.approx(4)
    plan = replace(PLAN, object_bytes=40, range_bytes=16, get_price=1, list_price=2)
    assert requests(plan, 0.000_4, 0.1) == (3000, 1)
    assert request_price(plan, 0.000_4, 0.1) == 3 + 0.002


def test_the_sidecar_is_taken_from_its_own_results() -> None:
    """Clean costs less than dirty, and both are seconds."""
    costs = sidecar_costs()
    assert 0 < costs["mixed"] < costs["dirty-100"] < 1000


def test_a_document_without_a_place_is_an_error() -> None:
    """A mark that went missing does not pass in silence."""
    with pytest.raises(ValueError, match="no place for day"):
        rewritten("<!-- costs -->\n<!-- /costs -->\n", {"costs": "x", "day": "y"})


def test_every_way_finds_what_was_planted(tmp_path: Path) -> None:
    """A form of a log is scanned in every way, over TLS too; another number than planted is an error."""
    pytest.importorskip("s3fs", reason="needs s3fs")
    pytest.importorskip("cryptography", reason="needs cryptography")
    corpus = write(KINDS["dirty-100"], tmp_path, seed="0", size=100_000)
    path = stored(corpus, "zstd")
    assert path.stat().st_size < corpus.size / 2
    with served(tmp_path, tmp_path) as variables:
        for way in WAYS:
            assert measure(way, path, corpus, tmp_path, variables).cpu > 0
    wrong = replace(corpus, expected=3)
    with pytest.raises(click.ClickException, match="3 are right"):
        measure("scan", path, wrong, tmp_path, {})
