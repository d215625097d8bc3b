"""A decision log as a fit looks at it: what a real log has, on the clock on the wall."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ...decisions.columns import SAFE_ROUTES, TRUE_PREFIX
from ...decisions.log import DecisionLog
from ...errors import NotEnoughEvidence
from ...scenario.hours import time_zones

_DAY = pd.Timedelta(days=1)
_MOMENTS = ("arrived_at", "decided_at", "queued_at", "started_at", "ended_at", "executed_at",
            "looked_at", "surfaced_at", "escalated_at")  # fmt: skip
LEAST_DAYS, LEAST_ROWS = 14, 50
"""Less than two weeks show no week twice, so nothing can be said of how weeks differ."""


class Seen:
    """A log without anything that only a simulation knows.

    Attributes
    ----------
    frame : DataFrame
        One row for each decision.
    days : DatetimeIndex
        Every day it covers, on its own clock.

    Parameters
    ----------
    log : DecisionLog
    any_length : bool
        Whether a log may be too short for a whole scenario: labels and bands need no weeks.
    """

    def __init__(self, log: DecisionLog, *, any_length: bool = False) -> None:
        self.record = log.record
        self._words: dict[tuple[str, str], pd.Series] = {}
        self.frame = log.frame[
            [c for c in log.frame if not str(c).startswith(TRUE_PREFIX)]
        ].reset_index(drop=True)
        if len(self.frame) < LEAST_ROWS and not any_length:
            raise NotEnoughEvidence(
                f"the log has {len(self.frame)} decisions; a scenario can be learnt from "
                f"{LEAST_ROWS} at least, and from some hundreds in each workflow to be sure"
            )
        arrived = self.local("arrived_at", "decided_at").dropna()
        first, last = arrived.min().normalize(), arrived.max().normalize()
        self.days = pd.date_range(first, last)
        if len(self.days) < LEAST_DAYS and not any_length:
            raise NotEnoughEvidence(
                f"the log covers {len(self.days)} days; weeks cannot be compared before there are "
                f"two of them, so give {LEAST_DAYS} days at least, and eight weeks to see growth"
            )

    def __len__(self) -> int:
        return len(self.frame)

    def has(self, *columns: str) -> bool:
        """Whether the log has all these columns with at least one value."""
        return all(c in self.frame and self.frame[c].notna().any() for c in columns)

    def local(self, *columns: str) -> pd.Series:
        """The first of these columns that has values, as times on the wall."""
        name = next((c for c in columns if self.has(c)), None)
        if name is None:
            return pd.Series(pd.NaT, self.frame.index, dtype="datetime64[ms]")
        return self.frame[name].dt.tz_localize(None)

    def words(self, column: str, otherwise: str = "") -> pd.Series:
        """A column of names as plain text."""
        if (column, otherwise) not in self._words:
            if column in self.frame:
                text = self.frame[column].astype("object")
                said = text.where(text.notna(), otherwise).astype(str).astype("object")
            else:
                said = pd.Series(otherwise, self.frame.index, dtype="object")
            self._words[column, otherwise] = said
        return self._words[column, otherwise]

    def yes(self, column: str) -> NDArray[np.bool_]:
        """A yes/no column; what is missing is no."""
        if column not in self.frame:
            return np.zeros(len(self.frame), bool)
        return np.asarray(self.frame[column].astype("boolean").fillna(False), bool)

    def number(self, column: str) -> NDArray[np.float64]:
        """A column of numbers; NaN where missing."""
        if column not in self.frame:
            return np.full(len(self.frame), np.nan)
        return np.asarray(self.frame[column].astype(float), float)

    def minutes(self, start: str, end: str) -> NDArray[np.float64]:
        """From one moment to another, by an even clock."""
        if not self.has(start, end):
            return np.full(len(self.frame), np.nan)
        return np.asarray((self.frame[end] - self.frame[start]).dt.total_seconds() / 60, float)

    @cached_property
    def workflow(self) -> pd.Series:
        """Name of each decision's workflow, as a scenario may write it."""
        names = self.words("workflow", "all")
        return names.map(slugs(names.unique(), "workflow"))

    @cached_property
    def workflows(self) -> list[str]:
        """In the order in which they first appear."""
        return list(dict.fromkeys(self.workflow))

    @cached_property
    def arrived(self) -> pd.Series:
        """When each occasion arose, else when the AI's proposal was ready."""
        arrived = self.local("arrived_at", "decided_at")
        return arrived.fillna(self.local("decided_at"))

    @property
    def dates_only(self) -> bool:
        """Whether no moment has a time of day."""
        return bool((self.arrived == self.arrived.dt.normalize()).all())

    @cached_property
    def monday(self) -> pd.Timestamp:
        """The first day of the first week."""
        first: pd.Timestamp = self.days[0]
        return first - first.weekday() * _DAY

    @property
    def zone(self) -> str:
        """The clock of the log, as a scenario names it."""
        zone = self.frame["decided_at"].dt.tz
        name = getattr(zone, "key", None) or str(zone)
        return name if name in time_zones() else "UTC"

    @property
    def weeks(self) -> int:
        """Weeks from Monday to Sunday that it touches."""
        return int((self.days[-1] - self.monday).days) // 7 + 1

    @cached_property
    def end(self) -> pd.Timestamp:
        """The last moment anything is known of."""
        last = max(self.frame[c].max() for c in _MOMENTS if self.has(c))
        return pd.Timestamp(last)

    @cached_property
    def safe_workflows(self) -> list[str]:
        """Those the AI may take alone: most of their decisions were not stopped at a gate."""
        if not self.has("route"):
            return self.workflows
        route = self.words("route")
        alone = route.isin(SAFE_ROUTES).groupby(self.workflow).sum()
        gated = (route == "gate").groupby(self.workflow).sum()
        return [w for w in self.workflows if alone[w] > gated[w]]

    @cached_property
    def raw_signal(self) -> dict[str, str]:
        """Each signal as the log writes it."""
        names = sorted({n for text in self.words("signals").unique() for n in text.split("+") if n})
        return {own: raw for raw, own in slugs(names, "signal").items()}

    @cached_property
    def signals(self) -> dict[str, NDArray[np.bool_]]:
        """For each signal seen which decisions carry it."""
        said = self.words("signals")
        codes, texts = pd.factorize(said)
        sets = [set(filter(None, str(t).split("+"))) for t in texts]
        return {
            own: np.array([raw in s for s in sets], bool)[codes]
            for own, raw in self.raw_signal.items()
        }

    @cached_property
    def reasons(self) -> pd.Series | None:
        """All reasons of each decision, joined by +; None if the log does not say."""
        return self.words("reasons") if self.has("reasons") else None


def slugs(names: Iterable[object], kind: str) -> dict[str, str]:
    """Names as a scenario may write them: lower-case, distinct, beginning with a letter.

    The same for the same names, in whatever order they come.

    >>> slugs(["Lead Scoring", "lead-scoring", "42"], "workflow")
    {'Lead Scoring': 'lead-scoring-2', 'lead-scoring': 'lead-scoring', '42': 'workflow-42'}
    """
    texts = [str(n) for n in names]
    fits = re.compile(r"[a-z][a-z0-9_-]{0,39}")
    out = {t: t for t in texts if fits.fullmatch(t)}
    taken = set(out.values())
    for text in sorted({*texts} - {*out}):
        base = re.sub(r"[^a-z0-9_]+", "-", text.lower()).strip("-_")
        if not base or not base[0].isalpha():
            base = f"{kind}-{base}".strip("-")
        base = base[:36]
        slug, number = base, 2
        while slug in taken:
            slug, number = f"{base}-{number}", number + 1
        out[text] = slug
        taken.add(slug)
    return {t: out[t] for t in texts}
