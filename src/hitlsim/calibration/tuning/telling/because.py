"""Why, in words: what the rules would have given, what looks are worth, and which targets bind."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING

from ..proving.coverage import HAPPENED
from .amounts import asked, called, chance, each, in_full, percent
from .doing import missed

if TYPE_CHECKING:
    from ..recommendation import Met, Recommendation

_HARDLY = 0.005
"""Of an exception rate: looks that pay for less than this beyond the triggers pay for none."""


def rates(rec: Recommendation) -> Iterator[str]:
    """The rates that the rules would have given."""
    if rec.trigger_rate.value > 0:
        yield f"Triggers alone send {percent(rec.trigger_rate)} to people, whatever the threshold."
    if rec.status != "infeasible" or rec.trigger_rate.value <= rec.band.high:
        yield _rate(rec)
        yield _silent(rec)


def _rate(rec: Recommendation) -> str:
    where = "With these rules" if math.isnan(rec.auto) else f"At {rec.auto:.6g}"
    would = "would be" if rec.runs else "would have been"
    weeks = ""
    if rec.band.spread > 1.2:
        weeks = (
            f"; weeks or months differ {math.sqrt(rec.band.spread):.1f} times as much as chance "
            "alone lets them, which is counted in"
        )
    like = "these weeks" if rec.runs else "this log"
    if (rec.band.low, rec.band.high) == (0.0, 1.0):
        return f"{where} the exception rate {would} {percent(rec.rate)}."
    return (
        f"{where} the exception rate {would} {percent(rec.rate)}; the chance that next "
        f"month's {rec.next_month:,} decisions stay inside {rec.band} is "
        f"{chance(rec.chance_next_month)}, if next month is like {like}{weeks}."
    )


def _silent(rec: Recommendation) -> str:
    own = next((m for m in rec.met if m.limit.figure == "fn_share" and m.kept), None)
    limit = f" (asked: {asked(own)})" if own else ""
    if rec.runs:
        return f"Silent errors there: {percent(rec.silent)} of all decisions allowed{limit}."
    if not rec.silent.known:
        return "Silent errors there: not enough evidence, no outcome was seen."
    fitted = ""
    if "expected_fn_share" in rec.figures and rec.judged:
        about = rec.figures["expected_fn_share"].value
        fitted = f" With the mistakes of those who judged taken out it is about {about:.1%}."
    happened = ""
    if HAPPENED in rec.silent.assumes:
        happened = " Of what went alone only what people happened to see is known: audit some."
    return (
        f"Silent errors there: {percent(rec.silent)} of all decisions allowed{limit}, from "
        f"{rec.silent.n:,.0f} outcomes seen.{happened}{fitted}"
    )


def worth(rec: Recommendation) -> Iterator[str]:
    """Whether more or fewer looks would pay, and what the ends of the band cost."""
    if math.isnan(rec.wanted_rate):
        return
    wanted = rec.wanted_rate
    if wanted - rec.trigger_rate.value < _HARDLY:
        yield _do_not_pay(rec)
    band = next((m for m in rec.met if m.limit.figure == "exception_rate"), None)
    if band is None or not band.binds:
        yield f"Looks pay up to an exception rate of {wanted:.1%}."
    elif wanted > rec.rate.value:
        yield (
            f"More looks would pay, up to an exception rate of {wanted:.1%}: the target stops "
            f"before. {_one_more(band, rec)}"
        )
    else:
        yield (
            f"Fewer looks would pay, down to {wanted:.1%}: the target asks for more. "
            f"{_the_last(band, rec)}"
        )


def _one_more(band: Met, rec: Recommendation) -> str:
    """What a look beyond the band would bring, at the desk where that was simulated."""
    seen = band.price_seen
    if not seen.known:
        price = each(abs(band.price), rec.currency)
        return f"One more look would bring {price} more than it costs."
    if seen.value >= 0:
        more, sure = f"bring {each(seen, rec.currency)} more than it costs", seen.low > 0
    else:
        less = each(seen.scaled(-1), rec.currency)
        more, sure = f"cost {less} more than it brings", False
    doubt = "" if sure or seen.high < 0 else ", so it is not sure that it pays"
    return f"At the desk one more look would {more}{doubt}."


def _the_last(band: Met, rec: Recommendation) -> str:
    """What a look costs that the band asks for, at the desk where that was simulated."""
    seen = band.price_seen
    if not seen.known:
        return f"The last look costs {each(abs(band.price), rec.currency)} more than it brings."
    if seen.value >= 0:
        more, sure = f"brings {each(seen, rec.currency)} more than it costs", seen.low > 0
        doubt = "" if sure else ", so it is not sure that it pays"
    else:
        more = f"costs {each(seen.scaled(-1), rec.currency)} more than it brings"
        doubt = "" if seen.high < 0 else ", so it is not sure that it does not pay"
    return f"At the desk the last look {more}{doubt}."


def _do_not_pay(rec: Recommendation) -> str:
    """Why it is best to ask as little as one may."""
    look = rec.per_look
    said = (
        f"of 1,000 looks {1000 * look.kept_back:,.0f} keep an error back and "
        f"{1000 * look.spoilt:,.0f} spoil what was right (people override "
        f"{look.overrides_right:.0%} of right proposals)"
    )
    if look.spoilt >= look.kept_back:
        return f"Reviews do harm here: {said}. So escalate as little as you may."
    return f"Looks cost more than the harm they prevent: {said}. So escalate as little as you may."


def targets_told(rec: Recommendation) -> Iterator[str]:
    """Every other target: whether it is kept, and what that costs."""
    for met in rec.met:
        figure = met.limit.figure
        if figure == "exception_rate":
            continue
        if not met.kept:
            if rec.status != "infeasible":
                sure = "kept" if met.limit.missed_by(met.figure.value) else "sure"
                yield f"Not {sure}: {missed(met, rec)}."
        elif not math.isnan(met.price):
            unit = {"hours_per_week": "one more hour a week would bring"}.get(
                figure, "keeping the last silent error in costs up to")  # fmt: skip
            yield (
                f"The limit on {called(met)} binds: {unit} {each(met.price, rec.currency)} beside "
                "what it prevents."
            )
        elif figure != "fn_share":  # told already
            would = "would be" if rec.runs else "would have been"
            yield f"{_capital(called(met))} {would} {in_full(met)}; asked: {asked(met)}."


def _capital(text: str) -> str:
    return f"{text[0].upper()}{text[1:]}"
