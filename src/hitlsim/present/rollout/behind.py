"""The numbers behind a rollout's figures, as they are to be read."""

from __future__ import annotations

import pandas as pd

from ...decisions.counting.metrics import Unit
from ...decisions.estimating.intervals import Estimate
from ..style import percent, plain, written
from .axis import series
from .rollout import TODAY, RolloutReport

PANELS = (
    ("exception_rate", "exceptions, %", 100.0, Unit.SHARE),
    ("true_fn_share", "silent errors, %", 100.0, Unit.SHARE),
    ("review_hours", "hours a week", 1.0, Unit.HOURS_PER_WEEK),
    ("true_cost", "cost of 1,000", 1.0, Unit.MONEY),
)
"""What other rules are compared in: metric, label, scale of the axis, unit."""


def weekly_table(r: RolloutReport, columns: list[tuple[str, str, Unit]]) -> pd.DataFrame:
    """Metrics week by week: (metric, name of the column, unit)."""
    table = pd.DataFrame({"Week": sorted(r.weeks["week"].unique())})
    table["Phase"] = [_phase_of(r, int(w)) for w in table["Week"]]
    for metric, name, unit in columns:
        mine = series(r.weeks, metric)
        table[name] = [_cell(mine, w, unit) for w in table["Week"]]
    return table.astype({"Week": str})


def _phase_of(r: RolloutReport, week: int) -> str:
    inside = [plain(s.name) for s in r.spans if s.first_week <= week <= s.last_week]
    return " / ".join(inside)


def _cell(frame: pd.DataFrame, week: int, unit: Unit) -> str:
    if week not in frame.index:
        return ""
    row = frame.loc[week]
    return written(Estimate(row["value"], row["low"], row["high"], row["n"], ""), unit)


def silent_table(r: RolloutReport) -> pd.DataFrame:
    """True silent errors, what one team can tell of them, and what was looked at."""
    table = weekly_table(
        r, [("true_fn_share", "Truth", Unit.SHARE), ("looked_at", "Looked at", Unit.SHARE)]
    )
    seen = r.seen.set_index("week")
    told = []
    for week in table["Week"].astype(int):
        e = Estimate(**seen.loc[week, ["value", "low", "high", "n", "assumes", "few"]])
        told.append(percent(e))
    table.insert(3, "One team can tell", told)
    return table


def rules_table(r: RolloutReport, panels: list[tuple[str, str, float, Unit]]) -> pd.DataFrame:
    """The last phase under each set of rules, and how it differs from today's."""
    rows = []
    for name in r.policies:
        figures = [written(r.get(metric, r.last.name, name), unit) for metric, *_, unit in panels]
        rows.append([name, *figures])
        if name != TODAY:
            apart = [_apart(r.against_today(metric, name), unit) for metric, *_, unit in panels]
            rows.append(["more than today", *apart])
    titles = [label.removesuffix(", %").capitalize() for _, label, *_ in panels]
    return pd.DataFrame(rows, columns=["Rules", *titles])


def _apart(e: Estimate, unit: Unit) -> str:
    if not e.known:
        return "not known"
    scale, digits, word = (100, 2, " points") if unit == Unit.SHARE else (
        (1, 0, "") if unit == Unit.MONEY else (1, 1, " h"))  # fmt: skip
    value, low, high = (f"{scale * x:+.{digits}f}" for x in (e.value, e.low, e.high))
    return f"{value}{word} ({low} to {high})"
