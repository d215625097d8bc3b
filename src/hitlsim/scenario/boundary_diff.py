"""What a new boundary spec would change, workflow by workflow."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from ..shown import Shown
from .boundary import Boundary
from .explain import listed
from .hours import moment_text

if TYPE_CHECKING:
    import pandas as pd

OTHERS = "all others"
"""Workflows that set nothing of their own, where nobody says which there are; no name may be so."""
_OF_SEVERAL = {"acts": "act", "asks": "ask", "is": "are"}


class Difference(NamedTuple):
    """A setting that would not be as it was."""

    workflow: str
    setting: str
    before: object
    after: object


@dataclass(frozen=True)
class BoundaryDiff(Shown):
    """What differs between two boundary specs, in what holds for each workflow.

    Attributes
    ----------
    old, new : Boundary
    workflows : tuple of str
        Those that were compared.
    differences : tuple of Difference
        By workflow and setting.
    """

    old: Boundary
    new: Boundary
    workflows: tuple[str, ...]
    differences: tuple[Difference, ...]

    @property
    def frame(self) -> pd.DataFrame:
        """One row for each workflow and setting that differs: workflow, setting, before, after.

        Bands are shares of 1, deal sizes in the log's currency; None is never.
        """
        import pandas as pd

        return pd.DataFrame(self.differences, columns=list(Difference._fields), dtype=object)

    def words(self) -> list[str]:
        """A sentence for each setting that differs, once for all workflows it is the same for."""
        said: dict[str, list[str]] = {}
        for d in self.differences:
            for what in _told(d):
                said.setdefault(what, []).append(d.workflow)
        told = [self._sentence(flows, what) for what, flows in said.items()]
        return told or ["Nothing differs."]

    def _sentence(self, flows: list[str], what: str) -> str:
        if len(flows) == 1:
            return f"{flows[0]}: {what}"
        verb, _, rest = what.partition(" ")
        others = [name for name in self.workflows if name not in flows]
        whose = listed(flows)
        if not others:
            whose = "all workflows"
        elif len(flows) > 2 * len(others):
            whose = f"all workflows but {listed(others)}"
        return f"{whose}: {_OF_SEVERAL[verb]} {rest}"

    def __str__(self) -> str:
        return "\n".join(self.words())

    def __len__(self) -> int:
        return len(self.differences)

    def worded(self) -> pd.DataFrame:
        """The frame with settings as words, with as many digits as it takes to tell them apart."""
        worded = self.frame.astype(object)
        for d, row in zip(self.differences, worded.index, strict=True):
            worded.loc[row, ["before", "after"]] = _apart(d.before, d.after)
        return worded


def diff(
    old: Boundary,
    new: Boundary,
    workflows: Sequence[str] | None = None,
    signals: Sequence[str] | None = None,
) -> BoundaryDiff:
    """What a new boundary spec would change.

    Compared is what holds for each workflow, so that a default that becomes a workflow's own equal
    value is no difference, and neither is the version.

    Parameters
    ----------
    old, new : Boundary
    workflows : sequence of str, optional
        Names of the workflows the AI may take alone; without them those that either spec names,
        and ``all others``.
    signals : sequence of str, optional
        The order in which signals are listed; without it that of the specs.

    Examples
    --------
    >>> old = Boundary(bands={"auto": 0.88})
    >>> new = Boundary(version=2, bands={"auto": 0.88}, workflows={"mail": {"auto": 0.91}})
    >>> print(diff(old, new, ["mail", "crm"]))
    mail: acts alone from 0.91 instead of 0.88
    >>> len(diff(old, Boundary(workflows={"mail": {"auto": 0.88}}, bands={"auto": 0.88})))
    0
    """
    if workflows is None:
        workflows = [*dict.fromkeys([*old.workflows, *new.workflows]), OTHERS]
    order = list(dict.fromkeys([*(signals or ()), *_signals(old), *_signals(new)]))
    found = []
    for name in workflows:
        before, after = _resolved(old, name, order), _resolved(new, name, order)
        found += [
            Difference(name, setting, before[setting], after[setting])
            for setting in before
            if before[setting] != after[setting]
        ]
    return BoundaryDiff(old, new, tuple(workflows), tuple(found))


def _signals(spec: Boundary) -> Iterator[str]:
    yield from spec.triggers.signals
    for own in spec.workflows.values():
        yield from own.signals or ()


def _resolved(spec: Boundary, workflow: str, order: Sequence[str]) -> dict[str, object]:
    """What holds for a workflow."""
    bands, asked, audit = spec.bands_of(workflow), spec.signals_of(workflow), spec.audit
    share = audit.share if not audit.workflows or workflow in audit.workflows else 0.0
    return {
        "auto": bands.auto,
        "review": bands.review,
        "deal_size_above": spec.deal_limit_of(workflow),
        "signals": tuple(s for s in order if s in asked),
        "audit": f"{100 * share:.4g}% {moment_text(audit.at)}" if share else None,
    }


def _told(d: Difference) -> Iterator[str]:
    """A difference as the rest of a sentence about one workflow."""
    before, after = _apart(d.before, d.after)
    if d.setting == "auto":
        yield f"acts alone from {after} instead of {before}"
    elif d.setting == "review":
        yield f"is held for triage below {after} instead of {before}"
    elif d.setting == "audit":
        if d.after is None:
            yield f"is audited no more, before {before}"
        else:
            yield f"is audited {after} instead of {'not at all' if d.before is None else before}"
    elif d.setting == "deal_size_above" and d.after is None:
        yield f"asks at no deal size instead of above {before}"
    elif d.setting == "deal_size_above":
        yield f"asks above a deal size of {after} instead of " + (
            "at none" if d.before is None else before
        )
    elif isinstance(d.before, tuple) and isinstance(d.after, tuple):
        more = [s for s in d.after if s not in d.before]
        fewer = [s for s in d.before if s not in d.after]
        if more:
            yield f"asks at {listed(more)} as well"
        if fewer:
            yield f"asks at {listed(fewer)} no more"


def _apart(before: object, after: object) -> tuple[str, str]:
    """Both in words, with as many digits as it takes to tell them apart.

    >>> _apart(0.91, 0.88), _apart(0.9000001, 0.9), _apart(600000.0, None)
    (('0.91', '0.88'), ('0.9000001', '0.9'), ('600,000', 'never'))
    """
    told = _value(before, 4), _value(after, 4)
    for digits in range(5, 18):
        if told[0] != told[1]:
            break
        told = _value(before, digits), _value(after, digits)
    return told


def _value(value: object, digits: int) -> str:
    if value is None:
        return "never"
    if isinstance(value, tuple):
        return ", ".join(value) or "none"
    if not isinstance(value, float):
        return str(value)
    whole = value >= 1000 and value == int(value)
    return f"{value:,.0f}" if whole else f"{value:,.{digits}g}"
