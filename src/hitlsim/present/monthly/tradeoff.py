"""Silent errors against the threshold, with what each threshold costs in attention."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from .. import style
from ..axes import finding
from ..picture import Note, Picture
from ..style import BLACK, BLUE, GREEN, INK, MIST, VERMILLION, count, percent
from .frames import estimates

if TYPE_CHECKING:
    from .month import MonthReport

_ROWS = 12
_NAME = 0.25
"""Share of the axis that a line's name takes."""


def silent_errors(report: MonthReport) -> Picture | Note:
    """:func:`draw_tradeoff` of a monthly report."""
    rec = report.recommendation
    good = rec is not None and rec.status == "recommended"
    return draw_tradeoff(
        report.tradeoff,
        report.targets.exception_rate,
        today=report.facts.threshold,
        recommended=rec.auto if rec is not None and good else math.nan,
        mixed=report.facts.mixed_bands,
        several=good and rec is not None and math.isnan(rec.auto),
        until=report.title,
    )


def draw_tradeoff(
    curve: pd.DataFrame,
    band: tuple[float, float],
    *,
    today: float = math.nan,
    recommended: float = math.nan,
    mixed: bool = False,
    several: bool = False,
    until: str,
) -> Picture | Note:
    """Silent errors over thresholds, above the exception rate they cost.

    Parameters
    ----------
    curve : DataFrame
        Of :func:`hitlsim.curve`; it holds the thresholds marked.
    band : (float, float)
        The exception rate aimed at.
    today, recommended : float
        Thresholds to mark; NaN for none.
    mixed : bool
        Whether some workflows have bands of their own today.
    several : bool
        Whether the thresholds recommended differ by workflow, so that none can be marked.
    until : str
        The month, in words, up to which decisions count.
    """
    if curve.empty:
        return Note(
            "The scores take fewer than three different values, so there is no threshold to choose."
        )
    if not curve["fn_share"].notna().any():
        return Note(
            "Silent errors cannot be drawn: no outcome is known. The column ok, for decisions that "
            "went alone and were picked by chance, would make it possible."
        )
    title = _title(curve, today)
    with style.drawing(5.2) as fig:
        finding(fig, title)
        upper, lower = fig.subplots(2, 1, sharex=True, height_ratios=(3, 2))
        _draw_silent(upper, curve)
        _draw_rate(lower, curve, band)
        _mark(upper, lower, curve, today, recommended)
        lower.set_xlabel("threshold: the AI acts alone at this confidence or more")
        png = style.to_png(fig)
    n, seen = curve["n"].iloc[0], curve["fn_share_n"].max()
    own = " Some workflows have bands of their own today; the line is the general one."
    each = " The rules recommended have a threshold for each workflow, so no line is theirs."
    return Picture(
        png=png,
        title=title,
        alt=f"{title}. Above, silent errors fall from {curve['fn_share'].max():.1%} to "
        f"{curve['fn_share'].min():.1%} as the threshold rises; below, exceptions rise from "
        f"{curve['exception_rate'].min():.1%} to {curve['exception_rate'].max():.1%}.",
        caption=f"What {count(n)} decisions up to the end of {until} would have done at each "
        f"threshold, had it held for all workflows. Silent errors are estimated from up to "
        f"{count(seen)} known outcomes, weighted by their chance to be known; band: 95% interval "
        "(Korn-Graubard), which takes decisions as independent and the known outcomes as right."
        f"{own if mixed else ''}{each if several else ''}",
        table=_table(curve, today, recommended),
    )


def _title(curve: pd.DataFrame, today: float) -> str:
    """What halving silent errors would cost."""
    here = curve[curve["threshold"] == today]
    if here.empty or not here["fn_share"].iloc[0] > 0:
        ends = curve.iloc[[0, -1]]
        a, b = ends["exception_rate"].tolist()
        x, y = ends["fn_share"].tolist()
        return f"From {a:.0%} to {b:.0%} exceptions, silent errors fall from {x:.1%} to {y:.1%}"
    now, rate = float(here["fn_share"].iloc[0]), float(here["exception_rate"].iloc[0])
    half = curve[(curve["fn_share"] <= now / 2) & (curve["threshold"] > today)]
    if half.empty:
        most = float(curve["exception_rate"].max())
        return (
            f"A stricter threshold helps little: even at {most:.0%} exceptions silent errors are "
            f"more than half of today's {now:.1%}"
        )
    cost = float(half["exception_rate"].iloc[0])
    return f"Halving silent errors from {now:.1%} would take {cost:.0%} exceptions, not {rate:.0%}"


def _draw_silent(ax: Any, curve: pd.DataFrame) -> None:
    x = curve["threshold"]
    low, high = 100 * curve["fn_share_low"], 100 * curve["fn_share_high"]
    ax.fill_between(x, low, high, color=BLUE, alpha=0.16, lw=0)
    ax.plot(x, 100 * curve["fn_share"], color=BLUE, lw=2)
    ax.set_ylim(0, float(high.max()) * 1.28)
    ax.set_ylabel("silent errors,\n% of all allowed")
    ax.grid(axis="y", color=MIST, lw=1)
    _name(ax, x, high, "estimated from the outcomes known, with 95% interval", BLUE, above=True)
    if "true_fn_share" in curve:
        truth = 100 * curve["true_fn_share"]
        ax.plot(x, truth, color=BLACK, lw=1.6, ls=(0, (5, 3)))
        _name(ax, x, truth.clip(upper=low), "true (simulation only)", BLACK, above=False)


def _name(ax: Any, x: pd.Series, y: pd.Series, name: str, colour: str, *, above: bool) -> None:
    """Name a line at its left end, where the lines lie furthest apart."""
    start, span = float(x.min()), float(x.max() - x.min())
    under = np.interp(np.linspace(start, start + _NAME * span), x, y)
    ax.annotate(
        name, (start + 0.01 * span, under.max() if above else under.min()),
        xytext=(0, 5 if above else -5), textcoords="offset points",
        va="bottom" if above else "top", color=colour, fontweight="bold", fontsize=9,
    )  # fmt: skip


def _draw_rate(ax: Any, curve: pd.DataFrame, band: tuple[float, float]) -> None:
    x, rate = curve["threshold"], 100 * curve["exception_rate"]
    ax.axhspan(100 * band[0], 100 * band[1], facecolor=GREEN, alpha=0.13, lw=0)
    ax.annotate(
        f"band\n{100 * band[0]:g}-{100 * band[1]:g}%", (1.008, 50 * (band[0] + band[1])),
        xycoords=("axes fraction", "data"), va="center", color=GREEN, fontsize=9.5,
        fontweight="bold", annotation_clip=False,
    )  # fmt: skip
    ax.plot(x, rate, color=INK, lw=2)
    ax.set_ylim(0, max(float(rate.max()) * 1.05, 115 * band[1]))
    ax.set_ylabel("exception\nrate, %")
    ax.grid(axis="y", color=MIST, lw=1)
    span = float(x.max() - x.min())
    ax.set_xlim(float(x.min()) - 0.01 * span, float(x.max()) + 0.01 * span)


def _mark(upper: Any, lower: Any, curve: pd.DataFrame, today: float, recommended: float) -> None:
    """Both thresholds; the left one is named on its left, so that near ones do not collide."""
    marks = [
        (at, name, colour)
        for at, name, colour in (
            (today, "today", VERMILLION),
            (recommended, "recommended", GREEN),
        )
        if at in set(curve["threshold"])
    ]
    marks.sort(key=lambda mark: mark[0])
    x = curve["threshold"]
    span = float(x.max() - x.min())
    for i, (at, name, colour) in enumerate(marks):
        for ax in (upper, lower):
            ax.axvline(at, color=colour, lw=1.5, ls="-" if name == "today" else (0, (2, 1.5)))
        place = (at - x.min()) / span
        # away from the other mark, unless the edge is too near; then one line lower
        right = i == 1 if len(marks) == 2 else place < 0.5
        turned = (right and place > 0.86) or (not right and place < 0.14)
        near = len(marks) == 2 and abs(marks[0][0] - marks[1][0]) < 0.5 * span
        upper.annotate(
            f"{name} {at:.6g}", (at, 0.9 if turned and near else 0.99),
            xycoords=("data", "axes fraction"), va="top", textcoords="offset points",
            xytext=(5 if right != turned else -5, 0), color=colour,
            ha="left" if right != turned else "right", fontsize=9.5, fontweight="bold",
            bbox={"boxstyle": "square,pad=0.1", "fc": "white", "ec": "none", "alpha": 0.85},
        )  # fmt: skip


def _table(curve: pd.DataFrame, today: float, recommended: float) -> pd.DataFrame:
    """About a dozen thresholds, the marked ones among them."""
    every = max(1, -(-len(curve) // _ROWS))
    kept = curve[(curve.index % every == 0) | curve["threshold"].isin([today, recommended])]

    def texts(name: str) -> list[str]:
        return [percent(e) for e in estimates(kept, name)]

    mark = {recommended: "recommended", today: "today"}
    table = pd.DataFrame(
        {
            "Threshold": [f"{t:.6g}" for t in kept["threshold"]],
            "": [mark.get(t, "") for t in kept["threshold"]],
            "Exception rate": texts("exception_rate"),
            "Silent errors": texts("fn_share"),
            "Outcomes known": [count(n) for n in kept["fn_share_n"]],
        }
    )
    if "true_fn_share" in kept:
        table["True (simulation only)"] = texts("true_fn_share")
    return table
