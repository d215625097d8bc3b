"""What a decision could have looked like: examples from templates.

hitlsim does not model the text of messages. Stories and exercises need something to look at all the
same, so a decision's id picks words from the tables of ``templates``: the same id gives the same
example. Every person, company and figure is invented.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any, TypeVar

import pandas as pd

from .templates import (
    KIND_WORDS,
    KINDS,
    NONE,
    OTHERS,
    SIGNALS,
    WORDS,
    Facts,
    Fault,
    Kind,
    Lines,
)

NOTE = "an example made from templates; all names and figures in it are invented"
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Draft:
    """An example of what the AI proposed."""

    kind: str
    is_message: bool
    """Whether it is a message to the contact, and not fields of a record."""
    title: str
    """One line, as an inbox shows it."""
    lines: Lines
    """An email's lines, or a record's fields, with changes as ``field: old -> new``."""
    fault: str
    """What is wrong with it; empty when it is right, or when nobody knows."""
    mistake: str
    """The same with the names of its facts in braces in place of the facts."""
    mended: Lines
    """The lines as they should have been."""
    context: Lines
    """What the AI had before it; with account, history and signals enough to find the fault."""
    account: Lines
    """Who it concerns."""
    history: Lines
    """What went before; the last line is about earlier ones of its kind."""
    signals: Lines
    note: str = NOTE


@dataclass(frozen=True, slots=True)
class Example:
    """The words picked for one decision."""

    kind: Kind
    text: Lines
    facts: dict[str, str]
    fault: Fault = NONE
    possible: tuple[Fault, ...] = ()

    def with_fault(self, fault: Fault) -> Example:
        return replace(self, facts=self._told(fault.seen), fault=fault)

    def lines(self, told: Facts, side: int | None = None) -> Lines:
        """Fill in; of changes the side before (0), after (1), or both."""
        facts = self._told(told)
        if not self.kind.is_message:
            facts = _of_them(facts)
        return tuple(_line(template, facts, side) for template in self.text)

    def _told(self, told: Facts) -> dict[str, str]:
        return self.facts | {k: v.format_map(self.facts) for k, v in told.items()}


def proposal(row: Mapping[str, Any]) -> Draft:
    """Render an example of what the AI proposed in this decision.

    Parameters
    ----------
    row : mapping
        Columns of the decision log; any may be absent or null.

    Returns
    -------
    Draft
        With one fault if the proposal was wrong: by ``true_ok``, else by ``ok``.

    Examples
    --------
    >>> draft = proposal({"decision_id": "d3", "action": "change_stage", "true_ok": False})
    >>> for line in draft.lines:
    ...     print(line)
    Deal: Juniper Row, Tilda Holm
    Stage: Qualified -> Contract sent
    Evidence: none -> demo took place
    Note: proposed by the AI
    >>> draft.fault
    'skips a stage: Contract sent instead of Demo held'
    """
    known = known_of(row)
    item = example_of(known)
    aside, kind = _of_them(item.facts), item.kind
    context, account, history = (
        tuple(text.format_map(aside).split("\n"))
        for text in (kind.context, kind.account, kind.history)
    )
    title = kind.title.format_map(aside)
    return Draft(
        kind=kind.name,
        is_message=kind.is_message,
        title=title[:1].upper() + title[1:],
        lines=item.lines(item.fault.wrong),
        fault=item.fault.name.format_map(aside),
        mistake=item.fault.name,
        mended=item.lines(item.fault.right),
        context=context,
        account=account,
        history=history,
        signals=_seen(known, aside),
    )


def known_of(row: Mapping[str, Any]) -> dict[str, Any]:
    """The columns that are not null.

    >>> known_of({"ok": None, "verdict": "edit"})
    {'verdict': 'edit'}
    """
    return {str(name): value for name, value in row.items() if not pd.isna(value)}


def example_of(known: Mapping[str, Any]) -> Example:
    """Pick the words for a decision; ``known`` has no nulls."""
    seed = str(known.get("decision_id", ""))
    kind = _kind(known)
    parts = [_pick(seed, f"part {i}", part) for i, part in enumerate(kind.parts)]
    item = Example(kind, tuple("\n".join(parts).split("\n")), _facts(seed, known))
    signals = ("", *_signals(known))
    possible = []
    for fault in kind.faults:
        case = item.with_fault(fault)
        if fault.signal in signals and case.lines(fault.wrong) != case.lines(fault.right):
            possible.append(fault)
    item = replace(item, possible=tuple(possible))
    wrong = not known.get("true_ok", known.get("ok", True))
    return item.with_fault(_pick(seed, "fault", possible)) if wrong and possible else item


def _kind(known: Mapping[str, Any]) -> Kind:
    for column in ("action", "workflow", "channel"):
        text = str(known.get(column, "")).lower()
        for name, words in KIND_WORDS.items():
            if any(word in text for word in words):
                return KINDS[name]
    return KINDS["other"]


def _line(template: str, facts: Facts, side: int | None) -> str:
    label, _, value = template.partition(": ")
    old, arrow, new = value.partition(" -> ")
    if not arrow:
        return template.format_map(facts)
    both = [old.format_map(facts), new.format_map(facts)]
    shown = both if side is None and both[0] != both[1] else [both[side or 0]]
    return f"{label}: {' -> '.join(shown)}"


def _of_them(facts: dict[str, str]) -> dict[str, str]:
    """What a message says to somebody, said about them."""
    return {
        name: re.sub(r"\byour\b", "their", text) if "your" in text else text
        for name, text in facts.items()
    }


def _seen(known: Mapping[str, Any], facts: Facts) -> Lines:
    named = ((name, SIGNALS.get(name, "seen")) for name in _signals(known))
    return tuple(f"{name.replace('_', ' ')}: {text.format_map(facts)}" for name, text in named)


def _signals(known: Mapping[str, Any]) -> list[str]:
    return [name for name in str(known.get("signals", "")).split("+") if name]


def _pick(seed: str, key: str, options: Sequence[T], avoid: object = None) -> T:
    """Pick by hash, so that one more template elsewhere changes nothing here."""
    left = [option for option in options if option != avoid]
    digest = hashlib.blake2b(f"{seed}\0{key}".encode(errors="replace"), digest_size=8).digest()
    return left[int.from_bytes(digest, "big") % len(left)]


def _facts(seed: str, known: Mapping[str, Any]) -> dict[str, str]:
    """All words for one decision; those of a pair never are the same."""
    f = {name: _pick(seed, name, words) for name, words in WORDS.items()}
    for other, name in OTHERS.items():
        f[other] = _pick(seed, other, WORDS[name], avoid=f[name])
    places = [place for place in WORDS["city"] if place[-4:] != f["city"][-4:]]
    f["city"], f["territory"] = f["city"].split(", ")
    f["wrong_city"], f["other_territory"] = _pick(seed, "wrong city", places).split(", ")
    f["stage"], f["next_stage"], f["far_stage"], f["evidence"] = f["stage"].split("/")
    f["said"], f["label"], f["wrong_label"] = f["said"].split("/")
    f["metric"], f["usual"], f["found"] = f["metric"].split("/")
    f["tone"] = f["calm"] if "negative_sentiment" in _signals(known) else f["tone"]
    user = f"{f['name']}.{f['surname']}@".lower()
    f["mail"], f["old_mail"] = (
        f"{user}{f[name].replace(' ', '').lower()}.example" for name in ("company", "old_company")
    )
    score = 55 + _pick(seed, "score", range(40))
    return f | _dates(seed, known) | {
        "employer": f["company"], "writer": f["name"], "logged": f["evidence"],
        "twin": f"{f['name'][0]}. {f['surname']}, {f['company']}", "fate": "merged into A",
        "sum": "5", "gone": "deleted", "why": "email bounces", "on_it": "nothing",
        "score": str(score), "wrong_score": str(score - 30), "level": "look at it today",
        "by": f"proposed by {known.get('agent', 'the AI')}",
        "action": re.sub(r"[\s_]+", " ", str(known.get("action", "act")))[:60],
    }  # fmt: skip


def _dates(seed: str, known: Mapping[str, Any]) -> dict[str, str]:
    """Working days around the day of the decision."""
    at = known.get("decided_at")
    today = date(at.year, at.month, at.day) if isinstance(at, date) else date(2026, 9, 1)
    day = today + timedelta(3 + _pick(seed, "day", range(7)))
    touched = today - timedelta(4 + _pick(seed, "touched", range(9)))
    named = {
        "day": day, "wrong_day": day + timedelta(7), "touched": touched,
        "old_touched": touched - timedelta(35), "close": day, "old_close": day - timedelta(28),
    }  # fmt: skip
    weekend = {5: timedelta(2), 6: timedelta(1)}
    named = {name: d + weekend.get(d.weekday(), timedelta()) for name, d in named.items()}
    return {name: f"{d:%A} {d.day} {d:%B}" for name, d in named.items()}
