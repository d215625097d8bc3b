"""A rollout as figures: week by week through its phases, and under other rules."""

from __future__ import annotations

from typing import Any

import pandas as pd

from ...decisions.columns import DOMAINS
from ...decisions.counting.metrics import Unit
from ...decisions.estimating.intervals import NOTHING, Estimate
from ...scenario.explain import band_words
from .. import style
from ..axes import band_area, finding, hours_bars, over_lines, rows_axis
from ..picture import Note, Picture
from ..style import BLACK, BLUE, GREY, INK, MIST, PALE, VERMILLION, plain
from .axis import phase_axis, series
from .behind import PANELS, rules_table, silent_table, weekly_table
from .rollout import RolloutReport
from .words import rate

_RANGE = "Band: nine in ten single runs"
_MUCH = 0.1
"""Change of silent errors, as a share of what they were, below which they stay near it."""
_SOME = 0.0005
"""Share of what went alone below which next to none of it was looked at."""
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
        band_area(ax, r.targets.exception_rate)
        _last_value(ax, weeks, BLUE, 100, "%")
        most = float(weeks[["value", "p95"]].max().max())
        ax.set_ylim(0, max(145 * r.targets.exception_rate[1], 108 * most))
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
        table=weekly_table(r, [("exception_rate", "Exception rate", Unit.SHARE)]),
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
        table=silent_table(r),
    )


def _silent_title(r: RolloutReport) -> str:
    first, last = (r.get("true_fn_share", s.name) for s in (r.spans[0], r.last))
    if len(r.spans) == 1:
        return f"{rate(last)} of what the AI may do alone goes wrong with nobody asked"
    looked = [r.get("looked_at", s.name) for s in (r.spans[0], r.last)]
    much = abs(last.value - first.value) >= _MUCH * first.value
    way = _moved(r, "true_fn_share") if much else 0
    said = f"Silent errors {('stay near', 'rise to', 'fall to')[way]} {rate(last)}"
    if all(e.known for e in looked) and looked[1].value < looked[0].value / 2:
        first_, last_ = (rate(e) if e.value >= _SOME else "next to none" for e in looked)
        said += f"; of what went alone people looked at {first_} at first, {last_} at last"
    return said


def _moved(r: RolloutReport, metric: str) -> int:
    """1 where a figure rose from first phase to last, -1 where it fell, 0 where chance explains it.

    Runs are compared with themselves, so that moods and volume are the same.
    """
    e = r.since_first.get(metric, NOTHING)
    return int(e.low > 0) - int(e.high < 0)


def _draw_seen(ax: Any, seen: pd.DataFrame) -> None:
    value, low, high = (100 * seen[c].to_numpy(float) for c in ("value", "low", "high"))
    ax.errorbar(
        seen.index + 0.16, value, yerr=[value - low, high - value], fmt="s", color=BLACK, ms=4.5,
        mfc="white", elinewidth=1.2, capsize=2.5, zorder=3,
    )  # fmt: skip


def _key(ax: Any) -> None:
    """What line and points are, in words of their colour, above the names of the phases."""
    look: dict[str, Any] = {
        "textcoords": "offset points", "fontsize": 9.5, "fontweight": "bold", "va": "bottom",
    }  # fmt: skip
    line = ax.annotate("the truth (line)", (0.0, 1.0), xycoords="axes fraction", xytext=(0, 21),
                       color=VERMILLION, **look)  # fmt: skip
    ax.annotate("what one team can tell (points)", (1.0, 0.0), xycoords=line, xytext=(18, 0),
                color=BLACK, **look)  # fmt: skip


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
    title = _desk_title(r)
    with style.drawing(4.8 if len(waits) else 3.0) as fig:
        finding(fig, title)
        rows = 2 if len(waits) else 1
        axes = fig.subplots(rows, 1, sharex=True, height_ratios=(1.9, 1)[:rows], squeeze=False)
        at = next(iter(hours.values())).index
        phase_axis(axes[0, 0], at, r.spans)
        hours_bars(
            axes[0, 0], at,
            {d: f["value"].reindex(at, fill_value=0.0).to_numpy(float) for d, f in hours.items()},
            capacity=r.scenario.capacity_hours_per_week,
        )  # fmt: skip
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
        table=weekly_table(
            r,
            [(f"hours_{d.replace(' ', '_')}", d.capitalize(), Unit.HOURS_PER_WEEK) for d in hours]
            + [("wait_minutes", "Mean wait", Unit.MINUTES)],
        ),
    )


def _desk_title(r: RolloutReport) -> str:
    first, last = (r.get("review_hours", s.name) for s in (r.spans[0], r.last))
    if len(r.spans) == 1 or not first.known:
        return f"People spend {last.value:.0f} h a week at the desk"
    way = _moved(r, "review_hours")
    if not way:
        return f"People's time stays near {last.value:.0f} h a week through all phases"
    verb = "grows" if way > 0 else "falls"
    return (
        f"People's time {verb} from {first.value:.0f} h a week in {plain(r.spans[0].name)} to "
        f"{last.value:.0f} h in {plain(r.last.name)}"
    )


def other_rules(r: RolloutReport) -> Picture | Note:
    """The last phase under each set of rules, in the same worlds."""
    panels = [p for p in PANELS if r.get(p[0], r.last.name).known]
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
        table=rules_table(r, panels),
    )


def _rules_title(r: RolloutReport) -> str:
    told = []
    for name in list(r.policies)[1:]:
        asked, bad = (r.against_today(m, name) for m in ("exception_rate", "true_fn_share"))
        if not asked.known or not bad.known:
            continue
        s = "" if name.endswith("rules") else "s"
        if not _sure(asked) and not _sure(bad):
            told.append(f"{name} clearly change{s} neither exceptions nor silent errors")
            continue
        told.append(f"{name} bring{s} {_points(asked)} exceptions and {_points(bad)} silent errors")
    said = "; ".join(told) or "other rules"
    return said[0].upper() + said[1:]


def _points(e: Estimate) -> str:
    """A difference of shares in words; what chance explains is none.

    >>> _points(Estimate(0.014, 0.012, 0.016, 20, "")), _points(Estimate(0.1, -0.1, 0.3, 2, ""))
    ('1.4 points more', 'no more and no fewer')
    """
    if not _sure(e):
        return "no more and no fewer"
    return f"{100 * abs(e.value):.1f} points {'more' if e.value > 0 else 'fewer'}"


def _sure(e: Estimate) -> bool:
    """Whether chance does not explain a difference."""
    return not e.low <= 0 <= e.high


def _draw_rules(ax: Any, figures: list[Estimate], scale: float) -> None:
    for y, e in enumerate(figures):
        value, low, high = (scale * x for x in (e.value, e.low, e.high))
        ax.errorbar(
            value, y, xerr=[[value - low], [high - value]], fmt="o" if y == 0 else "D",
            color=BLACK if y == 0 else BLUE, ms=7, elinewidth=1.8, capsize=3, zorder=3,
        )  # fmt: skip
        over_lines(ax.annotate(
            f"{value:,.1f}" if abs(value) < 100 else f"{value:,.0f}", (value, y), xytext=(0, 8),
            textcoords="offset points", ha="center", fontsize=9, fontweight="bold",
        ))  # fmt: skip
    ax.axvline(scale * figures[0].value, color=GREY, lw=0.9, ls=(0, (4, 3)), zorder=1)
    values = [scale * x for e in figures if e.known for x in (e.low, e.high)]
    room = 0.25 * (max(values) - min(values)) or 0.2 * max(values)
    ax.set_xlim(max(0.0, min(values) - room), max(values) + room)
    ax.locator_params(axis="x", nbins=4)
    if max(values) >= 1000:
        ax.xaxis.set_major_formatter("{x:,.0f}")
    ax.grid(axis="x", color=MIST, lw=1)
    rows_axis(ax)
