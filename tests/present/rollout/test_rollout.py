"""The rollout report: what it says is what the runs gave."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

import hitlsim as hs
from hitlsim.decisions.estimating.intervals import NOTHING, Estimate
from hitlsim.present.monthly.month import write_results
from hitlsim.present.picture import Note, Picture
from hitlsim.present.rollout import basis, figures, tables
from hitlsim.present.rollout.governed import Governed, governed, moves
from hitlsim.present.rollout.rollout import TODAY, TUNED, USUAL, RolloutReport, rollout
from hitlsim.present.rollout.words import rule_words

RUNS = 3


def by_date() -> hs.Scenario:
    """Six weeks in which phases end by date: without governance nothing goes back."""
    return hs.load("outbound").with_(governance={}, weeks=6)


@pytest.fixture(scope="module")
def report() -> RolloutReport:
    return rollout(by_date(), seed=7, runs=RUNS, workers=1)


def test_figures_are_the_means_of_runs_that_anybody_can_have(report: RolloutReport) -> None:
    last = report.last
    start = pd.Timestamp(report.scenario.start) + pd.Timedelta(weeks=last.first_week - 1)
    alone = []
    for seed in report.seeds:
        counts = hs.simulate(report.scenario, seed=seed).counts.since(start)
        alone.append(hs.scorecard(counts).get("exception_rate").value)
    e = report.get("exception_rate", last.name)
    assert e.value == pytest.approx(sum(alone) / RUNS)
    assert e.n == RUNS
    assert e.low < e.value < e.high


def test_the_rules_were_tuned_on_a_run_that_no_figure_comes_from(report: RolloutReport) -> None:
    assert report.run.seed not in report.seeds
    assert next(iter(report.policies)) == TODAY
    assert list(report.policies)[-1] == USUAL
    assert (TUNED in report.policies) == (report.recommendation is not None)
    assert (report.recommendation is None) == bool(report.untuned)


def test_differences_are_taken_run_by_run(report: RolloutReport) -> None:
    """Paired: the mean difference is the difference of the means, its interval narrower."""
    e = report.against_today("exception_rate", USUAL)
    one, other = (report.get("exception_rate", report.last.name, p) for p in (TODAY, USUAL))
    assert e.value == pytest.approx(other.value - one.value)
    assert not report.against_today("exception_rate", TODAY).known


def test_the_first_phase_has_nothing_before_it(report: RolloutReport) -> None:
    first, second, *_ = (s.name for s in report.spans)
    assert not report.since_before("review_hours", first).known
    change = report.since_before("review_hours", second)
    before, after = (report.get("review_hours", name).value for name in (first, second))
    assert change.value == pytest.approx(after - before)


def test_what_chance_explains_is_told_as_no_change(report: RolloutReport) -> None:
    """Titles go by the difference between first and last phase, run by run, and its interval."""
    hours = [report.get("review_hours", s.name).value for s in (report.spans[0], report.last)]
    assert report.since_first["review_hours"].value == pytest.approx(hours[1] - hours[0])
    for low, high, verb in ((-9.0, 3.0, "stays near"), (-9.0, -3.0, "falls"), (3.0, 9.0, "grows")):
        apart = Estimate((low + high) / 2, low, high, RUNS, "")
        told = figures.desk_by_week(replace(report, since_first={"review_hours": apart}))
        assert isinstance(told, Picture)
        assert told.title.startswith(f"People's time {verb}")


def test_the_same_seed_gives_the_same_report(report: RolloutReport, tmp_path: Path) -> None:
    again = rollout(by_date(), seed=7, runs=RUNS, workers=1)
    one, other = (
        write_results(r, tmp_path / f"{i}.json").read_bytes() for i, r in enumerate((report, again))
    )
    assert one == other
    pictures = [figures.exceptions_by_week(r) for r in (report, again)]
    pngs = [p.png for p in pictures if isinstance(p, Picture)]
    assert len(pngs) == 2
    assert pngs[0] == pngs[1]


def test_results_are_plain_and_say_what_every_report_says(
    report: RolloutReport, tmp_path: Path
) -> None:
    told = json.loads(write_results(report, tmp_path / "results.json").read_text("utf-8"))
    assert told["headline"] == report.headline
    assert told["record"]["scenario"] == "outbound"
    assert [p["name"] for p in told["phases"]] == [s.name for s in report.spans]


def test_the_words_carry_the_figures(report: RolloutReport) -> None:
    said = {s.topic: s.text for s in report.sentences}
    rate = report.get("exception_rate", report.last.name)
    assert f"{rate.value:.1%}" in report.headline
    assert f"{rate.value:.1%}" in said["Exceptions"]
    words = " ".join([report.headline, *said.values(), *report.warnings]).lower().split()
    assert not [word for word in words if word.strip("%(),.") == "nan"]
    assert any("Only 3 runs" in w for w in report.warnings)


def test_differing_rules_name_their_workflows_in_words(report: RolloutReport) -> None:
    said = tables.the_rules(report).text.split("They differ from")[1]
    assert "Follow up email" in said
    assert "_" not in said


def test_other_rules_that_change_nothing_beyond_chance_are_said_to(
    report: RolloutReport, monkeypatch: pytest.MonkeyPatch
) -> None:
    unsure = Estimate(0.001, -0.01, 0.012, RUNS, "")
    clear = Estimate(0.02, 0.01, 0.03, RUNS, "")
    for bad, said in (
        (unsure, "clearly changes neither exceptions nor silent errors"),
        (clear, "brings no more and no fewer exceptions and 2.0 points more silent errors"),
    ):
        apart = {("exception_rate", USUAL): unsure, ("true_fn_share", USUAL): bad}
        monkeypatch.setattr(
            RolloutReport, "against_today", lambda _, *asked, a=apart: a.get(asked, NOTHING)
        )
        told = figures.other_rules(report)
        assert isinstance(told, Picture)
        assert said in told.title


def test_every_part_can_be_shown(report: RolloutReport) -> None:
    parts = [
        tables.the_phases(report), tables.phase_by_phase(report), tables.criteria(report),
        tables.governance(report), tables.the_rules(report), basis.assumptions(report),
        basis.glossary(), basis.the_record(report), figures.silent_by_week(report),
        figures.desk_by_week(report), figures.other_rules(report),
    ]  # fmt: skip
    for part in parts:
        html = part._repr_html_()
        assert "nan" not in html.split("base64")[0].lower().replace("governance", "")
    people = {name for _, name, _ in report.scenario.reviewers()}
    shown = " ".join(p._repr_html_() for p in parts[:8])
    assert not [name for name in people if f">{name}<" in shown]


def test_a_scenario_of_gates_alone_is_told_without_a_rate() -> None:
    gated = hs.load("on-the-loop")
    flows = {n: w for n, w in gated.workflows.items() if w.gate is not None}
    assert flows, "the test would show nothing"
    only = gated.with_(
        workflows=flows, weeks=5, boundary=hs.Boundary(), governance={}, crm=None
    )  # fmt: skip
    found = rollout(only, runs=2, workers=1)
    assert "Every decision passes a gate" in found.headline
    assert isinstance(figures.exceptions_by_week(found), Note)
    assert not found.get("exception_rate", found.last.name).known


# --- what governance did -------------------------------------------------------------------------


def _acts(*rows: tuple[str, str, str, str]) -> pd.DataFrame:
    columns = ["date", "workflow", "rule", "what"]
    frame = pd.DataFrame(list(rows), columns=columns)
    return frame.assign(date=pd.to_datetime(frame["date"]), because="seen")


def test_what_governance_did_is_counted_over_runs() -> None:
    s = hs.load("on-the-loop")  # begins on 2026-08-03
    rule = "governance.pauses.spam"
    runs = [
        _acts(("2026-08-10", "crm", rule, "warned"), ("2026-08-24", "crm", rule, "warned")),
        _acts(("2026-08-18", "crm", rule, "warned")),
        _acts(("2026-08-17", "crm", "phases.shadow.until", "moved on to exception-only")),
        _acts(),
    ]
    (found,) = governed(runs, s)
    assert (found.runs, found.of) == (2, 4)
    assert (found.week, found.earliest, found.latest) == (2.5, 2, 3)
    assert found.times == 0.75
    (moved,) = moves(runs, s)
    assert (moved.what, moved.week) == ("moved on to exception-only", 3)


def test_rules_have_names_in_words() -> None:
    def named(rule: str, workflow: str) -> str:
        return rule_words(Governed(workflow, "", rule, 1, 1, 1.0, 1, 1, 1.0, ""))

    assert named("governance.emergency", "all") == "emergency path"
    assert named("governance.kill_switches.crm", "crm_update") == "kill switch, crm update"


# --- bad input -----------------------------------------------------------------------------------


def test_one_run_is_too_few() -> None:
    with pytest.raises(hs.ScenarioError, match="one run has no interval"):
        rollout("inbox", runs=1)


@pytest.mark.parametrize("band", [(0.2, 0.1), (-0.1, 0.2), (0.1, 1.2), (math.nan, 0.2)])
def test_a_band_that_is_none_is_refused(band: tuple[float, float]) -> None:
    with pytest.raises(hs.ScenarioError, match="two shares of 1, the lower one first"):
        rollout("inbox", runs=2, exception_rate=band)


def test_a_scenario_that_is_not_there_is_named() -> None:
    with pytest.raises(hs.ScenarioError, match="no-such-team"):
        rollout("no-such-team", runs=2)
