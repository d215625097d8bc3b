"""Learn a scenario from logs: what they say goes into it, with its interval; the rest is marked."""

from __future__ import annotations

import math
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from pydantic import ValidationError

from ...atomic import replacing
from ...decisions.estimating.intervals import Estimate
from ...decisions.log import DecisionLog
from ...decisions.reading.work_log import WorkLog
from ...errors import LogError, ScenarioError
from ...scenario.evidence import defaults
from ...scenario.explain import dotted, explain
from ...scenario.files import load
from ...scenario.scenario import Scenario
from ...simulation.world.draws import check_seed
from .aftermath import learn_email, learn_surfacing
from .ai import learn_judging, mend_guessing
from .boundary import learn_boundary
from .clock import clock_of
from .desk import learn_desk, work_of
from .from_work import as_decisions, note_work, on_clock_of, work_beside
from .labels import labels_of
from .learnt import Book, Parameter, Scale
from .phases import learn_phases
from .scores import learn_scores
from .seen import Seen, slugs
from .surface import Pools, learn_surface
from .volume import learn_volumes
from .writing import written

if TYPE_CHECKING:
    from .checking import PredictiveCheck


@dataclass(frozen=True)
class Fitted:
    """A scenario learnt from a log.

    Attributes
    ----------
    scenario : Scenario
        Valid; simulates as it is. Every number carries its mark.
    notes : list of str
        Findings, in words: what does not fit, what could not be told and why.
    """

    scenario: Scenario
    book: Book = field(repr=False)
    seen: Seen = field(repr=False)
    text: str = field(repr=False)
    people: dict[str, str] = field(repr=False, default_factory=dict)
    """Who of the log is who in the scenario, where no names of people stand."""

    @property
    def notes(self) -> list[str]:
        return list(self.book.notes)

    @property
    def table(self) -> pd.DataFrame:
        """Every number learnt: parameter, estimate, low, high, n, how, mark."""
        rows = [_row(p) for p in self.book.learnt.values()]
        return pd.DataFrame(rows, columns=list(_row(_EXAMPLE)))

    @property
    def assumed(self) -> list[str]:
        """What the log does not tell, with the value taken; each marked (?) in the file."""
        said = [f"{e.path}: {e.value:g}" for e in self.scenario.evidence if e.mark == "?"]
        return said + [f"{d.path}: {d.value}" for d in defaults(self.scenario)]

    def write(self, path: str | Path) -> Path:
        """Write the scenario file: estimate and interval beside each number that was learnt."""
        path = Path(path)
        try:
            with replacing(path) as partial:
                partial.write_text(self.text, encoding="utf-8")
        except OSError as e:
            raise ScenarioError(
                f"{path}: cannot be written ({e.strerror}); give another path"
            ) from None
        return path

    def check(self, n: int = 40, *, seed: int = 7) -> PredictiveCheck:
        """Simulate the fitted scenario and compare the log's weeks with the simulated ones.

        See :func:`hitlsim.calibration.fitting.checking.check`.
        """
        from .checking import check

        return check(self, n, seed=seed)


def fit(
    log: DecisionLog | None = None,
    *,
    work: WorkLog | None = None,
    name: str = "fitted",
    clock_shift: float | None = None,
    opens: str | None = None,
    seed: int = 7,
) -> Fitted:
    """Learn a scenario from a decision log, a log of work, or both.

    Parameters
    ----------
    log : DecisionLog, optional
        Real or simulated; columns that only a simulation has are not looked at. Two weeks at
        least; eight to see growth.
    work : WorkLog, optional
        Who worked from when to when. Beside a decision log it tells shifts and times of work
        better; by itself it gives a scenario whose AI is assumed throughout.
    name : str
        Name of the scenario; what a name may not have in it, such as dots, becomes ``-``.
    clock_shift : float, optional
        Minutes by which to move the work log's times. Left out, they are moved if ``opens`` or the
        decision log shows that its clock is wrong.
    opens : str, optional
        When the desk opens on weekdays, as ``09:00``, to see whether the work log's clock is right.
    seed : int
        For the errors of figures that rest on other estimated figures.

    Returns
    -------
    Fitted

    Raises
    ------
    NotEnoughEvidence
        When a log is too short; the message says how much would do.
    LogError
        When there is none, or two do not fit together.

    Notes
    -----
    Verdicts and looks are made by people who err. How often the AI is right, and how much people
    see, are therefore found together (:mod:`~hitlsim.calibration.fitting.judging`). A decision
    enters by its score, so that it does not matter that uncertain ones are looked at more often;
    complaints, which come from bad ones only, are no labels.

    Examples
    --------
    >>> import hitlsim as hs
    >>> fitted = fit(hs.simulate(hs.load("outbound"), seed=7).log)
    >>> fitted.scenario.boundary.bands == hs.load("outbound").boundary.bands
    True
    """
    rng, book = np.random.default_rng(check_seed(seed)), Book()
    name = slugs([name], "fitted")[name]
    if work is not None:
        work = work if log is None else on_clock_of(log, work)
        clock = clock_of(work, log, opens=opens, asked=clock_shift, rng=rng)
        book.notes += clock.notes
        work = work.shifted(clock.shift_minutes) if clock.shift_minutes else work
    if log is None:
        if work is None:
            raise LogError("give a decision log, a log of work, or both")
        return _fit_work(work, book, name)
    seen = Seen(log)
    _learn_decisions(seen, book)
    pools = Pools(seen)
    pieces = work_of(seen, pools)
    if work is not None:
        note_work(work, book)
    beside = None if work is None else work_beside(seen, pools, work)
    people = learn_desk(seen, pools, book, pieces, beside)
    learn_phases(seen, pieces, book)
    labels = labels_of(seen)
    judged = learn_judging(labels, people, book)
    if judged is not None:
        learn_surfacing(seen, labels, judged, book, rng)
    learn_email(seen, book)
    return finished(book, seen, name, f"a decision log of {len(seen):,} decisions", people)


def _learn_decisions(seen: Seen, book: Book) -> None:
    """All that rows tell by themselves, without the people."""
    learn_volumes(seen, book)
    learn_surface(seen, book)
    learn_scores(seen, book)
    learn_boundary(seen, book)


def _fit_work(work: WorkLog, book: Book, name: str) -> Fitted:
    """Arrivals, times, calendar and staff from work alone."""
    note_work(work, book)
    seen = Seen(as_decisions(work))
    _learn_decisions(seen, book)
    pools = Pools(seen)
    pieces = work_of(seen, pools)
    people = learn_desk(seen, pools, book, pieces)
    for flow in seen.workflows:
        why = "each piece of work is a row of its own"
        book.assume(("workflows", flow, "redrafts"), 0, why)
    learn_phases(seen, pieces, book)
    book.note("The log tells of work only: how sure and how right the AI is, and what people see, "
              "are assumptions.")  # fmt: skip
    return finished(book, seen, name, f"a log of {len(seen):,} pieces of work", people)


def finished(
    book: Book, seen: Any, name: str, source: str, people: dict[str, str] | None = None
) -> Fitted:
    """Put the head on, check the whole, and write it."""
    head = {
        "name": name,
        "teaches": f"Learnt from {source} in {seen.weeks} weeks. What it cannot tell is marked "
        "(?): replace it with your own figures.",
        "currency": str(seen.record.get("currency", "EUR")),
        "timezone": str(seen.record.get("timezone") or seen.zone),
        "start": seen.monday.date(),
        "weeks": seen.weeks,
    }
    parts = {**head, **book.parts}
    book.parts = parts
    scenario = validated(parts)
    text = written(scenario, book)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / f"{name}.yaml"
        file.write_text(text, encoding="utf-8")
        return Fitted(load(file), book, seen, text, people or {})


def validated(parts: dict[str, Any]) -> Scenario:
    """The parts as a scenario; what does not fit is said path by path."""
    try:
        return Scenario.model_validate(parts)
    except ValidationError as e:
        found = explain(e, Scenario, ())
        said = "\n".join(f"{dotted(p.path)}: {p.text}" for p in found)
        raise LogError(f"the log shows what no scenario allows:\n{said}") from None


def drawn_scenario(book: Book, rng: np.random.Generator) -> Scenario:
    """The scenario with its numbers drawn from their uncertainty."""
    parts = book.drawn(rng)
    mend_guessing(parts)
    return validated(parts)


# --- the table -----------------------------------------------------------------------------------

_EXAMPLE = Parameter(
    (), Estimate(math.nan, math.nan, math.nan, 0, ""), "", Scale.COUNTED, (0.0, 0.0)
)


def _row(p: Parameter) -> dict[str, Any]:
    e = p.estimate
    return {
        "parameter": dotted(p.path), "estimate": e.value, "low": e.low, "high": e.high, "n": e.n,
        "how": p.how, "mark": "B",
    }  # fmt: skip
