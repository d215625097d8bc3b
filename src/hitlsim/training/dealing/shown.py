"""A deck as a cell of a notebook shows it."""

from __future__ import annotations

from collections import Counter
from html import escape
from typing import TYPE_CHECKING

from ...present.showing.pieces import box, cell, folded, head, notes, table
from ...present.style import count, plain
from .key import ROUND_NAMES

if TYPE_CHECKING:
    from ..playing.item import Item
    from .deck import Deck

_APART = (
    "What a person is asked about is drawn apart, and more of it than the log has; so workflows "
    "that pass a gate come more often than there."
)


def shown(deck: Deck) -> str:
    """What it is drawn from, its rounds, its workflows beside the log's, and one card."""
    r, n = deck.record, len(deck)
    example = next((i for i in deck.cards.items if i.kind == "email"), deck.cards.items[0])
    return box(
        head(f"Deck {deck.letter}: {count(n)} items from {r.get('log', 'a decision log')}",
             _about(deck)),
        table(("Round", "Items", "Wrong", "A person is asked"), list(_rounds(deck))),
        table(("Workflow", "Items", "Of the deck", "Of the log"), list(_flows(deck))),
        notes([_APART]),
        folded(f"One card: {example.item_id}", card(example)),
        notes(deck.warnings),
    )  # fmt: skip


def _about(deck: Deck) -> str:
    r = deck.record
    wrong = sum(not item.truth.right for item in deck.cards.items)
    parts = [f"seed {r.get('deck_seed', '?')}; {wrong / len(deck):.1%} of the items are wrong"]
    if "prevalence_in_log" in r:
        low, high = r.get("prevalence_in_log_95") or (None, None)
        within = "" if low is None else f" (95% interval {low:.1%} to {high:.1%})"
        parts.append(
            f"of the log's {count(r.get('known_in_log', 0))} decisions with a known outcome "
            f"{r['prevalence_in_log']:.1%}{within}"
        )
    return ", ".join(parts)


def _rounds(deck: Deck) -> list[tuple[str, str, str, str]]:
    rows = []
    for name in deck.cards.rounds:
        items = deck.cards.of_round(name)
        rows.append((cell(ROUND_NAMES[name]), count(len(items)),
                     count(sum(not i.truth.right for i in items)),
                     count(sum(i.needs_look for i in items))))  # fmt: skip
    return rows


def _flows(deck: Deck) -> list[tuple[str, str, str, str]]:
    of_deck = Counter(item.workflow for item in deck.cards.items)
    of_log = deck.record.get("workflows_in_log") or {}
    names = list(dict.fromkeys([*of_log, *of_deck]))
    return [
        (cell(plain(name)), count(of_deck[name]), f"{of_deck[name] / len(deck):.1%}",
         f"{of_log[name]:.1%}" if name in of_log else "")
        for name in names
    ]  # fmt: skip


def card(item: Item) -> str:
    """An item as a reviewer sees it, without its truth."""
    parts = (
        ("Proposal", item.lines), ("Context", item.context), ("Account", item.account),
        ("History", item.history), ("Signals", item.signals), ("Asked because", item.asked_because),
    )  # fmt: skip
    rows = "".join(
        f'<tr><th scope="row">{name}</th><td>{"<br>".join(escape(x) for x in lines)}</td></tr>'
        for name, lines in parts
        if lines
    )
    sure = "" if item.confidence is None else f"; the AI is {item.confidence:g} sure"
    small = f'<p class="small">{escape(plain(item.workflow) + sure)}</p>'
    return (
        f"<p><strong>{escape(item.title)}</strong></p>{small}"
        f'<table class="told"><tbody>{rows}</tbody></table>'
    )
