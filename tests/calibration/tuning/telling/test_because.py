"""Reasons: each is given where it holds, and with its figures."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pytest

import hitlsim as hs
from hitlsim.calibration.tuning.proving.coverage import HAPPENED
from hitlsim.calibration.tuning.telling.doing import missed
from hitlsim.calibration.tuning.weighing.kept import KeptSignal
from hitlsim.decisions.estimating.intervals import NOTHING, Estimate
from tests.calibration.tuning.tuning_worlds import LogWorld

WORLD = LogWorld(np.array([5.0, 8.0]), np.array([0.8, 1.5]), np.array([0.8, 1.0]), audit=0.3)


@cache
def log() -> hs.DecisionLog:
    return WORLD.log(np.random.default_rng(1), 4000)


@cache
def rec(**asked: Any) -> hs.Recommendation:
    return hs.tune(log(), **asked)


def e(value: float, low: float, high: float, n: float = 20) -> Estimate:
    return Estimate(value, low, high, n, "")


def said(of: hs.Recommendation, begin: str) -> str:
    """The one reason that holds these words; empty if none does."""
    found = [s for s in of.why() if begin in s]
    assert len(found) <= 1, found
    return found[0] if found else ""


# --- what one more look brings -------------------------------------------------------------------


def with_price(seen: Estimate, wanted: float) -> hs.Recommendation:
    (met,) = rec().met
    bound = replace(met, binds=True, price=3.21, price_seen=seen)
    return replace(rec(), met=(bound,), wanted_rate=wanted, currency="EUR")


def test_a_price_on_paper_stands_where_none_was_seen() -> None:
    assert "One more look would bring EUR 3.21 more" in said(with_price(NOTHING, 0.5), "More looks")
    assert "The last look costs EUR 3.21 more" in said(with_price(NOTHING, 0.05), "Fewer looks")


@pytest.mark.parametrize(
    ("seen", "words"),
    [
        (e(6.6, 5.8, 7.4), "one more look would bring EUR 6.60 (5.80 to 7.40) more than it costs."),
        (e(0.6, -0.2, 1.4), "(-0.20 to 1.40) more than it costs, so it is not sure that it pays."),
        (e(-0.6, -1.4, 0.2), "cost EUR 0.60 (-0.20 to 1.40) more than it brings, so it is not"),
        (e(-6.6, -7.4, -5.8), "would cost EUR 6.60 (5.80 to 7.40) more than it brings."),
    ],
)  # fmt: skip
def test_a_price_seen_at_the_desk_stands_instead_with_its_interval(
    seen: Estimate, words: str
) -> None:
    sentence = said(with_price(seen, 0.5), "More looks")
    assert words in sentence
    assert "3.21" not in sentence


@pytest.mark.parametrize(
    ("seen", "words"),
    [
        (e(-6.6, -7.4, -5.8), "the last look costs EUR 6.60 (5.80 to 7.40) more than it brings."),
        (e(-0.6, -1.4, 0.2), "so it is not sure that it does not pay."),
        (e(0.6, -0.2, 1.4), "(-0.20 to 1.40) more than it costs, so it is not sure that it pays."),
    ],
)  # fmt: skip
def test_the_last_look_that_a_band_asks_for_has_its_price_seen_too(
    seen: Estimate, words: str
) -> None:
    assert said(with_price(seen, 0.05), "Fewer looks").endswith(words)


def test_the_price_seen_goes_to_results() -> None:
    (target,) = json.loads(json.dumps(with_price(e(6.6, 5.8, 7.4), 0.5).to_dict()))["targets"]
    assert target["price_seen"] == [6.6, 5.8, 7.4]


# --- silent errors against today's ---------------------------------------------------------------


def changed(silent: float, hours: float, saving: Estimate) -> hs.Recommendation:
    """The same, where today has 4% silent errors and takes 5 hours."""
    today = {**rec().today, "expected_fn_share": e(0.04, 0.03, 0.05),
             "hours_per_week": e(5, 4, 6)}  # fmt: skip
    then = {**rec().figures, "expected_fn_share": e(silent, silent - 0.01, silent + 0.01),
            "hours_per_week": e(hours, hours - 1, hours + 1)}  # fmt: skip
    # outside the band, or what holds could stay
    today["exception_rate"] = e(0.3, 0.29, 0.31)
    return replace(rec(), today=today, figures=then, saving=saving)


def test_more_silent_errors_are_told_with_why_they_are_cheaper() -> None:
    fewer = said(changed(0.052, 3.0, e(90, 50, 130)), "Silent errors rise")
    assert "from 4.0% (3.0%-5.0%) to 5.2% (4.2%-6.2%)" in fewer
    assert "the looks saved (3.0 hours a week instead of 5.0) cost more than the errors" in fewer
    more = said(changed(0.052, 6.0, e(90, 50, 130)), "Silent errors rise")
    assert more.endswith("there are more of them, but they do less harm in all.")


def test_where_nothing_is_surely_saved_no_reason_is_made_up() -> None:
    for saving in (e(90, -10, 190), e(-90, -130, -50), NOTHING):
        sentence = said(changed(0.052, 3.0, saving), "Silent errors rise")
        assert sentence
        assert "cost more" not in sentence
        assert "less harm" not in sentence


def test_fewer_silent_errors_are_no_rise() -> None:
    assert not said(changed(0.04, 3.0, e(90, 50, 130)), "Silent errors rise")
    assert not said(changed(0.03, 3.0, e(90, 50, 130)), "Silent errors rise")


# --- signals -------------------------------------------------------------------------------------


def test_signals_that_do_not_pay_are_named_with_their_loss_and_the_way_without() -> None:
    idle = KeptSignal("first_time", e(-4.1, -5.0, -3.2), 663)
    wise = KeptSignal("ethical", e(2.0, 1.0, 3.0), 90)
    one = said(replace(rec(), kept_signals=(idle, wise), currency="EUR"), "today's signals")
    assert one.startswith("Of today's signals first_time does not pay")
    assert "by EUR 4.10 (3.20 to 5.00) for first_time (n = 663)" in one
    assert "ethical" not in one
    assert "--boundary" in one
    both = replace(rec(), kept_signals=(idle, idle._replace(name="odd", looks=50)))
    assert "first_time and odd do not pay" in said(both, "today's signals")
    assert "for odd (n = 50)" in said(both, "today's signals")
    assert not said(replace(rec(), kept_signals=(wise,)), "today's signals")


def test_what_a_tune_found_of_todays_signals_is_told_and_goes_to_results() -> None:
    """In a log whose errors cost next to nothing no look pays, whatever sends it."""
    costs = {"harm": 1, "harm_deal_share": 0, "hour": 90}
    scenario = hs.load("on-the-loop")
    cheap = hs.tune(hs.simulate(scenario, seed=7).log, exception_rate=(0.05, 0.15), costs=costs)
    names = {k.name for k in cheap.kept_signals}
    assert names
    assert names <= {s for r in cheap.policy.rules.values() for s in r.signals}
    assert not any(k.pays for k in cheap.kept_signals)
    assert "do not pay" in said(cheap, "today's signals")
    told = cheap.to_dict()["kept_signals"]
    assert [t["looks"] for t in told] == [k.looks for k in cheap.kept_signals]


# --- targets -------------------------------------------------------------------------------------


def test_a_limit_on_silent_errors_that_is_kept_stands_beside_them_once() -> None:
    sure = rec(fn_share=0.25)
    assert sure.status == "recommended"
    assert "of all decisions allowed (asked: at most 25%)" in said(sure, "Silent errors there")
    assert not said(sure, "The share of decisions")
    assert "silent errors of at most 25% of all decisions" in sure.aim()


def test_every_other_target_that_is_kept_is_told_with_its_interval() -> None:
    free = rec(hours_per_week=1000.0)
    hours = free.figures["hours_per_week"]
    sentence = said(free, "asked: at most 1,000.0 hours")
    assert sentence.startswith("Hours a week would have been")
    assert f"({hours.low:,.1f}-{hours.high:,.1f})" in sentence


def test_what_nobody_looked_at_is_not_called_likely() -> None:
    plain = rec(fn_share=0.25)
    silent = plain.met[1]
    loose = replace(plain.met[1], kept=False, figure=replace(silent.figure, assumes=HAPPENED))
    assert "likely" not in missed(loose, plain)
    assert "only what people happened to see is known" in missed(loose, plain)
    assert plain.guarantee is not None
    untested = replace(plain, guarantee=replace(plain.guarantee, certificate=None))
    assert "it could not be tested" in missed(replace(loose, figure=silent.figure), untested)
    assert "is likely (seen:" in missed(replace(loose, figure=silent.figure), plain)
    lost = replace(plain, met=(plain.met[0], loose), status="not enough evidence")
    assert said(lost, "happened to see").startswith("Not sure: that at most 25%")
