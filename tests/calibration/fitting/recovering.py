"""The numbers of a scenario beside those that a fit finds in its log."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd

import hitlsim as hs
from hitlsim.calibration.fitting.fit import Fitted
from hitlsim.calibration.fitting.learnt import Scale, get


def recovered(scenario: hs.Scenario, fitted: Fitted) -> pd.DataFrame:
    """Every number with an interval: what it is, what was found, and whether that covers it."""
    truth = scenario.to_dict()
    names = {new: old for old, new in fitted.people.items()}
    rows = []
    for path, p in fitted.book.learnt.items():
        e = p.estimate
        if math.isnan(e.low) or path[0] == "hours":
            continue
        true = true_value(truth, path, names)
        if true is None:
            continue
        cut = p.scale is Scale.COUNTED
        covers = e.low < true <= e.high or (
            # a deal of the limit itself still goes through
            path[-1] == "deal_size_above" and e.low <= true < e.high
        )
        if not cut:
            covers = e.low - 1e-12 <= true <= e.high + 1e-12
        rows.append({
            "parameter": ".".join(map(str, path)), "kind": kind_of(path), "true": true,
            "found": e.value, "low": e.low, "high": e.high, "n": e.n, "covers": covers,
            "cut": cut, "below": true < e.low,
        })  # fmt: skip
    return pd.DataFrame(rows)


def kind_of(path: tuple[Any, ...]) -> str:
    """The last word that names a kind of number."""
    if "signal_shares" in path:
        return "signal_shares"
    if path[-1] in ("median", "sigma"):
        return f"{path[-2]}.{path[-1]}"
    return str(path[-1]) if path[-1] != "share" else ".".join(map(str, path[-2:]))


def true_value(truth: dict[str, Any], path: tuple[Any, ...], names: dict[str, str]) -> Any:
    """What the scenario says there; None if it says nothing."""
    if path[0] == "pools":
        path = (*path[:3], names.get(path[3], path[3]), *path[4:])
    if len(path) == 4 and path[2] == "signal_shares":
        own = get(truth, path)
        return own if own is not None else get(truth, ("signals", path[3], "share"))
    if path[0] == "signals" and path[-1] == "share":
        return get(truth, path)
    if path[-1] == "uptake_share":
        return 0.2
    return get(truth, path)
