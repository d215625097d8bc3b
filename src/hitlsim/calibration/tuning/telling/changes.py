"""What changes against what holds today, in words."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ....decisions.estimating.intervals import NOTHING
from ....scenario.explain import listed
from .amounts import each, money, percent

if TYPE_CHECKING:
    from ..recommendation import Recommendation


def today(rec: Recommendation) -> Iterator[str]:
    """What changes against what holds."""
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
    if not rec.stays:
        yield from _more_silent(rec)


def _more_silent(rec: Recommendation) -> Iterator[str]:
    """More silent errors than today, and why they are let go where that is cheaper.

    What a policy costs is harm and looks. So where it costs less in all and looks save nothing,
    more errors do less harm; where looks are saved, they cost more than the harm they would spare.
    """
    key = silent_figure(rec)
    now, then = (f.get(key, NOTHING) for f in (rec.today, rec.figures))
    if not (now.known and then.known and round(then.value, 3) > round(now.value, 3)):
        return
    whose = " (judges' mistakes taken out)" if key != "fn_share" and rec.judged else ""
    said = f"Silent errors rise against today's, from {percent(now)} to {percent(then)}{whose}"
    before, hours = (f.get("hours_per_week", NOTHING).value for f in (rec.today, rec.figures))
    if not (rec.saving.known and rec.saving.low > 0):
        yield f"{said}."
    elif hours < before:
        yield (
            f"{said}: the looks saved ({hours:.1f} hours a week instead of {before:.1f}) cost more "
            "than the errors that they would keep back."
        )
    else:
        yield f"{said}: there are more of them, but they do less harm in all."


def silent_figure(rec: Recommendation) -> str:
    """By which figure silent errors are compared with today's: seen, or expected if people err."""
    expected = "expected_fn_share"
    return "fn_share" if rec.runs or expected not in rec.figures else expected


def kept_signals(rec: Recommendation) -> Iterator[str]:
    """Signals of today that do not pay, and how to try without."""
    idle = [k for k in rec.kept_signals if not k.pays]
    if not idle:
        return
    does, it, stays = (
        ("does", "it", "It stays") if len(idle) == 1 else ("do", "them", "They stay")
    )  # fmt: skip
    lone = "it" if len(idle) == 1 else "one of them"
    cost = listed([
        f"{each(k.gain.scaled(-1), rec.currency)} for {k.name} (n = {k.looks:,})" for k in idle
    ])  # fmt: skip
    yield (
        f"Of today's signals {listed([k.name for k in idle])} {does} not pay: a look at what "
        f"only {lone} sends costs on average more than it prevents, by {cost}. {stays}, since "
        f"nobody asked to drop {it}. To try without, take {it} out of the boundary spec and tune "
        "with that (boundary=, --boundary)."
    )
