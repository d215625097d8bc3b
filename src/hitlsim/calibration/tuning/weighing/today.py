"""The boundary that held when a log was written, as far as its routes bear it out."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
from pydantic import ValidationError

from ....decisions.log import DecisionLog
from ....scenario.boundary import Bands, Boundary
from ...fitting.boundary import learn_boundary, roundest
from ...fitting.learnt import Book
from ...fitting.seen import LEAST_ROWS, Seen
from ..rerouting.bands import DEFAULT_AUTO, DEFAULT_REVIEW
from ..rerouting.triggers import alone_in
from .cases import Bools, Cases, Floats
from .policy import Policy

_ASTRAY = 0.02
"""Share of decisions that went elsewhere than a spec says, from which on it is not the one."""


def boundary_of(
    log: DecisionLog, cases: Cases, given: Boundary | None = None
) -> tuple[Boundary, tuple[str, ...]]:
    """The spec that held, and what has to be said of it.

    It is told from the reasons beside the routes. Where these do not explain the routes (some logs
    name one reason only, or triggers only), thresholds are those that explain most of them.

    Parameters
    ----------
    log : DecisionLog
        Of decisions that the AI may take.
    cases : Cases
        The same decisions, in the same order.
    given : Boundary, optional
        The spec that is said to hold.
    """
    base, notes = (given, ()) if given is not None else _learnt(log)
    rows = _routed(log)
    if rows.sum() < LEAST_ROWS:
        return base, notes
    alone = alone_in(log)
    off = _astray(base, cases, alone, rows)
    if off <= _ASTRAY:
        return base, notes
    if given is not None:
        said = (
            f"The boundary spec given as today's sends {off:.1%} of the decisions elsewhere than "
            "they went: it did not hold all the time, or something else decided too."
        )
        return base, (said,)
    triage = np.asarray(log.frame["route"] == "triage", bool)
    best, least = base, off
    for bare in (False, True):
        other = _by_routes(base, cases, alone, triage, rows, bare=bare)
        if (now := _astray(other, cases, alone, rows)) < least:
            best, least = other, now
    return best, (*notes, *_explained(off, least, log.has("reasons")))


def _learnt(log: DecisionLog) -> tuple[Boundary, tuple[str, ...]]:
    bands = log.record.get("bands") or {"auto": DEFAULT_AUTO, "review": DEFAULT_REVIEW}
    auto = float(bands["auto"])
    review = float(bands.get("review", min(DEFAULT_REVIEW, auto)))
    usual = Boundary(bands=Bands(auto=auto, review=review))
    if not log.has("route"):
        return usual, ()
    if len(log) < LEAST_ROWS:
        return usual, ("The log is too short to tell which boundary held.",)
    book = Book()
    try:
        learn_boundary(Seen(log, any_length=True), book)
        return Boundary.model_validate(book.parts.get("boundary", {})), tuple(book.notes)
    except ValidationError:
        return usual, ()


def _routed(log: DecisionLog) -> Bools:
    """Decisions that say where they went, under the newest version of the spec."""
    if not log.has("route"):
        return np.zeros(len(log), bool)
    rows = np.asarray(log.frame["route"].notna(), bool)
    if not log.has("boundary_version"):
        return rows
    version = log.frame["boundary_version"].to_numpy(float, na_value=np.nan)
    return np.asarray(rows & (version == np.nanmax(version)))


def _astray(boundary: Boundary, cases: Cases, alone: Bools, rows: Bools) -> float:
    """Share of decisions that went elsewhere than the spec says."""
    asks = Policy.of(boundary, cases.workflows).asks(cases)
    return float((asks == alone)[rows].mean())


def _by_routes(
    base: Boundary, cases: Cases, alone: Bools, triage: Bools, rows: Bools, *, bare: bool
) -> Boundary:
    """The spec with thresholds by the routes of what no trigger sends; ``bare``: no triggers."""
    rules = dict(Policy.of(base, cases.workflows).rules)
    if bare:
        rules = {f: replace(r, deal_limit=math.inf, signals=()) for f, r in rules.items()}
    triggers = Policy({f: replace(r, auto=0.0, review=0.0) for f, r in rules.items()})
    free = rows & ~triggers.asks(cases)
    for i, (flow, rule) in enumerate(rules.items()):
        here = free & (cases.flow == i)
        if not here.any():
            continue
        auto, held = _cut(cases.score[here], alone[here]), here & ~alone
        review = rule.review
        if triage[held].any():
            review = _cut(cases.score[held], ~triage[held])
        rules[flow] = replace(rule, auto=auto, review=min(review, auto))
    return Policy(rules).boundary(base).model_copy(update={"version": base.version})


def _cut(score: Floats, above: Bools) -> float:
    """The threshold with fewest on the wrong side; between two scores the roundest number."""
    levels, at = np.unique(score, return_inverse=True)
    over = np.bincount(at, above, len(levels))
    under = np.bincount(at, ~above, len(levels))
    wrong = np.append(0.0, over.cumsum()) + np.append(under.sum(), under.sum() - under.cumsum())
    k = int(wrong.argmin())
    if k == len(levels):
        return 1.0
    return roundest(float(levels[k - 1]) if k else 0.0, float(levels[k]))


def _explained(off: float, least: float, reasons: bool) -> list[str]:
    said = []
    if least < off:
        by = "the reasons that the log gives" if reasons else "the lowest scores that went alone"
        said.append(
            f"Today's thresholds are those that explain most routes of the log: by {by}, {off:.1%} "
            "of the decisions would have gone elsewhere than they did."
        )
    if least > _ASTRAY:
        said.append(
            f"Today's rules as told from the log send {least:.1%} of its decisions elsewhere than "
            "they went: something beside score, deal size and signals decided there."
        )
    return said
