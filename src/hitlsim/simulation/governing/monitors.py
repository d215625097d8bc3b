"""Questions that governance asks of what a team has seen: pure functions of counts."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import NamedTuple

from scipy.special import bdtr, bdtrc

from ...decisions.estimating.intervals import clopper_pearson
from ...scenario.governance import Emergency, Pause, Rate
from ...scenario.phases import BackIf, Criterion
from ..contract import Records

EVENT_AND_BASE = {
    Rate.BOUNCE: ("bounced", "emails"),
    Rate.SPAM: ("spam", "emails"),
    Rate.OPT_OUT: ("opted_out", "emails"),
    Rate.REPLY: ("replied", "emails"),
    Rate.MEETING: ("meetings", "emails"),
    Rate.BAD: ("looked_bad", "looked"),
}
"""The fields of SEEN that a rate is made of."""


class Seen(NamedTuple):
    """A rate as a team sees it."""

    events: int
    base: int

    @property
    def rate(self) -> float:
        return self.events / self.base if self.base else math.nan

    def __str__(self) -> str:
        return f"{self.events:,} of {self.base:,} ({self.rate:.2%})" if self.base else "none"


def seen_rate(seen: Records, rate: Rate) -> Seen:
    """A rate over some days (and workflows): events and what they are counted among."""
    return Seen(*(int(seen[name].sum()) for name in EVENT_AND_BASE[rate]))


def breaches(rule: Pause, line: float, seen: Seen) -> bool:
    """Whether a rate has crossed a line: enough counted, and not by chance.

    >>> spam = Pause(rate="spam", pause=0.003, min_count=50, chance=0.01)
    >>> breaches(spam, 0.003, Seen(1, 200)), breaches(spam, 0.003, Seen(6, 400))
    (False, True)
    """
    if seen.base < rule.min_count:
        return False
    crossed = seen.rate < line if rule.low_is_bad else seen.rate > line
    return crossed and (not rule.exact_test or _by_chance(rule, line, seen) < rule.chance)


def _by_chance(rule: Pause, line: float, seen: Seen) -> float:
    """Probability of such a count or a worse one, were the rate at the line."""
    if rule.low_is_bad:
        return float(bdtr(seen.events, seen.base, line))
    return float(bdtrc(seen.events - 1, seen.base, line))


def below_baseline(rule: Emergency, weeks: Iterable[Seen]) -> list[bool]:
    """For each week whether the rate lay below its baseline by more than the margin.

    Weeks that the baseline is taken from (the first with emails), and weeks without an email, are
    never below.
    """
    weeks = list(weeks)
    baseline, judged_from = rule.baseline, 0
    if baseline is None:
        # a rollout, or an approval, may have emails begin later than the run
        with_emails = [i for i, w in enumerate(weeks) if w.base][: rule.baseline_weeks]
        if len(with_emails) < rule.baseline_weeks:
            return [False] * len(weeks)
        past = [weeks[i] for i in with_emails]
        baseline = sum(w.events for w in past) / sum(w.base for w in past)
        judged_from = with_emails[-1] + 1
    return [
        i >= judged_from
        and w.base > 0
        and w.rate < baseline - rule.margin_sd * math.sqrt(baseline * (1 - baseline) / w.base)
        for i, w in enumerate(weeks)
    ]


def emergencies(rule: Emergency, weeks: Iterable[Seen]) -> list[bool]:
    """For each week whether the emergency path was taken at its end.

    After it was taken the count of weeks begins anew.

    >>> bad, good = Seen(0, 100), Seen(10, 100)
    >>> emergencies(Emergency(baseline=0.1, margin_sd=0), [bad, bad, bad, bad, good, bad])
    [False, True, False, True, False, False]
    """
    taken, running = [], 0
    for below in below_baseline(rule, weeks):
        running = running + 1 if below else 0
        taken.append(running == rule.weeks_running)
        if taken[-1]:
            running = 0
    return taken


def cleared(criterion: Criterion, seen: Records) -> bool:
    """Whether what was seen since a phase began clears every bar, with the stated confidence."""
    looked, bad = int(seen["looked"].sum()), int(seen["looked_bad"].sum())
    if looked < criterion.min_labels:
        return False
    safe, exceptions = int(seen["safe"].sum()), int(seen["exceptions"].sum())
    judged, overridden = int(seen["exceptions_judged"].sum()), int(seen["overridden"].sum())
    # one-sided limits: a two-sided interval leaves half of its error on either side
    level = 2 * criterion.confidence - 1
    bad_below, rare, changed = (
        criterion.bad_below, criterion.exceptions_below, criterion.overrides_above,
    )  # fmt: skip
    return (
        (bad_below is None or _high(bad, looked, level) < bad_below)
        and (rare is None or _high(exceptions, safe, level) < rare)
        and (changed is None or _low(overridden, judged, level) > changed)
    )


def must_go_back(rule: BackIf, seen: Records) -> bool:
    """Whether what was looked at lately is surely worse than tolerated."""
    looked, bad = int(seen["looked"].sum()), int(seen["looked_bad"].sum())
    return looked >= rule.min_labels and _low(bad, looked, 2 * rule.confidence - 1) > rule.bad_above


def _high(k: int, n: int, level: float) -> float:
    return clopper_pearson(k, n, confidence=level).high if n else 1.0


def _low(k: int, n: int, level: float) -> float:
    return clopper_pearson(k, n, confidence=level).low if n else 0.0
