"""The habits that answers show, as a scenario would state them, and how far they prove them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from scipy.special import betaincinv

from ...decisions.estimating.intervals import Estimate
from ...scenario.habits import Habits
from ...scenario.team import Reviewer
from .posterior import Floats, Pace, Rate, Two, spread

USUAL = Habits()
"""What answers cannot tell is as people are on average."""
ASSUMES = "answers independent of each other; trust, queue and tiredness as the model has them"
HURRY = (0.2, 5.0)
_OPEN = 0.001
"""How near to 0 and 1 a rate may come that must lie between them."""


class Meant(NamedTuple):
    """How a habit is called, and what must be answered before it is known."""

    name: str
    title: str
    of: str
    """What is counted."""


HABITS = (
    Meant("hit_rate", "Wrong ones called wrong, when read", "wrong items that were read"),
    Meant("false_alarm_rate", "Right ones called wrong, when read", "right items that were read"),
    Meant("inspect_share", "Items really read", "judged items whose time was kept"),
    Meant("hurry", "Pace, times the usual", "items looked at for as long as their text takes"),
    Meant("peek_share", "Routine items opened", "routine items of the steady round"),
    Meant("edit_share", "Mended, not sent back", "items called wrong"),
)
"""In the order in which they are read. Rates are those of somebody rested and of neutral trust
who expects as many wrong as right ones."""


class Drawn(NamedTuple):
    """One way in which somebody may review, as far as their answers say."""

    habits: Habits
    edit_share: float


@dataclass(frozen=True)
class Measured:
    """Somebody's habits.

    Attributes
    ----------
    who : str
        Pseudonym.
    point : Drawn
        The habits that the answers speak for most.
    figures : dict of str to Estimate
        By the names of :data:`HABITS`: what was measured, with 95% credible intervals.
    counted : dict of str to int
        For each habit how many answers could show it.
    begun : float
        Share of the items sent to them that they took up; NaN where none was sent.
    eyes : Two or None
        What answers leave open of hit and false-alarm rate; None, here and below, where there are
        too few.
    rates : mapping of str to Rate
        The same of ``inspect_share`` and ``peek_share``.
    pace : Pace or None
        The same of ``hurry``.
    edits : tuple or None
        Parameters of the Beta distribution of ``edit_share``.
    quick : bool
        Whether they tell wrong from right faster than texts are read; then their times say
        nothing, and are left aside.
    """

    who: str
    point: Drawn
    figures: dict[str, Estimate]
    counted: dict[str, int]
    begun: float
    eyes: Two | None
    rates: Mapping[str, Rate]
    pace: Pace | None
    edits: tuple[float, float] | None
    quick: bool = False

    @property
    def missing(self) -> list[Meant]:
        """Habits that there are too few answers for; they are as people are on average."""
        return [m for m in HABITS if m.name not in self.figures]

    def drawn(self, n: int, rng: np.random.Generator) -> list[Drawn]:
        """Habits that the answers leave possible, the likelier the more often.

        Parameters
        ----------
        n : int
            So many.
        rng : Generator
        """
        u = {m.name: spread(n, rng) for m in HABITS}
        said: dict[str, Floats] = {name: rate.at(u[name]) for name, rate in self.rates.items()}
        if self.eyes:
            said["hit_rate"], said["false_alarm_rate"] = self.eyes.at(
                u["hit_rate"], u["false_alarm_rate"]
            )
        if self.pace:
            said["hurry"] = self.pace.at(u["hurry"])
        edits = np.full(n, usual_edits())
        if self.edits:
            edits = betaincinv(*self.edits, u["edit_share"])
        return [
            Drawn(made_of({k: float(v[i]) for k, v in said.items()}), float(edits[i]))
            for i in range(n)
        ]


def made_of(said: Mapping[str, float]) -> Habits:
    """Habits with these numbers, inside what habits may be."""
    limits = {"hurry": HURRY, "inspect_share": (_OPEN, 1.0), "peek_share": (0.0, 1 - _OPEN)}
    own = {n: within(v, limits.get(n, (_OPEN, 1 - _OPEN))) for n, v in said.items()}
    return Habits(**own)


def within(value: float, limits: tuple[float, float]) -> float:
    """A number, or the limit that it would cross."""
    return min(max(value, limits[0]), limits[1])


def usual_edits() -> float:
    """Share of what people call wrong that they mend."""
    return float(Reviewer.model_fields["edit_share"].default)
