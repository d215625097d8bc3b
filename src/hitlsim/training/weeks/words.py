"""Twelve weeks in words: kind, short, and no surer than the answers."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING

from ...decisions.counting.measure import Unit
from ...decisions.estimating.intervals import FEW, Estimate
from ...present.style import duration, hours, percent, written
from .measured import USUAL, Meant
from .ways import IDEAL, TEAM, YOU

if TYPE_CHECKING:
    from .twelve import Weeks

_FEW_BEGUN = 0.95
_MONTH = 4
_ROSE = 0.1
_NONE = 0.05
"""Hours a week that are none."""


def headline(w: Weeks) -> str:
    """The one thing to take away.

    Only what the intervals say is called more or fewer.
    """
    touched, bad = w.figures[YOU, "human_touch_rate"], w.figures[YOU, "bad_out"]
    return (
        f"With your habits the team would look at {touched.value:.0%} of all decisions and spend "
        f"{_hours(w.apart[TEAM, 'review_hours'])}; {100 * bad.value:.1f} of 100 decisions would go "
        f"out wrong, {_hundred(w)}."
    )


def clear(e: Estimate) -> bool:
    """Whether a difference is more than chance and a small deck explain."""
    return e.known and (e.low > 0 or e.high < 0)


def _hours(more: Estimate) -> str:
    if not clear(more):
        return "about as many hours as now"
    return f"{abs(more.value):.0f} hours a week {'more' if more.value > 0 else 'less'} than now"


def _hundred(w: Weeks) -> str:
    more, now = w.apart[TEAM, "bad_out"], w.figures[TEAM, "bad_out"]
    if not clear(more):
        return f"about as many as now ({100 * now.value:.1f})"
    return f"{100 * abs(more.value):.1f} {'more' if more.value > 0 else 'fewer'} than now"


def sentences(w: Weeks) -> list[str]:
    """What the weeks would be like."""
    return list(_sentences(w))


def _sentences(w: Weeks) -> Iterator[str]:
    own, asis, best = (partial(_of, w, way) for way in (YOU, TEAM, IDEAL))
    spent, peeks = own("review_hours"), own("peek_hours")
    needless = f", {hours(peeks.value)} of it on what nothing asked for" if (
        peeks.value > _NONE) else ""  # fmt: skip
    yield (
        f"Hours: {written(spent, Unit.HOURS_PER_WEEK)} a week{needless}; the team as it is "
        f"spends {hours(asis('review_hours').value)}, the ideal "
        f"{hours(best('review_hours').value)}."
    )
    if own("missed").known:
        yield (
            f"Let through: {percent(own('missed'))} of the wrong ones put before a reviewer; the "
            f"team as it is lets {asis('missed').value:.0%} through, the ideal "
            f"{best('missed').value:.0%}."
        )
    yield _silent(w)
    yield (
        f"Waits: {written(own('wait_minutes'), Unit.MINUTES)} on average, "
        f"{_than(w.apart[TEAM, 'wait_minutes'])}."
    )
    yield from _emerging(w)


def _of(w: Weeks, way: str, name: str) -> Estimate:
    return w.figures[way, name]


def _silent(w: Weeks) -> str:
    own, more = w.figures[YOU, "true_fn_share"], w.apart[TEAM, "true_fn_share"]
    if clear(more):
        why = "some of what was opened needlessly was wrong" if more.value < 0 else "less is opened"
        return (
            f"Silent errors: {percent(own)}, {100 * abs(more.value):.1f} points "
            f"{'more' if more.value > 0 else 'fewer'} than now: {why}."
        )
    return (
        f"Silent errors: {percent(own)}, about as many as now: what goes out with nobody asked is "
        "a matter of bands and triggers."
    )


def _than(more: Estimate) -> str:
    if not clear(more):
        return "about as long as now"
    return f"{duration(abs(more.value))} {'longer' if more.value > 0 else 'shorter'} than now"


def let_through(w: Weeks) -> tuple[float, float] | None:
    """Share of the wrong ones let through in the first and in the last four weeks.

    None where weeks are too few, or the last are hardly worse than the first.
    """
    c = w.course[(w.course["figure"] == "missed") & (w.course["way"] == YOU)]
    known = c["value"].dropna().to_numpy()
    if len(known) < 2 * _MONTH:
        return None
    first, last = float(known[:_MONTH].mean()), float(known[-_MONTH:].mean())
    return (first, last) if last - first > _ROSE else None


def _emerging(w: Weeks) -> Iterator[str]:
    """Whether eyes that were good in the first weeks are so in the last."""
    rose = let_through(w)
    if rose:
        yield (
            f"Over time: {rose[0]:.0%} of them are let through in the first four weeks, "
            f"{rose[1]:.0%} in the last. At a desk errors are rarer than in a deck, and rare ones "
            "are seen less."
        )


# --- what it takes for granted -------------------------------------------------------------------


def assumed(w: Weeks) -> list[str]:
    """What the figures take for granted."""
    return list(_assumed(w))


def _assumed(w: Weeks) -> Iterator[str]:
    m = w.measured
    by_time = ("inspect_share", "hurry") if m.quick else ()
    for habit in m.missing:
        if habit.name not in by_time:
            yield _not_measured(habit, m.counted[habit.name])
    if m.quick:
        yield (
            "You told wrong from right in less time than the texts take to read, so your times do "
            "not say what you read: they are left aside, and pace and reading are as people's are "
            "on average."
        )
    if "peek_share" in m.figures and not m.point.habits.peek_share:
        high = m.figures["peek_share"].high
        yield (
            f"None of {m.counted['peek_share']} routine items was opened, so none is in the "
            f"figures; up to {high:.0%} is possible, and in the intervals."
        )
    if m.begun < _FEW_BEGUN:
        yield (
            f"{1 - m.begun:.0%} of the items sent to you were left alone; in the simulation "
            "whatever is sent is worked."
        )
    yield (
        "What a deck cannot show is as people are on average: how trust grows, what rare errors, "
        "a long queue and tiredness do, how far one follows the AI, how often one learns the "
        "truth. Where you differ in these, habits and weeks are less sure than their intervals say."
    )
    yield (
        "Everybody in the team reviews as you did in the deck; people, hours and rules stay as "
        "they are. People who know that they are watched may review otherwise than at a desk."
    )
    if not m.quick:
        yield (
            "What was approved faster than its text can be read counts as not read, but for the "
            "few that one of your pace reads so fast; your pace is held against the review times "
            f"of {w.scenario.name}."
        )
    yield (
        "The ideal opens what it is asked, reads all of it, sees as the team does when rested, and "
        "draws the line that costs least at the deck's stakes."
    )
    yield (
        f"Intervals say where one such rollout would lie in 95 of 100 cases: {w.runs} worlds from "
        f"seed {w.seed} on, in each your habits drawn twice from what your answers leave open."
    )


def _not_measured(habit: Meant, n: int) -> str:
    usual = getattr(USUAL, habit.name, None)
    said = "" if usual is None else f", {usual:.0%}" if habit.name != "hurry" else ""
    return (
        f"{habit.title}: not enough evidence, {n} {habit.of}, and it takes {FEW}; taken as people "
        f"are on average{said}."
    )
