"""Would the advice have worked? Made at the end of each month, judged on the next."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd

from ...decisions.estimating.intervals import NOTHING, Estimate, ratio_of_clusters
from ...decisions.log import DecisionLog
from ...errors import LogError, NotEnoughEvidence
from ...scenario.boundary import Bands, Boundary
from .backtest_judged import (
    Advice,
    Asked,
    cells,
    changed,
    inside,
    judged,
    part_of,
    share_moved,
    shown,
)
from .bands import DEFAULT_AUTO, DEFAULT_REVIEW
from .cases import Assumption, Bools, Cases
from .costs import Costs, costs_of
from .from_log import FromLog, from_log
from .goals import Goals, goals_of
from .holding import Band
from .known_then import By, Calendar, by_then, what_is_dated
from .on_log import _refuse_desk as refuse_desk
from .outlook import cost_of, outlook
from .policy import Policy
from .spending import Spending
from .triggers import flows_in
from .tune import _SHAPES as SHAPES
from .tune import RulesOf

ADVICE, NOTHING_DONE, USUAL, HINDSIGHT = "advice", "doing nothing", "usual 90/70", "in hindsight"
"""The policies compared: as advised, as it was, vendors' bands, and the best rules of that month."""
_JUST = 0.5
"""Chance of being inside by luck alone, at the middle of the band, below which nothing is judged."""
_SILENT = ("fn_share", "fn_of_auto", "fn_of_bad")


@dataclass(frozen=True, kw_only=True)
class Backtest:
    """Advice of each month, judged on the next.

    Attributes
    ----------
    frame : DataFrame
        One row for each month and policy: ``month`` (the one judged), ``policy``, ``n``,
        ``exception_rate`` with ``low`` and ``high``, ``inside`` (the band), ``chance_stated`` (that
        it would be), the three rates of silent errors and ``cost_per_1000`` with their intervals,
        ``guarantee`` (whether one was given), ``guarantee_held``, ``thresholds``, ``changed`` (in
        how many workflows the rule is new), ``moved`` (share of decisions routed otherwise than
        under the advice before), ``learnt_from`` (decisions) and ``note``: why a month cannot be
        judged.
    totals : DataFrame
        All months that can be judged together, one row for each policy: ``months``, ``inside``,
        and the same figures; ``saves`` is what 1,000 decisions would have cost less under the
        advice.
    chances : DataFrame
        Stated chances of being inside against what came: ``stated`` (a range), ``months``,
        ``mean_stated`` and ``held``.
    nothing : str
        The policy that stands for doing nothing.
    """

    frame: pd.DataFrame
    totals: pd.DataFrame
    chances: pd.DataFrame
    goals: Goals
    by: By
    learn: Literal["all"] | int
    nothing: str
    first: str
    dated: str
    complete: bool
    """Whether every outcome is known, so that hindsight is exact."""
    assumptions: tuple[Assumption, ...]
    spending: Spending | None = None
    currency: str = ""
    source: str = "decision log"

    @property
    def policies(self) -> list[str]:
        """The policies compared, in order."""
        return list(self.totals["policy"])

    @property
    def judged(self) -> pd.DataFrame:
        """The rows of months that can be judged."""
        return self.frame[self.frame["note"] == ""]

    def of(self, policy: str) -> pd.DataFrame:
        """The months of one policy that can be judged, in order."""
        rows = self.judged
        return rows[rows["policy"] == policy].reset_index(drop=True)

    def total(self, policy: str) -> pd.Series:
        """All months together under one policy."""
        return self.totals.set_index("policy").loc[policy]

    def words(self) -> list[str]:
        """The verdict, then what it rests on, in sentences."""
        from .backtest_words import sentences

        return list(sentences(self))

    def to_dict(self) -> dict[str, Any]:
        """Everything as plain values, for ``results.json``."""
        from .backtest_words import plain

        return plain(self)

    def _repr_html_(self) -> str:
        from html import escape

        from .backtest_words import table

        said = "".join(f"<li>{escape(s)}</li>" for s in self.words())
        return f"<ul>{said}</ul>{table(self).to_html(index=False)}"


def backtest(
    log: DecisionLog,
    goals: Goals | Mapping[str, Any] | None = None,
    *,
    by: By = "month",
    learn: Literal["all"] | int = "all",
    rules: RulesOf = "triggers",
    costs: Costs | Mapping[str, Any] | None = None,
    boundary: Boundary | None = None,
    together: bool = False,
    exception_rate: tuple[float, float] | None = (0.10, 0.15),
    fn_share: float | None = None,
    fn_of_auto: float | None = None,
    fn_of_bad: float | None = None,
    confidence: float | None = None,
    override_rate: float | None = None,
    hours_per_week: float | None = None,
    cost_per_1000: float | None = None,
) -> Backtest:
    """Make the advice of :func:`~hitlsim.tune` at the end of each month, judge it on the next.

    Advice is made from what was known by then, and compared with doing nothing, with the usual
    90/70 bands, and with the best rules in hindsight: tuned on the very month they are judged on,
    which nobody can have. Judged is with all that is known today. The decisions are those of the
    log: what people did is put on other routes as they were seen to do it.

    Parameters
    ----------
    log : DecisionLog
        Two months at least (two weeks with ``by="week"``).
    goals : Goals or mapping, optional
        The targets in one piece; each may also be given by its name, as for
        :func:`~hitlsim.tune`.
    by : {"month", "week"}
        How often advice is made.
    learn : "all" or int
        From how many of the last months (weeks) advice is learnt. All of them is steadier, a few
        forget sooner what no longer holds.
    rules : {"triggers", "bands", "one"}
        How much people should keep in mind.
    costs : Costs or mapping, optional
        What errors and looks cost where the log does not say.
    boundary : Boundary, optional
        The spec that holds now, in place of the log's own routes: this is then doing nothing.
    together : bool
        Whether the guarantees of all months must hold together with ``confidence``, and not each
        by itself; :class:`~hitlsim.calibration.tuning.spending.Spending` shares it out.
    exception_rate, fn_share, fn_of_auto, fn_of_bad, confidence, override_rate
        Targets.
    hours_per_week, cost_per_1000 : float, optional
        At most.

    Returns
    -------
    Backtest

    Raises
    ------
    LogError
        When the log has one month only, targets contradict each other, or a target needs a
        simulated desk.

    Examples
    --------
    >>> import hitlsim as hs
    >>> log = hs.simulate(hs.load("operator"), seed=7).log
    >>> found = backtest(log, by="month")
    >>> found.policies
    ['advice', 'doing nothing', 'usual 90/70', 'in hindsight']
    >>> bool((found.of("in hindsight")["inside"]).all())
    True
    """
    named = {
        "fn_share": fn_share, "fn_of_auto": fn_of_auto, "fn_of_bad": fn_of_bad,
        "confidence": confidence, "override_rate": override_rate,
        "hours_per_week": hours_per_week, "cost_per_1000": cost_per_1000,
    }  # fmt: skip
    targets: dict[str, Any] = {k: v for k, v in named.items() if v is not None}
    if goals is None or exception_rate != (0.10, 0.15):
        targets["exception_rate"] = exception_rate
    wanted = goals_of(goals, **targets)
    refuse_desk(wanted)
    _check(rules, learn, by, together, wanted)
    calendar = Calendar.of_log(log, by)
    flows = tuple(flows_in(log)[1])
    money = costs_of(costs, flows)
    whole = from_log(log, money, boundary)
    asked = Asked(wanted, SHAPES[rules], money, boundary, whole.cases.workflows, by)
    return _Run(log, calendar, whole, asked, learn, together).run()


def _check(rules: str, learn: Literal["all"] | int, by: str, together: bool, goals: Goals) -> None:
    if rules not in SHAPES:
        raise LogError(f"rules {rules!r} must be one of {', '.join(SHAPES)}")
    whole = isinstance(learn, int) and not isinstance(learn, bool) and learn >= 1
    if learn != "all" and not whole:
        raise LogError(f"learn {learn!r} must be 'all', or a number of {by}s from 1 on")
    if together and goals.silent is None:
        raise LogError(
            "together: no rate of silent errors is asked for, so nothing is guaranteed; "
            "give fn_share, fn_of_auto or fn_of_bad"
        )


class _Run:
    """The months one after the other."""

    def __init__(
        self, log: DecisionLog, calendar: Calendar, whole: FromLog, asked: Asked,
        learn: Literal["all"] | int, together: bool,
    ) -> None:  # fmt: skip
        self.log, self.calendar, self.whole, self.asked = log, calendar, whole, asked
        self.goals, self.learn = asked.goals, learn
        cases = whole.cases
        days = whole.start + pd.to_timedelta(np.arange(cases.day.max() + 1), unit="D")
        self.period = calendar.number(days)[cases.day]
        self.spending = None
        if together:
            retunes = len(calendar.periods) - 1
            self.spending = Spending(confidence=self.goals.confidence, retunes=retunes)
        self.standing = self._standing()
        names = [ADVICE, *self.standing, HINDSIGHT]
        self.asks: dict[str, Bools] = {name: np.zeros(len(cases), bool) for name in names}
        self.can = np.zeros(len(cases), bool)
        """Decisions of months that can be judged."""

    def _standing(self) -> dict[str, Bools]:
        """What stays the same all the time: doing nothing, and the usual bands."""
        cases, given = self.whole.cases, self.asked.boundary
        usual = Boundary(bands=Bands(auto=DEFAULT_AUTO, review=DEFAULT_REVIEW))
        by_usual = Policy.of(usual, cases.workflows).asks(cases)
        if given is None and cases.routed_alone is not None:
            return {NOTHING_DONE: ~cases.routed_alone, USUAL: by_usual}
        now = self.whole.today.asks(cases)
        if (now == by_usual).all():
            return {USUAL: by_usual}
        return {NOTHING_DONE: now, USUAL: by_usual}

    def run(self) -> Backtest:
        rows: list[dict[str, Any]] = []
        advice: Advice | None = None
        for number in range(1, len(self.calendar.periods)):
            before = advice
            made, why = self._advice(number)
            advice = made or before
            rows += self._month(number, advice, made, before, why)
        frame = _framed(rows, self.goals)
        if not (frame["note"] == "").any():
            raise NotEnoughEvidence(self._nothing_judged(frame))
        nothing = NOTHING_DONE if NOTHING_DONE in self.standing else USUAL
        cases = self.whole.cases
        labels = self.calendar.labels()
        return Backtest(
            frame=frame, totals=self._totals(frame), chances=_chances(frame), goals=self.goals,
            by=self.calendar.by, learn=self.learn, nothing=nothing, first=labels[0],
            dated=what_is_dated(self.log), complete=self.asked.exact(cases).exact,
            assumptions=cases.assumptions, spending=self.spending, currency=cases.currency,
            source=str(self.log.record.get("source", "decision log")),
        )  # fmt: skip

    # --- one month -------------------------------------------------------------------------------

    def _advice(self, number: int) -> tuple[Advice | None, str]:
        """Advice from the months before, or why there is none."""
        of = self.calendar.of
        first = 0 if self.learn == "all" else max(0, number - self.learn)
        rows = (of >= first) & (of < number)
        if not rows.any():
            return None, f"no decision in the {self.learn} {self.calendar.by}s before"
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
        why: str,
    ) -> list[dict[str, Any]]:  # fmt: skip
        """A row for each policy."""
        here = self.period == number
        cases = part_of(self.whole.cases, here)
        month = self.calendar.labels()[number]
        note = self._cannot(len(cases), advice, why)
        if not note:
            self.can |= here
        asks = {name: route[here] for name, route in self.standing.items()}
        if advice is not None and len(cases):
            asks[ADVICE] = advice.policy.asks(cases)
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
            rows.append(row)
        return rows

    def _cannot(self, n: int, advice: Advice | None, why: str) -> str:
        """Why a month cannot be judged; empty where it can."""
        if n == 0:
            return "no decision that the AI may take"
        if advice is None:
            return f"no advice: {why}"
        band = Band(*self.goals.band, n)
        if self.goals.exception_rate is not None and band.chance_if_known(band.middle) < _JUST:
            return (
                f"too few: {n:,} decisions lie outside {band} by chance more often than not, even "
                "with the true rate in its middle"
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
        out["chance_stated"] = made.chance
        if made.guarantee is not None:
            out["guarantee"] = made.guarantee.holds
            out["guarantee_held"] = row.get("silent_kept") if made.guarantee.holds else None
        return out

    # --- all months ------------------------------------------------------------------------------

    def _totals(self, frame: pd.DataFrame) -> pd.DataFrame:
        cases = part_of(self.whole.cases, self.can)
        rows = []
        advised = self.asks[ADVICE][self.can]
        for name, asks in self.asks.items():
            months = frame[(frame["policy"] == name) & (frame["note"] == "")]
            row = judged(cases, asks[self.can], self.goals)
            row |= {"policy": name, "months": len(months), "inside": int(months["inside"].sum())}
            row |= cells("saves", saves(cases, asks[self.can], advised))
            rows.append(row)
        return _renamed(pd.DataFrame(rows))

    def _nothing_judged(self, frame: pd.DataFrame) -> str:
        by = self.calendar.by
        last = frame.iloc[-1]
        longer = "a longer log, or by='month'" if by == "week" else "a longer log"
        return (
            f"none of the {len(self.calendar.periods) - 1} {by}s after the first can be judged; "
            f"{last['month']}: {last['note']}. Give {longer}, or a wider band"
        )


def saves(cases: Cases, of: Bools, advised: Bools) -> Estimate:
    """What 1,000 decisions cost less under the advice than under another policy."""
    if not cases.valued or not len(cases):
        return NOTHING
    less = cost_of(cases, of) - cost_of(cases, advised)
    each = np.bincount(cases.day)
    return ratio_of_clusters(
        np.bincount(cases.day, less, len(each)), each, clusters="days"
    ).scaled(1000)


def _framed(rows: list[dict[str, Any]], goals: Goals) -> pd.DataFrame:
    frame = _renamed(pd.DataFrame(rows))
    for name in ("inside", "silent_kept", "silent_sure", "guarantee", "guarantee_held"):
        if name in frame:
            frame[name] = frame[name].astype("boolean")
    for name, kind in (("changed", "Int64"), ("learnt_from", "Int64")):
        if name in frame:
            frame[name] = frame[name].astype(kind)
    for name in ("kept_because", "thresholds"):
        if name in frame:
            frame[name] = frame[name].astype("string").fillna("")
    return frame


def _renamed(frame: pd.DataFrame) -> pd.DataFrame:
    """The first columns in the order in which they are read."""
    frame = frame.rename(columns={"exception_rate_low": "low", "exception_rate_high": "high"})
    first = [c for c in ("month", "policy", "months", "n", "exception_rate", "low", "high",
                         "inside", "chance_stated") if c in frame]  # fmt: skip
    return frame[[*first, *(c for c in frame if c not in first)]]


_RANGES = (0.0, 0.5, 0.8, 0.95, 1.0)


def _chances(frame: pd.DataFrame) -> pd.DataFrame:
    """Stated chances in ranges, and how often they came true."""
    columns = ["stated", "months", "mean_stated", "held"]
    if "chance_stated" not in frame:
        return pd.DataFrame(columns=columns)
    rows = frame[(frame["note"] == "") & (frame["policy"] == ADVICE)]
    rows = rows[rows["chance_stated"].notna() & rows["inside"].notna()]
    out = []
    for low, high in zip(_RANGES[:-1], _RANGES[1:], strict=True):
        top = rows["chance_stated"] <= high if high == 1.0 else rows["chance_stated"] < high
        some = rows[(rows["chance_stated"] >= low) & top]
        if len(some):
            out.append((f"{low:.0%} to {high:.0%}", len(some),
                        float(some["chance_stated"].mean()), int(some["inside"].sum())))  # fmt: skip
    return pd.DataFrame(out, columns=columns)
