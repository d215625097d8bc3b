"""What the same worlds did to several policies."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ...decisions.counting.metrics import BY_NAME
from ...errors import LogError, NotEnoughEvidence, ScenarioError
from ...scenario.scenario import Scenario
from ...shown import Shown
from .differences import Difference, Verdict, difference_of, one_of_many
from .means import MeanOfRuns, mean_of
from .stopping import runs_needed
from .summaries import told_runs
from .telling import KEY_METRICS, Scale, finer, scale_of, unit_words

_MEAN = ("value", "low", "high", "n", "sd", "p5", "p95", "assumes")
_DIFFERENCE = (*_MEAN, "verdict", "times_unpaired")


def frame_of(
    values: Mapping[str, Mapping[str, NDArray[np.float64]]], confidence: float
) -> pd.DataFrame:
    """One row for each policy and metric, from values run by run; the baseline comes first."""
    base, *others = values
    rows = []
    for label, mine in values.items():
        for metric, ours in mine.items():
            unit = BY_NAME[metric].unit
            e = mean_of(ours, confidence, unit=unit)
            row: dict[str, Any] = {"policy": label, "metric": metric, "unit": str(unit)}
            row |= {name: getattr(e, name) for name in _MEAN}
            if label != base and metric in values[base]:
                d = difference_of(metric, values[base][metric], ours, confidence, len(others))
                row |= {f"difference_{name}": getattr(d, name) for name in _DIFFERENCE}
                row["difference_verdict"] = str(d.verdict)
            rows.append(row)
    columns = ["policy", "metric", "unit", *_MEAN, *(f"difference_{c}" for c in _DIFFERENCE)]
    return pd.DataFrame(rows, columns=columns)


@dataclass(frozen=True)
class Comparison(Shown):
    """What the same worlds did to several policies.

    Attributes
    ----------
    frame : DataFrame
        One row for each policy and metric: value, low, high, n, sd, p5, p95 over its runs and,
        with the prefix ``difference_``, the same for its paired differences to the baseline, with
        verdict and times_unpaired.
    baseline : str
    scenarios : mapping of str to Scenario
        As they were simulated: under one name, so that the same decisions are audited.
    seeds : tuple of int
    span : tuple of Timestamp
        First and last day counted, of the baseline.
    confidence : float
    own_draws : tuple of str
        Policies whose world differs from the baseline's, by volumes, hours, signals or the AI. They
        have draws of their own from the same seeds: what does not differ is still shared.
    notes : tuple of str
        What became of the precision asked for.
    """

    frame: pd.DataFrame
    baseline: str
    scenarios: Mapping[str, Scenario]
    seeds: tuple[int, ...]
    span: tuple[pd.Timestamp, pd.Timestamp]
    confidence: float = 0.95
    own_draws: tuple[str, ...] = ()
    notes: tuple[str, ...] = field(default=())

    @property
    def policies(self) -> list[str]:
        """Labels, the baseline first."""
        return list(self.scenarios)

    def _row(self, metric: str, policy: str) -> dict[str, Any]:
        f = self.frame
        for name, value in (("policy", policy), ("metric", metric)):
            known = list(dict.fromkeys(f[name]))
            if value not in known:
                raise LogError(
                    f"{name} {value!r} is not in the comparison; it has {', '.join(known)}"
                )
        rows = f[(f["metric"] == metric) & (f["policy"] == policy)].to_dict("records")
        if not rows:
            raise LogError(f"{metric}: not known of {policy} in any run")
        return dict(rows[0])

    def get(self, metric: str, policy: str) -> MeanOfRuns:
        """One policy's figure.

        Raises
        ------
        LogError
            When there is no such metric or policy.
        """
        row = self._row(metric, policy)
        return MeanOfRuns(**{c: row[c] for c in _MEAN}, confidence=self.confidence)

    def difference(self, metric: str, policy: str) -> Difference:
        """How much a policy's figure differs from the baseline's in the same worlds."""
        row = self._row(metric, policy)
        if policy == self.baseline:
            raise LogError(f"{policy} is the baseline; ask for the difference of another policy")
        if not isinstance(row["difference_verdict"], str):
            raise LogError(f"{metric}: not known of {self.baseline} in any run")
        numbers = {c: row[f"difference_{c}"] for c in _DIFFERENCE}
        each = one_of_many(self.confidence, len(self.policies) - 1)
        numbers["verdict"] = Verdict(numbers["verdict"])
        return Difference(**numbers, confidence=each)

    def runs_needed(self, metric: str, policy: str, half_width: float) -> int:
        """About how many pairs make the interval of a difference this narrow."""
        e = self.difference(metric, policy)
        if not half_width > 0:
            raise ScenarioError(f"half_width={half_width!r} must be above 0")
        if math.isnan(e.sd):
            raise NotEnoughEvidence(f"{metric} is known in {e.n:.0f} pairs only; make more runs")
        return math.ceil(runs_needed(e.sd, half_width, e.confidence) * len(self.seeds) / e.n)

    @property
    def title(self) -> str:
        """What was run, in a line."""
        others = ", ".join(p for p in self.policies if p != self.baseline)
        return f"{others} against {self.baseline}: {told_runs(self.seeds, self.span, 'runs each')}"

    def rows(self, policy: str, metrics: Iterable[str] | None = None) -> pd.DataFrame:
        """One policy beside the baseline, as texts."""
        f = self.frame
        base = f[f["policy"] == self.baseline].set_index("metric")
        mine = f[(f["policy"] == policy) & f["metric"].isin(base.index)]
        if metrics is not None:
            mine = mine[mine["metric"].isin(set(metrics))]
        out = []
        for r in mine.to_dict("records"):
            b = base.loc[r["metric"]]
            means = (r["value"], b["value"])
            scale = scale_of(r["unit"], means, [_half(r), _half(b)])
            out.append(
                {
                    "metric": r["metric"],
                    "title": BY_NAME[r["metric"]].title + unit_words(r["unit"]),
                    "baseline": scale.figure(b["value"]),
                    "policy": scale.figure(r["value"]),
                    **_told(r, finer(scale, _half(r, "difference_"))),
                }
            )
        return pd.DataFrame(out)

    def readable(self, policy: str, metrics: Iterable[str] | None = None) -> pd.DataFrame:
        """One policy beside the baseline, as texts under headings."""
        headings = {
            "title": "", "baseline": self.baseline, "policy": policy,
            "difference": f"difference ({100 * self.confidence:g}%)", "verdict": "verdict",
        }  # fmt: skip
        rows = self.rows(policy, metrics)
        return pd.DataFrame(rows[list(headings)].to_numpy(), columns=list(headings.values()))

    def remarks(self) -> list[str]:
        """What must be known to read the table."""
        out = list(self.notes)
        others = len(self.policies) - 1
        coverage = f"{100 * self.confidence:g}%"
        if others > 1:
            out.append(
                f"For each metric the intervals of all {others} differences hold together with "
                f"{coverage} (Bonferroni); different metrics stand by themselves."
            )
        if self.own_draws:
            out.append(
                f"Not the same world as {self.baseline}: {', '.join(self.own_draws)}. Volumes, "
                "hours, signals or the AI's behaviour differ; draws come from the same seeds."
            )
        found = ~self.frame["difference_verdict"].isin([Verdict.OPEN, Verdict.SAME])
        times = self.frame.loc[found, "difference_times_unpaired"].dropna()
        if len(times):
            out.append(
                f"Paired by seed: unpaired, {_times(times.median())} times as many runs would "
                "have been needed for intervals as narrow (median of the metrics that differ)."
            )
        return out

    def __str__(self) -> str:
        parts = [self.title]
        for policy in self.policies[1:]:
            parts += ["", self.readable(policy, KEY_METRICS).to_string(index=False)]
        return "\n".join([*parts, "", *self.remarks()])


def _times(ratio: float) -> str:
    """A ratio in two digits.

    >>> _times(3.14), _times(31.4), _times(31_415)
    ('3.1', '31', '31,000')
    """
    if ratio < 10:
        return f"{ratio:.1f}"
    digits = math.floor(math.log10(ratio)) - 1
    return f"{round(ratio, -digits):,.0f}"


def _half(r: Mapping[str, Any], prefix: str = "") -> float:
    return float(r[f"{prefix}high"] - r[f"{prefix}low"]) / 2


def _told(r: Mapping[str, Any], scale: Scale) -> dict[str, str]:
    """A difference as texts."""
    if r["difference_verdict"] == Verdict.SAME:
        return {"difference": "none", "verdict": str(Verdict.SAME)}
    half, change = _half(r, "difference_"), r["difference_value"]
    if not scale.shows(abs(change) + half):
        return {"difference": "hardly any", "verdict": "about the same"}
    return {"difference": scale.change(change, half), "verdict": str(r["difference_verdict"])}
