"""The metrics of the scorecard: each a name, a unit, a formula, and what it needs.

A metric reads a :class:`Cell`, the counts of one period and one workflow (or all of them). No
observed metric reads a ``true_`` count; those that do carry ``true`` in their name.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from ..columns import DOMAINS, EMAIL_OUTCOMES
from ..estimating import unseen
from ..estimating.intervals import (
    FEW,
    NOTHING,
    Estimate,
    clopper_pearson,
    complement,
    counted,
    ratio_of_clusters,
)
from . import time
from .measure import Cell as Cell
from .measure import Compute, Floats, per_thousand, rate
from .measure import Metric as Metric
from .measure import Section as Section
from .measure import Unit as Unit

# --- formulas ------------------------------------------------------------------------------------


def _seen(estimate: Callable[[unseen.Counts], Estimate]) -> Compute:
    return lambda cell: estimate(cell.silent)


def _true(estimate: Compute) -> Compute:
    return lambda cell: estimate(cell) if cell.sum("truth_known") else NOTHING


def _within(hours: int) -> Compute:
    """Items still waiting count as missed once they are older than the limit, else not yet."""

    def compute(cell: Cell) -> Estimate:
        n = cell.sum("started") + cell.sum(f"late_{hours}")
        return clopper_pearson(cell.sum(f"within_{hours}"), n)

    return compute


def _wait(cell: Cell) -> Estimate:
    return ratio_of_clusters(cell.by_day("wait_minutes"), cell.by_day("started"), clusters="days")


def _oldest(cell: Cell) -> Estimate:
    hours = cell.oldest_minutes / 60
    return NOTHING if math.isnan(hours) else counted(hours, 1)


def _utilisation(cell: Cell) -> Estimate:
    return time.desk_hours()(cell).scaled(1 / sum(cell.record["capacity_hours_per_week"].values()))


def _adherence(cell: Cell) -> Estimate:
    """Of the workflows that are steps of a sequence; of all where the log does not say which."""
    steps = cell.record.get("steps")
    of_steps = 1.0 if steps is None else cell.workflow.among(steps)
    done, skipped = (float((cell.column(c) * of_steps).sum()) for c in ("executed", "skipped"))
    return clopper_pearson(done, done + skipped)


def _review_money(cell: Cell) -> Floats:
    """What the hands-on hours cost, by day of the work."""
    return cell.minutes(costs=cell.record["cost_per_hour"]) / 60


def _money(column: str) -> Compute:
    return lambda cell: per_thousand(cell.by_day(column), cell)


def _true_cost(cell: Cell) -> Estimate:
    lost = cell.by_day("delay_cost") + cell.by_day("true_harm")
    return per_thousand(_review_money(cell) + lost, cell)


# --- metrics, section by section -----------------------------------------------------------------

_SILENT = (
    ("fn_share", "P(auto and bad)", unseen.fn_share, "safe"),
    ("fn_of_auto", "P(bad given auto)", unseen.fn_of_auto, "auto"),
    ("fn_of_bad", "P(auto given bad)", unseen.fn_of_bad, "true_bad"),
)
"""The three rates of silent errors: name, meaning, estimate, and the count beneath the true one."""


def _rates() -> Iterator[Metric]:
    def share(name: str, title: str, formula: str, of: tuple[str, str], **more: Any) -> Metric:
        return Metric(
            name=name, title=title, section=Section.RATES, unit=Unit.SHARE, formula=formula,
            compute=rate(*of), **more,
        )  # fmt: skip

    yield Metric(
        name="decisions",
        title="Decisions",
        section=Section.RATES,
        unit=Unit.COUNT,
        formula="all decisions, gated ones included",
        compute=lambda cell: counted(cell.sum("n"), cell.sum("n")),
    )
    yield Metric(
        name="right",
        title="AI was right",
        section=Section.RATES,
        unit=Unit.SHARE,
        formula="P(ok) of what the AI was allowed to take alone, weighted from the outcomes seen",
        compute=lambda cell: complement(unseen.bad_share(cell.silent)),
        needs=("ok",),
    )
    yield share(
        "exception_rate", "Exception rate",
        "exceptions / decisions the AI was allowed to take alone", ("exceptions", "safe"),
    )  # fmt: skip
    yield share(
        "peek_rate", "Peek rate",
        "pulled for a look though nothing asked for it / decisions the AI was allowed to take "
        "alone", ("peeked", "safe"), needs_some="peeked",
    )  # fmt: skip
    yield share(
        "human_touch_rate", "Human-touch rate",
        "decisions a person handled or looked at / all decisions", ("touched", "n"),
    )  # fmt: skip
    yield share(
        "override_rate", "Override rate", "edits and rejections / exceptions judged",
        ("overridden", "judged"), needs_one_of=("verdict", "look_verdict"),
    )  # fmt: skip
    yield share(
        "by_hand_share", "Done by hand", "decisions done without the AI's draft / all decisions",
        ("by_hand", "n"), needs_some="by_hand",
    )  # fmt: skip


def _silent() -> Iterator[Metric]:
    for name, what, estimate, _ in _SILENT:
        yield Metric(
            name=name,
            title=f"Silent errors ({name})",
            section=Section.SILENT,
            unit=Unit.SHARE,
            formula=f"{what}, weighted from the outcomes seen",
            compute=_seen(estimate),
            needs=("ok",),
        )
    for name, what, _, bottom in _SILENT:
        yield Metric(
            name=f"true_{name}",
            title=f"True {name}",
            section=Section.SILENT,
            unit=Unit.SHARE,
            formula=f"{what}, known to the simulation only",
            compute=_true(rate("true_auto_bad", bottom)),
            needs=("true_ok",),
        )


def _people() -> Iterator[Metric]:
    def hours(name: str, title: str, formula: str, compute: Compute, **more: Any) -> Metric:
        return Metric(
            name=name, title=title, section=Section.PEOPLE, unit=Unit.HOURS_PER_WEEK,
            formula=formula, compute=compute, **more,
        )  # fmt: skip

    worked: dict[str, Any] = {"needs": ("review_minutes",)}
    yield hours(
        "review_hours", "Reviewer hours", "hands-on time of all reviews and looks",
        time.desk_hours(), **worked,
    )  # fmt: skip
    never = {"peeks": "peeked", "by hand": "by_hand"}
    for domain in DOMAINS:
        yield hours(
            f"hours_{domain.replace(' ', '_')}", f"- on {domain}".replace("on by", "by"),
            f"hands-on time on {domain}".replace("on by", "by"), time.desk_hours(domain),
            needs_some=never.get(domain, ""), **worked,
        )  # fmt: skip
    yield Metric(
        name="utilisation",
        title="Desk utilisation",
        section=Section.PEOPLE,
        unit=Unit.SHARE,
        formula="hours worked / hours set aside for reviewing",
        compute=_utilisation,
        needs=("review_minutes",),
        needs_record=("capacity_hours_per_week",),
        per_workflow=False,
    )
    manager: dict[str, Any] = {"per_workflow": False, "needs": ("review_minutes", "pool")}
    yield hours(
        "manager_hours", "Manager time at the desk",
        "hands-on time of the pools that answer for workflows (accountable in the RACI)",
        time.manager_hours, needs_record=("manager_pools",), **manager,
    )  # fmt: skip
    for domain, title in (("calls", "- in calls"), ("approvals", "- on approvals")):
        yield hours(
            f"hours_{domain}", title, f"their hours on {domain}, as decided",
            time.fixed_hours(domain), needs_record=(f"fixed_hours_per_week.{domain}",), **manager,
        )  # fmt: skip
    yield hours(
        "manager_hours_left", "- left for people work",
        "their weeks minus desk, calls and approvals: strategy, coaching, relationships, ethics",
        time.hours_left,
        needs_record=("manager_pools", "managers", "manager_hours_per_week"), **manager,
    )  # fmt: skip
    yield hours(
        "freed_hours", "Freed time",
        "what went out, in hours by hand, minus hours people spent: the return",
        time.freed_hours, needs=("executed_at", "review_minutes"),
        needs_record=("by_hand_minutes",),
    )  # fmt: skip


def _time() -> Iterator[Metric]:
    def share(name: str, title: str, formula: str, compute: Compute, **more: Any) -> Metric:
        return Metric(
            name=name, title=title, section=Section.TIME, unit=Unit.SHARE, formula=formula,
            compute=compute, **more,
        )  # fmt: skip

    yield Metric(
        name="wait_minutes",
        title="Mean wait",
        section=Section.TIME,
        unit=Unit.MINUTES,
        formula="from queue to start of work, nights and weekends included",
        compute=_wait,
        needs=("wait_minutes",),
    )
    for hours in (24, 48):
        yield share(
            f"within_{hours}h", f"Begun within {hours} h",
            f"items begun within {hours} h / items begun, or waiting longer than that",
            _within(hours), needs=("wait_minutes",),
        )  # fmt: skip
    yield share(
        "escalation_rate", "Escalated", "passed on to those who answer for it / items queued",
        rate("escalated", "queued"), needs=("queued_at",), needs_some="escalated",
    )  # fmt: skip
    yield share(
        "breach_rate", "Begun too late",
        "not begun by due_at / items queued that were begun or are past due_at",
        rate("breached", "due"), needs=("queued_at", "due_at", "started_at"),
    )  # fmt: skip
    yield Metric(
        name="oldest_hours",
        title="Oldest waiting",
        section=Section.TIME,
        unit=Unit.HOURS,
        formula="at the end of the period",
        compute=_oldest,
        needs=("queued_at",),
        per_workflow=False,
    )
    yield share(
        "same_day", "Done the same day",
        "decisions of the same-day workflows executed on the day they arose / those whose day is "
        "over, without those rejected for good",
        rate("same_day_done", "same_day_due"), needs=("arrived_at", "executed_at"),
        needs_record=("same_day",),
    )  # fmt: skip
    yield share(
        "adherence", "Steps kept", "steps that went out / steps that went out or were skipped",
        _adherence, needs=("executed_at",), needs_some="skipped",
    )  # fmt: skip


_EMAIL = {
    "bounced": ("bounce_rate", "Bounced"),
    "marked_spam": ("spam_rate", "Marked as spam"),
    "opted_out": ("opt_out_rate", "Opted out"),
    "replied": ("reply_rate", "Replied"),
    "positive": ("positive_rate", "Replied with interest"),
    "meeting": ("meeting_rate", "Meeting agreed"),
    "no_show": ("no_show_rate", "No-show"),
}
"""The metric of each outcome of an email, with its title."""


def _came_of_it(outcome: str) -> Compute:
    def compute(cell: Cell) -> Estimate:
        found = cell.sum(outcome)
        return replace(clopper_pearson(found, cell.sum(f"{outcome}_known")), few=found < FEW)

    return compute


def _email() -> Iterator[Metric]:
    for outcome in EMAIL_OUTCOMES:
        name, title = _EMAIL[outcome]
        yield Metric(
            name=name,
            title=title,
            section=Section.EMAIL,
            unit=Unit.SHARE,
            formula=f"{outcome} / {'meetings agreed' if outcome == 'no_show' else 'emails sent'}",
            compute=_came_of_it(outcome),
            needs=(outcome,),
        )


def _costs() -> Iterator[Metric]:
    def money(name: str, title: str, formula: str, compute: Compute, **more: Any) -> Metric:
        return Metric(
            name=name, title=title, section=Section.MONEY, unit=Unit.MONEY,
            formula=f"{formula}, per 1,000 decisions", compute=compute, **more,
        )  # fmt: skip

    yield money(
        "review_cost", "Cost of reviewing", "hands-on hours x what an hour of the pool costs",
        lambda cell: per_thousand(_review_money(cell), cell),
        needs=("review_minutes", "pool"), needs_record=("cost_per_hour",),
    )  # fmt: skip
    yield money(
        "delay_cost", "Cost of waiting", "value expected to be lost by waiting",
        _money("delay_cost"), needs=("delay_cost",),
    )  # fmt: skip
    yield money(
        "true_harm", "True cost of errors",
        "what wrong ones that went out cost, known to the simulation only", _money("true_harm"),
        needs=("true_ok",),
    )  # fmt: skip
    yield money(
        "true_cost", "True cost of all three",
        "reviewing + waiting + errors, known to the simulation only", _true_cost,
        needs=("true_ok", "review_minutes", "pool"), needs_record=("cost_per_hour",),
    )  # fmt: skip


METRICS: tuple[Metric, ...] = (
    *_rates(), *_silent(), *_people(), *_time(), *_email(), *_costs(),
)  # fmt: skip
BY_NAME = {m.name: m for m in METRICS}
