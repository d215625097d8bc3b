"""Which policies keep silent errors below a limit, with a stated confidence: Learn then Test.

Policies come as a *family*, from the most cautious to the loosest, fixed on earlier data. Held-out
labels then tell which of them hold. (Conformal risk control would let more go alone, but it keeps
the limit only on average over many such samples, and in nearly half of them does not.)
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import bdtr

from ....decisions.estimating.enough import looks_if_none_bad
from ....decisions.estimating.intervals import (
    FEW,
    INDEPENDENT,
    NEVER_SETTLED,
    Estimate,
    clopper_pearson,
    fewest,
)
from ....errors import LogError, NotEnoughEvidence
from ....shown import Shown
from .alike import p_value
from .asked import check_asked, family_of, labels_of, turns_of
from .certificate_words import sentences
from .held_out import Mask, passing

POWER = 0.80
"""Chance of success at which a number of labels is said to do."""


@dataclass(frozen=True)
class Certificate(Shown):
    """What held-out labels guarantee, candidate by candidate.

    Attributes
    ----------
    rate : str
        ``fn_share``, ``fn_of_auto`` or ``fn_of_bad``.
    at_most, confidence : float
        What was asked.
    method : str
        ``fixed_sequence`` or ``bonferroni``.
    n : int
        Labels.
    alone, wrong, of : tuple of int
        For each candidate the labels that go alone, and the rate's numerator and denominator.
    p_values : tuple of float
        For each candidate; 1 where it was left out.
    held : tuple of bool
        Which candidates keep the limit; all of these together, with the confidence asked.
    unsupported : tuple of int
        Candidates left out: nothing goes alone, or too few labels even if none were bad.
    """

    rate: str
    at_most: float
    confidence: float
    method: str
    n: int
    alone: tuple[int, ...]
    wrong: tuple[int, ...]
    of: tuple[int, ...]
    p_values: tuple[float, ...]
    held: tuple[bool, ...]
    unsupported: tuple[int, ...]
    names: tuple[str, ...] = ()
    """What to call each candidate; by its number if left out."""
    order: tuple[int, ...] = ()
    """In which they were tested in a fixed sequence; as they come if left out."""
    alike: float = 1.0
    """Design effect: of how many labels each counts as one, as those of one account are alike."""

    @property
    def loosest(self) -> int | None:
        """Of those that held the one that lets most go alone; None if none did."""
        holding = [i for i, held in enumerate(self.held) if held]
        return max(holding, key=lambda i: (self.alone[i], i), default=None)

    @property
    def observed(self) -> Estimate:
        """The rate among the labels under the loosest that held (else :attr:`missed`).

        An estimate, and not what is guaranteed.
        """
        at = self.missed if self.loosest is None else self.loosest
        return self.observed_at(at or 0)

    @property
    def alone_share(self) -> Estimate:
        """What the loosest that held lets go alone, of all decisions."""
        return clopper_pearson(0 if self.loosest is None else self.alone[self.loosest], self.n)

    @property
    def missed(self) -> int | None:
        """The candidate next to be had; None where none is looser than what held.

        In a fixed sequence it is the one that failed, else the one fewest labels away.
        """
        return self._next()[0]

    @property
    def n_needed(self) -> int | None:
        """Labels of a uniform sample that would do for :attr:`missed`, with a chance of 80%.

        That is if its true rate is the one observed. None where no candidate is looser, or where
        the rate observed is not below the limit, or so near that a million would not do.
        """
        return self._next()[1]

    @property
    def at_least(self) -> int:
        """The fewest labels in the rate's denominator that can do: if none is bad."""
        return _fewest(self.at_most, self.confidence, self.alike)

    def observed_at(self, candidate: int) -> Estimate:
        """The rate among the labels under one candidate, with its exact interval."""
        wrong, of = self.wrong[candidate], self.of[candidate]
        e = clopper_pearson(wrong, of, assumes=f"{INDEPENDENT}; an estimate, not the guarantee")
        return replace(e, few=wrong < FEW) if of else e

    def words(self) -> list[str]:
        """What is guaranteed and what it rests on; or why nothing is, and what would do."""
        return sentences(self)

    def _next(self) -> tuple[int | None, int | None]:
        """The candidate next to be had, and the labels that would do for it."""
        most = 0 if self.loosest is None else self.alone[self.loosest]
        looser = [i for i, held in enumerate(self.held) if not held and self.alone[i] > most]
        failed = [i for i in looser if i not in self.unsupported]
        if self.method == "fixed_sequence" and failed:
            looser = [min(failed, key=self._turn)]
        labels = {i: self._labels(i) for i in looser}
        if not labels:
            return None, None
        at = min(labels, key=lambda i: (labels[i] is None, labels[i], i))
        return at, labels[at]

    def _turn(self, i: int) -> int:
        return self.order.index(i) if self.order else i

    def _labels(self, i: int) -> int | None:
        if not self.of[i]:
            return None
        # a grid shares the confidence among all that are tested
        among = max(1, len(self.held) - len(self.unsupported))
        each = 1 if self.method == "fixed_sequence" else among
        needed = labels_needed(
            self.at_most, 1 - (1 - self.confidence) / each, self.wrong[i] / self.of[i]
        )
        return None if needed is None else math.ceil(self.alike * needed * self.n / self.of[i])


def certify(
    alone: Mask,
    bad: ArrayLike,
    *,
    rate: str = "fn_share",
    at_most: float,
    confidence: float = 0.90,
    method: str = "fixed_sequence",
    order: Sequence[int] | None = None,
    alike: float = 1.0,
) -> Certificate:
    """Find out which policies of a family keep a rate of silent errors.

    Parameters
    ----------
    alone : array of bool, shape (n, K)
        Whether each decision goes alone under each candidate. Candidates were fixed on earlier
        data, and for ``fixed_sequence`` they come in order from the most cautious to the loosest.
    bad : array, shape (n,)
        Whether each decision was bad. The decisions are a uniform random sample (see
        :func:`uniform`), later than those used in tuning, and none of them was used there.
    rate : str
        ``fn_share`` = P(auto and bad), ``fn_of_auto`` = P(bad given auto), ``fn_of_bad`` =
        P(auto given bad).
    at_most : float
        The limit, between 0 and 1.
    confidence : float
        With which all candidates that held keep it, together; between 0 and 1.
    method : str
        ``fixed_sequence`` tests in order, each with the whole confidence, up to the first that
        fails: for one threshold. ``bonferroni`` shares the confidence among all, step by step
        (Holm's form): for grids of triggers, in any order.
    order : sequence of int, optional
        Every candidate once, as a fixed sequence tests them; fixed on earlier data, as the
        candidates were. Default: as they come.
    alike : float
        Design effect of the labels, 1 or more (see :mod:`.alike`). Above 1 a candidate must also
        pass with the labels counted as so many times fewer; a fixed sequence ends at the first
        that fails either test.

    Returns
    -------
    Certificate
        Without a candidate that held where the labels do not say so; it then tells what would do.

    Raises
    ------
    LogError
        When labels are missing, shapes do not fit, or what is asked makes no sense.
    NotEnoughEvidence
        When there is no label.

    References
    ----------
    Angelopoulos, Bates, Candes, Jordan & Lei 2021, Learn then Test (arXiv 2110.01052);
    Bauer 1991 (fixed sequence); Holm 1979; Rao & Scott 1992 (labels that are alike).

    Examples
    --------
    >>> score = np.linspace(0.5, 1, 1000)
    >>> bad = np.arange(1000) % 20 < 20 * (1 - score) / 2
    >>> found = certify(score[:, None] >= [0.9, 0.8, 0.7], bad, at_most=0.05)
    >>> found.held, found.loosest
    ((True, True, False), 1)
    """
    check_asked(rate, at_most, confidence, method)
    at_most, confidence = float(at_most), float(confidence)
    alone = family_of(alone)
    wrong_ones = labels_of(bad, len(alone))
    least = _fewest(at_most, confidence, alike)
    if not len(alone):
        raise NotEnoughEvidence(
            f"no label is held out: at least {least:,} are needed for {rate} <= {at_most:g} with "
            f"confidence {confidence:g}, even if none is bad"
        )
    turns = turns_of(order, alone.shape[1])
    count = alone.sum(axis=0)
    wrong = (alone & wrong_ones[:, None]).sum(axis=0)
    of = {
        "fn_share": np.full_like(count, len(alone)),
        "fn_of_auto": count,
        "fn_of_bad": np.full_like(count, wrong_ones.sum()),
    }[rate]
    # which decisions go alone decides here, not how they came out: no label is looked at twice
    # (fn_of_bad counts the bad ones, but in the same way for all candidates)
    enough = (count > 0) & (of >= least)
    kept = turns[enough[turns]]
    held, p_values = np.zeros(len(count), bool), np.ones(len(count))
    if len(kept):
        passed, p_values[kept] = passing(
            alone[:, kept],
            wrong_ones,
            rate=rate,
            at_most=at_most,
            confidence=confidence,
            in_order=method == "fixed_sequence",
        )
        if alike > 1:
            fewer = [p_value(int(wrong[i]), int(of[i]), at_most, alike) for i in kept]
            p_values[kept] = np.maximum(p_values[kept], fewer)
            passed = passed[_small(p_values[kept], 1 - confidence, method)[passed]]
        held[kept[passed]] = True
    return Certificate(
        rate=rate,
        at_most=at_most,
        confidence=confidence,
        method=method,
        n=len(alone),
        alone=_tuple(count),
        wrong=_tuple(wrong),
        of=_tuple(of),
        p_values=_tuple(p_values),
        held=_tuple(held),
        unsupported=_tuple(np.flatnonzero(~enough)),
        order=() if order is None else _tuple(turns),
        alike=alike,
    )


def _small(p_values: NDArray[np.float64], level: float, method: str) -> Mask:
    """Which are small enough to hold together: up to the first that is not, else each of all."""
    if method == "fixed_sequence":
        return np.asarray(np.logical_and.accumulate(p_values <= level), bool)
    return np.asarray(p_values <= level / len(p_values), bool)


def _fewest(at_most: float, confidence: float, alike: float) -> int:
    """The fewest labels that can do, if none is bad."""
    return math.ceil(alike * looks_if_none_bad(at_most, confidence=confidence))


def _tuple(values: NDArray[Any]) -> tuple[Any, ...]:
    return tuple(values.tolist())


def labels_needed(
    at_most: float, confidence: float, expected: float, power: float = POWER
) -> int | None:
    """Labels that show a rate to be at most this, if it truly is lower.

    The smallest n from which on the exact binomial test succeeds often enough; it is found by
    counting, as more labels can do a little worse where one more bad one is not yet allowed.

    Parameters
    ----------
    at_most : float
        The limit.
    confidence : float
        Of one test, one-sided.
    expected : float
        The true rate.
    power : float
        Chance that the labels show it.

    Returns
    -------
    int or None
        None if the true rate is not below the limit, or so near that a million would not do.

    Examples
    --------
    >>> labels_needed(0.02, 0.95, 0.0), labels_needed(0.05, 0.9, 0.025), labels_needed(0.05, 0.9, 1)
    (149, 330, None)
    """
    for name, value in (("at_most", at_most), ("confidence", confidence), ("power", power)):
        if not 0 < value < 1:
            raise LogError(f"{name} {value:g} must lie between 0 and 1")
    if expected >= at_most:
        return None
    allowed = 1 - confidence

    def first(bad: int) -> int:
        """The smallest sample that may hold so many bad ones."""
        return fewest(lambda n: n > bad and float(bdtr(bad, n, at_most)) <= allowed)

    def does(bad: int) -> bool:
        """Whether even the largest sample that may hold no more succeeds often enough."""
        return float(bdtr(bad, first(bad + 1) - 1, expected)) >= power

    n = first(fewest(lambda tooth: does(tooth - 1)) - 1)
    return None if n >= NEVER_SETTLED else n
