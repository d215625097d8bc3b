"""The months of a backtest, one after the other."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Any, Literal

import numpy as np
import pandas as pd

from ....decisions.estimating.intervals import NOTHING, Estimate, ratio_of_clusters
from ....decisions.log import DecisionLog
from ....errors import LogError, NotEnoughEvidence
from ....scenario.boundary import Bands, Boundary
from ..proving.coverage import HAPPENED, as_it_happened
from ..proving.spending import Spending
from ..rerouting.bands import DEFAULT_AUTO, DEFAULT_REVIEW
from ..weighing.cases import Bools, Cases
from ..weighing.from_log import FromLog
from ..weighing.holding import Band
from ..weighing.outlook import cost_of, outlook
from ..weighing.policy import Policy
from .judged import (
    TOO_FEW,
    Advice,
    Asked,
    as_it_came,
    cells,
    changed,
    judged,
    part_of,
    share_moved,
    shown,
)
from .known_then import Calendar, by_then

ADVICE, FOLLOWED = "advice", "as followed"
NOTHING_DONE, USUAL, HINDSIGHT = "doing nothing", "usual 90/70", "in hindsight"
"""The policies compared: as advised, only what was recommended put in force, as it was, vendors'
bands, the best rules of that month."""
_JUST = 0.5
"""Chance of being inside, with the true rate in the middle, below which nothing is judged."""


class Run:
    """The months one after the other."""

    def __init__(
        self, log: DecisionLog, calendar: Calendar, whole: FromLog, asked: Asked,
        learn: Literal["all"] | int, together: bool,
    ) -> None:  # fmt: skip
        self.log, self.calendar, self.whole, self.asked = log, calendar, whole, asked
        self.goals, self.learn = asked.goals, learn
        self.cases = cases = as_it_came(whole.cases)
        days = whole.start + pd.to_timedelta(np.arange(cases.day.max() + 1), unit="D")
        self.period = calendar.number(days)[cases.day]
        self.spending = None
        if together:
            retunes = len(calendar.periods) - 1
            self.spending = Spending(confidence=self.goals.confidence, retunes=retunes)
        self.standing = self._standing()
        names = [ADVICE, FOLLOWED, *self.standing, HINDSIGHT]
        self.asks: dict[str, Bools] = {name: np.zeros(len(cases), bool) for name in names}
        self.rules: dict[str, Policy] = {}
        self.can = np.zeros(len(cases), bool)
        """Decisions of months that can be judged."""

    @property
    def followed(self) -> str:
        """The policy of a team that puts in force only what is recommended."""
        return FOLLOWED if FOLLOWED in self.asks else ADVICE

    @property
    def nothing(self) -> str:
        """The policy that stands for doing nothing."""
        return NOTHING_DONE if NOTHING_DONE in self.standing else USUAL

    def _standing(self) -> dict[str, Bools]:
        """What stays the same all the time: doing nothing, and the usual bands."""
        cases, given = self.cases, self.asked.boundary
        usual = Boundary(bands=Bands(auto=DEFAULT_AUTO, review=DEFAULT_REVIEW))
        by_usual = Policy.of(usual, cases.workflows).asks(cases)
        if given is None and cases.routed_alone is not None:
            return {NOTHING_DONE: ~cases.routed_alone, USUAL: by_usual}
        now = self.whole.today.asks(cases)
        if (now == by_usual).all():
            return {USUAL: by_usual}
        return {NOTHING_DONE: now, USUAL: by_usual}

    def frame(self) -> pd.DataFrame:
        rows: list[dict[str, Any]] = []
        advice: Advice | None = None
        in_force: Policy | None = None
        for number in range(1, len(self.calendar.periods)):
            before = advice
            made, why = self._advice(number)
            advice = made or before
            if advice is not None:
                self.rules[self.calendar.labels()[number]] = advice.policy
            if made is not None and made.recommended:
                in_force = made.policy
            rows += self._month(number, advice, made, before, why, in_force)
        if (self.asks[FOLLOWED] == self.asks[ADVICE])[self.can].all():
            # all of it was recommended: following it is the advice itself
            del self.asks[FOLLOWED]
            rows = [row for row in rows if row["policy"] != FOLLOWED]
        frame = _framed(rows)
        if not (frame["note"] == "").any():
            raise NotEnoughEvidence(self._nothing_judged(frame))
        return frame

    # --- one month -------------------------------------------------------------------------------

    def _advice(self, number: int) -> tuple[Advice | None, str]:
        """Advice from the months before, or why there is none."""
        of = self.calendar.of
        first = 0 if self.learn == "all" else max(0, number - self.learn)
        rows = (of >= first) & (of < number)
        if not rows.any():
            by = self.calendar.by
            before = f"the {by}" if self.learn == 1 else f"the {self.learn} {by}s"
            return None, f"no decision in {before} before"
        tz = self.log.frame["decided_at"].dt.tz
        known = by_then(self.log, rows, self.calendar.end(number - 1, tz))
        try:
            made = self.asked.advise(known, self.spending)
        except (LogError, NotEnoughEvidence) as e:
            return None, str(e)
        proof = made.guarantee.certificate if made.guarantee is not None else None
        if self.spending is not None and proof is not None:
            on = self.calendar.periods[number].start_time.date()
            source = str(self.log.record.get("source", "decision log"))
            self.spending = self.spending.spend(proof, on=on, of=source)
        return made, ""

    def _month(
        self, number: int, advice: Advice | None, made: Advice | None, before: Advice | None,
        why: str, in_force: Policy | None,
    ) -> list[dict[str, Any]]:  # fmt: skip
        """A row for each policy."""
        here = self.period == number
        cases = part_of(self.cases, here)
        month = self.calendar.labels()[number]
        note = self._cannot(cases, advice, why)
        if not note:
            self.can |= here
        asks = {name: route[here] for name, route in self.standing.items()}
        if advice is not None and len(cases):
            asks[ADVICE] = advice.policy.asks(cases)
            # until the first recommendation all stays as it was
            as_it_was = self.standing[self.nothing][here]
            asks[FOLLOWED] = as_it_was if in_force is None else in_force.asks(cases)
            asks[HINDSIGHT] = self.asked.in_hindsight(cases, self.whole.keep)
        rows = []
        for name in self.asks:
            if name in asks:
                self.asks[name][here] = asks[name]
            row = judged(cases if name in asks else cases.part(np.zeros(len(cases), bool)),
                         asks.get(name, np.zeros(0, bool)), self.goals)  # fmt: skip
            row |= {"month": month, "policy": name, "note": note, "n": len(cases)}
            if note:
                row |= {"inside": None, "silent_kept": None}
            if name == ADVICE and advice is not None:
                row |= self._said(advice, made, before, cases, asks.get(ADVICE), row)
                if why and not note:
                    row["kept_because"] = why
            if name == FOLLOWED and in_force is not None:
                row["thresholds"] = shown(in_force)
            rows.append(row)
        return rows

    def _cannot(self, cases: Cases, advice: Advice | None, why: str) -> str:
        """Why a month cannot be judged; empty where it can."""
        n, goals = len(cases), self.goals
        if n == 0:
            return "no decision that the AI may take"
        if advice is None:
            return f"no advice: {why}"
        if goals.exception_rate is None and goals.silent is not None and not cases.known.any():
            return "no outcome is known"
        band = Band(*goals.band, n)
        if goals.exception_rate is not None and band.chance_if_known(band.middle) < _JUST:
            return (
                f"{TOO_FEW}: {n:,} decisions lie outside {band} by chance more often than not, "
                "even with the true rate in its middle"
            )
        return ""

    def _said(
        self, advice: Advice, made: Advice | None, before: Advice | None, cases: Cases,
        asks: Bools | None, row: dict[str, Any],
    ) -> dict[str, Any]:  # fmt: skip
        """What was said with the advice."""
        out: dict[str, Any] = {
            "thresholds": shown(advice.policy), "learnt_from": advice.n,
            "changed": changed(advice.policy, None if before is None else before.policy),
        }  # fmt: skip
        if asks is not None and before is not None:
            out["moved"] = share_moved(cases, asks, before.policy.asks(cases))
        if made is None:
            return out
        out["status"] = made.status
        if self.goals.exception_rate is not None:
            out["chance_stated"] = made.chance()
            out["chance_for_n"] = made.chance(len(cases)) if len(cases) else math.nan
        if made.guarantee is not None:
            out["guarantee"] = made.guarantee.holds
            out["guarantee_held"] = row.get("silent_kept") if made.guarantee.holds else None
        return out

    # --- all months ------------------------------------------------------------------------------

    def totals(self, frame: pd.DataFrame) -> pd.DataFrame:
        cases = part_of(self.cases, self.can)
        rows = []
        advised, followed = (self.asks[name][self.can] for name in (ADVICE, self.followed))
        for name, asks in self.asks.items():
            months = frame[(frame["policy"] == name) & (frame["note"] == "")]
            row = judged(cases, asks[self.can], self.goals)
            row |= {"policy": name, "months": len(months), "inside": int(months["inside"].sum())}
            row |= cells("saves", saves(cases, asks[self.can], advised))
            row |= cells("saves_followed", saves(cases, asks[self.can], followed))
            rows.append(row)
        # months in between that cannot be judged would count as weeks without a look
        told = _renamed(pd.DataFrame(rows))
        return told.drop(columns=[c for c in told if c.startswith("hours_per_week")])

    def notes(self) -> tuple[str, ...]:
        """What has to be said of the log."""
        cases, asks = part_of(self.cases, self.can), self.asks[ADVICE][self.can]
        figures = as_it_happened(outlook(cases, asks), cases, asks)
        if any(HAPPENED in e.assumes for e in figures.values()):
            return (*self.whole.notes, f"Silent errors: it is assumed that {HAPPENED}.")
        return self.whole.notes

    def _nothing_judged(self, frame: pd.DataFrame) -> str:
        by = self.calendar.by
        last = frame.iloc[-1]
        remedies = ["a longer log", *(["by='month'"] if by == "week" else [])]
        if self.goals.exception_rate is not None:
            remedies.append("a wider band")
        return (
            f"none of the {len(self.calendar.periods) - 1} {by}s after the first can be judged; "
            f"{last['month']}: {last['note']}. Give {', or '.join(remedies)}"
        )


def saves(cases: Cases, of: Bools, advised: Bools) -> Estimate:
    """What 1,000 decisions cost less under the advice than under another policy."""
    if not cases.valued or not len(cases):
        return NOTHING
    less = cost_of(cases, of) - cost_of(cases, advised)
    each = np.bincount(cases.day)
    return ratio_of_clusters(np.bincount(cases.day, less, len(each)), each, clusters="days").scaled(
        1000
    )


def _framed(rows: list[dict[str, Any]]) -> pd.DataFrame:
    frame = _renamed(pd.DataFrame(rows))
    for name in ("inside", "silent_kept", "guarantee", "guarantee_held"):
        if name in frame:
            frame[name] = frame[name].astype("boolean")
    for name, kind in (("changed", "Int64"), ("learnt_from", "Int64")):
        if name in frame:
            frame[name] = frame[name].astype(kind)
    for name in ("status", "kept_because", "thresholds"):
        if name in frame:
            frame[name] = frame[name].astype("string").fillna("")
    return frame


_FIRST = ("month", "policy", "months", "n", "exception_rate", "low", "high", "inside", "status",
          "chance_stated", "chance_for_n")  # fmt: skip


def _renamed(frame: pd.DataFrame) -> pd.DataFrame:
    """The first columns in the order in which they are read."""
    frame = frame.rename(columns={"exception_rate_low": "low", "exception_rate_high": "high"})
    first = [c for c in _FIRST if c in frame]
    return frame[[*first, *(c for c in frame if c not in first)]]


_RANGES = (0.0, 0.5, 0.8, 0.95, 1.0)


def chances(frame: pd.DataFrame) -> pd.DataFrame:
    """Stated chances in ranges, and how often they came true."""
    columns = ["stated", "months", "mean_stated", "mean_for_n", "held"]
    if "chance_stated" not in frame:
        return pd.DataFrame(columns=columns)
    rows = frame[(frame["note"] == "") & (frame["policy"] == ADVICE)]
    rows = rows[rows["chance_stated"].notna() & rows["inside"].notna()]
    out = []
    for low, high in pairwise(_RANGES):
        top = rows["chance_stated"] <= high if high == 1.0 else rows["chance_stated"] < high
        some = rows[(rows["chance_stated"] >= low) & top]
        if len(some):
            means = (float(some[name].mean()) for name in ("chance_stated", "chance_for_n"))
            out.append((f"{low:.0%} to {high:.0%}", len(some), *means, int(some["inside"].sum())))
    return pd.DataFrame(out, columns=columns)
