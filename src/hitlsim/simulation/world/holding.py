"""What keeps a decision from being drafted when it arises: list limits and approvals.

Both depend on the calendar and on draws alone, never on what the desk does, so they are worked out
before the run.
"""

from __future__ import annotations

from datetime import timedelta

import numpy as np
from numpy.typing import NDArray

from ...scenario.hours import DAY_MS, HOUR_MS, WEEK_MS
from ...scenario.scenario import Scenario
from ..contract import NEVER
from .draws import Draws
from .streams import stream


def ready_of(scenario: Scenario, draws: Draws) -> NDArray[np.int64]:
    """When the drafting of each decision may begin; NEVER where a list limit holds it back."""
    decisions = draws.world.decisions
    ready = np.array(decisions["arrival"], np.int64)
    names = list(scenario.workflows)
    for name, windows in standing_still(scenario, draws.seed).items():
        mine = decisions["workflow"] == names.index(name)
        for start, end in windows:
            ready[mine & (ready >= start) & (ready < end)] = end
    for name, limit in scenario.governance.list_limits.items():
        mine = np.flatnonzero(decisions["workflow"] == names.index(name))
        month = _month(scenario, decisions["arrival"][mine])
        for number in np.unique(month):
            ready[mine[month == number][limit:]] = NEVER
    return ready


def standing_still(scenario: Scenario, seed: int) -> dict[str, list[tuple[int, int]]]:
    """For each workflow the times in which it waits for an approval, in ms, sorted."""
    out: dict[str, list[tuple[int, int]]] = {}
    for label, approval in scenario.governance.approvals.items():
        starts = np.arange(0, scenario.weeks, approval.every_weeks) * WEEK_MS
        spread = stream(seed, "approval", label).standard_normal(len(starts))
        hours = approval.hours * np.exp(approval.sigma * spread)
        took = np.minimum((hours * HOUR_MS).astype(np.int64), approval.every_weeks * WEEK_MS)
        for name in approval.workflows:
            windows = zip(starts.tolist(), (starts + took).tolist(), strict=True)
            out.setdefault(name, []).extend(windows)
    return {name: sorted(windows) for name, windows in out.items()}


def _month(scenario: Scenario, time_ms: NDArray[np.int64]) -> NDArray[np.int64]:
    """Calendar month of each moment, counted from some month."""
    days = [scenario.start + timedelta(days=d) for d in range(scenario.weeks * 7)]
    months = np.array([12 * day.year + day.month for day in days], np.int64)
    return months[time_ms // DAY_MS] if len(time_ms) else np.zeros(0, np.int64)
