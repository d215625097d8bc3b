"""A watched log as small multiples: each chart with its limits, its baseline and its alarms."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd

from ...decisions.watching.chart import Chart
from ...decisions.watching.observed import (
    BASE,
    CALIBRATION,
    EXCEPTION,
    OVERRIDE,
    SCORE,
    SILENT,
)
from ...decisions.watching.watch import Watch
from ...scenario.explain import listed
from .. import style
from ..axes import finding
from ..picture import Note, Picture
from ..style import BLUE, GREEN, GREY, INK, MIST, VERMILLION, count

if TYPE_CHECKING:
    from ..monthly.month import MonthReport

_DRAWN = (SILENT, EXCEPTION, BASE, CALIBRATION, SCORE, OVERRIDE)
"""The two rates that belong beside each other come first."""
_LABELS = {
    SILENT: "silent errors, %",
    EXCEPTION: "exception rate, %",
    BASE: "bad among all, %",
    CALIBRATION: "odds of being wrong,\ntimes those promised",
    SCORE: "distance of scores\n(stability index)",
    OVERRIDE: "override rate, %",
}
_MOST_LABELS = 6
_HEADROOM = 1.25
_MOST_PERCENT = 106.0
_ROOM_FOR_LIMITS = 2.2
"""Limits of small periods may run off the top, points may not."""


class _Drawn(NamedTuple):
    """A chart in the unit it is drawn in."""

    value: np.ndarray[Any, np.dtype[np.float64]]
    low: np.ndarray[Any, np.dtype[np.float64]]
    high: np.ndarray[Any, np.dtype[np.float64]]
    centre: float


def what_changed(report: MonthReport) -> Picture | Note:
    """:func:`draw_watch` of a monthly report."""
    if report.watch is None:
        return Note(f"What changed cannot be said: {report.watch_missing}.")
    return draw_watch(report.watch)


def draw_watch(w: Watch) -> Picture | Note:
    """Every chart of a watched log.

    Parameters
    ----------
    w : Watch
        Of :func:`hitlsim.watch`.
    """
    charts = [w.charts[name] for name in _DRAWN if name in w.charts]
    if not charts:
        return Note("Nothing can be watched.")
    rows = -(-len(charts) // 2)
    title = w.headline.split(";")[0].rstrip(".")
    with style.drawing(0.9 + 2.15 * rows) as fig:
        finding(fig, title)
        axes = np.atleast_1d(fig.subplots(rows, min(2, len(charts)), squeeze=False)).ravel()
        for ax, chart in zip(axes, charts, strict=False):
            _draw(ax, w, chart)
        _name_areas(axes[0], w)
        for ax in axes[len(charts) :]:
            ax.set_visible(False)
        png = style.to_png(fig)
    cal = w.calendar
    last = cal.periods[cal.baseline - 1].label
    raised = [c.title.lower() for c in charts if w.ongoing_in(c.name) is not None]
    return Picture(
        png=png,
        title=title,
        alt=f"{title}. {len(charts)} small charts over {len(cal.periods)} {w.by}s, each with its "
        f"limits; {f'alarms are in force for {listed(raised)}' if raised else 'no alarm'}.",
        caption=f"Each {w.by} beside the baseline (shaded: {cal.baseline} {w.by}s, up to {last}). "
        "Green band: limits, with the baseline's own uncertainty counted. Filled red: outside the "
        f"limits or CUSUM at its threshold (it looks for odds {w.shift:g} times the baseline's). "
        "Hollow: fewer than 30 outcomes' worth of evidence. By chance alone each chart raises an "
        f"alarm about once in {min(c.once_in for c in charts):.0f} {w.by}s, all together once in "
        f"{w.once_in:.0f} or more seldom. Taken for granted: {w.assumes}.",
        table=_table(w, charts),
    )  # fmt: skip


def in_unit(chart: Chart) -> _Drawn:
    """A chart's values and limits as they are drawn: percent, odds, or index."""
    f = chart.frame
    if chart.name == CALIBRATION:
        rows = f.to_dict("records")
        value, low, high = (
            np.array([chart.odds_beside(row, c) for row in rows]) for c in ("value", "low", "high")
        )
        return _Drawn(value, low, high, 1.0)
    scale = 1.0 if chart.name == SCORE else 100.0
    value, low, high = (scale * f[c].to_numpy(float) for c in ("value", "low", "high"))
    return _Drawn(value, low, high, scale * chart.before)


def _draw(ax: Any, w: Watch, chart: Chart) -> None:
    f, d = chart.frame, in_unit(chart)
    x = np.arange(len(f))
    known = np.isfinite(d.value)
    base = w.calendar.baseline
    ax.axvspan(-0.6, base - 0.5, facecolor=MIST, lw=0, zorder=0)
    # a period without decisions has no limits; steps keep each with its own
    ax.fill_between(
        np.repeat(x, 2) + np.tile([-0.5, 0.5], len(x)), np.repeat(d.low, 2), np.repeat(d.high, 2),
        color=GREEN, alpha=0.15, lw=0, zorder=1,
    )  # fmt: skip
    ax.axhline(d.centre, color=GREEN, lw=1.0, ls=(0, (4, 3)), zorder=1)
    alarmed = known & in_alarm(chart)
    thin = known & (f["n"].to_numpy(float) < 30)
    ax.plot(x[known], d.value[known], color=GREY, lw=0.9, zorder=2)
    for chosen, colour, size in ((known & ~alarmed, BLUE, 4), (alarmed, VERMILLION, 6)):
        for hollow in (False, True):
            at = chosen & (thin if hollow else ~thin)
            ax.plot(
                x[at], d.value[at], ls="", marker="D" if colour == VERMILLION else "o", ms=size,
                color=colour, mfc="white" if hollow else colour, zorder=3,
            )  # fmt: skip
    _frame_axis(ax, w, chart, d, known)


def _name_areas(ax: Any, w: Watch) -> None:
    """What the two shades are, once for all charts."""
    near = {"xycoords": ("data", "axes fraction"), "textcoords": "offset points", "va": "top"}
    ax.annotate("baseline", (-0.6, 0.98), xytext=(4, 0), color=GREY, fontsize=8.5, **near)
    ax.annotate(
        "limits", (w.calendar.baseline - 0.5, 0.98), xytext=(4, 0), color=GREEN, fontsize=8.5,
        fontweight="bold", **near,
    )  # fmt: skip


def _frame_axis(
    ax: Any, w: Watch, chart: Chart, d: _Drawn, known: np.ndarray[Any, np.dtype[np.bool_]]
) -> None:
    f = chart.frame
    top = float(np.max(d.value[known], initial=d.centre))
    limits = d.high[known & np.isfinite(d.high)]
    # the usual limits in full, those of a handful of decisions cut off
    usual = float(np.quantile(limits, 0.5)) if len(limits) else top
    ceiling = max(_HEADROOM * top, min(1.1 * usual, _ROOM_FOR_LIMITS * max(top, d.centre)))
    if chart.name not in (CALIBRATION, SCORE):
        ceiling = min(ceiling, _MOST_PERCENT)
    ax.set_ylim(0, ceiling if ceiling > 0 else 1)
    ax.set_xlim(-0.6, len(f) - 0.4)
    k = len(f)
    every = -(-k // _MOST_LABELS)
    at = [i for i in range(k) if (k - 1 - i) % every == 0]
    ax.set_xticks(at, [_short(str(f["label"].iloc[i]), w.by) for i in at], fontsize=8.5)
    ax.set_ylabel(_LABELS[chart.name], fontsize=9)
    ax.grid(axis="y", color="#E3E7EB", lw=0.8, zorder=0.5)
    ax.locator_params(axis="y", nbins=5)
    a = w.ongoing_in(chart.name)
    said = f"{chart.title}: no alarm in force" if a is None else f"{chart.title}: {_moved(a)}"
    ax.set_title(
        said, loc="left", fontsize=10, fontweight="bold", color=INK if a is None else VERMILLION
    )


def _moved(a: Any) -> str:
    if a.name == SCORE:
        return "moved"
    if a.name == CALIBRATION:
        return f"{a.times.value:.1f} times the odds"
    return f"{a.before.value:.1%} to {a.now.value:.1%}"


def in_alarm(chart: Chart) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """Periods outside their limits, or with a CUSUM at its threshold."""
    f = chart.frame
    found = (f["out"] & ~f["baseline"]).to_numpy(bool)
    for column, plan in (("rise", chart.rise), ("fall", chart.fall)):
        if plan is not None:
            found = found | (f[column].fillna(0).to_numpy(float) >= plan.threshold - 1e-9)
    return np.asarray(found, bool)


def _short(label: str, by: str) -> str:
    """A week as ``7 Sep``, a month as ``Sep``, January with its year."""
    day = pd.Timestamp(label if by == "week" else f"{label}-01")
    month = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")[
        day.month - 1
    ]
    year = f"\n{day.year}" if day.month == 1 else ""
    return f"{day.day} {month}{year}" if by == "week" else f"{month}{year}"


def _table(w: Watch, charts: list[Chart]) -> pd.DataFrame:
    out: dict[str, list[str]] = {
        "Month" if w.by == "month" else "Week of": [p.label for p in w.calendar.periods],
        "": ["baseline" if i < w.calendar.baseline else "" for i in range(len(w.calendar.periods))],
    }
    for c in charts:
        d, flagged = in_unit(c), in_alarm(c)
        unit = {CALIBRATION: "x", SCORE: ""}.get(c.name, "%")
        digits = 2 if c.name == SCORE else 1
        out[c.title] = [
            "" if math.isnan(v) else f"{v:.{digits}f}{unit}{' (alarm)' if bad else ''}"
            for v, bad in zip(d.value, flagged, strict=True)
        ]
        out[f"Limits of {c.title.lower()}"] = [
            "" if math.isnan(hi) else f"{lo:.{digits}f}-{hi:.{digits}f}"
            for lo, hi in zip(d.low, d.high, strict=True)
        ]
    if SILENT in w.charts:
        out["Outcomes known"] = [count(n) for n in w.charts[SILENT].frame["seen"]]
    return pd.DataFrame(out)
