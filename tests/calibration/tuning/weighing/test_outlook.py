from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hitlsim.calibration.tuning.weighing.cases import Cases
from hitlsim.calibration.tuning.weighing.outlook import cost_of, outlook, overrides, silent_share
from hitlsim.calibration.tuning.weighing.search import hours_of
from hitlsim.decisions.estimating.intervals import clopper_pearson
from tests.calibration.tuning.tuning_worlds import cases_of, looks_of, small_cases


def audited(seed: int, n: int = 300, share: float = 0.3) -> Cases:
    """Small cases, of which some are known by chance."""
    rng = np.random.default_rng(seed)
    cases = small_cases(rng, n=n, flows=3)
    known = rng.random(n) < share
    truth = rng.random(n) < cases.p_bad
    return replace(
        cases, exact=False, known=known, bad=known & truth, chance=np.full(n, share), truth=truth,
        day=rng.integers(0, 28, n),
    )  # fmt: skip


# --- known answers -------------------------------------------------------------------------------


def test_a_look_costs_its_money_and_wait_and_leaves_what_it_misses_and_spoils() -> None:
    looks = looks_of(1, catches=0.75, spoils=0.1, money=2.0, waiting=1.0)
    cases = cases_of([0.5, 0.5], [0.4, 0.4], harm=[100.0, 100.0], looks=looks)
    costs = cost_of(cases, np.array([False, True]))
    assert costs.tolist() == pytest.approx([40.0, (0.4 * 0.25 + 0.6 * 0.1) * 100 + 3.0])


def test_one_who_asks_nobody_has_no_override_rate() -> None:
    cases = cases_of([0.5], [0.4])
    assert not overrides(cases, np.array([False])).known
    assert overrides(cases, np.array([True])).value == pytest.approx(0.4 * 0.8 + 0.6 * 0.1)


def test_a_rate_without_a_base_is_no_number() -> None:
    cases = cases_of([0.5], [0.4])
    assert np.isnan(silent_share(cases, np.array([True]), "fn_of_auto"))
    assert silent_share(cases, np.array([True]), "fn_share") == 0.0


def test_without_chances_of_being_wrong_only_what_was_seen_is_told() -> None:
    cases = cases_of([0.5, 0.6], [np.nan, np.nan])
    assert set(outlook(cases, np.array([True, False]))) == {
        "exception_rate", "fn_share", "fn_of_auto", "fn_of_bad", "hours_per_week",
    }  # fmt: skip


@pytest.mark.parametrize("days", [1, 3, 28])
def test_hours_searched_by_are_the_hours_shown_however_short_the_log(days: int) -> None:
    cases = cases_of([0.5] * 60, [0.1] * 60, day=np.arange(60) % days)
    asks = np.arange(60) < 20
    assert outlook(cases, asks)["hours_per_week"].value == pytest.approx(hours_of(cases, asks))
    assert hours_of(cases, asks) == pytest.approx(20 / 60 * 7 / days)


# --- properties ----------------------------------------------------------------------------------


@settings(max_examples=40)
@given(seed=st.integers(0, 5000), share=st.floats(0.05, 0.95))
def test_figures_are_those_of_plain_sums_over_a_table(seed: int, share: float) -> None:
    cases = audited(seed)
    asks = np.random.default_rng(seed + 1).random(len(cases)) < share
    got = outlook(cases, asks)
    looks = pd.DataFrame(cases.looks._asdict()).take(cases.flow).reset_index(drop=True)
    t = pd.DataFrame({
        "flow": cases.flow, "asked": asks, "p": cases.p_bad, "harm": cases.harm,
        "known": cases.known, "bad": cases.bad, "w": cases.known / cases.chance,
    }).join(looks)  # fmt: skip
    t["hat"] = t["p"] + t["w"] * (t["bad"] - t["p"])
    n, alone = len(t), t[~t["asked"]]
    looked = t["harm"] * (t["p"] * (1 - t["catches"]) + (1 - t["p"]) * t["spoils"])
    cost = (t["p"] * t["harm"]).where(~t["asked"], looked + t["money"] + t["waiting"])
    asked = t[t["asked"]]
    changed = asked["p"] * asked["catches"] + (1 - asked["p"]) * asked["overrides_right"]
    expected = {
        "exception_rate": t["asked"].mean(),
        "hours_per_week": asked["minutes"].sum() / 60 / 4,
        "expected_fn_share": alone["p"].sum() / n,
        "cost_per_1000": 1000 * cost.mean(),
        "override_rate": changed.mean(),
        "true_fn_share": (cases.truth & ~asks).mean(),  # type: ignore[operator]
    }
    for name, value in expected.items():
        assert got[name].value == pytest.approx(value), name
    assert got["exception_rate"] == clopper_pearson(float(asks.sum()), n)
    assert silent_share(cases, asks, "fn_share") == pytest.approx(max(0, alone["hat"].sum() / n))
    # silent errors seen: by workflow, then weighted to all of it
    by_flow = alone.groupby("flow").agg(n=("p", "size"), w=("w", "sum"))
    by_flow["bad"] = (alone["w"] * alone["bad"]).groupby(alone["flow"]).sum()
    by_flow = by_flow[by_flow["w"] > 0]
    if len(by_flow) == alone["flow"].nunique():
        silent = (by_flow["n"] * by_flow["bad"] / by_flow["w"]).sum()
        assert got["fn_share"].value == pytest.approx(silent / n)
        assert got["fn_of_auto"].value == pytest.approx(silent / len(alone))


def test_intervals_of_silent_errors_hold_the_truth_as_often_as_they_say() -> None:
    # 150 worlds, 95% intervals: fewer than 130 with probability < 1e-4
    inside = 0
    for seed in range(150):
        cases = audited(seed, n=800)
        asks = cases.score < 0.5
        got = outlook(cases, asks)
        truth = float((cases.truth & ~asks).mean())  # type: ignore[operator]
        inside += got["fn_share"].low <= truth <= got["fn_share"].high
    assert inside >= 130
