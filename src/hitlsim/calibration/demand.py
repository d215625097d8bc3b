"""What comes to a desk of people, hour by hour of the week, and how much work it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ..decisions.counting.measure import days_of, hours_a_week, on
from ..decisions.estimating.intervals import NOTHING, Estimate, clopper_pearson
from ..decisions.log import DecisionLog
from ..errors import LogError, NotEnoughEvidence
from ..scenario.explain import instead
from ..simulation.queueing.hourly import HOURS

LONGEST_MINUTES = 480.0
"""No sitting lasts longer; beyond that somebody forgot to stop the clock."""
ALL_PHASES = "all"
_OFTEN = 0.25
"""An hour counts as worked if work was begun in it in so many of the weeks; less is overtime."""
_ENOUGH_A_DAY = 5.0
"""Weekdays with fewer items on average do not show whether days differ more than by chance."""


@dataclass(frozen=True, kw_only=True)
class Demand:
    """What a log shows of one desk's work.

    Attributes
    ----------
    pool, phase : str
        Whose work, and in which phase of the rollout.
    items : array of 168 ints
        Items queued in each hour of the week, from Monday 00:00.
    seen : array of 168
        How many weeks each hour was seen.
    weeks, full_weeks
        Days covered / 7, and weeks from Monday to Sunday covered in full.
    minutes, cv2 : float
        Mean and squared coefficient of variation of the hands-on time of an item.
    timed, forgotten : int
        Items whose hands-on time is known; others left out as longer than any sitting.
    work : Estimate
        Hours of hands-on work a week that wait to be begun.
    look_hours : float
        Hours a week of looks afterwards, which wait for nobody.
    worked : array of 168 bools, or None
        Hours in which work was begun; None if the log does not say when it was.
    unevenness : float
        Variance of daily counts, over what independent arrivals would have; NaN if not known.
    """

    pool: str
    phase: str
    items: NDArray[np.int64]
    seen: NDArray[np.float64]
    weeks: float
    full_weeks: int
    minutes: float
    cv2: float
    timed: int
    forgotten: int
    work: Estimate
    look_hours: float
    worked: NDArray[np.bool_] | None
    unevenness: float
    waits: pd.DataFrame
    """For each item the ``minutes`` until it was ``begun``, or until the log's end."""

    @property
    def items_per_hour(self) -> NDArray[np.float64]:
        """Mean number of items queued in each hour of the week."""
        return self.items / self.seen

    def in_time(self, limit_minutes: float) -> Estimate:
        """Share begun within a limit; what still waits counts once it is older than that."""
        if self.waits["begun"].sum() == 0:
            return NOTHING
        soon = self.waits["begun"] & (self.waits["minutes"] <= limit_minutes)
        known = self.waits["begun"] | (self.waits["minutes"] > limit_minutes)
        return clopper_pearson(float(soon.sum()), float(known.sum()))


def pools_of(log: DecisionLog) -> list[str]:
    """The pools of a log by name; none if it does not say.

    >>> import hitlsim as hs
    >>> pools_of(hs.simulate(hs.load("outbound"), seed=7).log)
    ['leads', 'reps']
    """
    return sorted(map(str, log.frame["pool"].dropna().unique())) if log.has("pool") else []


def demand_of(log: DecisionLog, pool: str | None = None, phase: str | None = None) -> Demand:
    """Measure what comes to a pool.

    Parameters
    ----------
    log : DecisionLog
        With the time of day at which items joined the queue (``queued_at``, else ``decided_at``)
        and ``review_minutes`` (else ``started_at`` and ``ended_at``).
    pool : str, optional
        Needed if the log has several. What was escalated counts where its workflow's other items
        queue: with enough people there it would not have been.
    phase : str, optional
        Default the one that the log ends in; ``all`` for the whole log.

    Returns
    -------
    Demand

    Raises
    ------
    LogError
        When the log lacks what is needed, or has no such pool or phase.
    NotEnoughEvidence
        When it covers less than a week, or nothing came to the pool.

    Examples
    --------
    >>> import hitlsim as hs
    >>> reps = demand_of(hs.simulate(hs.load("outbound"), seed=7).log, "reps")
    >>> reps.phase, reps.items.shape, 0.5 < reps.minutes < 2
    ('steady-state', (168,), True)
    """
    log, phase = _in_phase(log, phase)
    frame, pool = _of_pool(log.frame, _chosen(log, pool))
    queued = _queued(DecisionLog(frame))
    days = days_of(log)
    _refuse_too_little(queued.dropna(), days, pool, phase)
    items = frame[queued.notna()]
    queued = queued[queued.notna()]
    minutes = _hands_on(items)
    usable = minutes[minutes <= LONGEST_MINUTES]
    mean = float(usable.mean())
    day = queued.dt.tz_localize(None).dt.normalize()
    worked = minutes.where(minutes <= LONGEST_MINUTES).fillna(mean)
    return Demand(
        pool=pool,
        phase=phase,
        items=np.bincount(_hour_of_week(queued), minlength=HOURS),
        seen=np.repeat(np.bincount(days.day_of_week, minlength=7).astype(float), 24),
        weeks=len(days) / 7,
        full_weeks=int((days.to_period("W-SUN").value_counts() == 7).sum()),
        minutes=mean,
        cv2=float(usable.var(ddof=0)) / mean**2,
        timed=len(usable),
        forgotten=int((minutes > LONGEST_MINUTES).sum()),
        work=hours_a_week(on(pd.DataFrame({"day": day, "minutes": worked}), days), days),
        look_hours=_look_hours(frame, days),
        worked=_worked(log.frame, pool, days),
        unevenness=_unevenness(day, days),
        waits=_waits(items, queued, log.frame["decided_at"].max()),
    )


def _refuse_too_little(queued: pd.Series, days: pd.DatetimeIndex, pool: str, phase: str) -> None:
    if len(days) < 7 or queued.empty:
        found = "nothing came to it" if len(days) >= 7 else f"the log covers {len(days)} days"
        raise NotEnoughEvidence(
            f"pool {pool!r}, phase {phase!r}: {found}; staffing needs a week at least, and four to "
            "be sure (phase 'all' takes the whole log)"
        )
    if (queued == queued.dt.normalize()).all():
        raise LogError(
            f"column '{queued.name}' has dates without a time of day, so nobody can tell at which "
            "hours people are needed; export the time as well"
        )


# --- which rows ----------------------------------------------------------------------------------


def _in_phase(log: DecisionLog, phase: str | None) -> tuple[DecisionLog, str]:
    if not len(log):
        raise NotEnoughEvidence("the log is empty; staffing needs a week of decisions at least")
    if phase == ALL_PHASES or not log.has("phase"):
        if phase not in (None, ALL_PHASES):
            raise LogError(f"phase {phase!r}: the log has no phases; leave it out")
        return log, ALL_PHASES
    frame = log.frame
    phases = frame["phase"].dropna().astype(str)
    if phase is None:
        phase = str(phases.loc[frame["decided_at"].loc[phases.index].idxmax()])
    if not (phases == phase).any():
        known = [*phases.unique(), ALL_PHASES]
        raise LogError(f"phase {phase!r} is not in the log; {instead(phase, known)}")
    return DecisionLog(frame.loc[phases.index[phases == phase]], log.record), phase


def _chosen(log: DecisionLog, pool: str | None) -> str | None:
    pools = pools_of(log)
    if pool is None and len(pools) > 1:
        raise LogError(
            f"the log has {len(pools)} pools, each with people of its own: {', '.join(pools)}; "
            f"say which one to staff, such as pool {pools[0]!r}"
        )
    if pool is not None and pool not in pools:
        raise LogError(
            f"pool {pool!r} is not in the log; "
            + (instead(pool, pools) if pools else "it names no pools, so leave it out")
        )
    return pool or (pools[0] if pools else None)


def _of_pool(frame: pd.DataFrame, pool: str | None) -> tuple[pd.DataFrame, str]:
    """The rows that are a pool's work, or would have been had they not been passed on."""
    if pool is None:
        return frame, "all"
    whose = frame["pool"].astype("object")
    if {"escalated_at", "workflow"} <= set(frame):
        passed_on = frame["escalated_at"].notna()
        usual = (
            frame[~passed_on & frame["pool"].notna()]
            .groupby(frame["workflow"].astype(str), observed=True)["pool"]
            .agg(lambda names: names.astype(str).mode().iloc[0])
        )
        home = frame["workflow"].astype(str).map(usual)
        whose = whose.where(~passed_on | home.isna(), home)
    return frame[whose == pool], pool


# --- what they say -------------------------------------------------------------------------------


def _queued(log: DecisionLog) -> pd.Series:
    """When each item joined the queue; missing where none did."""
    if log.has("queued_at"):
        return log.frame["queued_at"]
    if log.has("route"):
        asked = log.frame["route"] != "auto"
    else:
        signs = [c for c in ("started_at", "verdict", "review_minutes") if c in log.frame]
        asked = log.frame[signs].notna().any(axis=1)
    return log.frame["decided_at"].where(asked)


def _hands_on(items: pd.DataFrame) -> pd.Series:
    """Minutes of work on each item; missing where not begun."""
    if "review_minutes" in items and items["review_minutes"].notna().any():
        minutes = items["review_minutes"].astype(float)
    elif {"started_at", "ended_at"} <= set(items):
        minutes = (items["ended_at"] - items["started_at"]).dt.total_seconds() / 60
    else:
        minutes = pd.Series(np.nan, items.index)
    if not (minutes[minutes <= LONGEST_MINUTES] > 0).any():
        raise LogError(
            "the log does not say how long people work on an item; map review_minutes, or "
            "started_at and ended_at"
        )
    return minutes


def _look_hours(frame: pd.DataFrame, days: pd.DatetimeIndex) -> float:
    """Hours a week of looks afterwards; a look picked but not taken counts as one of the others."""
    if "look_minutes" not in frame or not frame["look_minutes"].notna().any():
        return 0.0
    picked = frame["look_minutes"].notna()
    if "look" in frame:
        picked |= frame["look"].notna()
    return float(picked.sum()) * float(frame["look_minutes"].mean()) / 60 / (len(days) / 7)


def _worked(frame: pd.DataFrame, pool: str, days: pd.DatetimeIndex) -> NDArray[np.bool_] | None:
    """Hours of the week in which this pool's people usually begin something."""
    own = frame[frame["pool"] == pool] if "pool" in frame and pool != "all" else frame
    begun = [own[name] for name in ("started_at",) if name in own]
    if {"looked_at", "look_minutes"} <= set(own):
        begun.append(own["looked_at"] - pd.to_timedelta(own["look_minutes"], unit="min"))
    times = pd.concat(begun).dropna() if begun else pd.Series([], dtype="object")
    if not len(times):
        return None
    week = times.dt.tz_localize(None).dt.to_period("W-SUN")
    pairs = pd.DataFrame({"hour": _hour_of_week(times), "week": week.to_numpy()})
    often = np.bincount(pairs.drop_duplicates()["hour"], minlength=HOURS)
    usual = often >= np.maximum(1, _OFTEN * len(days) / 7)
    return cast("NDArray[np.bool_]", usual if usual.any() else often > 0)


def _hour_of_week(times: pd.Series) -> NDArray[np.int64]:
    return np.asarray(24 * times.dt.day_of_week + times.dt.hour, np.int64)


def _unevenness(day: pd.Series, days: pd.DatetimeIndex) -> float:
    """Pearson's chi squared of daily counts against their weekday's mean, over its freedom."""
    counts = day.value_counts().reindex(days, fill_value=0)
    by_weekday = counts.groupby(counts.index.day_of_week)
    mean = by_weekday.transform("mean")
    busy = mean >= _ENOUGH_A_DAY
    free = int(busy.sum()) - int((by_weekday.mean() >= _ENOUGH_A_DAY).sum())
    if free < 7:
        return float("nan")
    return float(((counts - mean)[busy] ** 2 / mean[busy]).sum()) / free


def _waits(items: pd.DataFrame, queued: pd.Series, end: pd.Timestamp) -> pd.DataFrame:
    if "started_at" in items:
        begun = items["started_at"].notna()
        minutes = (items["started_at"].fillna(end) - queued).dt.total_seconds() / 60
    elif "wait_minutes" in items:
        begun = items["wait_minutes"].notna()
        age = (end - queued).dt.total_seconds() / 60
        minutes = items["wait_minutes"].fillna(age)
    else:
        begun, minutes = pd.Series(False, items.index), pd.Series(np.nan, items.index)
    return pd.DataFrame({"begun": begun, "minutes": minutes})
