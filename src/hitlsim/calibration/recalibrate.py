"""Scores that say what they mean: mended where that helps on later decisions, else left alone.

The curves are fitted on log-odds with plain parts of scikit-learn and scipy. Its wrappers for
classifiers want a model to wrap, and a log has only scores; its sigmoid works on probabilities,
which was twice as far off.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ..decisions.estimating import unseen
from ..decisions.estimating.intervals import FEW, Estimate
from ..decisions.log import DecisionLog
from ..errors import NotEnoughEvidence
from ..shown import Shown
from .reliability import ece, ece_null_band, reliability_table

Floats = NDArray[np.float64]
Curve = Callable[[Floats], Floats]
FEW_OUTCOMES, MANY_OUTCOMES = 200, 1000
"""Below the one a temperature is all that can be learnt, above the other any rising curve."""
_LEARN = 0.7
"""Share of the outcomes, the earliest, from which the curve that is tested is learnt."""
_EDGE = 1e-4
"""Scores of 0 and 1 are taken for this far inside: nobody is that sure."""
_CURVES = {
    "temperature": "a temperature",
    "logistic": "a logistic curve",
    "isotonic": "a rising (isotonic) curve",
}
_Z95 = 1.959964


@dataclass(frozen=True)
class Recalibrated(Shown):
    """A log with scores that say what they mean, and what was done to them.

    Attributes
    ----------
    log : DecisionLog
        The same decisions; ``confidence`` is new if the curve was adopted. Routes stay as they
        were.
    method : str
        ``temperature``, ``logistic`` or ``isotonic``.
    adopted : bool
        Whether the curve made later decisions' scores better.
    gain : Estimate
        Log-loss per decision taken away on later decisions, which the curve had not seen.
    before, after : float
        Calibration error on those, with the scores as they were and with the curve.
    by_chance : Estimate
        The error that perfect scores would have shown there.
    table : DataFrame
        Reliability of the scores as they were, of all outcomes known.
    n : int
        Outcomes known.
    doubt : str
        Why the outcomes may not speak for all decisions; empty if they do.
    """

    log: DecisionLog
    method: str
    adopted: bool
    gain: Estimate
    before: float
    after: float
    by_chance: Estimate
    table: pd.DataFrame
    n: int
    doubt: str

    def why(self) -> list[str]:
        """What was done and why, in sentences."""
        tested, g = f"{self.gain.n:,.0f} later outcomes", self.gain
        if self.adopted:
            first = (
                f"The scores were mended by {_CURVES[self.method]} learnt from {self.n:,} "
                f"outcomes. It fits {tested} better: log-loss falls by {g.value:.4f} "
                f"({g.low:.4f} to {g.high:.4f}) per decision."
            )
        else:
            first = (
                f"The scores stay as they are. {_CURVES[self.method].capitalize()} learnt from "
                f"earlier outcomes does not fit {tested} better: log-loss changes by "
                f"{-g.value:+.4f} ({-g.high:+.4f} to {-g.low:+.4f}) per decision."
            )
        said = [first]
        worse = "more than" if self.before > self.by_chance.high else "no more than"
        said.append(
            f"There the scores were off by {self.before:.3f} on average, {worse} chance gives for "
            f"perfect ones ({self.by_chance.low:.3f} to {self.by_chance.high:.3f}); with the curve "
            f"by {self.after:.3f}."
        )
        return [*said, self.doubt] if self.doubt else said


def recalibrated(log: DecisionLog, *, seed: int = 0) -> Recalibrated:
    """Mend a log's scores, if that helps on later decisions.

    Below 200 outcomes a temperature is fitted, up to 1,000 a logistic curve on the log-odds, above
    that any rising curve (isotonic). The curve is learnt from the earlier 70% of outcomes and
    tested on the later ones; it is adopted if log-loss falls there by more than its standard error,
    and then learnt again from all. Outcomes weigh as one over the chance that they are known.

    Parameters
    ----------
    log : DecisionLog
        With outcomes; complaints are left out, as they come only about bad decisions, and so are
        decisions put in to test reviewers.
    seed : int
        Of the simulated outcomes that show what chance gives.

    Returns
    -------
    Recalibrated

    Raises
    ------
    NotEnoughEvidence
        When fewer than five right and five wrong decisions are known among the earlier ones or the
        later ones.

    References
    ----------
    Guo et al. 2017 (temperature); Platt 1999 (logistic); Zadrozny & Elkan 2002 (isotonic),
    Oron & Flournoy 2017 (through the middles of its steps).

    Examples
    --------
    >>> import hitlsim as hs
    >>> mended = recalibrated(hs.simulate(hs.load("on-the-loop"), seed=7).log)
    >>> mended.method, bool(mended.adopted)
    ('isotonic', True)
    """
    # tests of reviewers are none of the team's decisions
    own = log.frame[~log.tests]
    known = unseen.sampled(own)
    rows = own[known].sort_values("decided_at", kind="stable")
    p = rows["confidence"].to_numpy(float)
    y = rows["ok"].to_numpy(float) if len(rows) else np.empty(0)
    w = 1 / unseen.chances(rows)
    cut = round(_LEARN * len(rows))
    _enough(y[:cut], y[cut:])
    method, fit = _method(len(rows))
    late, right, weight = p[cut:], y[cut:], w[cut:]
    curved = fit(p[:cut], y[:cut], w[:cut])(late)
    gain = _gain(late, curved, right, weight)
    adopted = gain.value > (gain.high - gain.value) / _Z95
    confidence = log.frame["confidence"].to_numpy(float)
    if adopted:
        confidence = np.clip(fit(p, y, w)(confidence), 0.0, 1.0)
    said: dict[str, Any] = {
        "method": method, "adopted": bool(adopted), "outcomes": len(rows),
        "held_out": len(late), "log_loss_gain": [gain.value, gain.low, gain.high],
    }  # fmt: skip
    return Recalibrated(
        log=DecisionLog(
            log.frame.assign(confidence=confidence),
            {**log.record, "recalibration": said},
            log.rejects,
        ),
        method=method,
        adopted=bool(adopted),
        gain=gain,
        before=ece(late, right, weight),
        after=ece(curved, right, weight),
        by_chance=ece_null_band(late, weight, seed),
        table=reliability_table(p, y, w),
        n=len(rows),
        doubt=_doubt(own, known),
    )


def _enough(early: Floats, late: Floats) -> None:
    for part, name in ((early, "earlier"), (late, "later")):
        wrong, right = int((part == 0).sum()), int((part == 1).sum())
        if min(wrong, right) < FEW:
            raise NotEnoughEvidence(
                f"among the {name} {len(part):,} outcomes {wrong} are wrong and {right} right; at "
                f"least {FEW} of each are needed to learn or to test what scores mean"
            )


def _doubt(frame: pd.DataFrame, known: NDArray[np.bool_]) -> str:
    """Outcomes seen because somebody asked say little about those nobody asked about."""
    if "route" not in frame or ("inclusion" in frame and frame["inclusion"].notna().any()):
        return ""
    alone = np.asarray(frame["route"] == "auto")
    share = known[alone].mean() if alone.any() else 1.0
    if share > 0.995:
        return ""
    return (
        f"Of what went alone {share:.0%} is known, and the log does not say that chance picked it "
        "(column inclusion): the scores may be mended towards what people happened to see."
    )


def _gain(before: Floats, after: Floats, y: Floats, w: Floats) -> Estimate:
    """Mean log-loss taken away, with the interval of a weighted mean."""
    lost = _log_loss(before, y) - _log_loss(after, y)
    mean = float(np.average(lost, weights=w))
    error = float(np.sqrt((w**2) @ (lost - mean) ** 2)) / float(w.sum())
    return Estimate(
        mean, mean - _Z95 * error, mean + _Z95 * error, len(y), "later decisions like these"
    )


def _log_loss(p: Floats, y: Floats) -> Floats:
    inside = np.clip(p, _EDGE, 1 - _EDGE)
    return np.asarray(-np.log(np.where(y == 1, inside, 1 - inside)))


# --- curves --------------------------------------------------------------------------------------


def _method(n: int) -> tuple[str, Callable[[Floats, Floats, Floats], Curve]]:
    if n < FEW_OUTCOMES:
        return "temperature", _temperature
    return ("logistic", _logistic) if n <= MANY_OUTCOMES else ("isotonic", _isotonic)


def _log_odds(p: Floats) -> Floats:
    from scipy.special import logit

    return np.asarray(logit(np.clip(p, _EDGE, 1 - _EDGE)))


def _temperature(p: Floats, y: Floats, w: Floats) -> Curve:
    """All log-odds divided by one number."""
    from scipy.optimize import minimize_scalar
    from scipy.special import expit

    x = _log_odds(p)
    best = minimize_scalar(
        lambda t: float(w @ _log_loss(expit(x / np.exp(t)), y)), bounds=(-3, 3), method="bounded"
    )
    return lambda q: np.asarray(expit(_log_odds(q) / np.exp(best.x)))


def _logistic(p: Floats, y: Floats, w: Floats) -> Curve:
    """A line on the scale of log-odds."""
    from sklearn.linear_model import LogisticRegression

    model = LogisticRegression(C=np.inf).fit(_log_odds(p)[:, None], y, sample_weight=w)
    return lambda q: np.asarray(model.predict_proba(_log_odds(q)[:, None])[:, 1])


def _isotonic(p: Floats, y: Floats, w: Floats) -> Curve:
    """The best rising curve, drawn through the middles of its steps so that it makes no new ties.

    Its ends stay off 0 and 1 by what a single outcome could change.
    """
    from sklearn.isotonic import IsotonicRegression

    edge = 1 / (len(p) + 2)
    fitted = IsotonicRegression(y_min=edge, y_max=1 - edge).fit_transform(p, y, sample_weight=w)
    levels, step = np.unique(fitted, return_inverse=True)
    middles = np.bincount(step, w * p) / np.bincount(step, w)
    return lambda q: np.asarray(np.interp(q, middles, levels))
