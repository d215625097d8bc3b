"""How everything looks and reads: colours, type, and figures written as words."""

from __future__ import annotations

import io
import math
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import numpy as np

from ..decisions.counting.metrics import Unit
from ..decisions.estimating.intervals import Estimate
from ..decisions.log import month_span

if TYPE_CHECKING:
    from matplotlib.figure import Figure

BLACK, BLUE, VERMILLION, GREEN = "#000000", "#0072B2", "#D55E00", "#009E73"
"""Okabe & Ito's colours that reach 3:1 on white: the only ones for lines and points."""
SKY, ORANGE, PURPLE = "#56B4E9", "#E69F00", "#CC79A7"
"""Okabe & Ito's paler colours: for areas only, with an edge and a hatch."""
INK, GREY, PALE, MIST = "#1A1A1A", "#5F6368", "#C9CDD2", "#EEF1F4"

AS_WORDS = {GREEN: "#00704F", VERMILLION: "#A84300"}
"""The same hues for words: those need 4.5:1 on white, lines and points only 3:1."""

FILLS = (BLUE, ORANGE, GREEN, PURPLE, PALE)
HATCHES = ("", "////", "....", "\\\\\\\\", "")
"""Areas differ by colour and by hatch; the last of each is for what is left over."""

WIDTH_IN = 9.4
DPI = 200
"""Twice what a page of 980 px shows, so that figures stay sharp on good screens and on paper."""

_RC = {
    "font.family": "DejaVu Sans",
    "font.size": 9.5,
    "text.color": INK,
    "text.parse_math": False,  # a workflow may be called a$b$
    "axes.edgecolor": PALE,
    "axes.labelcolor": GREY,
    "axes.labelsize": 9.5,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "xtick.color": PALE,
    "ytick.color": PALE,
    "xtick.labelcolor": GREY,
    "ytick.labelcolor": GREY,
    "grid.color": MIST,
    "hatch.linewidth": 0.8,
    "figure.dpi": DPI,
    "savefig.dpi": DPI,
}

_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
)  # fmt: skip


@contextmanager
def drawing(height_in: float) -> Iterator[Figure]:
    """An empty figure in our style, whatever the user's own settings of matplotlib are."""
    import matplotlib.style
    from matplotlib.figure import Figure

    with matplotlib.style.context(["default", _RC]):
        yield Figure(figsize=(WIDTH_IN, height_in), layout="constrained", facecolor="white")


def to_png(figure: Figure) -> bytes:
    """The figure as PNG; the same figure gives the same bytes. Call it inside :func:`drawing`.

    It has a palette: drawn words have a thousand shades at their edges, 256 do for the eye, and
    the picture takes a third of the room.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.text import Text
    from PIL import Image

    for words in figure.findobj(Text):
        words.set_color(AS_WORDS.get(words.get_color(), words.get_color()))
    canvas = FigureCanvasAgg(figure)
    with warnings.catch_warnings():
        # a name in a script our font lacks shows as boxes, and stands in the table in full
        warnings.filterwarnings("ignore", message="Glyph .* missing from font")
        canvas.draw()
    drawn = Image.fromarray(np.asarray(canvas.buffer_rgba())).convert("RGB")
    few = drawn.quantize(method=Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE)
    out = io.BytesIO()
    few.save(out, format="png", dpi=(DPI, DPI))
    return out.getvalue()


def month_name(month: str) -> str:
    """A month in words, the same in every locale.

    >>> month_name("2026-09")
    'September 2026'
    """
    start, _ = month_span(month, None)
    return f"{_MONTHS[start.month - 1]} {start.year}"


def plain(name: str) -> str:
    """A name of the log as words.

    >>> plain("first_time")
    'first time'
    """
    return name.replace("_", " ")


_REASONS = {
    "low_band": "low confidence",
    "medium_band": "medium confidence",
    "first_time": "first-time scenarios",
    "conflicting": "conflicting signals",
    "ethical": "ethical boundaries",
}


def reason_words(name: str) -> str:
    """A reason for an exception in words.

    >>> reason_words("low_band"), reason_words("deal_size")
    ('low confidence', 'deal size')
    """
    return _REASONS.get(name, plain(name))


def shortened(text: str, most: int = 30) -> str:
    """A name that fits beside an axis.

    >>> shortened("a very long name of a workflow", 12)
    'a very long…'
    """
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"


def count(value: float) -> str:
    """A number of things.

    >>> count(20236)
    '20,236'
    """
    return "not known" if math.isnan(value) else f"{value:,.0f}"


def _digits(e: Estimate) -> int:
    """Decimals of a percentage: small rates need two."""
    largest = e.value if math.isnan(e.high) else e.high
    return 2 if largest < 0.01 else 1


def percent(e: Estimate) -> str:
    """A share with its interval; the interval alone where too few failures were found.

    >>> percent(Estimate(0.1234, 0.119, 0.128, 1000, ""))
    '12.3% (11.9-12.8)'
    >>> percent(Estimate(0.01, 0.001, 0.031, 90, "", few=True))
    'between 0.1% and 3.1%'
    """
    if not e.known:
        return "not known"
    d = _digits(e)
    if e.few:
        return f"between {e.low:.{d}%} and {e.high:.{d}%}"
    if math.isnan(e.low):
        return f"{e.value:.{d}%}"
    return f"{e.value:.{d}%} ({100 * e.low:.{d}f}-{100 * e.high:.{d}f})"


def duration(minutes: float) -> str:
    """A stretch of time, in the two units that matter.

    >>> duration(45.2), duration(290), duration(3419)
    ('45 min', '4 h 50 min', '2 days 9 h')
    """
    if math.isnan(minutes):
        return "not known"
    whole = round(minutes)
    if whole < 60:
        return f"{whole} min"
    if whole < 48 * 60:
        return f"{whole // 60} h {whole % 60} min"
    hours = round(minutes / 60)
    return f"{hours // 24} days {hours % 24} h"


def hours(value: float) -> str:
    """Hours of work.

    >>> hours(21.64), hours(132.2)
    ('21.6 h', '132 h')
    """
    if math.isnan(value):
        return "not known"
    return f"{value:.1f} h" if value < 99.95 else f"{value:,.0f} h"


def _clock(value: float) -> str:
    return duration(60 * value)


def written(e: Estimate, unit: Unit | str) -> str:
    """Any figure of the scorecard with its interval.

    >>> written(Estimate(301.5, 206.4, 396.7, 4339, ""), Unit.MINUTES)
    '5 h 2 min (3 h 26 min to 6 h 37 min)'
    """
    point, interval = parted(e, unit)
    return f"{point} ({interval})" if interval else point


def parted(e: Estimate, unit: Unit | str) -> tuple[str, str]:
    """A figure and its interval, each by itself; the interval is empty where there is none.

    >>> parted(Estimate(0.1234, 0.119, 0.128, 1000, ""), Unit.SHARE)
    ('12.3%', '11.9-12.8')
    """
    if not e.known:
        return "not known", ""
    if unit == Unit.SHARE:
        whole = percent(e)
        if e.few:
            d = _digits(e)
            return f"{100 * e.low:.{d}f}-{100 * e.high:.{d}f}%", "too few found for a point"
        return (whole[: whole.index(" ")], whole[whole.index("(") + 1 : -1]) if "(" in whole else (
            whole, "")  # fmt: skip
    if unit == Unit.COUNT:
        return count(e.value), ""
    write = {Unit.MINUTES: duration, Unit.HOURS: _clock, Unit.MONEY: count}.get(Unit(unit), hours)
    interval = "" if math.isnan(e.low) else f"{write(e.low)} to {write(e.high)}"
    return write(e.value), interval
