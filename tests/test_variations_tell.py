"""The reference with one thing changed: each variation tells what its header promises.

As in ``test_scenarios_tell``; each story is told by three seeds.
"""

from __future__ import annotations

import math
from typing import Any

import pytest

import hitlsim as hs
from hitlsim.decisions.diagnosing.diagnosis import ABDICATION, HOARDING, diagnose
from tests.told import (
    AUGUST,
    OCTOBER,
    OTHER_SEEDS,
    SEPTEMBER,
    Tell,
    above,
    bad_alone,
    bad_out,
    exceptions,
    found,
    inside_the_band,
    late,
    overridden,
    passed,
    read_share,
    share,
    touched,
    with_month,
    within,
)

# --- hoarding ------------------------------------------------------------------------------------


def test_hoarding_fills_the_desk_and_most_mistakes_still_go_out(tell: Tell) -> None:
    hoarding, reference = tell("hoarding"), tell("on-the-loop")
    for month in (SEPTEMBER, OCTOBER):
        assert hoarding("human_touch_rate", month).low > 0.60
        assert hoarding("peek_rate", month).low > 0.45
        assert hoarding("override_rate", month).high < 0.30
        more = hoarding("review_hours", month).value / reference("review_hours", month).value
        assert more > 2
        assert above(hoarding("delay_cost", month), reference("delay_cost", month))
        assert hoarding("delay_cost", month).value > 3 * reference("delay_cost", month).value
        assert above(hoarding("escalation_rate", month), reference("escalation_rate", month))
        assert hoarding("wait_minutes", month).value > 1.2 * reference("wait_minutes", month).value
    assert hoarding("utilisation", SEPTEMBER).value > 0.80
    assert hoarding("utilisation", SEPTEMBER).low > reference("utilisation", SEPTEMBER).high
    out = [bad_out(within(told.log, SEPTEMBER)) for told in (hoarding, reference)]
    assert above(out[1], out[0])
    assert out[0].value > 0.5 * out[1].value  # most of them still go out


def test_hoarding_is_named_from_what_is_seen(tell: Tell) -> None:
    desks = {"sdr-desk", "revops-desk"}
    assert desks <= {f.who for f in diagnose(tell("hoarding").run.log).named if f.name == HOARDING}
    assert not [f for f in diagnose(tell("on-the-loop").run.log).named if f.name == HOARDING]


@pytest.mark.parametrize("seed", OTHER_SEEDS)
def test_hoarding_is_no_accident(log_of: Any, seed: int) -> None:
    hoarding, reference = (
        within(log_of(name, seed, 9), SEPTEMBER) for name in ("hoarding", "on-the-loop")
    )
    assert touched(hoarding).low > 0.60
    assert touched(reference).high < 0.30
    assert overridden(hoarding).high < 0.30
    assert above(late(hoarding, 12), late(reference, 12))
    assert above(bad_out(reference), bad_out(hoarding))


# --- abdication ----------------------------------------------------------------------------------


def test_abdication_looks_calm(tell: Tell) -> None:
    abdication, reference = tell("abdication"), tell("on-the-loop")
    for month in (AUGUST, SEPTEMBER, OCTOBER):
        assert inside_the_band(abdication("exception_rate", month))
        assert abdication("override_rate", month).high < 0.15
    for month in (SEPTEMBER, OCTOBER):
        assert abdication("utilisation", month).value < reference("utilisation", month).value
        assert above(reference("override_rate", month), abdication("override_rate", month))
        # what looks find says that the AI is fine, finer than in the reference
        assert abdication("fn_of_auto", month).value < 0.7 * reference("fn_of_auto", month).value


def test_abdication_lets_ever_more_errors_pass(tell: Tell) -> None:
    abdication, reference = tell("abdication"), tell("on-the-loop")
    august, september, october = (
        within(abdication.log, m) for m in (AUGUST, SEPTEMBER, OCTOBER)
    )  # fmt: skip
    assert above(read_share(august), read_share(september))
    assert above(read_share(september), read_share(october))
    assert passed(september).value > passed(august).value
    assert above(passed(october), passed(august))
    assert above(passed(october), passed(within(reference.log, OCTOBER)))
    # the AI is better in September and much worse in October: nobody sees either
    alone = [bad_alone(m) for m in (august, september, october)]
    assert above(alone[0], alone[1])
    assert alone[2].low > 1.5 * alone[0].high
    assert abdication("fn_of_auto", OCTOBER).high < abdication("true_fn_of_auto", OCTOBER).low
    assert found(october).value < 0.25


def test_abdication_is_in_the_people_not_in_the_ai(tell: Tell) -> None:
    """The same AI, with the people of the reference: they see it, and override it."""
    run = tell("abdication").run
    pools = hs.load("on-the-loop").pools
    attentive = hs.simulate(run.scenario.with_(pools=pools), seed=7, draws=run.draws)
    log = with_month(attentive)
    september, october = (within(log, m) for m in (SEPTEMBER, OCTOBER))
    assert overridden(october).low > 1.5 * overridden(september).high
    theirs = within(tell("abdication").log, OCTOBER)
    assert overridden(october).low > 2 * overridden(theirs).high
    assert above(found(october), found(theirs))
    assert above(passed(theirs), passed(october))


@pytest.mark.parametrize("seed", OTHER_SEEDS)
def test_abdication_is_no_accident(log_of: Any, seed: int) -> None:
    log = log_of("abdication", seed, 12)
    august, september, october = (within(log, m) for m in (AUGUST, SEPTEMBER, OCTOBER))
    assert all(inside_the_band(exceptions(m)) for m in (august, september, october))
    assert overridden(october).high < 0.15
    assert above(read_share(august), read_share(october))
    assert above(passed(october), passed(august))
    assert bad_alone(october).low > 1.5 * bad_alone(august).high
    assert found(october).value < 0.25


# --- drift ---------------------------------------------------------------------------------------


def test_drift_is_invisible_to_the_exception_rate(tell: Tell) -> None:
    drift = tell("drift")
    for month in (AUGUST, SEPTEMBER, OCTOBER):
        assert inside_the_band(drift("exception_rate", month))
    # and what ought to be high rises: it looks ever better
    assert drift("override_rate", AUGUST).high < 0.30
    assert drift("override_rate", OCTOBER).low > 0.30


def test_drift_shows_in_looks_and_audits(tell: Tell) -> None:
    drift, reference = tell("drift"), tell("on-the-loop")
    august, september, october = (
        drift("true_fn_of_auto", m) for m in (AUGUST, SEPTEMBER, OCTOBER)
    )  # fmt: skip
    assert above(september, august)
    assert above(october, september)
    august, september, october = (drift("fn_of_auto", m) for m in (AUGUST, SEPTEMBER, OCTOBER))
    assert above(september, august)
    assert october.value > september.value
    assert above(october, august)
    assert drift("true_fn_of_auto", OCTOBER).value > 2.5 * drift("true_fn_of_auto", AUGUST).value
    same = [reference("true_fn_of_auto", m) for m in (AUGUST, OCTOBER)]
    assert not above(same[0], same[1])
    assert not above(same[1], same[0])


@pytest.mark.parametrize("seed", OTHER_SEEDS)
def test_drift_is_no_accident(log_of: Any, seed: int) -> None:
    log = log_of("drift", seed, 10)
    august, september, october = (within(log, m) for m in (AUGUST, SEPTEMBER, OCTOBER))
    assert all(inside_the_band(exceptions(m)) for m in (august, september))
    assert above(bad_alone(september), bad_alone(august))
    assert above(bad_alone(october), bad_alone(september))


# --- understaffed --------------------------------------------------------------------------------


def test_understaffed_work_waits_goes_up_and_comes_late(tell: Tell) -> None:
    short, reference = tell("understaffed"), tell("on-the-loop")
    capacity = short.run.scenario.capacity_hours_per_week
    assert capacity < reference.run.scenario.capacity_hours_per_week / 3
    for month in (SEPTEMBER, OCTOBER):
        assert short("utilisation", month).value > 0.85
        assert above(short("wait_minutes", month), reference("wait_minutes", month))
        assert short("within_24h", month).high < 0.80
        assert short("within_48h", month).high < 0.95
        assert short("escalation_rate", month).low > 0.20
        assert short("breach_rate", month).low > 3 * reference("breach_rate", month).high
        # what goes up is the managers' work then
        assert short("manager_hours", month).value > 1.3 * reference("manager_hours", month).value
        assert short("delay_cost", month).value > 1.3 * reference("delay_cost", month).value
    assert short.log["skipped"].sum() > 100
    assert not reference.log["skipped"].any()


def test_understaffed_gives_up_looks_and_knowledge_first(tell: Tell) -> None:
    short = tell("understaffed")
    for month in (SEPTEMBER, OCTOBER):
        assert short("hours_looks", month).value < 0.1
        assert not short("fn_of_auto", month).known  # nobody knows any more
        assert short("true_fn_of_auto", month).low > 0.04  # it goes on all the same
    decisions = short("decisions", AUGUST).value
    assert math.isclose(decisions, tell("on-the-loop")("decisions", AUGUST).value, rel_tol=0.001)


@pytest.mark.parametrize("seed", OTHER_SEEDS)
def test_understaffed_is_no_accident(log_of: Any, seed: int) -> None:
    short, reference = (
        within(log_of(name, seed, 9), SEPTEMBER) for name in ("understaffed", "on-the-loop")
    )
    assert late(short).low > 0.20
    assert late(reference).high < 0.06
    up = share(short["escalated_at"].notna(), short["queued_at"].notna())
    assert up.low > 0.20
    looked = short["look_verdict"].notna()
    assert looked.mean() < 0.01
    assert short["skipped"].any()


def test_abdication_is_named_where_it_is(tell: Tell) -> None:
    """The desk's own log gives it away, to who asks about second looks and reading time."""
    found = diagnose(tell("abdication").run.log).findings
    said = {(f.who, f.name): str(f.status) for f in found}
    assert said["sdr-desk", ABDICATION] != "not seen"
    assert said["revops-desk", ABDICATION] != "not seen"
