"""Whole runs of small teams under each rule of governance."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import hitlsim as hs
from hitlsim.scenario.hours import HOUR_MS, WEEK_MS
from hitlsim.simulation.world.holding import standing_still
from tests.simulation.governed import GATED, SAFE, bounces, learner, ruled, team
from tests.simulation.small_teams import (
    EXCEPTIONS,
    OFFICE,
    SHADOW,
    START,
    STEADY,
)

# --- whole runs ----------------------------------------------------------------------------------


def day_of(times: pd.Series) -> pd.Series:
    return (times.dt.tz_localize(None) - pd.Timestamp(START)) // pd.Timedelta(1, "D")


def test_many_bounces_pause_the_emails_and_people_write_them() -> None:
    """20% bounce, so that a line of 5% over a week's 200 emails is surely crossed; or none do."""
    run = hs.simulate(team({"bounce": 0.2}, weeks=3, governance=bounces(days=3)), seed=1)
    paused = [(a.day, a.workflow) for a in run.actions]
    assert paused
    assert {name for _, name in paused} == {"mail"}
    frame = run.log.frame
    day, mail = day_of(frame["decided_at"]), frame["workflow"] == "mail"
    inside = mail & day.isin([start + i for start, _ in paused for i in range(3)])
    assert inside.sum() > 50
    assert (inside == (frame["route"] == "manual")).all()
    assert (inside == frame["by_hand"]).all()
    assert run.governance["because"].str.startswith("bounce ").all()
    calm = hs.simulate(team({"bounce": 0.0}, weeks=3, governance=bounces(days=3)), seed=1)
    assert not calm.actions
    assert not calm.log.frame["by_hand"].any()


def test_a_killed_workflow_is_worked_by_hand_at_forty_minutes_each() -> None:
    slow = {**SAFE, "by_hand": {"minutes": {"median": 40.0, "sigma": 0.0}}}
    flows = {
        "crm": {**slow, "action": "write_crm", "volume_per_week": 60},
        "mail": {**slow, "action": "send_email", "volume_per_week": 60, "channel": "email",
                 "email": {}},
    }  # fmt: skip
    switches = {"kill_switches": {"crm": {"from_week": 2, "weeks": 1}}}
    killed, free = (
        hs.simulate(team(workflows=flows, weeks=3, governance=g), seed=5).log.frame
        for g in (switches, {})
    )
    off = (day_of(killed["decided_at"]) // 7 == 1) & (killed["workflow"] == "crm")
    assert off.sum() > 30
    assert ((killed["route"] == "manual") == off).all()
    assert (killed["by_hand"] == off).all()
    assert (killed["reasons"][off] == "manual").all()
    done = killed[off & killed["executed_at"].notna()]
    assert len(done) == off.sum(), "three people have the time"
    assert done["review_minutes"].sum() == pytest.approx(40 * len(done))
    assert done["verdict"].isna().all()
    assert not free["by_hand"].any()
    assert (free["route"] != "manual").all()
    same = free[free["decision_id"].isin(done["decision_id"])]
    assisted = same[["review_minutes", "look_minutes"]].sum().sum()
    assert assisted < 3 * len(done), "under 3 minutes each with the AI"


def test_a_list_limit_holds_back_what_comes_on_top() -> None:
    # August and September: 800 and 800 expected, of which 120 a month may be drafted
    run = hs.simulate(ruled(list_limits={"mail": 120}), seed=3)
    frame, draws = run.log.frame, run.draws
    drafted = frame[frame["workflow"] == "mail"]["arrived_at"].dt.strftime("%Y-%m")
    assert drafted.value_counts().to_dict() == {"2026-08": 120, "2026-09": 120}
    free = hs.simulate(team(), seed=3, draws=draws)
    assert run.record["held_back"] == (free.log.frame["workflow"] == "mail").sum() - 240
    assert free.record["held_back"] == 0
    assert (frame["workflow"] == "crm").sum() == (free.log.frame["workflow"] == "crm").sum()


def test_no_draft_is_made_before_its_template_is_approved() -> None:
    rule = {"workflows": ["mail"], "every_weeks": 4, "hours": 30.0, "sigma": 0.0}
    held, free = (
        hs.simulate(team(weeks=6, governance=g), seed=3).log.frame
        for g in ({"approvals": {"templates": rule}}, {})
    )
    # approved on Tuesday at six, in the first week and in the fifth
    approved = pd.to_timedelta(30, "h") + pd.to_datetime(["2026-08-03", "2026-08-31"], utc=True)
    pd.testing.assert_series_equal(held["arrived_at"], free["arrived_at"])
    monday = day_of(held["arrived_at"]).isin([0, 28]) & (held["workflow"] == "mail")
    assert monday.sum() > 20
    late = held[monday].groupby(day_of(held["arrived_at"]))["decided_at"]
    assert (late.min() >= approved).all()
    assert (late.max() < approved + pd.Timedelta(1, "h")).all()
    others = ["crm", "letter"]
    for frame, which in ((held, held["workflow"].isin(others)), (free, free["arrived_at"].notna())):
        soon = frame["decided_at"] - frame["arrived_at"] < pd.Timedelta(1, "min")
        assert soon[which].all()
    assert (held["decided_at"] - held["arrived_at"] < pd.Timedelta(1, "min"))[~monday].all()


def test_approvals_take_as_long_as_stated() -> None:
    """Ten a week for 520 weeks; with a fresh seed a right program fails in .1%."""
    rule = {"workflows": ["mail", "crm"], "every_weeks": 1, "hours": 8.0, "sigma": 0.5}
    approvals = {f"template{i}": rule for i in range(10)}
    windows = standing_still(team(weeks=520, governance={"approvals": approvals}), 11)
    assert windows["mail"] == windows["crm"], "approved together"
    assert "letter" not in windows
    start, end = np.array(windows["mail"]).T
    assert start.tolist() == [week * WEEK_MS for week in range(520) for _ in range(10)]
    spread = np.log((end - start) / HOUR_MS / 8.0) / 0.5
    assert stats.kstest(spread, "norm").pvalue > 0.001


def starts(run: hs.Run, *, pool: str) -> pd.Series:
    """When reviews and looks of a pool began."""
    out, pools = run.outcome.every(), [name for name, _, _ in run.scenario.reviewers()]
    mine = np.isin(out["person"], [i for i, name in enumerate(pools) if name == pool])
    began = out["started"][mine & (out["started"] >= 0)]
    return pd.Series(pd.Timestamp(run.scenario.start) + pd.to_timedelta(began, "ms"))


@pytest.mark.parametrize(("roles", "empty"), [([], ["leads", "reps"]), (["lead"], ["leads"])])
def test_nobody_is_at_the_desk_during_the_call(roles: list[str], empty: list[str]) -> None:
    call = {"at": "wed 10:00", "minutes": 60, "roles": roles}
    # letters are the lead's, so that there is something to do at every hour
    busy = {**SAFE, **GATED, "action": "send_letter", "volume_per_week": 1500, "channel": "email"}
    flows = {**team().workflows, "letter": {**busy, "raci": {"accountable": "lead",
                                                             "responsible": ["lead"]}}}  # fmt: skip
    flows["crm"] = {**SAFE, "action": "write_crm", "volume_per_week": 3000}
    run = hs.simulate(
        team(workflows=flows, weeks=2, governance={"calls": {"weekly": call}}), seed=2
    )
    for pool in ("leads", "reps"):
        at = starts(run, pool=pool)
        during = (at.dt.day_of_week == 2) & (at.dt.hour == 10)
        others = (at.dt.day_of_week == 1) & (at.dt.hour == 10)
        assert others.sum() > 20, "on Tuesday there is work"
        assert during.any() == (pool not in empty), pool


def test_on_holidays_nothing_arrives_and_nobody_works() -> None:
    feast = date(2026, 8, 12)
    closed, usual = (hs.simulate(team(weeks=2, holidays=days), seed=4) for days in ((feast,), ()))
    for run, works in ((closed, False), (usual, True)):
        assert (run.log.frame["arrived_at"].dt.date == feast).any() == works
        began = pd.concat([starts(run, pool=p) for p in ("leads", "reps")])
        assert (began.dt.date == feast).any() == works
        assert len(began) > 100


def test_whoever_is_away_is_not_at_the_desk() -> None:
    people = {"shifts": OFFICE, "habits": "steady"}
    away = {**people, "holidays": [date(2026, 8, 4)]}
    pools = {
        "reps": {"role": "rep", "reviewers": {"ann": away, "bob": people}},
        "leads": {"role": "lead", "reviewers": {"lea": people}},
    }
    run = hs.simulate(team(weeks=1, pools=pools), seed=4)
    frame = run.log.frame
    by_day = frame.groupby(["looker", day_of(frame["looked_at"])], observed=True).size()
    assert ("bob", 1) in by_day.index
    assert ("ann", 1) not in by_day.index
    assert {("ann", 0), ("ann", 2)} <= set(by_day.index)


def test_workflows_that_have_not_started_are_never_drafted() -> None:
    rollout = {"first": ["mail"], "next_after_weeks": 2, "one_by_one": ["crm"]}
    s = team(weeks=5, governance={"rollout": rollout})
    run = hs.simulate(s, seed=6)
    frame = run.log.frame
    first = day_of(frame["arrived_at"]).groupby(frame["workflow"], observed=True).min()
    assert first.to_dict() == {"mail": 0, "crm": 14, "letter": 28}
    everything = hs.simulate(team(weeks=5), seed=6, draws=run.draws).log.frame
    missing = set(everything["decision_id"]) - set(frame["decision_id"])
    late = everything["decision_id"].isin(missing)
    assert set(everything["workflow"][late]) == {"crm", "letter"}
    assert run.record["not_started"] == len(missing)
    assert (
        frame["phase"][(frame["workflow"] == "crm") & (day_of(frame["decided_at"]) < 28)]
        .isin(["shadow"])
        .all()
    )


def test_an_ai_that_learns_makes_fewer_mistakes_after_its_corrections() -> None:
    """On the same draws: whoever was right without learning is right with it, and more are."""
    apt, dull = learner(0.9, corrections=20.0), learner(0.0, corrections=20.0)
    bright = hs.simulate(apt, seed=8)
    plain = hs.simulate(dull, seed=8)
    a, b = (r.log.frame[r.log.frame["workflow"] == "crm"].reset_index() for r in (bright, plain))
    assert (a["decision_id"] == b["decision_id"]).all()
    assert (a["true_ok"] >= b["true_ok"]).all()
    first_day = day_of(a["decided_at"]) == 0
    assert (a["true_ok"] == b["true_ok"])[first_day].all(), "it learns overnight"
    later = day_of(a["decided_at"]) >= 28
    odds = [(1 - f["true_ok"][later].mean()) / f["true_ok"][later].mean() for f in (a, b)]
    assert odds[0] < 0.35 * odds[1]


def test_in_bulk_sure_ones_are_skimmed_and_others_are_not() -> None:
    def at_looks(more: dict[str, Any]) -> pd.DataFrame:
        weekly = {"looks": {"share": 0.5, "cadence": "weekly", **more}}
        flows = {"crm": {**SAFE, "action": "write_crm", "volume_per_week": 300,
                         "review_seconds": {"median": 100.0, "sigma": 0.0}}}  # fmt: skip
        frame = hs.simulate(
            team(workflows=flows, weeks=3, phases={"steady-state": weekly}), seed=9
        ).log.frame
        return frame[frame["looked_at"].notna()]

    skimmed = at_looks({"bulk_above": 0.95, "bulk_effort": 0.2, "bulk_inspect": 1.0})
    sure = skimmed["confidence"] >= 0.95
    assert (skimmed["bulk"] == sure).all()
    assert sure.sum() > 50
    assert (~sure).sum() > 50
    minutes = skimmed["look_minutes"]
    assert minutes[sure].to_numpy() == pytest.approx(100 * 0.5 * 0.2 / 60)
    assert minutes[~sure].to_numpy() == pytest.approx(100 * 0.5 / 60)
    assert skimmed["true_look_inspected"].all()
    unread = at_looks({"bulk_above": 0.95, "bulk_inspect": 0.0})
    assert (unread["true_look_inspected"].astype(bool) == ~unread["bulk"]).all()
    assert not at_looks({})["bulk"].any()


def test_gates_hold_in_every_phase() -> None:
    frame = hs.simulate(team(weeks=6), seed=10).log.frame
    letters = frame[frame["workflow"] == "letter"]
    assert set(letters["phase"]) == {"shadow", "exception-only", "steady-state"}
    assert (letters["route"] == "gate").all()
    out = letters.dropna(subset=["executed_at"])
    assert out["verdict"].notna().all()
    assert (out["executed_at"] >= out["ended_at"]).all()


def test_a_good_ai_moves_on_and_a_bad_one_stays_with_what_the_log_says_as_evidence() -> None:
    """Wrong in .1% or in half of what it does, against a bar of 10% with 95% confidence."""

    def crm_of(intercept: float) -> hs.Run:
        until = {"weeks": 1, "until": {"bad_below": 0.1, "confidence": 0.95}}
        flow = {**SAFE, "action": "write_crm", "volume_per_week": 100,
                "ai": {"intercept": intercept, "slope": 0.0}}  # fmt: skip
        exact = {"shifts": OFFICE, "habits": "steady", "hit_rate": 0.99, "false_alarm_rate": 0.001}
        return hs.simulate(
            team(
                weeks=4,
                workflows={"crm": flow},
                phases={"shadow": {**SHADOW, **until}, "exception-only": EXCEPTIONS,
                        "steady-state": STEADY},
                pools={"reps": {"role": "rep", "reviewers": {"ann": exact}},
                       "leads": {"role": "lead", "reviewers": {"lea": exact}}},
            ),
            seed=12,
        )  # fmt: skip

    good, bad = crm_of(7.0), crm_of(0.0)
    (moved,) = [a for a in good.actions if "until" in a.rule]
    frame = good.log.frame
    looked = (frame["route"] == "auto") & (day_of(frame["looked_at"]) < moved.day)
    wrong = looked & (frame["look_verdict"] != "approve")
    assert f": {wrong.sum()} of {looked.sum()} (" in moved.because
    assert (frame["phase"][day_of(frame["decided_at"]) >= moved.day] != "shadow").all()
    assert not bad.actions
    assert (bad.log.frame["phase"] == "shadow").all()


@pytest.mark.parametrize("action", ["tell", "pause"])
def test_when_answers_fail_to_come_the_emergency_path_is_taken(action: str) -> None:
    """From the fourth week on every email is wrong, and nobody answers those: 40% of 200 do before.

    The baseline of three such weeks lies many standard deviations above nothing.
    """
    email = {"reply": 0.4, "bad_reply": 0.0, "bounce": 0.0, "reply_days": {"median": 0.01}}
    rules = {"emergency": {"baseline_weeks": 3, "margin_sd": 3.0, "action": action, "days": 4,
                           "workflows": ["mail"]}}  # fmt: skip
    broken = {"outage": {"from_week": 4, "log_odds": -10.0}}
    runs = [hs.simulate(team(email, governance=rules, incidents=i), seed=13) for i in (broken, {})]
    taken, calm = ([a.day for a in run.actions if "emergency" in a.rule] for run in runs)
    assert taken[0] == 35, "after the fourth and the fifth week"
    assert not calm
    frame = runs[0].log.frame
    by_hand = frame["by_hand"] & (day_of(frame["decided_at"]) < 42)
    days = set(day_of(frame["decided_at"])[by_hand])
    assert days == (set(range(35, 39)) if action == "pause" else set())
