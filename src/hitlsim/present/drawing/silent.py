"""Silent errors by every way of counting them, as one figure."""

from __future__ import annotations

from html import escape
from typing import Any

import numpy as np
import pandas as pd

from ...decisions.estimating.intervals import Estimate, clopper_pearson
from ...decisions.judging.silent import Silent
from ...decisions.judging.ways import Trust, Way
from ...decisions.judging.words import as_judged
from .. import style
from ..axes import finding, rows_axis
from ..picture import Html, Note, Picture, table_html
from ..style import BLACK, BLUE, GREEN, GREY, INK, MIST, VERMILLION, count, percent, reason_words

_LOOKS = {
    Trust.WRONG: (VERMILLION, "X"),
    Trust.DOUBTFUL: (GREY, "s"),
    Trust.FAIR: (GREEN, "o"),
    Trust.TRUE: (BLACK, "D"),
}
"""Colour and mark of a way, so that neither alone tells them apart."""


_ALIKE = 0.99
"""What a look counts from which nobody need be told that chances differed."""
_SAYS = {
    "complaints": "complaints alone say",
    "reviewed": "what people reviewed says",
    "unlabelled": "what was found so far says",
    "known": "all that is known, in one pot, says",
}


def draw_silent(found: Silent) -> Picture:
    """The share of bad ones among what went alone, by every way of counting.

    Parameters
    ----------
    found : Silent
        Of :func:`hitlsim.silent`.
    """
    drawn = [w for w in found.ways if w["fn_of_auto"].known]
    title = _title(found)
    with style.drawing(1.35 + 0.42 * len(drawn)) as fig:
        finding(fig, title)
        ax = fig.add_subplot()
        _draw(ax, drawn, found.believe)
        png = style.to_png(fig)
    low, high = (f(w["fn_of_auto"].value for w in drawn) for f in (min, max))
    return Picture(
        png=png,
        title=title,
        alt=f"{title}. {len(drawn)} ways of counting, from {low:.1%} to {high:.1%}, each with its "
        "interval.",
        caption=f"Share of bad ones among the {count(found.alone)} decisions that went alone, by "
        "way of counting. Crosses mislead, circles can be believed, squares are doubtful, the "
        "diamond and dashed line are the truth, where it is known, hidden from the others. Bars: "
        "95% intervals, which take decisions as independent of each other.",
        table=_table(drawn, found.believe),
    )


def _title(found: Silent) -> str:
    best = found.best
    wrong = [
        w for w in found.ways
        if w.trust is Trust.WRONG and w["fn_of_auto"].known
    ]  # fmt: skip
    if not best.known:
        return "There is not enough evidence to say how many silent errors there are"
    said = percent(best)
    judged = "would be called" if as_judged(found) else "was"
    whole = f"{said} of what went alone {judged} bad"
    if not wrong:
        return whole
    off = next((w for w in wrong if w.name == "complaints"), wrong[0])
    return f"{whole}; {_SAYS[off.name]} {off['fn_of_auto'].value:.1%}"


def _draw(ax: Any, ways: list[Way], believe: str) -> None:
    top = 0.0
    for y, way in enumerate(ways):
        e = way["fn_of_auto"]
        colour, mark = _LOOKS[way.trust]
        best = way.name == believe
        value, low, high = 100 * e.value, 100 * e.low, 100 * e.high
        ax.plot([low, high], [y, y], color=colour, lw=3.2 if best else 1.8, zorder=3,
                solid_capstyle="butt")  # fmt: skip
        if not e.few:
            ax.plot(value, y, mark, color=colour, ms=9 if best else 7, mec="white", zorder=4)
        ax.annotate(
            percent(e), (high, y), xytext=(8, 0), textcoords="offset points", va="center",
            fontsize=9, color=INK, fontweight="bold" if best else "normal", zorder=5,
            bbox={"boxstyle": "square,pad=0.1", "fc": "white", "ec": "none", "alpha": 0.85},
        )  # fmt: skip
        top = max(top, high)
        if way.trust is Trust.TRUE:
            ax.axvline(value, color=BLACK, lw=1.1, ls=(0, (5, 3)), zorder=1)
    ax.set_yticks(range(len(ways)), [w.title for w in ways], color=INK)
    for label, way in zip(ax.get_yticklabels(), ways, strict=True):
        label.set_fontweight("bold" if way.name == believe else "normal")
    ax.set_ylim(len(ways) - 0.45, -0.55)
    ax.set_xlim(0, 1.3 * top)
    ax.set_xlabel("bad ones among what went alone, %")
    ax.grid(axis="x", color=MIST, lw=1)
    rows_axis(ax)


def _table(ways: list[Way], believe: str) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "Way": [w.title for w in ways],
            "": ["believe this" if w.name == believe else str(w.trust) for w in ways],
            "Of what went alone": [percent(w["fn_of_auto"]) for w in ways],
            "Of all it may take alone": [percent(w["fn_share"]) for w in ways],
            "Outcomes": [count(w["fn_of_auto"].n) for w in ways],
            "Because": [w.why for w in ways],
        }
    )


def draw_looks(found: Silent) -> Picture | Note:
    """How precisely the share of bad ones is known after so many looks.

    Parameters
    ----------
    found : Silent
        Of :func:`hitlsim.silent`.
    """
    if found.complete:
        return Note("Every outcome is known, so no look is needed.")
    if not found.looks:
        return Note("Nothing was looked at yet, so what a look brings cannot be drawn.")
    p, looks, wanted = found.get("looks").value, found.looks, found.within
    sizes = np.unique(np.geomspace(40, max(3 * (looks + found.more), 400), 60).astype(int))
    halves = np.array([_half(p, n * found.worth) for n in sizes])
    now = _half(p, looks * found.worth)
    title = f"{looks:,} looks tell the share of bad ones to within {100 * now:.2g} points"
    if found.more:
        title += f"; {found.more:,} more make it {100 * wanted:g}"
    with style.drawing(3.2) as fig:
        finding(fig, title)
        ax = fig.add_subplot()
        ax.plot(sizes, 100 * halves, color=BLUE, lw=2)
        ax.axhline(100 * wanted, color=GREEN, lw=1.2, ls=(0, (4, 3)))
        ax.annotate(f"asked for: {100 * wanted:g}", (sizes[0], 100 * wanted), xytext=(2, 4),
                    textcoords="offset points", color=GREEN, fontweight="bold")  # fmt: skip
        for at, half, name in ((looks, now, "now"), (looks + found.more, wanted, "then")):
            if name == "now" or found.more:
                ax.plot(at, 100 * half, "o", color=BLUE, ms=8, mec="white", zorder=4)
                ax.annotate(f"{name}: {at:,}", (at, 100 * half), xytext=(7, 5), color=BLUE,
                            textcoords="offset points", fontweight="bold")  # fmt: skip
        ax.set_xscale("log")
        ax.xaxis.set_major_formatter(lambda x, _: f"{x:,.0f}")
        ax.set_ylim(0, 100 * min(halves.max(), 8 * max(now, wanted)) * 1.1)
        ax.set_xlabel("decisions picked by chance and looked at")
        ax.set_ylabel("points to either side")
        ax.grid(color=MIST, lw=1)
        png = style.to_png(fig)
    unequal = ""
    if found.worth < _ALIKE:
        unequal = f" A look counts {found.worth:.2f}, as not all had the same chance."
    rows = [
        (f"{n:,}", f"{100 * _half(p, n * found.worth):.2g} points")
        for n in sorted({100, 300, 1000, 3000, 10_000, looks, looks + found.more})
    ]
    return Picture(
        png=png,
        title=title,
        alt=f"{title}. The line falls with the square root of the number of looks.",
        caption=f"Half the width of the 95% interval of the share of bad ones, were it "
        f"{p:.1%} as now.{unequal} Takes decisions as independent; mistakes of those who "
        "look come on top.",
        table=pd.DataFrame(rows, columns=["Looks", "To either side"]),
    )


def _half(share: float, n: float) -> float:
    e = clopper_pearson(share * n, n)
    return (e.high - e.low) / 2


def told(found: Silent) -> Html:
    """What to believe and why, and what would tell more, as lists."""
    why = "".join(f"<li>{escape(s)}</li>" for s in found.why())
    more = "".join(f"<li>{escape(s)}</li>" for s in found.missing())
    return Html(f"<ul>{why}</ul>" + (f"<p><b>To know more</b></p><ul>{more}</ul>" if more else ""))


def reasons_table(found: Silent) -> Html | Note:
    """For each reason for which people were asked: how many, and the share that was bad."""
    if found.triggers.empty:
        return Note("The log does not say why people were asked (column reason).")
    rows = []
    for row in found.triggers.to_dict("records"):
        e = Estimate(**{c: row[c] for c in ("value", "low", "high", "n", "assumes", "few")})
        rows.append((reason_words(row["reason"]), row["asked"], count(e.n), percent(e)))
    alone = ("(went alone)", found.alone, count(found.looks), percent(found.best))
    table = pd.DataFrame([*rows, alone], columns=["Reason", "Asked", "Outcomes", "Bad among them"])
    return Html(table_html(table))
