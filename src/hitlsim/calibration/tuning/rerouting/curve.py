"""Exceptions and silent errors at every threshold, in one pass over the log."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ....decisions.estimating import unseen
from ....decisions.estimating.intervals import Estimate, clopper_pearson
from ....decisions.log import DecisionLog
from ....errors import LogError
from .bands import gated, triggered


def labels(log: DecisionLog) -> pd.DataFrame:
    """What is known of each decision the AI was allowed to take: score, label, weight."""
    frame = log.frame
    ok = frame["ok"].astype("boolean") if "ok" in frame else pd.Series(pd.NA, frame.index)
    known = unseen.sampled(frame)
    flow = frame["workflow"].astype("str") if "workflow" in frame else pd.Series("all", frame.index)
    table = pd.DataFrame(
        {
            "workflow": flow.to_numpy(),
            "score": np.where(triggered(log), -np.inf, frame["confidence"]),
            "known": known,
            "bad": known & ~ok.fillna(True).to_numpy(bool),
            "weight": 1 / unseen.chances(frame),
        }
    )
    if "true_ok" in frame:
        table["true_bad"] = ~frame["true_ok"].to_numpy(bool)
    return table[~gated(log)].reset_index(drop=True)


def curve(log: DecisionLog, thresholds: Sequence[float]) -> pd.DataFrame:
    """Exception rate and silent errors as they would have been at each threshold.

    Parameters
    ----------
    log : DecisionLog
    thresholds : sequence of float
        A decision goes alone when ``confidence >= threshold`` and no trigger fires.

    Returns
    -------
    DataFrame
        One row for each threshold, ascending: ``threshold``, ``n``, and value, low, high (95%) of
        ``exception_rate``, ``fn_share``, ``fn_of_auto``; of a simulated log also ``true_fn_share``.

    Examples
    --------
    >>> import hitlsim as hs
    >>> c = curve(hs.simulate(hs.load("outbound"), seed=7).log, [0.7, 0.9])
    >>> bool(c["exception_rate"].is_monotonic_increasing and c["fn_share"].is_monotonic_decreasing)
    True
    """
    table = labels(log)
    if table.empty:
        raise LogError("every decision of the log passes a gate; there is no threshold to set")
    cuts = np.unique(np.asarray(thresholds, float))
    flows, flow = np.unique(table["workflow"].to_numpy(str), return_inverse=True)
    # number of thresholds a score reaches: it goes alone at exactly those
    reached = np.searchsorted(cuts, table["score"].to_numpy(), side="right")
    w, known, bad = (table[c].to_numpy(float) for c in ("weight", "known", "bad"))

    def above(values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Sum of values that go alone, for each threshold and workflow."""
        size = (len(cuts) + 1, len(flows))
        cells = np.bincount(reached * len(flows) + flow, values, size[0] * size[1]).reshape(size)
        return np.asarray(cells[::-1].cumsum(axis=0)[::-1][1:])

    total = np.bincount(flow, minlength=len(flows)).astype(float)
    ones = np.ones(len(table))
    sums = {
        "auto": above(ones), "auto_sampled": above(known), "auto_bad": above(bad),
        "auto_w": above(w * known), "auto_w_bad": above(w * bad),
        "auto_ww": above(w * w * known), "auto_ww_bad": above(w * w * bad),
    }  # fmt: skip
    sums["safe"] = np.broadcast_to(total, sums["auto"].shape)
    sums["asked_sampled"] = np.bincount(flow, known, len(flows)) - sums["auto_sampled"]
    sums["asked_bad"] = np.bincount(flow, bad, len(flows)) - sums["auto_bad"]
    truth = above(table["true_bad"].to_numpy(float)).sum(axis=1) if "true_bad" in table else None
    n = float(len(table))
    rows = []
    for i, cut in enumerate(cuts):
        here = pd.DataFrame({name: cell[i] for name, cell in sums.items()})
        here["workflow"] = flows
        figures = {
            "exception_rate": clopper_pearson(n - float(here["auto"].sum()), n),
            "fn_share": unseen.fn_share(here),
            "fn_of_auto": unseen.fn_of_auto(here),
        }
        if truth is not None:
            figures["true_fn_share"] = clopper_pearson(float(truth[i]), n)
        rows.append({"threshold": float(cut), "n": n, **_flat(figures)})
    return pd.DataFrame(rows)


def _flat(figures: dict[str, Estimate]) -> dict[str, float]:
    return {
        name + suffix: value
        for name, e in figures.items()
        for suffix, value in (("", e.value), ("_low", e.low), ("_high", e.high), ("_n", e.n))
    }
