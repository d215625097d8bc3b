"""The log in parts, in order of time: each part is scored by what was learnt before it."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ...decisions.estimating.unseen import chances, sampled
from ...decisions.log import DecisionLog
from ...errors import LogError, NotEnoughEvidence
from .encoding import Floats, Kind
from .learnable import Asked, groups, raw
from .learners import FEW_OF_A_KIND

Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]
MANY = 3000
"""Decisions with known outcomes from which on parts are many and the first one is short."""
_FEW_DAYS = 6
"""Fewer different days have no order of time that could be learnt along."""
_FEW_KNOWN = 50
_PARTS_BY_CHANCE = 6
_FOLDS = 4
"""Parts of the accounts, scored one after the other, where most accounts keep coming back."""
_DAY_S = 86_400.0


@dataclass(frozen=True)
class Lesson:
    """A log made ready: what was seen, what came of it, and what belongs together.

    Rows are in order of ``decided_at``; ``order`` gives their place in the log.
    """

    frame: pd.DataFrame
    kinds: dict[str, Kind]
    order: Ints
    right: Bools
    """Where ``known``; False elsewhere."""
    known: Bools
    """Outcomes to learn from: known, and not by a complaint."""
    weight: Floats
    """One over the chance that the outcome gets known."""
    at_days: Floats
    known_at_days: Floats
    """When the outcome became known; the decision's own time where the log does not say."""
    day: Ints
    week: Ints
    group: Ints
    given: Floats
    """The confidence the log came with; NaN where it has none."""

    def __len__(self) -> int:
        return len(self.right)

    @property
    def has_time(self) -> bool:
        return len(np.unique(self.day)) >= _FEW_DAYS

    @property
    def last_third(self) -> Bools:
        return np.arange(len(self)) >= 2 * len(self) // 3


def lesson(log: DecisionLog, asked: Asked) -> Lesson:
    """Make a log ready for learning.

    Raises
    ------
    LogError
        When no column is left to learn from.
    NotEnoughEvidence
        When too few outcomes are known.
    """
    if not asked.kinds:
        why = "; ".join(f"{name} {text}" for name, text in asked.dropped.items())
        raise LogError(
            "there is no column to learn a score from; read the log with its other columns "
            f"(context=True), or give it channel, deal_size or the like ({why})"
        )
    order = np.argsort(log.frame["decided_at"].to_numpy(), kind="stable")
    held = log.frame.iloc[order]
    known = sampled(held)
    right = np.zeros(len(held), bool)
    right[known] = held["ok"][known].astype(bool) if known.any() else False
    _enough(int(known.sum()), int((known & ~right).sum()), int(right.sum()))
    frame = raw(log).iloc[order].reset_index(drop=True)
    at = held["decided_at"]
    local = at.dt.tz_localize(None)
    known_at = at
    if "ok_at" in held:
        known_at = held["ok_at"].fillna(at)
    given = np.full(len(held), np.nan)
    if "confidence" in held:
        given = held["confidence"].to_numpy(float, na_value=np.nan)
    start = at.iloc[0]
    return Lesson(
        frame=frame[list(asked.kinds)],
        kinds=asked.kinds,
        order=order,
        right=right,
        known=known,
        weight=1 / chances(held),
        at_days=_days(at - start),
        known_at_days=_days(known_at - start),
        day=np.asarray(pd.factorize(local.dt.normalize(), sort=True)[0], np.int64),
        week=np.asarray(pd.factorize(local.dt.to_period("W"), sort=True)[0], np.int64),
        group=groups(frame, asked),
        given=given,
    )


def _days(since: pd.Series) -> Floats:
    return np.asarray(since.dt.total_seconds() / _DAY_S, float)


def _enough(known: int, wrong: int, right: int) -> None:
    if known < _FEW_KNOWN or min(wrong, right) < 2 * FEW_OF_A_KIND:
        raise NotEnoughEvidence(
            f"not enough evidence to learn a score: {known:,} outcomes are known, {wrong:,} of "
            f"them wrong; it takes {_FEW_KNOWN} at least, {2 * FEW_OF_A_KIND} of them wrong and "
            f"{2 * FEW_OF_A_KIND} right. Fill ok, or map it under ok: in the mapping"
        )


@dataclass(frozen=True)
class Turn:
    """Rows to learn from, then rows to score."""

    learn: Ints
    score: Ints
    now_days: float


def turns(data: Lesson, seed: int) -> list[Turn]:
    """In order of time; by chance where the log knows no time."""
    if data.has_time:
        return _in_time(data)
    return _by_chance(data, seed)


def _in_time(data: Lesson) -> list[Turn]:
    n, many = len(data), int(data.known.sum()) >= MANY
    shares = np.linspace(1 / 12, 1, 12) if many else np.linspace(1 / 4, 1, 7)
    # a part begins with a day: what came of a day's decisions is not known on that day
    first = np.searchsorted(data.day, data.day[np.minimum(shares * n, n - 1).astype(int)])
    cuts = [*np.unique(first[:-1]).tolist(), n]
    found = []
    for begin, end in pairwise(cuts):
        now = float(data.at_days[begin])
        before, part = np.arange(n) < begin, (np.arange(n) >= begin) & (np.arange(n) < end)
        for taught, scored in apart(data, before & data.known & (data.known_at_days < now), part):
            learn = _learn(data, taught)
            if learn is not None:
                found.append(Turn(learn, np.flatnonzero(scored), now))
    if not found:
        raise NotEnoughEvidence(
            "not enough evidence to learn a score in order of time: at no day were "
            f"{FEW_OF_A_KIND} right and {FEW_OF_A_KIND} wrong outcomes known; a longer log would do"
        )
    return found


def _by_chance(data: Lesson, seed: int) -> list[Turn]:
    rng = np.random.default_rng(seed)
    part = (rng.permutation(data.group.max() + 1) % _PARTS_BY_CHANCE)[data.group]
    found = []
    for number in range(_PARTS_BY_CHANCE):
        score = np.flatnonzero(part == number)
        learn = _learn(data, data.known & (part != number))
        if len(score) and learn is not None:
            found.append(Turn(learn, score, float(data.at_days.max())))
    if not found:
        raise NotEnoughEvidence(
            "not enough evidence to learn a score: too few decisions differ from each other; more "
            "of other accounts, or with other features, would do"
        )
    return found


def apart(data: Lesson, before: Bools, later: Bools) -> list[tuple[Bools, Bools]]:
    """Rows to learn from and rows to score, of no account in common.

    Where that would cost most of what came before, as its accounts keep coming back, the later
    rows are taken a part of the accounts at a time.
    """
    learn = before & ~np.isin(data.group, data.group[later])
    if 2 * learn.sum() >= before.sum():
        return [(learn, later)]
    folds = [later & (data.group % _FOLDS == fold) for fold in range(_FOLDS)]
    return [(before & ~np.isin(data.group, data.group[fold]), fold) for fold in folds if fold.any()]


def _learn(data: Lesson, taught: Bools) -> Ints | None:
    """Rows to learn from, if there are enough of both kinds."""
    learn = np.flatnonzero(taught)
    right = int(data.right[learn].sum())
    return None if min(right, len(learn) - right) < FEW_OF_A_KIND else learn
