"""A score learnt from a log: P(the AI is right), from what was known before the decision."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from ...decisions.columns import held as in_order
from ...decisions.estimating.intervals import Estimate
from ...decisions.log import DecisionLog
from ...shown import Shown
from . import judging, words
from .afterwards import Suspect, suspects
from .crossfit import Held, cross_fit, final
from .encoding import Floats
from .learnable import Asked, ask, named, raw, short
from .learners import Level, Model, log_losses
from .parts import Bools, Ints, Lesson, lesson

Judged = tuple[Floats, Bools, Floats]


@dataclass(frozen=True)
class Score(Shown):
    """A learnt score, and how far it can be believed.

    Attributes
    ----------
    status : str
        ``signal``, ``no signal`` or ``not enough evidence``.
    figures : dict of Estimate
        On decisions that nothing was learnt from: ``log_loss``, ``auroc``, ``brier``, ``ece``
        and ``ece_by_chance`` (what a perfect score would show); ``base_log_loss`` of the base rate
        known at that time; ``gain`` of the score over it, on all scored decisions. Where the log
        had a confidence also ``given_log_loss``, ``given_auroc``, those of the learnt score on the
        same decisions (``log_loss_beside_given``, ``auroc_beside_given``), and by how much it is
        better: ``gain_over_given`` in log-loss, ``auroc_over_given``; where
        columns look known only afterwards also ``log_loss_with`` and ``auroc_with`` them.
    columns : DataFrame
        What the score uses: ``column`` and its permutation ``importance`` with ``low``, ``high``.
    suspects : tuple of Suspect
        Columns that look known only after the decision.
    warnings : tuple of str
        What to be careful about.
    record : dict
        Where it was learnt: source, rows, times, versions, seed, by what.
    scored : DecisionLog or None
        The log with the score as its ``confidence``, without the first part, which only taught,
        and without tests of reviewers; None for a score that was read from a file.
    """

    status: str
    figures: Mapping[str, Estimate]
    columns: pd.DataFrame
    suspects: tuple[Suspect, ...]
    warnings: tuple[str, ...]
    findings: tuple[str, ...]
    record: Mapping[str, Any]
    model: Model
    scored: DecisionLog | None = None
    judged: Judged | None = None
    """Score, outcome and weight of the decisions that the figures are on."""
    judged_on: str = ""
    """Which decisions those are, in words."""

    def why(self) -> list[str]:
        """What was found, most important first, then what to be careful about."""
        return [*self.findings, *self.warnings]

    def apply(self, log: DecisionLog) -> DecisionLog:
        """Score other decisions, such as next month's.

        Words never seen before count as rare ones.

        Parameters
        ----------
        log : DecisionLog
            With the columns the score was learnt from.

        Returns
        -------
        DecisionLog
            With the score as its ``confidence``.

        Raises
        ------
        LogError
            When columns are missing, or hold words where the score learnt from numbers.
        """
        frame = words.fitting(self.model, raw(log))
        p = self.model.scores(frame) if len(frame) else np.empty(0)
        until = pd.Timestamp(self.record["learnt_until"])
        seen = int((log.frame["decided_at"] <= until).sum())
        return _with_confidence(log, np.ones(len(log), bool), p, self.told(seen))

    def told(self, seen: int = 0) -> dict[str, Any]:
        """What a scored log's record says on where its confidence comes from."""
        figures = {n: [e.value, e.low, e.high, e.n] for n, e in self.figures.items()}
        told = {**self.record, "status": self.status, "figures": figures}
        return {**told, "decided_before_it_was_learnt": seen}

    def table(self) -> pd.DataFrame:
        """The figures, one row each."""
        rows = [
            {"figure": n, "value": e.value, "low": e.low, "high": e.high, "n": e.n,
             "assumes": e.assumes} for n, e in self.figures.items()
        ]  # fmt: skip
        return pd.DataFrame(rows).set_index("figure")

    def write(self, path: str | Path) -> Path:
        """Write the score to a text file that :func:`read_score` reads; it holds no code."""
        from .file import write

        return write(self, Path(path))

    def to_dict(self) -> dict[str, Any]:
        """Everything but the model as plain values, for ``results.json``."""
        return {**self.told(), "columns": self.columns.to_dict("list"), "why": self.why()}


def score(
    log: DecisionLog, *, leave_out: Iterable[str] = (), keep: Iterable[str] = (), seed: int = 7
) -> Score:
    """Learn a score where a log has none, or a useless one.

    What was known before each decision (columns brought along by ``read_log(..., context=True)``,
    and workflow, channel, deal size, signals, sources, agent, action, hour and weekday) is
    learnt from in order of time: every part of the log is scored by what was learnt before it, and
    the first part only teaches. Decisions of one account, and twins, never lie on both sides.
    Outcomes weigh by one over their chance to be known; what only a complaint told is left out, and
    so are decisions put in to test reviewers. Columns that look known only after the decision are
    left out too, and named.

    Parameters
    ----------
    log : DecisionLog
    leave_out : iterable of str
        Columns not to learn from; ``context_`` may be left away.
    keep : iterable of str
        Columns to learn from even if they look known only afterwards, or tell accounts apart.
    seed : int

    Returns
    -------
    Score

    Raises
    ------
    LogError
        When there is nothing to learn from, or a column named is not there.
    NotEnoughEvidence
        When too few outcomes are known to learn anything, or to judge what was learnt.

    References
    ----------
    Dawid 1984 (prequential forecasts); Kaufman, Rosset & Perlich 2012 (leakage).

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> from hitlsim.decisions.log import DecisionLog
    >>> rng, n = np.random.default_rng(1), 900
    >>> size = rng.lognormal(8, 1, n)
    >>> frame = pd.DataFrame({
    ...     "decision_id": [f"d{i}" for i in range(n)], "workflow": "all", "deal_size": size,
    ...     "decided_at": pd.date_range("2026-06-01", periods=n, freq="2h", tz="UTC"),
    ...     "ok": pd.array(rng.random(n) < np.where(size > 3000, 0.95, 0.6), dtype="boolean")})
    >>> found = score(DecisionLog(frame))
    >>> found.status, found.columns["column"][0]
    ('signal', 'deal_size')
    """
    # what is loaded later would not be held to one thread
    import sklearn.ensemble
    import sklearn.linear_model  # noqa: F401 - as above
    from threadpoolctl import threadpool_limits

    # one thread: sums in the same order on every machine, and no quarrel with other programs
    with threadpool_limits(limits=1):
        return _score(log, list(leave_out), list(keep), seed)


def _score(log: DecisionLog, out: list[str], kept: list[str], seed: int) -> Score:
    # tests of reviewers are none of the team's decisions
    log = DecisionLog(log.frame[~log.tests].reset_index(drop=True), log.record, log.rejects)
    asked = ask(log, out, kept)
    insisted = named(asked.kinds, kept, "keep")
    everything = lesson(log, asked)
    looked = suspects(everything, seed)
    found = tuple(looked or ())
    left = [s for s in found if s.column not in insisted]
    if not left:
        data, held = everything, cross_fit(everything, seed)
    else:
        kinds = {s.column: "looks known only after the decision" for s in left}
        asked = ask(log, [*out, *kinds], kept)
        asked = Asked(asked.kinds, {**asked.dropped, **kinds}, asked.account)
        data = lesson(log, asked)
        held = cross_fit(data, seed)
    return _judged(
        log, data, held, asked, found, everything if left else None, seed, looked=looked is not None
    )


def _judged(
    log: DecisionLog,
    data: Lesson,
    held: Held,
    asked: Asked,
    found: tuple[Suspect, ...],
    with_all: Lesson | None,
    seed: int,
    *,
    looked: bool,
) -> Score:
    rows = judging.judged_on(data, held.p)
    tested = judging.signal(data, held, seed)
    figures = judging.figures(data, held.p, rows, seed)
    base = judging.mean_of(log_losses(held.base[rows], data.right[rows]))
    figures["base_log_loss"] = judging.resampled(data, rows, base, seed)
    figures["gain"] = tested.gain
    figures |= _beside_given(data, held, rows, seed)
    if with_all is not None:
        other = judging.two_figures(with_all, cross_fit(with_all, seed).p, rows, seed)
        figures |= {f"{name}_with": e for name, e in other.items()}
    model = final(data, held, seed)
    record = _record(log, data, held, asked, seed)
    learnt = Score(
        status=tested.status,
        figures=figures,
        columns=judging.importances(data, held, rows, seed),
        suspects=found,
        warnings=words.warnings(
            data, held, asked, found, figures, rows, usable=tested.status == "signal"
        ),
        findings=words.findings(data, tested, figures, found, asked, looked=looked),
        record=record,
        model=model,
        judged=(held.p[rows], data.right[rows], data.weight[rows]),
        judged_on=words.span(log, data, rows),
    )
    taken = np.empty(len(log), bool)
    taken[data.order] = ~np.isnan(held.p)
    p = np.empty(len(log))
    p[data.order] = held.p
    told = learnt.told() | {"held_out": True, "unscored": int((~taken).sum())}
    return replace(learnt, scored=_with_confidence(log, taken, p[taken], told))


def _beside_given(data: Lesson, held: Held, rows: Ints, seed: int) -> dict[str, Estimate]:
    """The confidence that the log came with, on the same decisions."""
    both, given = judging.given_on(data, held.p, rows)
    if len(both) < len(rows) / 2:
        return {}
    ours = judging.two_figures(data, held.p, both, seed)
    theirs = judging.two_figures(data, given, both, seed)
    return {
        "log_loss_beside_given": ours["log_loss"],
        "auroc_beside_given": ours["auroc"],
        "given_log_loss": theirs["log_loss"],
        "given_auroc": theirs["auroc"],
        "gain_over_given": judging.gain(data, held.p, given, both, seed),
        "auroc_over_given": judging.better_order(data, held.p, given, both, seed),
    }


def _record(log: DecisionLog, data: Lesson, held: Held, asked: Asked, seed: int) -> dict[str, Any]:
    at = log.frame["decided_at"]
    return {
        "learnt_by": str(held.candidate),
        "level_corrected": held.level != Level(),
        "half_life_days": held.half_life,
        "columns": [short(name) for name in asked.kinds],
        "left_out": {short(name): why for name, why in asked.dropped.items()},
        "source": log.record.get("source"),
        "sha256": log.record.get("sha256"),
        "decisions": len(data),
        "outcomes_known": int(data.known.sum()),
        "learnt_from": at.min().isoformat(),
        "learnt_until": at.max().isoformat(),
        "seed": seed,
        "versions": {name: version(name) for name in ("hitlsim", "scikit-learn", "numpy")},
    }


def _with_confidence(log: DecisionLog, rows: Bools, p: Floats, told: dict[str, Any]) -> DecisionLog:
    frame = log.frame[rows].reset_index(drop=True)
    frame["confidence"] = p
    record = {**log.record, "learnt_score": told}
    return DecisionLog(in_order(frame), record, log.rejects)
