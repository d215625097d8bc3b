"""Twelve weeks with somebody's habits, drawn beside the team as it is and the ideal."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

from ...decisions.estimating.intervals import Estimate
from ...present import style
from ...present.axes import finding, rows_axis
from ...present.picture import Note, Picture
from ...present.showing.pieces import box, folded, frame, head, listed, notes
from ...present.style import BLUE, GREEN, GREY, INK, MIST, VERMILLION
from ..weeks import tables
from ..weeks.twelve import Weeks
from ..weeks.ways import IDEAL, TEAM, WAYS, YOU
from ..weeks.words import let_through

_LOOKS = {TEAM: (BLUE, "o"), YOU: (VERMILLION, "D"), IDEAL: (GREEN, "s")}
"""Colour and mark of a way, so that neither alone tells them apart."""
_ROOM = 1.5
"""Of an axis: its figures, and the words beside them."""
_FEW_WEEKS = 2
_LAST = 4
_PERCENT = 100.0


_ON_SCREEN = """<style>
.hitlsim figure { margin: 0 0 1em; }
.hitlsim figure img { display: block; width: 100%; max-width: 940px; height: auto; }
</style>"""


class _Panel(NamedTuple):
    name: str
    words: str
    scale: float
    write: str
    least: float = 0.0
    """Of the axis: what is next to nothing is to look like nothing."""


_PANELS = (
    _Panel("review_hours", "hours a week\nthat people spend", 1, "{:.0f} h"),
    _Panel("peek_hours", "of these, on what\nnothing asked for", 1, "{:.1f} h", 5),
    _Panel("human_touch_rate", "decisions that\na person looks at, %", 100, "{:.0f}%"),
    _Panel("missed", "wrong ones that reviewers\nlet through, %", 100, "{:.0f}%"),
    _Panel("true_fn_share", "silent errors: out wrong,\nnobody asked, %", 100, "{:.1f}%"),
    _Panel("bad_out", "decisions that go out\nwrong, in all, %", 100, "{:.1f}%"),
    _Panel("wait_minutes", "mean wait,\nhours", 1 / 60, "{:.1f} h"),
    _Panel("true_cost", "cost per\n1,000 decisions", 1, "{:,.0f}"),
)


def draw_weeks(w: Weeks) -> Picture:
    """The figures side by side: three rows in each panel.

    Parameters
    ----------
    w : Weeks
    """
    title = _title(w)
    with style.drawing(4.7) as fig:
        finding(fig, title)
        axes = fig.subplots(2, 4, sharey=True)
        for ax, panel in zip(axes.flat, _PANELS, strict=True):
            _draw(ax, w, panel)
        for ax in axes[:, 0]:
            ax.set_yticks(range(len(WAYS)), [tables.NAMES[way] for way in WAYS], color=INK)
            ax.get_yticklabels()[list(WAYS).index(YOU)].set_fontweight("bold")
        axes[0, 0].set_ylim(len(WAYS) - 0.45, -0.55)
        png = style.to_png(fig)
    return Picture(
        png=png,
        title=title,
        alt=f"{title}. Eight panels with a row each for the team as it is, the team with your "
        "habits, and the ideal: hours, what is looked at, what is let through, silent errors, "
        "waits and cost.",
        caption=f"{w.scenario.name}, all {w.scenario.weeks} weeks, {w.runs} worlds from seed "
        f"{w.seed} on; the three teams meet the same decisions. Bars: where one such rollout would "
        "lie in 95 of 100 cases, as the world goes one way or another and, with your habits, as "
        "far as your answers tell them. What goes out wrong is known because it is a simulation. "
        f"Cost in {w.scenario.currency}: reviewing, waiting and errors.",
        table=tables.figures_table(w),
    )


def _title(w: Weeks) -> str:
    """Hours and what is let through, three times."""
    hours, missed = (
        {way: w.figures[way, name].value for way in WAYS} for name in ("review_hours", "missed")
    )
    if math.isnan(missed[YOU]):
        return (
            f"With your habits {hours[YOU]:.0f} hours a week; the team as it is {hours[TEAM]:.0f}, "
            f"the ideal {hours[IDEAL]:.0f}"
        )
    return (
        f"With your habits {hours[YOU]:.0f} hours a week, and {missed[YOU]:.0%} of the wrong ones "
        f"let through; the team as it is {hours[TEAM]:.0f} and {missed[TEAM]:.0%}, the ideal "
        f"{hours[IDEAL]:.0f} and {missed[IDEAL]:.0%}"
    )


def _draw(ax: Any, w: Weeks, panel: _Panel) -> None:
    figures = {way: w.figures[way, panel.name].scaled(panel.scale) for way in WAYS}
    top = max(panel.least, *(_end(e) for e in figures.values() if e.known), 1e-9)
    for y, (way, e) in enumerate(figures.items()):
        colour, mark = _LOOKS[way]
        if not e.known:
            ax.annotate("not known", (0, y), va="center", color=GREY, fontsize=9)
            continue
        ax.plot([0, e.value], [y, y], color=MIST, lw=8, solid_capstyle="butt", zorder=1)
        if not math.isnan(e.low):
            ax.plot([e.low, e.high], [y, y], color=colour, lw=2, zorder=3, solid_capstyle="butt")
        ax.plot(e.value, y, mark, color=colour, ms=6.5, mec="white", zorder=4, clip_on=False)
        ax.annotate(
            panel.write.format(e.value), (_end(e), y), xytext=(7, 0), textcoords="offset points",
            va="center", fontsize=9.5, color=colour, fontweight="bold",
        )  # fmt: skip
    ax.set_xlim(0, _ROOM * top)
    ax.set_title(panel.words, loc="left", fontsize=9.5, color=GREY)
    rows_axis(ax)
    ax.locator_params(axis="x", nbins=4)
    if panel.scale == _PERCENT:
        ax.set_xticks([t for t in ax.get_xticks() if 0 <= t <= min(_PERCENT, _ROOM * top)])
    ax.xaxis.set_major_formatter(lambda value, _: f"{value:,g}")


def _end(e: Estimate) -> float:
    return e.value if math.isnan(e.high) else e.high


def draw_course(w: Weeks) -> Picture | Note:
    """The weeks one after the other: hours, and what reviewers let through.

    Parameters
    ----------
    w : Weeks
    """
    if w.scenario.weeks < _FEW_WEEKS:
        return Note("The rollout has one week, so there is no course to draw.")
    title = _course_title(w)
    with style.drawing(3.9) as fig:
        finding(fig, title)
        axes = fig.subplots(1, len(tables.COURSE))
        for ax, (name, words, scale) in zip(axes, tables.COURSE, strict=True):
            _draw_course(ax, w, name, scale)
            ax.set_title(words, loc="left", fontsize=9.5, color=GREY)
            ax.set_xlabel("week of the rollout")
        handles, labels = axes[0].get_legend_handles_labels()
        fig.legend(handles, labels, loc="outside lower center", ncols=3, frameon=False,
                   fontsize=9.5)  # fmt: skip
        png = style.to_png(fig)
    return Picture(
        png=png,
        title=title,
        alt=f"{title}. Two panels over {w.scenario.weeks} weeks, with a line each for the team as "
        "it is, the team with your habits, and the ideal.",
        caption=f"{w.scenario.name}, {_phases(w)}. Lines: mean of {w.runs} worlds from seed "
        f"{w.seed} on. Shaded: where one such rollout with your habits would lie in 95 of 100 "
        "cases, week by week.",
        table=tables.course_table(w),
    )


def _course_title(w: Weeks) -> str:
    rose = let_through(w)
    if rose:
        return (
            f"With your habits {rose[0]:.0%} of the wrong ones are let through at first, "
            f"{rose[1]:.0%} at the end"
        )
    own, asis = (_last_hours(w, way) for way in (YOU, TEAM))
    return (
        f"In the end people spend {own:.0f} hours a week with your habits, and {asis:.0f} as the "
        "team is"
    )


def _last_hours(w: Weeks, way: str) -> float:
    c = w.course[(w.course["figure"] == "review_hours") & (w.course["way"] == way)]
    return float(c["value"].tail(_LAST).mean())


def _phases(w: Weeks) -> str:
    """The phases with their weeks: ``shadow 2 weeks, ...``."""
    told = [
        f"{name.replace('-', ' ')} {phase.weeks} weeks" if phase.weeks else
        f"then {name.replace('-', ' ')}"
        for name, phase in ((str(n), p) for n, p in w.scenario.phases.items())
    ]  # fmt: skip
    return ", ".join(told)


def _draw_course(ax: Any, w: Weeks, name: str, scale: float) -> None:
    c = w.course[w.course["figure"] == name]
    for way in WAYS:
        colour, mark = _LOOKS[way]
        part = c[c["way"] == way]
        week = part["week"].to_numpy()
        if way == YOU:
            ax.fill_between(week, scale * part["low"], scale * part["high"], color=colour,
                            alpha=0.14, lw=0)  # fmt: skip
        ax.plot(week, scale * part["value"], color=colour, marker=mark, ms=5, mec="white",
                lw=2.4 if way == YOU else 1.5, label=tables.NAMES[way], zorder=3)  # fmt: skip
    ax.set_ylim(bottom=0)
    ax.set_xlim(0.5, w.scenario.weeks + 0.5)
    ax.xaxis.get_major_locator().set_params(integer=True)
    ax.grid(axis="y", color=MIST, lw=1)


# --- in a notebook -------------------------------------------------------------------------------


def weeks_shown(w: Weeks) -> str:
    """The finding, the half minute, both figures, the habits behind them, what is assumed."""
    return box(
        _ON_SCREEN,
        head(w.headline, f"{w.scenario.name}, {w.scenario.weeks} weeks; habits of {w.who}"),
        listed(w.sentences),
        w.picture.html(),
        draw_course(w).html(),
        folded("The habits that your answers show", frame(tables.habits_table(w))),
        folded("What this takes for granted", notes(w.assumed)),
    )
