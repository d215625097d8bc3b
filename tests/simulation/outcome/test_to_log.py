"""The decision log of a run says what the engine did, in the words of the columns."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import hitlsim as hs
from hitlsim.bundled import bundled
from hitlsim.decisions.clock import on_clock
from hitlsim.decisions.columns import COLUMNS, EMAIL_OUTCOMES, DType
from hitlsim.scenario.hours import DAY_MS, WEEK_MS
from hitlsim.simulation.contract import FIRST, NEVER, ROUNDS, outcome_of
from hitlsim.simulation.outcome.to_log import decision_frame
from tests.simulation.telling_team import GATED, IRREVERSIBLE, OPTIONAL, REVERSIBLE, telling_team

SHIPPED = sorted(path.stem for path in bundled("scenarios").glob("*.yaml"))
DECLARED = {name: column for name, column in COLUMNS.items() if column.simulated}


@pytest.fixture(scope="module")
def team() -> hs.Scenario:
    """Ten weeks of a team whose log shows everything."""
    return telling_team()


@pytest.fixture(scope="module")
def run(team: hs.Scenario) -> hs.Run:
    return hs.simulate(team, seed=7)


@pytest.fixture
def frame(run: hs.Run) -> pd.DataFrame:
    return run.log.frame.copy()


# --- properties of a whole log -------------------------------------------------------------------


def is_held_as(values: pd.Series, dtype: DType) -> bool:
    """Whether a column is held as the data dictionary says."""
    types = pd.api.types
    return bool(
        {
            DType.TEXT: types.is_string_dtype,
            DType.CATEGORY: lambda v: isinstance(v.dtype, pd.CategoricalDtype),
            DType.TIME: lambda v: isinstance(v.dtype, pd.DatetimeTZDtype),
            DType.NUMBER: types.is_float_dtype,
            DType.WHOLE: types.is_integer_dtype,
            DType.YES_NO: types.is_bool_dtype,
        }[dtype](values)
    )


def check_columns(frame: pd.DataFrame) -> None:
    """Every declared column, as it is declared."""
    assert list(frame.columns) == list(DECLARED)
    for name, column in DECLARED.items():
        assert is_held_as(frame[name], column.dtype), name
        values = frame[name].dropna()
        if column.values:
            assert set(values.unique()) <= set(column.values), name
        if column.low is not None:
            assert (values >= column.low).all(), name
        if column.high is not None:
            assert (values <= column.high).all(), name
        if column.required:
            assert len(values) == len(frame), name
    assert frame["decision_id"].is_unique


def test_columns_are_the_declared_ones_with_values_in_range(frame: pd.DataFrame) -> None:
    check_columns(frame)
    for name, column in DECLARED.items():
        values = set(frame[name].dropna())
        if column.values and name not in ("route", "ok_source"):
            assert values == set(column.values), f"{name}: all of them happen"
        assert values, f"{name} has a value somewhere"
    assert set(frame["route"]) == {"auto", "review", "triage", "gate", "manual"}


@pytest.mark.parametrize("name", SHIPPED)
def test_the_log_of_every_scenario_that_ships_has_the_declared_columns(name: str) -> None:
    run = hs.simulate(hs.load(name), seed=1)
    check_columns(run.log.frame)
    assert len(run.log) + run.record["undecided_at_end"] == len(run.draws)


def test_a_row_is_of_the_decision_it_names(run: hs.Run, frame: pd.DataFrame) -> None:
    decisions = run.draws.world.decisions
    assert len(frame) == len(decisions)
    assert frame["decision_id"].tolist() == run.draws.ids.tolist()
    assert frame["workflow"].cat.codes.tolist() == decisions["workflow"].tolist()
    assert frame["deal_size"].tolist() == decisions["deal_size"].tolist()
    assert frame["reviewer"].cat.codes.tolist() == run.outcome.first["person"].tolist()


def test_what_was_not_decided_is_left_out(run: hs.Run, frame: pd.DataFrame) -> None:
    out, taken = run.outcome.every(), np.arange(len(frame)) % 3 != 1
    out["drafted"][FIRST::ROUNDS][~taken] = NEVER
    horizon = run.scenario.weeks * WEEK_MS
    left = decision_frame(run.scenario, run.draws, outcome_of(out), horizon, run.stale)
    pd.testing.assert_frame_equal(left, frame[taken].reset_index(drop=True))


@pytest.mark.parametrize(
    ("zone", "start"), [("Australia/Lord_Howe", "2026-09-28"), ("America/Nuuk", "2026-03-23")]
)
def test_times_are_those_of_the_clock_on_the_wall(team: hs.Scenario, zone: str, start: str) -> None:
    """Also in a week in which the clocks jump, over midnight or by half an hour."""
    run = hs.simulate(team.with_(timezone=zone, start=start, weeks=1), seed=7)
    first = run.outcome.first
    arrival = run.draws.world.decisions["arrival"]
    taken = first["drafted"] != NEVER
    monday = np.datetime64(start, "ms")
    for column, time in (
        ("arrived_at", arrival), ("decided_at", first["drafted"]), ("queued_at", first["queued"]),
    ):  # fmt: skip
        local = np.where(time == NEVER, np.datetime64("NaT", "ms"), monday + time.astype("m8[ms]"))
        expected = on_clock(local[taken], run.scenario.zone)
        assert pd.DatetimeIndex(run.log.frame[column]).equals(expected), column


def test_a_log_shares_no_memory_with_its_run(run: hs.Run) -> None:
    theirs = (*run.outcome, *run.draws.world, run.draws.email)
    for name in run.log.frame.select_dtypes(["number", "bool"]):
        values = run.log.frame[name].to_numpy()
        assert not any(np.shares_memory(values, records) for records in theirs), name


def test_times_follow_the_story(frame: pd.DataFrame) -> None:
    steps = ["arrived_at", "decided_at", "queued_at", "started_at", "ended_at"]
    for before, after in pairwise(steps):
        both = frame[[before, after]].dropna()
        assert len(both) > 100
        assert (both[before] <= both[after]).all(), (before, after)
        assert (frame[before].notna() | frame[after].isna()).all(), (before, after)
    for after in ("looked_at", "surfaced_at"):
        known = frame.dropna(subset=[after])
        assert len(known) > 10
        assert (known["executed_at"] < known[after]).all()


def test_waits_and_reviews_are_as_long_as_their_times_say(frame: pd.DataFrame) -> None:
    minute = pd.Timedelta(1, "min")
    wait = (frame["started_at"] - frame["queued_at"]) / minute
    pd.testing.assert_series_equal(frame["wait_minutes"], wait, check_names=False)
    once = frame[~frame["redrafted"]]
    review = (once["ended_at"] - once["started_at"]) / minute
    pd.testing.assert_series_equal(once["review_minutes"], review, check_names=False)
    again = frame[frame["redrafted"] & frame["final_verdict"].notna()]
    assert (again["review_minutes"] > (again["ended_at"] - again["started_at"]) / minute).all()


def test_routes_are_what_the_boundary_spec_says(team: hs.Scenario, frame: pd.DataFrame) -> None:
    spec = team.boundary
    # in the ninth week
    killed = frame["decided_at"].between("2026-09-28", "2026-10-05", inclusive="left")
    for row in frame.itertuples():
        bands, reasons = spec.bands_of(row.workflow), []
        if row.workflow == REVERSIBLE and killed[row.Index]:
            expected, reasons = "manual", ["manual"]
        elif not team.workflows[row.workflow].automation_safe:
            expected, reasons = "gate", ["gate"]
        else:
            seen = row.signals.split("+")
            limit = spec.deal_limit_of(row.workflow)
            reasons += ["low_band"] * (row.confidence < bands.review)
            reasons += ["deal_size"] * (limit is not None and row.deal_size > limit)
            reasons += [s for s in team.signals if s in seen and s in spec.signals_of(row.workflow)]
            reasons += ["medium_band"] * (bands.review <= row.confidence < bands.auto)
            waits = "triage" if "low_band" in reasons else "review"
            expected = waits if reasons else "auto"
        assert (row.route, row.reasons) == (expected, "+".join(reasons))
        assert row.exception == (expected in ("review", "triage"))
        assert row.reason == reasons[0] if reasons else pd.isna(row.reason)


def test_people_begin_in_their_shifts_and_do_one_thing_at_a_time(run: hs.Run) -> None:
    out = run.outcome.every()
    for person, (pool, name, reviewer) in enumerate(run.scenario.reviewers()):
        mine = np.sort(out[out["person"] == person], order="started")
        mine = mine[mine["ended"] != -1]
        assert (mine["ended"][:-1] <= mine["started"][1:]).all(), name
        spans = [span for window in reviewer.shifts for span in window.spans_ms()]
        at = mine["started"] % (7 * DAY_MS)
        assert np.any([(at >= a) & (at < b) for a, b in spans], axis=0).all(), name
        frame = run.log.frame
        assert set(frame["pool"][frame["reviewer"] == name]) <= {pool}


def test_unknown_exactly_when_nobody_saw_it(frame: pd.DataFrame) -> None:
    own = frame[~frame["by_hand"]]
    assert frame["ok"][frame["by_hand"]].isna().all(), "work by hand says nothing of the AI"
    assert (frame["ok_source"].notna() == frame["ok"].notna()).all()
    verdict, look = own["verdict"].astype(object), own["look_verdict"].astype(object)
    reviewed, looked = verdict.notna(), look.notna()
    complaint = own["surfaced_by"] == "complaint"
    assert (own["ok"].notna() == (reviewed | looked | complaint)).all()
    found = looked & (look != "approve") & (~reviewed | (verdict == "approve"))
    for source, which in (
        (own["look"].astype(object), found | (looked & ~reviewed)),
        ("review", reviewed & ~found),
        ("complaint", complaint & ~reviewed & ~looked),
    ):
        assert which.sum() > 5
        assert (own["ok_source"].astype(object) == source)[which].all()
    known = own["ok"].notna()
    right = ~(reviewed & (verdict != "approve")) & ~found & ~complaint
    assert (own["ok"] == right)[known].all()


def test_silent_errors_are_the_wrong_ones_that_went_out_as_they_were(frame: pd.DataFrame) -> None:
    once = frame[~frame["redrafted"] & ~frame["by_hand"]]
    out = once["executed_at"].notna() & (once["final_verdict"] != "edit")
    assert (once["true_bad_out"] == (out & ~once["true_ok"])).all()
    assert not frame["true_bad_out"][frame["executed_at"].isna()].any()
    assert frame["true_bad_out"][frame["surfaced_by"] == "complaint"].all()


def test_what_nobody_began_in_time_is_passed_on_to_those_who_answer_for_it(
    team: hs.Scenario, frame: pd.DataFrame
) -> None:
    waited = frame[frame["queued_at"].notna() & (frame["workflow"] != GATED)]
    flows = {name: w for name, w in team.workflows.items() if name != GATED}
    name = waited["workflow"].astype(str)
    due, late = (
        pd.to_timedelta(name.map({n: getattr(w, key) for n, w in flows.items()}), "h")
        for key in ("due_hours", "escalate_after_hours")
    )
    assert (waited["due_at"] == waited["queued_at"] + due).all()
    passed_on = waited["escalated_at"].notna()
    assert 20 < passed_on.sum() < len(waited) - 20
    assert (waited["escalated_at"] == waited["queued_at"] + late)[passed_on].all()
    end = pd.Timestamp("2026-10-12", tz="Europe/Berlin")
    began = waited["started_at"].fillna(end)
    assert ((began >= waited["queued_at"] + late) == passed_on).all()
    assert (waited["pool"] == np.where(passed_on, "leads", "reps")).all()
    assert set(waited["reviewer"][passed_on].dropna()) == {"olga"}
    by_lead = frame["workflow"] == GATED
    assert frame["escalated_at"][by_lead].isna().all(), "they answer for it themselves"
    alone = frame["queued_at"].isna()
    assert frame.loc[alone, ["due_at", "escalated_at", "reviewer"]].isna().all(axis=None)


def test_a_step_that_comes_too_late_does_not_go_out(frame: pd.DataFrame) -> None:
    steps = frame[(frame["workflow"] == IRREVERSIBLE) & frame["ended_at"].notna()]
    agreed = steps[~steps["redrafted"] & (steps["verdict"] != "reject")]
    too_late = agreed["ended_at"] - agreed["arrived_at"] > pd.Timedelta(50, "h")
    assert too_late.any()
    assert (agreed["skipped"] == too_late).all()
    assert (agreed["executed_at"].isna() == too_late).all()
    assert not frame["skipped"][frame["workflow"] != IRREVERSIBLE].any(), "no limit was set"


def test_drafts_that_may_be_left_aside_are_left_aside_by_some(frame: pd.DataFrame) -> None:
    begun = frame["started_at"].notna()
    left = frame["by_hand"] & begun & (frame["route"] != "manual")
    assert set(frame["workflow"][left]) == {OPTIONAL}
    used = begun & (frame["workflow"] == OPTIONAL) & ~frame["by_hand"]
    assert used.any()
    assert frame["verdict"][left].isna().all()
    assert frame["verdict"][used & frame["ended_at"].notna()].notna().all()
    assert frame["review_minutes"][left].median() > 3 * frame["review_minutes"][used].median()


def test_emails_have_their_outcomes_and_nothing_else_has(frame: pd.DataFrame) -> None:
    sent = frame["executed_at"].notna() & frame["workflow"].isin([IRREVERSIBLE, GATED])
    for name in EMAIL_OUTCOMES:
        assert (frame[name].notna() == sent).all(), name
        assert frame[name].any(), name


def test_what_waiting_costs_is_said_of_what_went_out_and_costs_by_waiting(
    frame: pd.DataFrame,
) -> None:
    said = frame["executed_at"].notna() & (frame["workflow"] == REVERSIBLE)
    assert (frame["delay_cost"].notna() == said).all()
    waited = said & (frame["executed_at"] - frame["arrived_at"] > pd.Timedelta(1, "h"))
    assert (frame["delay_cost"][waited] > 0).all()
    assert (frame["delay_cost"][said & ~waited] == 0).all()
    assert waited.any()


def test_rolled_back_exactly_when_found_inside_the_window(
    team: hs.Scenario, frame: pd.DataFrame
) -> None:
    flows = team.workflows
    hours = {n: w.rollback_hours if w.reversible else -1 for n, w in flows.items()}
    window = pd.to_timedelta(frame["workflow"].astype(str).map(hours), "h")
    in_time = (frame["surfaced_at"] - frame["executed_at"]) <= window
    assert in_time.any()
    assert (frame["rolled_back"] == in_time).all()


def test_as_many_are_picked_for_a_look_as_the_inclusion_says(frame: pd.DataFrame) -> None:
    # two groups of chances in two phases: with a fresh seed a right program fails in 0.4%
    alone = frame[(frame["route"] == "auto") & (frame["phase"] != "shadow")]
    groups = list(alone.groupby(["phase", "inclusion"], observed=True))
    assert len(groups) == 4
    for (_, chance), group in groups:
        picked = int(group["look"].notna().sum())
        assert stats.binomtest(picked, len(group), chance).pvalue > 0.001
    asked, by_hand = (~frame["route"].isin(["auto", "manual"])), frame["route"] == "manual"
    assert (frame["inclusion"][asked] == 1).all()
    assert by_hand.any()
    assert frame["inclusion"][by_hand].isna().all(), "nobody will know whether the AI was right"
