"""The panels of a recommendation's picture: each draws on an axis and gives its finding."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from ...calibration.tuning.recommendation import Recommendation
from ...calibration.tuning.telling.amounts import cash
from ...decisions.estimating.intervals import NOTHING, Estimate
from ..style import BLUE, GREEN, GREY, INK, MIST, ORANGE, VERMILLION, shortened
from .texts import CORRECTED, MOVERS, corrected, kind, remember, title_of

_ROOM = 2.3
"""How far an axis of rates reaches beyond the last thing marked."""
_SPARE = 0.12
_ALIKE, _SOME = 1e-3, 5e-4
_EDGE = 0.12
"""Of an axis: a band nearer to its end than this has its label beside the end."""
_SAME_RATE = 0.005
"""Exception rates up to which rules are compared by what they cost."""


class Mark(NamedTuple):
    """A policy to be marked on a panel."""

    name: str
    figures: dict[str, Estimate]
    colour: str
    shape: str

    def get(self, figure: str) -> Estimate:
        """A figure; silent errors as the curve has them, as far as they are known."""
        if figure == "fn_share":
            return self.figures.get("expected_fn_share") or self.figures.get(figure, NOTHING)
        return self.figures.get(figure, NOTHING)


def drawn_silent(rec: Recommendation) -> str:
    """Which figure of silent errors the lines and marks show."""
    return "expected_fn_share" if "expected_fn_share" in rec.figures else "fn_share"


def marks(rec: Recommendation) -> list[Mark]:
    """Today's rules where they are known, vendors' usual bands, and what is recommended."""
    found = [
        Mark("today", rec.today, VERMILLION, "o"),
        Mark("90/70 for all", rec.usual, BLUE, "s"),
        Mark(chosen(rec), rec.figures, GREEN, "D"),
    ]
    return [m for m in found if m.figures]


def chosen(rec: Recommendation) -> str:
    """What the rules are to be called."""
    return {"recommended": "recommended", "not enough evidence": "best guess"}.get(
        rec.status, "nearest rules"
    )


def simulated_line(rec: Recommendation) -> pd.DataFrame:
    """The trade-off at the simulated desk, as it would lie in the worlds of the marks.

    It was simulated in few other worlds, where everything may cost a little more or less. Today's
    and the usual rules were simulated in both, and tell by how much. Empty for a log.
    """
    s = rec.simulated
    if s.empty:
        return s
    line = s[s["policy"].str.startswith("at ")].sort_values("exception_rate")
    here = s.set_index("policy")
    both = [(here.loc[n], f) for n, f in (("today", rec.today), ("90/70", rec.usual))
            if n in here.index]  # fmt: skip
    moved = {
        name: line[name] + np.mean([f[name].value - row[name] for row, f in both])
        for name in line.columns
        if both and all(name in f and f[name].known for _, f in both)
    }
    return line.assign(**moved)


def thousands(axis: Any) -> None:
    """Figures of an axis as they stand in texts: 7,500; few of them."""
    from matplotlib.ticker import MaxNLocator

    if max(abs(v) for v in axis.get_view_interval()) >= 1000:
        axis.set_major_locator(MaxNLocator(5))
        axis.set_major_formatter("{x:,.0f}")


# --- speed and safety, hours and silent errors ---------------------------------------------------


def speed_safety(ax: Any, rec: Recommendation) -> str:
    """Cost of 1,000 decisions over the exception rate."""
    _lines(ax, rec, "exception_rate", "cost_per_1000", 100, 1)
    _marks(ax, rec, "exception_rate", "cost_per_1000", 100, 1)
    low, high = 100 * rec.band.low, 100 * rec.band.high
    banded = rec.goals.exception_rate is not None
    if banded:
        ax.axvspan(low, high, facecolor=GREEN, alpha=0.13, lw=0, zorder=0)
    rates = [100 * m.get("exception_rate").value for m in marks(rec)]
    _frame(ax, min(100.0, _ROOM * max([*rates, high if banded else 0.0])))
    if banded:
        _band_label(ax, f"band {rec.band}", low, high, 9)
    ax.set_xlabel("exception rate, %")
    ax.set_ylabel(f"{cash(rec.currency)}per 1,000 decisions:\nerrors, looks, waiting")
    ax.legend(loc="upper right", frameon=False, fontsize=9)
    return saving_words(rec)


def _band_label(ax: Any, said: str, low: float, high: float, size: float) -> None:
    """A band's name at its foot, inside the axis where the band lies at an end of it."""
    left, right = ax.get_xlim()
    at = ((low + high) / 2 - left) / (right - left)
    align = "left" if at < _EDGE else "right" if at > 1 - _EDGE else "center"
    place = {"left": (low, 3), "right": (high, -3), "center": ((low + high) / 2, 0)}
    x, beside = place[align]
    ax.annotate(
        said, (min(max(x, left), right), 0.0), xycoords=("data", "axes fraction"),
        xytext=(beside, 4), textcoords="offset points", ha=align, va="bottom", color=GREEN,
        fontsize=size, fontweight="bold",
    )  # fmt: skip


def hours_silent(ax: Any, rec: Recommendation) -> str:
    """Silent errors over hands-on hours."""
    _lines(ax, rec, "hours_per_week", "fn_share", 1, 100)
    _marks(ax, rec, "hours_per_week", "fn_share", 1, 100)
    hours = [m.get("hours_per_week").value for m in marks(rec)]
    _frame(ax, _ROOM * max(hours))
    ax.set_xlabel("hands-on hours a week for exceptions")
    said = title_of(rec, drawn_silent(rec)).replace(" taken", "\ntaken")
    ax.set_ylabel(f"{said}, % of all allowed")
    return _hours_words(rec)


def _lines(ax: Any, rec: Recommendation, x: str, y: str, by: float, up: float) -> None:
    """The exact trade-off and that by confidence alone; of a scenario, what was simulated."""
    line = simulated_line(rec)
    if not line.empty:
        ax.plot(by * line[x], up * line[y], color=INK, lw=1.6, marker=".", ms=7,
                label="best readable rules, simulated")  # fmt: skip
        return
    best, plain = (f.sort_values(x) for f in (rec.frontier, rec.by_confidence))
    alike = bool(np.allclose(best[y], plain[y], rtol=_ALIKE))
    if not alike:
        ax.plot(
            by * plain[x], up * plain[y], color=GREY, lw=1.6, ls=(0, (5, 3)),
            label=least_sure_first(rec),
        )  # fmt: skip
    name = "best by cost"
    ax.plot(
        by * best[x], up * best[y], color=INK, lw=2,
        label=f"{name},\nhere the same as\n{least_sure_first(rec)}" if alike else name,
    )  # fmt: skip


def least_sure_first(rec: Recommendation) -> str:
    """The trade-off by confidence alone; what stays as a trigger is asked about there, too."""
    stays = rec.trigger_rate.value > 0
    return f"least confident first{', and triggers that stay' if stays else ''}"


def _marks(ax: Any, rec: Recommendation, x: str, y: str, by: float, up: float) -> None:
    for m in marks(rec):
        a, b = m.get(x), m.get(y)
        if not (a.known and b.known):
            continue
        ax.errorbar(
            by * a.value, up * b.value, xerr=_beside(a, by), yerr=_beside(b, up), fmt=m.shape,
            color=m.colour, ms=7 if m.shape != "D" else 8, elinewidth=1.3, capsize=2.5, zorder=4,
            label=m.name,
        )  # fmt: skip


def _beside(e: Estimate, scale: float) -> list[list[float]] | None:
    if math.isnan(e.low) or math.isnan(e.high):
        return None
    return [[scale * (e.value - e.low)], [scale * (e.high - e.value)]]


def _frame(ax: Any, right: float) -> None:
    """As much of the lines as lies left of an edge, and all marks with their intervals."""
    ax.set_xlim(0, right)
    seen = [
        y[(x >= 0) & (x <= right)]
        for x, y in (np.asarray(line.get_data(), float) for line in ax.get_lines())
        if len(x) > 1
    ]
    seen += [np.asarray(s, float)[:, 1] for c in ax.collections for s in c.get_segments()]
    every = np.concatenate([v for v in seen if len(v)])
    every = every[np.isfinite(every)]
    spare = _SPARE * float(np.ptp(every) or every.max())
    ax.set_ylim(max(0.0, float(every.min()) - spare), float(every.max()) + spare)
    thousands(ax.yaxis)
    ax.grid(axis="y", color=MIST, lw=1)


def saving_words(rec: Recommendation) -> str:
    """What the rules save, in one line."""
    at = f"At {rec.rate.value:.1%} exceptions"
    e, money = rec.saving, cash(rec.currency)
    if e.known and e.low > 0:
        return f"{at} these rules save {money}{e.value:,.0f} per 1,000 decisions against today's"
    if e.known and e.high < 0:
        return (
            f"{at} these rules cost {money}{-e.value:,.0f} per 1,000 decisions more than today's, "
            "for the targets"
        )
    if e.known:
        return f"{at} it is not sure that these rules save anything against today's"
    cost, usual = rec.figures.get("cost_per_1000", NOTHING), rec.usual.get("cost_per_1000", NOTHING)
    return (
        f"{at} 1,000 decisions cost {money}{cost.value:,.0f}; with 90/70 bands {usual.value:,.0f}, "
        f"at {rec.usual['exception_rate'].value:.1%}"
    )


def _hours_words(rec: Recommendation) -> str:
    mine, others = marks(rec)[-1], marks(rec)[0]
    (h, s), (oh, os) = (
        (m.get("hours_per_week").value, m.get("fn_share").value) for m in (mine, others)
    )
    how = f" ({CORRECTED})" if corrected(rec) else ""
    return f"{h:.1f} h a week leave {s:.1%} silent errors{how}; {others.name}: {oh:.1f} h, {os:.1%}"


# --- simplicity and precision --------------------------------------------------------------------


def simplicity(ax: Any, rec: Recommendation) -> str:
    """Cost of simpler and finer rules at the same exception rate."""
    steps = rec.ladder
    at = np.arange(len(steps))
    cost = steps["cost_per_1000"].to_numpy(float)
    here = steps["recommended"].to_numpy(bool)
    for rows, colour, shape in ((~here, INK, "o"), (here, GREEN, "D")):
        ax.plot(cost[rows], at[rows], ls="", marker=shape, color=colour, ms=8, zorder=3)
    for x, y, own in zip(cost, at, here, strict=True):
        ax.annotate(
            f"{x:,.0f}", (x, y), xytext=(9, 0), textcoords="offset points", va="center",
            fontsize=9, fontweight="bold", color=GREEN if own else INK,
        )  # fmt: skip
    rows = list(zip(steps["rules"], steps["conditions"], strict=True))
    things = [f"to remember: {remember(r, int(n))}" for r, n in rows[:-1]] + ["no rule"]
    names = [
        f"{_two_lines(kind(r))}\n({_two_lines(t)})" for (r, _), t in zip(rows, things, strict=True)
    ]
    ax.set_yticks(at, names, color=INK, fontsize=8.5)
    ax.set_ylim(len(steps) - 0.6, -0.65)
    spare = float(np.ptp(cost) or cost.max())
    ax.set_xlim(cost.min() - 0.1 * spare, cost.max() + 0.3 * spare)
    thousands(ax.xaxis)
    ax.set_xlabel(f"{cash(rec.currency)}per 1,000 decisions")
    ax.tick_params(axis="y", length=0)
    ax.grid(axis="x", color=MIST, lw=1)
    if np.ptp(steps["exception_rate"].to_numpy(float)) > _SAME_RATE:
        return "Simpler and finer rules, as near to the same exception rate as they come"
    lost = float(cost[here][0] - cost[-1])
    if lost < 0.5:
        return "Rules simple enough to remember cost nothing more"
    return f"Rules simple enough to remember cost {cash(rec.currency)}{lost:,.0f} more per 1,000"


def _two_lines(name: str) -> str:
    return name.replace(" and ", "\nand ").replace(" by ", "\nby ").replace(" + ", "\n+ ")


# --- what moves it -------------------------------------------------------------------------------


def tornado(ax: Any, rec: Recommendation) -> str:
    """Where looks stop to pay, with each assumption at half and at twice its value."""
    s = rec.sensitivity
    at = np.arange(len(s))
    ends = 100 * np.sort(s[["wanted_low", "wanted_high"]].to_numpy(float), axis=1)
    # else it comes from the desk, or from the earlier days, and the bars from something else
    as_it_is = not rec.runs and rec.guarantee is None
    measured = s["measured"].to_numpy(bool)
    for known, hatch, colour in ((True, "", BLUE), (False, "////", ORANGE)):
        rows = measured == known
        ax.barh(
            at[rows], ends[rows, 1] - ends[rows, 0], left=ends[rows, 0], height=0.55, color=colour,
            hatch=hatch, edgecolor="white", lw=0.8, zorder=2,
            label="measured" if known else "assumed",
        )  # fmt: skip
    for y, (end, share) in enumerate(zip(ends[:, 1], s["routed_otherwise"], strict=True)):
        said = f"{share:.1%}" if share >= _SOME else "none"
        ax.annotate(
            f"{said} routed otherwise", (end, y), xytext=(6, 0), textcoords="offset points",
            va="center", fontsize=8.5, color=INK,
        )  # fmt: skip
    if as_it_is:
        ax.axvline(100 * rec.wanted_rate, color=INK, lw=1.2, zorder=3)
    if rec.goals.exception_rate is not None:
        low, high = 100 * rec.band.low, 100 * rec.band.high
        ax.axvspan(low, high, facecolor=GREEN, alpha=0.13, lw=0, zorder=0)
    ax.set_yticks(at, [shortened(MOVERS.get(a, a)) for a in s["assumption"]], color=INK)
    ax.set_ylim(len(s) - 0.15, -0.6)
    ax.set_xlim(0, max(100.0, 100 * rec.band.high) * 1.22)
    if rec.goals.exception_rate is not None:
        _band_label(ax, "band", low, high, 8.5)
    ax.set_xticks(range(0, 101, 20))
    paper, line = ", on paper" if rec.runs else "", "; line: as it is" if as_it_is else ""
    ax.set_xlabel(
        f"exception rate up to which looks pay{paper}, %: at half and at twice each value{line}"
    )
    ax.tick_params(axis="y", length=0)
    ax.grid(axis="x", color=MIST, lw=1)
    ax.legend(
        loc="lower right", bbox_to_anchor=(1.0, 0.99), ncols=2, frameon=False, fontsize=8.5,
        borderaxespad=0.0,
    )  # fmt: skip
    return _tornado_words(rec, ends)


def _tornado_words(rec: Recommendation, ends: np.ndarray[Any, np.dtype[np.float64]]) -> str:
    low, high = 100 * rec.band.low, 100 * rec.band.high
    if ends.min() > high:
        return "Whatever is assumed, more looks would pay than the band allows"
    if ends.max() < low:
        return "Whatever is assumed, fewer looks would pay than the band asks for"
    top = MOVERS.get(rec.sensitivity["assumption"].iloc[0], "")
    return f"What moves it most: {top}"
