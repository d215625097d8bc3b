"""The whole fit: round trip, marks, what it must not look at, and what it refuses."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import hitlsim as hs
from hitlsim.calibration.fitting.checking import check, weekly, whole_weeks
from hitlsim.calibration.fitting.fit import Fitted, fit

MakeLog = Callable[..., hs.DecisionLog]


# --- round trip ----------------------------------------------------------------------------------


def test_a_fitted_scenario_simulates_to_a_scorecard_like_the_logs(
    fitted: Fitted, outbound: hs.Run
) -> None:
    """Twice the log's own interval, as the other run has chance of its own too."""
    card = outbound.scorecard()
    again = hs.simulate(fitted.scenario, seed=11).scorecard()
    for name in ("exception_rate", "override_rate", "human_touch_rate", "within_24h"):
        e, other = card.get(name), again.get(name)
        assert abs(other.value - e.value) < 2 * (e.high - e.low), name
    for name in ("decisions", "review_hours"):
        assert again.get(name).value == pytest.approx(card.get(name).value, rel=0.15), name


def test_boundary_and_phases_are_found_exactly(fitted: Fitted, outbound: hs.Run) -> None:
    made, found = outbound.scenario, fitted.scenario
    for name in made.workflows:
        assert found.boundary.bands_of(name) == made.boundary.bands_of(name)
    assert found.boundary.triggers.deal_size_above == 600_000
    assert set(found.boundary.triggers.signals) == set(made.boundary.triggers.signals)
    assert found.boundary.audit == made.boundary.audit
    for name, phase in made.phases.items():
        like = found.phases[name]
        assert (like.weeks, like.exceptions) == (phase.weeks, phase.exceptions)
        assert like.looks.share == pytest.approx(phase.looks.share)
        assert (like.looks.cadence, like.looks.at) == (phase.looks.cadence, phase.looks.at)


def test_lists_are_told_from_what_comes_by_itself(fitted: Fitted) -> None:
    flow = fitted.scenario.workflows["list_sourcing"]
    assert flow.volume_per_week == 0
    assert flow.list_drop is not None
    assert flow.list_drop.contacts == 1000  # list_limits holds the other 150 back


def test_shifts_are_those_of_the_desk(fitted: Fitted) -> None:
    shifts = {n: [str(w) for w in r.shifts] for _, n, r in fitted.scenario.reviewers()}
    assert shifts["reps-2"] == ["mon-fri 13:00-14:00"]
    assert shifts["leads-1"] == ["mon-fri 16:00-17:00"]
    # the call on Monday at nine leaves the last quarter of an hour
    assert shifts["reps-1"] == ["mon 10:00-10:15", "tue-fri 09:15-10:15"]


# --- honesty -------------------------------------------------------------------------------------


def test_nothing_is_read_that_only_a_simulation_knows_and_the_same_log_gives_the_same_file(
    fitted: Fitted, outbound: hs.Run
) -> None:
    frame = outbound.log.frame
    bare = frame[[c for c in frame if not c.startswith("true_")]]
    record = {k: outbound.log.record[k] for k in ("currency",)}
    assert fit(hs.DecisionLog(bare, record)).text == fitted.text


def test_no_name_of_a_person_stands_in_the_file(fitted: Fitted, outbound: hs.Run) -> None:
    for _, name, _ in outbound.scenario.reviewers():
        assert not re.search(rf"\b{name}\b", fitted.text)


def test_every_number_of_the_file_has_a_mark_and_what_was_learnt_its_interval(
    fitted: Fitted, tmp_path: Path
) -> None:
    path = fitted.write(tmp_path / "team.yaml")
    loaded = hs.load(path)
    assert loaded == fitted.scenario
    marks = {e.path: e for e in loaded.evidence}
    volume = marks["workflows.follow_up_email.volume_per_week"]
    assert volume.mark == "B"
    assert re.match(r"245.* to 309.*, n = 2,669; ", volume.source)
    assumed = marks["workflows.follow_up_email.email.bad_spam"]
    assert (assumed.mark, assumed.source) == ("?", "rates are of good and bad emails together")
    for line in path.read_text("utf-8").splitlines():
        if re.match(r"\s*[a-z_]+: -?\d[\d.e+-]*\s", line):
            assert re.search(r"# \([ABCS?]\)", line), line


def test_the_table_has_a_row_for_each_number_and_assumptions_are_listed(fitted: Fitted) -> None:
    table = fitted.table.set_index("parameter")
    row = table.loc["workflows.activity_logging.volume_per_week"]
    assert row["low"] < row["estimate"] < row["high"]
    assert row["n"] == 1281
    assert "workflows.*.rollback_hours: 72" in fitted.assumed


# --- the check -----------------------------------------------------------------------------------


def test_weeks_of_the_log_lie_inside_bands_as_often_as_these_are_made_for(fitted: Fitted) -> None:
    """68 figures of ten weeks that hang together: made for 90%, 96% on this log with 40 runs."""
    found = fitted.check(39, seed=3)
    assert 0.8 <= found.inside.value <= 1.0
    assert found.runs == 39
    assert set(found.weeks["figure"]) >= {"decisions", "exception_rate", "review_hours"}


def test_the_check_finds_a_scenario_that_misses_something(outbound: hs.Run) -> None:
    frame = outbound.log.frame.copy()
    late = frame["decided_at"] >= pd.Timestamp("2026-09-07", tz="Europe/Berlin")
    slow = late & frame["ended_at"].notna()
    longer = 4 * (frame["ended_at"] - frame["started_at"])
    frame.loc[slow, "ended_at"] = (frame["started_at"] + longer)[slow]
    found = fit(hs.DecisionLog(frame, outbound.log.record)).check(19)
    assert "review_hours" not in found.fits
    assert any("hours of review" in w and "more than chance" in w for w in found.words())


def test_too_few_runs_for_a_band_are_refused(fitted: Fitted) -> None:
    with pytest.raises(hs.ScenarioError, match="takes 19 at least"):
        check(fitted, 10)


def test_weeks_covered_in_part_are_not_compared(fitted: Fitted) -> None:
    assert whole_weeks(fitted.seen).all()
    figures = weekly(fitted.seen.frame, fitted.seen.monday, 10, outcomes=False)
    assert figures["decisions"].sum() == len(fitted.seen)


# --- logs that say little ------------------------------------------------------------------------


def little(make_log: MakeLog, n: int = 400, days: int = 28, **more: object) -> hs.DecisionLog:
    """Scores and times, and nothing else."""
    rng = np.random.default_rng(1)
    start = pd.Timestamp("2026-09-07 09:00", tz="UTC")
    at = start + pd.to_timedelta(np.sort(rng.uniform(0, days, n)), unit="D")
    return make_log(decided_at=at, confidence=rng.beta(9, 1, n).round(3), **more)


def test_scores_and_times_alone_give_a_scenario_that_runs(make_log: MakeLog) -> None:
    found = fit(little(make_log))
    assert hs.simulate(found.scenario, seed=1).log.frame["route"].notna().all()
    said = " ".join(found.notes)
    assert "Nobody says of any decision whether it was right" in said
    assert "names no bands: the defaults stand" in said
    assert "does not say how long reviews take" in said
    assert found.scenario.boundary.bands.auto == 0.9
    (desk,) = [e for e in found.scenario.evidence if e.path == "boundary.bands.auto"]
    assert desk.mark == "?"


def test_bands_of_the_record_are_taken_where_rows_have_no_routes(make_log: MakeLog) -> None:
    log = little(make_log, record={"bands": {"auto": 0.8, "review": 0.6}})
    assert fit(log).scenario.boundary.bands.auto == 0.8


def test_known_outcomes_need_no_reviewers(bank_calls: Path, tmp_path: Path) -> None:
    """The bank's calls: 92.6% right, so the fitted AI is about as often right at its scores."""
    mapping = tmp_path / "bank.map.yaml"
    mapping.write_text(
        'columns: {decision_id: call_id, decided_at: called_on, confidence: score}\n'
        'date_format: "%d/%m/%Y"\nbands: {auto: 0.9, review: 0.7}\n'
        'ok: {advice: ai_advice, outcome: subscribed, right_when: {pursue: "yes", drop: "no"}}\n'
    )  # fmt: skip
    found = fit(hs.read_log(bank_calls, mapping))
    assert found.scenario.boundary.bands.auto == 0.9
    frame = hs.simulate(found.scenario, seed=1).log.frame
    assert frame["true_ok"].mean() == pytest.approx(0.9261, abs=0.02)
    assert any("the outcome itself tells" in n for n in found.notes)
    assert any("dates without a time of day" in n for n in found.notes)


def test_odd_names_do_not_matter(make_log: MakeLog) -> None:
    names = np.where(np.arange(400) % 2, "Follow-up: Mail", "CRM (new)")
    found = fit(little(make_log, workflow=names))
    assert set(found.scenario.workflows) == {"follow-up-mail", "crm-new"}


@pytest.mark.parametrize(
    ("n", "days", "said"),
    [(20, 28, "has 20 decisions; .* 50 at least"), (400, 9, "covers .* days; .* 14 days at least")],
)
def test_too_little_is_refused_with_what_would_do(
    make_log: MakeLog, n: int, days: int, said: str
) -> None:
    with pytest.raises(hs.NotEnoughEvidence, match=said):
        fit(little(make_log, n, days))


def test_no_log_at_all_is_refused() -> None:
    with pytest.raises(hs.LogError, match="give a decision log, a log of work, or both"):
        fit()


def test_a_folder_that_cannot_be_written_to_is_told(fitted: Fitted, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(hs.ScenarioError, match="cannot be written"):
        fitted.write(tmp_path / "file" / "team.yaml")
