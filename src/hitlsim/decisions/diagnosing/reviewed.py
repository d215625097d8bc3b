"""One pool's or person's reviews, and what can be worked out from their counts.

Nothing here reads a ``true_`` column. Where a log lacks what a figure needs, it is ``NOTHING``: not
known.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from scipy.special import betaincinv, ndtri

from ..counting.measure import days_of, hours_a_week
from ..counting.tally import reviews, tally, work
from ..estimating import unseen
from ..estimating.intervals import (
    FEW,
    INDEPENDENT,
    NOTHING,
    Estimate,
    clopper_pearson,
    counted,
    inverse,
    odds,
    product,
)
from ..log import DecisionLog

_SOLE = 0.95
"""Share of a workflow's reviews from which it counts as one person's own."""
_LONG_DAYS = 53
"""From the first working day of the first of eight weeks to the last of the last."""

_AROUND = np.linspace(0.0, 2 * math.pi, 360, endpoint=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Costs:
    """What a needless intervention and a miss cost, in the same unit."""

    needless: float
    miss: float


@dataclass(frozen=True, slots=True)
class Reviewed:
    """One pool's or person's reviews, and the workflows that are theirs."""

    who: str
    reviews: pd.DataFrame
    """Counts of :func:`~hitlsim.decisions.counting.tally.reviews`."""
    tally: pd.DataFrame
    """Counts of :func:`~hitlsim.decisions.counting.tally.tally` in their workflows."""
    hours: Estimate
    """Hours a week at the desk."""
    capacity: float
    """Hours a week set aside; NaN where not known."""
    floors: bool
    """Whether the record says how long it takes to read a text."""
    shared: bool
    """Whether this is a person, who may share a desk."""

    def sum(self, column: str) -> float:
        return float(self.reviews[column].sum())

    def all(self, column: str) -> float:
        """A count over everything in their workflows."""
        return float(self.tally[column].sum()) if column in self.tally else 0.0

    def share(self, top: str, bottom: str) -> Estimate:
        return clopper_pearson(self.sum(top), self.sum(bottom))

    def rare(self, top: str, bottom: str) -> Estimate:
        """A share of which a few cases give no point."""
        return replace(self.share(top, bottom), few=self.sum(top) < FEW)

    def share_of_all(self, top: str) -> Estimate:
        return clopper_pearson(self.all(top), self.all("safe"))

    # --- what hoarding shows in --------------------------------------------------------------

    @property
    def asked(self) -> Estimate:
        """Of what the AI may take alone, the share a person was asked about or pulled."""
        return clopper_pearson(self.all("exceptions") + self.all("peeked"), self.all("safe"))

    @property
    def changed(self) -> Estimate:
        """Of those, the share that somebody changed."""
        return clopper_pearson(
            self.sum("overridden") + self.sum("peeks_overridden"),
            self.sum("judged") + self.sum("peeks_judged"),
        )

    @property
    def peeked(self) -> Estimate:
        return self.share_of_all("peeked") if self.all("peeked") else NOTHING

    @property
    def begun(self) -> Estimate:
        """Of what they were asked, the share begun within 24 h."""
        return clopper_pearson(self.all("within_24"), self.all("started") + self.all("late_24"))

    @property
    def busy(self) -> Estimate:
        """Hours at the desk / hours set aside."""
        return NOTHING if math.isnan(self.capacity) else self.hours.scaled(1 / self.capacity)

    # --- what abdication shows in ------------------------------------------------------------

    @property
    def fast(self) -> Estimate:
        return self.share("fast", "timed")

    @property
    def again_wrong(self) -> Estimate:
        """Of approvals looked at again, the share found wrong."""
        return self.rare("again_wrong", "again")

    @property
    def complained(self) -> Estimate:
        """Of all approvals, the share somebody complained about."""
        return self.rare("complained", "approved") if self.sum("complained") else NOTHING

    @property
    def lax(self) -> bool:
        """Whether second looks find less than complaints alone show."""
        return self.complained.low > self.again_wrong.high

    @property
    def missed(self) -> Estimate:
        """Of wrong ones before them, the share they passed, by the best evidence there is."""
        if self.sum("outcome_bad"):
            bad = self.sum("outcome_bad")
            return clopper_pearson(bad - self.sum("hit"), bad)
        return self._missed("again_wrong", "again")

    @property
    def missed_at_least(self) -> Estimate:
        """The same from complaints: most wrong ones draw none."""
        if self.sum("outcome_bad"):
            return NOTHING
        return self._missed("complained", "approved") if self.sum("complained") else NOTHING

    def _missed(self, wrong: str, among: str) -> Estimate:
        """Wrong approvals as a share of these and the changed ones.

        With o the share changed and m the share of approvals found wrong: (1-o)m / ((1-o)m + o).
        """
        o, m = self.share("changed", "reviewed"), self.share(wrong, among)
        if not (o.known and m.known):
            return NOTHING
        # a rate of 0 has no logarithm: the interval is centred on (k + 1/2)/(n + 1)
        centred = [replace(e, value=(e.value * e.n + 0.5) / (e.n + 1)) for e in (o, m)]
        e = product(
            inverse(odds(centred[0])), centred[1],
            assumes="what people changed was wrong, as they and the second look judged",
        )  # fmt: skip
        passed = (1 - o.value) * m.value
        value = passed / (passed + o.value) if passed + o.value else math.nan
        few = min(self.sum(wrong), self.sum("changed")) < FEW
        return Estimate(value, _share(e.low), _share(e.high), m.n, e.assumes, few)

    @property
    def trends(self) -> tuple[Estimate, Estimate]:
        """Share changed, and changes per error found, later relative to earlier.

        Within the phase with most reviews, so that looks and boundary are the same; its days are
        halved so that each half has as many reviews. Eight weeks are needed to speak of time.
        """
        none = NOTHING, NOTHING
        if self.tally.empty or not self.sum("reviewed"):
            return none
        phase = self.reviews.groupby("phase")["reviewed"].sum().idxmax()
        mine = self.reviews[self.reviews["phase"] == phase]
        by_day = mine.groupby("day")["reviewed"].sum().cumsum()
        if (by_day.index[-1] - by_day.index[0]).days < _LONG_DAYS:
            return none
        middle = by_day.index[by_day >= by_day.iloc[-1] / 2][0]
        changed, found, seen = [], [], self.tally[self.tally["phase"] == phase]
        for later in (True, False):
            part = mine[(mine["day"] > middle) == later]
            o = clopper_pearson(part["changed"].sum(), part["reviewed"].sum())
            a = unseen.fn_of_auto(seen[(seen["day"] > middle) == later])
            if part["changed"].sum() < FEW or not a.known or a.few:
                return none
            changed.append(o if later else inverse(o))
            found.append(inverse(a) if later else a)
        said = "lookers are as strict as they were"
        return product(*changed, assumes=INDEPENDENT), product(*changed, *found, assumes=said)

    # --- signal detection, where outcomes come by themselves ---------------------------------

    @property
    def detects(self) -> tuple[Estimate, Estimate]:
        """Sensitivity and criterion of their verdicts: d' and c."""
        if min(self.sum("outcome_bad"), self.sum("outcome_ok")) < FEW:
            return NOTHING, NOTHING
        n = self.sum("outcome_bad") + self.sum("outcome_ok")
        said = "bad ones and good ones each alike to see"
        sees, line = (Estimate(*self._probits(*by), n, said) for by in ((1, -1), (-0.5, -0.5)))
        return sees, line

    def _probits(self, of_hits: float, of_alarms: float) -> tuple[float, float, float]:
        """So many times z(H) and z(F) together, and the ends of the interval.

        Half a case is added to each cell (Hautus 1995). Each rate's interval is Jeffreys', which
        stays finite where all or none were called wrong; they are joined by MOVER (Zou & Donner
        2008), each side from the halves that face it.
        """
        value, below, above = 0.0, 0.0, 0.0
        for factor, each in zip((of_hits, of_alarms), self._z, strict=True):
            z, *ends = (factor * x for x in each)
            value += z
            below = math.hypot(below, z - min(ends))
            above = math.hypot(above, max(ends) - z)
        return value, value - below, value + above

    @property
    def _z(self) -> list[tuple[float, float, float]]:
        """z(H) and z(F), each with the ends of its interval."""
        found = []
        for top, bottom in (("hit", "outcome_bad"), ("false_alarm", "outcome_ok")):
            yes, no = self.sum(top) + 0.5, self.sum(bottom) - self.sum(top) + 0.5
            shares = yes / (yes + no), *(betaincinv(yes, no, tail) for tail in (0.025, 0.975))
            z, low, high = (float(ndtri(p)) for p in shares)
            found.append((z, low, high))
        return found

    def leaning(self, costs: Costs) -> tuple[Estimate, Estimate]:
        """The ideal criterion ``c* = ln(beta*)/d'``, and by how much theirs lies above it."""
        sees, c = self.detects
        if not sees.known or sees.low <= 0:
            return NOTHING, NOTHING
        p = self.sum("outcome_bad") / (self.sum("outcome_bad") + self.sum("outcome_ok"))
        log_beta = math.log((1 - p) / p * costs.needless / costs.miss)
        ideal = log_beta / sees.value
        said = f"a miss costs {costs.miss / costs.needless:g} times a needless intervention"
        above = Estimate(c.value - ideal, *self._leaning_ends(log_beta), sees.n, said)
        return counted(ideal, sees.n, said), above

    def _leaning_ends(self, log_beta: float) -> tuple[float, float]:
        """The ends of an interval of ``c - ln(beta*) / d'``, from those of z(H) and z(F).

        Where the function is straight this is MOVER (Zou & Donner 2008): its least and its largest
        value on the ellipse whose halves are those of the two intervals. Near d' = 0 it is not,
        and a tangent in place of the curve covered 81% at d' 0.8, c 1.2, where this covers 95%.
        """
        z = [
            at + np.where(turn > 0, (high - at) * turn, (at - low) * turn)
            for (at, low, high), turn in zip(
                self._z, (np.cos(_AROUND), np.sin(_AROUND)), strict=True
            )
        ]
        leaning = -(z[0] + z[1]) / 2 - log_beta / (z[0] - z[1])
        return float(leaning.min()), float(leaning.max())


def _share(odds_: float) -> float:
    return 1.0 if math.isinf(odds_) else odds_ / (1 + odds_)


def reviewed_by(log: DecisionLog, per: str) -> list[Reviewed]:
    """Everybody who reviewed something, the busiest first."""
    if not len(log):
        return []
    done = reviews(log, per)
    own = log.has("pool") if per == "pool" else log.has("reviewer") or log.has("looker")
    if own:
        done = done[done["who"] != "all"]
    counts = tally(log) if log.has("route") else pd.DataFrame()
    theirs = _homes(done, per)
    minutes = work(log) if log.has("route", "review_minutes") else None
    capacity = log.record.get("capacity_hours_per_week") or {}
    out = []
    for who, rows in done.groupby("who"):
        flows = theirs.get(str(who), []) if own else sorted(done["workflow"].unique())
        hours = NOTHING
        if minutes is not None and per == "pool":
            mine = minutes[minutes["pool"] == who] if own else minutes
            hours = hours_a_week(mine, days_of(log))
        set_aside = capacity.get(str(who), math.nan) if own else sum(capacity.values()) or math.nan
        out.append(
            Reviewed(
                str(who),
                rows,
                counts[counts["workflow"].isin(flows)] if len(counts) else counts,
                hours,
                float(set_aside),
                floors=bool(log.record.get("reading_floor_seconds")),
                shared=per != "pool",
            )
        )
    return sorted(out, key=lambda b: (-b.sum("reviewed"), b.who))


def _homes(done: pd.DataFrame, per: str) -> dict[str, list[str]]:
    """The workflows of each pool; of a person, those that nobody else reviews.

    What reaches a desk that people share is nobody's own doing.
    """
    by = done.groupby(["workflow", "who"])["own"].sum().reset_index()
    by = by[by["own"] > 0]
    most = by.loc[by.groupby("workflow")["own"].idxmax()]
    if per != "pool":
        whole = by.groupby("workflow")["own"].sum()
        most = most[most["own"].to_numpy() >= _SOLE * whole.reindex(most["workflow"]).to_numpy()]
    return {str(who): flows.tolist() for who, flows in most.groupby("who")["workflow"]}
