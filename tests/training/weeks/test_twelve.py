"""Twelve weeks of you: habits show in hours and errors, with intervals, the same for a seed."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest

import hitlsim as hs
from hitlsim.decisions.counting.measure import Unit
from hitlsim.errors import NotEnoughEvidence, ScenarioError
from hitlsim.present.drawing.teams import with_habits
from hitlsim.scenario.habits import Habits
from hitlsim.scenario.scenario import Scenario
from hitlsim.simulation.world.draws import draw
from hitlsim.training.debrief import Debrief
from hitlsim.training.weeks.counting import told_of
from hitlsim.training.weeks.figures import FIGURES, one_rollout
from hitlsim.training.weeks.measured import Drawn
from hitlsim.training.weeks.twelve import Weeks, twelve_weeks
from hitlsim.training.weeks.ways import ideal, odds_of, with_measured


@pytest.fixture(scope="module")
def team(reference_run: hs.Run) -> Scenario:
    return reference_run.scenario


@pytest.fixture(scope="module")
def weeks(told: Debrief, team: Scenario) -> dict[str, Weeks]:
    """Of a hoarder, of somebody who waves through, and of a careful one."""
    return {who: twelve_weeks(told.of(who), team, runs=4) for who in ("curlew", "kite", "heron")}


# --- known answers -------------------------------------------------------------------------------


def test_what_is_counted_is_what_the_log_and_the_scorecard_say(team: Scenario) -> None:
    run = hs.simulate(with_habits(team, "hoarder").with_(weeks=6), seed=3)
    told, card, frame = told_of(run), run.scorecard(), run.log.frame
    same = {f.name: f.of(told, 6) for f in FIGURES}
    for ours, theirs in (
        *((name, name) for name in ("exception_rate", "human_touch_rate", "true_fn_share",
                                    "review_hours", "wait_minutes", "true_cost")),
        ("peek_hours", "hours_peeks"), ("exception_hours", "hours_exceptions"),
    ):  # fmt: skip
        assert same[ours] == pytest.approx(card.get(theirs).value, rel=1e-9), ours
    wrong = frame[frame["verdict"].notna() & ~frame["by_hand"] & ~frame["true_ok"]]
    assert same["missed"] == pytest.approx((wrong["verdict"] == "approve").mean())
    assert same["bad_out"] == pytest.approx(frame["true_bad_out"].mean())
    assert same["wait_p90"] == pytest.approx(frame["wait_minutes"].quantile(0.9))


def test_one_more_run_lies_in_the_interval() -> None:
    """Students's prediction interval covers 95%: of 2,000 samples between 93.5% and 96.5%, which
    chance would leave once in 400 seeds."""
    rng = np.random.default_rng(7)
    runs = rng.normal(100, 5, (2000, 7))
    held = [
        (e := one_rollout(x[:6], None, "", unit=None)).low <= x[6] <= e.high for x in runs
    ]  # fmt: skip
    assert 0.935 < np.mean(held) < 0.965


def test_everybody_gets_the_measured_habits_and_nothing_else_changes(team: Scenario) -> None:
    mine = with_measured(team, Drawn(Habits(hit_rate=0.7, peek_share=0.3), 0.25))
    for _, _, r in mine.reviewers():
        assert mine.habits_of(r).hit_rate == 0.7
        assert mine.habits_of(r).false_alarm_rate == Habits().false_alarm_rate
        assert (r.edit_share, r.speed) == (0.25, 1.0)
    assert mine.workflows == team.workflows
    assert [r.shifts for *_, r in mine.reviewers()] == [r.shifts for *_, r in team.reviewers()]


def test_habits_called_like_ours_are_not_overwritten(team: Scenario) -> None:
    taken = team.with_(habits={"measured": Habits(lapse=0.5)})
    mine = with_measured(taken, Drawn(Habits(), 0.8))
    assert mine.habits["measured"].lapse == 0.5


def test_the_ideal_sees_as_the_team_and_calls_more_wrong_the_dearer_a_miss(team: Scenario) -> None:
    lenient, strict = ideal(team, 1.0), ideal(team, 0.05)
    for (*_, own), (*_, easy), (*_, hard) in zip(
        team.reviewers(), lenient.reviewers(), strict.reviewers(), strict=True
    ):
        rates = [s.habits_of(r) for s, r in ((team, own), (lenient, easy), (strict, hard))]
        d_primes = {round(_d_prime(h), 6) for h in rates}
        assert len(d_primes) == 1
        assert rates[2].hit_rate > rates[1].hit_rate
        assert rates[1].inspect_share == 1.0
        assert rates[1].peek_share == 0.0


def _d_prime(h: Habits) -> float:
    from hitlsim.simulation.table import signal_detection

    return signal_detection(h.hit_rate, h.false_alarm_rate)[0]


def test_the_line_weighs_items_by_how_many_they_stand_for(told: Debrief) -> None:
    marks = told.of("heron").marks
    asked = marks[marks["needs_look"]]
    good, bad = asked[asked["right"]], asked[~asked["right"]]
    expected = (
        (good["weight"] * good["needless_cost"]).sum() / (bad["weight"] * bad["harm"]).sum()
    )  # fmt: skip
    assert odds_of(marks) == pytest.approx(expected)


# --- what habits do ------------------------------------------------------------------------------


def test_a_hoarder_spends_hours_on_what_nothing_asked_for(weeks: dict[str, Weeks]) -> None:
    w = weeks["curlew"]
    assert w.apart["team", "peek_hours"].low > 2
    assert w.apart["team", "review_hours"].low > 0
    assert w.apart["team", "human_touch_rate"].low > 0.05
    assert w.apart["team", "true_fn_share"].high < 0
    assert "hours a week more than now" in w.headline


def test_whoever_waves_through_saves_hours_and_lets_errors_out(weeks: dict[str, Weeks]) -> None:
    w = weeks["kite"]
    assert w.apart["team", "review_hours"].high < -5
    assert w.apart["team", "missed"].low > 0.2
    assert w.apart["team", "bad_out"].low > 0
    assert "hours a week less than now" in w.headline
    assert "more than now." in w.headline


def test_the_careful_lie_between_the_team_and_the_ideal_or_near_the_team(
    weeks: dict[str, Weeks],
) -> None:
    careful, hasty = weeks["heron"].figures, weeks["kite"].figures
    assert careful["you", "missed"].high < hasty["you", "missed"].low
    assert weeks["heron"].apart["ideal", "missed"].low > 0


def test_the_ideal_costs_least(weeks: dict[str, Weeks]) -> None:
    for w in weeks.values():
        for way in ("team", "you"):
            assert w.figures["ideal", "true_cost"].value < w.figures[way, "true_cost"].value


def test_habits_do_not_move_what_the_spec_asks_about(weeks: dict[str, Weeks]) -> None:
    for w in weeks.values():
        e = w.apart["team", "exception_rate"]
        assert abs(e.value) < 0.005


def test_every_figure_has_its_interval_n_and_what_it_assumes(weeks: dict[str, Weeks]) -> None:
    for w in weeks.values():
        assert set(w.figures) == {(y, f.name) for y in ("team", "you", "ideal") for f in FIGURES}
        for e in (*w.figures.values(), *w.apart.values()):
            assert e.low <= e.value <= e.high
            assert e.n == 4
            assert "runs independent" in e.assumes
        assert "answers tell" in w.figures["you", "missed"].assumes
        assert "answers tell" not in w.figures["team", "missed"].assumes


def test_a_small_deck_widens_the_interval_beyond_what_the_world_does(
    weeks: dict[str, Weeks],
) -> None:
    def width(w: Weeks, way: str) -> float:
        e = w.figures[way, "missed"]
        return e.high - e.low

    w = weeks["heron"]
    assert width(w, "you") > 2 * width(w, "team")


def test_the_course_adds_up_to_the_whole(weeks: dict[str, Weeks]) -> None:
    w = weeks["curlew"]
    c = w.course[(w.course["figure"] == "review_hours") & (w.course["way"] == "you")]
    assert c["week"].tolist() == list(range(1, 13))
    assert c["value"].mean() == pytest.approx(w.figures["you", "review_hours"].value)


def test_the_same_seed_gives_the_same_weeks(told: Debrief, team: Scenario) -> None:
    short = team.with_(weeks=2)
    first, again, other = (
        twelve_weeks(told.of("curlew"), short, runs=2, seed=s).to_dict() for s in (7, 7, 8)
    )
    assert first == again
    assert first["figures"]["you"] != other["figures"]["you"]


def test_a_week_alone_and_a_team_that_says_nothing_of_its_own_do(told: Debrief) -> None:
    other = hs.load("outbound").with_(weeks=1)
    w = twelve_weeks(told.of("curlew"), other, runs=2)
    assert w.figures["you", "review_hours"].known
    assert not any("first four weeks" in s for s in w.sentences)


# --- words ---------------------------------------------------------------------------------------


def test_what_is_assumed_says_which_habits_were_not_measured(weeks: dict[str, Weeks]) -> None:
    told = " ".join(weeks["kite"].assumed)
    assert "Wrong ones called wrong, when read: not enough evidence" in told
    assert "None of 28 routine items was opened" in told
    assert "in 95 of 100 cases: 4 worlds" in told
    assert "not enough evidence" not in " ".join(weeks["curlew"].assumed)


def test_plain_values_are_plain(weeks: dict[str, Weeks]) -> None:
    results = json.loads(json.dumps(weeks["curlew"].to_dict()))
    assert results["figures"]["you"]["review_hours"]["n"] == 4
    assert not any(math.isnan(row["value"]) for row in results["course"])
    assert {row["figure"] for row in results["course"]} >= {"review_hours", "true_fn_share"}


# --- errors --------------------------------------------------------------------------------------


@pytest.mark.parametrize("runs", [1, 201])
def test_runs_out_of_range_are_refused(told: Debrief, team: Scenario, runs: int) -> None:
    with pytest.raises(ScenarioError, match=rf"runs={runs} must lie between 2 and 200"):
        twelve_weeks(told.of("curlew"), team, runs=runs)


def test_draws_are_the_teams_own(team: Scenario) -> None:
    """Ideal and measured team live in the same world: draws of one fit the others."""
    short = team.with_(weeks=1)
    draws = draw(short, 7)
    for other in (ideal(short, 0.2), with_measured(short, Drawn(Habits(), 0.8))):
        assert hs.simulate(other, seed=7, draws=draws).draws is draws


def test_nothing_measurable_is_refused(make_answers, team: Scenario) -> None:  # type: ignore[no-untyped-def]  # a fixture
    from hitlsim.training.scoring.score import score

    with pytest.raises(NotEnoughEvidence, match="play a whole round"):
        twelve_weeks(score(make_answers(right=[True, False])), team)


def test_shares_end_at_one_and_amounts_at_zero() -> None:
    runs = np.array([0.9, 1.0, 0.95])
    e = one_rollout(runs, runs[:, None] - 0.8, "", unit=Unit.SHARE)
    assert (e.low, e.high) == (0.0, 1.0)
    nothing = np.zeros(2)
    e = one_rollout(nothing, np.array([[0.0, 9.0], [1.0, 2.0]]), "", unit=Unit.HOURS_PER_WEEK)
    assert (e.value, e.low) == (0.0, 0.0)
    assert e.high > 9
