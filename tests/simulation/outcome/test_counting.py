"""A run counted from its arrays is the run counted from its log."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import hitlsim as hs
from hitlsim.bundled import bundled
from hitlsim.decisions.counting.counts import Counts
from hitlsim.simulation.contract import NEVER
from hitlsim.simulation.outcome.counting import counts_of
from tests.simulation.small_teams import SAFE_FLOW, SHADOW, reps_and_lead, small_team
from tests.simulation.telling_team import GATED, IRREVERSIBLE, REVERSIBLE, telling_team

SHIPPED = sorted(path.stem for path in bundled("scenarios").glob("*.yaml"))
FLOWS = list(telling_team().workflows)
SAFE_FLOWS = [REVERSIBLE, IRREVERSIBLE]
ALL_WEEK = ["mon-sun 00:00-24:00"]
ROUND_THE_CLOCK: dict[str, Any] = {
    "hours": {"office": ALL_WEEK}, "pools": reps_and_lead(["ann", "bob"], shifts=ALL_WEEK),
}  # fmt: skip
CHANGES = [
    ("Europe/Berlin", "2026-03-23"),
    ("Europe/Berlin", "2026-10-19"),
    ("Australia/Lord_Howe", "2026-09-28"),  # by half an hour
    ("America/Nuuk", "2026-03-23"),  # from 23:00 to midnight
    ("America/Havana", "2026-03-02"),  # no midnight
    ("America/Havana", "2026-10-26"),  # two of them
    ("Africa/Cairo", "2026-10-26"),  # from midnight back to 23:00
    ("Pacific/Apia", "2011-12-26"),  # a day that never was
]
"""Zones whose clocks change within two weeks of a Monday."""


def counted(run: hs.Run) -> Counts:
    return counts_of(run.scenario, run.draws, run.outcome, run.stale, run.record)


def check(run: hs.Run) -> Counts:
    """Both ways of counting give the same: whole numbers exactly, others but for rounding."""
    ours, theirs = counted(run), Counts.of_log(run.log)
    for a, b in ((ours.rows, theirs.rows), (ours.work, theirs.work)):
        pd.testing.assert_frame_equal(a, b, rtol=1e-12, atol=0, check_like=True)
        for name in b.select_dtypes("number"):
            if (b[name] % 1 == 0).all():
                np.testing.assert_array_equal(a[name], b[name], name)
    pd.testing.assert_index_equal(ours.days, theirs.days)
    assert ours.days.freq == theirs.days.freq
    oldest = (ours.oldest_minutes, theirs.oldest_minutes)
    pd.testing.assert_series_equal(*oldest, check_exact=True)
    assert ours.columns == theirs.columns
    assert ours.record == theirs.record
    return ours


def team(**changes: Any) -> hs.Scenario:
    """Three weeks of a small team at which everything happens, with these changes."""
    return telling_team().with_(**{"weeks": 3, "governance": {}, **changes})


def with_volumes(**per_week: float) -> dict[str, Any]:
    """That team's workflows with other volumes."""
    return {
        name: w.model_copy(update={"volume_per_week": per_week.get(name, w.volume_per_week)})
        for name, w in telling_team().workflows.items()
    }


# --- what ships, and a team at which everything happens ------------------------------------------


@pytest.mark.parametrize("name", SHIPPED)
def test_the_scenarios_that_ship_are_counted_alike(name: str) -> None:
    check(hs.simulate(hs.load(name), seed=1))


@pytest.mark.parametrize("seed", [2, 3])
@pytest.mark.parametrize("name", SHIPPED)
def test_so_are_their_first_weeks_with_other_seeds(name: str, seed: int) -> None:
    check(hs.simulate(hs.load(name).with_(weeks=5), seed=seed))


def test_so_is_a_team_at_which_everything_happens() -> None:
    run = hs.simulate(telling_team(), seed=7)
    counts = check(run)
    assert counts.columns == frozenset(run.log.frame.columns)
    never = {"peeked", *(f"late_{h}" for h in (24, 48)), "same_day_due", "same_day_done"}
    sums = counts.rows.sum(numeric_only=True)
    assert set(sums.index[sums == 0]) <= never, "every count has something to count"


# --- odd ones ------------------------------------------------------------------------------------


def test_a_fortnight_without_decisions() -> None:
    away = [date(2026, 8, 10) + timedelta(days=d) for d in range(14)]
    counts = check(hs.simulate(team(weeks=4, holidays=away), seed=1))
    assert len(counts.days) > 21
    assert not counts.rows["day"].isin(pd.DatetimeIndex(away)).any()


def test_everything_done_by_hand() -> None:
    killed = {"kill_switches": {name: {"from_week": 1} for name in SAFE_FLOWS}}
    flows = {name: telling_team().workflows[name] for name in SAFE_FLOWS}
    counts = check(hs.simulate(team(workflows=flows, governance=killed), seed=1))
    assert counts.rows["by_hand"].sum() == counts.rows["n"].sum() > 0
    assert counts.rows["safe"].sum() == 0
    assert "inclusion" not in counts.columns


def test_nobody_at_work() -> None:
    sunday = date(2026, 8, 9)
    idle = reps_and_lead(["ann"], shifts=["sun 12:00-13:00"])
    counts = check(hs.simulate(team(weeks=1, pools=idle, holidays=[sunday]), seed=1))
    assert counts.rows["queued"].sum() > 0
    assert counts.rows["late_48"].sum() > 0
    assert counts.work.empty
    assert not counts.columns & {"started_at", "verdict", "wait_minutes", "review_minutes"}


def test_nobody_is_ever_asked() -> None:
    flow = {**SAFE_FLOW, "action": "source", "volume_per_week": 50}
    alone = small_team(
        weeks=2,
        agents={"bot": {"may": ["source"], "slots": 4}},
        workflows={"sourcing": flow},
        boundary={"bands": {"auto": 0.0, "review": 0.0}},
        pools=reps_and_lead(["ann"]),
        phases={"steady-state": {"looks": {"share": 0.0}}},
    )
    counts = check(hs.simulate(alone, seed=1))
    assert counts.rows["auto"].sum() == counts.rows["n"].sum() > 0
    assert counts.rows["touched"].sum() == 0
    assert counts.oldest_minutes.isna().all(), "nothing can have waited"


def test_everything_is_observed_in_shadow() -> None:
    shadow = {name: value for name, value in SHADOW.items() if name != "weeks"}
    counts = check(hs.simulate(team(phases={"shadow": shadow}), seed=1))
    assert set(counts.rows["phase"]) == {"shadow"}
    assert counts.rows["judged"].sum() > 0


def test_a_workflow_that_never_starts() -> None:
    rollout = {"first": [REVERSIBLE], "next_after_weeks": 2, "one_by_one": [GATED, IRREVERSIBLE]}
    run = hs.simulate(team(governance={"rollout": rollout}), seed=1)
    assert set(check(run).rows["workflow"]) == {REVERSIBLE, GATED}
    assert run.not_started > 0


def test_a_workflow_without_volume_and_one_whose_list_is_limited() -> None:
    limited = {"list_limits": {REVERSIBLE: 100}, "same_day": [REVERSIBLE]}
    run = hs.simulate(team(workflows=with_volumes(**{GATED: 0.0}), governance=limited), seed=1)
    counts = check(run)
    assert GATED not in set(counts.rows["workflow"])
    assert run.held_back > 0
    assert 0 < counts.rows["same_day_done"].sum() <= counts.rows["same_day_due"].sum()


def test_people_who_peek() -> None:
    curious = {"inbox_zero": {"peek_share": 0.5, "peek_trust_weight": 0.0}}
    pools = reps_and_lead(["ann"], habits="inbox_zero", shifts=["mon-fri 09:00-10:00"])
    counts = check(hs.simulate(team(pools=pools, habits=curious), seed=1))
    assert counts.rows["peeked"].sum() > 0
    assert "peeks" in set(counts.work["domain"])


def test_a_run_in_which_nothing_was_decided_is_refused_alike() -> None:
    idle = team(weeks=1, workflows=with_volumes(**dict.fromkeys(FLOWS, 0.0)))
    run = hs.simulate(idle, seed=1)
    for count in (counted, lambda run: Counts.of_log(run.log)):
        with pytest.raises(hs.LogError, match="no decisions in it"):
            count(run)


# --- days and instants ---------------------------------------------------------------------------


@pytest.mark.parametrize(("zone", "start"), CHANGES)
def test_days_are_those_of_the_logs_own_clock_and_ages_those_of_the_world(
    zone: str, start: str
) -> None:
    s = team(weeks=2, timezone=zone, start=date.fromisoformat(start), **ROUND_THE_CLOCK)
    overworked = s.with_(pools=reps_and_lead(["ann"], shifts=["mon-fri 09:00-09:30"]))
    for each in (s, overworked):
        check(hs.simulate(each, seed=1))


def test_times_that_the_clocks_jump_over_belong_to_the_day_after() -> None:
    # in Nuuk a Saturday ends at 23:00
    s = team(weeks=1, timezone="America/Nuuk", start=date(2026, 3, 23), **ROUND_THE_CLOCK)
    run = hs.simulate(s, seed=1)
    drafted = run.outcome.first["drafted"]
    hour = 3_600_000
    last_hour = (drafted >= 143 * hour) & (drafted < 144 * hour)
    n = check(run).rows.groupby("day")["n"].sum()
    assert last_hour.sum() > 0
    assert n["2026-03-28"] == ((drafted >= 120 * hour) & (drafted < 143 * hour)).sum()
    assert n.sum() == (drafted != NEVER).sum()


@settings(max_examples=12)
@given(
    change=st.sampled_from(CHANGES),
    seed=st.integers(0, 10_000),
    auto=st.sampled_from([0.5, 0.85, 1.0]),
    shifts=st.sampled_from([ALL_WEEK, ["mon-fri 09:00-10:00"], ["sat 20:00-24:00"]]),
    volumes=st.lists(st.sampled_from([0.0, 3.0, 60.0]), min_size=len(FLOWS), max_size=len(FLOWS)),
    off=st.sets(st.sampled_from(SAFE_FLOWS)),
)
def test_any_small_team_is_counted_alike(
    change: tuple[str, str], seed: int, auto: float, shifts: list[str], volumes: list[float],
    off: set[str],
) -> None:  # fmt: skip
    s = team(
        weeks=2,
        timezone=change[0],
        start=date.fromisoformat(change[1]),
        hours={"office": ALL_WEEK},
        pools=reps_and_lead(["ann"], shifts=shifts),
        workflows=with_volumes(**dict(zip(FLOWS, [*volumes[:-1], 20.0], strict=True))),
        boundary={"bands": {"auto": auto, "review": 0.4}, "audit": {"share": 0.2}},
        governance={
            "kill_switches": {name: {"from_week": 2} for name in off}, "same_day": FLOWS[:2]
        },
    )  # fmt: skip
    check(hs.simulate(s, seed=seed))
