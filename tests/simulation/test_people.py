"""What people come to expect, trust and feel, seen in what they do next."""

from __future__ import annotations

import copy
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hitlsim.simulation import reviewing
from hitlsim.simulation.contract import AGENDA, Table
from hitlsim.simulation.reference.people import People
from tests.simulation.conftest import neutral_people, neutral_workflows

MINUTE = 60_000
NORMAL = 2 * MINUTE  # what a review takes at normal speed
D_PRIME, CRITERION = 1.6, 0.2


def pool_of(n: int = 1, /, **habits: Any) -> People:
    """People who are there and free; they see as most do, and what is not said has no effect."""
    record = neutral_people(n, **{"d_prime": D_PRIME, "criterion": CRITERION, **habits})
    people = People(
        Table(
            workflows=neutral_workflows(2),
            slots=np.ones(1, np.int64),
            people=record,
            queues=((0,),) * n,
            n_queues=1,
            agenda=np.empty(0, AGENDA),
            ready=np.empty(0, np.int64),
            horizon_ms=1,
        )
    )
    for person in range(n):
        people.comes(person)
    return people


class Seen:
    """What one review would come to; it is only tried, on a copy."""

    def __init__(
        self, people: People, person: int = 0, *, workflow: int = 0, effort: float = 1.0,
        skim: float = 1.0, inspect: float = 1.0, bulk: bool = False, ok: bool = False,
        waiting: int = 0, now: int = 0,
    ) -> None:  # fmt: skip
        def begin(u_inspect: float, u_flag: float) -> tuple[bool, int, bool]:
            tried = copy.deepcopy(people)
            reads, took = tried.reviews(person, workflow, NORMAL, effort, skim, inspect, bulk,
                                        ok, waiting, now, u_inspect, u_flag)  # fmt: skip
            return reads, took, tried.flags[person]

        self.reads = at_most(lambda u: begin(u, 0.0)[0])
        self.flags = at_most(lambda u: begin(0.0, u)[2])
        self.took_read, self.took_unread = begin(0.0, 0.0)[1], begin(1.0, 0.0)[1]


def at_most(happens: Callable[[float], bool]) -> float:
    """The chance of what happens for all u below it: bisection."""
    if not happens(0.0):
        return 0.0
    low, high = 0.0, 1.0
    for _ in range(45):
        middle = (low + high) / 2
        low, high = (middle, high) if happens(middle) else (low, middle)
    return high


def experience(people: People, person: int = 0, *, seen: str) -> None:
    """Verdicts: ``.`` right and passed, ``x`` wrong and flagged."""
    for mark in seen:
        people.learns(person, mark == ".", mark == "x", 0.0)


def work(people: People, person: int, start: int, end: int) -> None:
    people.takes(person)
    people.done(person, end - start, end)


def flag_chance(*, expects: float = 0.5, weight: float = 0.0, d_prime: float = D_PRIME,
                follows: float = 1.0) -> float:  # fmt: skip
    criterion = reviewing.criterion_of(CRITERION, weight, expects, d_prime)
    return reviewing.flag_chance(False, d_prime, criterion, follows)


# --- trust ---------------------------------------------------------------------------------------


def test_trust_rises_with_success_and_falls_faster_with_failure() -> None:
    trusting = {"success": 1.0, "failure": 3.0, "alpha": 10.0, "beta": 10.0}
    good, bad = pool_of(**trusting), pool_of(**trusting)
    experience(good, seen=".")
    experience(bad, seen="x")
    assert good.trust(0) == 11 / 21
    assert bad.trust(0) == 10 / 23
    assert 0.5 - bad.trust(0) > good.trust(0) - 0.5


def test_trust_is_each_persons_own() -> None:
    people = pool_of(2, success=1.0, failure=3.0)
    experience(people, 1, seen="xx")
    assert people.trust(0) == 0.5
    assert people.trust(1) == 1 / 8


def test_more_trust_reads_less_and_uses_more_and_pulls_less() -> None:
    habits = {"reads": 1.0, "by_trust": 2.0, "uses": -1.0, "uses_by_trust": 2.0, "peeks": 0.0,
              "peeks_by_trust": 2.0, "success": 1.0}  # fmt: skip
    fresh, trusting = pool_of(**habits), pool_of(**habits)
    experience(trusting, seen="......")
    assert Seen(trusting).reads < Seen(fresh).reads
    assert trusting.uptake(0) > fresh.uptake(0)
    assert trusting.peeking[0] < fresh.peeking[0]


@pytest.mark.parametrize(("feedback", "trust"), [(1.0, 1 / 4), (0.0, 2 / 3)])
def test_feedback_1_learns_the_truth_and_0_ones_own_opinion(feedback: float, trust: float) -> None:
    """A wrong draft that one has passed: a failure, or one more success."""
    people = pool_of(feedback=feedback, success=1.0, failure=2.0)
    people.learns(0, ok=False, flagged=False, u_know=0.99)
    assert people.trust(0) == pytest.approx(trust)


def test_feedback_comes_for_its_share_of_the_verdicts() -> None:
    people = pool_of(feedback=0.3, success=1.0)
    people.learns(0, ok=False, flagged=False, u_know=0.29)  # learnt: it was wrong
    assert people.trust(0) == 0.5
    people.learns(0, ok=False, flagged=False, u_know=0.3)
    assert people.trust(0) == 2 / 3


# --- expectations --------------------------------------------------------------------------------


@given(st.text("x.", max_size=12))
def test_expectations_follow_what_was_experienced(seen: str) -> None:
    """The exponentially weighted mean with 1 / memory for the newest moves the criterion."""
    people = pool_of(expects=0.2, memory=5.0, prevalence=0.5)
    experience(people, seen=seen)
    expects = 0.2
    for mark in seen:
        expects += ((mark == "x") - expects) / 5
    assert Seen(people).flags == pytest.approx(flag_chance(expects=expects, weight=0.5))


def test_a_better_ai_makes_people_flag_less_of_the_bad() -> None:
    people = pool_of(expects=0.3, memory=20.0, prevalence=0.55)
    before = Seen(people).flags
    experience(people, seen="." * 60)
    assert Seen(people).flags < before - 0.2


# --- tiredness -----------------------------------------------------------------------------------

TIRES = {"fatigue": 0.4, "tires_in": 30.0, "rests_in": 10.0}


def tired_flags(minutes: float) -> float:
    return flag_chance(d_prime=reviewing.sensitivity(D_PRIME, math.inf, minutes, 0.4, 30.0))


def test_tiredness_rises_with_the_minutes_worked() -> None:
    people = pool_of(**TIRES)
    assert Seen(people, now=0).flags == pytest.approx(tired_flags(0))
    work(people, 0, 0, 20 * MINUTE)
    assert Seen(people, now=20 * MINUTE).flags == pytest.approx(tired_flags(20))
    work(people, 0, 20 * MINUTE, 50 * MINUTE)
    assert Seen(people, now=50 * MINUTE).flags == pytest.approx(tired_flags(50))


def test_tiredness_halves_in_rest_minutes() -> None:
    people = pool_of(**TIRES)
    work(people, 0, 0, 40 * MINUTE)
    for pause, left in ((0, 40.0), (10, 20.0), (20, 10.0), (1000, 0.0)):
        assert Seen(people, now=(40 + pause) * MINUTE).flags == pytest.approx(tired_flags(left))
    work(people, 0, 50 * MINUTE, 53 * MINUTE)  # rested to 20 minutes, and 3 more
    assert Seen(people, now=53 * MINUTE).flags == pytest.approx(tired_flags(23))


def test_nobody_rests_while_at_work() -> None:
    people = pool_of(**TIRES)
    people.takes(0)
    people.done(0, 60 * MINUTE, 60 * MINUTE)
    assert Seen(people, now=60 * MINUTE).flags == pytest.approx(tired_flags(60))


# --- repeats -------------------------------------------------------------------------------------


def one_more_of(people: People, workflow: int) -> None:
    people.reviews(0, workflow, NORMAL, 1.0, 1.0, 1.0, False, True, 0, 0, 0.0, 1.0)
    people.done(0, NORMAL, NORMAL)


def test_repeats_of_the_same_workflow_wear_out_until_the_next_shift() -> None:
    people = pool_of(reads=1.0, by_repeats=0.5)
    fresh = Seen(people).reads
    for _ in range(3):
        one_more_of(people, 0)
    worn = reviewing.sigmoid(1.0 - 0.5 * math.log(4))
    assert Seen(people).reads == pytest.approx(worn)
    assert Seen(people, workflow=1).reads == fresh, "another workflow is news"
    people.leaves(0)
    assert reads_on_the_way_out(people) == pytest.approx(worn), "its end alone resets nothing"
    people.comes(0)
    assert Seen(people).reads == fresh


def reads_on_the_way_out(people: People) -> float:
    staying = copy.deepcopy(people)
    staying.free[0].append(0)
    return Seen(staying).reads


# --- time ----------------------------------------------------------------------------------------


def test_what_is_waved_through_takes_a_glance_and_finds_nothing() -> None:
    people = pool_of(reads=0.0, skip=4_000)
    assert Seen(people).took_unread == 4_000
    reads, _ = people.reviews(0, 0, NORMAL, 1.0, 1.0, 1.0, False, False, 0, 0, 0.99, 0.0)
    assert not reads
    assert not people.flags[0]


def test_a_fault_found_before_does_not_stick_to_what_is_waved_through_next() -> None:
    people = pool_of(reads=0.0)
    people.reviews(0, 0, NORMAL, 1.0, 1.0, 1.0, False, False, 0, 0, 0.0, 0.0)
    assert people.flags[0]
    people.done(0, NORMAL, NORMAL)
    people.reviews(0, 0, NORMAL, 1.0, 1.0, 1.0, False, False, 0, NORMAL, 0.99, 0.0)
    assert not people.flags[0]


def test_a_floor_holds_for_what_is_waved_through_too_but_not_in_bulk() -> None:
    seen = Seen(pool_of(dwell=3 * NORMAL, skip=4_000))
    assert (seen.took_read, seen.took_unread) == (3 * NORMAL, 3 * NORMAL)
    bulk = Seen(pool_of(dwell=3 * NORMAL, skip=4_000), bulk=True)
    assert (bulk.took_read, bulk.took_unread) == (NORMAL, 4_000)


def test_speed_sees_as_much_and_hurry_does_not() -> None:
    steady, quick, hurried = (
        Seen(pool_of(speed_accuracy=True, **own)) for own in ({}, {"speed": 2.0}, {"hurry": 2.0})
    )
    assert quick.took_read == hurried.took_read == steady.took_read / 2
    assert quick.flags == steady.flags
    half = reviewing.sensitivity(D_PRIME, 0.5, 0.0, 0.0, 1.0)
    assert hurried.flags == pytest.approx(flag_chance(d_prime=half))


def test_a_longer_floor_lets_people_see_more() -> None:
    hurried = {"speed_accuracy": True, "hurry": 4.0}
    assert Seen(pool_of(**hurried, dwell=NORMAL)).flags > Seen(pool_of(**hurried)).flags


# --- who is free ---------------------------------------------------------------------------------


def test_the_free_stand_in_the_rosters_order() -> None:
    people = pool_of(4, pool=[0, 1, 0, 0])
    people.takes(0)
    people.takes(2)
    people.done(2, 1, 1)
    people.done(0, 1, 1)
    assert people.free == [[0, 2, 3], [1]]


def test_what_was_begun_is_finished_after_the_shift_and_then_nothing_else() -> None:
    people = pool_of(2)
    people.takes(0)
    people.leaves(0)
    people.leaves(1)
    people.done(0, 1, 1)
    assert people.free == [[]]


def test_whoever_works_on_into_the_next_shift_is_free_once() -> None:
    people = pool_of()
    people.takes(0)
    people.leaves(0)
    people.comes(0)
    assert people.free == [[]]
    people.done(0, 1, 1)
    assert people.free == [[0]]


# --- switches: no effect at the neutral value, and an effect at another ---------------------------


def test_prevalence_0_turns_the_shift_of_the_criterion_off() -> None:
    for weight, shifts in ((0.0, False), (0.55, True)):
        rare, common = (pool_of(prevalence=weight, expects=e) for e in (0.01, 0.5))
        assert (Seen(rare).flags != Seen(common).flags) == shifts


def test_by_trust_0_turns_trust_off_for_reading() -> None:
    for weight, matters in ((0.0, False), (2.0, True)):
        wary, trusting = (pool_of(reads=1.0, by_trust=weight, beta=b) for b in (9.0, 0.1))
        assert (Seen(wary).reads != Seen(trusting).reads) == matters


def test_by_queue_0_turns_the_queues_length_off() -> None:
    for weight, matters in ((0.0, False), (0.5, True)):
        people = pool_of(reads=1.0, by_queue=weight)
        assert (Seen(people, waiting=50).reads != Seen(people).reads) == matters


def test_by_repeats_0_turns_repeats_off() -> None:
    for weight, matters in ((0.0, False), (0.5, True)):
        people = pool_of(reads=1.0, by_repeats=weight)
        fresh = Seen(people).reads
        one_more_of(people, 0)
        assert (Seen(people).reads != fresh) == matters


def test_fatigue_0_turns_tiredness_off() -> None:
    for loss, matters in ((0.0, False), (0.3, True)):
        people = pool_of(**{**TIRES, "fatigue": loss})
        fresh = Seen(people).flags
        work(people, 0, 0, 60 * MINUTE)
        assert (Seen(people, now=60 * MINUTE).flags != fresh) == matters


def test_speed_accuracy_off_turns_hurry_off_for_seeing() -> None:
    for on in (False, True):
        calm, hurried = (pool_of(speed_accuracy=on, hurry=h) for h in (1.0, 3.0))
        assert (Seen(calm).flags != Seen(hurried).flags) == on


def test_hurry_1_is_normal_pace() -> None:
    with_, without = (pool_of(speed_accuracy=on, hurry=1.0) for on in (True, False))
    assert Seen(with_).flags == pytest.approx(Seen(without).flags)


def test_dwell_0_is_no_floor() -> None:
    assert Seen(pool_of(dwell=0, skip=1)).took_unread == 1
    assert Seen(pool_of(dwell=0)).took_read == NORMAL


def test_follows_1_follows_nobody() -> None:
    assert Seen(pool_of(follows=1.0)).flags == pytest.approx(flag_chance())
    assert Seen(pool_of(follows=4.0)).flags < Seen(pool_of(follows=1.0)).flags
    # a good draft leads nobody astray
    assert Seen(pool_of(follows=4.0), ok=True).flags == Seen(pool_of(follows=1.0), ok=True).flags


def test_lapse_0_turns_slips_off() -> None:
    assert Seen(pool_of(reads=math.inf, lapse=0.0)).reads == 1.0
    assert Seen(pool_of(reads=math.inf, lapse=0.1)).reads == pytest.approx(0.9)


def test_infinite_reads_read_every_item() -> None:
    anything = {"by_trust": 5.0, "by_queue": 5.0, "by_repeats": 5.0, "alpha": 99.0}
    assert Seen(pool_of(reads=math.inf, **anything), waiting=999).reads == 1.0
    assert Seen(pool_of(reads=1.0, **anything), waiting=999).reads < 0.01


def test_inspect_1_is_no_bulk() -> None:
    people = pool_of(reads=1.0)
    whole, quarter = Seen(people, inspect=1.0).reads, Seen(people, inspect=0.25).reads
    assert whole == pytest.approx(reviewing.sigmoid(1.0))
    assert quarter == pytest.approx(whole / 4)


def test_success_0_and_failure_0_keep_trust_as_it_is() -> None:
    people = pool_of(success=0.0, failure=0.0, alpha=3.0, beta=2.0)
    experience(people, seen="..xx..xxx")
    assert people.trust(0) == 3 / 5


def test_an_endless_memory_keeps_expectations_as_they_are() -> None:
    people = pool_of(memory=1e9, prevalence=0.55, expects=0.2)
    experience(people, seen="x" * 50)
    assert Seen(people).flags == pytest.approx(flag_chance(expects=0.2, weight=0.55), abs=1e-6)


def test_peeks_minus_infinity_turns_pulling_off() -> None:
    people = pool_of(2, peeks=-math.inf, peeks_by_trust=9.0, failure=9.0)
    experience(people, seen="xxx")
    assert people.peeking == [0.0]


def test_peeks_by_trust_0_turns_trust_off_for_pulling() -> None:
    for weight, matters in ((0.0, False), (3.0, True)):
        people = pool_of(peeks=0.0, peeks_by_trust=weight, failure=3.0)
        experience(people, seen="xxx")
        assert (people.peeking != [0.5]) == matters


def test_uses_by_trust_0_turns_trust_off_for_uptake() -> None:
    for weight, matters in ((0.0, False), (2.0, True)):
        people = pool_of(uses=0.0, uses_by_trust=weight, success=3.0)
        experience(people, seen="...")
        assert (people.uptake(0) != 0.5) == matters


# --- pulling -------------------------------------------------------------------------------------


@given(st.lists(st.tuples(st.integers(0, 2), st.floats(-3, 3)), min_size=1, max_size=6))
def test_pulling_is_the_mean_of_the_pool_whoever_is_there(
    members: list[tuple[int, float]],
) -> None:
    pools, peeks = zip(*members, strict=True)
    people = pool_of(len(members), pool=pools, peeks=peeks)
    people.leaves(0)
    for pool in range(max(pools) + 1):
        own = [reviewing.sigmoid(p) for q, p in members if q == pool]
        assert people.peeking[pool] == pytest.approx(np.mean(own) if own else 0.0)


def test_pulling_follows_what_the_pools_people_experience() -> None:
    people = pool_of(3, pool=[0, 0, 1], peeks=0.0, peeks_by_trust=2.0, failure=1.0)
    experience(people, 0, seen="xx")  # trust falls to 1/4
    expected = (reviewing.sigmoid(-2.0 * (1 / 4 - 1 / 2)) + 0.5) / 2
    assert people.peeking == pytest.approx([expected, 0.5])


def test_a_look_in_half_the_time_is_read_as_closely_but_a_skim_is_not() -> None:
    people = pool_of(speed_accuracy=True)
    look, skim = (Seen(people, effort=0.5, skim=s) for s in (1.0, 0.15))
    assert look.took_read == NORMAL // 2
    assert look.flags == Seen(people).flags
    assert skim.flags < look.flags - 0.2
