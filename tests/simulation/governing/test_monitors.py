"""The questions that governance asks of counts: their answers are those of the textbooks."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st
from scipy import stats

from hitlsim.scenario.governance import Emergency, Pause, Rate
from hitlsim.scenario.phases import BackIf, Criterion
from hitlsim.simulation.contract import SEEN, Records
from hitlsim.simulation.governing.monitors import (
    Seen,
    below_baseline,
    breaches,
    cleared,
    emergencies,
    must_go_back,
    seen_rate,
)


def counted(**counts: int) -> Records:
    """What a team saw on one day of one workflow."""
    out = np.zeros(1, SEEN)
    for name, count in counts.items():
        out[name] = count
    return out


shares = st.floats(0.01, 0.6)

# --- rates ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rate", "event", "base"),
    [
        (Rate.BOUNCE, "bounced", "emails"),
        (Rate.SPAM, "spam", "emails"),
        (Rate.OPT_OUT, "opted_out", "emails"),
        (Rate.REPLY, "replied", "emails"),
        (Rate.MEETING, "meetings", "emails"),
        (Rate.BAD, "looked_bad", "looked"),
    ],
)
def test_each_rate_counts_its_own_events_over_days_and_workflows(
    rate: Rate, event: str, base: str
) -> None:
    seen = np.zeros((3, 2), SEEN)
    for i, name in enumerate(SEEN.names or ()):
        seen[name] = 100 + i
    seen[event], seen[base] = [[1, 2], [4, 8], [16, 32]], 50
    assert seen_rate(seen, rate) == (63, 300)
    assert seen_rate(seen[1:, 1], rate) == (40, 100)


def test_a_rate_of_nothing_is_no_number_and_says_so() -> None:
    assert math.isnan(Seen(0, 0).rate)
    assert str(Seen(0, 0)) == "none"
    assert str(Seen(31, 1200)) == "31 of 1,200 (2.58%)"


# --- pauses --------------------------------------------------------------------------------------


def test_one_complaint_in_two_hundred_is_chance_unless_chance_is_not_asked() -> None:
    line, seen = 0.003, Seen(1, 200)
    assert seen.rate > line
    assert not breaches(Pause(rate="spam", pause=line), line, seen)
    assert breaches(Pause(rate="spam", pause=line, exact_test=False), line, seen)


@pytest.mark.parametrize("exact", [True, False])
def test_a_rate_is_judged_only_once_enough_is_counted(exact: bool) -> None:
    rule = Pause(rate="bounce", pause=0.05, min_count=50, exact_test=exact)
    assert not breaches(rule, 0.05, Seen(49, 49))
    assert breaches(rule, 0.05, Seen(50, 50))


@pytest.mark.parametrize(
    ("rate", "line", "n", "last_chance", "first_breach"),
    [
        # P(X >= 4) = .034 and P(X >= 5) = .0077 of 400 at .3%
        ("spam", 0.003, 400, 4, 5),
        # P(X >= 11) = .0115 and P(X >= 12) = .0043 of 100 at 5%
        ("bounce", 0.05, 100, 11, 12),
        # P(X <= 1) = .037 and P(X = 0) = .0059 of 100 at 5%
        ("reply", 0.05, 100, 1, 0),
        ("meeting", 0.05, 100, 1, 0),
    ],
)
def test_a_breach_is_what_the_binomial_test_says(
    rate: str, line: float, n: int, last_chance: int, first_breach: int
) -> None:
    rule = Pause(rate=rate, pause=line, chance=0.01)
    assert not breaches(rule, line, Seen(last_chance, n))
    assert breaches(rule, line, Seen(first_breach, n))
    bare = rule.model_copy(update={"exact_test": False})
    assert breaches(bare, line, Seen(last_chance, n)), "the exact test is what holds it back"


@pytest.mark.parametrize("rate", ["bounce", "reply"])
def test_a_rate_on_its_line_is_no_breach(rate: str) -> None:
    rule = Pause(rate=rate, pause=0.05, exact_test=False)
    assert not breaches(rule, 0.05, Seen(5, 100))
    over, under = breaches(rule, 0.05, Seen(6, 100)), breaches(rule, 0.05, Seen(4, 100))
    assert (over, under) == ((True, False) if rate == "bounce" else (False, True))


def test_where_nothing_is_tolerated_one_event_is_a_breach() -> None:
    rule = Pause(rate="spam", pause=0.0)
    assert breaches(rule, 0.0, Seen(1, 1000))
    assert not breaches(rule, 0.0, Seen(0, 1000))


@given(
    n=st.integers(1, 400), line=shares, chance=st.floats(0.001, 0.2),
    rate=st.sampled_from(["bounce", "reply"]),
)  # fmt: skip
@example(n=200, line=0.01, chance=0.01, rate="bounce")
def test_a_rate_at_its_line_breaches_it_less_often_than_the_chance_stated(
    n: int, line: float, chance: float, rate: str
) -> None:
    """The false alarm chance of every look, counted in full over all that can be seen."""
    rule = Pause(rate=rate, pause=line, chance=chance, min_count=1)
    alarms = [k for k in range(n + 1) if breaches(rule, line, Seen(k, n))]
    assert stats.binom.pmf(alarms, n, line).sum() < chance * (1 + 1e-9)


@given(n=st.integers(1, 300), k=st.integers(0, 300), line=shares, exact=st.booleans())
def test_whoever_sees_worse_does_not_see_less(n: int, k: int, line: float, exact: bool) -> None:
    assume(k < n)
    rule = Pause(rate="opt-out", pause=line, min_count=1, exact_test=exact)
    assert breaches(rule, line, Seen(k, n)) <= breaches(rule, line, Seen(k + 1, n))


# --- the emergency path --------------------------------------------------------------------------


@given(margin=st.floats(0, 1.5), running=st.integers(1, 4))
@example(margin=0.0, running=1)
def test_weeks_between_false_alarms_are_the_mean_time_to_a_run(margin: float, running: int) -> None:
    """From the state "j weeks below so far": m_j = 1 + p m_(j+1) + (1 - p) m_0, and m_k = 0."""
    p = float(stats.norm.sf(margin))
    a = np.eye(running)
    a[:, 0] -= 1 - p
    a[np.arange(running - 1), np.arange(1, running)] -= p
    expected = np.linalg.solve(a, np.ones(running))[0]
    rule = Emergency(margin_sd=margin, weeks_running=running)
    assert rule.weeks_between_false_alarms() == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize(("margin", "weeks"), [(0.0, 6), (0.5, 14), (1.0, 46), (1.5, 239)])
def test_a_stable_process_takes_the_emergency_path_as_often_as_stated(
    margin: float, weeks: int
) -> None:
    """200,000 independent weeks of a million emails each at 3.4%, so that weeks are normal.

    The number of alarms lies within 99.9% of what renewal theory says, that is the mean interval
    within 6 +- .02, 14 +- .15, 46 +- 1 and 239 +- 27; with a fresh seed a right program fails in
    .1% of each.
    """
    n, size, rate = 200_000, 1_000_000, 0.034
    rule = Emergency(rate="reply", baseline=rate, margin_sd=margin)
    assert round(rule.weeks_between_false_alarms()) == weeks
    replies = np.random.default_rng(20260803).binomial(size, rate, n)
    alarms = sum(emergencies(rule, [Seen(k, size) for k in replies.tolist()]))
    p, k = float(stats.norm.sf(margin)), rule.weeks_running
    mean = (1 - p**k) / ((1 - p) * p**k)
    q, run = 1 - p, p**k
    variance = (1 - (2 * k + 1) * q * run - p ** (2 * k + 1)) / (q * run) ** 2
    assert abs(alarms - n / mean) < stats.norm.isf(0.0005) * math.sqrt(n * variance / mean**3)


BAD, FINE = Seen(20, 1000), Seen(40, 1000)


def test_a_margin_lets_small_dips_pass() -> None:
    # 1.5 of a week's standard deviations (sqrt(.04 * .96 / 1000) = .0062) below .04
    dips = [Seen(31, 1000)] * 2
    for margin, taken in ((0.0, True), (1.0, True), (1.5, False), (2.0, False)):
        rule = Emergency(baseline=0.04, margin_sd=margin)
        assert emergencies(rule, dips) == [False, taken]


@pytest.mark.parametrize("running", [1, 2, 3])
def test_only_weeks_in_a_row_count(running: int) -> None:
    rule = Emergency(baseline=0.04, weeks_running=running)
    almost = [BAD] * (running - 1)
    assert not any(emergencies(rule, [*almost, FINE, *almost]))
    assert emergencies(rule, [*almost, FINE, *almost, BAD])[-1]


def test_the_count_of_weeks_begins_anew_once_the_path_was_taken() -> None:
    taken = emergencies(Emergency(baseline=0.04), [BAD] * 7)
    assert taken == [False, True, False, True, False, True, False]


def test_the_baseline_is_the_mean_of_the_first_weeks_which_are_not_judged() -> None:
    rule = Emergency(baseline_weeks=2, margin_sd=0, weeks_running=1)
    weeks = [Seen(0, 100), Seen(60, 1400), Seen(39, 1000), Seen(40, 1000)]
    assert below_baseline(rule, weeks) == [False, False, True, False], "60 of 1500 are .04"
    stated = Emergency(baseline=0.04, margin_sd=0)
    assert below_baseline(stated, weeks) == [True, False, True, False]


def test_weeks_without_an_email_are_neither_baseline_nor_below_it() -> None:
    none = Seen(0, 0)
    rule = Emergency(baseline_weeks=1, margin_sd=0, weeks_running=1)
    assert below_baseline(rule, [none, none]) == [False, False]
    # the first week with emails is the baseline, as where a rollout starts them later
    weeks = [none, none, FINE, BAD, none, BAD, FINE]
    assert below_baseline(rule, weeks) == [False, False, False, True, False, True, False]
    two = Emergency(baseline=0.04, weeks_running=2)
    assert not any(emergencies(two, [BAD, none, BAD])), "a week of silence breaks the row"


# --- moving on and back --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("bar", "confidence", "needed"),
    [(0.01, 0.95, 299), (0.02, 0.95, 149), (0.03, 0.95, 99), (0.05, 0.95, 59), (0.1, 0.9, 22)],
)
def test_without_a_failure_a_bar_takes_as_many_as_the_rule_of_three_says(
    bar: float, confidence: float, needed: int
) -> None:
    """Zero failures show it from n >= ln(1 - confidence) / ln(1 - bar): a one-sided limit."""
    assert needed == math.ceil(math.log(1 - confidence) / math.log(1 - bar))
    by_looks = Criterion(bad_below=bar, confidence=confidence)
    assert not cleared(by_looks, counted(looked=needed - 1))
    assert cleared(by_looks, counted(looked=needed))
    assert not cleared(by_looks, counted(looked=needed, looked_bad=1))
    rare = Criterion(exceptions_below=bar, confidence=confidence)
    assert not cleared(rare, counted(safe=needed - 1))
    assert cleared(rare, counted(safe=needed))
    assert not cleared(rare, counted(safe=needed, exceptions=1))
    # the mirror image: everything overridden, or everything bad
    changed = Criterion(overrides_above=1 - bar, confidence=confidence)
    for n in (needed - 1, needed):
        all_changed = counted(exceptions_judged=n, overridden=n)
        assert cleared(changed, all_changed) == (n == needed)
        back = BackIf(bad_above=1 - bar, confidence=confidence, min_labels=1)
        assert must_go_back(back, counted(looked=n, looked_bad=n)) == (n == needed)


def test_a_criterion_is_met_only_when_all_of_it_is() -> None:
    criterion = Criterion(
        min_labels=300, bad_below=0.05, exceptions_below=0.2, overrides_above=0.3, confidence=0.9
    )
    good = {
        "looked": 300, "looked_bad": 3, "safe": 1000, "exceptions": 150,
        "exceptions_judged": 120, "overridden": 60,
    }  # fmt: skip
    assert cleared(criterion, counted(**good))
    for spoilt in ({"looked": 299}, {"looked_bad": 15}, {"exceptions": 200}, {"overridden": 36}):
        assert not cleared(criterion, counted(**{**good, **spoilt})), spoilt


@pytest.mark.parametrize(
    "bar", [{"bad_below": 0.9}, {"exceptions_below": 1.0}, {"overrides_above": 0.0}]
)
def test_of_nothing_nothing_is_shown(bar: dict[str, Any]) -> None:
    assert not cleared(Criterion(**bar), counted())
    assert cleared(Criterion(), counted()), "without a bar there is nothing to show"


def test_labels_are_decisions_somebody_looked_at() -> None:
    criterion = Criterion(min_labels=10)
    assert not cleared(criterion, counted(looked=9, safe=1000, exceptions_judged=1000))
    assert cleared(criterion, counted(looked=10))


@given(n=st.integers(1, 300), bar=shares, confidence=st.floats(0.55, 0.999))
@example(n=59, bar=0.05, confidence=0.95)
def test_a_bar_that_is_just_missed_is_cleared_no_oftener_than_the_confidence_allows(
    n: int, bar: float, confidence: float
) -> None:
    """Counted in full: chance to move on (or back) wrongly, at a true rate on the bar."""
    allowed = (1 - confidence) * (1 + 1e-6)

    def wrongly(moves: list[bool]) -> float:
        return float(stats.binom.pmf(np.flatnonzero(moves), n, bar).sum())

    k = range(n + 1)
    few = Criterion(bad_below=bar, confidence=confidence)
    assert wrongly([cleared(few, counted(looked=n, looked_bad=i)) for i in k]) <= allowed
    rare = Criterion(exceptions_below=bar, confidence=confidence)
    assert wrongly([cleared(rare, counted(safe=n, exceptions=i)) for i in k]) <= allowed
    many = Criterion(overrides_above=bar, confidence=confidence)
    seen = [counted(exceptions_judged=n, overridden=i) for i in k]
    assert wrongly([cleared(many, s) for s in seen]) <= allowed
    back = BackIf(bad_above=bar, confidence=confidence, min_labels=1)
    assert wrongly([must_go_back(back, counted(looked=n, looked_bad=i)) for i in k]) <= allowed


def test_nobody_goes_back_on_a_handful_of_looks() -> None:
    rule = BackIf(bad_above=0.1, min_labels=20)
    assert not must_go_back(rule, counted(looked=19, looked_bad=19))
    assert must_go_back(rule, counted(looked=20, looked_bad=20))
    assert not must_go_back(rule, counted(looked=1000, looked_bad=100)), "not surely above"
