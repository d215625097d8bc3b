"""Many runs come down to one table: what the scenario gives on average, and how runs differ."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from ...decisions.counting.metrics import BY_NAME
from ...decisions.counting.scorecard import ALL
from ...errors import LogError, NotEnoughEvidence, ScenarioError
from ...shown import Shown
from .gathering import Gathering
from .means import MeanOfRuns, mean_of
from .replicating import Replications
from .replication import Replication
from .stopping import check_confidence, check_metric, half_width, runs_needed
from .telling import KEY_METRICS, scale_of, unit_words

_COLUMNS = ("value", "low", "high", "n", "sd", "p5", "p95", "assumes")


@dataclass(frozen=True)
class Summary(Shown):
    """What many runs of one scenario say.

    Attributes
    ----------
    frame : DataFrame
        One row for each period, workflow and metric: value (the mean over runs), low, high (its
        interval), n (runs in which it is known), sd, p5, p95 (between which nine in ten single
        runs lie), unit, assumes.
    seeds : tuple of int
        One for each run.
    record : mapping
        What the first run's log says of itself.
    span : tuple of Timestamp
        First and last day counted.
    confidence : float
    notes : tuple of str
        What became of the precision asked for.
    """

    frame: pd.DataFrame
    seeds: tuple[int, ...]
    record: dict[str, Any]
    span: tuple[pd.Timestamp, pd.Timestamp]
    confidence: float = 0.95
    notes: tuple[str, ...] = field(default=())

    def get(self, metric: str, *, period: str = ALL, workflow: str = ALL) -> MeanOfRuns:
        """One figure.

        Raises
        ------
        LogError
            When there is no such metric, period or workflow.
        """
        f = self.frame
        for name, value in (("metric", metric), ("period", period), ("workflow", workflow)):
            known = list(dict.fromkeys(f[name]))
            if value not in known:
                raise LogError(f"{name} {value!r} is not in the summary; it has {', '.join(known)}")
        here = f[(f["metric"] == metric) & (f["period"] == period) & (f["workflow"] == workflow)]
        rows = here.to_dict("records")
        if not rows:
            return mean_of([math.nan] * len(self.seeds), self.confidence)
        return MeanOfRuns(**{c: rows[0][c] for c in _COLUMNS}, confidence=self.confidence)

    def runs_needed(
        self, metric: str, half_width: float, *, period: str = ALL, workflow: str = ALL
    ) -> int:
        """About how many runs make the interval of a mean this narrow.

        Parameters
        ----------
        metric : str
        half_width : float
            Half the width of the interval, in the metric's unit.
        """
        e = self.get(metric, period=period, workflow=workflow)
        if not half_width > 0:
            raise ScenarioError(f"half_width={half_width!r} must be above 0")
        if math.isnan(e.sd):
            raise NotEnoughEvidence(
                f"{metric} is known in {e.n:.0f} of {len(self.seeds)} runs, so its spread is not; "
                "make more runs"
            )
        return math.ceil(runs_needed(e.sd, half_width, self.confidence) * len(self.seeds) / e.n)

    @property
    def title(self) -> str:
        """What was run, in a line."""
        return f"{self.record.get('scenario')}: {told_runs(self.seeds, self.span)}"

    def rows(self, metrics: Iterable[str] | None = None) -> pd.DataFrame:
        """Figures as texts: title, mean, interval, range of single runs, and where n is lower.

        Parameters
        ----------
        metrics : iterable of str, optional
            Only these; others that are not in the summary are passed over.
        """
        wanted = set(self.frame["metric"] if metrics is None else metrics)
        out = []
        for r in self.frame[self.frame["metric"].isin(wanted)].to_dict("records"):
            half = half_width(r["sd"], int(r["n"]), self.confidence)
            scale = scale_of(r["unit"], [r["value"]], [half])
            out.append({
                "period": r["period"],
                "workflow": r["workflow"],
                "metric": r["metric"],
                "title": BY_NAME[r["metric"]].title + unit_words(r["unit"]),
                "mean": scale.figure(r["value"]),
                "interval": scale.span(r["low"], r["high"]),
                "single": scale.span(r["p5"], r["p95"]),
                "known": "" if r["n"] == len(self.seeds) else f"{r['n']:.0f}",
            })  # fmt: skip
        return pd.DataFrame(out)

    def readable(self, metrics: Iterable[str] | None = None) -> pd.DataFrame:
        """Figures as texts, under headings; columns that say nothing are left out."""
        return _readable(self.rows(metrics), self.confidence)

    def __str__(self) -> str:
        metrics = KEY_METRICS if self.frame["metric"].isin(KEY_METRICS).any() else None
        table = self.readable(metrics)
        return "\n".join([self.title, "", table.to_string(index=False), *self.notes])


def _readable(rows: pd.DataFrame, confidence: float) -> pd.DataFrame:
    """The columns that say something, with headings."""
    headings = {
        "period": "period", "workflow": "workflow", "title": "", "mean": "mean",
        "interval": f"{100 * confidence:g}% interval", "single": "nine in ten runs",
        "known": "runs",
    }  # fmt: skip
    says = {c: (rows[c] != ALL).any() if c in ("period", "workflow") else rows[c].any()
            for c in headings}  # fmt: skip
    return rows[[c for c in headings if says[c]]].rename(columns=headings)


def told_runs(
    seeds: Sequence[int], span: tuple[pd.Timestamp, pd.Timestamp], of: str = "runs"
) -> str:
    """How many runs of which days, with which seeds.

    >>> days = (pd.Timestamp("2026-08-03"), pd.Timestamp("2026-08-14"))
    >>> told_runs([1, 2, 3], days)
    '3 runs of 2 weeks (2026-08-03 to 2026-08-14), seeds 1 to 3'
    """
    first, last = min(seeds), max(seeds)
    weeks = -(-((span[1] - span[0]).days + 1) // 7)
    which = (
        f"seeds {first} to {last}"
        if len(seeds) == last - first + 1
        else "seeds " + ", ".join(str(s) for s in seeds)
    )
    days = f"{span[0]:%Y-%m-%d} to {span[1]:%Y-%m-%d}"
    return f"{len(seeds)} {of} of {weeks} week{'' if weeks == 1 else 's'} ({days}), {which}"


def summarise(
    runs: Iterable[Replication],
    *,
    by: str | None = None,
    per_workflow: bool = False,
    metrics: Iterable[str] | None = None,
    confidence: float = 0.95,
) -> Summary:
    """The mean of every metric over runs, with its interval, and how much single runs differ.

    Parameters
    ----------
    runs : iterable of Replication
        Of one scenario; at least two.
    by : {None, "week", "month"}
        Periods, as for :func:`~hitlsim.decisions.counting.scorecard.scorecard`.
    per_workflow : bool
        Also one set of figures for each workflow.
    metrics : iterable of str, optional
        Only these.
    confidence : float
        Coverage of the intervals.

    Returns
    -------
    Summary

    Examples
    --------
    >>> import hitlsim as hs
    >>> runs = hs.replicate(hs.load("outbound").with_(weeks=2), n=3)
    >>> e = hs.summarise(runs).get("exception_rate")
    >>> bool(e.low < e.value < e.high), e.n
    (True, 3)
    """
    confidence = check_confidence(confidence)
    names = None if metrics is None else [check_metric(name, "metrics") for name in metrics]
    if by not in (None, "week", "month"):
        raise LogError(f"by={by!r} must be None, 'week' or 'month'")
    gathering = Gathering(by, per_workflow=per_workflow)
    for run in runs:
        gathering.add(run)
    notes = runs.sentences() if isinstance(runs, Replications) else ()
    return summary_of(gathering, metrics=names, confidence=confidence, notes=notes)


def summary_of(
    gathering: Gathering,
    *,
    metrics: Iterable[str] | None = None,
    confidence: float = 0.95,
    notes: Iterable[str] = (),
) -> Summary:
    """What has been gathered so far."""
    n = len(gathering)
    if n < 2:
        raise NotEnoughEvidence(
            f"{n} run{'' if n == 1 else 's'} to summarise: an interval needs two or more, better "
            "20; replicate with n=20"
        )
    rows = []
    for key, values in gathering.values(metrics).items():
        unit = BY_NAME[key.metric].unit
        e = mean_of(values, confidence, unit=unit)
        rows.append(
            {"period": key.period, "workflow": key.workflow, "metric": key.metric,
             "unit": str(unit), **{c: getattr(e, c) for c in _COLUMNS}}
        )  # fmt: skip
    frame = pd.DataFrame(rows, columns=["period", "workflow", "metric", "unit", *_COLUMNS])
    return Summary(
        frame, gathering.seeds, gathering.record, gathering.span, confidence, tuple(notes)
    )
