"""A backtest as a figure: exception rate and silent errors, month by month, for each policy."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ...calibration.tuning.backtesting.backtest import Backtest
from ...calibration.tuning.backtesting.run import ADVICE, FOLLOWED, HINDSIGHT, NOTHING_DONE, USUAL
from ...calibration.tuning.backtesting.tables import SILENT, silent_of, silent_table, table
from ...calibration.tuning.backtesting.verdict import band_of, verdict
from ...calibration.tuning.backtesting.words import guessed
from .. import style
from ..axes import finding
from ..picture import Picture
from ..style import BLACK, BLUE, GREEN, GREY, MIST, ORANGE, PALE, VERMILLION

_MOST_LABELS = {"month": 12, "week": 9}
_LONGEST_BAR = 1.5
"""Times the largest figure up to which bars are shown."""


class _Look(NamedTuple):
    colour: str
    mark: str
    line: Any


_LOOKS = {
    ADVICE: _Look(BLUE, "o", "-"),
    FOLLOWED: _Look(ORANGE, "v", (0, (7, 1.5, 1, 1.5))),
    NOTHING_DONE: _Look(VERMILLION, "s", "-"),
    USUAL: _Look(BLACK, "^", (0, (1, 1.5))),
    HINDSIGHT: _Look(GREEN, "D", (0, (5, 3))),
}
"""Colour, mark and line, so that none alone tells policies apart."""
_KEY_LENGTH = 3.1
"""Of a key, in letters: every line above ends on a whole dash there."""
_LINE = 1.4


def draw_backtest(b: Backtest) -> Picture:
    """Exception rate above, silent errors below, month by month for each policy.

    Parameters
    ----------
    b : Backtest
        Of :func:`hitlsim.backtest`.
    """
    title = verdict(b).rstrip(".")
    silent = silent_of(b)
    both = bool(b.frame[silent].notna().any())
    with style.drawing(5.9 if both else 3.9) as fig:
        finding(fig, title)
        axes = np.atleast_1d(fig.subplots(2 if both else 1, 1, sharex=True, squeeze=False)).ravel()
        top = axes[0]
        if b.goals.exception_rate is not None:
            low, high = (100 * x for x in b.goals.band)
            top.axhspan(low, high, facecolor=GREEN, alpha=0.15, lw=0, zorder=0)
            _beside(top, (low + high) / 2, f"{band_of(b)}", GREEN)
        _panel(top, b, "exception_rate", "exception rate, %")
        top.legend(
            handles=[_handle(policy) for policy in b.policies], loc="lower left",
            bbox_to_anchor=(0, 1.0), ncols=len(b.policies), frameon=False,
            fontsize=9.5, handlelength=_KEY_LENGTH, borderaxespad=0.1,
        )  # fmt: skip
        if both:
            _panel(axes[1], b, silent, "silent errors, %")
            if b.goals.silent is not None:
                limit = 100 * b.goals.silent[1]
                axes[1].axhline(limit, color=GREY, lw=1.1, ls=(0, (2, 2)))
                _beside(axes[1], limit, f"asked: {limit:.3g}%", GREY)
        _months(axes, b)
        png = style.to_png(fig)
    return Picture(
        png=png,
        title=title,
        alt=f"{title}. {len(b.policies)} policies over {_periods(b)} {b.by}s: exception rate"
        f"{' and silent errors' if both else ''}.",
        caption=f"Advice made at the end of each {b.by} and judged on the next; hollow: outside "
        f"the band, or above the limit by more than chance. Below, {SILENT[silent].rstrip(',')}. "
        "Bars: 95% intervals of the advice, which take decisions as independent of each other. In "
        f"hindsight means rules tuned on the very {b.by} they are judged on, which nobody can "
        f"have. Shaded {b.by}s cannot be judged.{_guesses(b)}",
        table=_table(b, both),
    )


def _guesses(b: Backtest) -> str:
    if not (months := guessed(b)):
        return ""
    return (
        f" Not recommended, so that the advice drawn is a best guess: {months}; as followed means "
        "that the rules from before stay there."
    )


def _handle(policy: str) -> Any:
    from matplotlib.lines import Line2D

    look = _LOOKS[policy]
    return Line2D([], [], color=look.colour, ls=look.line, lw=_LINE, marker=look.mark, ms=6,
                  label=policy)  # fmt: skip


def _beside(ax: Any, y: float, text: str, colour: str) -> None:
    """A word to the right of the panel, where no line runs through it."""
    ax.annotate(
        text, (1.0, y), xycoords=("axes fraction", "data"), xytext=(5, 0), va="center",
        textcoords="offset points", color=colour, fontsize=8.5, fontweight="bold",
        annotation_clip=False,
    )  # fmt: skip


def _periods(b: Backtest) -> int:
    return len(b.frame["month"].unique())


def _panel(ax: Any, b: Backtest, name: str, label: str) -> None:
    """One figure, month by month."""
    top = 0.0
    for policy in b.policies:
        rows = b.frame[b.frame["policy"] == policy].reset_index(drop=True)
        look = _LOOKS[policy]
        x = np.arange(len(rows), dtype=np.int64)
        value = 100 * rows[name].to_numpy(float)
        value[(rows["note"] != "").to_numpy()] = np.nan
        if policy == ADVICE:
            _whiskers(ax, x, rows, name)
        ax.plot(x, value, color=look.colour, ls=look.line, lw=2.0 if policy == ADVICE else _LINE,
                zorder=3)  # fmt: skip
        missed = "inside" if name == "exception_rate" else "silent_kept"
        outside = (
            rows[missed].eq(False).fillna(False).to_numpy(bool)
            if missed in rows
            else np.zeros(len(rows), bool)
        )
        for hollow in (False, True):
            at = np.isfinite(value) & (outside == hollow)
            ax.plot(
                x[at], value[at], ls="", marker=look.mark, ms=6.5 if policy == ADVICE else 5,
                color=look.colour, mfc="white" if hollow else look.colour, zorder=4,
            )  # fmt: skip
        if np.isfinite(value).any():
            top = max(top, float(np.nanmax(value)))
    ends = b.of(ADVICE)["high" if name == "exception_rate" else f"{name}_high"]
    if ends.notna().any():
        # bars are seen to their end, unless a month of few decisions would press all else down
        top = max(top, min(100 * float(ends.max()), _LONGEST_BAR * top))
    if name == "exception_rate" and b.goals.exception_rate is not None:
        top = max(top, 100 * b.goals.band[1] * 1.2)
    if b.goals.silent is not None and name == b.goals.silent[0]:
        top = max(top, 100 * b.goals.silent[1])
    ax.set_ylim(0, min(104.0, top * 1.12 or 1.0))
    ax.set_ylabel(label)
    ax.grid(axis="y", color=MIST, lw=1, zorder=0.5)


def _whiskers(ax: Any, x: NDArray[np.int64], rows: pd.DataFrame, name: str) -> None:
    ends = ("low", "high") if name == "exception_rate" else (f"{name}_low", f"{name}_high")
    low, high = (100 * rows[end].to_numpy(float) for end in ends)
    shown = np.isfinite(low) & (rows["note"] == "").to_numpy()
    ax.vlines(x[shown], low[shown], high[shown], color=BLUE, lw=5, alpha=0.25, zorder=2)


def _months(axes: Any, b: Backtest) -> None:
    rows = b.frame[b.frame["policy"] == ADVICE].reset_index(drop=True)
    k = len(rows)
    every = -(-k // _MOST_LABELS[b.by])
    at = [i for i in range(k) if (k - 1 - i) % every == 0]
    axes[-1].set_xticks(at, [rows["month"][i] for i in at])
    axes[-1].set_xlim(-0.5, k - 0.5)
    for i in np.flatnonzero(rows["note"] != ""):
        for ax in axes:
            ax.axvspan(i - 0.5, i + 0.5, facecolor=PALE, alpha=0.45, lw=0, zorder=0.2)
        axes[0].annotate(
            "not judged", (float(i), 0.97), xycoords=("data", "axes fraction"), rotation=90,
            ha="center", va="top", color=GREY, fontsize=8.5,
        )  # fmt: skip


def _table(b: Backtest, both: bool) -> pd.DataFrame:
    shown = table(b)
    if both:
        silent = silent_table(b)
        for policy in b.policies:
            shown[f"silent errors, {policy}"] = silent[policy]
    return shown
