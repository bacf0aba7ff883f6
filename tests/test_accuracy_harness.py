"""The accuracy harness measures what it says: fixed by its seed, exact answer key, honest arithmetic."""

from __future__ import annotations

import base64
import json
import sys
import zlib
from pathlib import Path

import pytest

# the harness is no part of the package: it stands beside it
sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.accuracy import generate as generate_module
from benchmarks.accuracy.checks import crc16, marvin32
from benchmarks.accuracy.draw import Scene
from benchmarks.accuracy.generate import BENIGN, FIELD_SHAPES, FIELDS, HEADERS, OWN_SHAPES, TOKENS, generate
from benchmarks.accuracy.kinds import held_out
from benchmarks.accuracy.picture import svg
from benchmarks.accuracy.sample import Plant, Sample, answer_key, log_text
from benchmarks.accuracy.scanners import Report
from benchmarks.accuracy.scoring import judge, tally
from benchmarks.accuracy.table import markdown, missed, row
from benchmarks.accuracy.text import Span, base64_run, json_inner, mark, percent, unmark

from leakscan import Scanner

ALL_SHAPES = (
    *generate_module.TOKEN_SHAPES,
    *FIELD_SHAPES,
    *generate_module.HEADER_SHAPES,
    *generate_module.PASSWORD_SHAPES,
    *OWN_SHAPES,
)


@pytest.fixture(scope="module")
def samples() -> list[Sample]:
    """One run of the generator."""
    return generate("harness test", 1500)


def test_equal_seeds_make_equal_samples(samples: list[Sample]) -> None:
    """The seed decides everything: same seed, same lines; another seed, other lines."""
    assert generate("harness test", 1500) == samples
    assert generate("another", 1500) != samples


def test_there_are_as_many_kinds_as_promised() -> None:
    """At least 120 kinds of tokens, 45 of keyed values, 120 of look-alikes, 88 shapes; every name once."""
    for table, least in ((TOKENS, 120), ((*FIELDS, *HEADERS), 45), (BENIGN, 120), (ALL_SHAPES, 88)):
        names = [entry.name for entry in table]
        assert len(names) == len(set(names)) >= least


def test_both_engines_find_the_same(samples: list[Sample]) -> None:
    """In every shape that a secret takes, and in every look-alike."""
    key = b"sixteen bytes ok"
    slow, fast = (Scanner(engine=engine, key=key) for engine in ("ahocorasick", "hyperscan"))
    for sample in samples:
        text = log_text([sample])
        assert fast.scan(text) == slow.scan(text), sample.shape or sample.kind


def test_every_kind_and_shape_occurs(samples: list[Sample]) -> None:
    """One run of ordinary size leaves no kind and no shape out."""
    kinds = {sample.kind for sample in samples}
    assert {kind.name for kind in (*TOKENS, *FIELDS, *HEADERS, *BENIGN)} <= kinds
    assert {shape.name for shape in ALL_SHAPES} == {sample.shape for sample in samples if sample.shape}


def test_about_a_quarter_is_held_out() -> None:
    """The part that rule authors never see is near a quarter of kinds and of shapes, fixed by name."""
    for names in ([kind.name for kind in (*TOKENS, *FIELDS, *HEADERS)], [shape.name for shape in ALL_SHAPES]):
        assert 0.17 < sum(map(held_out, names)) / len(names) < 0.33


def test_answer_key_points_at_the_secret(samples: list[Sample]) -> None:
    """In the bytes of the log file, each span of the key lies in its line and holds the planted secret."""
    lines = log_text(samples).split(b"\n")
    as_written = 0
    for row_text in answer_key(samples).splitlines():
        for plant in json.loads(row_text)["plants"]:
            line = lines[plant["line"] - 1]
            assert 0 <= plant["start"] <= plant["core_start"] < plant["core_end"] <= plant["end"] <= len(line)
            as_written += line[plant["start"] : plant["end"]] == plant["plain"].encode()
    assert as_written > 800


def test_spans_cut_at_the_secret_in_token_lines(samples: list[Sample]) -> None:
    """A token that stands unescaped in its line stands there once, exactly where the key says."""
    checked = 0
    for sample in samples:
        if sample.group == "token" and sample.shape in {"after a space", "env dump", "csv", "in brackets"}:
            (plant,) = sample.plants
            line = sample.lines[plant.line].encode()
            assert line.index(plant.plain.encode()) == plant.span.start
            assert len(plant.plain.encode()) == plant.span.end - plant.span.start
            checked += 1
    assert checked > 20


def test_no_benign_line_holds_a_planted_secret(samples: list[Sample]) -> None:
    """Look-alikes plant nothing, hold no mark, and hold none of the secrets that were planted elsewhere."""
    benign = "\n".join(line for sample in samples if sample.group == "benign" for line in sample.lines)
    planted = {plant.plain for sample in samples for plant in sample.plants if len(plant.plain) > 12}
    assert all(not sample.plants for sample in samples if sample.group == "benign")
    assert all(sample.plants for sample in samples if sample.group != "benign")
    assert not [plain for plain in planted if plain in benign]
    assert not any(
        0xE000 <= ord(char) <= 0xE003 for sample in samples for line in sample.lines for char in line
    )


def test_unmark_counts_bytes() -> None:
    """Spans are byte offsets, also after characters of two, three and four bytes."""
    text, (span,) = unmark("é…\U0001f511 " + mark("abcü") + " end")
    assert text.encode()[span.start : span.end] == "abcü".encode()


def test_unmark_refuses_unbalanced_marks() -> None:
    """A shape that loses half a mark fails instead of giving a wrong span."""
    with pytest.raises(ValueError, match="never closes"):
        unmark(mark("abc")[:-1])
    with pytest.raises(ValueError, match="before it opens"):
        unmark(mark("abc")[1:])


def test_escaping_keeps_the_marks_in_place() -> None:
    """The span covers the escaped form of the secret, whatever stands before it."""
    line, (span,) = unmark(
        f"{json_inner('a' + chr(34))}{json_inner(mark('p' + chr(34) + 'w'), 2)}&{percent('/')}"
    )
    assert line[span.start : span.end] == 'p\\\\\\"w'
    line, (span,) = unmark(percent(mark("a/b")))
    assert line[span.start : span.end] == "a%2Fb"


def test_core_of_a_base64_run_carries_the_secret() -> None:
    """Of an encoded run the core is what must go: without it, neither end of the secret decodes."""
    line, (span,) = unmark("x=" + base64_run("user:" + mark("S3cretValue99") + ":tail"))
    run = line[span.start : span.end]
    assert base64.b64decode(run) == b"user:S3cretValue99:tail"
    rest = "A" * (span.core_end - span.core_start)
    hidden = run[: span.core_start - span.start] + rest + run[span.core_end - span.start :]
    assert b"S3c" not in base64.b64decode(hidden)
    assert b"e99" not in base64.b64decode(hidden)


def test_checksums_hold() -> None:
    """Tokens with a checksum carry the right one (CRC32, Marvin32, CRC16); altered kinds do not."""
    made = {kind.name: kind.make(Scene("checksums")) for kind in TOKENS}
    digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

    def number(text: str) -> int:
        value = 0
        for char in text:
            value = value * 62 + digits.index(char)
        return value

    assert number(made["github-pat"][-6:]) == zlib.crc32(made["github-pat"][4:-6].encode())
    assert number(made["github-pat-altered"][-6:]) != zlib.crc32(made["github-pat-altered"][4:-6].encode())
    raw = base64.b64decode(made["azure-storage"])
    assert marvin32(raw[:-4], b"Default0") == raw[-4:]
    seed = base64.b32decode(made["nats-user-seed"] + "=" * 6)
    assert crc16(seed[:-2]) == seed[-2:]
    assert made["nats-user-seed"].startswith("SU")


def _sample(group: str, line: str, *spans: tuple[int, int]) -> Sample:
    plants = tuple(Plant(0, Span(start, end, start, end), line[start:end]) for start, end in spans)
    return Sample(group, f"{group} kind", "shape" if spans else "", (line,), plants)  # type: ignore[arg-type]


def test_scoring_arithmetic() -> None:
    """Exact, near, partial, text-only, line-only, over-wide and absent findings count as the rule says."""
    samples = [
        _sample("token", "key AAAAAAAAAA end", (4, 14)),  # exact
        _sample("token", "key BBBBBBBBBB end", (4, 14)),  # covered, but wider
        _sample("token", "key CCCCCCCCCC end", (4, 14)),  # 70 % only
        _sample("keyed", "key DDDDDDDDDD end", (4, 14)),  # text, in the line
        _sample("keyed", "key EEEEEEEEEE end", (4, 14)),  # line only
        _sample("keyed", "key FFFFFFFFFF " + "x" * 400, (4, 14)),  # whole line taken
        _sample("keyed", "key GGGGGGGGGG and HHHHHHHHHH", (4, 14), (19, 29)),  # one of two
        _sample("benign", "nothing here"),
        _sample("benign", "nothing there"),
    ]
    reports = [
        Report(1, "", 4, 14),
        Report(2, "", 0, 18),
        Report(3, "", 4, 11),
        Report(4, "DDDDDDDDDD"),
        Report(5, ""),
        Report(6, "", 0, 415),
        Report(7, "", 4, 14),
        Report(9, "there", rule="x"),
    ]
    verdicts = judge(samples, reports)
    assert [verdict.found for verdict in verdicts] == [
        True,
        True,
        False,
        True,
        True,
        False,
        False,
        False,
        False,
    ]
    assert [verdict.exact for verdict in verdicts] == [
        True,
        False,
        False,
        True,
        False,
        False,
        False,
        False,
        False,
    ]
    assert [verdict.flagged for verdict in verdicts[-2:]] == [False, True]
    total = tally(verdicts)
    assert (total.planted, total.found, total.exact, total.benign, total.flagged) == (7, 4, 2, 2, 1)
    figures = row(verdicts, spans=True)
    assert (figures["tokens_found_percent"], figures["keyed_found_percent"], figures["exact_percent"]) == (
        66.7,
        50.0,
        28.6,
    )
    assert "| leakscan | 66.7 % | 50.0 % | 28.6 % |" in markdown({"leakscan": figures})


def test_a_key_line_by_line_is_one_secret() -> None:
    """A private key over many lines is found when one body line is, and exact when what was reported is."""
    span = Span(2, 6, 2, 6)
    sample = Sample(
        "keyed", "pem", "lines", ("> AAAA", "> BBBB"), (Plant(0, span, "AAAA"), Plant(1, span, "BBBB"))
    )
    for report, expected in (
        (Report(1, "", 2, 6), (True, True)),
        (Report(2, "", 0, 6), (True, False)),
        (Report(1, "", 0, 2), (False, False)),
    ):
        (verdict,) = judge([sample], [report])
        assert (verdict.found, verdict.exact) == expected


def test_decoded_text_counts() -> None:
    """A scanner that decodes base64 and reports the plain secret has found it, without an exact span."""
    line, (span,) = unmark("h: " + base64_run("user:" + mark("hunter2hunter2")))
    sample = Sample("keyed", "k", "s", (line,), (Plant(0, span, "hunter2hunter2"),))
    (verdict,) = judge([sample], [Report(1, "hunter2hunter2")])
    assert (verdict.found, verdict.exact) == (True, False)
    assert not judge([sample], [Report(1, "other text")])[0].found


def test_a_finding_of_many_lines_counts_in_its_own_sample_only() -> None:
    """What a scanner swallows after a cut-off key finds no other secret and flags no other line."""
    samples = [
        Sample(
            "keyed",
            "pem",
            "cut",
            ("BEGIN", "AAAA", "BBBB"),
            tuple(Plant(n, Span(0, 4, 0, 4), c * 4) for n, c in ((1, "A"), (2, "B"))),
        ),
        _sample("keyed", "CCCC", (0, 4)),
        _sample("benign", "plain"),
    ]
    verdicts = judge(samples, [Report(1, "BEGIN\nAAAA\nBBBB\nCCCC\nplain")])
    assert [verdict.found for verdict in verdicts] == [True, False, False]
    assert not verdicts[2].flagged


def test_missed_hides_what_is_held_out(samples: list[Sample]) -> None:
    """The report on misses shows no held-out kind or shape unless asked to."""
    verdicts = judge(samples, [])
    shown, everything = missed(verdicts, held_out=False), missed(verdicts, held_out=True)
    kept = next(sample for sample in samples if sample.group == "token" and held_out(sample.kind))
    assert f"[{kept.kind} / " not in shown
    assert f"{kept.kind}: " in everything
    assert len(everything) > len(shown) > 0


def test_picture_is_well_formed() -> None:
    """The picture is XML and shows each scanner's name and false alarms."""
    from xml.etree import ElementTree as ET  # noqa: PLC0415 - only this test reads XML

    figures = row(
        judge([_sample("token", "key AAAA", (4, 8)), _sample("benign", "x")], [Report(1, "AAAA")]), spans=True
    )
    root = ET.fromstring(svg({"leakscan": figures, "a<b": figures}, "note & more"))  # noqa: S314 - our own text
    texts = [element.text for element in root.iter() if element.tag.endswith("text")]
    assert {"leakscan", "a<b", "0 false", "note & more"} <= set(texts)
