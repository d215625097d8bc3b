"""A recommendation as a table and as plain values."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import pandas as pd

from ....decisions.estimating.intervals import Estimate
from ....scenario.boundary import Bands, Boundary
from ..rerouting.bands import DEFAULT_AUTO, DEFAULT_REVIEW
from ..weighing.policy import Rule

if TYPE_CHECKING:
    from ..recommendation import Recommendation


def present_is_known(rec: Recommendation) -> bool:
    """Whether a spec, routes or bands in the log's record tell what holds today."""
    usual = Boundary(bands=Bands(auto=DEFAULT_AUTO, review=DEFAULT_REVIEW))
    return bool(rec.today) or rec.present != usual


def rules_table(rec: Recommendation) -> pd.DataFrame:
    """One row for each workflow: what holds (NaN where nothing tells) and what is advised."""
    rows, known = [], present_is_known(rec)
    for flow, rule in rec.policy.rules.items():
        bands, limit = rec.present.bands_of(flow), rec.present.deal_limit_of(flow)
        rows.append({
            "workflow": flow,
            "alone from (now)": bands.auto if known else math.nan, "alone from": rule.auto,
            "deals above (now)": math.nan if not known else math.inf if limit is None else limit,
            "deals above": rule.deal_limit, "signals": _signals(rule),
        })  # fmt: skip
    return pd.DataFrame(rows)


def _triple(e: Estimate) -> list[float]:
    return [e.value, e.low, e.high]


def _signals(rule: Rule) -> str:
    return ", ".join(rule.signals) or "none"


def plain(rec: Recommendation) -> dict[str, Any]:
    """Everything as plain values."""
    triple = {name: _triple(e) for name, e in rec.figures.items()}
    return {
        "status": rec.status,
        "target": list(rec.target),
        "targets": [
            {"figure": m.limit.figure, "least": m.limit.least, "most": m.limit.most,
             "kept": m.kept, "binds": m.binds, "price": m.price,
             "price_seen": _triple(m.price_seen), "could_at": m.could_at}
            for m in rec.met
        ],
        "rules": {
            flow: {"auto": r.auto, "review": r.review, "deal_size_above": r.deal_limit,
                   "signals": list(r.signals)}
            for flow, r in rec.policy.rules.items()
        },
        "figures": triple,
        "exception_rate": triple["exception_rate"],
        "n": rec.rate.n,
        "trigger_rate": rec.trigger_rate.value,
        "chance_true_rate": rec.chance_true_rate,
        "chance_next_month": rec.chance_next_month,
        "next_month": rec.next_month,
        "fn_share": _triple(rec.silent),
        "saving_per_1000": _triple(rec.saving),
        "wanted_rate": rec.wanted_rate,
        "prices": rec.prices._asdict(),
        "kept_signals": [
            {"name": k.name, "gain_per_look": _triple(k.gain), "looks": k.looks, "pays": k.pays}
            for k in rec.kept_signals
        ],
        "attainable": rec.attainable.to_dict("list"),
        "ladder": rec.ladder.to_dict("list"),
        "sensitivity": rec.sensitivity.to_dict("list"),
        "assumptions": [a._asdict() for a in rec.assumptions],
        "why": rec.why(),
    }  # fmt: skip
