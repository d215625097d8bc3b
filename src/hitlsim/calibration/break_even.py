"""How often the AI must be right for a team to do better with it than by hand.

People who review err too, and the more so the better the AI is: errors become rare, so one expects
none, and trust grows, so one looks less. Hence the share of wrong drafts that slip depends on the
AI's reliability itself, through what a reviewer comes to expect and to trust in the long run.

The break-even depends above all on how well people do *unaided*, and that figure is an assumption
in most scenarios. The literature puts it at .67 (Rovira et al. 2007) to .70 (Wickens & Dixon 2007,
a regression over 20 studies), in tasks at which the unaided person errs in a fifth to a quarter of
cases. There the model gives .75 to .66 for people who review as clinicians did (habits
``clinical``); sharper eyes (``typical``) do with a far worse AI, or with any. Where people err in
one case of twenty unaided, the AI has to be right in .84 to .95, depending on who reviews,
whatever the literature's round number.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.special import betaincinv, expit

from ..errors import ScenarioError
from ..scenario.base import Lognormal
from ..scenario.explain import instead
from ..scenario.scenario import Scenario
from ..scenario.surface import Workflow
from ..simulation import reviewing, rules
from ..simulation.contract import as_lists
from ..simulation.table import people_of

LITERATURE = (0.67, 0.70)
"""Reliability below which an aid is worse than none: Rovira et al. 2007, Wickens & Dixon 2007."""
BESIDE_THE_LITERATURE = (
    "For comparison: the literature puts the break-even at .67 to .70, in tasks at which people "
    "err in a fifth to a quarter of cases without an aid. How well people do unaided decides more "
    "than anything else, so measure that before you trust these figures."
)
"""What to say beside a table of break-evens."""

_GRID = np.linspace(0, 1, 51)
_QUANTILES = (np.arange(400) + 0.5) / 400
_NODES, _WEIGHTS = np.polynomial.hermite_e.hermegauss(21)
_MS_PER_HOUR = 3_600_000


@dataclass(frozen=True)
class BreakEven:
    """From which reliability on an AI whose every proposal is reviewed is better than none.

    Attributes
    ----------
    workflow : str
    reliability : float
        Share of proposals that must be right, so that no more errors go out than by hand: from
        there on it is so at every higher reliability. 0: any AI will do, since so much is caught.
    reliability_by_cost : float
        The same in money: errors at their cost, hands-on time at the pool's wage. 0: any AI pays;
        infinite: not even one that is always right.
    present : float
        Share of this workflow's proposals that are right, on the first day.
    miss_rate : float
        Share of wrong proposals that reviewers approve there, in the long run.
    errors : float
        Share of proposals that go out wrong there.
    unaided : float
        Share that goes out wrong by hand.
    """

    workflow: str
    reliability: float
    reliability_by_cost: float
    present: float
    miss_rate: float
    errors: float
    unaided: float

    @property
    def better(self) -> bool:
        """Whether fewer errors go out with the AI and its reviewers than by hand."""
        return self.errors < self.unaided

    @property
    def words(self) -> str:
        """What it means, in sentences."""
        return " ".join((self._by_errors(), self._today(), self._by_cost()))

    def _by_errors(self) -> str:
        if self.reliability <= 0:
            return (
                f"Reviewers catch so much that an AI of any quality sends out no more errors than "
                f"people do by hand ({self.unaided:.1%})."
            )
        return (
            f"The AI must be right in {self.reliability:.1%} of its proposals, or more errors go "
            f"out, though all are reviewed, than by hand ({self.unaided:.1%})."
        )

    def _today(self) -> str:
        return (
            f"It is right in {self.present:.1%}; reviewers let {self.miss_rate:.0%} of the wrong "
            f"ones pass, so {self.errors:.1%} go out wrong: "
            f"{'fewer' if self.better else 'no fewer'} than by hand."
        )

    def _by_cost(self) -> str:
        if self.reliability_by_cost <= 0:
            return "In money any AI is worth it, for the time it saves."
        if math.isinf(self.reliability_by_cost):
            return "In money not even an AI that is always right is worth its reviews."
        return f"In money it is worth it from {self.reliability_by_cost:.1%} on."


def break_even(scenario: Scenario, workflow: str) -> BreakEven:
    """The reliability from which on a team does better with the AI than by hand.

    Every proposal is reviewed, by the people who review this workflow now (each as often as their
    hours allow), with an empty queue and fresh eyes: a busy desk needs a better AI. What is
    rejected is drafted once more, as the workflow says. Optional drafts count as used.

    Parameters
    ----------
    scenario : Scenario
    workflow : str

    Returns
    -------
    BreakEven

    Notes
    -----
    A reviewer's state in the long run solves a fixed point. With reliability r and a share x of
    reviews that seem to have shown an error, one expects x; trust is that of beta trust after
    many reviews, ``ws (1 - x) / (ws (1 - x) + wf x)``; both decide how many items are read and
    flagged, and x is the truth where it is learnt, else one's own opinion::

        x = feedback (1 - r) + (1 - feedback) reads(x) ((1 - r) hit(x) + r false_alarm(x))

    The right side lies within [0, 1], so there is a solution (for the habits that ship, one only);
    Brent's method finds it. Errors and costs are then worked out on a grid of r, and their last
    crossing with work by hand is solved in the same way. Money leaves out waiting, and counts harm
    as if nothing were rolled back.

    References
    ----------
    Rovira, McGarry & Parasuraman 2007; Wickens & Dixon 2007; Guo & Yang 2021 for beta trust.

    Examples
    --------
    >>> import hitlsim as hs
    >>> found = break_even(hs.load("on-the-loop"), "follow_up_email")
    >>> 0.67 < found.reliability < 1
    True
    """
    if workflow not in scenario.workflows:
        raise ScenarioError(
            f"{workflow!r} is no workflow; {instead(workflow, list(scenario.workflows))}"
        )
    desk = _Desk(scenario, workflow)
    present = reliability_of(scenario, workflow)
    here = desk.at(present)
    return BreakEven(
        workflow=workflow,
        reliability=_last_crossing(lambda r: desk.at(r).errors - desk.unaided),
        reliability_by_cost=_last_crossing(lambda r: desk.cost(r) - desk.cost_by_hand),
        present=present,
        miss_rate=here.missed,
        errors=here.errors,
        unaided=desk.unaided,
    )


def break_even_table(scenario: Scenario) -> pd.DataFrame:
    """:func:`break_even` of every workflow.

    Returns
    -------
    DataFrame
        One row for each workflow, with the fields of :class:`BreakEven`, whether errors are
        ``better`` with the AI than by hand, and the words.

    Examples
    --------
    >>> import hitlsim as hs
    >>> table = break_even_table(hs.load("outbound"))
    >>> bool((table["present"] < 1).all())
    True
    """
    rows = [break_even(scenario, name) for name in scenario.workflows]
    table = pd.DataFrame([vars(row) for row in rows])
    table["better"] = [row.better for row in rows]
    table["words"] = [row.words for row in rows]
    return table


def reliability_of(scenario: Scenario, workflow: str) -> float:
    """Share of a workflow's proposals that are right: the mean over confidence and signals.

    On the first day: incidents and learning are left out.

    Examples
    --------
    >>> import hitlsim as hs
    >>> 0.5 < reliability_of(hs.load("outbound"), "follow_up_email") < 1
    True
    """
    w = scenario.workflows[workflow]
    a = w.ai.confidence_mean * w.ai.confidence_concentration
    step = 10.0**-w.ai.confidence_decimals
    drawn = betaincinv(a, w.ai.confidence_concentration - a, _QUANTILES)
    confidence = np.clip(np.round(drawn, w.ai.confidence_decimals), step, 1 - step)
    logit = w.ai.intercept + w.ai.slope * np.log(confidence / (1 - confidence))
    shifts, chances = _signal_shifts(scenario, w)
    ok = [expit(logit + shift).mean() for shift in shifts]
    return float(np.dot(ok, chances))


def _signal_shifts(
    scenario: Scenario, w: Workflow
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """What signals together add to the log-odds, to three decimals, and how often."""
    at: NDArray[np.float64] = np.zeros(1)
    chance: NDArray[np.float64] = np.ones(1)
    for name, signal in scenario.signals.items():
        share = w.signal_shares.get(name, signal.share)
        both = np.concatenate([at, at + math.log(signal.odds_of_ok)])
        weight = np.concatenate([chance * (1 - share), chance * share])
        at, index = np.unique(both.round(3), return_inverse=True)
        chance = np.asarray(np.bincount(index, weights=weight), float)
    return at, chance


def _last_crossing(f: Callable[[float], float]) -> float:
    """Where f falls through zero for the last time; 0 if never above, infinite if above at 1."""
    above = np.flatnonzero([f(float(r)) > 0 for r in _GRID])
    if not len(above):
        return 0.0
    last = int(above[-1])
    if last == len(_GRID) - 1:
        return math.inf
    return float(brentq(f, _GRID[last], _GRID[last + 1], xtol=1e-6))


# --- one reviewer --------------------------------------------------------------------------------


class _Habit(NamedTuple):
    """What a reviewer does in the long run; shares of items."""

    reads: float
    hit: float
    false_alarm: float


class _Reviewer:
    """One person with one workflow, in the long run, with an empty queue and fresh eyes."""

    def __init__(self, person: dict[str, Any], review_seconds: Lognormal) -> None:
        self._p = p = person
        self.edit_share: float = p["edit_share"]
        self.hours_by_hand = 1 / p["speed"]
        self.skipping = max(p["skip"], p["dwell"], 1) / _MS_PER_HOUR
        self.reading, self._sharp = 0.0, []
        for z, weight in zip(_NODES.tolist(), (_WEIGHTS / _WEIGHTS.sum()).tolist(), strict=True):
            base = 1000 * review_seconds.median * math.exp(review_seconds.sigma * z)
            took = rules.review_ms(int(base) + 1, 1.0, p["speed"] * p["hurry"], p["dwell"])
            pace = took * p["speed"] / base if p["speed_accuracy"] else math.inf
            self.reading += weight * took / _MS_PER_HOUR
            self._sharp.append((weight, reviewing.sensitivity(p["d_prime"], pace, 0.0, 0.0, 1.0)))
        if p["dwell"] == 0:  # then the pace is the same for all
            self._sharp = [(1.0, self._sharp[len(self._sharp) // 2][1])]

    def at(self, reliability: float) -> _Habit:
        """What becomes of them beside an AI that is right so often."""
        feedback = self._p["feedback"]

        def surplus(seen: float) -> float:
            h = self._after(seen)
            flagged = h.reads * ((1 - reliability) * h.hit + reliability * h.false_alarm)
            return float(feedback * (1 - reliability) + (1 - feedback) * flagged - seen)

        return self._after(float(brentq(surplus, 0.0, 1.0, xtol=1e-9)))

    def _after(self, seen: float) -> _Habit:
        """After many reviews of which this share seemed to show an error."""
        p = self._p
        expects = min(max(seen, 0.0005), 0.9995)
        trust = self._trust(seen)
        reads = reviewing.reading(
            p["reads"], trust, p["by_trust"], 0, p["by_queue"], 0, p["by_repeats"], p["lapse"]
        )
        hit = false_alarm = 0.0
        for weight, d_prime in self._sharp:
            c = reviewing.criterion_of(p["criterion"], p["prevalence"], expects, d_prime)
            hit += weight * reviewing.flag_chance(False, d_prime, c, p["follows"])
            false_alarm += weight * reviewing.flag_chance(True, d_prime, c, p["follows"])
        return _Habit(reads, hit, false_alarm)

    def _trust(self, seen: float) -> float:
        p = self._p
        good, bad = p["success"] * (1 - seen), p["failure"] * seen
        if good + bad <= 0:  # nothing moves it
            good, bad = p["alpha"], p["beta"]
        return float(good / (good + bad))


# --- the desk ------------------------------------------------------------------------------------


class _Outcome(NamedTuple):
    """What comes of one proposal on average."""

    missed: float
    """Share of wrong ones approved."""
    errors: float
    """Share that goes out wrong, redrafts included."""
    hours: float
    """Hands-on time, redrafts included."""


class _Desk:
    """The people who review one workflow, and what work by hand would be."""

    def __init__(self, scenario: Scenario, name: str) -> None:
        w = scenario.workflows[name]
        pool = scenario.pool_of_role(w.raci.responsible[0])
        people, roster = as_lists(people_of(scenario)), scenario.reviewers()
        inside = [i for i, (own, _, _) in enumerate(roster) if own == pool]
        able = scenario.pools[pool].able(name)
        chosen = [i for i in inside if roster[i][1] in able]
        hours = np.array([roster[i][2].hours_per_week for i in chosen])
        self._shares: list[float] = (hours / hours.sum()).tolist()
        self._people = [
            _Reviewer({field: column[i] for field, column in people.items()}, w.review_seconds)
            for i in chosen
        ]
        self._redrafts = w.redrafts
        self._wage = scenario.pools[pool].cost_per_hour
        self._harm = w.harm.fixed + w.harm.deal_share * w.deal_size.mean
        self.unaided = w.by_hand.error_share
        pace = sum(s * p.hours_by_hand for s, p in zip(self._shares, self._people, strict=True))
        self._hours_by_hand = w.by_hand.minutes.mean / 60 * pace

    @cached_property
    def cost_by_hand(self) -> float:
        return float(self._wage * self._hours_by_hand + self._harm * self.unaided)

    def cost(self, reliability: float) -> float:
        """What one proposal costs on average, reviews and errors together."""
        out = self.at(reliability)
        return self._wage * out.hours + self._harm * out.errors

    def at(self, reliability: float) -> _Outcome:
        """What comes of proposals that are right so often."""
        r = reliability
        missed = rejected = hours = 0.0
        for share, person in zip(self._shares, self._people, strict=True):
            h = person.at(r)
            missed += share * (1 - h.reads * h.hit)
            flagged = h.reads * ((1 - r) * h.hit + r * h.false_alarm)
            rejected += share * (1 - person.edit_share) * flagged
            hours += share * (h.reads * person.reading + (1 - h.reads) * person.skipping)
        drafts = 1 + self._redrafts * rejected
        return _Outcome(missed, (1 - r) * missed * drafts, hours * drafts)
