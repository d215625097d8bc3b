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


def ladder(searching: Searching, found: Found) -> pd.DataFrame:
    """What simpler and finer rules give at the same exception rate."""
    cases = searching.cases
    if not cases.valued:
        return pd.DataFrame()
    rows = []
    for shape in Shape:
        if shape is searching.shape:
            asks, policy = found.asks, found.policy
        else:
            other = Searching(cases, searching.goals, searching.band, searching.keep, shape).at(
                found.rate, found.prices.minute, found.prices.error
            )
            asks, policy = other.asks, other.policy
        rows.append((str(shape), policy.conditions, asks, shape is searching.shape))
    ideal = best_asks(cases, int(found.asks.sum()), forced=searching.stays)
    rows.append(("each decision by itself", len(cases), ideal, False))
    return pd.DataFrame([
        {"rules": name, "conditions": conditions, "recommended": chosen,
         "exception_rate": float(asks.mean()),
         "cost_per_1000": 1000 * float(cost_of(cases, asks).mean()),
         "fn_share": float(np.where(asks, 0, cases.p_bad).mean())}
        for name, conditions, asks, chosen in rows
    ])  # fmt: skip
