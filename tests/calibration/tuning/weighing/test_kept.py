"""Whether today's signals pay: known answers on cases made by hand."""

from __future__ import annotations

import numpy as np
import pytest

from hitlsim.calibration.tuning.weighing.cases import Cases, Looks
from hitlsim.calibration.tuning.weighing.grid import Keep
from hitlsim.calibration.tuning.weighing.kept import kept_signals
from hitlsim.calibration.tuning.weighing.policy import Policy, Rule

KEEP = Keep({"mail": ("idle", "wise"), "crm": ("idle",)}, {"mail": 0.0, "crm": 0.0})


def rules(**more: float) -> Policy:
    return Policy({
        "mail": Rule(0.5, 0.0, signals=("idle", "wise"), **more),
        "crm": Rule(0.5, 0.0, signals=("idle",)),
    })  # fmt: skip


def cases(present: list[int], p_bad: list[float], score: float = 0.9, days: int = 10) -> Cases:
    """Forty of each kind of decision; a look takes 1, catches all, and an error costs 10."""
    n = 40 * len(present)
    one = np.ones(2)
    none = np.zeros(n, bool)
    looks = Looks(one, one, 0 * one, one, 0 * one, 0 * one)
    return Cases(
        workflows=("mail", "crm"), signals=("idle", "wise"), flow=np.zeros(n, np.int64),
        score=np.full(n, score), deal_size=np.full(n, 100.0),
        present=np.repeat(np.array(present, np.int64), 40), always=none,
        day=np.arange(n) % days, p_bad=np.repeat(np.array(p_bad), 40), harm=np.full(n, 10.0),
        known=none, bad=none, chance=np.ones(n), u=np.zeros(n), looks=looks,
    )  # fmt: skip


# --- known answers -------------------------------------------------------------------------------


def test_a_signal_is_judged_by_what_only_it_sends() -> None:
    """idle: errors of 4%, worth .4 a look that costs 1. With both there, neither sends alone."""
    idle, wise = kept_signals(cases([1, 2, 3, 0], [0.04, 0.5, 1.0, 1.0]), rules(), KEEP)
    assert (idle.name, idle.looks, idle.pays) == ("idle", 40, False)
    assert idle.gain.value == pytest.approx(0.04 * 10 - 1)
    assert (wise.name, wise.looks, wise.pays) == ("wise", 40, True)
    assert wise.gain.value == pytest.approx(4)


def test_what_a_threshold_or_a_deal_limit_sends_too_does_not_count() -> None:
    c = cases([1, 2], [0.04, 0.04])
    assert not kept_signals(cases([1, 2], [0.04, 0.04], score=0.3), rules(), KEEP)
    assert not kept_signals(c, rules(deal_limit=50.0), KEEP)
    assert len(kept_signals(c, rules(deal_limit=150.0), KEEP)) == 2


def test_a_signal_that_only_the_new_rules_ask_at_is_none_of_todays() -> None:
    keep = Keep({"mail": ("wise",), "crm": ()}, {"mail": 0.0, "crm": 0.0})
    found = kept_signals(cases([1, 2], [0.04, 0.04]), rules(), keep)
    assert [k.name for k in found] == ["wise"]


def test_a_mean_that_days_leave_open_may_pay() -> None:
    """A look brings 8 on one day in ten and loses 1 on the others: below 0, but not for sure."""
    c = cases([1], [0.0])
    p = np.where(c.day < 1, 0.9, 0.0)
    (idle,) = kept_signals(Cases(**{**vars(c), "p_bad": p}), rules(), KEEP)
    assert idle.gain.value < 0 < idle.gain.high
    assert idle.pays


# --- too little ----------------------------------------------------------------------------------


def test_too_few_days_tell_nothing() -> None:
    assert not kept_signals(cases([1], [0.0], days=6), rules(), KEEP)
    assert kept_signals(cases([1], [0.0], days=7), rules(), KEEP)


def test_where_nothing_tells_what_a_look_brings_no_signal_is_judged() -> None:
    assert not kept_signals(cases([1], [np.nan]), rules(), KEEP)
