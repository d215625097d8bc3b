"""What an item of a deck costs: when it goes out wrong, when it is looked at, when it is changed.

From the scenario that a log comes from, where there is one; else from stated costs, and from usual
figures where nobody stated them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from ...calibration.tuning.costs import Costs, costs_of
from ...calibration.tuning.weighing.from_scenario import wage
from ...errors import LogError
from ...scenario.explain import instead
from ...scenario.scenario import Scenario

Prices = Costs | Scenario
_MINUTES = 0.9
"""Hands-on time of a review where neither log nor costs say."""
_SAID = ("harm", "harm_deal_share", "hour", "override_spoils")


def prices_of(costs: Costs | Mapping[str, Any] | Scenario | None, frame: pd.DataFrame) -> Prices:
    """Costs checked against the workflows of a log.

    Raises
    ------
    LogError
        When they are wrong in themselves, or a workflow of the log is none of the scenario's.
    """
    flows = tuple(frame["workflow"].astype(str).unique()) if "workflow" in frame else ()
    if not isinstance(costs, Scenario):
        return costs_of(costs, flows)
    for name in flows:
        if name not in costs.workflows:
            raise LogError(
                f"costs: the log's workflow {name!r} is none of the scenario {costs.name!r}; "
                f"{instead(name, tuple(costs.workflows))}: give the scenario the log comes from"
            )
    if not flows:
        raise LogError(
            "costs: the log has no column workflow, so a scenario cannot price it; give costs"
        )
    return costs


def assumed(prices: Prices) -> list[str]:
    """The costs that nobody stated."""
    stated = _SAID if isinstance(prices, Scenario) else prices.model_fields_set
    return [name for name in _SAID if name not in stated]


def priced(f: pd.DataFrame, flow: pd.Series, prices: Prices) -> dict[str, pd.Series]:
    """What a wrong one, a look and a needless change cost, in the log's currency.

    Parameters
    ----------
    f : DataFrame
        Rows of a log.
    flow : Series
        Their workflows, as text.
    """
    deal = f["deal_size"].astype(float) if "deal_size" in f else pd.Series(0.0, f.index)
    usual = f["review_minutes"].groupby(flow).median() if "review_minutes" in f else None
    if isinstance(prices, Scenario):
        flows = {name: prices.workflows[name] for name in flow.unique()}
        harm = flow.map({n: w.harm.fixed for n, w in flows.items()}).astype(float)
        harm += flow.map({n: w.harm.deal_share for n, w in flows.items()}) * deal.fillna(0.0)
        harm *= flow.map(_left(f, flow, prices)).astype(float)
        hour = flow.map({n: wage(prices, n) for n in flows}).astype(float)
        minutes = flow.map({n: w.review_seconds.mean / 60 for n, w in flows.items()}).astype(float)
        if usual is not None:
            minutes = flow.map(usual).astype(float).fillna(minutes)
        spoils: pd.Series | float = _spoilt(f)
    else:
        harm, share, minutes, spoils = (
            flow.map({n: prices.of(n, name) for n in flow.unique()}).astype(float)
            for name in ("harm", "harm_deal_share", "minutes", "override_spoils")
        )
        harm, hour = harm + share * deal.fillna(0.0), prices.hour
        if usual is not None:
            minutes = minutes.fillna(flow.map(usual).astype(float))
    look = hour * minutes.fillna(_MINUTES) / 60
    if "delay_cost" in f and "queued_at" in f:
        waited = f["delay_cost"].where(f["queued_at"].notna()).groupby(flow).mean()
        look = look + flow.map(waited).astype(float).fillna(0.0)
    return {"harm": harm.round(2), "look_cost": look.round(2),
            "needless_cost": (look + spoils * harm).round(2)}  # fmt: skip


def _left(f: pd.DataFrame, flow: pd.Series, team: Scenario) -> dict[str, float]:
    """The share of the harm that is left, as some of what goes out wrong is undone in time."""
    undone: Any = {}
    if {"true_bad_out", "rolled_back"} <= set(f):
        out = f["true_bad_out"].fillna(False).astype(bool)
        undone = f.loc[out, "rolled_back"].fillna(False).astype(float).groupby(flow[out]).mean()
    rest = {n: 1 - team.workflows[n].harm.after_rollback for n in flow.unique()}
    return {n: 1 - rest[n] * float(undone.get(n, 0.0)) for n in rest}


def _spoilt(f: pd.DataFrame) -> float:
    """Of right proposals that somebody changed or sent back, the share that went out wrong."""
    if not {"true_ok", "true_bad_out", "verdict"} <= set(f):
        return float(Costs().override_spoils)
    right = f["true_ok"].fillna(False).astype(bool)
    over = f[right & f["verdict"].isin(["edit", "reject"])]
    return float(over["true_bad_out"].mean()) if len(over) else 0.0
