"""One decision's story: what the AI saw, concluded and did, and what came of it."""

from __future__ import annotations

import difflib
import textwrap
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from ...errors import LogError
from ...shown import Shown
from ..columns import COLUMNS, DType, Group
from ..log import DecisionLog
from .example import NOTE, proposal
from .gates import Marked, Step, diff, gate_steps

Known = Mapping[str, Any]
"""The columns of one row that are not null; ``raw`` has the others, too."""
_WIDTH = 110
_BY_HAND = "by hand, without the AI's draft"


@dataclass(frozen=True)
class Story(Shown):
    """The row of one decision, told in order.

    ``print(story)`` shows it in words; a notebook shows it as tables.
    """

    decision_id: str
    sentences: tuple[tuple[Group, str], ...]
    facts: tuple[tuple[Group, str, str], ...]
    """(group, column, value) of everything known."""
    gate: tuple[Step, ...] = ()
    """Steps of its approval gate; empty when it passes none."""
    diff: tuple[Marked, ...] = ()
    """(mark, line) of what was changed, in an example made from templates."""

    def __str__(self) -> str:
        width = max(len(group) for group, _ in self.sentences)
        room = _WIDTH - width - 4
        told = textwrap.wrap(f"decision {self.decision_id}", _WIDTH)
        for group, text in self.sentences:
            lines = _wrapped(text, room)
            if group is Group.DID:
                lines += [line for listed in self._lists() for line in _hanging(listed, room)]
            told += [f"  {group if i == 0 else '':<{width}}  {x}" for i, x in enumerate(lines)]
        return "\n".join(told)

    def _lists(self) -> list[str]:
        listed = []
        if self.gate:
            name = max(len(step.name) for step in self.gate)
            state = max(len(step.state) for step in self.gate)
            rows = [f"  {s.name:<{name}}  {s.state:<{state}}  {step_details(s)}" for s in self.gate]
            listed += ["steps of its gate:", *(row.rstrip() for row in rows)]
        if self.diff:
            listed += [f"what was changed ({NOTE}):", *(f"  {m} {line}" for m, line in self.diff)]
        return listed


def story(log: DecisionLog, decision_id: str, *, example: bool | None = None) -> Story:
    """Tell what happened to one decision.

    Parameters
    ----------
    log : DecisionLog
        Real or simulated; what the log does not know is left out.
    decision_id : str
    example : bool, optional
        Whether to show, in an example made from templates, what was changed. Left out, only
        stories from a simulation do: what a real message said, no template knows.

    Raises
    ------
    LogError
        When the log has no such decision; near matches are named.

    Examples
    --------
    >>> import hitlsim as hs
    >>> run = hs.simulate(hs.load("on-the-loop"), seed=7)
    >>> told = story(run.log, "lead_routing-000100")
    >>> [str(group) for group, _ in told.sentences]
    ['saw', 'concluded', 'did', 'came of it', 'truth']
    """
    raw = _row_of(log, decision_id)
    row = {k: v for k, v in raw.items() if not pd.isna(v)}
    shown = "true_ok" in row if example is None else example
    gate, changed = gate_steps(raw), diff(row) if shown else ()
    money = str(log.record.get("currency", ""))
    fault = proposal(row).fault if shown else ""
    told = [
        (Group.SAW, _saw(row, money)),
        (Group.CONCLUDED, _concluded(row)),
        (Group.DID, _did(row, raw) or ("as far as it is logged:" if gate or changed else "")),
        (Group.CAME_OF_IT, _came_of_it(row, money)),
        (Group.TRUTH, _truth(row, money, fault)),
    ]
    facts = [(COLUMNS[k].group, k, _text(COLUMNS[k].dtype, v)) for k, v in row.items()]
    sentences = tuple((g, t) for g, t in told if t)
    return Story(str(decision_id), sentences, tuple(facts), gate, changed)


def _row_of(log: DecisionLog, decision_id: str) -> dict[str, Any]:
    ids = log.frame["decision_id"]
    found = log.frame[ids == decision_id]
    if found.empty:
        near = difflib.get_close_matches(str(decision_id), ids.tolist()[:200_000], n=3)
        hint = f"did you mean {', '.join(near)}?" if near else f"ids look like {ids.iloc[0]!r}"
        raise LogError(f"decision {decision_id!r} is not in the log; {hint}")
    return dict(found.iloc[0].items())


# --- sentences -----------------------------------------------------------------------------------


def _saw(row: Known, money: str) -> str:
    kind = f"{row.get('workflow', 'logged')} decision"
    parts = [f"{'an' if kind[0] in 'aeiouAEIOU' else 'a'} {kind}"]
    if "deal_size" in row:
        parts.append(f"behind it a deal of {_amount(row['deal_size'], money)}")
    if row.get("sources"):
        parts.append(f"made from: {_listed(row['sources']).replace('_', ' ')}")
    if row.get("signals"):
        parts.append(f"signals: {_listed(row['signals'])}")
    if "arrived_at" in row:
        parts.append(f"at {_time(row['arrived_at'])}")
    return "; ".join(parts)


def _concluded(row: Known) -> str:
    sure = f"{row.get('agent', 'the AI')} was {row['confidence']:.3g} sure"
    if "route" not in row:
        return sure
    why = f" ({_listed(row['reasons'])})" if row.get("reasons") else ""
    words = {
        "auto": "so it went alone",
        "review": f"and it went to review{why}",
        "triage": f"and it was held for triage{why}",
        "gate": f"and its {row['gate']} gate asked a person" if "gate" in row
        else "and its gate asked a person",
        "peek": "and it could have gone alone, but was pulled for a look",
        "manual": "but its workflow was paused or switched off, so a person had to do it",
    }  # fmt: skip
    return f"{sure}, {words[row['route']]}"


def _did(row: Known, raw: Known) -> str:
    parts = [*_desk(row, raw), *_went_out(row, raw), *_looked(row)]
    if row.get("rolled_back"):
        parts.append("it was rolled back")
    return "; ".join(parts)


def _desk(row: Known, raw: Known) -> list[str]:
    """What people did before it went out."""
    parts = []
    if "escalated_at" in row:
        passed = f"passed on {_time(row['escalated_at'])} to those who answer for it"
        parts.append(passed if "due_at" not in row else f"{passed}, due {_time(row['due_at'])}")
    parts += [text for text in [_work(row, raw)] if text]
    if "due_at" in row and "started_at" in row and row["started_at"] > row["due_at"]:
        late = (row["started_at"] - row["due_at"]).total_seconds() / 3600
        parts.append(f"that was begun {late:,.1f} h late, a breach")
    if row.get("redrafted"):
        parts.append(f"the redraft: {row.get('final_verdict', 'no verdict yet')}")
    if "verdict" in row and row.get("by_hand"):
        parts.append(f"it was done {_BY_HAND}")
    return parts


def _work(row: Known, raw: Known) -> str:
    """What a person did about it, or that it waits for one."""
    who, hand = row.get("reviewer", "a person"), row.get("by_hand")
    to_do = f" to do it {_BY_HAND}" if hand else ""
    waited = f" after {row['wait_minutes']:,.0f} min" if "wait_minutes" in row else ""
    took = f" in {row['review_minutes']:.1f} min" if "review_minutes" in row else ""
    if "verdict" in row:
        return f"{who} took it{waited} and said {row['verdict']}{took}"
    if hand and ("ended_at" in row or "executed_at" in row):
        return f"{who} took it{waited} and did it{took} {_BY_HAND}"
    if "started_at" in row:
        return f"{who} took it{waited}{to_do} and has not ended"
    if "queued_at" in row and "verdict" in raw and not row.get("skipped"):
        return f"waits for the {row.get('pool', 'desk')}{to_do} since {_time(row['queued_at'])}"
    return f"waits for a person{to_do}" if hand else ""


def _went_out(row: Known, raw: Known) -> list[str]:
    if "executed_at" in row:
        return [f"went out {_time(row['executed_at'])}"]
    if row.get("skipped"):
        return ["came too late for its step, so it did not go out"]
    final = row.get("final_verdict", row.get("verdict"))
    if final is None or "executed_at" not in raw:
        return []
    return ["did not go out" if final == "reject" else "has not gone out"]


def _looked(row: Known) -> list[str]:
    why = ", ".join([str(row.get("look", "picked")), *(["in bulk"] if row.get("bulk") else [])])
    if "look_verdict" in row:
        who = row.get("looker", "a person")
        return [f"{who} looked at it afterwards ({why}) and said {row['look_verdict']}"]
    return [f"picked for a look ({why}) that has not happened"] if "look" in row else []


def _came_of_it(row: Known, money: str) -> str:
    parts = [_seen(row), *_answered(row)]
    if row.get("delay_cost", 0) >= 0.5:
        parts.append(f"by waiting, about {_amount(row['delay_cost'], money)} lost in expectation")
    return "; ".join(parts)


def _seen(row: Known) -> str:
    if "ok" not in row:
        return "nobody saw whether it was right"
    how = f" ({row['ok_source']})" if "ok_source" in row else ""
    text = f"seen as {'right' if row['ok'] else 'wrong'}{how}"
    if "surfaced_at" in row:
        by = f" by {row['surfaced_by']}" if "surfaced_by" in row else ""
        text += f", came to light {_time(row['surfaced_at'])}{by}"
    return text


def _answered(row: Known) -> list[str]:
    """What came of an email."""
    replied = "it was answered with interest" if row.get("positive") else "it was answered"
    words = {
        "bounced": "it bounced",
        "marked_spam": "it was marked as spam",
        "opted_out": "the receiver opted out",
        "replied": replied,
        "meeting": "a meeting was agreed",
        "no_show": "nobody came to it",
    }
    return [text for name, text in words.items() if row.get(name)]


def _truth(row: Known, money: str, fault: str) -> str:
    """Only a simulation knows."""
    if "true_ok" not in row:
        return ""
    parts = [f"the first proposal was {'right' if row['true_ok'] else 'wrong'}"]
    if fault:
        parts.append(f"in the example, it {fault}")
    if row.get("true_bad_out"):
        cost = f" and cost {_amount(row['true_harm'], money)}" if "true_harm" in row else ""
        parts.append(f"what went out was wrong{cost}")
    if "true_inspected" in row:
        waved = "waved it through" if row.get("verdict") == "approve" else "judged it"
        parts.append("the reviewer " + ("read it" if row["true_inspected"] else f"{waved} unread"))
    if "true_look_inspected" in row and not row["true_look_inspected"]:
        parts.append("the looker did not read it")
    return "; ".join(parts)


# --- words ---------------------------------------------------------------------------------------


def _text(dtype: DType, value: Any) -> str:
    if dtype is DType.TIME:
        return _time(value)
    if dtype is DType.NUMBER:
        return f"{value:,.6g}"
    return str(value)


def _time(value: Any) -> str:
    return str(value.strftime("%a %Y-%m-%d %H:%M:%S"))


def _amount(value: float, money: str) -> str:
    return f"{value:,.0f} {money}".rstrip()


def _listed(joined: Any) -> str:
    return str(joined).replace("+", ", ")


def step_details(step: Step) -> str:
    """When a step was taken, by whom, and what is to be said of it."""
    at = _time(step.at) if step.at is not None else ""
    note = f"({step.note})" if step.note else ""
    return " ".join(word for word in (at, step.who, note) if word)


def _wrapped(text: str, room: int) -> list[str]:
    """Break after a semicolon where that will do, else between words."""
    lines = [""]
    for part in text.split("; "):
        joined = f"{lines[-1]}; {part}" if lines[-1] else part
        if lines[-1] and len(joined) >= room:
            lines[-1] += ";"
            lines.append(part)
        else:
            lines[-1] = joined
    return [short for line in lines for short in textwrap.wrap(line, room) or [""]]


def _hanging(line: str, room: int) -> list[str]:
    """What does not fit goes on below, further in."""
    return textwrap.wrap(line, room, subsequent_indent=" " * 6) or [""]
