"""What to do, in words: the rules and what they aim at, or why it cannot be had."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from ....scenario.explain import listed
from ..goals import SILENT_RATES
from ..proving.certificate_words import limit as silent_limit
from ..proving.coverage import HAPPENED
from .amounts import AIMS, NAMES, asked, called, chance, gives, money, shown

if TYPE_CHECKING:
    from ..recommendation import Met, Recommendation

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
    untold = [missed(m, rec) for m in rec.met if not m.figure.known]
    why = f": {'; '.join(untold)}. The" if untold else "; the"
    return f"Not enough evidence to promise {_targets(rec)}{why} best guess is shown."


def stays(rec: Recommendation) -> str:
    """That what holds today can stay."""
    one = (
        ""
        if math.isnan(rec.auto)
        else f" One threshold, aimed at the middle, would be {rec.auto:.6g}."
    )
    saved = ""
    if rec.saving.known and (rec.saving.low, rec.saving.high) != (0.0, 0.0):
        saved = f" Other rules would save {money(rec.saving, rec.currency)} per 1,000 decisions."
    return f"What holds today can stay: it keeps inside {rec.band}.{one}{saved}"


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
        if met.limit.figure == "exception_rate":
            said.append(f"an exception rate inside {rec.band}")
        else:
            said.append(AIMS[met.limit.figure].format(asked(met)))
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
    lacking = [m for m in rec.met if not m.kept]
    return "Not all of it can be had together: " + "; ".join(missed(m, rec) for m in lacking) + "."


def missed(met: Met, rec: Recommendation) -> str:
    """What becomes of a target that is not kept, as a part of a sentence."""
    limit = met.limit.most if met.limit.most is not None else met.limit.least
    if not math.isnan(met.at_most) and not met.limit.missed_by(met.figure.value):
        return (
            f"{called(met)} would be {gives(met)}, but with {rec.goals.confidence:.0%} confidence "
            f"no less than {shown(met, met.at_most)} can be promised from {rec.runs} runs"
        )
    if not met.figure.known:
        return f"{called(met)} cannot be told, as {_untold(met, rec)}"
    if met.limit.figure == "exception_rate":
        return f"the exception rate would be {gives(met)}, outside {rec.band}"
    if rec.guarantee is not None and not met.limit.missed_by(met.figure.value):
        return _not_proven(met, rec, silent_limit(met.limit.figure, limit or 0.0))
    said = f"{called(met)} would be {gives(met)} instead of {shown(met, limit or 0.0)}"
    if met.limit.figure == "hours_per_week" and not math.isnan(met.could_at):
        return f"{said}, as the band asks for {shown(met, met.could_at)} at least"
    if met.limit.figure == "cost_per_1000" and not rec.runs:
        return f"{said}, {_cheapest(met, rec)}"
    if met.against:
        return f"{said}; without the target for {NAMES[met.against]} it could be kept"
    if math.isnan(met.could_at):
        tried = "none of the exception rates tried gives it" if rec.runs else (
            "no exception rate gives it")  # fmt: skip
        return f"{said}, and {tried}"
    return f"{said}; an exception rate of {met.could_at:.1%} would give it"


def _not_proven(met: Met, rec: Recommendation, limit: str) -> str:
    """Of a guarantee that is not to be had though what was seen lies below the limit."""
    if HAPPENED in met.figure.assumes:
        said = (
            f"that {limit} cannot be told, as of what went alone only what people happened to see "
            f"is known ({gives(met)} by that)"
        )
    elif rec.guarantee is None or rec.guarantee.certificate is None:
        said = f"that {limit} is not guaranteed, as it could not be tested (seen: {gives(met)})"
    else:
        said = f"that {limit} is likely (seen: {gives(met)}) but not guaranteed"
        if math.isnan(met.could_at):
            return f"{said} under any rules tried"
    if math.isnan(met.could_at):
        return said
    return f"{said}; under rules with {met.could_at:.1%} exceptions it is guaranteed"


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
