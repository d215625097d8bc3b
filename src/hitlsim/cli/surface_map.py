"""The decision surface map: what ``hitlsim check`` prints about a sound scenario."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator

from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from ..scenario.explain import band_words, dotted
from ..scenario.framework import (
    USUAL_EXECUTION_SHARE,
    Beside,
    beside_advice,
    calls_it_routine,
    execution_share,
    looser,
    looser_choices,
    unsafe_workflows,
    volume,
)
from ..scenario.governance import Emergency, EmergencyAction, Governance, Pause
from ..scenario.governs import beyond_the_end
from ..scenario.hours import moment_text
from ..scenario.phases import Cadence, Criterion, Exceptions, Phase
from ..scenario.scenario import Scenario
from ..scenario.surface import Workflow
from .show import console

_NEVER_WEEKS = 5200  # a century
_ENDLESS = 10_000
_TICK = "[green]✓[/green]"
_VERDICTS = {
    Beside.UNSAFE: ("red", "[red]✗ unsafe[/red]"),
    Beside.LOOSER: ("yellow", "[yellow]! looser[/yellow]"),
    Beside.STRICTER: ("none", "[dim]stricter[/dim]"),
    Beside.AS_ADVISED: ("none", _TICK),
}
"""The colour of a choice, and the choice beside the framework's in a word."""


def surface_map(s: Scenario) -> None:
    """What a scenario says, and where it leaves the AI more than the framework would."""
    out = console()
    out.print(f"{_TICK} [bold]{s.name}[/bold] is sound: {escape(s.teaches.strip())}\n")
    out.print(_widest_that_fits(s, out))
    _print_unsafe(s, out)
    _print_looser(s, out)
    for path, text in beyond_the_end(s):
        out.print(f"[yellow]![/yellow] {dotted(path)}: {escape(text)}\n", soft_wrap=True)
    facts = Table.grid(padding=(0, 2, 0, 0))
    for label, text in _facts(s):
        facts.add_row(f"[bold]{label}[/bold]", text)
    out.print(facts)


def _widest_that_fits(s: Scenario, out: Console) -> Table:
    unlimited = out.options.update(max_width=_ENDLESS)
    layouts = ((False, 1), (False, 0), (True, 1), (True, 0))
    tables = [_map(s, stacked=stacked, gap=gap) for stacked, gap in layouts]
    fitting = (t for t in tables if out.measure(t, options=unlimited).maximum <= out.width)
    return next(fitting, tables[-1])


# --- the map -------------------------------------------------------------------------------------


def _map(s: Scenario, *, stacked: bool, gap: int) -> Table:
    """One row for each workflow; ``stacked`` takes two lines for it, for narrow terminals."""
    table = Table(
        box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, gap, 0, 0),
        title="Decision surface map", title_justify="left", title_style="bold",
    )  # fmt: skip
    headings = ["workflow", "a week", "class", "access", "framework", "choice is",
                "bands or gate", "reviews → answers"]  # fmt: skip
    if stacked:
        headings = ["workflow", "a week", "access", "framework", "bands or gate"]
    for heading in headings:
        table.add_column(heading, justify="right" if heading == "a week" else "left")
    for name, (advice, beside) in beside_advice(s).items():
        w, (colour, verdict) = s.workflows[name], _VERDICTS[beside]
        colour = "none" if w.access is advice.access else colour
        chosen = f"[{colour}]{w.access.value}[/{colour}]"
        week, advised = f"{volume(w):,.0f}", advice.access.value
        class_ = w.decision_class.value
        if calls_it_routine(w, advice):
            class_ = f"[yellow]{class_}[/yellow]"
        who = f"{w.raci.responsible[0]} → {w.raci.accountable}"
        if stacked:
            table.add_row(
                f"{name}\n  [dim]{who}[/dim]", week, f"{chosen}\n{class_}", f"{advised}\n{verdict}",
                _bands_or_gate(s, name, w),
            )  # fmt: skip
        else:
            cells = (class_, chosen, advised, verdict, _bands_or_gate(s, name, w), who)
            table.add_row(name, week, *cells)
    return table


def _bands_or_gate(s: Scenario, name: str, w: Workflow) -> str:
    if w.gate is not None:
        return w.gate.value
    bands = s.boundary.bands_of(name)
    return f"{bands.review:g} to {bands.auto:g}"


def _print_unsafe(s: Scenario, out: Console) -> None:
    unsafe = unsafe_workflows(s)
    if not unsafe:
        return
    out.print("\n[bold red]allow_unsafe: the AI acts alone where a human must decide[/bold red]")
    grid = Table.grid(padding=(0, 2, 0, 0))
    for name, rule in unsafe:
        grid.add_row("[red]✗[/red]", f"[red]{name}[/red]", f"[red]{rule}[/red]")
    out.print(grid)


def _print_looser(s: Scenario, out: Console) -> None:
    """Where the choice is looser than the framework's, and why that would be stricter."""
    said = {name for name, _ in unsafe_workflows(s)}
    choices = [choice for choice in looser_choices(s) if choice.workflow not in said]
    out.print()
    if not choices:
        if not said:
            out.print(f"{_TICK} No choice is looser than the framework's.\n")
        return
    out.print("[bold]Looser than the framework[/bold] (a notice: the team decides)")
    grid = Table.grid(padding=(0, 2, 0, 0))
    for name, advice in choices:
        w = s.workflows[name]
        says = advice.access.value if looser(w.access, advice.access) else ""
        if calls_it_routine(w, advice):
            says = ", ".join(part for part in (says, advice.decision_class.value) if part)
        if advice.human_only:
            says += ", human only"
        grid.add_row("[yellow]![/yellow]", name, says, "; ".join(advice.reasons))
    out.print(grid)
    out.print()


# --- what stands below it ------------------------------------------------------------------------


def _facts(s: Scenario) -> Iterator[tuple[str, str]]:
    total, share = math.fsum(volume(w) for w in s.workflows.values()), execution_share(s)
    usual = band_words(USUAL_EXECUTION_SHARE)
    execution = "" if math.isnan(share) else f"; execution {share:.0%}, usually {usual} (S)"
    yield "volume", f"{total:,.0f} decisions a week{execution}"
    yield (
        "run",
        f"{s.weeks} weeks from {s.start}, {s.timezone}"
        + (f", {len(s.holidays)} holidays" if s.holidays else ""),
    )
    yield "phases", "\n".join(_phase(name.value, p) for name, p in s.phases.items())
    yield "boundary", _boundary(s)
    yield from _governance(s.governance)
    hours = f"{s.capacity_hours_per_week:,.1f} review hours a week"
    people = f"{len(s.reviewers())} in {len(s.pools)} pools"
    yield "people", f"{people}, {hours}; habits: {_habits(s)}"
    marks = [e.mark for e in s.evidence]
    kinds = ", ".join(f"{marks.count(m)} ({m})" for m in "ABCS?" if m in marks)
    yield (
        "evidence",
        f"{len(marks)} numbers: {kinds}. (?) is an assumption: replace it with your own figure.",
    )


def _phase(name: str, p: Phase) -> str:
    lasts = " to the end" if p.weeks is None else f" {_weeks(p.weeks)}"
    if p.until is not None:
        first = "" if p.weeks is None else f"{lasts}, then"
        lasts = f"{first} until {_criterion(p.until)}"
    observed = "exceptions observed, " if p.exceptions is Exceptions.OBSERVE else ""
    when = "at once" if p.looks.cadence is Cadence.AT_ONCE else p.looks.cadence.value
    back = "" if p.back_if is None else f", back if bad above {_percent(p.back_if.bad_above)}"
    return f"{name}{lasts}: {observed}{_percent(p.looks.share)} seen {when}{back}"


def _criterion(c: Criterion) -> str:
    bars = [
        f"{c.min_labels:,} looks" if c.min_labels else "",
        "" if c.bad_below is None else f"bad below {_percent(c.bad_below)}",
        "" if c.exceptions_below is None else f"exceptions below {_percent(c.exceptions_below)}",
        "" if c.overrides_above is None else f"overrides above {_percent(c.overrides_above)}",
    ]
    said = [bar for bar in bars if bar]
    sure = f" (confidence {_percent(c.confidence)})" if len(said) > bool(c.min_labels) else ""
    return " and ".join(said) + sure


def _boundary(s: Scenario) -> str:
    spec = s.boundary
    parts = [f"version {spec.version}; held below the first band, alone from the second"]
    triggers = _triggers(spec.triggers.deal_size_above, spec.triggers.signals, s.currency)
    if triggers:
        parts.append(f"triggers: {triggers}")
    for name, own in spec.workflows.items():
        if own.deal_size_above is not None or own.signals is not None:
            triggers = _triggers(spec.deal_limit_of(name), spec.signals_of(name), s.currency)
            parts.append(f"triggers of {name}: {triggers or 'none'}")
    if spec.audit.share:
        what = ", ".join(spec.audit.workflows) or "all that acts alone"
        parts.append(f"audit: {_percent(spec.audit.share)} of {what}, {moment_text(spec.audit.at)}")
    return "; ".join(parts)


def _triggers(deal_limit: float | None, signals: Iterable[str], currency: str) -> str:
    large = [] if deal_limit is None else [f"deals above {deal_limit:,.0f} {currency}"]
    return ", ".join([*large, *signals])


def _governance(g: Governance) -> Iterator[tuple[str, str]]:
    calls = [
        f"{moment_text(c.at)}, {c.minutes} minutes, {', '.join(c.roles) or 'everybody'}"
        for c in g.calls.values()
    ]
    approvals = [
        f"{', '.join(a.workflows)} every {_weeks(a.every_weeks)}, takes {a.hours:g} h"
        for a in g.approvals.values()
    ]
    limits = [f"{name} {limit:,} a month" for name, limit in g.list_limits.items()]
    switches = [
        f"{name} from week {k.from_week}" + (f" for {_weeks(k.weeks)}" if k.weeks else "")
        for name, k in g.kill_switches.items()
    ]
    for label, parts in (
        ("calls", calls), ("approvals", approvals), ("list limits", limits),
        ("same day", [", ".join(g.same_day)] if g.same_day else []),
        ("pauses", [_pause(p) for p in g.pauses.values()]),
        ("emergency", [_emergency(g.emergency)] if g.emergency else []),
        ("kill switches", switches), ("rollout", [_rollout(g)] if g.rollout else []),
    ):  # fmt: skip
        if parts:
            yield label, "\n".join(parts)


def _pause(p: Pause) -> str:
    side = "below" if p.low_is_bad else "above"
    told = "" if p.warn is None else f" (told {side} {_percent(p.warn)})"
    whose = f" of {', '.join(p.workflows)}" if p.workflows else ""
    among = "looks" if p.rate.value == "bad" else "emails"
    sure = f", chance ruled out ({_percent(p.chance)})" if p.exact_test else ""
    return (
        f"{p.rate.value}{whose} {side} {_percent(p.pause)}{told} in {p.window_days} days, "
        f"of at least {p.min_count:,} {among}{sure}: off for {p.days} days"
    )


def _emergency(e: Emergency) -> str:
    every = e.weeks_between_false_alarms()
    chance = f"every {every:,.0f} weeks" if every < _NEVER_WEEKS else "less than once a century"
    whose = f" of {', '.join(e.workflows)}" if e.workflows else ""
    then = {
        EmergencyAction.TELL: "people are told",
        EmergencyAction.PAUSE: f"off for {e.days} days",
        EmergencyAction.PHASE_BACK: "back one phase",
    }[e.action]
    margin = f"{e.margin_sd:g} sd below" if e.margin_sd else "below"
    return (
        f"{e.rate.value}{whose} {margin} its baseline for {_weeks(e.weeks_running)} running: "
        f"{then}; by chance alone about {chance}"
    )


def _rollout(g: Governance) -> str:
    r = g.rollout
    if r is None:
        return ""
    holds = "" if r.holds is None else f" once there are {_criterion(r.holds)}"
    others = f"{', '.join(r.one_by_one)} one by one" if r.one_by_one else "the others"
    return (
        f"first {', '.join(r.first)}; then {others}, after {_weeks(r.next_after_weeks)} each{holds}"
    )


def _habits(s: Scenario) -> str:
    """Who reviews how; those with rates of their own are counted."""
    by_habit: dict[str, list[str]] = {}
    for _, name, reviewer in s.reviewers():
        by_habit.setdefault(reviewer.habits, []).append(name)
    if len(by_habit) == 1:
        used = f"{next(iter(by_habit))} (all)"
    else:
        used = ", ".join(f"{habit} ({_some(names)})" for habit, names in by_habit.items())
    own = sum(r.hit_rate is not None or r.false_alarm_rate is not None for _, _, r in s.reviewers())
    return used + (f"; {own} with rates of their own" if own else "")


def _some(names: Iterable[str]) -> str:
    names = list(names)
    return ", ".join(names) if len(names) <= 4 else f"{len(names)} people"


def _weeks(n: int) -> str:
    return "1 week" if n == 1 else f"{n} weeks"


def _percent(share: float) -> str:
    return f"{100 * share:.3g}%"
