"""A guarantee on silent errors: rules fixed on earlier decisions, tested on later ones."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from ....errors import NotEnoughEvidence
from ..weighing.cases import Bools, Cases
from ..weighing.search import Found, Searching
from .certificate import Certificate, certify, uniform

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
        Workflows of which no outcome can get known: nothing is guaranteed of them.
    """

    certificate: Certificate | None
    rates: tuple[float, ...]
    chosen: int | None
    wanted: int
    dropped: int
    unseen: tuple[str, ...]

    @property
    def holds(self) -> bool:
        return self.chosen is not None

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
    members: list[Found], found: Found, later: Cases, *, rate: str, at_most: float,
    confidence: float, most: float,
) -> tuple[Guarantee, Found]:  # fmt: skip
    """Which of the rules keep a rate of silent errors on later decisions, for certain enough.

    Parameters
    ----------
    members : list of Found
        From :func:`family`, made without the later decisions.
    found : Found
        The one that is best without a guarantee.
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
    fair = later.known & (later.chance > 0)
    rates = tuple(m.rate for m in members)
    unseen = _unseen(later, fair)
    if not fair.any():
        return Guarantee(None, rates, None, wanted, 0, unseen), found
    some = np.flatnonzero(fair)
    kept = some[uniform(later.chance[some], later.u[some], floor=_least(later))]
    sample = later.part(kept)
    alone: Bools = np.column_stack([~m.policy.asks(sample) for m in members])
    try:
        proof = certify(
            alone, sample.bad, rate=rate, at_most=at_most, confidence=confidence,
        )  # fmt: skip
    except NotEnoughEvidence:
        return Guarantee(None, rates, None, wanted, len(some) - len(kept), unseen), found
    proof = replace(proof, names=tuple(f"rules with {rate:.1%} exceptions" for rate in rates))
    chosen = _chosen(proof, rates, wanted, most)
    made = Guarantee(proof, rates, chosen, wanted, len(some) - len(kept), unseen)
    return made, found if chosen is None else members[chosen]


def _least(cases: Cases) -> float:
    """The smallest chance of being known that any decision has, known or not."""
    return float(cases.chance[cases.chance > 0].min())


def _chosen(proof: Certificate, rates: tuple[float, ...], wanted: int, most: float) -> int | None:
    if proof.held[wanted]:
        return wanted
    loosest = proof.loosest
    if loosest is None or rates[loosest] > most:
        return None
    return loosest


def _unseen(cases: Cases, fair: Bools) -> tuple[str, ...]:
    n = np.bincount(cases.flow[fair], minlength=len(cases.workflows))
    there = np.bincount(cases.flow, minlength=len(cases.workflows))
    return tuple(f for f, k, m in zip(cases.workflows, n, there, strict=True) if m and not k)


def split(cases: Cases, share: float = 0.6) -> tuple[Bools, Bools]:
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
