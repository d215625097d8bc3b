"""What the sentences of a monthly report are made from: one month's figures and circumstances."""

from __future__ import annotations

import math
from dataclasses import dataclass

import pandas as pd

from ...calibration.tuning.recommendation import Recommendation
from ...calibration.tuning.rerouting.bands import gated, triggered
from ...decisions.counting.scorecard import ALL, Judgement, Scorecard
from ...decisions.diagnosing.diagnosis import ABDICATION, Diagnosis, Finding
from ...decisions.estimating.intervals import NOTHING, Estimate
from ...decisions.estimating.unseen import sampled
from ...decisions.log import DecisionLog
from ...decisions.watching.alarms import Alarm
from ...decisions.watching.observed import SILENT
from ...decisions.watching.watch import Watch
from ..change import Change, change
from . import frames
from .cover import Calendar, Cover

_ENOUGH_JUDGED = 30
"""Verdicts below which a reason is not said to be agreed with most often."""
ALL_SEEN = 0.995
"""Share of outcomes known from which all are."""
_UNLIKE = 0.25
"""Relative difference from which a month counts as unlike the log so far."""
_GOOD_PART = 0.1


@dataclass(frozen=True, kw_only=True)
class Facts:
    """One month, measured and compared; no words yet."""

    month: str
    previous: str | None
    judged: dict[str, Judgement]
    exceptions: Estimate
    exceptions_change: Change
    right: Estimate
    """Share of all decisions allowed in which the AI was right."""
    right_before: Estimate
    right_change: Change
    silent: Estimate
    """Share of all decisions allowed that went alone and were bad."""
    silent_before: Estimate
    silent_change: Change
    unseen: Estimate
    """Number of bad decisions that went out alone."""
    truth: float | None
    """The same, as only a simulation knows it."""
    called_bad: int
    """Of those that went alone and were looked at, how many were called bad ..."""
    truly_bad: int
    """... and how many were."""
    least_changed: tuple[str, int, int] | None
    """The reason whose exceptions people change least often: how many, of how many."""
    override_target: float
    worst: tuple[str, Estimate] | None
    """The workflow with clearly most silent errors, of what went alone."""
    wait: Estimate
    within_24h: Estimate
    hours: Estimate
    utilisation: Estimate
    recommendation: Recommendation | None
    named: tuple[Finding, ...]
    """Pools that hoard or abdicate, beyond doubt."""
    waved: float
    """Share of all verdicts given by pools that abdicate."""
    threshold: float
    """Today's automatic band; NaN where not known."""
    mixed_bands: bool
    """Whether some workflows have bands of their own."""
    unlike: list[tuple[str, Estimate, float]]
    """Figures of the month that lie clearly off those of the whole log up to its end."""
    cover: Cover
    """Which of its days the log has."""
    cover_before: Cover | None
    """The same of the month compared with."""
    empty_before: str | None
    """The month before, where the log reaches further back but has no decision in it."""
    phases_now: list[str]
    phases_before: list[str]
    immature: float
    """Share of the looks picked that have not happened."""
    bands_assumed: bool
    seen: float
    """Share of what went alone whose outcome is known."""
    chosen_unknown: bool
    """Whether nobody recorded how those were picked."""
    rows: int
    rejected: int
    watch: Watch | None
    """The log up to the month's end, week by week; None where it is too short."""

    def alarm(self, chart: str) -> Alarm | None:
        """The alarm of a chart that is in force at the month's end, if things got worse."""
        found = None if self.watch is None else self.watch.ongoing_in(chart)
        return found if found is not None and found.up else None

    @property
    def silent_up(self) -> bool:
        """Whether silent errors rose since the month before, or since the baseline."""
        return self.silent_change.up or self.alarm(SILENT) is not None

    @classmethod
    def of(
        cls,
        whole: DecisionLog,
        part: DecisionLog,
        card: Scorecard,
        month: str,
        previous: str | None,
        judgements: tuple[Judgement, ...],
        recommendation: Recommendation | None,
        sources: pd.DataFrame,
        so_far: Scorecard,
        diagnosis: Diagnosis,
        *,
        watch: Watch | None,
        bands_assumed: bool,
    ) -> Facts:
        """Collect the facts of one month from the whole log and its scorecard."""

        def get(metric: str, workflow: str = ALL) -> Estimate:
            return card.get(metric, period=month, workflow=workflow)

        def before(metric: str) -> Estimate:
            return NOTHING if previous is None else card.get(metric, period=previous)

        calendar = Calendar.of(whole)
        exceptions, alone = get("exception_rate"), _alone(part)
        truth = get("true_fn_of_auto")
        return cls(
            month=month,
            previous=previous,
            judged={j.metric.name: j for j in judgements},
            exceptions=exceptions,
            exceptions_change=change(exceptions, before("exception_rate")),
            right=get("right"),
            right_before=before("right"),
            right_change=change(get("right"), before("right")),
            silent=get("fn_share"),
            silent_before=before("fn_share"),
            silent_change=change(get("fn_share"), before("fn_share")),
            unseen=get("fn_of_auto").scaled(float((part.frame["route"] == "auto").sum())),
            truth=truth.value * truth.n if truth.known else None,
            called_bad=int((~alone["ok"].astype(bool)).sum()),
            truly_bad=int((~alone["true_ok"]).sum()) if "true_ok" in alone else 0,
            least_changed=_least_changed(sources),
            override_target=card.targets.override_rate,
            worst=_worst(card, month),
            wait=get("wait_minutes"),
            within_24h=get("within_24h"),
            hours=get("review_hours"),
            utilisation=get("utilisation"),
            recommendation=recommendation,
            named=diagnosis.named,
            waved=_waved(diagnosis),
            threshold=float((whole.record.get("bands") or {}).get("auto", math.nan)),
            mixed_bands=_mixed(whole),
            unlike=_unlike(exceptions, get("fn_share"), recommendation, so_far),
            cover=calendar.month(month),
            cover_before=None if previous is None else calendar.month(previous),
            empty_before=None if previous is not None else calendar.empty_before(month),
            phases_now=_phases(part),
            phases_before=_phases(whole.month(previous)) if previous else [],
            immature=_immature(part),
            bands_assumed=bands_assumed,
            seen=_seen(part, alone),
            chosen_unknown=not whole.has("inclusion") and 0 < _seen(part, alone) < ALL_SEEN,
            rows=int(whole.record.get("rows_read", 0)),
            rejected=int(whole.record.get("rows_rejected", 0)),
            watch=watch,
        )


def _alone(part: DecisionLog) -> pd.DataFrame:
    """Decisions that went alone and whose outcome is known otherwise than by a complaint."""
    frame = part.frame
    if "ok" not in frame:
        return frame.iloc[:0].assign(ok=True)
    return frame[(frame["route"] == "auto") & sampled(frame)]


def _seen(part: DecisionLog, alone: pd.DataFrame) -> float:
    went = int((part.frame["route"] == "auto").sum())
    return len(alone) / went if went else 0.0


def _least_changed(sources: pd.DataFrame) -> tuple[str, int, int] | None:
    by = sources.groupby("reason")[["judged", "changed"]].sum()
    by = by[by["judged"] >= _ENOUGH_JUDGED]
    if len(by) < 2:
        return None
    name = (by["changed"] / by["judged"]).idxmin()
    return str(name), int(by.loc[name, "changed"]), int(by.loc[name, "judged"])


def _worst(card: Scorecard, month: str) -> tuple[str, Estimate] | None:
    """Its whole interval must lie above the interval of all: there are many to pick from."""
    every = card.get("fn_of_auto", period=month)
    rows = card.frame[(card.frame["period"] == month) & (card.frame["metric"] == "fn_of_auto")]
    rows = rows[(rows["workflow"] != ALL) & ~rows["few"].astype(bool) & (rows["low"] > every.high)]
    if rows.empty:
        return None
    name = str(rows.sort_values(["value", "workflow"]).iloc[-1]["workflow"])
    return name, card.get("fn_of_auto", period=month, workflow=name)


def _unlike(
    exceptions: Estimate, silent: Estimate, rec: Recommendation | None, so_far: Scorecard
) -> list[tuple[str, Estimate, float]]:
    if rec is None:
        return []
    found = []
    for name, now, metric in (
        ("exceptions", exceptions, "exception_rate"),
        ("silent errors", silent, "fn_share"),
    ):
        usual = so_far.get(metric).value
        if not now.low <= usual <= now.high and abs(now.value - usual) > _UNLIKE * usual:
            found.append((name, now, usual))
    return found


def _waved(diagnosis: Diagnosis) -> float:
    found = [f for f in diagnosis.findings if f.name == ABDICATION]
    verdicts = sum(f.verdicts for f in found)
    waved = sum(f.verdicts for f in found if f in diagnosis.named)
    return waved / verdicts if verdicts else 0.0


def _mixed(log: DecisionLog) -> bool:
    """Whether one band cannot explain which decisions without a trigger went alone."""
    auto = (log.record.get("bands") or {}).get("auto")
    if auto is None:
        return False
    free = ~gated(log) & ~triggered(log)
    alone = (log.frame["route"] == "auto").to_numpy()
    return bool((free & (alone != (log.frame["confidence"] >= auto).to_numpy())).any())


def _immature(part: DecisionLog) -> float:
    if not part.has("look"):
        return 0.0
    picked = part.frame["look"].notna()
    done = part.frame["looked_at"].notna() if "looked_at" in part.frame else ~picked
    return float((picked & ~done).sum() / picked.sum())


def _phases(part: DecisionLog) -> list[str]:
    """Phases that make up a good part of a month, in order."""
    if not part.has("phase"):
        return []
    share = part.frame["phase"].astype("str").value_counts(normalize=True)
    return [name for _, name in frames.phases(part) if share[name] >= _GOOD_PART]
