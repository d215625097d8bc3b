"""The search for the least people: what it is made of, and that nothing can be spared."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from hitlsim.calibration.roster import (
    NOBODY,
    Task,
    hours_for_work,
    least_people,
    outcome_of,
    spread,
)
from hitlsim.simulation.queueing.hourly import HOURS, STEPS


def task_of(
    open_hours: list[int], items: dict[int, float], limit_hours: float, minutes: float = 6.0
) -> Task:
    opened, comes = np.zeros(HOURS, bool), np.zeros(HOURS)
    opened[open_hours] = True
    for hour, n in items.items():
        comes[hour] = n
    return Task(
        items_per_hour=comes, service_hours=minutes / 60, cv2=1.0, other_hours=0.0,
        open_hours=opened, limit_hours=limit_hours,
    )  # fmt: skip


def office(limit_hours: float, an_hour: float = 12.0) -> Task:
    hours = [24 * day + hour for day in range(5) for hour in range(9, 17)]
    return task_of(hours, dict.fromkeys(hours, an_hour), limit_hours)


# --- known answers -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("limit_hours", "lengths"),
    [(0.1, [1] * 8), (1.0, [1] * 8), (2.5, [2] * 4), (3.0, [3, 3, 2]), (8.0, [8]), (48.0, [8])],
)
def test_a_stretch_is_as_long_as_the_target_and_at_most_a_day(
    limit_hours: float, lengths: list[int]
) -> None:
    stretches = office(limit_hours).stretches()
    assert [len(s) for s in stretches] == lengths * 5


def test_a_long_lunch_parts_a_day_unless_the_target_reaches_over_it() -> None:
    hours = [9, 10, 14, 15]
    assert [s.tolist() for s in task_of(hours, {}, 4.0).stretches()] == [[9, 10], [14, 15]]
    assert [s.tolist() for s in task_of(hours, {}, 7.0).stretches()] == [hours]


def test_the_last_chance_is_the_last_open_hour_before_the_limit() -> None:
    task = office(24.0)
    chance = task.last_chance()[2::STEPS]
    assert chance[9] == 24 + 9, "Monday 9:30 can wait until Tuesday 9:30"
    assert chance[20] == 24 + 16, "Monday evening for Tuesday's last hour"
    assert chance[4 * 24 + 12] == 4 * 24 + 16, "Friday noon for Friday's last hour"
    assert chance[5 * 24 + 12] == NOBODY, "Saturday noon for nobody"
    assert chance[6 * 24 + 12] == 9 + 3, "Sunday noon for Monday noon, a week on"


def test_work_that_comes_while_nobody_is_there_is_spread_over_the_next_open_day() -> None:
    hours = [24 * day + hour for day in range(5) for hour in (9, 10)]
    weekend, evening = 5 * 24 + 12, 24 + 20
    task = task_of(hours, {weekend: 40.0, evening: 20.0}, 1.0)
    work = task.work_by_stretch(task.stretches())
    assert work[:2] == pytest.approx([2.0, 2.0]), "4 hours of the weekend, on Monday"
    assert work[4:6] == pytest.approx([1.0, 1.0]), "2 of Tuesday evening, on Wednesday"
    assert work.sum() == pytest.approx(6.0)


def test_of_a_few_person_hours_one_is_at_the_end_so_that_nothing_stays_overnight() -> None:
    assert spread(1, 8).tolist() == [0, 0, 0, 0, 0, 0, 0, 1]
    assert spread(2, 8).tolist() == [0, 0, 0, 1, 0, 0, 0, 1]
    assert spread(0, 8).tolist() == [0] * 8


def test_the_morning_after_a_weekend_is_not_overstaffed_for_what_is_late_already() -> None:
    # 40 items of the weekend lie there on Monday at 9, all late; those of the week need one person
    hours = [24 * day + hour for day in range(5) for hour in range(9, 17)]
    task = task_of(hours, {**dict.fromkeys(hours, 5.0), 5 * 24 + 12: 40.0}, 1.0)
    assert least_people(task, 0.8, 0.85).people.max() <= 2


# --- properties ----------------------------------------------------------------------------------


@given(person_hours=st.integers(0, 500), n_hours=st.integers(1, 24))
def test_people_are_spread_as_evenly_as_can_be(person_hours: int, n_hours: int) -> None:
    people = spread(person_hours, n_hours)
    assert people.sum() == person_hours
    assert people.max() - people.min() <= 1


@given(work=st.lists(st.floats(0, 50), min_size=1, max_size=40), utilisation=st.floats(0.3, 0.99))
def test_the_hours_for_the_work_keep_to_the_utilisation(
    work: list[float], utilisation: float
) -> None:
    hours = hours_for_work(np.array(work), utilisation)
    assert sum(hours) == math.ceil(sum(work) / utilisation - 1e-9)
    assert all(h >= math.floor(w / utilisation) for h, w in zip(hours, work, strict=True))


def floors_of(task: Task, utilisation: float) -> list[tuple[NDArray[np.int64], int]]:
    """Stretches, with the person-hours that work and something falling due ask for."""
    stretches = task.stretches()
    hours = hours_for_work(task.work_by_stretch(stretches), utilisation)
    due = [int(np.isin(task.last_chance()[task.open_hours.repeat(STEPS)], s).any())
           for s in stretches]  # fmt: skip
    return list(zip(stretches, map(max, hours, due), strict=True))


@pytest.mark.parametrize("limit_hours", [2.0, 4.0])
@pytest.mark.parametrize("an_hour", [4.0, 9.5, 15.0])
def test_no_person_hour_that_was_added_can_go(limit_hours: float, an_hour: float) -> None:
    task, share = office(limit_hours, an_hour), 0.9

    def in_time(people: NDArray[np.int64]) -> float:
        comes = task.items_per_hour / task.items_per_hour.sum()
        return float(outcome_of(task, people).in_time @ comes)

    plan = least_people(task, share, 0.9)
    assert in_time(plan.people) >= share - 1e-4
    for hours, floor in floors_of(task, 0.9):
        person_hours = int(plan.people[hours].sum())
        assert person_hours >= floor
        if person_hours > floor and hours[0] // 24 in (0, 4):  # Monday and Friday will do
            fewer = plan.people.copy()
            fewer[hours] = spread(person_hours - 1, len(hours))
            assert in_time(fewer) < share + 1e-4
