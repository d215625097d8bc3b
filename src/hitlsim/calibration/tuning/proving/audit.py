"""How many decisions to look at afterwards, so that next month can be guaranteed something."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from ..goals import Goals
from ..weighing.cases import Bools, Cases
from ..weighing.outlook import silent_share
from .certificate import labels_needed
from .certificate_words import limit

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
        Labels a month.
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

    @property
    def possible(self) -> bool:
        return not math.isnan(self.share)

    def words(self) -> str:
        """The plan in one sentence."""
        if not self.possible:
            return f"No audit would do for {self.purpose}: silent errors are not below the limit."
        span = "a month" if self.months == 1 else f"over {self.months} months"
        return (
            f"Audit {self.share:.1%} of all decisions, picked by a hash of their ids before they "
            f"are routed: {self.labels:,} labels {span} for {self.purpose}; that takes "
            f"{self.hours_per_week:.1f} hours a week beside the exceptions."
        )


def audit_plan(cases: Cases, asks: Bools, goals: Goals, month: int) -> AuditPlan | None:
    """The audit that a guarantee next month, or a useful interval, asks for.

    Parameters
    ----------
    cases : Cases
    asks : bool array
        Under the recommended rules.
    goals : Goals
    month : int
        Decisions a month.

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
    if goals.silent is not None:
        rate, at_most = goals.silent
        needed = labels_needed(at_most, goals.confidence, silent_share(cases, asks, rate))
        labels = math.nan if needed is None else needed / _of(cases, asks, rate)
        purpose = f"a guarantee that {limit(rate, at_most)}, with {goals.confidence:.0%} confidence"
    if math.isnan(labels):
        return AuditPlan(math.nan, 0, 0, math.nan, purpose)
    months = max(1, math.ceil(labels / month))
    share = min(1.0, labels / months / month)
    alone = ~asks
    minutes = float(cases.looks.minutes[cases.flow[alone]].sum()) / cases.weeks
    return AuditPlan(share, math.ceil(labels), months, share * minutes / 60, purpose)


def _of(cases: Cases, asks: Bools, rate: str) -> float:
    """Share of decisions that are in a rate's denominator."""
    if rate == "fn_of_auto":
        return max(1e-9, float((~asks).mean()))
    return max(1e-9, float(np.mean(cases.bad_hat))) if rate == "fn_of_bad" else 1.0
