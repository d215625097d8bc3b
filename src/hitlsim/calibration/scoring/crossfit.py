"""Every decision scored by what was known before it, by whichever way to learn had done best."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .encoding import Floats
from .learners import (
    Candidate,
    Level,
    Model,
    candidates,
    fit_all,
    half_life_days,
    level_of,
    log_losses,
    recency,
)
from .parts import Ints, Lesson, Turn, turns


@dataclass(frozen=True)
class Chosen:
    """What scored one part."""

    rows: Ints
    model: Model


@dataclass(frozen=True)
class Held:
    """Scores that saw nothing of what they are judged by.

    Attributes
    ----------
    p : array
        P(ok) in the lesson's order; NaN for the first part, which only teaches.
    base : array
        The share that was right as known at that time, forgetting as fast as the score does.
    chosen : list of Chosen
        What scored which part.
    candidate : Candidate
        What did best over all parts, and would score the next one.
    level : Level
        And how its level would be corrected.
    half_life : float or None
        Days after which a decision counted half.
    """

    p: Floats
    base: Floats
    chosen: list[Chosen]
    candidate: Candidate
    level: Level
    half_life: float | None


def cross_fit(data: Lesson, seed: int) -> Held:
    """Score every part of a log by what came before it.

    Nothing is chosen by what it is judged on: the way to learn, and whether to correct the level,
    are those that had done best on the parts before.

    Parameters
    ----------
    data : Lesson
    seed : int
        Of the trees, and of parts taken by chance.

    References
    ----------
    Dawid 1984 (prequential forecasts).
    """
    tried = candidates(int(data.known.sum()))
    half = half_life_days(float(np.ptp(data.at_days))) if data.has_time else None
    n, k = len(data), len(tried)
    # each candidate runs as it is, and again with its level corrected
    each, p, base = np.full((2 * k, n), np.nan), np.full(n, np.nan), np.full(n, np.nan)
    chosen = []
    for turn in turns(data, seed):
        weight = data.weight[turn.learn] * recency(_age(data, turn.learn, turn), half)
        right = data.right[turn.learn]
        models = fit_all(tried, data.frame.iloc[turn.learn], data.kinds, right, weight, seed)
        rows = _judged_before(data, p, turn)
        levels = [_level(data, earlier, half, turn, rows) for earlier in each[:k]]
        seen = data.frame.iloc[turn.score]
        plain = np.array([model.scores(seen) for model in models])
        runners = [*plain, *(lv.corrected(q) for lv, q in zip(levels, plain, strict=True))]
        ahead = _ahead(data, each, rows)
        used = models[ahead % k]
        if ahead >= k:
            used = used.model_copy(update={"level": levels[ahead % k]})
        chosen.append(Chosen(turn.score, used))
        p[turn.score] = runners[ahead]
        base[turn.score] = np.average(right, weights=weight)
        each[:, turn.score] = runners
    now = Turn(np.flatnonzero(data.known), np.array([], np.int64), float(data.at_days.max()))
    rows = _judged_before(data, p, now)
    best = _ahead(data, each, rows)
    level = _level(data, each[best % k], half, now, rows) if best >= k else Level()
    return Held(p, base, chosen, tried[best % k], level, half)


def final(data: Lesson, held: Held, seed: int) -> Model:
    """What scores later logs: the way ahead at the end, learnt from all known outcomes."""
    rows = np.flatnonzero(data.known)
    turn = Turn(rows, rows, float(data.at_days.max()))
    weight = data.weight[rows] * recency(_age(data, rows, turn), held.half_life)
    (model,) = fit_all(
        [held.candidate], data.frame.iloc[rows], data.kinds, data.right[rows], weight, seed
    )
    return model.model_copy(update={"level": held.level})


def _age(data: Lesson, rows: Ints, turn: Turn) -> Floats:
    return turn.now_days - data.at_days[rows]


def _judged_before(data: Lesson, p: Floats, turn: Turn) -> Ints:
    """Scored rows of other accounts whose outcome is known by now."""
    apart = ~np.isin(data.group, data.group[turn.score])
    rows = np.flatnonzero(~np.isnan(p) & data.known & apart)
    if data.has_time and len(turn.score):
        rows = rows[data.known_at_days[rows] < turn.now_days]
    return rows


def _level(data: Lesson, p: Floats, half: float | None, turn: Turn, rows: Ints) -> Level:
    weight = data.weight[rows] * recency(_age(data, rows, turn), half)
    return level_of(p[rows], data.right[rows], weight)


def _ahead(data: Lesson, each: Floats, rows: Ints) -> int:
    """Which of all that ran had the least log-loss so far; at the start the safest."""
    right, weight = data.right[rows], data.weight[rows]
    return int(np.argmin([weight @ log_losses(p[rows], right) for p in each]))
