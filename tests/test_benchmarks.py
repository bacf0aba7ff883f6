"""The benchmarks of speed measure what they say: logs fixed by a seed, counts checked, honest arithmetic."""

from __future__ import annotations

import json
import sys
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner

# the benchmarks are no part of the package: they stand beside it
sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks import contestants, growth, race
from benchmarks.contestants import Output
from benchmarks.corpus import KINDS, Corpus, byte_size, chunks, clean_lines, own, write
from benchmarks.draw import Draw
from benchmarks.goals import Goal, goals, markdown
from benchmarks.growth import verdict
from benchmarks.measure import run
from benchmarks.picture import growth_svg, race_svg
from benchmarks.planted import KINDS as PLANTED

from leakscan import Scanner


@pytest.fixture(scope="module")
def scanner() -> Scanner:
    """A scanner with the rules that ship."""
    return Scanner()


@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: kind.name)
def test_equal_seeds_make_equal_logs(kind: Any) -> None:
    """The seed decides every byte; another seed makes another log."""
    assert list(chunks(kind, "a", 50_000)) == list(chunks(kind, "a", 50_000))
    assert list(chunks(kind, "a", 50_000)) != list(chunks(kind, "b", 50_000))


@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: kind.name)
@pytest.mark.parametrize("seed", ["0", "another"])
def test_what_was_planted_is_what_is_right(kind: Any, seed: str, scanner: Scanner, tmp_path: Path) -> None:
    """The expected count of a log is the number of findings: none in clean lines, one in each dirty one."""
    corpus = write(kind, tmp_path, seed=seed, size=400_000)
    data = corpus.path.read_bytes()
    assert 400_000 <= corpus.size == len(data) < 410_000
    assert corpus.lines == data.count(b"\n")
    assert corpus.expected == len(scanner.scan(data))
    assert bool(corpus.expected) is bool(kind.every)


def test_mixed_lines_are_as_long_as_in_life() -> None:
    """The mean line of the mixed log has 150 to 190 bytes."""
    lines = clean_lines(KINDS["mixed"], "0", 400_000)
    assert 150 <= sum(map(len, lines)) / len(lines) <= 190


def test_every_kind_of_secret_is_found_whole(scanner: Scanner) -> None:
    """Each planted line has one finding, whose span is the secret, and no two secrets are equal."""
    draw = Draw("planted")
    made = [kind(draw) for kind in PLANTED for _ in range(20)]
    assert len({secret for _, secret in made}) == len(made)
    for line, secret in made:
        assert [line[found.start : found.end] for found in scanner.scan(line)] == [secret]


def test_secrets_do_not_repeat_when_the_log_does() -> None:
    """A log of several units has as many distinct secrets as planted lines."""
    text, lines, secrets = b"", 0, 0
    for part, line_count, count in chunks(KINDS["dirty-100"], "0", 300_000):
        text, lines, secrets = text + part, lines + line_count, secrets + count
    dirty = set(text.splitlines()) - set(clean_lines(KINDS["mixed"], "0", 300_000))
    clean = {line.rstrip(b"\n") for line in clean_lines(KINDS["dirty-100"], "0", 300_000)}
    assert len(dirty - clean) == secrets > lines // 150


@pytest.mark.parametrize(
    ("text", "size"), [("64K", 64_000), ("200M", 200_000_000), ("1.5G", 1_500_000_000), ("7", 7)]
)
def test_sizes_are_read(text: str, size: int) -> None:
    """Sizes are powers of ten."""
    assert byte_size(text) == size


@pytest.mark.parametrize("text", ["", "M", "-1M", "0", "many"])
def test_what_is_no_size_is_refused(text: str) -> None:
    """A size is positive and has a known unit."""
    with pytest.raises(ValueError, match=r"\A"):
        byte_size(text)


def test_own_logs_are_counted(tmp_path: Path) -> None:
    """A folder of the user's is all its files, and nobody knows the right count."""
    (tmp_path / "sub").mkdir()
    (tmp_path / "a.log").write_bytes(b"one\ntwo\n")
    (tmp_path / "sub" / "b.log").write_bytes(b"three")
    corpus = own(tmp_path)
    assert (corpus.size, corpus.lines, corpus.expected) == (13, 2, None)


def output(tmp_path: Path, out: str, errors: str = "") -> Output:
    """Return what a run would have left."""
    (tmp_path / "out").write_text(out)
    (tmp_path / "errors").write_text(errors)
    return Output(tmp_path / "out", tmp_path / "errors")


def test_kingfisher_is_read(tmp_path: Path) -> None:
    """The number of kingfisher is in the summary after its findings, wherever that stands."""
    text = '{"finding":{"line":3},"rule":{"id":"x"}}\n{"audit":{"findings":7}}\n{"findings":530}\n'
    assert contestants.count_kingfisher(output(tmp_path, text)) == 530
    with pytest.raises(ValueError, match="no summary"):
        contestants.count_kingfisher(output(tmp_path, '{"finding":{}}\n'))


def test_lines_of_findings_are_read(tmp_path: Path) -> None:
    """Both betterleaks and leakscan write one object a line, and others for what is no finding."""
    text = '{"schema_version":"1","finding":{"rule_id":"x"}}\n{"schema_version":"1","scan":{}}\n'
    assert contestants.count_lines_with(b'"finding":')(output(tmp_path, text)) == 1


def test_arrays_and_baselines_are_read(tmp_path: Path) -> None:
    """What gitleaks writes is an array, and may be missing; detect-secrets what each file has."""
    assert contestants.count_array(output(tmp_path, '[{"RuleID":"a"},{"RuleID":"b"}]')) == 2
    assert contestants.count_array(output(tmp_path, "")) == 0
    assert contestants.count_baseline(output(tmp_path, '{"results":{"a":[{},{}],"b":[{}]}}')) == 3


def test_summaries_of_redact_are_read(tmp_path: Path) -> None:
    """The number of labels is read from leakscan's own summary, and a missing one is no zero."""
    many = "leakscan: redacted 12,345 secrets in 9 lines (1 bytes, 0.1 s): jwt 12,345\n"
    assert contestants.count_redacted(output(tmp_path, "", many)) == 12_345
    assert contestants.count_redacted(output(tmp_path, "", "leakscan: redacted 1 secret in 9 lines")) == 1
    assert contestants.count_redacted(output(tmp_path, "", "leakscan: no secrets in 3 lines (9 bytes)")) == 0
    with pytest.raises(ValueError, match="no summary"):
        contestants.count_redacted(output(tmp_path, "", "leakscan: out of memory"))


def test_a_run_is_measured(tmp_path: Path) -> None:
    """Wall time, CPU time, memory and exit code are the program's own."""
    code = "import sys; data = b'x' * 60_000_000; print(sum(range(10**6))); sys.exit(7)"
    done = run([sys.executable, "-c", code], output=tmp_path / "out", errors=tmp_path / "errors")
    assert done.code == 7
    assert 0.005 < done.cpu <= done.seconds * 2
    assert 60_000_000 < done.memory < 200_000_000
    assert (tmp_path / "out").read_text() == "499999500000\n"


def test_memory_is_not_that_of_the_one_who_measures(tmp_path: Path) -> None:
    """A small program shows as small, whatever the benchmark itself holds."""
    held = bytearray(100_000_000)
    held[::4096] = b"x" * len(held[::4096])
    done = run([sys.executable, "-I", "-S", "-c", ""], output=tmp_path / "out", errors=tmp_path / "errors")
    assert done.memory < 40_000_000 < len(held)


def test_a_wrong_count_fails(tmp_path: Path) -> None:
    """A run of leakscan whose findings are not what was planted ends the race."""
    right = write(KINDS["dirty-100"], tmp_path, seed="0", size=50_000)
    assert right.expected
    leakscan = contestants.roster(tmp_path, 2)["leakscan"]()
    assert race.measure(leakscan, right, tmp_path)[1] == right.expected
    wrong = Corpus("x", "x", right.path, right.size, right.lines, right.expected + 1)
    with pytest.raises(click.ClickException, match="are right"):
        race.measure(leakscan, wrong, tmp_path)


def test_who_is_not_set_up_is_left_out(tmp_path: Path) -> None:
    """A peer that is missing is named with what to do, and the race goes on without it."""
    with pytest.raises(contestants.MissingError, match=r"accuracy\.peers"):
        contestants.roster(tmp_path, 2)["gitleaks"]()
    assert race.ready(["gitleaks"], tmp_path, 2) == []


def test_a_race_from_start_to_finish(tmp_path: Path) -> None:
    """A small race prints its tables and goals and leaves a folder with table, figures and picture."""
    log = tmp_path / "logs"
    log.mkdir()
    (log / "a.log").write_text("login password=hunter2-Tr0ub4dor\nall quiet\n")
    options = {
        "--cache": tmp_path, "--size": "120K", "--slow-size": "60K", "--rounds": 1, "--kinds": "dirty-100",
        "--contestants": "leakscan,leakscan redact,leakscan ahocorasick,gitleaks",
        "--libraries": "leakscan,scrubbers", "--records": 400, "--corpus": log, "--out": tmp_path / "out",
    }  # fmt: skip
    arguments = [str(part) for option in options.items() for part in option]
    done = CliRunner().invoke(race.main, arguments)
    assert done.exit_code == 0, done.output
    assert "| leakscan redact | 0 |" in done.stdout
    assert "one-line file, start to finish" in done.stdout
    (folder,) = (tmp_path / "out").glob("*/race")
    results = json.loads((folder / "results.json").read_text())
    rows = results["programs"]["dirty-100"]
    assert set(rows) == {"leakscan", "leakscan redact", "leakscan ahocorasick"}
    assert rows["leakscan"]["found"] == rows["leakscan"]["planted"] > 5
    assert rows["leakscan ahocorasick"]["size"] < rows["leakscan"]["size"]
    assert results["programs"]["own"]["leakscan"]["found"] == 1
    assert results["records"]["secrets"]["leakscan"]["found"] == 360  # nine tenths: the first warm up
    assert str(tmp_path) not in (folder / "results.json").read_text() + (folder / "table.md").read_text()
    ET.parse(folder / "picture.svg")  # noqa: S314 - our own file


def test_growth_from_start_to_finish() -> None:
    """A small run of one series prints its table and says whether it is linear."""
    done = CliRunner().invoke(
        growth.main, ["--only", "findings, jsonl", "--max-findings", "1000", "--rounds", "1"]
    )
    assert done.exit_code == 0, done.output
    assert "| 1,000 | 0.1 | 1,000 |" in done.stdout


def rows(*points: tuple[int, float, int]) -> list[dict[str, Any]]:
    """Return measurements of (x, seconds, memory) where the size is x."""
    return [{"x": x, "size": x, "seconds": seconds, "memory": memory} for x, seconds, memory in points]


def test_growth_is_judged() -> None:
    """Linear growth and flat memory are quiet; a square and a heap are named."""
    assert verdict(rows((1, 0.1, 40), (10, 1.0, 40), (100, 10.0, 41)), total="x") == []
    assert verdict(rows((1, 0.1, 40), (10, 1.0, 40), (100, 100.0, 40)), total="x") != []
    assert verdict(rows((1, 0.1, 40), (10, 0.2, 90_000_000)), total="x") == ["memory grows by 90 MB"]
    assert verdict(rows((1, 0.1, 40), (10, 0.2, 90_000_000)), total="x", memory_may_grow=True) == []
    same_data = [{**row, "size": 1000} for row in rows((100, 1.0, 40), (1000, 1.1, 40), (10_000, 5.0, 40))]
    assert verdict(same_data, total="size") == ["time from 1,000 to 10,000: 4.5 times"]


def program(speed: float, *, memory: int = 50 << 20, size: int = 1000) -> dict[str, Any]:
    """Return a row of a race."""
    return {
        "size": size,
        "speed": speed,
        "speed_after_start": speed * 2,
        "cpu": size / speed,
        "memory": memory,
    }


def test_goals_are_ratios() -> None:
    """Goals compare within the run; a peer with a smaller log is not charged for its start."""
    results = {
        "programs": {"mixed": {
            "leakscan": program(1000.0, memory=90 << 20),
            "kingfisher": program(100.0),
            "gitleaks": program(10.0, size=10),
        }},
        "start": {"leakscan": {"seconds": 0.1}},
        "records": {"mixed": {"leakscan": {"seconds": 1e-6}, "kingfisher-sdk": {"seconds": 5e-6}}},
    }  # fmt: skip
    found = {goal.text: goal for goal in goals(results)}
    assert found["scan, mixed: over kingfisher"].measured == 10
    assert found["scan, mixed: over kingfisher"].met
    assert found["scan, mixed: over gitleaks"].measured == 50
    assert not found["scan, mixed: over gitleaks"].met
    assert found["one-line file, start to finish"].ratio == 1.5
    assert not found["peak memory of a process (most: leakscan, mixed)"].met
    assert not found["Scanner.redact(line): over kingfisher-sdk"].met
    assert "NOT MET" in markdown([Goal("x", 2, 1)])
    assert "| met |" in markdown([Goal("x", 2, 1, at_most=True)])


def test_pictures_are_well_formed() -> None:
    """Both pictures are XML, and names cannot break them."""
    raced = {
        "programs": {"own": {"leakscan": program(5e8), "a<b>&c": program(5e3)}},
        "records": {"mixed": {"leakscan": {"seconds": 1e-6}}},
    }
    grown = {"series": {"x < y": rows((0, 0.1, 10**7), (10, 0.2, 10**7), (100, 2.0, 10**8))}}
    for text in (race_svg(raced, "a & b"), growth_svg(grown, "a & b")):
        ET.fromstring(text)  # noqa: S314 - our own text
