"""What people's hours go to, and what comes free: freed time is the return, not accuracy.

A manager's week is what the log's record says of it. From it go the hours worked at the desk (which
are seen), the calls and approvals (which are as decided); what is left is for what only people can
do: strategy, coaching, relationship repair, ethical judgment.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from ...errors import LogError
from ..estimating.intervals import Estimate, counted
from ..log import DecisionLog, month_span
from .measure import Cell, Compute, Floats, a_week, days_of, on

_DESK = {
    "exceptions": ("exceptions",),
    "gates": ("gates",),
    "oversight of routine work": ("looks", "peeks"),
    "by hand": ("by hand",),
}
"""What a manager does at the desk: domains of :func:`~hitlsim.decisions.counting.tally.work`."""
_NEEDS = ("manager_pools", "managers", "manager_hours_per_week")
_AS_DECIDED = "as decided, not measured"
BY_HAND_ASSUMES = (
    "everything that went out would have been done by hand, each in the time its workflow is said "
    "to take by hand; where nobody would have done it all, it is work that would not have been done"
)


def desk_hours(*domains: str) -> Compute:
    """Hours a week that all pools worked; on all domains if none is named."""
    return lambda cell: a_week(cell.minutes(domains) / 60, cell.days)


def manager_hours(cell: Cell, *domains: str) -> Estimate:
    """Hours a week that those who answer for workflows worked at the desk."""
    return a_week(cell.minutes(domains, pools=cell.record["manager_pools"]) / 60, cell.days)


def fixed_hours(domain: str) -> Compute:
    """Hours a week of calls, or of approvals, as the record says."""
    return lambda cell: counted(
        float(cell.record["fixed_hours_per_week"].get(domain, 0)), len(cell.days), _AS_DECIDED
    )


def hours_left(cell: Cell) -> Estimate:
    """What is left of the managers' weeks; negative where they are fuller than full."""
    desk = manager_hours(cell)
    whole = cell.record["managers"] * cell.record["manager_hours_per_week"]
    rest = whole - sum((cell.record.get("fixed_hours_per_week") or {}).values())
    return replace(desk, value=rest - desk.value, low=rest - desk.high, high=rest - desk.low)


def freed_hours(cell: Cell) -> Estimate:
    """Hours a week that the work would have taken by hand, minus those people spent on it."""
    return _with_the_work(cell, lambda by_hand, spent: by_hand - spent)


def hours_by_hand(cell: Cell) -> Estimate:
    """Hours a week that all that went out would have taken by hand."""
    return _with_the_work(cell, lambda by_hand, _: by_hand)


def _with_the_work(cell: Cell, of: Callable[[Floats, Floats], Floats]) -> Estimate:
    by_hand = cell.out_by_day(cell.record["by_hand_minutes"]) / 60
    e = a_week(of(by_hand, cell.minutes() / 60), cell.days)
    return replace(e, assumes=f"{e.assumes}; {BY_HAND_ASSUMES}")


def manager_time(log: DecisionLog, *, month: str | None = None) -> pd.DataFrame:
    """What a week of the managers goes to.

    Parameters
    ----------
    log : DecisionLog
        Its record must say who answers for workflows and how long their week is.
    month : str, optional
        As ``2026-09``; default the whole log. Work counts on the day it was done.

    Returns
    -------
    DataFrame
        One row for each domain: ``domain``, ``kind`` (desk, fixed, human), ``hours`` a week of all
        managers together, ``low``, ``high``, ``n``, ``note``. The rows add up to their weeks,
        unless those are fuller than full.

    Raises
    ------
    LogError
        When the log's record does not say what a manager's week is.

    Examples
    --------
    >>> import hitlsim as hs
    >>> weeks = manager_time(hs.simulate(hs.load("on-the-loop"), seed=7).log)
    >>> weeks["domain"].tolist()[:4], round(weeks["hours"].sum())
    (['exceptions', 'gates', 'oversight of routine work', 'by hand'], 120)
    """
    missing = [name for name in _NEEDS if not log.record.get(name)]
    if missing or not log.has("review_minutes", "pool"):
        raise LogError(
            "the log does not say what a manager's week goes to; it needs the columns pool and "
            f"review_minutes, and in its record {', '.join(missing or _NEEDS)}"
        )
    cell = cell_of(log, month)
    return pd.DataFrame(_rows(cell))


def cell_of(log: DecisionLog, month: str | None = None) -> Cell:
    """All of a log's work and decisions, or those of one month."""
    from .tally import tally, work  # Ibis takes a while to come

    days = days_of(log)
    if month is not None:
        start, end = month_span(month, None)
        days = days[(days >= start) & (days < end)]
    if not len(days):
        raise LogError(f"month {month}: the log has no days in it")
    return Cell(on(tally(log), days), on(work(log), days), days, log.record, float("nan"))


def _rows(cell: Cell) -> Iterator[dict[str, Any]]:
    for name, domains in _DESK.items():
        yield _row(name, "desk", manager_hours(cell, *domains), "hands-on time at the desk")
    for name in cell.record.get("fixed_hours_per_week") or {}:
        yield _row(name, "fixed", fixed_hours(name)(cell), _AS_DECIDED)
    left = hours_left(cell)
    plan: dict[str, float] = dict(cell.record.get("human_domains") or {})
    unplanned = 1 - sum(plan.values())
    if unplanned > 1e-9:
        plan["anything else" if plan else "left for what only people can do"] = unplanned
    full = left.value < 0
    for name, share in plan.items():
        value, low, high = (
            float(np.maximum(0.0, share * x)) for x in (left.value, left.low, left.high)
        )
        spent = Estimate(value, low, high, left.n, left.assumes)
        note = f"{share:.0%} of what is left, as planned"
        if full:
            note = f"nothing is left: the weeks are {-left.value:.1f} h too full"
        yield _row(name.replace("_", " "), "human", spent, note)


def _row(domain: str, kind: str, e: Estimate, note: str) -> dict[str, Any]:
    return {"domain": domain, "kind": kind, "hours": e.value, "low": e.low, "high": e.high,
            "n": e.n, "note": f"{note}; {e.assumes}" if e.assumes != note else note}  # fmt: skip
