"""Whoever looks errs too: how often, and what is left of a figure once that is taken out.

Rare errors are drowned by false alarms: where 2% are bad and lookers call 5% of the good ones bad,
most of what they find is none. So a share found by lookers is corrected (Rogan & Gladen), and its
interval holds the uncertainty of the share *and* of how well the lookers see (melding).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ...errors import LogError, NotEnoughEvidence
from .intervals import FEW, Estimate, clopper_pearson

Floats = NDArray[np.float64]
_DRAWS = 10_000
_SAMPLES = 200
"""Bootstrap samples behind the intervals from double reviews."""
_STEPS = 300
_GOLD, _DOUBLE, _SHARE = 1, 2, 3
"""Beside a seed, so that no two kinds of draws are the same."""
_PATTERNS = ((1, 0), (0, 1), (2, 0), (1, 1), (0, 2))
"""Calls of bad and of good that one decision can have had from one or two people."""
PATTERN_NAMES = ("bad", "good", "bad_bad", "disagree", "good_good")
LEAST_DOUBLE = 100
"""Decisions judged twice below which nothing is estimated from them."""


@dataclass(frozen=True)
class Lookers:
    """How well people see.

    Attributes
    ----------
    sensitivity, specificity : Estimate
        Of the bad ones, the share they call bad; of the good ones, the share they call good.
    source : str
        How that is known, in words.
    """

    sensitivity: Estimate
    specificity: Estimate
    source: str
    sensitivity_low: Floats
    """Draws from the confidence distribution of the lower limit, for melding."""
    sensitivity_high: Floats
    specificity_low: Floats
    specificity_high: Floats


def from_gold(caught: int, bad: int, passed: int, good: int, *, seed: int = 0) -> Lookers:
    """How well people see, from decisions put in whose right answer is known.

    Parameters
    ----------
    caught, bad : int
        Of the bad ones put in, those called bad; and all of them that were judged.
    passed, good : int
        Of the good ones put in, those called good; and all of them that were judged.
    seed : int
        Of the draws from which intervals are made.

    Raises
    ------
    NotEnoughEvidence
        When fewer than five of either kind were judged.

    Examples
    --------
    >>> seen = from_gold(40, 50, 95, 100)
    >>> seen.sensitivity.value, seen.specificity.value
    (0.8, 0.95)
    """
    if min(bad, good) < FEW:
        raise NotEnoughEvidence(
            f"{bad} bad and {good} good test decisions were judged; it takes at least {FEW} of "
            "each, and 50 of each say something useful"
        )
    rng = np.random.default_rng((seed, _GOLD))
    assumes = "test decisions are as hard as real ones, and nobody knows them for tests"
    return Lookers(
        clopper_pearson(caught, bad, assumes=assumes),
        clopper_pearson(passed, good, assumes=assumes),
        f"{bad + good} test decisions",
        *_limits(rng, caught, bad),
        *_limits(rng, passed, good),
    )


def from_double(pairs: pd.DataFrame, *, seed: int = 0) -> Lookers:
    """How well people see, from decisions that two people judged apart from each other.

    Two judgements of one decision do not tell who was wrong. But where some groups of decisions
    hold more bad ones than others, agreement within and between groups does: people are taken to
    see equally well in all of them. Maximum likelihood (EM); intervals by parametric bootstrap.

    Parameters
    ----------
    pairs : DataFrame
        One row for each group; columns count decisions by how they were judged: ``bad`` and
        ``good`` by one person only, ``bad_bad``, ``disagree`` and ``good_good`` by two.
    seed : int
        Of the bootstrap.

    Raises
    ------
    NotEnoughEvidence
        When there are fewer than two groups or 100 double judgements.

    References
    ----------
    Hui & Walter 1980 (two groups identify it); Dawid & Skene 1979 (EM).

    Examples
    --------
    >>> pairs = pd.DataFrame({"bad": 0, "good": 0, "bad_bad": [321, 34], "disagree": [208, 106],
    ...                       "good_good": [471, 860]})
    >>> seen = from_double(pairs)
    >>> round(seen.sensitivity.value, 1), round(seen.specificity.value, 2)
    (0.8, 0.95)
    """
    counts = pairs[list(PATTERN_NAMES)].to_numpy(float)
    counts = counts[counts.sum(axis=1) > 0]
    double = int(counts[:, 2:].sum())
    if len(counts) < 2 or double < LEAST_DOUBLE:
        raise NotEnoughEvidence(
            f"{double} decisions were judged by two people, in {len(counts)} group(s); it takes at "
            f"least {LEAST_DOUBLE} in two groups of which one holds more bad ones"
        )
    found, prevalence = _fit(counts[None])
    rng = np.random.default_rng((seed, _DOUBLE))
    again = np.stack([rng.multinomial(int(n), q, _SAMPLES) for n, q in _expected(
        counts, found[0], prevalence[0])], axis=1)  # fmt: skip
    drawn, _ = _fit(again.astype(float))
    assumes = (
        "two people judge apart from each other, all see equally well, and as well in every group; "
        "that cannot be checked with two judgements"
    )
    limits = np.quantile(drawn, [0.025, 0.975], axis=0)
    sensitivity, specificity = (
        Estimate(float(found[0, i]), float(limits[0, i]), float(limits[1, i]), double, assumes)
        for i in (0, 1)
    )
    se, sp = (rng.choice(d, _DRAWS) for d in drawn.T)
    return Lookers(sensitivity, specificity, f"{double} double reviews", se, se, sp, sp)


def rogan_gladen(share: float, effective: float, lookers: Lookers, *, seed: int = 0) -> Estimate:
    """The share that is bad, given the share that lookers called bad.

    ``(share + specificity - 1) / (sensitivity + specificity - 1)``, clipped to 0 to 1.

    Parameters
    ----------
    share : float
        Called bad (weighted, if looks had unequal chances).
    effective : float
        Effective number of looks behind it.
    lookers : Lookers
    seed : int
        Of the draws from which the interval is made.

    Raises
    ------
    NotEnoughEvidence
        When lookers tell bad from good no better than a coin.

    References
    ----------
    Rogan & Gladen 1978; Bayer, Fay & Graubard 2023 (the interval: melded confidence distributions).

    Examples
    --------
    >>> e = rogan_gladen(0.08, 1000, from_gold(70, 100, 480, 500))
    >>> round(e.value, 3), round(e.low, 3), round(e.high, 3)
    (0.061, 0.021, 0.1)
    """
    if not 0 <= share <= 1 or effective <= 0:
        raise LogError(f"share {share:g} of {effective:g} looks is none; give a share of 0 to 1")
    se, sp = lookers.sensitivity.value, lookers.specificity.value
    if se + sp <= 1:
        raise NotEnoughEvidence(
            f"lookers call {se:.0%} of the bad ones bad and {1 - sp:.0%} of the good ones: they "
            "tell them apart no better than a coin, so nothing can be corrected"
        )
    rng = np.random.default_rng((seed, _SHARE))
    hits = share * effective
    # a melded limit takes for each figure the side that moves the result its way
    low = _corrected(
        _beta(rng, hits, effective - hits + 1), lookers.sensitivity_high, lookers.specificity_low
    )
    high = _corrected(
        _beta(rng, hits + 1, effective - hits), lookers.sensitivity_low, lookers.specificity_high
    )
    raw = (share + sp - 1) / (se + sp - 1)
    clipped = "" if 0 <= raw <= 1 else f"; {raw:.1%} before it was clipped"
    value = min(1.0, max(0.0, raw))
    return Estimate(
        value,
        min(value, float(np.quantile(low, 0.025))),
        max(value, float(np.quantile(high, 0.975))),
        effective,
        f"looked at by chance; mistakes of lookers known from {lookers.source}{clipped}",
    )


def _corrected(share: Floats, sensitivity: Floats, specificity: Floats) -> Floats:
    sees = sensitivity + specificity - 1
    raw = np.divide(share + specificity - 1, sees, out=np.full(len(share), np.nan), where=sees > 0)
    # lookers who see nothing would leave every share possible
    return np.asarray(np.clip(np.where(np.isnan(raw), (share > 0.5), raw), 0, 1))


def _limits(rng: np.random.Generator, k: int, n: int) -> tuple[Floats, Floats]:
    return _beta(rng, k, n - k + 1), _beta(rng, k + 1, n - k)


def _beta(rng: np.random.Generator, a: float, b: float) -> Floats:
    """Beta draws; the edges of the exact interval lie at 0 and 1."""
    if a <= 0:
        return np.zeros(_DRAWS)
    return rng.beta(a, b, _DRAWS) if b > 0 else np.ones(_DRAWS)


def _chances(sees: Floats, prevalence: Floats) -> tuple[Floats, Floats]:
    """Chance of each pattern together with bad, and with good: samples x groups x patterns."""
    se, fp = (x[:, None, None] for x in (sees[:, 0], 1 - sees[:, 1]))
    calls, passes = np.array(_PATTERNS).T
    ways = np.array([1, 1, 1, 2, 1])
    bad = ways * se**calls * (1 - se) ** passes
    good = ways * fp**calls * (1 - fp) ** passes
    return prevalence[..., None] * bad, (1 - prevalence[..., None]) * good


def _expected(counts: Floats, sees: Floats, prevalence: Floats) -> list[tuple[float, Floats]]:
    """For each group its size, and the chances of the patterns given how many people judged."""
    bad, good = _chances(sees[None], prevalence[None])
    both = (bad + good)[0]
    single, double = counts[:, :2].sum(axis=1), counts[:, 2:].sum(axis=1)
    share = np.repeat(np.stack([single, double], axis=1), (2, 3), axis=1)
    q = both * share
    return list(zip(counts.sum(axis=1), q / q.sum(axis=1, keepdims=True), strict=True))


def _fit(counts: Floats) -> tuple[Floats, Floats]:
    """Sensitivity and specificity, and prevalence by group, of each sample (EM)."""
    calls, passes = np.array(_PATTERNS).T
    sees = np.tile([0.8, 0.9], (len(counts), 1))
    called = (counts * calls).sum(-1) / np.maximum((counts * (calls + passes)).sum(-1), 1)
    prevalence = np.clip(called, 0.01, 0.99)
    for _ in range(_STEPS):
        bad, good = _chances(sees, prevalence)
        is_bad = counts * bad / np.maximum(bad + good, 1e-300)
        is_good = counts - is_bad
        prevalence = is_bad.sum(-1) / np.maximum(counts.sum(-1), 1e-300)
        for column, of, kind in ((0, is_bad, calls), (1, is_good, passes)):
            judged = (of * (calls + passes)).sum((1, 2))
            sees[:, column] = (of * kind).sum((1, 2)) / np.maximum(judged, 1e-300)
    return sees, prevalence
