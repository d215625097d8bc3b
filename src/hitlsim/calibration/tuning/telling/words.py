"""A recommendation in words: what to do, then why."""

from __future__ import annotations

import math
from collections.abc import Iterator
from decimal import Decimal
from typing import TYPE_CHECKING

from ....decisions.estimating.intervals import Estimate
from ....scenario.explain import listed
from ..goals import SILENT_RATES
from ..proving.certificate_words import limit as silent_limit
from ..proving.coverage import HAPPENED
from ..weighing.holding import ENOUGH, SURE

if TYPE_CHECKING:
    from ..recommendation import Met, Recommendation

NAMES = {
    "exception_rate": "the exception rate",
    "fn_share": "the share of decisions that are silent errors",
    "fn_of_auto": "the share of what goes alone that is bad",
    "fn_of_bad": "the share of errors that go alone",
    "override_rate": "the override rate",
    "within_24h": "the share begun within 24 hours",
    "within_48h": "the share begun within 48 hours",
    "utilisation": "the use of review hours",
    "hours_per_week": "hours a week",
    "cost_per_1000": "the cost of 1,000 decisions",
}
_ASSUMED = {
    "harm": "what an error costs", "harm_deal_share": "the share of a deal that an error loses",
    "hour": "what an hour of review costs", "override_spoils": "what wrong overrides spoil",
    "minutes": "the minutes of a review", "catches": "how many errors reviewers catch",
    "overrides_right": "how often reviewers override what is right",
    "errors of the AI": "how often the AI errs",
}  # fmt: skip
_HARDLY = 0.005
"""Of an exception rate: looks that pay for less than this beyond the triggers pay for none."""
_MANY = 4
"""Workflows up to which a sentence names every threshold."""


def aim(rec: Recommendation) -> str:
    """What aiming at the targets asks for."""
    if rec.status == "recommended":
        return f"{_do(rec)}: that aims at {_targets(rec)}."
    if rec.status == "infeasible":
        return _cannot(rec)
    if rec.status == "unattainable":
        rates = ", ".join(f"{r:.1%}" for r in rec.attainable["exception_rate"])
        return (
            f"No threshold gives a rate inside {rec.band}: scores are tied, and the rates to be "
            f"had around it are {rates}. The nearest is shown; finer scores would help."
        )
    untold = [_missed(m, rec) for m in rec.met if not m.figure.known]
    why = f": {'; '.join(untold)}. The" if untold else "; the"
    return f"Not enough evidence to promise {_targets(rec)}{why} best guess is shown."


WHY, GUARANTEE, MOVES = "Why", "Guarantee", "What moves it"
"""Headings under which reasons stand."""


def reasons(rec: Recommendation) -> list[str]:
    """What to do, then the reasons, in sentences."""
    return [_first(rec), *(sentence for _, sentence in _told(rec))]


def grouped(rec: Recommendation) -> dict[str, list[str]]:
    """The reasons by heading, without what to do."""
    out: dict[str, list[str]] = {WHY: [], GUARANTEE: [], MOVES: []}
    for heading, sentence in _told(rec):
        out[heading].append(sentence)
    return {heading: said for heading, said in out.items() if said}


def _first(rec: Recommendation) -> str:
    return _stays(rec) if rec.stays and rec.status == "recommended" else rec.aim()


def _told(rec: Recommendation) -> Iterator[tuple[str, str]]:
    parts = (
        (WHY, _rates(rec)), (WHY, _worth(rec)), (WHY, _targets_told(rec)),
        (GUARANTEE, _guarantee(rec)), (WHY, _today(rec)), (WHY, _looked_after(rec)),
        (MOVES, _moved_by(rec)), (WHY, iter(rec.notes)), (WHY, _would_do(rec)),
    )  # fmt: skip
    for heading, sentences in parts:
        yield from ((heading, sentence) for sentence in sentences)


def _rates(rec: Recommendation) -> Iterator[str]:
    if rec.trigger_rate.value > 0:
        yield f"Triggers alone send {percent(rec.trigger_rate)} to people, whatever the threshold."
    if rec.status != "infeasible" or rec.trigger_rate.value <= rec.band.high:
        yield _rate(rec)
        yield _silent(rec)


def _guarantee(rec: Recommendation) -> Iterator[str]:
    made = rec.guarantee
    if made is None:
        return
    if made.why:
        yield f"Nothing can be guaranteed: {made.why}."
        return
    if made.certificate is None:
        yield (
            "Nothing can be guaranteed: of the later days, on which rules are tested, no outcome "
            "is known. Look at some that went alone, picked by chance."
        )
        return
    yield from made.certificate.words()
    if made.chosen is not None and made.chosen != made.certificate.loosest:
        yield (
            f"The rules recommended ask about {made.rate:.1%} there and let less go alone, so it "
            "holds for them too."
        )
    if made.unseen:
        yield (
            f"It does not speak for {listed(list(made.unseen))}, of which no outcome is known: "
            "audit them too."
        )
    if made.outstanding:
        yield (
            f"About {made.outstanding:,} outcomes that chance picked there are not known so far: "
            "they are taken to be like the others."
        )
    if made.unlooked:
        yield (
            f"Of its labels {made.unlooked:,} are of decisions that nobody looked at, without a "
            "stated chance: they count as silent errors there, whatever they are."
        )


# --- what to do ----------------------------------------------------------------------------------


def _do(rec: Recommendation) -> str:
    rules = rec.policy.rules
    if not math.isnan(rec.auto):
        return f"Let the AI act alone at confidence {rec.auto:.6g} or more{_triggers(rec)}"
    named = [f"{flow} {rule.auto:.6g}" for flow, rule in rules.items()]
    if len(named) <= _MANY:
        return f"Let the AI act alone from these thresholds on: {listed(named)}{_triggers(rec)}"
    low, high = (f(r.auto for r in rules.values()) for f in (min, max))
    return (
        f"Let the AI act alone from a threshold for each of {len(rules)} workflows, from {low:.6g} "
        f"to {high:.6g}{_triggers(rec)}"
    )


def _triggers(rec: Recommendation) -> str:
    limits = sorted(
        {r.deal_limit for r in rec.policy.rules.values() if math.isfinite(r.deal_limit)}
    )
    if not limits:
        return ""
    sizes = f"{limits[0]:,.0f}" if len(limits) == 1 else f"{limits[0]:,.0f} to {limits[-1]:,.0f}"
    return f", and ask about deals above {sizes}"


def _targets(rec: Recommendation) -> str:
    said = []
    for met in rec.met:
        least, most = met.limit.least, met.limit.most
        if met.limit.figure == "exception_rate":
            said.append(f"an exception rate inside {rec.band}")
        elif most is not None:
            said.append(f"{_name(met)} of {_shown(met, most)} at most")
        elif least is not None:
            said.append(f"{_name(met)} of {_shown(met, least)} at least")
    return listed(said)


def _cannot(rec: Recommendation) -> str:
    if rec.trigger_rate.value > rec.band.high:
        worst = max(rec.triggers, key=lambda name: rec.triggers[name], default=None)
        n = rec.triggers[worst] if worst else 0
        least = (
            f"; {worst!r} sends {n:,} decision{'s' * (n != 1)} that nothing else would send"
            if worst else ""
        )  # fmt: skip
        return (
            f"No threshold reaches {rec.band}: triggers alone send {rec.trigger_rate.value:.1%} "
            f"to people{least}. Loosen a trigger, or accept a higher rate."
        )
    missed = [m for m in rec.met if not m.kept]
    return "Not all of it can be had together: " + "; ".join(_missed(m, rec) for m in missed) + "."


def _missed(met: Met, rec: Recommendation) -> str:
    limit = met.limit.most if met.limit.most is not None else met.limit.least
    if not math.isnan(met.at_most) and not met.limit.missed_by(met.figure.value):
        return (
            f"{_name(met)} would be {_value(met)}, but with {rec.goals.confidence:.0%} confidence "
            f"no less than {_shown(met, met.at_most)} can be promised from {rec.runs} runs"
        )
    if not met.figure.known:
        return f"{_name(met)} cannot be told, as {_untold(met, rec)}"
    if met.limit.figure == "exception_rate":
        return f"the exception rate would be {_value(met)}, outside {rec.band}"
    said = f"{_name(met)} would be {_value(met)} instead of {_shown(met, limit or 0.0)}"
    if rec.guarantee is not None and met.figure.known and not met.limit.missed_by(met.figure.value):
        said = (
            f"that {silent_limit(met.limit.figure, limit or 0.0)} is likely (seen: {_value(met)}) "
            "but not guaranteed"
        )
        if math.isnan(met.could_at):
            return f"{said} under any rules tried"
        return f"{said}; under rules with {met.could_at:.1%} exceptions it is"
    if met.limit.figure == "hours_per_week" and not math.isnan(met.could_at):
        return f"{said}, as the band asks for {_shown(met, met.could_at)} at least"
    if met.limit.figure == "cost_per_1000" and not rec.runs:
        return f"{said}, {_cheapest(met, rec)}"
    if met.against:
        return f"{said}; without the target for {NAMES[met.against]} it could be kept"
    if math.isnan(met.could_at):
        tried = "none of the exception rates tried gives it" if rec.runs else (
            "no exception rate gives it")  # fmt: skip
        return f"{said}, and {tried}"
    return f"{said}; an exception rate of {met.could_at:.1%} would give it"


def _untold(met: Met, rec: Recommendation) -> str:
    """Why a figure is unknown."""
    if met.limit.figure == "override_rate" and rec.rate.value == 0:
        return "nobody is asked about anything"
    if not rec.silent.known:
        return "no outcome is known"
    if met.limit.figure in SILENT_RATES:
        return "nothing that it is a share of was seen"
    return (
        f"the {rec.silent.n:,.0f} outcomes known are too few, or span too short a time, to learn "
        "how likely proposals are wrong"
    )


def _cheapest(met: Met, rec: Recommendation) -> str:
    """Whether anything inside the band costs as little as is asked for."""
    others = len(rec.met) > 1 + (rec.goals.exception_rate is not None)
    where = "" if (rec.band.low, rec.band.high) == (0.0, 1.0) else f" inside {rec.band}"
    if not math.isnan(met.could_at):
        holds = chance(rec.band.chance_next(met.could_at * rec.rate.n, rec.rate.n))
        lone = "without the other targets it" if others else "it"
        sure = f", where the band holds with a chance of {holds}" if where else ""
        return f"but {lone} could be had at {met.could_at:.1%}{sure}"
    if others:
        return f"and no rules of this kind cost so little{where}, whatever the other targets"
    return f"the least that rules of this kind cost{where}"


def _stays(rec: Recommendation) -> str:
    one = (
        ""
        if math.isnan(rec.auto)
        else f" One threshold, aimed at the middle, would be {rec.auto:.6g}."
    )
    saved = ""
    if rec.saving.known:
        saved = f" Other rules would save {money(rec.saving, rec.currency)} per 1,000 decisions."
    return f"What holds today can stay: it keeps inside {rec.band}.{one}{saved}"


# --- why -----------------------------------------------------------------------------------------


def _rate(rec: Recommendation) -> str:
    where = "With these rules" if math.isnan(rec.auto) else f"At {rec.auto:.6g}"
    weeks = ""
    if rec.band.spread > 1.2:
        weeks = (
            f"; weeks or months differ {math.sqrt(rec.band.spread):.1f} times as much as chance "
            "alone lets them, which is counted in"
        )
    like = "these weeks" if rec.runs else "this log"
    if (rec.band.low, rec.band.high) == (0.0, 1.0):
        return f"{where} the exception rate would have been {percent(rec.rate)}."
    return (
        f"{where} the exception rate would have been {percent(rec.rate)}; the chance that next "
        f"month's {rec.next_month:,} decisions stay inside {rec.band} is "
        f"{chance(rec.chance_next_month)}, if next month is like {like}{weeks}."
    )


def _silent(rec: Recommendation) -> str:
    if rec.runs:
        return f"Silent errors there: {percent(rec.silent)} of all decisions allowed."
    if not rec.silent.known:
        return "Silent errors there: not enough evidence, no outcome was seen."
    fitted = ""
    if "expected_fn_share" in rec.figures and rec.judged:
        own = rec.figures["expected_fn_share"]
        fitted = f" With the mistakes of those who judged taken out it is about {own.value:.1%}."
    happened = ""
    if HAPPENED in rec.silent.assumes:
        happened = " Of what went alone only what people happened to see is known: audit some."
    return (
        f"Silent errors there: {percent(rec.silent)} of all decisions allowed, from "
        f"{rec.silent.n:,.0f} outcomes seen.{happened}{fitted}"
    )


def _worth(rec: Recommendation) -> Iterator[str]:
    """Whether more or fewer looks would pay, and what the ends of the band cost."""
    if math.isnan(rec.wanted_rate):
        return
    wanted, cash = rec.wanted_rate, _cash(rec.currency)
    if wanted - rec.trigger_rate.value < _HARDLY:
        yield _do_not_pay(rec)
    band = next((m for m in rec.met if m.limit.figure == "exception_rate"), None)
    if band is None or not band.binds:
        yield f"Looks pay up to an exception rate of {wanted:.1%}."
    elif wanted > rec.rate.value:
        yield (
            f"More looks would pay, up to an exception rate of {wanted:.1%}: the target stops "
            f"before. One more look would bring {cash}{abs(band.price):,.2f} more than it costs."
        )
    else:
        yield (
            f"Fewer looks would pay, down to {wanted:.1%}: the target asks for more. The last look "
            f"costs {cash}{abs(band.price):,.2f} more than it brings."
        )


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


def _targets_told(rec: Recommendation) -> Iterator[str]:
    cash = _cash(rec.currency)
    for met in rec.met:
        name = met.limit.figure
        if name == "exception_rate":
            continue
        limit = met.limit.most if met.limit.most is not None else met.limit.least
        if not met.kept:
            if rec.status != "infeasible":
                yield f"Not kept: {_missed(met, rec)}."
        elif not math.isnan(met.price):
            unit = {"hours_per_week": "one more hour a week would bring"}.get(
                name, "keeping the last silent error in costs up to")  # fmt: skip
            yield (
                f"The limit on {_name(met)} binds: {unit} {cash}{met.price:,.2f} beside what it "
                "prevents."
            )
        else:
            yield f"{_name(met).capitalize()} {_value(met)} (asked: {_shown(met, limit or 0.0)})."


def _today(rec: Recommendation) -> Iterator[str]:
    if "exception_rate" not in rec.today:
        return
    yield f"Today's rate is {percent(rec.today['exception_rate'])}."
    if rec.saving.known and not rec.stays:
        sure = (
            "" if rec.saving.low > 0 or rec.saving.high < 0 else ", so it is not sure that they do"
        )
        if rec.saving.value < 0:
            sure = sure.replace("do", "cost more")
            more = money(rec.saving.scaled(-1), rec.currency)
            yield f"These rules cost {more} more per 1,000 decisions than today's{sure}."
        else:
            yield (
                f"These rules save {money(rec.saving, rec.currency)} per 1,000 decisions against "
                f"today's{sure}."
            )


def _looked_after(rec: Recommendation) -> Iterator[str]:
    """The audit, and people."""
    if rec.audit is not None:
        yield rec.audit.words()
    for staff in rec.staffing:
        if staff.utilisation_limit and staff.set_aside < staff.hours.value:
            yield (
                f"People of {staff.pool}: {staff.hours.value:.0f} hours a week are needed and "
                f"{staff.set_aside:.0f} set aside, for {staff.share:.0%} to be begun within 24 "
                "hours at 85% of people's time."
            )


def _moved_by(rec: Recommendation) -> Iterator[str]:
    s = rec.sensitivity
    if s.empty:
        return
    top = s.iloc[0]
    if top["routed_otherwise"] < 0.005:
        yield "No assumption at half or at twice its value moves the rules by much."
        return
    known = "" if top["measured"] else ", which is assumed: measure it first"
    yield (
        f"What moves the answer most is {_ASSUMED[top['assumption']]}{known}. At half or at twice "
        f"its value up to {top['routed_otherwise']:.1%} of decisions would be routed otherwise."
    )


def _would_do(rec: Recommendation) -> Iterator[str]:
    """How much evidence would do, where the band lacks it."""
    if rec.status == "not enough evidence" and rec.n_needed_matters:
        yield _evidence(rec)


def _evidence(rec: Recommendation) -> str:
    if rec.runs:
        return (
            f"Rules are not what is lacking: weeks differ, and chance keeps only "
            f"{chance(rec.chance_next_month)} of months of {rec.next_month:,} decisions inside "
            f"{rec.band}. It takes more decisions a month, or a wider band."
        )
    band, n, m, at = rec.band, rec.n_needed, rec.next_month, rec.reachable
    enough = f"About {n:,} decisions would do" if n else "Even a million decisions would not do"
    now = (
        f"the log has {rec.rate.n:,.0f}. Now the true rate there lies inside {band} with a chance "
        f"of {chance(rec.chance_true_rate)}, and it ought to be {SURE:.0%}"
    )
    tied = rec.tied
    middle = f"at {at:.1%}" if tied else "in the middle"
    finer = (
        f" Scores are tied: {at:.1%} is the nearest to the middle of the band that they allow, "
        "and with finer ones fewer decisions would do."
    ) if tied else ""  # fmt: skip
    by_luck = band.chance_if_known(at)
    if by_luck >= ENOUGH:
        return f"{enough}; {now}, next month's with {ENOUGH:.0%}.{finer}"
    known = f"{enough} to know the true rate; {now}."
    if rec.chance_true_rate >= SURE:
        known = "The log tells the true rate well enough."
    return (
        f"{known} But no log can promise so small a month: even with the true rate {middle}, "
        f"chance keeps only {by_luck:.0%} of months of {m:,} decisions inside. It takes about "
        f"{band.month_needed(at):,} a month, or a wider band.{finer}"
    )


# --- figures -------------------------------------------------------------------------------------


def percent(e: Estimate) -> str:
    """A share with its interval."""
    return f"{e.value:.1%} ({e.low:.1%}-{e.high:.1%})"


def money(e: Estimate, currency: str) -> str:
    """An amount with its interval."""
    return f"{_cash(currency)}{e.value:,.0f} ({e.low:,.0f} to {e.high:,.0f})"


def _cash(currency: str) -> str:
    return f"{currency} " if currency else ""


def chance(p: float) -> str:
    """No more certainty than a simulation of ourselves deserves."""
    return "over 99%" if p > 0.99 else "under 1%" if p < 0.01 else f"{p:.0%}"


def _name(met: Met) -> str:
    return NAMES[met.limit.figure]


def _value(met: Met) -> str:
    return "unknown" if not met.figure.known else _shown(met, met.figure.value)


def _shown(met: Met, value: float) -> str:
    if met.limit.figure == "hours_per_week":
        # of a small limit the first two digits, or it would read as none
        few = f"{Decimal(f'{value:.2g}'):f}" if 0 < value < 1 else f"{value:,.1f}"
        return f"{few} hours"
    return f"{value:,.0f}" if met.limit.figure == "cost_per_1000" else f"{value:.3g}" if (
        value > 1) else f"{100 * value:.3g}%"  # fmt: skip
