"""Whether chance decided of which decisions the outcome got known, as a guarantee needs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from scipy.special import bdtr, bdtrc

from ..goals import SILENT_RATES
from ..weighing.cases import Bools, Cases, Figures

HAPPENED = "what nobody looked at is like what people happened to see"
"""Of a figure from outcomes that no chance picked."""
_ODD = 1e-4
"""Chance of a false alarm that outcomes do not fit the chances stated, over all groups together."""
_FAR = 0.5
"""Of the outcomes that chance should have shown, too few to put down to a few that came late."""
_LATE = 0.05
"""Chance of a false alarm that outcomes are late, which then count as silent errors."""
_IN = 0.9
"""Of the outcomes that a last week should have shown; with fewer it is left out of a test."""
_SHORT = 1e-3
"""Chance of a false alarm that a last week has fewer."""
_WEEK = 7
_SOME = 0.01
"""Of what goes alone: fewer than this nobody looked at are not worth a word."""


def unlooked(cases: Cases) -> Bools:
    """Decisions whose outcome is unknown though no chance to be left out is stated."""
    return ~cases.known & (cases.chance >= 1)


def groups(cases: Cases) -> Iterator[tuple[str, Bools]]:
    """Decisions of each workflow by today's route, where the log says it, with what to call them.

    They share a chance to be known, or nearly.
    """
    for i, flow in enumerate(cases.workflows):
        here = cases.flow == i
        if cases.routed_alone is None:
            parts = [(flow, here)]
        else:
            alone = cases.routed_alone
            parts = [(f"{flow} (gone alone)", here & alone), (f"{flow} (asked)", here & ~alone)]
        yield from ((name, rows) for name, rows in parts if rows.any())


def unseen(cases: Cases, fair: Bools) -> tuple[str, ...]:
    """Groups of which no outcome is known; a workflow's name alone where that is all of it."""
    none = [name for name, rows in groups(cases) if not (rows & fair).any()]
    out = []
    for i, flow in enumerate(cases.workflows):
        here = cases.flow == i
        if here.any() and not (here & fair).any():
            out.append(flow)
        else:
            out += [name for name in none if name in (f"{flow} (gone alone)", f"{flow} (asked)")]
    return tuple(out)


def misfit(early: Cases, later: Cases) -> str:
    """Where far more or fewer outcomes are known than the chances stated allow; "" if nowhere.

    Some outcomes come late. So too few are no fault unless half are missing of the earlier days,
    while too many can only have been picked otherwise.
    """
    for name, n, chance, known, odd in _counted(later):
        if known > n * chance and bdtrc(known - 1, n, chance) < odd:
            return (
                f"{_shown(name, n, chance, known)}: some were picked otherwise. State the chance "
                "of those too (1 where all are known)"
            )
    for name, n, chance, known, odd in _counted(early):
        if known < _FAR * n * chance and bdtr(known, n, chance) < odd:
            return f"{_shown(name, n, chance, known)}. Have the others looked at"
    return ""


def settled(later: Cases) -> Bools:
    """Decisions old enough for their outcomes: all but last weeks of which a tenth is not in.

    All where that leaves none. What counts is only whether outcomes are there, not what they say.
    """
    got, last = later.known | unmade(later), int(later.day.max())
    missing = unlooked(later) | awaited(later)
    while last >= later.day.min():
        week = (later.day > last - _WEEK) & (later.day <= last)
        n, due, known = int(week.sum()), float(later.chance[week].sum()), int(got[week].sum())
        if later.awaited is not None:
            enough = known >= _IN * (known + int(missing[week].sum()))
        else:
            enough = known >= _IN * due or bdtr(known, n, min(1.0, due / n)) >= _SHORT
        if enough:
            return np.asarray(later.day <= last)
        last -= _WEEK
    return np.ones(len(later), bool)


def unmade(cases: Cases) -> Bools:
    """Picked by chance for a look that nobody has made."""
    return _beside(cases, cases.unmade)


def awaited(cases: Cases) -> Bools:
    """Picked by chance, with an outcome that is still to come."""
    return _beside(cases, cases.awaited)


def _beside(cases: Cases, picked: Bools | None) -> Bools:
    if picked is None:
        return np.zeros(len(cases), bool)
    return np.asarray(picked & ~cases.known & (cases.chance < 1))


def lacking(n: int, share: float, known: int) -> int:
    """Outcomes that chance should have shown of n decisions and that are not there; 0 if luck."""
    short = round(n * share) - known
    return short if short > 0 and bdtr(known, n, share) < _LATE else 0


def too_late(late: int) -> str:
    """Why nothing can be tested where too many outcomes have not come."""
    return (
        f"{late:,} outcomes that chance picked are not known so far; as bad ones may take longer "
        "they count as silent errors, which are too many then. Wait for them, or leave out the "
        "last days, whose outcomes are not in"
    )


def late_words(late: int, days: int, *, untold: bool) -> Iterator[str]:
    """What became of outcomes that are not known so far."""
    if days:
        yield (
            f"The guarantee was tested without the last {days} days: too many of their "
            "outcomes are not known so far."
        )
    if late:
        yield (
            f"Of its labels {late:,} are outcomes that chance picked and that are not known so "
            "far: they count as silent errors there, as bad ones may take longer."
        )
    if untold:
        yield (
            "The guarantee takes for granted that every outcome that chance picked is in, as far "
            "as their number can tell: the log does not say which were picked (columns look and "
            "looked_at). Where bad ones take longer, wait for them."
        )


def _counted(cases: Cases) -> list[tuple[str, int, float, int, float]]:
    """Of each group its name, size, mean chance below 1, outcomes known, and what is odd."""
    picked = ((name, rows & (cases.chance < 1)) for name, rows in groups(cases))
    some = [(name, rows) for name, rows in picked if rows.any()]
    # of unequal chances the count varies no more than of their mean (Hoeffding 1956)
    return [
        (name, int(rows.sum()), float(cases.chance[rows].mean()), int(cases.known[rows].sum()),
         _ODD / len(some))
        for name, rows in some
    ]  # fmt: skip


def _shown(name: str, n: int, chance: float, known: int) -> str:
    return (
        f"of {n:,} decisions of {name} the chances stated (column inclusion) would show about "
        f"{n * chance:,.0f} outcomes, and {known:,} are known"
    )


def as_it_happened(figures: Figures, cases: Cases, asks: Bools) -> Figures:
    """Figures that say so where silent errors are told from what people happened to see."""
    alone = ~asks
    if not (alone & unlooked(cases)).sum() > _SOME * alone.sum():
        return figures
    said = {
        name: replace(e, assumes=f"{e.assumes}; {HAPPENED}" if e.assumes else HAPPENED)
        for name, e in figures.items()
        if name in SILENT_RATES and e.known
    }
    return {**figures, **said}


def not_by_chance(cases: Cases, asks: Bools) -> str:
    """Why nothing can be tested where nobody looked, and no chance decided that."""
    alone = ~asks
    return (
        f"what went alone was not looked at by chance: of {int(alone.sum()):,} decisions of the "
        f"later days that go alone under these rules, nobody looked at "
        f"{int((alone & unlooked(cases)).sum()):,}, and no chance to be picked is stated. Audit "
        "what goes alone, and write the chance down (column inclusion)"
    )


def share_needed(cases: Cases) -> float:
    """The smallest chance of being known that any decision has, known or not."""
    return float(np.min(cases.chance[cases.chance > 0]))
