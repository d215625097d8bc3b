"""What advice brought: silent errors, guarantees kept, money, and how much was to be had."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING

from ....decisions.estimating.intervals import Estimate
from ....scenario.explain import listed
from ..telling.amounts import percent
from .tables import SILENT, estimate, silent_of
from .verdict import count, less_or_more, saved, sureness, than_nothing, the

if TYPE_CHECKING:
    from .backtest import Backtest


def silent_errors(b: Backtest) -> Iterator[str]:
    """Silent errors under the advice and under doing nothing, and the worst month."""
    name = silent_of(b)
    now, usual = (estimate(b.total(p), name) for p in ("advice", b.nothing))
    if not now.known:
        return
    asked, before = (float(b.total(p)["exception_rate"]) for p in ("advice", b.nothing))
    yield (
        f"{SILENT[name].capitalize()} came to {percent(now)} under the advice, "
        f"{_told(usual)} with {the(b.nothing)}, for {asked:.1%} and {before:.1%} exceptions."
    )
    rows, other = b.of("advice"), b.of(b.nothing)
    if rows[f"{name}_low"].notna().any():
        # the one that chance accounts for least
        at = int(rows[f"{name}_low"].idxmax())
        yield (
            f"The worst {b.by} was {rows['month'][at]}: {percent(estimate(rows.loc[at], name))} "
            f"under the advice, {_told(estimate(other.loc[at], name))} with {the(b.nothing)}, of "
            f"{rows['n'][at]:,} decisions."
        )


def _told(e: Estimate) -> str:
    return percent(e) if e.known else "not known"


def guarantees(b: Backtest) -> Iterator[str]:
    """How many guarantees were given, and what became of them."""
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
    later = f", and {len(given) - len(known)} cannot be told yet" if len(known) < len(given) else ""
    confidence = b.goals.confidence if b.spending is None else b.spending.each
    yield (
        f"A guarantee with {100 * confidence:.4g}% confidence was given in {len(given)} of "
        f"{count(len(rows), b.by)}: {SILENT[name]} then lay above {100 * most:.3g}% in {above}, "
        f"in {broken} by more than chance{later}. It holds as long as decisions stay alike; it "
        f"cannot foresee a {b.by} that is not."
    )
    if b.spending is not None:
        yield b.spending.words()[0]


def costs(b: Backtest) -> Iterator[str]:
    """What the advice costs beside doing nothing."""
    less = saved(b, b.nothing)
    if less.known and (b.goals.exception_rate is not None or b.goals.silent is not None):
        yield f"1,000 decisions cost {less_or_more(less, b)} {than_nothing(b)}{sureness(less)}."
    if less.known and not b.complete:
        total = b.total("advice")
        yield (
            f"Of {total['n']:,.0f} decisions {total['outcomes']:,.0f} outcomes are known, so costs "
            "are reckoned from chances of being wrong as learnt from the whole log."
        )


def hindsight(b: Backtest) -> str:
    """How much was to be had."""
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
    less = saved(b, "in hindsight")
    if less.known:
        cash = f"{b.currency} " if b.currency else ""
        more = "less" if less.value < 0 else "more"
        said.append(f"{cash}{abs(less.value):,.0f} {more} per 1,000 decisions than the advice")
    return f"The best rules in hindsight, {how}, which nobody can have: {listed(said)}."
