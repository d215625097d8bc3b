"""How many decisions to look at afterwards, so that next month can be guaranteed something."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from ..goals import Goals
from ..weighing.cases import Bools, Cases
from ..weighing.outlook import silent_share
from .certificate import labels_needed
from .certificate_words import limit, percent
from .held_out import HELD_OUT

WITHIN = 0.01
"""Half the width of the interval of silent errors that an audit is planned for, if no target."""
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
    purpose : str
        What it is for, in words.
    """

    share: float
    labels: int
    months: int
    hours_per_week: float
    purpose: str
    held_out: int = 0

    @property
    def possible(self) -> bool:
        return not math.isnan(self.share)

    def words(self) -> str:
        """The plan in one sentence."""
        if not self.possible:
            return f"No audit would do for {self.purpose}: silent errors are not below the limit."
        span = "a month" if self.months == 1 else f"over {self.months} months"
        if self.held_out:
            span += f" ({self.held_out:,} of them on the last {HELD_OUT:.0%}, to test on)"
        return (
            f"Audit {self.share:.1%} of all decisions, picked by a hash of their ids before they "
            f"are routed: {self.labels:,} labels {span} for {self.purpose}; that takes "
            f"{self.hours_per_week:.1f} hours a week beside the exceptions."
        )


def audit_plan(
    cases: Cases, asks: Bools, goals: Goals, month: int, confidence: float | None = None
) -> AuditPlan | None:
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

    Returns
    -------
    AuditPlan or None
        None where nothing tells how likely proposals are wrong.
    """
    if not cases.valued or not len(cases):
        return None
    expected = silent_share(cases, asks, "fn_share")
    purpose = f"silent errors to within {WITHIN:.0%} (95%)"
    labels: float = _Z95**2 * expected * (1 - expected) / WITHIN**2
    held_out = 0
    if goals.silent is not None:
        rate, at_most = goals.silent
        sure = goals.confidence if confidence is None else confidence
        needed = labels_needed(at_most, sure, silent_share(cases, asks, rate))
        if needed is not None:
            held_out = math.ceil(needed / _of(cases, asks, rate))
        labels = math.nan if needed is None else held_out / HELD_OUT
        purpose = f"a guarantee that {limit(rate, at_most)}, with {percent(sure)} confidence"
    if math.isnan(labels):
        return AuditPlan(math.nan, 0, 0, math.nan, purpose)
    months = max(1, math.ceil(labels / month))
    share = min(1.0, labels / months / month)
    alone = ~asks
    minutes = float(cases.looks.minutes[cases.flow[alone]].sum()) / cases.weeks
    return AuditPlan(share, math.ceil(labels), months, share * minutes / 60, purpose, held_out)


def _of(cases: Cases, asks: Bools, rate: str) -> float:
    """Share of decisions that are in a rate's denominator."""
    if rate == "fn_of_auto":
        return max(1e-9, float((~asks).mean()))
    return max(1e-9, float(np.mean(cases.bad_hat))) if rate == "fn_of_bad" else 1.0
