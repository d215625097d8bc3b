"""The rollout of a log: which phases it has, how long they last, and who looks at what in them."""

from __future__ import annotations

import numpy as np
import pandas as pd

from ...decisions.columns import LOOKS
from ...decisions.estimating.intervals import Estimate, clopper_pearson
from ...scenario.hours import MINUTE_MS, WEEK_MS, moment_text
from ...scenario.phases import PhaseName
from .desk import Work
from .durations import LEAST, ratio_of_medians
from .learnt import Book, Scale
from .seen import Seen

_CADENCE = {"observe": "at-once", "batch": "weekly", "spot-check": "monthly"}
_ONLY = str(PhaseName.STEADY_STATE)


def learn_phases(seen: Seen, work: Work, book: Book) -> None:
    """Phases, their looks, and the audit."""
    phase = seen.words("phase")
    known = [str(p) for p in PhaseName if (phase == str(p)).any()]
    if not known:
        known = [_ONLY]
        phase = pd.Series(_ONLY, seen.frame.index)
    begins = {p: seen.arrived[phase == p].min().normalize() for p in known}
    for i, name in enumerate(known):
        here = ("phases", name)
        if i + 1 < len(known):
            days = (begins[known[i + 1]] - begins[name]).days
            weeks = max(1, round(days / 7))
            book.count((*here, "weeks"), weeks, int((phase == name).sum()), "first days of phases")
        _learn_exceptions(seen, phase == name, name, book)
        _learn_looks(seen, phase == name, name, book)
        until = begins[known[i + 1]] if i + 1 < len(known) else seen.days[-1] + pd.Timedelta(days=1)
        _learn_effort(work, begins[name], until, name, book)
    _learn_audit(seen, phase, known, book)
    _mend_moments(known, book)


def _learn_exceptions(seen: Seen, rows: pd.Series, name: str, book: Book) -> None:
    asked = np.asarray(rows) & np.asarray(seen.words("route").isin(["review", "triage"]))
    if asked.any() and seen.has("executed_at"):
        waited = np.asarray(seen.local("queued_at", "started_at").notna())
        if waited[asked].mean() < 0.5:
            book.say(("phases", name, "exceptions"), "observe")


def _learn_looks(seen: Seen, rows: pd.Series, name: str, book: Book) -> None:
    here = ("phases", name, "looks")
    look = seen.words("look")
    alone = np.asarray(rows) & np.asarray(seen.words("route", "auto") == "auto")
    observed = book.parts.get("phases", {}).get(name, {}).get("exceptions") == "observe"
    kinds = look[alone & np.asarray(look.isin(list(_CADENCE)))]
    kind = str(kinds.value_counts().idxmax()) if len(kinds) else ""
    if observed or not kind:
        kind = "observe" if observed else kind
    cadence = _CADENCE.get(kind, "at-once")
    audited = np.asarray(look == "audit")
    # where everything is audited, the chance that rows carry is that of both together
    spared = alone & ~np.asarray(seen.workflow.isin(seen.workflow[audited].unique()))
    k = float((look[alone] == kind).sum()) if kind else 0.0
    n = float((alone & ~audited).sum())
    shown = np.asarray((look != "") | seen.words("ok_source").isin(LOOKS))
    # of what tells its outcome by itself all is known, and nobody looks
    exact = _share_by_design(seen, spared) if shown[alone].any() else None
    if exact is not None:
        book.count((*here, "share"), exact, n, "the least chance of a look that rows carry")
    elif n and seen.has("look"):
        book.learn((*here, "share"), clopper_pearson(k, n), "share looked at", Scale.SHARE, (0, 1))
    else:
        book.assume((*here, "share"), 0.0)
    book.say((*here, "cadence"), cadence)
    if cadence != "at-once":
        picked = np.asarray(rows) & np.asarray(look == kind)
        at = _released(seen, picked, monthly=cadence == "monthly")
        if at is not None:
            book.say((*here, "at"), at)


def _share_by_design(seen: Seen, alone: np.ndarray) -> float | None:
    """The share of looks, from the chance that rows carry: the least, where no audit adds to it."""
    chance = seen.number("inclusion")[alone]
    chance = chance[np.isfinite(chance)]
    return round(float(chance.min()), 6) if len(chance) else None


def _released(seen: Seen, rows: np.ndarray, *, monthly: bool = False) -> str | None:
    """The full hour of the week after which looks begin: behind the longest time without one."""
    ended = seen.local("looked_at")[rows]
    took = pd.to_timedelta(pd.Series(seen.number("look_minutes"))[rows].fillna(0.0), unit="min")
    begun = (ended - took).dropna()
    if begun.empty:
        return None
    if monthly:
        return _first_of_month(begun)
    since = ((begun - seen.monday).dt.total_seconds() * 1000).to_numpy() % WEEK_MS
    at = np.sort(since)
    gaps = np.diff(np.append(at, at[0] + WEEK_MS))
    first = at[(int(np.argmax(gaps)) + 1) % len(at)]
    hour = 60 * MINUTE_MS
    return moment_text(int(first // hour) * hour)


def _first_of_month(begun: pd.Series) -> str | None:
    """The same for what is released once a month: the earliest look of its first seven days."""
    early = begun[begun.dt.day <= 7]
    first = early.groupby(early.dt.to_period("M")).min()
    if first.empty:
        return None
    moment = min(first, key=lambda t: (t.weekday(), t.hour))
    return moment_text((moment.weekday() * 24 + moment.hour) * 60 * MINUTE_MS)


def _learn_effort(
    work: Work, start: pd.Timestamp, end: pd.Timestamp, name: str, book: Book
) -> None:
    """How long a look takes relative to a review of the same workflow, while the phase lasts."""
    frame = work.frame
    timed = frame[frame["minutes"] > 0]
    looks = timed[(timed["kind"] == "look") & (timed["start"] >= start)
                  & (timed["start"] < end)]  # fmt: skip
    reviews = timed[timed["kind"] == "review"]
    theirs = dict(list(reviews.groupby("workflow")["minutes"]))
    pairs = [
        (np.asarray(own, float), np.asarray(theirs[flow], float))
        for flow, own in looks.groupby("workflow")["minutes"]
        if len(own) >= LEAST and len(theirs.get(flow, ())) >= LEAST
    ]
    if not pairs:
        return
    e = ratio_of_medians(pairs)
    path = ("phases", name, "looks", "effort")
    book.learn(path, e, "time of a look / of a review", Scale.LOG, (0.01, 2.0))


def _learn_audit(seen: Seen, phase: pd.Series, known: list[str], book: Book) -> None:
    """The random audit: its share and its workflows."""
    audited = np.asarray(seen.words("look") == "audit")
    if not audited.any():
        return
    flows = [f for f in seen.safe_workflows if audited[np.asarray(seen.workflow == f)].any()]
    if not flows:
        return
    at = _released(seen, audited)
    here = ("boundary", "audit")
    book.say((*here, "workflows"), flows)
    if at is not None:
        book.say((*here, "at"), at)
    share = _audit_by_design(seen, phase, known, flows, book)
    if share is not None:
        n = int(np.asarray(seen.workflow.isin(flows)).sum())
        book.count((*here, "share"), share, n, "the chance of a look that rows carry")
        return
    pickable = np.asarray(seen.workflow.isin(flows)) & np.asarray(seen.words("route") == "auto")
    watched = [p for p in known if book.parts["phases"][p]["looks"]["cadence"] == "at-once"]
    pickable &= ~np.asarray(phase.isin(watched))
    e: Estimate = clopper_pearson(float((audited & pickable).sum()), float(pickable.sum()))
    book.learn((*here, "share"), e, "share audited", Scale.SHARE, (0, 1))


def _audit_by_design(
    seen: Seen, phase: pd.Series, known: list[str], flows: list[str], book: Book
) -> float | None:
    """1 - (1 - chance) / (1 - share of looks), where a phase looks at less than everything."""
    chance = seen.number("inclusion")
    for name in reversed(known):
        looks = book.parts["phases"][name]["looks"]["share"]
        rows = np.asarray(phase == name) & np.asarray(seen.words("route") == "auto")
        mine = rows & np.asarray(seen.workflow.isin(flows)) & np.isfinite(chance)
        if mine.any() and looks < 1:
            others = rows & ~np.asarray(seen.workflow.isin(flows)) & np.isfinite(chance)
            if not others.any():
                # everything is audited, so the least chance is that of both together
                return None
            return round(1 - (1 - float(np.median(chance[mine]))) / (1 - float(looks)), 6)
    return None


def _mend_moments(known: list[str], book: Book) -> None:
    """Looks of one cadence are released at one moment: the last phase's."""
    last: dict[str, str] = {}
    for name in reversed(known):
        looks = book.parts["phases"][name]["looks"]
        if looks["cadence"] == "at-once":
            looks.pop("at", None)
        elif "at" in looks:
            looks["at"] = last.setdefault(looks["cadence"], looks["at"])
