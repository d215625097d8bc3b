"""A deck: decisions of a log with known truth, drawn for a session, the same for everybody.

Errors are rare at a real desk; a deck needs enough of them to see how somebody reviews. So right
and wrong decisions, those that the boundary spec asks a person about and those it lets go alone,
are drawn separately, and every item keeps its weight: how many decisions of the log it stands for.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from ...atomic import replacing
from ...calibration.tuning.costs import Costs
from ...calibration.tuning.rerouting.bands import routed
from ...decisions.log import DecisionLog
from ...decisions.telling.example import NOTE
from ...errors import LogError
from ...scenario.scenario import Scenario
from ..playing.item import Cards, Item, read_cards
from .apart import in_others, item_ids, marked, next_letter
from .cards import items_of
from .drawing import planting, pool_of, prevalence_of, rounds_of
from .pricing import assumed, prices_of

ITEMS = 40
"""Items in each round. With three in ten wrong, three rounds tell apart, in nine sessions of ten,
somebody who opens six in ten routine items, somebody who lets seven in eight wrong ones through,
and the ideal observer; one round does not."""
PREVALENCE = 0.3
"""Share of wrong ones among them."""
_LEAST_WRONG = 2
"""In a round: one that a person is asked about, and one that may go alone."""


@dataclass(frozen=True)
class Deck:
    """Items for a session.

    Attributes
    ----------
    cards : Cards
        The items as a reviewer sees them, each with its truth, round by round in the order of play.
    decision_ids : tuple of str
        The decisions they were made from; empty where the deck was read from its file.

    Examples
    --------
    >>> import hitlsim as hs
    >>> deck = draw_deck(hs.simulate(hs.load("on-the-loop"), seed=7).log)
    >>> item = deck.cards.items[2]
    >>> item.item_id, item.title, item.truth.right
    ('1-03', 'Meeting proposal to Tilda Farkas, Willowmark: a short demo', True)
    """

    cards: Cards
    decision_ids: tuple[str, ...] = field(default=(), compare=False, repr=False)

    def __len__(self) -> int:
        return len(self.cards)

    @property
    def letter(self) -> str:
        """``A``, or ``B`` for one that shares no decision with a first one, and so on."""
        return self.cards.letter

    @cached_property
    def record(self) -> dict[str, Any]:
        """Log, seed, prevalence in deck and log, currency, what costs rest on, what was planted."""
        return self.cards.source

    @cached_property
    def frame(self) -> pd.DataFrame:
        """One row for each item: what answers carry of it, its confidence, and its decision."""
        frame = pd.DataFrame([_row(item) for item in self.cards.items])
        if self.decision_ids:
            frame.insert(0, "decision_id", list(self.decision_ids))
        return frame

    @cached_property
    def key(self) -> pd.DataFrame:
        """The facilitator's key: what is wrong with each item, and what mends it."""
        from .key import key_of

        return key_of(self)

    @cached_property
    def warnings(self) -> list[str]:
        """What to know before a figure of this deck is believed."""
        from .warned import warned

        return warned(self)

    def write(self, path: str | Path) -> Path:
        """Write the deck as JSON; the same deck gives the same bytes.

        The file holds no decision's id, only marks made from ids (BLAKE2b with a salt), by which a
        further deck can be drawn that shares none. Whoever has the log can find the decisions.

        Raises
        ------
        LogError
            When it cannot be written.
        """
        path = Path(path)
        text = json.dumps(self.cards.to_dict(), indent=1, allow_nan=False)
        try:
            with replacing(path) as partial:
                partial.write_text(text + "\n", encoding="utf-8", newline="\n")
        except OSError as e:
            raise LogError(f"{path}: cannot be written ({e.strerror}); give another path") from None
        return path

    def write_key(self, path: str | Path) -> Path:
        """Write the facilitator's key: ``.html`` to read and print, ``.csv`` for a spreadsheet.

        Raises
        ------
        LogError
            When the path ends in neither, or cannot be written.
        """
        from .key import write_key

        return write_key(self, Path(path))

    def _repr_html_(self) -> str:
        from .shown import shown

        return shown(self)


def draw_deck(
    log: DecisionLog,
    *,
    items: int = ITEMS,
    prevalence: float = PREVALENCE,
    costs: Costs | Mapping[str, Any] | Scenario | None = None,
    seed: int = 7,
    plant: bool = True,
    other_than: Deck | Sequence[Deck] = (),
) -> Deck:
    """Draw a deck from a log whose truth is known, at a chosen share of wrong ones.

    Parameters
    ----------
    log : DecisionLog
        Simulated (``true_ok``) or real, where ``ok`` is known. One that does not say what went
        alone is routed by its bands, else by 90/70.
    items : int
        In each of the three rounds, from 10 to 400. No decision comes twice.
    prevalence : float
        Share of wrong ones, from 0.05 to 0.5.
    costs : Costs, mapping or Scenario, optional
        What errors and looks cost, as for tuning; what is not said is an assumption. Of a
        simulated log, give its scenario: its harm, its people's hour.
    seed : int
    plant : bool
        Whether mistakes are put into right decisions where the log has too few wrong ones of a
        kind. Together they then weigh as much as the log's wrong ones of that kind; where it has
        none among n, as half a one among n + 1 (Jeffreys).
    other_than : Deck or sequence of Deck
        Decks of the same log that this one shares no decision with; it gets the next letter.

    Returns
    -------
    Deck

    Raises
    ------
    LogError
        When a parameter is out of its range, or the log does not say what was right.
    NotEnoughEvidence
        When it has too few decisions of a kind; says how many there are and are needed.

    Examples
    --------
    >>> import hitlsim as hs
    >>> log = hs.simulate(hs.load("on-the-loop"), seed=7).log
    >>> deck = draw_deck(log)
    >>> len(deck), int((~deck.frame["right"]).sum())
    (120, 36)
    >>> second = draw_deck(log, other_than=deck)
    >>> second.frame["item_id"][0], set(second.decision_ids) & set(deck.decision_ids)
    ('B1-01', set())
    """
    _check(items, prevalence)
    others = [other_than] if isinstance(other_than, Deck) else list(other_than)
    letter = next_letter([deck.letter for deck in others])
    log = routed(log)
    prices = prices_of(costs, log.frame)
    pool = pool_of(log, prices)
    used = in_others(pool["decision_id"].tolist(), [deck.cards for deck in others])
    rng = np.random.default_rng([seed, items, *([len(others)] if others else [])])
    drawn = rounds_of(pool, used, items, prevalence, rng, plant=plant)
    ids, real = tuple(drawn["decision_id"]), prevalence_of(pool)
    record = {
        "log": str(log.record.get("source", "a decision log")), "deck_seed": seed,
        "items_per_round": items, "prevalence": prevalence,
        "prevalence_in_log": round(real.value, 6),
        "prevalence_in_log_95": [round(real.low, 6), round(real.high, 6)],
        "known_in_log": len(pool), "workflows_in_log": _shares(pool),
        "currency": str(log.record.get("currency", "")),
        "costs_assumed": assumed(prices),
        "costs_of": prices.name if isinstance(prices, Scenario) else "",
        **planting(pool, drawn),
        "note": NOTE, **marked(ids, f"{letter}{seed}"),
    }  # fmt: skip
    made = items_of(drawn, log, item_ids(drawn["round"], letter))
    return Deck(Cards(made, record, letter), ids)


def read_deck(path: str | Path) -> Deck:
    """Read a deck that :meth:`Deck.write` wrote; its decisions' ids are not known any more.

    Raises
    ------
    LogError
        When it cannot be read, or is no deck.

    Examples
    --------
    >>> import tempfile
    >>> import hitlsim as hs
    >>> deck = draw_deck(hs.simulate(hs.load("on-the-loop"), seed=7).log)
    >>> read_deck(deck.write(Path(tempfile.mkdtemp()) / "deck.json")) == deck
    True
    """
    return Deck(read_cards(path))


def _row(item: Item) -> dict[str, Any]:
    return {
        "item_id": item.item_id, "round": str(item.round), "workflow": item.workflow,
        "right": item.truth.right, "fault": item.truth.fault, "needs_look": item.needs_look,
        "confidence": math.nan if item.confidence is None else item.confidence, **item.carried,
    }  # fmt: skip


def _check(items: int, prevalence: float) -> None:
    if not 10 <= items <= 400:
        raise LogError(f"items={items!r} must lie between 10 and 400 for each round, such as 40")
    if not 0.05 <= prevalence <= 0.5:
        raise LogError(f"prevalence={prevalence!r} must lie between 0.05 and 0.5, such as 0.3")
    if round(items * prevalence) < _LEAST_WRONG:
        raise LogError(
            f"items={items} at prevalence={prevalence:g} leave fewer than {_LEAST_WRONG} wrong "
            f"ones in a round; draw {math.ceil(_LEAST_WRONG / prevalence)} items or more"
        )


def _shares(pool: pd.DataFrame) -> dict[str, float]:
    """How frequent each workflow is in the log, most frequent first."""
    worth = pool.groupby("workflow")["worth"].sum().sort_values(ascending=False, kind="stable")
    return {str(name): round(float(share), 6) for name, share in (worth / worth.sum()).items()}
