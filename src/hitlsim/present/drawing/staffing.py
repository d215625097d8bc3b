"""How many people a desk needs, at which hours, and what a shorter wait would take."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import pandas as pd

from ...calibration.staffing import Staffing, staffing
from ...calibration.staffing_words import span
from ...decisions.counting.metrics import Unit
from ...decisions.log import DecisionLog
from ...scenario.hours import DAYS
from .. import style
from ..axes import finding
from ..picture import Picture
from ..style import BLUE, GREEN, GREY, INK, MIST, VERMILLION, count, plain, written

TARGETS_MINUTES = (15.0, 60.0, 240.0, 1440.0)
"""A quarter of an hour, an hour, half a working day, a day."""


def busiest_pool(log: DecisionLog) -> str | None:
    """The pool to which most work comes; None where the log names none.

    Examples
    --------
    >>> import hitlsim as hs
    >>> busiest_pool(hs.simulate(hs.load("outbound"), seed=7).log)
    'reps'
    """
    return str(log.frame["pool"].value_counts().index[0]) if log.has("pool") else None


def draw_people(found: Staffing) -> Picture:
    """What comes to a desk hour by hour, and how many people it needs then.

    Parameters
    ----------
    found : Staffing
        Of :func:`hitlsim.staffing`.
    """
    title = _people_title(found)
    days = [d for d in DAYS if found.frame.loc[found.frame["weekday"] == d, "people"].sum()]
    days = days or list(DAYS[:5])
    with style.drawing(3.9) as fig:
        finding(fig, title)
        upper, lower = fig.subplots(2, 1, sharex=True, height_ratios=(1.2, 1))
        _draw_week(upper, lower, found, days)
        png = style.to_png(fig)
    f = found.frame[found.frame["people"] > 0]
    return Picture(
        png=png,
        title=title,
        alt=f"{title}. Above, items that come in each hour of the week; below, people needed, at "
        f"most {found.most} at a time.",
        caption=f"Items: mean of {found.demand.weeks:.3g} weeks; shaded: 95% interval, arrivals "
        "within an hour taken as independent (Poisson). People: fewest with which "
        f"{found.share:.0%} of the items begin within {span(found.within_minutes)} and nobody is "
        f"at work for more than {found.utilisation_limit:.0%} of the time. Hours in which the desk "
        "is closed are grey.",
        table=pd.DataFrame(
            {
                "Hour": [f"{d} {h:02d}-{h + 1:02d}"
                         for d, h in zip(f["weekday"], f["hour"], strict=True)],
                "Items": [
                    f"{v:.1f} ({a:.1f}-{b:.1f})"
                    for v, a, b in zip(
                        f["items_per_hour"], f["items_low"], f["items_high"], strict=True
                    )
                ],
                "People": f["people"].astype(int).tolist(),
                "In time": [f"{v:.0%}" for v in f["in_time"]],
                "At work": [f"{v:.0%}" for v in f["utilisation"]],
            }
        ),
    )  # fmt: skip


def _people_title(found: Staffing) -> str:
    whom = "The desk" if found.pool == "all" else f"Pool {plain(found.pool)}"
    sure = {"recommended": "", "out of reach": " (the target itself is out of reach)"}.get(
        found.status, " (a guess: not enough evidence)"
    )
    return (
        f"{whom} needs {count(found.hours.value)} hours a week, at most {found.most} at a time: "
        f"then {found.in_time:.0%} begin within {span(found.within_minutes)}{sure}"
    )


def _draw_week(upper: Any, lower: Any, found: Staffing, days: Sequence[str]) -> None:
    at, labels = 0, []
    f = found.frame
    top = 1.15 * float(f["items_high"].where(f["weekday"].isin(days), 0).max())
    # the same hours of every day, from the first that is used to the last
    used = f[(f["open"] | (f["items_per_hour"] > 0.2)) & f["weekday"].isin(days)]["hour"]
    first, last = int(used.min()), int(used.max()) + 1
    width = last - first
    for day in days:
        mine = f[(f["weekday"] == day) & f["hour"].between(first, last - 1)]
        x = at + mine["hour"].to_numpy() - first + 0.5
        closed = ~mine["open"].to_numpy()
        for ax in (upper, lower):
            for hour in x[closed]:
                ax.axvspan(hour - 0.5, hour + 0.5, facecolor=MIST, lw=0, zorder=0)
            ax.axvline(at, color=GREY, lw=0.7)
        upper.fill_between(
            x, mine["items_low"], mine["items_high"], color=BLUE, alpha=0.18, lw=0, step="mid"
        )
        upper.step(x, mine["items_per_hour"], where="mid", color=BLUE, lw=1.6)
        lower.bar(x, mine["people"], width=0.92, color=GREEN, edgecolor="white", lw=0.4)
        labels.append((at + width / 2, day))
        at += width
    upper.set_xlim(0, at)
    upper.set_ylim(0, max(top, 1.0))
    upper.set_ylabel("items an hour")
    lower.set_ylim(0, 1.25 * max(found.most, 1))
    lower.yaxis.get_major_locator().set_params(integer=True)
    lower.set_ylabel("people needed")
    lower.set_xticks([x for x, _ in labels], [d.capitalize() for _, d in labels], color=INK)
    lower.tick_params(axis="x", length=0)
    lower.set_xlabel(f"each day from {first}:00 to {last}:00")


def draw_targets(
    log: DecisionLog,
    *,
    pool: str | None = None,
    share: float = 0.80,
    targets_minutes: Sequence[float] = TARGETS_MINUTES,
) -> Picture:
    """What it takes in hours a week to begin as much within a shorter time.

    Parameters
    ----------
    log : DecisionLog
    pool : str, optional
        As in :func:`hitlsim.staffing`.
    share : float
        Share of items to begin in time; above 0, below 1.
    targets_minutes : sequence of float
        Longest waits to compare, from 0 to a week.
    """
    answers = [staffing(log, pool=pool, share=share, within_minutes=m) for m in targets_minutes]
    title = _targets_title(answers)
    with style.drawing(3.1) as fig:
        finding(fig, title)
        ax = fig.add_subplot()
        _draw_targets(ax, answers)
        png = style.to_png(fig)
    return Picture(
        png=png,
        title=title,
        alt=f"{title}. Hours a week for each of {len(answers)} waiting times.",
        caption=f"Fewest person-hours a week with which {share:.0%} of the items begin in time. "
        "Bars: 95% intervals, from how a week's work varies. Crosses: no number of people would "
        "do, because too much comes when the desk is closed; the hours shown go as far as people "
        "can.",
        table=pd.DataFrame(
            {
                "Within": [span(a.within_minutes) for a in answers],
                "Hours a week": [written(a.hours, Unit.HOURS_PER_WEEK) for a in answers],
                "Most at a time": [a.most for a in answers],
                "Begin in time": [f"{a.in_time:.1%}" for a in answers],
                "At work": [f"{a.utilisation:.0%}" for a in answers],
                "Answer": [a.status for a in answers],
            }
        ),
    )  # fmt: skip


def _targets_title(answers: Sequence[Staffing]) -> str:
    longest = max(answers, key=lambda a: a.within_minutes)
    shortest = min(answers, key=lambda a: a.within_minutes)
    times = shortest.hours.value / longest.hours.value
    said = f"{count(shortest.hours.value)} hours a week within {span(shortest.within_minutes)}"
    if shortest.status == "out of reach":
        said += f", and even then only {shortest.in_time:.0%} begin in time"
    return (
        f"{count(longest.hours.value)} hours a week will do if all may wait "
        f"{span(longest.within_minutes)}; it takes {times:.1f} times as many, {said}"
    )


def _draw_targets(ax: Any, answers: Sequence[Staffing]) -> None:
    for x, a in enumerate(answers):
        out = a.status == "out of reach"
        colour = VERMILLION if out else BLUE
        low, high = (a.hours.value if math.isnan(v) else v for v in (a.hours.low, a.hours.high))
        ax.plot([x, x], [low, high], color=colour, lw=2.2, zorder=3)
        ax.plot(x, a.hours.value, "X" if out else "o", color=colour, ms=9, mec="white", zorder=4)
        ax.annotate(
            f"{count(a.hours.value)} h: {a.in_time:.0%} in time", (x, a.hours.value),
            xytext=(10, 0), textcoords="offset points", va="center", color=colour, fontsize=9.5,
            fontweight="bold",
        )  # fmt: skip
    now = answers[0].set_aside
    if not math.isnan(now):
        ax.axhline(now, color=INK, lw=1.1, ls=(0, (5, 3)), zorder=1)
        ax.annotate(f"set aside now: {now:.3g}", (1.0, now), xycoords=("axes fraction", "data"),
                    xytext=(0, 4), textcoords="offset points", ha="right", color=INK)  # fmt: skip
    ax.set_xticks(range(len(answers)), [f"within {span(a.within_minutes)}" for a in answers],
                  color=INK)  # fmt: skip
    ax.set_xlim(-0.4, len(answers) - 0.25)
    known = [v for a in answers for v in (a.hours.value, a.hours.high, now) if not math.isnan(v)]
    ax.set_ylim(0, 1.2 * max(known))
    ax.set_ylabel("person-hours a week")
    ax.grid(axis="y", color=MIST, lw=1)
