"""Small cases that can be searched through by brute force, and logs whose truth is known."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations, product
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

import hitlsim as hs
from hitlsim.calibration.tuning.goals import Goals
from hitlsim.calibration.tuning.weighing.cases import Bools, Cases, Floats, Looks
from hitlsim.calibration.tuning.weighing.grid import FlowGrid, Grid, Keep
from hitlsim.calibration.tuning.weighing.outlook import cost_of, silent_share
from hitlsim.calibration.tuning.weighing.policy import Policy, Rule
from hitlsim.calibration.tuning.weighing.search import hours_of

# --- cases ---------------------------------------------------------------------------------------


def looks_of(
    flows: int,
    *,
    minutes: float | Floats = 1.0,
    money: float | Floats = 1.0,
    waiting: float | Floats = 0.0,
    catches: float | Floats = 0.8,
    overrides_right: float | Floats = 0.1,
    spoils: float | Floats = 0.01,
) -> Looks:
    """The same look everywhere, but for what is given by workflow."""
    named = (minutes, money, waiting, catches, overrides_right, spoils)
    return Looks(*(np.broadcast_to(np.asarray(v, float), flows).copy() for v in named))


def cases_of(score: Any, p_bad: Any, **given: Any) -> Cases:
    """Cases whose chances of being wrong are known; the rest as given, else the plainest."""
    score, p_bad = np.asarray(score, float), np.asarray(p_bad, float)
    n = len(score)
    flow = np.asarray(given.pop("flow", np.zeros(n, int)), np.int64)
    number = int(flow.max()) + 1 if n else 1
    plain: dict[str, Any] = {
        "workflows": tuple(f"w{i}" for i in range(number)), "signals": (),
        "deal_size": np.full(n, np.nan), "present": np.zeros(n, np.int64),
        "always": np.zeros(n, bool), "day": np.arange(n) % 28, "harm": np.full(n, 20.0),
        "known": np.zeros(n, bool), "bad": np.zeros(n, bool), "chance": np.ones(n),
        "u": np.linspace(0, 1, n, endpoint=False), "looks": looks_of(number), "exact": True,
    }  # fmt: skip
    own = {**plain, **given}
    own["harm"] = np.broadcast_to(np.asarray(own["harm"], float), n).copy()
    return Cases(flow=flow, score=score, p_bad=p_bad, **own)


def small_cases(
    rng: np.random.Generator, *, n: int = 60, flows: int = 2, levels: int = 8, signals: int = 1
) -> Cases:
    """A table of a few distinct scores and deal sizes, with looks that differ by workflow."""
    flow = np.concatenate([np.arange(flows), rng.integers(0, flows, n - flows)])
    score = np.sort(rng.choice(np.arange(1, 20) / 20, levels, replace=False))[
        rng.integers(0, levels, n)
    ]
    deal = rng.choice([1_000.0, 10_000.0, 50_000.0, math.nan], n)
    present = rng.integers(0, 1 << signals, n) if signals else np.zeros(n, np.int64)
    logit = rng.normal(0.5, 0.6, flows)[flow] + 1.0 * np.log(score / (1 - score)) - 0.7 * present
    return cases_of(
        score, 1 / (1 + np.exp(logit)), flow=flow, deal_size=deal,
        signals=tuple(f"s{i}" for i in range(signals)), present=present.astype(np.int64),
        always=rng.random(n) < rng.choice([0.0, 0.05]),
        harm=rng.uniform(5, 40, flows)[flow] + 0.001 * np.nan_to_num(deal),
        looks=looks_of(
            flows, minutes=rng.uniform(0.5, 4, flows), money=rng.uniform(0.2, 3, flows),
            catches=rng.uniform(0.4, 0.95, flows), overrides_right=rng.uniform(0.02, 0.2, flows),
            spoils=rng.uniform(0, 0.05, flows),
        ),
    )  # fmt: skip


def keep_none(cases: Cases) -> Keep:
    """No trigger has to stay."""
    return Keep(dict.fromkeys(cases.workflows, ()), dict.fromkeys(cases.workflows, 0.0))


# --- brute force ---------------------------------------------------------------------------------


def rules_of(flow: FlowGrid) -> Iterator[Rule]:
    """Every rule of the kind a person can apply."""
    names = [c for k in range(len(flow.optional) + 1) for c in combinations(flow.optional, k)]
    for auto, limit, signals in product(flow.cuts, [*flow.limits, math.inf], names):
        yield Rule(float(auto), 0.0, float(limit), signals)


def policies_of(grid: Grid) -> Iterator[Policy]:
    """Every policy made of such rules."""
    kinds = [[(f.workflows, rule) for rule in rules_of(f)] for f in grid.flows]
    for chosen in product(*kinds):
        yield Policy({name: rule for names, rule in chosen for name in names})


@dataclass(frozen=True)
class Tried:
    """Sums of every combination of rules, one after the other."""

    asked: Floats
    cost: Floats
    silent: Floats
    hours: Floats


def everything(cases: Cases, grid: Grid) -> Tried:
    """Number asked, cost, bad ones let go and hours of every policy of readable rules."""
    minutes = cases.looks.minutes[cases.flow] / 60 / cases.weeks
    nobody = np.zeros(len(cases), bool)
    base, asked_cost = cost_of(cases, nobody), cost_of(cases, ~nobody)
    total = [np.zeros(1)] * 4
    for i, flow in enumerate(grid.flows):
        here = cases.flow == i
        rows = []
        for rule in rules_of(flow):
            asks = Policy(
                {**dict.fromkeys(cases.workflows, rule), flow.workflows[0]: rule}
            ).asks(cases) & here  # fmt: skip
            rows.append((asks.sum(), (asked_cost - base)[asks].sum(), -cases.bad_hat[asks].sum(),
                         minutes[asks].sum()))  # fmt: skip
        own = np.unique(np.round(np.array(rows, float), 9), axis=0).T
        total = [np.add.outer(t, o).ravel() for t, o in zip(total, own, strict=True)]
    return Tried(total[0], total[1] + base.sum(), total[2] + cases.bad_hat.sum(), total[3])


def keeping(tried: Tried, cases: Cases, goals: Goals) -> Bools:
    """Which of them keep the targets (shares of silent errors, hours and the band)."""
    n = len(cases)
    low, high = goals.band
    fine = (tried.asked >= low * n - 1e-9) & (tried.asked <= high * n + 1e-9)
    if goals.silent is not None:
        name, limit = goals.silent
        base = {"fn_share": np.full_like(tried.asked, n), "fn_of_auto": n - tried.asked,
                "fn_of_bad": np.full_like(tried.asked, cases.bad_hat.sum())}[name]  # fmt: skip
        fine &= tried.silent <= limit * base + 1e-9
    if goals.hours_per_week is not None:
        fine &= tried.hours <= goals.hours_per_week + 1e-9
    return np.asarray(fine)


def kept_by(asks: Bools, cases: Cases, goals: Goals) -> bool:
    """Whether one policy keeps them."""
    low, high = goals.band
    fine = low - 1e-9 <= asks.mean() <= high + 1e-9
    if goals.silent is not None:
        fine = fine and not silent_share(cases, asks, goals.silent[0]) > goals.silent[1] + 1e-9
    if goals.hours_per_week is not None:
        fine = fine and hours_of(cases, asks) <= goals.hours_per_week + 1e-9
    return bool(fine)


# --- logs ----------------------------------------------------------------------------------------

START = pd.Timestamp("2026-06-01", tz="UTC")


@dataclass(frozen=True)
class LogWorld:
    """Decisions of some workflows whose chance of being wrong is known.

    Scores are Beta(``sure``, 1.5); P(bad) is logistic in their log-odds, by ``intercept`` and
    ``slope``; weeks move the log-odds of a score by a normal step of ``restless``. People are asked
    below ``auto`` and override wrong proposals with ``hit`` and right ones with ``alarm``. Outcomes
    get known of an ``audit`` share, whoever was asked.
    """

    sure: Floats
    intercept: Floats
    slope: Floats
    audit: float = 0.2
    hit: float = 0.75
    alarm: float = 0.06
    restless: float = 0.0
    auto: float = 0.8

    @classmethod
    def anywhere(cls, rng: np.random.Generator, *, restless: float = 0.0) -> LogWorld:
        """Some world."""
        flows = int(rng.integers(1, 5))
        return cls(
            rng.uniform(3, 9, flows), rng.uniform(0.5, 1.8, flows), rng.uniform(0.5, 1.2, flows),
            audit=float(rng.uniform(0.1, 0.3)), hit=float(rng.uniform(0.6, 0.9)),
            alarm=float(rng.uniform(0.02, 0.1)), restless=restless,
            auto=float(rng.uniform(0.5, 0.85)),
        )  # fmt: skip

    def log(
        self, rng: np.random.Generator, n: int, *, weeks: int = 8, first_week: int = 0
    ) -> hs.DecisionLog:
        """So many decisions over some weeks."""
        flow = rng.integers(0, len(self.sure), n)
        day = np.sort(rng.integers(0, 7 * weeks, n))
        moved = rng.normal(0, self.restless, weeks)[day // 7]
        drawn = rng.beta(self.sure[flow], 1.5)
        score = 1 / (1 + np.exp(-np.log(drawn / (1 - drawn)) - moved))
        bad = rng.random(n) < self.p_bad(flow, score)
        asked = score < self.auto
        overridden = np.where(bad, rng.random(n) < self.hit, rng.random(n) < self.alarm)
        known = rng.random(n) < self.audit
        return hs.DecisionLog(pd.DataFrame({
            "decision_id": [f"{first_week}-{i}" for i in range(n)],
            "decided_at": START + pd.to_timedelta(7 * first_week + day + 0.4, unit="D"),
            "workflow": np.array([f"w{i}" for i in range(len(self.sure))], object)[flow],
            "confidence": score, "deal_size": rng.lognormal(9.5, 1.0, n),
            "route": np.where(asked, "review", "auto"), "exception": asked,
            "reasons": np.where(asked, "medium_band", ""),
            "verdict": _where(asked, np.where(overridden, "reject", "approve")),
            "reviewer": _where(asked, "r1"),
            "ok": pd.array(_where(known, ~bad), dtype="boolean"),
            "ok_source": _where(known, "outcome"),
            "inclusion": self.audit, "true_ok": ~bad,
        }), {"bands": {"auto": self.auto, "review": 0.3}})  # fmt: skip

    def p_bad(self, flow: NDArray[np.int64], score: Floats) -> Floats:
        """P(bad) of decisions."""
        odds = np.log(np.clip(score, 1e-9, 1 - 1e-9)) - np.log1p(-np.clip(score, 1e-9, 1 - 1e-9))
        return np.asarray(1 / (1 + np.exp(self.intercept[flow] + self.slope[flow] * odds)))


def _where(some: Bools, value: Any) -> NDArray[np.object_]:
    """A value for some decisions, none for the others."""
    return np.array(np.where(some, np.asarray(value, object), np.array(None, object)), object)


def asked_of(policy: Policy, log: hs.DecisionLog) -> Bools:
    """Whom these rules ask about in a log, by plain comparisons."""
    frame = log.frame
    rules = [policy.rules[flow] for flow in frame["workflow"]]
    auto, limit = (np.array([getattr(r, k) for r in rules]) for k in ("auto", "deal_limit"))
    return np.asarray(
        (frame["confidence"].to_numpy() < auto) | (frame["deal_size"].to_numpy() > limit)
    )


def silently_bad(policy: Policy, log: hs.DecisionLog) -> float:
    """P(auto and bad) in truth."""
    return float((~asked_of(policy, log) & ~log.frame["true_ok"].to_numpy(bool)).mean())
