"""What the desk worked, and how long decisions waited for it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import pandas as pd

from ..decisions.intervals import NOTHING, Estimate
from ..decisions.metrics import Unit
from ..decisions.scorecard import Targets
from ..decisions.tally import DOMAINS
from . import style
from .axes import finding, week_axis
from .frames import estimates
from .picture import Note, Picture
from .style import BLACK, BLUE, FILLS, GREEN, GREY, HATCHES, MIST, count, duration, percent, written

if TYPE_CHECKING:
    from .month import MonthReport

_ABSENT = (
    "There is no figure of the desk: the log does not say when reviews began or how long they "
    "took. The columns queued_at, started_at, wait_minutes and review_minutes would make it "
    "possible."
)
_PARTLY = " Pale bars, hollow points: the log covers only part of that week."


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
        Of :func:`hitlsim.present.frames.by_week`.
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
    bottom = pd.Series(0.0, weeks.index)
    for i, domain in enumerate(DOMAINS):
        values = weeks[f"hours_{domain}"]
        bars = ax.bar(
            weeks.index, values, bottom=bottom, color=FILLS[i], hatch=HATCHES[i],
            edgecolor="white", lw=0.8, width=0.62, label=domain,
        )  # fmt: skip
        for bar, whole in zip(bars, weeks["whole"], strict=True):
            bar.set_alpha(1.0 if whole else 0.45)
        bottom += values
    for i, total in bottom.items():
        ax.annotate(
            f"{total:.0f}", (i, total), xytext=(0, 3), textcoords="offset points", ha="center",
            fontsize=9, fontweight="bold",
        )  # fmt: skip
    top = float(bottom.max())
    if not math.isnan(capacity):
        ax.axhline(capacity, color=BLACK, lw=1.4, ls=(0, (5, 3)))
        ax.annotate(
            f"hours set aside: {capacity:g}", (0.004, capacity), xytext=(0, 4),
            xycoords=("axes fraction", "data"), textcoords="offset points", fontsize=9,
            fontweight="bold",
        )  # fmt: skip
        top = max(top, capacity)
    ax.set_ylim(0, top * 1.2)
    ax.set_ylabel("hours a week")
    ax.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0), frameon=False, reverse=True,
              fontsize=9.5, handlelength=1.6)  # fmt: skip


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
