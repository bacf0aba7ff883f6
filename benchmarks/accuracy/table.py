"""The score as text: one table of all scanners, and for one scanner what it missed."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from benchmarks.accuracy.scoring import Tally, Verdict, tally

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

#: Longest stretch of a line that is shown.
_SHOWN = 400


def row(verdicts: Sequence[Verdict], *, spans: bool) -> dict[str, Any]:
    """One scanner's figures. `spans` False: it names lines only, so there is nothing exact to count."""
    tokens = tally(v for v in verdicts if v.sample.group == "token")
    keyed = tally(v for v in verdicts if v.sample.group == "keyed")
    benign = tally(v for v in verdicts if v.sample.group == "benign")
    kept = tally(v for v in verdicts if v.sample.held_out)
    return {
        "tokens": tokens.planted,
        "tokens_found": tokens.found,
        "tokens_found_percent": round(tokens.found_share, 1),
        "keyed": keyed.planted,
        "keyed_found": keyed.found,
        "keyed_found_percent": round(keyed.found_share, 1),
        "exact_percent": round(
            Tally(tokens.planted + keyed.planted, 0, tokens.exact + keyed.exact).exact_share, 1
        )
        if spans
        else None,
        "held_out_found_percent": round(kept.found_share, 1),
        "benign": benign.benign,
        "benign_flagged": benign.flagged,
    }


def markdown(rows: dict[str, dict[str, Any]]) -> str:
    """The table as Markdown, in the order given."""
    first = next(iter(rows.values()))
    head = (
        f"| | tokens found (of {first['tokens']}) | keyed values found (of {first['keyed']}) | span exact | "
        f"held-out kinds and shapes | benign lines flagged (of {first['benign']}) |\n"
        "|---|---|---|---|---|---|\n"
    )
    return head + "".join(
        f"| {name} | {r['tokens_found_percent']:.1f} % | {r['keyed_found_percent']:.1f} % | "
        f"{'-' if r['exact_percent'] is None else format(r['exact_percent'], '.1f') + ' %'} | "
        f"{r['held_out_found_percent']:.1f} % | {r['benign_flagged']} |\n"
        for name, r in rows.items()
    )


def _grouped(
    verdicts: Sequence[Verdict], key: Callable[[Verdict], str]
) -> Iterator[tuple[str, Tally, list[Verdict]]]:
    groups: dict[str, list[Verdict]] = defaultdict(list)
    for verdict in verdicts:
        groups[key(verdict)].append(verdict)
    for name in sorted(groups):
        yield name, tally(groups[name]), groups[name]


def _shown(verdict: Verdict) -> str:
    """The first line that holds a secret, cut round it; control characters made visible."""
    sample = verdict.sample
    index = sample.plants[0].line if sample.plants else 0
    line = sample.lines[index]
    if sample.plants and len(line) > _SHOWN:
        start = max(0, sample.plants[0].span.start - _SHOWN // 3)
        line = line[start : start + _SHOWN]
    return line[:_SHOWN].replace("\x1b", "<ESC>").replace("\t", "<TAB>")


def missed(verdicts: Sequence[Verdict], *, held_out: bool, examples: int = 1) -> str:
    """What a scanner missed, took too much of or flagged, by kind and by shape, with example lines.

    Kinds and shapes that are held out are left out unless asked for: who saw them cannot be measured by them.
    """
    seen = [v for v in verdicts if held_out or not v.sample.held_out]
    planted = [v for v in seen if v.sample.group != "benign"]
    out: list[str] = []
    for title, key in (("shape", lambda v: v.sample.shape), ("kind", lambda v: v.sample.kind)):
        out.append(f"\n== missed, by {title} ==")
        for name, count, group in _grouped(planted, key):
            lost = [v for v in group if not v.found]
            if lost:
                out.append(f"{name}: {count.found} of {count.planted} found")
                out += [f"    [{v.sample.kind} / {v.sample.shape}] {_shown(v)}" for v in lost[:examples]]
    out.append("\n== found, but the span is not exact, by shape ==")
    for name, _, group in _grouped([v for v in planted if v.found], lambda v: v.sample.shape):
        off = [v for v in group if not v.exact]
        if off:
            out.append(f"{name}: {len(off)} of {len(group)}")
            out += [f"    [{v.sample.kind}] {_shown(v)}" for v in off[:examples]]
    out.append("\n== findings on planted lines that touch no planted secret ==")
    for name, _, group in _grouped([v for v in planted if v.stray], lambda v: v.stray[0]):
        out.append(f"{name}: {len(group)}")
        out += [f"    [{v.sample.kind} / {v.sample.shape}] {_shown(v)}" for v in group[:examples]]
    out.append("\n== benign lines flagged, by kind ==")
    for name, count, group in _grouped(
        [v for v in seen if v.sample.group == "benign"], lambda v: v.sample.kind
    ):
        if count.flagged:
            hit = [v for v in group if v.flagged]
            out.append(
                f"{name}: {count.flagged} of {count.benign} "
                f"({', '.join(sorted({rule for v in hit for rule in v.stray}))})"
            )
            out += [f"    {_shown(v)}" for v in hit[:examples]]
    return "\n".join(out) + "\n"


def breakdown(verdicts: Sequence[Verdict]) -> dict[str, dict[str, list[int]]]:
    """For the results file, without what is held out: per kind and shape `[found or flagged, of]`."""
    seen = [v for v in verdicts if not v.sample.held_out]
    planted = [v for v in seen if v.sample.group != "benign"]
    benign = [v for v in seen if v.sample.group == "benign"]
    return {
        "kinds": {
            name: [count.found, count.planted]
            for name, count, _ in _grouped(planted, lambda v: v.sample.kind)
        },
        "shapes": {
            name: [count.found, count.planted]
            for name, count, _ in _grouped(planted, lambda v: v.sample.shape)
        },
        "benign": {
            name: [count.flagged, count.benign]
            for name, count, _ in _grouped(benign, lambda v: v.sample.kind)
        },
    }
