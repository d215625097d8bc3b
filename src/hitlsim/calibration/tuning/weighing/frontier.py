"""The whole trade-off, exactly: which decisions are worth a look at every price.

A look at decision i is worth ``b_i = s p_i C_i - g (1 - p_i) C_i - h_i``: harm prevented less harm
done less what the look costs. Looking at the best of them first is optimal whatever the capacity
(a knapsack whose items may be cut differs from it by one look), and the value of the last one
taken is the shadow price of one more.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from .cases import Bools, Cases, Floats
from .outlook import cost_of

_POINTS = 200


def worth(cases: Cases, per: str = "minute") -> Floats:
    """What a look at each decision is worth, per ``look`` or per ``minute`` of it."""
    if per not in ("look", "minute"):
        raise ValueError(f"per {per!r} must be 'look' or 'minute'")
    return cases.gain if per == "look" else cases.gain / cases.looks.minutes[cases.flow]


def order_of(cases: Cases, score: Floats, forced: Bools | None = None) -> NDArray[np.intp]:
    """Decisions in the order in which they would be looked at: what is always looked at first."""
    return np.lexsort((-score, ~(cases.always if forced is None else forced)))


def frontier(
    cases: Cases, *, per: str = "minute", points: int = _POINTS, forced: Bools | None = None
) -> pd.DataFrame:
    """The exact trade-off from no look to a look at everything.

    Parameters
    ----------
    cases : Cases
        With chances of being wrong.
    per : {"minute", "look"}
        What is scarce: hands-on time, or how many exceptions there may be.
    points : int
        Rows of the answer; every decision counts, whatever their number.
    forced : bool array, optional
        What is looked at first, whatever it is worth; what cannot be decided anew if left out.

    Returns
    -------
    DataFrame
        One row for each capacity: ``price`` (worth of the last look taken, per minute or look),
        ``exception_rate``, ``hours_per_week``, ``fn_share`` (expected) and ``cost_per_1000``.
    """
    return along(cases, worth(cases, per), points, forced)


def along(
    cases: Cases, score: Floats, points: int = _POINTS, forced: Bools | None = None
) -> pd.DataFrame:
    """The trade-off of looking at decisions in some order, such as by confidence alone."""
    order, n = order_of(cases, score, forced), len(cases)
    nobody, everybody = np.zeros(n, bool), np.ones(n, bool)
    alone, looked_at = cost_of(cases, nobody), cost_of(cases, everybody)
    minutes = cases.looks.minutes[cases.flow]
    at = np.unique(np.linspace(0, n, points).astype(int))

    def up_to(values: Floats) -> Floats:
        return np.asarray(np.concatenate([[0.0], np.cumsum(values[order])])[at], float)

    last = np.concatenate([[np.inf], score[order]])[at]
    return pd.DataFrame(
        {
            "price": last,
            "exception_rate": at / n,
            "hours_per_week": up_to(minutes) / 60 / cases.weeks,
            "fn_share": (cases.p_bad.sum() - up_to(cases.p_bad)) / n,
            "cost_per_1000": 1000 * (alone.sum() + up_to(looked_at - alone)) / n,
        }
    )


def best_asks(
    cases: Cases, capacity: int, *, per: str = "look", forced: Bools | None = None
) -> Bools:
    """The best decisions to look at, so many of them."""
    asks = np.zeros(len(cases), bool)
    asks[order_of(cases, worth(cases, per), forced)[:capacity]] = True
    return asks
