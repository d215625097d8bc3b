"""Every engine gives the same as every other, to the last bit: on random scenarios and worlds.

``HITLSIM_EXAMPLES`` says on how many.
"""

from __future__ import annotations

import copy
import os
from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import hitlsim as hs
from hitlsim.simulation.compiled.bits import WORD_BITS
from hitlsim.simulation.contract import (
    LOOK,
    NEVER,
    ROUNDS,
    Journal,
    Outcome,
    nothing_happened,
    outcome_of,
)
from hitlsim.simulation.reference.desk import ReferenceDesk
from hitlsim.simulation.run import ENGINES
from tests.simulation import wrong_desks
from tests.simulation.agreeing import (
    NOTES,
    compare,
    kept,
    parting,
    parting_of,
    same_journal,
)
from tests.simulation.plain_loop import DAY, Case
from tests.simulation.random_scenarios import SEEDS, draws_of, scenario_of
from tests.simulation.small_worlds import CASES, CROWDS, DAYS, HOUR, Crowd

EXAMPLES = int(os.environ.get("HITLSIM_EXAMPLES", "2000"))
LOGS = EXAMPLES // 5
"""So many of the logs are compared too, which takes as long as all else. They are made of what was
compared before, by the same code for both engines."""
BLOCKS = 16
"""Into so many tests the seeds are split, for as many processes as there are."""
ONE, OTHER = "reference", "compiled"
STOPS = st.lists(st.one_of(st.integers(1, DAYS * DAY), st.sampled_from([DAY, 2 * DAY])), max_size=5)
COPYABLE = [name for name in ENGINES if name != "reference"]
"""SimPy's clock cannot be copied."""


class Watched:
    """A desk on a small world, and all that it has told.

    ``asked`` says whether it is asked for the outcome at each stop.
    """

    def __init__(self, engine: str, case: Case, *, asked: bool = False) -> None:
        self.case, self.asked = case, asked
        self.desk = ENGINES[engine](case.table, case.world, case.days[0])
        self.journals: list[Journal] = []

    def until(self, *times: int) -> Watched:
        """Run until each of these times, with the policies of each day."""
        for time in times:
            self.desk.apply(self.case.days[(time - 1) // DAY])
            self.journals.append(kept(self.desk.run_until(time)))
            if self.asked:
                self.desk.outcome()
        return self

    def told(self) -> Journal:
        """The journals as one: what was decided, judged, sent out; and what waits in the end."""
        decided, judged, went_out = (
            np.concatenate([getattr(journal, name) for journal in self.journals]) for name in NOTES
        )
        return Journal(decided, judged, went_out, self.journals[-1].waiting)


def days_after(time: int) -> list[int]:
    return [DAY * d for d in range(1, DAYS + 1) if DAY * d > time]


def same(one: Watched, other: Watched) -> None:
    """Nothing tells two desks apart."""
    parts = parting_of(one.desk.outcome(), other.desk.outcome())
    assert not parts, parts
    same_journal(one.told(), other.told())


# --- two engines ---------------------------------------------------------------------------------


@pytest.mark.parametrize("block", range(BLOCKS))
def test_every_column_of_the_log_is_the_same_on_both_engines(block: int) -> None:
    """Outcome, log, actions of governance, stale contacts, and what was held back."""
    for seed in range(block, EXAMPLES, BLOCKS):
        differs = compare(seed, ONE, OTHER, log=seed < LOGS)
        assert not differs, differs


@settings(max_examples=EXAMPLES // 20 + 1)
@given(SEEDS)
def test_new_scenarios_are_the_same_too(seed: int) -> None:
    """The blocks have the same seeds each time, this has others at each desk."""
    differs = compare(seed, ONE, OTHER)
    assert not differs, differs


@pytest.mark.parametrize("seed", range(5))
def test_the_record_of_a_run_differs_in_nothing_but_the_engine(seed: int) -> None:
    scenario = scenario_of(seed)
    draws = draws_of(scenario, seed)
    records = [hs.simulate(scenario, seed=seed, engine=engine, draws=draws).record
               for engine in (ONE, OTHER)]  # fmt: skip
    assert [r["engine"] for r in records] == [ONE, OTHER]
    assert {**records[0], "engine": ""} == {**records[1], "engine": ""}


@settings(max_examples=EXAMPLES // 2)
@given(CASES)
def test_small_worlds_are_the_same_on_both_engines(case: Case) -> None:
    same_each_day(*(Watched(engine, case) for engine in (ONE, OTHER)))


def same_each_day(one: Watched, other: Watched) -> None:
    for day in range(1, DAYS + 1):
        one.until(day * DAY)
        other.until(day * DAY)
        same(one, other)
        same_journal(one.journals[-1], other.journals[-1])


# --- more people than one word of bits has -------------------------------------------------------


class LastWordFirst(ReferenceDesk):
    """Within 32 people of a pool it goes by the roster, but their last word comes first."""

    def _dispatch(self, pool: int) -> None:
        roster, free = self._people._members[pool], self._people.free[pool]
        free.sort(key=lambda person: (-(roster.index(person) // WORD_BITS), person))
        super()._dispatch(pool)
        free.sort()


@settings(max_examples=EXAMPLES // 40 + 1)
@given(CROWDS)
def test_crowds_are_the_same_on_both_engines(case: Case) -> None:
    same_each_day(*(Watched(engine, case) for engine in (ONE, OTHER)))


def test_in_crowds_it_matters_who_of_which_word_comes_first(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Else the engines could agree on them without a second word of bits."""
    monkeypatch.setitem(ENGINES, "wrong", LastWordFirst)
    at_work: Counter[tuple[int, int]] = Counter()
    for seed in range(8):
        case = Crowd(seed, HOUR, crowd=100, others=40).case()
        right, wrong = (Watched(engine, case).until(*days_after(0)) for engine in (ONE, "wrong"))
        assert parting_of(right.desk.outcome(), wrong.desk.outcome()), seed
        person = right.desk.outcome().records["person"]
        words = words_of(case)
        at_work.update(words[p] for p in person[person != NEVER].tolist())
    assert sorted(at_work) == [(0, 0), (0, 1), (0, 2), (0, 3), (1, 0), (1, 1)]
    assert min(at_work.values()) >= 10, at_work


def words_of(case: Case) -> list[tuple[int, int]]:
    """For each person the pool, and in which word of its bits they are."""
    met: Counter[int] = Counter()
    words = []
    for pool in case.table.people["pool"].tolist():
        words.append((pool, met[pool] // WORD_BITS))
        met[pool] += 1
    return words


# --- stopped, continued and copied ---------------------------------------------------------------


@pytest.mark.parametrize("engine", ENGINES)
@settings(max_examples=EXAMPLES // 10 + 1)
@given(case=CASES, stops=STOPS, asked=st.booleans())
def test_stopping_on_the_way_changes_nothing(
    engine: str, case: Case, stops: list[int], asked: bool
) -> None:
    straight = Watched(ONE, case).until(*days_after(0))
    stopped = Watched(engine, case, asked=asked).until(*sorted({*stops, *days_after(0)}))
    same(straight, stopped)


@pytest.mark.parametrize("engine", COPYABLE)
@settings(max_examples=EXAMPLES // 10 + 1)
@given(case=CASES, stop=st.integers(1, DAYS * DAY))
def test_a_copy_goes_on_by_itself(engine: str, case: Case, stop: int) -> None:
    straight = Watched(engine, case).until(*days_after(0))
    begun = Watched(engine, case).until(*[t for t in days_after(0) if t < stop], stop)
    kept, other_way = copy.deepcopy(begun), copy.deepcopy(begun)
    other_way.case = case._replace(days=case.days[::-1])
    other_way.until(*days_after(stop))
    same(straight, begun.until(*days_after(stop)))
    same(straight, kept.until(*days_after(stop)))


# --- whether any of this can fail ----------------------------------------------------------------

WRONG = [
    wrong for wrong in vars(wrong_desks).values()
    if isinstance(wrong, type) and issubclass(wrong, ReferenceDesk)
    and wrong.__module__ == wrong_desks.__name__ and not wrong.__name__.startswith("_")
]  # fmt: skip


@pytest.mark.parametrize("wrong", WRONG)
def test_the_comparison_finds_wrong_engines(
    wrong: type[ReferenceDesk], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(ENGINES, "wrong", wrong)
    told = (compare(seed, ONE, "wrong", log=False) for seed in range(300))
    assert any(told), "300 random scenarios find no fault with it"


FIELDS = [(part, name) for part, dtype in NOTES.items() for name in dtype.names or ()]


def noted() -> Journal:
    """One note of each kind."""
    decided, judged, went_out = (np.ones(1, dtype) for dtype in NOTES.values())
    return Journal(decided, judged, went_out, waiting=1)


@pytest.mark.parametrize(("part", "field"), FIELDS)
def test_one_field_of_one_note_makes_another_journal(part: str, field: str) -> None:
    same_journal(noted(), noted())
    wrong = noted()
    getattr(wrong, part)[field] = 2
    with pytest.raises(AssertionError, match=part):
        same_journal(noted(), wrong)


def test_another_form_another_number_of_notes_or_waiting_make_another_journal() -> None:
    right = noted()
    for wrong in (
        right._replace(waiting=2),
        right._replace(judged=right.judged[:0]),
        right._replace(decided=np.ones(1, NOTES["judged"])),
        right._replace(went_out=np.ones(1, np.dtype(NOTES["went_out"].descr))),
    ):
        with pytest.raises(AssertionError):
            same_journal(right, wrong)


def test_a_look_that_has_a_record_on_one_engine_only_is_told() -> None:
    right = outcome_of(nothing_happened(2 * ROUNDS))
    place = right.place.copy()
    place[ROUNDS + LOOK] = 2
    wrong = Outcome(nothing_happened(3), place)
    assert not parting(right.every(), wrong.every())
    assert parting_of(right, wrong) == "looks at decisions [1] in one of them only"


def test_what_differs_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(ENGINES, "wrong", wrong_desks.LastOfTheRoster)
    told = next(filter(None, (compare(seed, ONE, "wrong") for seed in range(300))))
    assert "agreeing.compare(" in told
    assert " first visit " in told
    assert "person" in told
    assert "columns of the log: " in told
