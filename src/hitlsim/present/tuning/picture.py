"""A recommendation as a picture: the trade-offs it was chosen from, and what moves it."""

from __future__ import annotations

import textwrap
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pandas as pd

from ...calibration.tuning.recommendation import Recommendation
from .. import style
from ..axes import finding
from ..picture import Note, Picture
from ..style import INK, count
from .panels import (
    drawn_silent,
    hours_silent,
    least_sure_first,
    marks,
    simplicity,
    speed_safety,
    tornado,
)
from .texts import TITLES, figure, ladder_differs, ladder_note, title_of

if TYPE_CHECKING:
    from ..monthly.month import MonthReport

_NOTHING_TELLS = Note(
    "The trade-off cannot be drawn: nothing tells how likely each proposal is wrong. Outcomes (the "
    "column ok) of decisions picked by chance, or people's verdicts, would make it possible."
)
Draw = Callable[[Any, Recommendation], str]
_HEIGHTS_IN = (4.4, 3.5, 2.7)
_LETTERS = 36
_SHOWN = ("exception_rate", "cost_per_1000", "hours_per_week")


def what_it_costs(report: MonthReport) -> Picture | Note | None:
    """:func:`draw_speed_safety` of a monthly report."""
    rec = report.recommendation
    return None if rec is None or rec.frontier.empty else draw_speed_safety(rec)


def draw_speed_safety(rec: Recommendation) -> Picture | Note:
    """What 1,000 decisions cost over the exception rate: the exact trade-off and policies on it.

    Parameters
    ----------
    rec : Recommendation
        Of :func:`hitlsim.tune`.
    """
    if rec.frontier.empty:
        return _NOTHING_TELLS
    with style.drawing(4.4) as fig:
        title = _row(fig, [speed_safety], rec)[0]
        png = style.to_png(fig)
    return Picture(png, title, _alt(title, rec), _caption(rec), _table(rec))


def draw_tuning(rec: Recommendation) -> Picture | Note:
    """Everything that a recommendation weighs, in one picture.

    Speed against safety, hours against silent errors, simplicity against precision, and which
    assumption moves the answer.

    Parameters
    ----------
    rec : Recommendation
        Of :func:`hitlsim.tune`.
    """
    if rec.frontier.empty:
        return _NOTHING_TELLS
    rows: list[list[Draw]] = [[speed_safety], [hours_silent], [tornado]]
    if ladder_differs(rec):
        rows[1].append(simplicity)
    if rec.sensitivity.empty:
        rows.pop()
    heights = _HEIGHTS_IN[: len(rows)]
    with style.drawing(sum(heights)) as fig:
        # each row by itself, so that long names in one do not squeeze the others
        parts = fig.subfigures(len(rows), 1, height_ratios=heights, squeeze=False)[:, 0]
        said = [
            _row(part, panels, rec) for part, panels in zip(parts, rows, strict=True)
        ]  # fmt: skip
        png = style.to_png(fig)
    title, *others = [words for row in said for words in row]
    note = f" {ladder_note(rec)}" if ladder_note(rec) and simplicity in rows[1] else ""
    return Picture(
        png, title, f"{_alt(title, rec)} {'. '.join(others)}.", f"{_caption(rec)}{note}",
        _table(rec),
    )  # fmt: skip


def _row(part: Any, panels: list[Draw], rec: Recommendation) -> list[str]:
    """Panels beside each other, each under its finding."""
    axes = part.subplots(1, len(panels), squeeze=False)[0]
    said = [draw(ax, rec) for ax, draw in zip(axes, panels, strict=True)]
    if panels[0] is speed_safety:
        finding(part, said[0])
        return said
    if len(panels) == 1:
        part.suptitle(said[0], x=0.005, ha="left", fontsize=10, fontweight="bold", color=INK)
        return said
    for ax, words in zip(axes, said, strict=True):
        ax.set_title(
            textwrap.fill(words, _LETTERS), loc="left", fontsize=10, fontweight="bold", color=INK
        )
    return said


def _alt(title: str, rec: Recommendation) -> str:
    said = "; ".join(
        f"{m.name}: {m.get('exception_rate').value:.1%} exceptions at "
        f"{count(m.get('cost_per_1000').value)} per 1,000"
        for m in marks(rec)
    )
    return f"{title}. Cost of 1,000 decisions over the exception rate, falling lines. {said}."


def _caption(rec: Recommendation) -> str:
    if rec.runs:
        what = (
            f"Points: means of {rec.runs} simulated runs with seeds that nothing was chosen by; "
            "line: the best readable rules at several rates, two runs each, moved by what today's "
            "and the usual rules gave less or more in those runs than in the others."
        )
    else:
        what = (
            f"What {count(rec.rate.n)} decisions would have cost under other rules. Solid: those "
            "looked at first where a look is worth most (harm prevented less what it costs), "
            f"exactly, each decision by itself; dashed: the {least_sure_first(rec)}. Solid is "
            "the best in money; in hours against silent errors another order may lie below it."
        )
    return (
        f"{what} Bars: 95% intervals ({rec.figures['cost_per_1000'].assumes}); costs of policies "
        "rise and fall together, so their difference is known better than the bars say."
    )


def _table(rec: Recommendation) -> pd.DataFrame:
    names = [n for n in _SHOWN if any(n in m.figures for m in marks(rec))]
    table: dict[str, list[str]] = {"Rules": [m.name for m in marks(rec)]}
    for n in names:
        table[TITLES[n].capitalize()] = [figure(m.get(n), n) for m in marks(rec)]
    silent = title_of(rec, drawn_silent(rec)).capitalize()
    table[silent] = [figure(m.get("fn_share"), "fn_share") for m in marks(rec)]
    return pd.DataFrame(table)
