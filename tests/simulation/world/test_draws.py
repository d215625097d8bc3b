"""Draws: the same world whatever the policy, and the world that the scenario describes.

When decisions arise is in ``test_arriving``. Twelve statistical checks run at a level of 0.1%
each: with fresh seeds a right program would fail one of them with a chance of about 1.2%. The seeds
are fixed.
"""

from __future__ import annotations

import math
from functools import partial
from typing import Any

import numpy as np
import pytest
from scipy import stats

import hitlsim as hs
from hitlsim.scenario.base import Lognormal
from hitlsim.scenario.hours import MINUTE_MS, WEEK_MS, parse_window
from hitlsim.scenario.surface import Workflow
from hitlsim.scenario.world import ListDrop
from hitlsim.simulation.contract import DECISION, EMAIL, FIRST, LOOK, REDRAFT, ROUNDS, VISIT
from hitlsim.simulation.world.arriving import arrivals
from hitlsim.simulation.world.draws import Draws, draw, made_for
from hitlsim.simulation.world.streams import stream

ALARM = 0.001
A_BIT = 1e-12  # what is the same but for rounding


def same(a: Draws, b: Draws) -> bool:
    pairs = ((a.world.decisions, b.world.decisions), (a.world.visits, b.world.visits))
    return all(np.array_equal(x, y) for x, y in (*pairs, (a.ids, b.ids)))


def of_workflow(draws: Draws, name: str) -> dict[str, Any]:
    """Everything drawn for one workflow, by name of the quantity."""
    mine = np.char.startswith(draws.ids, f"{name}-")
    decisions = draws.world.decisions[mine]
    visits = draws.world.visits[:, mine]
    kept = [f for f in decisions.dtype.names or () if f != "workflow"]
    return {"ids": draws.ids[mine], "visits": visits, **{f: decisions[f] for f in kept}}


def with_workflow(s: hs.Scenario, name: str, **changes: Any) -> hs.Scenario:
    changed = s.workflows[name].model_copy(update=changes)
    return s.with_(workflows={**s.workflows, name: changed})


def one_workflow(s: hs.Scenario, name: str, **changes: Any) -> tuple[Workflow, dict[str, Any]]:
    """A large sample of one workflow."""
    changes = {"volume_per_week": 4000.0, **changes}
    scenario = with_workflow(s, name, **changes)
    return scenario.workflows[name], of_workflow(draw(scenario, 5), name)


def assert_mean(values: Any, expected: float, spread: float) -> None:
    """``spread`` is the standard deviation of one value."""
    z = (np.mean(values) - expected) / (spread / math.sqrt(len(values)))
    assert abs(z) < stats.norm.isf(ALARM / 2), f"{np.mean(values):.4f} is not {expected:.4f}"


# --- known answers -------------------------------------------------------------------------------


def test_arrivals_fall_into_the_hours_in_proportion(plain: hs.Scenario) -> None:
    hours = {**plain.hours, "sending": (parse_window("mon 09:00-10:00 x3"),
                                           parse_window("tue-wed 10:00-12:00"))}  # fmt: skip
    scenario = with_workflow(plain.with_(hours=hours), "follow_up_email", volume_per_week=2000.0)
    arrivals = of_workflow(draw(scenario, 1), "follow_up_email")["arrival"] % WEEK_MS
    spans = [span for window in hours["sending"] for span in window.spans_ms()]
    counts = [int(np.sum((arrivals >= a) & (arrivals < b))) for a, b in spans]
    assert sum(counts) == len(arrivals), "nothing arrives outside the hours"
    # an hour of weight 3, and two days of two hours each
    expected = len(arrivals) * np.array([3, 2, 2]) / 7
    assert stats.chisquare(counts, expected).pvalue > ALARM


def test_volume_grows_from_week_to_week(plain: hs.Scenario) -> None:
    changes = {"volume_per_week": 1000.0, "growth_per_week": 0.1}
    _, drawn = one_workflow(plain, "list_sourcing", **changes)
    counts = np.bincount(drawn["arrival"] // WEEK_MS, minlength=plain.weeks)
    expected = 1000 * 1.1 ** np.arange(plain.weeks)
    statistic = ((counts - expected) ** 2 / expected).sum()  # Poisson: variance is the mean
    assert ALARM / 2 < stats.chi2.sf(statistic, plain.weeks) < 1 - ALARM / 2


def test_a_workflow_without_volume_is_no_trouble(plain: hs.Scenario) -> None:
    empty = {n: w.model_copy(update={"volume_per_week": 0.0})
             for n, w in plain.workflows.items()}  # fmt: skip
    assert len(draw(plain.with_(workflows=empty), 1)) == 0
    one = with_workflow(plain, "reply_triage", volume_per_week=0.0)
    assert not np.char.startswith(draw(one, 1).ids, "reply_triage").any()


def test_the_odds_of_being_right_are_the_logistic_formula(plain: hs.Scenario) -> None:
    w, drawn = one_workflow(plain, "follow_up_email")
    confidence = drawn["visits"]["confidence"][FIRST]
    expected = w.ai.intercept + w.ai.slope * np.log(confidence / (1 - confidence))
    for bit, signal in enumerate(plain.signals.values()):
        present = (drawn["signals"] >> bit) & 1
        expected = expected + present * math.log(signal.odds_of_ok)
    np.testing.assert_allclose(drawn["visits"]["logit_ok"][FIRST], expected, rtol=1e-12)


@pytest.mark.parametrize("round_", [FIRST, REDRAFT])
def test_the_ai_is_right_as_often_as_the_odds_say(plain: hs.Scenario, round_: int) -> None:
    visits = one_workflow(plain, "follow_up_email")[1]["visits"][round_]
    p = 1 / (1 + np.exp(-visits["logit_ok"]))
    ok = visits["u_ok"] < p
    z = (ok - p).sum() / math.sqrt((p * (1 - p)).sum())
    assert abs(z) < stats.norm.isf(ALARM / 2)


def test_extreme_odds_do_not_overflow(plain: hs.Scenario) -> None:
    signals = {f"s{i}": {"share": 1.0, "odds_of_ok": 1e-300} for i in range(3)}
    boundary = plain.boundary.model_copy(update={"triggers": {}})
    flows = {n: w.model_copy(update={"signal_shares": {}}) for n, w in plain.workflows.items()}
    scenario = plain.with_(signals=signals, boundary=boundary, workflows=flows, weeks=1)
    assert not hs.simulate(scenario, seed=1).log.frame["true_ok"].any()


def test_signals_are_as_frequent_as_the_scenario_says(plain: hs.Scenario) -> None:
    shares = {"negative_sentiment": 0.3, "ethical": 0.0}
    _, drawn = one_workflow(plain, "follow_up_email", signal_shares=shares)
    n = len(drawn["signals"])
    for bit, (name, signal) in enumerate(plain.signals.items()):
        share = shares.get(name, signal.share)
        present = int(((drawn["signals"] >> bit) & 1).sum())
        assert stats.binomtest(present, n, share).pvalue > ALARM or (share == 0 == present)


def test_confidence_has_its_mean_and_its_decimals(plain: hs.Scenario) -> None:
    w, drawn = one_workflow(plain, "list_sourcing")
    confidence = drawn["visits"]["confidence"][FIRST]
    m, k = w.ai.confidence_mean, w.ai.confidence_concentration
    # rounding and clipping move the mean by less than a tenth of the tolerance
    assert_mean(confidence, m, math.sqrt(m * (1 - m) / (k + 1)))
    assert (confidence == np.round(confidence, 3)).all()
    assert confidence.min() >= 0.001
    assert confidence.max() <= 0.999


def test_review_times_have_their_median_and_spread(plain: hs.Scenario) -> None:
    w, drawn = one_workflow(plain, "first_touch_email")
    for round_ in (FIRST, REDRAFT, LOOK):
        logs = np.log(drawn["visits"]["review"][round_] / 1000 / w.review_seconds.median)
        if round_ == FIRST:
            assert_mean(logs, 0, w.review_seconds.sigma)
        assert np.std(logs) == pytest.approx(w.review_seconds.sigma, rel=0.03)


def test_a_fixed_duration_is_fixed(plain: hs.Scenario) -> None:
    fixed = Lognormal(median=30, sigma=0)
    _, drawn = one_workflow(plain, "first_touch_email", review_seconds=fixed)
    assert set(drawn["visits"]["review"].ravel()) == {30_000}


def test_work_by_hand_has_its_median_in_minutes(plain: hs.Scenario) -> None:
    by_hand = {"minutes": {"median": 40, "sigma": 0.4}}
    _, drawn = one_workflow(plain, "first_touch_email", by_hand=by_hand)
    assert_mean(np.log(drawn["by_hand"] / MINUTE_MS / 40), 0, 0.4)


def test_every_quantity_is_what_its_own_stream_says(outbound: hs.Scenario) -> None:
    """However they are laid out and put in order on the way."""
    draws = draw(outbound, 7)
    labels = {FIRST: "first", REDRAFT: "redraft", LOOK: "look"}
    for name, w in outbound.workflows.items():
        drawn, of = of_workflow(draws, name), partial(stream, 7, name)
        n, visits = len(drawn["ids"]), drawn["visits"]
        assert drawn["ids"].tolist() == [f"{name}-{i:06d}" for i in range(1, n + 1)]
        np.testing.assert_array_equal(drawn["arrival"], arrivals(outbound, w, of))
        for u in ("u_look", "u_peek", "u_uptake", "u_hand", "u_surface"):
            np.testing.assert_array_equal(drawn[u], of(u).random(n))
        for r, label in labels.items():
            for u in ("u_inspect", "u_flag", "u_edit", "u_know"):
                np.testing.assert_array_equal(visits[u][r], of(f"{label} {u}").random(n))
            seconds = np.exp(w.review_seconds.sigma * of(f"{label} review").standard_normal(n))
            ms = (w.review_seconds.median * seconds * 1000).astype(np.int64)
            np.testing.assert_array_equal(visits["review"][r], ms)
            u_ok = of(f"{label} u_ok").random(n)
            np.testing.assert_array_equal(visits["u_ok"][r], 0.0 if r == LOOK else u_ok)
        for u in ("confidence", "logit_ok", "draft"):
            assert not visits[u][LOOK].any(), "a look drafts nothing"


def test_emails_have_draws_of_their_own_and_the_rest_zeros(outbound: hs.Scenario) -> None:
    draws = draw(outbound, 7)
    flow = draws.world.decisions["workflow"]
    for i, (name, w) in enumerate(outbound.workflows.items()):
        mine = draws.email[flow == i]
        for u in (u for u in EMAIL.names or () if u != "after"):
            drawn = stream(7, name, f"email {u}").random(len(mine))
            np.testing.assert_array_equal(mine[u], drawn if w.email else 0.0)
        assert (mine["after"] > 0).all() == (w.email is not None)


def test_what_arises_at_one_moment_stands_in_the_order_of_the_workflows(
    outbound: hs.Scenario,
) -> None:
    flows = {
        name: w.model_copy(update={"list_drop": ListDrop(contacts=3)})
        for name, w in outbound.workflows.items()
    }
    draws = draw(outbound.with_(workflows=flows), 7)
    decisions = draws.world.decisions
    keys = list(zip(decisions["arrival"], decisions["workflow"], draws.ids, strict=True))
    assert keys == sorted(keys)
    assert np.unique(decisions["arrival"], return_counts=True)[1].max() == 3 * len(flows)


# --- drift ---------------------------------------------------------------------------------------


def drift(plain: hs.Scenario, **incident: Any) -> dict[str, tuple[Any, Any]]:
    """For each workflow the weeks of its decisions, and by how much an incident shifts them."""
    before = draw(plain, 3)
    after = draw(plain.with_(incidents={"it": incident}), 3)
    for name in DECISION.names or ():
        np.testing.assert_array_equal(after.world.decisions[name], before.world.decisions[name])
    for name in set(VISIT.names or ()) - {"logit_ok"}:
        np.testing.assert_array_equal(after.world.visits[name], before.world.visits[name])
    shift = after.world.visits["logit_ok"] - before.world.visits["logit_ok"]
    np.testing.assert_allclose(shift[FIRST], shift[REDRAFT], atol=A_BIT)  # it is as bad
    number = before.world.decisions["workflow"]
    week = before.world.decisions["arrival"] / WEEK_MS
    return {
        name: (week[number == i], shift[FIRST, number == i])
        for i, name in enumerate(plain.workflows)
    }


def test_drift_shifts_only_its_weeks_and_workflows(plain: hs.Scenario) -> None:
    hit = {"follow_up_email", "list_sourcing"}
    for name, (week, shift) in drift(
        plain, workflows=sorted(hit), from_week=4, weeks=3, log_odds=-1.5
    ).items():
        within = (week >= 3) & (week < 6)
        assert within.any(), name
        expected = np.where(within & (name in hit), -1.5, 0.0)
        np.testing.assert_allclose(shift, expected, atol=A_BIT, err_msg=name)


def test_drift_comes_on_linearly_and_stays(plain: hs.Scenario) -> None:
    for week, shift in drift(plain, from_week=2, ramp_weeks=4, log_odds=-2.0).values():
        expected = -2.0 * np.clip((week - 1) / 4, 0, 1)
        np.testing.assert_allclose(shift, expected, atol=A_BIT)
        assert shift[week > 5].max() == pytest.approx(-2.0), "to the end"


def test_drift_that_ends_before_it_has_come_on_never_comes_on_fully(
    plain: hs.Scenario,
) -> None:
    for week, shift in drift(plain, from_week=1, weeks=2, ramp_weeks=4, log_odds=-2.0).values():
        expected = np.where(week < 2, -2.0 * week / 4, 0.0)
        np.testing.assert_allclose(shift, expected, atol=A_BIT)


def test_two_incidents_add_up(plain: hs.Scenario) -> None:
    one, other = ({"from_week": w, "weeks": 4, "log_odds": o} for w, o in ((2, -1.0), (4, 0.5)))
    drawn = {
        label: draw(plain.with_(incidents=incidents), 3).world.visits["logit_ok"]
        for label, incidents in (
            ("none", {}), ("one", {"a": one}), ("other", {"b": other}),
            ("both", {"a": one, "b": other}),
        )
    }  # fmt: skip
    expected = drawn["one"] + drawn["other"] - drawn["none"]
    np.testing.assert_allclose(drawn["both"], expected, atol=A_BIT)


# --- properties ----------------------------------------------------------------------------------


def test_same_scenario_and_seed_draw_the_same(plain: hs.Scenario) -> None:
    assert same(draw(plain, 7), draw(plain, 7))


def test_no_policy_changes_a_draw(plain: hs.Scenario) -> None:
    before = draw(plain, 7)
    spec = plain.boundary.model_copy(
        update={"version": 2, "bands": {"auto": 0.95, "review": 0.5}, "audit": {"share": 0.5}}
    )
    pools = {name: pool.model_copy(update={"reviewers": {f"{name}-temp": {
        "shifts": ["sat 10:00-11:00"]}}}) for name, pool in plain.pools.items()}  # fmt: skip
    urgent = with_workflow(plain, "list_sourcing", priority=1, stakes="high")
    changed = {
        "boundary": plain.with_(boundary=spec),
        "team": plain.with_(pools=pools),
        "phases": plain.with_(phases={"steady-state": plain.phases["steady-state"]}),  # type: ignore[index]
        "governance": plain.with_(
            governance={
                "calls": {"weekly": {}},
                "approvals": {"templates": {"workflows": ["follow_up_email"]}},
                "list_limits": {"list_sourcing": 3},
                "kill_switches": {"reply_triage": {"from_week": 2}},
            }
        ),
        "habits": plain.with_(habits={"our": {"hit_rate": 0.5}}),
        "date": plain.with_(start="2026-09-07"),
        "priority": urgent,
        "comment": plain.with_(teaches="another"),
    }
    for what, scenario in changed.items():
        assert scenario != plain, what
        assert same(draw(scenario, 7), before), what
        assert made_for(scenario) == made_for(plain), what


def test_one_workflow_does_not_disturb_the_others(plain: hs.Scenario) -> None:
    before = draw(plain, 7)
    new = {"newcomer": plain.workflows["list_sourcing"], **plain.workflows}
    fewer = {n: w for n, w in plain.workflows.items() if n != "reply_triage"}
    changed = {
        "added in front": plain.with_(workflows=new),
        "taken out": plain.with_(workflows=fewer),
        "more of it": with_workflow(plain, "reply_triage", volume_per_week=400.0),
        "another AI": with_workflow(plain, "reply_triage", ai={"confidence_mean": 0.5}),
    }
    for what, scenario in changed.items():
        after = draw(scenario, 7)
        assert made_for(scenario) != made_for(plain), what
        for name in set(plain.workflows) - {"reply_triage"}:
            one, other = of_workflow(before, name), of_workflow(after, name)
            for quantity in one:
                np.testing.assert_array_equal(one[quantity], other[quantity], what)


def test_seeds_give_different_worlds(plain: hs.Scenario) -> None:
    a, b = draw(plain, 1), draw(plain, 2)
    for name in ("arrival", "deal_size", "u_look", "surface_after"):
        n = min(len(a), len(b))
        assert not np.array_equal(a.world.decisions[name][:n], b.world.decisions[name][:n])
    assert a.world.decisions["u_audit"][0] != b.world.decisions["u_audit"][0]


def test_workflows_do_not_share_their_luck(plain: hs.Scenario) -> None:
    drawn = draw(plain, 7)
    first = [of_workflow(drawn, name) for name in plain.workflows]
    for quantity in ("u_look", "u_peek", "u_uptake", "u_hand", "u_surface"):
        assert len({w[quantity][0] for w in first}) == len(first)
    assert len({w["visits"]["u_ok"][FIRST, 0] for w in first}) == len(first)


def test_quantities_of_one_decision_are_unrelated(plain: hs.Scenario) -> None:
    drawn = one_workflow(plain, "follow_up_email")[1]
    v = drawn["visits"]
    columns = [drawn[f"u_{what}"] for what in
               ("audit", "look", "peek", "uptake", "hand", "surface")]  # fmt: skip
    names = ("u_inspect", "u_flag", "u_edit", "u_know")
    columns += [v[name][r] for name in names for r in range(ROUNDS)]
    columns += [v["u_ok"][r] for r in (FIRST, REDRAFT)]
    between = np.corrcoef(columns)[np.triu_indices(len(columns), 1)]
    limit = stats.norm.isf(ALARM / 2 / len(between)) / math.sqrt(v.shape[1])  # Bonferroni
    assert np.abs(between).max() < limit


def test_arrivals_are_in_order_and_inside_the_run(plain: hs.Scenario) -> None:
    arrival = draw(plain, 3).world.decisions["arrival"]
    assert (np.diff(arrival) >= 0).all()
    assert arrival[0] >= 0
    assert arrival[-1] < plain.weeks * WEEK_MS


# --- errors --------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", [-1, 2**63, 1.5, "7", True, None])
def test_bad_seeds_are_refused(plain: hs.Scenario, seed: Any) -> None:
    with pytest.raises(hs.ScenarioError, match=r"seed .* must be a whole number from 0 to"):
        draw(plain, seed)


@pytest.mark.parametrize("seed", [0, 2**63 - 1, np.int64(3)])
def test_whole_numbers_in_range_are_good_seeds(plain: hs.Scenario, seed: Any) -> None:
    assert draw(plain.with_(weeks=1), seed).seed == int(seed)


def test_more_decisions_than_memory_are_refused_before_drawing(plain: hs.Scenario) -> None:
    endless = with_workflow(plain, "list_sourcing", volume_per_week=1e7)
    with pytest.raises(hs.ScenarioError, match=r"outbound: about 1e\+08 decisions in 10 weeks"):
        draw(endless, 1)
