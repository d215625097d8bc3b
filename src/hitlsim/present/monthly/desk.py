"""What the desk worked, and how long decisions waited for it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import pandas as pd

from ...decisions.columns import DOMAINS
from ...decisions.counting.metrics import Unit
from ...decisions.counting.scorecard import Targets
from ...decisions.estimating.intervals import NOTHING, Estimate, about
from .. import style
from ..axes import finding, hours_bars, week_axis
from ..picture import Note, Picture
from ..style import (
    BLUE,
    FILLS,
    GREEN,
    GREY,
    HATCHES,
    INK,
    MIST,
    PALE,
    count,
    duration,
    percent,
    written,
)
from .frames import estimates

if TYPE_CHECKING:
    from .month import MonthReport

_ABSENT = (
    "There is no figure of the desk: the log does not say when reviews began or how long they "
    "took. The columns queued_at, started_at, wait_minutes and review_minutes would make it "
    "possible."
)
_PARTLY = " Pale bars, hollow points: the log lacks working days of that week."


def desk_load(report: MonthReport) -> Picture | Note:
    """:func:`draw_desk` of a monthly report."""
    pools = report.log.record.get("capacity_hours_per_week") or {}
    return draw_desk(
        report.weeks,
        capacity=sum(pools.values()) if pools else math.nan,
        targets=report.targets,
        month=report.title,
        worked=report.get("review_hours"),
        waited=report.get("wait_minutes"),
    )


def draw_desk(
    weeks: pd.DataFrame,
    *,
    capacity: float = math.nan,
    targets: Targets,
    month: str,
    worked: Estimate = NOTHING,
    waited: Estimate = NOTHING,
) -> Picture | Note:
    """Hours of the desk by week and domain, above mean wait and share begun within a day.

    Parameters
    ----------
    weeks : DataFrame
        Of :func:`hitlsim.present.monthly.frames.by_week`.
    capacity : float
        Hours a week set aside for reviewing; NaN where not known.
    targets : Targets
        Whose ``within_24h`` is drawn.
    month : str
        In words; its weeks are emphasised.
    worked, waited : Estimate
        Hours a week and mean wait in minutes of the month, for the title.
    """
    hours = weeks[[f"hours_{d}" for d in DOMAINS]].sum(axis=1)
    waits = weeks["wait_minutes"].notna().any()
    both = bool(waits and hours.any())
    if not hours.any() and not waits:
        return Note(_ABSENT)
    title = _title(month, worked, waited, capacity)
    with style.drawing(5.0 if both else 2.9) as fig:
        finding(fig, title)
        upper, lower = fig, fig
        if both:
            upper, lower = fig.subfigures(2, 1, height_ratios=(1.25, 1), squeeze=False)[:, 0]
        if hours.any():
            _draw_hours(upper.subplots(), weeks, capacity, month)
        if waits:
            left, right = lower.subplots(1, 2)
            _draw_wait(left, weeks)
            _draw_within(right, weeks, targets.within_24h)
        png = style.to_png(fig)
    return Picture(
        png=png,
        title=title,
        alt=f"{title}. Stacked bars of hours by week on {', '.join(DOMAINS)}; below, mean wait and "
        "share begun within 24 hours by week.",
        caption="Hands-on hours by week of the work; wait from queue to start of work, nights and "
        "weekends included, by week of decision. Bars on points: 95% intervals, of the mean wait "
        "from days as independent clusters, of the share from decisions as independent of each "
        f"other.{'' if weeks['whole'].all() else _PARTLY}",
        table=_table(weeks, hours),
    )


def _title(month: str, worked: Estimate, waited: Estimate, capacity: float) -> str:
    said = []
    if worked.known:
        amount = style.hours(worked.value)
        if not math.isnan(capacity):
            amount = f"{amount.removesuffix(' h')} of {capacity:g} h"
        said.append(f"The desk worked {amount} a week")
    if waited.known:
        said.append(f"{'' if said else 'decisions '}waited {duration(waited.value)} on average")
    if not said:
        return f"Nothing was worked on the desk in {month}"
    text = "; decisions ".join(said)
    return text[0].upper() + text[1:]


def _draw_hours(ax: Any, weeks: pd.DataFrame, capacity: float, month: str) -> None:
    week_axis(ax, weeks, month=month)
    hours = {domain: weeks[f"hours_{domain}"] for domain in DOMAINS}
    for bars in hours_bars(ax, weeks.index, hours, capacity=capacity):
        for bar, whole in zip(bars, weeks["whole"], strict=True):
            bar.set_alpha(1.0 if whole else 0.45)


def _draw_points(ax: Any, weeks: pd.DataFrame, name: str, scale: float) -> None:
    week_axis(ax, weeks)
    value, low, high = (scale * weeks[f"{name}{k}"] for k in ("", "_low", "_high"))
    low, high = low.fillna(value), high.fillna(value)
    for chosen, colour, size in ((~weeks["in_month"], GREY, 4), (weeks["in_month"], BLUE, 6)):
        for whole, face in ((weeks["whole"], colour), (~weeks["whole"], "white")):
            at = weeks.index[chosen & whole & value.notna()]
            ax.errorbar(
                at, value[at], yerr=[value[at] - low[at], high[at] - value[at]], fmt="o",
                color=colour, mfc=face, ms=size, elinewidth=1.4, capsize=2.5,
            )  # fmt: skip
    ax.grid(axis="y", color=MIST, lw=1)
    ticks = ax.get_xticks()[::-1][::2][::-1]
    labels = [t.get_text() for t in ax.get_xticklabels()][::-1][::2][::-1]
    ax.set_xticks(ticks, labels)


def _draw_wait(ax: Any, weeks: pd.DataFrame) -> None:
    _draw_points(ax, weeks, "wait_minutes", 1 / 60)
    ax.set_ylim(bottom=0)
    ax.set_ylabel("mean wait, hours")


def _draw_within(ax: Any, weeks: pd.DataFrame, target: float) -> None:
    _draw_points(ax, weeks, "within_24h", 100)
    lowest = float((100 * weeks["within_24h_low"]).min())
    ax.axhline(100 * target, color=GREEN, lw=1.2, ls=(0, (4, 3)))
    ax.annotate(
        f"target: at least {target:.0%}", (0.01, 100 * target), xytext=(0, 4),
        xycoords=("axes fraction", "data"), textcoords="offset points", color=GREEN, fontsize=9,
        fontweight="bold",
    )  # fmt: skip
    ax.set_ylim(min(lowest, 100 * target) - 8, 102)
    ax.set_ylabel("begun within 24 h, %")


def _table(weeks: pd.DataFrame, hours: pd.Series) -> pd.DataFrame:
    table = pd.DataFrame({"Week of": weeks["monday"].dt.strftime("%Y-%m-%d")})
    if hours.any():
        for domain in DOMAINS:
            table[f"{domain.capitalize()}, h"] = [f"{v:.1f}" for v in weeks[f"hours_{domain}"]]
        table["All, h"] = [f"{v:.1f}" for v in hours]
    if weeks["wait_minutes"].notna().any():
        table["Mean wait"] = [written(e, Unit.MINUTES) for e in estimates(weeks, "wait_minutes")]
        table["Within 24 h"] = [percent(e) for e in estimates(weeks, "within_24h")]
        table["Begun"] = [count(n) for n in weeks["wait_minutes_n"].fillna(0)]
    return table


# --- what managers' weeks go to ------------------------------------------------------------------

_KINDS = {"desk": "at the desk", "fixed": "calls, approvals", "human": "left for people work"}
_NO_WEEKS = (
    "There is no figure of manager time: the log's record does not say who answers for workflows "
    "and how long their week is (manager_pools, managers, manager_hours_per_week). A simulated log "
    "does."
)


def manager_week(report: MonthReport) -> Picture | Note:
    """:func:`draw_manager_week` of a monthly report."""
    if report.manager_time is None:
        return Note(_NO_WEEKS)
    return draw_manager_week(
        report.manager_time,
        freed=report.get("freed_hours"),
        spent=report.get("review_hours"),
        managers=int(report.log.record["managers"]),
        month=report.title,
    )


def draw_manager_week(
    weeks: pd.DataFrame,
    *,
    freed: Estimate = NOTHING,
    spent: Estimate = NOTHING,
    managers: int,
    month: str,
) -> Picture:
    """What the managers' weeks go to, above what the work would have taken by hand.

    Parameters
    ----------
    weeks : DataFrame
        Of :func:`hitlsim.decisions.counting.time.manager_time`.
    freed, spent : Estimate
        Hours a week that came free, and that all people spent.
    managers : int
        How many share these hours.
    month : str
        In words.
    """
    title = _week_title(weeks, freed)
    both = freed.known and spent.known
    bars = weeks[(weeks["hours"] > 0) | (weeks["kind"] == "desk")].reset_index(drop=True)
    with style.drawing(1.0 + 0.3 * len(bars) + (1.3 if both else 0)) as fig:
        finding(fig, title)
        ratios = (len(bars), 2.2) if both else (1,)
        axes = fig.subplots(len(ratios), 1, height_ratios=ratios, squeeze=False)[:, 0]
        _draw_week(axes[0], bars)
        if both:
            _draw_freed(axes[1], freed, spent)
        png = style.to_png(fig)
    table = pd.DataFrame(
        {
            "Domain": weeks["domain"],
            "Hours a week": [f"{h:.1f}" for h in weeks["hours"]],
            "95% interval": [_between(*x) for x in zip(weeks["low"], weeks["high"], strict=True)],
            "Rests on": weeks["note"],
        }
    )
    return Picture(
        png=png,
        title=title,
        alt=f"{title}. Bars of hours a week by domain, from {weeks['domain'].iloc[0]} to "
        f"{weeks['domain'].iloc[-1]}; below, hours that the work would have taken by hand.",
        caption=f"Hours a week of the {managers} people who answer for workflows, {month}, by day "
        "of the work. What is left of their weeks after desk, calls and approvals is shared out as "
        "planned, not measured. Thin lines: 95% intervals of a typical week, which take weeks as "
        f"independent of each other.{_freed_caption(freed) if both else ''}",
        table=table,
    )


def _between(low: float, high: float) -> str:
    return "" if math.isnan(low) else f"{low:.1f}-{high:.1f}"


def _freed_caption(freed: Estimate) -> str:
    weeks = freed.value / _FULL_WEEK
    return (
        f" Freed: {written(freed, Unit.HOURS_PER_WEEK)} a week, if all that went out had been done "
        "by hand otherwise, in the time its workflow is said to take by hand. That is "
        f"the work of about {weeks:,.0f} people of {_FULL_WEEK} h a week: where nobody would have "
        "hired them, it is work that would not have been done, rather than time in hand."
    )


_FULL_WEEK = 40


def _week_title(weeks: pd.DataFrame, freed: Estimate) -> str:
    whole, left = weeks["hours"].sum(), weeks.loc[weeks["kind"] == "human", "hours"].sum()
    if not left:
        said = f"Managers have no hours left for people work: their {whole:.0f} h a week are full"
    else:
        said = f"Managers have {left:.0f} of {whole:.0f} hours a week left for people work"
    if not freed.known or freed.value <= 0:
        return said
    return f"{said}; by hand the work would have taken {about(freed.value)} hours more"


def _draw_week(ax: Any, weeks: pd.DataFrame) -> None:
    colours = dict(zip(_KINDS, zip(FILLS, HATCHES, strict=True), strict=False))
    top = float(weeks[["hours", "high"]].max().max())
    for kind, label in _KINDS.items():
        mine = weeks[weeks["kind"] == kind]
        fill, hatch = colours[kind]
        ax.barh(
            mine.index, mine["hours"], color=fill, hatch=hatch, edgecolor="white", lw=0.8,
            height=0.66, label=label,
        )  # fmt: skip
    known = weeks[weeks["low"].notna()]
    ax.errorbar(
        known["hours"], known.index,
        xerr=[known["hours"] - known["low"], known["high"] - known["hours"]],
        fmt="none", ecolor=INK, elinewidth=1.1, capsize=2.5,
    )  # fmt: skip
    for i, row in weeks.iterrows():
        end = row["hours"] if math.isnan(row["high"]) else row["high"]
        ax.annotate(
            f"{row['hours']:.1f}", (end, i), xytext=(6, 0), textcoords="offset points",
            va="center", fontsize=9, fontweight="bold",
        )  # fmt: skip
    ax.set_yticks(weeks.index, list(weeks["domain"]), color=INK)
    ax.set_ylim(len(weeks) - 0.4, -0.6)
    ax.set_xlim(0, max(1.12 * top, 1))
    ax.set_xlabel("hours a week, all managers together")
    _bar_axis(ax)
    ax.legend(loc="upper right", frameon=False, fontsize=9.5, handlelength=1.6)


def _draw_freed(ax: Any, freed: Estimate, spent: Estimate) -> None:
    bars = ("by hand it would have taken", freed.value + spent.value), ("people spent", spent.value)
    for i, ((_, value), fill) in enumerate(zip(bars, (PALE, BLUE), strict=True)):
        ax.barh(i, value, color=fill, height=0.62)
        ax.annotate(
            style.hours(value), (value, i), xytext=(6, 0), textcoords="offset points", va="center",
            fontsize=9, fontweight="bold",
        )  # fmt: skip
    ax.set_yticks(range(2), [name for name, _ in bars], color=INK)
    ax.set_ylim(1.6, -0.6)
    ax.set_xlim(0, 1.12 * max(value for _, value in bars))
    ax.set_xlabel("hours a week, everybody together")
    _bar_axis(ax)


def _bar_axis(ax: Any) -> None:
    ax.tick_params(axis="y", length=0)
    ax.grid(axis="x", color=MIST, lw=1)
    ax.spines["left"].set_color(PALE)
