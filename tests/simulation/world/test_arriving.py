"""When decisions arise, and what keeps them from being drafted at once.

Seven statistical checks run at a level of 0.1% each: with fresh seeds a right program would fail
one of them with a chance of about 0.7%. The seeds are fixed.
"""

from __future__ import annotations

import math
from datetime import date, timedelta
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import stats

import hitlsim as hs
from hitlsim.scenario.hours import DAY_MS, HOUR_MS, WEEK_MS
from hitlsim.simulation.contract import NEVER
from hitlsim.simulation.world.arriving import arrivals, list_drops, weekly
from hitlsim.simulation.world.draws import Draws, draw
from hitlsim.simulation.world.holding import ready_of, standing_still
from hitlsim.simulation.world.streams import stream

ALARM = 0.001
NAME, OTHER = "list_sourcing", "reply_triage"
OUTBOUND = hs.load("outbound")  # for Hypothesis, which wants no fixtures
Ints = NDArray[np.int64]


def with_workflow(s: hs.Scenario, name: str = NAME, **changes: Any) -> hs.Scenario:
    changed = s.workflows[name].model_copy(update=changes)
    return s.with_(workflows={**s.workflows, name: changed})


def arise(s: hs.Scenario, seed: int = 1, name: str = NAME) -> Ints:
    def of(purpose: str) -> np.random.Generator:
        return stream(seed, name, purpose)

    return arrivals(s, s.workflows[name], of)


def by_week(s: hs.Scenario, seed: int) -> Ints:
    return np.bincount(arise(s, seed) // WEEK_MS, minlength=s.weeks)


def dates(s: hs.Scenario, times: Ints) -> list[date]:
    return [s.start + timedelta(days=int(day)) for day in times // DAY_MS]


# --- busy and quiet weeks ------------------------------------------------------------------------


@pytest.mark.parametrize(("mean", "dispersion"), [(50.0, 1.27), (30.0, 4.0)])
def test_weeks_vary_as_much_as_the_dispersion_says(
    plain: hs.Scenario, mean: float, dispersion: float
) -> None:
    """Counts are negative binomial; their mean and variance are asymptotically normal."""
    s = with_workflow(plain.with_(weeks=520), volume_per_week=mean, dispersion=dispersion)
    counts = by_week(s, 11)
    p = 1 / dispersion  # variance / mean is 1 / p
    variance, kurtosis = stats.nbinom.stats(mean * p / (1 - p), p, moments="vk")
    error = variance * math.sqrt((kurtosis + 2) / len(counts))
    limit = stats.norm.isf(ALARM / 2)
    assert abs(counts.mean() - mean) < limit * math.sqrt(variance / len(counts))
    assert abs(counts.var(ddof=1) - variance) < limit * error
    if dispersion > 2:
        assert variance - mean > 3 * limit * error, "narrow enough to tell"


def test_dispersion_1_is_plain_poisson(plain: hs.Scenario) -> None:
    """Whoever asks for none pays nothing: the draws are those without the factor."""
    busy, calm = (with_workflow(plain, dispersion=d) for d in (1.5, 1.0))
    assert not np.array_equal(by_week(busy, 1), by_week(calm, 1))
    s = with_workflow(plain.with_(weeks=520), volume_per_week=50.0, dispersion=1.0)
    counts = by_week(s, 5)
    index = float(((counts - 50.0) ** 2).sum() / 50.0)
    assert ALARM / 2 < stats.chi2.sf(index, len(counts)) < 1 - ALARM / 2


def test_a_week_without_volume_has_no_busy_factor(plain: hs.Scenario) -> None:
    assert len(arise(with_workflow(plain, volume_per_week=0.0, dispersion=2.0))) == 0


def test_weeks_grow_by_their_rate(plain: hs.Scenario) -> None:
    w = with_workflow(plain, volume_per_week=80.0, growth_per_week=0.5).workflows[NAME]
    assert weekly(w, 4).tolist() == [80, 120, 180, 270]
    shrinking = w.model_copy(update={"growth_per_week": -0.5})
    assert weekly(shrinking, 3).tolist() == [80, 40, 20]


# --- lists ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("start", "expected"),
    [
        ("2026-08-03", ["2026-08-05", "2026-09-02", "2026-10-07"]),
        ("2026-08-10", ["2026-09-02", "2026-10-07"]),  # August's has been
        ("2026-06-29", ["2026-07-01", "2026-08-05", "2026-09-02"]),
    ],
)
def test_a_list_comes_at_the_first_such_moment_of_each_month(
    plain: hs.Scenario, start: str, expected: list[str]
) -> None:
    drop = {"contacts": 40, "at": "wed 06:30"}
    s = with_workflow(plain.with_(start=start), volume_per_week=0.0, list_drop=drop)
    times = arise(s)
    assert np.array_equal(times, np.sort(times))
    moments, contacts = np.unique(times, return_counts=True)
    assert [str(day) for day in dates(s, moments)] == expected
    assert set(moments % DAY_MS) == {6.5 * HOUR_MS}
    assert set(contacts) == {40}


def test_a_list_due_on_a_holiday_comes_on_the_next_day_that_is_none(plain: hs.Scenario) -> None:
    drop = {"contacts": 40, "at": "wed 06:30"}
    s = with_workflow(
        plain.with_(start="2026-08-03", holidays=["2026-08-05", "2026-08-06"]),
        volume_per_week=0.0, list_drop=drop,
    )  # fmt: skip
    moments = np.unique(arise(s))
    assert [str(day) for day in dates(s, moments)][:2] == ["2026-08-07", "2026-09-02"]
    assert set(moments % DAY_MS) == {6.5 * HOUR_MS}


def test_a_list_comes_on_top_of_the_weekly_volume(plain: hs.Scenario) -> None:
    with_list = with_workflow(plain, list_drop={"contacts": 40})
    both, steady = arise(with_list), arise(plain)
    assert len(both) == len(steady) + 40 * len(list_drops(with_list, with_list.workflows[NAME]))
    assert np.isin(steady, both).all(), "and moves nothing"


@given(monday=st.integers(0, 600), at=st.integers(0, 6 * 24 + 23), weeks=st.integers(1, 60))
def test_there_is_one_first_moment_in_each_month(monday: int, at: int, weeks: int) -> None:
    start = date(2024, 1, 1) + timedelta(weeks=monday)
    s = OUTBOUND.model_copy(update={"start": start})
    days = [start + timedelta(weeks=k, hours=at) for k in range(weeks)]
    firsts = [
        day
        for k, day in enumerate(days)
        if s.first_of_month(k * WEEK_MS + at * HOUR_MS)
    ]  # fmt: skip
    months = [(day.year, day.month) for day in days]
    for day in firsts:
        assert (day - timedelta(weeks=1)).month != day.month
    begun_in_run = {m for m, before in zip(months[1:], months, strict=False) if m != before}
    assert begun_in_run <= {(day.year, day.month) for day in firsts}
    assert len(firsts) == len({(day.year, day.month) for day in firsts})


# --- holidays ------------------------------------------------------------------------------------


def test_nothing_arises_on_a_holiday(plain: hs.Scenario) -> None:
    busy = with_workflow(plain, volume_per_week=1000.0)
    holidays = [plain.start + timedelta(days=d) for d in (2, 15)]
    outside = plain.start - timedelta(days=7)
    s = busy.with_(holidays=[str(day) for day in (*holidays, outside)])
    before, after = (set(dates(busy, arise(x))) for x in (busy, s))
    assert set(holidays) <= before
    assert after == before - set(holidays)


def test_work_of_a_holiday_is_not_made_up_for(plain: hs.Scenario) -> None:
    """One of five working days of each week: a fifth fewer decisions."""
    s = with_workflow(plain, volume_per_week=4000.0, hours="office")
    fridays = [str(plain.start + timedelta(days=4, weeks=k)) for k in range(plain.weeks)]
    n = len(arise(s.with_(hours={**s.hours, "office": ["mon-fri 09:00-17:00"]}, holidays=fridays)))
    expected = 0.8 * 4000 * plain.weeks
    assert abs(n - expected) < stats.norm.isf(ALARM / 2) * math.sqrt(expected)


# --- approvals -----------------------------------------------------------------------------------


def governed(s: hs.Scenario, **governance: Any) -> hs.Scenario:
    return s.with_(governance=governance)


def of_workflow(s: hs.Scenario, draws: Draws, name: str) -> NDArray[np.bool_]:
    return np.asarray(draws.world.decisions["workflow"] == list(s.workflows).index(name))


@pytest.fixture(scope="module")
def drawn(plain: hs.Scenario) -> Draws:
    """A day and night of work, so that windows hit something."""
    always = ["mon-sun 00:00-24:00"]
    return draw(plain.with_(hours=dict.fromkeys(plain.hours, always)), 7)


def test_what_waits_for_an_approval_is_ready_when_it_comes(
    plain: hs.Scenario, drawn: Draws
) -> None:
    templates = {"workflows": [NAME], "every_weeks": 4, "hours": 30, "sigma": 0}
    ready = ready_of(governed(plain, approvals={"templates": templates}), drawn)
    arrival, mine = drawn.world.decisions["arrival"], of_workflow(plain, drawn, NAME)
    window = arrival // (4 * WEEK_MS) * 4 * WEEK_MS
    waits = mine & (arrival - window < 30 * HOUR_MS)
    assert waits.any()
    np.testing.assert_array_equal(ready, np.where(waits, window + 30 * HOUR_MS, arrival))


def test_two_approvals_must_both_be_there(plain: hs.Scenario, drawn: Draws) -> None:
    approvals = {
        label: {"workflows": [NAME], "every_weeks": weeks, "hours": hours, "sigma": 0}
        for label, weeks, hours in (("legal", 1, 20), ("brand", 2, 50))
    }
    ready = ready_of(governed(plain, approvals=approvals), drawn)
    mine = of_workflow(plain, drawn, NAME)
    arrival, ready = drawn.world.decisions["arrival"][mine], ready[mine]
    for weeks, hours in ((1, 20), (2, 50)):
        assert (ready % (weeks * WEEK_MS) >= hours * HOUR_MS).all(), "nobody begins in a window"
    even = arrival // WEEK_MS % 2 == 0
    early = arrival % WEEK_MS < 50 * HOUR_MS
    assert (ready[even & early] % WEEK_MS == 50 * HOUR_MS).all(), "the later of the two"


def test_an_approval_that_takes_longer_than_its_period_runs_into_the_next(
    plain: hs.Scenario, drawn: Draws
) -> None:
    slow = {"workflows": [NAME], "every_weeks": 1, "hours": 999, "sigma": 0}
    scenario = governed(plain, approvals={"slow": slow})
    windows = standing_still(scenario, 7)[NAME]
    assert windows == [(k * WEEK_MS, (k + 1) * WEEK_MS) for k in range(plain.weeks)]
    mine = of_workflow(plain, drawn, NAME)
    assert (ready_of(scenario, drawn)[mine] == plain.weeks * WEEK_MS).all(), "it never begins"


def test_approvals_take_times_of_their_own_around_their_median(plain: hs.Scenario) -> None:
    approvals = {
        label: {"workflows": [NAME], "every_weeks": 1, "hours": 8, "sigma": 0.5}
        for label in ("a", "b")
    }
    s = plain.with_(weeks=520, governance={"approvals": approvals})
    windows = standing_still(s, 7)[NAME]
    took = np.array([end - start for start, end in windows]) / HOUR_MS
    assert len(np.unique(took)) > 1000, "a and b do not share their luck"
    below = int((took < 8).sum())
    assert stats.binomtest(below, len(took), 0.5).pvalue > ALARM


# --- list limits ---------------------------------------------------------------------------------


def test_a_list_limit_holds_back_what_comes_on_top_in_each_month(
    plain: hs.Scenario, drawn: Draws
) -> None:
    limit = 400
    ready = ready_of(governed(plain, list_limits={NAME: limit}), drawn)
    arrival, mine = drawn.world.decisions["arrival"], of_workflow(plain, drawn, NAME)
    held = ready == NEVER
    assert held.any()
    assert not held[~mine].any(), "others have no limit"
    np.testing.assert_array_equal(ready[~held], arrival[~held])
    months = np.array([d.month for d in dates(plain, arrival)])
    for month in np.unique(months):
        own = held[mine & (months == month)]
        assert not own[:limit].any(), "first come, first served"
        assert own[limit:].all()


def test_a_limit_of_0_holds_everything_back(plain: hs.Scenario, drawn: Draws) -> None:
    ready = ready_of(governed(plain, list_limits={NAME: 0}), drawn)
    np.testing.assert_array_equal(ready == NEVER, of_workflow(plain, drawn, NAME))


def test_a_list_is_cut_at_its_limit(plain: hs.Scenario) -> None:
    """All contacts of a list come at one moment; the limit counts them all the same."""
    s = with_workflow(plain, volume_per_week=0.0, list_drop={"contacts": 40})
    limited = governed(s, list_limits={NAME: 25})
    draws = draw(limited, 1)
    ready = ready_of(limited, draws)[of_workflow(s, draws, NAME)]
    drops = len(list_drops(s, s.workflows[NAME]))
    assert ((ready == NEVER).sum(), (ready != NEVER).sum()) == (15 * drops, 25 * drops)


def test_without_approvals_and_limits_everything_is_ready_when_it_arises(
    plain: hs.Scenario, drawn: Draws
) -> None:
    np.testing.assert_array_equal(ready_of(plain, drawn), drawn.world.decisions["arrival"])


@pytest.mark.parametrize(
    "governance",
    [
        {"approvals": {"templates": {"workflows": [NAME]}}},
        {"list_limits": {NAME: 10}},
    ],
)
def test_holding_back_changes_no_draw(plain: hs.Scenario, governance: dict[str, Any]) -> None:
    held, free = draw(governed(plain, **governance), 7), draw(plain, 7)
    assert held.made_for == free.made_for
    for mine, theirs in zip(held.world, free.world, strict=True):
        np.testing.assert_array_equal(mine, theirs)
