"""A recommendation becomes the next version of the boundary spec, with an entry that says why."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from ....decisions.columns import TRUE_PREFIX
from ....decisions.estimating.intervals import Estimate
from ....errors import LogError, NotEnoughEvidence
from ....scenario.boundary_diff import BoundaryDiff, diff
from ....scenario.boundary_file import BoundarySpec, Change, load_boundary, replaced, write_boundary
from ..proving.certificate import Certificate
from ..proving.certificate_words import percent
from ..proving.spending import Spending
from .comparing import concerned

if TYPE_CHECKING:
    from ..recommendation import Recommendation

_DIGITS = 6
"""Of expected figures, which nothing is compared with exactly; thresholds keep all of theirs."""


def write(
    rec: Recommendation,
    path: str | Path,
    *,
    who: str,
    note: str,
    on: dt.date | None,
    spending: Spending | None,
    force: bool,
) -> Path:
    """See :meth:`~hitlsim.calibration.tuning.recommendation.Recommendation.write`."""
    path, on = Path(path), _day(on)
    old = replaced(path)
    if rec.status != "recommended" and not force:
        raise _refusal(rec, path, _count_all_the_same(rec, path, old, spending, who, on))
    base = rec.present if old is None else old.boundary
    new = rec.after(base)
    if old is not None and not diff(base, new, concerned(rec.policy, base)).differences:
        raise LogError(
            f"{path}: nothing changes: version {base.version} says the same already, so no new "
            f"rules are written.{_count_all_the_same(rec, path, old, spending, who, on)}"
        )
    others = [name for name in concerned(rec.policy, base) if name not in rec.policy.rules]
    entry = Change(
        version=new.version, date=on, by=_by(who),
        why=tuple(_why(rec, note, diff(base, new, others))), expected=_expected(rec),
        confidence_spent=_spent(rec, path, old, spending, on, force=force),
    )  # fmt: skip
    return write_boundary(new, path, changes=[entry])


def spending_of(path: str | Path, plan: Spending | None = None) -> Spending:
    """What the change log of a boundary spec says of confidence spent, to go on from.

    Parameters
    ----------
    path : str or Path
        The file that :meth:`Recommendation.write` writes; it need not be there yet.
    plan : Spending, optional
        To begin with where the file has none, or where the last one is used up; 90% over 12
        re-tunes if left out.

    Returns
    -------
    Spending
        Of the period that the last guarantee belongs to, as long as it goes on.

    Raises
    ------
    ScenarioError
        When the file is no boundary spec.
    LogError
        When what it says of confidence spent does not add up.

    Examples
    --------
    >>> spending_of("nowhere/boundary.yaml").left
    12
    """
    path = Path(path)
    if not path.exists():
        return plan or Spending()
    period = _period(load_boundary(path), path)
    if period is None or (plan is not None and period.spending.left == 0):
        return plan or Spending()
    return period.spending


def _day(on: dt.date | None) -> dt.date:
    if on is None:
        return dt.datetime.now().astimezone().date()
    return on.date() if isinstance(on, dt.datetime) else on


def _refusal(rec: Recommendation, path: Path, spent: str) -> ValueError:
    kind = NotEnoughEvidence if rec.status == "not enough evidence" else LogError
    return kind(
        f"{path}: not written, as these rules are not recommended ({rec.status}). {rec.aim()} "
        "If they shall hold all the same, write them with force=True (--force); the change log "
        "then says so."
        f"{spent}"
    )


def _count_all_the_same(
    rec: Recommendation, path: Path, old: BoundarySpec | None, spending: Spending | None,
    who: str, on: dt.date,
) -> str:  # fmt: skip
    """Put down a test that was made for rules that are not written: it has spent confidence.

    Else one could try until a test passes, and no guarantee of the period would hold.
    """
    planned = spending is not None or (old is not None and _period(old, path) is not None)
    if _certificate(rec) is None or not planned:
        return ""
    spent = _spent(rec, path, old, spending, on, force=False)
    same = rec.present
    if old is not None:
        same = old.boundary.model_copy(update={"version": old.boundary.version + 1})
    entry = Change(
        version=same.version, date=on, by=_by(who),
        why=("A guarantee was tested and its rules were not written; the test counts.",),
        expected={}, confidence_spent=spent,
    )  # fmt: skip
    write_boundary(same, path, changes=[entry])
    left = spending_of(path).left
    return (
        f" The test of the guarantee counts all the same: it stands in the change log of {path}, "
        f"with the rules as they were; {left} of the period's tests are left."
    )


# --- the entry -----------------------------------------------------------------------------------


def _by(who: str) -> str:
    tool = f"hitlsim {version('hitlsim')}, tune"
    return f"{who.strip()} ({tool})" if who.strip() else tool


def _why(rec: Recommendation, note: str, beside: BoundaryDiff) -> Iterator[str]:
    if note.strip():
        yield note
    if beside.differences:
        yield f"Of workflows that nothing was learnt about: {'; '.join(beside.words())}."
    if rec.status != "recommended":
        yield f"Written although it is not recommended ({rec.status})."
    if rec.stays and rec.status == "recommended":
        yield rec.aim()
    yield from rec.why()


def _expected(rec: Recommendation) -> dict[str, Any]:
    """Figures to be compared with what comes, and what they were made from."""
    goals = rec.goals.model_dump(exclude_none=True)
    if rec.goals.silent is None:
        goals.pop("confidence")
    made: dict[str, Any] = {"from": rec.source, "decisions_a_month": rec.next_month}
    if rec.runs:
        made["simulated_runs"] = rec.runs
    return {
        **made,
        "targets": goals,
        **{n: _figure(e) for n, e in rec.figures.items() if e.known and _observed(n)},
        "chance_inside_next_month": _rounded(rec.chance_next_month),
    }


def _observed(name: str) -> bool:
    """Whether what comes can tell: nobody sees the truth."""
    return not name.startswith(TRUE_PREFIX)


def _figure(e: Estimate) -> dict[str, Any]:
    n = None if math.isnan(e.n) else round(e.n)
    return {
        "value": _rounded(e.value), "low": _rounded(e.low), "high": _rounded(e.high), "n": n,
        "assumes": e.assumes or None,
    }  # fmt: skip


def _rounded(value: float) -> float:
    return float(f"{value:.{_DIGITS}g}")


# --- confidence spent ----------------------------------------------------------------------------


class _Period(NamedTuple):
    """Re-tunes whose guarantees are to hold together."""

    began: dt.date
    spending: Spending

    @property
    def plan(self) -> dict[str, Any]:
        s = self.spending
        # a date of its own each time, or the file would refer from one to the other
        return {"began": self.began.replace(), "confidence": s.confidence, "retunes": s.retunes}


def _certificate(rec: Recommendation) -> Certificate | None:
    return None if rec.guarantee is None else rec.guarantee.certificate


def _period(spec: BoundarySpec, path: Path) -> _Period | None:
    """The last period that the change log tells of."""
    logged = [c.confidence_spent for c in spec.changes if "period" in c.confidence_spent]
    if not logged:
        return None
    try:
        plan = dict(logged[-1]["period"])
        began = dt.date.fromisoformat(str(plan.pop("began")))
        ours = [c for c in logged if dict(c["period"]) == dict(logged[-1]["period"])]
        entries = [dict(one) for c in ours for one in c["certificates"]]
    except (KeyError, TypeError, ValueError):
        raise LogError(
            f"{path} changes: confidence_spent was changed by hand: a period has began, confidence "
            "and retunes, and beside it stand certificates; put it back as it was"
        ) from None
    try:
        return _Period(began, Spending.from_dict({**plan, "entries": entries}))
    except LogError as e:
        raise LogError(f"{path} changes: {e}") from None


def _spent(
    rec: Recommendation, path: Path, old: BoundarySpec | None, given: Spending | None,
    on: dt.date, *, force: bool,
) -> dict[str, Any]:  # fmt: skip
    """What the guarantee cost, and under which plan."""
    proof = _certificate(rec)
    before = None if old is None else _period(old, path)
    if proof is None and given is None:
        return {}
    if given is None and before is None and proof is not None:
        return {"certificates": [_alone(rec, path, proof, on)]}
    period = before if given is None else _continued(before, given, path, on, force=force)
    assert period is not None  # noqa: S101 - for the type checker
    if proof is not None:
        try:
            done = period.spending.spend(proof, on=on.replace(), of=rec.source)
        except NotEnoughEvidence as e:
            raise NotEnoughEvidence(f"{path}: {e}") from None
        period = period._replace(spending=done)
    known = len(before.spending.entries) if before and before.began == period.began else 0
    new = period.spending.entries[known:]
    return {"period": period.plan, "certificates": [e.model_dump() for e in new]} if new else {}


def _continued(
    before: _Period | None, given: Spending, path: Path, on: dt.date, *, force: bool
) -> _Period:
    """The plan given, as a new period or as what the file tells of went on."""
    if before is None:
        return _Period(on, given)
    known = before.spending
    same = (given.confidence, given.retunes) == (known.confidence, known.retunes)
    if same and given.entries[: len(known.entries)] == known.entries:
        return _Period(before.began, given)
    if not given.entries and (known.left == 0 or force) and before.began != on:
        return _Period(on, given)
    raise LogError(
        f"{path}: tells of {len(known.entries)} of {known.retunes} re-tunes since {before.began} "
        f"({percent(known.confidence)} confidence), and the spending given does not go on from "
        f"there; take spending_of({str(path)!r}) for tune and write, or begin a new period with "
        "force=True"
    )


def _alone(rec: Recommendation, path: Path, proof: Certificate, on: dt.date) -> dict[str, Any]:
    """A guarantee that belongs to no plan: its confidence is its own."""
    if proof.confidence != rec.goals.confidence:
        raise LogError(
            f"{path}: the guarantee was asked for with {percent(proof.confidence)} confidence, as "
            "one of several re-tunes; give write the same spending as tune, so that the change log "
            "can keep count"
        )
    whole = Spending(confidence=proof.confidence, retunes=1)
    return whole.spend(proof, on=on.replace(), of=rec.source).entries[-1].model_dump()
