"""A backtest in words: the verdict, then what it rests on."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from ....scenario.explain import listed
from ..telling.amounts import percent
from .brought import costs, guarantees, hindsight, silent_errors
from .judged import RECOMMENDED, TOO_FEW
from .tables import estimate, silent_of
from .verdict import count, less_or_more, sureness, the, unknown, verdict

if TYPE_CHECKING:
    from .backtest import Backtest

_ASSUMED = {
    "harm": "harm of an error", "harm_deal_share": "share of the deal lost besides",
    "hour": "an hour of review", "minutes": "minutes of a review",
    "override_spoils": "share of wrong overrides that spoil", "catches": "share of errors caught",
    "overrides_right": "share of right ones overridden",
}  # fmt: skip
_BY_CHANCE = 0.05
_SURE = 0.8
"""Stated chances from which somebody would rely on them."""
_ANOTHER = 0.005
"""Chances that differ by more are told both."""


def sentences(b: Backtest) -> Iterator[str]:
    """The verdict, then what it rests on."""
    yield verdict(b)
    yield from _guesses(b)
    if b.goals.exception_rate is not None:
        yield _stretches(b)
        yield from _stated(b)
    yield from silent_errors(b)
    yield from guarantees(b)
    yield from costs(b)
    yield hindsight(b)
    yield from _not_judged(b)
    yield from _kept(b)
    yield from (said for said in (b.in_part, b.dated, *b.notes) if said)
    yield _granted(b)


# --- month by month ------------------------------------------------------------------------------


def _guesses(b: Backtest) -> Iterator[str]:
    """Months in which the advice was not recommended, and what following the tool came to."""
    if months := guessed(b):
        rows = b.of("advice")
        guesses = rows[_guess(rows)]["status"]
        stay = (
            "the rules from before would have sent all of it the same way"
            if b.followed == "advice"
            else "as followed, the rules from before stay"
        )
        yield (
            f"Not recommended in {len(guesses)} of {count(len(rows), b.by)} "
            f"({listed(list(guesses.unique()))}): {months}. The advice shown there is a best "
            f"guess, which tune would not write; {stay}."
        )
    if b.followed == "advice":
        return
    if (b.of(b.followed)["thresholds"] == "").all():
        # no rules were recommended before the last month judged
        yield f"As followed: all stays as with {the(b.nothing)}."
        return
    total = b.total(b.followed)
    said = [f"{total['exception_rate']:.1%} exceptions"]
    if not math.isnan(total[silent_of(b)]):
        said.append(f"{percent(estimate(total, silent_of(b)))} silent errors")
    less = estimate(b.total(b.nothing), "saves_followed")
    if less.known:
        than = f"than with {the(b.nothing)}{sureness(less)}"
        said.append(f"{less_or_more(less, b)} per 1,000 decisions {than}")
    yield f"As followed: {'; '.join(said)}."


def guessed(b: Backtest) -> str:
    """The months judged in which the advice was not recommended; empty if it always was."""
    rows = b.frame[b.frame["policy"] == "advice"]
    said = []
    for first, last in stretches(_guess(rows).tolist()):
        run = rows.iloc[first : last + 1]
        run = run[run["note"] == ""]["month"].tolist()
        said += [run[0] if len(run) == 1 else f"{run[0]} to {run[-1]}"] if run else []
    return ", ".join(said)


def _guess(rows: pd.DataFrame) -> pd.Series:
    return ~rows["status"].isin([RECOMMENDED, ""])


def _stretches(b: Backtest) -> str:
    """Where the rate lay outside, and when it came back."""
    rows = b.of("advice")
    runs = stretches([not i for i in rows["inside"]])
    if not runs:
        return f"It was never outside: {_range(rows['exception_rate'])}."
    said = []
    for first, last in runs:
        where = rows["month"][first]
        if last > first:
            where += f" to {rows['month'][last]}"
        then = (
            f"inside again in {rows['month'][last + 1]}"
            if last + 1 < len(rows)
            else "not inside again by the end"
        )
        said.append(f"{where} ({_range(rows['exception_rate'][first : last + 1])}), {then}")
    lead = "Best guesses counted too, outside" if guessed(b) else "Outside"
    return f"{lead} in {'; '.join(said)}."


def stretches(flags: Sequence[bool]) -> list[tuple[int, int]]:
    """First and last place of each run of true ones.

    >>> stretches([True, False, True, True])
    [(0, 0), (2, 3)]
    """
    edges = np.flatnonzero(np.diff(np.concatenate([[0], np.asarray(flags, int), [0]])))
    return [(int(a), int(z) - 1) for a, z in edges.reshape(-1, 2)]


def _range(rates: pd.Series) -> str:
    low, high = float(rates.min()), float(rates.max())
    return f"{low:.1%}" if high - low < 5e-4 else f"{low:.1%} to {high:.1%}"


def _stated(b: Backtest) -> Iterator[str]:
    """Stated chances beside what came."""
    rows = b.of("advice")
    rows = rows[rows["chance_stated"].notna()]
    if rows.empty:
        return
    stated, for_n = (rows[c].to_numpy(float) for c in ("chance_stated", "chance_for_n"))
    came = int(rows["inside"].sum())
    sure = rows[stated >= _SURE]
    some = ""
    if len(sure):
        right = int(sure["inside"].sum())
        some = f"; where it said {_SURE:.0%} or more, {right} of {len(sure)} did"
    size = ""
    if abs(for_n.mean() - stated.mean()) >= _ANOTHER:
        size = f" ({for_n.mean():.0%} for as many decisions as came)"
    yield (
        f"The chance of coming inside was stated as {stated.mean():.0%} on average{size}, and "
        f"{came} of {count(len(rows), b.by)} did{some}. {_fits(at_most(for_n, came), b.by)}"
    )


def _fits(p: float, by: str) -> str:
    if p > _BY_CHANCE:
        return "That fits what was stated."
    odds = "less than one log in 1,000" if p < 0.001 else f"one log in {1 / p:,.0f}"
    return (
        f"Were the stated chances right, so few would come in {odds}. They take the next {by} to "
        f"be like those before, and here it was not: do not rely on them before scores stay alike "
        f"from {by} to {by}."
    )


def at_most(chances: Sequence[float] | np.ndarray[Any, Any], k: int) -> float:
    """Chance that at most k of independent events come, each with its own chance.

    >>> round(at_most([0.5, 0.5, 0.5], 1), 3)
    0.5
    """
    p = np.ones(1)
    for c in np.asarray(chances, float):
        p = np.convolve(p, [1 - c, c])
    return float(min(1.0, p[: k + 1].sum()))


# --- what is not told ----------------------------------------------------------------------------


def _not_judged(b: Backtest) -> Iterator[str]:
    rows = b.frame[(b.frame["policy"] == "advice") & (b.frame["note"] != "")]
    few = rows[rows["note"].str.startswith(TOO_FEW)]
    if len(few) > 1:
        # one reason for all of them
        said = [f"{month} ({n:,})" for month, n in zip(few["month"], few["n"], strict=True)]
        reason = few["note"].iloc[0].split(" decisions ", 1)[1]
        yield f"Not judged, for too few decisions: {listed(said)}. So few {reason}."
        rows = rows[~rows["note"].str.startswith(TOO_FEW)]
    if len(rows):
        each = "; ".join(f"{r.month} ({r.note})" for r in rows.itertuples())
        yield f"Not judged: {each}."
    if months := unknown(b):
        yield (
            f"No outcome is known of {listed(months)}: silent errors are not judged there, the "
            "band alone is."
        )
    yield f"The first advice was learnt from {b.first}, so that {b.by} itself is not judged."


def _kept(b: Backtest) -> Iterator[str]:
    """Months in which older advice had to do."""
    rows = b.of("advice")
    if "kept_because" not in rows:
        return
    rows = rows[rows["kept_because"] != ""]
    if len(rows):
        each = "; ".join(f"{r.month} ({r.kept_because})" for r in rows.itertuples())
        yield f"No new advice, so the last one stayed: {each}."


def _granted(b: Backtest) -> str:
    guessed, known = (
        [f"{_ASSUMED.get(a.name, a.name)} {a.value:.3g}" for a in b.assumptions if a.measured == m]
        for m in (False, True)
    )
    said = "Taken for granted: on other routes people do what they were seen to do"
    if guessed:
        said += f". Assumed and not measured: {listed(guessed)}"
    if known:
        said += f". Given or measured: {listed(known)}"
    return f"{said}."
