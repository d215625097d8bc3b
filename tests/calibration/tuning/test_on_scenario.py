from __future__ import annotations

import re
from typing import NamedTuple

import numpy as np
import pytest

import hitlsim as hs
from hitlsim.calibration.tuning import trials
from hitlsim.calibration.tuning.weighing.policy import Policy
from tests.calibration.tuning.two_flows import team
from tests.simulation.small_teams import reps_and_lead


class Watched(NamedTuple):
    """A recommendation, and what was seen while it was made."""

    rec: hs.Recommendation
    asked: list[tuple[set[str], range]]
    told: list[tuple[str, float]]


@pytest.fixture(scope="module")
def watched() -> Watched:
    asked: list[tuple[set[str], range]] = []
    told: list[tuple[str, float]] = []
    run = trials.Trials.run

    def note(self: trials.Trials, policies: dict[str, Policy], *, n: int, seed: int, done) -> None:  # type: ignore[no-untyped-def]
        asked.append((set(policies), range(seed, seed + n)))
        run(self, policies, n=n, seed=seed, done=done)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(trials.Trials, "run", note)
        rec = hs.tune(
            team(), seed=3, workers=1, progress=lambda what, share: told.append((what, share))
        )
    return Watched(rec, asked, told)


@pytest.fixture(scope="module")
def rec(watched: Watched) -> hs.Recommendation:
    return watched.rec


# --- what is recommended -------------------------------------------------------------------------


def test_looks_go_where_errors_are_dear(rec: hs.Recommendation) -> None:
    rules = rec.policy.rules
    assert rec.status == "recommended"
    assert rules["dear"].auto > 0.85 > rules["cheap"].auto
    assert rec.saving.low > 0
    assert any("save EUR" in said for said in rec.why())


def test_the_rate_and_the_saving_hold_in_worlds_that_nobody_saw(rec: hs.Recommendation) -> None:
    # means of 20 and of 12 runs; four standard errors of their difference are .008 of the rate
    world = team().with_(boundary=rec.boundary)
    seen = hs.compare({"now": team(), "then": world}, n=12, seed=500, workers=1)
    runs = hs.replicate(world, n=12, seed=500, workers=1)
    rate = hs.summarise(runs).get("exception_rate").value
    assert rec.rate.value == pytest.approx(rate, abs=0.008)
    assert 0.10 < rate < 0.15
    # the scorecard's cost is of all decisions; here the AI may take all of them alone
    saved = -seen.difference("true_cost", "then").value
    assert saved == pytest.approx(rec.saving.value, rel=0.35)


def test_the_same_seed_gives_the_same_advice_with_any_number_of_workers(
    rec: hs.Recommendation,
) -> None:
    again = hs.tune(team(), seed=3, workers=2)
    assert again.policy == rec.policy
    assert again.to_dict() == rec.to_dict()


def test_no_figure_comes_from_a_seed_that_something_was_chosen_by(watched: Watched) -> None:
    *before, (reported, fresh) = watched.asked
    assert reported == {"today", "90/70", "recommended", "fewer looks", "more looks"}
    assert not {s for _, seeds in before for s in seeds} & set(fresh)


def test_the_boundary_it_gives_makes_a_valid_scenario(rec: hs.Recommendation) -> None:
    world = team().with_(boundary=rec.boundary)
    assert world.boundary.version == team().boundary.version + 1
    flows = tuple(rec.policy.rules)
    assert Policy.of(world.boundary, flows) == rec.policy


def test_where_value_alone_asks_about_most_it_is_said_what_a_look_costs_and_prevents(
    rec: hs.Recommendation,
) -> None:
    free = hs.tune(
        team().with_(weeks=2), seed=3, workers=1, exception_rate=None, cost_per_1000=100_000.0
    )
    assert free.rate.value > 0.5
    (said,) = [s for s in free.why() if s.startswith("So many are asked about")]
    cost, prevents = (float(x) for x in re.findall(r"EUR ([0-9.]+) ", said))
    assert 0 < cost < prevents
    assert "give a band of exceptions" in said
    # a band was asked for, so nobody needs to be told why not fewer
    assert not any(s.startswith("So many") for s in rec.why())


# --- worse humans --------------------------------------------------------------------------------


def test_where_reviewers_see_next_to_nothing_the_advice_is_to_ask_less_and_says_why() -> None:
    # they flip a coin, and the score says nothing of errors, which are few: a redraft is no better
    flows = {
        name: w.model_copy(update={"ai": w.ai.model_copy(update={"intercept": 4.0, "slope": 0.0})})
        for name, w in team().workflows.items()
    }
    blind = reps_and_lead(["ann", "bob"], habits="steady", edit_share=0.0, hit_rate=0.51,
                          false_alarm_rate=0.49)  # fmt: skip
    bad = team().with_(pools=blind, workflows=flows)
    rec = hs.tune(bad, exception_rate=None, cost_per_1000=100_000.0, workers=1)
    assert rec.status == "recommended"
    assert rec.rate.value < 0.01
    assert rec.today["exception_rate"].value > 0.15
    assert rec.saving.low > 0
    said = next(s for s in rec.why() if "of 1,000 looks" in s)
    assert "escalate as little as you may" in said
    assert rec.per_look.overrides_right > 0.4
    # no band stops anything, so one more look has no price
    assert not any(m.price_seen.known for m in rec.met)
    # inside a band that must be kept: no more than it asks for
    banded = hs.tune(bad, workers=1)
    assert banded.rate.value < 0.125
    assert any("the target asks for more" in said for said in banded.why())
    assert banded.met[0].price_seen.value < 0


# --- what cannot be had --------------------------------------------------------------------------


def test_a_target_of_the_desk_that_no_rate_keeps_is_said_with_the_people_it_takes() -> None:
    few = team(holidays=()).with_(
        pools=reps_and_lead(["ann"], hit_rate=0.9, shifts=["mon 09:00-09:30"])
    )
    rec = hs.tune(few, within_24h=0.95, workers=1)
    assert rec.status == "infeasible"
    assert rec.why()[0].startswith("Not all of it can be had together: the share begun within 24")
    assert "none of the exception rates tried gives it" in rec.why()[0]
    assert any(said.startswith("People of reps:") for said in rec.why())


def test_silent_errors_and_hours_that_contradict_each_other_are_named() -> None:
    rec = hs.tune(team(), fn_share=0.10, hours_per_week=0.5, workers=1)
    assert rec.status == "infeasible"
    missed = {m.limit.figure for m in rec.met if not m.kept}
    assert missed & {"fn_share", "hours_per_week"}


def test_a_team_without_automation_safe_work_has_nothing_to_tune() -> None:
    gated = {
        n: w.model_copy(update={"access": "manager-approved", "gate": "send"})
        for n, w in team().workflows.items()
    }
    with pytest.raises(hs.ScenarioError, match="no workflow is automation-safe"):
        hs.tune(team().with_(workflows=gated))


def test_a_rollout_that_ends_in_shadow_has_nothing_to_tune() -> None:
    shadow = team().with_(phases={"shadow": {"exceptions": "observe", "looks": {"share": 1.0}}})
    with pytest.raises(hs.ScenarioError, match="people only observe"):
        hs.tune(shadow)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"boundary": {"bands": {}}}, "dict is no boundary spec; read one with hs.load_boundary"),
        ({"boundary": "b.yaml"}, "str is no boundary spec"),
        ({"spending": hs.Spending()}, "no confidence is spent"),
    ],
)
def test_what_is_no_boundary_or_spends_nothing_is_refused(
    given: dict[str, object], said: str
) -> None:
    with pytest.raises(hs.LogError, match=said):
        hs.tune(team(), **given)  # type: ignore[arg-type]


def test_a_present_spec_that_does_not_fit_the_scenario_is_refused() -> None:
    with pytest.raises(hs.ScenarioError, match="'nope' is no signal"):
        hs.tune(team(), boundary=hs.Boundary(triggers={"signals": ["nope"]}))
    with pytest.raises(hs.LogError, match="neither a decision log"):
        hs.tune("on-the-loop")  # type: ignore[arg-type]


def test_no_sentence_says_that_less_than_the_limit_is_too_much(rec: hs.Recommendation) -> None:
    near = rec.figures["fn_share"].value + 1e-4
    again = hs.tune(team(), seed=3, workers=1, fn_share=near)
    (met,) = [m for m in again.met if m.limit.figure == "fn_share"]
    if not met.kept and not met.limit.missed_by(met.figure.value):
        assert again.status == "not enough evidence"
        assert "confidence" in " ".join(again.why())
    assert met.kept == (met.at_most <= near)


def test_costs_of_a_scenario_are_its_own() -> None:
    with pytest.raises(hs.LogError, match="a scenario says itself"):
        hs.tune(team(), costs={"harm": 3.0})


def test_progress_goes_from_nothing_to_all(watched: Watched) -> None:
    shares = [share for _, share in watched.told]
    assert shares == sorted(shares)
    assert shares[-1] == pytest.approx(1.0)
    steps = dict.fromkeys(what for what, _ in watched.told)
    assert list(steps) == ["trying out", "comparing", "checking"]
    assert np.all(np.array(shares) <= 1.0)
