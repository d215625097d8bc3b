"""A guarantee on silent errors: rules fixed on earlier decisions, tested on later ones."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy.special import bdtr

from ....errors import NotEnoughEvidence
from ..weighing.cases import Bools, Cases, Floats, Ints
from ..weighing.outlook import silent_share
from ..weighing.search import Found, Searching
from .alike import design_effect, in_base, measured
from .certificate import Certificate, certify
from .coverage import misfit, not_by_chance, settled, too_late, unseen
from .held_out import HELD_OUT
from .labels import Labels, sampled

_FAMILY = 25
"""Candidates tried one after the other, from the most cautious to the loosest."""
_WIDEST = 4.0
"""The most cautious asks about so many times what the band allows."""


@dataclass(frozen=True)
class Guarantee:
    """What held-out outcomes guarantee of a family of rules, one looser than the next.

    Attributes
    ----------
    certificate : Certificate or None
        None where there was no outcome to test on.
    rates : tuple of float
        The exception rate of each member of the family.
    chosen : int or None
        The member recommended; None if none holds.
    wanted : int
        The member that would have been chosen without it.
    dropped : int
        Outcomes left out so that every decision had the same chance to be among the rest.
    unseen : tuple of str
        Workflows, or what went alone or was asked about in them, of which no outcome is known:
        nothing is guaranteed of them.
    unlooked : int
        Decisions that nobody looked at, and of which no chance to be picked is stated: they count
        as silent errors.
    outstanding : int
        Looks that chance picked and nobody has made: these decisions are taken to be like the
        others.
    late : int
        Outcomes that chance picked and that have not come: they count as silent errors.
    left_out : int
        Last days that are not tested on, as most of their outcomes have not come.
    why : str
        Why there is nothing to test on; empty where there is, or where no outcome is known.
    """

    certificate: Certificate | None
    rates: tuple[float, ...]
    chosen: int | None
    wanted: int
    dropped: int
    unseen: tuple[str, ...]
    unlooked: int = 0
    outstanding: int = 0
    late: int = 0
    left_out: int = 0
    untold: bool = False
    """Whether chance picked outcomes and the log does not say which."""
    why: str = ""

    @property
    def holds(self) -> bool:
        return self.chosen is not None

    @property
    def alike(self) -> float:
        """Design effect of its labels: above 1 where those of one account are surely alike."""
        return 1.0 if self.certificate is None else self.certificate.alike

    @property
    def rate(self) -> float:
        """The exception rate of what is recommended, on the days that it was fixed on."""
        return self.rates[self.wanted if self.chosen is None else self.chosen]

    @property
    def least_rate(self) -> float:
        """The lowest exception rate that is guaranteed; NaN if none is."""
        c = self.certificate
        return float("nan") if c is None or c.loosest is None else self.rates[c.loosest]


def family(searching: Searching, found: Found, most: float) -> list[Found]:
    """Rules of the same kind from the most cautious to the loosest, the one found among them."""
    top = min(1.0, max(_WIDEST * most, found.rate))
    low = min(found.rate, searching.band.low) / 2
    rates = np.unique(np.append(np.linspace(low, top, _FAMILY), found.rate))[::-1]
    p = found.prices
    members = [
        found if rate == found.rate else searching.at(float(rate), p.minute, p.error)
        for rate in rates
    ]
    # each less cautious than the one before, and the one found whatever its neighbours
    out: list[Found] = []
    for member in members:
        if member is found:
            out = [m for m in out if m.rate > found.rate]
        if not out or member.rate < out[-1].rate:
            out.append(_as_found(member, found, searching.cases))
    return out


def _as_found(member: Found, found: Found, cases: Cases) -> Found:
    """The same, but for workflows of which there is no decision: nothing tells rules for them."""
    if member is found:
        return found
    policy, n = member.policy, np.bincount(cases.flow, minlength=len(cases.workflows))
    for flow, some in zip(cases.workflows, n, strict=True):
        if not some:
            policy = policy.with_rule(flow, found.policy.rules[flow])
    return replace(member, policy=policy)


def guaranteed(
    members: list[Found], found: Found, early: Cases, later: Cases, *, rate: str, at_most: float,
    confidence: float, most: float,
) -> tuple[Guarantee, Found]:  # fmt: skip
    """Which of the rules keep a rate of silent errors on later decisions, for certain enough.

    Parameters
    ----------
    members : list of Found
        From :func:`family`, made without the later decisions.
    found : Found
        The one that is best without a guarantee.
    early : Cases
        Those they were made from.
    later : Cases
        Decisions after all from which anything was learnt.
    rate, at_most, confidence
        What must be guaranteed.
    most : float
        The highest exception rate allowed.

    Returns
    -------
    Guarantee, Found
        With the rules to recommend: those found if they are guaranteed, else the loosest that are
        and that keep below ``most``, else those found.
    """
    wanted = next(i for i, member in enumerate(members) if member is found)
    days = later.day
    later = later.part(settled(later))
    fair = later.known & (later.chance > 0)
    nothing = Guarantee(
        None, tuple(m.rate for m in members), None, wanted, 0, unseen(later, fair),
        left_out=int(days.max() - later.day.max()),
        untold=later.awaited is None and bool((later.chance < 1).any()),
    )  # fmt: skip
    if not fair.any():
        return nothing, found
    if why := misfit(early, later):
        return replace(nothing, why=why), found
    return _tested(nothing, members, early, later, rate, at_most, confidence, most)


def _tested(
    nothing: Guarantee, members: list[Found], early: Cases, later: Cases, rate: str,
    at_most: float, confidence: float, most: float,
) -> tuple[Guarantee, Found]:  # fmt: skip
    """What the labels there are say of each member."""
    wanted, found = nothing.wanted, members[nothing.wanted]
    goes: Bools = np.column_stack([~m.policy.asks(later) for m in members])
    labels = sampled(later, goes, rate)
    nothing = replace(
        nothing, dropped=labels.dropped, unlooked=labels.unlooked, late=labels.late,
        outstanding=labels.unmade,
    )  # fmt: skip
    assumed = (labels.assumed & labels.alone[:, wanted]).sum()
    of = in_base(rate, labels.alone[:, wanted], labels.bad)
    if assumed and assumed >= at_most * of.sum():
        why = not_by_chance(later, ~goes[:, wanted])
        if labels.late > labels.unlooked:
            why = too_late(labels.late)
        return replace(nothing, why=why), found
    order = None
    if rate == "fn_of_auto":
        expected = np.array([silent_share(early, m.asks, rate) for m in members])
        order = _order(labels.alone.sum(axis=0), expected, wanted, at_most, confidence)
    try:
        proof = certify(
            labels.alone, labels.bad, rate=rate, at_most=at_most, confidence=confidence,
            order=order, alike=_alike(early, found, labels, rate, confidence),
        )  # fmt: skip
    except NotEnoughEvidence:
        return nothing, found
    proof = replace(
        proof, names=tuple(f"rules with {rate:.1%} exceptions" for rate in nothing.rates)
    )
    chosen = _chosen(proof, nothing.rates, wanted, most)
    made = replace(nothing, certificate=proof, chosen=chosen)
    return made, found if chosen is None else members[chosen]


def _alike(early: Cases, found: Found, labels: Labels, rate: str, confidence: float) -> float:
    """The design effect of labels, by what earlier ones tell of accounts: the largest of all."""
    if labels.account is None:
        return 1.0
    correlation = measured(early, ~found.asks, rate)
    bases = (in_base(rate, alone, labels.bad) for alone in labels.alone.T)
    return max(design_effect(labels.account[base], correlation, confidence) for base in bases)


def _order(
    alone: Ints, expected: Floats, wanted: int, at_most: float, confidence: float
) -> tuple[int, ...]:
    """In which order to test where cautious rules have the fewest labels and would fail first.

    From the rules most likely to pass on to those wanted, then the looser, then the rest. How
    likely they pass is told from earlier outcomes and the number of labels, so that the order is
    fixed before any label is looked at.
    """
    both = zip(alone, expected, strict=True)
    likely = np.round([_passes(int(n), float(p), at_most, confidence) for n, p in both], 1)
    start = min(range(len(alone)), key=lambda i: (-likely[i], abs(i - wanted)))
    step = 1 if start <= wanted else -1
    path = list(range(start, wanted + step, step))
    looser = [i for i in range(len(alone)) if i > max(path)]
    others = [i for i in reversed(range(len(alone))) if i not in path and i not in looser]
    return (*path, *looser, *others)


def _passes(n: int, expected: float, at_most: float, confidence: float) -> float:
    """The chance that so many labels show a rate to be below the limit."""
    if not n or np.isnan(expected):
        return 0.0
    allowed = int(np.searchsorted(bdtr(np.arange(n + 1), n, at_most), 1 - confidence, "right")) - 1
    return float(bdtr(allowed, n, min(1.0, expected))) if allowed >= 0 else 0.0


def _chosen(proof: Certificate, rates: tuple[float, ...], wanted: int, most: float) -> int | None:
    if proof.held[wanted]:
        return wanted
    loosest = proof.loosest
    if loosest is None or rates[loosest] > most:
        return None
    return loosest


def split(cases: Cases, share: float = 1 - HELD_OUT) -> tuple[Bools, Bools]:
    """Earlier and later decisions, by whole days."""
    days = np.sort(cases.day)
    cut = days[min(len(days) - 1, int(share * len(days)))]
    later = cases.day >= cut
    if not (~later).any():
        raise NotEnoughEvidence(
            "all decisions are of one day: nothing can be held out by time to test a guarantee on; "
            "give two weeks at least"
        )
    return ~later, later


def with_rates(found: Found, cases: Cases) -> Found:
    """The same rules on other decisions."""
    return replace(found, asks=found.policy.asks(cases))
