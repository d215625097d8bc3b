"""What a watched log says, in words: the most important first, each with its chance rate."""

from __future__ import annotations

import math
from collections.abc import Iterator
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from ...scenario.explain import band_words
from ..estimating.intervals import Estimate
from .alarms import RARELY, Alarm
from .chart import NEEDS_OUTCOMES, TITLES, Chart
from .observed import BASE, CALIBRATION, EXCEPTION, OVERRIDE, SCORE, SILENT

if TYPE_CHECKING:
    from .watch import Watch

_SMALLER = 1.5
"""Odds of a change that is told beside the one looked for."""
_HOPELESS = 500
"""Periods after which nobody waits any more."""
_LONG = 20
"""Weeks of a baseline from which limits hardly get narrower."""
_BLUNT = 8.0
"""Slower than so many periods on average, a chart is said to be blunt."""


class Status(StrEnum):
    """What a chart says."""

    ALARM = "alarm"
    OVER = "over"
    QUIET = "nothing seen"
    OPEN = "not enough evidence"


class Finding(NamedTuple):
    """What one chart says, in words."""

    chart: str
    status: Status
    words: str


def headline_of(w: Watch) -> str:
    """The one thing to take away."""
    silent = w.ongoing_in(SILENT)
    if silent is not None and silent.up:
        return (
            f"Silent errors rose from {_rate(silent.before)} to {_rate(silent.now)} "
            f"{_meanwhile(w)}, {_since(w, silent)}."
        )
    for name in (CALIBRATION, BASE):
        a = w.ongoing_in(name)
        if a is not None and a.up:
            return f"{_opening(a)}, {_since(w, a)}."
    for a in w.ongoing:
        return f"{_opening(a)}, {_since(w, a)}."
    if SILENT in w.missing:
        return "Whether silent errors rose cannot be said: too little of what went alone is known."
    what = f"Nothing changed that {_span(w, len(w.calendar.watched))} could show"
    past = [a for a in w.alarms if a.name in NEEDS_OUTCOMES]
    if past:
        a = past[0]
        return f"{what} at the end; {_opening(a).lower()} {_during(w, a)}."
    return f"{what}; of silent errors {_power(w, w.charts[SILENT])}."


def findings_of(w: Watch) -> Iterator[Finding]:
    """Every chart in words: alarms in force, then the quiet ones, then those that are over."""
    for a in w.ongoing:
        yield Finding(a.name, Status.ALARM, _told(w, a))
    for name, chart in w.charts.items():
        if w.ongoing_in(name) is None:
            yield Finding(name, Status.QUIET, _quiet(w, chart))
    for a in w.alarms:
        if not a.ongoing:
            words = f"{_opening(a, full=True)}, {_during(w, a)} (n = {a.now.n:,.0f})."
            yield Finding(a.name, Status.OVER, words)
    for name, why in w.missing.items():
        yield Finding(name, Status.OPEN, f"{TITLES[name]}: not enough evidence; {why}.")


def cause_of(w: Watch) -> str:
    """Which of the three findings stands behind what got worse; empty where nothing did."""
    worse = [a for n in (CALIBRATION, BASE) if (a := w.ongoing_in(n)) is not None and a.up]
    if not worse:
        return ""
    a = worse[0]
    moved = w.ongoing_in(SCORE) is not None
    if SCORE not in w.charts:
        scores = "whether the scores themselves moved is not known"
    elif moved:
        scores = "the scores themselves moved, too"
    elif w.charts[SCORE].spread.over:
        scores = "the scores' distribution moves as much as it did in the baseline"
    else:
        scores = "the scores' distribution did not move, so it does not show it"
    return f"{_opening(a, full=True)}, {_since(w, a)}; {scores}. {_capital(chance_words(w, a))}."


def next_step(w: Watch) -> str:
    """What to do about it."""
    worse = [n for n in NEEDS_OUTCOMES if (a := w.ongoing_in(n)) is not None and a.up]
    if CALIBRATION in worse:
        return (
            "Until the cause is found, let the AI do less alone: the score promises more than it "
            f"keeps. Read a sample of what went alone {_from(w, w.ongoing_in(CALIBRATION))}, look "
            "for what changed then (the model, its prompts, the list, the market), and fit the "
            "score anew on outcomes from after the change."
        )
    if worse:
        return (
            f"Find out what changed {_from(w, w.ongoing_in(worse[0]))} before touching the bands: "
            "read a sample of what went alone. The scores keep what they promise, so a higher "
            "threshold would catch more of it."
        )
    if any(w.ongoing_in(n) is not None for n in (SCORE, EXCEPTION)):
        return (
            "Look at what comes in: other workflows, other lists, another model? Check the "
            "threshold with 'hitlsim tune' on the log from after the change."
        )
    if w.ongoing and all(a.better for a in w.ongoing):
        return (
            "Good news if it is so: make sure that whoever looks is as strict as before. If it "
            "lasts, 'hitlsim tune' says how much more may run alone."
        )
    if w.ongoing:
        return "Ask the reviewers what changed; 'hitlsim diagnose' shows how they review."
    if SILENT in w.missing:
        return (
            "Have somebody look at a random sample of what goes alone each week, and log its "
            "chance to be picked (column inclusion)."
        )
    found = w.power(SILENT)
    if found.periods > _BLUNT:
        return (
            f"Look at more of what goes alone: {found.n:.0f} outcomes a {w.by} see a doubling "
            f"{_lasts(w, found.periods)} on average."
        )
    return f"Nothing to do; watch again next {w.by}."


def chance_words(w: Watch, a: Alarm) -> str:
    """How often chance alone would say so."""
    unit = w.by
    far = (
        f"less than once in {RARELY:,} {unit}s" if a.farthest > RARELY
        else f"once in {a.farthest:,.0f} {unit}s"
    )  # fmt: skip
    said = f"chance alone raises this chart once in {a.once_in:,.0f} {unit}s"
    if "limits" not in a.rules or a.farthest < a.once_in:
        return said
    return f"{said}, and takes one {unit} this far {far}"


def _told(w: Watch, a: Alarm) -> str:
    """An alarm with its size, its evidence and its chance."""
    seen = f" (raised {_when(w, a.raised)})" if a.raised != a.since else ""
    said = f"{_opening(a, full=True)}, {_since(w, a)}{seen}. {_evidence(w, a)}"
    return f"{said} {_capital(chance_words(w, a))}."


def _opening(a: Alarm, *, full: bool = False) -> str:
    write = _share if full else _rate
    if a.name == CALIBRATION:
        side = "more" if a.up else "less"
        times = _times(a.times) if full else f"{a.times.value:.1f} times"
        return (
            f"At the same scores it is wrong {side} often: the odds are {times} those of the "
            "baseline (calibration)"
        )
    if a.name == SCORE:
        size = f" (stability index {a.now.value:.2f}, {a.now.low:.2f}-{a.now.high:.2f})"
        return f"Scores are distributed otherwise than in the baseline{size if full else ''}"
    what = {
        SILENT: "Silent errors", BASE: "Bad ones among all it may take alone",
        EXCEPTION: "Exceptions", OVERRIDE: "Overrides",
    }[a.name]  # fmt: skip
    return f"{what} {'rose' if a.up else 'fell'} from {write(a.before)} to {write(a.now)}"


def _evidence(w: Watch, a: Alarm) -> str:
    n = f"n = {a.now.n:,.0f}"
    if a.name == CALIBRATION:
        said = f"{_rate(a.now)} were bad where the baseline's scores promised {_rate(a.before)}"
        return f"{_capital(said)} ({n}).{_slope(a)}"
    if a.name == SCORE:
        return f"Scores in the farthest {w.by}: {n}."
    if a.name == BASE:
        return f"The odds are {_times(a.times)} the baseline's ({n} outcomes). {_because(w)}"
    kind = {EXCEPTION: "decisions", OVERRIDE: "verdicts"}.get(a.name, "outcomes of what went alone")
    return f"The odds are {_times(a.times)} the baseline's ({n} {kind})."


def _slope(a: Alarm) -> str:
    """Whether the score still tells good from bad."""
    s = a.slope
    if not s.known:
        return ""
    figure = f"({s.value:.1f} of what it did; {s.low:.1f} to {s.high:.1f})"
    if s.low > 0:
        well = "still tells good from bad" if s.high >= 1 else "tells good from bad less well"
        return f" The score {well} {figure}."
    if s.high < 1:
        return f" Nothing shows that the score still tells good from bad {figure}."
    return " These are too few to say whether the score still tells good from bad."


def _because(w: Watch) -> str:
    """Which of the three the base rate comes from."""
    calibration, score = (w.ongoing_in(n) is not None for n in (CALIBRATION, SCORE))
    if calibration and not score:
        return "It is worse at the same scores; the scores' distribution does not show it."
    if calibration:
        return "It is worse at the same scores, and the scores moved, too."
    if score:
        return "The scores moved with it and keep what they promise."
    return "Neither calibration nor the scores' distribution moved clearly."


def _meanwhile(w: Watch) -> str:
    """What the exception rate did while silent errors rose."""
    now, before = w.exceptions
    if not now.known:
        return "with no exception rate to show it"
    low, high = w.band
    if low <= now.value <= high:
        return f"while exceptions stayed inside {band_words(w.band)}, at {now.value:.1%}"
    change = f"from {before.value:.1%} to {now.value:.1%}"
    if now.low > before.value:
        return f"although exceptions rose, too, {change}"
    if now.high < before.value:
        return f"as exceptions fell {change}"
    return f"while exceptions hardly moved ({change})"


def _quiet(w: Watch, chart: Chart) -> str:
    n = len(chart.watched[chart.watched["n"] > 0])
    said = f"{chart.title}: no alarm in force after {_span(w, n)}"
    if chart.name == SCORE:
        limit = chart.watched["high"].median()
        if math.isnan(limit):
            return f"{said}; no {w.by} has enough decisions to be judged."
        return f"{said}; a stability index above {limit:.2g} would have been one.{_blunt(chart)}"
    return f"{said}; {_power(w, chart)}.{_blunt(chart)}"


def _power(w: Watch, chart: Chart) -> str:
    """What would have been seen."""
    found, smaller = w.power(chart.name, w.shift), w.power(chart.name, _SMALLER)
    what = f"a rise from {found.share:.1%} to {found.becomes:.1%}"
    less = f"one to {smaller.becomes:.1%}"
    if chart.name == CALIBRATION:
        what = f"odds of being wrong {w.shift:g} times the baseline's, at the same scores,"
        less = f"{_SMALLER:g} times"
    said = f"{what} would be seen {_lasts(w, found.periods)} on average"
    if smaller.periods > 1.5 * found.periods and found.periods < _HOPELESS:
        said += f", {less} {_lasts(w, smaller.periods)}"
    return said


def _blunt(chart: Chart) -> str:
    if not chart.spread.over:
        return ""
    more = " A longer baseline would narrow the limits." if chart.spread.weeks < _LONG else ""
    return f" {_capital(chart.because)}, so only larger changes show.{more}"


def _lasts(w: Watch, periods: float) -> str:
    if periods > _HOPELESS:
        return f"only after more than {_HOPELESS} {w.by}s"
    n = max(1, math.ceil(periods - 0.05))
    return f"within {_span(w, n)}"


def _span(w: Watch, n: int) -> str:
    return f"{n} {w.by}{'' if n == 1 else 's'}"


def _when(w: Watch, label: str) -> str:
    return f"in {label}" if w.by == "month" else f"in the week of {label}"


def _since(w: Watch, a: Alarm) -> str:
    return f"since {a.since}" if w.by == "month" else f"since the week of {a.since}"


def _during(w: Watch, a: Alarm) -> str:
    if a.since == a.until:
        return _when(w, a.since)
    weeks = "" if w.by == "month" else "the week of "
    return f"from {weeks}{a.since} to {'that of ' if weeks else ''}{a.until}"


def _from(w: Watch, a: Alarm | None) -> str:
    return "then" if a is None else _since(w, a)


def _rate(e: Estimate) -> str:
    """A share without its interval."""
    d = 2 if e.value < 0.01 else 1
    return f"{e.low:.{d}%}-{e.high:.{d}%}" if e.few else f"{e.value:.{d}%}"


def _share(e: Estimate) -> str:
    """A share with its interval."""
    d = 2 if e.value < 0.01 else 1
    between = f"{100 * e.low:.{d}f}-{100 * e.high:.{d}f}"
    return f"{between}%" if e.few else f"{e.value:.{d}%} ({between})"


def _times(e: Estimate) -> str:
    return f"{e.value:.1f} times ({e.low:.1f}-{e.high:.1f})"


def _capital(text: str) -> str:
    return f"{text[0].upper()}{text[1:]}"
