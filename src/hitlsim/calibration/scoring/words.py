"""What a learnt score is said to be worth, in sentences."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from ...decisions.estimating.intervals import Estimate
from ...decisions.log import DecisionLog
from ...errors import LogError
from .afterwards import Suspect
from .crossfit import Held
from .encoding import Floats, Kind
from .judging import FALSE_ALARM, WORTH_AUROC, Signal
from .learnable import HOUR, WEEKDAY, Asked, short
from .learners import Model
from .parts import Ints, Lesson

_LEVEL_OFF = 0.02


def figure(e: Estimate, digits: int = 3) -> str:
    """A figure with its interval.

    >>> figure(Estimate(0.3613, 0.287, 0.507, 10248, "weeks"))
    '.361 (.287 to .507)'
    """
    return f"{_short(e.value, digits)} ({_short(e.low, digits)} to {_short(e.high, digits)})"


def _short(value: float, digits: int) -> str:
    text = f"{value:.{digits}f}"
    return text.replace("0.", ".", 1) if abs(value) < 1 else text


def findings(
    data: Lesson,
    tested: Signal,
    figures: Mapping[str, Estimate],
    found: tuple[Suspect, ...],
    asked: Asked,
    *,
    looked: bool,
) -> tuple[str, ...]:
    """Signal or not, then what it is worth beside the base rate and the given confidence.

    ``looked`` says whether columns known only afterwards could be looked for.
    """
    said = [_signal(data, tested)]
    if tested.status == "signal" and not looked:
        said.append(
            "That may be because a column came with the outcome: there are too few wrong outcomes, "
            "or too few right ones, to look for columns known only afterwards. Make sure that each "
            "was there before the decision, and name the others in leave_out."
        )
    if tested.status == "signal":
        lower = (
            f"Its log-loss is lower than that of the base rate known at that time by "
            f"{figure(tested.gain, 4)}"
        )
        unsure = ": so little that chance could account for it" if tested.gain.low <= 0 else ""
        said.append(f"{lower}{unsure}.")
    if "gain_over_given" in figures:
        said.append(_beside_given(figures))
    left = [short(s.column) for s in found if s.column in asked.dropped]
    if left and "log_loss_with" in figures:
        names = " and ".join(left)
        said.append(
            f"With {names} the log-loss would be {figure(figures['log_loss_with'])} and the "
            f"AUROC {figure(figures['auroc_with'])}; without {figure(figures['log_loss'])} and "
            f"{figure(figures['auroc'])}. Only the latter holds for decisions still open."
        )
    return tuple(said)


def _signal(data: Lesson, tested: Signal) -> str:
    known = int(data.known.sum())
    alarm = f"{FALSE_ALARM:.0%}"
    if tested.status == "signal":
        weak = "a signal, but a weak one" if tested.gain.low <= 0 else "a signal"
        inside = "decisions of the same day" if data.has_time else "decisions"
        return (
            f"There is {weak}: the score ranks {inside} better than chance "
            f"({_p(tested.p_value)}; a log without a signal passes in "
            f"{alarm} of cases)."
        )
    if tested.status == "no signal" and tested.p_value < FALSE_ALARM:
        return (
            "No signal that is of use: the score ranks decisions of the same day better than "
            f"chance ({_p(tested.p_value)}), but on the whole it foretells outcomes no better than "
            f"the base rate known at that time (gain in log-loss {figure(tested.gain, 4)}, "
            f"{known:,} outcomes). Do not use it: other columns, or more outcomes, are needed."
        )
    if tested.status == "no signal":
        return (
            "No signal: what was known beforehand does not tell right from wrong better than the "
            f"base rate known at that time ({_p(tested.p_value)}, {known:,} outcomes). Do not use "
            "this score: other columns are needed."
        )
    return (
        f"Not enough evidence: no signal was found, but {known:,} outcomes would show a useful one "
        f"(AUROC {_short(WORTH_AUROC, 2)}) in only {tested.power:.0%} of cases. About "
        f"{tested.needed:,} would do."
    )


def _p(value: float) -> str:
    return "p under .0001" if value < 1e-4 else f"p = {_short(value, 2 if value > 0.1 else 4)}"


def _beside_given(figures: Mapping[str, Estimate]) -> str:
    e = figures["gain_over_given"]
    numbers = (
        f"log-loss {figure(figures['log_loss_beside_given'])} against "
        f"{figure(figures['given_log_loss'])}, AUROC {figure(figures['auroc_beside_given'])} "
        f"against {figure(figures['given_auroc'])}, on the {e.n:,.0f} decisions that have both"
    )
    by = f"difference {figure(e, 4)}"
    order = figures["auroc_over_given"]
    if e.low > 0 and order.high < 0:
        return (
            f"The confidence the log came with ranks decisions better, only its level is worse: "
            f"{numbers}. Keep it, and recalibrate it."
        )
    if e.low > 0:
        return f"The learnt score beats the confidence the log came with: {numbers}; {by}."
    if e.high < 0 or order.high < 0:
        return f"The confidence the log came with is better, keep it: {numbers}; {by}."
    return (
        f"Whether the learnt score is better than the confidence the log came with cannot be "
        f"told: {numbers}; {by}."
    )


def warnings(
    data: Lesson,
    held: Held,
    asked: Asked,
    found: tuple[Suspect, ...],
    figures: Mapping[str, Estimate],
    rows: Ints,
    *,
    usable: bool,
) -> tuple[str, ...]:
    """What to be careful about; the level matters only where the order is usable."""
    said = [_suspect(s, s.column in asked.dropped) for s in found]
    if asked.account is not None:
        name = short(asked.account)
        said.append(
            f"Decisions of the same {name} were taken for those of one account: none taught a "
            f"score that others of them were judged by, and {name} itself taught nothing."
        )
    error, chance = figures["ece"], figures["ece_by_chance"]
    promised = float(np.average(held.p[rows], weights=data.weight[rows]))
    was = float(np.average(data.right[rows], weights=data.weight[rows]))
    if usable and error.value > chance.high:
        off = (
            f": it promised {promised:.1%} right on average, {was:.1%} were"
            if abs(promised - was) > _LEVEL_OFF
            else ""
        )
        said.append(
            f"Its level is off by {_short(error.value, 3)} on average (up to "
            f"{_short(chance.high, 3)} by chance){off}. Its order can be used, thresholds on it "
            "should be checked every month."
        )
    if data.has_time:
        unscored = int(np.isnan(held.p).sum())
        until = int(np.flatnonzero(~np.isnan(held.p))[0])
        said.append(
            f"The first {unscored:,} of {len(data):,} decisions ({data.at_days[until]:,.0f} days) "
            "only taught and have no score of their own."
        )
    else:
        said.append(
            "The log has too few different days for an order of time: parts were taken by chance, "
            "which flatters where the world changes."
        )
    return tuple(said)


def span(log: DecisionLog, data: Lesson, rows: Ints) -> str:
    """From when to when some decisions were taken."""
    at = log.frame["decided_at"].iloc[data.order[rows]]
    if not data.has_time:
        return "each scored by the others"
    return f"{at.min():%Y-%m-%d} to {at.max():%Y-%m-%d}, the last third of the log"


def _suspect(s: Suspect, left_out: bool) -> str:
    done = "Left out" if left_out else "Kept because you asked for it"
    return (
        f"{short(s.column)} looks known only after the decision: {'; '.join(s.reasons)} "
        f"(AUROC alone {figure(s.alone)}). {done}."
    )


def fitting(model: Model, frame: pd.DataFrame) -> pd.DataFrame:
    """The columns a score reads, as it learnt to read them.

    Raises
    ------
    LogError
        When some are missing, or hold words instead of numbers.
    """
    learnt = {c.name: c.kind for c in model.columns.columns}
    missing = [short(n) for n in learnt if n not in frame and n not in (HOUR, WEEKDAY)]
    if missing:
        raise LogError(
            f"the log lacks {', '.join(missing)}, which the score was learnt from; export "
            f"{'it' if len(missing) == 1 else 'them'} too, and read the log with context=True"
        )
    columns = {}
    for name, kind in learnt.items():
        values = frame[name]
        if kind is Kind.NUMBER and not pd.api.types.is_numeric_dtype(values):
            if values.notna().any():
                raise LogError(
                    f"{short(name)} held numbers when the score was learnt and holds words such "
                    f"as {values.dropna().iloc[0]!r} now; mend the export"
                )
            values = pd.Series(np.nan, frame.index)
        elif kind is not Kind.NUMBER and pd.api.types.is_numeric_dtype(values):
            values = pd.Series(_as_words(values.to_numpy(float)), frame.index, dtype=object)
        columns[name] = values
    return pd.DataFrame(columns, index=frame.index)


def _as_words(values: Floats) -> list[str | None]:
    """Words that all happen to be numbers this month."""
    return [None if np.isnan(x) else f"{x:g}" for x in values]
