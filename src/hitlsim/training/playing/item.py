"""An item of a deck as a reviewer sees it, its truth beside it, and the file that holds a deck.

Known without pandas: thirty people who play at once are thirty processes.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

from ...errors import LogError
from ..acts import ROUNDS, Round
from .given import a_flag, a_text, is_number, lines_of, numbers_of

FORMAT = "hitlsim-deck-1"
"""What the file of a deck says first, so that another kind of file is told apart."""
MARKS = ("salt", "drawn")
"""What only a further deck needs to know of a record: which decisions are in this one."""
KINDS = ("email", "record")
_TEXTS = ("item_id", "workflow", "title")
_LINES = ("lines", "context", "account", "history", "signals", "asked_because")
Lines = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Truth:
    """What is told afterwards.

    Attributes
    ----------
    right : bool
        Whether the AI's proposal is right.
    fault : str
        Kind of mistake, without the facts of this item; empty when it is right.
    told : str
        What is wrong with it, with its facts; empty when it is right.
    mended : tuple of str
        The lines as they should have been.
    planted : bool
        A mistake that was put into a decision that was right.
    """

    right: bool
    fault: str = ""
    told: str = ""
    mended: Lines = ()
    planted: bool = False

    @classmethod
    def of(cls, given: Mapping[str, Any]) -> Truth:
        """From plain values."""
        return cls(
            a_flag("right", given["right"]), a_text("fault", given.get("fault", "")),
            a_text("told", given.get("told", "")), lines_of("mended", given.get("mended", ())),
            a_flag("planted", given.get("planted", False)),
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Item:
    """One item.

    Attributes
    ----------
    item_id : str
        Unique among all decks of a session.
    round : Round
    workflow : str
        As the log has it.
    title : str
        One line, as an inbox shows it: what the AI proposes to do, with whom.
    kind : {"email", "record"}
        Whether the lines are a message, or fields of a record with changes as
        ``field: old -> new``.
    lines, context, account, history, signals : tuple of str
        The proposal; what the AI had before it; who it concerns; what went before; signals in
        words. In all but the lines, ``Label: value``.
    needs_look : bool
        The boundary spec sends it to a person.
    asked_because : tuple of str
        Why, in words; empty where it does not.
    confidence : float or None
        As the AI states it; None where the log has none.
    truth : Truth
    carried : mapping
        What answers carry of it besides: harm, look_cost, needless_cost, weight, floor_seconds.
    """

    item_id: str
    round: Round
    workflow: str
    title: str
    kind: str
    lines: Lines
    context: Lines
    account: Lines
    history: Lines
    signals: Lines
    needs_look: bool
    asked_because: Lines
    confidence: float | None
    truth: Truth
    carried: Mapping[str, float] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """As plain values."""
        return asdict(self) | {"carried": dict(self.carried)}

    @classmethod
    def of(cls, given: Mapping[str, Any]) -> Item:
        """From plain values, as :meth:`to_dict` makes them.

        Raises
        ------
        KeyError, LogError
            When one is missing, or of another kind.
        """
        values = {f.name: given[f.name] for f in fields(cls)}
        values |= {name: a_text(name, given[name]) for name in _TEXTS}
        values |= {name: lines_of(name, given[name]) for name in _LINES}
        confidence, kind = given["confidence"], given["kind"]
        if confidence is not None and not (is_number(confidence) and 0 <= confidence <= 1):
            raise LogError(f"confidence={confidence!r:.40} must lie between 0 and 1")
        if kind not in KINDS:
            raise LogError(f"kind={kind!r:.40} must be {' or '.join(KINDS)}")
        return cls(**values | {
            "round": Round(given["round"]), "needs_look": a_flag("needs_look", given["needs_look"]),
            "truth": Truth.of(given["truth"]), "carried": numbers_of("carried", given["carried"]),
        })  # fmt: skip


@dataclass(frozen=True, slots=True)
class Cards:
    """The items of a deck in the order of play, and where they come from.

    Attributes
    ----------
    items : tuple of Item
        Round by round.
    record : mapping
        Log, seed, prevalence in deck and log, currency, and what costs rest on.
    letter : str
        ``A`` for the first deck, ``B`` for one that shares no decision with it, and so on.
    """

    items: tuple[Item, ...]
    record: Mapping[str, Any] = field(default_factory=dict)
    letter: str = "A"

    def __len__(self) -> int:
        return len(self.items)

    @property
    def source(self) -> dict[str, Any]:
        """The record without what only a further deck needs to know."""
        return {name: v for name, v in self.record.items() if name not in MARKS}

    @property
    def rounds(self) -> tuple[Round, ...]:
        """The rounds it has items for, in order."""
        there = {item.round for item in self.items}
        return tuple(r for r in Round if r in there)

    def of_round(self, name: Round) -> tuple[Item, ...]:
        """Its items of one round."""
        return tuple(item for item in self.items if item.round == name)

    def to_dict(self) -> dict[str, Any]:
        """As plain values, as the file has them."""
        return {"format": FORMAT, "letter": self.letter, "record": dict(self.record),
                "items": [item.to_dict() for item in self.items]}  # fmt: skip


def cards_of(given: Any, where: str) -> Cards:
    """Check what a file of a deck holds.

    Raises
    ------
    LogError
        When it is no deck, has no items, or an item that cannot be used; says which.
    """
    if not isinstance(given, Mapping) or given.get("format") != FORMAT:
        raise LogError(
            f"{where}: is no deck (it does not say format: {FORMAT}); draw one with "
            "'hitlsim train deck --out deck.json', or hs.draw_deck(log).write('deck.json')"
        )
    listed, letter = given.get("items") or (), given.get("letter") or "A"
    record = given.get("record") or {}
    if not (isinstance(listed, (list, tuple)) and isinstance(record, Mapping)):
        raise LogError(f"{where}: its items are no list, or its record no mapping; draw it anew")
    # the letter names files
    if not (isinstance(letter, str) and len(letter) == 1 and "A" <= letter <= "Z"):
        raise LogError(f"{where}: letter {letter!r:.40} must be one of A to Z; draw the deck anew")
    items = [_item(each, number, where) for number, each in enumerate(listed, 1)]
    _check(items, where)
    return Cards(tuple(items), dict(record), letter)


def _item(given: Any, number: int, where: str) -> Item:
    try:
        return Item.of(given)
    except (KeyError, TypeError, ValueError, AttributeError) as e:
        said = str(e) if isinstance(e, ValueError) else f"{type(e).__name__}: {e}"
        raise LogError(
            f"{where}: item {number} cannot be used ({said}); an item has "
            f"{', '.join(f.name for f in fields(Item))}; draw the deck anew"
        ) from None


def _check(items: list[Item], where: str) -> None:
    if not items:
        raise LogError(f"{where}: the deck is empty; draw one with 10 items or more in each round")
    seen: set[str] = set()
    for item in items:
        if not item.item_id or item.item_id in seen:
            raise LogError(
                f"{where}: the item {item.item_id!r} is there twice or has no name; draw the deck "
                "anew"
            )
        seen.add(item.item_id)
    order = [ROUNDS.index(item.round) for item in items]
    if order != sorted(order):
        raise LogError(f"{where}: its rounds are mixed; they come in the order {', '.join(ROUNDS)}")


def read_cards(path: str | Path) -> Cards:
    """Read the file of a deck.

    Raises
    ------
    LogError
        When it cannot be read, or is no deck.
    """
    path = Path(path)
    try:
        given = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise LogError(
            f"{path}: no such file; draw a deck with 'hitlsim train deck --out {path.name}'"
        ) from None
    except (OSError, UnicodeDecodeError, json.JSONDecodeError, RecursionError) as e:
        raise LogError(f"{path}: cannot be read as a deck ({e}); draw it anew") from None
    return cards_of(given, path.name)


def cards_in(deck: Any) -> Cards:
    """The cards of a deck, of the file of one, or what are cards already.

    Raises
    ------
    LogError
        When it is none of these, or the file cannot be read.
    """
    if isinstance(deck, (str, Path)):
        return read_cards(deck)
    cards = deck if isinstance(deck, Cards) else getattr(deck, "cards", None)
    if not isinstance(cards, Cards):
        raise LogError(
            f"a {type(deck).__name__} is no deck; give a deck (hs.draw_deck) or the path of its "
            "file"
        )
    return cards
