"""Which assumption moves the answer."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np
import pandas as pd

from .cases import Cases, Floats
from .search import Found, Searching

_COLUMNS = [
    "assumption",
    "measured",
    "low",
    "high",
    "wanted_low",
    "wanted_high",
    "routed_otherwise",
]


def sensitivity(searching: Searching) -> pd.DataFrame:
    """The answer again with each assumption at half and at twice its value.

    Returns
    -------
    DataFrame
        One row for each assumption, the most moving first: ``low`` and ``high`` in words,
        ``wanted_low`` and ``wanted_high`` (the exception rate at which looks stop to pay) and
        ``routed_otherwise``, the largest share of decisions that would be routed otherwise.
    """
    cases = searching.cases
    if not cases.valued:
        return pd.DataFrame(columns=_COLUMNS)
    measured = {a.name: a.measured for a in cases.assumptions}
    measured["errors of the AI"] = cases.exact or bool(cases.known.any())
    found = searching.found(explain=False)
    rows = []
    for name, low, high, change in _changes():
        sides = [_again(searching, change(cases, factor), found) for factor in (0.5, 2.0)]
        rows.append((
            name, measured.get(name, False), low, high, sides[0][0], sides[1][0],
            max(s[1] for s in sides),
        ))  # fmt: skip
    table = pd.DataFrame(rows, columns=_COLUMNS)
    return table.sort_values("routed_otherwise", ascending=False, ignore_index=True)


def _again(searching: Searching, cases: Cases, found: Found) -> tuple[float, float]:
    """Where looks stop to pay, and the share of decisions routed otherwise."""
    other = Searching(cases, searching.goals, searching.band, searching.keep, searching.shape)
    again = other.found(explain=False)
    return again.wanted_rate, float((again.asks != found.asks).mean())


def _changes() -> Iterator[tuple[str, str, str, Callable[[Cases, float], Cases]]]:
    def harm(c: Cases, f: float) -> Cases:
        return replace(c, harm=c.harm * f)

    def hour(c: Cases, f: float) -> Cases:
        return c.with_looks(c.looks._replace(money=c.looks.money * f))

    def catches(c: Cases, f: float) -> Cases:
        return c.with_looks(c.looks._replace(catches=_odds(c.looks.catches, f)))

    def alarms(c: Cases, f: float) -> Cases:
        return c.with_looks(
            c.looks._replace(overrides_right=_odds(c.looks.overrides_right, f),
                             spoils=np.minimum(1.0, c.looks.spoils * f))
        )  # fmt: skip

    def errors(c: Cases, f: float) -> Cases:
        return replace(c, p_bad=_odds(c.p_bad, f))

    half, twice = "half", "twice"
    yield "harm", half, twice, harm
    yield "hour", half, twice, hour
    yield "catches", "half the odds", "twice the odds", catches
    yield "overrides_right", half, twice, alarms
    yield "errors of the AI", "half the odds", "twice the odds", errors


def _odds(p: Floats, factor: float) -> Floats:
    return np.asarray(p * factor / (1 - p + p * factor))
