"""The rules that hold between what reacts, or happens to the team, and the rest of a scenario."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from .explain import Path_, Problem, instead
from .governance import Call, EmergencyAction, Pause, Rate
from .hours import MINUTE_MS, WEEK_MS, moment_text
from .reachable import emails, looks, seen_share

if TYPE_CHECKING:
    from .scenario import Scenario

_HERE = ("governance",)


def problems(s: Scenario) -> Iterator[Problem]:
    """Everything about governance and the world's accidents that does not fit together."""
    yield from _name_problems(s)
    yield from _call_problems(s)
    for label, rule in s.governance.pauses.items():
        yield from _pause_problems(s, (*_HERE, "pauses", label), rule)
    yield from _kill_switch_problems(s)
    yield from _emergency_problems(s)
    yield from _rollout_problems(s)
    yield from _world_problems(s)


def _unknown(s: Scenario, here: Path_, names: Iterable[str]) -> Iterator[Problem]:
    """The names of a list that are no workflow."""
    for i, name in enumerate(names):
        if name not in s.workflows:
            yield Problem((*here, i), f"{name!r} is no workflow; {instead(name, s.workflows)}")


def _name_problems(s: Scenario) -> Iterator[Problem]:
    g = s.governance
    for label, approval in g.approvals.items():
        yield from _unknown(s, (*_HERE, "approvals", label, "workflows"), approval.workflows)
    for label, pause in g.pauses.items():
        yield from _unknown(s, (*_HERE, "pauses", label, "workflows"), pause.workflows)
    yield from _unknown(s, (*_HERE, "same_day"), g.same_day)
    for key, named in (("list_limits", g.list_limits), ("kill_switches", g.kill_switches)):
        for name in named:
            if name not in s.workflows:
                yield Problem((*_HERE, key, name), f"is no workflow; {instead(name, s.workflows)}")
    if g.emergency is not None:
        yield from _unknown(s, (*_HERE, "emergency", "workflows"), g.emergency.workflows)
    if g.rollout is not None:
        yield from _unknown(s, (*_HERE, "rollout", "first"), g.rollout.first)
        yield from _unknown(s, (*_HERE, "rollout", "one_by_one"), g.rollout.one_by_one)


# --- calls ---------------------------------------------------------------------------------------


def _call_problems(s: Scenario) -> Iterator[Problem]:
    roles = [p.role for p in s.pools.values()]
    before: list[tuple[str, Call]] = []
    for label, call in s.governance.calls.items():
        here = (*_HERE, "calls", label)
        for i, role in enumerate(call.roles):
            if role not in roles:
                yield Problem(
                    (*here, "roles", i), f"no pool has the role {role!r}; {instead(role, roles)}"
                )
        for other, earlier in before:
            both = sorted(set(call.roles or roles) & set(earlier.roles or roles))
            if both and _at_the_same_time(call, earlier):
                yield Problem(
                    (*here, "at"),
                    f"{moment_text(call.at)!r} falls into the call {other!r} "
                    f"({moment_text(earlier.at)!r}, {earlier.minutes} minutes), and {both[0]} "
                    "would be in both; move one of them",
                )
        before.append((label, call))


def _at_the_same_time(a: Call, b: Call) -> bool:
    """Whether two weekly calls overlap; one on Sunday night may end on Monday."""
    return (b.at - a.at) % WEEK_MS < a.minutes * MINUTE_MS or (
        a.at - b.at
    ) % WEEK_MS < b.minutes * MINUTE_MS


# --- monitors ------------------------------------------------------------------------------------


def _pause_problems(s: Scenario, here: Path_, rule: Pause) -> Iterator[Problem]:
    expected = _expected(s, rule)
    for i, name in enumerate(rule.workflows):
        if name in s.workflows and name not in expected:
            yield Problem((*here, "workflows", i), f"{name!r} {_has_no_rate(s, name, rule.rate)}")
    if not rule.workflows and not expected:
        yield Problem((*here, "rate"), _nobody_has(rule.rate))
    most = max((expected.get(n, 0) for n in rule.workflows or expected), default=0)
    if 0 < most < rule.min_count:
        among = "looks" if rule.rate is Rate.BAD else "emails"
        days = f"{rule.window_days} days" if rule.window_days > 1 else "a day"
        yield Problem(
            (*here, "min_count"),
            f"{rule.min_count:,} {among} are more than the about {most:,.0f} to be expected in "
            f"{days} at most, so it would hardly ever be asked; "
            "lower min_count or raise window_days",
        )


def _expected(s: Scenario, rule: Pause) -> dict[str, float]:
    """Looks or emails to expect in the window, for each workflow that has such a rate."""
    phases, days = s.phases.values(), rule.window_days
    if rule.rate is not Rate.BAD:
        return {n: emails(s, w, days) for n, w in s.workflows.items() if w.email is not None}
    return {
        name: looks(s, name, days, phases)
        for name in s.workflows
        if any(seen_share(s, name, phase) for phase in phases)
    }


def _has_no_rate(s: Scenario, name: str, rate: Rate) -> str:
    if rate is not Rate.BAD:
        return (
            f"has no rate of {rate.value!r}: it says nothing under 'email'; "
            "add it there or take it out here"
        )
    if not s.workflows[name].automation_safe:
        return "has no rate of 'bad': nothing of it goes out alone; take it out"
    return (
        "has no rate of 'bad': nobody looks at what goes out alone; "
        "raise looks.share or boundary.audit.share"
    )


def _nobody_has(rate: Rate) -> str:
    if rate is not Rate.BAD:
        return f"no workflow has a rate of {rate.value!r}: none says anything under 'email'; add it"
    return (
        "no workflow has a rate of 'bad': nobody looks at what goes out alone; "
        "raise looks.share or boundary.audit.share"
    )


def _kill_switch_problems(s: Scenario) -> Iterator[Problem]:
    for name in s.governance.kill_switches:
        here = (*_HERE, "kill_switches", name)
        if name in s.workflows and not s.workflows[name].automation_safe:
            yield Problem(here, "a person decides there anyway (a gate); take the switch out")


def _emergency_problems(s: Scenario) -> Iterator[Problem]:
    rule = s.governance.emergency
    if rule is None:
        return
    here = (*_HERE, "emergency")
    if not any(w.email is not None for w in s.workflows.values()):
        yield Problem((*here, "rate"), _nobody_has(rule.rate))
    for i, name in enumerate(rule.workflows):
        if name in s.workflows and s.workflows[name].email is None:
            yield Problem((*here, "workflows", i), f"{name!r} {_has_no_rate(s, name, rule.rate)}")
    if rule.action is EmergencyAction.PHASE_BACK and len(s.phases) == 1:
        yield Problem(
            (*here, "action"),
            "'phase-back' has nowhere to go, there is one phase only; set it to 'tell' or 'pause'",
        )


def _rollout_problems(s: Scenario) -> Iterator[Problem]:
    rollout = s.governance.rollout
    if rollout is None:
        return
    here = (*_HERE, "rollout")
    known = [name for name in rollout.first if name in s.workflows]
    if known and not any(s.workflows[name].automation_safe for name in known):
        safe = [name for name, w in s.workflows.items() if w.automation_safe]
        yield Problem(
            (*here, "first"),
            "none of these acts alone, so nothing could show that it holds; "
            f"begin with one that is automation-safe: {', '.join(safe) or 'there is none'}",
        )
    for i, name in enumerate(rollout.one_by_one):
        again = name in rollout.one_by_one[:i]
        if name in rollout.first or again:
            where = "one_by_one already" if again else "first too"
            yield Problem(
                (*here, "one_by_one", i), f"{name!r} stands in {where}; take it out of one place"
            )


# --- what happens to a team, and when -------------------------------------------------------------


def _world_problems(s: Scenario) -> Iterator[Problem]:
    for label, incident in s.incidents.items():
        yield from _unknown(s, ("incidents", label, "workflows"), incident.workflows)
    if s.crm is not None:
        yield from _unknown(s, ("crm", "refreshed_by"), s.crm.refreshed_by)


def beyond_the_end(s: Scenario) -> Iterator[Problem]:
    """What could only happen after the last week.

    No error: a run may be cut short. ``check`` says it.
    """
    g = s.governance
    begins: list[tuple[Path_, int]] = [
        ((*_HERE, "kill_switches", n), k.from_week) for n, k in g.kill_switches.items()
    ]
    begins += [(("incidents", n), i.from_week) for n, i in s.incidents.items()]
    for here, week in begins:
        if week > s.weeks:
            yield Problem(
                (*here, "from_week"),
                f"{week} is after the end of the run, which has {s.weeks} weeks; "
                "let it begin earlier or the run last longer",
            )
    rule = g.emergency
    if rule is None:
        return
    first = rule.weeks_running + (rule.baseline_weeks if rule.baseline is None else 0)
    if first >= s.weeks:
        baseline = f"{rule.baseline_weeks} for the baseline and " if rule.baseline is None else ""
        yield Problem(
            (*_HERE, "emergency"),
            f"could not be taken before the end of week {first} ({baseline}{rule.weeks_running} "
            f"running), and the run has {s.weeks}; let it last longer, or ask for fewer weeks",
        )
