"""A rollout in half a minute: the headline, a few plain sentences, and what to be careful about."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING

from ...decisions.counting.metrics import Unit
from ...decisions.counting.scorecard import Status
from ...decisions.estimating.intervals import Estimate, about
from ...scenario.explain import band_words, listed
from ..monthly.words import Sentence
from ..style import count, duration, percent, plain

if TYPE_CHECKING:
    from .governed import Governed
    from .rollout import RolloutReport

_SURE_OF_RANGE = 19
"""Runs from which on it can be said between what nine in ten single runs lie."""
_HALF = 0.5


def rate(e: Estimate) -> str:
    """A share without its interval.

    >>> rate(Estimate(0.1234, 0.119, 0.128, 20, "")), rate(Estimate(1.0, 1.0, 1.0, 20, ""))
    ('12.3%', '100%')
    """
    return "100%" if e.value == 1 else percent(e).split(" (")[0]


def headline(r: RolloutReport) -> str:
    """The one thing to take away."""
    last, exceptions = r.last.name, r.get("exception_rate", r.last.name)
    bad = r.get("true_fn_share", last)
    judged = r.judged(last).get("exception_rate")
    if judged is None or not bad.known:
        return "Every decision passes a gate: there is no exception rate to follow."
    where = _where(r, exceptions)
    unseen = f"{rate(bad)} of what the AI may do alone goes wrong with nobody asked"
    if len(r.spans) == 1:
        return f"Exceptions are {where}, and {unseen}."
    joined = "but" if judged.status is Status.GOOD else "and"
    said = f"In {plain(last)} exceptions are {where}, {joined} {unseen}"
    first, now = r.get("looked_at", r.spans[0].name), r.get("looked_at", last)
    if first.known and now.known and now.value < _HALF * first.value:
        said += f"; of what went alone people looked at {rate(first)} at first, at {rate(now)} now"
    return f"{said}."


def _where(r: RolloutReport, e: Estimate) -> str:
    """The exception rate and its place against the band."""
    low, high = r.targets.exception_rate
    side = "inside" if low <= e.value <= high else "below" if e.value < low else "above"
    return f"{side} the {band_words(r.targets.exception_rate)} band, at {rate(e)}"


def sentences(r: RolloutReport) -> Iterator[Sentence]:
    """Five to eight sentences; what surprises comes first."""
    yield Sentence("Phases", _phases(r))
    if r.get("exception_rate", r.last.name).known:
        yield Sentence("Exceptions", _exceptions(r))
    if r.get("true_fn_share", r.last.name).known:
        yield Sentence("Silent errors", _silent(r))
    if r.get("review_hours", r.last.name).known:
        yield Sentence("Desk", _desk(r))
    if r.get("true_cost", r.last.name).known:
        yield Sentence("Cost", _cost(r))
    yield Sentence("Governance", _governance(r))
    yield Sentence("Other rules", _others(r))


def _phases(r: RolloutReport) -> str:
    told = [f"{plain(s.name)} in {s.weeks}" for s in r.spans]
    by_criterion = [s for s in r.spans if s.ends.startswith("each workflow")]
    if len(r.spans) == 1:
        return f"One phase only: {told[0]}."
    how = "Each began by date, whatever had been seen."
    if by_criterion:
        how = f"{listed([plain(s.name) for s in by_criterion])} ended by what was shown".strip()
        how = f"{how[0].upper()}{how[1:]}, workflow by workflow; weeks are those of one run."
    return f"{listed(told)[0].upper()}{listed(told)[1:]}. {how}"


def _by_phase(r: RolloutReport, metric: str) -> str:
    """A figure in each phase, in words."""
    told = [f"{rate(e)} in {plain(s.name)}" for s in r.spans if (e := r.get(metric, s.name)).known]
    return listed(told)


def _exceptions(r: RolloutReport) -> str:
    e, judged = r.get("exception_rate", r.last.name), r.judged(r.last.name)["exception_rate"]
    overrides = r.get("override_rate", r.last.name)
    changed = (
        f" Of those judged, people changed or rejected {percent(overrides)}."
        if overrides.known
        else ""
    )
    first = f"{_by_phase(r, 'exception_rate')}: " if len(r.spans) > 1 else ""
    return f"{first}{percent(e)} at last, {judged.words}.{changed}"


def _silent(r: RolloutReport) -> str:
    last = r.last.name
    bad, week = r.get("true_fn_share", last), r.get("bad_a_week", last)
    said = (
        f"{percent(bad)} of what the AI may do alone goes wrong with nobody asked, "
        f"about {about(week.value)} decisions a week."
    )
    if len(r.spans) > 1 and r.get("looked_at", last).known:
        said += f" Of what went alone people looked at {_by_phase(r, 'looked_at')}{_known(r)}."
    return said


def _known(r: RolloutReport) -> str:
    """How precisely the team of the example run could tell, at first and at last."""
    known = r.seen[r.seen["n"] > 0]
    widths = (known["high"] - known["low"]).to_numpy(float)
    if len(widths) < 2 or widths[-1] < 1.5 * widths[0]:
        return ""
    return (
        f": from its first week alone a team knows its silent errors to within "
        f"{50 * widths[0]:.1f} points, from its last to within {50 * widths[-1]:.1f}"
    )


def _desk(r: RolloutReport) -> str:
    told = [
        f"{r.get('review_hours', s.name).value:.0f} h a week in {plain(s.name)}"
        for s in r.spans
        if r.get("review_hours", s.name).known
    ]
    used, wait = r.get("utilisation", r.last.name), r.get("wait_minutes", r.last.name)
    busy = f", {rate(used)} of those set aside at last" if used.known else ""
    waited = (
        f" What goes to people waits {duration(wait.value)} on average in {plain(r.last.name)}, "
        f"nights and weekends included; {rate(r.get('within_24h', r.last.name))} is begun within "
        "24 h."
        if wait.known
        else ""
    )
    return f"People spend {listed(told)}{busy}.{waited}"


def _cost(r: RolloutReport) -> str:
    money = f"{r.scenario.currency} "
    told = [f"{money}{count(r.get('true_cost', s.name).value)} in {plain(s.name)}" for s in r.spans]
    return (
        f"1,000 decisions cost {listed(told)}: reviewing, waiting and the harm of errors together, "
        "the last known to a simulation only."
    )


def _governance(r: RolloutReport) -> str:
    told = [f"{g.what} in {_in_runs(g)}: {plain(g.workflow)}." for g in r.moved[:1]]
    often = sorted(r.governed, key=lambda g: (-g.runs, -g.times, g.week))[:2]
    told += [f"{rule_words(g)}: {g.what} in {_in_runs(g)}." for g in often]
    if not told:
        return "Beyond the calendar governance did nothing in any run."
    return " ".join(f"{t[0].upper()}{t[1:]}" for t in told)


_RULES = {
    "emergency": "emergency path", "rollout": "rollout, one workflow after the other",
    "pauses": "monitor of", "kill_switches": "kill switch",
}  # fmt: skip


def rule_words(g: Governed) -> str:
    """The rule behind what governance did, and whom it concerned.

    >>> from hitlsim.present.rollout.governed import Governed
    >>> rule_words(Governed("crm", "warned", "governance.pauses.spam", 1, 2, 3.0, 3, 3, 0.5, ""))
    'monitor of spam, crm'
    """
    _, kind, *name = [*g.rule.split("."), ""]
    rule = _RULES.get(kind, plain(kind))
    if kind == "pauses":
        rule = f"{rule} {plain(name[0])}"
    return rule if g.workflow == "all" else f"{rule}, {plain(g.workflow)}"


def _in_runs(g: Governed) -> str:
    if g.earliest == g.latest:
        when = f"in week {g.earliest}"
    else:
        when = f"first in weeks {g.earliest} to {g.latest}"
    return f"{g.runs} of {g.of} runs ({when})"


_COMPARED = (
    ("exception_rate", "exceptions", Unit.SHARE),
    ("true_fn_share", "silent errors", Unit.SHARE),
    ("review_hours", "people's time", Unit.HOURS_PER_WEEK),
    ("true_cost", "cost of 1,000 decisions", Unit.MONEY),
)


def _others(r: RolloutReport) -> str:
    said = []
    if r.untuned:
        said.append(f"No tuned rules are compared: {r.untuned}")
    for policy in list(r.policies)[1:]:
        told = [
            words
            for metric, name, unit in _COMPARED
            if (words := _moved(name, r.against_today(metric, policy), unit, r.scenario.currency))
        ]
        what = listed(told) if told else "nothing differs by more than chance"
        said.append(f"With {policy} in the same worlds, in {plain(r.last.name)}: {what}.")
    return " ".join(said)


def _moved(name: str, e: Estimate, unit: Unit, currency: str) -> str:
    """A clear difference in words; nothing where chance can explain it."""
    if not e.known or e.low <= 0 <= e.high:
        return ""
    size = abs(e.value)
    amount = {
        Unit.SHARE: f"{100 * size:.1f} points",
        Unit.HOURS_PER_WEEK: f"{size:.1f} h a week",
        Unit.MONEY: f"{currency} {count(size)}",
    }[unit]
    return f"{name} {'up' if e.value > 0 else 'down'} {amount}"


def warned(r: RolloutReport) -> Iterator[str]:
    """What a reader should know before believing a figure."""
    if len(r.seeds) < _SURE_OF_RANGE:
        yield (
            f"Only {len(r.seeds)} runs: intervals are wide, and between what nine in ten single "
            f"runs lie cannot be said below {_SURE_OF_RANGE}."
        )
    guesses = sum(row[2] == "?" for row in r.run.record["rests_on"]["file"])
    if guesses:
        yield (
            f"{guesses} of the {len(r.run.record['rests_on']['file'])} numbers of the scenario are "
            "assumptions (?): put your own figures in their place before you act on these."
        )
    for row in r.seen_in.to_dict("records"):
        if not math.isnan(row["low"]) and not row["low"] <= row["truth"] <= row["high"]:
            seen = Estimate(row["value"], row["low"], row["high"], row["n"], "")
            yield (
                f"Whoever looks also errs: in {plain(row['phase'])} the team of the example run "
                f"would say that {percent(seen)} goes wrong unseen; {row['truth']:.1%} does. Call "
                "a look's verdict a judgement, not the truth."
            )
            break
    if any(s.apart for s in r.spans):
        yield (
            "Workflows go through the phases each at its own pace, so phases overlap: the hours of "
            "a phase are those spent on the workflows in it."
        )
    reached = {s.name for s in r.spans}
    missing = [plain(str(p)) for p in r.scenario.phases if str(p) not in reached]
    if missing:
        yield f"The example run never reached {listed(missing)}: let the scenario last longer."
