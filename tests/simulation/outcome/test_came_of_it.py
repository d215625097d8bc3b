"""What a log says of one decision, from what happened to it: known answers, row by row."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

import hitlsim as hs
from hitlsim.decisions.columns import EMAIL_OUTCOMES
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
    World,
    nothing_happened,
    outcome_of,
)
from hitlsim.simulation.outcome.to_log import decision_frame
from hitlsim.simulation.world.draws import Draws
from tests.simulation.telling_team import (
    APPROVE,
    EDIT,
    GATED,
    IRREVERSIBLE,
    REJECT,
    REVERSIBLE,
    telling_team,
)


@pytest.fixture(scope="module")
def team() -> hs.Scenario:
    """Ten weeks of a team whose log shows everything."""
    return telling_team()


def story(team: hs.Scenario, workflow: str = REVERSIBLE, **told: Any) -> dict[str, Any]:
    """One decision's row, from what happened to it; times in days since it was drafted at day 1.

    ``ok``, ``verdict``, ``redraft`` = (ok, verdict), ``look`` = (days, verdict), ``complains`` =
    days, or None, ``by_hand`` = whether it went out wrong, ``kept`` = days until it took effect,
    ``answers`` = days until an email was answered, if it was.
    """
    decisions, visits = np.zeros(1, DECISION), np.zeros((ROUNDS, 1), VISIT)
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
    row = decision_frame(team, draws, outcome_of(out), 10 * DAY_MS, np.zeros(10)).iloc[0]
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
