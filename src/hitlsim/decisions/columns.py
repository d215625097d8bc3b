"""Every column of the decision log, declared once.

The data dictionary, the check of real logs, the docs and the notebooks' help come from here.
Columns whose name starts with ``true_`` exist only in simulated logs; no observed metric reads
them.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import pandas as pd

TRUE_PREFIX = "true_"
CONTEXT_PREFIX = "context_"
"""Before the name of a column that is not ours and was brought along, for scores to learn from."""


class Group(StrEnum):
    """The story of a decision, in order."""

    SAW = "saw"
    CONCLUDED = "concluded"
    DID = "did"
    CAME_OF_IT = "came of it"
    PROVENANCE = "provenance"
    TRUTH = "truth"


class DType(StrEnum):
    """How a column is held. All but ``text`` may be missing."""

    TEXT = "text"
    CATEGORY = "category"
    TIME = "time"
    NUMBER = "number"
    WHOLE = "whole number"
    YES_NO = "yes/no"


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column: its type, unit, range, what a missing value means, and what it says."""

    name: str
    group: Group
    dtype: DType
    meaning: str
    unit: str = ""
    low: float | None = None
    high: float | None = None
    values: tuple[str, ...] = ()
    """The only values allowed; empty means any."""
    missing: str = "not known"
    required: bool = False
    """Whether a real log cannot do without it."""
    simulated: bool = True
    """Whether a simulated log has it."""

    @property
    def is_truth(self) -> bool:
        return self.name.startswith(TRUE_PREFIX)


ROUTES = ("auto", "review", "triage", "gate", "peek", "manual")
VERDICTS = ("approve", "edit", "reject")
LOOKS = ("observe", "audit", "batch", "spot-check")
OK_SOURCES = ("outcome", "review", *LOOKS, "complaint")
REASON_NAMES = ("gate", "low_band", "deal_size", "medium_band", "peek", "manual")
"""Reasons that are not signals; the reasons of a trigger are ``deal_size`` and the signals."""
EMAIL_OUTCOMES = (
    "bounced", "marked_spam", "opted_out", "replied", "positive", "meeting", "no_show",
)  # fmt: skip
"""What can come of an email."""
EXCEPTION_ROUTES = ("review", "triage")
SAFE_ROUTES = ("auto", *EXCEPTION_ROUTES, "peek")
"""What the AI is allowed to take alone: not what passes a gate, was killed or paused."""
BAND_REASONS = ("low_band", "medium_band")
KEYS = ["day", "workflow", "phase"]
"""By what decisions are counted."""
DOMAINS = ("exceptions", "gates", "looks", "peeks", "by hand")
"""What reviewing hours go to: exceptions, approval gates, looks afterwards, what was pulled for a
look though it could have gone alone, and work without the AI."""

_EMAIL_MEANINGS = (
    "the address did not exist any more", "the receiver marked it as spam",
    "the receiver asked not to be written to", "the receiver answered", "and with interest",
    "and a meeting was agreed", "and nobody came to it",
)  # fmt: skip


def _columns() -> tuple[Column, ...]:
    text, cat, time, num, yes = (
        DType.TEXT, DType.CATEGORY, DType.TIME, DType.NUMBER, DType.YES_NO,
    )  # fmt: skip

    def col(group: Group, name: str, dtype: DType, meaning: str, **more: Any) -> Column:
        return Column(name=name, group=group, dtype=dtype, meaning=meaning, **more)

    saw, concluded, did, came, prov, truth = Group
    nobody = "no person was asked"
    return (
        col(saw, "decision_id", text, "unique name of the decision", required=True),
        col(saw, "workflow", cat, "recurring kind of decision it belongs to"),
        col(saw, "agent", cat, "AI agent that proposed it"),
        col(saw, "action", cat, "action proposed"),
        col(saw, "channel", cat, "where it shows: email, crm, phone ..."),
        col(saw, "arrived_at", time, "when the occasion arose"),
        col(saw, "deal_size", num, "size of the deal behind it", unit="currency", low=0),
        col(saw, "sources", cat, "material the draft was made from, joined by +",
            missing="not logged"),
        col(saw, "signals", text, "signals seen, joined by +; empty if none", missing="none seen"),
        col(saw, "reversible", yes, "can be undone for a while"),
        col(concluded, "decided_at", time, "when the AI's proposal was ready", required=True),
        col(concluded, "confidence", num, "the AI's own score", low=0, high=1, required=True),
        col(concluded, "route", cat, "where the boundary spec sent it", values=ROUTES),
        col(concluded, "reason", cat, "the reason that decided the route", missing="went alone"),
        col(concluded, "reasons", text, "all reasons, joined by +", missing="went alone"),
        col(concluded, "gate", cat, "approval gate it passes", missing="no gate"),
        col(concluded, "exception", yes, "could have gone alone, but was sent to a person"),
        col(did, "pool", cat, "whose queue it joined last, for a verdict or a look",
            missing=nobody),
        col(did, "queued_at", time, "when it joined the queue", missing=nobody),
        col(did, "due_at", time, "when a person must have begun", missing=nobody),
        col(did, "escalated_at", time, "when it was passed on to those who answer for it",
            missing="was not"),
        col(did, "reviewer", cat, "who worked on it", missing="nobody yet, or nobody asked"),
        col(did, "started_at", time, "when work on it began", missing="not begun"),
        col(did, "ended_at", time, "when the first verdict fell", missing="no verdict yet"),
        col(did, "wait_minutes", num, "from queue to start of work, by the clock on the wall",
            unit="min", low=0, missing="not begun"),
        col(did, "review_minutes", num, "hands-on time before it went out, redraft included",
            unit="min", low=0, missing="no verdict yet"),
        col(did, "verdict", cat, "what the reviewer did", values=VERDICTS,
            missing="no verdict yet"),
        col(did, "by_hand", yes, "a person did it without the AI's draft"),
        col(did, "redrafted", yes, "was rejected and drafted again"),
        col(did, "final_verdict", cat, "verdict on the redraft, else the verdict",
            values=VERDICTS, missing="no verdict yet"),
        col(did, "executed_at", time, "when it went out", missing="did not go out (yet)"),
        col(did, "skipped", yes, "came too late for its step, so it did not go out"),
        col(did, "look", cat, "why it was picked for a look afterwards", values=LOOKS,
            missing="not picked"),
        col(did, "looked_at", time, "when that look ended", missing="not looked at (yet)"),
        col(did, "looker", cat, "who looked", missing="not looked at (yet)"),
        col(did, "look_minutes", num, "time of the look", unit="min", low=0,
            missing="not looked at (yet)"),
        col(did, "look_verdict", cat, "what the looker did or would have done", values=VERDICTS,
            missing="not looked at (yet)"),
        col(did, "bulk", yes, "looked at in bulk, as obvious"),
        col(did, "rolled_back", yes, "was undone"),
        col(came, "ok", yes, "the AI's proposal was right, as far as anybody saw"),
        col(came, "ok_source", cat, "how that is known", values=OK_SOURCES),
        col(came, "ok_at", time, "when that became known", missing="not known, or not when",
            simulated=False),
        col(came, "gold_ok", yes, "the right answer of a decision put in to test reviewers",
            missing="no test", simulated=False),
        col(came, "surfaced_at", time, "when a wrong one came to light", missing="has not"),
        col(came, "surfaced_by", cat, "how it came to light", values=(*LOOKS, "complaint"),
            missing="has not"),
        *(col(came, name, yes, meaning, missing="no email, or not yet")
          for name, meaning in zip(EMAIL_OUTCOMES, _EMAIL_MEANINGS, strict=True)),
        col(came, "delay_cost", num, "value expected to be lost by waiting", unit="currency",
            low=0, missing="waiting costs nothing here"),
        col(prov, "phase", cat, "phase of the rollout"),
        col(prov, "boundary_version", DType.WHOLE, "version of the boundary spec", low=1),
        col(prov, "inclusion", num, "chance, fixed beforehand, that its outcome gets known",
            low=0, high=1),
        col(truth, "true_ok", yes, "the AI's first proposal was right"),
        col(truth, "true_bad_out", yes, "what went out was wrong"),
        col(truth, "true_harm", num, "what the wrong one cost", unit="currency", low=0,
            missing="nothing wrong went out"),
        col(truth, "true_inspected", yes, "the reviewer read it and did not wave it through",
            missing=nobody),
        col(truth, "true_look_inspected", yes, "the looker read it", missing="not looked at"),
    )  # fmt: skip


COLUMNS: dict[str, Column] = {c.name: c for c in _columns()}
"""All columns by name, in the log's order."""


def held(frame: pd.DataFrame) -> pd.DataFrame:
    """The columns of a log that a table has, in the log's order, then those brought along."""
    context = [name for name in frame if str(name).startswith(CONTEXT_PREFIX)]
    return frame[[*(name for name in COLUMNS if name in frame), *context]]


def dictionary() -> pd.DataFrame:
    """The data dictionary: one row for each column of the log.

    >>> dictionary().loc["confidence", ["dtype", "range", "missing means"]].tolist()
    ['number', '0 to 1', 'never missing']
    """
    rows = [
        {
            "column": c.name,
            "group": str(c.group),
            "dtype": str(c.dtype),
            "unit": c.unit,
            "range": _range(c),
            "required": c.required,
            "meaning": c.meaning,
            "missing means": "never missing" if c.required else c.missing,
        }
        for c in COLUMNS.values()
    ]
    return pd.DataFrame(rows).set_index("column")


def _range(c: Column) -> str:
    if c.values:
        return ", ".join(c.values)
    if c.low is None:
        return ""
    return f"{c.low:g} to {c.high:g}" if c.high is not None else f"at least {c.low:g}"
