"""What was advised: recommendations, backtests, staffing, scores, guarantees."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from ...calibration.tuning.backtesting.tables import table
from ..picture import table_html
from ..tuning import texts
from ..tuning.tables import figures_table, rules_table
from .pieces import box, folded, frame, listed, notes, said

if TYPE_CHECKING:
    from ...calibration.scoring.score import Score
    from ...calibration.staffing import Staffing
    from ...calibration.tuning.backtesting.backtest import Backtest
    from ...calibration.tuning.recommendation import Recommendation


def recommendation(it: Recommendation) -> str:
    """What to do and why, the rules, and what they bring."""
    first, *rest = it.why()
    return box(
        said([first]),
        rules_table(it),
        figures_table(it),
        listed(rest),
        notes([texts.taken_for_granted(it)]),
    )


def backtest(it: Backtest) -> str:
    """The verdict and what it rests on, and the months."""
    first, *rest = it.words()
    return box(said([first]), frame(table(it)), listed(rest))


def staffing(it: Staffing) -> str:
    """What to do, and people by hour and weekday."""
    people = it.table().astype("object").map(lambda n: "" if pd.isna(n) else str(n or "."))
    hours = people.rename_axis("hour").reset_index()
    return box(said(it.why()), table_html(hours))


def score(it: Score) -> str:
    """What was learnt and how good it is."""
    return box(said(it.why()), folded("The figures", frame(it.table().reset_index())))


def words_only(it: Any) -> str:
    """What says all it has to say in sentences."""
    return box(said(it.words() if hasattr(it, "words") else it.why()))
