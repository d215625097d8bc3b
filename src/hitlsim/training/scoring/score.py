"""What one person's answers show, and how far they prove it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

import pandas as pd

from ...decisions.diagnosing.diagnosis import Found
from ...decisions.diagnosing.evidence import Evidence, Kind
from ...decisions.estimating.intervals import FEW, NOTHING, Estimate, clopper_pearson
from ..answers import Answers
from .costing import Cost, above_ideal, costs_of_working
from .detection import Detection, brier, detection_of
from .marking import marked
from .naming import Habit, habits_shown


class Side(StrEnum):
    """Detection and action are scored apart."""

    DOES = "does"
    """Whether the right items are taken up, and what goes out."""
    SEES = "sees"
    """Whether wrong is told from right, of what was judged."""


class Figure(NamedTuple):
    """How a figure is called and read."""

    name: str
    title: str
    means: str
    kind: Kind
    side: Side
    top: str = ""
    """Of shares: the marked answers that count, among ``bottom``."""
    bottom: str = ""
    takes: str = ""
    """What must be answered before anything can be said."""

    @property
    def cut(self) -> bool:
        """Whether it is never below 0; the others lie on either side."""
        return self.kind is Kind.SHARE or self.name == "brier"


_BOTH = "a wrong and a right item judged"
_SOME = f"{FEW} wrong and {FEW} right items judged"
FIGURES = (
    Figure("missed", "Wrong items let through", "of the wrong ones that a person was asked to see",
           Kind.SHARE, Side.DOES, "passed", "bad_asked", "a wrong item to be seen"),
    Figure("opened", "Routine items opened", "of what the boundary spec lets go alone, in the "
           "steady round; above 20% people are still in the loop", Kind.SHARE, Side.DOES, "up",
           "routine", "a steady round"),
    Figure("begun", "Asked items taken up", "of what the boundary spec sends to a person, after "
           "the shadow round", Kind.SHARE, Side.DOES, "up", "asked", "a later round"),
    Figure("fast", "Approvals faster than reading", "in less time than the text takes to read",
           Kind.SHARE, Side.DOES, "fast", "timed", "approvals with dwell_seconds"),
    Figure("above_ideal", "Cost above the ideal", "per hundred decisions, in the answers' "
           "currency", Kind.NUMBER, Side.DOES, takes="a steady round"),
    Figure("hit_rate", "Hit rate", "of the wrong items judged, the share called wrong",
           Kind.SHARE, Side.SEES, takes=_BOTH),
    Figure("false_alarm_rate", "False-alarm rate", "of the right items judged, the share called "
           "wrong", Kind.SHARE, Side.SEES, takes=_BOTH),
    Figure("sensitivity", "Sensitivity d'", "how well wrong is told from right; 0 is guessing",
           Kind.NUMBER, Side.SEES, takes=_SOME),
    Figure("criterion", "Criterion c", "above 0 leans to letting through, below 0 to stepping in",
           Kind.NUMBER, Side.SEES, takes=_SOME),
    Figure("ideal", "Ideal criterion c*", "the line that costs least with these eyes and stakes",
           Kind.NUMBER, Side.SEES, takes="d' clearly above 0"),
    Figure("leaning", "Criterion above the ideal", "above 0 too much is let through for the "
           "stakes, below 0 too much is changed", Kind.NUMBER, Side.SEES,
           takes="d' clearly above 0"),
    Figure("brier", "Brier score", "squared error of how sure they were; 0 is perfect",
           Kind.NUMBER, Side.SEES, takes=f"{FEW} answers with sure"),
    Figure("skill", "Brier better than the base rate", "above 0: how sure they were says more "
           "than always naming the share of right ones", Kind.NUMBER, Side.SEES,
           takes=f"{FEW} answers with sure"),
)  # fmt: skip
"""All figures of a person and of a cohort, in the order in which they are read."""
BY_NAME = {x.name: x for x in FIGURES}


@dataclass(frozen=True)
class Score:
    """One person's score.

    Attributes
    ----------
    who : str
        Pseudonym.
    n : int
        Answers given.
    figures : dict of str to Estimate
        By the names of :data:`FIGURES`; what the answers cannot say is not known.
    costs : tuple of Cost
        Their way of working beside three others; empty without a steady round.
    hoarding, abdication : Habit
    marks : DataFrame
        The answers with what each of them was.
    """

    who: str
    n: int
    figures: dict[str, Estimate]
    costs: tuple[Cost, ...]
    hoarding: Habit
    abdication: Habit
    marks: pd.DataFrame

    @property
    def habits(self) -> tuple[Habit, Habit]:
        return self.hoarding, self.abdication

    @property
    def kind(self) -> str:
        """In a word or two what the answers show.

        >>> from hitlsim.training.answers import Answers
        >>> one = {"trainee": "wren", "item_id": "1", "round": "shadow", "needs_look": True,
        ...        "action": "edit", "right": False}
        >>> score(Answers(pd.DataFrame([one]))).kind
        'not enough items'
        """
        named = [h.name for h in self.habits if h.status is Found.NAMED]
        if named:
            return " and ".join(named)
        open_ = any(h.status is Found.OPEN for h in self.habits)
        return "not enough items" if open_ else "neither"

    @property
    def evidence(self) -> list[Evidence]:
        """What is known, ready to be written."""
        return evidence_of(self.figures)


def score(answers: Answers) -> Score:
    """Score the answers of one person.

    Parameters
    ----------
    answers : Answers
        Of one trainee (:meth:`~hitlsim.training.answers.Answers.of`).

    Returns
    -------
    Score

    References
    ----------
    Green & Swets 1966 (signal detection); Clopper & Pearson 1934 (intervals of shares).
    """
    f = marked(answers)
    seen, (hoarding, abdication) = detection_of(f), habits_shown(f)
    own, skill = brier(f)
    costs = costs_of_working(f)
    figures: dict[str, Estimate] = {
        **{x.name: share(f, x) for x in FIGURES if x.top},
        **Detection._asdict(seen), "brier": own, "skill": skill, "above_ideal": above_ideal(costs),
    }  # fmt: skip
    return Score(
        who=str(f["trainee"].iloc[0]), n=len(f), costs=costs, hoarding=hoarding,
        abdication=abdication, marks=f, figures={x.name: figures[x.name] for x in FIGURES},
    )  # fmt: skip


def counts(f: pd.DataFrame, figure: Figure) -> tuple[float, float]:
    """How many of how many a share is."""
    among = f.loc[f[figure.bottom], figure.top]
    return float(among.sum()), float(len(among))


def share(f: pd.DataFrame, figure: Figure) -> Estimate:
    """The same with its interval."""
    k, n = counts(f, figure)
    return clopper_pearson(k, n, assumes="items independent of each other") if n else NOTHING


def evidence_of(figures: dict[str, Estimate]) -> list[Evidence]:
    """Known figures with their titles, ready to be written."""
    return [
        Evidence(x.name, x.title, x.kind, figures[x.name], x.means)
        for x in FIGURES if figures[x.name].known
    ]  # fmt: skip
