"""The rules that hold between people, their habits and skills, and the rest of a scenario."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from .explain import Path_, Problem, instead
from .habits import PRESETS, Habits, spelled_out

if TYPE_CHECKING:
    from .scenario import Scenario


def problems(s: Scenario) -> Iterator[Problem]:
    """Everything about habits and skills that does not fit together."""
    wrong = list(_habit_problems(s))
    yield from wrong
    yield from _reviewers_habits(s, spoilt={p.path[1] for p in wrong})
    yield from _skill_problems(s)


def _habit_problems(s: Scenario) -> Iterator[Problem]:
    """What is wrong with the team's own sets of habits."""
    in_circles: set[str] = set()
    for name, habits in s.habits.items():
        here = ("habits", name)
        chain = _chain(s, name)
        if name in PRESETS:
            yield Problem(here, "is the name of habits that ship; call your own differently")
        elif habits.like is not None and habits.like not in (*PRESETS, *s.habits):
            yield Problem(
                (*here, "like"),
                f"{habits.like!r} are no habits; {instead(habits.like, (*PRESETS, *s.habits))}",
            )
        elif name in chain[1:]:
            if in_circles.isdisjoint(chain):
                yield Problem(
                    (*here, "like"),
                    f"goes in a circle ({' -> '.join(chain)}); break it somewhere",
                )
            in_circles.add(name)
        elif chain[-1] in PRESETS and chain[-1] not in s.habits:
            before = spelled_out(habits.like or "typical", s.habits)
            if before.hit_rate >= before.false_alarm_rate:  # else it is said there
                yield from _worse_than_guessing(here, spelled_out(name, s.habits))


def _chain(s: Scenario, name: str) -> list[str]:
    """A set of habits and all it is like, one after the other; a circle ends where it closes."""
    chain = [name]
    while name in s.habits:
        name = s.habits[name].like or "typical"
        chain.append(name)
        if name in chain[:-1]:
            break
    return chain


def _reviewers_habits(s: Scenario, spoilt: set[str | int]) -> Iterator[Problem]:
    for pool, name, reviewer in s.reviewers():
        here = ("pools", pool, "reviewers", name)
        known = (*PRESETS, *s.habits)
        if reviewer.habits not in known:
            yield Problem(
                (*here, "habits"),
                f"{reviewer.habits!r} are no habits; {instead(reviewer.habits, known)}",
            )
        elif spoilt.isdisjoint(_chain(s, reviewer.habits)):
            yield from _worse_than_guessing(here, s.habits_of(reviewer))


def _worse_than_guessing(here: Path_, habits: Habits) -> Iterator[Problem]:
    if habits.hit_rate < habits.false_alarm_rate:
        yield Problem(
            here,
            f"hit_rate {habits.hit_rate:g} is below false_alarm_rate "
            f"{habits.false_alarm_rate:g}: worse than guessing; swap them or mend one",
        )


def _skill_problems(s: Scenario) -> Iterator[Problem]:
    for pool, name, reviewer in s.reviewers():
        role = s.pools[pool].role
        comes = [
            n for n, w in s.workflows.items() if role in (w.raci.accountable, *w.raci.responsible)
        ]
        for i, skill in enumerate(reviewer.skills):
            here = ("pools", pool, "reviewers", name, "skills", i)
            if skill not in s.workflows:
                yield Problem(here, f"{skill!r} is no workflow; {instead(skill, s.workflows)}")
            elif skill not in comes:
                yield Problem(
                    here,
                    f"{skill!r} never comes to pool {pool!r}: its role {role!r} is neither "
                    f"responsible nor accountable for it; {instead(skill, comes)}",
                )
    for name, w in s.workflows.items():
        silent = w.volume_per_week == 0 and w.list_drop is None
        for pool_name, its_pool in s.pools.items():
            if its_pool.role != w.raci.responsible[0] or silent:
                continue
            if not its_pool.skilled(name):
                yield Problem(
                    ("workflows", name),
                    f"nobody in pool {pool_name!r} can review it, going by their skills; "
                    "add it to somebody's",
                )
