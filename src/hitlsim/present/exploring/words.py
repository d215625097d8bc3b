"""The explorer's findings in words."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from ...decisions.counting.measure import Unit
from ...decisions.counting.scorecard import Targets
from ...decisions.estimating.intervals import Estimate
from ...scenario.explain import listed
from ..style import count, duration, hours, parted, percent, plain
from .controls import controls_of
from .counting import WHOLE
from .figures import SHOWN, Answer

if TYPE_CHECKING:
    from .session import Explorer

_BAND = Targets().exception_rate


def focus_of(a: Answer) -> str:
    """The phase that titles speak of: the last one, in which the team is to stay."""
    return a.phases[-1]


def phase_words(phase: str) -> str:
    """A phase as a heading.

    >>> phase_words("steady-state"), phase_words("all")
    ('Steady state', 'Whole run')
    """
    return "Whole run" if phase == WHOLE else plain(phase.replace("-", " ")).capitalize()


def headline(a: Answer) -> str:
    """The finding above everything."""
    at = focus_of(a)
    rate, bad = a.now[at, "exception_rate"], a.now[at, "true_fn_share"]
    if not rate.known:
        return f"{phase_words(at)}: the AI may take nothing alone"
    return f"{phase_words(at)}: {rate.value:.1%} exceptions and {bad.value:.1%} silent errors"


def exceptions_title(a: Answer) -> str:
    """Where the exception rate lies, and how it differs."""
    e = a.now[focus_of(a), "exception_rate"]
    if not e.known:
        return "No decision that the AI may take alone"
    return f"{e.value:.1%} exceptions, {_band_words(e)}{_against(a, 'exception_rate')}"


def _band_words(e: Estimate) -> str:
    low, high = _BAND
    band = f"{100 * low:g}-{100 * high:g}%"
    if e.low < low < e.high or e.low < high < e.high:
        return f"at the edge of {band}"
    where = "under" if e.value < low else "over" if e.value > high else "inside"
    return f"{where} {band}"


def silent_title(a: Answer) -> str:
    """How many bad ones went out with nobody asked."""
    e = a.now[focus_of(a), "true_fn_share"]
    if not e.known:
        return "No silent errors: nothing may go alone"
    return f"{e.value:.1%} silent errors{_against(a, 'true_fn_share')}"


def waits_title(a: Answer) -> str:
    """How long people are waited for."""
    at = focus_of(a)
    half, day = a.now[at, "wait_median"], a.now[at, "within_24h"]
    if not half.known:
        return "Nothing waited for a person"
    return (
        f"{day.value:.0%} begun within a day; half wait under {duration(half.value)}"
        f"{_against(a, 'wait_median')}"
    )


def work_title(a: Answer, currency: str) -> str:
    """What people spend, and what it all costs."""
    at = focus_of(a)
    busy, cost = a.now[at, "utilisation"], a.now[at, "true_cost"]
    said = f"{hours(a.now[at, 'review_hours'].value)} a week, {busy.value:.0%} of the desk's"
    return f"{said}; {count(cost.value)} {currency} per 1,000{_against(a, 'true_cost')}"


def _against(a: Answer, figure: str) -> str:
    """How it differs from the pinned policy; what chance can explain is not called a difference."""
    if a.same:
        return ""
    e = a.apart[focus_of(a), figure]
    if not e.known:
        return ""
    if e.value == 0 and (math.isnan(e.low) or e.low == e.high):
        return ": as pinned"
    if not re.search("[1-9]", amount(e, figure)):
        return ": hardly any change from pinned"
    if math.isnan(e.low):
        return f": {amount(e, figure)} than pinned, from one run"
    if e.low <= 0 <= e.high:
        return ": no clear change from pinned"
    return f": {amount(e, figure)} than pinned"


def amount(e: Estimate, figure: str) -> str:
    """A difference in its unit, with its direction.

    >>> amount(Estimate(-0.021, -0.03, -0.01, 9, ""), "exception_rate")
    '2.1 points fewer'
    """
    unit, size = SHOWN[figure].unit, abs(e.value)
    counted = unit in (Unit.SHARE, Unit.HOURS_PER_WEEK)
    more = "more" if e.value > 0 else "fewer" if counted else "less"
    if unit == Unit.SHARE:
        return f"{100 * size:.{_digits(e)}f} points {more}"
    if unit == Unit.MINUTES:
        return f"{duration(size)} {more}"
    if unit == Unit.MONEY:
        return f"{count(size)} {more}"
    return f"{hours(size)} {more}"


def _digits(e: Estimate) -> int:
    """Decimals of points: as many as the interval deserves."""
    half = (e.high - e.low) / 2
    return 2 if abs(e.value) < 0.001 and (math.isnan(half) or half < 0.0005) else 1


def signed(e: Estimate, figure: str) -> str:
    """A difference with its interval, in a few letters.

    >>> signed(Estimate(-0.021, -0.026, -0.016, 9, ""), "exception_rate")
    '-2.1 ±0.5'
    >>> signed(Estimate(-0.0001, -0.004, 0.004, 9, ""), "exception_rate")
    '0.0 ±0.4'
    >>> signed(Estimate(95.0, 65.0, 125.0, 9, ""), "wait_median")
    '+1 h 35 min ±30 min'
    """
    unit = SHOWN[figure].unit
    if not e.known or (e.value == 0 and e.low == e.high):
        return "as pinned"
    half = (e.high - e.low) / 2
    if unit == Unit.MINUTES:
        sign = "" if round(e.value) == 0 else "+" if e.value > 0 else "-"
        rest = "" if math.isnan(half) else f" ±{duration(half)}"
        return f"{sign}{duration(abs(e.value))}{rest}"
    scale, digits = {Unit.SHARE: (100, 1), Unit.MONEY: (1, 0)}.get(unit, (1, 1))
    if unit == Unit.SHARE and 100 * half < 0.05:
        digits = 2
    rest = "" if math.isnan(half) else f" ±{scale * half:,.{digits}f}"
    moved = f"{scale * e.value:+,.{digits}f}"
    return f"{moved if re.search('[1-9]', moved) else moved[1:]}{rest}"


def basis(explorer: Explorer, a: Answer) -> str:
    """From what the figures are, and what intervals assume."""
    runs = f"{a.runs} runs" if a.runs > 1 else "1 run"
    first = (
        f"{runs}, {count(a.decisions)} decisions, from seed {explorer.seed} on."
        f"{_left_out(explorer, a)}"
    )
    bars = ("Bars: 95% intervals of the mean over runs." if a.runs > 1 else
            "Bars: 95% intervals from within that run.")  # fmt: skip
    if a.same:
        return f"{first} {bars} This is the pinned policy ({explorer.pinned_as})."
    paired = "seed by seed" if a.runs > 1 else "day by day"
    world = "in the same world" if _same_world(explorer) else (
        "though volumes differ, and with them what arrives")  # fmt: skip
    return (
        f"{first} {bars} Filled: now; outline: pinned ({explorer.pinned_as}). Differences are "
        f"paired {paired}, {world}."
    )


def _left_out(explorer: Explorer, a: Answer) -> str:
    """Which phases are not spoken of, since some run never came to them."""
    names = [phase_words(p) for p in explorer.base.phases if str(p) not in a.phases]
    every = "that run" if a.runs == 1 else "every run"
    return f" Not reached in {every}, so left out: {listed(names).lower()}." if names else ""


def _same_world(explorer: Explorer) -> bool:
    """Whether the same decisions arrive under the pinned policy."""
    now, pinned = (
        {place: times for place, times in moves.items() if place[0] == "volume"}
        for moves in (explorer.moves, explorer.pinned_moves)
    )
    return now == pinned


def moves_words(explorer: Explorer) -> list[str]:
    """What stands elsewhere than in the pinned policy."""
    now, pinned = explorer.control(), controls_of(explorer.base, explorer.pinned_moves)
    said = []
    for place, control in now.items():
        before = pinned[place]
        inherits = control.scope and not control.own and control.name not in ("reviewers", "volume")
        if control.value == before.value or (inherits and not before.own):
            continue
        said.append(f"{_named(*place)} {shown(before.value)} → {shown(control.value)}")
    return said


_MOST_NAMED = 3


def name_of(explorer: Explorer) -> str:
    """What a policy is called that nobody gave a name: by what was moved.

    >>> import hitlsim as hs
    >>> name_of(hs.explore("outbound").set(auto=0.9))
    'outbound with auto 0.9'
    """
    said = [f"{_named(*place)} {shown(value)}" for place, value in explorer.moves.items()]
    more = len(said) - _MOST_NAMED
    said = [*said[:_MOST_NAMED], *([f"{more} more"] if more > 0 else [])]
    return f"{explorer.base.name} with {listed(said)}" if said else explorer.begun_as


def _named(name: str, scope: str) -> str:
    named = plain(name)
    return f"{named} of {plain(scope)}" if scope else named


def shown(value: Any) -> str:
    """A setting as it is read.

    >>> shown(0.85), shown(600000.0), shown(None), shown(("ethical",))
    ('0.85', '600,000', 'never', 'ethical')
    """
    if value is None:
        return "never"
    if isinstance(value, (tuple, list)):
        return ", ".join(plain(v) for v in value) or "none"
    if isinstance(value, (int, float)):
        return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:g}"
    return str(value)


def table_rows(a: Answer, money: str) -> Iterator[dict[str, str]]:
    """Every figure with its interval, phase by phase, as texts."""
    units = {Unit.MONEY: f", {money} per 1,000", Unit.HOURS_PER_WEEK: " a week"}
    for phase in a.phases:
        for name, f in SHOWN.items():
            e = a.now[phase, name]
            against = {} if a.same else {
                "Pinned": written(a.pinned[phase, name], name),
                "Difference": signed(a.apart[phase, name], name),
            }  # fmt: skip
            yield {
                "Phase": phase_words(phase), "Figure": f"{f.title}{units.get(f.unit, '')}",
                "Now": written(e, name), **against, "n": count(e.n), "Interval assumes": e.assumes,
            }  # fmt: skip


def written(e: Estimate, name: str) -> str:
    """A figure with its interval."""
    if SHOWN[name].unit == Unit.SHARE:
        return percent(e)
    point, interval = parted(e, SHOWN[name].unit)
    return f"{point} ({interval})" if interval else point
