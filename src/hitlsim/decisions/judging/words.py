"""What to believe of silent errors, in sentences."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ..estimating.enough import AUDIT_SIZES, LEAST_LOOKS, looks_if_none_bad
from ..estimating.intervals import Estimate, about, complement
from ..estimating.lookers import LEAST_DOUBLE
from .ways import Trust, Way

if TYPE_CHECKING:
    from .silent import Silent

_EXAMPLE = (0.80, 0.97)
"""Lookers to show what mistakes would do, where it is not known how well they see."""
RIPE = 0.95
"""Share of outcomes in from which nobody need wait for the rest."""
_SMALL = 0.01
_BECAUSE = {
    "looks": "chance picked what was looked at, so the looks speak for all that went alone",
    "lookers": "chance picked what was looked at, and the mistakes of those who look are taken out",
    "matured": "outcomes come by themselves, and those still to come are allowed for",
}


def share(e: Estimate) -> str:
    """A share with its interval; the interval alone where too few were found.

    >>> share(Estimate(0.0712, 0.061, 0.083, 900, "")), share(Estimate(0.02, 0, 0.05, 90, "", True))
    ('7.1% (6.1-8.3)', 'between 0.0% and 5.0%')
    """
    d = 2 if e.high < _SMALL else 1
    if e.few:
        return f"between {e.low:.{d}%} and {e.high:.{d}%}"
    return f"{e.value:.{d}%} ({100 * e.low:.{d}f}-{100 * e.high:.{d}f})"


def audit_sizes() -> str:
    """How many looks without a bad one rule out which share.

    >>> audit_sizes()[-59:]
    'that: 299 for 1%, 149 for 2%, 99 for 3%, 59 for 5%, at 95%.'
    """
    sizes = ", ".join(f"{looks_if_none_bad(s)} for {s:.0%}" for s in AUDIT_SIZES)
    return (
        "Let chance pick some for a look, and write the chance down (column inclusion). So many "
        f"looks without a bad one show that fewer are bad than that: {sizes}, at 95%."
    )


def reasons(found: Silent) -> Iterator[str]:
    """What to believe, then why."""
    yield _headline(found)
    best = next((w for w in found.ways if w.name == found.believe), None)
    if best is not None:
        yield _basis(found, best)
        yield from _mistakes(found, best)
    yield from _wrong(found, best)
    yield from _routing(found)
    yield from _matured(found)


def _headline(found: Silent) -> str:
    e = found.best
    if not e.known:
        return _refusal(found)
    if e.few:
        errors = f"{e.low * found.alone:,.0f} to {e.high * found.alone:,.0f}"
    else:
        errors = f"about {about(e.value * found.alone)}"
    if as_judged(found):
        return (
            f"Of the {found.alone:,} decisions that went alone people would call {share(e)} bad if "
            f"they looked at all of them: {errors}."
        )
    return (
        f"Of the {found.alone:,} decisions that went alone {share(e)} were bad: {errors} silent "
        "errors."
    )


def as_judged(found: Silent) -> bool:
    """Whether the figure holds the mistakes of those who looked."""
    return found.believe == "looks" and found.judged


def _refusal(found: Silent) -> str:
    if not found.looks:
        return (
            f"Not enough evidence: of the {found.alone:,} decisions that went alone none was "
            f"looked at, and no outcome came by itself. {audit_sizes()}"
        )
    e = found.get("looks")
    return (
        f"Not enough evidence: of the {found.alone:,} decisions that went alone only "
        f"{found.looks:,} were looked at; {e.low:.1%} to {e.high:.1%} could be bad. It takes at "
        f"least {LEAST_LOOKS} looks: {LEAST_LOOKS - found.looks:,} more."
    )


def _basis(found: Silent, best: Way) -> str:
    n = f"{best['fn_of_auto'].n:,.0f} outcomes"
    if best.trust is not Trust.FAIR:
        return f"That is the best the log allows, from {n}. Take it with care: it {best.why}."
    because = "every outcome is known" if found.complete else _BECAUSE[best.name]
    left_in = " Their own mistakes are still in it." if as_judged(found) else ""
    return f"That is the figure to believe, from {n}: {because}.{left_in}"


def _mistakes(found: Silent, best: Way) -> Iterator[str]:
    lookers, looks = found.lookers, found.get("looks")
    if lookers is None or not looks.known:
        return
    yield (
        f"Those who look find {share(lookers.sensitivity)} of the bad ones and wrongly call "
        f"{share(complement(lookers.specificity))} of the good ones bad, as {lookers.source} show."
    )
    if best.name == "lookers":
        yield f"With their mistakes left in it would be {share(looks)}."


def _wrong(found: Silent, best: Way | None) -> Iterator[str]:
    """What counting the naive way would have said."""
    told = [w for w in found.ways if w.trust is Trust.WRONG and w["fn_of_auto"].known]
    if not told or best is None:
        return
    said = ", ".join(f"{w['fn_of_auto'].value:.1%} ({w.title})" for w in told)
    yield f"Misleading would be {said}."


def _routing(found: Silent) -> Iterator[str]:
    caught, spared = found.routing
    if caught.known:
        yield (
            f"Routing asked a person about {share(caught)} of the bad ones and let {share(spared)} "
            "of the good ones go alone, corrected for what is not known."
        )


def _matured(found: Silent) -> Iterator[str]:
    e = found.matured
    if e.known and e.value < RIPE:
        yield f"Of {e.n:,.0f} {found.awaited} to come {e.value:.0%} are in; {e.assumes}."


def lacks(found: Silent) -> Iterator[str]:
    """What the log lacks, and what it would bring."""
    best = next((w for w in found.ways if w.name == found.believe), None)
    if best is not None and best.trust is not Trust.FAIR and "inclusion" not in found.columns:
        yield (
            "Column inclusion: let chance pick what is looked at before it is routed, and write "
            "the chance down. Only then do looks speak for what nobody looked at."
        )
    if found.more and not found.complete:
        points = "1 point" if found.within == _SMALL else f"{100 * found.within:g} points"
        yield f"{found.more:,} more looks would tell the share of bad ones to within {points}."
    if found.lookers is None and "gold_ok" in found.columns:
        yield f"Test decisions: {found.lookers_unknown}."
    if found.lookers is None and best is not None and found.judged:
        yield _second_looks(found)
    known = found.complete or found.judged or {"ok_at", "inclusion"} & found.columns
    if best is not None and not known:
        yield (
            "Column ok_at: when each outcome became known. Bad ones are often known later, so "
            "young decisions look better than they are."
        )


def _second_looks(found: Silent) -> str:
    seen = found.get("looks").value
    se, sp, left = example_of_mistakes(seen)
    return (
        "Second looks: let another person, who does not know the first verdict, look at "
        f"{max(LEAST_DOUBLE, found.looks // 10):,} of these again (columns verdict and "
        "look_verdict), to learn how well people see. If they found "
        f"{se:.0%} of the bad ones and called {1 - sp:.0%} of the good ones bad, {left:.1%} would "
        f"be bad where they see {seen:.1%}."
    )


def example_of_mistakes(seen: float) -> tuple[float, float, float]:
    """What is left of a share if lookers erred as in the example: sensitivity, specificity, share.

    >>> se, sp, left = example_of_mistakes(0.075)
    >>> round(left, 3)
    0.058
    """
    se, sp = _EXAMPLE
    return se, sp, min(1.0, max(0.0, (seen + sp - 1) / (se + sp - 1)))
