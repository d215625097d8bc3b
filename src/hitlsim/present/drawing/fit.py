"""Observed weeks inside the bands that a fitted scenario predicts, figure by figure."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd

from ...calibration.fitting.checking import FIGURES, PredictiveCheck
from .. import style
from ..axes import finding
from ..picture import Picture
from ..style import BLUE, GREY, INK, PALE, VERMILLION

_COLUMNS = 2
_ROW_IN = 1.75
_SHARES = ("exception_rate", "override_rate", "right_rate", "within_24h")
_MOST_LABELS = 6


def draw_check(check: PredictiveCheck) -> Picture:
    """Each figure's weeks as points, its predicted band behind them.

    Parameters
    ----------
    check : PredictiveCheck
    """
    shown = [f for f in FIGURES if (check.weeks["figure"] == f).any()]
    title = _title(check, shown)
    rows = max(1, math.ceil(len(shown) / _COLUMNS))
    with style.drawing(0.9 + _ROW_IN * rows) as fig:
        finding(fig, title)
        axes = fig.subplots(rows, _COLUMNS, squeeze=False).ravel()
        for ax, figure in zip(axes, shown, strict=False):
            _draw_one(ax, check, figure)
        for ax in axes[len(shown) :]:
            ax.set_visible(False)
        png = style.to_png(fig)
    return Picture(
        png=png,
        title=title,
        alt=f"{title}. One small chart for each of {', '.join(FIGURES[f] for f in shown)}: points "
        "for the log's weeks on a band of what simulated weeks do.",
        caption=f"Points: weeks of the log, crosses those outside. Band: what {check.level:.0%} of "
        f"the weeks do in {check.runs} runs of the fitted scenario, each with other numbers from "
        "within their uncertainty; line: their median. Only weeks that the log covers in full; the "
        "same log was used for the fit.",
        table=_frame(check),
    )


def _title(check: PredictiveCheck, shown: list[str]) -> str:
    odd = [FIGURES[f] for f in shown if f not in check.fits]
    inside = f"{check.inside.value:.0%} of the weekly figures lie inside bands made for "
    inside += f"{check.level:.0%}"
    if not odd:
        return f"The log's weeks look like the fitted scenario's: {inside}"
    return f"The fitted scenario misses something in {', '.join(odd)}: {inside}"


def _draw_one(ax: Any, check: PredictiveCheck, figure: str) -> None:
    mine = check.weeks[check.weeks["figure"] == figure].reset_index(drop=True)
    unit = 100 if figure in _SHARES else 1
    x = mine.index.to_numpy()
    ax.fill_between(x, unit * mine["low"], unit * mine["high"], color=PALE, alpha=0.6, lw=0)
    ax.plot(x, unit * mine["median"], color=GREY, lw=1.2)
    inside = mine["inside"].to_numpy(bool)
    observed = unit * mine["observed"]
    ax.plot(x[inside], observed[inside], "o", color=BLUE, ms=4.5)
    ax.plot(x[~inside], observed[~inside], "X", color=VERMILLION, ms=7.5, mec="white", mew=0.6)
    every = max(1, math.ceil(len(mine) / _MOST_LABELS))
    ax.set_xticks(x[::every], [f"{d:%m-%d}" for d in mine["monday"][::every]])
    ax.margins(x=0.03)
    if unit == 1:
        ax.set_ylim(bottom=0)
    name = FIGURES[figure] + (", %" if unit == 100 else "")
    said = f"{name}: {inside.sum()} of {len(mine)} weeks inside"
    ax.set_title(said, loc="left", fontsize=9.5, color=INK)
    ax.grid(axis="y")


def _frame(check: PredictiveCheck) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "week": [f"{d:%Y-%m-%d}" for d in check.weeks["monday"]],
            "figure": [FIGURES[f] for f in check.weeks["figure"]],
            "log": [f"{v:.4g}" for v in check.weeks["observed"]],
            "band": [
                f"{a:.4g} to {b:.4g}"
                for a, b in zip(check.weeks["low"], check.weeks["high"], strict=True)
            ],
            "inside": ["yes" if i else "no" for i in check.weeks["inside"]],
        }
    )
