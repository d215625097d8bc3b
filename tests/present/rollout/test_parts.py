"""A run cut into phases: each decision and minute in its own, measured as a scorecard would."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest

import hitlsim as hs
from hitlsim.decisions.counting.counts import Counts
from hitlsim.decisions.counting.measure import Cell
from hitlsim.present.rollout.parts import MEASURED, WEEKLY, by_phase, by_week, measured
from hitlsim.present.rollout.spans import spans

PHASES = ["shadow", "exception-only", "steady-state"]


@pytest.fixture(scope="module")
def run() -> hs.Run:
    """Phases end by date: without governance nothing moves a workflow back."""
    return hs.simulate(hs.load("outbound").with_(governance={}), seed=7)


@pytest.fixture(scope="module")
def cells(run: hs.Run) -> dict[str, Cell]:
    return dict(by_phase(run.counts, PHASES))


def test_the_phases_of_a_run_are_told_with_their_weeks(run: hs.Run) -> None:
    found = spans(run.scenario, run.counts)
    assert [(s.name, s.first_week) for s in found] == [
        ("shadow", 1), ("exception-only", 3), ("steady-state", 5),
    ]  # fmt: skip
    assert found[0].weeks == "weeks 1-2"
    assert found[-1].last_week == run.scenario.weeks
    assert not any(s.apart for s in found)


def test_every_decision_and_every_minute_lies_in_one_phase(
    run: hs.Run, cells: dict[str, Cell]
) -> None:
    counts = run.counts
    assert sum(c.sum("n") for c in cells.values()) == counts.rows["n"].sum()
    inside = counts.work[counts.work["day"].isin(counts.days)]
    worked = sum(float(c.work["minutes"].sum()) for c in cells.values())
    assert worked == pytest.approx(float(inside["minutes"].sum()))


def test_work_counts_in_the_phase_of_its_day(run: hs.Run, cells: dict[str, Cell]) -> None:
    monday = pd.Timestamp(run.scenario.start) + pd.Timedelta(weeks=2)
    assert cells["shadow"].work["day"].max() < monday
    assert cells["exception-only"].work["day"].min() >= monday
    decided = run.counts.work.astype({"phase": "str"})
    late = decided[(decided["phase"] == "shadow") & (decided["day"] >= monday)]
    assert len(late), "the test would show nothing: no work of shadow was left over"


def test_a_phase_is_measured_like_the_log_of_its_weeks(run: hs.Run, cells: dict[str, Cell]) -> None:
    """Where phases end by date, steady state is what a scorecard of these weeks says."""
    card = hs.scorecard(run.counts.since(pd.Timestamp(run.scenario.start) + pd.Timedelta(weeks=4)))
    mine = measured(cells["steady-state"], MEASURED, run.counts)
    for name in ("exception_rate", "true_fn_share", "wait_minutes", "true_cost"):
        assert mine[name] == pytest.approx(card.get(name).value), name


def test_looks_and_bad_ones_can_be_counted_by_hand(cells: dict[str, Cell], run: hs.Run) -> None:
    rows = run.counts.rows.astype({"phase": "str"})
    mine = rows[rows["phase"] == "shadow"]
    found = measured(cells["shadow"], MEASURED, run.counts)
    assert found["looked_at"] == mine["auto_sampled"].sum() / mine["auto"].sum()
    days = len(cells["shadow"].days)
    assert days == 14
    assert found["bad_a_week"] == pytest.approx(mine["true_auto_bad"].sum() / 2)


def test_weeks_add_up_to_the_run(run: hs.Run) -> None:
    weeks = dict(by_week(run.counts))
    assert sum(c.sum("n") for c in weeks.values()) == run.counts.rows["n"].sum()
    assert list(weeks) == sorted(weeks)
    assert {m.name for m in WEEKLY} == set(measured(next(iter(weeks.values())), WEEKLY, run.counts))


def test_what_a_run_knows_nothing_of_is_nan_and_no_zero(
    run: hs.Run, cells: dict[str, Cell]
) -> None:
    bare: Counts = replace(run.counts, columns=run.counts.columns - {"ok", "wait_minutes"})
    found = measured(cells["shadow"], MEASURED, bare)
    assert found["looked_at"] != found["looked_at"]
    assert found["wait_minutes"] != found["wait_minutes"]
    assert found["exception_rate"] == found["exception_rate"]


def test_a_phase_that_comes_back_counts_only_the_days_it_lasted(run: hs.Run) -> None:
    """The workflow with most days of work returns to shadow on its last three."""
    counts = run.counts
    rows = counts.rows.astype({"phase": "str"})
    flow = str(rows.groupby("workflow", observed=True)["day"].nunique().idxmax())
    last = sorted(rows.loc[rows["workflow"] == flow, "day"].unique())[-3:]
    rows.loc[(rows["workflow"] == flow) & rows["day"].isin(last), "phase"] = "shadow"
    found = dict(by_phase(replace(counts, rows=rows), PHASES))["shadow"]
    assert len(found.days) == 14 + 3
    assert found.sum("n") == rows.loc[rows["phase"] == "shadow", "n"].sum()
    assert found.by_day("n").sum() == found.sum("n"), "no decision lies outside the days"
    assert spans(run.scenario, replace(counts, rows=rows))[0].apart
