"""Where exceptions happen and come from, as figures. Each takes plain tables."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd

from ...decisions.estimating.intervals import Estimate
from ...scenario.explain import band_words, listed
from .. import style
from ..axes import band_area, finding, week_axis
from ..picture import Note, Picture
from ..style import (
    BLUE,
    FILLS,
    GREY,
    HATCHES,
    INK,
    MIST,
    PALE,
    count,
    percent,
    plain,
    reason_words,
)
from .frames import estimates

if TYPE_CHECKING:
    from .month import MonthReport

Drawing = Callable[["MonthReport"], Picture | Note]
"""What the figure cells of a report call."""

_MOST_BARS = 12
_HALF = 0.5
_FIRM = 30
"""Decisions from which a week counts in the title, and its interval for the scale."""
_PARTLY = " Hollow points: the log lacks working days of that week."


def exceptions_by_week(report: MonthReport) -> Picture | Note:
    """:func:`draw_exceptions` of a monthly report."""
    return draw_exceptions(
        report.weeks, report.targets.exception_rate, phases=report.phases, month=report.title
    )


def exceptions_from(report: MonthReport) -> Picture | Note:
    """:func:`draw_sources` of a monthly report."""
    rates = {flow: report.get("exception_rate", flow) for flow in report.workflows}
    return draw_sources(report.sources, rates, month=report.title)


def draw_exceptions(
    weeks: pd.DataFrame,
    band: tuple[float, float],
    *,
    phases: Sequence[tuple[pd.Timestamp, str]] = (),
    month: str,
) -> Picture | Note:
    """Exception rate by week, against its band.

    Parameters
    ----------
    weeks : DataFrame
        Of :func:`hitlsim.present.monthly.frames.by_week`.
    band : (float, float)
        The exception rate aimed at.
    phases : sequence of (day, name)
        Where each phase of the rollout began.
    month : str
        In words; its weeks are emphasised.
    """
    known = weeks["exception_rate"].notna()
    if not known.any():
        return Note("Every decision passes a gate, so there is no exception rate to draw.")
    rate, low, high = (100 * weeks[f"exception_rate{k}"] for k in ("", "_low", "_high"))
    title = _weeks_title(weeks[known], band, month)
    with style.drawing(3.7) as fig:
        finding(fig, title)
        ax = fig.add_subplot()
        # an interval from a handful of decisions may run off the top, its point may not
        firm = weeks["exception_rate_n"] >= _FIRM
        top = max(145 * band[1], 1.1 * float(rate.max()), 1.1 * float(high[firm].max() or 0))
        ax.set_ylim(0, min(top, 105))
        ax.locator_params(axis="y", integer=True)
        ax.set_ylabel("exception rate, %")
        band_area(ax, band)
        week_axis(ax, weeks, phases, month)
        for chosen, colour, size in ((~weeks["in_month"], GREY, 5), (weeks["in_month"], BLUE, 8)):
            for whole, face in ((weeks["whole"], colour), (~weeks["whole"], "white")):
                at = weeks.index[known & chosen & whole]
                ax.errorbar(
                    at, rate[at], yerr=[rate[at] - low[at], high[at] - rate[at]], fmt="o",
                    color=colour, mfc=face, ms=size, elinewidth=1.6, capsize=3, zorder=3,
                )  # fmt: skip
        for i in weeks.index[known & weeks["in_month"]]:
            ax.annotate(
                f"{rate[i]:.1f}", (i, rate[i]), xytext=(8, 0), va="center",
                textcoords="offset points", color=BLUE, fontweight="bold", fontsize=9,
            )  # fmt: skip
        png = style.to_png(fig)
    n = weeks["exception_rate_n"].sum()
    part = "" if weeks["whole"].all() else _PARTLY
    return Picture(
        png=png,
        title=title,
        alt=f"{title}. Exception rate of {known.sum()} weeks with intervals, from "
        f"{rate.min():.1f}% to {rate.max():.1f}%; the band from {band[0]:.0%} to {band[1]:.0%} is "
        "shaded.",
        caption=f"Exceptions as a share of the {count(n)} decisions that the AI was allowed to "
        f"take alone, by week of decision; {month} is blue. Bars: 95% intervals (Clopper-Pearson), "
        f"which take decisions as independent of each other.{part}",
        table=pd.DataFrame(
            {
                "Week of": weeks["monday"].dt.strftime("%Y-%m-%d"),
                "Exception rate": [percent(e) for e in estimates(weeks, "exception_rate")],
                "Decisions": [count(n) for n in weeks["exception_rate_n"].fillna(0)],
                "Covered": ["whole" if w else "part" for w in weeks["whole"]],
            }
        ),
    )


def _weeks_title(weeks: pd.DataFrame, band: tuple[float, float], month: str) -> str:
    """What the weeks say about the band."""
    firm = weeks[weeks["exception_rate_n"] >= _FIRM]
    now = firm[firm["in_month"]]
    if now.empty:
        now = weeks[weeks["in_month"]]
    low, high = band
    words = band_words(band)
    below, above = now["exception_rate"] < low, now["exception_rate"] > high
    if not (below | above).any():
        if len(firm) > len(now) and firm["exception_rate"].between(low, high).all():
            return f"Exceptions stayed inside {words} in every week"
        return f"Exceptions stayed inside {words} in every week of {month}"
    for wrong, side in ((above, f"above {high:.0%}"), (below, f"below {low:.0%}")):
        if wrong.all():
            return f"Exceptions were {side} in every week of {month}"
    said = [
        f"{side} in {wrong.sum()}"
        for wrong, side in ((above, f"above {high:.0%}"), (below, f"below {low:.0%}"))
        if wrong.any()
    ]
    return f"Exceptions were {' and '.join(said)} of the {len(now)} weeks of {month}"


def draw_sources(
    sources: pd.DataFrame, rates: dict[str, Estimate], *, month: str, most_reasons: int = 4
) -> Picture | Note:
    """Exceptions by workflow and reason.

    Parameters
    ----------
    sources : DataFrame
        Of :func:`hitlsim.present.monthly.frames.sources`.
    rates : mapping
        Each workflow's exception rate.
    month : str
        In words.
    most_reasons : int
        Reasons shown by themselves; the others are grouped.
    """
    if sources.empty:
        return Note(f"No decision of {month} was an exception.")
    by_reason = sources.groupby("reason")["exceptions"].sum().sort_values(ascending=False)
    title = _sources_title(by_reason)
    cells = _grouped(sources, by_reason, most_reasons)
    with style.drawing(1.25 + 0.36 * len(cells)) as fig:
        finding(fig, title)
        ax = fig.add_subplot()
        _draw_bars(ax, cells, rates)
        handles, labels = ax.get_legend_handles_labels()
        if len(labels) > 1:
            fig.legend(
                handles, labels, loc="outside lower left", ncols=len(labels), frameon=False,
                fontsize=9.5, handlelength=1.6, columnspacing=1.4,
            )  # fmt: skip
        png = style.to_png(fig)
    table = cells.reset_index(names="Workflow")
    table["Workflow"] = [plain(str(w)) for w in table["Workflow"]]
    table["All"] = cells.sum(axis=1).to_numpy()
    table["Exception rate"] = [percent(rates[w]) if w in rates else "" for w in cells.index]
    return Picture(
        png=png,
        title=title,
        alt=f"{title}. Bars of exceptions by workflow, split by reason; the longest is "
        f"{plain(str(cells.index[0]))} with {count(cells.iloc[0].sum())}.",
        caption=f"All {count(by_reason.sum())} exceptions of {month}, by workflow and by the "
        "reason that decided (a decision may have several). Beside each bar: exceptions, and their "
        "share of the decisions that the AI was allowed to take alone in this workflow.",
        table=table,
    )


def _sources_title(by_reason: pd.Series) -> str:
    """The fewest reasons that make half of the exceptions."""
    share = by_reason.cumsum() / by_reason.sum()
    needed = int((share < _HALF).sum()) + 1
    names = [reason_words(str(name)) for name in by_reason.index[:needed]]
    if len(by_reason) == 1:
        return f"All exceptions have one reason: {names[0]}"
    if needed > 3:
        return f"No single reason dominates: it takes {needed} to make half of the exceptions"
    said = listed(names)
    verb = "causes" if needed == 1 else "cause"
    return f"{said[0].upper()}{said[1:]} {verb} {share.iloc[needed - 1]:.0%} of the exceptions"


def _grouped(sources: pd.DataFrame, by_reason: pd.Series, most: int) -> pd.DataFrame:
    """Workflow by reason, the largest first; small ones of either kind grouped."""
    kept = list(by_reason.index[: most if len(by_reason) > most + 1 else most + 1])
    reason = sources["reason"].where(sources["reason"].isin(kept), "other reasons")
    totals = sources.groupby("workflow")["exceptions"].sum().sort_values(ascending=False)
    flows = list(totals.index[: _MOST_BARS if len(totals) > _MOST_BARS + 1 else _MOST_BARS + 1])
    rest = f"{len(totals) - len(flows)} other workflows"
    flow = sources["workflow"].where(sources["workflow"].isin(flows), rest)
    cells = sources.assign(reason=reason, workflow=flow).pivot_table(
        index="workflow", columns="reason", values="exceptions", aggfunc="sum", fill_value=0
    )
    columns = [c for c in [*kept, "other reasons"] if c in cells]
    rows = [r for r in [*flows, rest] if r in cells.index]
    return cells.loc[rows, columns].astype(int).rename(columns=reason_words)


def _draw_bars(ax: Any, cells: pd.DataFrame, rates: dict[str, Estimate]) -> None:
    longest = float(cells.sum(axis=1).max())
    left = pd.Series(0.0, cells.index)
    at = range(len(cells))
    for i, reason in enumerate(cells.columns):
        fill = FILLS[-1] if reason == "other reasons" else FILLS[min(i, len(FILLS) - 1)]
        hatch = HATCHES[FILLS.index(fill)]
        ax.barh(
            at, cells[reason], left=left, color=fill, hatch=hatch, edgecolor="white", lw=0.8,
            height=0.68, label=style.shortened(str(reason)),
        )  # fmt: skip
        for y, (value, start) in enumerate(zip(cells[reason], left, strict=True)):
            if value > 0.055 * longest:
                ax.text(
                    start + value / 2, y, count(value), ha="center", va="center", fontsize=8.5,
                    color=INK, bbox={"boxstyle": "round,pad=0.15", "fc": "white", "ec": "none"},
                )  # fmt: skip
        left += cells[reason]
    for y, (flow, total) in enumerate(left.items()):
        said = count(total)
        if flow in rates and rates[flow].known:
            said += f"  ({rates[flow].value:.1%})"
        ax.annotate(
            said, (total, y), xytext=(6, 0), textcoords="offset points", va="center",
            fontsize=9, fontweight="bold",
        )  # fmt: skip
    ax.set_yticks(at, [style.shortened(plain(str(f))) for f in cells.index], color=INK)
    ax.set_ylim(len(cells) - 0.4, -0.6)
    ax.set_xlim(0, longest * 1.16)
    ax.set_xlabel("exceptions (share of what the AI was allowed to take alone)")
    ax.tick_params(axis="y", length=0)
    ax.grid(axis="x", color=MIST, lw=1)
    ax.spines["left"].set_color(PALE)
