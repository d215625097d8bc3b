"""The debrief of a cohort: everything its report and notebooks say, worked out once."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from ..decisions.counting.measure import Unit
from ..decisions.diagnosing.diagnosis import ABDICATION, HOARDING, Found
from ..decisions.diagnosing.evidence import Kind
from ..decisions.estimating.intervals import (
    NOTHING,
    Estimate,
    as_row,
    clopper_pearson,
    ratio_of_clusters,
)
from ..errors import NotEnoughEvidence
from ..simulation.runs.means import mean_of
from .acts import Round
from .answers import Answers
from .scoring.advice import Practice, practice
from .scoring.change import Changes, changes
from .scoring.score import BY_NAME, FIGURES, Figure, Score, counts, score
from .words import Sentence, headline, sentences, warned

_TRAINEES = "trainees"
_ALIKE = 1e-9
"""Width of an interval that is rounding and nothing else."""
_BY_ROUND = ("missed", "hit_rate", "false_alarm_rate")
_JUDGED = {
    "hit_rate": BY_NAME["hit_rate"]._replace(top="flag", bottom="judged_bad"),
    "false_alarm_rate": BY_NAME["false_alarm_rate"]._replace(top="flag", bottom="judged_good"),
}


@dataclass(frozen=True)
class Debrief:
    """A cohort's session with one deck.

    Attributes
    ----------
    answers : Answers
        To this deck.
    deck : str
        Its letter.
    decks : tuple of str
        Letters of all decks that were played.
    scores : tuple of Score
        By pseudonym.
    cohort : dict of str to Estimate
        The mean over its people; the interval is about how people differ, on this deck.
    rounds : DataFrame
        One row for each round and figure.
    faults : DataFrame
        One row for each kind of mistake that a person was asked to see: how many let it through.
    items : DataFrame
        One row for each item: how many let it through or opened it needlessly.
    changes : Changes or None
        What changed from the first deck to the second; None where nobody played two.
    """

    answers: Answers
    deck: str
    decks: tuple[str, ...]
    scores: tuple[Score, ...]
    cohort: dict[str, Estimate]
    rounds: pd.DataFrame
    faults: pd.DataFrame
    items: pd.DataFrame
    changes: Changes | None = None

    @property
    def headline(self) -> str:
        """The one thing to take away."""
        return headline(self)

    @property
    def sentences(self) -> list[Sentence]:
        """The debrief in half a minute."""
        return sentences(self)

    @property
    def warnings(self) -> list[str]:
        """What to be careful about."""
        return warned(self)

    @property
    def subtitle(self) -> str:
        """Who answered how much, from where."""
        source = self.answers.record.get("source", "answers")
        n = len(self.scores)
        of = f", deck {self.deck}" if len(self.decks) > 1 else ""
        people = f"{n} {'people' if n > 1 else 'person'}"
        return f"{source}{of}: {len(self.answers):,} answers of {people}"

    @property
    def currency(self) -> str:
        return str(self.answers.record.get("currency") or "")

    @property
    def named(self) -> dict[str, list[Score]]:
        """Who hoards and who abdicates, as far as whole intervals say so."""
        return {
            HOARDING: [s for s in self.scores if s.hoarding.status is Found.NAMED],
            ABDICATION: [s for s in self.scores if s.abdication.status is Found.NAMED],
        }

    @property
    def hardest(self) -> dict[str, Any]:
        """The kind of mistake most often let through; of one item only where no other is there.

        One item can be hard for what it is, and not for the kind of mistake in it.
        """
        several = self.faults[self.faults["items"] > 1]
        return dict((several if len(several) else self.faults).iloc[0])

    def of(self, trainee: str) -> Score:
        """One person's score; an unknown pseudonym is refused and the known ones listed."""
        self.answers.of(trainee)
        return next(s for s in self.scores if s.who == trainee)

    def practice(self, trainee: str) -> tuple[Practice, ...]:
        """Three habits for one person to practise next."""
        return practice(self.of(trainee))

    def _repr_html_(self) -> str:
        from .showing.whole import debriefed

        return debriefed(self)

    def to_dict(self) -> dict[str, Any]:
        """Everything as plain values."""
        return {
            "headline": self.headline,
            "subtitle": self.subtitle,
            "deck": self.deck,
            "decks": list(self.decks),
            "summary": [s._asdict() for s in self.sentences],
            "warnings": list(self.warnings),
            "cohort": {name: as_row(e) for name, e in self.cohort.items()},
            "rounds": self.rounds.to_dict("records"),
            "faults": self.faults.to_dict("records"),
            "items": self.items.to_dict("records"),
            "trainees": {s.who: person(s) for s in self.scores},
            "changes": self.changes and self.changes.to_dict(),
            "record": dict(self.answers.record),
        }


def debrief(answers: Answers, deck: str | None = None) -> Debrief:
    """Score everybody, and the cohort as a whole, on one deck; and what changed on a second one.

    Parameters
    ----------
    answers : Answers
    deck : str, optional
        Letter of the deck; default the first that was played.

    Returns
    -------
    Debrief

    Raises
    ------
    NotEnoughEvidence
        When there are no answers.
    LogError
        When nobody played that deck.

    Examples
    --------
    >>> import hitlsim as hs
    >>> from hitlsim.training.cohort import simulated_cohort
    >>> from hitlsim.training.dealing.deck import draw_deck
    >>> team = hs.load("on-the-loop")
    >>> told = debrief(simulated_cohort(draw_deck(hs.simulate(team, seed=7).log), team))
    >>> [s.who for s in told.named["hoarding"]]
    ['curlew']
    """
    if not len(answers):
        raise NotEnoughEvidence("there are no answers; a debrief needs at least one round of one "
                                "person")  # fmt: skip
    letters = answers.decks
    this = deck or letters[0]
    mine, pair = answers.of_deck(this), _two_decks(answers)
    scored = {x: _scores(answers.of_deck(x)) for x in dict.fromkeys((this, *pair))}
    scores = tuple(scored[this].values())
    marks = pd.concat([s.marks for s in scores], ignore_index=True)
    return Debrief(
        answers=mine,
        deck=this,
        decks=tuple(letters),
        scores=scores,
        cohort={x.name: _of_cohort(scores, x) for x in FIGURES},
        rounds=_by_round(mine.rounds, marks),
        faults=_by_fault(marks),
        items=_by_item(marks),
        changes=changes(pair[0], scored[pair[0]], pair[1], scored[pair[1]]) if pair else None,
    )


def _scores(answers: Answers) -> dict[str, Score]:
    return {who: score(answers.of(who)) for who in answers.trainees}


def _two_decks(answers: Answers) -> tuple[str, ...]:
    """The first deck, and of the others the one that most of its people also played."""
    people = {letter: set(answers.of_deck(letter).trainees) for letter in answers.decks}
    first, *others = answers.decks
    common = {letter: len(people[first] & people[letter]) for letter in others}
    most = max(common.values(), default=0)
    return (first, next(x for x in others if common[x] == most)) if most else ()


def _of_cohort(scores: Sequence[Score], x: Figure) -> Estimate:
    """The mean over people; of one person their own figure with its own interval."""
    if len(scores) == 1:
        return scores[0].figures[x.name]
    if x.top:
        return _share(counts(s.marks, x) for s in scores)
    known = [s.figures[x.name].value for s in scores if s.figures[x.name].known]
    if not known:
        return NOTHING
    unit = Unit.SHARE if x.kind is Kind.SHARE else None
    said = f"{_TRAINEES} independent of each other"
    return replace(mean_of(known, unit=unit, cut=x.cut), assumes=said)


def _share(pairs: Iterable[tuple[float, float]]) -> Estimate:
    """A share of the answers of several people, who each are alike in themselves."""
    top, bottom = np.array(list(pairs), float).T
    if (bottom > 0).sum() < 2:
        return clopper_pearson(float(top.sum()), float(bottom.sum()))
    e = ratio_of_clusters(top, bottom, clusters=_TRAINEES)
    # nobody differed from anybody: then the answers tell, not the people
    if e.high - e.low < _ALIKE:
        return replace(clopper_pearson(float(top.sum()), float(bottom.sum())), value=e.value)
    return _within_one(e)


def _within_one(e: Estimate) -> Estimate:
    """A share's interval ends where shares do; of one person alone there is none."""
    return e if math.isnan(e.high) else replace(e, high=min(1.0, e.high))


def _by_round(rounds: Sequence[str], marks: pd.DataFrame) -> pd.DataFrame:
    f = marks.assign(judged_bad=marks["judged"] & ~marks["right"],
                     judged_good=marks["judged"] & marks["right"])  # fmt: skip
    figures = BY_NAME | _JUDGED
    rows = []
    for name in rounds:
        part = f[f["round"].astype(str) == name]
        for figure in (*_BY_ROUND, *(["opened"] if name == Round.STEADY else [])):
            e = _share(counts(g, figures[figure]) for _, g in part.groupby("trainee"))
            if e.known:
                rows.append({"round": name, "figure": figure, **as_row(e)})
    return pd.DataFrame(rows)


def _by_fault(marks: pd.DataFrame) -> pd.DataFrame:
    """Kinds of mistakes, the most often let through first."""
    if "fault" not in marks:
        return pd.DataFrame(columns=["fault", "items", "value"])
    bad = marks[marks["bad_asked"] & marks["fault"].notna()]
    rows = []
    for fault, g in bad.groupby(bad["fault"].astype(str)):
        e = _share((p["passed"].sum(), len(p)) for _, p in g.groupby("trainee"))
        rows.append({"fault": fault, "items": int(g["item_id"].nunique()), **as_row(e)})
    table = pd.DataFrame(rows)
    if not len(table):
        return pd.DataFrame(columns=["fault", "items", "value"])
    return table.sort_values(["value", "fault"], ascending=[False, True], ignore_index=True)


def _by_item(marks: pd.DataFrame) -> pd.DataFrame:
    """Items in the order of play, with what people did."""
    f = marks.assign(spare=marks["routine"] & marks["up"])
    said: dict[str, tuple[str, str | Callable[[Any], Any]]] = {
        "answers": ("trainee", "size"), "right": ("right", "first"),
        "needs_look": ("needs_look", "first"), "called_wrong": ("flag", "sum"),
        "let_through": ("passed", "sum"), "opened_needlessly": ("spare", "sum"),
    }  # fmt: skip
    for name in ("workflow", "fault", "title"):
        if name in f:
            f[name] = f[name].astype("str").where(f[name].notna(), "")
            said[name] = (name, "first")
    by = f.assign(round=f["round"].astype(str)).groupby(["item_id", "round"], sort=True)
    return by.agg(**said).reset_index()


def person(s: Score) -> dict[str, Any]:
    """One person's score as plain values."""
    return {
        "answers": s.n,
        "shows": s.kind,
        "figures": {name: as_row(e) for name, e in s.figures.items()},
        "habits": [
            {"name": h.name, "status": str(h.status), "words": h.words, "settles": h.settles,
             "items": list(h.items), **as_row(h.share)}
            for h in s.habits
        ],
        "costs": [{"name": c.name, "looks": as_row(c.looks), "cost": as_row(c.cost)}
                  for c in s.costs],
        "practise": [{"title": p.title, "why": p.why, "how": p.how, "items": list(p.items)}
                     for p in practice(s)],
    }  # fmt: skip
