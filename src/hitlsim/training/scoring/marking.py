"""Answers with what each of them was: judged or not, a hit, a miss, a needless look.

Detection and action are scored apart. *Detection* asks whether wrong was told from right, of
everything that was judged: all items of the shadow round, in which one observes everything, and
later the items that were taken up. *Action* asks whether the right items were taken up at all.
"""

from __future__ import annotations

import pandas as pd

from ...decisions.counting.tally import READING_FLOOR_SECONDS
from ..acts import Act, Round
from ..answers import Answers, flagged, taken_up

MISS_COST, UNIT_COST = 10.0, 1.0
"""Where the answers do not say: a miss, and a look or a needless change."""


def marked(answers: Answers) -> pd.DataFrame:
    """The answers with one yes or no for each thing that is counted.

    Returns
    -------
    DataFrame
        The columns of the answers, costs, weights and reading times filled in, and: ``up``, taken
        up; ``flag``, called wrong; ``judged``; ``bad_asked``, wrong, and somebody was asked to
        look; ``passed``, of these, let through; ``routine``, in the steady round, and the boundary
        spec lets it go alone; ``asked``, after the shadow round, and it sends it to a person;
        ``fast``,
        approved in less time than its text takes to read; ``timed``, approved with a known time;
        ``needless``, opened though routine, or changed though right.

    Examples
    --------
    >>> frame = pd.DataFrame({"trainee": ["wren"] * 2, "item_id": ["1", "2"],
    ...                       "round": ["shadow", "steady"], "needs_look": [True, False],
    ...                       "action": ["leave alone", "approve"], "right": [False, True]})
    >>> marked(Answers(frame))[["judged", "passed", "routine", "up"]].values.tolist()
    [[True, True, False, False], [True, False, True, True]]
    """
    f = answers.frame.copy()
    f["right"], f["needs_look"] = f["right"].astype(bool), f["needs_look"].astype(bool)
    for name, usual in (("harm", MISS_COST), ("look_cost", UNIT_COST), ("weight", 1.0),
                        ("needless_cost", UNIT_COST),
                        ("floor_seconds", READING_FLOOR_SECONDS)):  # fmt: skip
        f[name] = f[name].astype(float).fillna(usual) if name in f else usual
    shadow = f["round"].astype(str) == Round.SHADOW
    f["up"], f["flag"] = taken_up(f), flagged(f)
    f["judged"] = shadow | f["up"]
    f["bad_asked"] = ~f["right"] & (f["needs_look"] | shadow)
    f["passed"] = f["bad_asked"] & ~f["flag"]
    f["routine"] = (f["round"].astype(str) == Round.STEADY) & ~f["needs_look"]
    f["asked"] = ~shadow & f["needs_look"]
    f["needless"] = (f["routine"] & f["up"]) | (f["judged"] & f["right"] & f["flag"])
    approved = f["action"].astype(str) == Act.APPROVE
    timed = f["dwell_seconds"].notna() if "dwell_seconds" in f else pd.Series(False, f.index)
    f["timed"] = approved & timed
    f["fast"] = (
        f["timed"] & (f["dwell_seconds"] < f["floor_seconds"]) if "dwell_seconds" in f else False
    )
    return f


def stakes(f: pd.DataFrame) -> float:
    """What a miss costs, in needless changes, among the items that were judged."""
    judged = f[f["judged"]]
    miss = judged.loc[~judged["right"], "harm"].mean()
    needless = judged.loc[judged["right"], "needless_cost"].mean()
    return float(miss / max(needless, 1e-9))
