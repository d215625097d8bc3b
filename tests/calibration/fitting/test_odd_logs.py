"""Logs of which one thing is odd: the fit goes on, loses nothing, and says what it took instead."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

import hitlsim as hs
from hitlsim.calibration.fitting.fit import fit
from hitlsim.calibration.fitting.roster import OFFICE
from hitlsim.scenario.phases import PhaseName

MakeLog = Callable[..., hs.DecisionLog]
WEEKDAYS = pd.bdate_range("2026-08-03", periods=40)
N, WEEKS = 700, 10


def clock(times: object) -> pd.Series:
    """Times on the wall as instants."""
    return pd.Series(pd.DatetimeIndex(times)).dt.tz_localize("Europe/Berlin").astype(
        "datetime64[ms, Europe/Berlin]"
    )  # fmt: skip


def calls(make_log: MakeLog, **columns: object) -> hs.DecisionLog:
    """Ten weeks of decisions, half of them alone: those with scores of at least 0.8."""
    rng = np.random.default_rng(1)
    minutes = np.sort(rng.uniform(0, 5 * 8 * 60, (WEEKS, N // WEEKS)), axis=1)
    at = [pd.Timestamp("2026-08-03 09:00") + pd.Timedelta(weeks=w, days=m // 480, minutes=m % 480)
          for w, own in enumerate(minutes) for m in own]  # fmt: skip
    scores = rng.uniform(0.6, 1.0, N).round(3)
    given = {
        "decided_at": clock(at), "confidence": scores, "workflow": "call",
        "route": np.where(scores >= 0.8, "auto", "review"),
    }  # fmt: skip
    return make_log(**{**given, **columns})


# --- what comes in -------------------------------------------------------------------------------


def test_what_comes_by_list_every_day_keeps_its_volume(make_log: MakeLog) -> None:
    at = np.repeat(WEEKDAYS + pd.Timedelta(hours=6, minutes=5), 40)
    found = fit(make_log(decided_at=clock(at), workflow=["mail"] * len(at)))
    mail = found.scenario.workflows["mail"]
    assert (mail.volume_per_week, mail.list_drop) == (200, None)
    assert any("mail has 40 moments at which 20 decisions or more arise" in n for n in found.notes)


def test_times_rounded_to_the_hour_keep_their_volume(make_log: MakeLog) -> None:
    at = [d + pd.Timedelta(hours=h) for d in WEEKDAYS for h in range(9, 17) for _ in range(25)]
    mail = fit(make_log(decided_at=clock(at))).scenario.workflows["all"]
    assert (mail.volume_per_week, mail.list_drop) == (1000, None)


def test_a_list_on_the_first_of_each_month_is_still_a_list(make_log: MakeLog) -> None:
    at = np.repeat(pd.to_datetime(["2026-08-03 06:00", "2026-09-01 06:00", "2026-10-01 06:00"]), 90)
    flow = fit(make_log(decided_at=clock(at))).scenario.workflows["all"]
    assert flow.volume_per_week == 0
    assert flow.list_drop is not None
    assert flow.list_drop.contacts == 90


@pytest.mark.parametrize("weeks", [(5,), (5, 6)])
def test_a_pilot_that_came_and_went_is_simulated_at_its_mean(
    make_log: MakeLog, weeks: tuple[int, ...]
) -> None:
    week = np.repeat(range(WEEKS), N // WEEKS)
    pilot = np.isin(week, weeks) & (np.arange(N) % 7 == 0)
    found = fit(calls(make_log, workflow=np.where(pilot, "pilot", "call")))
    flow = found.scenario.workflows["pilot"]
    assert flow.volume_per_week == pytest.approx(pilot.sum() / 5, rel=0.1)
    assert flow.growth_per_week == 0
    said = f"pilot comes in {len(weeks)} of the 5 weeks since its first"
    assert any(said in n for n in found.notes)


# --- who is there --------------------------------------------------------------------------------


def test_a_reviewer_who_hardly_ever_works_gets_a_place_by_assumption(make_log: MakeLog) -> None:
    log = calls(make_log)
    often = np.arange(N) % 60 == 0
    begun = log.frame["decided_at"].where(often)
    frame = log.frame.assign(
        reviewer=pd.Series("ann", log.frame.index).where(often), started_at=begun,
        ended_at=begun + pd.Timedelta(minutes=3),
    )  # fmt: skip
    found = fit(hs.DecisionLog(frame, {}))
    ((_, name, reviewer),) = found.scenario.reviewers()
    assert (name, [str(w) for w in reviewer.shifts]) == ("desk-1", [OFFICE])
    assert any("Work at desk is begun on 12 of 68 days only" in n for n in found.notes)


# --- bands and limits ----------------------------------------------------------------------------


def test_one_score_of_0_that_went_alone_does_not_hide_the_band(make_log: MakeLog) -> None:
    log = calls(make_log)
    frame = log.frame.copy()
    frame.loc[frame.index[frame["route"] == "auto"][0], "confidence"] = 0.0
    assert fit(hs.DecisionLog(frame, {})).scenario.boundary.bands.auto == 0.8


def test_routes_without_scores_leave_the_default_bands(make_log: MakeLog) -> None:
    found = fit(calls(make_log, confidence=np.full(N, np.nan)))
    assert found.scenario.boundary.bands.auto == 0.9
    (band,) = [e for e in found.scenario.evidence if e.path == "boundary.bands.auto"]
    assert band.mark == "?"
    assert any("no scores to tell by what went alone" in n for n in found.notes)


def test_scores_that_a_float_holds_a_little_too_low_bear_their_band(make_log: MakeLog) -> None:
    tenths = np.arange(N) % 10 / 10
    scores = 1 - (1 - tenths)  # 0.30000000000000004, 0.09999999999999998
    route = np.where(tenths >= 0.1, "auto", "triage")
    found = fit(calls(make_log, confidence=scores, route=route))
    assert found.scenario.boundary.bands.auto == pytest.approx(0.1)


def test_a_large_deal_that_slipped_through_does_not_hide_the_limit(make_log: MakeLog) -> None:
    size = np.linspace(1_000, 900_000, N)
    asked = size > 500_000
    size[0] = 9_000_000
    log = calls(make_log, deal_size=size, route=np.where(asked, "review", "auto"),
                reasons=pd.Series("deal_size", range(N)).where(asked))  # fmt: skip
    assert fit(log).scenario.boundary.triggers.deal_size_above == 500_000


def test_a_workflow_that_asks_at_other_signals_gets_its_own(make_log: MakeLog) -> None:
    """Signals by turns: all but crm ask at both, crm at one; the rest could go alone."""
    i = np.arange(N)
    signal = np.array(["", "angry", "rich"])[i % 3]
    flow = np.array(["mail", "crm"])[(i % 7 < 2).astype(int)]
    asked = np.where((flow == "crm") & (signal == "rich"), "", signal)
    log = calls(make_log, workflow=flow, signals=signal, confidence=np.full(N, 0.95),
                route=np.where(asked == "", "auto", "review"), reasons=asked)  # fmt: skip
    spec = fit(log).scenario.boundary
    assert spec.triggers.signals == ("angry", "rich")
    assert (spec.signals_of("crm"), spec.signals_of("mail")) == (("angry",), ("angry", "rich"))


# --- what becomes of decisions -------------------------------------------------------------------


def test_where_outcomes_come_by_themselves_nobody_is_taken_to_look(make_log: MakeLog) -> None:
    log = calls(make_log, ok=np.arange(N) % 9 > 0, ok_source="outcome", inclusion=np.ones(N))
    found = fit(log)
    assert found.scenario.phases[PhaseName.STEADY_STATE].looks.share == 0
    assert "phases.steady-state.looks.share: 0" in found.assumed
    assert not hs.simulate(found.scenario, seed=1).log.frame["look"].notna().any()


def test_decisions_without_a_score_do_not_hide_how_many_bad_ones_surface(outbound: hs.Run) -> None:
    frame = outbound.log.frame[outbound.log.frame["workflow"] == "follow_up_email"].copy()
    every = surfacing(frame)
    frame.loc[np.random.default_rng(1).random(len(frame)) < 0.05, "confidence"] = np.nan
    some = surfacing(frame)
    assert some["n"] < every["n"]
    assert some["estimate"] == pytest.approx(every["estimate"], rel=0.2)


def surfacing(frame: pd.DataFrame) -> pd.Series:
    """The share of bad ones that surface, as a fit finds it."""
    table = fit(hs.DecisionLog(frame, {})).table.set_index("parameter")
    return table.loc["workflows.follow_up_email.surfacing.share"]


# --- names ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "called"), [("2026-team", "fitted-2026-team"), ("team.v2", "team-v2")]
)
def test_a_name_that_no_scenario_bears_is_made_one(
    make_log: MakeLog, name: str, called: str
) -> None:
    assert fit(calls(make_log), name=name).scenario.name == called
