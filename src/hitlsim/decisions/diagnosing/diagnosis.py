"""Hoarding and abdication, named from the observed log, with the evidence for it.

*Hoarding* is reviewing what needs no review: people are asked about, or pull for a look, more than
a fifth of what the AI may take alone, and change less than 30% of it. *Abdication* is letting
through what needs review: most approvals are faster than reading, or most of the wrong ones pass,
or people change ever less of what is as often wrong. Either is named only where a whole interval
lies on that side. No column that only a simulation has is read.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import pandas as pd

from ...errors import LogError
from ...scenario.explain import listed
from ...shown import Shown
from ..counting.scorecard import Targets
from ..estimating.intervals import Estimate, as_row, needed
from ..log import DecisionLog
from .evidence import Evidence, items
from .reviewed import Costs, Reviewed, reviewed_by

HOARDING, ABDICATION = "hoarding", "abdication"
MOST = 0.5
"""Most approvals, most of the wrong ones: more than half."""
_ENOUGH_WITHOUT_ANY = 149
"""Looks without a single error that put errors below 2%, at 95%."""
_HOPELESS = 100_000
_MISS_COST = 10.0
_NO_VERDICTS = "the log does not say what people did (column verdict)"
_SECOND_LOOKS = "second looks by somebody else, picked by chance,"


class Found(StrEnum):
    """What the evidence says."""

    NAMED = "named"
    OPEN = "not enough evidence"
    NOT = "not seen"


@dataclass(frozen=True, slots=True)
class Finding:
    """Whether one pool or person hoards, or abdicates.

    Attributes
    ----------
    who : str
        A pool, or a reviewer; ``all`` where the log does not say.
    name : str
        ``hoarding`` or ``abdication``.
    status : Found
    words : str
        Why, with figures.
    short : str
        Why, in short.
    settles : int
        Where there is not enough evidence: about how many observations would do; 0 where no number
        would.
    of : str
        What they are of.
    verdicts : int
        How many they gave.
    evidence : tuple of Evidence
    """

    who: str
    name: str
    status: Found
    words: str
    short: str
    settles: int
    of: str
    verdicts: int
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True)
class Diagnosis(Shown):
    """How people review, as far as a log shows.

    Attributes
    ----------
    findings : tuple of Finding
        Two for each pool or person: hoarding and abdication; those named come first.
    """

    findings: tuple[Finding, ...]

    @property
    def named(self) -> tuple[Finding, ...]:
        """What is named."""
        return tuple(f for f in self.findings if f.status is Found.NAMED)

    @property
    def frame(self) -> pd.DataFrame:
        """All evidence: one row for each pool or person and item."""
        rows = [
            {"who": f.who, "evidence": e.name, "title": e.title, "kind": str(e.kind),
             **as_row(e.estimate), "means": e.means}
            for f in self.findings if f.name == HOARDING for e in f.evidence
        ]  # fmt: skip
        return pd.DataFrame(rows)

    def sentences(self) -> list[str]:
        """What was found, in words; the same is said once for all it holds for."""
        return [words for _, words in self.statements()]

    def statements(self) -> list[tuple[Found, str]]:
        """The sentences, each with what the evidence says."""
        if not self.findings:
            return [(Found.OPEN, "Nobody is seen to have reviewed anything.")]
        groups: dict[tuple[str, str, str], list[Finding]] = {}
        for f in self.findings:
            key = f.who if f.status is Found.NAMED else f.short
            groups.setdefault((f.name, f.status, key), []).append(f)
        return [(group[0].status, _sentence(group)) for group in groups.values()]


def diagnose(
    log: DecisionLog,
    *,
    per: str = "pool",
    miss_cost: float = _MISS_COST,
    needless_cost: float = 1.0,
    targets: Targets | None = None,
) -> Diagnosis:
    """Name hoarding and abdication, real or simulated, from what was observed.

    Parameters
    ----------
    log : DecisionLog
    per : {"pool", "reviewer"}
        Whose reviews are judged together. Persons are for their own use; reports name pools.
    miss_cost, needless_cost : float
        What a wrong one let through costs, and a needless intervention, in any one unit: ten to
        one is assumed. They move the ideal criterion, which is known only where outcomes come by
        themselves, and no name depends on it.
    targets : Targets, optional
        Whose ``still_in_the_loop`` and ``override_rate`` are the lines for hoarding.

    Returns
    -------
    Diagnosis

    Raises
    ------
    LogError
        When ``per`` is another word or a cost is not above zero.

    Examples
    --------
    >>> import hitlsim as hs
    >>> found = diagnose(hs.simulate(hs.load("outbound"), seed=7).log)
    >>> {f.name for f in found.findings} == {"hoarding", "abdication"}
    True
    """
    if per not in ("pool", "reviewer"):
        raise LogError(f"per={per!r} must be 'pool' or 'reviewer'")
    for name, cost in (("miss_cost", miss_cost), ("needless_cost", needless_cost)):
        if not 0 < cost < math.inf:
            raise LogError(f"{name}={cost!r} must be above 0, for example 10 for ten times as much")
    costs, lines = Costs(needless=needless_cost, miss=miss_cost), targets or Targets()
    found = []
    for mine in reviewed_by(log, per):
        known = tuple(items(mine, costs))
        for name, judge in ((HOARDING, _hoarding), (ABDICATION, _abdication)):
            n = int(mine.sum("reviewed"))
            found.append(
                Finding(who=mine.who, name=name, verdicts=n, evidence=known, **judge(mine, lines))
            )
    order = list(Found)
    return Diagnosis(tuple(sorted(found, key=lambda f: order.index(f.status))))


# --- the rules -----------------------------------------------------------------------------------


def _judged(
    status: Found, words: str, short: str = "", settles: int = 0, of: str = ""
) -> dict[str, Any]:
    return {"status": status, "words": words, "short": short or words, "settles": settles,
            "of": of}  # fmt: skip


def _hoarding(b: Reviewed, t: Targets) -> dict[str, Any]:
    """Many looks that change nothing: both whole intervals must say so."""
    many, little = t.still_in_the_loop, t.override_rate
    if not b.sum("judged") + b.sum("reviewed"):
        return _judged(Found.OPEN, _NO_VERDICTS)
    if not b.asked.known:
        return _nothing_to_hoard(b)
    if b.asked.high < many:
        words = f"people are asked about less than {many:.0%} of what the AI may take alone"
        return _judged(Found.NOT, words)
    if b.changed.low >= little:
        words = f"people change at least {little:.0%} of what they are asked about"
        return _judged(Found.NOT, words)
    asked = f"{_pct(b.asked)} of what the AI may take alone was put before a person"
    if b.all("peeked"):
        asked += f" ({b.peeked.value:.1%} because somebody pulled it)"
    if not b.changed.known:
        return _judged(Found.OPEN, f"{asked}; what people made of it is not logged")
    said = f"{asked}, and {_pct(b.changed)} of that was changed{_full(b, t)}"
    if b.asked.low > many and b.changed.high < little:
        return _judged(Found.NAMED, said)
    if b.asked.low <= many:
        return _judged(
            Found.OPEN, said, f"{asked}, not clearly more or less than {many:.0%}",
            needed(b.asked.value, many), "decisions",
        )  # fmt: skip
    return _judged(
        Found.OPEN, said, f"{said}, not clearly more or less than {little:.0%}",
        needed(b.changed.value, little), "verdicts",
    )  # fmt: skip


def _nothing_to_hoard(b: Reviewed) -> dict[str, Any]:
    if "safe" not in b.tally:
        words = "the log does not say which decisions went alone (column route)"
        return _judged(Found.OPEN, words)
    if len(b.tally):
        return _judged(Found.NOT, "all of their work passes gates, which always ask")
    if b.shared:
        words = "what reaches a shared desk is nobody's own doing; ask about the pool"
        return _judged(Found.OPEN, words)
    return _judged(Found.NOT, "only what others did not begin in time reaches them")


def _full(b: Reviewed, t: Targets) -> str:
    """How full the desk is, where that is known."""
    if not b.busy.known:
        return ""
    too = ", which is too full" if b.busy.value > t.utilisation else ""
    return f"; all in all the desk takes {b.busy.value:.0%} of the hours set aside{too}"


def _abdication(b: Reviewed, _: Targets) -> dict[str, Any]:
    """Any one of the signs names it; only approvals that hold up when looked at clear of it."""
    if not b.sum("reviewed"):
        return _judged(Found.OPEN, _NO_VERDICTS)
    signs = [words(b) for shown, words in _SIGNS if shown(b)]
    if signs:
        return _judged(Found.NAMED, "; ".join(signs))
    if b.missed.high < MOST and not b.lax:
        return _judged(Found.NOT, "most of the wrong ones before them are changed")
    return _unsettled(b)


def _passed_most(b: Reviewed) -> bool:
    return b.missed.low > MOST or b.missed_at_least.low > MOST


def _falls(b: Reviewed) -> bool:
    return all(e.high < 1 for e in b.trends)


def _fast_words(b: Reviewed) -> str:
    return f"{_pct(b.fast)} of {b.fast.n:,.0f} approvals were faster than reading"


def _passed_words(b: Reviewed) -> str:
    changed = f"while only {_pct(b.share('changed', 'reviewed'))} of all they saw was changed"
    if b.missed.low > MOST:
        source = "by their outcomes" if b.sum("outcome_bad") else "going by second looks"
        return f"of the wrong ones before them {_pct(b.missed)} passed, {source}, {changed}"
    said = (
        f"at least {_pct(b.missed_at_least)} of the wrong ones passed: {_pct(b.complained)} of the "
        f"approvals drew a complaint, {changed}"
    )
    if b.lax:
        said += f". Second looks are no safeguard here: they found {_pct(b.again_wrong)} wrong"
    return said


def _falling_words(b: Reviewed) -> str:
    e = b.trends[1]
    return (
        "for each error that audits find people change less and less: later "
        f"{e.value:.2f} times as much as earlier ({e.low:.2f}-{e.high:.2f})"
    )


_SIGNS: tuple[tuple[Callable[[Reviewed], bool], Callable[[Reviewed], str]], ...] = (
    (lambda b: b.fast.low > MOST, _fast_words),
    (_passed_most, _passed_words),
    (_falls, _falling_words),
)


def _unsettled(b: Reviewed) -> dict[str, Any]:
    """What is known, and how much more would settle it."""
    pace = "how long approvals took is not logged (column review_minutes)"
    if b.fast.known:
        pace = f"{_pct(b.fast)} of the approvals were faster than reading"
    passed = f"of the wrong ones before them {_pct(b.missed)} passed"
    if b.sum("outcome_bad"):
        return _judged(
            Found.OPEN, f"{pace}; {passed}", f"{passed}, not clearly more or less than half",
            needed(b.missed.value, MOST), "wrong ones",
        )  # fmt: skip
    n = b.again_wrong.n
    looked = f"{pace}; of {n:,.0f} approvals looked at again {_pct(b.again_wrong)} were wrong"
    if b.lax:
        short = "second looks find less than complaints show; let somebody else look"
        said = f"{looked}, but {_pct(b.complained)} of all drew a complaint"
        return _judged(Found.OPEN, said, short, _ENOUGH_WITHOUT_ANY, _SECOND_LOOKS)
    # half of the wrong ones pass where as many approvals are wrong as others were changed
    changed = b.share("changed", "reviewed").value
    line = min(changed / (1 - changed), 1.0) if changed < 1 else 1.0
    if b.again_wrong.known and not b.again_wrong.few:
        settles = needed(b.again_wrong.value, line)
        short = f"{passed}, not clearly more or less than half"
        return _judged(Found.OPEN, looked, short, settles, _SECOND_LOOKS)
    settles = needed(line / 2, line) if 0 < line < 1 else _ENOUGH_WITHOUT_ANY
    said = looked if n else f"{pace}; nobody looked again at what was approved"
    short = "too little of what they approved was looked at again"
    return _judged(Found.OPEN, said, short, max(settles, int(n) + 1), _SECOND_LOOKS)


# --- words ---------------------------------------------------------------------------------------


def _sentence(group: list[Finding]) -> str:
    f, them = group[0], listed([_plain(f.who) for f in group])
    if f.status is Found.NAMED:
        return f"{f.name.capitalize()} at {them}: {f.words}."
    if f.status is Found.NOT:
        return f"No {f.name} seen at {them}: {f.short}."
    said = f"Not enough evidence on {f.name} at {them}: {f.short}"
    if not f.of:
        return f"{said}."
    if max(x.settles for x in group) > _HOPELESS:
        return f"{said}, so near that no number of {f.of} would settle it soon."
    return f"{said}; about {listed([_about(x.settles) for x in group])} {f.of} would settle it."


def _plain(who: str) -> str:
    return "the desk" if who == "all" else who.replace("_", " ")


def _pct(e: Estimate) -> str:
    """A share with its interval; the interval alone where few were found."""
    if e.few:
        return f"{e.low:.1%} to {e.high:.1%}"
    return f"{e.value:.1%} ({100 * e.low:.1f}-{100 * e.high:.1f})"


def _about(n: float) -> str:
    """Rounded up to two digits."""
    step = 10 ** max(0, math.floor(math.log10(max(n, 1))) - 1)
    return f"{math.ceil(n / step) * step:,}"
