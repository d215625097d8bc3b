"""The cases of a scenario: every chance is known, and what looks bring is seen at its desk."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ....scenario.boundary import Boundary
from ....scenario.hours import DAY_MS, WEEK_MS
from ....scenario.phases import Exceptions
from ....scenario.scenario import Scenario
from ....simulation.contract import FIRST
from ....simulation.run import Run
from ....simulation.world.draws import Draws
from .cases import Assumption, Cases, Floats, Looks
from .grid import Keep

_BELIEVED = 20.0
"""What all workflows together show counts as so many cases of each."""
_READ = ["workflow", "route", "verdict", "review_minutes", "delay_cost", "deal_size", "true_ok",
         "true_bad_out", "true_harm"]  # fmt: skip
_FEW = 5.0
"""Reviews below which even all together say little."""
_USUAL = {"catches": 0.5, "overrides_right": 0.05, "spoils": 0.0}
"""What is believed where nobody ever reviewed."""


def steady_from(scenario: Scenario) -> int:
    """The week from which exceptions wait for a person, and looks are as they will stay.

    Weeks are counted from 0; a rollout by criterion has no such week, then all of it counts.
    """
    begins = 0
    for phase in list(scenario.phases.values())[:-1]:
        if phase.weeks is None:
            return 0
        begins += phase.weeks
    left = scenario.weeks - begins
    return begins if left >= 1 else 0


def cases_of(scenario: Scenario, draws: Sequence[Draws], looks: Looks, left: Floats) -> Cases:
    """The decisions of some draws that the AI may take alone, from the steady state on.

    Parameters
    ----------
    scenario : Scenario
    draws : sequence of Draws
        Taken as if one came after the other.
    looks : Looks
        From :func:`looks_of`, as ``left``: the share of harm left after what was rolled back.
    """
    each = [_cases(scenario, one, looks, left) for one in draws]
    days = (scenario.weeks - steady_from(scenario)) * 7
    columns = ("flow", "score", "deal_size", "present", "always", "p_bad", "harm", "known", "bad",
               "chance", "u", "truth")  # fmt: skip
    joined: dict[str, Any] = {c: np.concatenate([getattr(one, c) for one in each]) for c in columns}
    day = np.concatenate([one.day + i * days for i, one in enumerate(each)])
    return replace(each[0], day=day, **joined)


def _cases(scenario: Scenario, draws: Draws, looks: Looks, left: Floats) -> Cases:
    names = [n for n, w in scenario.workflows.items() if w.automation_safe]
    place = np.array([names.index(n) if n in names else -1 for n in scenario.workflows], np.int64)
    d, first = draws.world.decisions, draws.world.visits[FIRST]
    flow = place[d["workflow"].astype(np.intp)]
    start = steady_from(scenario) * WEEK_MS
    rows = (flow >= 0) & (d["arrival"] >= start)
    flow = flow[rows]
    deals = d["deal_size"][rows].astype(float)
    fixed = np.array([scenario.workflows[n].harm.fixed for n in names])
    share = np.array([scenario.workflows[n].harm.deal_share for n in names])
    right = 1 / (1 + np.exp(-np.clip(first["logit_ok"][rows], -700, 700)))
    day = (d["arrival"][rows] - start) // DAY_MS
    truth = first["u_ok"][rows] >= right
    n = len(flow)
    return Cases(
        workflows=tuple(names), signals=tuple(scenario.signals), flow=flow,
        score=first["confidence"][rows].astype(float), deal_size=deals,
        present=d["signals"][rows].astype(np.int64), always=np.zeros(n, bool), day=day,
        p_bad=1 - right, harm=(fixed[flow] + share[flow] * deals) * left[flow],
        known=np.ones(n, bool), bad=truth, chance=np.ones(n), u=np.zeros(n), looks=looks,
        exact=True, truth=truth, assumptions=_assumptions(scenario), currency=scenario.currency,
        source=f"scenario {scenario.name}",
    )  # fmt: skip


def keep_of(boundary: Boundary, workflows: tuple[str, ...]) -> Keep:
    """Signals and triage bands that stay."""
    return Keep(
        {f: boundary.signals_of(f) for f in workflows},
        {f: boundary.bands_of(f).review for f in workflows},
        {f: x for f in workflows if (x := boundary.deal_limit_of(f)) is not None},
    )


def looks_of(
    scenario: Scenario, runs: Iterable[Run], before: Looks | None = None
) -> tuple[Looks, Floats]:
    """What looks cost and bring at the desk of some runs, by workflow; and the share of harm left.

    Counted with the truth that a simulation knows. Where a workflow shows few cases, it is taken
    to be as it was ``before``, else like all of them together.
    """
    names = [n for n, w in scenario.workflows.items() if w.automation_safe]
    start = pd.Timestamp(scenario.start, tz=scenario.zone) + pd.Timedelta(
        weeks=steady_from(scenario)
    )
    f = pd.concat([_read(run.log.frame, names, start) for run in runs])
    flow = pd.Categorical(f["workflow"].astype(str), categories=names).codes.astype(np.int64)
    alone = np.asarray(f["route"] == "auto")
    judged = np.asarray(f["verdict"].notna() & ~alone)
    # what is rejected for good does not go out wrong either
    bad = ~f["true_ok"].to_numpy(bool)
    went_bad = f["true_bad_out"].to_numpy(bool, na_value=False)
    overrode = judged & np.asarray(f["verdict"].isin(["edit", "reject"]))

    def share(name: str, hits: NDArray[np.bool_], of: NDArray[np.bool_]) -> Floats:
        k, m = (np.bincount(flow, x, len(names)) for x in (hits & of, of))
        usual = getattr(before, name) if before is not None else _pooled(name, k, m)
        return np.asarray((k + _BELIEVED * usual) / (m + _BELIEVED))

    minutes = f["review_minutes"].to_numpy(float, na_value=0.0)
    took = np.bincount(flow, minutes * judged, len(names)) / np.maximum(
        1, np.bincount(flow, judged, len(names))
    )
    usual = np.array([scenario.workflows[n].review_seconds.mean / 60 for n in names])
    took = np.where(np.bincount(flow, judged, len(names)) >= _FEW, took, usual)
    hourly = np.array([wage(scenario, n) for n in names])
    lost = f["delay_cost"].to_numpy(float, na_value=0.0)
    looks = Looks(
        minutes=took,
        money=took / 60 * hourly,
        waiting=_mean(flow, lost, judged, len(names)) - _mean(flow, lost, alone, len(names)),
        catches=share("catches", ~went_bad, judged & bad),
        overrides_right=share("overrides_right", overrode, judged & ~bad),
        spoils=share("spoils", went_bad, judged & ~bad),
    )
    return looks._replace(waiting=np.maximum(looks.waiting, 0.0)), _left(scenario, f, flow, names)


def _read(log: pd.DataFrame, names: list[str], start: pd.Timestamp) -> pd.DataFrame:
    """What is needed of a log and no more, so that it can go before the next one comes."""
    return log.loc[log["workflow"].isin(names) & (log["decided_at"] >= start), _READ]


def _pooled(name: str, hits: NDArray[Any], of: NDArray[Any]) -> float:
    """The share in all workflows together."""
    return float(hits.sum() / of.sum()) if of.sum() >= _FEW else _USUAL[name]


def _mean(flow: NDArray[np.int64], values: Floats, of: NDArray[np.bool_], n: int) -> Floats:
    return np.asarray(np.bincount(flow, values * of, n) / np.maximum(1, np.bincount(flow, of, n)))


def _left(scenario: Scenario, f: pd.DataFrame, flow: NDArray[np.int64], names: list[str]) -> Floats:
    """Share of the full harm that is left, since some of it was undone in time."""
    harms = [scenario.workflows[n].harm for n in names]
    fixed, part = (np.array([getattr(h, k) for h in harms]) for k in ("fixed", "deal_share"))
    full = fixed[flow] + part[flow] * f["deal_size"].to_numpy(float)
    out = f["true_bad_out"].to_numpy(bool, na_value=False)
    harm = f["true_harm"].to_numpy(float, na_value=0.0)
    before = np.bincount(flow, full * out, len(names))
    after = np.bincount(flow, harm * out, len(names))
    return np.where(before > 0, after / np.where(before > 0, before, 1.0), 1.0)


def wage(scenario: Scenario, workflow: str) -> float:
    """What an hour of those costs who review a workflow."""
    pool = scenario.pool_of_role(scenario.workflows[workflow].raci.responsible[0])
    return float(scenario.pools[pool].cost_per_hour)


def _assumptions(scenario: Scenario) -> tuple[Assumption, ...]:
    """The scenario's numbers that everything rests on."""
    marks = {e.path: e for e in scenario.evidence}
    return tuple(
        Assumption(path, float(e.value), f"({e.mark}) {e.source}", e.mark != "?")
        for path, e in marks.items()
        if path.endswith((".ai.intercept", ".ai.slope", ".harm.fixed", ".harm.deal_share",
                          ".cost_per_hour", ".hit_rate", ".false_alarm_rate"))
    )  # fmt: skip


def waits(scenario: Scenario) -> bool:
    """Whether exceptions wait for a person in the last phase, as tuning takes for granted."""
    last = list(scenario.phases.values())[-1]
    return last.exceptions is Exceptions.WAIT
