"""What to know before a figure of a deck is believed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ...present.style import count

if TYPE_CHECKING:
    from .deck import Deck

_COSTS = {
    "harm": "what a wrong one costs", "harm_deal_share": "the share of a deal it spoils",
    "hour": "a reviewer's hour", "override_spoils": "how often a needless change spoils",
}  # fmt: skip


def on_weights(record: Mapping[str, Any]) -> list[str]:
    """What wrong ones weigh of which the log has none.

    >>> on_weights({"none_wrong_at_most": {"went alone": 0.0023}})[0][:73]
    'Of the decisions that went alone the log has no wrong one; up to 0.23% of'
    """
    return [
        f"Of the decisions that {where} the log has no wrong one; up to {100 * share:.2g}% of "
        "them may be (95%). Those here weigh as if half a one had been seen, so costs per hundred "
        "decisions rest on an assumption."
        for where, share in dict(record.get("none_wrong_at_most") or {}).items()
    ]


def warned(deck: Deck) -> list[str]:
    """Sentences, the weightiest first; none where nothing is to be said."""
    r = deck.record
    said = []
    deck_share, real = r.get("prevalence"), r.get("prevalence_in_log")
    if deck_share is not None and real is not None and deck_share > real:
        said.append(
            f"{deck_share:.0%} of the items are wrong, and {real:.1%} of the log's decisions: "
            "people look harder where more is wrong."
        )
    if planted := r.get("planted", 0):
        some = "1 mistake was" if planted == 1 else f"{count(planted)} mistakes were"
        said.append(
            f"{some} put into right decisions, as the log has too few wrong ones of their kind. "
            "The AI was as sure of them as of right ones."
        )
    said += on_weights(r)
    if lacking := [_COSTS.get(name, name) for name in r.get("costs_assumed", ())]:
        said.append(f"Nobody stated {', '.join(lacking)}: usual figures are taken.")
    if note := r.get("note"):
        said.append(f"Each item is {note}.")
    return said
