"""What a deck can prove: how often a strong habit would be named, before anybody plays it."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass

from scipy.stats import binom

from ...decisions.diagnosing.diagnosis import MOST
from ...decisions.estimating.intervals import clopper_pearson
from ..acts import Round
from ..playing.item import Cards
from .naming import OPENED

OPENS, LETS_THROUGH, SOUND_LETS_THROUGH = 0.6, 7 / 8, 0.1
"""Share of routine items opened by somebody who looks at much; of wrong items let through by
somebody who waves through, and by somebody who sees most of what is wrong."""
ENOUGH = 0.9
"""Share of sessions in which a deck must tell."""
_MOST_ITEMS = 400
_IN_A_ROW = 10


@dataclass(frozen=True, slots=True)
class Proof:
    """What a deck of this size proves of one person.

    Attributes
    ----------
    wrong, routine : int
        Wrong items that a person is asked to see; routine items of the steady round.
    hoarder, abdicator, sound : float
        Chance that whoever opens six in ten routine items is named, that whoever lets seven in
        eight wrong ones through is, and that whoever opens none and lets one in ten through is
        cleared of both.
    settles : int
        Items in each round with which each chance would be nine in ten; 0 where the deck's
        proportions never reach it.
    """

    wrong: int
    routine: int
    hoarder: float
    abdicator: float
    sound: float
    settles: int

    @property
    def enough(self) -> bool:
        """Whether the deck tells the three apart in nine sessions of ten."""
        return min(self.hoarder, self.abdicator, self.sound) >= ENOUGH


def proof_of(deck: Cards) -> Proof:
    """Work out what a deck proves; exact, for items that are alike and independent.

    Parameters
    ----------
    deck : Cards

    Returns
    -------
    Proof

    References
    ----------
    Clopper & Pearson 1934: the intervals by which habits are named.

    Examples
    --------
    >>> import hitlsim as hs
    >>> log = hs.simulate(hs.load("on-the-loop"), seed=7).log
    >>> stated, small = (proof_of(hs.draw_deck(log, items=n).cards) for n in (40, 10))
    >>> stated.wrong, stated.routine, stated.enough
    (28, 28, True)
    >>> small.enough, 10 < small.settles <= 40
    (False, True)
    """
    wrong = sum(not i.truth.right and (i.needs_look or i.round is Round.SHADOW) for i in deck.items)
    routine = sum(i.round is Round.STEADY and not i.needs_look for i in deck.items)
    items = max(len(deck.of_round(name)) for name in deck.rounds)
    chances = _chances(wrong, routine)
    return Proof(wrong, routine, *chances, items if min(chances) >= ENOUGH else _settles(
        wrong / items, routine / items, items))  # fmt: skip


def _settles(wrong: float, routine: float, items: int) -> int:
    """The fewest items with which it would do, if the kinds keep their proportions.

    Whole numbers make the chances go up and down a little: a few more must do as well. A deck may
    round a kind down.
    """
    run = 0
    for n in range(items + 1, _MOST_ITEMS + 1):
        run = run + 1 if min(_chances(int(wrong * n), int(routine * n))) >= ENOUGH else 0
        if run == _IN_A_ROW:
            return n - _IN_A_ROW + 1
    return 0


def _chances(wrong: int, routine: int) -> tuple[float, float, float]:
    hoarder = _chance(routine, OPENS, above=OPENED)
    abdicator = _chance(wrong, LETS_THROUGH, above=MOST)
    none = clopper_pearson(0, routine)
    opens_none = float(none.known and none.high < OPENED)
    return hoarder, abdicator, opens_none * _chance(wrong, SOUND_LETS_THROUGH, below=MOST)


def _chance(n: int, p: float, *, above: float = 1.0, below: float = 0.0) -> float:
    """How often the interval of a share of ``n`` lies above a line, or below one."""
    if not n:
        return 0.0
    counts = range(n + 1)
    over = bisect_left(counts, x=True, key=lambda k: clopper_pearson(k, n).low > above)
    under = bisect_left(counts, x=True, key=lambda k: clopper_pearson(k, n).high >= below)
    return float(binom.sf(over - 1, n, p) + binom.cdf(under - 1, n, p))
