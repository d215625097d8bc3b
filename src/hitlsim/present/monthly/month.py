"""The monthly report: everything it says, computed once."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

import numpy as np
import pandas as pd

from ...atomic import replacing
from ...calibration.tuning.recommendation import Recommendation
from ...calibration.tuning.rerouting.bands import routed
from ...calibration.tuning.tune import tune
from ...decisions.counting.counts import Counts
from ...decisions.counting.metrics import METRICS
from ...decisions.counting.scorecard import ALL, Judgement, Scorecard, Targets, scorecard
from ...decisions.counting.time import manager_time
from ...decisions.diagnosing.diagnosis import Diagnosis, diagnose
from ...decisions.estimating.intervals import NOTHING, Estimate, as_row
from ...decisions.log import DecisionLog, month_span
from ...decisions.reading.read import read_log
from ...decisions.watching.watch import Watch, watch
from ...errors import LogError, NotEnoughEvidence
from ...scenario.files import load
from ...simulation.run import simulate
from ..change import Change, change
from ..style import month_name
from . import frames
from .cover import Calendar
from .facts import Facts
from .words import Sentence, headline, sentences, warned

_SEED = 7


@dataclass(frozen=True)
class MonthReport:
    """One month of a decision log, measured, compared, judged and put into words.

    Attributes
    ----------
    month, previous : str
        As ``2026-09``; ``previous`` is None where the log has no month to compare with.
    log : DecisionLog
        Everything decided up to the month's end, with routes.
    card : Scorecard
        By month and workflow, over the whole log, so that what came to light later counts.
    judgements : tuple of Judgement
        The month's figures against their targets.
    weeks, sources, tradeoff : DataFrame
        What the figures show.
    recommendation : Recommendation or None
        From everything up to the month's end; None where every decision passes a gate.
    diagnosis : Diagnosis
        How each pool reviewed the month's decisions.
    manager_time : DataFrame or None
        What a week of the managers went to; None where the log does not say.
    governance : list of dict
        What governance did in the month: date, workflow, what, because.
    unsafe : list of str
        Workflows in which the AI acts alone where a human must always decide, with the rule.
    watch : Watch or None
        The log up to the month's end, week by week beside how it began; None where it is too short.
    watch_missing : str
        Why there is none.
    facts : Facts
        What the sentences are made from.
    """

    month: str
    previous: str | None
    log: DecisionLog
    card: Scorecard
    judgements: tuple[Judgement, ...]
    weeks: pd.DataFrame
    phases: list[tuple[pd.Timestamp, str]]
    sources: pd.DataFrame
    tradeoff: pd.DataFrame
    recommendation: Recommendation | None
    diagnosis: Diagnosis
    manager_time: pd.DataFrame | None
    governance: list[dict[str, str]]
    unsafe: list[str]
    watch: Watch | None
    watch_missing: str
    facts: Facts
    headline: str
    sentences: tuple[Sentence, ...]
    warnings: tuple[str, ...]

    @property
    def title(self) -> str:
        """The month in words."""
        return month_name(self.month)

    @property
    def targets(self) -> Targets:
        return self.card.targets

    @property
    def workflows(self) -> list[str]:
        """Workflows with decisions in the month, the busiest first; ``all`` if none is named."""
        f = self.card.frame
        counts = f[(f["metric"] == "decisions") & (f["period"] == self.month)]
        counts = counts[counts["workflow"] != ALL]
        counts = counts.sort_values(["value", "workflow"], ascending=[False, True])
        return list(counts["workflow"]) or [ALL]

    def get(self, metric: str, workflow: str = ALL) -> Estimate:
        """A figure of the month."""
        return self.card.get(metric, period=self.month, workflow=workflow)

    def before(self, metric: str) -> Estimate:
        """The same figure a month earlier."""
        if self.previous is None:
            return NOTHING
        return self.card.get(metric, period=self.previous)

    def change(self, metric: str) -> Change:
        """The difference between the two."""
        return change(self.get(metric), self.before(metric))

    def to_results(self) -> dict[str, Any]:
        """Everything as plain values, for ``results.json``; what is not known is null."""
        rec = self.recommendation
        values: dict[str, Any] = _plain_values(
            {
                "month": self.month,
                "previous": self.previous,
                "covers": self.facts.cover.to_dict(),
                "headline": self.headline,
                "summary": [s._asdict() for s in self.sentences],
                "warnings": list(self.warnings),
                "metrics": _metrics(self.card, self.month),
                "metrics_previous": _metrics(self.card, self.previous),
                "verdicts": {
                    j.metric.name: {"status": j.status, "words": j.words, "sure": j.sure}
                    for j in self.judgements
                },
                "bad_decisions_unseen": as_row(self.facts.unseen),
                "weeks": self.weeks.to_dict("records"),
                "exceptions_from": self.sources.to_dict("records"),
                "thresholds": self.tradeoff.to_dict("records"),
                "recommendation": None if rec is None else rec.to_dict(),
                "how_people_review": {
                    "sentences": self.diagnosis.sentences(),
                    "findings": [
                        {"who": f.who, "name": f.name, "status": f.status, "words": f.words}
                        for f in self.diagnosis.findings
                    ],
                    "evidence": self.diagnosis.frame.to_dict("records"),
                },
                "manager_time": (
                    None if self.manager_time is None else self.manager_time.to_dict("records")
                ),
                "governance": self.governance,
                "unsafe_workflows": self.unsafe,
                "watch": (
                    {"missing": self.watch_missing} if self.watch is None else self.watch.to_dict()
                ),
                "record": dict(self.log.record),
            }
        )
        return values


def open_log(path: str = "", mapping: str = "") -> DecisionLog:
    """The log of a file, or, without one, a simulation of the reference rollout."""
    if not path:
        return simulate(load("on-the-loop"), seed=_SEED).log
    return read_log(Path(path), Path(mapping) if mapping else None)


@runtime_checkable
class HasResults(Protocol):
    """What has its results as JSON holds them."""

    def to_results(self) -> dict[str, Any]:
        """Them."""


class HasFigures(Protocol):
    """What has its figures as plain values: a report, a recommendation, a backtest."""

    def to_dict(self) -> dict[str, Any]:
        """Them."""


def write_results(report: HasResults | HasFigures, path: str | Path) -> Path:
    """Write a report's figures as JSON; the same report gives the same bytes."""
    path = Path(path)
    figures = (
        report.to_results() if isinstance(report, HasResults) else _plain_values(report.to_dict())
    )
    with replacing(path) as partial:
        text = json.dumps(figures, indent=1, sort_keys=True, allow_nan=False)
        partial.write_text(f"{text}\n", encoding="utf-8")
    return path


def last_full_month(log: DecisionLog) -> str:
    """The last month that the log covers to its end.

    One working day may be missing where the log begins or ends: offices close. A log without any
    full month gives the month with most decisions.

    Examples
    --------
    >>> import hitlsim as hs
    >>> last_full_month(hs.simulate(hs.load("outbound"), seed=7).log)
    '2026-09'
    """
    if not len(log):
        raise LogError("the log has no decisions; give one that has some")
    calendar = Calendar.of(log)
    for month in reversed(log.months()):
        if not calendar.month(month).cut:
            return month
    months = frames.local_days(log).dt.strftime("%Y-%m")
    return str(months.value_counts().sort_index(ascending=False).idxmax())


def monthly(
    log: DecisionLog,
    month: str | None = None,
    *,
    previous: str | None = None,
    exception_rate: tuple[float, float] = (0.10, 0.15),
) -> MonthReport:
    """Work out one month of a decision log, real or simulated.

    Parameters
    ----------
    log : DecisionLog
        The whole log: outcomes that came to light after the month count too.
    month : str, optional
        As ``2026-09``; default the last full month.
    previous : str, optional
        The month to compare with; default the one before, if the log has it.
    exception_rate : (float, float)
        The band aimed at.

    Returns
    -------
    MonthReport

    Raises
    ------
    LogError
        When the log has no decisions in the month, or the band makes no sense.

    Examples
    --------
    >>> import hitlsim as hs
    >>> report = monthly(hs.simulate(hs.load("outbound"), seed=7).log, "2026-09")
    >>> report.title, report.previous, [s.topic for s in report.sentences]
    ('September 2026', '2026-08', ['Exceptions', 'Silent errors', 'Overrides', 'Desk', 'Next'])
    """
    month = month or last_full_month(log)
    assumed = not log.has("route") and not log.record.get("bands")
    whole = routed(log)
    part = whole.month(month)
    previous = _compared_with(whole, month, previous)
    tz = whole.frame["decided_at"].dt.tz
    so_far = whole.between(whole.frame["decided_at"].min(), month_span(month, tz)[1])
    targets = _targets(exception_rate)
    counts = Counts.of_log(whole)  # of the log up to the month's end too, if that is all of it
    until = counts if len(so_far) == len(whole) else Counts.of_log(so_far)
    card = scorecard(counts, by="month", per_workflow=True, targets=targets)
    weeks = frames.by_week(so_far, until, *month_span(month, None))
    judgements = tuple(card.judge(period=month))
    rec = _recommendation(so_far, exception_rate)
    marked = [_today(whole), math.nan if rec is None else rec.auto]
    sources = frames.sources(part)
    # in reports people are spoken of by pool, never by name
    diagnosis = diagnose(part, per="pool")
    watched, missing = _watched(so_far, exception_rate)
    facts = Facts.of(
        whole, part, card, month, previous, judgements, rec, sources, scorecard(until),
        diagnosis, watch=watched, bands_assumed=assumed,
    )  # fmt: skip
    return MonthReport(
        month=month,
        previous=previous,
        log=so_far,
        card=card,
        judgements=judgements,
        weeks=weeks,
        phases=frames.phases(so_far),
        sources=sources,
        tradeoff=frames.tradeoff(so_far, *marked),
        recommendation=rec,
        diagnosis=diagnosis,
        manager_time=_manager_time(whole, month),
        governance=frames.governance(whole, month),
        unsafe=[str(name) for name in whole.record.get("unsafe_workflows") or []],
        watch=watched,
        watch_missing=missing,
        facts=facts,
        headline=headline(facts),
        sentences=tuple(sentences(facts)),
        warnings=tuple(warned(facts)),
    )


def _watched(log: DecisionLog, band: tuple[float, float]) -> tuple[Watch | None, str]:
    """The log week by week, or why it cannot be watched."""
    try:
        return watch(log, exception_rate=band), ""
    except NotEnoughEvidence as e:
        return None, str(e)


def _manager_time(log: DecisionLog, month: str) -> pd.DataFrame | None:
    """What a week of the managers went to, where the log says what a week is."""
    try:
        return manager_time(log, month=month)
    except LogError:
        return None


def _compared_with(log: DecisionLog, month: str, previous: str | None) -> str | None:
    if previous is not None:
        log.month(previous)
        return previous
    before = str(pd.Period(month, freq="M") - 1)
    return before if before in log.months() else None


def _targets(band: tuple[float, float]) -> Targets:
    """The playbook's targets around a band of the user's own."""
    usual = Targets()
    low, high = band
    return Targets(
        exception_rate=band,
        too_loose=min(usual.too_loose, low),
        still_in_the_loop=max(usual.still_in_the_loop, high),
    )


def _today(log: DecisionLog) -> float:
    return float((log.record.get("bands") or {}).get("auto", math.nan))


def _recommendation(log: DecisionLog, band: tuple[float, float]) -> Recommendation | None:
    if bool((log.frame["route"] == "gate").all()):
        return None
    return tune(log, exception_rate=band)


def _metrics(card: Scorecard, month: str | None) -> dict[str, Any] | None:
    """Metrics by workflow, in the scorecard's order."""
    if month is None:
        return None
    rows = card.frame[card.frame["period"] == month]
    units = {m.name: str(m.unit) for m in METRICS}
    out: dict[str, Any] = {}
    for row in rows.to_dict("records"):
        figure = {k: row[k] for k in ("value", "low", "high", "n", "few", "assumes")}
        out.setdefault(row["workflow"], {})[row["metric"]] = {
            **figure,
            "unit": units[row["metric"]],
        }
    return out


def _plain_values(value: Any) -> Any:
    """Values as JSON has them: no numpy, no NaN, times as ISO dates."""
    if isinstance(value, dict):
        return {str(k): _plain_values(value[k]) for k in sorted(value, key=str)}
    if isinstance(value, (list, tuple)):
        return [_plain_values(v) for v in value]
    if isinstance(value, np.generic):
        return _plain_values(value.item())
    if isinstance(value, pd.Timestamp):
        return value.strftime("%Y-%m-%d")
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if value is None or isinstance(value, (bool, int, float)):
        return value
    return str(value)
