"""What a policy would have given on the cases at hand: figures with intervals."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ....decisions.estimating import unseen
from ....decisions.estimating.intervals import (
    NOTHING,
    Estimate,
    clopper_pearson,
    counted,
    ratio_of_clusters,
)
from .cases import Bools, Cases, Figures, Floats

_AS_FITTED = "chances of being wrong as fitted to the log"
_RATES = {"fn_share": unseen.fn_share, "fn_of_auto": unseen.fn_of_auto,
          "fn_of_bad": unseen.fn_of_bad}  # fmt: skip


def outlook(cases: Cases, asks: Bools) -> Figures:
    """Figures of a policy that asks people about these decisions.

    Parameters
    ----------
    cases : Cases
    asks : bool array of n

    Returns
    -------
    dict of str to Estimate
        ``exception_rate``, the three rates of silent errors (weighted from the outcomes seen), and
        where anything tells how likely proposals are wrong ``expected_fn_share``,
        ``override_rate``, ``hours_per_week`` and ``cost_per_1000``. Of simulated decisions also
        the true silent errors.
    """
    n = len(cases)
    out: Figures = {"exception_rate": clopper_pearson(float(asks.sum()), n)}
    out |= _silent(cases, asks)
    if cases.truth is not None:
        out |= _true(cases, asks)
    per_day = np.bincount(cases.day).astype(float)
    minutes = cases.looks.minutes[cases.flow] * asks
    out["hours_per_week"] = ratio_of_clusters(
        np.bincount(cases.day, minutes / 60, len(per_day)), np.full(len(per_day), 1 / 7),
        clusters="days",
    )  # fmt: skip
    if not cases.valued:
        return out
    silent = np.where(asks, 0.0, cases.p_bad)
    out["expected_fn_share"] = _per_decision(cases, silent)
    out["cost_per_1000"] = _per_decision(cases, cost_of(cases, asks)).scaled(1000)
    out["override_rate"] = overrides(cases, asks)
    return out


def cost_of(cases: Cases, asks: Bools) -> Floats:
    """What each decision costs: harm that goes out, and the look where there is one."""
    bad, looks, flow = cases.p_bad, cases.looks, cases.flow
    after_look = bad * (1 - looks.catches[flow]) + (1 - bad) * looks.spoils[flow]
    return np.asarray(
        np.where(asks, after_look * cases.harm + cases.price_of_look, bad * cases.harm)
    )


def silent_share(cases: Cases, asks: Bools, rate: str) -> float:
    """One rate of silent errors, without its interval; NaN where it has no base.

    The best guess that is made while rules are searched for.
    """
    bad = cases.bad_hat
    silent = float(bad[~asks].sum())
    base = {"fn_share": float(len(bad)), "fn_of_auto": float((~asks).sum()),
            "fn_of_bad": float(bad.sum())}[rate]  # fmt: skip
    return max(0.0, silent) / base if base > 0 else float("nan")


class PerLook(NamedTuple):
    """What a thousand looks bring, on average over what is asked about (shares of 1)."""

    kept_back: float
    """Errors that do not go out."""
    spoilt: float
    """Right proposals that go out wrong."""
    overrides_right: float
    """Right proposals, of those, that are overridden."""


def per_look(cases: Cases, asks: Bools) -> PerLook:
    """What a look brings, good and bad, where people are asked; everywhere where they never are."""
    rows = asks if asks.any() else np.ones(len(cases), bool)
    p, flow, looks = cases.p_bad[rows], cases.flow[rows], cases.looks
    return PerLook(
        float((p * looks.catches[flow]).mean()),
        float(((1 - p) * looks.spoils[flow]).mean()),
        float(looks.overrides_right[flow].mean()),
    )


def overrides(cases: Cases, asks: Bools) -> Estimate:
    """Share of what people are asked about that they would edit or reject."""
    if not asks.any():
        return NOTHING
    assumes = "people override as they were seen to"
    return counted(float(cases.overridden[asks].mean()), float(asks.sum()), assumes)


def _per_decision(cases: Cases, values: Floats) -> Estimate:
    days = len(np.bincount(cases.day))
    each = np.bincount(cases.day, minlength=days)
    e = ratio_of_clusters(np.bincount(cases.day, values, days), each, clusters="days")
    return replace(e, assumes=f"{_AS_FITTED}; {e.assumes}")


def _silent(cases: Cases, asks: Bools) -> Figures:
    if not cases.known.any():
        return dict.fromkeys(_RATES, NOTHING)
    names = np.array(cases.workflows, object)
    frame = pd.DataFrame({
        "workflow": pd.Categorical.from_codes(cases.flow, list(names)),
        "route": np.where(asks, "review", "auto"), "inclusion": cases.chance,
    })  # fmt: skip
    rows = unseen.sums(frame, cases.known, cases.bad & cases.known)
    return {name: rate(rows) for name, rate in _RATES.items()}


def _true(cases: Cases, asks: Bools) -> Figures:
    truth: NDArray[np.bool_] = cases.truth if cases.truth is not None else cases.bad
    silent, n = float((truth & ~asks).sum()), float(len(truth))
    return {
        "true_fn_share": clopper_pearson(silent, n),
        "true_fn_of_auto": clopper_pearson(silent, float((~asks).sum())),
        "true_fn_of_bad": clopper_pearson(silent, float(truth.sum())),
    }
