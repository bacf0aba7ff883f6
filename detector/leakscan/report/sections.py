"""The parts of the exposure page: numbers, what to do, the secrets, and counts by name.

All text goes through `markup`. Lists end at limits that keep the page small, and say what they leave out.
Not here: the frame of the page (`html`), its timeline (`chart`), what is counted (`exposure`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from leakscan.finding import CONFIDENCES, SEVERITIES
from leakscan.terminal import plain_path

from .advice import advice
from .markup import Markup, Part, element, joined
from .wording import duration, many, moment

if TYPE_CHECKING:
    from collections.abc import Sequence

    from leakscan.rules import Rule

    from . import ReportOptions
    from .exposure import Exposure
    from .groups import Exposed, Group
    from .tally import Tally

#: Secrets shown, in number and in characters of HTML: hostile names are long.
SHOWN_SECRETS: Final = 1000
SHOWN_SIZE: Final = 1_400_000
#: Names that a list of counts shows.
SHOWN_NAMES: Final = 20
#: Providers that the list of what to do shows.
SHOWN_TASKS: Final = 100
#: Rules that a row of it names.
SHOWN_RULES: Final = 4
#: Characters shown of a path or name, and how many of these are its end.
NAME: Final = 160
NAME_END: Final = 100
_WORST_FIRST: Final = SEVERITIES[::-1]


def name(text: str) -> str:
    """Return a path or name, shortened in the middle."""
    text = plain_path(text)
    return text if len(text) <= NAME else f"{text[: NAME - NAME_END]}…{text[-NAME_END:]}"


def tiles(exposure: Exposure, groups: Sequence[Group], unit: str) -> Markup:
    """Return the numbers at the top."""
    counts = {level: sum(group.severity == level for group in groups) for level in _WORST_FIRST}
    worst = next((level for level, count in counts.items() if count), None)
    secrets = f"{len(groups):,}{'+' if exposure.groups.beyond else ''}"
    files = f"{len(exposure.files.counts):,}{'+' if exposure.files.beyond else ''}"
    shown = [("", secrets, "distinct secrets")]
    if worst is not None:
        shown.append((f" s-{worst}", f"{counts[worst]:,}", f"of them {worst}"))
    shown += [("", f"{exposure.groups.places:,}", "places"), ("", files, f"{unit}s")]
    if exposure.exposed is not None:
        shown.append(("", duration(exposure.exposed.last - exposure.exposed.first), "exposure window"))
    return joined(
        *(
            element("p", element("b", value), element("span", label), class_=f"tile{level}")
            for level, value, label in shown
        )
    )


def todo_section(groups: Sequence[Group], rules: Sequence[Rule]) -> Markup:
    """Return what to do, a row for each provider and way, the worst first."""
    if not groups:
        return joined()
    known = {rule.id: rule for rule in rules}
    tasks: dict[tuple[str, str, str], list[Group]] = {}
    for group in groups:
        rule = known.get(group.rule_id)
        page = rule.revoke if rule is not None else ""
        tasks.setdefault((group.provider, page, advice(rule, group.provider)), []).append(group)
    rows = [
        element(
            "tr",
            element("th", provider, _soft(", ".join(_rules(members))), scope="row", class_="secret text"),
            element("td", _badge(members[0].severity), data_label="Worst"),
            element("td", f"{len(members):,}", class_="number", data_label="Secrets"),
            element("td", f"{sum(group.count for group in members):,}", class_="number", data_label="Places"),
            element(
                "td", *_link(page, provider), ". " if page else "", text, class_="do", data_label="To do"
            ),
        )
        for (provider, page, text), members in [*tasks.items()][:SHOWN_TASKS]
    ]
    head = element(
        "tr", element("th", "Provider", scope="col"), element("th", "Worst", scope="col"),
        element("th", "Secrets", scope="col", class_="number"),
        element("th", "Places", scope="col", class_="number"),
        element("th", "To do", scope="col"),
    )  # fmt: skip
    rest = len(tasks) - len(rows)
    return element(
        "section",
        element("h2", "What to do"),
        element("p", "Who reads the logs knows what was logged: revoke first, then clean up.", class_="soft"),
        element("table", element("thead", head), element("tbody", *rows), class_="cards tasks"),
        *([element("p", f"and {many(rest, 'more provider')}")] if rest > 0 else []),
    )  # fmt: skip


def _rules(groups: Sequence[Group]) -> list[str]:
    """Return the first rules of groups by name."""
    ids = [*dict.fromkeys(group.rule_id for group in groups)]
    return ids if len(ids) <= SHOWN_RULES else [*ids[:SHOWN_RULES], f"{len(ids) - SHOWN_RULES} more"]


def _link(page: str, provider: str) -> list[Markup]:
    # rules are checked to link to https only; whoever builds a Rule by hand is not
    if not page.startswith("https://"):
        return []
    return [element("a", f"Revoke it at {provider}", href=page, rel="noopener noreferrer")]


def _badge(severity: str) -> Markup:
    return element("span", severity, class_=f"badge s-{severity}")


def secrets_section(exposure: Exposure, groups: Sequence[Group], options: ReportOptions) -> Markup:
    """Return the table of secrets, the worst first, and what is left out of it."""
    if not groups:
        return joined()
    rules = {rule.id: rule for rule in options.rules}
    rows: list[Markup] = []
    size = 0
    for place, group in enumerate(groups[:SHOWN_SECRETS]):
        rule = rules.get(group.rule_id)
        row = _row(place, group, exposure.exposed, options.unit, rule.revoke if rule is not None else "")
        size += len(row.html)
        if size > SHOWN_SIZE:
            break
        rows.append(row)
    left = groups[len(rows) :]
    head = [
        _head("Severity", "severity"), _head("Secret", "rule"), _head("Places", "count", class_="number"),
        _head(f"{options.unit.capitalize()}s", "files", class_="number"), _head("First seen", "first"),
        _head("Last seen", "last"), element("th", "Window", scope="col"), element("th", "Where", scope="col"),
    ]  # fmt: skip
    table = element(
        "table", element("thead", element("tr", *head)), element("tbody", *rows),
        class_="cards", id="secrets-table",
    )  # fmt: skip
    notes = []
    if left:
        places = sum(group.count for group in left)
        text = f"and {many(len(left), 'more secret')} at {many(places, 'place')}: this table ends here; "
        notes.append(element("p", text, element("code", "--format json"), " lists them."))
    if exposure.groups.beyond:
        beyond = many(exposure.groups.beyond, "place")
        text = f"and {beyond} of other secrets: beyond {len(groups):,} they are not told apart; "
        notes.append(element("p", text, element("code", "--format jsonl"), " lists every place."))
    return element("section", element("h2", "Secrets"), _tools(groups), table, *notes, id="secrets")


def _head(text: str, key: str, class_: str | None = None) -> Markup:
    return element("th", text, scope="col", data_sort=key, class_=class_)


def _tools(groups: Sequence[Group]) -> Markup:
    """Return what the script needs to sort and filter; hidden until it runs."""
    present = {group.severity for group in groups}
    boxes = [
        element("label", element("input", type="checkbox", value=level, checked=True), f" {level}")
        for level in _WORST_FIRST
        if level in present
    ]
    orders = {
        "severity down": "worst first", "first up": "first seen", "last down": "last seen",
        "count down": "most places", "files down": "most widespread", "rule up": "rule",
    }  # fmt: skip
    options = [element("option", text, value=value) for value, text in orders.items()]
    order = element("select", *options, element("option", "as chosen", value="", hidden=True), id="order")
    return element(
        "div",
        element("input", type="search", id="words", placeholder="Filter: rule, file, service, fingerprint …",
                aria_label="Filter the secrets"),
        element("fieldset", element("legend", "Severity"), *boxes),
        element("label", "Sort by ", order),
        element("p", id="shown", role="status"),
        class_="tools", id="tools", hidden=True,
    )  # fmt: skip


def _row(place: int, group: Group, exposed: Exposed | None, unit: str, page: str) -> Markup:
    window = group.exposed
    services = [*group.services.counts] if group.services is not None else []
    severity = SEVERITIES.index(group.severity) * 10 + CONFIDENCES.index(group.confidence)
    more = [path for path in group.paths if path not in (group.first.path, group.last.path)]
    where = [element("code", name(str(group.first)))]
    if group.count > 1:
        where.append(element("code", "… ", name(str(group.last))))
    if more:
        where.append(_soft("also in ", *_codes(more)))
    unnamed = group.files - len(group.paths) - (group.last.path not in group.paths)
    if unnamed > 0:
        where.append(_soft(f"and {many(unnamed, f'more {unit}')}"))
    if services:
        where.append(_soft("service ", *_codes(services)))
    return element(
        "tr",
        element("td", _badge(group.severity), element("br"), _soft(group.confidence)),
        element(
            "th", element("b", name(group.rule_id)), element("code", group.masked, class_="masked"),
            element("span", group.description, class_="soft text"),
            element("code", group.fingerprint, class_="soft"), *_link(page, group.provider),
            scope="row", class_="secret",
        ),
        element("td", f"{group.count:,}", class_="number", data_label="Places"),
        element("td", f"{group.files:,}", class_="number", data_label=f"{unit.capitalize()}s"),
        element("td", _time(window.first_seen if window else None), class_="when", data_label="First seen"),
        element("td", _time(window.last_seen if window else None), class_="when", data_label="Last seen"),
        element("td", *_window(window, exposed), class_="window"),
        element("td", *where, class_="where", data_label="Where"),
        data_place=place, data_level=group.severity, data_severity=severity, data_rule=group.rule_id,
        data_count=group.count, data_files=group.files,
        data_first=f"{window.first:.3f}" if window else "", data_last=f"{window.last:.3f}" if window else "",
    )  # fmt: skip


def _soft(*parts: Part) -> Markup:
    return element("span", *parts, class_="soft")


def _codes(names: Sequence[str]) -> list[Markup]:
    """Return names one after the other with commas between."""
    return [joined(", " if index else "", element("bdi", name(text))) for index, text in enumerate(names)]


def _time(timestamp: str | None) -> Markup:
    if timestamp is None:
        return _soft("no time")
    if timestamp.startswith("--"):  # no year: a date that machines cannot read
        return element("span", moment(timestamp))
    return element("time", moment(timestamp), datetime=timestamp)


def _window(window: Exposed | None, exposed: Exposed | None) -> list[Markup]:
    """Return a secret's exposure window within that of all."""
    if window is None or exposed is None:
        return []
    whole = exposed.last - exposed.first or 1.0
    start = 100 * (window.first - exposed.first) / whole
    length = max(100 * (window.last - window.first) / whole, 1.5)
    rail = element("rect", y=4, width=100, height=2, class_="rail")
    span = element("rect", x=f"{min(start, 98.5):.2f}", width=f"{length:.2f}", height=10, class_="span")
    svg = element("svg", rail, span, viewBox="0 0 100 10", preserveAspectRatio="none", aria_hidden="true")
    return [_soft(duration(window.last - window.first)), svg]


def tally_sections(exposure: Exposure, unit: str) -> Markup:
    """Return the counts by rule, by file and by service, where there are any."""
    tallies = [("By rule", "Rule", exposure.rules), (f"By {unit}", unit.capitalize(), exposure.files)]
    tallies.append(("By service", "Service", exposure.services))
    return joined(*(_tally(title, noun, tally) for title, noun, tally in tallies if tally.counts))


def _tally(title: str, noun: str, tally: Tally) -> Markup:
    shown = tally.most(SHOWN_NAMES)
    top = shown[0][1]
    rows = []
    for text, count in shown:
        bar = element("rect", width=f"{max(100 * count / top, 1):.2f}", height=10, class_="span")
        svg = element("svg", bar, viewBox="0 0 100 10", preserveAspectRatio="none", aria_hidden="true")
        cells = element("td", svg), element("td", f"{count:,}", class_="number")
        rows.append(
            element("tr", element("th", element("bdi", name(text)), scope="row", class_="text"), *cells)
        )
    head = element(
        "tr",
        element("th", noun, scope="col"),
        element("td"),
        element("th", "Places", scope="col", class_="number"),
    )
    notes = []
    names = len(tally.counts) - len(shown)
    if names or tally.beyond:
        places = sum(tally.counts.values()) - sum(count for _, count in shown) + tally.beyond
        others = f"{names:,}{'+' if tally.beyond else ''}"
        notes.append(element("p", f"and {others} more at {many(places, 'place')}", class_="soft"))
    table = element("table", element("thead", head), element("tbody", *rows))
    return element("section", element("h2", title), table, *notes)
