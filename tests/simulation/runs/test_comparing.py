from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from scipy import stats

import hitlsim as hs
from hitlsim.decisions.counting.metrics import BY_NAME
from hitlsim.simulation.runs import differences, replicating
from hitlsim.simulation.runs.differences import Verdict, difference_of
from hitlsim.simulation.world.draws import Draws
from tests.simulation.one_flow import one_flow


@pytest.fixture(scope="module")
def bands() -> hs.Comparison:
    policies = {"today": one_flow(), "looser": one_flow(auto=0.85), "tighter": one_flow(auto=0.95)}
    return hs.compare(policies, n=4)


# --- known answers -------------------------------------------------------------------------------


def test_a_threshold_asks_about_the_decisions_between_exactly(bands: hs.Comparison) -> None:
    expected = []
    for seed in bands.seeds:
        confidence = hs.simulate(one_flow(), seed=seed).log.frame["confidence"]
        expected.append(((confidence >= 0.9) & (confidence < 0.95)).mean())
    e = bands.difference("exception_rate", "tighter")
    assert e.value == pytest.approx(np.mean(expected), abs=1e-12)
    assert e.sd == pytest.approx(np.std(expected, ddof=1), abs=1e-12)
    assert (e.verdict, e.n) == (Verdict.HIGHER, 4)
    assert bands.difference("exception_rate", "looser").verdict is Verdict.LOWER


def test_the_interval_is_students_for_all_policies_together(bands: hs.Comparison) -> None:
    e = bands.difference("exception_rate", "tighter")
    half = stats.t.ppf(1 - 0.05 / 2 / 2, 3) * e.sd / math.sqrt(4)
    assert e.confidence == pytest.approx(0.975)
    assert [e.low, e.high] == pytest.approx([e.value - half, e.value + half])
    assert "2 policies together (Bonferroni)" in e.assumes


def test_pairing_saves_runs(bands: hs.Comparison) -> None:
    mine, base = (bands.get("exception_rate", p) for p in ("tighter", "today"))
    e = bands.difference("exception_rate", "tighter")
    assert e.times_unpaired == pytest.approx((mine.sd**2 + base.sd**2) / e.sd**2)
    assert e.value == pytest.approx(mine.value - base.value)


def test_the_same_policy_twice_differs_in_nothing() -> None:
    c = hs.compare({"a": one_flow(), "b": one_flow()}, n=2)
    known = c.frame[(c.frame["policy"] == "b") & (c.frame["n"] == 2)]
    assert set(known["difference_verdict"]) == {Verdict.SAME}
    assert (known["difference_value"] == 0).all()
    assert "the same" in str(c)


def test_another_name_is_no_other_world(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[int] = []

    def draw(s: hs.Scenario, seed: int) -> Draws:
        drawn.append(seed)
        return hs.draw(s, seed)

    monkeypatch.setattr(replicating, "draw", draw)
    c = hs.compare([one_flow(), one_flow(name="another")], n=2, workers=1)
    assert drawn == [1, 2]
    assert c.own_draws == ()
    assert c.difference("exception_rate", "another").verdict is Verdict.SAME


def test_another_world_is_drawn_from_the_same_seeds_and_said() -> None:
    busy = one_flow(flow={"volume_per_week": 90})
    c = hs.compare({"today": one_flow(), "busy": busy}, n=3)
    assert c.own_draws == ("busy",)
    assert "Not the same world as today: busy." in str(c)
    assert c.difference("decisions", "busy").verdict is Verdict.HIGHER


def test_a_compared_run_can_be_had_alone(bands: hs.Comparison) -> None:
    alone = [
        hs.simulate(bands.scenarios["tighter"], seed=seed).scorecard().get("override_rate").value
        for seed in bands.seeds
    ]
    assert bands.get("override_rate", "tighter").value == pytest.approx(np.mean(alone))


@pytest.mark.parametrize(
    ("metric", "apart", "verdict"),
    [
        ("wait_minutes", [1.0, 1.1], Verdict.WORSE),
        ("wait_minutes", [-1.0, -1.1], Verdict.BETTER),
        ("freed_hours", [1.0, 1.1], Verdict.BETTER),
        ("freed_hours", [-1.0, -1.1], Verdict.WORSE),
        ("exception_rate", [1.0, 1.1], Verdict.HIGHER),
        ("exception_rate", [-1.0, -1.1], Verdict.LOWER),
        ("wait_minutes", [1.0, -1.1], Verdict.OPEN),
        ("wait_minutes", [1.0, math.nan], Verdict.OPEN),
        ("wait_minutes", [math.nan, math.nan], Verdict.OPEN),
        ("wait_minutes", [0.0, 0.0], Verdict.SAME),
    ],
)
def test_verdicts(metric: str, apart: list[float], verdict: Verdict) -> None:
    base = np.array([5.0, 7.0])
    assert difference_of(metric, base, base + np.array(apart)).verdict is verdict


def test_verdicts_name_metrics_that_exist() -> None:
    assert set(BY_NAME) >= differences._LESS_IS_BETTER | differences._MORE_IS_BETTER
    assert not differences._LESS_IS_BETTER & differences._MORE_IS_BETTER


def test_the_baseline_can_be_chosen() -> None:
    c = hs.compare({"a": one_flow(), "b": one_flow(auto=0.95)}, baseline="b", n=2)
    assert c.policies == ["b", "a"]
    assert c.difference("exception_rate", "a").value < 0


def test_precision_is_about_differences_and_workers_do_not_matter() -> None:
    policies = {"a": one_flow(), "b": one_flow(auto=0.93)}
    found = [
        hs.compare(policies, precision={"exception_rate": 0.04}, at_least=3, workers=w)
        for w in (1, 3)
    ]
    assert found[0].frame.equals(found[1].frame)
    assert found[0].difference("exception_rate", "b").half_width <= 0.04
    assert "exception_rate of b" in found[0].notes[0]
    needed = found[0].runs_needed("exception_rate", "b", 0.04)
    assert needed <= len(found[0].seeds)


def test_the_warm_up_is_left_out() -> None:
    c = hs.compare({"a": one_flow(), "b": one_flow(auto=0.95)}, n=2, warm_up_weeks=1)
    assert c.span[0] == np.datetime64("2026-08-10")


def test_a_comparison_can_be_read(bands: hs.Comparison) -> None:
    text, page = str(bands), bands._repr_html_()
    assert "looser, tighter against today: 4 runs each of 2 weeks" in text
    for said in ("Exception rate", "lower", "hold together with 95% (Bonferroni)"):
        assert said in text
        assert said in page
    assert "Paired by seed: unpaired, " in text
    assert "pairs;" in str(bands.difference("exception_rate", "looser"))


# --- errors --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("policies", "asked", "says"),
    [
        ([one_flow()], {}, "1 scenario to compare; give two or more, or replicate one"),
        ({}, {}, "0 scenarios to compare"),
        ([one_flow(), one_flow(auto=0.8)], {}, "two policies are called 'one-flow'; tell them"),
        ([one_flow(), one_flow(name="b")], {"baseline": "c"}, "'c' is none of one-flow, b"),
        ([one_flow(), one_flow(name="b", currency="USD")], {}, "EUR and USD cannot be compared"),
        ([one_flow(), one_flow(name="b", weeks=1)], {"warm_up_weeks": 1}, "nothing of the 1 weeks"),
        ([one_flow(), one_flow(name="b")], {"metrics": ["speed"]}, "metrics: metric 'speed'"),
        ([one_flow(), one_flow(name="b")], {"n": 3, "precision": {"fn_share": 1}}, "not both"),
    ],
)
def test_what_cannot_be_compared(policies: Any, asked: dict[str, Any], says: str) -> None:
    with pytest.raises(hs.ScenarioError, match=says):
        hs.compare(policies, **asked)


def test_one_pair_has_no_interval() -> None:
    with pytest.raises(
        hs.ScenarioError, match=r"n=1 must be .* 2 or more: one run has no interval"
    ):
        hs.compare({"a": one_flow(), "b": one_flow()}, n=1)


def test_figures_that_are_not_there(bands: hs.Comparison) -> None:
    with pytest.raises(hs.LogError, match="policy 'best' is not in the comparison; it has today"):
        bands.get("exception_rate", "best")
    with pytest.raises(hs.LogError, match="metric 'bounce_rate' is not in the comparison"):
        bands.difference("bounce_rate", "looser")
    with pytest.raises(hs.LogError, match="today is the baseline"):
        bands.difference("exception_rate", "today")
    with pytest.raises(hs.ScenarioError, match="half_width=-1 must be above 0"):
        bands.runs_needed("exception_rate", "looser", -1)
