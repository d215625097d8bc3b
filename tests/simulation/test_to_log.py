"""The decision log of a run says what the engine did, in the words of the columns."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import hitlsim as hs
from hitlsim.decisions.columns import COLUMNS, DType
from hitlsim.scenario.hours import DAY_MS
from hitlsim.simulation.contract import (
    DECISION,
    FIRST,
    LOOK,
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

APPROVE, EDIT, REJECT = (int(v) for v in Verdict)
REVERSIBLE, IRREVERSIBLE = "list_sourcing", "follow_up_email"  # for 72 hours; never
GATED = "first_touch_email"


@pytest.fixture
def frame(outbound_run: hs.Run) -> pd.DataFrame:
    return outbound_run.log.frame.copy()


def story(outbound: hs.Scenario, workflow: str = REVERSIBLE, **told: Any) -> dict[str, Any]:
    """One decision's row, from what happened to it; times in days since it was drafted at day 1.

    ``ok``, ``verdict``, ``redraft`` = (ok, verdict), ``look`` = (days, verdict), ``complains`` =
    days, or None.
    """
    decisions, visits = np.zeros(1, DECISION), np.zeros(ROUNDS, VISIT)
    decisions["workflow"] = list(outbound.workflows).index(workflow)
    complains = told.get("complains")
    decisions["u_surface"] = 1.0 if complains is None else 0.0
    decisions["surface_after"] = int((complains or 0) * DAY_MS)
    out = nothing_happened(ROUNDS)
    first, redraft, look = out[FIRST], out[REDRAFT], out[LOOK]
    first["drafted"], first["ok"], first["reasons"] = DAY_MS, told["ok"], 0
    first["phase"], first["inclusion"], first["route"] = 0, 1.0, Route.AUTO
    if "verdict" in told:
        first["route"], first["reasons"], first["person"] = Route.GATE, 1, 0
        first["queued"] = first["started"] = first["ended"] = DAY_MS
        first["verdict"] = told["verdict"]
    if told.get("verdict", APPROVE) != REJECT:
        first["executed"] = DAY_MS
    if "redraft" in told:
        redraft["drafting"], redraft["person"] = DAY_MS, 0
        redraft["started"] = redraft["ended"] = redraft["executed"] = DAY_MS
        redraft["ok"], redraft["verdict"] = told["redraft"]
    if "look" in told:
        days, look["verdict"] = told["look"]
        look["look"], look["person"] = LookKind.AUDIT, 0
        look["started"] = look["ended"] = DAY_MS + int(days * DAY_MS)
    draws = Draws(World(decisions, visits), np.array(["d1"]), 1, "by hand")
    row = decision_frame(outbound, draws, out, 10 * DAY_MS).iloc[0]
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
    ],
)  # fmt: skip
def test_what_came_of_it(
    outbound: hs.Scenario, workflow: str, told: dict[str, Any], expected: dict[str, Any]
) -> None:
    row = story(outbound, workflow, **told)
    got = {name: row[name] for name in expected}
    pd.testing.assert_series_equal(pd.Series(got, dtype=object), pd.Series(expected, dtype=object))


# --- properties of a whole log -------------------------------------------------------------------


def test_columns_are_the_declared_ones_with_values_in_range(frame: pd.DataFrame) -> None:
    assert list(frame.columns) == list(COLUMNS)
    for name, column in COLUMNS.items():
        values = frame[name].dropna()
        if column.values:
            assert set(values.unique()) <= set(column.values), name
        if column.low is not None and column.dtype is not DType.TEXT:
            assert values.min() >= column.low, name
        if column.high is not None:
            assert values.max() <= column.high, name
        if column.required:
            assert len(values) == len(frame), name
        if column.dtype is DType.CATEGORY:
            assert isinstance(frame[name].dtype, pd.CategoricalDtype), name


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


def test_routes_are_what_the_boundary_spec_says(outbound: hs.Scenario, frame: pd.DataFrame) -> None:
    spec = outbound.boundary
    for row in frame.itertuples():
        bands, reasons = spec.bands_of(row.workflow), []
        if not outbound.workflows[row.workflow].automation_safe:
            expected, reasons = "gate", ["gate"]
        else:
            seen = row.signals.split("+")
            limit = spec.deal_limit_of(row.workflow)
            reasons += ["low_band"] * (row.confidence < bands.review)
            reasons += ["deal_size"] * (limit is not None and row.deal_size > limit)
            reasons += [s for s in outbound.signals if s in seen and s in spec.triggers.signals]
            reasons += ["medium_band"] * (bands.review <= row.confidence < bands.auto)
            waits = "triage" if "low_band" in reasons else "review"
            expected = waits if reasons else "auto"
        assert (row.route, row.reasons) == (expected, "+".join(reasons))
        assert row.exception == (expected in ("review", "triage"))
        assert row.reason == reasons[0] if reasons else pd.isna(row.reason)


def test_people_begin_in_their_shifts_and_do_one_thing_at_a_time(outbound_run: hs.Run) -> None:
    out = outbound_run.outcome
    for person, (pool, name, reviewer) in enumerate(outbound_run.scenario.reviewers()):
        mine = np.sort(out[out["person"] == person], order="started")
        mine = mine[mine["ended"] != -1]
        assert (mine["ended"][:-1] <= mine["started"][1:]).all(), name
        spans = [span for window in reviewer.shifts for span in window.spans_ms()]
        at = mine["started"] % (7 * DAY_MS)
        assert np.any([(at >= a) & (at < b) for a, b in spans], axis=0).all(), name
        frame = outbound_run.log.frame
        assert set(frame["pool"][frame["reviewer"] == name]) <= {pool}


def test_unknown_exactly_when_nobody_saw_it(frame: pd.DataFrame) -> None:
    reviewed, looked = frame["verdict"].notna(), frame["look_verdict"].notna()
    complaint = frame["surfaced_by"] == "complaint"
    assert (frame["ok"].notna() == (reviewed | looked | complaint)).all()
    assert (frame["ok_source"].notna() == frame["ok"].notna()).all()
    assert (frame["ok_source"][reviewed] == "review").all()
    by_look = looked & ~reviewed
    assert (frame["ok_source"][by_look].astype(str) == frame["look"][by_look].astype(str)).all()
    seen = frame["verdict"].where(reviewed, frame["look_verdict"].astype(object))
    known = frame["ok"].notna()
    assert (frame["ok"] == ((seen == "approve") & ~complaint))[known].all()


def test_silent_errors_are_the_wrong_ones_that_went_out_as_they_were(frame: pd.DataFrame) -> None:
    once = frame[~frame["redrafted"]]
    out = once["executed_at"].notna() & (once["final_verdict"] != "edit")
    assert (once["true_bad_out"] == (out & ~once["true_ok"])).all()
    assert not frame["true_bad_out"][frame["executed_at"].isna()].any()
    assert frame["true_bad_out"][frame["surfaced_by"] == "complaint"].all()


def test_rolled_back_exactly_when_found_inside_the_window(
    outbound: hs.Scenario, frame: pd.DataFrame
) -> None:
    flows = outbound.workflows
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
    asked = frame[frame["route"] != "auto"]
    assert (asked["inclusion"] == 1).all()
