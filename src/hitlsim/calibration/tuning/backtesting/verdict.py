"""The verdict on advice: whether it held, and whether doing nothing would have."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import pandas as pd

from ....decisions.estimating.intervals import Estimate
from ....scenario.explain import listed
from ..telling.amounts import money
from ..weighing.holding import Band
from .judged import RECOMMENDED
from .tables import SILENT, estimate

if TYPE_CHECKING:
    from .backtest import Backtest

_HELD, _MOSTLY = 0.8, 0.5
"""Shares of months from which advice is said to have held, or to have done so mostly."""
_FEW = 3
"""Of several months, fewer in which rules were recommended tell nothing of the advice."""


def verdict(b: Backtest) -> str:
    """Whether the advice held, and whether doing nothing would have."""
    k = len(b.of("advice"))
    if b.goals.exception_rate is None and b.goals.silent is None:
        less = saved(b, b.nothing)
        if not less.known:
            return f"Advice of {count(k, b.by)}: the log cannot say what it would have cost."
        did = "paid" if less.low > 0 else "cost" if less.high < 0 else "made no sure difference"
        paid = f"{less_or_more(less, b)} {than_nothing(b)}"
        return f"The advice would have {did}: {paid}, over {count(k, b.by)}."
    kept, other = (int(held(b, name).sum()) for name in ("advice", b.nothing))
    sure, share = held(b, "advice")[recommended(b)], share_held(b)
    if len(sure) == k:
        return (
            f"{_lead(share, b.by)}: {_targets(b)} in {kept} of {count(k, b.by)}, "
            f"{_beside(kept, other)} with {_nothing(b)} ({other})."
        )
    followed = int(held(b, b.followed).sum())
    if not len(sure):
        return (
            f"In no {b.by} of {k} would tune have recommended its rules. Under its best guesses "
            f"{_targets(b)} in {kept}. Who follows it has that in {followed}, "
            f"{_beside(followed, other)} with {_nothing(b)} ({other})."
        )
    lead = _lead(share, b.by) if len(sure) >= _FEW else "Too seldom recommended to judge the advice"
    return (
        f"{lead}: in {len(sure)} of {count(k, b.by)} tune would have recommended "
        f"its rules, and in {int(sure.sum()) or 'none'} of those {_targets(b)}. Who follows it "
        f"has that in {followed} of {k}, {_beside(followed, other)} with {_nothing(b)} ({other})."
    )


def _lead(share: float, by: str) -> str:
    if share >= _HELD:
        return "The advice held"
    return f"The advice held in most {by}s only" if share > _MOSTLY else "The advice did not hold"


def _beside(kept: int, other: int) -> str:
    return "as many as" if kept == other else "more than" if kept > other else "fewer than"


def recommended(b: Backtest) -> pd.Series:
    """For each month that can be judged whether tune would have recommended the advice."""
    return b.of("advice")["status"] == RECOMMENDED


def share_held(b: Backtest) -> float:
    """The share of months in which what was recommended kept its targets; NaN of none."""
    sure = held(b, "advice")[recommended(b)]
    return float(sure.mean()) if len(sure) else math.nan


def good(b: Backtest) -> bool:
    """Whether the advice held, as far as the months can tell."""
    sure = recommended(b)
    return share_held(b) >= _HELD and (bool(sure.all()) or int(sure.sum()) >= _FEW)


def held(b: Backtest, policy: str) -> pd.Series:
    """For each month whether the band and the limit on silent errors were kept.

    What is not known is not held against a policy; :func:`unknown` names these months.
    """
    rows = b.of(policy)
    good = pd.Series(True, rows.index)
    for column in ("inside", "silent_kept"):
        if column in rows:
            good &= rows[column].fillna(True).astype(bool)
    return good


def unknown(b: Backtest) -> list[str]:
    """Months in which a limit on silent errors is asked for, and no outcome is known."""
    rows = b.of("advice")
    if b.goals.silent is None:
        return []
    return [str(month) for month in rows[rows["silent_kept"].isna()]["month"]]


def _targets(b: Backtest) -> str:
    said = []
    if b.goals.exception_rate is not None:
        said.append(f"exceptions lay inside {band_of(b)}")
    if b.goals.silent is not None and b.of("advice")["silent_kept"].notna().any():
        said.append(f"{_limit(b)}")
    return listed(said) or "silent errors are not known"


def _limit(b: Backtest) -> str:
    name, most = b.goals.silent or ("fn_share", 1.0)
    return f"{SILENT[name]} were not above {100 * most:.3g}% by more than chance"


def band_of(b: Backtest) -> Band:
    """The band asked for, which writes itself."""
    return Band(*b.goals.band, 1)


def _nothing(b: Backtest) -> str:
    here = "" if b.nothing == "doing nothing" else ", which is doing nothing here"
    return f"{the(b.nothing)}{here}"


def the(policy: str) -> str:
    """A policy in a sentence.

    >>> the("usual 90/70"), the("doing nothing")
    ('the usual 90/70', 'doing nothing')
    """
    return f"the {policy}" if policy.startswith("usual") else policy


def count(k: int, by: str) -> str:
    """So many months or weeks.

    >>> count(1, "month"), count(3, "week")
    ('1 month', '3 weeks')
    """
    return f"{k} {by}{'s' if k != 1 else ''}"


def saved(b: Backtest, policy: str) -> Estimate:
    """What 1,000 decisions cost less under the advice than under a policy."""
    return estimate(b.total(policy), "saves")


def less_or_more(less: Estimate, b: Backtest) -> str:
    """A saving with its interval, or what it costs more."""
    if less.value >= 0:
        return f"{money(less, b.currency)} less"
    return f"{money(less.scaled(-1), b.currency)} more"


def than_nothing(b: Backtest) -> str:
    """What a saving is compared with."""
    return f"under the advice than with {the(b.nothing)}"


def sureness(less: Estimate) -> str:
    """What to say of an interval with 0 in it."""
    return "" if less.low > 0 or less.high < 0 else ", so it is not sure which is dearer"
