"""One HTML page for people: which secrets, since when, how often and where, and what to do about each.

It is self-contained and works offline. Its policy lets nothing run or load but the script and the style in
it, by their hashes; nothing of a log is ever part of these, and elsewhere all text is escaped by
construction (`markup`). Without the script it reads the same: it only sorts and filters.

The frame is a `string.Template` and the parts are functions: a template language would be a dependency of
the command for one page, and would have to be trusted with hostile text all the same.

Not here: the parts of the page (`sections`), what is counted (`exposure`).
"""

from __future__ import annotations

import base64
import hashlib
import importlib.resources
import time
from string import Template
from typing import TYPE_CHECKING, BinaryIO

from leakscan import __version__

from .chart import timeline_section
from .exposure import Exposure
from .markup import Markup, Part, element, joined
from .sections import secrets_section, tally_sections, tiles, todo_section
from .timeline import utc
from .wording import duration, many, moment, zone_name

if TYPE_CHECKING:
    from collections.abc import Iterable

    from leakscan.finding import Finding
    from leakscan.totals import Totals

    from . import ReportOptions


def write(
    findings: Iterable[tuple[str, Finding]], out: BinaryIO, totals: Totals, options: ReportOptions
) -> None:
    """Write the page once the scan is over; memory is that of `Exposure`, and the page under 2 MB."""
    exposure = Exposure()
    for path, finding in findings:
        exposure.add(path, finding)
    out.write(page(exposure, totals, options).encode())


def page(exposure: Exposure, totals: Totals, options: ReportOptions) -> str:
    """Return the page."""
    style, script = _file("page.css"), _file("page.js")
    groups, made = exposure.groups.sorted(), utc(exposure.now)
    parts = {
        "made": joined(f"{__version__} · ", element("time", made, datetime=made)),
        "lead": _lead(exposure, options.unit),
        "notes": _notes(exposure, totals),
        "tiles": tiles(exposure, groups, options.unit),
        "timeline": timeline_section(exposure.timeline),
        "todo": todo_section(groups, options.rules),
        "secrets": secrets_section(exposure, groups, options),
        "tallies": tally_sections(exposure, options.unit),
        "zone": _zone(exposure),
    }
    return Template(_file("page.html")).substitute(
        {name: part.html for name, part in parts.items()},
        policy=policy(style, script),
        style=style,
        script=script,
    )


def policy(style: str, script: str) -> str:
    """Return the Content Security Policy under which only this style and this script count."""
    return (
        f"default-src 'none'; script-src {_hash(script)}; style-src {_hash(style)}; img-src data:; "
        "base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
    )


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def _file(name: str) -> str:
    return importlib.resources.files(__package__).joinpath(name).read_text("utf-8")


def _lead(exposure: Exposure, unit: str) -> Markup:
    """Say in a sentence what was found."""
    groups = exposure.groups
    if not groups.places:
        return joined("No secret was found.")
    distinct = many(len(groups.by_fingerprint), "secret")
    if groups.beyond:
        distinct = f"more than {distinct}"
    times = "once" if groups.places == 1 else f"{groups.places:,} times"
    files = len(exposure.files.counts)
    where = f"more than {many(files, unit)}" if exposure.files.beyond else many(files, unit)
    parts: list[Part] = [element("b", distinct), " found ", element("b", times), f" in {where}"]
    exposed = exposure.exposed
    if exposed is None:
        return joined(*parts, ".")
    first, last = moment(exposed.first_seen), moment(exposed.last_seen)
    if first == last:
        return joined(*parts, ", at ", element("b", first), ".")
    length = duration(exposed.last - exposed.first)
    return joined(*parts, ", from ", element("b", first), " to ", element("b", last), f": {length}.")


def _notes(exposure: Exposure, totals: Totals) -> Markup:
    """Say what this page cannot say, above everything else."""
    notes: list[Markup] = []
    if totals.failed:
        shown = [element("li", f"{path}: {reason}", class_="text") for path, reason in totals.failures[:20]]
        rest = totals.failed - len(shown)
        if rest > 0:
            shown.append(element("li", f"and {rest:,} more"))
        text = f"Incomplete: {many(totals.failed, 'input')} could not be scanned to the end."
        notes.append(element("div", element("b", text), element("ul", *shown), class_="note"))
    if exposure.untimed and exposure.exposed is not None:
        text = f"{many(exposure.untimed, 'place')} of {exposure.groups.places:,} have no time of their own: "
        text += "they are counted, and are in no timeline and no exposure window."
        notes.append(element("p", text, class_="note"))
    return joined(*notes)


def _zone(exposure: Exposure) -> Markup:
    if exposure.exposed is None:
        return joined("")
    zone = zone_name(exposure.timeline.zone)
    now = time.strftime("%Y", time.gmtime(exposure.now))
    return joined(
        f"Times are those of the lines. Where a line names no zone it is taken as local time, here {zone}; "
        f"where it names no year, as the last that had begun, at most {now}."
    )
