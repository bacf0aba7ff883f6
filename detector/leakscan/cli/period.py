"""`--since` and `--until`: which lines count, by their own times.

Not here: how points in time are written (`leakscan.period`).
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collections.abc import Iterator

    from leakscan.finding import Finding

    from .request import Request


def _since(context: click.Context, parameter: click.Parameter, value: str | None) -> float | None:
    return _point(context, parameter, value, is_end=False)


def _until(context: click.Context, parameter: click.Parameter, value: str | None) -> float | None:
    return _point(context, parameter, value, is_end=True)


def _point(
    context: click.Context, parameter: click.Parameter, value: str | None, *, is_end: bool
) -> float | None:
    if value is None:
        return None
    from leakscan.period import end_of, start_of  # noqa: PLC0415 - seldom used

    try:
        return (end_of if is_end else start_of)(value.strip(), time.time())
    except ValueError as error:
        raise click.BadParameter(f"{value!r} {error}", context, parameter) from None


# fmt: off
since_option = click.option(
    "--since", metavar="TIME", callback=_since,
    help="Leave out lines that are older by their own time: 2024-11-21, 2024-11-21T10:30Z, 90m, 7d. "
    "Lines without a time stay.",
)
until_option = click.option(
    "--until", metavar="TIME", callback=_until,
    help="Leave out lines that are younger. A date means the whole day; 2h is two hours ago.",
)
# fmt: on


def check_period(since: float | None, until: float | None) -> None:
    """Refuse a period that holds nothing.

    Raises:
        click.UsageError: it ends before it begins.

    """
    if since is not None and until is not None and until <= since:
        raise click.UsageError("--until is before --since: no line can be in between")


def is_timed(request: Request) -> bool:
    """Tell whether the times of lines matter whatever the format."""
    return request.since is not None or request.until is not None


def within(found: Iterator[tuple[str, Finding]], request: Request) -> Iterator[tuple[str, Finding]]:
    """Leave out the findings of lines that the request's period does not hold."""
    if not is_timed(request):
        return found
    from leakscan.period import Period  # noqa: PLC0415 - seldom used

    period = Period(request.since, request.until)
    return (pair for pair in found if period.holds(pair[1].timestamp))
