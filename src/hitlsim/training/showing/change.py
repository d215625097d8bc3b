"""Did it change? The figures of two decks, side by side."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from ...present import style
from ...present.axes import finding
from ...present.picture import Html, Note, Picture, table_html
from ...present.style import BLACK, BLUE, GREY, INK, MIST, PALE, VERMILLION
from ..changed import by_how_much, figure, more, on_the_whole, theirs, yours
from ..debrief import Debrief
from ..scoring.change import BY_FIGURE, COMPARED, Changes, Moved, Verdict
from ..words import kindly

_DRAWN = ("missed", "opened", "fast", "sensitivity", "distance", "forgone")
_LOOKS = {
    Verdict.BETTER: (BLUE, "o", "-"), Verdict.WORSE: (VERMILLION, "X", (0, (4, 2))),
    Verdict.MOVED: (BLACK, "o", "-"), Verdict.OPEN: (PALE, "o", "-"),
}  # fmt: skip
"""Colour, mark and dashes, so that none alone tells them apart."""
_APART = 0.075
"""Between names, as a share of the axis."""
_REACH = 1.6
"""How far an axis goes, in the largest of its figures."""
_ONE_DECK = (
    "Takes a second deck, which shares no item with the first: play one some days later and see "
    "what has changed."
)


def draw_change(d: Debrief, me: str = "") -> Picture | Note:
    """Each figure on the first deck and on the second, one line for each person.

    Parameters
    ----------
    d : Debrief
    me : str
        Only this pseudonym's line is coloured and has its intervals.
    """
    c = d.changes
    if c is None or (me and me not in c.people):
        return Note(_ONE_DECK)
    names = [n for n in _DRAWN if any(n in by for w, by in c.people.items() if not me or w == me)]
    if not names:
        return Note("No figure is known on both decks.")
    title = yours(c.people[me], c.then) if me else on_the_whole(d).split(". ")[0].rstrip(".")
    rows = -(-len(names) // 3)
    with style.drawing(0.75 + 2.35 * rows) as fig:
        finding(fig, title)
        axes = np.atleast_1d(fig.subplots(rows, min(3, len(names)))).ravel()
        for ax, name in zip(axes, names, strict=False):
            _panel(ax, name, c, me)
        for ax in axes[len(names) :]:
            ax.set_axis_off()
        png = style.to_png(fig)
    return Picture(
        png=png,
        title=title,
        alt=f"{title}. {len(names)} figures, each on deck {c.first} to the left and deck {c.then} "
        f"to the right, one line for each of {len(c.people)} people.",
        caption=_caption(c, me),
        table=_of_one(c.people[me], c) if me else _of_all(c),
    )


def _caption(c: Changes, me: str) -> str:
    called = (
        "Coloured: the whole 95% interval of the change says so; blue circles are better, red "
        "crosses with dashed lines worse. "
    )
    whose = (
        "Your line has its 95% intervals; the others are grey. Of five people whose habits stay "
        "the same, about one has a figure that chance calls better or worse. "
    ) if me else (
        f"{called}Grey: the decks are too small to say. Thick: the mean of {len(c.people)}. "
        "Of forty people whose habits stay the same, chance calls about one better and one worse "
        "in each figure, and of five about one in some figure. "
    )  # fmt: skip
    return (
        f"{whose}Intervals of a change are made from those of both decks, whose items are taken as "
        "independent (Newcombe 1998; Zou & Donner 2008). Savings forgone: of what the ideal "
        "observer saves over nobody looking, the share that was not saved."
    )


def _panel(ax: Any, name: str, c: Changes, me: str) -> None:
    compared = BY_FIGURE[name]
    scale = 100 if compared.percent else 1
    known = {who: by[name] for who, by in c.people.items() if name in by}
    # what stands out is drawn last
    for who, m in sorted(known.items(), key=lambda p: (p[0] == me, p[1].verdict != Verdict.OPEN)):
        _line(ax, m, scale, grey=bool(me) and who != me, mine=who == me)
    if not me and name in c.cohort and len(known) > 1:
        m = c.cohort[name]
        ax.plot([0, 1], [scale * m.before.value, scale * m.after.value], color=INK, lw=3.4,
                zorder=6, solid_capstyle="round")  # fmt: skip
    unit = ", %" if compared.percent else ""
    ax.set_title(f"{compared.title}{unit}", fontsize=9.5, fontweight="bold", color=INK, loc="left",
                 pad=17)  # fmt: skip
    ax.annotate("less is better" if compared.better < 0 else "more is better", (0, 1),
                xycoords="axes fraction", xytext=(0, 5), textcoords="offset points", color=GREY,
                fontsize=8.5, style="italic", annotation_clip=False)  # fmt: skip
    ax.set_xticks([0, 1], [f"deck {c.first}", f"deck {c.then}"], color=INK)
    ax.set_xlim(-0.12, 1.12 if me else 1.5)
    most = max(max(m.before.value, m.after.value) for m in known.values())
    _floor(ax, bounded=compared.percent and name != "forgone", most=_REACH * scale * most)
    ax.grid(axis="y", color=MIST, lw=1)
    if not me:
        _names(ax, known, scale)


def _floor(ax: Any, *, bounded: bool, most: float) -> None:
    """The axis from 0; an interval that reaches far beyond every figure is cut off."""
    low, high = ax.get_ylim()
    if bounded:
        ax.set_ylim(-4, 104)
    else:
        ax.set_ylim(min(0, low), min(high, most) if most > 0 else high)


def _line(ax: Any, m: Moved, scale: float, *, grey: bool, mine: bool) -> None:
    colour, mark, dashes = _LOOKS[m.verdict]
    if mine and m.verdict is Verdict.OPEN:
        colour = BLACK
    colour = PALE if grey else colour
    plain = grey or (m.verdict is Verdict.OPEN and not mine)
    ends = [scale * m.before.value, scale * m.after.value]
    ax.plot([0, 1], ends, color=colour, lw=1.1 if plain else 2.2, zorder=3 if plain else 5,
            ls="-" if plain else dashes)  # fmt: skip
    ax.plot([0, 1], ends, mark if not plain else "o", color=colour, ms=4 if plain else 8, ls="",
            mec="white", mew=0.8, zorder=4 if plain else 7)  # fmt: skip
    if mine:
        for x, e in ((0, m.before), (1, m.after)):
            ax.plot([x, x], [scale * e.low, scale * e.high], color=colour, lw=2, zorder=5,
                    solid_capstyle="butt")  # fmt: skip


def _names(ax: Any, known: dict[str, Moved], scale: float) -> None:
    """Whose figure clearly changed, at the right end of their lines, one below the other."""
    told = [(scale * m.after.value, who) for who, m in known.items() if m.verdict != Verdict.OPEN]
    low, high = ax.get_ylim()
    last = -np.inf
    for at, who in sorted(told):
        y = max(at, last + _APART * (high - low))
        last = y
        ax.annotate(who, (1.1, y), va="center", color=INK, fontsize=8.5, annotation_clip=False)


def _of_all(c: Changes) -> pd.DataFrame:
    """The cohort's figures, and how many changed."""
    rows = []
    for x in COMPARED:
        m = c.cohort.get(x.name)
        if m is None:
            continue
        n = sum(x.name in by for by in c.people.values())
        clear = {v: len(c.told(x.name, v)) for v in Verdict}
        rows.append({
            "Figure": x.title, f"Deck {c.first}": figure(x.name, m.before.value),
            f"Deck {c.then}": figure(x.name, m.after.value), "Mean change (95%)": by_how_much(m),
            "People": n, "Better": clear[Verdict.BETTER] if x.better else "",
            "Worse": clear[Verdict.WORSE] if x.better else "",
            "Cannot say": clear[Verdict.OPEN],
        })  # fmt: skip
    return pd.DataFrame(rows)


def _of_one(by: dict[str, Moved], c: Changes) -> pd.DataFrame:
    """One person's figures on both decks."""
    rows = [
        {
            "Figure": x.title, f"Deck {c.first}": figure(x.name, by[x.name].before.value),
            f"Deck {c.then}": figure(x.name, by[x.name].after.value),
            "Change (95%)": by_how_much(by[x.name]), "So": _so(by[x.name]),
        }
        for x in COMPARED if x.name in by
    ]  # fmt: skip
    return pd.DataFrame(rows)


def _so(m: Moved) -> str:
    if m.verdict is Verdict.OPEN:
        return "; ".join(filter(None, ["not enough items", more(m)]))
    return str(m.verdict)


def change_of_people(d: Debrief) -> Html | Note:
    """One line for each person who played both decks: what each showed, what clearly changed."""
    c = d.changes
    if c is None:
        return Note(_ONE_DECK)
    rows = []
    for who, (before, after) in c.scores.items():
        m = c.people[who].get("missed")
        o = c.people[who].get("opened")
        rows.append({
            "Who": who, f"On deck {c.first}": kindly(before), f"On deck {c.then}": kindly(after),
            "Let through": _pair(m), "Opened": _pair(o),
            "What clearly changed": theirs(c.people[who]),
        })  # fmt: skip
    return Html(table_html(pd.DataFrame(rows), css="data wide"))


def _pair(m: Moved | None) -> str:
    if m is None:
        return "not known"
    return f"{figure(m.name, m.before.value)} \N{RIGHTWARDS ARROW} {figure(m.name, m.after.value)}"
