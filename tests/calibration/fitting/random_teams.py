"""Whole scenarios drawn around those that ship, to see whether a fit finds them again.

What a fit measures as a whole - habits that change with trust and tiredness, pauses, incidents - is
turned off, so that every number has one true value; all else is drawn within the model's ranges.
"""

from __future__ import annotations

from typing import Any

import numpy as np

import hitlsim as hs

SHIPPED = ("on-the-loop", "outbound", "inbox", "enterprise-follow-up", "operator")
ANYTHING = dict[str, Any]


def team(seed: int) -> hs.Scenario:
    """One scenario; the same seed is the same scenario."""
    rng = np.random.default_rng(seed)
    parts = hs.load(SHIPPED[seed % len(SHIPPED)]).to_dict()
    for quiet in ("crm", "incidents"):
        parts.pop(quiet, None)
    parts["governance"] = {}
    parts["habits"] = {}
    parts["name"] = "drawn"
    parts["weeks"] = int(rng.integers(9, 13))
    for signal in parts["signals"].values():
        signal["share"] = float(rng.uniform(0.005, 0.04))
        signal["odds_of_ok"] = float(np.exp(rng.uniform(-1.4, 0.3)))
    for agent in parts["agents"].values():
        agent["slots"] = 8
        agent["draft_seconds"] = spread(rng, 5, 60)
    for name, flow in parts["workflows"].items():
        draw_flow(rng, flow, parts["boundary"].get("workflows", {}).get(name))
    draw_rules(rng, parts)
    for pool in parts["pools"].values():
        pool["accountability"], pool["minimum_dwell_seconds"] = 0.0, 0.0
        for reviewer in pool["reviewers"].values():
            draw_reviewer(rng, reviewer)
    return hs.Scenario.model_validate(parts)


def draw_rules(rng: np.random.Generator, parts: ANYTHING) -> None:
    """Bands, audit and looks."""
    bands = sorted(rng.uniform(0.55, 0.9, 2).round(2).tolist())
    parts["boundary"]["bands"] = {"review": bands[0], "auto": bands[1]}
    parts["boundary"]["workflows"] = {}
    if parts["boundary"].get("audit", {}).get("share"):
        parts["boundary"]["audit"]["share"] = some(rng, 0.05, 0.25, 2)
    for phase in parts["phases"].values():
        phase["looks"]["effort"] = some(rng, 0.3, 1.0, 3)
        phase.pop("until", None)
        phase.pop("back_if", None)
    for i, name in enumerate(parts["phases"]):
        if i + 1 < len(parts["phases"]):
            parts["phases"][name].setdefault("weeks", 2)


def some(rng: np.random.Generator, low: float, high: float, digits: int) -> float:
    """A number between two, rounded."""
    return round(float(rng.uniform(low, high)), digits)


def spread(rng: np.random.Generator, low: float, high: float) -> ANYTHING:
    median = float(np.exp(rng.uniform(np.log(low), np.log(high))))
    return {"median": round(median, 2), "sigma": some(rng, 0.3, 0.8, 2)}


def draw_flow(rng: np.random.Generator, flow: ANYTHING, own: ANYTHING | None) -> None:
    """Volume, AI, times and outcomes of one workflow."""
    flow["volume_per_week"] = round(flow["volume_per_week"] * float(rng.uniform(0.6, 1.3)), 1)
    flow["growth_per_week"] = some(rng, -0.02, 0.03, 4)
    flow["dispersion"] = float(rng.choice([1.0, 1.27, 2.5]))
    flow.pop("list_drop", None)
    flow["volume_per_week"] = max(flow["volume_per_week"], 15.0)
    flow.pop("skip_after_hours", None)
    flow["signal_shares"] = {}
    flow["deal_size"] = {"median": some(rng, 2e4, 9e4, -2), "sigma": 0.9}
    flow["ai"] = {
        "confidence_mean": some(rng, 0.82, 0.96, 3),
        "confidence_concentration": some(rng, 6, 20, 1),
        "confidence_decimals": int(rng.choice([2, 3])),
        "intercept": some(rng, -0.8, 0.6, 2),
        "slope": some(rng, 0.3, 1.1, 2),
    }
    flow["review_seconds"] = spread(rng, 20, 90)
    flow["words"] = 1
    flow["surfacing"] = {
        "share": some(rng, 0.1, 0.6, 2),
        "days": {"median": some(rng, 1, 8, 1), "sigma": 0.9},
    }
    flow["by_hand"] = {"minutes": spread(rng, 4, 15), "error_share": 0.05}
    if "email" in flow:
        flow["email"] = {
            "bounce": some(rng, 0.015, 0.08, 4),
            "opt_out": some(rng, 0.004, 0.02, 4),
            "spam": some(rng, 0.001, 0.004, 4),
            "reply": some(rng, 0.02, 0.1, 4), "positive": 0.4, "meeting": 0.36,
            "no_show": 0.3, "bad_spam": 1.0, "bad_reply": 1.0,
            "reply_days": {"median": 1.0, "sigma": 0.5},
        }  # fmt: skip


def draw_reviewer(rng: np.random.Generator, reviewer: ANYTHING) -> None:
    """Somebody who sees the same whatever happens."""
    reviewer["habits"] = "steady"
    reviewer["hit_rate"] = some(rng, 0.6, 0.95, 3)
    reviewer["false_alarm_rate"] = some(rng, 0.03, 0.2, 3)
    reviewer["edit_share"] = some(rng, 0.5, 0.95, 3)
    reviewer["speed"] = 1.0
    reviewer.pop("holidays", None)
