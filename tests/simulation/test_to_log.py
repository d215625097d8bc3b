"""The decision log of a run says what the engine did, in the words of the columns."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import hitlsim as hs
from hitlsim.bundled import bundled
from hitlsim.decisions.columns import COLUMNS, EMAIL_OUTCOMES, DType
from hitlsim.scenario.hours import DAY_MS
from hitlsim.simulation.contract import (
    DECISION,
    EMAIL,
    FIRST,
    LOOK,
    MANUAL_BIT,
    NEVER,
    REDRAFT,
    ROUNDS,
    VISIT,
    LookKind,
    Route,
    Verdict,
    World,
    nothing_happened,
)
from hitlsim.simulation.draws import Draws
from hitlsim.simulation.to_log import decision_frame
from tests.simulation.small_teams import OFFICE, PHASES, SAFE_FLOW, small_team

APPROVE, EDIT, REJECT = (int(v) for v in Verdict)
REVERSIBLE, IRREVERSIBLE, GATED, OPTIONAL = "sourcing", "follow_up", "first_touch", "update"
SHIPPED = sorted(path.stem for path in bundled("scenarios").glob("*.yaml"))

SAFE: dict[str, Any] = {
    **SAFE_FLOW,
    "ai": {"confidence_mean": 0.92, "intercept": -0.3, "slope": 1.0},
    "surfacing": {"share": 0.4, "days": {"median": 3.0, "sigma": 1.0}},
    "by_hand": {"minutes": {"median": 10.0, "sigma": 0.4}, "error_share": 0.1},
    "sources": ["profile", "website"],
}
EMAILED = {"channel": "email", "email": {"reply": 0.2, "spam": 0.02}}


@pytest.fixture(scope="module")
def team() -> hs.Scenario:
    """Ten weeks of a small team, about 6,000 decisions, with everything that a log can show."""
    by_lead = {"accountable": "lead", "responsible": ["lead"]}
    gated = {"access": "manager-approved", "gate": "send", "raci": by_lead}
    return small_team(
        weeks=10,
        timezone="Europe/Berlin",
        signals={"angry": {"share": 0.03, "odds_of_ok": 0.3}, "new": {"share": 0.02}},
        agents={"bot": {"may": ["source", "send_email", "write_crm"], "slots": 4}},
        workflows={
            REVERSIBLE: {**SAFE, "action": "source", "volume_per_week": 270, "rollback_hours": 72.0,
                         "waiting": {}},
            IRREVERSIBLE: {**SAFE, **EMAILED, "action": "send_email", "volume_per_week": 200,
                           "reversible": False, "due_hours": 36.0, "escalate_after_hours": 12.0,
                           "skip_after_hours": 50.0},
            GATED: {**SAFE, **EMAILED, **gated, "action": "send_email", "volume_per_week": 100},
            OPTIONAL: {**SAFE, "action": "write_crm", "access": "draft-only", "gate": "crm-sync",
                       "volume_per_week": 40, "sources": []},
        },
        boundary={
            "version": 2,
            "bands": {"auto": 0.85, "review": 0.65},
            "workflows": {IRREVERSIBLE: {"auto": 0.88}},
            "triggers": {"deal_size_above": 500_000.0, "signals": ["angry"]},
            "audit": {"share": 0.1, "workflows": [IRREVERSIBLE]},
        },
        pools={
            # nobody of the reps on Mondays, so that Friday's rest is passed on
            "reps": {"role": "rep", "reviewers": {
                "mia": {"shifts": ["tue-fri 09:15-10:30"]},
                "noah": {"shifts": ["tue-fri 16:00-17:00"]}}},
            "leads": {"role": "lead", "reviewers": {"olga": {"shifts": OFFICE}}},
        },
        phases=PHASES,
        governance={"kill_switches": {REVERSIBLE: {"from_week": 9, "weeks": 1}}},
    )  # fmt: skip


@pytest.fixture(scope="module")
def run(team: hs.Scenario) -> hs.Run:
    return hs.simulate(team, seed=7)


@pytest.fixture
def frame(run: hs.Run) -> pd.DataFrame:
    return run.log.frame.copy()


def story(team: hs.Scenario, workflow: str = REVERSIBLE, **told: Any) -> dict[str, Any]:
    """One decision's row, from what happened to it; times in days since it was drafted at day 1.

    ``ok``, ``verdict``, ``redraft`` = (ok, verdict), ``look`` = (days, verdict), ``complains`` =
    days, or None, ``by_hand`` = whether it went out wrong, ``kept`` = days until it took effect,
    ``answers`` = days until an email was answered, if it was.
    """
    decisions, visits = np.zeros(1, DECISION), np.zeros(ROUNDS, VISIT)
    decisions["workflow"] = list(team.workflows).index(workflow)
    complains = told.get("complains")
    decisions["u_surface"] = 1.0 if complains is None else 0.0
    decisions["surface_after"] = int((complains or 0) * DAY_MS)
    out = nothing_happened(ROUNDS)
    first, redraft, look = out[FIRST], out[REDRAFT], out[LOOK]
    first["drafted"], first["ok"], first["reasons"] = DAY_MS, told["ok"], 0
    first["phase"], first["inclusion"], first["route"] = 0, 1.0, Route.AUTO
    if "verdict" in told or "by_hand" in told:
        first["route"], first["reasons"], first["person"] = Route.GATE, 1, 0
        first["queued"] = first["started"] = first["ended"] = DAY_MS
        first["verdict"] = told.get("verdict", NEVER)
    if "by_hand" in told:
        first["by_hand"], decisions["u_hand"] = 1, 0.0 if told["by_hand"] else 1.0
        first["route"], first["reasons"], first["inclusion"] = Route.MANUAL, MANUAL_BIT, NEVER
    if told.get("verdict", APPROVE) != REJECT:
        first["executed"] = DAY_MS + int(told.get("kept", 0) * DAY_MS)
    if "redraft" in told:
        redraft["drafting"], redraft["person"] = DAY_MS, 0
        redraft["started"] = redraft["ended"] = redraft["executed"] = DAY_MS
        redraft["ok"], redraft["verdict"] = told["redraft"]
    if "look" in told:
        days, look["verdict"] = told["look"]
        look["look"], look["person"] = LookKind.AUDIT, 0
        look["started"] = look["ended"] = DAY_MS + int(days * DAY_MS)
    email = np.ones(1, EMAIL)
    if "answers" in told:
        email["u_reply"], email["after"] = 0.0, int(told["answers"] * DAY_MS)
    draws = Draws(World(decisions, visits), email, np.array(["d1"]), 1, "by hand")
    row = decision_frame(team, draws, out, 10 * DAY_MS, np.zeros(10)).iloc[0]
    row["surfaced_after"] = (row["surfaced_at"] - row["decided_at"]) / pd.Timedelta(1, "D")
    return dict(row)


# --- known answers: what came of a decision ------------------------------------------------------

NOBODY_KNOWS: dict[str, Any] = {"ok": pd.NA, "ok_source": np.nan, "surfaced_by": np.nan}


@pytest.mark.parametrize(
    ("workflow", "told", "expected"),
    [
        pytest.param(
            REVERSIBLE, {"ok": True}, {**NOBODY_KNOWS, "true_bad_out": False}, id="good and alone"
        ),
        pytest.param(
            REVERSIBLE, {"ok": False}, {**NOBODY_KNOWS, "true_bad_out": True}, id="bad and silent"
        ),
        pytest.param(
            REVERSIBLE,
            {"ok": False, "complains": 2},
            {"ok": False, "ok_source": "complaint", "surfaced_by": "complaint",
             "surfaced_after": 2.0, "rolled_back": True},
            id="complaint in time",
        ),
        pytest.param(
            REVERSIBLE,
            {"ok": False, "complains": 4},
            {"ok": False, "surfaced_after": 4.0, "rolled_back": False},
            id="complaint too late",
        ),
        pytest.param(
            IRREVERSIBLE,
            {"ok": False, "complains": 0.01},
            {"ok": False, "surfaced_by": "complaint", "rolled_back": False},
            id="cannot be undone",
        ),
        pytest.param(
            REVERSIBLE, {"ok": False, "complains": 9}, NOBODY_KNOWS, id="complaint after the end"
        ),
        pytest.param(
            REVERSIBLE, {"ok": True, "complains": 1}, NOBODY_KNOWS, id="good: no complaint"
        ),
        pytest.param(
            REVERSIBLE,
            {"ok": True, "look": (1, APPROVE)},
            {"ok": True, "ok_source": "audit", "surfaced_by": np.nan, "rolled_back": False},
            id="audit finds nothing",
        ),
        pytest.param(
            REVERSIBLE,
            {"ok": False, "look": (1, EDIT), "complains": 2},
            {"ok": False, "ok_source": "audit", "surfaced_by": "audit", "surfaced_after": 1.0,
             "rolled_back": True},
            id="undone before anybody complained",
        ),
        pytest.param(
            IRREVERSIBLE,
            {"ok": False, "look": (2, REJECT), "complains": 1},
            {"ok": False, "ok_source": "audit", "surfaced_by": "complaint", "surfaced_after": 1.0},
            id="complaint before the audit",
        ),
        pytest.param(
            REVERSIBLE,
            {"ok": False, "look": (1, APPROVE), "complains": 2},
            {"ok": False, "ok_source": "audit", "look_verdict": "approve",
             "surfaced_by": "complaint"},
            id="audit missed it",
        ),
        pytest.param(
            REVERSIBLE,
            {"ok": True, "look": (1, REJECT)},
            {"ok": False, "true_ok": True, "true_bad_out": False, "surfaced_by": "audit"},
            id="false alarm",
        ),
        pytest.param(
            GATED,
            {"ok": False, "verdict": EDIT},
            {"ok": False, "ok_source": "review", "true_bad_out": False, "final_verdict": "edit"},
            id="mended",
        ),
        pytest.param(
            GATED,
            {"ok": False, "verdict": APPROVE, "complains": 1},
            {"ok": False, "ok_source": "review", "true_bad_out": True, "surfaced_by": "complaint"},
            id="reviewer missed it",
        ),
        pytest.param(
            GATED,
            {"ok": False, "verdict": REJECT},
            {"ok": False, "redrafted": False, "executed_at": pd.NaT, "true_bad_out": False},
            id="rejected",
        ),
        pytest.param(
            GATED,
            {"ok": True, "verdict": REJECT, "redraft": (False, APPROVE)},
            {"ok": False, "true_ok": True, "redrafted": True, "verdict": "reject",
             "final_verdict": "approve", "true_bad_out": True},
            id="the redraft was worse",
        ),
        pytest.param(
            GATED,
            {"ok": False, "verdict": APPROVE, "look": (1, EDIT)},
            {"ok": False, "ok_source": "audit", "surfaced_by": "audit", "verdict": "approve"},
            id="approved, then found by the audit",
        ),
        pytest.param(
            GATED,
            {"ok": True, "verdict": APPROVE, "look": (1, APPROVE)},
            {"ok": True, "ok_source": "review", "surfaced_by": np.nan},
            id="approved, and so says the audit",
        ),
        pytest.param(
            GATED,
            {"ok": False, "verdict": EDIT, "look": (1, APPROVE)},
            {"ok": False, "ok_source": "review", "look_verdict": "approve"},
            id="mended: that it is right now says nothing of the AI",
        ),
        pytest.param(
            GATED,
            {"ok": True, "verdict": REJECT, "redraft": (False, APPROVE), "complains": 1},
            {"ok": False, "ok_source": "review", "surfaced_by": "complaint", "true_ok": True},
            id="a complaint about the redraft says nothing of the first draft",
        ),
        pytest.param(
            REVERSIBLE,
            {"ok": True, "by_hand": False},
            {**NOBODY_KNOWS, "true_bad_out": False, "by_hand": True, "route": "manual",
             "reason": "manual", "verdict": np.nan, "inclusion": np.nan},
            id="by hand: nobody asked whether the AI was right",
        ),
        pytest.param(
            REVERSIBLE,
            {"ok": True, "by_hand": True, "complains": 1},
            {**NOBODY_KNOWS, "surfaced_by": "complaint", "true_bad_out": True, "true_ok": True,
             "rolled_back": True},
            id="a complaint about work by hand says nothing of the AI",
        ),
        pytest.param(
            REVERSIBLE,
            {"ok": False, "verdict": APPROVE, "kept": 9, "complains": 0.5},
            {"ok": True, "executed_at": pd.NaT, "true_bad_out": False, "true_harm": np.nan,
             "delay_cost": np.nan, "surfaced_by": np.nan, "rolled_back": False},
            id="takes effect after the end",
        ),
        pytest.param(
            REVERSIBLE,
            {"ok": False, "verdict": APPROVE, "kept": 9, "look": (0.5, EDIT)},
            {"ok": False, "ok_source": "audit", "true_bad_out": False, "rolled_back": False},
            id="found before it took effect: there is nothing to undo yet",
        ),
        pytest.param(
            IRREVERSIBLE,
            {"ok": True, "answers": 8.5},
            {"replied": True, "positive": False, "bounced": False, "marked_spam": False},
            id="answered in time",
        ),
        pytest.param(
            IRREVERSIBLE,
            {"ok": True, "answers": 9},
            dict.fromkeys(EMAIL_OUTCOMES, False),
            id="answered after the end",
        ),
        pytest.param(
            GATED,
            {"ok": True, "verdict": REJECT, "answers": 1},
            dict.fromkeys(EMAIL_OUTCOMES, pd.NA),
            id="no email went out",
        ),
        pytest.param(
            REVERSIBLE,
            {"ok": True, "answers": 1},
            dict.fromkeys(EMAIL_OUTCOMES, pd.NA),
            id="sends no emails",
        ),
    ],
)  # fmt: skip
def test_what_came_of_it(
    team: hs.Scenario, workflow: str, told: dict[str, Any], expected: dict[str, Any]
) -> None:
    row = story(team, workflow, **told)
    got = {name: row[name] for name in expected}
    pd.testing.assert_series_equal(pd.Series(got, dtype=object), pd.Series(expected, dtype=object))


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
    assert list(frame.columns) == list(COLUMNS)
    for name, column in COLUMNS.items():
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
    for name, column in COLUMNS.items():
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
            reasons += [s for s in team.signals if s in seen and s in spec.triggers.signals]
            reasons += ["medium_band"] * (bands.review <= row.confidence < bands.auto)
            waits = "triage" if "low_band" in reasons else "review"
            expected = waits if reasons else "auto"
        assert (row.route, row.reasons) == (expected, "+".join(reasons))
        assert row.exception == (expected in ("review", "triage"))
        assert row.reason == reasons[0] if reasons else pd.isna(row.reason)


def test_people_begin_in_their_shifts_and_do_one_thing_at_a_time(run: hs.Run) -> None:
    out = run.outcome
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
