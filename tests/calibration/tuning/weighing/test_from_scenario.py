from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import hitlsim as hs
from hitlsim.calibration.tuning.weighing.from_scenario import (
    cases_of,
    keep_of,
    looks_of,
    steady_from,
    waits,
)
from hitlsim.calibration.tuning.weighing.policy import Policy
from hitlsim.scenario.phases import PhaseName


def test_the_paper_asks_about_what_the_simulated_team_was_asked_about(
    reference_run: hs.Run,
) -> None:
    """Thresholds, deal limits and signals: each decision of the steady state, both ways."""
    s = reference_run.scenario
    cases = cases_of(s, [reference_run.draws], *looks_of(s, [reference_run]))
    today = Policy.of(s.boundary, cases.workflows)
    log = reference_run.log.frame.set_index("decision_id")
    safe = np.isin(
        reference_run.draws.world.decisions["workflow"],
        [i for i, w in enumerate(s.workflows.values()) if w.automation_safe],
    )
    late = reference_run.draws.world.decisions["arrival"] >= 4 * 7 * 86_400_000
    ids = reference_run.draws.ids[safe & late]
    assert len(ids) == len(cases)
    decided = pd.Index(ids.astype(object)).isin(log.index)
    rows = log.loc[ids[decided]]
    free = ~rows["route"].isin(["manual", "gate", "peek"]).to_numpy(bool)
    asked = today.asks(cases)[decided]
    assert free.mean() > 0.99
    np.testing.assert_array_equal(asked[free], rows["exception"].to_numpy(bool)[free])


def test_the_chances_are_those_the_world_was_drawn_with(reference_run: hs.Run) -> None:
    # 37,000 decisions: the mean of what happened is within .006 of the mean chance (4 sigma)
    s = reference_run.scenario
    cases = cases_of(s, [reference_run.draws], *looks_of(s, [reference_run]))
    assert cases.truth is not None
    for i in range(len(cases.workflows)):
        own = cases.flow == i
        n, p = own.sum(), cases.p_bad[own].mean()
        assert cases.truth[own].mean() == pytest.approx(p, abs=4 * np.sqrt(p * (1 - p) / n))


def test_what_looks_bring_is_counted_with_the_truth(reference_run: hs.Run) -> None:
    s = reference_run.scenario
    looks, left = looks_of(s, [reference_run])
    names = [n for n, w in s.workflows.items() if w.automation_safe]
    f = reference_run.log.frame
    f = f[f["decided_at"] >= pd.Timestamp(s.start, tz=s.zone) + pd.Timedelta(weeks=4)]
    own = f[(f["workflow"] == "crm_update") & f["verdict"].notna() & (f["route"] != "auto")]
    i = names.index("crm_update")
    bad = own[~own["true_ok"].astype(bool)]
    caught = 1 - bad["true_bad_out"].fillna(value=False).astype(bool).mean()
    assert looks.catches[i] == pytest.approx(caught, abs=0.08)  # drawn toward the other workflows
    assert looks.minutes[i] == pytest.approx(own["review_minutes"].mean())
    assert looks.money[i] == pytest.approx(looks.minutes[i] / 60 * 45)
    assert (looks.spoils < looks.overrides_right).all()
    assert ((left > 0) & (left <= 1)).all()
    # what cannot be undone keeps its whole harm, what can be undone for two weeks does not
    assert left[names.index("follow_up_email")] == pytest.approx(1.0)
    assert left[i] < 0.99


def test_waiting_costs_where_leads_grow_cold_and_nowhere_else(reference_run: hs.Run) -> None:
    s = reference_run.scenario
    looks, _ = looks_of(s, [reference_run])
    names = [n for n, w in s.workflows.items() if w.automation_safe]
    cold = np.array([n == "lead_routing" for n in names])
    assert looks.waiting[cold] > 1
    assert (looks.waiting[~cold] == 0).all()


def test_several_draws_follow_each_other_in_time(reference_run: hs.Run) -> None:
    s, looks = reference_run.scenario, looks_of(reference_run.scenario, [reference_run])
    one = cases_of(s, [reference_run.draws], *looks)
    both = cases_of(s, [reference_run.draws, hs.draw(s, 8)], *looks)
    assert both.weeks == pytest.approx(2 * one.weeks, abs=0.5)
    np.testing.assert_array_equal(both.score[: len(one)], one.score)


def test_the_steady_state_begins_where_the_phases_before_it_end() -> None:
    s = hs.load("on-the-loop")
    assert steady_from(s) == 4
    by_criterion = s.phases[PhaseName.SHADOW].model_copy(update={"weeks": None})
    assert steady_from(s.model_copy(update={"phases": {**s.phases, "shadow": by_criterion}})) == 0
    assert steady_from(s.with_(weeks=4)) == 0
    assert waits(s)


def test_what_stays_is_the_present_specs_signals_and_triage() -> None:
    s = hs.load("on-the-loop")
    keep = keep_of(s.boundary, ("crm_update",))
    assert keep.signals["crm_update"] == s.boundary.triggers.signals
    assert keep.review["crm_update"] == 0.6
