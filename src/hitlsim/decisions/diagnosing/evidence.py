"""What a log shows of how people review, item by item: each an estimate, with how to read it."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from ..counting.tally import READING_FLOOR_SECONDS
from ..estimating.intervals import Estimate
from .reviewed import Costs, Reviewed


class Kind(StrEnum):
    """How a piece of evidence is written."""

    SHARE = "share"
    NUMBER = "number"


@dataclass(frozen=True, slots=True)
class Evidence:
    """One thing a log shows about how people review.

    Attributes
    ----------
    name, title : str
    kind : Kind
    estimate : Estimate
        With interval, n and what it assumes.
    means : str
        How to read it.
    """

    name: str
    title: str
    kind: Kind
    estimate: Estimate
    means: str

    def written(self) -> tuple[str, str]:
        """Figure and interval; the interval alone where too few were found.

        >>> e = Estimate(0.25, 0.2, 0.31, 90, "")
        >>> Evidence("peek_rate", "Peek rate", Kind.SHARE, e, "").written()
        ('25.0%', '20.0-31.0')
        """
        e, share = self.estimate, self.kind is Kind.SHARE
        scale, digits, unit = (100, 1, "%") if share else (1, 2, "")
        interval = ""
        if not math.isnan(e.low):
            interval = f"{scale * e.low:z.{digits}f}-{scale * e.high:z.{digits}f}"
        if e.few:
            return f"{interval}{unit}", "too few found"
        return f"{scale * e.value:z.{digits}f}{unit}", interval


class _Item(NamedTuple):
    name: str
    title: str
    of: Callable[[Reviewed, Costs], Estimate]
    means: str
    kind: Kind = Kind.SHARE


_FLOOR = "in less time than the workflow's text takes to read"
_ANY_FLOOR = f"in less than {READING_FLOOR_SECONDS:g} s, as the length of the texts is not known"
_ITEMS = (
    # hoarding
    _Item("asked", "Asked about, of what may go alone", lambda b, _: b.asked,
          "exceptions and peeks together; above 20% people are still in the loop"),
    _Item("exception_rate", "Exception rate", lambda b, _: b.share_of_all("exceptions"),
          "what bands and triggers ask for"),
    _Item("peek_rate", "Peek rate", lambda b, _: b.peeked,
          "what people pull for a look though nothing asks for it"),
    _Item("human_touch_rate", "Touched, of what may go alone",
          lambda b, _: b.share_of_all("safe_touched"), "looks afterwards included"),
    _Item("override_rate", "Overrides of exceptions", lambda b, _: b.share("overridden", "judged"),
          "below 30% people mostly agree: the look changes little"),
    _Item("peek_override_rate", "Overrides of peeks",
          lambda b, _: b.share("peeks_overridden", "peeks_judged"),
          "what pulling for a look changes"),
    _Item("within_24h", "Begun within 24 h", lambda b, _: b.begun,
          "hoarding fills the desk, and decisions wait"),
    _Item("utilisation", "Desk utilisation", lambda b, _: b.busy, "above 85% queues grow"),
    # abdication
    _Item("fast_share", "Approvals faster than reading", lambda b, _: b.fast, _FLOOR),
    _Item("second_look_wrong", "Approvals found wrong later", lambda b, _: b.again_wrong,
          "when looked at again; people as lax as these would find nothing"),
    _Item("complaint_share", "Approvals complained about", lambda b, _: b.complained,
          "a lower bound: most wrong ones draw no complaint"),
    _Item("missed", "Wrong ones passed", lambda b, _: b.missed,
          "of the wrong ones before them, the share they let through; the others they changed"),
    _Item("missed_at_least", "Wrong ones passed, at least", lambda b, _: b.missed_at_least,
          "the same, counting complaints only"),
    _Item("override_trend", "Overrides, later / earlier", lambda b, _: b.trends[0],
          "1: as before; below 1 people change less than they did", Kind.NUMBER),
    _Item("trend", "Overrides per error, later / earlier", lambda b, _: b.trends[1],
          "1: as before; below 1 they change less of what audits find as often wrong",
          Kind.NUMBER),
    # signal detection, where outcomes come by themselves
    _Item("hit_rate", "Hit rate", lambda b, _: b.share("hit", "outcome_bad"),
          "of what the outcome proved wrong, the share changed"),
    _Item("false_alarm_rate", "False-alarm rate", lambda b, _: b.share("false_alarm", "outcome_ok"),
          "of what the outcome proved right, the share changed"),
    _Item("sensitivity", "Sensitivity d'", lambda b, _: b.detects[0],
          "how well wrong is told from right; 0 is guessing", Kind.NUMBER),
    _Item("criterion", "Criterion c", lambda b, _: b.detects[1],
          "above 0 leans to letting through, below 0 to intervening", Kind.NUMBER),
    _Item("ideal_criterion", "Ideal criterion c*", lambda b, costs: b.leaning(costs)[0],
          "at the error rate seen, and at these costs", Kind.NUMBER),
    _Item("leaning", "Criterion above the ideal", lambda b, costs: b.leaning(costs)[1],
          "above 0 too much is let through for these costs, below 0 too much is held",
          Kind.NUMBER),
)  # fmt: skip
ORDER = tuple(item.name for item in _ITEMS)
"""Names of all evidence, in the order in which it is read."""


def items(b: Reviewed, costs: Costs) -> Iterator[Evidence]:
    """Everything known about one pool or person; what is not known is left out."""
    for item in _ITEMS:
        estimate = item.of(b, costs)
        if estimate.known:
            means = _ANY_FLOOR if item.means == _FLOOR and not b.floors else item.means
            yield Evidence(item.name, item.title, item.kind, estimate, means)
