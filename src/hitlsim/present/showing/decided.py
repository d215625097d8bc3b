"""What a team decided: a scenario, and what differs between boundary specs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ...scenario.framework import Advice, Beside, beside_advice, unsafe_workflows, volume
from ..rollout.spans import what_ends, what_people_do
from ..style import count, plain
from .pieces import box, cell, folded, frame, head, listed, table

if TYPE_CHECKING:
    import pandas as pd

    from ...calibration.tuning.telling.comparing import ExpectedDiff
    from ...scenario.boundary_diff import BoundaryDiff
    from ...scenario.scenario import Scenario


_PHASES = ("Phase", "What people do", "What ends it")


def scenario(s: Scenario) -> str:
    """What it teaches, its decision surface, its phases and its people (by pool, never by name)."""
    a_week = sum(volume(w) for w in s.workflows.values())
    facts = (
        f"{s.weeks} weeks from {s.start:%Y-%m-%d}, {count(a_week)} decisions a week in "
        f"{len(s.workflows)} workflows, {len(s.reviewers())} people with "
        f"{s.capacity_hours_per_week:g} hours a week set aside; boundary spec version "
        f"{s.boundary.version}"
    )
    unsafe = unsafe_workflows(s)
    warned = [f"Unsafe: in {plain(u.workflow)} the AI acts alone; {u.rule}." for u in unsafe]
    red = f'<div class="note bad"><div class="tone">{listed(warned)}</div></div>'
    return box(
        head(f"{s.name}: {s.teaches.strip()}", facts),
        red if warned else "",
        table(
            ("Workflow", "A week", "The AI may", "Framework says", "Alone from", "Always asks"),
            [list(_row(s, name, *found)) for name, found in beside_advice(s).items()],
            css="flows figures worded",
        ),
        folded("Phases", table(_PHASES, _phases(s), css="told")),
        folded("People", table(("Pool", "Role", "People", "Hours a week"), _people(s))),
    )


def _row(s: Scenario, name: str, advice: Advice, beside: Beside) -> Iterator[str]:
    w = s.workflows[name]
    yield cell(plain(name), f"{w.agent or 'no agent'}, {plain(w.action)}")
    yield count(volume(w))
    yield cell(w.access.value)
    more = f"choice is {beside}" if beside in (Beside.LOOSER, Beside.UNSAFE) else ""
    yield cell(advice.access.value, more)
    if w.gate is not None:
        yield cell("never", f"gate: {w.gate.value}")
        yield cell("every time")
        return
    bands, limit = s.boundary.bands_of(name), s.boundary.deal_limit_of(name)
    yield cell(f"{bands.auto:g}", f"held below {bands.review:g}")
    deals = f"deals above {limit:,.0f}" if limit is not None else ""
    yield cell(deals, ", ".join(plain(x) for x in s.boundary.signals_of(name)))


def _phases(s: Scenario) -> Iterator[tuple[str, str, str]]:
    for name, phase in s.phases.items():
        yield cell(plain(str(name))), cell(what_people_do(phase)), cell(what_ends(phase))


def _people(s: Scenario) -> Iterator[tuple[str, str, str, str]]:
    for name, pool in s.pools.items():
        hours = f"{pool.hours_per_week:g}"
        yield cell(plain(name)), cell(plain(pool.role)), str(len(pool.reviewers)), hours


def difference(d: BoundaryDiff) -> str:
    """What a new boundary spec would change."""
    return box(*_differs(d))


def expected(d: ExpectedDiff) -> str:
    """The same, and what it is expected to bring."""
    return box(*_differs(d), listed(d.expected))


def _differs(d: BoundaryDiff) -> Iterator[str]:
    yield head(f"Boundary spec: version {d.old.version} → {d.new.version}")
    yield _settings(d.worded()) if len(d) else "<p>Nothing differs.</p>"


def _settings(shown: pd.DataFrame) -> str:
    """One row for each setting that differs, in words."""
    named = [name for name in ("workflow", "setting") if name in shown]
    shown = shown.assign(**{name: [plain(str(w)) for w in shown[name]] for name in named})
    return frame(shown.rename(columns=lambda name: plain(str(name)).capitalize()))
