"""A shipped scenario's run, and the shares its story is told in."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import pandas as pd

import hitlsim as hs
from hitlsim.decisions.estimating.intervals import Estimate, clopper_pearson

VARIATIONS = ("abdication", "drift", "hoarding", "understaffed")
SHIPPED = ("enterprise-follow-up", "inbox", "on-the-loop", "operator", "outbound", *VARIATIONS)
AUGUST, SEPTEMBER, OCTOBER = "2026-08", "2026-09", "2026-10"
OTHER_SEEDS = (8, 9)
BAND = (0.10, 0.15)


class Told(NamedTuple):
    """A run, its log with the month of each decision, and its scorecard by month."""

    run: hs.Run
    log: pd.DataFrame
    card: hs.Scorecard

    def __call__(self, metric: str, month: str, workflow: str = "all") -> Estimate:
        return self.card.get(metric, period=month, workflow=workflow)


Tell = Callable[..., Told]


def with_month(run: hs.Run) -> pd.DataFrame:
    frame = run.log.frame
    return frame.assign(month=frame["decided_at"].dt.strftime("%Y-%m"))


def share(these: pd.Series, among: pd.Series) -> Estimate:
    return clopper_pearson(int((these & among).sum()), int(among.sum()))


def within(log: pd.DataFrame, month: str) -> pd.DataFrame:
    return log[log["month"] == month]


def bad_alone(log: pd.DataFrame) -> Estimate:
    """True silent errors among what went alone."""
    return share(~log["true_ok"], log["route"] == "auto")


def bad_out(log: pd.DataFrame) -> Estimate:
    """Of all that went out, the share that was wrong."""
    return share(log["true_bad_out"], log["executed_at"].notna())


def let_out(log: pd.DataFrame) -> Estimate:
    """Of the AI's mistakes, the share that went out, approved or alone."""
    return share(log["true_bad_out"], ~log["true_ok"])


def passed(log: pd.DataFrame) -> Estimate:
    """Of the wrong drafts that somebody judged before they went out, the share approved."""
    return share(log["verdict"] == "approve", log["verdict"].notna() & ~log["true_ok"])


def read_share(log: pd.DataFrame) -> Estimate:
    """Of what was judged before it went out, the share really read."""
    return share(log["true_inspected"].fillna(value=False), log["verdict"].notna())


def overridden(log: pd.DataFrame) -> Estimate:
    verdict = log["verdict"].astype("object").fillna(log["look_verdict"].astype("object"))
    return share(verdict != "approve", log["exception"] & verdict.notna())


def found(log: pd.DataFrame) -> Estimate:
    """Of the silent errors that somebody looked at, the share found."""
    looked = (log["route"] == "auto") & log["look_verdict"].notna() & ~log["true_ok"]
    return share(log["look_verdict"] != "approve", looked)


def touched(log: pd.DataFrame) -> Estimate:
    seen = log["verdict"].notna() | log["look_verdict"].notna()
    return share(seen, pd.Series(data=True, index=log.index))


def late(log: pd.DataFrame, hours: int = 24) -> Estimate:
    """Of what was begun, the share begun later than so many hours."""
    return share(log["wait_minutes"] > 60 * hours, log["wait_minutes"].notna())


def exceptions(log: pd.DataFrame) -> Estimate:
    return share(log["exception"], log["route"].isin(["auto", "review", "triage", "peek"]))


def above(a: Estimate, b: Estimate) -> bool:
    return a.low > b.high


def inside_the_band(e: Estimate) -> bool:
    return BAND[0] < e.low and e.high < BAND[1]
