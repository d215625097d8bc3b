"""A small deck made by hand: four items a round, two of them wrong."""

from __future__ import annotations

from hitlsim.training.acts import Round
from hitlsim.training.playing.item import Cards, Item, Truth

FAULT = Truth(right=False, fault="says a wrong day", told="says Friday; planned was Monday",
              mended=("Would Monday suit you?",))  # fmt: skip


def item(name: str, round_: Round, *, asked: bool, right: bool) -> Item:
    return Item(
        item_id=name, round=round_, workflow="follow_up", title="Email to Ada Dahl, Graylake",
        kind="email", lines=("Would Friday suit you?",), context=("Planned: Monday",),
        account=("Company: Graylake",), history=("Last touch: our call",), signals=(),
        needs_look=asked, asked_because=("confidence below the band",) if asked else (),
        confidence=0.8, truth=Truth(right=True) if right else FAULT,
        carried={"weight": 1.0, "harm": 100.0, "floor_seconds": 15.0},
    )  # fmt: skip


def small(letter: str = "A", *, rounds: tuple[Round, ...] = tuple(Round)) -> Cards:
    start = "" if letter == "A" else letter
    return Cards(
        tuple(
            item(f"{start}{list(Round).index(r) + 1}-{i:02d}", r,
                 asked=r is Round.EXCEPTION or i % 2 == 1, right=i < 3)
            for r in rounds for i in range(1, 5)
        ),
        {"currency": "EUR"}, letter,
    )  # fmt: skip
