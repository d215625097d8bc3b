"""Who stands still because of a rate, when, and who is only told."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import hitlsim as hs
from hitlsim.scenario.governance import Rate
from hitlsim.simulation.contract import Records
from hitlsim.simulation.governing.monitors import breaches, seen_rate
from hitlsim.simulation.governing.past import Past
from hitlsim.simulation.governing.pauses import Pauses, Told
from tests.simulation.governed import CRM, LETTER, MAIL, bounces, ruled, saw

BAD_DAY = {"emails": 100, "bounced": 20}
WORRYING = {"emails": 100, "bounced": 9}
FINE_DAY = {"emails": 100}
ASKED: dict[str, Any] = {"pause": 0.5, "warn": 0.02, "window_days": 3}
"""Nothing is so bad that it pauses; 9 of 100 are told."""


def days_told(s: hs.Scenario, seen: Records, pauses: Pauses | None = None) -> dict[int, list[Told]]:
    """What is told on each day; nothing where nothing is."""
    pauses, past = pauses or Pauses(s), Past(len(s.workflows))
    out = {}
    for day in range(len(seen)):
        past.add(seen[:day])
        if told := list(pauses.each_day(day, past)):
            out[day] = told
    return out


def what(told: dict[int, list[Told]]) -> dict[int, list[str]]:
    return {day: [each.what for each in those] for day, those in told.items()}


def every_day(counts: dict[str, int], days: range, flow: int = MAIL) -> Iterator[Any]:
    return ((day, flow, counts) for day in days)


# --- known answers: enough counted ---------------------------------------------------------------


@pytest.mark.parametrize(("count", "told"), [(49, {}), (50, {4: ["paused for 3 days"]})])
def test_a_rate_is_judged_only_once_enough_is_counted(
    count: int, told: dict[int, list[str]]
) -> None:
    s = ruled(**bounces(min_count=50, days=3, warn=0.01))
    seen = saw(s, (1, MAIL, {"emails": 25, "bounced": 25}),
               (3, MAIL, {"emails": count - 25, "bounced": count - 25}))  # fmt: skip
    assert what(days_told(s, seen)) == told


def test_what_is_counted_of_others_does_not_count() -> None:
    s = ruled(**bounces(min_count=50))
    half = {"emails": 30, "bounced": 30}
    assert not days_told(s, saw(s, (1, MAIL, half), (1, LETTER, half), (1, CRM, half)))


def test_what_has_left_the_window_does_not_count() -> None:
    s = ruled(**bounces(window_days=7, min_count=50, days=1))
    half = {"emails": 25, "bounced": 25}
    assert not days_told(s, saw(s, (1, MAIL, half), (8, MAIL, half)))
    assert list(days_told(s, saw(s, (1, MAIL, half), (7, MAIL, half)))) == [8]


# --- known answers: warnings ---------------------------------------------------------------------


def test_a_warning_that_stands_is_not_told_again() -> None:
    s = ruled(**bounces(**ASKED))
    told = days_told(s, saw(s, *every_day(WORRYING, range(1, 20))))
    assert what(told) == {2: ["warned"]}
    (said,) = told[2]
    because = "bounce 9 of 100 (9.00%), above 2.00%"
    assert said == Told(MAIL, "governance.pauses.bounces", "warned", because)


def test_a_warning_is_told_again_once_the_rate_has_been_fine() -> None:
    s = ruled(**bounces(**ASKED))
    seen = saw(s, *every_day(WORRYING, range(1, 4)), *every_day(FINE_DAY, range(4, 8)),
               *every_day(WORRYING, range(8, 12)))  # fmt: skip
    # 18 of 300 are above the line still, 9 of 300 may be chance
    assert list(days_told(s, seen)) == [2, 10]


def test_a_warning_is_told_again_once_there_was_too_little_to_judge() -> None:
    s = ruled(**bounces(**ASKED, min_count=50))
    few = {"emails": 5, "bounced": 5}
    seen = saw(s, (1, MAIL, WORRYING), *every_day(few, range(2, 9)), (9, MAIL, WORRYING))
    assert list(days_told(s, seen)) == [2, 10]


def test_warnings_of_several_workflows_and_rules_stand_by_themselves() -> None:
    rules = {"some": {"rate": "bounce", **ASKED}, "more": {"rate": "spam", **ASKED}}
    s = ruled(pauses=rules)
    both = {**WORRYING, "spam": 20}
    seen = saw(s, (1, MAIL, WORRYING), (2, LETTER, both), (3, MAIL, both), (3, LETTER, both))
    told = [(day, t.workflow, t.rule) for day, those in days_told(s, seen).items() for t in those]
    some, more = "governance.pauses.some", "governance.pauses.more"
    assert told == [(2, MAIL, some), (3, LETTER, some), (3, LETTER, more), (4, MAIL, more)]


def test_what_pauses_is_not_warned_of_as_well() -> None:
    s = ruled(**bounces(warn=0.02))
    assert what(days_told(s, saw(s, (1, MAIL, BAD_DAY)))) == {2: ["paused for 3 days"]}


def test_a_low_rate_is_bad_where_answers_are_wanted() -> None:
    rule = {"rate": "reply", "pause": 0.01, "warn": 0.05, "window_days": 1, "days": 2}
    s = ruled(pauses={"answers": rule})
    few, none = {"emails": 600, "replied": 12}, {"emails": 600}
    told = days_told(s, saw(s, (1, MAIL, few), (2, MAIL, none)))
    assert [t.because for day in told for t in told[day]] == [
        "reply 12 of 600 (2.00%), below 5.00%", "reply 0 of 600 (0.00%), below 1.00%",
    ]  # fmt: skip


# --- known answers: pauses -----------------------------------------------------------------------


def test_what_is_paused_is_not_judged_until_it_goes_on() -> None:
    s = ruled(**bounces(days=4, window_days=1))
    told = days_told(s, saw(s, *every_day(BAD_DAY, range(1, 20))))
    # of what went out on its first day again it is judged a day later
    assert list(told) == [2, 7, 12, 17]


def test_no_rule_judges_what_another_one_has_paused() -> None:
    rules = {
        "hard": {"rate": "bounce", "pause": 0.05, "days": 5, "window_days": 1},
        "soft": {"rate": "spam", "pause": 0.5, "warn": 0.02, "window_days": 1},
    }
    s = ruled(pauses=rules)
    seen = saw(s, (1, MAIL, BAD_DAY), *every_day({"emails": 100, "spam": 20}, range(1, 12)))
    told = days_told(s, seen)
    assert what(told) == {2: ["paused for 5 days"], 8: ["warned"]}


def test_whoever_else_pauses_a_workflow_it_is_not_judged() -> None:
    s = ruled(**bounces(days=2, window_days=3))
    pauses = Pauses(s)
    pauses.until[MAIL] = 9  # as the emergency path does
    told = days_told(s, saw(s, *every_day(BAD_DAY, range(1, 12), MAIL)), pauses)
    assert next(iter(told)) == 10
    assert pauses.until[LETTER] == 0


def test_what_was_sent_before_the_last_pause_does_not_count() -> None:
    s = ruled(**bounces(days=3, window_days=30, min_count=50))
    in_the_pause = (6, MAIL, BAD_DAY)  # on its way when it began
    told = days_told(s, saw(s, (3, MAIL, BAD_DAY), in_the_pause, (8, MAIL, {"emails": 49})))
    assert list(told) == [4]
    since = {"emails": 50, "bounced": 25}
    told = days_told(s, saw(s, (3, MAIL, BAD_DAY), in_the_pause, (7, MAIL, since)))
    assert [t.because for t in told[8]] == ["bounce 25 of 50 (50.00%), above 5.00%"]


@pytest.mark.parametrize("rate", Rate)
def test_a_rate_concerns_those_who_have_it(rate: Rate) -> None:
    line = 0.5 if rate in (Rate.REPLY, Rate.MEETING) else 0.1
    s = ruled(pauses={"watch": {"rate": rate.value, "pause": line, "min_count": 1}})
    high = 0 if rate in (Rate.REPLY, Rate.MEETING) else 100
    counts = {"emails": 100, "looked": 100, "bounced": high, "spam": high, "opted_out": high,
              "replied": high, "meetings": high, "looked_bad": high}  # fmt: skip
    told = days_told(s, saw(s, *((1, flow, counts) for flow in (CRM, MAIL, LETTER))))
    # a person sees every letter, and an update is no email
    expected = [CRM, MAIL] if rate is Rate.BAD else [MAIL, LETTER]
    assert [t.workflow for t in told[2]] == expected


# --- properties ----------------------------------------------------------------------------------


def plainly_told(s: hs.Scenario, seen: Records) -> list[tuple[int, int, str, str]]:
    """The rules as they are written, of the days themselves: (day, workflow, rule, what)."""
    until, out = [0] * len(s.workflows), []
    standing: set[tuple[str, int]] = set()
    for day in range(len(seen)):
        for label, rule in s.governance.pauses.items():
            for i, (name, w) in enumerate(s.workflows.items()):
                has = w.automation_safe if rule.rate is Rate.BAD else w.email is not None
                if not has or (rule.workflows and name not in rule.workflows) or until[i] > day:
                    continue
                since = max(0, day - rule.window_days, until[i])
                rate = seen_rate(seen[since:day, i], rule.rate)
                warned = rule.warn is not None and breaches(rule, rule.warn, rate)
                here = (day, i, f"governance.pauses.{label}")
                if breaches(rule, rule.pause, rate):
                    until[i] = day + rule.days
                    out.append((*here, f"paused for {rule.days} days"))
                elif warned and (label, i) not in standing:
                    out.append((*here, "warned"))
                (standing.add if warned else standing.discard)((label, i))
    return out


RATES = [
    {"rate": "bounce"}, {"rate": "bounce", "workflows": ["letter"]}, {"rate": "spam"},
    {"rate": "bad"}, {"rate": "bad", "workflows": ["mail"]},
]  # fmt: skip
LINES = st.fixed_dictionaries({
    "warn": st.sampled_from([None, 0.03, 0.06]), "pause": st.sampled_from([0.06, 0.1, 0.2]),
    "window_days": st.sampled_from([1, 2, 7, 30]), "min_count": st.sampled_from([1, 20, 40]),
    "exact_test": st.booleans(), "days": st.sampled_from([1, 2, 5]),
})  # fmt: skip
RULES = st.builds(lambda rate, lines: {**rate, **lines}, st.sampled_from(RATES), LINES)


@settings(max_examples=40)
@given(st.lists(RULES, min_size=1, max_size=3), st.integers(0, 2**32 - 1))
def test_it_is_told_what_the_rules_say_of_the_days_themselves(
    rules: list[dict[str, Any]], seed: int
) -> None:
    s = ruled(pauses={f"rule{i}": rule for i, rule in enumerate(rules)})
    rng = np.random.default_rng(seed)
    seen = saw(s)
    # now and then a bad day, and now and then one on which hardly anything is seen
    chance = rng.choice([0.01, 0.05, 0.3], seen.shape)
    for base, events in (("emails", ("bounced", "spam")), ("looked", ("looked_bad",))):
        seen[base] = rng.poisson(rng.choice([0, 2, 40], seen.shape))
        for event in events:
            seen[event] = rng.binomial(seen[base], chance)
    told = days_told(s, seen)
    assert [(day, t.workflow, t.rule, t.what) for day in told for t in told[day]] == plainly_told(
        s, seen
    )
