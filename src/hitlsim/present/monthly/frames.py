"""The tables behind the figures of a monthly report, computed from a routed decision log."""

from __future__ import annotations

import numpy as np
import pandas as pd

from ...calibration.tuning.rerouting.bands import gated, triggered
from ...calibration.tuning.rerouting.curve import curve
from ...decisions.columns import DOMAINS, EXCEPTION_ROUTES
from ...decisions.counting.counts import Counts
from ...decisions.counting.scorecard import scorecard
from ...decisions.estimating.intervals import Estimate
from ...decisions.log import DecisionLog
from .cover import Calendar

MOST_WEEKS = 16
_THRESHOLDS = 30
_FIGURES = {"value": "", "low": "_low", "high": "_high", "n": "_n"}


def local_days(log: DecisionLog) -> pd.Series:
    """The day of each decision, on the log's own clock."""
    return log.frame["decided_at"].dt.tz_localize(None).dt.floor("D")


def by_week(
    log: DecisionLog, counts: Counts, start: pd.Timestamp, end: pd.Timestamp
) -> pd.DataFrame:
    """The last weeks of a log: exceptions, hours by domain, waits.

    Parameters
    ----------
    log : DecisionLog
    counts : Counts
        Of that log.
    start, end : Timestamp
        The month.

    Returns
    -------
    DataFrame
        One row for each week, by its Monday; ``in_month`` where it lies (in part) in
        [start, end), ``whole`` where the log lacks none of its working days.
    """
    card = scorecard(counts, by="week")
    weeks = pd.DataFrame({"monday": pd.to_datetime(card.periods)}).tail(MOST_WEEKS)
    weeks = weeks.reset_index(drop=True)
    calendar, week = Calendar.of(log), pd.Timedelta(days=7)
    weeks["in_month"] = (weeks["monday"] + week > start) & (weeks["monday"] < end)
    weeks["whole"] = [not any(calendar.gaps(day, day + week)) for day in weeks["monday"]]
    keys = weeks["monday"].dt.strftime("%Y-%m-%d")
    for name in ("exception_rate", "wait_minutes", "within_24h"):
        series = card.series(name)[list(_FIGURES)].reindex(keys)
        weeks[[name + suffix for suffix in _FIGURES.values()]] = series.to_numpy()
    done = counts.work
    monday = done["day"] - pd.to_timedelta(done["day"].dt.day_of_week, unit="D")
    for domain in DOMAINS:
        mine = done["domain"] == domain
        spent = done[mine].groupby(monday[mine])["minutes"].sum() / 60
        weeks[f"hours_{domain}"] = spent.reindex(weeks["monday"], fill_value=0.0).to_numpy(float)
    return weeks


def estimates(frame: pd.DataFrame, name: str) -> list[Estimate]:
    """The figures that stand in ``name``, ``name_low``, ``name_high`` and ``name_n``."""
    rows = frame[[name + suffix for suffix in _FIGURES.values()]].to_numpy(float).tolist()
    return [Estimate(value, low, high, n, "") for value, low, high, n in rows]


def phases(log: DecisionLog) -> list[tuple[pd.Timestamp, str]]:
    """Day on which each phase of the rollout began, in order."""
    if not log.has("phase"):
        return []
    first = local_days(log).groupby(log.frame["phase"].astype("str")).min().sort_values()
    return [(day, str(name)) for name, day in first.items() if str(name) != "nan"]


def governance(log: DecisionLog, month: str) -> list[dict[str, str]]:
    """What governance did in a month, as the log's record says: date, workflow, what, because."""
    columns = ("date", "workflow", "what", "because")
    return [
        {name: str(row.get(name, "")) for name in columns}
        for row in log.record.get("governance") or []
        if str(row.get("date", "")).startswith(month)
    ]


def sources(log: DecisionLog) -> pd.DataFrame:
    """Exceptions by workflow and the reason that decided, with what people did about them.

    Returns
    -------
    DataFrame
        ``workflow``, ``reason``, ``exceptions``, ``judged``, ``changed`` (edited or rejected).
    """
    frame = log.frame[log.frame["route"].isin(EXCEPTION_ROUTES)]

    def text(column: str, missing: str) -> pd.Series:
        if column not in frame:
            return pd.Series(missing, frame.index, dtype="str")
        return frame[column].astype("str").where(frame[column].notna(), missing)

    verdict = text("verdict", "")
    # in shadow an exception is only observed: what the observer would have done counts
    verdict = verdict.where(verdict != "", text("look_verdict", ""))
    table = pd.DataFrame(
        {
            "workflow": text("workflow", "all"),
            "reason": text("reason", "no reason given"),
            "exceptions": 1,
            "judged": (verdict != "").astype(int),
            "changed": verdict.isin(["edit", "reject"]).astype(int),
        }
    )
    return table.groupby(["workflow", "reason"], as_index=False).sum()


def tradeoff(log: DecisionLog, *marked: float) -> pd.DataFrame:
    """The :func:`~hitlsim.calibration.tuning.rerouting.curve.curve` where it matters.

    The marked thresholds are among its own.

    Empty where the scores leave nothing to choose.
    """
    free = ~gated(log) & ~triggered(log)
    scores = log.frame["confidence"].to_numpy(float)[free]
    if len(np.unique(scores)) < 3:
        return pd.DataFrame()
    spaced = np.quantile(scores, np.linspace(0.005, 0.6, _THRESHOLDS))
    even = np.linspace(spaced[0], spaced[-1], _THRESHOLDS // 2)
    within = [m for m in marked if scores.min() <= m <= 1]
    return curve(log, np.unique([*spaced, *even, *within]).tolist())
