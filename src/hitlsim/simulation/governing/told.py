"""What governance did, as a table."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pandas as pd

from ...scenario.scenario import Scenario
from .governor import Action


def actions_frame(scenario: Scenario, actions: Iterable[Action]) -> pd.DataFrame:
    """What governance did: date, workflow, rule, what, because."""
    start = pd.Timestamp(scenario.start)
    rows: list[dict[str, Any]] = [
        {"date": start + pd.Timedelta(days=a.day), **a._asdict()} for a in actions
    ]
    columns = ["date", "workflow", "rule", "what", "because"]
    return pd.DataFrame(rows, columns=columns)
