"""What a log can tell, before anything is asked of it; and what is kept of the answer."""

from __future__ import annotations

from collections.abc import Iterator

from ...calibration.tuning.recommendation import Recommendation
from ...decisions.log import DecisionLog
from ...errors import NotEnoughEvidence
from ..picture import Note
from ..style import count, plain

_WOULD_TELL = (
    ("route", "what really went alone; until then bands are taken to have decided"),
    ("verdict", "how often people change what they are asked about"),
    ("ok", "what went wrong, and thresholds that keep it low"),
    ("wait_minutes", "how long things wait for a person"),
    ("review_minutes", "hours of work, and what they cost"),
    ("started_at", "how many people the desk needs, at which hours"),
    ("deal_size", "triggers on deal size"),
)
"""Columns that a log may lack, and what they would make possible."""
_NAMED = 4


def log_sentences(log: DecisionLog) -> list[str]:
    """What a log holds: the finding first, then what each further column would make possible.

    Examples
    --------
    >>> import hitlsim as hs
    >>> log_sentences(hs.simulate(hs.load("outbound"), seed=7).log)[0]
    '9,913 decisions in 8 workflows from 2026-08-03 to 2026-10-09; the outcome of 48% is known.'
    """
    return list(_sentences(log))


def _sentences(log: DecisionLog) -> Iterator[str]:
    f = log.frame
    first, last = (f"{day:%Y-%m-%d}" for day in (f["decided_at"].min(), f["decided_at"].max()))
    flows = sorted(map(str, f["workflow"].dropna().unique())) if log.has("workflow") else []
    known = f["ok"].notna().mean() if log.has("ok") else 0.0
    outcomes = f"the outcome of {known:.0%} is known" if known else "no outcome is known"
    where = f" in {len(flows)} workflows" if len(flows) > 1 else ""
    yield f"{count(len(f))} decisions{where} from {first} to {last}; {outcomes}."
    if len(flows) > 1:
        named = ", ".join(plain(flow) for flow in flows[:_NAMED])
        more = f" and {len(flows) - _NAMED} more" if len(flows) > _NAMED else ""
        yield f"The workflows: {named}{more}."
    if len(log.rejects):
        yield (
            f"{count(len(log.rejects))} rows could not be used: the first is row "
            f"{log.rejects['row'].iloc[0]} ({log.rejects['reason'].iloc[0]}); "
            "read_log(...).rejects lists them all."
        )
    lacking = [(name, tells) for name, tells in _WOULD_TELL if not log.has(name)]
    for name, tells in lacking:
        yield f"A column {name} would tell {tells}."
    if not lacking:
        yield "It has every column that a question here may ask for."


def kept(rec: Recommendation | None, path: str) -> Note:
    """Write the recommended rules as a boundary spec, if a path is given; says what was done.

    What is no more than a best guess is not written, and the reason is said.

    Parameters
    ----------
    rec : Recommendation or None
        None where every decision passes a gate.
    path : str
        Where to (.yaml); over a spec that is there its next version is written.
    """
    if rec is None:
        return Note("Every decision passes a gate: there are no thresholds to keep.")
    if not path:
        return Note("No rules were written: say where, with policy above.")
    try:
        return Note(f"The rules stand in {rec.write(path)}.")
    except NotEnoughEvidence as e:
        return Note(str(e))
