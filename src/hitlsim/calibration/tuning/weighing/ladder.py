"""What simpler and finer rules would give, and which rates scores allow at all."""

from __future__ import annotations

import numpy as np
import pandas as pd

from .frontier import best_asks
from .grid import Shape, cuts_of
from .outlook import cost_of
from .policy import Policy
from .search import Found, Searching

_AROUND = 3


def attainable(searching: Searching, policy: Policy) -> pd.DataFrame:
    """Rates around it: of the threshold of the workflows with most decisions."""
    cases = searching.cases
    flows = max(
        (g.workflows for g in searching.grid.flows),
        key=lambda fs: sum(int((cases.flow == cases.workflows.index(f)).sum()) for f in fs),
    )
    here = np.isin(cases.flow, [cases.workflows.index(f) for f in flows])
    lowest = policy
    for flow in flows:
        lowest = lowest.with_auto(flow, 0.0)
    free = here & ~lowest.asks(cases)
    cuts = cuts_of(cases.score[free])
    others = int(policy.asks(cases)[~free].sum())
    below = np.searchsorted(np.sort(cases.score[free]), cuts, side="left")
    at = int(np.argmin(np.abs(cuts - policy.rules[flows[0]].auto)))
    around = slice(max(0, at - _AROUND), at + _AROUND + 1)
    name = "all" if len(flows) == len(cases.workflows) else flows[0]
    return pd.DataFrame({
        "workflow": name, "threshold": cuts[around],
        "exception_rate": (below[around] + others) / max(1, len(cases)),
    })  # fmt: skip


def ladder(searching: Searching, found: Found, fixing: Searching | None = None) -> pd.DataFrame:
    """What simpler and finer rules give at the same exception rate.

    Parameters
    ----------
    searching : Searching
        Of the decisions that all rules are held against.
    found : Found
        The rules recommended, on these.
    fixing : Searching, optional
        Of those that the rules were fixed on, where a guarantee kept later ones from them: other
        rules are then fixed on the same.
    """
    cases, fixing = searching.cases, fixing or searching
    if not (cases.valued and fixing.cases.valued):
        return pd.DataFrame()
    rate = float(found.policy.asks(fixing.cases).mean())
    rows = []
    for shape in Shape:
        policy = found.policy
        if shape is not fixing.shape:
            other = Searching(fixing.cases, fixing.goals, fixing.band, fixing.keep, shape)
            policy = other.at(rate, found.prices.minute, found.prices.error).policy
        rows.append((str(shape), policy.conditions, policy.asks(cases), shape is fixing.shape))
    ideal = best_asks(cases, int(found.asks.sum()), forced=searching.stays)
    rows.append(("each decision by itself", len(cases), ideal, False))
    return pd.DataFrame([
        {"rules": name, "conditions": conditions, "recommended": chosen,
         "exception_rate": float(asks.mean()),
         "cost_per_1000": 1000 * float(cost_of(cases, asks).mean()),
         "fn_share": float(np.where(asks, 0, cases.p_bad).mean())}
        for name, conditions, asks, chosen in rows
    ])  # fmt: skip
