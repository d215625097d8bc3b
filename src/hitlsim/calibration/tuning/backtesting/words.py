"""A backtest in words: the verdict, then what it rests on."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from ....decisions.estimating.intervals import Estimate
from ....scenario.explain import listed
from ..telling.words import chance, money, percent
from ..weighing.holding import Band
from .judged import RECOMMENDED

if TYPE_CHECKING:
    from .backtest import Backtest

SILENT = {
    "fn_share": "silent errors, as a share of all decisions,",
    "fn_of_auto": "silent errors, as a share of what goes alone,",
    "fn_of_bad": "silent errors, as a share of all errors,",
}
_ASSUMED = {
    "harm": "harm of an error", "harm_deal_share": "share of the deal lost besides",
    "hour": "an hour of review", "minutes": "minutes of a review",
    "override_spoils": "share of wrong overrides that spoil", "catches": "share of errors caught",
    "overrides_right": "share of right ones overridden",
}  # fmt: skip
_HELD, _MOSTLY = 0.8, 0.5
"""Shares of months from which advice is said to have held, or to have done so mostly."""
_BY_CHANCE = 0.05
_SURE = 0.8
"""Stated chances from which somebody would rely on them."""


def sentences(b: Backtest) -> Iterator[str]:
    """The verdict, then what it rests on."""
    yield verdict(b)
    yield from _guesses(b)
    if b.goals.exception_rate is not None:
        yield _stretches(b)
        yield from _stated(b)
    yield from _silent(b)
    yield from _guaranteed(b)
    yield from _cost(b)
    yield _hindsight(b)
    yield from _not_judged(b)
    yield from _kept(b)
    yield b.dated
    yield _granted(b)


# --- the verdict ---------------------------------------------------------------------------------


def verdict(b: Backtest) -> str:
    """Whether the advice held, and whether doing nothing would have."""
    k = len(b.of("advice"))
    if b.goals.exception_rate is None and b.goals.silent is None:
        less = _saves(b, b.nothing)
        if not less.known:
            return f"Advice of {_count(k, b.by)}: the log cannot say what it would have cost."
        did = "paid" if less.low > 0 else "cost" if less.high < 0 else "made no sure difference"
        return f"The advice would have {did}: {_less(less, b)} {_than(b)}, over {_count(k, b.by)}."
    kept, other = (int(held(b, name).sum()) for name in ("advice", b.nothing))
    sure, share = held(b, "advice")[recommended(b)], share_held(b)
    if len(sure) == k:
        return (
            f"{_lead(share, b.by)}: {_targets(b)} in {kept} of {_count(k, b.by)}, "
            f"{_beside(kept, other)} with {_nothing(b)} ({other})."
        )
    followed = int(held(b, b.followed).sum())
    if not len(sure):
        return (
            f"In no {b.by} of {k} would tune have recommended its rules. Under its best guesses "
            f"{_targets(b)} in {kept}. Who follows it has that in {followed}, "
            f"{_beside(followed, other)} with {_nothing(b)} ({other})."
        )
    return (
        f"{_lead(share, b.by)}: in {len(sure)} of {_count(k, b.by)} tune would have recommended "
        f"its rules, and in {int(sure.sum()) or 'none'} of those {_targets(b)}. Who follows it "
        f"has that in {followed} of {k}, {_beside(followed, other)} with {_nothing(b)} ({other})."
    )


def _lead(share: float, by: str) -> str:
    if share >= _HELD:
        return "The advice held"
    return f"The advice held in most {by}s only" if share > _MOSTLY else "The advice did not hold"


def _beside(kept: int, other: int) -> str:
    return "as many as" if kept == other else "more than" if kept > other else "fewer than"


def recommended(b: Backtest) -> pd.Series:
    """For each month that can be judged whether tune would have recommended the advice."""
    return b.of("advice")["status"] == RECOMMENDED


def share_held(b: Backtest) -> float:
    """The share of months in which what was recommended kept its targets; NaN of none."""
    sure = held(b, "advice")[recommended(b)]
    return float(sure.mean()) if len(sure) else math.nan


def held(b: Backtest, policy: str) -> pd.Series:
    """For each month whether the band and the limit on silent errors were kept."""
    rows = b.of(policy)
    good = pd.Series(True, rows.index)
    for column in ("inside", "silent_kept"):
        if column in rows and rows[column].notna().any():
            good &= rows[column].fillna(False).astype(bool)
    return good


def _targets(b: Backtest) -> str:
    said = []
    if b.goals.exception_rate is not None:
        said.append(f"exceptions lay inside {band_of(b)}")
    if b.goals.silent is not None and b.of("advice")["silent_kept"].notna().any():
        said.append(f"{_limit(b)}")
    return listed(said) or "silent errors are not known"


def _limit(b: Backtest) -> str:
    name, most = b.goals.silent or ("fn_share", 1.0)
    return f"{SILENT[name]} were not above {100 * most:.3g}% by more than chance"


def band_of(b: Backtest) -> Band:
    """The band asked for, which writes itself."""
    return Band(*b.goals.band, 1)


def _nothing(b: Backtest) -> str:
    here = "" if b.nothing == "doing nothing" else ", which is doing nothing here"
    return f"{the(b.nothing)}{here}"


def the(policy: str) -> str:
    """A policy in a sentence.

    >>> the("usual 90/70"), the("doing nothing")
    ('the usual 90/70', 'doing nothing')
    """
    return f"the {policy}" if policy.startswith("usual") else policy


def _count(k: int, by: str) -> str:
    return f"{k} {by}{'s' if k != 1 else ''}"


# --- month by month ------------------------------------------------------------------------------


def _guesses(b: Backtest) -> Iterator[str]:
    """Months in which the advice was not recommended, and what following the tool came to."""
    if months := guessed(b):
        rows = b.of("advice")
        guesses = rows[_guess(rows)]["status"]
        yield (
            f"Not recommended in {len(guesses)} of {_count(len(rows), b.by)} "
            f"({listed(list(guesses.unique()))}): {months}. The advice shown there is a best "
            "guess, which tune would not write; as followed, the rules from before stay."
        )
    if b.followed == "advice":
        return
    total = b.total(b.followed)
    said = [f"{total['exception_rate']:.1%} exceptions"]
    if not math.isnan(total[silent_of(b)]):
        said.append(f"{percent(estimate(total, silent_of(b)))} silent errors")
    less = estimate(b.total(b.nothing), "saves_followed")
    if less.known:
        said.append(f"{_less(less, b)} per 1,000 decisions than with {the(b.nothing)}{_sure(less)}")
    yield f"As followed: {'; '.join(said)}."


def guessed(b: Backtest) -> str:
    """The months judged in which the advice was not recommended; empty if it always was."""
    rows = b.frame[b.frame["policy"] == "advice"]
    said = []
    for first, last in stretches(_guess(rows).tolist()):
        run = rows.iloc[first : last + 1]
        run = run[run["note"] == ""]["month"].tolist()
        said += [run[0] if len(run) == 1 else f"{run[0]} to {run[-1]}"] if run else []
    return ", ".join(said)


def _guess(rows: pd.DataFrame) -> pd.Series:
    return ~rows["status"].isin([RECOMMENDED, ""])


def _stretches(b: Backtest) -> str:
    """Where the rate lay outside, and when it came back."""
    rows = b.of("advice")
    runs = stretches([not i for i in rows["inside"]])
    if not runs:
        return f"It was never outside: {_range(rows['exception_rate'])}."
    said = []
    for first, last in runs:
        where = rows["month"][first]
        if last > first:
            where += f" to {rows['month'][last]}"
        then = (
            f"inside again in {rows['month'][last + 1]}"
            if last + 1 < len(rows)
            else "not inside again by the end"
        )
        said.append(f"{where} ({_range(rows['exception_rate'][first : last + 1])}), {then}")
    lead = "Best guesses counted too, outside" if guessed(b) else "Outside"
    return f"{lead} in {'; '.join(said)}."


def stretches(flags: Sequence[bool]) -> list[tuple[int, int]]:
    """First and last place of each run of true ones.

    >>> stretches([True, False, True, True])
    [(0, 0), (2, 3)]
    """
    edges = np.flatnonzero(np.diff(np.concatenate([[0], np.asarray(flags, int), [0]])))
    return [(int(a), int(z) - 1) for a, z in edges.reshape(-1, 2)]


def _range(rates: pd.Series) -> str:
    low, high = float(rates.min()), float(rates.max())
    return f"{low:.1%}" if high - low < 5e-4 else f"{low:.1%} to {high:.1%}"


def _stated(b: Backtest) -> Iterator[str]:
    """Stated chances beside what came."""
    rows = b.of("advice")
    rows = rows[rows["chance_stated"].notna()]
    if rows.empty:
        return
    stated = rows["chance_stated"].to_numpy(float)
    came = int(rows["inside"].sum())
    sure = rows[stated >= _SURE]
    some = ""
    if len(sure):
        right = int(sure["inside"].sum())
        some = f"; where it said {_SURE:.0%} or more, {right} of {len(sure)} did"
    yield (
        f"The chance of coming inside was stated as {stated.mean():.0%} on average, and {came} of "
        f"{_count(len(rows), b.by)} did{some}. {_fits(at_most(stated, came), b.by)}"
    )


def _fits(p: float, by: str) -> str:
    if p > _BY_CHANCE:
        return "That fits what was stated."
    odds = "less than one log in 1,000" if p < 0.001 else f"one log in {1 / p:,.0f}"
    return (
        f"Were the stated chances right, so few would come in {odds}. They take the next {by} to "
        f"be like those before, and here it was not: do not rely on them before scores stay alike "
        f"from {by} to {by}."
    )


def at_most(chances: Sequence[float] | np.ndarray[Any, Any], k: int) -> float:
    """Chance that at most k of independent events come, each with its own chance.

    >>> round(at_most([0.5, 0.5, 0.5], 1), 3)
    0.5
    """
    p = np.ones(1)
    for c in np.asarray(chances, float):
        p = np.convolve(p, [1 - c, c])
    return float(min(1.0, p[: k + 1].sum()))


# --- silent errors and money ---------------------------------------------------------------------


def _silent(b: Backtest) -> Iterator[str]:
    name = silent_of(b)
    now, usual = (estimate(b.total(p), name) for p in ("advice", b.nothing))
    if not now.known:
        return
    asked, before = (float(b.total(p)["exception_rate"]) for p in ("advice", b.nothing))
    yield (
        f"{SILENT[name].capitalize()} came to {percent(now)} under the advice, "
        f"{percent(usual)} with {the(b.nothing)}, for {asked:.1%} and {before:.1%} exceptions."
    )
    rows, other = b.of("advice"), b.of(b.nothing)
    if rows[f"{name}_low"].notna().any():
        # the one that chance accounts for least
        at = int(rows[f"{name}_low"].idxmax())
        yield (
            f"The worst {b.by} was {rows['month'][at]}: {percent(estimate(rows.loc[at], name))} "
            f"under the advice, {percent(estimate(other.loc[at], name))} with {the(b.nothing)}, of "
            f"{rows['n'][at]:,} decisions."
        )


def _guaranteed(b: Backtest) -> Iterator[str]:
    if b.goals.silent is None:
        return
    rows = b.of("advice")
    if "guarantee" not in rows or not rows["guarantee"].fillna(False).any():
        yield "In no month was there evidence enough for the guarantee.".replace("month", b.by)
        return
    given = rows[rows["guarantee"].fillna(False).astype(bool)]
    known = given[given["guarantee_held"].notna()]
    name, most = b.goals.silent
    broken = int((~known["guarantee_held"].astype(bool)).sum())
    above = int((known[name] > most).sum())
    confidence = b.goals.confidence if b.spending is None else b.spending.each
    yield (
        f"A guarantee with {100 * confidence:.4g}% confidence was given in {len(given)} of "
        f"{_count(len(rows), b.by)}: {SILENT[name]} then lay above {100 * most:.3g}% in {above}, "
        f"in {broken} by more than chance. It holds as long as decisions stay alike; it cannot "
        f"foresee a {b.by} that is not."
    )
    if b.spending is not None:
        yield b.spending.words()[0]


def _cost(b: Backtest) -> Iterator[str]:
    less = _saves(b, b.nothing)
    if less.known and (b.goals.exception_rate is not None or b.goals.silent is not None):
        yield f"1,000 decisions cost {_less(less, b)} {_than(b)}{_sure(less)}."
    if less.known and not b.complete:
        total = b.total("advice")
        yield (
            f"Of {total['n']:,.0f} decisions {total['outcomes']:,.0f} outcomes are known, so costs "
            "are reckoned from chances of being wrong as learnt from the whole log."
        )


def _saves(b: Backtest, policy: str) -> Estimate:
    return estimate(b.total(policy), "saves")


def _less(less: Estimate, b: Backtest) -> str:
    if less.value >= 0:
        return f"{money(less, b.currency)} less"
    return f"{money(less.scaled(-1), b.currency)} more"


def _sure(less: Estimate) -> str:
    return "" if less.low > 0 or less.high < 0 else ", so it is not sure which is dearer"


def _than(b: Backtest) -> str:
    return f"under the advice than with {the(b.nothing)}"


def _hindsight(b: Backtest) -> str:
    total = b.total("in hindsight")
    how = (
        "from the very outcomes they are judged on"
        if b.complete
        else "from what is known today of the very decisions they are judged on"
    )
    said = []
    if b.goals.exception_rate is not None:
        said.append(f"inside in {int(total['inside'])} of {int(total['months'])}")
    name = silent_of(b)
    if not math.isnan(total[name]):
        said.append(f"{total[name]:.1%} silent errors")
    less = _saves(b, "in hindsight")
    if less.known:
        cash = f"{b.currency} " if b.currency else ""
        more = "less" if less.value < 0 else "more"
        said.append(f"{cash}{abs(less.value):,.0f} {more} per 1,000 decisions than the advice")
    return f"The best rules in hindsight, {how}, which nobody can have: {listed(said)}."


# --- what is not told ----------------------------------------------------------------------------


def _not_judged(b: Backtest) -> Iterator[str]:
    rows = b.frame[(b.frame["policy"] == "advice") & (b.frame["note"] != "")]
    if len(rows):
        each = "; ".join(f"{r.month} ({r.note})" for r in rows.itertuples())
        yield f"Not judged: {each}."
    yield f"The first advice was learnt from {b.first}, so that {b.by} itself is not judged."


def _kept(b: Backtest) -> Iterator[str]:
    """Months in which older advice had to do."""
    rows = b.of("advice")
    if "kept_because" not in rows:
        return
    rows = rows[rows["kept_because"] != ""]
    if len(rows):
        each = "; ".join(f"{r.month} ({r.kept_because})" for r in rows.itertuples())
        yield f"No new advice, so the last one stayed: {each}."


def _granted(b: Backtest) -> str:
    guessed, known = (
        [f"{_ASSUMED.get(a.name, a.name)} {a.value:.3g}" for a in b.assumptions if a.measured == m]
        for m in (False, True)
    )
    said = "Taken for granted: on other routes people do what they were seen to do"
    if guessed:
        said += f". Assumed and not measured: {listed(guessed)}"
    if known:
        said += f". Given or measured: {listed(known)}"
    return f"{said}."


def estimate(row: pd.Series, name: str) -> Estimate:
    """A figure of a row with its interval."""
    low, high = ("low", "high") if name == "exception_rate" else (f"{name}_low", f"{name}_high")
    return Estimate(float(row[name]), float(row[low]), float(row[high]), float(row["n"]), "")


# --- tables --------------------------------------------------------------------------------------


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
