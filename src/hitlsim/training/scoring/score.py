"""What one person's answers show, and how far they prove it."""

from __future__ import annotations

from dataclasses import dataclass
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


class Figure(NamedTuple):
    """How a figure is called and read."""

    name: str
    title: str
    means: str
    kind: Kind
    top: str = ""
    """Of shares: the marked answers that count, among ``bottom``."""
    bottom: str = ""
    takes: str = ""
    """What must be answered before anything can be said."""

    @property
    def cut(self) -> bool:
        """Whether it is never below 0; the others lie on either side."""
        return self.kind is Kind.SHARE or self.name == "brier"


FIGURES = (
    Figure("missed", "Wrong items let through", "of the wrong ones that a person was asked to see",
           Kind.SHARE, "passed", "bad_asked", "a wrong item to be seen"),
    Figure("opened", "Routine items opened", "of what the boundary spec lets go alone, in the "
           "steady round; above 20% people are still in the loop", Kind.SHARE, "up", "routine",
           "a steady round"),
    Figure("begun", "Asked items taken up", "of what the boundary spec sends to a person, after "
           "the shadow round", Kind.SHARE, "up", "asked", "a later round"),
    Figure("fast", "Approvals faster than reading", "in less time than the text takes to read",
           Kind.SHARE, "fast", "timed", "approvals with dwell_seconds"),
    Figure("hit_rate", "Hit rate", "of the wrong items judged, the share called wrong",
           Kind.SHARE, takes="a wrong and a right item judged"),
    Figure("false_alarm_rate", "False-alarm rate", "of the right items judged, the share called "
           "wrong", Kind.SHARE, takes="a wrong and a right item judged"),
    Figure("sensitivity", "Sensitivity d'", "how well wrong is told from right; 0 is guessing",
           Kind.NUMBER, takes=f"{FEW} wrong and {FEW} right items judged"),
    Figure("criterion", "Criterion c", "above 0 leans to letting through, below 0 to stepping in",
           Kind.NUMBER, takes=f"{FEW} wrong and {FEW} right items judged"),
    Figure("ideal", "Ideal criterion c*", "the line that costs least with these eyes and stakes",
           Kind.NUMBER, takes="d' clearly above 0"),
    Figure("leaning", "Criterion above the ideal", "above 0 too much is let through for the "
           "stakes, below 0 too much is changed", Kind.NUMBER, takes="d' clearly above 0"),
    Figure("brier", "Brier score", "squared error of how sure they were; 0 is perfect",
           Kind.NUMBER, takes=f"{FEW} answers with sure"),
    Figure("skill", "Brier better than the base rate", "above 0: how sure they were says more "
           "than always naming the share of right ones", Kind.NUMBER,
           takes=f"{FEW} answers with sure"),
    Figure("above_ideal", "Cost above the ideal", "per hundred decisions, in the answers' "
           "currency", Kind.NUMBER, takes="a steady round"),
)  # fmt: skip
"""All figures of a person and of a cohort, in the order in which they are read."""


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
    figures: dict[str, Estimate] = {
        **{x.name: share(f, x) for x in FIGURES if x.top},
        **Detection._asdict(seen), "brier": own, "skill": skill, "above_ideal": above_ideal(f),
    }  # fmt: skip
    return Score(
        who=str(f["trainee"].iloc[0]), n=len(f), costs=costs_of_working(f), hoarding=hoarding,
        abdication=abdication, marks=f, figures={x.name: figures[x.name] for x in FIGURES},
    )  # fmt: skip


def counts(f: pd.DataFrame, figure: Figure) -> tuple[float, float]:
    """How many of how many a share is."""
    among = f[f[figure.bottom]]
    return float(among[figure.top].sum()), float(len(among))


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
