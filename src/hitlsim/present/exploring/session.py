"""The explorer: a session that needs no notebook."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pandas as pd

from ...errors import ScenarioError
from ...scenario.boundary import Boundary
from ...scenario.boundary_diff import BoundaryDiff, diff
from ...scenario.boundary_file import BoundarySpec, load_boundary
from ...scenario.files import load
from ...scenario.scenario import Scenario
from ...simulation.run import Run
from ...simulation.runs.workers import Interrupted, Stopped
from ...simulation.world.draws import check_seed
from .controls import NAMES, Control, Place, controls_of, first_to_move, moved, neighbours
from .counting import WHOLE
from .figures import ENOUGH_RUNS, Answer, answer_of
from .worlds import Refiner, Worlds, key_of

if TYPE_CHECKING:
    from ...calibration.tuning.recommendation import Recommendation
    from ..picture import Picture
    from .stories import Why

USUAL_RUNS = 10
MOST_RUNS = 200
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
    spec = _spec_of(boundary, base.boundary)
    start = base if spec is None else base.with_(boundary=spec)
    if isinstance(runs, bool) or not isinstance(runs, int) or not 1 <= runs <= MOST_RUNS:
        raise ScenarioError(f"runs={runs!r} must be a whole number from 1 to {MOST_RUNS}")
    where = None if isinstance(scenario, Scenario) else str(scenario)
    return Explorer(start, check_seed(seed), runs, where, before=base)


def _spec_of(given: Any, present: Boundary) -> Boundary | None:
    if given is None or isinstance(given, Boundary):
        return given
    if isinstance(given, (str, Path)):
        return load_boundary(given).boundary
    if hasattr(given, "after"):  # advice, which says nothing of audits: they stay as they are
        given = given.after(present)
    inner = getattr(given, "boundary", given)
    if not isinstance(inner, Boundary):
        raise ScenarioError(
            f"boundary={given!r} must be a boundary spec, its file, or what hs.tune() recommends"
        )
    return inner


class _Look(NamedTuple):
    """Who looks on."""

    moved: Callable[[], None]
    refined: Callable[[], None]
    failed: Callable[[Exception], None]


class _Stand(NamedTuple):
    """Where a session stands."""

    moves: Mapping[Place, Any]
    pinned: Mapping[Place, Any]
    pinned_as: str
    last: tuple[Mapping[str, Any], str | None]
    """What was moved last, and of which workflow."""


class Explorer:
    """A policy that can be moved, and what comes of it.

    Made by :func:`explore`.

    Attributes
    ----------
    base : Scenario
        Where it began.
    begun_as : str
        What the policy is called with which it began.
    seed : int
    wanted_runs : int
    """

    def __init__(
        self, base: Scenario, seed: int, runs: int, source: str | None, *, before: Scenario
    ) -> None:
        self.base, self.seed, self.wanted_runs = base, seed, runs
        self._source, self._before = source, before
        self._worlds = Worlds(base, seed)
        given = "" if base is before else f" with rules of version {base.boundary.version}"
        self.begun_as = f"{base.name}{given}"
        self._at = _Stand({}, {}, self.begun_as, ({"auto": None}, first_to_move(base)))
        self._answered: tuple[Any, Answer | None] = None, None
        self._refiner = Refiner(self._refined)
        self._look: _Look | None = None
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
        return controls_of(self.base, self._at.moves)

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
        new = moved(self.base, self._at.moves, moves, workflow)
        self._worlds.scenario(key_of(new))  # checked as a whole before anything has moved
        return self._go(moves=new, last=(moves, workflow))

    def reset(self) -> Explorer:
        """Back to where it began; what is pinned stays."""
        return self._go(moves={})

    def pin(self, name: str | None = None) -> Explorer:
        """Hold everything against the policy as it now stands.

        Parameters
        ----------
        name : str, optional
            What to call it; left out, it is called by what was moved.
        """
        from .words import name_of

        return self._go(pinned=self._at.moves, pinned_as=name or name_of(self))

    def _go(self, **to: Any) -> Explorer:
        """Stand elsewhere; if that cannot be shown to whoever looks on, stay."""
        self._refiner.stop()
        before = self._at
        self._at = before._replace(**to)
        if self._look is not None:
            try:
                self._look.moved()
            except BaseException:  # also Ctrl-C: what is shown and what holds must not part
                self._at = before
                raise
        return self

    # --- what comes of it ------------------------------------------------------------------------

    @property
    def scenario(self) -> Scenario:
        """The scenario as it now stands."""
        return self._worlds.scenario(key_of(self._at.moves))

    @property
    def pinned(self) -> Scenario:
        """The scenario that it is held against."""
        return self._worlds.scenario(key_of(self._at.pinned))

    @property
    def pinned_as(self) -> str:
        """What the pinned policy is called."""
        return self._at.pinned_as

    @property
    def answer(self) -> Answer:
        """What the runs made so far say; the first is made if there is none."""
        now, pinned = key_of(self._at.moves), key_of(self._at.pinned)
        done = 1
        while done < self.needed_runs and all(self._worlds.has(k, done) for k in (now, pinned)):
            done += 1
        asked, answer = self._answered
        if asked != (now, pinned, done) or answer is None:
            runs, held = ([self._worlds.sums(k, i) for i in range(done)] for k in (now, pinned))
            answer = answer_of(runs, held, same=now == pinned)
            self._answered = (now, pinned, done), answer
        return answer

    @property
    def needed_runs(self) -> int:
        """How many runs are made: those asked for, or one, where they are too few for a mean."""
        return self.wanted_runs if self.wanted_runs >= ENOUGH_RUNS else 1

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

    def look_on(
        self,
        moved: Callable[[], None],
        refined: Callable[[], None],
        failed: Callable[[Exception], None],
    ) -> None:
        """Whom to tell; a session has one who looks on.

        Parameters
        ----------
        moved : callable
            At each move, in the thread of the mover; what it raises takes the move back.
        refined : callable
            When figures have become more certain, in the background's thread.
        failed : callable
            When runs could not be made in the background, in its thread.
        """
        self._look = _Look(moved, refined, failed)

    def _refined(self, stopped: Stopped) -> None:
        try:
            self._refine(stopped)
        except Interrupted:
            raise
        except Exception as e:
            if self._look is not None and not stopped():
                self._look.failed(e)
            raise

    def _refine(self, stopped: Stopped) -> None:
        at, look, wanted = self._at, self._look, self.needed_runs
        now, pinned = key_of(at.moves), key_of(at.pinned)
        if look:  # with a hand on a slider
            for near in neighbours(self.base, at.moves, *at.last):
                self._worlds.sums(key_of(near), 0, stopped)
        for number in range(wanted):
            new = not self._worlds.has(now, number)
            for key in (pinned, now):
                self._worlds.sums(key, number, stopped)
            last = number + 1 == wanted
            if look and not stopped() and (last or (new and number + 1 in _TELL_AT)):
                look.refined()

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

        at = self._at
        pinned = None if at.pinned == at.moves else self._worlds.run(key_of(at.pinned))
        return why(self._run, decision_id, pinned, at.pinned_as)

    @property
    def _run(self) -> Run:
        return self._worlds.run(key_of(self._at.moves))

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

        A new file follows on the rules of the scenario, also where others were given to begin with.

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

        before = self._before.boundary
        return export(self, path, before, who=who, note=note, on=on)

    def code(self) -> str:
        """The Python that makes this scenario and these figures anew."""
        from .taking import code

        given = self.base is not self._before
        return code(self, self._source, self._at.moves, given=given)

    @property
    def moves(self) -> dict[Place, Any]:
        """What was moved: the value by control and what it is for."""
        return dict(self._at.moves)

    @property
    def pinned_moves(self) -> dict[Place, Any]:
        """What had been moved in the pinned policy."""
        return dict(self._at.pinned)

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

    def hide(self) -> Explorer:
        """Take the view away, and leave off working in the background."""
        self._look = None
        self._refiner.stop()
        if self._view is not None:
            self._view.close()
            self._view = None
        return self

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
            f"<Explorer of {self.base.name}: {len(self._at.moves)} moved, "
            f"{rate.value:.1%} exceptions, {bad.value:.1%} silent errors, "
            f"{a.runs} run{'' if a.runs == 1 else 's'}>"
        )
