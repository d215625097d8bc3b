"""Watch a decision log: what changed since the baseline, how much, and how sure that is."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from ...errors import LogError, NotEnoughEvidence
from ...shown import Shown
from ..estimating.intervals import Estimate, as_row
from ..log import DecisionLog
from .alarms import Alarm, alarms, as_estimate, estimate
from .chart import MEANS, NEEDS_OUTCOMES, TITLES, Chart
from .making import score_chart, share_chart
from .observed import CALIBRATION, EXCEPTION, SCORE, Observed
from .periods import Calendar, Period, calendar, clipped
from .power import Power, power_of
from .words import Finding, findings_of, headline_of, next_step

ONCE_IN = 370.0
"""Periods between two alarms of one chart that chance alone raises: the usual three sigmas."""
SHIFT = 2.0
"""The CUSUMs look for a doubling of the odds."""
_SIZES = (1.5, 2.0, 3.0)
_DEFAULT_BAND = (0.10, 0.15)


@dataclass(frozen=True)
class Watch(Shown):
    """What a log shows of change.

    Attributes
    ----------
    by : {"week", "month"}
    calendar : Calendar
        Periods and baseline.
    charts : mapping
        Control charts by name, in the order in which they are told.
    missing : mapping
        Charts that the log cannot support, and what would do.
    alarms : tuple of Alarm
        In the order in which they are told: those in force first.
    findings : tuple of Finding
        One sentence or more for each chart, the most important first.
    once_in : float
        Periods until chance alone raises any alarm at all, on average, at least.
    band : (float, float)
        The exception rate aimed at.
    assumes : str
        What all this takes for granted.
    """

    by: str
    calendar: Calendar
    charts: Mapping[str, Chart]
    missing: Mapping[str, str]
    alarms: tuple[Alarm, ...]
    once_in: float
    band: tuple[float, float]
    shift: float
    exceptions: tuple[Estimate, Estimate]
    assumes: str

    @property
    def headline(self) -> str:
        """The one thing to take away."""
        return headline_of(self)

    @property
    def findings(self) -> tuple[Finding, ...]:
        return tuple(findings_of(self))

    @property
    def next(self) -> str:
        """What to do about it."""
        return next_step(self)

    @property
    def ongoing(self) -> tuple[Alarm, ...]:
        """Alarms in force at the end of the log."""
        return tuple(a for a in self.alarms if a.ongoing)

    def ongoing_in(self, name: str) -> Alarm | None:
        """The alarm of one chart that is in force, if there is one."""
        return next((a for a in self.ongoing if a.name == name), None)

    @property
    def frame(self) -> pd.DataFrame:
        """All charts: one row for each chart and period."""
        return pd.concat(
            [c.frame.assign(chart=name, kind=c.kind) for name, c in self.charts.items()],
            ignore_index=True,
        )

    def power(self, name: str, times: float = SHIFT) -> Power:
        """What a chart would see of odds that are so many times those of its baseline.

        Raises
        ------
        LogError
            When the log supports no such chart, or it has no CUSUM.
        """
        known = [n for n in self.charts if n != SCORE]
        if name not in known:
            raise LogError(f"chart {name!r} has no power to tell; known: {', '.join(known)}")
        return power_of(self.charts[name], times)

    def to_dict(self) -> dict[str, Any]:
        """Everything as plain values."""
        return {
            "by": self.by,
            "headline": self.headline,
            "next": self.next,
            "findings": [
                {"chart": f.chart, "status": str(f.status), "words": f.words}
                for f in self.findings
            ],
            "once_in": self.once_in,
            "baseline": {
                "first": self.calendar.periods[0].label,
                "last": self.calendar.periods[self.calendar.baseline - 1].label,
                "periods": self.calendar.baseline,
                "because": self.calendar.because,
            },
            "alarms": [_alarm_row(a) for a in self.alarms],
            "charts": {name: _chart_row(c) for name, c in self.charts.items()},
            "power": [
                {"chart": name, "times": times, **_power_row(self.power(name, times))}
                for name in self.charts if name != SCORE for times in _SIZES
            ],
            "missing": dict(self.missing),
            "assumes": self.assumes,
        }  # fmt: skip


def watch(
    log: DecisionLog,
    *,
    by: str = "week",
    baseline: int | None = None,
    since: str | None = None,
    until: str | None = None,
    once_in: float = ONCE_IN,
    shift: float = SHIFT,
    exception_rate: tuple[float, float] = _DEFAULT_BAND,
) -> Watch:
    """Compare a log, week by week or month by month, with how it began.

    Three findings are kept apart: how much is bad (the base rate), whether it is worse than its
    scores promised (calibration), and whether the scores themselves moved. Beside them stand silent
    errors, exceptions and overrides.

    Parameters
    ----------
    log : DecisionLog
        With routes. Outcomes known by a complaint alone are left out.
    by : {"week", "month"}
    baseline : int, optional
        How many periods, from the first, the others are compared with; default those before
        steady state, else the first third, 8 weeks or 3 months at least.
    since, until : str, optional
        Only from this day or month to that one, such as ``2026-09-07`` or ``2026-09``.
    once_in : float
        Periods between two alarms of one chart that chance alone raises, on average.
    shift : float
        Odds that the CUSUMs look for, as a multiple of the baseline's; above 1.
    exception_rate : (float, float)
        The band aimed at; it changes only what is said.

    Returns
    -------
    Watch

    Raises
    ------
    LogError
        When the log does not say what went alone, or a setting makes no sense.
    NotEnoughEvidence
        When the log is too short; the message says how much would do.

    References
    ----------
    p-chart: Shewhart 1931; p': Laney 2002; risk-adjusted CUSUM: Steiner et al. 2000; its run
    length: Brook & Evans 1972; stability index: Yurdakul & Naranjo 2020.

    Examples
    --------
    >>> import hitlsim as hs
    >>> found = watch(hs.simulate(hs.load("drift"), seed=7).log)
    >>> found.headline.split(",")[0][:28]
    'Silent errors rose from 5.9%'
    >>> [a.name for a in found.ongoing][:3]
    ['silent_errors', 'base_rate', 'calibration']
    """
    if not once_in > 1:
        raise LogError(f"once_in={once_in:g} must be above 1 period, such as 370")
    if not shift > 1:
        raise LogError(f"shift={shift:g} must be above 1: the odds as a multiple, such as 2")
    log = clipped(log, since, until)
    cal = calendar(log, by, baseline)
    observed = Observed(log)
    if not len(observed.score):
        raise NotEnoughEvidence(
            "the AI may take no decision of the log alone (gates, or by hand): nothing to watch"
        )
    observed.learn(cal.whole.first, cal.whole.last)
    charts: dict[str, Chart] = {}
    missing: dict[str, str] = {}
    for name in TITLES:
        made = (
            score_chart(observed, cal, once_in=once_in)
            if name == SCORE
            else share_chart(name, observed, cal, once_in=once_in, shift=shift)
        )
        if isinstance(made, Chart):
            charts[name] = made
        else:
            missing[name] = made
    if not charts:
        raise NotEnoughEvidence(f"nothing can be watched: {next(iter(missing.values()))}")
    raised = [a for c in charts.values() for a in alarms(c, observed)]
    # stable: else in the order of the charts
    raised.sort(key=lambda a: (not a.ongoing, a.better))
    return Watch(
        by, cal, charts, missing, tuple(raised), 1 / sum(1 / c.once_in for c in charts.values()),
        exception_rate, shift, _exceptions(charts, observed, cal, raised),
        _assumes(observed, charts),
    )  # fmt: skip


def _exceptions(
    charts: Mapping[str, Chart], observed: Observed, cal: Calendar, raised: list[Alarm]
) -> tuple[Estimate, Estimate]:
    """The exception rate while what is told first went on, and in the baseline."""
    chart = charts.get(EXCEPTION)
    if chart is None:
        nothing = Estimate(math.nan, math.nan, math.nan, 0, "not known")
        return nothing, nothing
    first = next((a for a in raised if a.ongoing and a.name in NEEDS_OUTCOMES), None)
    since = first.since if first is not None else cal.watched[0].label
    start = next(p.first for p in cal.periods if p.label == since)
    now = observed.share(EXCEPTION, Period("", start, cal.periods[-1].last))
    return estimate(now, chart), as_estimate(chart.before, chart.spread.n, chart)


def _assumes(observed: Observed, charts: Mapping[str, Chart]) -> str:
    said = ["decisions of one week depend on each other no more than in the baseline"]
    if any(name in charts for name in NEEDS_OUTCOMES):
        picked = "picked by chance, as the log says" if observed.by_chance else "known by chance"
        said.append(f"outcomes {picked}, judged as they were in the baseline")
    if CALIBRATION in charts:
        said.append("workflows differ in how right they are as they did in the baseline")
    return "; ".join(said)


def _alarm_row(a: Alarm) -> dict[str, Any]:
    row = {n: getattr(a, n) for n in ("up", "since", "raised", "until", "ongoing")}
    sizes = {n: as_row(getattr(a, n)) for n in ("now", "before", "times", "slope")}
    return {"chart": a.name, **row, "rules": list(a.rules), **sizes, "once_in": a.once_in,
            "farthest_once_in": a.farthest}  # fmt: skip


def _chart_row(c: Chart) -> dict[str, Any]:
    columns = ["label", "baseline", "value", "expected", "n", "seen", "low", "high", "chance",
               "rise", "fall", "out"]  # fmt: skip
    return {
        "title": c.title,
        "means": MEANS[c.name],
        "kind": c.kind,
        "because": c.because,
        "before": c.before,
        "sigma_z": c.spread.sigma_z,
        "width_sigmas": c.width,
        "once_in": c.once_in,
        "cusum": [p._asdict() for p in (c.rise, c.fall) if p is not None],
        "periods": c.frame[columns].to_dict("records"),
    }


def _power_row(p: Power) -> dict[str, Any]:
    return {"share": p.share, "becomes": p.becomes, "n": p.n, "seen": p.seen, "periods": p.periods}
