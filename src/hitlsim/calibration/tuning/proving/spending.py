"""Every re-tune spends confidence: guarantees that are to hold together share what may go wrong."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationError, model_validator

from ....errors import LogError, NotEnoughEvidence
from ....scenario.base import Number, Part, Whole
from ....scenario.explain import dotted, explain
from ....shown import Shown
from .certificate import Certificate
from .certificate_words import percent

_ROUNDED = 1e-9
"""Sums of floats are compared to within this."""


class Spent(Part):
    """One certificate, and what it cost."""

    on: date
    of: str
    """The log or scenario whose labels it rests on."""
    rate: Literal["fn_share", "fn_of_auto", "fn_of_bad"]
    """``fn_share``, ``fn_of_auto`` or ``fn_of_bad``."""
    at_most: Annotated[Number, Field(gt=0, lt=1)]
    """The limit asked for."""
    confidence: Annotated[Number, Field(gt=0, lt=1)]
    """Of this certificate alone."""
    n: Annotated[Whole, Field(ge=0)]
    """Labels."""
    outcome: str
    """Which candidate held, or that none did."""


class Spending(Part, Shown):
    """The confidence of a period, what its re-tunes may spend, and what they have spent.

    A certificate of confidence ``1 - d`` is wrong with a chance of at most ``d``. All of a period
    hold together with the period's confidence if their ``d`` add up to no more than its own,
    however they depend on each other. One where nothing held has spent too: it had its chance to
    err.

    References
    ----------
    Bonferroni 1936.

    Examples
    --------
    >>> year = Spending(confidence=0.9, retunes=12)
    >>> round(year.each, 4), year.left
    (0.9917, 12)
    """

    confidence: Annotated[Number, Field(ge=0.5, lt=1)] = 0.90
    """With which all certificates of the period hold together."""
    retunes: Annotated[Whole, Field(ge=1, le=1000)] = 12
    """Re-tunes planned in the period."""
    entries: tuple[Spent, ...] = ()
    """Certificates so far, the oldest first."""

    @model_validator(mode="after")
    def _not_overspent(self) -> Spending:
        if self._left < -_ROUNDED:
            raise ValueError(
                f"{_certificates(len(self.entries))} spend more than {percent(self.confidence)} "
                f"allows; together they hold with {percent(1 - self._spent)}: lower the confidence "
                "to that, or mend what was changed by hand"
            )
        return self

    @property
    def each(self) -> float:
        """The confidence to ask of each certificate, so that all hold together."""
        return 1 - (1 - self.confidence) / self.retunes

    @property
    def left(self) -> int:
        """Re-tunes still to be had, each with the confidence planned."""
        share = (1 - self.confidence) / self.retunes
        return max(0, math.floor(self._left / share + _ROUNDED))

    def confidence_for(self, asked: float | None) -> float:
        """The confidence with which the next certificate is to be asked for.

        Parameters
        ----------
        asked : float or None
            What somebody asked for beside the plan: the period's, that of each, or nothing.

        Raises
        ------
        LogError
            When it is neither.
        NotEnoughEvidence
            When no re-tune is left.
        """
        said = (self.confidence, self.each)
        if asked is not None and not any(math.isclose(asked, c, abs_tol=1e-6) for c in said):
            raise LogError(
                f"confidence {percent(asked)} and the plan of re-tunes contradict each other: all "
                f"{self.retunes} are to hold with {percent(self.confidence)}, so each is asked for "
                f"with {percent(self.each)}; leave confidence out, or plan with another"
            )
        if not self.left:
            raise NotEnoughEvidence(self._refusal(1 - self.each))
        return self.each

    def spend(self, certificate: Certificate, *, on: date, of: str) -> Spending:
        """The same with one more certificate written down.

        Parameters
        ----------
        certificate : Certificate
            Asked for with the confidence :attr:`each`, or another.
        on : date
            Day of the re-tune.
        of : str
            The log or scenario whose labels it rests on.

        Raises
        ------
        NotEnoughEvidence
            When it costs more than is left.
        """
        cost = 1 - certificate.confidence
        if cost > self._left + _ROUNDED:
            raise NotEnoughEvidence(self._refusal(cost))
        asked = {
            name: getattr(certificate, name) for name in ("rate", "at_most", "confidence", "n")
        }
        entry = Spent(on=on, of=of, outcome=_outcome(certificate), **asked)
        return Spending(
            confidence=self.confidence, retunes=self.retunes, entries=(*self.entries, entry)
        )

    def to_dict(self) -> dict[str, Any]:
        """As plain values, for the change log of a boundary spec."""
        return self.model_dump(mode="json")

    @staticmethod
    def from_dict(written: Mapping[str, Any]) -> Spending:
        """Read what :meth:`to_dict` gave.

        Raises
        ------
        LogError
            When a key is unknown or missing, a value is out of range, or more is spent than there
            was to spend.
        """
        try:
            return Spending.model_validate(dict(written))
        except ValidationError as e:
            found = explain(e, Spending, ())
            said = "; ".join(f"{dotted(p.path)}: {p.text}" if p.path else p.text for p in found)
            raise LogError(f"confidence spent: {said}") from None

    def words(self) -> list[str]:
        """The plan, what was spent, and what is left, in sentences."""
        all_, each = percent(self.confidence), percent(self.each)
        plan = (
            f"With {all_} confidence the guarantees of {self.retunes} re-tunes hold together, if "
            f"each is asked for with {each}."
        )
        said = [plan]
        if self.entries:
            last = self.entries[-1]
            said.append(
                f"{_certificates(len(self.entries))} so far; the last, on {last.on.isoformat()} "
                f"from {last.n:,} labels of {last.of}: {last.outcome}."
            )
        said.append(f"Left: {self.left}. A re-tune counts whatever comes of it.")
        return said

    @property
    def _spent(self) -> float:
        """The chance that any certificate so far is wrong, at most."""
        return sum(1 - entry.confidence for entry in self.entries)

    @property
    def _left(self) -> float:
        return 1 - self.confidence - self._spent

    def _refusal(self, cost: float) -> str:
        all_, instead = percent(self.confidence), percent(1 - self._spent - cost)
        if self._left > _ROUNDED:
            why = (
                f"a certificate of {percent(1 - cost)} confidence spends more than is left; ask "
                f"for {percent(1 - self._left)} or more"
            )
        else:
            why = (
                f"the confidence of this period is spent: one more certificate would not hold "
                f"together with the {len(self.entries)} so far at {all_}"
            )
        return f"{why}. Start a new period, or accept {instead} for the whole of this one"


def _outcome(c: Certificate) -> str:
    if c.loosest is None:
        return "nothing held"
    return f"candidate {c.loosest + 1} of {len(c.held)} held"


def _certificates(n: int) -> str:
    return f"{n} certificate{'s' if n != 1 else ''}"
