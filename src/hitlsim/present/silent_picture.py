"""Silent errors by every way of counting them, as one figure."""

from __future__ import annotations

from typing import Any

import pandas as pd

from ..decisions.judging.silent import Silent
from ..decisions.judging.ways import Trust, Way
from ..decisions.judging.words import as_judged
from . import style
from .axes import finding
from .picture import Note, Picture
from .style import BLACK, GREEN, GREY, INK, MIST, VERMILLION, count, percent

_LOOKS = {
    Trust.WRONG: (VERMILLION, "X"),
    Trust.DOUBTFUL: (GREY, "s"),
    Trust.FAIR: (GREEN, "o"),
    Trust.TRUE: (BLACK, "D"),
}
"""Colour and mark of a way, so that neither alone tells them apart."""


_SAYS = {
    "complaints": "complaints alone say",
    "reviewed": "what people reviewed says",
    "unlabelled": "what was found so far says",
    "known": "all that is known, in one pot, says",
}


def draw_silent(found: Silent) -> Picture | Note:
    """The share of bad ones among what went alone, by every way of counting.

    Parameters
    ----------
    found : Silent
        Of :func:`hitlsim.silent`.
    """
    drawn = [w for w in found.ways if w["fn_of_auto"].known]
    if not drawn:
        return Note("Silent errors cannot be drawn: no outcome is known of what went alone.")
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
        "diamond and dashed line are the truth, known only in a simulation. Bars: 95% intervals, "
        "which take decisions as independent of each other.",
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
    judged = "would be called" if as_judged(found) else "were"
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
    ax.tick_params(axis="y", length=0)
    ax.grid(axis="x", color=MIST, lw=1)
    ax.spines["left"].set_visible(False)


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
