"""Rows of a log as cards: what a reviewer would see of each, and nothing that tells who it was.

Words come from templates, picked by the decision's id. Of a real log itself a card shows the name
of the workflow, the deal size in two digits, the confidence, and names of signals and reasons that
look like names of code; no id, no person, no agent, no free text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from ...decisions.columns import BAND_REASONS, CONTEXT_PREFIX
from ...decisions.log import DecisionLog
from ...decisions.telling.example import Draft, known_of, proposal
from ...present.style import plain, reason_words
from ..acts import Round
from ..playing.item import Item, Lines, Truth

CARRIED = ("floor_seconds", "harm", "look_cost", "needless_cost", "weight")
_SEEN = (
    "decision_id", "workflow", "action", "channel", "signals", "decided_at", "deal_size",
    "sources", "reasons", "gate",
)  # fmt: skip
_CODE = re.compile(r"[a-z][a-z0-9 _-]{0,39}")
"""``first_time`` is shown; ``Maria's case`` and ``m.lopez@acme.example`` are not."""
_ACCOUNTS = tuple(
    CONTEXT_PREFIX + name
    for name in ("account_id", "account", "company", "customer_id", "customer")
)
"""Columns brought along that say whom a decision is about, the first there is."""
_UNNAMED, _NEXT = "all", "take the next step"
"""The workflow of a log that names none, and what such a decision is shown as."""
_SHORT = {
    "company": "the company", "other_industry": "another industry", "other": "somebody else",
    "other_territory": "next door", "wrong_day": "a wrong day", "wrong_touch": "a contact",
    "industry": "an industry", "rival": "a rival", "name": "the person",
    "old_company": "a company", "wrong_city": "another city", "wrong_label": "something else",
}  # fmt: skip
"""What stands for the facts of one item when a kind of mistake is named."""


def items_of(drawn: pd.DataFrame, log: DecisionLog, ids: list[str]) -> tuple[Item, ...]:
    """The drawn decisions as items, in their order.

    Parameters
    ----------
    drawn : DataFrame
        See :func:`~hitlsim.training.dealing.drawing.rounds_of`.
    log : DecisionLog
        Where ``at`` says which row each was drawn from.
    ids : list of str
        A name for each item.
    """
    simulated = "true_ok" in log.frame
    rows = log.frame.iloc[drawn["at"]]
    earlier = _earlier(log.frame, rows)
    rows = rows[[c for c in _SEEN if c in rows]]
    money = str(log.record.get("currency", ""))
    return tuple(
        _item(name, drew, _hidden(known_of(row), simulated), before, money)
        for name, drew, row, before in zip(
            ids, drawn.to_dict("records"), rows.to_dict("records"), earlier, strict=True
        )
    )


def fault_kind(name: str) -> str:
    """A kind of mistake without the facts of one item.

    >>> fault_kind("says {wrong_day}; planned was {day}")
    'says a wrong day'
    """
    kind = re.split(r"[:;]", name)[0]
    return re.sub(r"\{(\w+)\}", lambda found: _SHORT.get(found[1], found[1]), kind).strip()


def _item(
    name: str, drew: Mapping[str, Any], known: Mapping[str, Any], before: str, money: str
) -> Item:
    right, asked = bool(drew["right"]), bool(drew["needs_look"])
    draft = proposal({**known, "true_ok": right})
    return Item(
        item_id=name,
        round=Round(drew["round"]),
        workflow=str(drew["workflow"]),
        title=draft.title,
        kind="email" if draft.is_message else "record",
        lines=draft.lines,
        context=draft.context + _made_from(known),
        account=draft.account + (() if draft.kind == "alert" else _deal(known, money)),
        history=(*draft.history[:-1], before) if before else draft.history,
        signals=draft.signals,
        needs_look=asked,
        asked_because=tuple(_why(known)) if asked else (),
        confidence=_stated(drew["confidence"]),
        truth=_truth(draft, right, bool(drew["planted"])),
        carried={c: float(drew[c]) for c in CARRIED},
    )


def _truth(draft: Draft, right: bool, planted: bool) -> Truth:
    if right:
        return Truth(right=True)
    return Truth(False, fault_kind(draft.mistake), draft.fault, draft.mended, planted)


def _hidden(known: dict[str, Any], simulated: bool) -> dict[str, Any]:
    """A row of a real log without the texts in which somebody may be named."""
    if simulated:
        return known
    told = dict(known)
    for name in ("signals", "reasons", "sources"):
        told[name] = "+".join(w for w in str(known.get(name, "")).split("+") if _CODE.fullmatch(w))
    if not _CODE.fullmatch(str(known.get("gate", ""))):
        told.pop("gate", None)
    if proposal(known).kind == "other":
        # the only kind whose words hold the action
        flow = str(known.get("workflow", _UNNAMED))
        told["action"] = _NEXT if flow == _UNNAMED else flow
    return told


def _why(known: Mapping[str, Any]) -> Iterator[str]:
    """Why a person is asked."""
    reasons = [r for r in str(known.get("reasons", "")).split("+") if r]
    for reason in reasons:
        if reason == "gate":
            yield f"Gate: {known['gate']}" if known.get("gate") else "Gate: a person decides"
        else:
            label = "Band" if reason in BAND_REASONS else "Trigger"
            yield f"{label}: {reason_words(reason)}"
    if not reasons:
        yield "Boundary spec: a person decides"


def _made_from(known: Mapping[str, Any]) -> Lines:
    sources = [plain(s) for s in str(known.get("sources", "")).split("+") if s]
    return (f"Made from: {', '.join(sources)}",) if sources else ()


def _deal(known: Mapping[str, Any], money: str) -> Lines:
    """The size of the deal in two digits, which many have."""
    size = float(known.get("deal_size", 0))
    return (f"Deal: about {float(f'{size:.1e}'):,.0f} {money}".rstrip(),) if size >= 1 else ()


def _stated(confidence: float) -> float | None:
    """In three digits, as scenarios have it; cut off, so that none rises to its band."""
    return None if pd.isna(confidence) else int(confidence * 1000 + 1e-9) / 1000


def _earlier(frame: pd.DataFrame, rows: pd.DataFrame) -> list[str]:
    """How many decisions went before on each one's account; empty where the log does not say."""
    column = next((c for c in _ACCOUNTS if c in frame), None)
    if column is None:
        return [""] * len(rows)
    there = frame.loc[frame[column].isin(rows[column].dropna()), [column, "decided_at"]]
    times = {account: part.sort_values() for account, part in there.groupby(column)["decided_at"]}
    return [
        "" if pd.isna(account)
        else f"Earlier on this account: {times[account].searchsorted(at):,} decisions"
        for account, at in zip(rows[column], rows["decided_at"], strict=True)
    ]  # fmt: skip
