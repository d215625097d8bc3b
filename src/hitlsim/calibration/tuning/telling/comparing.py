"""What a recommendation would change in a boundary spec, and what that is expected to bring."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ....decisions.estimating.intervals import Estimate
from ....decisions.log import DecisionLog
from ....errors import LogError
from ....scenario.boundary import Boundary
from ....scenario.boundary_diff import OTHERS, BoundaryDiff, Difference, diff
from ....scenario.boundary_file import BoundarySpec
from ..given import boundary_given
from ..rerouting.bands import gated, under
from ..rerouting.triggers import flows_in
from ..weighing.policy import Policy
from .amounts import money, percent
from .plain import present_is_known

if TYPE_CHECKING:
    from ..recommendation import Recommendation


class Moved(NamedTuple):
    """Decisions a month that a change routes otherwise."""

    to_people: int
    alone: int


@dataclass(frozen=True)
class ExpectedDiff(BoundaryDiff):
    """What differs between two boundary specs, and what that is expected to bring.

    Attributes
    ----------
    expected : tuple of str
        Figures before and after, in sentences.
    moved : tuple of Moved
        For each difference by itself, the decisions a month that would be asked about for the first
        time and no more; empty where no log was given.
    """

    expected: tuple[str, ...] = ()
    moved: tuple[Moved, ...] = ()

    @property
    def frame(self) -> pd.DataFrame:
        """One row for each workflow and setting that differs.

        ``workflow``, ``setting``, ``before``, ``after``, and where a log was given
        ``to_people_a_month`` and ``alone_a_month``: decisions that this change by itself would
        send to people, and let go alone.
        """
        table = super().frame
        if not self.moved:
            return table
        counts = pd.DataFrame(self.moved, columns=[f"{name}_a_month" for name in Moved._fields])
        return pd.concat([table, counts], axis=1)

    def words(self) -> list[str]:
        """A sentence for each setting that differs, then what is expected of all together."""
        return [*super().words(), *self.expected]


def compared(
    rec: Recommendation,
    against: Boundary | BoundarySpec | None = None,
    log: DecisionLog | None = None,
) -> ExpectedDiff:
    """See :meth:`~hitlsim.calibration.tuning.recommendation.Recommendation.diff`."""
    given = boundary_given(against)
    old = rec.present if given is None else given
    new = rec.after(old)
    found = diff(old, new, concerned(rec.policy, old))
    if not found.differences:
        return ExpectedDiff(old, new, found.workflows, ())
    said = [] if given is not None else [*_compared_with(rec), *_figures(rec)]
    moved: tuple[Moved, ...] = ()
    if log is not None:
        moved = tuple(_moved(d, old, new, log, rec.next_month) for d in found.differences)
        said.insert(0, _in_all(old, new, log, rec.next_month))
    return ExpectedDiff(old, new, found.workflows, found.differences, tuple(said), moved)


def concerned(policy: Policy, old: Boundary) -> list[str]:
    """Every workflow that rules or a spec name, and what neither does."""
    return list(dict.fromkeys([*policy.rules, *old.workflows, OTHERS]))


# --- figures before and after --------------------------------------------------------------------


def _compared_with(rec: Recommendation) -> Iterator[str]:
    """What the differences are from, where nobody told what holds."""
    if not present_is_known(rec):
        bands = rec.present.bands
        yield (
            f"Nothing tells which rules hold today: compared with vendors' usual bands, alone from "
            f"{bands.auto:g} and held below {bands.review:g}."
        )


def _figures(rec: Recommendation) -> Iterator[str]:
    """What the rules would have given, and what today's did."""
    shown = (
        ("exception_rate", "Exceptions", "of what the AI may take alone"),
        ("fn_share", "Silent errors", "of all decisions allowed"),
    )
    for name, called, of in shown:
        pair = _pair(rec, name)
        if pair is None:
            continue
        now, then = pair
        yield f"{called}: {percent(then)} {of} instead of {percent(now)}{_a_month(rec, now, then)}."
    if (pair := _pair(rec, "hours_per_week")) is not None:
        now, then = pair
        yield f"Hands-on time for exceptions a week: {_time(then)} instead of {_time(now)}."
    if rec.saving.known:
        yield _saved(rec.saving, rec.currency)


def _pair(rec: Recommendation, name: str) -> tuple[Estimate, Estimate] | None:
    now, then = rec.today.get(name), rec.figures.get(name)
    return (now, then) if now and then and now.known and then.known else None


def _a_month(rec: Recommendation, now: Estimate, then: Estimate) -> str:
    more = round((then.value - now.value) * rec.next_month)
    if not more:
        return ""
    return f", about {abs(more):,} {'more' if more > 0 else 'fewer'} a month"


def _saved(less: Estimate, currency: str) -> str:
    if less.value >= 0:
        does, said = "saves", f"saves {money(less, currency)}"
    else:
        does, said = "costs more", f"costs {money(less.scaled(-1), currency)} more"
    sure = "" if less.low > 0 or less.high < 0 else f", so it is not sure that it {does}"
    return f"Looks, waiting and harm together, that {said} per 1,000 decisions{sure}."


def _time(hours: Estimate) -> str:
    """Hours; of less than one, minutes.

    >>> _time(Estimate(1.5, 1.0, 2.0, 9, "")), _time(Estimate(0.05, 0.02, 0.1, 9, ""))
    ('1.5 (1.0-2.0) hours', '3.0 (1.2-6.0) minutes')
    """
    e, unit = (hours, "hours") if hours.value >= 1 else (hours.scaled(60), "minutes")
    places = 0 if unit == "minutes" and e.value >= 10 else 1
    return f"{e.value:.{places}f} ({e.low:.{places}f}-{e.high:.{places}f}) {unit}"


# --- decisions routed otherwise ------------------------------------------------------------------


def _moved(d: Difference, old: Boundary, new: Boundary, log: DecisionLog, month: int) -> Moved:
    """What one setting of one workflow changes by itself."""
    flow, names = flows_in(log)
    if d.workflow not in names or d.setting not in ("auto", "deal_size_above", "signals"):
        return Moved(0, 0)
    before, after = (Policy.of(b, [d.workflow]).rules[d.workflow] for b in (old, new))
    name = {"deal_size_above": "deal_limit"}.get(d.setting, d.setting)
    one = replace(before, **{name: getattr(after, name)})
    # the band below which decisions are held gives way: both sides of it go to people
    one = replace(one, review=min(one.review, one.auto))
    mine = DecisionLog(
        log.frame[flow == names.index(d.workflow)].reset_index(drop=True), log.record
    )
    changed = Policy({d.workflow: one}).boundary(old)
    return _counted(old, changed, mine, month / max(1, int((~gated(log)).sum())))


def _counted(old: Boundary, new: Boundary, log: DecisionLog, scale: float) -> Moved:
    was, is_ = _alone(log, old), _alone(log, new)
    return Moved(round((was & ~is_).sum() * scale), round((~was & is_).sum() * scale))


def _alone(log: DecisionLog, spec: Boundary) -> NDArray[np.bool_]:
    return np.asarray(under(log, spec).frame["route"] == "auto")


def _in_all(old: Boundary, new: Boundary, log: DecisionLog, month: int) -> str:
    n = int((~gated(log)).sum())
    if not n:
        raise LogError("every decision of the log passes a gate; no rule routes it otherwise")
    asked, spared = _counted(old, new, log, month / n)
    return (
        f"Of {month:,} decisions a month about {asked:,} that go alone would go to people, and "
        f"{spared:,} the other way round."
    )
