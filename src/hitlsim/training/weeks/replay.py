"""What a trainee had come to expect at each item, as the simulator would have it.

Habits of a scenario are stated for somebody rested, of neutral trust, who expects as many wrong as
right ones. A deck is not like that: errors are frequent, trust falls, people tire. So each answer
gets the state in which it was given, and what is measured can be set against it.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import NamedTuple

import pandas as pd

from ...scenario.habits import Habits
from ...simulation.reviewing import expects_after, rested

PAUSE_MINUTES = 0.05
"""From one item to the next, where nobody took the time."""
BREAK_MINUTES = 10.0
"""Between rounds."""
STRETCH = 20
"""Items over which what somebody expects and how tired they are hardly changes."""


class State(NamedTuple):
    """In which state somebody came to an item.

    Attributes
    ----------
    surprise : float
        Log-odds of a right one, by the error rate that they expect.
    trust : float
        In the AI, in (0, 1).
    tired_minutes : float
        Of work that no break has made good.
    waiting : float
        Items still to come in the round; none in shadow, where nothing queues.
    """

    surprise: float
    trust: float
    tired_minutes: float
    waiting: float


def replayed(marks: pd.DataFrame, usual: Habits, seconds: Mapping[str, float]) -> pd.DataFrame:
    """The marked answers with the state in which each was given, and whether it was read.

    Whether the truth was learnt is not known of one answer; its mean is taken.

    Parameters
    ----------
    marks : DataFrame
        Of a score, in the order of play.
    usual : Habits
        Whose trust, memory and tiredness are taken.
    seconds : mapping of str to float
        Usual time of a review by workflow, where no time was kept.

    Returns
    -------
    DataFrame
        With the fields of :class:`State`, and ``looked`` (judged), ``timed``, ``read`` (found
        wrong, or looked at for as long as the text takes), ``seconds`` and ``stretch``.
    """
    f = marks.copy()
    dwell = f["dwell_seconds"].astype(float) if "dwell_seconds" in f else pd.Series(
        math.nan, f.index)  # fmt: skip
    f["looked"], f["timed"] = f["judged"], f["judged"] & dwell.notna()
    f["read"] = f["looked"] & (f["flag"] | (dwell >= f["floor_seconds"]))
    flow = f["workflow"].astype(str) if "workflow" in f else pd.Series("", f.index)
    f["usual_seconds"] = flow.map(dict(seconds)).astype(float).fillna(seconds[""])
    f["seconds"] = dwell.fillna(f["usual_seconds"].where(f["looked"], 0.0))
    states = pd.DataFrame(list(_states(f, usual)), index=f.index, columns=State._fields)
    place = f.groupby(f["round"].astype(str)).cumcount()
    f["stretch"] = f["round"].astype(str) + (place // STRETCH).astype(str)
    return f.join(states)


def _states(f: pd.DataFrame, usual: Habits) -> Iterator[State]:
    expects = usual.expects_errors
    alpha = usual.trust_start * usual.trust_prior
    beta = (1 - usual.trust_start) * usual.trust_prior
    tired, pause, before = 0.0, 0.0, ""
    rounds = f["round"].astype(str)
    left = (rounds.groupby(rounds).cumcount(ascending=False)).tolist()
    rows = zip(rounds, f["right"], f["flag"], f["looked"], f["seconds"], left, strict=True)
    for name, right, flag, looked, seconds, waiting in rows:
        pause += BREAK_MINUTES if before and name != before else 0.0
        before = name
        tired = rested(tired, pause, usual.rest_minutes)
        yield State(
            math.log((1 - expects) / expects), alpha / (alpha + beta), tired,
            0.0 if name == "shadow" else float(waiting),
        )  # fmt: skip
        pause = PAUSE_MINUTES
        if not looked:
            pause += seconds / 60
            continue
        tired += seconds / 60
        known = usual.feedback_share
        error = known * (not right) + (1 - known) * bool(flag)
        up, down = (expects_after(expects, wrong, usual.memory_reviews) for wrong in (True, False))
        expects = error * up + (1 - error) * down
        beta += error * usual.trust_failure
        alpha += (1 - error) * usual.trust_success
