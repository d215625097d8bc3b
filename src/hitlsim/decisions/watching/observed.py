"""What a stretch of a log shows: shares, each with how much evidence it carries."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ..columns import SAFE_ROUTES
from ..estimating.intervals import NOTHING, Estimate
from ..estimating.unseen import chances, sampled
from ..log import DecisionLog
from . import relation
from .periods import Period

Floats = NDArray[np.float64]

EXCEPTION, OVERRIDE, SILENT = "exception_rate", "override_rate", "silent_errors"
BASE, CALIBRATION, SCORE = "base_rate", "calibration", "score"
_COUNTED = {EXCEPTION: ("exceptions", "safe"), OVERRIDE: ("overridden", "judged")}


@dataclass(frozen=True, slots=True)
class Share:
    """A share as a stretch of a log shows it.

    Attributes
    ----------
    value : float
        NaN where nothing was seen.
    expected : float
        What the baseline leads one to expect of the same decisions, as a multiple of its own share.
    n : float
        As many independent decisions would say as much (Kish's effective size).
    seen : int
        Outcomes known, or decisions counted.
    failures : int
        Of them, how many count for the share.
    """

    value: float
    expected: float
    n: float
    seen: int
    failures: int


_NOTHING = Share(math.nan, 1.0, 0.0, 0, 0)


class Observed:
    """The counts and outcomes of a log, to be asked about any stretch of days.

    No column that only a simulation has is read, and no outcome known by a complaint alone:
    complaints come only about bad decisions.
    """

    def __init__(self, log: DecisionLog) -> None:
        from ..counting.tally import tally  # Ibis takes a while to come

        self._rows = tally(log)
        self._day = self._rows["day"].to_numpy().astype("M8[D]")
        self.has_outcomes = bool(self._rows["auto_sampled"].sum())
        self.has_verdicts = log.has("verdict") or log.has("look_verdict")
        self.by_chance = log.has("inclusion")
        frame = log.frame[log.frame["route"].isin(SAFE_ROUTES) & ~log.tests]
        self._known = sampled(frame)
        self.score = frame["confidence"].to_numpy(float)
        self.day = np.asarray(frame["decided_at"].dt.tz_localize(None).to_numpy().astype("M8[D]"))
        self._bad = np.zeros(len(frame))
        if "ok" in frame:
            self._bad = 1 - frame["ok"].fillna(True).to_numpy(float)
        self._chance = chances(frame)
        names = frame["workflow"].astype("str") if "workflow" in frame else [""] * len(frame)
        codes, flows = pd.factorize(np.asarray(names, dtype=object))
        self._flow, self._flows = codes.astype(np.int64), len(flows)
        self._alone = (frame["route"] == "auto").to_numpy()
        self.relation: relation.Relation | None = None
        self._rates: dict[str, dict[str, float]] = {}
        self._promised = math.nan

    def learn(self, first: pd.Timestamp, last: pd.Timestamp) -> None:
        """Fit what the score promised on the baseline, if its outcomes and scores allow it."""
        flows = _Flows(self._rows[within(self._day, first, last)])
        self._rates = {SILENT: flows.rates(silent=True), BASE: flows.rates(silent=False)}
        score, bad, weight, flow = self._outcomes(first, last)
        few = min(bad.sum(), (1 - bad).sum()) < relation.FEW_EITHER
        if few or np.ptp(score) == 0:
            return
        self.relation = relation.fit(score, bad, weight, flow, self._flows)
        self._promised = float(np.average(bad, weights=weight))

    def share(self, name: str, period: Period) -> Share:
        """One of the shares in a stretch of days."""
        if name == CALIBRATION:
            return self._calibration(period)
        rows = self._rows[within(self._day, period.first, period.last)]
        if name in _COUNTED:
            top, bottom = (float(rows[c].sum()) for c in _COUNTED[name])
            if not bottom:
                return _NOTHING
            return Share(top / bottom, 1.0, bottom, int(bottom), int(top))
        return _Flows(rows).share(self._rates.get(name, {}), silent=name == SILENT)

    def slope(self, first: pd.Timestamp, last: pd.Timestamp) -> Estimate:
        """Whether the score still tells good from bad: 1 as in the baseline, 0 not at all."""
        if self.relation is None:
            return NOTHING
        return relation.slope_now(self.relation, *self._outcomes(first, last))

    def _calibration(self, period: Period) -> Share:
        score, bad, w, flow = self._outcomes(period.first, period.last)
        if self.relation is None or not len(score):
            return _NOTHING
        p = self.relation.expected(score, flow)
        expected = float(np.average(p, weights=w))
        variance = float((w**2 * p * (1 - p)).sum()) / float(w.sum()) ** 2
        return Share(
            float(np.average(bad, weights=w)), expected / self._promised,
            expected * (1 - expected) / variance, len(bad), int(bad.sum()),
        )  # fmt: skip

    def _outcomes(
        self, first: pd.Timestamp, last: pd.Timestamp
    ) -> tuple[Floats, Floats, Floats, NDArray[np.int64]]:
        """Score, whether bad, weight and workflow of the decisions with a known outcome.

        Weights are those of :class:`_Flows`: the inverse of the chance to be looked at, scaled
        so that each workflow's known decisions, alone or not, stand for all of them.
        """
        here = np.flatnonzero(within(self.day, first, last) & np.isfinite(self.score))
        stratum = 2 * self._flow[here] + self._alone[here]
        size = 2 * self._flows
        seen = np.bincount(stratum, self._known[here], size)
        # a workflow of which nothing that went alone was looked at speaks for nothing
        known = self._known[here] & (seen[2 * self._flow[here] + 1] > 0)
        weight = known / self._chance[here]
        all_of, seen = np.bincount(stratum, minlength=size), np.bincount(stratum, weight, size)
        scale = np.divide(all_of, seen, out=np.zeros(size), where=seen > 0)
        kept = here[known]
        return (
            self.score[kept], self._bad[kept], (weight * scale[stratum])[known], self._flow[kept]
        )  # fmt: skip


def within(
    day: NDArray[np.datetime64], first: pd.Timestamp, last: pd.Timestamp
) -> NDArray[np.bool_]:
    """Which days lie in a stretch, its ends included."""
    return np.asarray((day >= np.datetime64(first, "D")) & (day <= np.datetime64(last, "D")))


_SUMS = ["auto", "safe", "auto_w", "auto_w_bad", "auto_ww", "auto_sampled", "auto_bad",
         "asked_sampled", "asked_bad"]  # fmt: skip


class _Flows:
    """Bad decisions of each workflow, those that went alone and those that did not.

    Estimated like the scorecard's silent errors: within each workflow a share weighted with the
    inverse of each decision's chance to be looked at, scaled up to all of it. A workflow of which
    nothing that went alone was looked at speaks for nothing.
    """

    def __init__(self, rows: pd.DataFrame) -> None:
        by = rows.groupby("workflow", observed=True)[_SUMS].sum()
        self.names = list(by.index)
        c = {name: by[name].to_numpy(float) for name in _SUMS}
        self.looked = c["auto_w"] > 0
        self.auto, self.asked = c["auto"], c["safe"] - c["auto"]
        self.scale = _ratio(c["auto"], c["auto_w"])
        self.silent_bad = self.scale * c["auto_w_bad"]
        self.squares = self.scale**2 * c["auto_ww"]
        self.up = _ratio(self.asked, c["asked_sampled"])
        self.asked_bad, self.asked_sampled = self.up * c["asked_bad"], c["asked_sampled"]
        self.counts = c

    def bad(self, *, silent: bool) -> Floats:
        """Bad decisions of each workflow."""
        return self.silent_bad if silent else np.asarray(self.silent_bad + self.asked_bad)

    @property
    def all_of(self) -> Floats:
        """Decisions of each workflow that the AI may take alone."""
        return np.asarray(self.auto + self.asked)

    def rates(self, *, silent: bool) -> dict[str, float]:
        """Share of bad ones of each workflow that was looked at."""
        share = _ratio(self.bad(silent=silent), self.all_of)
        return {n: float(share[i]) for i, n in enumerate(self.names) if self.looked[i]}

    def share(self, rates: dict[str, float], *, silent: bool) -> Share:
        """The share of all workflows that were looked at."""
        seen = self.looked
        alone, total = float(self.auto[seen].sum()), float(self.all_of[seen].sum())
        if not alone:
            return _NOTHING
        p = float(self.bad(silent=silent)[seen].sum()) / total
        squares = float(self.squares.sum())
        known, failures = self.counts["auto_sampled"].sum(), self.counts["auto_bad"].sum()
        if silent:
            # exceptions are known not to be silent errors; the others carry what the looks carry
            each = (1 - 2 * p) * squares * total / alone + p * (squares + total - alone)
            # where everything is bad nothing is left to divide: all went alone, by its weights
            n = (1 - p) * total**2 / each if each > 0 and p < 1 else total**2 / squares
        else:
            n = total**2 / (squares + float((self.up**2 * self.asked_sampled)[seen].sum()))
            known = known + self.asked_sampled[seen].sum()
            failures = failures + self.counts["asked_bad"][seen].sum()
        return Share(p, self._leaning(rates), n, round(known), round(failures))

    def _leaning(self, rates: dict[str, float]) -> float:
        """By how much the workflows looked at were worse in the baseline than all of them."""
        here = np.array([n in rates for n in self.names])
        usual = np.array([rates.get(n, 0.0) for n in self.names]) * self.all_of
        seen = here & self.looked
        if not usual[seen].sum() or seen.sum() == here.sum():
            return 1.0
        of_seen = usual[seen].sum() / self.all_of[seen].sum()
        return float(of_seen / (usual[here].sum() / self.all_of[here].sum()))


def _ratio(top: Floats, bottom: Floats) -> Floats:
    return np.asarray(np.divide(top, bottom, out=np.zeros_like(top), where=bottom > 0))
