"""The threshold for a wanted exception rate, with the chance that it holds next month."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import bdtr, betainc, betaln, gammaln

from ...decisions.estimating.intervals import Estimate, clopper_pearson
from ...decisions.log import DecisionLog
from ...errors import LogError
from .bands import DEFAULT_REVIEW, check_bands, gated, triggered
from .curve import curve

ENOUGH = 0.80
"""Chance of being inside the band next month from which a recommendation counts as supported."""
SURE = 0.90
"""Chance that the true rate lies inside the band from which a threshold counts as known."""
_TRIED = 200  # candidates whose chance is worked out


@dataclass(frozen=True)
class Recommendation:
    """A threshold, why, and how sure.

    Attributes
    ----------
    status : str
        ``recommended``, ``infeasible`` (triggers alone exceed the band), ``unattainable`` (ties
        jump over the band) or ``not enough evidence``: the true rate lies inside with less than a
        90% chance, or next month's with less than 80%.
    auto, review : float
        The bands; exact, not to be rounded. The nearest ones where the status is not good.
    rate : Estimate
        Exception rate there.
    chance_next_month : float
        Chance that next month's rate lies inside the band, for ``next_month`` decisions.
    attainable : DataFrame
        Thresholds around the target and the rates they give; ties allow no others.
    """

    status: str
    target: tuple[float, float]
    auto: float
    review: float
    rate: Estimate
    trigger_rate: Estimate
    chance_true_rate: float
    chance_next_month: float
    next_month: int
    n_needed: int | None
    """Decisions that would do, for the true rate alone where no log could promise so small a month;
    None if there is evidence enough, or even a million would not do."""
    reachable: float
    """The rate nearest to the band's middle that scores allow; the middle unless they are tied."""
    attainable: pd.DataFrame
    silent: Estimate
    triggers: Mapping[str, int]
    """Decisions that only this trigger sent to a person."""
    today: Estimate | None
    """Exception rate under the log's own routes."""

    @property
    def stays(self) -> bool:
        """Whether the log's own routes keep inside the band already, beyond doubt."""
        low, high = self.target
        return self.today is not None and low <= self.today.low and self.today.high <= high

    def aim(self) -> str:
        """What aiming at the band asks for, whatever holds today."""
        return _aim(self, _band(self.target))

    def why(self) -> list[str]:
        """What to do, then the reasons, in sentences."""
        band = _band(self.target)
        said = [self.aim()]
        if self.stays and self.status == "recommended":
            said = [
                (
                    f"What holds today can stay: it keeps inside {band}. One threshold for all "
                    f"workflows, aimed at the middle, would be {self.auto:.6g}."
                )
            ]
        if self.trigger_rate.value > 0:
            said.append(
                f"Triggers alone send {_percent(self.trigger_rate)} to people, whatever the "
                "threshold."
            )
        if self.status != "infeasible":
            said.append(
                f"At {self.auto:.6g} the exception rate would have been {_percent(self.rate)}; the "
                f"chance that next month's {self.next_month:,} decisions stay inside {band} is "
                f"{_chance(self.chance_next_month)}, if next month is like this log."
            )
            if self.silent.known:
                said.append(
                    f"Silent errors there: {_percent(self.silent)} of all decisions allowed, from "
                    f"{self.silent.n:,.0f} outcomes seen."
                )
            else:
                said.append("Silent errors there: not enough evidence, no outcome was seen.")
        if self.today is not None:
            said.append(f"Today's rate is {_percent(self.today)}.")
        if self.status == "not enough evidence":
            said.append(_would_do(self, band))
        return said

    def to_dict(self) -> dict[str, Any]:
        """Everything as plain values, for ``results.json``."""
        return {
            "status": self.status,
            "target": list(self.target),
            "auto": self.auto,
            "review": self.review,
            "exception_rate": [self.rate.value, self.rate.low, self.rate.high],
            "n": self.rate.n,
            "trigger_rate": self.trigger_rate.value,
            "chance_true_rate": self.chance_true_rate,
            "chance_next_month": self.chance_next_month,
            "next_month": self.next_month,
            "fn_share": [self.silent.value, self.silent.low, self.silent.high],
            "attainable": self.attainable.to_dict("list"),
            "why": self.why(),
        }

    def _repr_html_(self) -> str:
        return "<ul>" + "".join(f"<li>{s}</li>" for s in self.why()) + "</ul>"


def _percent(e: Estimate) -> str:
    return f"{e.value:.1%} ({e.low:.1%}-{e.high:.1%})"


def _chance(p: float) -> str:
    """No more certainty than a simulation of ourselves deserves."""
    return "over 99%" if p > 0.99 else "under 1%" if p < 0.01 else f"{p:.0%}"


def _band(target: tuple[float, float]) -> str:
    return f"{target[0]:.0%}-{target[1]:.0%}"


def _aim(rec: Recommendation, band: str) -> str:
    if rec.status == "recommended":
        return (
            f"Let the AI act alone at confidence {rec.auto:.6g} or more: that aims at an exception "
            f"rate inside {band}."
        )
    if rec.status == "infeasible":
        worst = max(rec.triggers, key=lambda name: rec.triggers[name], default=None)
        least = f"; {worst!r} costs most ({rec.triggers[worst]:,} decisions alone)" if worst else ""
        return (
            f"No threshold reaches {band}: triggers alone send {rec.trigger_rate.value:.1%} to "
            f"people{least}. Loosen a trigger, or accept a higher rate."
        )
    if rec.status == "unattainable":
        rates = ", ".join(f"{r:.1%}" for r in rec.attainable["exception_rate"])
        return (
            f"No threshold gives a rate inside {band}: scores are tied, and the rates to be had "
            f"around it are {rates}. The nearest is shown; finer scores would help."
        )
    return f"Not enough evidence to promise {band}; the best guess is shown."


def _would_do(rec: Recommendation, band: str) -> str:
    """How much evidence would do."""
    n, m, aim = rec.n_needed, rec.next_month, rec.reachable
    enough = f"About {n:,} decisions would do" if n else "Even a million decisions would not do"
    chance = (
        f"the log has {rec.rate.n:,.0f}. Now the true rate there lies inside {band} with a chance "
        f"of {_chance(rec.chance_true_rate)}, and it ought to be {SURE:.0%}"
    )
    tied = aim != _middle(*rec.target)
    middle = f"at {aim:.1%}" if tied else "in the middle"
    finer = (
        f" Scores are tied: {aim:.1%} is the nearest to the middle of the band that they allow, "
        "and with finer ones fewer decisions would do."
    ) if tied else ""  # fmt: skip
    by_luck = _chance_if_known(m, *rec.target, aim)
    if by_luck >= ENOUGH:
        return f"{enough}; {chance}, next month's with {ENOUGH:.0%}.{finer}"
    known = f"{enough} to know the true rate; {chance}."
    if rec.chance_true_rate >= SURE:
        known = "The log tells the true rate well enough."
    return (
        f"{known} But no log can promise so small a month: even with the true rate {middle}, "
        f"chance keeps only {by_luck:.0%} of months of {m:,} decisions inside. It takes about "
        f"{_month_needed(*rec.target, aim):,} a month, or a wider band.{finer}"
    )


def tune(
    log: DecisionLog,
    *,
    exception_rate: tuple[float, float] = (0.10, 0.15),
    next_month: int | None = None,
) -> Recommendation:
    """Find the band threshold for a wanted exception rate.

    A decision with a trigger is an exception at every threshold, so it counts as a score below all
    others; then the rate at the k-th smallest of n scores is Beta(k, n - k + 1), and next month's
    count BetaBinomial. Candidates are midpoints between neighbouring distinct scores.

    Parameters
    ----------
    log : DecisionLog
        Real or simulated; gated decisions are left out.
    exception_rate : (float, float)
        The band aimed at.
    next_month : int, optional
        Decisions expected next month; default the log's monthly mean.

    Returns
    -------
    Recommendation

    Raises
    ------
    LogError
        When the band makes no sense, or no decision of the log may go alone.

    Examples
    --------
    >>> import hitlsim as hs
    >>> rec = tune(hs.simulate(hs.load("on-the-loop"), seed=7).log)
    >>> rec.status, bool(0.10 < rec.rate.value < 0.15)
    ('recommended', True)
    """
    low, high = _check_band(exception_rate)
    free = ~gated(log)
    n = int(free.sum())
    if not n:
        raise LogError("every decision of the log passes a gate; there is no threshold to set")
    fired = triggered(log)[free]
    scores = log.frame["confidence"].to_numpy(float)[free]
    m = _monthly(log, n) if next_month is None else next_month
    if m < 1:
        raise LogError(f"next_month {m} must be at least 1")
    cuts, k = _candidates(scores, fired)
    rates = k / n
    off_centre = np.abs(rates - _middle(low, high))
    trigger_rate = clopper_pearson(float(fired.sum()), n)
    inside = np.flatnonzero((rates >= low) & (rates <= high))
    if trigger_rate.value > high:
        status, best = "infeasible", 0
    elif not len(inside):
        status, best = "unattainable", int(np.argmin(off_centre))
    else:
        # the best chance lies near the centre; equal chances go to the one nearest to it
        near = inside[np.argsort(off_centre[inside], kind="stable")][:_TRIED]
        best = max(near.tolist(), key=lambda i: chance_inside(int(k[i]), n, m, low, high))
        status = "recommended" if _supported(int(k[best]), n, m, low, high) else (
            "not enough evidence")  # fmt: skip
    auto = float(cuts[best])
    nearest = int(np.argmin(off_centre))
    # off by less than one decision is the size of the log, more is ties
    aim = float(rates[nearest]) if off_centre[nearest] > 1 / n else _middle(low, high)
    at = curve(log, [auto]).iloc[0]
    around = slice(max(0, best - 3), best + 4)
    return Recommendation(
        status=status,
        target=(low, high),
        auto=auto,
        review=min(_review_band(log), auto),
        rate=clopper_pearson(float(k[best]), n),
        trigger_rate=trigger_rate,
        chance_true_rate=_beta_inside(int(k[best]), n, low, high),
        chance_next_month=chance_inside(int(k[best]), n, m, low, high),
        next_month=m,
        n_needed=_needed(m, low, high, aim) if status == "not enough evidence" else None,
        reachable=aim,
        attainable=pd.DataFrame({"threshold": cuts[around], "exception_rate": rates[around]}),
        silent=Estimate(
            value=float(at["fn_share"]),
            low=float(at["fn_share_low"]),
            high=float(at["fn_share_high"]),
            n=float(at["fn_share_n"]),
            assumes="looked at by chance, judged as the lookers judged",
        ),
        triggers=_only_by(log, free),
        today=_today(log, free),
    )


def _check_band(band: tuple[float, float]) -> tuple[float, float]:
    low, high = band
    if not 0 <= low < high <= 1:
        raise LogError(
            f"exception rate {low:g}-{high:g} is no band; give two shares, the lower one first, "
            "for example 0.10-0.15"
        )
    return low, high


def _middle(low: float, high: float) -> float:
    return (low + high) / 2


def _monthly(log: DecisionLog, n: int) -> int:
    at = log.frame["decided_at"]
    months = max((at.max() - at.min()).total_seconds() / 86_400 / 30.44, 1.0)
    return max(1, int(n / months))


def _candidates(
    scores: NDArray[np.float64], fired: NDArray[np.bool_]
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Every threshold that differs, ascending, and the exceptions each would have made."""
    distinct, counts = np.unique(scores[~fired], return_counts=True)
    below = np.concatenate([[0], np.cumsum(counts)])
    if not len(distinct):
        return np.array([0.0]), np.array([int(fired.sum())])
    # under the lowest score nothing is caught by the band, above the highest everything is
    cuts = np.concatenate([[0.0], (distinct[:-1] + distinct[1:]) / 2, [_above(distinct[-1])]])
    return cuts, below + int(fired.sum())


def _above(score: float) -> float:
    return float(np.nextafter(score, math.inf))


def chance_inside(k: int, n: int, m: int, low: float, high: float) -> float:
    """Chance that next month's rate is inside the band: BetaBinomial(m, k, n - k + 1).

    >>> round(chance_inside(75, 600, 500, 0.10, 0.15), 2)
    0.81
    """
    if k < 1 or k > n:
        return 0.0
    j = np.arange(math.ceil(low * m - 1e-9), math.floor(high * m + 1e-9) + 1)
    if not len(j):
        return 0.0
    log_choose = gammaln(m + 1) - gammaln(j + 1) - gammaln(m - j + 1)
    b = n - k + 1
    return min(1.0, float(np.exp(log_choose + betaln(j + k, m - j + b) - betaln(k, b)).sum()))


def _beta_inside(k: int, n: int, low: float, high: float) -> float:
    """Chance that the true rate is inside the band: Beta(k, n - k + 1)."""
    if k < 1 or k > n:
        return 0.0
    return float(betainc(k, n - k + 1, high) - betainc(k, n - k + 1, low))


def _supported(k: int, n: int, m: int, low: float, high: float) -> bool:
    """Whether the true rate and next month's lie inside the band with chances that will do."""
    return _known(k, n, low, high) and chance_inside(k, n, m, low, high) >= ENOUGH


def _known(k: int, n: int, low: float, high: float) -> bool:
    return _beta_inside(k, n, low, high) >= SURE


@lru_cache
def _needed(m: int, low: float, high: float, aim: float) -> int | None:
    """Smallest log with which an aim at some rate does; None if even a million do not."""
    promised = _chance_if_known(m, low, high, aim) >= ENOUGH
    for size in np.unique(np.geomspace(20, 1_000_000, 400).astype(int)):
        n = int(size)
        k = max(1, round(aim * n))
        if _supported(k, n, m, low, high) if promised else _known(k, n, low, high):
            return n
    return None


def _chance_if_known(m: int, low: float, high: float, rate: float) -> float:
    """Chance that a month's rate is inside the band if the true one is known."""
    first, last = math.ceil(low * m - 1e-9), math.floor(high * m + 1e-9)
    return float(bdtr(last, m, rate) - (bdtr(first - 1, m, rate) if first else 0.0))


def _month_needed(low: float, high: float, rate: float) -> int:
    """Smallest month that chance alone keeps inside the band often enough."""
    sizes = np.unique(np.geomspace(20, 10_000_000, 600).astype(int)).tolist()
    enough = (m for m in sizes if _chance_if_known(m, low, high, rate) >= ENOUGH)
    return int(next(enough, sizes[-1]))


def _review_band(log: DecisionLog) -> float:
    bands = log.record.get("bands") or {}
    return check_bands(1.0, bands.get("review", DEFAULT_REVIEW))[1]


def _only_by(log: DecisionLog, free: NDArray[np.bool_]) -> dict[str, int]:
    """For each trigger, how many decisions no other reason would have sent to a person."""
    if "reasons" not in log.frame:
        return {}
    fired = triggered(log) & free
    counts = log.frame.loc[fired, "reasons"].astype(str).value_counts()
    return {str(name): int(c) for name, c in counts.items() if "+" not in str(name)}


def _today(log: DecisionLog, free: NDArray[np.bool_]) -> Estimate | None:
    if not log.has("exception"):
        return None
    return clopper_pearson(float(log.frame.loc[free, "exception"].sum()), float(free.sum()))
