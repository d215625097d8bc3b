"""The explorer: a session that needs no notebook."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from ...errors import ScenarioError
from ...scenario.boundary import Boundary
from ...scenario.boundary_diff import BoundaryDiff, diff
from ...scenario.boundary_file import BoundarySpec, load_boundary
from ...scenario.files import load
from ...scenario.scenario import Scenario
from ...simulation.run import Run
from ...simulation.runs.workers import Stopped
from ...simulation.world.draws import check_seed
from .controls import NAMES, Control, Place, controls_of, moved
from .counting import WHOLE
from .figures import ENOUGH_RUNS, Answer, answer_of
from .worlds import Key, Refiner, Worlds, key_of

if TYPE_CHECKING:
    from ...calibration.tuning.recommendation import Recommendation
    from .picture import Picture
    from .stories import Why

USUAL_RUNS = 10
MOST_RUNS = 200
_SLIDES = ("auto", "review", "audit_share", "volume", "reviewers")
_TELL_AT = (ENOUGH_RUNS, USUAL_RUNS, 20, 50, 100, MOST_RUNS)
"""After so many runs whoever looks on is told; more often would flicker."""


def explore(
    scenario: str | Path | Scenario,
    *,
    boundary: Boundary | BoundarySpec | Recommendation | str | Path | None = None,
    seed: int = 1,
    runs: int = USUAL_RUNS,
) -> Explorer:
    """Move bands, triggers, people, their habits and the volume, and watch what comes of it.

    In a notebook the answer shows itself with sliders; in a script it is used as it is. Every
    figure is of the same worlds as that of the pinned policy (common random numbers): the same
    decisions arrive, the AI is as sure of each, people are as quick. The first answer comes from
    one run, a tenth of a second after a move; more runs make it more certain.

    Parameters
    ----------
    scenario : str, Path or Scenario
        A scenario, its file, or the name of one that ships.
    boundary : Boundary, BoundarySpec, Recommendation, str or Path, optional
        The rules to begin with: a spec, its file, or what :func:`hitlsim.tune` recommends; those of
        the scenario if left out.
    seed : int
        Of the first run. Same seed and moves, in whatever order: same figures.
    runs : int
        So many runs in the end; from five on a figure is their mean.

    Returns
    -------
    Explorer

    Raises
    ------
    ScenarioError
        When the scenario or the rules cannot be read, or do not go with each other.

    Examples
    --------
    >>> import hitlsim as hs
    >>> explorer = explore(hs.load("on-the-loop").with_(weeks=5)).set(auto=0.9)
    >>> apart = explorer.figures.query("phase == 'all' and figure == 'exception_rate'")
    >>> bool((apart["difference_low"] > 0).all())
    True
    """
    base = scenario if isinstance(scenario, Scenario) else load(scenario)
    spec = _spec_of(boundary)
    start = base if spec is None else base.with_(boundary=spec)
    if isinstance(runs, bool) or not isinstance(runs, int) or not 1 <= runs <= MOST_RUNS:
        raise ScenarioError(f"runs={runs!r} must be a whole number from 1 to {MOST_RUNS}")
    where = None if isinstance(scenario, Scenario) else str(scenario)
    return Explorer(start, check_seed(seed), runs, where, given=spec is not None)


def _spec_of(given: Any) -> Boundary | None:
    if given is None or isinstance(given, Boundary):
        return given
    if isinstance(given, (str, Path)):
        return load_boundary(given).boundary
    inner = getattr(given, "boundary", None)
    if not isinstance(inner, Boundary):
        raise ScenarioError(
            f"boundary={given!r} must be a boundary spec, its file, or what hs.tune() recommends"
        )
    return inner


class Explorer:
    """A policy that can be moved, and what comes of it.

    Made by :func:`explore`.

    Attributes
    ----------
    base : Scenario
        Where it began.
    seed : int
    wanted_runs : int
    """

    def __init__(
        self, base: Scenario, seed: int, runs: int, source: str | None, *, given: bool
    ) -> None:
        self.base, self.seed, self.wanted_runs = base, seed, runs
        self._source, self._given = source, given
        self._worlds = Worlds(base, seed)
        self._moves: dict[Place, Any] = {}
        self._pinned: Key = ()
        self._pinned_as = base.name
        self._last: tuple[dict[str, Any], str | None] = {"auto": None}, None
        self._answered: tuple[Any, Answer | None] = None, None
        self._refiner = Refiner(self._refined)
        self._tell: Callable[[], None] | None = None
        self._view: Any = None

    # --- what can be moved -----------------------------------------------------------------------

    @property
    def controls(self) -> pd.DataFrame:
        """What can be moved: one row for each control and what it is for.

        Columns ``control``, ``of`` (a workflow or pool; empty: all that set nothing of their own),
        ``value``, ``low``, ``high``, ``step``, ``unit``, ``choices``, ``meaning``.
        """
        rows = [
            {"control": c.name, "of": c.scope, "value": c.value, "low": c.low, "high": c.high,
             "step": c.step, "unit": c.unit, "choices": ", ".join(c.choices),
             "meaning": c.meaning}
            for c in self.control().values()
        ]  # fmt: skip
        return pd.DataFrame(rows)

    def control(self) -> dict[Place, Control]:
        """The same, by name and what it is for."""
        return controls_of(self.base, self._moves)

    def set(self, *, workflow: str | None = None, **moves: Any) -> Explorer:
        """Move something; names as in :attr:`controls`.

        Parameters
        ----------
        workflow : str, optional
            For this workflow alone; left out, for all that set nothing of their own.
        **moves
            ``auto``, ``review``, ``deal_size_above`` (None: never), ``signals`` (a list),
            ``audit_share``, ``volume`` (a factor), ``reviewers`` and ``habits`` by pool; a mapping
            ``{workflow or pool: value}`` moves several.

        Returns
        -------
        Explorer
            Itself.

        Raises
        ------
        ScenarioError
            When there is no such control, workflow or pool, or it cannot stand there. Nothing has
            moved then.
        """
        if not moves:
            raise ScenarioError(f"nothing to move; what can be moved: {', '.join(NAMES)}")
        new = moved(self.base, self._moves, moves, workflow)
        self._worlds.scenario(key_of(new))  # checked as a whole before anything has moved
        self._refiner.stop()
        self._moves = new
        self._last = moves, workflow
        return self

    def reset(self) -> Explorer:
        """Back to where it began; what is pinned stays."""
        self._refiner.stop()
        self._moves = {}
        return self

    def pin(self, name: str = "pinned") -> Explorer:
        """Hold everything against the policy as it now stands."""
        self._refiner.stop()
        self._pinned, self._pinned_as = self._key, name
        return self

    def _neighbours(self, moves: dict[str, Any], workflow: str | None) -> list[Key]:
        """Where a slider will probably be next: one step on, or back."""
        out = []
        known = self.control()
        for name, given in moves.items():
            scope = next(iter(given), "") if isinstance(given, Mapping) else workflow or ""
            c = known.get((name, scope))
            if c is None or c.name not in _SLIDES:
                continue
            for steps in (1, -1, 2):
                value = round(c.value + steps * c.step, 6)
                try:
                    next_ = moved(self.base, self._moves, {name: {scope: value}}, None)
                    out.append(key_of(next_))
                except ScenarioError:
                    continue  # beyond the end
        return out

    # --- what comes of it ------------------------------------------------------------------------

    @property
    def _key(self) -> Key:
        return key_of(self._moves)

    @property
    def scenario(self) -> Scenario:
        """The scenario as it now stands."""
        return self._worlds.scenario(self._key)

    @property
    def pinned(self) -> Scenario:
        """The scenario that it is held against."""
        return self._worlds.scenario(self._pinned)

    @property
    def pinned_as(self) -> str:
        """What the pinned policy is called."""
        return self._pinned_as

    @property
    def answer(self) -> Answer:
        """What the runs made so far say; the first is made if there is none."""
        now, pinned = self._key, self._pinned
        done = 1
        while done < self.wanted_runs and all(self._worlds.has(k, done) for k in (now, pinned)):
            done += 1
        asked, answer = self._answered
        if asked != (now, pinned, done) or answer is None:
            runs, held = ([self._worlds.sums(k, i) for i in range(done)] for k in (now, pinned))
            answer = answer_of(runs, held, same=now == pinned)
            self._answered = (now, pinned, done), answer
        return answer

    @property
    def figures(self) -> pd.DataFrame:
        """Every figure of the runs made so far, phase by phase.

        One row for each ``phase`` (``all`` is the whole run) and ``figure``: ``value``, ``low``,
        ``high`` (95%), ``n`` and what the interval ``assumes``; with the prefix ``pinned_`` those
        of the pinned policy, with ``difference_`` the paired difference to it.
        """
        return self.answer.frame

    def refine(self, runs: int | None = None, *, wait: bool = True) -> Explorer:
        """Make more runs of this policy and the pinned one.

        Parameters
        ----------
        runs : int, optional
            So many in all; what was asked for at the start if left out.
        wait : bool
            Until they are there; else they come in the background, until something is moved.
        """
        if runs is not None:
            if isinstance(runs, bool) or not isinstance(runs, int) or not 1 <= runs <= MOST_RUNS:
                raise ScenarioError(f"runs={runs!r} must be a whole number from 1 to {MOST_RUNS}")
            self.wanted_runs = runs
        self._refiner.again()
        if wait:
            self._refiner.wait()
        return self

    def stop(self) -> Explorer:
        """Leave off making runs in the background."""
        self._refiner.stop()
        self._refiner.wait()
        return self

    def when_refined(self, tell: Callable[[], None] | None) -> None:
        """Whom to tell, in the background's thread, when figures have become more certain."""
        self._tell = tell

    def _refined(self, stopped: Stopped) -> None:
        now, pinned = self._key, self._pinned
        if self._tell:  # somebody looks on, with a hand on a slider
            for near in self._neighbours(*self._last):
                self._worlds.sums(near, 0, stopped)
        for number in range(self.wanted_runs):
            new = not self._worlds.has(now, number)
            for key in (pinned, now):
                self._worlds.sums(key, number, stopped)
            last = number + 1 == self.wanted_runs
            if self._tell and not stopped() and (last or (new and number + 1 in _TELL_AT)):
                self._tell()

    # --- why -------------------------------------------------------------------------------------

    def examples(self, kind: str, *, phase: str = WHOLE, n: int = 5) -> pd.DataFrame:
        """Decisions of the first run to ask :meth:`why` about, the worst first.

        Parameters
        ----------
        kind : {"silent error", "long wait", "needless exception"}
        phase : str
            ``all``, or the name of a phase.
        n : int
            At most so many.
        """
        from .stories import examples

        return examples(self._run, kind, phase, n)

    def why(self, decision_id: str) -> Why:
        """Why a decision went as it did, and what would have changed it.

        Raises
        ------
        LogError
            When the first run has no such decision; near matches are named.
        """
        from .stories import why

        pinned = None if self._pinned == self._key else self._worlds.run(self._pinned)
        return why(self._run, decision_id, pinned, self._pinned_as)

    @property
    def _run(self) -> Run:
        return self._worlds.run(self._key)

    # --- to take away ----------------------------------------------------------------------------

    @property
    def boundary(self) -> Boundary:
        """The boundary spec as it now stands, as the version after that of the scenario."""
        spec = self.scenario.boundary
        return spec.model_copy(update={"version": self.base.boundary.version + 1})

    @property
    def diff(self) -> BoundaryDiff:
        """What differs from the boundary spec that it began with."""
        safe = [n for n, w in self.base.workflows.items() if w.automation_safe]
        return diff(self.base.boundary, self.boundary, safe, tuple(self.base.signals))

    def export(
        self, path: str | Path, *, who: str = "", note: str = "", on: dt.date | None = None
    ) -> Path:
        """Write the boundary spec as the next version of a file, with an entry that says why.

        Parameters
        ----------
        path : str or Path
            A YAML file; over a boundary spec its change log is kept, and goes on. It appears whole
            or not at all.
        who, note : str, optional
            Who decided, and why in their own words.
        on : date, optional
            Day of the change; today if left out.

        Raises
        ------
        ScenarioError
            When nothing differs from what is there, or the file is no boundary spec.
        """
        from .taking import export

        return export(self, path, who=who, note=note, on=on)

    def code(self) -> str:
        """The Python that makes this scenario and these figures anew."""
        from .taking import code

        return code(self, self._source, self._moves, given=self._given)

    @property
    def moves(self) -> dict[Place, Any]:
        """What was moved: the value by control and what it is for."""
        return dict(self._moves)

    @property
    def pinned_moves(self) -> dict[Place, Any]:
        """What had been moved in the pinned policy."""
        return dict(self._pinned)

    # --- to look at ------------------------------------------------------------------------------

    @property
    def picture(self) -> Picture:
        """The figures as one picture, with what it shows in words and as a table."""
        from .picture import picture

        return picture(self)

    def widget(self) -> Any:
        """The view with sliders; needs ``pip install "hitlsim[lab]"``."""
        if self._view is None:
            from .widget import View

            self._view = View(self)
        return self._view

    def _ipython_display_(self) -> None:
        try:
            from .widget import show
        except ImportError:  # without the extra "lab"
            from IPython.display import display

            display(self.picture)  # type: ignore[no-untyped-call]  # IPython is untyped
        else:
            show(self)

    def __repr__(self) -> str:
        a = self.answer
        rate, bad = a.now[WHOLE, "exception_rate"], a.now[WHOLE, "true_fn_share"]
        return (
            f"<Explorer of {self.base.name}: {len(self._moves)} moved, "
            f"{rate.value:.1%} exceptions, {bad.value:.1%} silent errors, "
            f"{a.runs} run{'' if a.runs == 1 else 's'}>"
        )
