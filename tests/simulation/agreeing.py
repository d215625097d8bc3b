"""Whether two engines agree, and if they do not, where they part."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

import hitlsim as hs
from hitlsim.scenario.hours import DAY_MS
from hitlsim.simulation.contract import (
    DECIDED,
    JUDGED,
    LOOK,
    NEVER,
    NO_RECORD,
    ROUNDS,
    WENT_OUT,
    Journal,
    Outcome,
    Records,
)
from hitlsim.simulation.outcome.to_log import decision_frame
from tests.simulation.random_scenarios import draws_of, scenario_of

TIMES = ("drafting", "drafted", "queued", "escalated", "started", "ended", "executed")
NOTES = {"decided": DECIDED, "judged": JUDGED, "went_out": WENT_OUT}
"""What a journal consists of."""


def parting(one: Records, other: Records) -> str:
    """Where two outcomes part: the first visit in time, what is different, and both records.

    Empty when they are the same.
    """
    if one.dtype != other.dtype:
        return f"{one.dtype} and {other.dtype}"
    if len(one) != len(other):
        return f"{len(one)} and {len(other)} visits"
    if _bytes(one) == _bytes(other):
        return ""
    differing = np.flatnonzero(one != other)
    if not len(differing):
        return "the same values in other bytes: 0 and -0"
    visit = min(differing.tolist(), key=lambda v: (_moment(one[v], other[v]), v))
    fields = [name for name in one.dtype.names or () if one[name][visit] != other[name][visit]]
    return (
        f"{len(differing)} of {len(one)} visits; first visit {visit} (decision {visit // ROUNDS}, "
        f"round {visit % ROUNDS}) in {', '.join(fields)}\n"
        f"{_told(one[visit])}\n{_told(other[visit])}"
    )


def parting_of(one: Outcome, other: Outcome) -> str:
    """Where two outcomes part, and whether the same looks have a record.

    Of a redraft that still waits for a slot nothing is known, whether it has a record or not.
    """
    if parts := parting(one.every(), other.every()):
        return parts
    looks, others = (out.places(LOOK) != NO_RECORD for out in (one, other))
    if not np.array_equal(looks, others):
        return f"looks at decisions {np.flatnonzero(looks != others).tolist()} in one of them only"
    return ""


def same_journal(one: Journal, other: Journal) -> None:
    """Every note is the same, in the same order and the same form."""
    for name, dtype in NOTES.items():
        notes, others = getattr(one, name), getattr(other, name)
        assert notes.dtype == others.dtype == dtype, name
        np.testing.assert_array_equal(notes, others, err_msg=name)
        assert _bytes(notes) == _bytes(others), name
    assert one.waiting == other.waiting


def kept(journal: Journal) -> Journal:
    """A copy: what an engine gives is valid only until the desk goes on."""
    decided, judged, went_out, waiting = journal
    return Journal(decided.copy(), judged.copy(), went_out.copy(), waiting)


def _bytes(records: Records) -> list[bytes]:
    """By field: between some of them there are bytes that mean nothing."""
    return [records[name].tobytes() for name in records.dtype.names or ()]


def _moment(one: Any, other: Any) -> int:
    """When two records of a visit part, as far as times tell."""
    apart = [(one[name], other[name]) for name in TIMES if one[name] != other[name]]
    moments = [int(at) for both in apart for at in both]
    return min((at for at in moments if at != NEVER), default=1 << 62)


def _told(record: Any) -> str:
    names = record.dtype.names
    return "  " + ", ".join(f"{name} {record[name]}" for name in names if record[name] != NEVER)


def differences(one: hs.Run, other: hs.Run, *, log: bool = True) -> Iterator[str]:
    """In which ways two runs are not the same."""
    if parts := parting_of(one.outcome, other.outcome):
        yield parts
    for action, instead in zip(one.actions, other.actions, strict=False):
        if action != instead:
            yield f"action: {action} and {instead}"
            break
    for name in ("actions", "held_back", "not_started"):
        if getattr(one, name) != getattr(other, name):
            yield f"{name}: {getattr(one, name)} and {getattr(other, name)}"
    if not np.array_equal(one.stale, other.stale):
        yield f"stale: {one.stale.tolist()} and {other.stale.tolist()}"
    if log:
        frame, instead = _frame(one), _frame(other)
        if not frame.equals(instead):
            columns = [c for c in frame if not frame[c].equals(instead[c])]
            yield f"columns of the log: {columns}"


def _frame(run: hs.Run) -> Any:
    """The log's table; its record takes as long again to write, and says nothing new."""
    horizon = run.scenario.weeks * 7 * DAY_MS
    return decision_frame(run.scenario, run.draws, run.outcome, horizon, run.stale)


def compare(seed: int, one: str, other: str, *, log: bool = True) -> str:
    """How the runs of one random scenario differ on two engines, and how to have it again.

    Empty when they do not.
    """
    again = f"{__name__}.compare({seed}, {one!r}, {other!r})"
    try:
        found = list(_compared(seed, one, other, log))
    except Exception as e:
        e.add_note(f"in {again}")
        raise
    return "\n".join([again, *found]) if found else ""


def _compared(seed: int, one: str, other: str, log: bool) -> Iterator[str]:
    scenario = scenario_of(seed)
    draws = draws_of(scenario, seed)
    before = [part.tobytes() for part in (*draws.world, draws.email)]
    # neither always comes first, since it could leave something behind
    order = (one, other) if seed % 2 else (other, one)
    runs = {e: hs.simulate(scenario, seed=seed, engine=e, draws=draws) for e in order}
    yield from differences(runs[one], runs[other], log=log)
    if before != [part.tobytes() for part in (*draws.world, draws.email)]:
        yield "the draws have been changed"
