"""A backtest as tables: months down, policies across."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import pandas as pd

from ....decisions.estimating.intervals import Estimate
from ..telling.amounts import chance, percent
from .judged import RECOMMENDED

if TYPE_CHECKING:
    from .backtest import Backtest

SILENT = {
    "fn_share": "silent errors, as a share of all decisions,",
    "fn_of_auto": "silent errors, as a share of what goes alone,",
    "fn_of_bad": "silent errors, as a share of all errors,",
}


def estimate(row: pd.Series, name: str) -> Estimate:
    """A figure of a row with its interval."""
    low, high = ("low", "high") if name == "exception_rate" else (f"{name}_low", f"{name}_high")
    return Estimate(float(row[name]), float(row[low]), float(row[high]), float(row["n"]), "")


def inside_word(row: Any) -> str:
    """``inside`` or ``outside``, in words; empty where it is not judged."""
    if row["note"]:
        return "not judged"
    return "" if pd.isna(row["inside"]) else "inside" if row["inside"] else "outside"


def says(row: Any) -> str:
    """What tune says of the advice of a month: ``recommended``, or a ``best guess`` only."""
    if row["status"] == RECOMMENDED:
        return RECOMMENDED
    return "best guess" if row["status"] else "nothing new" if row["thresholds"] else ""


def table(b: Backtest) -> pd.DataFrame:
    """Months down, policies across: exception rate, and whether it lay inside."""
    out: dict[str, list[str]] = {}
    first = b.frame[b.frame["policy"] == "advice"]
    out[b.by] = first["month"].tolist()
    out["decisions"] = [f"{n:,}" for n in first["n"]]
    out["tune says"] = [says(row) for row in first.to_dict("records")]
    if b.goals.exception_rate is not None:
        out["stated"] = ["" if pd.isna(c) else chance(c) for c in first["chance_stated"]]
    for policy in b.policies:
        rows = b.frame[b.frame["policy"] == policy]
        out[policy] = [
            "-"
            if math.isnan(r["exception_rate"])
            else f"{r['exception_rate']:.1%} {inside_word(r)}"
            for r in rows.to_dict("records")
        ]
    return pd.DataFrame(out)


def silent_of(b: Backtest) -> str:
    """The rate of silent errors that is told: the one asked for, else of all decisions."""
    return "fn_share" if b.goals.silent is None else b.goals.silent[0]


def silent_table(b: Backtest) -> pd.DataFrame:
    """Months down, policies across: silent errors with their intervals."""
    name = silent_of(b)
    out: dict[str, list[str]] = {b.by: b.frame[b.frame["policy"] == "advice"]["month"].tolist()}
    for policy in b.policies:
        rows = b.frame[b.frame["policy"] == policy]
        out[policy] = [
            "-" if math.isnan(r[name]) else percent(estimate(r, name)) for _, r in rows.iterrows()
        ]
    return pd.DataFrame(out)
