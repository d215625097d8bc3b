"""One decision's story: what the AI saw, concluded and did, and what came of it."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from html import escape
from typing import Any

import pandas as pd

from ..errors import LogError
from .columns import COLUMNS, DType, Group
from .log import DecisionLog


@dataclass(frozen=True)
class Story:
    """The row of one decision, told in order.

    ``print(story)`` shows it in words; a notebook shows it as a table.
    """

    decision_id: str
    sentences: tuple[tuple[Group, str], ...]
    facts: tuple[tuple[Group, str, str], ...]
    """(group, column, value) of everything known."""

    def __str__(self) -> str:
        width = max(len(group) for group, _ in self.sentences)
        told = [f"  {group:<{width}}  {text}" for group, text in self.sentences]
        return "\n".join([f"decision {self.decision_id}", *told])

    def _repr_html_(self) -> str:
        rows = "".join(
            f"<tr><th scope='row'>{escape(group)}</th><td>{escape(text)}</td></tr>"
            for group, text in self.sentences
        )
        more = "".join(
            f"<tr><td>{escape(name)}</td><td>{escape(value)}</td></tr>"
            for _, name, value in self.facts
        )
        return (
            f"<table><caption>Decision {escape(self.decision_id)}</caption>{rows}</table>"
            f"<details><summary>Everything known</summary><table>{more}</table></details>"
        )


def story(log: DecisionLog, decision_id: str) -> Story:
    """Tell what happened to one decision.

    Parameters
    ----------
    log : DecisionLog
        Real or simulated; what the log does not know is left out.
    decision_id : str

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
    ids = log.frame["decision_id"]
    found = log.frame[ids == decision_id]
    if found.empty:
        near = difflib.get_close_matches(str(decision_id), ids.tolist()[:200_000], n=3)
        hint = f"did you mean {', '.join(near)}?" if near else f"ids look like {ids.iloc[0]!r}"
        raise LogError(f"decision {decision_id!r} is not in the log; {hint}")
    row = {k: v for k, v in found.iloc[0].items() if not pd.isna(v)}
    told = [
        (Group.SAW, _saw(row)),
        (Group.CONCLUDED, _concluded(row)),
        (Group.DID, _did(row)),
        (Group.CAME_OF_IT, _came_of_it(row)),
        (Group.TRUTH, _truth(row)),
    ]
    facts = [(COLUMNS[k].group, k, _text(COLUMNS[k].dtype, v)) for k, v in row.items()]
    return Story(str(decision_id), tuple((g, t) for g, t in told if t), tuple(facts))


def _text(dtype: DType, value: Any) -> str:
    if dtype is DType.TIME:
        return _time(value)
    if dtype is DType.NUMBER:
        return f"{value:,.6g}"
    return str(value)


def _time(value: Any) -> str:
    return str(value.strftime("%a %Y-%m-%d %H:%M:%S"))


def _saw(row: dict[str, Any]) -> str:
    parts = [f"a {row.get('workflow', 'decision')} decision"]
    if "deal_size" in row:
        parts.append(f"behind it a deal of {row['deal_size']:,.0f}")
    if row.get("signals"):
        parts.append(f"signals: {row['signals'].replace('+', ', ')}")
    if "arrived_at" in row:
        parts.append(f"at {_time(row['arrived_at'])}")
    return "; ".join(parts)


def _concluded(row: dict[str, Any]) -> str:
    who = row.get("agent", "the AI")
    sure = f"{who} was {row['confidence']:.3g} sure"
    why = str(row.get("reasons", "")).replace("+", ", ")
    words = {
        "auto": "so it went alone",
        "review": f"and it went to review ({why})",
        "triage": f"and it was held for triage ({why})",
        "gate": "and its gate asked a person",
    }
    return f"{sure}, {words[row['route']]}" if "route" in row else sure


def _did(row: dict[str, Any]) -> str:
    parts = []
    who = row.get("reviewer", "a person")
    if "verdict" in row:
        waited = f" after {row['wait_minutes']:,.0f} min" if "wait_minutes" in row else ""
        took = f" in {row['review_minutes']:.1f} min" if "review_minutes" in row else ""
        parts.append(f"{who} took it{waited} and said {row['verdict']}{took}")
    elif "queued_at" in row:
        parts.append(f"waits for the {row.get('pool', 'desk')} since {_time(row['queued_at'])}")
    if row.get("redrafted"):
        parts.append(f"the redraft: {row.get('final_verdict', 'no verdict yet')}")
    if "executed_at" in row:
        parts.append(f"went out {_time(row['executed_at'])}")
    elif "verdict" in row:
        parts.append("did not go out")
    if "look_verdict" in row:
        parts.append(
            f"{row.get('looker', 'a person')} looked at it afterwards ({row['look']}) and said "
            f"{row['look_verdict']}"
        )
    elif "look" in row:
        parts.append(f"picked for a look ({row['look']}) that has not happened")
    if row.get("rolled_back"):
        parts.append("it was rolled back")
    return "; ".join(parts)


def _came_of_it(row: dict[str, Any]) -> str:
    if "ok" not in row:
        return "nobody saw whether it was right"
    how = f" ({row['ok_source']})" if "ok_source" in row else ""
    text = f"seen as {'right' if row['ok'] else 'wrong'}{how}"
    if "surfaced_at" in row:
        text += f", came to light {_time(row['surfaced_at'])} by {row.get('surfaced_by', '')}"
    return text


def _truth(row: dict[str, Any]) -> str:
    """Only a simulation knows."""
    if "true_ok" not in row:
        return ""
    text = f"the first proposal was {'right' if row['true_ok'] else 'wrong'}"
    return f"{text}; what went out was wrong" if row.get("true_bad_out") else text
