"""A deck of ten items a round, messages and records in turn; markup in every name."""

from __future__ import annotations

from dataclasses import replace

from hitlsim.training.acts import Round
from hitlsim.training.playing.item import Cards, Item
from tests.training.playing.cards import item

MARKUP = "<img src=x onerror=window.hacked=1><b>Ada</b>"
LINES = (
    f"Subject: A question for {MARKUP}", "Dear Ada,",
    "Thank you again for your message on Wednesday 2 September; I promised to come back to it.",
    "I have kept Friday 18 September free for a walk-through.", "With thanks, Kim",
)  # fmt: skip
DIFF = ("Account: Graylake, Leuven", "Employees: 40 -> 320", "Industry: unknown -> packaging")


def deck() -> Cards:
    """Every third of them is wrong."""
    made: list[Item] = []
    for at, r in enumerate(Round, 1):
        for i in range(10):
            one = item(f"{at}-{i:02d}", r, asked=i % 2 == 0, right=i % 3 > 0)
            lines, kind = (LINES, "email") if i % 2 == 0 else (DIFF, "record")
            truth = one.truth
            if not truth.right and kind == "email":
                truth = replace(truth, mended=tuple(x.replace("Friday 18", "Monday 21")
                                                    for x in LINES))  # fmt: skip
            made.append(replace(one, lines=lines, kind=kind, truth=truth,
                                title=f"To {MARKUP}, Graylake"))  # fmt: skip
    return Cards(tuple(made), {"currency": "EUR"})
