"""From answers to habits: each answer against the chance it had in the state of its moment."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy.special import betaincinv

from ...decisions.estimating.intervals import FEW, Estimate, clopper_pearson
from ...errors import NotEnoughEvidence
from ...scenario.scenario import Scenario
from ...scenario.surface import Workflow
from ...simulation.reviewing import criterion_of, flag_chance, leaning, reading, sensitivity
from ...simulation.table import signal_detection
from ..scoring.score import Score
from .measured import ASSUMES, HABITS, HURRY, USUAL, Drawn, Measured, made_of, usual_edits, within
from .posterior import Floats, Pace, Rate, Two, pace_of, rate_of, two_of
from .replay import replayed


def habits_of(score: Score, scenario: Scenario | None = None) -> Measured:
    """Turn somebody's answers into habits of the simulator.

    A deck is no desk: many of its items are wrong, trust falls, people tire. Each answer is set
    against the chance it had in the state in which it was given, by the simulator's own rules, so
    that somebody of known habits who plays a deck gets these habits back.

    Parameters
    ----------
    score : Score
    scenario : Scenario, optional
        Whose first pool they belong to, and whose workflows say how long a review usually takes.

    Returns
    -------
    Measured

    Raises
    ------
    NotEnoughEvidence
        When no habit at all can be measured; says how many answers would do.

    References
    ----------
    Green & Swets 1966 (signal detection); Jeffreys 1946 (the prior of each rate).

    Examples
    --------
    >>> import hitlsim as hs
    >>> from hitlsim.training.cohort import simulated_cohort
    >>> from hitlsim.training.dealing.deck import draw_deck
    >>> from hitlsim.training.scoring.score import score
    >>> team = hs.load("on-the-loop")
    >>> answers = simulated_cohort(draw_deck(hs.simulate(team, seed=7).log), team)
    >>> kite = habits_of(score(answers.of("kite")), team)  # waves things through
    >>> kite.figures["inspect_share"].high < 0.6, kite.point.habits.peek_share
    (True, 0.0)
    """
    flows = {} if scenario is None else scenario.workflows
    usual_time = Workflow.model_fields["review_seconds"].default
    seconds = {"": usual_time.median, **{n: w.review_seconds.median for n, w in flows.items()}}
    accountability = 0.0 if scenario is None else scenario.pools[
        scenario.reviewers()[0][0]].accountability  # fmt: skip
    f = replayed(score.marks, USUAL, seconds)
    quick = _sees_at_a_glance(f)
    return replace(_Measuring(score, f.assign(timed=f["timed"] & ~quick), accountability).done(),
                   quick=quick)  # fmt: skip


def _sees_at_a_glance(f: pd.DataFrame) -> bool:
    """Whether somebody tells wrong from right in less time than the text takes to read.

    Of wrong items they then call more wrong than, by their times, they read of the right ones.
    Whoever waves through does not: what is not read is not called wrong either.
    """
    timed = f[f["timed"]]
    wrong, right = timed[~timed["right"]], timed[timed["right"]]
    if min(len(wrong), len(right)) < FEW:
        return False
    called = clopper_pearson(float(wrong["flag"].sum()), len(wrong))
    return called.low > clopper_pearson(float(right["read"].sum()), len(right)).high


_SHORTEST = 0.001
"""Seconds; no time has no log."""
_ODDS = 1e-12


class _Measuring:
    """The answers of one person, with the state in which each was given."""

    def __init__(self, score: Score, f: pd.DataFrame, accountability: float) -> None:
        self.score, self.f = score, f.assign(over=1.0)
        self._steadied = USUAL.accountability_weight * accountability
        self.figures: dict[str, Estimate] = {}
        self.counted: dict[str, int] = {}
        self.said: dict[str, float] = {}

    def done(self) -> Measured:
        pace = self._pace()
        if pace:
            over = pace.over(_longer(self.f, "floor_seconds"))
            self.f["over"] = np.where(self.f["timed"], over, 1.0)
        eyes = self._eyes()
        rates = {
            name: rate
            for name, rate in (("inspect_share", self._reads()), ("peek_share", self._peeks()))
            if rate is not None
        }
        edits = self._edits()
        if not self.figures:
            raise NotEnoughEvidence(self._too_little())
        edit_share = self.said.pop("edit_share", usual_edits())
        asked = self.f[self.f["asked"]]
        return Measured(
            self.score.who, Drawn(made_of(self.said), edit_share),
            {m.name: self.figures[m.name] for m in HABITS if m.name in self.figures},
            self.counted, float(asked["up"].mean()) if len(asked) else math.nan,
            eyes, rates, pace, edits,
        )  # fmt: skip

    def _too_little(self) -> str:
        had = ", ".join(f"{self.counted[m.name]} {m.of}" for m in HABITS)
        return (
            f"{self.score.who}: {len(self.f)} answers show no habit yet: {had}. It takes {FEW} of "
            "a kind; play a whole round, 40 items"
        )

    def _note(self, name: str, value: float, interval: tuple[float, float]) -> None:
        self.said[name] = value
        self.figures[name] = Estimate(value, *interval, self.counted[name], ASSUMES)

    # --- how fast, and whether it is read ----------------------------------------------------

    def _pace(self) -> Pace | None:
        """From the times that are no shorter than their text takes; the others may be of no use."""
        read = self.f[self.f["timed"] & (self.f["seconds"] >= self.f["floor_seconds"])]
        read = read[read["seconds"] > 0]
        n = self.counted["hurry"] = len(read)
        if n < FEW:
            return None
        pace = pace_of(_longer(read, "seconds"), _longer(read, "floor_seconds"))
        low, value, high = (within(float(x), HURRY) for x in pace.at(np.array([0.025, 0.5, 0.975])))
        self._note("hurry", value, (low, high))
        return pace

    def _reads(self) -> Rate | None:
        timed = self.f[self.f["timed"]]
        self.counted["inspect_share"] = len(timed)
        if len(timed) < FEW:
            return None
        kinds = list(_kinds(timed, "read", ["right"]))
        eyes = [self.said.get(n, getattr(USUAL, n)) for n in ("hit_rate", "false_alarm_rate")]
        flags = self._flags_of(kinds, *eyes)
        # what is read and found right in less than its time counts as not read
        counts = [p + (1 - p) * k.over for k, p in zip(kinds, flags, strict=True)]
        rate = rate_of(
            [k.hits for k in kinds], [k.n for k in kinds],
            lambda share: [
                self._reading(share, k) * c for k, c in zip(kinds, counts, strict=True)
            ],
        )  # fmt: skip
        self._note("inspect_share", rate.mean, rate.interval)
        return rate

    def _reading(self, share: float, k: _Kind) -> float:
        """The chance that an item is read in this state, by the simulator's rule."""
        u = USUAL
        return reading(
            _logit(share) + self._steadied, k.trust, u.trust_weight, k.waiting, u.queue_weight,  # type: ignore[arg-type]  # a mean of items waiting
            0, 0.0, u.lapse,
        )  # fmt: skip

    def _peeks(self) -> Rate | None:
        routine = self.f[self.f["routine"]]
        n = self.counted["peek_share"] = len(routine)
        if n < FEW:
            return None
        kinds = list(_kinds(routine, "up", []))
        rate = rate_of(
            [k.hits for k in kinds], [k.n for k in kinds],
            lambda share: [
                leaning(_logit(share), -USUAL.peek_trust_weight, k.trust) for k in kinds
            ],
        )  # fmt: skip
        # what somebody never did is left open, and not charged
        self._note("peek_share", rate.mean if routine["up"].any() else 0.0, rate.interval)
        if not routine["up"].any():
            self.figures["peek_share"] = Estimate(0.0, 0.0, rate.interval[1], n, ASSUMES)
        return rate

    # --- what is seen, and what is done about it ---------------------------------------------

    def _eyes(self) -> Two | None:
        """Hit and false-alarm rate of what was read; untimed, it was read as often as usual."""
        f = self.f[self.f["read"] | (self.f["looked"] & ~self.f["timed"])]
        bad, good = int((~f["right"]).sum()), int(f["right"].sum())
        self.counted |= {"hit_rate": bad, "false_alarm_rate": good}
        if min(bad, good) < FEW:
            return None
        kinds = list(_kinds(f, "flag", ["right", "timed"]))
        read = [1.0 if k.timed else self._reading(USUAL.inspect_share, k) for k in kinds]

        def chances(hit: float, alarm: float) -> list[float]:
            each = zip(kinds, read, self._flags_of(kinds, hit, alarm), strict=True)
            return [r * p / max(p + (1 - p) * k.over, _ODDS) for k, r, p in each]

        two = two_of([k.hits for k in kinds], [k.n for k in kinds], chances)
        for name, rate in (("hit_rate", two.first), ("false_alarm_rate", two.second)):
            self._note(name, rate.mean, rate.interval)
        return two

    def _flags_of(self, kinds: list[_Kind], hit: float, alarm: float) -> list[float]:
        """The chance of each kind to be called wrong when read."""
        d_prime, criterion = signal_detection(hit, alarm)
        pace = 1 / self.said.get("hurry", USUAL.hurry)
        return [_flags(k, d_prime, criterion, pace) for k in kinds]

    def _edits(self) -> tuple[float, float] | None:
        flags = self.f[self.f["flag"]]
        n = self.counted["edit_share"] = len(flags)
        if n < FEW:
            return None
        k = int((flags["action"].astype(str) == "edit").sum())
        a, b = k + 0.5, n - k + 0.5
        low, high = betaincinv(a, b, [0.025, 0.975])
        self._note("edit_share", a / (a + b), (float(low), float(high)))
        return a, b


class _Kind(NamedTuple):
    """Answers alike in what they were and in the state in which they were given."""

    hits: float
    n: float
    right: bool
    timed: bool
    surprise: float
    trust: float
    tired_minutes: float
    waiting: float
    over: float
    """Chance to take as long as its text takes, when it is read."""


def _longer(f: pd.DataFrame, name: str) -> Floats:
    """Log of a time relative to the usual one."""
    return np.asarray(np.log(f[name].clip(lower=_SHORTEST) / f["usual_seconds"]), float)


def _kinds(f: pd.DataFrame, hit: str, by: list[str]) -> Iterator[_Kind]:
    for _, g in f.groupby(["stretch", *by]):
        yield _Kind(
            float(g[hit].sum()), float(len(g)), bool(g["right"].iloc[0]),
            bool(g["timed"].iloc[0]), float(g["surprise"].mean()), float(g["trust"].mean()),
            float(g["tired_minutes"].mean()), float(g["waiting"].mean()),
            float(g["over"].mean()),
        )  # fmt: skip


def _flags(k: _Kind, d_prime: float, criterion: float, pace: float) -> float:
    """The chance that an item that is read is called wrong, by the simulator's rules."""
    u = USUAL
    sees = sensitivity(d_prime, pace, k.tired_minutes, u.fatigue, u.fatigue_minutes)
    expects = 1 / (1 + math.exp(k.surprise))
    line = criterion_of(criterion, u.prevalence_weight, expects, sees)
    return flag_chance(k.right, sees, line, u.follows_ai)


def _logit(p: float) -> float:
    return math.log(p / (1 - p))
