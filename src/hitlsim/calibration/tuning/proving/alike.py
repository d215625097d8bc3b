"""Decisions of one account come out alike, so that their labels tell less than as many others.

How alike they are is measured on earlier labels. A test on later ones then counts them as fewer:
their number divided by the design effect (Rao & Scott).
"""

from __future__ import annotations

import numpy as np
from scipy.special import betainc, gammaincc, ndtri, stdtrit

from ..weighing.cases import Bools, Cases, Floats, Ints
from .sample import uniform

_BY_CHANCE = 0.10
"""Accounts count as alike unless chance makes them look so more often than this.

A false alarm costs a little caution, an account overlooked the guarantee."""
_SUREST = 0.90
"""Confidence up to which few accounts count as at this one: at a half both quantiles are 0."""


def measured(early: Cases, alone: Bools, rate: str) -> float:
    """How alike silent errors of one account are on earlier days, told from their labels.

    Parameters
    ----------
    early : Cases
        None of the decisions that rules are tested on.
    alone : bool array
        Which of these go alone under the rules wanted.
    rate : str
        Of which rate of silent errors.

    Returns
    -------
    float
        Intraclass correlation, 0 to 1; 0 where chance explains it, or nothing tells accounts.
    """
    fair = np.flatnonzero(early.known & (early.chance > 0))
    if early.account is None or not len(fair):
        return 0.0
    chance = early.chance[fair]
    rows = fair[uniform(chance, early.u[fair])]
    of = in_base(rate, alone[rows], early.bad[rows])
    return correlation(early.account[rows][of], (alone & early.bad)[rows][of])


def in_base(rate: str, alone: Bools, bad: Bools) -> Bools:
    """The labels that a rate is a share of."""
    return {"fn_share": np.ones_like(bad), "fn_of_auto": alone, "fn_of_bad": bad}[rate]


def correlation(account: Ints, wrong: Bools) -> float:
    """How alike labels of one account are, beyond chance: the intraclass correlation.

    By pairs of labels of the same account: how much more often both are wrong than of any two
    labels. It is 0 unless chance seldom brings so many such pairs, were accounts all alike.

    References
    ----------
    Ridout, Demetrio & Firth 1999, Estimating intraclass correlation for binary data.

    Examples
    --------
    >>> account = np.repeat(np.arange(50), 4)
    >>> correlation(account, account < 10), correlation(account, np.arange(200) % 4 == 0)
    (1.0, 0.0)
    """
    n, bad = len(account), int(wrong.sum())
    if not 1 < bad < n:
        return 0.0
    sizes = np.bincount(account).astype(float)
    hits = np.bincount(account, wrong, len(sizes)).astype(float)
    both, pairs = _pairs(hits), _pairs(sizes)
    if not pairs or _p_value(sizes, both, bad, n) > _BY_CHANCE:
        return 0.0
    p = bad / n
    any_two = bad * (bad - 1) / (n * (n - 1))
    return float(np.clip((both / pairs - any_two) / (p - any_two), 0.0, 1.0))


def _pairs(sizes: Floats) -> float:
    return float((sizes * (sizes - 1)).sum() / 2)


def _p_value(sizes: Floats, both: float, bad: int, n: int) -> float:
    """How often so many pairs of one account are both wrong, if wrong ones fall anywhere.

    Mean and variance are exact under permutation of the labels; a gamma curve goes through them.
    """
    two = _pairs(sizes)
    sharing_one = float((sizes * (sizes - 1) * (sizes - 2)).sum())
    apart = two**2 - two - sharing_one

    def all_wrong(k: int) -> float:
        """Chance that so many labels, picked at random, are all wrong."""
        return float(np.prod([max(0, bad - i) / max(1, n - i) for i in range(k)]))

    mean = two * all_wrong(2)
    variance = mean + sharing_one * all_wrong(3) + apart * all_wrong(4) - mean**2
    if variance <= 0:
        return 1.0
    # counts are whole: half a pair less
    return float(gammaincc(mean**2 / variance, max(0.0, both - 0.5) * mean / variance))


def design_effect(account: Ints, correlation: float, confidence: float = 0.90) -> float:
    """How many labels count as one in a test, as those of one account are alike.

    The ratio of variances, and where accounts are few the square of how much further out Student's
    quantile of the confidence lies than the normal one.

    References
    ----------
    Kish 1965, Survey Sampling; for accounts of unequal size Rao & Scott 1992; for few of them
    Korn & Graubard 1998.

    Examples
    --------
    >>> account = np.repeat(np.arange(30), 8)
    >>> design_effect(account, 0.0), round(design_effect(account, 0.2), 2)
    (1.0, 2.51)
    """
    if not correlation or not len(account):
        return 1.0
    sizes = np.bincount(account).astype(float)
    accounts = int((sizes > 0).sum())
    if accounts == 1:
        return float(len(account))
    sure = max(confidence, _SUREST)
    few = (stdtrit(accounts - 1, sure) / ndtri(sure)) ** 2
    return float(few * (1.0 + (float((sizes**2).sum() / sizes.sum()) - 1) * correlation))


def p_value(wrong: int, of: int, at_most: float, effect: float) -> float:
    """Of the test that a rate is at the limit or above, with labels counted as fewer.

    References
    ----------
    Rao & Scott 1992, A simple method for the analysis of clustered binary data.

    Examples
    --------
    >>> round(p_value(0, 149, 0.02, 1.0), 3), round(p_value(0, 298, 0.02, 2.0), 3)
    (0.049, 0.049)
    """
    if wrong >= of:
        return 1.0
    return float(betainc((of - wrong) / effect, wrong / effect + 1, 1 - at_most))
