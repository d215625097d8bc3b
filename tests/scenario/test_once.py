"""What is worked out once for each object: never for another one, and never twice."""

from __future__ import annotations

import gc
import pickle
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import hitlsim as hs
from hitlsim.scenario import once
from hitlsim.scenario.once import once_for_each
from hitlsim.simulation.governing.governor import boundary_of, phases_of
from hitlsim.simulation.outcome.fates import prospects_of
from hitlsim.simulation.outcome.record import record_of
from hitlsim.simulation.world.draws import made_for


class Thing:
    """Equal to every other of its name, but not the same; and not to be hashed."""

    __hash__ = None  # type: ignore[assignment]

    def __init__(self, name: str) -> None:
        self.name = name

    def __eq__(self, other: object) -> bool:
        raise AssertionError("to compare takes longer than what is kept")


def asked_of() -> tuple[Callable[[Thing], list[str]], list[Thing]]:
    """A function that is done once for each, and what it has been done for."""
    done: list[Thing] = []

    @once_for_each
    def name_of(thing: Thing) -> list[str]:
        """Its name."""
        done.append(thing)
        return [thing.name]

    return name_of, done


# --- known answers -------------------------------------------------------------------------------


def test_the_answer_is_worked_out_once() -> None:
    name_of, done = asked_of()
    thing = Thing("a")
    assert name_of(thing) is name_of(thing)
    assert name_of(thing) == ["a"]
    assert len(done) == 1


def test_an_equal_object_is_another_one() -> None:
    name_of, done = asked_of()
    one, other = Thing("a"), Thing("a")
    assert name_of(one) is not name_of(other)
    assert [id(thing) for thing in done] == [id(one), id(other)]


def test_each_function_has_its_own_answers() -> None:
    thing, (name_of, done), (also_name_of, also_done) = Thing("a"), asked_of(), asked_of()
    assert name_of(thing) is not also_name_of(thing)
    assert (len(done), len(also_done)) == (1, 1)


def test_a_function_keeps_its_name_and_what_it_says() -> None:
    name_of, _ = asked_of()
    assert (name_of.__name__, name_of.__doc__) == ("name_of", "Its name.")


def test_an_object_that_is_gone_lends_its_place_to_no_other() -> None:
    """A place in memory is used again at once; the answer must not be."""
    name_of, _ = asked_of()
    for i in range(1000):
        assert name_of(Thing(str(i))) == [str(i)]
        gc.collect(0)


# --- properties ----------------------------------------------------------------------------------


@given(st.lists(st.integers(0, 99), max_size=400))
def test_more_objects_than_are_kept_still_have_their_own_answers(asked: list[int]) -> None:
    name_of, _ = asked_of()
    things = [Thing(str(i)) for i in range(100)]
    assert len(things) > once._OBJECTS_KEPT
    for i in asked:
        assert name_of(things[i]) == [str(i)]


def test_the_last_ones_seen_are_kept_and_no_more() -> None:
    name_of, done = asked_of()
    kept = once._OBJECTS_KEPT
    things = [Thing(str(i)) for i in range(kept + 1)]
    for thing in (*things, *things[1:], things[1]):
        name_of(thing)
    assert len(done) == kept + 1, "all but the first one are kept"
    name_of(things[0])
    assert len(done) == kept + 2


def test_asked_by_many_at_once_each_is_given_its_own_answer() -> None:
    name_of, _ = asked_of()
    things = [Thing(str(i)) for i in range(80)]
    ready = threading.Barrier(4)

    def ask_all(start: int) -> list[bool]:
        ready.wait(5)
        order = [(start + i) % len(things) for i in range(5 * len(things))]
        return [name_of(things[i]) == [str(i)] for i in order]

    with ThreadPoolExecutor(4) as pool:
        assert all(all(right) for right in pool.map(ask_all, (0, 20, 40, 60)))


# --- scenarios -----------------------------------------------------------------------------------

KEPT: list[Callable[[hs.Scenario], Any]] = [
    boundary_of, phases_of, prospects_of, record_of, made_for, lambda s: s.fingerprint,
]  # fmt: skip


def test_a_changed_copy_has_its_own_answer(small_scenario: hs.Scenario) -> None:
    before = [of(small_scenario) for of in KEPT]
    boundary = {"bands": {"auto": 0.95, "review": 0.7}}
    looks = {"steady-state": {"looks": {"share": 0.3}}}
    changed = small_scenario.with_(boundary=boundary, phases=looks, weeks=3)
    assert boundary_of(changed)["auto"].tolist() == [0.95]
    assert phases_of(changed)["look_share"].tolist() == [0.3]
    assert record_of(changed)["bands"] == {"auto": 0.95, "review": 0.7}
    assert made_for(changed) != made_for(small_scenario)
    assert changed.fingerprint != small_scenario.fingerprint
    for of, answer in zip(KEPT, before, strict=True):
        assert of(small_scenario) is answer, "and the first one keeps its own"
    assert boundary_of(small_scenario)["auto"].tolist() == [0.9]


def test_a_copy_made_without_checks_has_its_own_answer_too(small_scenario: hs.Scenario) -> None:
    small_scenario.fingerprint  # noqa: B018
    copy = small_scenario.model_copy(update={"weeks": small_scenario.weeks + 1})
    assert copy.fingerprint != small_scenario.fingerprint
    assert made_for(copy) != made_for(small_scenario)


def test_a_scenario_from_another_process_has_the_same_answers(small_scenario: hs.Scenario) -> None:
    again = pickle.loads(pickle.dumps(small_scenario))  # noqa: S301
    assert again is not small_scenario
    assert again.fingerprint == small_scenario.fingerprint
    assert record_of(again) == record_of(small_scenario)


def test_whoever_changes_a_runs_record_changes_a_copy(small_scenario: hs.Scenario) -> None:
    run = hs.simulate(small_scenario, seed=1)
    before = run.record
    run.record["bands"]["auto"] = 0.0
    run.record["rests_on"]["file"].clear()
    assert run.record == before == hs.simulate(small_scenario, seed=1).record


# --- errors --------------------------------------------------------------------------------------


def test_an_error_is_no_answer_and_comes_each_time() -> None:
    asked: list[Thing] = []

    @once_for_each
    def refuses(thing: Thing) -> None:
        asked.append(thing)
        raise hs.ScenarioError(f"not {thing.name}")

    thing = Thing("this")
    for _ in range(2):
        with pytest.raises(hs.ScenarioError, match="not this"):
            refuses(thing)
    assert len(asked) == 2
