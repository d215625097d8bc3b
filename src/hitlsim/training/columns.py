"""Every column of the answers of a training session, declared once.

One row is one answer: a trainee, an item of the deck, a round. The check of files, the data
dictionary and the scores come from here.
"""

from __future__ import annotations

from string import ascii_uppercase
from typing import Any

from ..decisions.columns import Column, DType, Group
from .acts import ACTIONS, ROUNDS

KEY = ["trainee", "item_id", "round"]
"""Nobody answers an item twice in a round."""
FIRST_DECK = ascii_uppercase[0]
"""The letter of the first deck, and of answers that do not say which deck they are of."""


def _columns() -> tuple[Column, ...]:
    text, cat, time, num, yes = (
        DType.TEXT, DType.CATEGORY, DType.TIME, DType.NUMBER, DType.YES_NO,
    )  # fmt: skip

    def col(group: Group, name: str, dtype: DType, meaning: str, **more: Any) -> Column:
        return Column(name=name, group=group, dtype=dtype, meaning=meaning, **more)

    saw, _, did, came, prov, truth = Group
    return (
        col(saw, "trainee", text, "pseudonym of who answered", required=True),
        col(saw, "deck", cat, "letter of the deck: A for the first, B for the second",
            values=tuple(ascii_uppercase), missing="one deck, A"),
        col(saw, "item_id", text, "name of the item, unique among all decks", required=True),
        col(saw, "round", cat, "round of the session", values=ROUNDS, required=True),
        col(saw, "workflow", cat, "recurring kind of decision it belongs to"),
        col(saw, "title", text, "one line that says what the AI proposes, with whom",
            missing="not kept"),
        col(saw, "needs_look", yes, "the boundary spec sends it to a person: the ideal looks at "
            "these and at no others", required=True),
        col(saw, "floor_seconds", num, "time that its text takes to read", unit="s", low=0,
            missing="not known: 15 s are taken"),
        col(did, "action", cat, "what the trainee did", values=ACTIONS, required=True),
        col(did, "reason", text, "why, in a few words", missing="not said"),
        col(did, "dwell_seconds", num, "time spent on the item", unit="s", low=0, high=86_400,
            missing="not kept"),
        col(did, "sure", num, "chance that the trainee gave that the item is right", low=0, high=1,
            missing="not asked"),
        col(did, "answered_at", time, "when", missing="not kept"),
        col(truth, "right", yes, "the AI's proposal is right", required=True),
        col(truth, "fault", cat, "kind of mistake in it", missing="it is right, or not named"),
        col(came, "harm", num, "what it costs if it goes out wrong", unit="currency", low=0,
            missing="not known: 10 times a needless change is taken"),
        col(came, "look_cost", num, "what one look costs: hands-on time and waiting",
            unit="currency", low=0, missing="not known: 1 is taken"),
        col(came, "needless_cost", num, "what it costs to change it though it is right",
            unit="currency", low=0, missing="not known: 1 is taken"),
        col(prov, "weight", num, "how many decisions of the log the item stands for", low=0,
            missing="all items alike"),
    )  # fmt: skip


ANSWERS: dict[str, Column] = {c.name: c for c in _columns()}
"""All columns by name, in the table's order."""
REQUIRED = tuple(c.name for c in ANSWERS.values() if c.required)
