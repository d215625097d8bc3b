"""A rollout as figures: week by week through its phases, and under other rules."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from ...decisions.columns import DOMAINS
from ...decisions.counting.metrics import Unit
from ...decisions.estimating.intervals import Estimate
from .. import style
from ..axes import finding
from ..picture import Note, Picture
from ..style import (
    BLACK,
    BLUE,
    FILLS,
    GREEN,
    GREY,
    HATCHES,
    INK,
    MIST,
    PALE,
    VERMILLION,
    percent,
    plain,
    written,
)
from .axis import phase_axis, series
from .rollout import TODAY, RolloutReport
from .words import band_words, rate

_RANGE = "Band: nine in ten single runs"
_TOO_FEW = "Too few runs for the range of single ones"


def exceptions_by_week(r: RolloutReport) -> Picture | Note:
    """Exception rate week by week, over many runs, against its band."""
    weeks = series(r.weeks, "exception_rate")
    if weeks.empty:
        return Note("Every decision passes a gate, so there is no exception rate to draw.")
    title = _exceptions_title(r)
    with style.drawing(3.7) as fig:
        finding(fig, title)
        ax = fig.add_subplot()
        phase_axis(ax, weeks.index, r.spans)
        _spread(ax, weeks, BLUE, 100)
        low, high = (100 * x for x in r.targets.exception_rate)
        ax.axhspan(low, high, facecolor=GREEN, alpha=0.13, lw=0)
        for edge in (low, high):
            ax.axhline(edge, color=GREEN, lw=0.8, ls=(0, (4, 3)))
        ax.annotate(
            f"band\n{low:g}-{high:g}%", (1.008, (low + high) / 2),
            xycoords=("axes fraction", "data"), va="center", color=GREEN, fontsize=9.5,
            fontweight="bold", annotation_clip=False,
        )  # fmt: skip
        _last_value(ax, weeks, BLUE, 100, "%")
        ax.set_ylim(0, max(1.45 * high, 108 * float(weeks[["value", "p95"]].max().max())))
        ax.set_ylabel("exception rate, %")
        png = style.to_png(fig)
    return Picture(
        png=png,
        title=title,
        alt=f"{title}. A line of the exception rate over {len(weeks)} weeks, from "
        f"{weeks['value'].iloc[0]:.1%} to {weeks['value'].iloc[-1]:.1%}; the band from "
        f"{r.targets.exception_rate[0]:.0%} to {r.targets.exception_rate[1]:.0%} is shaded.",
        caption="Exceptions as a share of the decisions that the AI was allowed to take alone, by "
        f"week of decision. Line: mean of {len(r.seeds)} runs. {_ranges(r)}; they differ by "
        "chance alone: the same team, rules and AI.",
        table=_weekly_table(r, [("exception_rate", "Exception rate", Unit.SHARE)]),
    )


def _exceptions_title(r: RolloutReport) -> str:
    low, high = r.targets.exception_rate
    words = band_words(r.targets.exception_rate)
    last = r.last
    weeks = series(r.weeks, "exception_rate").loc[last.first_week : last.last_week]
    inside = weeks["value"].between(low, high)
    name = plain(last.name)
    if inside.all():
        return f"From week {last.first_week} on exceptions stay inside {words} in every week"
    if not inside.any():
        side = "below" if weeks["value"].iloc[-1] < low else "above"
        return f"In {name} exceptions are {side} {words} in every week"
    return f"In {name} exceptions are inside {words} in {inside.sum()} of {len(weeks)} weeks"


def _spread(ax: Any, weeks: pd.DataFrame, colour: str, scale: float) -> None:
    """The mean as a line; the range of single runs behind it."""
    if weeks["p5"].notna().all():
        ax.fill_between(
            weeks.index, scale * weeks["p5"], scale * weeks["p95"], color=colour, alpha=0.18, lw=0
        )
    ax.plot(weeks.index, scale * weeks["value"], "o-", color=colour, lw=2, ms=4.5)
    ax.grid(axis="y", color=MIST, lw=1)


def _last_value(ax: Any, weeks: pd.DataFrame, colour: str, scale: float, unit: str) -> None:
    value = scale * float(weeks["value"].iloc[-1])
    ax.annotate(
        f"{value:.1f}{unit}", (weeks.index[-1], value), xytext=(6, 6), ha="center",
        textcoords="offset points", color=colour, fontweight="bold", fontsize=9.5,
    )  # fmt: skip


def _ranges(r: RolloutReport) -> str:
    known = r.weeks["p5"].notna().any()
    return _RANGE if known else _TOO_FEW


def silent_by_week(r: RolloutReport) -> Picture | Note:
    """Silent errors week by week, what one team can tell of them, and how much it looks at."""
    weeks, looks = series(r.weeks, "true_fn_share"), series(r.weeks, "looked_at")
    if weeks.empty:
        return Note("Every decision passes a gate, so nothing can go wrong unseen.")
    title = _silent_title(r)
    seen = r.seen[r.seen["n"] > 0].set_index("week")
    with style.drawing(4.9 if len(looks) else 3.6) as fig:
        finding(fig, title)
        rows = 2 if len(looks) else 1
        axes = fig.subplots(rows, 1, sharex=True, height_ratios=(2.2, 1)[:rows], squeeze=False)
        upper = axes[0, 0]
        phase_axis(upper, weeks.index, r.spans)
        _spread(upper, weeks, VERMILLION, 100)
        _draw_seen(upper, seen)
        upper.set_ylabel("silent errors, %")
        top = 100 * max(float(weeks[["value", "p95"]].max().max()), float(seen["value"].max() or 0))
        upper.set_ylim(0, 1.55 * top)
        _key(upper)
        if len(looks):
            upper.set_xlabel("")
            _draw_looks(axes[1, 0], r, looks)
        png = style.to_png(fig)
    return Picture(
        png=png,
        title=title,
        alt=f"{title}. A nearly level line of true silent errors over {len(weeks)} weeks; points "
        "with bars, what one team can tell, grow wider as it looks at less.",
        caption="Bad decisions that went out with nobody asked, as a share of what the AI was "
        f"allowed to take alone. Line: the truth, mean of {len(r.seeds)} runs, which only a "
        f"simulation knows. {_ranges(r)}. Points: what the team of one run can tell from what it "
        "looked at, with 95% intervals that take decisions as independent of each other; bars that "
        "run off the top are wider still. Below: the share of what went alone that somebody looked "
        "at, mean of the runs.",
        table=_silent_table(r),
    )


def _silent_title(r: RolloutReport) -> str:
    first, last = (r.get("true_fn_share", s.name) for s in (r.spans[0], r.last))
    if len(r.spans) == 1:
        return f"{rate(last)} of what the AI may do alone goes wrong with nobody asked"
    change = r.since_before("true_fn_share", r.last.name)
    looked = [r.get("looked_at", s.name) for s in (r.spans[0], r.last)]
    level = "stay near" if abs(last.value - first.value) < 0.1 * first.value else (
        "rise to" if last.value > first.value else "fall to")  # fmt: skip
    said = f"Silent errors {level} {rate(last)}"
    if all(e.known for e in looked) and looked[1].value < looked[0].value / 2 and change.known:
        first_, last_ = (rate(e) for e in looked)
        said += f"; of what went alone people looked at {first_} at first, {last_} at last"
    return said


def _draw_seen(ax: Any, seen: pd.DataFrame) -> None:
    value, low, high = (100 * seen[c].to_numpy(float) for c in ("value", "low", "high"))
    ax.errorbar(
        seen.index + 0.16, value, yerr=[value - low, high - value], fmt="s", color=BLACK, ms=4.5,
        mfc="white", elinewidth=1.2, capsize=2.5, zorder=3,
    )  # fmt: skip


def _key(ax: Any) -> None:
    """What line and points are, in words of their colour."""
    for x, words, colour in ((0.008, "the truth (line)", VERMILLION),
                             (0.155, "what one team can tell (points)", BLACK)):  # fmt: skip
        ax.annotate(words, (x, 0.955), xycoords="axes fraction", va="top", color=colour,
                    fontsize=9.5, fontweight="bold")  # fmt: skip


def _draw_looks(ax: Any, r: RolloutReport, looks: pd.DataFrame) -> None:
    phase_axis(ax, looks.index, r.spans, named=False)
    bars = ax.bar(looks.index, 100 * looks["value"], color=PALE, edgecolor=GREY, lw=0.8, width=0.6)
    ax.bar_label(bars, [f"{100 * v:.0f}" for v in looks["value"]], fontsize=8.5, padding=2)
    ax.set_ylim(0, 125)
    ax.set_yticks([0, 50, 100])
    ax.set_ylabel("looked at, %")


def desk_by_week(r: RolloutReport) -> Picture | Note:
    """Hours of people by week and domain, beside the mean wait."""
    hours = {d: series(r.weeks, f"hours_{d.replace(' ', '_')}") for d in DOMAINS}
    hours = {d: f for d, f in hours.items() if len(f) and f["value"].sum()}
    waits = series(r.weeks, "wait_minutes")
    if not hours:
        return Note("Nobody works at the desk in this scenario.")
    capacity = r.scenario.capacity_hours_per_week
    title = _desk_title(r)
    with style.drawing(4.8 if len(waits) else 3.0) as fig:
        finding(fig, title)
        rows = 2 if len(waits) else 1
        axes = fig.subplots(rows, 1, sharex=True, height_ratios=(1.9, 1)[:rows], squeeze=False)
        top = _draw_hours(axes[0, 0], r, hours)
        axes[0, 0].axhline(capacity, color=BLACK, lw=1.4, ls=(0, (5, 3)))
        axes[0, 0].annotate(
            f"hours set aside: {capacity:g}", (0.004, capacity), xytext=(0, 4),
            xycoords=("axes fraction", "data"), textcoords="offset points", fontsize=9,
            fontweight="bold",
        )  # fmt: skip
        axes[0, 0].set_ylim(0, 1.2 * max(top, capacity))
        if len(waits):
            axes[0, 0].set_xlabel("")
            phase_axis(axes[1, 0], waits.index, r.spans, named=False)
            _spread(axes[1, 0], waits, BLUE, 1 / 60)
            axes[1, 0].set_ylim(0, 1.25 * float(waits[["value", "p95"]].max().max()) / 60)
            axes[1, 0].set_ylabel("mean wait, hours")
        png = style.to_png(fig)
    return Picture(
        png=png,
        title=title,
        alt=f"{title}. Stacked bars of hours by week on {', '.join(hours)}; below, a line of the "
        "mean wait.",
        caption=f"Hands-on hours by week of the work, and wait from queue to start of work, nights "
        f"and weekends included, by week of decision; means of {len(r.seeds)} runs. {_ranges(r)}, "
        "of the wait. What still waits when the run ends is not in its last week, whose wait "
        "therefore looks short.",
        table=_weekly_table(
            r,
            [(f"hours_{d.replace(' ', '_')}", d.capitalize(), Unit.HOURS_PER_WEEK) for d in hours]
            + [("wait_minutes", "Mean wait", Unit.MINUTES)],
        ),
    )


def _draw_hours(ax: Any, r: RolloutReport, hours: dict[str, pd.DataFrame]) -> float:
    weeks = next(iter(hours.values())).index
    phase_axis(ax, weeks, r.spans)
    bottom = np.zeros(len(weeks))
    for domain, frame in hours.items():
        i = DOMAINS.index(domain)
        values = frame["value"].reindex(weeks, fill_value=0.0).to_numpy(float)
        ax.bar(
            weeks, values, bottom=bottom, color=FILLS[i], hatch=HATCHES[i], edgecolor="white",
            lw=0.8, width=0.62, label=domain,
        )  # fmt: skip
        bottom += values
    for week, total in zip(weeks, bottom, strict=True):
        ax.annotate(
            f"{total:.0f}", (week, total), xytext=(0, 3), textcoords="offset points", ha="center",
            fontsize=9, fontweight="bold",
        )  # fmt: skip
    ax.set_ylabel("hours a week")
    ax.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0), frameon=False, reverse=True,
              fontsize=9.5, handlelength=1.6)  # fmt: skip
    return float(bottom.max())


def _desk_title(r: RolloutReport) -> str:
    first, last = (r.get("review_hours", s.name) for s in (r.spans[0], r.last))
    if len(r.spans) == 1 or not first.known:
        return f"People spend {last.value:.0f} h a week at the desk"
    verb = "falls" if last.value < first.value else "grows"
    return (
        f"People's time {verb} from {first.value:.0f} h a week in {plain(r.spans[0].name)} to "
        f"{last.value:.0f} h in {plain(r.last.name)}"
    )


_PANELS = (
    ("exception_rate", "exceptions, %", 100.0, Unit.SHARE),
    ("true_fn_share", "silent errors, %", 100.0, Unit.SHARE),
    ("review_hours", "hours a week", 1.0, Unit.HOURS_PER_WEEK),
    ("true_cost", "cost of 1,000", 1.0, Unit.MONEY),
)


def other_rules(r: RolloutReport) -> Picture | Note:
    """The last phase under each set of rules, in the same worlds."""
    panels = [p for p in _PANELS if r.get(p[0], r.last.name).known]
    if not panels:
        return Note("Every decision passes a gate, so other rules change nothing.")
    title = _rules_title(r)
    names = list(r.policies)
    with style.drawing(1.7 + 0.42 * len(names)) as fig:
        finding(fig, title)
        axes = fig.subplots(1, len(panels), sharey=True, squeeze=False)[0]
        for ax, (metric, label, scale, _) in zip(axes, panels, strict=True):
            _draw_rules(ax, [r.get(metric, r.last.name, name) for name in names], scale)
            ax.set_xlabel(label + (f" ({r.scenario.currency})" if metric == "true_cost" else ""))
        axes[0].set_yticks(range(len(names)), names, color=INK)
        axes[0].set_ylim(len(names) - 0.4, -0.6)
        png = style.to_png(fig)
    return Picture(
        png=png,
        title=title,
        alt=f"{title}. Points with intervals for {', '.join(names)} in {len(panels)} panels; a "
        "dashed line marks today's rules.",
        caption=f"{plain(r.last.name).capitalize()}, means of {len(r.seeds)} runs. Bars: 95% "
        "intervals of the mean, which take runs as independent of each other; mostly narrower "
        "than the point. All rules meet the same decisions, people and moods, so the differences "
        "in the table are known better than the bars say.",
        table=_rules_table(r, panels),
    )


def _rules_title(r: RolloutReport) -> str:
    told = []
    for name in list(r.policies)[1:]:
        asked, bad = (r.against_today(m, name) for m in ("exception_rate", "true_fn_share"))
        if not asked.known or not bad.known:
            continue
        verb = "bring" if name.endswith("rules") else "brings"
        told.append(f"{name} {verb} {_points(asked)} exceptions and {_points(bad)} silent errors")
    said = "; ".join(told) or "other rules"
    return said[0].upper() + said[1:]


def _points(e: Estimate) -> str:
    """A difference of shares in words; what chance explains is none.

    >>> _points(Estimate(0.014, 0.012, 0.016, 20, "")), _points(Estimate(0.1, -0.1, 0.3, 2, ""))
    ('1.4 points more', 'no more and no fewer')
    """
    if e.low <= 0 <= e.high:
        return "no more and no fewer"
    return f"{100 * abs(e.value):.1f} points {'more' if e.value > 0 else 'fewer'}"


def _draw_rules(ax: Any, figures: list[Estimate], scale: float) -> None:
    for y, e in enumerate(figures):
        value, low, high = (scale * x for x in (e.value, e.low, e.high))
        ax.errorbar(
            value, y, xerr=[[value - low], [high - value]], fmt="o" if y == 0 else "D",
            color=BLACK if y == 0 else BLUE, ms=7, elinewidth=1.8, capsize=3, zorder=3,
        )  # fmt: skip
        ax.annotate(
            f"{value:,.1f}" if abs(value) < 100 else f"{value:,.0f}", (value, y), xytext=(0, 8),
            textcoords="offset points", ha="center", fontsize=9, fontweight="bold",
        )  # fmt: skip
    ax.axvline(scale * figures[0].value, color=GREY, lw=0.9, ls=(0, (4, 3)), zorder=1)
    values = [scale * x for e in figures if e.known for x in (e.low, e.high)]
    room = 0.25 * (max(values) - min(values)) or 0.2 * max(values)
    ax.set_xlim(max(0.0, min(values) - room), max(values) + room)
    ax.locator_params(axis="x", nbins=4)
    ax.grid(axis="x", color=MIST, lw=1)
    ax.tick_params(axis="y", length=0)
    ax.spines["left"].set_visible(False)


# --- the tables behind them ----------------------------------------------------------------------


def _weekly_table(r: RolloutReport, columns: list[tuple[str, str, Unit]]) -> pd.DataFrame:
    table = pd.DataFrame({"Week": sorted(r.weeks["week"].unique())})
    table["Phase"] = [_phase_of(r, int(w)) for w in table["Week"]]
    for metric, name, unit in columns:
        mine = series(r.weeks, metric)
        table[name] = [_cell(mine, w, unit) for w in table["Week"]]
    return table.astype({"Week": str})


def _phase_of(r: RolloutReport, week: int) -> str:
    inside = [plain(s.name) for s in r.spans if s.first_week <= week <= s.last_week]
    return " / ".join(inside)


def _cell(frame: pd.DataFrame, week: int, unit: Unit) -> str:
    if week not in frame.index:
        return ""
    row = frame.loc[week]
    return written(Estimate(row["value"], row["low"], row["high"], row["n"], ""), unit)


def _silent_table(r: RolloutReport) -> pd.DataFrame:
    table = _weekly_table(
        r, [("true_fn_share", "Truth", Unit.SHARE), ("looked_at", "Looked at", Unit.SHARE)]
    )
    seen = r.seen.set_index("week")
    told = []
    for week in table["Week"].astype(int):
        e = Estimate(**seen.loc[week, ["value", "low", "high", "n", "assumes", "few"]])
        told.append(percent(e))
    table.insert(3, "One team can tell", told)
    return table


def _rules_table(r: RolloutReport, panels: list[tuple[str, str, float, Unit]]) -> pd.DataFrame:
    rows = []
    for name in r.policies:
        figures = [written(r.get(metric, r.last.name, name), unit) for metric, *_, unit in panels]
        rows.append([name, *figures])
        if name != TODAY:
            apart = [_apart(r.against_today(metric, name), unit) for metric, *_, unit in panels]
            rows.append(["more than today", *apart])
    titles = [label.removesuffix(", %").capitalize() for _, label, *_ in panels]
    return pd.DataFrame(rows, columns=["Rules", *titles])


def _apart(e: Estimate, unit: Unit) -> str:
    if not e.known:
        return "not known"
    scale, digits, word = (100, 2, " points") if unit == Unit.SHARE else (
        (1, 0, "") if unit == Unit.MONEY else (1, 1, " h"))  # fmt: skip
    value, low, high = (f"{scale * x:+.{digits}f}" for x in (e.value, e.low, e.high))
    return f"{value}{word} ({low} to {high})"
