"""How many decisions to look at afterwards, so that next month can be guaranteed something."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from ..goals import Goals
from ..weighing.cases import Bools, Cases
from ..weighing.outlook import silent_share
from .certificate import labels_needed
from .certificate_words import limit, percent
from .held_out import HELD_OUT

WITHIN = 0.01
"""Half the width of the interval of silent errors that an audit is planned for, if no target."""
MOST_AUDITED = 0.10
"""Of all decisions: beyond it, looking afterwards undoes much of what going alone saves."""
HALF = 0.5
"""Of the time for exceptions: looking afterwards should not crowd out looking before."""
_LITTLE = 1.5
"""A plan that asks for no more than so many times what is reasonable is left as it is."""
_Z95 = 1.959964


@dataclass(frozen=True)
class AuditPlan:
    """A uniform audit: each decision with the same chance, by a hash of its id, before routing.

    Attributes
    ----------
    share : float
        Of all decisions that the AI may take alone; NaN where no number of labels would do.
    labels : int
        Labels in all, over :attr:`months`.
    held_out : int
        Of these, those of the later days, on which a guarantee is tested; 0 where none is planned.
    months : int
        Months over which they are gathered; 1 unless a month has too few decisions.
    hours_per_week : float
        Hands-on time for those that nobody is asked about anyhow.
    cost_per_week : float
        What that time costs; NaN where nobody said what an hour costs.
    purpose : str
        What it is for, in words.
    smaller : AuditPlan, optional
        Where it asks for more than is reasonable and no guarantee hangs on it: one that does not.
    """

    share: float
    labels: int
    months: int
    hours_per_week: float
    purpose: str
    held_out: int = 0
    cost_per_week: float = math.nan
    currency: str = ""
    smaller: AuditPlan | None = None

    @property
    def possible(self) -> bool:
        return not math.isnan(self.share)

    def words(self) -> str:
        """The plan in one sentence; of one too dear its price, and what a smaller one tells."""
        if not self.possible:
            return f"No audit would do for {self.purpose}: silent errors are not below the limit."
        if self.smaller is not None:
            less = self.smaller
            return (
                f"To know {self.purpose} takes an audit of {self.share:.1%} of all decisions, "
                f"{_labels(self)}: {_time(self)} a week beside the exceptions, which is much. "
                f"An audit of {less.share:.1%}, {_labels(less)} and {_time(less)} a week, tells "
                f"{less.purpose}. Pick by a hash of ids before anything is routed."
            )
        return (
            f"Audit {self.share:.1%} of all decisions, picked by a hash of their ids before they "
            f"are routed: {_labels(self)} for {self.purpose}; that takes {_time(self)} a week "
            "beside the exceptions."
        )


def _labels(plan: AuditPlan) -> str:
    span = "a month" if plan.months == 1 else f"over {plan.months} months"
    if plan.held_out:
        span += f" ({plan.held_out:,} of them on the last {HELD_OUT:.0%}, to test on)"
    return f"{plan.labels:,} labels {span}"


def _time(plan: AuditPlan) -> str:
    hours = f"{plan.hours_per_week:.1f} hours"
    if plan.hours_per_week < 1:
        hours = f"{60 * plan.hours_per_week:.0f} minutes"
    if math.isnan(plan.cost_per_week):
        return hours
    cash = f"{plan.currency} " if plan.currency else "a cost of "
    return f"{hours} ({cash}{plan.cost_per_week:,.0f})"


def audit_plan(
    cases: Cases, asks: Bools, goals: Goals, month: int, confidence: float | None = None, *,
    alike: float = 1.0,
) -> AuditPlan | None:  # fmt: skip
    """The audit that a guarantee next month, or a useful interval, asks for.

    Parameters
    ----------
    cases : Cases
    asks : bool array
        Under the recommended rules.
    goals : Goals
    month : int
        Decisions a month.
    confidence : float, optional
        With which the guarantee will be tested, where that is not what the goals say: one of
        several that are to hold together.
    alike : float
        Design effect of labels: of how many each counts as one; for a guarantee only.

    Returns
    -------
    AuditPlan or None
        None where nothing tells how likely proposals are wrong, or nothing goes alone.
    """
    if not cases.valued or not len(cases) or asks.all():
        return None
    if goals.silent is not None:
        return _for_guarantee(cases, asks, goals, month, confidence, alike)
    odds = silent_share(cases, asks, "fn_share")
    odds *= 1 - odds
    plan = _planned(cases, asks, month, _Z95**2 * odds / WITHIN**2, _to_within(WITHIN))
    most = _reasonable(cases, asks)
    labels = math.floor(most * month)
    if plan.share <= _LITTLE * most or not labels:
        return plan
    half = _Z95 * math.sqrt(odds / labels)
    tells = f"{_to_within(half)} in a month, {100 * half / math.sqrt(12):.2g}% in a year"
    return replace(plan, smaller=_planned(cases, asks, month, labels, tells))


def _for_guarantee(
    cases: Cases, asks: Bools, goals: Goals, month: int, confidence: float | None, alike: float
) -> AuditPlan:
    """Labels at which a guarantee succeeds four times out of five; what they cost is only told."""
    assert goals.silent is not None  # noqa: S101 - for the type checker
    rate, at_most = goals.silent
    sure = goals.confidence if confidence is None else confidence
    purpose = f"a guarantee that {limit(rate, at_most)}, with {percent(sure)} confidence"
    needed = labels_needed(at_most, sure, silent_share(cases, asks, rate))
    if needed is None:
        return AuditPlan(math.nan, 0, 0, math.nan, purpose)
    held_out = math.ceil(alike * needed / _of(cases, asks, rate))
    plan = _planned(cases, asks, month, held_out / HELD_OUT, purpose)
    return replace(plan, held_out=held_out)


def _planned(cases: Cases, asks: Bools, month: int, labels: float, purpose: str) -> AuditPlan:
    months = max(1, math.ceil(labels / month))
    share = min(1.0, labels / months / month)
    alone = cases.flow[~asks]
    hours = share * float(cases.looks.minutes[alone].sum()) / 60 / cases.weeks
    cost = share * float(cases.looks.money[alone].sum()) / cases.weeks
    return AuditPlan(
        share, math.ceil(labels), months, hours, purpose,
        cost_per_week=cost if _hour_is_known(cases) else math.nan, currency=cases.currency,
    )  # fmt: skip


def _reasonable(cases: Cases, asks: Bools) -> float:
    """The share of decisions up to which an audit is worth its time without a guarantee."""
    minutes = cases.looks.minutes[cases.flow]
    alone, asked = float(minutes[~asks].sum()), float(minutes[asks].sum())
    if not asked or not alone:
        return MOST_AUDITED
    return min(MOST_AUDITED, HALF * asked / alone)


def _hour_is_known(cases: Cases) -> bool:
    """Whether somebody said what an hour of review costs; every scenario does."""
    return cases.exact or any(a.name == "hour" and a.measured for a in cases.assumptions)


def _to_within(half: float) -> str:
    """What a plan is for without a target.

    >>> _to_within(0.01), _to_within(0.0237)
    ('silent errors to within 1% (95%)', 'silent errors to within 2.4% (95%)')
    """
    return f"silent errors to within {100 * half:.2g}% (95%)"


def _of(cases: Cases, asks: Bools, rate: str) -> float:
    """Share of decisions that are in a rate's denominator."""
    if rate == "fn_of_auto":
        return max(1e-9, float((~asks).mean()))
    return max(1e-9, float(np.mean(cases.bad_hat))) if rate == "fn_of_bad" else 1.0
