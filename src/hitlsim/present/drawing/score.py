"""A learnt score drawn: does it come as often as it says, and how are scores spread."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from ...decisions.estimating.intervals import Estimate
from .. import style
from ..axes import finding
from ..picture import Note, Picture
from ..style import BLACK, BLUE, GREY, MIST, PALE, count, percent

if TYPE_CHECKING:
    from ...calibration.scoring.score import Score

_BARS = 40
_SHOWN = (0.002, 0.998)
"""Quantiles of the score at which the axis ends: a single outlier would squeeze all others."""


def draw_score(score: Score) -> Picture | Note:
    """Share right against score, with what chance would do to a perfect one, above its histogram.

    Parameters
    ----------
    score : Score
        As :func:`hitlsim.calibration.scoring.score.score` learnt it; one read from a file holds no
        decisions to draw.
    """
    if score.judged is None:
        return Note(
            "A score that was read from a file holds no decisions to draw; the picture belongs to "
            "the log it was learnt from."
        )
    p, right, weight = score.judged
    from ...calibration.reliability import reliability_table

    table = reliability_table(p, right, weight)
    low, high = _by_chance(table)
    title = _title(score)
    with style.drawing(5.6) as fig:
        finding(fig, title)
        upper, lower = fig.subplots(2, 1, sharex=True, height_ratios=(3, 1))
        ends = np.quantile(p, _SHOWN)
        _draw_reliability(upper, table, low, high, ends)
        _draw_spread(lower, p, weight, ends)
        png = style.to_png(fig)
    outer = table.iloc[[0, -1]]
    said = [f"{s:.1%} promised and {v:.1%} right" for s, v in zip(outer["score"], outer["value"],
                                                                  strict=True)]  # fmt: skip
    return Picture(
        png=png,
        title=title,
        alt=f"{title}. In the lowest of {len(table)} bins {said[0]}, in the highest {said[-1]}.",
        caption=f"{count(len(p))} decisions that nothing was learnt from, {score.judged_on}, in "
        f"{len(table)} bins of equally many. Bars: 95% intervals (Korn-Graubard), which take "
        "decisions as independent. Grey: where 95% of the bins of a perfect score would lie by "
        "chance.",
        table=pd.DataFrame(
            {
                "Score": [f"{a:.3f} to {b:.3f}" for a, b in zip(
                    table["score_low"], table["score_high"], strict=True)],
                "Promised": [f"{s:.1%}" for s in table["score"]],
                "Right": [percent(e) for e in _estimates(table)],
                "Decisions": [count(n) for n in table["n"]],
            }
        ),
    )  # fmt: skip


def _estimates(table: pd.DataFrame) -> list[Estimate]:
    names = ("value", "low", "high", "n", "assumes", "few")
    return [Estimate(**{n: row[n] for n in names}) for row in table.to_dict("records")]


def _by_chance(table: pd.DataFrame) -> tuple[pd.Series, pd.Series]:
    """Where 95% of the shares of a perfect score lie, bin by bin."""
    from scipy.stats import binom

    n, s = table["n"].to_numpy(), table["score"].to_numpy()
    return pd.Series(binom.ppf(0.025, n, s) / n), pd.Series(binom.ppf(0.975, n, s) / n)


def _title(score: Score) -> str:
    auroc, error = score.figures["auroc"], score.figures["ece"]
    chance = score.figures["ece_by_chance"]
    if score.status != "signal":
        return {
            "no signal": "No signal: what was known beforehand does not tell right from wrong",
            "not enough evidence": "Not enough evidence that the learnt score tells right from "
            "wrong",
        }[score.status]
    level = (
        f"its level is off by {error.value:.1%} on average"
        if error.value > chance.high
        else "it is right as often as it says, as far as chance lets one see"
    )
    return (
        f"The learnt score puts a right decision above a wrong one in {auroc.value:.0%} of pairs; "
        f"{level}"
    )


def _draw_reliability(
    ax: Any, table: pd.DataFrame, low: pd.Series, high: pd.Series, ends: Any
) -> None:
    s = 100 * table["score"]
    edge = (100 * ends).tolist()
    ax.fill_between(s, 100 * low, 100 * high, color=PALE, alpha=0.75, lw=0)
    ax.plot(edge, edge, color=BLACK, lw=1.2, ls=(0, (5, 3)))
    value = 100 * table["value"]
    bars = [value - 100 * table["low"], 100 * table["high"] - value]
    ax.errorbar(s, value, yerr=np.clip(bars, 0, None), fmt="o", ms=6, color=BLUE, lw=1.8)
    ax.set_ylabel("were right, %")
    ax.grid(axis="y", color=MIST, lw=1)
    reach = [*(100 * table["low"]), *(100 * table["high"]), *edge]
    span = max(reach) - min(reach)
    ax.set_ylim(max(0, min(reach) - 0.04 * span), min(100.8, max(reach) + 0.12 * span))
    for i, (text, colour, weight) in enumerate(
        (
            ("● this score, with 95% interval", BLUE, "bold"),
            ("- - right as often as it says", BLACK, "normal"),
            ("■ a perfect score, by chance", GREY, "normal"),
        )
    ):
        ax.annotate(text, (0.01, 0.98 - 0.085 * i), xycoords="axes fraction", va="top",
                    color=colour, fontweight=weight, fontsize=9)  # fmt: skip


def _draw_spread(ax: Any, p: Any, weight: Any, ends: Any) -> None:
    low, high = (100 * ends).tolist()
    # scores that are nearly all the same still need an axis
    high = max(high, low + 0.5)
    margin = 0.02 * (high - low)
    ax.set_xlim(low - margin, high + margin)
    ax.hist(
        100 * p,
        bins=np.linspace(low, high, _BARS + 1),
        weights=100 * weight / weight.sum(),
        color=BLUE,
        alpha=0.55,
    )
    ax.set_ylabel("of decisions,\n%")
    ax.set_xlabel("score: how sure it is that the AI is right, %")
    ax.grid(axis="y", color=MIST, lw=1)
