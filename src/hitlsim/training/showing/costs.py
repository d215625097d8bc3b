"""What each way of working costs, drawn: cost against looks."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from ...present import style
from ...present.axes import finding
from ...present.picture import Note, Picture
from ...present.style import BLUE, GREEN, GREY, INK, MIST, VERMILLION, count
from ..debrief import Debrief
from ..scoring.costing import on_the_spec

_ROOM = 17
"""Looks per hundred that a name takes on the axis."""


def draw_cost(d: Debrief) -> Picture | Note:
    """What each way of working costs, and how many looks it takes."""
    playing = [s for s in d.scores if s.costs]
    if not playing:
        return Note("What a way of working costs takes a steady round; nobody played one.")
    lines = {c.name: c for c in playing[0].costs}
    own = {s.who: s.costs[0] for s in playing}
    mean = float(np.mean([c.cost.value for c in own.values()]))
    title = _cost_title(d, mean, lines["ideal"].cost.value, lines["all"].cost.value)
    with style.drawing(3.9) as fig:
        finding(fig, title)
        ax = fig.add_subplot()
        for c in own.values():
            ax.plot(c.looks.value, c.cost.value, "o", color=VERMILLION, ms=8, mec="white",
                    alpha=0.85, zorder=4)  # fmt: skip
        _best_and_worst(ax, own)
        for name, colour, mark, words, place in (
            ("nobody", GREY, "v", "nobody looks", (10, 0)),
            ("all", BLUE, "^", "all is looked at", (-10, 0)),
            ("ideal", GREEN, "D", "the ideal observer", _beside(lines["ideal"].looks.value)),
        ):
            c = lines[name]
            ax.plot(c.looks.value, c.cost.value, mark, color=colour, ms=10, mec="white", zorder=5)
            ax.annotate(words, (c.looks.value, c.cost.value), xytext=place, va="center",
                        textcoords="offset points", ha="left" if place[0] > 0 else "right",
                        color=colour, fontweight="bold", fontsize=9.5, zorder=6)  # fmt: skip
        _cost_axis(ax, d, [*lines.values(), *own.values()])
        png = style.to_png(fig)
    return Picture(
        png=png,
        title=title,
        alt=f"{title}. Looks per hundred decisions to the right, cost upwards; "
        f"{len(own)} people between nobody looking and all being looked at.",
        caption="Steady round, per hundred decisions of the inbox: items count by how many "
        "decisions of the log they stand for. Circles: people as they worked. Cost: looks, "
        "needless changes, and the harm of what went out wrong. The ideal looks where the boundary "
        "spec asks; it and whoever looks at all see as the model's typical reviewer does when "
        f"rested (d' 1.6), with the line that costs least. {_above(d)}"
        f"{on_the_spec(playing[0].costs)}One person's cost is known to within {_half(own)} on a "
        "deck this small; harm weighs on few items.",
        table=_cost_table(lines, own, d.currency),
    )


def _beside(looks: float) -> tuple[int, int]:
    """To the left of its mark, where nobody's name stands, if there is room."""
    return (-10, 0) if looks > _ROOM else (10, -9)


def _best_and_worst(ax: Any, own: dict[str, Any]) -> None:
    """The two that are talked about."""
    ranked = sorted(own, key=lambda who: own[who].cost.value)
    for who in dict.fromkeys([ranked[0], ranked[-1]]):
        c = own[who]
        ax.annotate(who, (c.looks.value, c.cost.value), xytext=(9, 0), va="center",
                    textcoords="offset points", color=INK, fontsize=9, zorder=6)  # fmt: skip


def _cost_axis(ax: Any, d: Debrief, all_: list[Any]) -> None:
    ax.set_xlim(-4, 104)
    ax.set_ylim(0, 1.12 * max(c.cost.value for c in all_))
    ax.yaxis.set_major_formatter(lambda value, _: count(value))
    ax.set_xlabel("looks per hundred decisions")
    ax.set_ylabel(f"cost per hundred decisions{', ' + d.currency if d.currency else ''}")
    ax.grid(color=MIST, lw=1)


def _cost_title(d: Debrief, mean: float, ideal: float, everything: float) -> str:
    e, money = d.cohort["above_ideal"], f" {d.currency}".rstrip()
    said = (
        f"A hundred decisions cost {count(mean)}{money} as people worked, {count(ideal)} with the "
        "ideal observer"
    )
    if e.low <= 0 <= e.high:
        return f"{said}: the difference may be chance"
    return f"{said}; looking at all costs {count(everything)}"


def _above(d: Debrief) -> str:
    """The cohort beside the ideal, with the interval over its people."""
    e = d.cohort["above_ideal"]
    if not e.known or np.isnan(e.low):
        return ""
    return (
        f"On average people lie {count(e.value)} above the ideal (95%: {count(e.low)} to "
        f"{count(e.high)}, over {count(e.n)}). "
    )


def _half(own: dict[str, Any]) -> str:
    halves = [(c.cost.high - c.cost.low) / 2 for c in own.values()]
    return count(float(np.median(halves)))


def _cost_table(lines: dict[str, Any], own: dict[str, Any], money: str) -> pd.DataFrame:
    rows = [(lines[n].title, lines[n]) for n in ("nobody", "all", "ideal")]
    rows += [(who, own[who]) for who in sorted(own, key=lambda w: own[w].cost.value)]
    return pd.DataFrame(
        {
            "Way of working": [name for name, _ in rows],
            "Looks per hundred": [f"{c.looks.value:.0f}" for _, c in rows],
            f"Cost per hundred{', ' + money if money else ''}": [
                count(c.cost.value) if np.isnan(c.cost.low)
                else f"{count(c.cost.value)} ({count(c.cost.low)} to {count(c.cost.high)})"
                for _, c in rows
            ],
        }
    )  # fmt: skip
