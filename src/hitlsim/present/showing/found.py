"""What was found in a log: silent errors, how people review, what changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...decisions.estimating.intervals import Estimate
from ..style import count, percent
from .pieces import box, cell, folded, frame, head, listed, notes, said, table

if TYPE_CHECKING:
    from ...decisions.diagnosing.diagnosis import Diagnosis
    from ...decisions.judging.silent import Silent
    from ...decisions.watching.watch import Watch

_MEANS = {
    "fn_of_auto": "Of what went alone", "fn_share": "Of all it may take alone",
    "fn_of_bad": "Of all that was bad",
}  # fmt: skip


def silent(it: Silent) -> str:
    """What to believe and why, and every way of counting."""
    rates = [r for r in _MEANS if any(r in w.rates for w in it.ways)]
    rows = [
        (
            cell(w.title, "believe this" if w.name == it.believe else str(w.trust)),
            *(cell(_share(w.rates[r])) if r in w.rates else "" for r in rates),
        )
        for w in it.ways
    ]
    return box(
        said(it.why()),
        table(("Way of counting", *(_MEANS[r] for r in rates)), rows, css="flows figures"),
        folded("What would tell more", listed(it.missing())) if it.missing() else "",
        notes(["In brackets: 95% intervals, decisions independent of each other."]),
    )


def _share(e: Estimate) -> str:
    return f"{percent(e)}, n = {count(e.n)}" if e.known else "not known"


def diagnosis(it: Diagnosis) -> str:
    """Hoarding and abdication, and the evidence."""
    return box(head("How people review"), listed(it.sentences()),
               folded("The evidence", frame(it.frame)))  # fmt: skip


def watch(it: Watch) -> str:
    """The finding, and every chart in words."""
    return box(head(it.headline), listed(f.words for f in it.findings),
               notes([f"Taken for granted: {it.assumes}."]))  # fmt: skip
