from __future__ import annotations

import hashlib
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import hitlsim as hs
from hitlsim.scenario.hours import DAY_MS, HOUR_MS, WEEK_MS
from hitlsim.simulation.contract import (
    LOOK,
    NEVER,
    ROUNDS,
    SEEN,
    Kind,
    LookKind,
    Records,
    Verdict,
)
from hitlsim.simulation.governing.governor import Governor
from hitlsim.simulation.reference.desk import ReferenceDesk
from hitlsim.simulation.run import DayTally, simulate
from hitlsim.simulation.table import agenda_of, table_of


def with_bands(s: hs.Scenario, auto: float) -> hs.Scenario:
    bands = s.boundary.bands.model_copy(update={"auto": auto})
    return s.with_(boundary=s.boundary.model_copy(update={"bands": bands}))


def around_the_clock(s: hs.Scenario, start: date, timezone: str) -> hs.Scenario:
    """Work arrives and is done at every hour, so that no change of the clocks can be missed."""
    always = ["mon-sun 00:00-24:00"]
    pools = {
        name: {"role": pool.role, "reviewers": {n: {"shifts": always} for n in pool.reviewers}}
        for name, pool in s.pools.items()
    }
    hours = dict.fromkeys(s.hours, always)
    return s.with_(start=start, weeks=2, timezone=timezone, hours=hours, pools=pools)


# --- known answers -------------------------------------------------------------------------------


def test_the_record_says_where_the_log_comes_from(outbound_run: hs.Run) -> None:
    record = outbound_run.log.record
    assert record["source"] == "simulation of outbound"
    assert record["scenario_sha256"] == outbound_run.scenario.fingerprint
    assert (record["seed"], record["engine"], record["boundary_version"]) == (7, "compiled", 1)
    pools = outbound_run.scenario.pools
    hours = {name: pool.hours_per_week for name, pool in pools.items()}
    assert record["capacity_hours_per_week"] == hours


def test_looks_are_released_when_the_phases_say(plain: hs.Scenario) -> None:
    agenda = agenda_of(plain)
    released = agenda[agenda["kind"] == Kind.RELEASE]
    friday = 4 * DAY_MS + 13 * HOUR_MS
    every_friday = {week * WEEK_MS + friday for week in range(plain.weeks)}
    for kind in (LookKind.AUDIT, LookKind.BATCH):
        assert set(released["time"][released["item"] == kind]) == every_friday


@pytest.mark.parametrize(
    ("start", "tuesdays"),
    [
        (date(2026, 8, 3), ["2026-08-04", "2026-09-01", "2026-10-06"]),
        (date(2026, 6, 29), ["2026-07-07", "2026-08-04", "2026-09-01"]),
    ],
)
def test_spot_checks_come_in_the_first_seven_days_of_a_month(
    plain: hs.Scenario, start: date, tuesdays: list[str]
) -> None:
    agenda = agenda_of(plain.with_(start=start))
    released = agenda[agenda["kind"] == Kind.RELEASE]
    at = released["time"][released["item"] == LookKind.SPOT_CHECK]
    moments = pd.Timestamp(start) + pd.to_timedelta(at, "ms")
    assert [str(m) for m in moments] == [f"{day} 09:00:00" for day in tuesdays]


def nothing_seen(s: hs.Scenario) -> Records:
    return np.zeros((s.weeks * 7, len(s.workflows)), SEEN)


def test_phases_change_at_midnight_after_their_weeks(plain: hs.Scenario) -> None:
    governor, seen = Governor(plain), nothing_seen(plain)
    policies = [governor.policies(day, seen) for day in range(plain.weeks * 7)]
    phases = [p["phase"].tolist() for p in policies]
    n = len(plain.workflows)
    assert phases == [[0] * n] * 14 + [[1] * n] * 14 + [[2] * n] * 42
    assert not policies[13]["waits"].any()
    assert policies[14]["waits"].all()


# --- properties ----------------------------------------------------------------------------------


def test_same_scenario_and_seed_same_bytes(
    outbound: hs.Scenario, outbound_run: hs.Run, tmp_path: Path
) -> None:
    again = simulate(outbound, seed=7)

    def digests(run: hs.Run, name: str) -> list[str]:
        log = run.log
        files = [log.to_parquet(tmp_path / f"{name}.parquet")]
        files += [log.to_csv(tmp_path / f"{name}{ending}") for ending in (".csv", ".csv.gz")]
        return [hashlib.sha256(file.read_bytes()).hexdigest() for file in files]

    assert digests(outbound_run, "first") == digests(again, "second")


def test_another_seed_is_another_log(outbound: hs.Scenario, outbound_run: hs.Run) -> None:
    other = simulate(outbound, seed=8).log.frame
    n = min(len(other), len(outbound_run.log.frame))
    confidence = outbound_run.log.frame["confidence"]
    assert not np.array_equal(other["confidence"][:n], confidence[:n])


def test_days_are_seamless(plain: hs.Scenario) -> None:
    """With the same policies every day, one go and seventy days are the same."""
    steady = plain.with_(phases={"steady-state": plain.phases["steady-state"]})  # type: ignore[index]
    run = simulate(steady, seed=7)
    policies = Governor(steady).policies(0, nothing_seen(steady))
    desk = ReferenceDesk(table_of(steady, run.draws), run.draws.world, policies)
    desk.run_until(steady.weeks * WEEK_MS)
    np.testing.assert_array_equal(desk.outcome().every(), run.outcome.every())


def test_a_threshold_moves_routes_and_nothing_else(plain: hs.Scenario, plain_run: hs.Run) -> None:
    stricter = simulate(with_bands(plain, 0.95), seed=7, draws=plain_run.draws)
    a, b = (run.log.frame.set_index("decision_id") for run in (plain_run, stricter))
    assert len(a) == len(b) == len(plain_run.draws)
    for column in ("arrived_at", "confidence", "deal_size", "signals", "true_ok"):
        pd.testing.assert_series_equal(a[column], b[column].loc[a.index])
    assert b["exception"].sum() > a["exception"].sum()
    assert b["exception"].loc[a.index][a["exception"]].all(), "a stricter band adds exceptions"


def test_drawn_before_or_on_the_way_is_the_same(
    outbound: hs.Scenario, outbound_run: hs.Run
) -> None:
    again = simulate(outbound, seed=7, draws=hs.draw(outbound, 7))
    np.testing.assert_array_equal(again.outcome.every(), outbound_run.outcome.every())


def test_every_decision_is_accounted_for(plain: hs.Scenario) -> None:
    # one slot and drafts of half an hour: the agents cannot keep up
    slow = {"slots": 1, "draft_seconds": {"median": 2000, "sigma": 0.0}}
    agents = {n: a.model_copy(update=slow) for n, a in plain.agents.items()}
    hasty = {
        n: w.model_copy(update={"skip_after_hours": 90.0}) if w.customer_facing else w
        for n, w in plain.workflows.items()
    }
    killed = {"kill_switches": {next(n for n, w in hasty.items() if w.automation_safe):
              {"from_week": 3, "weeks": 2}}}  # fmt: skip
    run = simulate(plain.with_(agents=agents, workflows=hasty, governance=killed), seed=7)
    frame = run.log.frame
    assert run.record["undecided_at_end"] > 0
    assert len(frame) + run.record["undecided_at_end"] == len(run.draws)
    assert frame["decision_id"].is_unique
    first = run.outcome.first
    pending = (first["queued"] != NEVER) & (first["ended"] == NEVER)
    stopped = (first["verdict"] == Verdict.REJECT) | (first["skipped"] == 1)
    assert (first["skipped"] == 1).any()
    assert (first["by_hand"] == 1).any()
    not_out = (first["drafted"] != NEVER) & (first["executed"] == NEVER)
    assert (not_out & ~stopped == pending).all()


def test_what_a_list_limit_holds_back_is_counted(plain: hs.Scenario, plain_run: hs.Run) -> None:
    limited = plain.with_(governance={"list_limits": {"list_sourcing": 50}})
    run = simulate(limited, seed=7, draws=plain_run.draws)
    months = pd.to_datetime(plain_run.log.frame["arrived_at"]).dt.strftime("%Y-%m")
    mine = plain_run.log.frame["workflow"] == "list_sourcing"
    beyond = months[mine].value_counts().sub(50).clip(lower=0).sum()
    assert beyond > 0
    assert run.record["undecided_at_end"] == plain_run.record["undecided_at_end"] + beyond


def test_progress_is_told_what_the_team_sees(plain: hs.Scenario) -> None:
    seen: list[tuple[int, DayTally]] = []
    run = simulate(
        plain.with_(weeks=2), seed=7, progress=lambda day, tally: seen.append((day, tally))
    )
    assert [day for day, _ in seen] == list(range(14))
    last, frame = seen[-1][1], run.log.frame
    assert (last.decided, last.exceptions) == (len(frame), frame["exception"].sum())
    out = run.outcome.every()
    assert last.reviewed == (out["verdict"] != NEVER).sum()
    assert last.waiting == ((out["queued"] != NEVER) & (out["started"] == NEVER)).sum()


def test_in_shadow_people_look_at_everything_and_nothing_waits(plain_run: hs.Run) -> None:
    frame = plain_run.log.frame
    shadow = frame[(frame["phase"] == "shadow") & (frame["route"] != "gate")]
    assert shadow["exception"].any()
    assert (shadow["look"] == "observe").all()
    assert (shadow["executed_at"] == shadow["decided_at"]).all()
    assert shadow["queued_at"].isna().all()
    assert (shadow["inclusion"] == 1).all()


def test_batches_wait_for_their_moment(plain_run: hs.Run) -> None:
    frame, out = plain_run.log.frame, plain_run.outcome.every()
    queued = out["queued"][LOOK::ROUNDS]
    for name, weekday, hour in (("batch", 4, 13), ("audit", 4, 13), ("spot-check", 1, 9)):
        at = queued[(frame["look"] == name).to_numpy() & (queued != NEVER)]
        assert len(at)
        assert set(at % WEEK_MS) == {weekday * DAY_MS + hour * HOUR_MS}
    days = pd.Timestamp(plain_run.scenario.start) + pd.to_timedelta(at, "ms")
    assert (days.day <= 7).all(), "spot checks come at the start of a month"


@pytest.mark.parametrize(
    ("start", "timezone"),
    [
        (date(2026, 10, 19), "Europe/Berlin"),  # an hour comes twice on 25 October
        (date(2026, 3, 23), "Europe/Berlin"),  # an hour is left out on 29 March
        (date(2026, 10, 26), "America/New_York"),
        (date(2026, 9, 28), "Australia/Lord_Howe"),  # half an hour is left out
        (date(2026, 9, 21), "Pacific/Chatham"),  # from a quarter to a quarter
    ],
)
def test_clocks_may_change(plain: hs.Scenario, start: date, timezone: str) -> None:
    frame = simulate(around_the_clock(plain, start, timezone), seed=1).log.frame
    offsets = {t.utcoffset() for t in frame["arrived_at"]}
    assert len(offsets) == 2, "the clocks change within these two weeks"
    assert frame["arrived_at"].is_monotonic_increasing
    assert (frame["arrived_at"] <= frame["decided_at"]).all()


# --- errors --------------------------------------------------------------------------------------


def test_unknown_engines_are_refused(outbound: hs.Scenario) -> None:
    with pytest.raises(hs.ScenarioError, match=r"engine 'warp' is unknown; known: .*reference"):
        simulate(outbound, seed=7, engine="warp")


def test_draws_of_another_seed_are_refused(outbound: hs.Scenario, outbound_run: hs.Run) -> None:
    with pytest.raises(hs.ScenarioError, match="seed 8 does not fit the draws, which have seed 7"):
        simulate(outbound, seed=8, draws=outbound_run.draws)


@pytest.mark.parametrize(
    "change", [{"weeks": 5}, {"name": "another"}, {"holidays": ["2026-08-04"]}]
)
def test_draws_of_another_scenario_are_refused(
    plain: hs.Scenario, plain_run: hs.Run, change: dict[str, Any]
) -> None:
    with pytest.raises(hs.ScenarioError, match="the draws were made for another scenario"):
        simulate(plain.with_(**change), seed=7, draws=plain_run.draws)


@pytest.mark.parametrize("seed", [-1, 0.5, "seven"])
def test_bad_seeds_are_refused(outbound: hs.Scenario, seed: Any) -> None:
    with pytest.raises(hs.ScenarioError, match="must be a whole number from 0"):
        simulate(outbound, seed=seed)
