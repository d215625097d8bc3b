"""Advice as it would have been made at the end of a month, and what came of it in the next."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ....decisions.estimating.intervals import NOTHING, Estimate, clopper_pearson
from ....decisions.log import DecisionLog
from ....scenario.boundary import Boundary
from ..costs import Costs
from ..goals import SILENT_RATES, Goals
from ..on_log import advised, monthly, status_of, targets_met
from ..proving.guarantee import Guarantee
from ..proving.spending import Spending
from ..rerouting.triggers import flows_in
from ..weighing.cases import Bools, Cases, Figures
from ..weighing.from_log import from_log
from ..weighing.grid import Keep, Shape
from ..weighing.holding import Band, chance_inside, spread_of
from ..weighing.outlook import cost_of, outlook, silent_share
from ..weighing.policy import Policy, Rule
from ..weighing.search import Searching, hours_of

RECOMMENDED, TOO_FEW = "recommended", "too few"
_TRIED = 25
"""Rates inside the band that hindsight tries."""
_FIGURES = ("exception_rate", *SILENT_RATES, "cost_per_1000", "override_rate", "hours_per_week")


@dataclass(frozen=True)
class Advice:
    """Rules advised on one day, and what was said of them.

    Attributes
    ----------
    policy : Policy
    status : str
        Whether they were recommended, or why they are a best guess only; as of
        :class:`~hitlsim.calibration.tuning.recommendation.Recommendation`.
    band : Band
        Asked for, in a month of as many decisions as were expected.
    asked : int
        Decisions that the rules send to a person, of those it was made from.
    guarantee : Guarantee, optional
    n : int
        Decisions it was made from.
    """

    policy: Policy
    status: str
    band: Band
    asked: int
    guarantee: Guarantee | None
    n: int

    @property
    def recommended(self) -> bool:
        """Whether somebody who follows the tool would have put them in force."""
        return self.status == RECOMMENDED

    def chance(self, month: int | None = None) -> float:
        """Chance that the next month's rate lies inside the band.

        Parameters
        ----------
        month : int, optional
            Decisions that it has; as many as expected, if left out.
        """
        band = self.band
        if month is None:
            return band.chance_next(self.asked, self.n)
        # true rates of months differ by as much whatever their size, so few decisions show less
        spread = 1 + (band.spread - 1) * month / band.month
        like, of_like = self.asked / band.spread, self.n / band.spread
        return chance_inside(like, of_like, max(1, round(month / spread)), band.low, band.high)


@dataclass(frozen=True)
class Asked:
    """What advice is asked for each time."""

    goals: Goals
    shape: Shape
    costs: Costs
    boundary: Boundary | None
    workflows: tuple[str, ...]
    """All of the log: those not there yet keep their present rule."""
    by: str

    def advise(self, log: DecisionLog, spending: Spending | None) -> Advice:
        """What :func:`~hitlsim.tune` advises on a log, without its tables."""
        costs = _costs_for(self.costs, flows_in(log)[1])
        read = from_log(log, costs, self.boundary)
        cases, goals = read.cases, self.goals
        spread = spread_of(cases.day, read.today.asks(cases))
        expected = monthly(cases) if self.by == "month" else max(1, int(len(cases) / cases.weeks))
        band = Band(*goals.band, expected, spread)
        searching = Searching(cases, goals, band, read.keep, self.shape)
        found, guarantee = advised(log, read, searching, goals, costs, spending)
        present = Policy.of(read.boundary, self.workflows)
        policy = Policy({**present.rules, **found.policy.rules})
        met = targets_met(goals, outlook(cases, found.asks), found, searching, guarantee)
        forced = clopper_pearson(float(searching.forced), len(cases))
        status = status_of(forced, found, band, tuple(met), guarantee, len(cases), short=read.short)
        return Advice(policy, status, band, int(found.asks.sum()), guarantee, len(cases))

    def in_hindsight(self, cases: Cases, keep: Keep) -> Bools:
        """The best rules of the shape, tuned on the very decisions they are judged on.

        What came is no smooth function of the rate, so several rates inside the band are tried.
        """
        goals = self.goals
        n, (low, high) = max(1, len(cases)), goals.band
        search = Searching(cases, goals, Band(low, high, n), keep, self.shape)
        # no next month to leave room for: all of the band may be used
        search.least, search.most = math.ceil(low * n - 1e-9) / n, math.floor(high * n + 1e-9) / n
        if search.least > search.most:
            search.least = search.most = (low + high) / 2
        found = search.found(explain=False)
        if not cases.valued:
            return found.asks
        p = found.prices
        rates = np.linspace(search.least, search.most, _TRIED)
        others = [search.at(float(rate), p.minute, p.error).asks for rate in rates]
        return min([found.asks, *others], key=lambda asks: _worse(goals, cases, asks))


def _worse(goals: Goals, cases: Cases, asks: Bools) -> tuple[bool, float, float]:
    """By how much rules miss targets, then what they cost."""
    missed = 0.0
    for limit in goals.limits():
        if limit.figure in SILENT_RATES:
            missed += limit.missed_by(silent_share(cases, asks, limit.figure))
        elif limit.figure == "hours_per_week":
            missed += limit.missed_by(hours_of(cases, asks))
    outside = inside(goals, float(asks.mean())) is False
    return outside, missed, float(cost_of(cases, asks).sum())


def _costs_for(costs: Costs, flows: list[str]) -> Costs:
    """Without the workflows that a part of the log does not have."""
    own = {name: c for name, c in costs.workflows.items() if name in flows}
    return costs.model_copy(update={"workflows": own})


def part_of(cases: Cases, rows: Bools) -> Cases:
    """Some of them, with days counted from their own first."""
    part = cases.part(rows)
    return replace(part, day=part.day - part.day.min()) if len(part) else part


def as_it_came(cases: Cases) -> Cases:
    """Each outcome in place of its fitted chance, where all of them are known."""
    if cases.valued and cases.known.all() and (cases.chance == 1).all():
        return replace(cases, p_bad=cases.bad.astype(float), exact=True)
    return cases


def judged(cases: Cases, asks: Bools, goals: Goals) -> dict[str, Any]:
    """What a policy came to on decisions, as cells of a table."""
    figures: Figures = outlook(cases, asks) if len(cases) else {}
    row: dict[str, Any] = {"n": len(cases), "outcomes": int(cases.known.sum())}
    for name in _FIGURES:
        row |= cells(name, figures.get(name, NOTHING))
    row["inside"] = inside(goals, row["exception_rate"])
    if goals.silent is not None:
        name, limit = goals.silent
        low = row[f"{name}_low"]
        # what chance may account for is no breach of a limit on the true rate
        row["silent_kept"] = None if math.isnan(low) else low <= limit
    return row


def inside(goals: Goals, rate: float) -> bool | None:
    """Whether a rate lies in the band; None where none is asked for, or the rate is not known."""
    if goals.exception_rate is None or math.isnan(rate):
        return None
    return goals.band[0] - 1e-12 <= rate <= goals.band[1] + 1e-12


def cells(name: str, e: Estimate) -> dict[str, float]:
    """A figure and its interval."""
    return {name: e.value, f"{name}_low": e.low, f"{name}_high": e.high}


def shown(policy: Policy | Mapping[str, Rule]) -> str:
    """Thresholds in few words: the one of all, those of a few, or from which to which.

    >>> shown({"crm": Rule(0.91, 0.7), "mail": Rule(0.95, 0.7)})
    'crm 0.91, mail 0.95'
    """
    rules = policy.rules if isinstance(policy, Policy) else policy
    autos = {rule.auto for rule in rules.values()}
    if len(autos) == 1:
        return f"{autos.pop():.4g}"
    if len(rules) <= 3:
        return ", ".join(f"{flow} {rule.auto:.4g}" for flow, rule in rules.items())
    return f"{min(autos):.4g} to {max(autos):.4g}"


def changed(now: Policy, before: Policy | None) -> int | None:
    """In how many workflows the rule is another one; None for the first advice."""
    if before is None:
        return None
    return sum(now.rules[f] != before.rules.get(f) for f in now.rules)


def share_moved(cases: Cases, now: Bools, before: Bools | None) -> float:
    """The share of decisions that the advice before would have routed otherwise."""
    if before is None or not len(cases):
        return math.nan
    return float(np.mean(now != before))
