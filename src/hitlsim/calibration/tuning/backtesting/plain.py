"""A backtest as plain values."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from .backtest import Backtest


def plain(b: Backtest) -> dict[str, Any]:
    """Everything as plain values."""
    return {
        "by": b.by, "learn": b.learn, "nothing": b.nothing, "source": b.source,
        "goals": b.goals.model_dump(mode="json", exclude_none=True),
        "frame": _records(b.frame), "totals": _records(b.totals), "chances": _records(b.chances),
        "rules": {
            month: {flow: {"auto": r.auto, "review": r.review, "deal_size_above": r.deal_limit
                           if math.isfinite(r.deal_limit) else None, "signals": list(r.signals)}
                    for flow, r in policy.rules.items()}
            for month, policy in b.rules.items()
        },
        "assumptions": [a._asdict() for a in b.assumptions],
        "spending": None if b.spending is None else b.spending.to_dict(),
        "words": b.words(),
    }  # fmt: skip


def _records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Rows with None for what is missing, so that they are JSON."""
    return [
        {str(k): None if pd.isna(v) else v.item() if isinstance(v, np.generic) else v
         for k, v in row.items()}
        for row in frame.to_dict("records")
    ]  # fmt: skip
