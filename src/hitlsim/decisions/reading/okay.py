"""Whether the AI was right, from what it advised and what came of it."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from .parts import OkRule
from .table import Table

Codes = NDArray[np.int64]
What = Literal["advice", "outcome"]
"""The two columns that the rule looks at."""


def codes_of(table: Table, rule: OkRule, what: What) -> Codes:
    """Which of the words of a rule each row of a file has; -1 for an outcome not known yet.

    Rows with a word that the rule does not know are given up: nothing is guessed.
    """
    name, known, key, empty = {
        "advice": (rule.advice, tuple(rule.right_when), "right_when", False),
        "outcome": (rule.outcome, rule.outcomes, "right_when or other_outcomes", True),
    }[what]
    cells = table.cells(name)
    codes = cells.index_in({word.strip(): i for i, word in enumerate(known)})
    unknown = codes < 0
    if empty:
        unknown &= cells.index_in({"": 0}) < 0
    reason = f"is not one of {', '.join(known)} (add it under ok: {key})"
    table.rejects.add(unknown, name, cells, reason)
    return codes


def ok_of(rule: OkRule, advice: Codes, outcome: Codes) -> Any:
    """Whether the outcome proved the advice right; missing where one of them is not known.

    >>> rule = OkRule(advice="ai", outcome="won", right_when={"go": ["yes"], "stop": ["no"]})
    >>> ok_of(rule, np.array([0, 1, 1]), np.array([0, 0, -1])).tolist()
    [True, False, <NA>]
    """
    right = np.array([[o in words for o in rule.outcomes] for words in rule.right_when.values()])
    ok = pd.array(right[advice, outcome], dtype="boolean")
    ok[(advice < 0) | (outcome < 0)] = pd.NA
    return ok
