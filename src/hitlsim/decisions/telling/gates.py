"""The way through an approval gate: its steps, and what was changed on the way.

Sending: draft, queue, review, approve or deny, send. CRM sync: diff preview, approval, sync, audit
log. Clean-up: preview of what is affected, approval, execution, rollback. Stage change: transition,
logged, reversible. Steps say only what the log's columns say.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from enum import StrEnum
from typing import Any

from .example import Example, example_of, known_of
from .templates import Facts, Lines

Row = Mapping[str, Any]
Marked = tuple[str, str]
"""A mark (`` `` kept or a heading, ``-`` gone, ``+`` new) and a line."""
_LONG = 8
"""Lines from which on a text is an email, whose unchanged lines are left out."""
_BY_HAND = ("(what a person makes of it by hand is not logged)",)
_UNDONE = ("(undone)",)
# harmless changes of wording; two, since a redraft may be edited needlessly as well
_POLISH = (
    {"greeting": "Hi", "bye": "Kind regards", "by": "{by}, reworded"},
    {"greeting": "Good day", "bye": "Many thanks", "by": "{by}, reworded again"},
)


class State(StrEnum):
    """How far a step has come."""

    DONE = "done"
    REFUSED = "refused"
    WAITING = "waiting"
    NOT_REACHED = "not reached"
    NOT_LOGGED = "not logged"


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a gate: when, by whom, and how far."""

    name: str
    state: State
    at: Any = None
    """When; None where the log does not say."""
    who: str = ""
    note: str = ""


# --- steps ---------------------------------------------------------------------------------------


def gate_steps(row: Row) -> tuple[Step, ...]:
    """The steps of a decision's approval gate, in order; empty when it passes none.

    Parameters
    ----------
    row : mapping
        Columns of the decision log. A null says that it has not happened (yet); an absent column
        says nothing, so its step is not logged.

    Examples
    --------
    >>> row = {"gate": "clean-up", "decided_at": None, "verdict": "approve", "executed_at": None}
    >>> [(step.name, str(step.state)) for step in gate_steps(row)][1:3]
    [('approval', 'done'), ('execute', 'waiting')]
    """
    known = known_of(row)
    if not known.get("gate"):
        return ()
    steps: list[Step] = []
    passed_on = _escalation(known)
    for name, look in _CHAINS.get(str(known["gate"]), _ANY_CHAIN):
        if look in (_BEGUN, _verdict):
            steps, passed_on = steps + passed_on, []
        steps.append(look(name, row, known))
        if look is _verdict and known.get("redrafted"):
            steps.append(Step("redraft", State.DONE, note="time not logged"))
            steps.append(_second_verdict(row, known))
    return tuple(_in_order(steps, known))


def _in_order(steps: list[Step], known: Row) -> Iterator[Step]:
    """Of what has not happened: what was passed over, what comes next, what comes later."""
    ended = [i for i, s in enumerate(steps) if s.state in (State.DONE, State.REFUSED)]
    last = max(ended, default=-1)
    stopped = (last >= 0 and steps[last].state is State.REFUSED) or bool(known.get("skipped"))
    for i, step in enumerate(steps):
        if step.state is not State.WAITING:
            yield step
        elif i < last:
            yield replace(step, state=State.NOT_LOGGED)
        elif stopped:
            yield replace(step, state=State.NOT_REACHED)
        else:
            stopped = True
            yield step


def _at(column: str, who: str) -> Callable[[str, Row, Row], Step]:
    """A step that a time tells."""

    def look(name: str, row: Row, known: Row) -> Step:
        if column in known:
            return Step(name, State.DONE, known[column], str(known.get(who, "")))
        return Step(name, State.WAITING if column in row else State.NOT_LOGGED)

    return look


def _verdict(name: str, row: Row, known: Row) -> Step:
    at, who = known.get("ended_at"), str(known.get("reviewer", ""))
    verdict = known.get("verdict")
    if verdict is None and known.get("by_hand"):
        return Step(name, State.NOT_REACHED, note="by hand, so the draft is not used")
    if verdict is None:
        return Step(name, State.WAITING if "verdict" in row else State.NOT_LOGGED)
    return Step(name, *_answer(verdict, at, who))


def _second_verdict(row: Row, known: Row) -> Step:
    name, verdict = "verdict on the redraft", known.get("final_verdict")
    if verdict is None:
        return Step(name, State.WAITING if "final_verdict" in row else State.NOT_LOGGED)
    return Step(name, *_answer(verdict, None, ""))


def _answer(verdict: str, at: Any, who: str) -> tuple[State, Any, str, str]:
    state = State.REFUSED if verdict == "reject" else State.DONE
    return state, at, who, "after an edit" if verdict == "edit" else ""


def _executed(name: str, row: Row, known: Row) -> Step:
    if "executed_at" in known:
        note = "by hand, without the AI's draft" if known.get("by_hand") else ""
        return Step(name, State.DONE, known["executed_at"], note=note)
    if known.get("skipped"):
        return Step(name, State.NOT_REACHED, note="came too late for its step")
    return Step(name, State.WAITING if "executed_at" in row else State.NOT_LOGGED)


def _logged(name: str, row: Row, known: Row) -> Step:
    """The row itself is the entry, once there is something to enter."""
    if "executed_at" in known:
        return Step(name, State.DONE, note="this row")
    return Step(name, State.WAITING if "executed_at" in row else State.NOT_LOGGED)


def _reversal(name: str, row: Row, known: Row) -> Step:
    if known.get("rolled_back"):
        return Step(name, State.DONE, note="it was rolled back")
    if "executed_at" in row and "executed_at" not in known:
        return Step(name, State.WAITING)
    if "reversible" not in known:
        return Step(name, State.NOT_LOGGED)
    if known["reversible"]:
        return Step(name, State.DONE, note="it can be undone")
    return Step(name, State.REFUSED, note="it cannot be undone")


def _escalation(known: Row) -> list[Step]:
    at = known.get("escalated_at")
    return (
        []
        if at is None
        else [Step("escalation", State.DONE, at, note="to those who answer for it")]
    )


_PROPOSED, _QUEUED, _BEGUN = (
    _at("decided_at", "agent"), _at("queued_at", "pool"), _at("started_at", "reviewer")
)  # fmt: skip
_CHAINS = {
    "send": (
        ("draft", _PROPOSED), ("queue", _QUEUED), ("review", _BEGUN),
        ("approve or deny", _verdict), ("send", _executed),
    ),
    "crm-sync": (
        ("diff preview", _PROPOSED), ("approval", _verdict), ("sync", _executed),
        ("audit log", _logged),
    ),
    "clean-up": (
        ("preview of what is affected", _PROPOSED), ("approval", _verdict),
        ("execute", _executed), ("rollback available", _reversal),
    ),
    "stage-change": (
        ("proposal", _PROPOSED), ("approval", _verdict), ("stage transition", _executed),
        ("logged", _logged), ("reversible", _reversal),
    ),
}  # fmt: skip
_ANY_CHAIN = (
    ("proposal", _PROPOSED), ("queue", _QUEUED), ("review", _BEGUN), ("approval", _verdict),
    ("execute", _executed),
)  # fmt: skip


# --- what was changed ----------------------------------------------------------------------------


def diff(row: Row) -> tuple[Marked, ...]:
    """What was changed in the example of a decision: on the record, by an edit, by a redraft.

    Empty when the proposal went out as it was, or not at all, and changes no record.

    Examples
    --------
    >>> row = {"decision_id": "d9", "action": "route_lead", "verdict": "edit", "true_ok": True}
    >>> for mark, line in diff(row):
    ...     print(mark, line)
      [as proposed, then as edited]
      Lead: Hana Kowal, Calmhaven
      Territory: West
      Because of: Galway
    - Note: proposed by the AI
    + Note: proposed by the AI, reworded
    >>> diff({**row, "verdict": "approve"})
    ()
    """
    return tuple(marked for change in changes(row) for marked in _marked(*change))


def changes(row: Row) -> Iterator[tuple[str, Lines, Lines]]:
    """What happened to the example, one after the other, with its lines before and after."""
    known = known_of(row)
    item = example_of(known)
    now = item.fault.wrong
    if known.get("by_hand"):
        yield "by hand, without the AI's draft", _short(item.lines(now)), _BY_HAND
        return
    is_record = item.lines(now, 0) != item.lines(now, 1)
    if is_record:
        yield "the record before, then as proposed", item.lines(now, 0), item.lines(now, 1)
    for happened, then in _versions(item, known):
        yield happened, item.lines(now, 1), item.lines(then, 1)
        now = then
    if known.get("rolled_back"):
        out = item.lines(now, 1)
        yield "rolled back", *((out, item.lines(now, 0)) if is_record else (_short(out), _UNDONE))


def _versions(item: Example, known: Row) -> Iterator[tuple[str, Facts]]:
    """What people made of the draft."""
    now, right = item.fault.wrong, item.fault.right
    if known.get("redrafted"):
        if known.get("true_bad_out"):
            others = [f.wrong for f in item.possible if f is not item.fault and not f.seen]
            right = {**right, **(others[0] if others else now)}
        now = right if item.lines(right) != item.lines(now) else {**right, **_POLISH[0]}
        yield "the first draft, then the redraft", now
        if known.get("final_verdict") == "edit":
            yield "the redraft, then as edited", {**now, **_POLISH[1]}
    elif known.get("verdict") == "edit":
        mended = item.lines(right) != item.lines(now)
        yield "as proposed, then as edited", right if mended else {**right, **_POLISH[0]}


def _marked(happened: str, old: Lines, new: Lines) -> Iterator[Marked]:
    around = 1 if len(old) >= _LONG else len(old)
    if old == new:
        return
    yield " ", f"[{happened}]"
    groups = list(SequenceMatcher(None, old, new, autojunk=False).get_grouped_opcodes(around))
    for group in groups:
        if group is not groups[0]:
            yield " ", "..."
        for tag, i1, i2, j1, j2 in group:
            yield from _block(tag, old[i1:i2], new[j1:j2])


def _block(tag: str, old: Lines, new: Lines) -> Iterator[Marked]:
    """Lines that belong together; where their number stays, old and new in turn."""
    if tag == "equal":
        yield from ((" ", line) for line in old)
    elif len(old) == len(new):
        for gone, put in zip(old, new, strict=True):
            yield from (("-", gone), ("+", put))
    else:
        yield from (("-", line) for line in old)
        yield from (("+", line) for line in new)


def _short(lines: Lines) -> Lines:
    return lines[0], f"(and {len(lines) - 1} more lines)"
