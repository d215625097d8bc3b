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
"""Of the outcomes that chance should have shown, too few to put down to those still to come."""
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


def misfit(cases: Cases) -> str:
    """Where far more or fewer outcomes are known than the chances stated allow; "" if nowhere.

    Some outcomes come late, so that too few are no fault until half of them are missing; too many
    can only have been picked otherwise.
    """
    tried = []
    for name, rows in groups(cases):
        some = rows & (cases.chance < 1)
        if some.any():
            tried.append((name, int(some.sum()), float(cases.chance[some].mean()),
                          int((some & cases.known).sum())))  # fmt: skip
    # of unequal chances the count varies no more than of their mean (Hoeffding 1956)
    for name, n, chance, known in tried:
        odd = _ODD / len(tried)
        many = known > n * chance and bdtrc(known - 1, n, chance) < odd
        few = known < _FAR * n * chance and bdtr(known, n, chance) < odd
        if many or few:
            said = (
                f"of {n:,} decisions of {name} the chances stated (column inclusion) would show "
                f"about {n * chance:,.0f} outcomes, and {known:,} are known"
            )
            if many:
                return (
                    f"{said}: some were picked otherwise. State the chance of those too (1 where "
                    "all are known)"
                )
            return f"{said}. Have the others looked at, or wait until their outcomes are in"
    return ""


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
